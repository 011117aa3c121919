"""Who wrote a commit or a line: evidence, best first, and what it adds up to."""
