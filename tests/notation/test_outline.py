"""The outline shows every part of every node."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symnn.notation import tree as t
from symnn.notation.outline import outline

from_tree = {
    "(list;() a b)": t.Sequence((t.Name("a"), t.Name("b")), "(", ")", ";"),
    "(listquad a b)": t.Sequence((t.Name("a"), t.Name("b")), separator="quad"),
    "(at f _ 1)": t.EvaluatedAt(t.Name("f"), None, t.Number("1")),
    "(matrix[] [a blank])": t.Matrix(((t.Name("a"), t.Blank()),)),
    '(cases [a "otherwise"] [b _])': t.Cases((t.Branch(t.Name("a"), t.Text("otherwise")), t.Branch(t.Name("b")))),
    "(nabla w 2 L)": t.Nabla(t.Name("w"), t.Name("L"), t.Number("2")),
    "(slice _ b)": t.Slice(None, t.Name("b")),
    "(root x 3)": t.Root(t.Name("x"), t.Number("3")),
    "(hat (script W 1 _))": t.Accent("hat", t.Script(t.Name("W"), t.Number("1"))),
    "(rel a = _)": t.Relation(t.Name("a"), (t.Link("=", None),)),
}


@pytest.mark.parametrize("expected", from_tree)
def test_outline(expected):
    assert outline(from_tree[expected]) == expected


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_different_trees_have_different_outlines(data, latex_trees):
    left, right = data.draw(latex_trees), data.draw(latex_trees)
    assert (outline(left) == outline(right)) == (left == right)


def test_what_is_no_node_is_refused():
    with pytest.raises(TypeError, match="not a notation node"):
        outline(t.Node())
