"""Words that LaTeX sets as products of letters."""

from __future__ import annotations

import pytest

from symnn.notes.read.expressions.words import words_in


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        (r"net_{h1} = w_1 x_1 + b", {"net"}),
        (r"\frac{\partial E}{\partial out_{o1}}", {"out"}),
        (r"(target_{o1} - output_{o1})^2", {"target", "output"}),
        (r"abc + bca", set()),
        (r"xyz = 3", set()),
        (r"\text{accuracy} = \frac{\mathrm{right}}{n}", set()),
        (r"\operatorname{softmax}(z)", set()),
    ],
)
def test_words(formula: str, words: set[str]) -> None:
    assert words_in([formula]) == words
