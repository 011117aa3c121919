"""What Salesforce charges for Agentforce by resolution: the data model object *Conversation Billing Outcome*. Pure.

The file is a query or report of that object, CSV or JSON (developer.salesforce.com, Data 360 DMO mapping, "Conversation Billing Outcome DMO",
available from version 262, read in November 2026). Its names are read with and without ``std__`` and ``__c``. It has all conversations, those that
were not charged too: charged are those with an ``OutcomeCount`` above zero.

Its rule (announcement of Agentforce Help Agent, 25 June 2026): a charge only where the agent resolved the matter from start to end, none where the
customer asked for a person or answered badly. So a charged conversation that the same record calls escalated speaks against itself. Charges by
conversation ("Agentforce Conversations Billable Usage Types": a window of 24 hours, resolved or not) and by flex credit (20 for an action) are told
by Digital Wallet in sums, without a line for each: there is nothing to hold against outcomes.

``ConversationId`` is the id of the conversation in Data 360. Outcomes of your own find it as their link ``conversation``, or carry it as their id.
"""

from wellspent.connectors.bills.line import BillLine, Row
from wellspent.facts.errors import InvalidInput

NEEDS = (frozenset({"conversationid", "outcomecount"}),)


def read(row: Row) -> BillLine | str:
    """One conversation: charged, or why not."""
    count, conversation = row.count("outcomecount"), row.text("conversationid")
    if count == 0:
        return "not resolved, by Salesforce's own record"
    if count is None or not conversation:
        what = f"says OutcomeCount {row.text('outcomecount')[:100]!r}" if conversation else "names no conversation"
        raise InvalidInput(f"{row.where} {what}", fix="export it again, or write what was charged into a table of your own: outcome,amount_usd")
    against = "the vendor's own record says that it was escalated" if row.text("isescalated").lower() in ("true", "1") else ""
    evidence = row.evidence(
        outcome="billingoutcometext", window_began="billingwindowstartdatetime", window_ended="billingwindowenddatetime", escalated="isescalated"
    )
    names = (own,) if (own := row.text("conversationbillingoutcomeid")) else ()
    return BillLine(conversation, names, quantity=count, against=against, evidence=evidence)
