r"""Gradients under short names: ``dW``, ``\bar{W}``, ``\nabla_W``, and δ for ``∂L/∂z``.

Many notes never say what the loss is. They name the derivatives of a loss that may be any function of the outputs, and
go on with these names alone. Here the names are replaced by the derivatives that they stand for, so that everything
that is known of derivatives holds for them; `in_short` gives the names back. A name is taken for a derivative only
where the document says so, or where its formulas show it: several dX are made from other dY behind them, as the chain
rule does it backwards, and no differential is in sight.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace as changed

from symnn.notation import tree as t
from symnn.notation.traverse import children, walk, with_children
from symnn.notation.tree import Node
from symnn.notes.judge.gradients.batches import columns, declared_columns, declared_count, over_columns
from symnn.notes.judge.gradients.error_letters import find_letters
from symnn.notes.judge.gradients.gradient_marks import find_marks
from symnn.notes.judge.gradients.shorthand import (
    MEAN,
    Shorthand,
    is_d,
    is_loss,
    marked,
    plain_names,
    turned,
    uses_of,
    with_base,
    without_turns,
)  # fmt: skip
from symnn.notes.judge.stated_errors import stated_errors
from symnn.notes.read.names import Key, parts_of
from symnn.notes.read.network import LOSS_NAMES
from symnn.notes.read.statements import Statement, Step
from symnn.notes.read.symbols import Table


def with_gradients(statements: Sequence[Statement], table: Table, text: str) -> tuple[Statement, ...]:
    """The statements with derivatives in the place of their short names; themselves where there are none.

    A document that defines its loss keeps its own names for its derivatives, but for error terms of layers.
    """
    statements = tuple(statements)
    losses = defined_losses(table)
    if losses:
        stated = stated_errors(statements, losses)
        return statements if stated is None else tuple(_rewritten(statement, stated) for statement in statements)
    nodes = [node for s in statements for node in (s.first.node, *(step.right.node for step in s.steps))]
    short = Shorthand(_loss(nodes, table))
    short.values = {parts.key for node in nodes for parts in plain_names(node)}
    find_marks(statements, table, text, short)
    find_letters(statements, table, short)
    if not short:
        return statements
    meant = tuple(_rewritten(statement, short) for statement in statements)
    return (*meant, *_of_batch(meant, table, short)) if "d" in short.prefixed else meant


def _of_batch(statements: Sequence[Statement], table: Table, short: Shorthand) -> Iterator[Statement]:
    """What the way of writing dX says of the shapes: biases are columns, the number of samples is a number."""
    yield from declared_columns(columns(statements, table))
    if short.count is not None:
        after, key = Table(statements), Key(short.count.base)
        if not after.knows(key) and key not in after.sizes:
            yield declared_count(short.count, statements[0])


def defined_losses(table: Table) -> set[Key]:
    """The losses that a document defines, which no other definition uses."""
    uses = uses_of(table)
    used = {name for key, names in uses.items() for name in names if name != key}
    return {
        key
        for place in (table.definitions, table.functions)
        for key, found in place.items()
        if found and key.base in LOSS_NAMES and not key.labels and key not in used
    }


def _loss(nodes: Iterable[Node], table: Table) -> Node:
    """The loss that the document differentiates without saying what it is, else a letter that it does not use."""
    used: set[str] = set()
    for node in nodes:
        for part in walk(node):
            if isinstance(part, t.Derivative | t.Nabla):
                top = part.operand if isinstance(part, t.Nabla) else part.numerator
                parts = None if top is None else parts_of(top)
                known = parts is not None and (parts.key in table.definitions or parts.key in table.functions)
                if parts is not None and is_loss(parts) and not known and top is not None:
                    return changed(top, span=None)
            elif isinstance(part, t.Name):
                used.add(part.base)
    return t.Name(next(name for name in (*LOSS_NAMES, "unknownloss") if name not in used or name == "unknownloss"))


def _rewritten(statement: Statement, short: Shorthand) -> Statement:
    first = statement.first.of(_meant(statement.first.node, short))
    steps = tuple(
        Step(step.operator, step.right.of(_meant(over_columns(step.right.node, short.matrices), short)))
        for step in statement.steps
    )
    same = first.node is statement.first.node and all(
        a.right.node is b.right.node for a, b in zip(steps, statement.steps, strict=True)
    )
    return statement if same else changed(statement, first=first, steps=steps)


def _meant(node: Node, short: Shorthand) -> Node:
    """The formula with derivatives in the place of their short names."""
    if isinstance(node, t.Nabla) and node.power is None and node.wrt is not None and "nabla" in short.prefixed:
        top = None if node.operand is None else parts_of(node.operand)
        if node.operand is None or (top is not None and top.key in short.values and not is_loss(top)):
            made = _derivative(node.wrt, "nabla", short, node.span)
            if node.operand is None:
                return made
            return t.Product("juxtaposed", (made, _meant(node.operand, short)), span=node.span)
    if isinstance(node, t.Derivative | t.Nabla):
        return node
    if isinstance(node, t.Product) and node.operator == "juxtaposed" and "d" in short.prefixed:
        factors: list[Node] = []
        for factor in node.factors:
            found = None
            if factors and is_d(factors[-1]):
                found = marked(t.Product("juxtaposed", (factors[-1], factor)), short.values)
            if found is None:
                factors.append(factor)
            else:
                head = factors.pop()
                assert isinstance(head, t.Name)
                span = None if head.span is None or factor.span is None else (head.span[0], factor.span[1])
                factors.append(_derivative(found[1], "d " + head.font, short, span))
        inner = tuple(factor if isinstance(factor, t.Derivative) else _meant(factor, short) for factor in factors)
        if len(inner) == 1:
            return inner[0]
        same = len(inner) == len(node.factors) and all(a is b for a, b in zip(inner, node.factors, strict=True))
        return node if same else changed(node, factors=inner)
    own = _of_name(node, short)
    if own is not None:
        return own
    if parts_of(node) is not None:
        return node
    below = children(node)
    after = tuple(_meant(child, short) for child in below)
    return node if all(a is b for a, b in zip(after, below, strict=True)) else with_children(node, after)


def _of_name(node: Node, short: Shorthand) -> Node | None:
    """The derivative that a name with its scripts stands for."""
    parts = parts_of(node) if isinstance(node, t.Name | t.Script | t.Accent) else None
    if parts is None or parts.primes:
        return None
    bare = without_turns(node)
    for name, value in short.exact.items():
        if name == bare:
            alias = (
                f"exact {parts.base.base} {parts.base.font}" if isinstance(name, t.Name) and not name.accents else ""
            )
            return turned(node, _derivative(value, alias, short, node.span))
    base = short.letters.get(parts.key)
    if base is not None:
        return _derivative(with_base(node, base), "letter " + parts.base.base + " " + parts.base.font, short, node.span)
    if not short.prefixed:
        return None
    found = marked(node, short.values)
    if found is None or found[0] not in short.prefixed:
        return None
    return _derivative(found[1], "bar" if found[0] == "bar" else "glued", short, node.span)


def _derivative(value: Node, alias: str, short: Shorthand, span: t.Span | None) -> Node:
    """The derivative of the loss by a value; where the value has a transpose, it is one of the derivative."""
    plain = without_turns(value)
    made: Node = t.Derivative("partial", short.loss, (plain,), alias=alias, span=span)
    parts = parts_of(plain)
    if short.count is not None and parts is not None and parts.key in short.means and alias.startswith(("d ", "glued")):
        made = t.Quotient(changed(made, alias=alias + MEAN), short.count, span=span)  # type: ignore[call-arg]
    return turned(value, made)
