"""Questions over facts: what a dollar bought, and what changed because of it."""
