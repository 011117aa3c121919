"""What the senders document, shortened to the fields that matter and a few that do not. Each names its document; changes to it are said."""

from typing import Any

Json = Any

# octokit/webhooks, payload-examples/api.github.com/pull_request/closed.payload.json; merged and merged_at are set.
GITHUB_MERGED: Json = {
    "action": "closed",
    "number": 2,
    "pull_request": {
        "id": 279147437,
        "html_url": "https://github.com/Codertocat/Hello-World/pull/2",
        "number": 2,
        "state": "closed",
        "locked": False,
        "title": "Update the README with new information.",
        "user": {"login": "Codertocat", "id": 21031067, "site_admin": False},
        "body": "This is a pretty simple change that we need to pull into master.",
        "created_at": "2019-05-15T15:20:33Z",
        "updated_at": "2019-05-15T15:21:18Z",
        "closed_at": "2019-05-15T15:21:18Z",
        "merged_at": "2019-05-15T15:21:18Z",
        "merge_commit_sha": "c4295bd74fb0f4fda03689c3df3f2803b658fd85",
        "labels": [{"id": 1362934389, "name": "bug", "default": True}],
        "head": {"label": "Codertocat:changes", "ref": "changes", "sha": "ec26c3e57ca3a959ca5aad62de7213c562f8c821"},
        "base": {"label": "Codertocat:master", "ref": "master"},
        "merged": True,
        "merged_by": None,
        "additions": 1,
    },
    "repository": {"id": 186853002, "name": "Hello-World", "full_name": "Codertocat/Hello-World", "private": False},
    "sender": {"login": "Codertocat", "id": 21031067},
}

# octokit/webhooks, payload-examples/api.github.com/deployment_status/payload.json
GITHUB_DEPLOYED: Json = {
    "action": "created",
    "deployment_status": {
        "url": "https://api.github.com/repos/Codertocat/Hello-World/deployments/145988746/statuses/209916254",
        "id": 209916254,
        "state": "success",
        "description": "",
        "environment": "production",
        "target_url": "",
        "created_at": "2019-05-15T15:20:55Z",
    },
    "deployment": {
        "id": 145988746,
        "sha": "f95f852bd8fca8fcc58a9a2d6c842781e32a215e",
        "ref": "master",
        "task": "deploy",
        "payload": {},
        "environment": "production",
        "performed_via_github_app": None,
    },
    "repository": {"id": 186853002, "full_name": "Codertocat/Hello-World"},
}

# octokit/webhooks, payload-examples/api.github.com/issues/reopened.payload.json, closed_at and state_reason as in the REST docs of an issue
GITHUB_ISSUE: Json = {
    "action": "closed",
    "issue": {
        "html_url": "https://github.com/Codertocat/Hello-World/issues/1",
        "id": 444500041,
        "number": 1,
        "title": "Spelling error in the README file",
        "labels": [{"id": 1362934389, "name": "bug"}],
        "state": "closed",
        "state_reason": "completed",
        "created_at": "2019-05-15T15:20:18Z",
        "updated_at": "2019-05-15T15:21:40Z",
        "closed_at": "2019-05-15T15:21:40Z",
    },
    "repository": {"full_name": "Codertocat/Hello-World"},
}

# developer.zendesk.com, Event types for Zendesk webhooks, Ticket events: the envelope and "Status changed"
ZENDESK: Json = {
    "account_id": 22129848,
    "detail": {
        "actor_id": "8447388090494",
        "assignee_id": "8447388090494",
        "created_at": "2025-01-08T10:12:07Z",
        "id": "5158",
        "status": "SOLVED",
        "tags": ["billing"],
        "updated_at": "2025-01-08T10:12:07Z",
        "via": {"channel": "web_service"},
    },
    "event": {"current": "SOLVED", "previous": "OPEN", "meta": {"sequence": {"id": "4F1A", "position": 1}}},
    "id": "cbe4028c-7239-495d-b020-f22348516046",
    "subject": "zen:ticket:5158",
    "time": "2025-01-08T10:12:07.672717030Z",
    "type": "zen:event-type:ticket.status_changed",
    "zendesk_event_version": "2022-11-06",
}

# docs.gitlab.com, Webhook events, Merge request events; state and action are of one that was merged, merge_commit_sha is added
GITLAB_MERGED: Json = {
    "object_kind": "merge_request",
    "event_type": "merge_request",
    "user": {"id": 1, "username": "root", "email": "admin@example.com"},
    "project": {"id": 1, "path_with_namespace": "gitlabhq/gitlab-test", "default_branch": "master"},
    "object_attributes": {
        "id": 99,
        "iid": 1,
        "target_branch": "master",
        "source_branch": "ms-viewport",
        "title": "MS-Viewport",
        "created_at": "2013-12-03T17:23:34Z",
        "updated_at": "2013-12-03T17:23:34Z",
        "state": "merged",
        "draft": False,
        "description": "",
        "url": "http://example.com/diaspora/merge_requests/1",
        "merge_commit_sha": "562e173be03b8ff2efb05345d12df18815438a4b",
        "last_commit": {"id": "da1560886d4f094c3e6c9ef40349f7d38b5d27d7", "message": "fixed readme"},
        "action": "merge",
    },
    "labels": [{"id": 206, "title": "API"}],
    "changes": {"updated_at": {"previous": "2017-09-15 16:50:55 UTC", "current": "2017-09-15 16:52:00 UTC"}},
}

# docs.gitlab.com, Webhook events, Deployment events; the environment is production instead of staging
GITLAB_DEPLOYED: Json = {
    "object_kind": "deployment",
    "status": "success",
    "status_changed_at": "2021-04-28 21:50:00 +0200",
    "deployment_id": 15,
    "deployable_id": 796,
    "deployable_url": "http://example.com/root/test-deployment-webhooks/-/jobs/796",
    "environment": "production",
    "environment_tier": "production",
    "environment_external_url": "https://production.example.com",
    "project": {"id": 30, "path_with_namespace": "root/test-deployment-webhooks"},
    "short_sha": "279484c0",
    "commit_url": "http://example.com/root/test-deployment-webhooks/-/commit/279484c09fbe69ededfced8c1bb6e6d24616b468",
}

# developer.atlassian.com, Jira Cloud, Webhooks: the example of an issue event, with a status item as in the changelog of the REST docs
JIRA: Json = {
    "timestamp": 1525698237764,
    "webhookEvent": "jira:issue_updated",
    "issue_event_type_name": "issue_generic",
    "user": {"accountId": "99:27935d01-92a7-4687-8272-a9b8d3b2ae2e", "displayName": "Bryan Rollins"},
    "issue": {
        "id": "99291",
        "self": "https://jira.example.com/rest/api/2/issue/99291",
        "key": "JRA-20002",
        "fields": {
            "summary": "I feel the need for speed",
            "labels": ["UI", "dialogue"],
            "issuetype": {"id": "3", "name": "Task", "subtask": False},
            "project": {"id": "10001", "key": "JRA"},
            "status": {"id": "10002", "name": "Done", "statusCategory": {"id": 3, "key": "done", "name": "Done"}},
            "resolution": {"id": "10000", "name": "Done"},
        },
    },
    "changelog": {
        "id": 10124,
        "items": [
            {"field": "resolution", "fieldtype": "jira", "from": None, "fromString": None, "to": "10000", "toString": "Done"},
            {"field": "status", "fieldtype": "jira", "from": "3", "fromString": "In Progress", "to": "10002", "toString": "Done"},
        ],
    },
}

# linear.app/developers/webhooks, data change events; as sent (zulip/zulip, webhooks/linear/fixtures/issue_update.json), moved to done
LINEAR: Json = {
    "action": "update",
    "actor": {"id": "b5ea5f1f-8adc-4f52-b4bd-ab4e84cf51ba", "type": "user", "name": "Somebody"},
    "createdAt": "2023-04-11T10:16:53.022Z",
    "data": {
        "id": "3443a709-f2b5-46f2-a136-a0445fd432be",
        "updatedAt": "2023-04-11T10:16:53.022Z",
        "completedAt": "2023-04-11T10:16:53.001Z",
        "number": 44,
        "title": "This is regarding the outage",
        "stateId": "a2530cac-36a0-4b6d-9af0-6357784035d4",
        "state": {"id": "a2530cac-36a0-4b6d-9af0-6357784035d4", "color": "#5e6ad2", "name": "Done", "type": "completed"},
        "team": {"id": "9e383f51-2629-4f19-97ff-451cc2f0a0ad", "key": "WEB", "name": "Webhooks"},
        "labels": [{"id": "56111f1a-e733-49f2-856a-c42318bb8739", "name": "Improvement"}],
    },
    "updatedFrom": {"updatedAt": "2023-04-11T10:13:05.980Z", "stateId": "00000000-36a0-4b6d-9af0-6357784035d4", "completedAt": None},
    "url": "https://linear.app/webhooks/issue/WEB-44/this-is-regarding-the-outage",
    "type": "Issue",
    "organizationId": "7a661544-df08-4cd1-a1e3-5ec611898806",
    "webhookTimestamp": 1681208213456,
}

# developers.intercom.com, Webhook notification object, as sent (zulip/zulip, webhooks/intercom/fixtures/conversation_admin_closed.json),
# with ai_agent and statistics as in the conversation of the OpenAPI description 2.16
INTERCOM: Json = {
    "type": "notification_event",
    "app_id": "i6wc9ipe",
    "data": {
        "type": "notification_event_data",
        "item": {
            "type": "conversation",
            "id": "21322009097",
            "state": "closed",
            "open": False,
            "ai_agent_participated": True,
            "ai_agent": {
                "source_type": "essentials_plan_setup",
                "source_title": "Fin AI Agent",
                "last_answer_type": "ai_answer",
                "resolution_state": "assumed_resolution",
                "rating": 4,
                "rating_remark": "Very helpful!",
            },
            "statistics": {"type": "conversation_statistics", "count_reopens": 0, "last_close_at": 1553291390},
            "links": {"conversation_web": "https://app.intercom.io/a/apps/i6wc9ipe/conversations/21322009097"},
        },
    },
    "links": {},
    "id": "notif_2bc4bf3a-0064-4fb0-9e17-dc44d91bcb9b",
    "topic": "conversation.admin.closed",
    "delivery_attempts": 1,
    "delivered_at": 0,
    "first_sent_at": 1553291390,
    "created_at": 1553291390,
}

# developers.hubspot.com, Webhooks API v3: the fields of a payload; values as sent for a deal's stage, a contact and a thread
HUBSPOT: Json = [
    {
        "objectId": 697680835,
        "propertyName": "dealstage",
        "propertyValue": "closedwon",
        "changeSource": "CRM_UI",
        "eventId": 802835955,
        "subscriptionId": 92894,
        "portalId": 5799819,
        "appId": 186886,
        "occurredAt": 1556094637139,
        "subscriptionType": "deal.propertyChange",
        "attemptNumber": 0,
    },
    {
        "objectId": 1246965,
        "changeSource": "ACADEMY",
        "eventId": 3816279340,
        "subscriptionId": 25,
        "portalId": 33,
        "appId": 1160452,
        "occurredAt": 1462216307945,
        "subscriptionType": "contact.creation",
        "attemptNumber": 0,
        "changeFlag": "NEW",
    },
    {
        "objectId": 2105,
        "propertyName": "status",
        "propertyValue": "CLOSED",
        "changeSource": "CONVERSATIONS",
        "eventId": 3816279480,
        "subscriptionId": 26,
        "portalId": 33,
        "occurredAt": 1462216308001,
        "subscriptionType": "conversation.propertyChange",
    },
]

# Salesforce, Change Data Capture Developer Guide, Subscribe with Pub/Sub API: a new opportunity
SALESFORCE_NEW: Json = {
    "ChangeEventHeader": {
        "entityName": "Opportunity",
        "recordIds": ["006SM0000001Tb3YAE"],
        "changeType": "CREATE",
        "changeOrigin": "com/salesforce/api/soap/55.0;client=SfdcInternalAPI/",
        "transactionKey": "00000466-3d4f-bbe3-9c2b-5ab0fb45cc02",
        "sequenceNumber": 1,
        "commitTimestamp": 1652977933000,
        "commitNumber": 1652977933433528300,
        "commitUser": "005SM000000146PYAQ",
        "nulledFields": [],
        "diffFields": [],
        "changedFields": [],
    },
    "AccountId": "001SM0000000iibYAA",
    "Name": "Acme - 400 Widgets",
    "StageName": "Prospecting",
    "Amount": 40000,
    "Probability": 10,
    "IsClosed": False,
    "IsWon": False,
    "NextStep": None,
}

# the same guide, Example: Delivered Enriched Event Messages, in the shape of a streaming client; of an opportunity that was won
SALESFORCE_WON: Json = {
    "schema": "I8b-dYxvxs5wOtCBr4qsew",
    "payload": {
        "LastModifiedDate": "2022-05-20T23:09:18.000Z",
        "StageName": "Closed Won",
        "IsClosed": True,
        "IsWon": True,
        "Amount": 38500.5,
        "ChangeEventHeader": {
            "commitNumber": 74487681550,
            "commitUser": "005RM000001hv4SYAQ",
            "sequenceNumber": 1,
            "entityName": "Opportunity",
            "changeType": "UPDATE",
            "changedFields": ["StageName", "IsClosed", "IsWon", "LastModifiedDate"],
            "changeOrigin": "com/salesforce/api/soap/51.0;client=SfdcInternalAPI/",
            "transactionKey": "0005e192-9e62-2554-3880-3c3718bd6308",
            "commitTimestamp": 1653088158000,
            "recordIds": ["006SM0000001Tb3YAE"],
        },
    },
    "event": {"replayId": 12},
}

# the same, of a case
SALESFORCE_CASE: Json = {
    "ChangeEventHeader": {
        "entityName": "Case",
        "recordIds": ["500RM000004UF9sYAG"],
        "changeType": "UPDATE",
        "changedFields": ["Status", "LastModifiedDate"],
        "transactionKey": "0005e1af-70bd-cce1-59c2-00f45864bbfb",
        "sequenceNumber": 1,
        "commitTimestamp": 1608073975000,
    },
    "Status": "Closed",
    "Priority": None,
}

# docs.stripe.com, API reference, the event, payment intent and charge objects; livemode is true, because test mode is left out
STRIPE_PAID: Json = {
    "id": "evt_1NG8Du2eZvKYlo2CUI79vXWy",
    "object": "event",
    "api_version": "2024-06-20",
    "created": 1686089970,
    "data": {
        "object": {
            "id": "pi_3MtwBwLkdIwHu7ix28a3tqPa",
            "object": "payment_intent",
            "amount": 2000,
            "amount_received": 2000,
            "currency": "usd",
            "customer": "cus_9s6XKzkNRiz8i3",
            "latest_charge": "ch_3MmlLrLkdIwHu7ix0snN0B15",
            "metadata": {"workflow": "checkout", "order_id": "6735"},
            "status": "succeeded",
        }
    },
    "livemode": True,
    "pending_webhooks": 0,
    "type": "payment_intent.succeeded",
}
STRIPE_REFUNDED: Json = {
    **STRIPE_PAID,
    "id": "evt_2",
    "created": 1686176370,
    "type": "charge.refunded",
    "data": {
        "object": {
            "id": "ch_3MmlLrLkdIwHu7ix0snN0B15",
            "object": "charge",
            "amount": 2000,
            "amount_captured": 2000,
            "amount_refunded": 2000,
            "currency": "usd",
            "customer": None,
            "metadata": {},
            "payment_intent": "pi_3MtwBwLkdIwHu7ix28a3tqPa",
            "refunded": True,
            "status": "succeeded",
        }
    },
}
# docs.stripe.com, API reference, the dispute object
STRIPE_DISPUTED: Json = {
    **STRIPE_PAID,
    "id": "evt_3",
    "created": 1686262770,
    "type": "charge.dispute.created",
    "data": {
        "object": {
            "id": "du_1MtJUT2eZvKYlo2CNaw2HvEv",
            "object": "dispute",
            "amount": 2000,
            "charge": "ch_3MmlLrLkdIwHu7ix0snN0B15",
            "currency": "usd",
            "payment_intent": "pi_3MtwBwLkdIwHu7ix28a3tqPa",
            "reason": "general",
            "status": "needs_response",
        }
    },
}

# CloudEvents primer and spec 1.0.2, JSON event format: the attributes of the example, with an outcome as its data
CLOUDEVENT: Json = {
    "specversion": "1.0",
    "type": "com.example.conversation_solved.settled",
    "source": "https://example.com/desk",
    "subject": "4711",
    "id": "A234-1234-1234",
    "time": "2018-04-05T17:31:00Z",
    "comexampleextension1": "value",
    "comexampleothervalue": 5,
    "datacontenttype": "application/json",
    "data": {"team": "care", "conversation": "4711", "value_usd": "12.50", "attested": "confirmed"},
}

# docs.servicenow.com, Table API, GET /now/table/{tableName}, with sysparm_display_value=all: a field is its value beside what people read; the states
# are those of "Case states", resolved_at and account are fields of sn_customerservice_case
SERVICENOW: Json = {
    "result": {
        "sys_id": {"display_value": "f0983c1edb5a8300dd1cf9b5ae961912", "value": "f0983c1edb5a8300dd1cf9b5ae961912"},
        "number": {"display_value": "CS0010002", "value": "CS0010002"},
        "sys_class_name": {"display_value": "Case", "value": "sn_customerservice_case"},
        "state": {"display_value": "Resolved", "value": "6"},
        "resolved_at": {"display_value": "2026-11-20 02:00:00", "value": "2026-11-20 10:00:00"},
        "closed_at": {"display_value": "", "value": ""},
        "sys_updated_on": {"display_value": "2026-11-20 02:00:01", "value": "2026-11-20 10:00:01"},
        "sys_mod_count": {"display_value": "7", "value": "7"},
        "account": {"display_value": "Boxeo", "link": "https://instance.service-now.com/api/now/table/customer_account/a1", "value": "a1"},
        "short_description": {"display_value": "My VPN is broken", "value": "My VPN is broken"},
    }
}
