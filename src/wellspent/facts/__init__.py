"""The nouns. Frozen values every other room speaks in; this room imports nothing of ours."""
