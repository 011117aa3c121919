"""Reports: what is printed and signed."""
