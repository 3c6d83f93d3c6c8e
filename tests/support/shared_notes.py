"""Where the judged notes are that are kept beside the project, and not in it; tests that need them skip without them."""

from __future__ import annotations

import os
from pathlib import Path

SHARED = Path(os.environ.get("SYMNN_SHARED_NOTES", Path(__file__).resolve().parents[3] / "shared" / "notes"))
