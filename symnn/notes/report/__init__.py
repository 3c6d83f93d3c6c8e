"""Reports of `symnn verify`: text, JSON, SARIF, HTML, and the explanation of one verdict."""

from __future__ import annotations

from collections.abc import Callable

from symnn.errors import SymnnError
from symnn.notes.judge.claims import Report
from symnn.notes.report.html import render_html
from symnn.notes.report.json import render_json
from symnn.notes.report.sarif import render_sarif
from symnn.notes.report.text import render_text

RENDERERS: dict[str, Callable[[Report], str]] = {
    "text": render_text, "json": render_json, "sarif": render_sarif, "html": render_html,
}  # fmt: skip


def render(report: Report, format: str) -> str:
    """The report in one of the formats, with an end of line at its end. Raises SymnnError for another format."""
    renderer = RENDERERS.get(format)
    if renderer is None:
        raise SymnnError(f"there is no format {format}; there are {', '.join(RENDERERS)}")
    text = renderer(report)
    return text if text.endswith("\n") else text + "\n"


__all__ = ["RENDERERS", "render"]
