"""The document of a recipe: one step of an optimiser, or the spread of initial weights."""

from __future__ import annotations

from symnn.notation.tree import Link, Node, Relation
from symnn.recipes import NEXT, Recipe
from symnn.write.compose.context import list_of
from symnn.write.document import Block, Display, Document, Inlines, Paragraph, inlines
from symnn.write.notate import Names, index_form
from symnn.write.notate.names import identifier, parsed


def document_of_recipe(recipe: Recipe) -> Document:
    """What a recipe computes, in order; ``←`` gives a state its new value, which what follows uses.

    >>> from symnn.recipes import recipes
    >>> document_of_recipe(recipes.find("momentum")).title
    'momentum'
    """
    names = names_of(recipe)
    source = f" Source: {recipe.source}." if recipe.source else ""
    blocks: list[Block] = [Paragraph(inlines(recipe.summary + source))]
    for part in recipe.parts:
        left = names.named(part.updates or part.tensor.name)
        right = index_form(part.formula, names, part.indices)
        blocks.append(Display(Relation(left, (Link("gets" if part.updates else "=", right),))))
    if recipe.states:
        blocks.append(Paragraph(_legend(recipe, names)))
    known = f"also called {', '.join(recipe.aliases)}" if recipe.aliases else ""
    return Document(recipe.name, tuple(blocks), known)


def names_of(recipe: Recipe) -> Names:
    """What the parameters, states and constants are called; the new value of a state is called like the state."""
    words = [*(p.name for p in recipe.parameters), *(c.name for c in recipe.constants)]
    words += [part.tensor.name for part in recipe.parts]
    tensors = {word: _node(recipe, word.removesuffix(NEXT)) for word in words}
    constants = {c.name: tensors[c.name] for c in recipe.constants}
    return Names(tensors, identifier("L"), symbols=[c.symbol for c in recipe.constants], constants=constants)


def _node(recipe: Recipe, word: str) -> Node:
    latex = recipe.latex_names.get(word)
    return parsed(latex) if latex else identifier(word)


def _legend(recipe: Recipe, names: Names) -> Inlines:
    """Which of the letters are states, and what they are."""
    states = [names.named(state) for state in recipe.states]
    many = "s are" if len(states) > 1 else " is"
    return inlines(
        "An arrow gives a state its new value, which the lines below it use. The state", many, " ", *list_of(list(states)),
        "; everything is taken entry by entry.",
    )  # fmt: skip
