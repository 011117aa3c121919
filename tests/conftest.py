"""For every test: Hypothesis judges laws, not timings, so that a busy machine fails nothing."""

from hypothesis import settings

settings.register_profile("wellspent", deadline=None)
settings.load_profile("wellspent")
