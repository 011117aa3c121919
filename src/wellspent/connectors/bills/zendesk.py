"""What Zendesk charges for its AI agents: conversations with an automated resolution. Pure.

The file is that of the AI agents' data export, a JSON list of the conversations that ended on a day, by bot (developer.zendesk.com, "Using the AI
Agents Data Export API", version 3, read in November 2026). The document writes its names in small letters, files have been seen in capitals;
both are read.

Its rule (help articles "About automated resolutions for AI agents" and "… for advanced AI agents", read in November 2026): counted for each
conversation, not for each customer, where the agent answered, nobody handed it to a person, and a language model judged the answer relevant: after
72 hours of silence in messaging, 72 hours after the first message for tickets, at the end of a session for chat (its length is a setting). Its
verdict is ``automated_resolution``. What was a test (``test_mode``) is left out. That anything is deducted for a customer who comes back later is
not said in public.
"""

from wellspent.connectors.bills.line import BillLine, Row
from wellspent.facts.errors import InvalidInput

NEEDS = (frozenset({"conversationid", "automatedresolution"}),)
YES, NO = ("true", "1", "1.0"), ("false", "0", "0.0", "")


def read(row: Row) -> BillLine | str:
    """One conversation: charged, or why not. The platform's id (a ticket's, a messaging conversation's) comes before the agent's own."""
    verdict = row.text("automatedresolution").lower()
    if row.text("testmode").lower() in YES:
        return "a test"
    if verdict in NO:
        return "not resolved, by Zendesk's own record"
    own, platform = row.text("conversationid"), row.text("platformconversationid")
    if verdict not in YES or not (own or platform):
        what = f"says automated_resolution {verdict[:100]!r}" if own or platform else "names no conversation"
        raise InvalidInput(f"{row.where} {what}", fix="export it again, or write what was charged into a table of your own: outcome,amount_usd")
    names = (own,) if platform and own else ()
    evidence = row.evidence(tier="resolutiontier", ended="conversationendtime", channel="channel")
    return BillLine(platform or own, names, evidence=evidence)
