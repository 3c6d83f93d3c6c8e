"""Random worked examples: right ones are never refuted, one wrong number among them is found where it stands."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st
from random_formulas import thorough

from symnn.notes.find import find
from symnn.notes.judge.claims import Claim
from symnn.notes.judge.worlds.context import Context
from symnn.notes.worked import judge_worked
from symnn.notes.worked.digits import ROUNDINGS, Rounding, round_to, shown

EXAMPLES = 40
CONFIRMED = {"proved", "agrees"}


def claims_of(note: str) -> list[Claim]:
    """What is said of the worked examples of a note."""
    claims = judge_worked(Context(find(note, name="note.md")))
    assert not [claim for claim in claims if "defect" in claim.reason]
    return claims


def refuted(claims: list[Claim]) -> list[tuple[int, str]]:
    """The lines of the claims that are refuted, with the values that are called right."""
    return [(claim.line, claim.correct) for claim in claims if claim.verdict == "refuted"]


def verdicts_at(claims: list[Claim], line: int, text: str) -> set[str]:
    """The verdicts on the claims of a line whose place is that of a text."""
    return {
        c.verdict
        for c in claims
        if c.line == line and c.source_line[c.column - 1 : c.end_column - 1].strip("*_` ") == text
    }


def fixed(value: Fraction, places: int, rounding: Rounding = "half away from zero") -> str:
    """A number as people print it, with as many places as wanted."""
    unit = Fraction(1, 10**places)
    return shown(round_to(value, unit, rounding), unit) if places else str(int(round_to(value, unit, rounding)))


# -- arithmetic ---------------------------------------------------------------------------------------------

whole = st.integers(2, 60)
decimal = st.builds(lambda n, p: (Fraction(n, 10**p), p), st.integers(1, 9999), st.integers(1, 3))


@st.composite
def sums_of_products(draw: st.DrawFn, numbers: st.SearchStrategy[tuple[Fraction, int]]) -> tuple[str, Fraction]:
    """A calculation such as ``3 × 4 + 5 × (-6) - 7`` with its value."""
    text, value = "", Fraction(0)
    for place in range(draw(st.integers(2, 4))):
        product, factors = Fraction(1), []
        for _ in range(draw(st.integers(1, 3))):
            number, places = draw(numbers)
            negative = draw(st.booleans()) and bool(factors)
            product *= -number if negative else number
            factors.append(f"(−{fixed(number, places)})" if negative else fixed(number, places))
        minus = place and draw(st.booleans())
        value += -product if minus else product
        text += f" {'−' if minus else '+'} " if place else ""
        text += draw(st.sampled_from([" × ", " · "])).join(factors)
    return text, value


wholes = sums_of_products(st.builds(lambda n: (Fraction(n), 0), whole))
decimals = sums_of_products(decimal)


@given(wholes)
@thorough(EXAMPLES)
def test_right_sums_of_products(calculation: tuple[str, Fraction]) -> None:
    text, value = calculation
    claims = claims_of(f"{text} = {value}\n")
    assert {claim.verdict for claim in claims} == {"proved"}


@given(wholes, st.integers(-50, 50).filter(bool))
@thorough(EXAMPLES)
def test_wrong_sums_of_products(calculation: tuple[str, Fraction], error: int) -> None:
    text, value = calculation
    claims = claims_of(f"{text} = {value + error}\n")
    assert not {claim.verdict for claim in claims} & CONFIRMED
    assert refuted(claims) in ([(1, str(value))], [])
    unexplained = [claim for claim in claims if claim.verdict == "undecided" and "it holds" not in claim.reason]
    assert not unexplained


@given(decimals, st.integers(0, 4), st.sampled_from(ROUNDINGS))
@thorough(EXAMPLES)
def test_rounded_results_are_not_refuted(calculation: tuple[str, Fraction], places: int, rounding: Rounding) -> None:
    text, value = calculation
    assert refuted(claims_of(f"{text} = {fixed(value, places, rounding)}\n")) == []


@given(st.lists(decimal, min_size=2, max_size=4), st.integers(1, 3))
@thorough(EXAMPLES)
def test_rounded_operands_are_not_refuted(numbers: list[tuple[Fraction, int]], places: int) -> None:
    """The result is computed with more digits than are printed of the operands."""
    product = Fraction(1)
    for number, _ in numbers:
        product *= number
    text = " × ".join(fixed(number, max(1, digits - 1)) for number, digits in numbers)
    assert refuted(claims_of(f"{text} = {fixed(product, places)}\n")) == []


# -- tables of functions ------------------------------------------------------------------------------------

SUPERSCRIPTS = {2: "²", 3: "³"}


@st.composite
def polynomials(draw: st.DrawFn) -> tuple[str, Callable[[Fraction], Fraction]]:
    """A polynomial in x as people write it, with its values."""
    degree = draw(st.integers(1, 3))
    coefficients = [draw(st.integers(-5, 5)) for _ in range(degree)] + [draw(st.integers(1, 4))]
    terms = ""
    for power, coefficient in reversed(list(enumerate(coefficients))):
        if not coefficient:
            continue
        letter = "" if not power else "x" + SUPERSCRIPTS.get(power, "")
        number = str(abs(coefficient)) if abs(coefficient) != 1 or not power else ""
        sign = " − " if coefficient < 0 else " + "
        terms += (sign if terms else "") + number + letter
    return terms, lambda x: sum((c * x**p for p, c in enumerate(coefficients)), Fraction(0))


@st.composite
def points(draw: st.DrawFn) -> list[Fraction]:
    """Different numbers with at most one place."""
    tenths = draw(st.lists(st.integers(-60, 60), min_size=4, max_size=8, unique=True))
    return [Fraction(n, 10) for n in tenths] if draw(st.booleans()) else [Fraction(n) for n in tenths]


def table(header: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown; its first row of cells is line 3."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join("| " + " | ".join(cells) + " |\n" for cells in lines)


@given(polynomials(), points(), st.integers(0, 4), st.sampled_from(ROUNDINGS))
@thorough(EXAMPLES)
def test_right_tables(
    polynomial: tuple[str, Callable[[Fraction], Fraction]], xs: list[Fraction], places: int, rounding: Rounding
) -> None:
    text, function = polynomial
    rows = [[fixed(x, 1), fixed(function(x), places, rounding)] for x in xs]
    assert refuted(claims_of(table(["x", f"f(x) = {text}"], rows))) == []


@given(polynomials(), points(), st.data())
@thorough(EXAMPLES)
def test_one_wrong_cell(
    polynomial: tuple[str, Callable[[Fraction], Fraction]], xs: list[Fraction], data: st.DataObject
) -> None:
    text, function = polynomial
    values = [function(x) for x in xs]
    wrong = data.draw(st.integers(0, len(xs) - 2))
    error = data.draw(st.integers(-400, 400).filter(lambda n: abs(n) > 100))
    printed = [*values]
    printed[wrong] += Fraction(error, 100) * (1 + abs(values[wrong]))
    assume(abs(printed[wrong] - values[wrong]) > 1)
    rows = [[fixed(x, 1), fixed(value, 4)] for x, value in zip(xs, printed, strict=True)]
    claims = claims_of(table(["x", f"f(x) = {text}"], rows))
    assert [line for line, _ in refuted(claims)] == [3 + wrong]
    assert Fraction(refuted(claims)[0][1]) == values[wrong]
    assert not verdicts_at(claims, 3 + wrong, rows[wrong][1]) & CONFIRMED


# -- traces -------------------------------------------------------------------------------------------------


@st.composite
def descents(draw: st.DrawFn) -> tuple[str, list[Fraction], int]:
    """A rule ``x − η×c(x − m)``, a trace of it, and the places to print: exact, or rounded or cut off at every step."""
    rate, slope, minimum = Fraction(draw(st.integers(1, 4)), 10), draw(st.integers(1, 3)), draw(st.integers(0, 3))
    places = draw(st.integers(2, 5))
    rounding = draw(st.sampled_from([None, *ROUNDINGS]))
    x = Fraction(draw(st.integers(5, 20)))
    states = [x]
    for _ in range(draw(st.integers(4, 8))):
        x -= rate * slope * (x - minimum)
        if rounding is not None:
            x = round_to(x, Fraction(1, 10**places), rounding)
        states.append(x)
    inner = f"{slope}(x − {minimum})" if minimum else f"{slope}x"
    return f"x − {fixed(rate, 1)}×{inner}", states, places


def trace(rule: str, states: list[Fraction], places: int) -> tuple[list[list[str]], str]:
    """The rows of a trace and its table."""
    rows = [
        [str(step), fixed(one, places), fixed(two, places)]
        for step, (one, two) in enumerate(itertools.pairwise(states))
    ]
    return rows, table(["k", "x", rule], rows)


@given(descents())
@thorough(EXAMPLES)
def test_right_traces(descent: tuple[str, list[Fraction], int]) -> None:
    rows, note = trace(*descent)
    claims = claims_of(note)
    assert refuted(claims) == []
    assert len([claim for claim in claims if claim.verdict in CONFIRMED]) >= len(rows)


@given(descents(), st.data())
@thorough(EXAMPLES)
def test_one_wrong_step(descent: tuple[str, list[Fraction], int], data: st.DataObject) -> None:
    rule, states, places = descent
    assume(len({fixed(state, places) for state in states}) == len(states))
    wrong = data.draw(st.integers(1, len(states) - 2))
    rows, _ = trace(rule, states, places)
    error = data.draw(st.sampled_from([-1, 1])) * max(Fraction(20, 10**places), abs(states[wrong]) / 4)
    rows[wrong][1] = fixed(states[wrong] + error, places)
    claims = claims_of(table(["k", "x", rule], rows))
    assert not verdicts_at(claims, 3 + wrong, rows[wrong][1]) & CONFIRMED
    assert {line for line, _ in refuted(claims)} <= {3 + wrong}


# -- weights, truth tables, update rules --------------------------------------------------------------------


@given(
    st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=2, max_size=4), st.integers(-9, 9), st.data()
)
@thorough(EXAMPLES)
def test_neurons(pairs: list[tuple[int, int]], bias: int, data: st.DataObject) -> None:
    assume(all(weight and x for weight, x in pairs))
    given_ = ", ".join(f"w{i} = {w}, x{i} = {x}" for i, (w, x) in enumerate(pairs, start=1))
    formula = " + ".join(f"w{i}·x{i}" for i in range(1, len(pairs) + 1)) + " + b"
    worked = " + ".join(f"({w})·({x})" for w, x in pairs) + f" + ({bias})"
    value = sum(w * x for w, x in pairs) + bias
    error = data.draw(st.sampled_from([0, 1, -3, 10]))
    claims = claims_of(f"Let {given_}, b = {bias}, and\n\nz = {formula}\n\nz = {worked} = {value + error}\n")
    if error:
        assert not {c.verdict for c in claims if c.line == 5 and c.source.endswith(f"= {value + error}")} & CONFIRMED
        assert {line for line, _ in refuted(claims)} <= {5}
    else:
        assert refuted(claims) == []
        assert {claim.verdict for claim in claims if claim.line == 5} == {"proved"}


GATES: dict[str, Callable[[int, int], int]] = {
    "AND": lambda a, b: a & b,
    "OR": lambda a, b: a | b,
    "XOR": lambda a, b: a ^ b,
    "NAND": lambda a, b: 1 - (a & b),
    "NOR": lambda a, b: 1 - (a | b),
    "XNOR": lambda a, b: 1 - (a ^ b),
}


@given(
    st.sampled_from(sorted(GATES)),
    st.permutations(list(itertools.product((0, 1), repeat=2))),
    st.sampled_from([None, 0, 1, 2, 3]),
)
@thorough(EXAMPLES)
def test_gates(gate: str, inputs: list[tuple[int, int]], wrong: int | None) -> None:
    results = [GATES[gate](a, b) for a, b in inputs]
    if wrong is not None:
        results[wrong] = 1 - results[wrong]
    rows = [[str(a), str(b), str(y)] for (a, b), y in zip(inputs, results, strict=True)]
    claims = claims_of(table(["a", "b", gate], rows))
    if wrong is None:
        assert {claim.verdict for claim in claims if claim.column > 5} == {"proved"}
    else:
        assert refuted(claims) == [(3 + wrong, str(1 - results[wrong]))]


LOSSES = {  # each with whether it is to be made small
    r"\frac{1}{2}(y - t)^2": True,
    r"\|y - t\|^2": True,
    r"-\frac{1}{2}(y - t)^2": False,
    r"\sum_i (y_i - t_i)^2": True,
    r"-(t - y)^2": False,
    r"\frac{1}{N}\sum_n (y_n - t_n)^2": True,
}
GRADIENTS = [r"\frac{\partial Q}{\partial w}", r"\nabla_w Q", r"\nabla Q"]


@given(
    st.sampled_from(sorted(LOSSES)),
    st.sampled_from(GRADIENTS),
    st.sampled_from(["w = w", r"w \leftarrow w", r"w_{t+1} = w_t"]),
    st.booleans(),
    st.sampled_from([r"\eta", r"\alpha", "0.1", r"\frac{\eta}{N}"]),
)
@thorough(EXAMPLES)
def test_directions(loss: str, gradient: str, left: str, descends: bool, rate: str) -> None:
    note = f"$$ Q = {loss} $$\n\n$$ {left} {'-' if descends else '+'} {rate} {gradient} $$\n"
    verdicts = {claim.verdict for claim in claims_of(note) if claim.line == 3}
    assert verdicts == ({"agrees"} if LOSSES[loss] == descends else {"refuted"})
