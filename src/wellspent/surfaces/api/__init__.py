"""What programs of others send."""
