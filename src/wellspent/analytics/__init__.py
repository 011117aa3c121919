"""Questions over facts: what a dollar bought, what it cost, whether it was worth it."""
