r"""Equations that say that a gradient is zero: ``X^T X w = X^T y`` where ``L(w) = \|X w - y\|^2`` is to be least.

They hold for no other numbers than those that are looked for. Such an equation is right if the difference of its sides is
a derivative of what the document minimises, up to a factor that is not zero. Only where the document says that something
is set to zero, or made least, an equation is taken for one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace as changed
from itertools import islice

from symnn.errors import SymnnError
from symnn.formula.application import Array
from symnn.formula.normal import TooLarge
from symnn.notation import tree as t
from symnn.notation.to_text import to_text
from symnn.notation.traverse import walk
from symnn.notation.tree import Node
from symnn.notes.judge.decision.decide import Decision, decide
from symnn.notes.judge.decision.pairs import pairs_of
from symnn.notes.judge.decision.trials import Trials
from symnn.notes.judge.errors import NotUnderstood
from symnn.notes.judge.links import Link, links_of, names_in
from symnn.notes.judge.reading.canonical import canonical
from symnn.notes.judge.reading.reader import ClaimReader, Scope
from symnn.notes.judge.reading.values import Value
from symnn.notes.judge.worlds.context import Context
from symnn.notes.read.names import Key, parts_of
from symnn.notes.read.network import LOSS_NAMES
from symnn.notes.read.statements import Statement

REACH = 12
"""So many statements before an equation may say what is differentiated, or that it is set to zero."""

MOST = 8
MOST_SCALARS = 3
NUMBERS = (t.Number("1"), t.Number("2"), t.Quotient(t.Number("1"), t.Number("2")))

_WORDS = re.compile(
    r"normal\s+equations?|équations?\s+normales?|normalengleichung|ecuaci\w+\s+normal|正规方程|正規方程|정규\s*방정식"
    r"|(?:set|sett?ing|equat\w+|gradient|derivative|partials?|vanish\w*)\b[^.$]{0,60}(?:\$[^$]*\$)?[^.$]{0,40}?(?:\bzero\b|\b0\b)"
    r"|stationary|first[- ]order\s+(?:condition|optimality)|optimality\s+condition|closed[- ]form"
    r"|令[^。$]{0,30}(?:零|0)|(?:为|為|等于|置)\s*(?:零|0)|闭式解|0으로|0이\s*되|영으로|gleich\s+null|null\s*setzen|à\s+zéro|a\s+cero|a\s+zero",
    re.IGNORECASE,
)


Identity = Callable[[Link], bool]
"""Whether a link holds whatever the values of its names are: nothing is set to zero by that."""


def is_to_solve(context: Context, link: Link, is_identity: Identity) -> str:
    """Where the document says that something is set to zero before an equation, or beside it; "" where it does not."""
    own = link.statement
    for statement in reversed(context.statements[max(0, own.order - REACH) : own.order + 1]):
        if statement.section != own.section:
            break
        span = statement.span
        said = span is not None and any(_WORDS.search(words) for words in _words_at(statement, own))
        zero = any(
            _sets_to_zero(*other.nodes) and (statement is own or not is_identity(other))
            for other in links_of(statement)
        )
        if said or zero:
            return f"line {statement.spot.place().line}"
    return ""


def _words_at(statement: Statement, own: Statement) -> tuple[str, ...]:
    span = statement.span
    assert span is not None
    return (span.context.before,) if statement is own else (span.context.before, span.context.after)


def _sets_to_zero(left: Node, right: Node) -> bool:
    """Whether a formula is set to zero: ``t = 0`` only gives a name its value."""
    other = right if is_zero(left) else left
    return (is_zero(left) or is_zero(right)) and parts_of(other) is None


def is_zero(node: Node) -> bool:
    """Whether a node is the number zero."""
    return isinstance(node, t.Number) and node.text == "0"


def as_gradient(context: Context, link: Link, reader: ClaimReader, found: Decision, is_identity: Identity) -> Decision:
    """An equation to solve: right if it says that a derivative is zero, undecided if nothing shows that, or as it was decided."""
    if link.operator != "=" or any(
        isinstance(part, t.Derivative | t.Nabla) for node in link.nodes for part in walk(node)
    ):
        return found
    said = is_to_solve(context, link, is_identity)
    if not said:
        return found
    left, right = (canonical(node) for node in link.nodes)
    if is_zero(right) or is_zero(left):
        difference = left if is_zero(right) else right
    else:
        difference = t.Sum((t.Signed("+", left), t.Signed("-", _bracketed(right))))
    with reader.world.tentative():
        lefts = _values(reader, difference)
        for gradient in islice(_gradients(context, link), MOST if lefts else 0):
            rights = _values(reader, gradient)
            for factor in _factors(context, link, gradient) if rights else ():
                decision = _compared(reader, lefts, factor, rights)
                if decision is not None:
                    reason = f"it says that {to_text(gradient)} is zero"
                    return Decision(decision.verdict, reason, decision.pair, decision.facts)
    return Decision("undecided", f"it may follow from what is set to zero in {said}", found.pair)


def _values(reader: ClaimReader, node: Node) -> list[Value]:
    """The values of a formula; none where it is not understood."""
    try:
        return reader.read(canonical(node), Scope())
    except (NotUnderstood, SymnnError, TooLarge, ZeroDivisionError, ValueError):
        return []


def _compared(reader: ClaimReader, lefts: list[Value], factor: Node, rights: list[Value]) -> Decision | None:
    """A decision that a difference is a derivative times a factor; None where it is not."""
    scales = [value for value in _values(reader, factor) if not value.rank]
    if not scales:
        return None
    scale = scales[0].array.body
    scaled = [changed(value, array=Array(value.array.indices, value.array.body * scale)) for value in rights]
    free = tuple(reader.free.values())
    try:
        pairs = list(pairs_of(lefts, scaled, reader.conventions, free, reader.exists))
        if all(Trials(pair, reader.world, reader.world.facts).equal_at(1) is False for pair in pairs):
            return None
        decision = decide(lefts, scaled, reader.world, reader.conventions, free, exists=reader.exists)
    except (NotUnderstood, SymnnError, TooLarge, ZeroDivisionError, ValueError):
        return None
    return decision if decision.verdict in ("proved", "agrees") else None


def _gradients(context: Context, link: Link) -> Iterator[Node]:
    """The derivatives that stand near a link, the nearest ones first, and those of the losses that are in force by its names."""
    own = link.statement
    seen: set[Node] = set()
    near = [s for s in context.statements if s.section == own.section and abs(s.order - own.order) <= REACH]
    for statement in sorted(near, key=lambda s: abs(s.order - own.order)):
        for other in links_of(statement):
            for node in other.nodes:
                if isinstance(node, t.Derivative | t.Nabla) and _is_first_order(node) and node not in seen:
                    seen.add(node)
                    yield node
    losses = [
        definition.node
        for key in (*context.table.definitions, *context.table.functions)
        if key.base in LOSS_NAMES and not key.labels and (definition := context.chosen(key, own)) is not None
    ]
    for loss in losses:
        name = _head(loss)
        for by in dict.fromkeys(names_in(link.nodes)):
            parts = parts_of(by)
            if name is not None and parts is not None and not parts.sups and not _is_defined(context, parts.key):
                yield t.Derivative("partial", name, (by,))


def _is_first_order(node: t.Derivative | t.Nabla) -> bool:
    return node.order == 1 if isinstance(node, t.Derivative) else node.power is None


def _head(node: Node) -> Node | None:
    """The name of a function from ``L(w)``, or a name itself."""
    if isinstance(node, t.Product) and node.operator == "juxtaposed":
        node = node.factors[0]
    return node if parts_of(node) is not None else None


def _is_defined(context: Context, key: Key) -> bool:
    return bool(context.table.definitions.get(key))


def _factors(context: Context, link: Link, gradient: Node) -> Iterator[Node]:
    """Factors that an author may have divided by: numbers, and powers of scalars of the derivative and of what it is of."""
    for sign in ("+", "-"):
        for number in NUMBERS:
            yield _signed(sign, number)
    nodes = [gradient, *link.nodes]
    loss = gradient.numerator if isinstance(gradient, t.Derivative) else getattr(gradient, "operand", None)
    parts = None if loss is None else parts_of(_head(loss) or loss)
    definition = None if parts is None else context.chosen(parts.key, link.statement)
    if definition is not None:
        nodes.append(definition.links[0].node)
    scalars = [name for name in dict.fromkeys(names_in(nodes)) if _may_be_scalar(name)]
    for scalar in scalars[:MOST_SCALARS]:
        for power in ("1", "2"):
            raised = scalar if power == "1" else t.Script(scalar, sup=t.Number(power))
            for sign in ("+", "-"):
                for number in NUMBERS:
                    yield _signed(sign, t.Product("cdot", (number, raised)))
                    yield _signed(sign, t.Quotient(number, raised))


SCALARS = frozenset(["N", "n", "m", "M", "T", "K", "sigma", "lambda", "alpha", "beta", "tau"])


def _may_be_scalar(node: Node) -> bool:
    parts = parts_of(node)
    return isinstance(node, t.Name) and parts is not None and parts.key.base in SCALARS


def _signed(sign: str, node: Node) -> Node:
    return node if sign == "+" else t.Group(t.Negative(node))


def _bracketed(node: Node) -> Node:
    return t.Group(node) if isinstance(node, t.Sum | t.Negative) else node
