"""Random examples that run through a document: right ones are never refuted, and no slip in them is confirmed."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_formulas import thorough
from verdicts import RIGHT, claims_of

from symnn.notes.explain.document import explain
from symnn.notes.judge.claims import Claim
from symnn.notes.judge.process.files import Input
from symnn.write.text import render_text

EXAMPLES = 15


@dataclass(frozen=True)
class Example:
    """The numbers of a perceptron with one hidden unit, as printed in a note."""

    x: str
    w: str
    b: str
    net: str
    out: str
    loss: str
    grad: str
    slope: str
    step: str
    target: str = "0.01"

    @property
    def lines(self) -> tuple[str, ...]:
        """The note, one formula a line."""
        return (
            rf"x = {self.x}, \quad w = {self.w}, \quad b = {self.b}, \quad t = {self.target}",
            rf"net = w x + b = {self.net}",
            rf"out = \frac{{1}}{{1 + e^{{-net}}}} = {self.out}",
            rf"L = \frac{{(t - out)^2}}{{2}} = {self.loss}",
            rf"\frac{{\partial L}}{{\partial out}} = out - t = {self.out} - {self.target} = {self.grad}",
            rf"\frac{{\partial out}}{{\partial net}} = out (1 - out) = {self.out} (1 - {self.out}) = {self.slope}",
            r"\frac{\partial L}{\partial w} = \frac{\partial L}{\partial out} \cdot \frac{\partial out}{\partial net} "
            rf"\cdot x = {self.grad} \cdot {self.slope} \cdot {self.x} = {self.step}",
        )

    def claims(self, *changed: tuple[int, str, str]) -> tuple[Claim, ...]:
        """What is said of the note, with texts in some lines changed."""
        lines = list(self.lines)
        for line, old, new in changed:
            assert old in lines[line]
            head, _, tail = lines[line].rpartition(old)
            lines[line] = head + new + tail
        return claims_of("\n\n".join(f"$${line}$$" for line in lines) + "\n")


@st.composite
def examples(draw: st.DrawFn) -> Example:
    """An example whose numbers are computed from the printed ones, as people do, with some number of digits."""
    places = draw(st.integers(4, 7))

    def two(low: int, high: int) -> float:
        return draw(st.integers(low, high)) / 100

    def printed(value: float) -> str:
        return f"{value:.{places}f}"

    x, w, b = two(11, 99), two(11, 99), two(11, 99)
    net = float(printed(w * x + b))
    out = float(printed(1 / (1 + math.exp(-net))))
    grad = float(printed(out - 0.01))
    slope = float(printed(out * (1 - out)))
    numbers = (net, out, (0.01 - out) ** 2 / 2, grad, slope, grad * slope * x)
    return Example(f"{x:.2f}", f"{w:.2f}", f"{b:.2f}", *map(printed, numbers))


@given(examples())
@thorough(EXAMPLES)
def test_right_examples(example: Example) -> None:
    claims = example.claims()
    assert [claim.source for claim in claims if claim.verdict == "refuted"] == []
    confirmed = [claim for claim in claims if claim.verdict in RIGHT]
    assert len(confirmed) >= 9, [(claim.source, claim.verdict, claim.reason) for claim in claims]


@given(examples(), st.sampled_from(["net", "out", "loss", "grad", "slope", "step"]), st.integers(2, 7))
@thorough(EXAMPLES)
def test_a_slip_in_a_result(example: Example, name: str, digit: int) -> None:
    """The link that ends in the wrong number is not confirmed, and only links that the number stands in are refuted."""
    line = ["", "net", "out", "loss", "grad", "slope", "step"].index(name)
    right = getattr(example, name)
    place = 3 if right[2] == "0" else 2
    wrong = right[:place] + str((int(right[place]) + digit) % 10) + right[place + 1 :]
    claims = example.claims((line, f"= {right}", f"= {wrong}"))
    ends = [claim for claim in claims if claim.source.endswith(f"= {wrong}")]
    assert ends
    assert not [claim for claim in ends if claim.verdict in RIGHT]
    assert not [claim for claim in claims if claim.verdict == "refuted" and wrong not in claim.source]


@given(examples(), st.sampled_from([(4, "out"), (5, "out"), (6, "grad"), (6, "slope")]), st.integers(1, 9))
@thorough(EXAMPLES)
def test_a_number_put_in_wrongly(example: Example, where: tuple[int, str], digit: int) -> None:
    line, name = where
    right = getattr(example, name)
    wrong = right[:3] + str((int(right[3]) + digit) % 10) + right[4:]
    before, _, after = example.lines[line].rpartition(" = ")
    assert right in before
    claims = example.claims(
        (line, f"{before} = {after}", f"{before[::-1].replace(right[::-1], wrong[::-1], 1)[::-1]} = {after}")
    )
    here = [claim for claim in claims if claim.line == 2 * line + 1 and claim.source.count("=") == 1]
    put_in = [claim for claim in here if wrong in claim.source.partition(" = ")[2]]
    assert put_in
    assert not [claim for claim in put_in if claim.verdict in RIGHT]


def test_two_slips_do_not_agree() -> None:
    """A wrong result, and after it a number that does not follow from it."""
    example = Example("0.50", "0.40", "0.30", "0.5000", "0.6225", "0.1876", "0.6125", "0.2350", "0.0720")
    claims = example.claims((1, "0.5000", "0.6000"), (2, "0.6225", "0.6525"))
    said = {claim.source: claim.verdict for claim in claims}
    assert said["w x + b = 0.6000"] == "refuted"
    assert said[r"\frac{1}{1 + e^{-net}} = 0.6525"] not in RIGHT


@pytest.mark.parametrize(
    ("note", "verdict"),
    [
        ("$b_1 = b_2 = 1$", "definition"),
        ("$c = b_2 + 1 = 1$", "undecided"),
    ],
)
def test_names_that_are_given_one_number(note: str, verdict: str) -> None:
    assert {claim.verdict for claim in claims_of(note) if claim.source.endswith("= 1")} == {verdict}


def test_the_reason_names_the_numbers_and_their_lines() -> None:
    note = "$net = w x + b = 0.3775$ as found above.\n\n$out = \\frac{1}{1 + e^{-net}} = 0.59327$\n"
    claim = claims_of(note)[-1]
    assert claim.verdict == "agrees"
    assert "net = 0.3775 (line 1)" in claim.reason
    shown = render_text(explain(Input("note.md", note.encode()), claim.id).document)
    assert "0.3775" in shown
    assert "line 1" in shown
