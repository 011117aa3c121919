"""The only writer of facts: holds, settlements, the journal they are chained in, and what can be read from it."""
