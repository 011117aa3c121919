"""Outcomes of other systems, in the words of ``facts``."""
