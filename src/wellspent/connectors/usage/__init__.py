"""Usage that did not pass the gateway: the logs that coding agents leave on this machine."""
