"""Commands that a document defines."""

from __future__ import annotations

import pytest

from symnn.notes.find import Source, whole
from symnn.notes.find.groups import Groups
from symnn.notes.find.macros import definitions, without


@pytest.mark.parametrize(
    ("text", "name", "n_args", "default", "body", "operator"),
    [
        ("\\newcommand{\\a}{b}", "a", 0, None, "b", False),
        ("\\newcommand\\a{b}", "a", 0, None, "b", False),
        ("\\newcommand*{\\a} [2] {#1+#2}", "a", 2, None, "#1+#2", False),
        ("\\newcommand{\\a}[2][x]{#1}", "a", 2, "x", "#1", False),
        ("\\newcommand{\\a}[1][{x]}]{#1}", "a", 1, "{x]}", "#1", False),
        ("\\renewcommand{\\vec}[1]{\\mathbf{#1}}", "vec", 1, None, "\\mathbf{#1}", False),
        ("\\providecommand{\\a}{\\}}", "a", 0, None, "\\}", False),
        ("\\DeclareMathOperator{\\tr}{tr}", "tr", 0, None, "tr", True),
        ("\\DeclareMathOperator*{\\am}{arg\\,max}", "am", 0, None, "arg\\,max", True),
        ("\\def\\a{b}", "a", 0, None, "b", False),
        ("\\gdef\\a#1#2{#2}", "a", 2, None, "#2", False),
        ("\\let\\a=\\b", "a", 0, None, "\\b", False),
        ("\\let\\a\\b", "a", 0, None, "\\b", False),
        ("\\newcommand\\a\\mathbf", "a", 0, None, "\\mathbf", False),
        ("\\newcommand{\\|}{b}", "|", 0, None, "b", False),
    ],
)
def test_definitions(text: str, name: str, n_args: int, default: str | None, body: str, operator: bool) -> None:
    note = whole(Source("", f"x {text} y"))
    (found,) = definitions(note)
    macro = found.macro
    assert (macro.name, macro.n_args, macro.default, macro.body, macro.operator) == (
        name,
        n_args,
        default,
        body,
        operator,
    )
    assert note.source.slice(macro.place) == text
    rest = without(note, [found])
    assert rest.text == "x  y"
    assert rest.place(3, 4).column == len(text) + 4


@pytest.mark.parametrize(
    "text",
    [
        "\\newcommand",
        "\\newcommand{\\a}",
        "\\newcommand{\\a}{",
        "\\def\\a",
        "\\def\\a#1.{x}",
        "\\newcommand{a}{b}",
        "\\newcommand{\\a}[1][x{y}",
        "\\newcommandx",
        "\\let",
    ],
)
def test_no_definition(text: str) -> None:
    assert definitions(whole(Source("", text))) == []


def test_groups() -> None:
    assert Groups("{a{b}\\}}c").end(0) == 8
    assert Groups("{a").end(0) == -1
    assert Groups("{" + "a" * 5000 + "}").end(0) == -1
    assert Groups("{[}]").end(1) == -1
    assert Groups("[a[b]c]").end(0) == 7
