"""Nodes are values: they compare by structure, not by place."""

from __future__ import annotations

import dataclasses

import pytest

from symnn.notation import tree as t

NODES = [cls for cls in vars(t).values() if isinstance(cls, type) and issubclass(cls, t.Node) and cls is not t.Node]


def test_the_place_does_not_take_part_in_comparison():
    assert t.Name("x", span=(0, 1)) == t.Name("x", span=(4, 5))
    assert hash(t.Name("x", span=(0, 1))) == hash(t.Name("x"))


def test_fonts_and_accents_take_part_in_comparison():
    assert t.Name("x") != t.Name("x", "mathbf")
    assert t.Name("x") != t.Name("x", accents=("hat",))


@pytest.mark.parametrize("cls", NODES, ids=lambda cls: cls.__name__)
def test_every_node_is_frozen_slotted_and_has_a_span(cls):
    assert dataclasses.is_dataclass(cls)
    assert cls.__dataclass_params__.frozen
    assert "__slots__" in vars(cls)
    (span,) = [f for f in dataclasses.fields(cls) if f.name == "span"]
    assert (span.kw_only, span.compare, span.repr) == (True, False, False)


def test_the_order_of_a_derivative_counts_its_variables():
    x, y = t.Name("x"), t.Name("y")
    assert t.Derivative("partial", t.Name("f"), (x, x, y)).order == 3
