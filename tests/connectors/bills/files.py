"""Vendors' files, as they document them, shortened to the fields that matter and a few that do not."""

import csv
import io
from typing import Any

Json = Any

# Intercom, export of a report on the dataset Conversations: names as in the help article "Reporting metrics & attributes", and as such files are
# read in public code; the zone stands behind a time's name.
INTERCOM_CSV = """\
Conversation ID,Conversation started at (America/New_York),Current conversation state,Fin AI Agent involved,Fin AI Agent resolution state,Channel
215473840001,2026-10-05 10:00:00,Closed,true,Confirmed Resolution,Messenger
215473840002,2026-10-06 10:00:00,Closed,true,Assumed Resolution,Messenger
215473840003,2026-10-06 11:30:00,Closed,true,Routed to team,Email
215473840004,2026-10-07 09:15:00,Closed,false,,Email
"""

# Intercom, OpenAPI description 2.16, GET /conversations: the list, with ai_agent as in its schema
INTERCOM_JSON: Json = {
    "type": "conversation.list",
    "pages": {"type": "pages", "page": 1, "per_page": 5, "total_pages": 1},
    "total_count": 5,
    "conversations": [
        {"type": "conversation", "id": "1", "ai_agent_participated": True, "ai_agent": {"source_type": "workflow", "resolution_state": state}}
        for state in ("confirmed_resolution", "procedure_handoff", "escalated", "negative_feedback")
    ]
    + [
        {
            "type": "conversation",
            "id": "5",
            "ai_agent_participated": True,
            "ai_agent": {"source_type": "fin_preview", "resolution_state": "assumed_resolution"},
        },
        {"type": "conversation", "id": "6", "ai_agent_participated": False, "ai_agent": None},
    ],
}
for _number, _each in enumerate(INTERCOM_JSON["conversations"], 1):
    _each["id"] = f"21547384000{_number}"

# developer.zendesk.com, "Using the AI Agents Data Export API": a list of conversations; names in capitals, as files have been seen
ZENDESK_JSON: Json = [
    {
        "BOT_ID": "6a41cee6fbfda88b1060",
        "BOT_NAME": "Tri",
        "CONVERSATION_ID": f"ai-{number}",
        "PLATFORM_CONVERSATION_ID": platform,
        "CONVERSATION_END_TIME": "2026-10-05T10:00:00Z",
        "CHANNEL": "messaging",
        "AUTOMATED_RESOLUTION": resolved,
        "RESOLUTION_TIER": "core resolution" if resolved else "assisted escalation",
        "AUTOMATED_RESOLUTION_REASONING": "What a model wrote of the customer",
        "TEST_MODE": test,
    }
    for number, (platform, resolved, test) in enumerate((("5158", True, False), (None, True, False), ("5160", False, False), ("5161", True, True)), 1)
]

# developer.salesforce.com, "Conversation Billing Outcome DMO": the names of its fields
SALESFORCE_JSON: Json = {
    "data": [
        {
            "std__ConversationBillingOutcomeId__c": f"cbo-{number}",
            "std__ConversationId__c": f"0dw-{number}",
            "std__BillingOutcomeText__c": text,
            "std__BillingOutcomeDateTime__c": "2026-10-05T10:00:00.000Z",
            "std__BillingWindowStartDateTime__c": "2026-10-04T10:00:00.000Z",
            "std__BillingWindowEndDateTime__c": "2026-10-05T10:00:00.000Z",
            "std__IsEscalated__c": escalated,
            "std__OutcomeCount__c": count,
            "std__EndUserFeedbackText__c": "What the customer wrote",
        }
        for number, (text, escalated, count) in enumerate((("Resolved", False, 1.0), ("Resolved", True, 1.0), ("Not resolved", True, 0.0)), 1)
    ],
    "rowCount": 3,
    "done": True,
}

# docs.servicenow.com, "Generative AI Controller tables", Gen AI Usage Log: its columns, exported as CSV under their names
SERVICENOW_CSV = """\
"assists","trial_assists","status","execution_type","document_table","document","feature","plugin_name"
"1","0","Completed","","sn_customerservice_case","f0983c1edb5a8300dd1cf9b5ae961912","Case summarization","com.sn_csm.gen_ai"
"25","0","Completed","","sn_customerservice_case","f0983c1edb5a8300dd1cf9b5ae961912","Resolve a case","com.sn_csm.gen_ai"
"25","0","Completed","","sn_customerservice_case","aa983c1edb5a8300dd1cf9b5ae961913","Resolve a case","com.sn_csm.gen_ai"
"0","25","Completed","","sn_customerservice_case","bb983c1edb5a8300dd1cf9b5ae961914","Resolve a case","com.sn_csm.gen_ai"
"1","0","Pending","","incident","cc983c1edb5a8300dd1cf9b5ae961915","Incident summarization","com.sn_itsm.gen_ai"
"1","0","Completed","Auto Prompt Tuning","incident","cc983c1edb5a8300dd1cf9b5ae961915","Incident summarization","com.sn_itsm.gen_ai"
"10","0","Completed","","","","Now Assist in AI Search","com.glide.search"
"""
# the same table through the Table API with sysparm_display_value=all
SERVICENOW_JSON: Json = {
    "result": [
        {name.replace('"', ""): {"display_value": value, "value": value} for name, value in each.items()}
        for each in csv.DictReader(io.StringIO(SERVICENOW_CSV))
    ]
}
