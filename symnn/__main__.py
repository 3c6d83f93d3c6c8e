"""Run the command line with ``python -m symnn``."""

import sys

from symnn.cli import main

if __name__ == "__main__":
    sys.exit(main())
