"""Durability: gathering what a report about code needs, making it, and keeping it for every surface."""
