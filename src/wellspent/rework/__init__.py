"""Git history as lifetimes of lines: when each line was born, when it died, and which commit killed it."""
