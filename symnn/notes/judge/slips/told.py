"""Telling a decision: the place of a link, what was understood, the witness, the right formula."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from sympy import Expr

from symnn.formula.application import Array, unfold_applications
from symnn.formula.nodes import Tensor, tensors
from symnn.notation import to_text
from symnn.notation import tree as t
from symnn.notation.traverse import replace
from symnn.notation.tree import Link as TreeLink
from symnn.notation.tree import Node, Relation
from symnn.notes.judge.claims import Claim
from symnn.notes.judge.decision.decide import Decision
from symnn.notes.judge.decision.trials import Witness
from symnn.notes.judge.gradients.gradients_told import in_short
from symnn.notes.judge.links import Link, names_in, region_of, written
from symnn.notes.judge.reading.canonical import canonical
from symnn.notes.judge.reading.reader import ClaimReader
from symnn.notes.judge.reading.samples import as_written
from symnn.notes.judge.reading.sortings import sortings
from symnn.notes.judge.slips.slip import Correction
from symnn.notes.judge.slips.worked_out import bare_names, left_formula
from symnn.notes.read.names import parts_of
from symnn.write.compose.context import fact_node
from symnn.write.notate import Names, NoMatrixForm, NotateError
from symnn.write.notate.build import decimal_text

MOST_SHOWN = 400
MOST_NAMES = 8


def claim_of(link: Link, decision: Decision, reader: ClaimReader | None, correction: Correction | None = None) -> Claim:
    """The claim that a link makes, with what was decided."""
    correct, slip = "", ""
    if decision.verdict == "refuted":
        correct, slip = right_formula(link, decision, reader, correction)
    return Claim(
        id=0, **region_of(link).as_fields(), source=written(link),
        reading=reading_of(link, decision, reader), verdict=decision.verdict,  # type: ignore[arg-type]
        reason=decision.reason, correct=correct, slip=slip,
        witness=witness_text(decision.witness, reader), facts=facts_text(decision, reader),
    )  # fmt: skip


def shown(node: Node) -> str:
    """A tree in plain notation, or "" where it has none."""
    try:
        return to_text(as_written(in_short(node)))[:MOST_SHOWN]
    except (ValueError, TypeError, KeyError, RecursionError):
        return ""


# -- what was understood --------------------------------------------------------------------------------------------------


def reading_of(link: Link, decision: Decision, reader: ClaimReader | None) -> str:
    """The claim in plain notation, with the shapes of its names and the choices that reading it took."""
    left, right = (shown(canonical(node)) for node in link.nodes)
    if not left or not right:
        return ""
    text = f"{left} {'≈' if link.operator == 'approx' else '='} {right}"
    shapes = [] if reader is None else list(_shapes(link, reader))
    if shapes:
        text += f"   [{', '.join(shapes[:MOST_NAMES])}]"
    said = decision.pair.said if decision.pair is not None else ()
    if said:
        text += f"   ({'; '.join(dict.fromkeys(said))})"
    return text


def _shapes(link: Link, reader: ClaimReader) -> Iterable[str]:
    seen = set()
    for node in names_in(link.nodes):
        parts = parts_of(node)
        assert parts is not None
        for sorted_ in sortings(parts):
            tensor = reader.world.tensors.get(sorted_.key)
            if tensor is None:
                continue
            if tensor not in seen and tensor.rank:
                yield f"{name_of(tensor, reader)}: {'×'.join(f'({size})' if size.is_Add else str(size) for size in tensor.shape)}"
            seen.add(tensor)
            break


def name_of(tensor: Tensor, reader: ClaimReader) -> str:
    """A tensor as the document calls it."""
    node = bare_names(reader.world).get(tensor.name)
    return (shown(node) if node is not None else "") or tensor.name


def facts_text(decision: Decision, reader: ClaimReader | None) -> tuple[str, ...]:
    """The facts that bear on a decision, in the document's names."""
    if reader is None:
        return tuple(map(str, decision.facts))
    pair = decision.pair
    sides = () if pair is None else (pair.left, pair.right)
    near = reader.world.closure({t for side in sides for t in tensors(unfold_applications(side))})
    names = Names(reader.world.nodes, t.Name("L"))
    told = []
    for fact in decision.facts:
        if pair is None or fact.tensor in near:
            try:
                told.append(shown(fact_node(fact, names)) or str(fact))
            except (NotateError, NoMatrixForm):
                told.append(str(fact))
    return tuple(told)


def positive_first(node: Node) -> Node:
    """A tree whose sums begin with a term that is added, where they have one: y - t for -t + y."""

    def turned(part: Node) -> Node:
        if not isinstance(part, t.Sum) or part.terms[0].sign == "+":
            return part
        first = next((term for term in part.terms if term.sign == "+"), None)
        return part if first is None else t.Sum((first, *(term for term in part.terms if term is not first)))

    return replace(node, turned)


# -- numbers --------------------------------------------------------------------------------------------------------------


def witness_text(witness: Witness | None, reader: ClaimReader | None) -> str:
    """The numbers at which both sides differ."""
    if witness is None:
        return ""
    point = witness.point
    parts = [f"{size} = {number}" for size, number in point.sizes.items()]
    for tensor, values in point.leaves.items():
        name = tensor.name if reader is None else name_of(tensor, reader)
        parts.append(f"{name} = {_values(values, tensor.shape)}")
    parts += [f"{symbol} = {number_text(value)}" for symbol, value in point.symbols.items()]
    where = "" if not witness.place else f" at entry ({', '.join(str(p + 1) for p in witness.place)})"
    left, right = (ball_text(value) for value in (witness.left, witness.right))
    text = ", ".join(parts)
    if len(text) > MOST_SHOWN:
        text = text[: MOST_SHOWN - 1] + "…"
    return f"{text}: left {left}, right {right}{where}" if text else f"left {left}, right {right}{where}"


def number_text(value: Fraction) -> str:
    """A number, as a decimal where that is exact and short."""
    if value.denominator == 1:
        return str(value.numerator)
    return decimal_text(value) or f"{value.numerator}/{value.denominator}"


def ball_text(value: Any) -> str:
    """A number with six digits, without the zeros at its end."""
    text: str = value.str(6, radius=False)
    digits, e, exponent = text.partition("e")
    return (digits.rstrip("0").rstrip(".") if "." in digits else digits) + e + exponent


def _values(values: Mapping[tuple[int, ...], Any], shape: tuple[Expr, ...]) -> str:
    if not shape:
        return number_text(values[()])
    rows: dict[tuple[int, ...], list[str]] = {}
    for place, value in values.items():
        rows.setdefault(place[:-1], []).append(number_text(value))
    lines = ["(" + ", ".join(row) + ")" for row in rows.values()]
    return lines[0] if len(lines) == 1 else "[" + "; ".join(lines) + "]"


# -- the right formula ----------------------------------------------------------------------------------------------------


def right_formula(
    link: Link, decision: Decision, reader: ClaimReader | None, correction: Correction | None
) -> tuple[str, str]:
    """The right formula in the document's notation, and the slip."""
    left, right = link.nodes
    if correction is not None:
        sides = (correction.node, right) if correction.on_left else (left, correction.node)
        return _right(sides[0], sides[1], decision, reader), correction.slip
    if reader is None or decision.pair is None:
        return "", "another formula"
    if decision.witness is None:
        return _worked(link, decision), "arithmetic"
    node = left_formula(decision.pair, reader)
    if node is None:
        return "", "another formula"
    return shown(Relation(left, (TreeLink("=", node),))), "another formula"


def _right(left: Node, right: Node, decision: Decision, reader: ClaimReader | None) -> str:
    """``left = right``; where the right side only repeats the left one, what that is."""
    if shown(left) != shown(right):
        return shown(positive_first(Relation(left, (TreeLink("=", right),))))
    worked = None if reader is None or decision.pair is None else left_formula(decision.pair, reader)
    if worked is None or shown(worked) == shown(left):
        return shown(right)
    return shown(Relation(left, (TreeLink("=", worked),)))


def _worked(link: Link, decision: Decision) -> str:
    """The result of arithmetic, with as many digits as were written."""
    from symnn.formula.evaluate import Assignment, EvaluationError, evaluate, precision

    if decision.pair is None or tensors(unfold_applications(decision.pair.left)):
        return ""
    with precision(200):
        try:
            value = evaluate(unfold_applications(decision.pair.left), Assignment())
        except EvaluationError:
            return ""
    exact = decision.pair.left
    if exact.is_Rational:
        number = Fraction(int(exact.p), int(exact.q))
        result = number_text(round(number, max(_digits(link.right.node), 0)) if number.denominator != 1 else number)
    else:
        result = ball_text(value)
    return f"{shown(link.left.node)} = {result}"


def _digits(node: Node) -> int:
    while isinstance(node, t.Negative | t.Group):
        node = node.body
    if isinstance(node, t.Number) and "." in node.text:
        return len(node.text.partition(".")[2])
    return 4


__all__ = ["Array", "claim_of", "name_of", "number_text", "reading_of", "right_formula", "shown", "witness_text"]
