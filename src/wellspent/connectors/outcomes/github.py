"""GitHub webhooks (docs: Webhook events and payloads): changes merged and reverted, deployments, incidents as issues with a label. Pure.

A pull request is an outcome when it is merged. It is undone by a merged pull request that says it reverts it (GitHub's own button writes
``Reverts owner/name#number`` into the body), which is the reversal's evidence.
"""

import re
from typing import Any

from wellspent.connectors.outcomes.fields import event_from
from wellspent.facts.outcome import OutcomeEvent

SOURCE = "github"
REVERTS = re.compile(r"\bReverts (?:([\w.-]+/[\w.-]+))?#(\d+)\b")
TEXT_CHARS_MAX = 100_000
INCIDENT_LABELS = frozenset({"incident", "outage", "sev1", "sev2"})


def events_of(event: str, delivery: str, payload: dict[str, Any]) -> list[OutcomeEvent]:
    """What a delivery says.

    Args:
        event: The header ``X-GitHub-Event``.
        delivery: The header ``X-GitHub-Delivery``.
    """
    repository = str(_at(payload, "repository", "full_name") or "")
    if not repository:
        return []
    if event == "pull_request" and payload.get("action") == "closed" and _at(payload, "pull_request", "merged") is True:
        return _merged(payload["pull_request"], repository, delivery)
    if event == "deployment_status" and _at(payload, "deployment_status", "state") in ("success", "failure", "error", "inactive"):
        return _deployed(payload, repository, delivery)
    if event == "issues" and payload.get("action") in ("closed", "reopened"):
        return _incident(payload, repository, delivery)
    return []


def _merged(pull: dict[str, Any], repository: str, delivery: str) -> list[OutcomeEvent]:
    fields = {
        "outcome": f"{repository}#{pull['number']}",
        "kind": "change_merged",
        "occurred_at": pull["merged_at"],
        "event": delivery,
        "project": repository,
        "change": f"{repository}#{pull['number']}",
        "branch": f"{repository}:{_at(pull, 'head', 'ref')}",
        "commit": pull.get("merge_commit_sha"),
        "url": pull.get("html_url"),
    }
    found = [event_from(fields, SOURCE)]
    for number, (where, reverted) in enumerate(dict.fromkeys(REVERTS.findall(str(pull.get("body") or "")[:TEXT_CHARS_MAX]))):
        undone = f"{where or repository}#{reverted}"
        fields = {
            "outcome": undone,
            "kind": "change_merged",
            "state": "reversed",
            "occurred_at": pull["merged_at"],
            "event": f"{delivery} reverts {number}",
            "project": where or repository,
            "url": pull.get("html_url"),
            "note": f"reverted by {repository}#{pull['number']}",
        }
        found.append(event_from(fields, SOURCE))
    return found


def _deployed(payload: dict[str, Any], repository: str, delivery: str) -> list[OutcomeEvent]:
    """To production alone. What fails after it succeeded, or is taken out of use, is undone."""
    deployment, status = payload.get("deployment") or {}, payload["deployment_status"]
    environment = str(deployment.get("environment") or "")
    if not deployment.get("production_environment", environment.lower() in ("production", "prod")):
        return []
    fields = {
        "outcome": f"{repository} deployment {deployment['id']}",
        "kind": "deployment",
        "state": "settled" if status["state"] == "success" else "reversed",
        "occurred_at": status["created_at"],
        "event": delivery,
        "project": repository,
        "commit": deployment.get("sha"),
        "url": status.get("target_url") or status.get("url"),
        "note": f"{environment}: {status['state']}",
    }
    return [event_from(fields, SOURCE)]


def _incident(payload: dict[str, Any], repository: str, delivery: str) -> list[OutcomeEvent]:
    issue = payload["issue"]
    labels = {str(label.get("name")).lower() for label in issue.get("labels") or [] if isinstance(label, dict)}
    kind = "incident_closed" if labels & INCIDENT_LABELS else "issue_done"
    if payload["action"] == "closed" and issue.get("state_reason") == "not_planned":
        return []
    fields = {
        "outcome": f"{repository}#{issue['number']}",
        "kind": kind,
        "state": "settled" if payload["action"] == "closed" else "reversed",
        "occurred_at": issue.get("closed_at") if payload["action"] == "closed" else issue.get("updated_at"),
        "event": delivery,
        "project": repository,
        "issue": f"{repository}#{issue['number']}",
        "url": issue.get("html_url"),
    }
    return [event_from(fields, SOURCE)]


def _at(value: Any, *path: str) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value
