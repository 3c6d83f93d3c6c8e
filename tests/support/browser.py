"""Pages in a real browser: what a script measures on a page that Chromium has laid out."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

needs_browser = pytest.mark.skipif(shutil.which("chromium") is None, reason="needs chromium")


def dumped(path: Path, profile: Path, *options: str) -> str:
    """The elements of a page as the browser has built them."""
    command = (
        "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        f"--user-data-dir={profile}", *options, "--dump-dom", path.as_uri(),
    )  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


def measured(page: str, script: str, folder: Path, *, width: int) -> Any:
    """The value of a JavaScript expression on a page of this width, in pixels."""
    path = folder / "measured.html"
    store = f"document.documentElement.dataset.measured = JSON.stringify({script})"
    path.write_text(page.replace("</body>", f"<script>{store}</script></body>"), encoding="utf-8")
    dom = dumped(path, folder / "profile", f"--window-size={width},1000")
    found = re.search(r'data-measured="([^"]*)"', dom)
    assert found is not None, "the script failed"
    return json.loads(html.unescape(found[1]))
