"""Small functions of the grammar."""

from __future__ import annotations

import pytest

from symnn.notation import tree as t
from symnn.notation.grammar.parts import attach_ranges, bare, base_of, is_identifier

a, b, dots = t.Name("a"), t.Name("b"), t.Ellipsis()
relation = t.Relation(a, (t.Link("=", t.Number("1")),))


@pytest.mark.parametrize("word", ["x", "ReLU", "L2-loss", "y_pred", "출력", " softmax "])
def test_identifiers(word):
    assert is_identifier(word)


@pytest.mark.parametrize("word", ["", " ", "two words", "?", "-x", "etc.", "(a)"])
def test_no_identifiers(word):
    assert not is_identifier(word)


def test_items_after_a_relation_are_its_right_side():
    (found,) = attach_ranges([relation, dots, b])
    assert found.links[0].right == t.Sequence((t.Number("1"), dots, b))


def test_a_list_between_relations_is_left_alone_without_dots():
    assert attach_ranges([relation, b, relation]) == [relation, b, relation]
    assert len(attach_ranges([relation, dots, b, relation])) == 2


def test_bare_needs_two_items_for_a_list():
    assert bare((a,), ",") is a
    assert bare((a, b), ";") == t.Sequence((a, b), separator=";")


def test_base_of_looks_below_scripts_and_primes():
    assert base_of(t.Prime(t.Script(a, b))) == a
