"""Repetitions and chains: what is equal passes, what differs is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from symnn.formula.nodes import Tensor
from symnn.network.equations import Network
from symnn.notes.read import ReadingError
from symnn.notes.read.witness import differ

EQUAL = [
    r"h = \sigma(a) = \frac{1}{1 + e^{-a}} = \frac{e^a}{1 + e^a}",
    r"h = \text{ReLU}(a) = \begin{cases} a & a > 0 \\ 0 & a \le 0 \end{cases} = \max(0, a)",
    r"h = \text{ReLU}(a) = \begin{cases} a & a \ge 0 \\ 0 & \text{sonst} \end{cases}",
    r"h = \tanh(a) = 2 \sigma(2a) - 1",
    r"h = (a + 1)^2 = a^2 + 2a + 1",
    r"h = w^2 a = 4 = 2 \cdot 2",
    r"h = \log(e^a) = a",
]
DIFFERENT = [
    r"h = \sigma(a) = \frac{1}{1 + e^{a}}",
    r"h = \text{ReLU}(a) = \begin{cases} a & a > 1 \\ 0 & a \le 1 \end{cases}",
    r"h = (a + 1)^2 = a^2 + 1",
    r"h = a^2 = a^2 + 10^{-6}",
]


@pytest.mark.parametrize("formula", EQUAL)
def test_equal_links(formula: str, read: Callable[..., Network]) -> None:
    assert [e.name for e in read(f"$$ {formula} $$\n\n$$ L = (h - t)^2 $$\n").equations] == ["h", "L"]


@pytest.mark.parametrize("formula", DIFFERENT)
def test_different_links(formula: str, read: Callable[..., Network]) -> None:
    with pytest.raises(ReadingError, match="does not equal the first right side of h"):
        read(f"$$ {formula} $$\n\n$$ L = (h - t)^2 $$\n")


def test_links_that_need_other_definitions(read: Callable[..., Network]) -> None:
    text = "$$ u = x + 1 $$\n\n$$ v = u^2 = (x + 1)^2 $$\n\n$$ L = v w $$\n"
    assert [e.name for e in read(text).equations] == ["u", "v", "L"]
    with pytest.raises(ReadingError):
        read(text.replace("(x + 1)^2", "(x + 2)^2"))


def test_repetitions(read: Callable[..., Network]) -> None:
    text = (
        "$$ h = W x + b $$\n\nIn words: $h = W x + b$, that is $h_i = \\sum_k W_{ik} x_k + b_i$.\n\n"
        "$$ L = \\|h - t\\|^2 $$\n"
    )
    assert [e.name for e in read(text).equations] == ["h", "L"]
    with pytest.raises(ReadingError, match="defined twice"):
        read(text.replace("+ b_i", "- b_i"))


def test_a_name_between_two_equality_signs_is_defined_too(read: Callable[..., Network]) -> None:
    network = read("$$ a = \\hat y = \\sigma(w x) $$\n\n$$ L = (\\hat y - y)^2 $$\n")
    assert [e.name for e in network.equations] == ["yhat", "L"]


def test_differ_is_certain() -> None:
    x, y = Tensor("x").entry(), Tensor("y").entry()
    assert differ(x + y, x - y)
    assert not differ((x + y) ** 2, x**2 + 2 * x * y + y**2)
    huge = Tensor("w", (500, 500))
    assert not differ(huge[0, 0], huge[1, 1])
