from __future__ import annotations

from symnn.notation.tree import Link, Name, Number, Relation, Script, Signed, Sum
from symnn.write.chains import Measure, layout_chain, layout_display
from symnn.write.document import AlignedChain, ChainLink, Display, inlines
from symnn.write.formulas import notation_printers, text_measure
from symnn.write.words import plain_words

PRINTERS = notation_printers()


def measure(limit):
    return Measure(
        text_measure(PRINTERS),
        lambda parts: len(plain_words(parts, PRINTERS.text)),
        limit,
        indent=4,
        gap=3,
        flat=True,
    )


def total(count):
    return Sum(tuple(Signed("+", Script(Name("x"), Number(str(k)))) for k in range(count)))


X, Y = Name("x"), Name("y")


def test_a_display_that_fits_is_one_row():
    layout = layout_display(Display(Relation(X, (Link("=", Y),))), measure(40))
    assert layout.is_single


def test_a_long_display_is_aligned_at_its_relation():
    layout = layout_display(Display(Relation(X, (Link("=", total(20)),))), measure(40))
    assert layout.rows[0].left == X
    assert layout.rows[0].row.relation.name == "="
    assert all(row.left is None and row.row.relation is None for row in layout.rows[1:])


def test_reasons_stand_beside_or_below():
    chain = AlignedChain(X, (ChainLink("=", Y, inlines("chain rule")), ChainLink("le", total(8), inlines("sum"))))
    beside, below = layout_chain(chain, measure(80)), layout_chain(chain, measure(44))
    assert (beside.reasons_below, below.reasons_below) == (False, True)
    for layout in (beside, below):
        assert [row.reason for row in layout.rows if row.reason] == [link.reason for link in chain.links]


def test_a_wide_first_formula_stands_alone():
    chain = AlignedChain(total(8), (ChainLink("=", total(8)),))
    first, second = layout_chain(chain, measure(50)).rows
    assert first.left is None
    assert first.row.relation is None
    assert second.row.indent == 2
