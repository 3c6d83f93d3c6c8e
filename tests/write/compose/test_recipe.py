"""The document of every recipe: an optimiser, an initialisation."""

from __future__ import annotations

import pytest

from symnn.notation.latex import parse_latex
from symnn.notation.to_latex import to_latex
from symnn.notation.to_text import to_text
from symnn.recipes import recipes
from symnn.write import render
from symnn.write.compose import document_of_recipe
from symnn.write.document import Display

every_recipe = pytest.mark.parametrize("recipe", recipes.all(), ids=lambda recipe: recipe.name)


def displays(recipe):
    return [block.node for block in document_of_recipe(recipe).blocks if isinstance(block, Display)]


@every_recipe
def test_every_part_has_a_display(recipe):
    arrows = ["←" in to_text(formula) for formula in displays(recipe)]
    assert arrows == [part.updates != "" for part in recipe.parts]


@every_recipe
def test_formulas_read_back(recipe):
    for formula in displays(recipe):
        again = parse_latex(to_latex(formula))
        assert to_latex(again) == to_latex(formula)


@every_recipe
@pytest.mark.parametrize("format_", ["text", "markdown", "latex", "html"])
def test_it_is_rendered(recipe, format_):
    shown = " ".join(render(document_of_recipe(recipe), format_).replace("{}", "").split())
    assert recipe.summary.split(";")[0] in shown
