"""Walking and rewriting trees."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symnn.notation import children, replace, walk, with_children, without_groups
from symnn.notation import tree as t

a, b, c = t.Name("a"), t.Name("b"), t.Name("c")


def test_children_come_in_reading_order_through_all_parts():
    cases = t.Cases((t.Branch(a, t.Relation(b, (t.Link("<", c),))), t.Branch(c)))
    assert [n for n in walk(cases) if isinstance(n, t.Name)] == [a, b, c, c]
    assert children(t.Derivative("partial", a, (b, c))) == (a, b, c)
    assert children(t.Matrix(((a, b), (c, a)))) == (a, b, c, a)


def test_with_children_needs_the_right_number():
    assert with_children(t.Sum((t.Signed("+", a), t.Signed("-", b))), (c, a)) == t.Sum(
        (t.Signed("+", c), t.Signed("-", a))
    )
    with pytest.raises(ValueError, match="has 1 children, not 2"):
        with_children(t.Negative(a), (a, b))


def test_replace_rewrites_from_the_leaves_and_shares_the_rest():
    left = t.Product("cdot", (b, c))
    tree = t.Quotient(left, a)
    changed = replace(tree, lambda n: t.Number("1") if n == a else n)
    assert changed == t.Quotient(left, t.Number("1"))
    assert changed.numerator is left


def test_deep_trees_do_not_exhaust_the_stack():
    tree: t.Node = a
    for _ in range(5000):
        tree = t.Negative(tree)
    assert sum(1 for _ in walk(tree)) == 5001
    deepest = replace(tree, lambda n: b if isinstance(n, t.Name) else n)
    *_, last = walk(deepest)
    assert last == b


def test_without_groups_keeps_brackets_that_mean_something():
    assert without_groups(t.Group(t.Group(a))) == a
    assert without_groups(t.Group(a, "|", "|")) == t.Group(a, "|", "|")


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_rebuilding_with_its_own_children_changes_nothing(data, latex_trees):
    tree = data.draw(latex_trees)
    for node in walk(tree):
        assert with_children(node, children(node)) == node
