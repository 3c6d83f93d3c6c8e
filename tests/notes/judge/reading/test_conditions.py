"""A claim beside a condition need only hold where the condition does."""

from __future__ import annotations

from verdicts import said_of

SOFTMAX = r"""
Let $z \in \mathbb{R}^n$.

$$ p_i = \frac{e^{z_i}}{\sum_k e^{z_k}} $$
"""


def test_a_case_holds_where_it_is_meant() -> None:
    case = r"$$ \frac{\partial p_i}{\partial z_j} = p_i (1 - p_i) \quad \text{if } i = j $$"
    assert said_of(SOFTMAX, case)[0].verdict in ("proved", "agrees")


def test_a_case_is_wrong_where_it_is_not_even_true_there() -> None:
    case = r"$$ \frac{\partial p_i}{\partial z_j} = p_i (1 + p_i) \quad \text{if } i = j $$"
    assert said_of(SOFTMAX, case)[0].verdict not in ("proved", "agrees")


def test_a_slope_for_positive_numbers() -> None:
    note = r"$$ f(x) = \max(0, x) $$"
    assert said_of(note, r"$$ f'(x) = 1, \quad x > 0 $$")[0].verdict == "proved"
    for wrong in ("0", "x", "2"):
        assert said_of(note, rf"$$ f'(x) = {wrong}, \quad x > 0 $$")[0].verdict not in ("proved", "agrees")


def test_what_follows_from_an_equation_to_solve_is_no_identity() -> None:
    note = r"""
Let $C \in \mathbb{R}^{n \times n}$ with $C = C^\top$, $w \in \mathbb{R}^n$.

$$ 2 C w - 2 \lambda w = 0 $$

$$ C w = \lambda w $$
"""
    assert said_of(note)[-1].verdict == "undecided"
