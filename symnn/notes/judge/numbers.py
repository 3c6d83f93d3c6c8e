"""Links with a number on one side: which of them are equations to decide, and which are worked examples.

``∂y/∂b = 1`` holds for all numbers or for none. ``∂E/∂w = 26`` and ``σ(2) = 0.88`` are about the numbers that a document
works with, or about rounded ones; `symnn.notes.worked` judges those.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy

from symnn.formula.application import unfold_applications
from symnn.formula.index import Index
from symnn.formula.nodes import tensors
from symnn.notation import tree as t
from symnn.notation.traverse import walk
from symnn.notation.tree import Node
from symnn.notes.judge.links import Link
from symnn.notes.judge.values import Value
<<<<<<< 408df49
from symnn.notes.judge.world import World
from symnn.notes.read.names import Key, parts_of
from symnn.notes.read.statements import Statement, nearness
from symnn.notes.read.symbols import is_numeric

BITS = 200
MOST_SETS = 12
LAST_DIGITS = 2e-4
"""Below this relative difference decimals that do not match may come from digits that were carried but not printed."""


@dataclass(frozen=True)
class Stated:
    """A number that the document gives for a name."""

    key: Key
    value: Fraction
    slack: Fraction
    statement: Statement

    @property
    def line(self) -> int:
        """Where it is given."""
        return self.statement.spot.place().line or 0

    @property
    def block(self) -> int:
        """The paragraph or display in which it is given."""
        return -1 if self.statement.span is None else self.statement.span.block


def stated_numbers(context: Context) -> dict[Key, list[Stated]]:
    """Every number that the document gives for a name, in its order; that of a chain is the one at its end."""
    found: dict[Key, list[Stated]] = {}
    for statement in context.statements:
        if not statement.steps or statement.doubt:
            continue
        if any(step.operator not in ("=", "approx", "equiv", ":=") for step in statement.steps):
            continue
        last = statement.steps[-1]
        node = last.right.node
        parts = parts_of(statement.first.node)
        key = None if parts is None else context.table.labelled(parts)
        value = plain_number(node)
        if key is None or value is None:
            continue
        worked = len(statement.steps) > 1 or last.operator == "approx"
        slack = half_unit(node) if worked else Fraction(0)
        found.setdefault(key, []).append(Stated(key, value, slack, statement))
    return found


def plain_number(node: Node) -> Fraction | None:
    """The value of a number with its sign; None for anything else."""
    match node:
        case t.Number():
            try:
                return Fraction(node.text.replace(",", ""))
            except ValueError:
                return None
        case t.Negative():
            inner = plain_number(node.body)
            return None if inner is None else -inner
        case t.Group() if node.left in ("(", "[", "{"):
            return plain_number(node.body)
        case t.Quotient() if isinstance(node.numerator, t.Number) and isinstance(node.denominator, t.Number):
            bottom = plain_number(node.denominator)
            top = plain_number(node.numerator)
            return None if not bottom or top is None else top / bottom
    return None


def half_unit(node: Node) -> Fraction:
    """Half a unit in the last place of a decimal; 0 for a whole number."""
    while isinstance(node, t.Negative | t.Group):
        node = node.body
    if not isinstance(node, t.Number):
        return Fraction(0)
    text = node.text.lower()
    mantissa, _, exponent = text.partition("e")
    _, point, digits = mantissa.partition(".")
    if not point:
        return Fraction(0)
    return Fraction(1, 2) * Fraction(10) ** (int(exponent or 0) - len(digits))


# -- which case a link is -------------------------------------------------------------------------------------------------

=======
from symnn.notes.read.names import parts_of
from symnn.notes.read.symbols import is_numeric

>>>>>>> 63b49c54467da42e1fcf5aa08b4936d703da4ab8

def is_plain(values: Sequence[Value]) -> bool:
    """Whether a side is a number, or an array of numbers, without any name."""
    return all(not tensors(unfold_applications(value.array.body)) and not _symbols(value) for value in values)


def _symbols(value: Value) -> set[Any]:
    return {s for s in value.array.free_symbols if isinstance(s, sympy.Symbol) and not isinstance(s, Index)}


def is_exact(link: Link, sides: Sequence[Sequence[Value]]) -> bool:
    """Whether both sides of a link are exact numbers or matrices: fractions, written without decimals.

    A list in brackets may be a vector, but also an interval or a size.
    """
    if link.operator == "approx" or any(_is_inexact(part) for node in link.nodes for part in walk(node)):
        return False
    bodies = [(values[0].rank, unfold_applications(values[0].array.body)) for values in sides if is_plain(values)]
    return len(bodies) == len(sides) and all(rank or body.is_Rational for rank, body in bodies)


def _is_inexact(node: Node) -> bool:
    return isinstance(node, t.Sequence) or (isinstance(node, t.Number) and "." in node.text)


<<<<<<< 408df49
class _Slack:
    """Reads a tree with every decimal as a ball of the numbers that round to it."""

    def __init__(self, reader: ClaimReader) -> None:
        self.reader = reader
        self.balls: dict[Tensor, tuple[Fraction, Fraction]] = {}

    def formula(self, node: Node, loose: bool = False) -> Any:
        """The formula with decimals as tensors."""
        from symnn.notation.traverse import replace

        def change(part: Node) -> Node:
            if not isinstance(part, t.Number):
                return part
            unit = half_unit(part)
            if not unit and loose and part.text.isdigit():
                unit = Fraction(1, 2)
            if not unit:
                return part
            name = f"decimal{len(self.balls)}"
            tensor = Tensor(name)
            self.balls[tensor] = (Fraction(part.text), unit)
            self.reader.world.tensors[Key(name)] = tensor
            return t.Name(name, span=part.span)

        try:
            return self.reader.read(replace(node, change), Scope())[0].array.body
        finally:
            for tensor in list(self.balls):
                self.reader.world.tensors.pop(Key(tensor.name), None)

    @property
    def values(self) -> dict[Tensor, dict[tuple[int, ...], arb]]:
        """The balls, as an assignment has them."""
        return {tensor: {(): _ball(mid, rad)} for tensor, (mid, rad) in self.balls.items()}


def _ball(mid: Fraction, rad: Fraction) -> arb:
    # A little more than half a unit, so that exact halves count as rounded either way.
    exact = arb(fmpq(mid.numerator, mid.denominator))
    return exact + arb(0, float(rad) * 1.0000001) if rad else exact


def arithmetic(link: Link, reader: ClaimReader, pair: Pair) -> Decision:
    """``26 × 12 = 312``: exact, or to the digits that are written."""
    left, right = (unfold_applications(side) for side in (pair.left, pair.right))
    loose = link.operator == "approx"
    with precision(BITS):
        try:
            exact = [evaluate(side, Assignment()) for side in (left, right)]
        except EvaluationError as error:
            return Decision("undecided", str(error), pair)
        if not (exact[0] - exact[1]).contains(0):
            return rounded(link, reader, pair, {}, (), exact, loose)
        if sympy.expand(left - right) == 0 or float((exact[0] - exact[1]).rad()) < 1e-40:
            return Decision("proved", "the arithmetic is right", pair)
    return Decision("undecided", "numbers do not decide it", pair)


def rounded(
    link: Link,
    reader: ClaimReader,
    pair: Pair,
    given: Mapping[Tensor, Any],
    definitions: Sequence[Any],
    exact: Sequence[arb],
    loose: bool,
) -> Decision:
    """What rounding explains: the digits of a result, and those of the numbers that it is made of."""
    left, right = link.nodes
    if _holds(link, reader, given, definitions, result_only=True, loose=loose):
        return Decision("agrees", "equal to the digits that are written", pair)
    if _holds(link, reader, given, definitions, result_only=False, loose=loose):
        both = any(_has_decimal(side) for side in (left, right))
        small = abs(float(exact[0]) - float(exact[1])) <= 0.01 * max(abs(float(exact[0])), abs(float(exact[1])), 1e-9)
        if both and small and plain_number(right) is None:
            return Decision("agrees", "equal as far as the rounded numbers in it tell", pair)
        return Decision("undecided", "the difference may come from rounding", pair)
    shown = f"{_decimal(exact[0])} and {_decimal(exact[1])}"
    if any(_has_decimal(side) for side in (left, right)) and _is_last_digit(exact):
        return Decision("undecided", f"the sides differ in their last digits only: they are {shown}", pair)
    return Decision("refuted", f"the two sides are {shown}", pair)


def _is_last_digit(exact: Sequence[arb]) -> bool:
    """Whether two numbers differ so little that one of them may have been worked out with more digits than are shown."""
    one, other = (abs(float(side)) for side in exact)
    return abs(one - other) <= LAST_DIGITS * max(one, other)


def _decimal(value: arb) -> str:
    text = value.str(8, radius=False)
    return str(text)


def _has_decimal(node: Node) -> bool:
    return any(isinstance(part, t.Number) and "." in part.text for part in walk(node))


def _holds(
    link: Link,
    reader: ClaimReader,
    given: Mapping[Tensor, Any],
    definitions: Sequence[Any],
    *,
    result_only: bool,
    loose: bool,
) -> bool:
    slack = _Slack(reader)
    sides = []
    for node in link.nodes:
        whole = plain_number(node) is not None
        if result_only and not whole:
            sides.append(unfold_applications(reader.read(node, Scope())[0].array.body))
        else:
            sides.append(unfold_applications(slack.formula(node, loose)))
    with precision(BITS):
        try:
            assignment = with_definitions(Assignment({}, {**given, **slack.values}), definitions)
            difference = evaluate(sides[0], assignment) - evaluate(sides[1], assignment)
        except (EvaluationError, NotUnderstood):
            return False
        return bool(difference.is_finite() and difference.contains(0))


# -- formulas at given numbers --------------------------------------------------------------------------------------------


def at_given_numbers(
    context: Context, link: Link, reader: ClaimReader, pair: Pair, plain: tuple[bool, bool]
) -> Decision:
    """``∂E/∂w = 26``: the formula at the numbers that are in force, or at another set of them."""
    world = reader.world
    sides = (pair.left, pair.right) if plain[0] == plain[1] else (pair.right if plain[0] else pair.left,)
    present = {tensor for side in sides for tensor in tensors(unfold_applications(side))}
    if any(world.is_dark(tensor) for tensor in present):
        return Decision("undecided", "the numbers of arrays are not put in", pair)
    known = {
        tensor: [stated for stated in found if stated.statement is not link.statement]
        for key, found in stated_numbers(context).items()
        if (tensor := world.tensors.get(key)) is not None
    }
    leaves, definitions = _needed(world, present, known)
    if any(tensor.rank for tensor in leaves):
        return Decision("undecided", "the numbers of arrays are not put in", pair)
    choices: dict[Tensor, list[Stated]] = {}
    for tensor in sorted(leaves, key=lambda t: t.name):
        if not known.get(tensor):
            return Decision("undecided", f"no number is given for {tensor.name}", pair)
        choices[tensor] = sorted(known[tensor], key=lambda s: _fitness(s, link.statement), reverse=True)
    closest: Decision | None = None
    for chosen in sets_of(choices):
        decision = _at(link, reader, pair, chosen, definitions)
        if decision.verdict in ("proved", "agrees"):
            return decision
        closest = closest or decision
    assert closest is not None
    single = all(len({s.value for s in found}) == 1 and not found[0].slack for found in choices.values())
    if closest.verdict == "refuted" and not single:
        return Decision(
            "undecided", "it does not hold at the numbers of the document, which has several sets of them", pair
        )
    return closest


def _needed(
    world: World, present: Iterable[Tensor], known: Mapping[Tensor, Sequence[Stated]]
) -> tuple[set[Tensor], list[Any]]:
    """The names whose numbers are wanted, and the definitions that the others are worked out with.

    A name whose definition needs a number that is not given is itself wanted, where a number is given for it.
    """
    leaves: set[Tensor] = set()
    definitions: dict[Tensor, Any] = {}
    waiting = list(present)
    while waiting:
        tensor = waiting.pop()
        if tensor in leaves or tensor in definitions:
            continue
        open_ = [leaf for leaf in world.leaves([tensor]) if not known.get(leaf)]
        if tensor not in world.equations or (open_ and known.get(tensor)):
            leaves.add(tensor)
            continue
        definitions[tensor] = world.equations[tensor]
        waiting.extend(tensors(world.equations[tensor].formula))
    return leaves, list(definitions.values())


def _fitness(stated: Stated, statement: Statement) -> tuple[Any, ...]:
    own = statement.span.block if statement.span is not None else -2
    other = stated.statement
    return (
        stated.block == own, nearness(other.section, statement.section), other.order < statement.order,
        -abs(other.order - statement.order),
    )  # fmt: skip


def sets_of(choices: Mapping[Tensor, Sequence[Stated]]) -> Iterable[dict[Tensor, Stated]]:
    """Sets of values: the nearest ones first, then those that stand together elsewhere."""
    yield {tensor: found[0] for tensor, found in choices.items()}
    blocks = dict.fromkeys(stated.block for found in choices.values() for stated in found)
    for count, block in enumerate(blocks):
        if count >= MOST_SETS:
            return
        yield {tensor: next((s for s in found if s.block == block), found[0]) for tensor, found in choices.items()}


def _at(
    link: Link, reader: ClaimReader, pair: Pair, chosen: Mapping[Tensor, Stated], definitions: Sequence[Any]
) -> Decision:
    given: dict[Tensor, Mapping[tuple[int, ...], Any]] = {
        tensor: {(): _ball(stated.value, stated.slack) if stated.slack else stated.value}
        for tensor, stated in chosen.items()
    }
    told = tuple(
        f"{tensor.name} = {_shown(stated.value)} (line {stated.line})"
        for tensor, stated in sorted(chosen.items(), key=lambda i: i[0].name)
    )
    with precision(BITS):
        try:
            assignment = with_definitions(Assignment({}, given), definitions)
            exact = [evaluate(unfold_applications(side), assignment) for side in (pair.left, pair.right)]
        except EvaluationError as error:
            return Decision("undecided", str(error), pair)
        if (exact[0] - exact[1]).contains(0) and float((exact[0] - exact[1]).rad()) < 1e-40:
            return Decision("proved", "right at the numbers of the document: " + ", ".join(told), pair)
    found = rounded(link, reader, pair, given, definitions, exact, link.operator == "approx")
    if found.verdict == "agrees":
        return Decision("agrees", f"{found.reason}, at {', '.join(told)}", pair)
    if found.verdict == "refuted":
        return Decision("refuted", f"{found.reason} at {', '.join(told)}", pair)
    return found


def _shown(value: Fraction) -> str:
    from symnn.write.notate.build import decimal_text

    return decimal_text(value) or str(Rational(value.numerator, value.denominator))


def is_given(context: Context, link: Link) -> bool:
=======
def is_given(link: Link) -> bool:
>>>>>>> 63b49c54467da42e1fcf5aa08b4936d703da4ab8
    """Whether a link gives a number for a name: ``x = 3``, ``x ≈ -1``."""
    parts = parts_of(link.left.node)
    return parts is not None and len(link.statement.steps) == 1 and is_numeric(link.right.node)


__all__ = ["is_exact", "is_given", "is_plain"]
