"""Long formulas: where they are broken, and that nothing is lost."""

from __future__ import annotations

import pytest

from symnn.notation.tree import (
    BigOperator,
    Blank,
    Group,
    Link,
    Name,
    Negative,
    Number,
    Product,
    Quotient,
    Relation,
    Script,
    Signed,
    Sum,
)
from symnn.write.breaking import Bracket, Operator, break_rows


def atom(k: int) -> Script:
    return Script(Name("x"), Number(str(k)))


def total(count: int, sign: str = "+") -> Sum:
    return Sum(tuple(Signed(sign if k else "+", atom(k)) for k in range(count)))


def width(pieces) -> float:
    """Ten for an atom, two for a sign, one for a bracket; composite pieces are the sum of their parts."""
    result = 0.0
    for piece in pieces:
        match piece:
            case Operator():
                result += 2
            case Bracket():
                result += 1
            case Sum(terms=terms):
                result += sum(width([term.term]) for term in terms) + 2 * (len(terms) - 1)
            case Product(factors=factors):
                result += sum(width([factor]) for factor in factors)
            case Group(body=body):
                result += 2 + width([body])
            case Relation(first=first, links=links):
                result += width([first]) + sum(2 + width([link.right]) for link in links)
            case Negative(body=body):
                result += 2 + width([body])
            case Quotient(numerator=a, denominator=b):
                result += max(width([a]), width([b]))
            case BigOperator(body=body):
                result += 10 + width([body])
            case Blank():
                result += 0
            case _:
                result += 10
    return result


def rows(node, limit=60.0):
    return break_rows(None, node, width, limit, 4.0)


def atoms(pieces) -> list:
    """The atoms of pieces, in reading order."""
    found = []
    for piece in pieces:
        if isinstance(piece, Script):
            found.append(piece)
        elif isinstance(piece, Sum):
            found += atoms([term.term for term in piece.terms])
        elif isinstance(piece, Product):
            found += atoms(piece.factors)
        elif isinstance(piece, Group | Negative):
            found += atoms([piece.body])
    return found


def test_what_fits_stays_whole():
    assert [row.pieces for row in rows(total(3))] == [(total(3),)]


def test_a_sum_is_broken_before_its_signs():
    broken = rows(total(12))
    assert len(broken) > 1
    assert atoms([piece for row in broken for piece in row.pieces]) == [atom(k) for k in range(12)]
    for row in broken[1:]:
        assert row.pieces[0] == Operator("sign", "+")
        assert row.indent == 1
    assert all(width(row.pieces) + 4 * row.indent <= 60 for row in broken)


def test_relations_come_first():
    node = Relation(atom(0), (Link("=", total(3)), Link("le", total(4))))
    broken = rows(node)
    assert [row.relation for row in broken] == [None, Operator("relation", "="), Operator("relation", "le")]


def test_signs_keep_their_terms():
    broken = rows(Sum(tuple(Signed("-", atom(k)) for k in range(9))))
    signs = [piece for row in broken for piece in row.pieces if isinstance(piece, Operator)]
    assert signs == [Operator("sign", "-")] * 9


def test_brackets_are_opened_when_nothing_else_helps():
    node = Product("odot", (atom(99), Group(total(9))))
    pieces = [piece for row in rows(node) for piece in row.pieces]
    assert pieces.count(Bracket("(", opens=True)) == pieces.count(Bracket(")", opens=False)) == 1
    assert atoms(pieces) == [atom(99), *map(atom, range(9))]
    assert all(width(row.pieces) + 4 * row.indent <= 60 for row in rows(node))


def test_a_sum_as_a_factor_keeps_its_brackets():
    # Printers put brackets around it; pieces that are printed one by one must have them too.
    node = Product("juxtaposed", (total(3), *map(atom, range(6))))
    first = rows(node)[0].pieces[0]
    assert first == Group(total(3))


def test_a_sum_after_a_minus_keeps_its_brackets():
    node = Sum((Signed("+", total(4)), Signed("-", total(3)), Signed("-", Negative(atom(1)))))
    pieces = [piece for row in rows(node, 50) for piece in row.pieces]
    assert Group(total(3)) in pieces
    assert Group(Negative(atom(1))) in pieces


def test_a_long_fraction_is_written_with_a_slash():
    pieces = [piece for row in rows(Quotient(total(12), total(2))) for piece in row.pieces]
    assert pieces[-2:] == [Operator("product", "slash"), Group(total(2))]
    assert pieces[0] == Bracket("(", opens=True)
    assert atoms(pieces) == [*map(atom, range(12)), *map(atom, range(2))]


def test_what_cannot_be_broken_stays_whole():
    node = Script(Name("e"), None, total(12))
    broken = break_rows(None, node, lambda pieces: 1000.0, 60.0, 4.0)
    assert [row.pieces for row in broken] == [(node,)]


def test_the_head_of_a_big_operator_goes_with_its_body():
    node = BigOperator("sum", Name("i"), None, total(12))
    first, *_ = rows(node)
    assert first.pieces[:2] == (BigOperator("sum", Name("i"), None, Blank()), Bracket("(", opens=True))


@pytest.mark.parametrize("depth", [1, 5, 30])
def test_nested_brackets_end(depth):
    node = total(8)
    for _ in range(depth):
        node = Sum((Signed("+", atom(77)), Signed("-", Group(node))))
    pieces = [piece for row in rows(node) for piece in row.pieces]
    assert len(atoms(pieces)) == 8 + depth
