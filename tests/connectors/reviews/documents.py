"""What the forges document, shortened to the fields that matter and a few that do not. Each names its document; changes to it are said."""

from typing import Any

Json = Any
AUTHOR: Json = {"login": "Codertocat", "id": 21031067, "type": "User", "site_admin": False}
REVIEWER: Json = {"login": "octocat", "id": 583231, "type": "User", "site_admin": False}
REPOSITORY: Json = {"id": 186853002, "name": "Hello-World", "full_name": "Codertocat/Hello-World", "private": False}
# octokit/webhooks, payload-examples/api.github.com/pull_request/*.payload.json; a label, and moments that follow each other
PULL: Json = {
    "id": 279147437,
    "number": 2,
    "state": "open",
    "locked": False,
    "title": "Update the README with new information.",
    "user": AUTHOR,
    "body": "This is a pretty simple change that we need to pull into master.",
    "created_at": "2019-05-15T15:20:33Z",
    "updated_at": "2019-05-15T15:20:33Z",
    "closed_at": None,
    "merged_at": None,
    "merge_commit_sha": None,
    "labels": [{"id": 1362934389, "name": "bug", "default": True}],
    "draft": False,
    "head": {"label": "Codertocat:changes", "ref": "changes", "sha": "ec26c3e57ca3a959ca5aad62de7213c562f8c821"},
    "base": {"label": "Codertocat:master", "ref": "master"},
    "merged": False,
    "merged_by": None,
    "additions": 1,
    "deletions": 1,
    "changed_files": 1,
}


def pull(action: str, sender: Json = AUTHOR, **changed: Json) -> Json:
    """A delivery of ``pull_request``."""
    beside = {name: changed.pop(name) for name in ("before", "after") if name in changed}
    return {"action": action, "number": 2, "pull_request": {**PULL, **changed}, **beside, "repository": REPOSITORY, "sender": sender}


# …/pull_request_review/submitted.payload.json, by another person
GITHUB_REVIEW: Json = {
    "action": "submitted",
    "review": {
        "id": 237895671,
        "user": REVIEWER,
        "body": None,
        "commit_id": "ec26c3e57ca3a959ca5aad62de7213c562f8c821",
        "submitted_at": "2019-05-15T15:20:38Z",
        "state": "commented",
        "author_association": "OWNER",
    },
    "pull_request": {name: value for name, value in PULL.items() if name not in ("additions", "deletions", "merged", "merged_by")},
    "repository": REPOSITORY,
    "sender": REVIEWER,
}
# …/pull_request_review_comment/created.payload.json, by another person
GITHUB_REVIEW_COMMENT: Json = {
    "action": "created",
    "comment": {
        "pull_request_review_id": 237895671,
        "id": 284312630,
        "path": "README.md",
        "user": REVIEWER,
        "body": "Maybe you should use more emojji on this line.",
        "created_at": "2019-05-15T15:20:37Z",
        "updated_at": "2019-05-15T15:20:38Z",
    },
    "pull_request": GITHUB_REVIEW["pull_request"],
    "repository": REPOSITORY,
    "sender": REVIEWER,
}
# …/issue_comment/created.payload.json; docs, Webhook events: an issue that is a pull request has pull_request
GITHUB_COMMENT: Json = {
    "action": "created",
    "issue": {
        "id": 444500041,
        "number": 2,
        "title": "Update the README with new information.",
        "user": AUTHOR,
        "labels": [],
        "state": "open",
        "pull_request": {"url": "https://api.github.com/repos/Codertocat/Hello-World/pulls/2"},
    },
    "comment": {
        "id": 492700400,
        "user": REVIEWER,
        "created_at": "2019-05-15T15:20:21Z",
        "updated_at": "2019-05-15T15:20:21Z",
        "body": "You are totally right! I'll get this fixed right away.",
    },
    "repository": REPOSITORY,
    "sender": REVIEWER,
}
MERGED = {"merged": True, "merged_at": "2019-05-15T15:30:00Z", "closed_at": "2019-05-15T15:30:00Z", "updated_at": "2019-05-15T15:30:00Z"}
GITHUB_STORY: tuple[tuple[str, Json], ...] = (
    ("pull_request", pull("opened", draft=True)),
    ("issue_comment", GITHUB_COMMENT),
    ("pull_request", pull("ready_for_review", updated_at="2019-05-15T15:20:34Z")),
    ("pull_request_review_comment", GITHUB_REVIEW_COMMENT),
    ("pull_request_review", GITHUB_REVIEW),
    ("pull_request", pull("synchronize", updated_at="2019-05-15T15:25:00Z", before="f" * 40, after="e" * 40)),
    ("pull_request", pull("closed", REVIEWER, merge_commit_sha="c" * 40, merged_by=REVIEWER, **MERGED)),
)
# octokit/graphql-schema: the same as the API tells it
_WHO: Json = {"__typename": "User", "login": "Codertocat", "databaseId": 21031067}
_OTHER: Json = {"__typename": "User", "login": "octocat", "databaseId": 583231}
GITHUB_ANSWER: Json = {
    "number": 2,
    "title": "Update the README with new information.",
    "createdAt": "2019-05-15T15:20:33Z",
    "updatedAt": "2019-05-15T15:30:00Z",
    "mergedAt": "2019-05-15T15:30:00Z",
    "closedAt": "2019-05-15T15:30:00Z",
    "isDraft": False,
    "additions": 1,
    "deletions": 1,
    "headRefName": "changes",
    "mergeCommit": {"oid": "c" * 40},
    "author": _WHO,
    "mergedBy": _OTHER,
    "labels": {"nodes": [{"name": "bug"}]},
    "timelineItems": {
        "pageInfo": {"hasNextPage": False, "endCursor": "x"},
        "nodes": [
            {"__typename": "PullRequestCommit", "commit": {"oid": "f" * 40, "committedDate": "2019-05-15T15:20:00Z"}},
            {"__typename": "IssueComment", "fullDatabaseId": "492700400", "createdAt": "2019-05-15T15:20:21Z", "author": _OTHER},
            {"__typename": "ReadyForReviewEvent", "createdAt": "2019-05-15T15:20:34Z", "actor": _WHO},
            {
                "__typename": "PullRequestReview",
                "fullDatabaseId": "237895671",
                "state": "COMMENTED",
                "submittedAt": "2019-05-15T15:20:38Z",
                "author": _OTHER,
                "comments": {"nodes": [{"fullDatabaseId": "284312630", "createdAt": "2019-05-15T15:20:37Z", "author": _OTHER}]},
            },
            {"__typename": "PullRequestCommit", "commit": {"oid": "e" * 40, "committedDate": "2019-05-15T15:24:00Z"}},
            {"__typename": "ClosedEvent", "createdAt": "2019-05-15T15:30:00Z", "actor": _OTHER},
        ],
    },
}
# gitlabhq, doc/user/project/integrations/webhook_events.md: merge request events and comments on a merge request; moments that follow each other
_ROOT: Json = {"id": 51, "name": "Administrator", "username": "root", "email": "admin@example.com"}
_MARY: Json = {"id": 6, "name": "Mary", "username": "user1", "email": "mary@example.com"}
_PROJECT: Json = {"id": 1, "name": "Gitlab Test", "path_with_namespace": "gitlabhq/gitlab-test", "default_branch": "master"}


def request(action: str, user: Json = _ROOT, changes: Json = None, **changed: Json) -> Json:
    """A delivery of ``merge_request``."""
    attributes = {
        "id": 99,
        "iid": 1,
        "target_branch": "master",
        "source_branch": "ms-viewport",
        "author_id": 51,
        "title": "feat: MS-Viewport",
        "created_at": "2013-12-03T17:23:34Z",
        "updated_at": "2013-12-03T17:23:34Z",
        "draft": False,
        "last_commit": {"id": "da1560886d4f094c3e6c9ef40349f7d38b5d27d7", "message": "fixed readme"},
        "labels": [],
        "action": action,
        **changed,
    }
    return {
        "object_kind": "merge_request",
        "user": user,
        "project": _PROJECT,
        "object_attributes": attributes,
        "labels": [{"id": 206, "title": "API"}],
        "changes": changes or {},
    }


GITLAB_NOTE: Json = {
    "object_kind": "note",
    "event_type": "note",
    "user": _MARY,
    "project": _PROJECT,
    "object_attributes": {
        "id": 1244,
        "note": "This MR needs work.",
        "noteable_type": "MergeRequest",
        "author_id": 6,
        "created_at": "2013-12-03 18:00:00 UTC",
        "system": False,
        "action": "create",
    },
    "merge_request": {"id": 7, "iid": 1, "author_id": 51, "title": "feat: MS-Viewport", "source_branch": "ms-viewport"},
}
GITLAB_STORY: tuple[Json, ...] = (
    request("open", draft=True),
    request("update", changes={"draft": {"previous": True, "current": False}}, updated_at="2013-12-03 17:30:00 UTC"),
    GITLAB_NOTE,
    request("update", oldrev="a" * 40, updated_at="2013-12-03 18:30:00 UTC"),
    request("approval", _MARY, updated_at="2013-12-03 19:00:00 UTC"),
    request("approved", _MARY, updated_at="2013-12-03 19:00:00 UTC"),
    request("merge", _MARY, updated_at="2013-12-03 20:00:00 UTC", merge_commit_sha="c" * 40),
)
_GID = "gid://gitlab/User/"
GITLAB_ANSWER: Json = {
    "iid": "1",
    "title": "feat: MS-Viewport",
    "createdAt": "2013-12-03T17:23:34Z",
    "updatedAt": "2013-12-03T20:00:00Z",
    "mergedAt": "2013-12-03T20:00:00Z",
    "closedAt": None,
    "state": "merged",
    "draft": False,
    "sourceBranch": "ms-viewport",
    "mergeCommitSha": "c" * 40,
    "diffHeadSha": "d" * 40,
    "author": {"id": f"{_GID}51", "username": "root", "bot": False},
    "mergeUser": {"id": f"{_GID}6", "username": "user1", "bot": False},
    "diffStatsSummary": {"additions": 10, "deletions": 2},
    "labels": {"nodes": [{"title": "API"}]},
    "activity": {
        "pageInfo": {"hasNextPage": False, "endCursor": None},
        "nodes": [
            {
                "id": "gid://gitlab/Note/1",
                "createdAt": "2013-12-03T17:25:00Z",
                "body": "assigned to @mary",
                "author": {"id": f"{_GID}51", "username": "root", "bot": False},
                "systemNoteMetadata": {"action": "assignee"},
            },
            {
                "id": "gid://gitlab/Note/2",
                "createdAt": "2013-12-03T17:30:00Z",
                "body": "marked this merge request as **ready**",
                "author": {"id": f"{_GID}51", "username": "root", "bot": False},
                "systemNoteMetadata": {"action": "title"},
            },
            {
                "id": "gid://gitlab/Note/3",
                "createdAt": "2013-12-03T18:30:00Z",
                "body": "added 1 commit",
                "author": {"id": f"{_GID}51", "username": "root", "bot": False},
                "systemNoteMetadata": {"action": "commit"},
            },
            {
                "id": "gid://gitlab/Note/4",
                "createdAt": "2013-12-03T19:00:00Z",
                "body": "approved this merge request",
                "author": {"id": f"{_GID}6", "username": "user1", "bot": False},
                "systemNoteMetadata": {"action": "approved"},
            },
        ],
    },
    "comments": {
        "pageInfo": {"hasNextPage": False, "endCursor": None},
        "nodes": [
            {
                "id": "gid://gitlab/DiscussionNote/1244",
                "createdAt": "2013-12-03T18:00:00Z",
                "author": {"id": f"{_GID}6", "username": "user1", "bot": False},
            }
        ],
    },
}
