"""How long changes waited, what their review took, and what that cost."""
