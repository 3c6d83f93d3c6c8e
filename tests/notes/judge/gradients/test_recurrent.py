"""Derivatives through recurrences count every way through time, in scalars and in vectors."""

from __future__ import annotations

import pytest

from symnn.notes.find import find
from symnn.notes.judge.claims import Claim
from symnn.notes.judge.judge import judge_document

SCALAR = r"""
Let $x \in \mathbb{R}^T$, $d \in \mathbb{R}^T$ and $h_0 = 0$; $u$, $w$ and $v$ are numbers.

$$ h_t = \tanh(w x_t + u h_{t-1}) $$

$$ L = \frac{1}{2} \sum_{t=1}^T (v h_t - d_t)^2 $$
"""

VECTOR = r"""
For $t = 1, \dots, T$ let $x_t \in \mathbb{R}^n$ and $h_t \in \mathbb{R}^m$; $h_0 = 0$, $W \in \mathbb{R}^{m \times n}$,
$U \in \mathbb{R}^{m \times m}$, $v \in \mathbb{R}^m$.

$$ a_t = W x_t + U h_{t-1} $$

$$ h_t = \tanh(a_t) $$

$$ L = \sum_{t=1}^T v^\top h_t $$
"""


def judged(note: str, claim: str) -> Claim:
    report = judge_document(find(f"{note}\n$$ {claim} $$\n", name="note.md"))
    return report.claims[-1]


@pytest.mark.parametrize(
    "claim",
    [
        r"\frac{\partial L}{\partial h_T} = v (v h_T - d_T)",
        r"\frac{\partial L}{\partial v} = \sum_{t=1}^T (v h_t - d_t) h_t",
        r"\frac{\partial h_t}{\partial h_{t-1}} = u (1 - h_t^2)",
    ],
)
def test_numbers(claim: str) -> None:
    assert judged(SCALAR, claim).verdict == "proved"


def test_what_takes_too_long_to_prove_agrees() -> None:
    step = r"\frac{\partial L}{\partial h_t} = v (v h_t - d_t) + u (1 - h_{t+1}^2) \frac{\partial L}{\partial h_{t+1}}"
    assert judged(SCALAR, step).verdict in ("proved", "agrees")


@pytest.mark.parametrize(
    "claim",
    [
        r"\frac{\partial L}{\partial h_t} = v (v h_t - d_t)",
        r"\frac{\partial L}{\partial h_t} = v (v h_t - d_t) + u (1 - h_t^2) \frac{\partial L}{\partial h_{t+1}}",
        r"\frac{\partial L}{\partial w} = \sum_{t=1}^{T-1} \frac{\partial L}{\partial h_t} (1 - h_t^2) x_t",
        r"\frac{\partial h_t}{\partial h_{t-1}} = u (1 - h_{t-1}^2)",
    ],
)
def test_a_way_that_is_left_out_is_never_right(claim: str) -> None:
    assert judged(SCALAR, claim).verdict not in ("proved", "agrees")


@pytest.mark.parametrize(
    "claim",
    [
        r"\frac{\partial L}{\partial h_t} = v + U^\top \frac{\partial L}{\partial a_{t+1}}",
        r"\frac{\partial L}{\partial a_t} = \frac{\partial L}{\partial h_t} \odot (1 - h_t \odot h_t)",
        r"\frac{\partial L}{\partial W} = \sum_{t=1}^T \frac{\partial L}{\partial a_t} x_t^\top",
        r"\frac{\partial L}{\partial U} = \sum_{t=1}^T \frac{\partial L}{\partial a_t} h_{t-1}^\top",
        r"\frac{\partial a_t}{\partial h_{t-1}} = U",
        r"\frac{\partial a_{t+1}}{\partial a_t} = U \operatorname{diag}(1 - h_t \odot h_t)",
    ],
)
def test_vectors(claim: str) -> None:
    assert judged(VECTOR, claim).verdict in ("proved", "agrees")


@pytest.mark.parametrize(
    "claim",
    [
        r"\frac{\partial L}{\partial h_t} = v",
        r"\frac{\partial L}{\partial h_t} = v + U \frac{\partial L}{\partial a_{t+1}}",
        r"\frac{\partial L}{\partial U} = \sum_{t=1}^T \frac{\partial L}{\partial a_t} h_t^\top",
    ],
)
def test_wrong_vectors(claim: str) -> None:
    assert judged(VECTOR, claim).verdict in ("refuted", "undecided")


def test_a_wrong_transpose_through_time_is_found() -> None:
    claim = judged(VECTOR, r"\frac{\partial L}{\partial h_t} = v + U \frac{\partial L}{\partial a_{t+1}}")
    assert (claim.verdict, claim.slip) == ("refuted", "transpose")


@pytest.mark.parametrize(
    "claim", [r"\frac{\partial L}{\partial h_t} = 5 h_{-t-1}", r"2 h_t = 3 h_{t+T}", r"2 h_{t+1} = h_{-t}"]
)
def test_what_is_said_of_no_entry_is_not_proved(claim: str) -> None:
    assert judged(SCALAR, claim).verdict == "undecided"
