"""A statement of AI spending and what it bought, for a month, a quarter or a fiscal year. Pure."""
