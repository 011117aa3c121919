"""Which commits mend something, and which commit brought what they mend."""
