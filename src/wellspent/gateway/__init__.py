"""The live path: a call is read, identified, planned, quoted, held, forwarded as it is, metered and settled."""
