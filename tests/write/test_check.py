"""What no renderer can repair is refused, with the reason."""

from __future__ import annotations

import pytest

from symnn.notation.tree import Accent, Group, Name, Negative, Number, Text
from symnn.write.check import MAX_STEP_DEPTH, anchors, check_document
from symnn.write.document import (
    AlignedChain,
    ChainLink,
    Display,
    Document,
    Figure,
    Link,
    Note,
    Paragraph,
    Section,
    Step,
    Steps,
    Table,
    inlines,
)
from symnn.write.errors import DocumentError
from symnn.write.graph import Graph, GraphNode

X = Name("x")

X = Name("x")


def refusal(*blocks):
    with pytest.raises(DocumentError) as caught:
        check_document(Document("T", blocks))
    return str(caught.value)


def test_the_sample_is_well_formed(document):
    check_document(document)
    assert {"adj-a2", "sigma", "graph", "kept"} <= set(anchors(document))


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


@pytest.mark.parametrize(
    "node",
    [
        Name(r"\input{/etc/passwd}"),
        Name("x}y"),
        Name("x", "mathrm}"),
        Name("x", "", ("hat}",)),
        Name(""),
        Text(r"\write18{ls}"),
        Text("a^^M"),
        Number("1}"),
        Accent("hat}", Name("x")),
    ],
)
def test_names_in_formulas_cannot_be_commands(node):
    hidden = Group(Negative(node))
    step = Step("r", before=hidden)
    graph = Graph((GraphNode("x", hidden, "input"),), ())
    for block in (Display(hidden), Paragraph(inlines(hidden)), Steps((), (step,)), Figure(graph)):
        assert "formula" in refusal(block)


def test_names_of_real_notes_are_fine():
    for name in ("W", "alpha", "learning rate", "손실", "MSE_loss", "f'"):
        check_document(Document("T", (Display(Name(name, "text")), Display(Text("if 50 % {x}")))))
    for number in ("3", "0.10", "1e-8", "1.5E+3", "2."):
        check_document(Document("T", (Display(Number(number)),)))
