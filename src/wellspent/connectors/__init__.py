"""Facts that did not pass the gateway."""
