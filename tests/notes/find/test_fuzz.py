"""Whatever a document holds, the finder returns places that are true, or raises its own error."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from symnn.notes.find import Document, FindError, Kind, find

Check = Callable[[Document], Document]
Linear = Callable[[Callable[[int], object], int], bool]

_PIECES = r"""
$ $$ \( \) \[ \] \\( \\) \begin{align} \end{align} \begin{equation} \end{equation} \\ & ``` ```math ~~~
` | |---| - * ** > # ## 1. === --- <p> </p> <b> </b> <table> <tr> <td> </table> <span> </span> <li>
&times; &lt; <br> <!-- --> <script> </script> \newcommand{\a}[1]{#1} \def\a{b} \input{x} \item \section{
} % .. :math:` `` :: $\[$ $\]$ \text{ x = 26 ∂L/∂w5 (x1 + 2)² 가 26을 η × → ← f(x) , ; : . 1,000 y_pred
Error the loss - + / ^ _ { } ( ) [ ] <math> </math> <mfrac> <msup> <mi>x</mi> <mn>1</mn> <mo>=</mo> <mtable> <mtr> <mtd> ::: {% highlight x %} .. math:: := ≈ 0.5 𝐖 ŷ ' ᵀ
e^(-x)
"""
_SPACES = ["\n", "\n\n", " ", "    ", "\t", "\r\n", "\r", "\n> ", "\n- ", "\n    ", "\n| ", "\x00"]
_ODD = ["\ufffc", "\ufffe", "\u2028", "\x0b", "\u200b"]
PIECES = st.sampled_from([*_PIECES.split(), *_SPACES, *_ODD])
DOCUMENTS = st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=200)
KINDS: list[Kind] = ["markdown", "latex", "rst", "html", "text"]
settings.register_profile("finder", deadline=None, suppress_health_check=list(HealthCheck), max_examples=150)


@pytest.mark.parametrize("kind", KINDS)
def test_any_text(kind: Kind, checked: Check) -> None:
    @settings(settings.get_profile("finder"))
    @given(DOCUMENTS)
    def run(text: str) -> None:
        try:
            document = find(text, name="n", kind=kind)
        except FindError:
            assert not text.strip().strip("\ufeff") or "\x00" in text
            return
        checked(document)

    run()


@settings(settings.get_profile("finder"))
@given(DOCUMENTS)
def test_any_text_without_a_kind(text: str) -> None:
    try:
        document = find(text, name="n")
    except FindError:
        return
    assert document.text == text.removeprefix("\ufeff")


def test_any_cell_of_a_notebook(checked: Check) -> None:
    @settings(settings.get_profile("finder"))
    @given(DOCUMENTS, st.booleans())
    def run(text: str, ascii_only: bool) -> None:
        if "\x00" in text:
            return
        raw = json.dumps({"cells": [{"cell_type": "markdown", "source": text}], "nbformat": 4}, ensure_ascii=ascii_only)
        document = find(raw, name="n.ipynb")
        for span in document.spans():
            assert document.slice(span.place_of(0))
        found = [span.text for span in document.spans()]
        assert found == [
            s.text for s in find("x\n\n" + text.replace("\r\n", "\n"), name="n.md", kind="markdown").spans()
        ] or any(mark in text for mark in ("---", "\r", "\ufeff", "==="))

    run()


@settings(settings.get_profile("finder"))
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    try:
        document = find(data, name="n.md")
    except FindError as error:
        refused = error.path
    else:
        refused = "n.md" if document.text else None
    assert refused == "n.md"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "unit",
    [
        "$$",
        "$x$ ",
        "> ",
        "- ",
        "|a",
        "a|b\n|-|-|\n",
        "a\tb\n",
        "```\n",
        "<div>",
        "<table>",
        "<pre>",
        "# ",
        "\\[ a\n",
        "$$\n\n",
        "    x\n\n",
        "**a = b** ",
        "* * ",
        "x = 1, ",
        "\\begin{align}\n",
        "::\n\n",
        "[a]: b\n",
        "<!--",
        "1. a\n  ",
        "a\n=\n",
    ],
)
def test_time_is_linear(kind: Kind, unit: str, is_linear: Linear) -> None:
    assert is_linear(lambda size: find(unit * (size // len(unit)) + "x", name="n", kind=kind), 16_000)
