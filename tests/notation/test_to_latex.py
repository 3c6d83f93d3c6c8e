"""LaTeX out: what is printed, read again, is the same tree."""

from __future__ import annotations

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from symnn.notation import NotationError, parse_latex, to_latex, without_groups
from symnn.notation.outline import outline


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_printed_latex_reads_back_as_the_same_tree(data, latex_trees):
    tree = data.draw(latex_trees)
    printed = to_latex(tree)
    note(printed)
    note(outline(tree))
    try:
        back = parse_latex(printed)
    except NotationError as error:
        raise AssertionError(f"{printed}\n{error}\n{outline(tree)}") from error
    assert outline(without_groups(back)) == outline(without_groups(tree)), printed
