"""What a token costs: dated prices, the operator's terms, rating of usage, and upper bounds of planned calls. Pure but for the bundled file."""
