"""Notebooks: places are those of the notebook's own file."""

from __future__ import annotations

import json
from collections.abc import Callable

import nbformat
import pytest

from symnn.notes.find import Document, FindError, find

Check = Callable[[Document], Document]


def notebook(*cells: tuple[str, object]) -> dict[str, object]:
    made = [{"cell_type": kind, "metadata": {}, "source": source, "outputs": []} for kind, source in cells]
    return {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("as_list", [True, False])
def test_places(indent: int | None, as_list: bool, checked: Check) -> None:
    source = '# "T"\n\nthe $\\frac{a}{b}$ is\n\n$$\n\\alpha\t= 1\n$$\n'
    body = source.splitlines(keepends=True) if as_list else source
    text = json.dumps(notebook(("code", "x = $1$"), ("markdown", body)), indent=indent)
    document = checked(find(text, name="n.ipynb"))
    assert document.kind == "notebook"
    spans = list(document.spans())
    assert [s.text for s in spans] == ["\\frac{a}{b}", "\\alpha\t= 1"]
    assert [s.place.cell for s in spans] == [2, 2]
    assert document.slice(spans[0].place) == "\\\\frac{a}{b}"
    assert spans[0].section == ('"T"',)
    brace = spans[0].place_of(5)
    assert document.slice(brace) == "{"
    lines = text.splitlines()
    assert lines[brace.line - 1][brace.column - 1] == "{"


def test_escapes_keep_their_places() -> None:
    source = "\\ud835\\udc65 $\\u2202 L \\u0041$ \\ud800"
    raw = f'{{"cells": [{{"cell_type": "markdown", "source": "{source}"}}], "nbformat": 4}}'
    document = find(raw, name="n")
    (span,) = document.spans()
    assert span.text == "∂ L A"
    assert [document.slice(span.place_of(i)) for i in range(5)] == ["\\u2202", " ", "L", " ", "\\u0041"]
    assert document.blocks[0].text.startswith("𝑥 ")


def test_code_cells_are_code() -> None:
    document = find(json.dumps(notebook(("code", ["a = 1\n", "b = a²"]), ("raw", "$x$"))), name="n.ipynb")
    (fence,) = document.fences()
    assert fence.is_code
    assert [line.text for line in fence.lines] == ["a = 1", "b = a²"]
    assert not list(document.spans())


def test_a_real_notebook_by_nbformat(checked: Check) -> None:
    made = nbformat.v4.new_notebook()  # type: ignore[no-untyped-call]
    cells = nbformat.v4
    made.cells = [cells.new_markdown_cell("é $x = 1$"), cells.new_code_cell("1")]  # type: ignore[no-untyped-call]
    document = checked(find(nbformat.writes(made), name="n.txt"))  # type: ignore[no-untyped-call]
    assert document.kind == "notebook"
    assert [s.text for s in document.spans()] == ["x = 1"]


def test_old_notebooks() -> None:
    old = {"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "markdown", "source": ["$x$"]}]}]}
    assert [s.text for s in find(json.dumps(old), name="n.ipynb").spans()] == ["x"]


def test_front_matter_of_a_notebook() -> None:
    document = find(json.dumps(notebook(("markdown", "---\nwrt: W\n---\n$x$"))), name="n.ipynb")
    assert document.front_matter is not None
    assert document.front_matter.data == {"wrt": "W"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"cells": [', "not valid JSON"),
        ('{"cells": 1, "nbformat": 4}', "no list of cells"),
        ('{"a": "cells nbformat"}', "no list of cells"),
        ("[" * 100_000, "JSON|deep"),
        ("{" + '"a":{' * 5000 + "}" * 5001, "deep"),
        ('{"cells": [{"cell_type": "markdown", "source": "\n"}]}', "not valid JSON"),
    ],
)
def test_no_notebook(text: str, message: str) -> None:
    with pytest.raises(FindError, match=message):
        find(text, name="n.ipynb", kind="notebook")


def test_broken_json_is_shown_where_it_breaks() -> None:
    with pytest.raises(FindError) as caught:
        find('{"cells": [\n  oops\n]}', name="n.ipynb")
    assert (caught.value.line, caught.value.column) == (2, 3)


def test_the_output_of_a_notebook_may_be_long() -> None:
    cell = {"cell_type": "code", "source": "1", "outputs": [{"data": "A" * 2_000_000}]}
    text = json.dumps({"cells": [cell, {"cell_type": "markdown", "source": "$x$"}], "nbformat": 4})
    assert [s.text for s in find(text, name="n.ipynb").spans()] == ["x"]
