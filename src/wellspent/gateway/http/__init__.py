"""HTTP/1.1 on both sides of the gateway, in the event loop's own thread."""
