"""What Intercom charges for Fin: conversations by Fin's resolution state. Pure.

Two files have it: the export of the dataset *Conversations* from a report (columns ``Conversation ID`` and ``Fin AI Agent resolution state``; help
article "Reporting metrics & attributes"), and conversations as the API lists them (``ai_agent.resolution_state``; OpenAPI description 2.16 of
2026-08-21, schema *AI Agent*).

Its rule (help articles "Fin AI Agent resolutions" and "Fin pricing", read in November 2026): one outcome a conversation, at $0.99. Charged are a
*confirmed* resolution (the customer says yes), an *assumed* one (the customer leaves without asking for more, 24 hours by an older text), and a
procedure that was set up to end in a handoff. Not charged are greetings, and conversations in which the customer asked for more or for a person.
A customer who comes back to the conversation, even in a later period, takes its resolution off the bill; so export after the period is over,
and mind that the invoice may be 72 hours behind. Sales outcomes have a price of their own and are left to a table of one's own.
"""

from collections.abc import Mapping
from typing import Any

from wellspent.connectors.bills.line import BillLine, Row
from wellspent.facts.errors import InvalidInput

STATE = "finaiagentresolutionstate"
NEEDS = (frozenset({"conversationid", STATE}), frozenset({"id", "aiagent"}))
CHARGED = ("assumed_resolution", "confirmed_resolution", "procedure_handoff")
NOT_CHARGED = ("escalated", "routed_to_team", "negative_feedback")
PREVIEWS = ("fin_preview", "workflow_preview")


def read(row: Row) -> BillLine | str:
    """One conversation: charged, or why not. Raises InvalidInput for a state that nobody has heard of."""
    state, preview = _state(row)
    if preview:
        return "a preview of Fin"
    if not state:
        return "Fin gave no answer"
    if state in NOT_CHARGED:
        return "not resolved, by Fin's own record"
    conversation = row.text("conversationid") or row.text("id")
    if state not in CHARGED or not conversation:
        what = f"has the resolution state {state[:100]!r}, which is not known" if conversation else "names no conversation"
        raise InvalidInput(f"{row.where} {what}", fix="write what was charged into a table of your own: outcome,amount_usd")
    return BillLine(conversation, evidence=(("fin", state),))


def _state(row: Row) -> tuple[str, bool]:
    """The state as the API spells it, and whether nobody but the operator saw the conversation."""
    agent: Any = row.fields.get("aiagent")
    if "aiagent" not in row.fields and STATE not in row.fields:
        raise InvalidInput(f"{row.where} does not say what Fin did", fix="export the field Fin AI Agent resolution state, or ai_agent, of all")
    if isinstance(agent, Mapping):
        return str(agent.get("resolution_state") or ""), agent.get("source_type") in PREVIEWS
    return row.text(STATE).lower().replace(" ", "_"), False
