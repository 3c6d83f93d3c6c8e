"""Update rules with the gradient written out are judged by their direction, like those that name it."""

import pytest

from symnn.notes.find import find
from symnn.notes.judge.judge import all_judges, judge_document

REGRESSION = r"""
$$ J(\theta) = \frac{1}{2m} \sum_{i=1}^m (h_\theta(x^{(i)}) - y^{(i)})^2, \quad h_\theta(x) = \theta^T x $$

"""
NEURON = r"""
$$ E = \frac{1}{2} (y - w^T x)^2 $$

"""


def verdict(note: str) -> tuple[str, str]:
    """The verdict on the last claim of a note, and its slip."""
    claim = judge_document(find(note, name="note.md"), all_judges()).claims[-1]
    return claim.verdict, claim.slip


@pytest.mark.parametrize(
    ("note", "rule"),
    [
        (REGRESSION, r"\theta_j := \theta_j - \alpha \frac{1}{m} \sum_{i=1}^m (h_\theta(x^{(i)}) - y^{(i)}) x_j^{(i)}"),
        (REGRESSION, r"\theta_j := \theta_j + \alpha \sum_{i=1}^m (y^{(i)} - h_\theta(x^{(i)})) x_j^{(i)}"),
        (REGRESSION, r"\theta_j := \theta_j - \frac{\alpha}{m} \sum_{i=1}^m (h_\theta(x^{(i)}) - y^{(i)}) x_j^{(i)}"),
        (NEURON, r"w \leftarrow w + \eta (y - w^T x) x"),
    ],
)
def test_descent(note: str, rule: str) -> None:
    assert verdict(f"{note}$$ {rule} $$\n") == ("agrees", "")


@pytest.mark.parametrize(
    ("note", "rule"),
    [
        (REGRESSION, r"\theta_j := \theta_j + \alpha \frac{1}{m} \sum_{i=1}^m (h_\theta(x^{(i)}) - y^{(i)}) x_j^{(i)}"),
        (REGRESSION, r"\theta_j := \theta_j - \alpha \sum_{i=1}^m (y^{(i)} - h_\theta(x^{(i)})) x_j^{(i)}"),
        (NEURON, r"w \leftarrow w - \eta (y - w^T x) x"),
    ],
)
def test_ascent(note: str, rule: str) -> None:
    assert verdict(f"{note}$$ {rule} $$\n") == ("refuted", "direction")


def test_what_is_no_gradient_is_not_judged() -> None:
    rule = r"\theta_j := \theta_j + \alpha \sum_{i=1}^m (h_\theta(x^{(i)}) - y^{(i)})^2 x_j^{(i)}"
    assert verdict(f"{REGRESSION}$$ {rule} $$\n")[0] == "undecided"


def test_one_who_climbs_on_purpose_is_not_wrong() -> None:
    note = f"{NEURON}For an attack we maximise the error instead:\n\n$$ w \\leftarrow w - \\eta (y - w^T x) x $$\n"
    assert verdict(note)[0] == "undecided"


UPDATES = r"""
$$ E = \frac{1}{2} (o - t)^2 $$

$$ \Delta w_5 = \eta \frac{\partial E}{\partial w_5}, \quad w_5' = w_5 - \Delta w_5 $$

"""


def test_what_is_done_with_one_change_does_not_turn_the_rule_for_all() -> None:
    assert verdict(UPDATES + r"$$ \Delta w = - \eta \frac{\partial E}{\partial w} $$")[0] == "agrees"
    assert verdict(UPDATES + r"$$ \Delta w = \eta \frac{\partial E}{\partial w} $$")[0] == "undecided"
