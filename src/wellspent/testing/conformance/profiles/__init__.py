"""Profiles: how gateways are set up, limited and read. Each is an ``Adapter``."""

import importlib
import importlib.util
import inspect
from pathlib import Path

from wellspent.facts.errors import InvalidInput
from wellspent.testing.conformance.adapter import Adapter

HERE = "wellspent.testing.conformance"
# A profile is imported when it is asked for: wellspent's own needs most of wellspent, and the suite by itself nothing of it.
SHIPPED = {
    "generic": ("adapter", "Adapter"),
    "wellspent": ("profiles.wellspent", "Wellspent"),
    "litellm": ("profiles.litellm", "LiteLLM"),
    "portkey": ("profiles.portkey", "Portkey"),
    "tensorzero": ("profiles.tensorzero", "TensorZero"),
}


def profiles() -> dict[str, type[Adapter]]:
    """Every profile that is shipped, by name."""
    return {name: _shipped(name) for name in SHIPPED}


def _shipped(name: str) -> type[Adapter]:
    module, kind = SHIPPED[name]
    found: type[Adapter] = getattr(importlib.import_module(f"{HERE}.{module}"), kind)
    return found


def profile(name: str) -> type[Adapter]:
    """A shipped profile, or the one in a Python file. Raises InvalidInput."""
    if name in SHIPPED:
        return _shipped(name)
    if not name.endswith(".py"):
        raise InvalidInput(f"there is no profile {name!r}", fix=f"use one of {', '.join(SHIPPED)}, or a Python file with your own")
    path = Path(name)
    if not path.is_file():
        raise InvalidInput(f"there is no file {name}", fix="name a Python file with a subclass of wellspent.testing.conformance.adapter.Adapter")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise InvalidInput(f"{name} cannot be loaded: {type(error).__name__}: {error}", fix="mend it") from error
    own = [each for each in vars(module).values() if inspect.isclass(each) and issubclass(each, Adapter) and each.__module__ == module.__name__]
    if len(own) != 1:
        raise InvalidInput(f"{name} has {len(own)} profiles", fix="give it one subclass of wellspent.testing.conformance.adapter.Adapter")
    return own[0]
