"""``python -m wellspent.testing.provider --port 9001``: the fake provider in the foreground, until interrupted."""

import argparse
import contextlib
import signal
import sys
from pathlib import Path

from wellspent.testing.provider.fake import FakeProvider


def main() -> int:
    """Serve; the address is the first line on stdout. Exit code 1 where the port is taken."""
    parser = argparse.ArgumentParser(prog="python -m wellspent.testing.provider", description="A fake LLM provider on loopback.")
    parser.add_argument("--port", type=int, default=9001, help="0 takes any free port (default: 9001)")
    parser.add_argument("--log", type=Path, default=None, help="a file that gets a line of JSON per call")
    parser.add_argument("--name", default="", help="directives with at=NAME are only for this one")
    parser.add_argument("--key", default="", help="the only credential let in (default: any)")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    provider = FakeProvider(options.port, log_path=options.log, name=options.name, key=options.key, keep_bodies=False)
    try:
        provider.start()
    except OSError as error:
        print(f"cannot listen on port {options.port}: {error}; choose another with --port", file=sys.stderr)
        return 1
    with contextlib.suppress(KeyboardInterrupt):
        print(provider.url, flush=True)
        provider.wait()
    provider.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
