"""What the digits of a printed number say."""

from __future__ import annotations

from fractions import Fraction

import pytest

from symnn.notation import parse_plain
from symnn.notes.worked.digits import printed, read_number, shown, to_digits
from symnn.notes.worked.errors import Unclear
from symnn.notes.worked.intervals import point


@pytest.mark.parametrize(
    ("text", "value", "half"),
    [
        ("24", "24", "0"),
        ("0.5", "1/2", "1/20"),
        ("0.50", "1/2", "1/200"),
        (".5", "1/2", "1/20"),
        ("1e-3", "1/1000", "1/2000"),
        ("2.5e3", "2500", "50"),
        ("3e8", "300000000", "0"),
    ],
)
def test_numbers(text: str, value: str, half: str) -> None:
    number = read_number(text)
    assert (number.value, number.half) == (Fraction(value), Fraction(half))


@pytest.mark.parametrize("text", ["007", "1,000", "1.2.3", "", ".", "x", "1e9999", "9" * 500])
def test_codes_and_dates_are_no_numbers(text: str) -> None:
    with pytest.raises(Unclear):
        read_number(text)


@pytest.mark.parametrize(
    ("text", "value"), [("-0.5", "-1/2"), ("(-3)", "-3"), ("+4", "4"), ("((7))", "7"), ("1 + 1", None), ("x", None)]
)
def test_signs_and_brackets(text: str, value: str | None) -> None:
    number = printed(parse_plain(text))
    assert (None if number is None else number.value) == (None if value is None else Fraction(value))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1/3", "0.33333333"),
        ("-1/4", "-0.25"),
        ("123456", "123456"),
        ("1/100000", "0.00001"),
        ("1/30000", "3.3333333e-05"),
    ],
)
def test_shown(value: str, text: str) -> None:
    assert shown(Fraction(value)) == text


@pytest.mark.parametrize(
    ("value", "like", "text"),
    [
        ("2/3", "0.5", "0.7"),
        ("9/10", "0.95", "0.9"),
        ("1/10000", "0.001", "0.0001"),
        ("25", "24", "25"),
        ("5/2", "3", "2.5"),
    ],
)
def test_the_right_value_in_the_place_of_a_wrong_one(value: str, like: str, text: str) -> None:
    assert to_digits(point(Fraction(value)), read_number(like)) == text
