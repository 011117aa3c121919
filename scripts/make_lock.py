"""Writes requirements.lock: every package of a development set-up, pinned by version and hash, nothing younger than a week.

Run: ``pip install uv`` once, then ``python scripts/make_lock.py`` after a change of pyproject.toml; with ``--upgrade`` to take newer
versions. The file names no registry, so each machine takes the packages from its own.
"""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).parents[1]
COOL_DOWN_DAYS = 7


def main() -> int:
    newest = f"{datetime.now(UTC) - timedelta(days=COOL_DOWN_DAYS):%Y-%m-%d}T00:00:00Z"
    command = [
        *("uv", "pip", "compile", "pyproject.toml", "--group", "dev", "--universal", "--python-version", "3.11", "--generate-hashes"),
        *("--no-emit-index-url", "--no-emit-find-links", "--exclude-newer", newest, "--no-annotate", "-q"),
        *("--custom-compile-command", f"python scripts/make_lock.py (nothing newer than {newest[:10]})", "-o", "requirements.lock"),
        *sys.argv[1:],
    ]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
