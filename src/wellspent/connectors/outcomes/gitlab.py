"""GitLab webhooks (docs: Webhook events, merge request events and deployment events): changes merged and reverted, deployments. Pure.

A merge request is an outcome when its action is ``merge``. It is undone by a merged one whose description says so, as GitLab's own button
writes it: ``This reverts merge request !12``. What wrote it stands in its title or description, as ``trailers`` reads it.
"""

import re
from typing import Any

from wellspent.connectors.outcomes.fields import event_from, merged
from wellspent.connectors.outcomes.payload import at, joined, text_at
from wellspent.connectors.outcomes.trailers import links_of
from wellspent.facts.outcome import OutcomeEvent

SOURCE = "gitlab"
REVERTS = re.compile(r"\bThis reverts merge request ((?:[\w.-]+/)+[\w.-]+)?!(\d+)\b", re.ASCII)
DEPLOYED = {"success": "settled", "failed": "reversed", "canceled": "reversed"}


def events_of(delivery: str, payload: Any) -> list[OutcomeEvent]:
    """What a delivery says. Raises InvalidInput.

    Args:
        delivery: The header ``Idempotency-Key``, which stays the same when GitLab tries again; "" where an older one sends none.
    """
    project, kind = text_at(payload, "project", "path_with_namespace"), text_at(payload, "object_kind")
    if not project:
        return []
    if kind == "merge_request" and text_at(payload, "object_attributes", "action") == "merge":
        return _merged(payload["object_attributes"], project, delivery)
    if kind == "deployment" and text_at(payload, "status") in DEPLOYED:
        return _deployed(payload, project, delivery)
    return []


def _merged(request: Any, project: str, delivery: str) -> list[OutcomeEvent]:
    change = joined(project, "!", text_at(request, "iid"))
    fields = {
        "outcome": change,
        "occurred_at": _moment(text_at(request, "merged_at") or text_at(request, "updated_at")),  # merged_at: since 2026, else the change that merged
        "event": delivery,
        "project": project,
        "change": change,
        "branch": joined(project, ":", text_at(request, "source_branch")),
        "commit": text_at(request, "merge_commit_sha") or text_at(request, "squash_commit_sha") or text_at(request, "last_commit", "id"),
        "url": text_at(request, "url"),
    }
    links = links_of(at(request, "title"), at(request, "description"))
    return merged(fields, at(request, "description"), REVERTS, "!", SOURCE, links)


def _deployed(payload: Any, project: str, delivery: str) -> list[OutcomeEvent]:
    """To production alone: by the environment's tier, or by its name where GitLab is too old to say a tier."""
    environment, status = text_at(payload, "environment"), text_at(payload, "status")
    if (text_at(payload, "environment_tier") or environment.lower()) not in ("production", "prod"):
        return []
    fields = {
        "outcome": joined(project, " deployment ", text_at(payload, "deployment_id")),
        "kind": "deployment",
        "state": DEPLOYED[status],
        "occurred_at": _moment(text_at(payload, "status_changed_at")),
        "event": delivery,
        "project": project,
        "commit": text_at(payload, "commit_url").rpartition("/")[2] or text_at(payload, "short_sha"),
        "url": text_at(payload, "deployable_url"),
        "note": joined(environment, ": ", status),
    }
    return [event_from(fields, SOURCE)]


def _moment(text: str) -> str:
    """GitLab also writes ``2017-09-15 16:50:55 UTC``."""
    return f"{text.removesuffix(' UTC')}Z" if text.endswith(" UTC") else text
