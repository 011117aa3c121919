"""``python -m wellspent``."""

import sys

from wellspent.surfaces.cli.app import main

sys.exit(main())
