"""Conditions, roots, and whole lines of notes."""

from __future__ import annotations

import pytest

from symnn.notation import NotationError, parse_plain
from symnn.notation.outline import outline


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 if x>0, else 0", "(cases [1 (rel x > 0)] [0 _])"),
        ("ReLU(x) = x if x > 0 else 0", "(rel (mul ReLU (group() x)) = (cases [x (rel x > 0)] [0 _]))"),
        ("1 if x > 0 else -1 if x < 0 else 0", "(cases [1 (rel x > 0)] [(neg 1) (rel x < 0)] [0 _])"),
        ("y = 1 if x > 0, 0 otherwise", "(rel y = (cases [1 (rel x > 0)] [0 _]))"),
        ("y = 1 if x > 0, y = 2", "(list (rel y = (cases [1 (rel x > 0)])) (rel y = 2))"),
        ("y = 1 if x > 0", "(rel y = (cases [1 (rel x > 0)]))"),
    ],
)
def test_conditions(text, expected):
    assert outline(parse_plain(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "h1 = (x1 + w1×x2)² = (3 + 0.948×2)² = 23.97",
            "(rel h1 = (script (group() (sum +x1 +(times w1 x2))) _ 2) "
            "= (script (group() (sum +3 +(times 0.948 2))) _ 2) = 23.97)",
        ),
        (
            "f(x1,x2) = ((2x1 + x2)² + 3x2²)³",
            "(rel (mul f (list() x1 x2)) = (script (group() (sum +(script (group() (sum +(mul 2 x1) +x2)) _ 2) "
            "+(mul 3 (script x2 _ 2)))) _ 3))",
        ),
        (
            "h_t = tanh(W x_t + U h_(t-1) + b)",
            "(rel (script h t _) = (call tanh (sum +(mul W (script x t _)) +(mul U (script h (sum +t -1) _)) +b)))",
        ),
        ("dW1 = dL/da1 @ x.T", "(rel dW1 = (matmul (d-slash L [a1] _) (script x _ top)))"),
    ],
)
def test_whole_lines(text, expected):
    assert outline(parse_plain(text)) == expected


@pytest.mark.parametrize("text", ["1 if", "1 if x > 0 else", "a[1]", "f{x} y z w ]"])
def test_refusals(text):
    with pytest.raises(NotationError):
        parse_plain(text)
