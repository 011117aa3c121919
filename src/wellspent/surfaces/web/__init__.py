"""Pages, rendered on the server; they read without JavaScript."""
