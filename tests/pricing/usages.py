import msgspec

from wellspent.facts.usage import Usage


def used(quantities: dict[str, int]) -> Usage:
    """A usage from quantities by unit."""
    return msgspec.structs.replace(Usage(), **quantities)
