"""A report as JSON."""

from __future__ import annotations

import json

from symnn.notes.judge.claims import Report


def render_json(report: Report) -> str:
    """The report as JSON, indented, in UTF-8.

    >>> from symnn.notes.judge.claims import FileReport
    >>> print(render_json(Report((FileReport("a.md", ()),))))
    {
      "files": [
        {
          "path": "a.md",
          "claims": []
        }
      ]
    }
    """
    return json.dumps(report.as_json(), ensure_ascii=False, indent=2)
