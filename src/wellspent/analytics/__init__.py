"""Questions over facts. Effect is not allocation: what would have happened otherwise, with an interval, or "no evidence"."""
