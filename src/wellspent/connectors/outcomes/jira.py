"""Jira webhooks (docs: Webhooks, ``jira:issue_updated``): issues that enter and leave the status category *done*. Pure.

The change log names the statuses, but only the new one comes with its category. So a move to a status that is not done says *pending*: of an
issue that was done before, that is a reopening; of any other, that it is under way. Done without the work (won't do, duplicate) is reversed.
"""

from typing import Any

from wellspent.connectors.outcomes.fields import event_from
from wellspent.connectors.outcomes.payload import at, issue_kind, joined, list_at, text_at
from wellspent.facts.outcome import OutcomeEvent

SOURCE = "jira"
CATEGORIES = ("new", "indeterminate", "done")
NOT_DONE = frozenset(
    {"won't do", "won't fix", "wont do", "wont fix", "duplicate", "cannot reproduce", "declined", "rejected", "cancelled", "canceled"}
)


def events_of(delivery: str, payload: Any) -> list[OutcomeEvent]:
    """What a delivery says. Raises InvalidInput.

    Args:
        delivery: The header ``X-Atlassian-Webhook-Identifier``, the same when Jira tries again; "" where there is none.
    """
    issue = at(payload, "issue")
    moves = [item for item in list_at(payload, "changelog", "items") if text_at(item, "field") == "status"]
    category = text_at(issue, "fields", "status", "statusCategory", "key")
    if text_at(payload, "webhookEvent") != "jira:issue_updated" or not moves or category not in CATEGORIES:
        return []
    resolution = text_at(issue, "fields", "resolution", "name")
    dropped = resolution.lower().replace("\u2019", "'") in NOT_DONE
    move = joined(text_at(moves[-1], "fromString"), " to ", text_at(moves[-1], "toString"))
    fields = {
        "outcome": text_at(issue, "id"),
        "kind": issue_kind(text_at(issue, "fields", "issuetype", "name")),
        "state": "pending" if category != "done" else "reversed" if dropped else "settled",
        "occurred_at": at(payload, "timestamp"),
        "event": delivery,
        "project": text_at(issue, "fields", "project", "key"),
        "issue": text_at(issue, "key"),
        "url": text_at(issue, "self"),
        "note": joined(move, ": ", resolution) or move,
    }
    return [event_from(fields, SOURCE)]
