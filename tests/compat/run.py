"""Entry of the comparisons: `python tests/compat/run.py`. See README.md."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from compare.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
