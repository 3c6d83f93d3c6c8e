"""What a document says of its names: definitions, numbers, and numbers for computed names."""

from __future__ import annotations

import pytest

from symnn.notation import parse_latex, parse_plain
from symnn.notes.find import find
from symnn.notes.judge.worlds.context import Context
from symnn.notes.worked.symbol_table import SymbolTable, has_names, symbol_table_of
from symnn.notes.worked.words import with_words


def table_of(note: str) -> SymbolTable:
    context = Context(find(note, name="note.md"))
    return symbol_table_of(context.document, with_words(context.statements))


def test_definitions_and_numbers() -> None:
    table = table_of("y = a x + b\n\nf(x) = x²\n\na = 2, b = 0.5\n\na = 3\n\ny = 2×4 + 0.5 = 8.5\n")
    assert set(table.values) == {"y"}
    assert set(table.functions) == {"f"}
    assert [group.told for group in table.groups] == ["a = 2, b = 0.5", "a = 3"]
    assert [(stated.name, str(stated.value)) for stated in table.stated] == [("y", "8.5")]


def test_tuples_and_columns_of_numbers() -> None:
    table = table_of("(x1, x2) = (3, 2)\n\n$$ W = [w_1, w_2] $$\n\n$$ W = [5, 6] $$\n")
    assert {name: str(number) for group in table.groups for name, number in group.values.items()} == {
        "x1": "3", "x2": "2", "w1": "5", "w2": "6",
    }  # fmt: skip


def test_the_definition_in_force_is_the_last_before_in_the_nearest_section() -> None:
    table = table_of("# One\n\ny = x²\n\n# Two\n\ny = x³\n\nz = y\n\n# One again\n\nu = y\n")
    z, u = (next(s for s in table.statements if s.spot.text.startswith(letter)) for letter in "zu")
    found = [table.definition("y", at) for at in (z, u)]
    assert [None if d is None else d.statement.spot.text for d in found] == ["y = x³", "y = x³"]


def test_conditions_give_nothing() -> None:
    table = table_of("$$ y = 1, x > 0 $$\n\n$$ y = 0, x < 0 $$\n")
    assert table.groups == []


def test_words_in_latex_are_one_name() -> None:
    table = table_of("$$ net_{h1} = w x $$\n\n$$ 2 net_{h1} = 4 $$\n")
    assert list(table.values) == ["net_h_1"]


@pytest.mark.parametrize("text", ["3 + 4", "log2(8) + e^2", "2π", "sin 30", "max(0, 3)", "√2", "-0.25 log(0.25)"])
def test_calculations_have_no_names(text: str) -> None:
    assert not has_names(parse_plain(text))


@pytest.mark.parametrize("text", ["x + 1", "e_1", "2 η", "f(3)", "3 kg"])
def test_names(text: str) -> None:
    assert has_names(parse_plain(text))


@pytest.mark.parametrize("text", [r"\log_2 8", r"\frac{\pi}{2}", r"\tanh(0.5)", r"\sqrt{2}"])
def test_calculations_in_latex_have_no_names(text: str) -> None:
    assert not has_names(parse_latex(text))
