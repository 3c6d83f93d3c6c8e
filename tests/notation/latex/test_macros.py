"""Macros: arguments, defaults, places, bounds."""

from __future__ import annotations

import pytest

from symnn.notation import Macro, NotationError, parse_latex
from symnn.notation.outline import outline

MACROS = {
    "pd": Macro(r"\frac{\partial #1}{\partial #2}", 2),
    "bx": Macro(r"\mathbf{x}"),
    "relu": Macro(r"\operatorname{ReLU}"),
    "norm": Macro(r"\left\| #1 \right\|", 1),
    "vecn": Macro(r"(#2_1, \dots, #2_{#1})", 2, default="n"),
    "R": Macro(r"\mathbb{R}"),
    "pick": Macro("#2", 2),
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\pd{L}{W_1}", "(partial-frac L [(script W 1 _)] _)"),
        (r"\pd LW", "(partial-frac L [W] _)"),
        (r"\bx^T \bx", "(mul (script x:mathbf _ T) x:mathbf)"),
        (r"\relu(\bx)", "(call ReLU:operatorname x:mathbf)"),
        (r"\norm{\norm{a} + b}", "(group‖‖ (sum +(group‖‖ a) +b))"),
        (r"\vecn{x}", "(list() (script x 1 _) dots (script x n _))"),
        (r"\vecn[m]{x}", "(list() (script x 1 _) dots (script x m _))"),
        (r"\R^n", "(script R:mathbb _ n)"),
        (r"\pick{a}{b} c", "(mul b c)"),
    ],
)
def test_expansion(text, expected):
    assert outline(parse_latex(text, macros=MACROS)) == expected


def test_a_macro_may_stand_for_a_known_command():
    assert outline(parse_latex(r"\vec{x}", macros={"vec": Macro(r"\mathbf{#1}", 1)})) == "x:mathbf"


def test_what_comes_from_a_body_points_at_the_use():
    tree = parse_latex(r"a + \bx", macros=MACROS)
    assert tree.terms[1].term.span == (4, 7)


def test_what_comes_from_an_argument_keeps_its_place():
    tree = parse_latex(r"\pd{L}{W}", macros=MACROS)
    assert tree.numerator.span == (4, 5)


@pytest.mark.parametrize(
    ("text", "macros", "message"),
    [
        (r"\a", {"a": Macro(r"\a")}, r"the macro \a expands to itself, or too deeply"),
        (r"\a", {"a": Macro(r"\b\b"), "b": Macro(r"\a\a")}, r"the macro \a expands to itself, or too deeply"),
        (r"\a" * 18, {"a": Macro("x" * 4000)}, "the macros make the formula too long"),
        (r"\pd{L}", MACROS, r"\pd lacks an argument"),
        (r"\a", {"a": Macro(r"\foo")}, r"in the definition of \a: unknown command \foo"),
        (
            r"\a b",
            {"a": Macro("#2", 1)},
            "in the definition of \\a: the character '#' (number sign) is not understood here",
        ),
        (r"\a", {"a": Macro("x" * 20_001)}, r"the definition of \a is too long"),
    ],
)
def test_bounds_and_mistakes(text, macros, message):
    with pytest.raises(NotationError) as caught:
        parse_latex(text, macros=macros)
    assert caught.value.message == message


@pytest.mark.parametrize(("parameters", "default"), [(10, None), (-1, None), (0, "x")])
def test_impossible_macros_cannot_be_made(parameters, default):
    with pytest.raises(ValueError, match="macro"):
        Macro("x", parameters, default)
