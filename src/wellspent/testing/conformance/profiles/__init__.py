"""Profiles: how gateways are set up, limited and read. Each is an ``Adapter``."""

from wellspent.testing.conformance.adapter import Adapter
from wellspent.testing.conformance.profiles.wellspent import Wellspent


def profiles() -> dict[str, type[Adapter]]:
    """Every profile that is shipped, by name."""
    return {profile.name: profile for profile in (Adapter, Wellspent)}
