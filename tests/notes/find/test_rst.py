"""reStructuredText documents."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from symnn.notes.find import Document, find

Check = Callable[[Document], Document]

CASES: list[tuple[str, str, list[tuple[str, str, int, int]]]] = [
    ("role", "the :math:`x_1` is", [("x_1", "inline", 1, 12)]),
    ("directive", "so\n\n.. math::\n\n   a = b\n   + c\n\nand", [("a = b\n   + c", "display", 5, 4)]),
    ("argument", ".. math:: a = b\n\nand", [("a = b", "display", 1, 11)]),
    ("options", ".. math::\n   :label: eq\n   :nowrap:\n\n   a = b\n", [("a = b", "display", 5, 4)]),
    (
        "two equations",
        ".. math::\n\n   a = b\n\n   c = d\n",
        [("a = b", "display", 3, 4), ("c = d", "display", 5, 4)],
    ),
    (
        "in an item",
        "- so\n\n  .. math::\n\n     a = b\n\n- :math:`c`",
        [("a = b", "display", 5, 6), ("c", "inline", 7, 10)],
    ),
    ("in a note", ".. note::\n\n   the :math:`c`", [("c", "inline", 3, 15)]),
    ("literal", "so::\n\n   y = x²\n\n:math:`c`", [("y = x²", "fence", 3, 4), ("c", "inline", 5, 8)]),
    ("code", ".. code-block:: python\n\n   y = 2 * x\n", []),
    ("comment", ".. a comment\n   :math:`x`\n\n:math:`c`", [("c", "inline", 4, 8)]),
    ("code span", "``y = :math:`` and ``$x$``", []),
    ("plain", "so L = x² holds", [("L = x²", "prose", 1, 4)]),
    ("other roles", "see :ref:`a = b` and :math:`c`", [("c", "inline", 1, 29)]),
]


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_spans(text: str, expected: list[tuple[str, str, int, int]], checked: Check) -> None:
    document = checked(find(text, name="n.rst"))
    assert document.kind == "rst"
    assert [(s.text, s.kind, s.place.line, s.place.column) for s in document.spans()] == expected


def test_sections() -> None:
    text = "====\nMain\n====\n\nOne\n---\n:math:`a`\n\nTwo :math:`q`\n-------------\n\nSub\n~~~\n\n:math:`b`\n"
    document = find(text, name="n.txt")
    assert document.kind == "rst"
    assert [(s.text, s.section) for s in document.spans()] == [
        ("a", ("Main", "One")),
        ("q", ("Main", "Two :math:q")),
        ("b", ("Main", "Two :math:q", "Sub")),
    ]
