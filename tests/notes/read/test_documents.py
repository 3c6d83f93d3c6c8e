"""Other kinds of documents than Markdown, standard input, and random notes."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symnn.errors import SymnnError
from symnn.notes.find import find
from symnn.notes.read import network_from_document, network_from_note

FORMULAS = (r"y = \sigma(w^\top x)", r"L = \frac12 (y - t)^2")

TEX = r"""\documentclass{article}
\newcommand{\act}[1]{\sigma\left(#1\right)}
\DeclareMathOperator{\relu}{ReLU}
\begin{document}
\section{Model}
Let $x \in \mathbb{R}^n$ and
\begin{align}
h &= \relu(W x), \\
y &= \act{v^\top h}.
\end{align}
\[ L = \frac12 (y - t)^2 \]
\end{document}
"""


def test_latex_with_macros(tmp_path: Path) -> None:
    path = tmp_path / "note.tex"
    path.write_text(TEX, encoding="utf-8")
    network = network_from_note(path)
    assert [e.name for e in network.equations if not e.hidden] == ["h", "y", "L"]
    assert [t.name for t in network.parameters] == ["W", "v"]


def test_notebook(tmp_path: Path) -> None:
    source = [f"$$ {formula} $$\n\n" for formula in FORMULAS]
    cells = [{"cell_type": "markdown", "metadata": {}, "source": source}]
    path = tmp_path / "note.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), encoding="utf-8")
    assert [t.name for t in network_from_note(path).parameters] == ["w"]


def test_html(tmp_path: Path) -> None:
    path = tmp_path / "note.html"
    body = "".join(f"<p>\\[ {formula} \\]</p>" for formula in FORMULAS)
    path.write_text(f"<!DOCTYPE html><html><body><h1>Model</h1>{body}</body></html>", encoding="utf-8")
    network = network_from_note(path)
    assert network.title == "Model"
    assert [t.name for t in network.targets] == ["t"]


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    class Standard:
        buffer = io.BytesIO("\n\n".join(f"$$ {formula} $$" for formula in FORMULAS).encode())

    monkeypatch.setattr(sys, "stdin", Standard())
    assert network_from_note("-").loss.name == "L"


NAMES = st.sampled_from(
    [
        "x",
        "y",
        "W",
        "b",
        "h_1",
        "W_1",
        "a_i",
        "x_i",
        "x_{ij}",
        "h_t",
        "h_{t-1}",
        r"\hat{y}",
        r"\sigma",
        "f",
        "T",
        "n",
        "2",
        "0",
        r"w^\top",
        "W^T",
        "a^{(1)}",
        r"a^{(\ell)}",
        "z'",
        "e",
        r"\mathbf{1}",
        "I",
        r"\lambda",
        "x_{i+1}",
        "-1",
        "L",
        "X",
        "W_{12}",
        "x_n",
    ]
)


def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, st.sampled_from([" + ", " - ", " ", r" \cdot ", r" \odot ", r" \otimes "]), inner).map(
            "".join
        ),
        st.tuples(inner, inner).map(lambda p: rf"\frac{{{p[0]}}}{{{p[1]}}}"),
        st.tuples(
            st.sampled_from(
                [
                    r"\sigma(%s)",
                    r"f(%s)",
                    r"\sum_i %s",
                    r"\sum_{k=1}^n %s",
                    r"\|%s\|^2",
                    r"\max(0, %s)",
                    r"(%s)^\top",
                    r"\operatorname{softmax}(%s)",
                    "(%s)^2",
                    r"\operatorname{tr}(%s)",
                    r"\operatorname{diag}(%s)",
                    r"\sqrt{%s}",
                    r"\begin{cases} %s & x > 0 \\ 0 & \text{otherwise} \end{cases}",
                ]
            ),
            inner,
        ).map(lambda p: p[0].replace("%s", p[1])),
    )


EXPRESSIONS = st.recursive(NAMES, larger, max_leaves=8)
LEFT = st.sampled_from(
    ["h_1", "a_i", "h_t", r"a^{(\ell)}", "p", r"\hat{y}", "L", "y", "f(x)", "a_{ij}", "z'", "x_{t+1}"]
)
FACTS = st.sampled_from(
    [
        r"x \in \mathbb{R}^n",
        r"W \in \mathbb{R}^{m \times n}",
        r"f: \mathbb{R} \to \mathbb{R}",
        "h_0 = 0",
        "n = 3",
        "x > 0",
        r"W = \begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}",
        "f(u) = u^2 + w",
        "a^{(0)} = x",
        r"W = W^\top",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(FACTS, max_size=3), st.lists(st.tuples(LEFT, EXPRESSIONS), max_size=4), EXPRESSIONS)
def test_random_notes_give_a_network_or_one_message(
    facts: list[str], definitions: list[tuple[str, str]], loss: str
) -> None:
    lines = [f"${fact}$" for fact in facts]
    lines += [f"$$ {left} = {right} $$" for left, right in (*definitions, ("L", loss))]
    try:
        network = network_from_document(find("\n\n".join(lines), name="note.md"))
    except SymnnError:
        return
    assert network.loss.rank == 0
