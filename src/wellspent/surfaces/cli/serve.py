"""``wellspent serve`` and ``wellspent demo``: the parts that need the whole product."""

from importlib import import_module

from wellspent.surfaces.cli.common import COMMON, Common


def serve(*, host: str | None = None, port: int | None = None, common: Common = COMMON) -> None:
    """Start the gateway and its page, and print what to paste into each client.

    Args:
        host: The address to listen on.
        port: The port to listen on.
    """
    config = common.load(host=host, port=port)
    import_module("wellspent.wiring").serve(config)  # by name: surfaces are below the composition root


def demo(*, host: str | None = None, port: int | None = None, common: Common = COMMON) -> None:
    """Start everything on a made-up company: gateway, shipped fake provider, live traffic, and the page.

    Args:
        host: The address to listen on.
        port: The port to listen on.
    """
    config = common.load(host=host, port=port)
    import_module("wellspent.demo").run(config)
