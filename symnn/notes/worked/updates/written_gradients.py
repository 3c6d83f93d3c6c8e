r"""Update rules with the gradient written out: ``\theta_j := \theta_j - \alpha \frac{1}{m} \sum_i (h - y) x_j``.

What stands in the place of the gradient is compared with the derivative of the losses that the document defines.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

from symnn.errors import SymnnError
from symnn.formula.nodes import Tensor
from symnn.notation import tree as t
from symnn.notation.traverse import walk
from symnn.notation.tree import Node
from symnn.notes.judge.equations import judged
from symnn.notes.judge.errors import NotUnderstood
from symnn.notes.judge.links import Link
from symnn.notes.judge.reading.reader import ClaimReader, Scope
from symnn.notes.judge.worlds.context import Context
from symnn.notes.read.names import label_text, parts_of
from symnn.notes.read.shapes.shapes import Clash
from symnn.notes.read.statements import Statement, Step
from symnn.notes.read.symbols import Definition
from symnn.notes.worked.calculations.alignment import factors
from symnn.notes.worked.names import plain
from symnn.notes.worked.symbol_table import SymbolTable
from symnn.notes.worked.updates.update_rules import Move, UpdateRule, base_of

LOSSES = frozenset(["L", "J", "E", "C", "calL", "calJ", "loss", "Loss", "error", "Error", "cost", "Cost", "MSE", "BCE"])
RATES = frozenset(["alpha", "eta", "lr", "epsilon", "varepsilon", "gamma", "mu", "rho", "tau", "LR", "lambda"])
DATES = frozenset(["new", "next", "neu", "nouveau"])
MOST_LOSSES = 3
MOST_DIFFERENCES = 2
ONE, TWO = t.Number("1"), t.Number("2")


def with_written_gradient(rule: UpdateRule, context: Context, symbols: SymbolTable) -> UpdateRule:
    """The rule with its only move, where what it adds is a derivative that is written out; else the rule itself."""
    if rule.moves or len(rule.rest) != 1 or rule.own or rule.rest[0].sign not in ("+", "-"):
        return rule
    found = _split(rule.rest[0], symbols)
    if found is None:
        return rule
    sign, rates, gradient = found
    for objective in _losses(context, rule.statement):
        for turned in (1, -1):
            if any(
                _is_derivative(context, rule, objective, scaled)
                for scaled in _scaled(gradient, turned, _definition_letters(objective))
            ):
                move = Move(sign * turned, rates, objective.node, rule.target, rule.rest[0])
                return replace(rule, moves=(move,), rest=())
    for error, difference in errors_of(gradient):
        for turned in (1, -1):
            if sign * turned > 0 and any(base_of(term.term) == base_of(rule.target) for term in difference.terms):
                # Away from a neighbour, as momentum and learning vector quantisation go on purpose.
                continue
            counts = _counts(gradient)
            if any(_is_slope(context, rule, error, scaled, difference) for scaled in _scaled(gradient, turned, counts)):
                return replace(rule, moves=(Move(sign * turned, rates, error, rule.target, rule.rest[0]),), rest=())
    return rule


def errors_of(gradient: Node) -> Iterator[tuple[Node, t.Sum]]:
    r"""The errors that a difference in a gradient may come from, with it: its square, and the cross-entropy of both sides.

    >>> from symnn.notation import parse_latex, to_text
    >>> [to_text(error) for error, _ in errors_of(parse_latex(r"(y - p) x"))][:1]
    ['(1/2) (y - p)²']
    """
    found: dict[Node, None] = {}
    for part in walk(gradient):
        inner = plain(part) if isinstance(part, t.Group) and part.left in ("(", "[") else None
        if isinstance(inner, t.Sum) and [term.sign for term in inner.terms] in (["+", "-"], ["-", "+"]):
            found.setdefault(inner)
    for difference in list(found)[:MOST_DIFFERENCES]:
        assert isinstance(difference, t.Sum)
        half = t.Quotient(ONE, TWO)
        for left, right in (("(", ")"), ("‖", "‖")):
            yield t.Product("juxtaposed", (half, t.Script(t.Group(difference, left, right), sup=TWO))), difference
        for target, output in itertools.permutations(term.term for term in difference.terms):
            yield _cross_entropy(target, output), difference


def _cross_entropy(target: Node, output: Node) -> Node:
    def rest(node: Node) -> Node:
        return t.Group(t.Sum((t.Signed("+", ONE), t.Signed("-", node))))

    def log(node: Node) -> Node:
        return t.Call(t.Name("log"), (plain(node),))

    first = t.Product("juxtaposed", (target, log(output)))
    second = t.Product("juxtaposed", (rest(target), log(rest(output))))
    return t.Negative(t.Group(t.Sum((t.Signed("+", first), t.Signed("+", second)))))


def _counts(gradient: Node) -> list[Node]:
    """One over the first number of samples that a gradient is divided by: times that, the division is undone."""
    bars = (part.denominator for part in walk(gradient) if isinstance(part, t.Quotient))
    return [t.Quotient(ONE, below) for below in itertools.islice(bars, 1)]


def _split(term: t.Signed, symbols: SymbolTable) -> tuple[int, tuple[Node, ...], Node] | None:
    """The sign of a term, its step sizes, and what is left: None where nothing or no step size is left."""
    sign = 1 if term.sign == "+" else -1
    inner = plain(term.term)
    while isinstance(inner, t.Negative):
        sign, inner = -sign, plain(inner.body)
    if not isinstance(inner, t.Product):
        return None
    rates: list[Node] = []
    others: list[Node] = []
    for factor in factors(inner, symbols):
        node = plain(factor)
        if _is_rate(node):
            rates.append(node)
        elif isinstance(node, t.Quotient) and _is_rate(plain(node.numerator)):
            rates.append(node.numerator)
            others.append(t.Quotient(ONE, node.denominator))
        else:
            others.append(factor)
    if len(rates) != 1 or not others:
        return None
    return sign, tuple(rates), others[0] if len(others) == 1 else t.Product("juxtaposed", tuple(others))


def _is_rate(node: Node) -> bool:
    parts = parts_of(node)
    return parts is not None and parts.base.base in RATES and not (parts.sups or parts.primes or parts.accents)


def _losses(context: Context, statement: Statement) -> Iterator[Definition]:
    """The losses that are defined before a statement, the nearest first."""
    found = [
        definition
        for table in (context.table.definitions, context.table.functions)
        for key, definitions in table.items()
        if key.base in LOSSES or key.style + key.base in LOSSES
        for definition in definitions
        if definition.statement.order < statement.order
    ]
    yield from sorted(found, key=lambda d: statement.order - d.statement.order)[:MOST_LOSSES]


def _definition_letters(definition: Definition) -> list[Node]:
    """The letters that stand alone below a fraction bar: the number of samples."""
    found: dict[Node, None] = {}
    for link in definition.links[:1]:
        for part in walk(link.node):
            if isinstance(part, t.Quotient):
                below = plain(part.denominator)
                names = below.factors if isinstance(below, t.Product) else (below,)
                found |= dict.fromkeys(name for name in names if isinstance(name, t.Name))
    return list(found)


def _scaled(gradient: Node, sign: int, counts: list[Node]) -> Iterator[Node]:
    """The gradient up to the positive factors that authors leave to the step size."""
    for factor in (None, TWO, t.Quotient(ONE, TWO), *(t.Quotient(ONE, count) for count in counts)):
        scaled = gradient if factor is None else t.Product("juxtaposed", (factor, t.Group(gradient)))
        yield scaled if sign > 0 else t.Negative(t.Group(scaled))


def _is_derivative(context: Context, rule: UpdateRule, objective: Definition, gradient: Node) -> bool:
    """Whether a formula is the derivative of a loss by what the rule updates."""
    return _is_slope(context, rule, objective.node, gradient)


def _is_slope(
    context: Context, rule: UpdateRule, objective: Node, gradient: Node, difference: t.Sum | None = None
) -> bool:
    statement = rule.statement
    left = statement.first.of(t.Derivative("partial", objective, (_undated(rule.target),)))
    right = statement.steps[0].right.of(gradient)
    claim = replace(statement, first=left, steps=(Step("=", right),))
    reader = None if difference is None else _with_targets(context, claim, difference)
    decision, _ = judged(context, Link(left, "=", right, claim, 0, opens=True, start=True), reader)
    return decision.verdict in ("proved", "agrees")


def _undated(target: Node) -> Node:
    """``w`` for ``w_{new}``."""
    dated = isinstance(target, t.Script) and target.sub is not None and label_text(target.sub) in DATES
    return target.base if isinstance(target, t.Script) and dated and target.sup is None else target


def _with_targets(context: Context, claim: Statement, difference: t.Sum) -> ClaimReader | None:
    """A reader that gives a target of which the document says nothing the shape of what it is compared with."""
    try:
        reader = context.reader(claim)
        for target, output in itertools.permutations(term.term for term in difference.terms):
            parts = parts_of(target)
            if parts is None or parts.subs or parts.sups or parts.key in reader.world.tensors:
                continue
            with reader.world.tentative():
                shapes = {value.shape for value in reader.read(output, Scope())}
            if len(shapes) == 1 and not isinstance(output, t.Number):
                reader.world.tensors[parts.key] = Tensor(parts.key.identifier, shapes.pop())
    except (NotUnderstood, SymnnError, Clash):
        return None
    return reader
