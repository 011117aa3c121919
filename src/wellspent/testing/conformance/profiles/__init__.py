"""Profiles: how gateways are set up, limited and read. Each is an ``Adapter``."""

from wellspent.testing.conformance.adapter import Adapter
from wellspent.testing.conformance.profiles.litellm import LiteLLM
from wellspent.testing.conformance.profiles.portkey import Portkey
from wellspent.testing.conformance.profiles.tensorzero import TensorZero
from wellspent.testing.conformance.profiles.wellspent import Wellspent


def profiles() -> dict[str, type[Adapter]]:
    """Every profile that is shipped, by name."""
    return {profile.name: profile for profile in (Adapter, Wellspent, LiteLLM, Portkey, TensorZero)}
