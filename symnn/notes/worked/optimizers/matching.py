"""Which letter of a note plays which role in an optimizer: letters are exchanged until both formulas are the same."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Expr

from symnn.notes.judge.errors import NotUnderstood
from symnn.notes.judge.process.budget import spend
from symnn.notes.worked.optimizers.scalars import Letter
from symnn.notes.worked.optimizers.systems import MOVE, OLDER, System
from symnn.notes.worked.updates.written_gradients import RATES
from symnn.recipes import NEXT

TIMES = frozenset(["t", "k", "n", "i", "tau", "T", "step"])
SMALL = frozenset(["epsilon", "eps", "delta", "xi", "varepsilon"])
RATE_WORDS = ("learning", "lr", "rate", "step_size")
NO_STATES = frozenset(["beta", "lambda", "eta", "alpha", "epsilon", "gamma", "rho", "mu", "lr"])
CONSTANTS = frozenset(["mu", "rho", "beta1", "beta2", "decay", "factor"])
MEANS = frozenset(["m", "v", "s", "mhat", "vhat", "velocity", "distance"])
CLOSE = 1e-9
POINTS = 3

Roles = Mapping[str, str]
"""From the names of letters to roles."""


@dataclass(frozen=True)
class Line:
    """A line of a note: its target, the new value, and when each letter is meant: the old value, the new one, or neither."""

    target: Letter
    formula: Expr
    letters: tuple[tuple[Letter, str], ...]


def role_of(symbol: Expr, system: System) -> tuple[str, str]:
    """The role that a symbol of a system stands for, and whether it is the old or the new value."""
    name = str(symbol)
    if symbol == OLDER:
        return "theta", "older"
    if name.endswith(NEXT):
        return name.removesuffix(NEXT), "new"
    return name, "old" if name in system.states else ""


def matches(line: Line, role: str, system: System, roles: Roles) -> Iterator[dict[str, str]]:
    """The ways to give roles to the letters of a line in which it says the same as a line of a system."""
    formula = system.formulas[role]
    start = _given(line.target, role, dict(roles))
    if start is None or (line.target.gradient and role != "gradient"):
        return
    for numbers in _as_numbers(line, system.symbols[role]):
        stated = formula.xreplace(numbers) if numbers else formula
        symbols = sorted(stated.free_symbols, key=str) if numbers else system.symbols[role]
        if len(symbols) != len(line.letters):
            continue
        for found, sides in _assigned(line.letters, symbols, system, start):
            spend()
            if _same(line, stated, sides) and at_the_right_place(line, system, found):
                yield found


def _as_numbers(line: Line, symbols: Sequence[Expr]) -> Iterator[dict[Expr, Expr]]:
    """Nothing, and each number of a line in the place of the constant of a mean: ``0.9 m + 0.1 g``."""
    yield {}
    if len(symbols) <= len(line.letters):
        return  # a number in the place of a symbol leaves fewer of them
    numbers = sorted(number for number in line.formula.atoms(sympy.Rational) if 0 < number < 1)
    for symbol in symbols:
        if str(symbol) in CONSTANTS:
            yield from ({symbol: number} for number in numbers if number != sympy.S.Half)


def _given(letter: Letter, role: str, roles: dict[str, str]) -> dict[str, str] | None:
    """The roles with one more; None where the letter has another one or the role another letter."""
    known = roles.get(letter.name)
    if known is not None:
        return roles if known == role else None
    if role != "gradient" and role in roles.values():
        return None
    return {**roles, letter.name: role} if _may_be(letter, role) and _hats_fit(letter, role, roles) else None


def _may_be(letter: Letter, role: str) -> bool:
    """Whether a letter can play a role. What is usual for a letter is left to the formulas, but for these."""
    if (role == "gradient") != letter.gradient:
        return False
    if role == "rate":
        words = any(word in letter.name.lower() for word in RATE_WORDS)
        return words or (letter.base in RATES and letter.base not in ("lambda", "beta") and not letter.hat)
    if role == "eps":
        return letter.base in SMALL
    if role == "t":
        return letter.name in TIMES
    if role in CONSTANTS and (letter.hat or (letter.time is not None and len(letter.base) == 1)):
        return False
    if letter.base == "beta" and role in ("beta1", "beta2"):
        digits = [part for part in letter.name.split("_")[1:] if part in ("1", "2")]
        return not digits or role.endswith(digits[0])
    if letter.base == "Delta" and role not in (MOVE, "velocity"):
        return False
    if letter.base == "beta" and role == "decay":
        return False
    return letter.base not in NO_STATES or role in CONSTANTS


def _hats_fit(letter: Letter, role: str, roles: Mapping[str, str]) -> bool:
    """Whether ``m̂`` and ``m`` belong to each other in the roles as well."""
    for name, other in roles.items():
        if name + "hat" == letter.name and role != other + "hat":
            return False
        if letter.name + "hat" == name and other != role + "hat":
            return False
    return True


def _assigned(
    letters: Sequence[tuple[Letter, str]], symbols: Sequence[Expr], system: System, roles: dict[str, str]
) -> Iterator[tuple[dict[str, str], dict[Expr, Expr]]]:
    """Every admissible pairing of the letters with the symbols of a formula."""
    if not letters:
        yield roles, {}
        return
    (letter, when), rest = letters[0], letters[1:]
    for place, symbol in enumerate(symbols):
        role, wanted = role_of(symbol, system)
        if when and wanted and when != wanted:
            continue
        if wanted == "older" and when != "older":
            continue
        given = _given(letter, role, roles)
        if given is None:
            continue
        others = [*symbols[:place], *symbols[place + 1 :]]
        for found, sides in _assigned(rest, others, system, given):
            yield found, {letter.symbol: symbol, **sides}


def consistent(lines: Sequence[Line], roles: Roles) -> bool:
    """Whether lines use their letters in one way: one gradient, of the parameter; hats on both means or on none; one time.

    A letter that no line defines is meant at the time of the others of its kind.
    """
    parameter = next((name for name, role in roles.items() if role == "theta"), None)
    bases = {letter.base for line in lines for letter in _all(line) if letter.name == parameter}
    times: dict[str, set[object]] = {}
    for line in lines:
        means = [(letter, when) for letter, when in line.letters if roles.get(letter.name) in MEANS]
        free = {letter.time for letter, when in means if when in ("", "new")}
        hats = {letter.hat for letter, _ in means}
        if len(free) > 1 or len(hats) > 1 or any(letter.base in bases for letter, _ in means):
            return False
        for letter, _ in line.letters:
            if not letter.gradient:
                continue
            times.setdefault(letter.name, set()).add(letter.time)
            if letter.base == "d" and parameter is not None and letter.name != f"d {parameter}":
                return False
    return all(len(found) == 1 for found in times.values())


def _all(line: Line) -> list[Letter]:
    return [line.target, *(letter for letter, _ in line.letters)]


def _same(line: Line, formula: Expr, sides: Mapping[Expr, Expr]) -> bool:
    """Whether both formulas have the same values at some points."""
    for number in range(POINTS):
        values = {symbol: _drawn(str(symbol), number) for symbol in formula.free_symbols}
        right = value_of(formula, values)
        left = value_of(line.formula, {letter: values[symbol] for letter, symbol in sides.items()})
        if left is None or right is None or abs(left - right) > CLOSE * (1 + abs(right)):
            return False
    return True


def _drawn(name: str, number: int) -> float:
    """A value for a symbol: constants of means lie between 0 and 1, times above 1."""
    seed = sum((place + 1) * ord(letter) for place, letter in enumerate(name)) * 7919 + number * 104729
    part = (seed * 0.6180339887498949) % 1.0
    if name == "t":
        return 1.5 + 2 * part
    return 0.2 + 0.6 * part if name in CONSTANTS else 0.4 + 1.7 * part


def value_of(formula: Any, values: Mapping[Expr, float]) -> float | None:
    """The value of a formula of numbers at a point; None where it has none. Raises NotUnderstood for another operation."""
    try:
        return _value(formula, values)
    except (ZeroDivisionError, OverflowError, ValueError):
        return None


def _value(formula: Any, values: Mapping[Expr, float]) -> float:
    if formula.is_Symbol:
        return values[formula]
    if formula.is_number:
        return float(formula)
    parts = [_value(part, values) for part in formula.args]
    if formula.is_Add:
        return math.fsum(parts)
    if formula.is_Mul:
        return math.prod(parts)
    if formula.is_Pow:
        return math.pow(*parts)
    raise NotUnderstood("an operation that no optimizer here has")


def at_the_right_place(line: Line, system: System, roles: Roles) -> bool:
    """Whether the gradient of a line is taken where the system takes it."""
    return all(_is_at(letter.at, system.ahead, roles) for letter, _ in line.letters if letter.gradient)


def _is_at(place: Expr | None, ahead: Expr | None, roles: Roles) -> bool:
    if place is None or ahead is None:
        return place is ahead
    named = {symbol: roles.get(str(symbol).split("@")[0]) for symbol in place.free_symbols}
    unnamed = [symbol for symbol, role in named.items() if role is None]
    if len(unnamed) == 1 and "theta" not in roles.values():
        named[unnamed[0]] = "theta"
    if set(named.values()) != {str(symbol) for symbol in ahead.free_symbols}:
        return False
    for number in range(POINTS):
        values = {symbol: _drawn(str(symbol), number) for symbol in ahead.free_symbols}
        left = value_of(place, {symbol: values[sympy.Symbol(str(role))] for symbol, role in named.items()})
        right = value_of(ahead, values)
        if left is None or right is None or abs(left - right) > CLOSE * (1 + abs(right)):
            return False
    return True
