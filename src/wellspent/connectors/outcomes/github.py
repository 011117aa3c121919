"""GitHub webhooks (docs: Webhook events and payloads): changes merged and reverted, deployments, incidents as issues with a label. Pure.

A pull request is an outcome when it is merged. It is undone by a merged pull request that says it reverts it (GitHub's own button writes
``Reverts owner/name#number`` into the body), which is the reversal's evidence. What wrote it stands in its title or body, as ``trailers`` reads it.
"""

import re
from typing import Any

from wellspent.connectors.outcomes.fields import event_from, merged
from wellspent.connectors.outcomes.payload import at, issue_kind, joined, list_at, text_at
from wellspent.connectors.outcomes.trailers import links_of
from wellspent.facts.outcome import OutcomeEvent

SOURCE = "github"
REVERTS = re.compile(r"\bReverts (?:([\w.-]+/[\w.-]+))?#(\d+)\b", re.ASCII)


def events_of(event: str, delivery: str, payload: Any) -> list[OutcomeEvent]:
    """What a delivery says. Raises InvalidInput.

    Args:
        event: The header ``X-GitHub-Event``.
        delivery: The header ``X-GitHub-Delivery``.
    """
    repository, action = text_at(payload, "repository", "full_name"), text_at(payload, "action")
    if not repository:
        return []
    if event == "pull_request" and action == "closed" and at(payload, "pull_request", "merged") is True:
        return _merged(payload["pull_request"], repository, delivery)
    if event == "deployment_status" and text_at(payload, "deployment_status", "state") in ("success", "failure", "error"):
        return _deployed(payload, repository, delivery)
    if event == "issues" and action in ("closed", "reopened"):
        return _issue(at(payload, "issue"), action, repository, delivery)
    return []


def _merged(pull: Any, repository: str, delivery: str) -> list[OutcomeEvent]:
    change = joined(repository, "#", text_at(pull, "number"))
    fields = {
        "outcome": change,
        "occurred_at": text_at(pull, "merged_at"),
        "event": delivery,
        "project": repository,
        "change": change,
        "branch": joined(repository, ":", text_at(pull, "head", "ref")),
        "commit": text_at(pull, "merge_commit_sha"),
        "url": text_at(pull, "html_url"),
    }
    return merged(fields, at(pull, "body"), REVERTS, "#", SOURCE, links_of(at(pull, "title"), at(pull, "body")))


def _deployed(payload: Any, repository: str, delivery: str) -> list[OutcomeEvent]:
    """To production alone. What fails after it succeeded is undone; ``inactive`` says only that a later deployment took over."""
    deployment, status = at(payload, "deployment"), at(payload, "deployment_status")
    environment, state = text_at(deployment, "environment"), text_at(status, "state")
    production = at(deployment, "production_environment")
    if not (production if isinstance(production, bool) else environment.lower() in ("production", "prod")):
        return []
    fields = {
        "outcome": joined(repository, " deployment ", text_at(deployment, "id")),
        "kind": "deployment",
        "state": "settled" if state == "success" else "reversed",
        "occurred_at": text_at(status, "created_at"),
        "event": delivery,
        "project": repository,
        "commit": text_at(deployment, "sha"),
        "url": text_at(status, "target_url") or text_at(status, "url"),
        "note": joined(environment, ": ", state),
    }
    return [event_from(fields, SOURCE)]


def _issue(issue: Any, action: str, repository: str, delivery: str) -> list[OutcomeEvent]:
    if action == "closed" and text_at(issue, "state_reason") in ("not_planned", "duplicate"):
        return []
    number = joined(repository, "#", text_at(issue, "number"))
    fields = {
        "outcome": number,
        "kind": issue_kind(*(text_at(label, "name") for label in list_at(issue, "labels"))),
        "state": "settled" if action == "closed" else "reversed",
        "occurred_at": text_at(issue, "closed_at" if action == "closed" else "updated_at"),
        "event": delivery,
        "project": repository,
        "issue": number,
        "url": text_at(issue, "html_url"),
    }
    return [event_from(fields, SOURCE)]
