"""Whatever a note holds: every claim is judged within its bounds, told at its true place, and nothing is raised."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symnn.notes.find import FindError, Kind, find
from symnn.notes.judge import Claim, FileReport, Report
from symnn.notes.judge.judge import judge_document
from symnn.notes.judge.links import SHOWN
from symnn.notes.report import RENDERERS, render
from symnn.notes.report.formulas import formulas_of

SECONDS = 60.0
"""Far more than a note of a few lines takes, also on a slow machine; a hang takes longer."""

LETTERS = st.sampled_from(
    ["x", "y", "W", "b", "z", "h", "L", "f", r"\sigma", r"\delta", "a_1", "w_{ij}", r"\hat{y}", "t", "n", r"\eta"]
)
NUMBERS = st.sampled_from(["0", "1", "2", "3.14", "0.1", "10", "1e-8", r"\infty", "-1", "99999999999999999999"])
ATOMS = LETTERS | NUMBERS


def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Formulas made from smaller ones, sensible ones and others."""
    one = st.sampled_from(
        [
            "({})", "{}^2", "{}^T", "-{}", r"\sigma({})", r"\log {}", r"e^{{{}}}", r"\sqrt{{{}}}", "f({})", "f'({})",
            r"\|{}\|^2", r"\sum_i {}", r"\sum_{{i=1}}^n {}_i", "{}_i", r"\frac{{d}}{{dx}} {}", r"\nabla_x {}", "{}!",
            r"\frac{{\partial L}}{{\partial {}}}", r"\mathrm{{ReLU}}({})", r"\mathrm{{softmax}}({})_i", r"\left({}\right)",
            r"\begin{{pmatrix}} {} & 1 \\ 0 & 2 \end{{pmatrix}}", r"\max(0, {})", "{}^{{-1}}", r"\text{{if }} {}", "{{{}}}",
        ]
    )  # fmt: skip
    two = st.sampled_from(
        [
            "{} + {}", "{} - {}", "{} {}", r"{} \cdot {}", r"{} \odot {}", r"\frac{{{}}}{{{}}}", "{} / {}", "{}^{{{}}}", "{}_{{{}}}",
            r"{} \times {}", r"{} \otimes {}", "({}, {})", r"\frac{{\partial {}}}{{\partial {}}}", "{}^T {}", r"\min({}, {})",
        ]
    )  # fmt: skip
    return st.builds(str.format, one, inner) | st.builds(str.format, two, inner, inner)


FORMULAS = st.recursive(ATOMS, larger, max_leaves=8)
LINKS = st.sampled_from(["=", "=", "=", r"\approx", ":=", r"\leftarrow", "=&", r"\le", r"\in", r"\equiv", r"\to"])
CLAIMS = st.builds("{} {} {}".format, FORMULAS, LINKS, FORMULAS) | st.builds(
    "{0} = {1} = {2}".format, FORMULAS, FORMULAS, FORMULAS
)
DEFINITIONS = st.sampled_from(
    [
        r"z = W x + b", r"h = \sigma(z)", r"L = \frac12 \|h - y\|^2", "f(x) = x^2", r"x \in \mathbb{R}^n", r"h_t = \tanh(U h_{t-1} + x_t)",
        r"W \in \mathbb{R}^{m \times n}", r"\delta = \frac{\partial L}{\partial z}", "x = 3", r"p_i = e^{z_i} / \sum_k e^{z_k}",
    ]
)  # fmt: skip
WRAPPERS = st.sampled_from(
    [
        "$${}$$\n\n",
        "so ${}$ and ",
        "- \\({}\\)\n",
        "> $$ {} $$\n\n",
        "```math\n{}\n```\n\n",
        "| ${}$ | 3 |\n|---|---|\n| 1 | 2 |\n\n",
    ]
)
PLAIN = st.sampled_from(
    [
        "∂L/∂w = 26 × 1 = 26\n", "3 + 4 = 8\n", "w ← w − 0.1 × 6 = 2.4\n", "| x | f(x) = x² | f'(x) |\n|---|---|---|\n| 3 | 9 | 6 |\n| 4 | 17 | 8 |\n\n",
        "# Loss\n\n", "(1, 0) → 1\n", "**f(x) = x³**\n", "σ(0) = 0.5, σ(2) ≈ 0.88\n", "| x1 | x2 | AND |\n|---|---|---|\n| 0 | 1 | 1 |\n\n",
    ]
)  # fmt: skip
LINES = (
    st.builds(lambda wrapper, claim: wrapper.replace("{}", claim), WRAPPERS, CLAIMS | DEFINITIONS | FORMULAS) | PLAIN
)
NOTES = st.lists(LINES, min_size=1, max_size=7).map("".join)


def judged(text: str, kind: Kind | None = None) -> FileReport:
    """The report on a note, in bounded time."""
    started = time.process_time()
    document = find(text, name="n.md", kind=kind)
    report = judge_document(document)
    assert time.process_time() - started < SECONDS
    return replace(report, texts={"n.md": document.text}, formulas=formulas_of(document))


def written(claim: Claim, lines: list[str]) -> str:
    """What stands in the note from the line and column of a claim to its end."""
    rows = lines[claim.line - 1 : claim.end_line]
    rows[-1] = rows[-1][: claim.end_column - 1]
    rows[0] = rows[0][claim.column - 1 :]
    return "\n".join(rows)


def squashed(text: str) -> str:
    """A formula without what lays it out: spaces, marks of alignment, of quotes and of bold type."""
    for command, shown in SHOWN.items():
        text = re.sub(rf"\\{command}(?![A-Za-z])", shown, text)
    return re.sub(r"\\\\|[\s&*>{}]|^\$+|\$+$", "", text)


def check(report: FileReport, text: str) -> None:
    """What holds for every report."""
    assert report.problem == ""
    lines = text.splitlines()
    for number, claim in enumerate(report.claims, start=1):
        assert claim.id == number
        assert "a defect in symnn" not in claim.reason, claim
        assert claim.source_line == lines[claim.line - 1]
        assert 1 <= claim.column <= len(claim.source_line) + 1
        assert claim.line <= claim.end_line <= len(lines)
        assert squashed(written(claim, lines)) in squashed(claim.source), "the place of a claim is that of its source"
        assert claim.verdict != "refuted" or claim.slip
    for format_ in RENDERERS:
        shown = render(Report((report,)), format_)
        assert shown.endswith("\n")
        if format_ in ("json", "sarif"):
            json.loads(shown)


@settings(settings.get_profile("verify"))
@given(NOTES)
def test_any_note(text: str) -> None:
    check(judged(text), text)


@settings(settings.get_profile("verify"))
@given(st.lists(st.sampled_from(list("abxyWL012.()[]{}^_+-*/=&|$\\ \n'∂Σσ×≈²ᵀ→,;:!#<>")), max_size=60).map("".join))
def test_any_characters(text: str) -> None:
    try:
        report = judged(text)
    except FindError:
        assert not text.strip()
        return
    check(report, text)


@pytest.mark.parametrize("kind", ["latex", "html", "rst", "text"])
def test_any_note_as_another_kind_of_document(kind: Kind) -> None:
    @settings(settings.get_profile("verify"), max_examples=10)
    @given(NOTES)
    def run(text: str) -> None:
        check(judged(text, kind), text)

    run()
