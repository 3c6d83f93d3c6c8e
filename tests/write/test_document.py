from __future__ import annotations

from symnn.notation.tree import Name
from symnn.write.document import (
    Formula,
    Link,
    Section,
    Step,
    Strong,
    Words,
    inlines,
    walk_blocks,
    walk_inlines,
    walk_steps,
)

X = Name("x")

X = Name("x")


def test_inlines_take_strings_and_formulas():
    assert inlines("a ", X, Strong(())) == (Words("a "), Formula(X), Strong(()))


def test_walks_reach_everything(document):
    assert sum(isinstance(block, Section) for block in walk_blocks(document)) == 4
    linked = {part.anchor for part in walk_inlines(document) if isinstance(part, Link)}
    assert linked == {"sigma", "adj-yhat", "adj-W2", "adj-h1"}


def test_steps_are_walked_with_their_depth():
    steps = (Step("a", substeps=(Step("b", substeps=(Step("c"),)), Step("d"))), Step("e"))
    assert [(depth, step.rule) for depth, step in walk_steps(steps)] == [
        (0, "a"),
        (1, "b"),
        (2, "c"),
        (1, "d"),
        (0, "e"),
    ]
