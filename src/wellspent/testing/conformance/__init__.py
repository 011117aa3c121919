"""Spend conformance: does a gateway bill right, and does it hold its budgets? A black box with a provider behind it that knows the true bill."""
