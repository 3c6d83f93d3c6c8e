"""Indices that occur nowhere else, and sizes in one form."""

from __future__ import annotations

import sympy

from symnn.formula.index import Index, dimension, fresh_index, length


def test_a_fresh_index_differs_from_one_that_was_read_from_a_file():
    n = dimension("n")
    ahead = fresh_index("i", n).serial + 1
    read = Index("i", n, ahead)
    assert fresh_index("i", n) != read
    assert read.fresh() != read


def test_floors_that_are_equal_are_the_same():
    h, p = dimension("h"), dimension("p")
    assert length(sympy.floor((h - p - 1) / 2) + 1) == length(sympy.floor((h - p + 1) / 2))
    assert length(sympy.floor((h - p) / 2) + 1) != length(sympy.floor((h - p + 1) / 2))
