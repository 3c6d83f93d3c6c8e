from __future__ import annotations

import pytest

from symnn.notation.tree import Name
from symnn.write.document import (
    MAX_STEP_DEPTH,
    AlignedChain,
    ChainLink,
    Display,
    Document,
    Figure,
    Formula,
    Link,
    Note,
    Paragraph,
    Section,
    Step,
    Steps,
    Strong,
    Table,
    Words,
    anchors,
    check_document,
    inlines,
    walk_blocks,
    walk_inlines,
    walk_steps,
)
from symnn.write.errors import DocumentError
from symnn.write.graph import Graph, GraphNode

X = Name("x")


def refusal(*blocks):
    with pytest.raises(DocumentError) as caught:
        check_document(Document("T", blocks))
    return str(caught.value)


def test_inlines_take_strings_and_formulas():
    assert inlines("a ", X, Strong(())) == (Words("a "), Formula(X), Strong(()))


def test_the_sample_is_well_formed(document):
    check_document(document)
    assert {"adj-a2", "sigma", "graph", "kept"} <= set(anchors(document))


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


def test_a_link_into_nothing_is_refused():
    assert "'nowhere'" in refusal(Paragraph((Link("nowhere", ()),)))
    assert "'nowhere'" in refusal(Steps((), (Step("r", substeps=(Step("s", cites=Link("nowhere", ())),)),)))


def test_an_anchor_names_one_block():
    assert "two blocks" in refusal(Display(X, anchor="a"), Display(X, anchor="a"))


@pytest.mark.parametrize("anchor", ["", "1a", "a b", 'a"', "a_b", "ä", "a" * 81])
def test_anchors_need_no_escaping(anchor):
    assert repr(anchor) in refusal(Display(X, anchor=anchor))


def test_tables_have_full_rows():
    assert "row 2" in refusal(Table(((), ()), (((), ()), ((),))))


def test_levels_kinds_and_chains():
    assert "level 5" in refusal(Section((), 5, ()))
    assert "'joke'" in refusal(Note("joke", ()))
    assert "no links" in refusal(AlignedChain(X, ()))


def test_steps_have_a_bounded_depth():
    step = Step("leaf")
    for _ in range(MAX_STEP_DEPTH):
        step = Step("outer", substeps=(step,))
    assert "deeper" in refusal(Steps((), (step,)))


def test_a_picture_leads_to_places_that_exist():
    graph = Graph((GraphNode("x", X, "input", anchor="nowhere"),), ())
    assert "'nowhere'" in refusal(Figure(graph))


def test_reasons_are_walked():
    link = ChainLink("=", X, inlines(Link("x", ())))
    assert "'x'" in refusal(AlignedChain(X, (link,)))
