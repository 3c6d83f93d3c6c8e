"""A definition that cannot be parsed replaces the one before it: what differs from the old one is not wrong."""

from __future__ import annotations

import pytest

from symnn.notes.find import find
from symnn.notes.judge.judge import judge_document

UNREADABLE = [
    (r"Let $f(x) = x^3$. Now let $f(x) = \wat{x}$.", "$f'(x) = 10 x^9$", "f"),
    (r"Let $f(x) = x^3$. Now let $f(x) = \wat{x}$.", "$f(2) = 1024$", "f"),
    (r"Let $z = x^3$. Now let $z = \wat{x}$.", "$dz/dx = 10 x^9$", "z"),
    ("Let $z = x^3$ and $L = 2 z$.\n\n$$\n\\begin{aligned}\nz &= \\wat{x} \\\\\nL &= 3 z\n\\end{aligned}\n$$\n", "$dL/dx = 30 x^9$", "z"),
]  # fmt: skip


@pytest.mark.parametrize(("note", "claim", "name"), UNREADABLE)
def test_what_differs_from_a_replaced_definition_is_not_decided(note: str, claim: str, name: str) -> None:
    last = judge_document(find(f"{note}\n\n{claim}\n", name="n.md")).claims[-1]
    assert last.verdict == "undecided"
    assert f"may say anew what {name} is" in last.reason


@pytest.mark.parametrize(("note", "claim", "name"), UNREADABLE)
def test_a_claim_before_it_and_one_after_a_new_definition_are_wrong_all_the_same(
    note: str, claim: str, name: str
) -> None:
    first, _, rest = note.partition(" Now" if "Now" in note else "\n\n$$")
    before = judge_document(find(f"{first}\n\n{claim}\n\n{rest}", name="n.md")).claims
    assert "refuted" in [c.verdict for c in before]
    again = judge_document(find(f"{note}\n\n{first}\n\n{claim}\n", name="n.md")).claims[-1]
    assert again.verdict == "refuted"
