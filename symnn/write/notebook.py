"""Documents as Jupyter notebooks: Markdown cells with the text, code cells with the Python of the document.

The file follows version 4.5 of the notebook format. Cells are numbered, not named at random, so that the
same document gives the same bytes.
"""

from __future__ import annotations

import json

from symnn.write.check import check_document
from symnn.write.document import CodeBlock, Document, Section
from symnn.write.formulas import Printers, notation_printers
from symnn.write.markdown import MarkdownRenderer


def render_notebook(document: Document, printers: Printers | None = None) -> str:
    """Render a document as a notebook: a cell for each section, and one for each block of Python.

    Raises `DocumentError` for a document that cannot be printed.

    >>> import json
    >>> cells = json.loads(render_notebook(Document("A title", (CodeBlock("1 + 1", "python"),))))["cells"]
    >>> [(cell["cell_type"], cell["source"]) for cell in cells]
    [('markdown', ['# A title']), ('code', ['1 + 1'])]
    """
    check_document(document)
    renderer = MarkdownRenderer(document, printers or notation_printers())
    sources: list[tuple[str, str]] = [("markdown", renderer.head())]
    pending = list(reversed(document.blocks))
    while pending:
        block = pending.pop()
        if isinstance(block, Section):
            sources.append(("markdown", renderer.section_head(block)))
            pending.extend(reversed(block.blocks))
        elif isinstance(block, CodeBlock) and block.language == "python":
            sources.append(("code", block.text.strip("\n")))
        elif sources[-1][0] == "markdown":
            text = renderer.block(block).strip("\n")
            sources[-1] = ("markdown", f"{sources[-1][1]}\n\n{text}")
        else:
            sources.append(("markdown", renderer.block(block).strip("\n")))
    if document.metadata:
        sources.append(("markdown", renderer.foot()))
    notebook = {
        "cells": [_cell(number, kind, source) for number, (kind, source) in enumerate(sources)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def _cell(number: int, kind: str, source: str) -> dict[str, object]:
    """One cell. Its source is a list of lines with their ends, as Jupyter itself writes it."""
    cell: dict[str, object] = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}}
    if kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    return cell | {"source": source.splitlines(keepends=True)}
