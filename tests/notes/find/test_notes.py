"""The notes that were given to the project: how much is found in them. Skipped where they are absent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from symnn.notes.find import Document, Fence, find
from symnn.notes.find.inline import scan

Check = Callable[[Document], Document]
Note = Callable[[str, str], Path]


@pytest.mark.parametrize(
    ("folder", "start", "count"),
    [
        ("seeds", "000", 118),
        ("seeds", "001", 34),
        ("seeds", "002", 0),  # seven pairs of dollar signs, all of them around escaped brackets
        ("seeds", "003", 114),
        ("seeds", "004", 15),
        ("dev", "cs231n", 72),
        ("dev", "d2l-backprop", 60),
        ("dev", "d2l-bptt", 131),
        ("dev", "filipecalasans", 91),
        ("dev", "ingenjoy", 3),
        ("dev", "nn-from-scratch", 30),
        ("dev", "zmliao", 30),
    ],
)
def test_latex_spans(folder: str, start: str, count: int, note: Note, checked: Check) -> None:
    document = checked(find(note(folder, start)))
    assert document.kind == "markdown"
    assert document.skipped == ()
    assert sum(span.syntax == "latex" for span in document.spans()) == count
    for span in document.spans():
        if span.syntax == "latex" and "&" not in span.source_text():
            assert span.source_text() == span.text


def test_debris_of_a_converter(note: Note) -> None:
    text = note("seeds", "002").read_text(encoding="utf-8")
    debris = [piece for line in text.split("\n") for piece in scan(line) if piece.kind == "debris"]
    assert len(debris) == 7


def test_plain_formulas(note: Note) -> None:
    document = find(note("seeds", "002"))
    counts = Counter(span.kind for span in document.spans())
    assert counts["fence"] == 40
    assert counts["bold"] + counts["prose"] > 95
    by_line = {line: [s.text for s in document.spans() if s.place.line == line] for line in range(1, 683)}
    assert by_line[384] == ["∂Error/∂y_pred = ∂/∂y_pred [(y_true - y_pred)²] = 2×(y_pred - y_true) = 2×(37 - 24) = 26"]
    assert by_line[164] == ["f(3,2) = 9+8 = 17"]
    assert by_line[408] == ["∂Error/∂y_pred = 26"]
    assert by_line[276] == ["w1=1", "w2=2", "w3=1", "w4=1", "w5=0"]
    assert by_line[533][3:] == ["(3+1×2)² = 25", "2×3×2 = 12", "1×25 + 1×12 + 0 = 37", "(24-37)² = 169"]
    assert by_line[467] == ["h1 = (x1 + w1×x2)² = (3 + 0.948×2)² = (3 + 1.896)² = (4.896)² = 23.97"]
    assert by_line[379] == []


def test_tables(note: Note) -> None:
    first = list(find(note("seeds", "002")).tables())
    assert len(first) == 15
    trace = first[0]
    assert [cell.text for cell in trace.header][2:5] == [
        "f(x) = x²",
        "Gradient f'(x) = 2x",
        "Update: x - 0.1×f'(x)",
    ]
    assert len(trace.rows) == 7
    half_indented = next(table for table in first if table.place.line == 531)
    assert [len(row) for row in half_indented.rows] == [7, 7, 7]
    with_tabs = list(find(note("seeds", "003")).tables())
    assert {table.syntax for table in with_tabs} == {"tab"}
    gate = next(table for table in with_tabs if table.place.line == 61)
    assert [cell.text for cell in gate.header] == ["$x_1$", "$x_2$", "AND"]
    assert len(gate.rows) == 4
    losses = next(table for table in with_tabs if table.place.line == 609)
    assert losses.header == ()
    assert len(losses.rows) == 6


def test_html_inside_markdown(note: Note) -> None:
    document = find(note("seeds", "004"))
    texts = [span.text for span in document.spans() if span.syntax == "latex"]
    assert texts[0] == "f \\colon \\mathbb{R}^n \\rightarrow \\mathbb{R}^m"
    attention = "\\text{Attention}(Q, K, V) = \\text{softmax}\\left( \\frac{QK^T}{\\sqrt{d_k}} \\right) V"
    assert texts[-1] == attention
    assert len(list(document.tables())) == 4
    assert len(list(document.headings())) == 21


def test_code_stays_code(note: Note) -> None:
    document = find(note("dev", "nn-from-scratch"))
    assert all(block.is_code for block in document.blocks if isinstance(block, Fence))


@pytest.mark.parametrize("start", ["000", "001", "002", "003"])
def test_headings_and_fences_agree_with_commonmark(start: str, note: Note) -> None:
    """A second opinion on the blocks, by a reader that knows no mathematics."""
    markdown_it = pytest.importorskip("markdown_it")
    path = note("seeds", start)
    document = find(path)
    text = path.read_text(encoding="utf-8")
    if document.front_matter is not None:
        end = document.front_matter.place.end_line
        text = "\n" * end + text.split("\n", end)[end]
    parsed = markdown_it.MarkdownIt("commonmark").enable("table").parse(text)
    headings = [token.map[0] + 1 for token in parsed if token.type == "heading_open"]
    assert [heading.place.line for heading in document.headings()] == headings
    fences = [token.map[0] + 1 for token in parsed if token.type == "fence"]
    assert [fence.place.line for fence in document.fences()] == fences
