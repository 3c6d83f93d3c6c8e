"""Fonts and accents on trees."""

from __future__ import annotations

from symnn.notation import tree as t
from symnn.notation.latex.fonts import accented, in_font


def test_a_font_reaches_every_name_without_one():
    tree = t.Product("juxtaposed", (t.Script(t.Name("W"), t.Number("1")), t.Name("x", "mathrm")))
    assert in_font(tree, "mathbf") == t.Product(
        "juxtaposed", (t.Script(t.Name("W", "mathbf"), t.Number("1")), t.Name("x", "mathrm"))
    )
    assert in_font(tree, "") is tree


def test_accents_go_on_names_and_around_the_rest():
    assert accented("tilde", accented("hat", t.Name("y"))) == t.Name("y", accents=("hat", "tilde"))
    assert accented("bar", t.Number("1")) == t.Accent("bar", t.Number("1"))
