r"""Layers that a document leaves out: ``δ^l = ((W^{l+1})^⊤ δ^{l+1}) ⊙ σ'(z^l)`` is about ``z^l = W^l a^{l-1} + b^l``.

A summary of backpropagation often has the backward pass alone. Its claims are looked at once more with the usual layers in
the names that it uses; only what is right then is told, since other layers may be meant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from symnn.notation import tree as t
from symnn.notation.traverse import replace as rewritten
from symnn.notation.traverse import walk
from symnn.notation.tree import Node
from symnn.notes.judge.claims import Claim
from symnn.notes.judge.decision.settle import Judged
from symnn.notes.judge.gradients.adjoints import error_terms
from symnn.notes.judge.gradients.shorthand import is_error_term
from symnn.notes.judge.links import Link
from symnn.notes.judge.trust import Trust
from symnn.notes.judge.unroll.running import nodes_of, scripts_of, shifted_letter
from symnn.notes.read.expressions.trees import is_transpose
from symnn.notes.read.names import Key, parts_of
from symnn.notes.read.statements import Collected, Piece, Statement, Step

if TYPE_CHECKING:
    from symnn.notes.judge.worlds.context import Context

Judge = Callable[["Context", Statement], list[Judged]]
Tell = Callable[["Context", Judged, Trust], Claim]
RIGHT = ("proved", "agrees")
SAID = "where {layers}, as layers usually are"


@dataclass(frozen=True)
class Placed:
    """A name of a layer: as it is written, its letter, and how many layers further on it belongs."""

    node: Node
    key: Key
    letter: str
    steps: int


def with_usual_layers(
    context: Context, found: Sequence[Judged], claims: Sequence[Claim], judge: Judge, tell: Tell
) -> list[Claim]:
    """The claims; those about the backward pass of a document without layers as they are for the usual ones."""
    waiting = [place for place, claim in enumerate(claims) if _is_open(claim) and _is_backward(found[place].link)]
    made = _made(context) if waiting else None
    if made is None:
        return list(claims)
    wider, said = made
    error_terms(wider)
    orders = {found[place].link.statement.order for place in waiting}
    again = [item for s in wider.statements if s.order in orders for item in judge(wider, s)]
    trust = Trust.from_proofs(wider, again)
    told = {(item.link.statement.order, item.link.place): tell(wider, item, trust) for item in again}
    changed = list(claims)
    for place in waiting:
        link = found[place].link
        claim = told.get((link.statement.order, link.place), claims[place])
        if claim.verdict == "definition":
            changed[place] = claim
        elif claim.verdict in RIGHT:
            changed[place] = replace(claim, reason=f"{claim.reason}; {said}")
            context.judged[claim.region] = wider.judged[claim.region]
    return changed


def _is_open(claim: Claim) -> bool:
    return claim.verdict in ("undecided", "definition")


def _is_backward(link: Link) -> bool:
    """Whether a link is about error terms or derivatives."""
    parts = (parts_of(part) for node in link.nodes for part in walk(node) if isinstance(part, t.Script))
    return any(isinstance(part, t.Derivative | t.Nabla) for node in link.nodes for part in walk(node)) or any(
        found is not None and is_error_term(found.key) for found in parts
    )


def _made(context: Context) -> tuple[Context, str] | None:
    from symnn.notes.judge.slips.told import shown
    from symnn.notes.judge.worlds.context import Context as ContextClass

    recurrence = next((found for s in context.statements if (found := _recurrence(s)) is not None), None)
    layers = None if recurrence is None else _layers(recurrence, context.statements)
    if layers is None:
        return None
    before, activation = layers
    defined = {key.bare for key in (*context.table.definitions, *context.table.functions)}
    if {key.bare for key in (_key(before[0]), _key(activation[0])) if key is not None} & defined:
        return None
    first = next(s for s in context.statements if s.steps)
    made = [_statement(*before, first), _statement(*activation, first)]
    said = " and ".join(f"{shown(left)} = {shown(right)}" for left, right in (before, activation))
    wider = ContextClass(context.document, Collected((*made, *context.statements), ()))
    return wider, SAID.format(layers=said)


@dataclass(frozen=True)
class _Recurrence:
    """The names of ``δ^l = ((W^{l+1})^⊤ δ^{l+1}) ⊙ σ'(z^l)``, and its function."""

    error: Placed
    weight: Placed
    value: Placed
    function: t.Name


def _recurrence(statement: Statement) -> _Recurrence | None:
    """The names of a statement that makes the error term of a layer from that of the next."""
    error = _placed(statement.first.node)
    if error is None or not is_error_term(error.key) or error.steps or not statement.steps:
        return None
    right = statement.steps[-1].right.node
    names = [name for part in walk(right) if (name := _placed(part)) is not None and name.letter == error.letter]
    weights = {name.key: name for name in names if name.steps == 1 and not is_error_term(name.key)}
    values = {name.key: name for name in names if name.steps == 0 and not is_error_term(name.key)}
    functions = {part.base for part in walk(right) if isinstance(part, t.Prime) and isinstance(part.base, t.Name)}
    turned = any(isinstance(part, t.Script) and part.sup is not None and _turns(part.sup) for part in walk(right))
    if not turned or not len(weights) == len(values) == len(functions) == 1:
        return None
    function = functions.pop()
    assert isinstance(function, t.Name)
    return _Recurrence(error, next(iter(weights.values())), next(iter(values.values())), function)


def _layers(found: _Recurrence, statements: Sequence[Statement]) -> tuple[tuple[Node, Node], tuple[Node, Node]] | None:
    """``z^l = W^l a^{l-1} + b^l`` and ``a^l = σ(z^l)`` in the names of a document about error terms."""
    others = {found.error.key, found.weight.key, found.value.key}
    names = (_placed(part) for s in statements for node in nodes_of(s) for part in walk(node))
    inputs = {name.key: name for name in names if name is not None and name.steps == -1 and name.key not in others}
    if len(inputs) != 1:
        return None
    before = next(iter(inputs.values()))
    product = t.Product("juxtaposed", (_at(found.weight, found.value), before.node))
    biases = {name.key: name for name in _biases(statements, found.value.letter, others | {before.key})}
    terms = (product, *(name.node for name in biases.values()))
    body = t.Sum(tuple(t.Signed("+", term) for term in terms)) if len(terms) == 2 else product
    output = t.Product("juxtaposed", (found.function, t.Group(found.value.node)))
    return (found.value.node, body), (_at(before, found.value), output)


def _biases(statements: Sequence[Statement], letter: str, others: set[Key]) -> Iterator[Placed]:
    """What else the document differentiates by in the same layer."""
    for statement in statements:
        for node in nodes_of(statement):
            for part in walk(node):
                for by in part.denominators if isinstance(part, t.Derivative) else ():
                    name = _placed(by)
                    if name is not None and name.letter == letter and not name.steps and name.key not in others:
                        yield name


def _placed(node: Node) -> Placed | None:
    """A name with a letter, or a letter and a step, in one of its scripts, and with no other script but a transposition."""
    parts = parts_of(node) if isinstance(node, t.Script) else None
    if parts is None:
        return None
    found = [script for raised in (False, True) for script in scripts_of(parts, raised)]
    letter = shifted_letter(found[0]) if len(found) == 1 else None
    if letter is None or any(is_transpose(script) for script in parts.sups):
        return None
    steps = 0
    inner = found[0].body if isinstance(found[0], t.Group) else found[0]
    if isinstance(inner, t.Sum):
        term = inner.terms[1]
        assert isinstance(term.term, t.Number)
        if not term.term.text.isdigit():
            return None
        steps = int(term.term.text) * (1 if term.sign == "+" else -1)
    return Placed(node, parts.key.bare, letter, steps)


def _turns(script: Node) -> bool:
    """Whether a transposition stands in a script, alone or behind a label: ``W^{(l+1)T}``."""
    return any(is_transpose(part) for part in walk(script))


def _at(name: Placed, like: Placed) -> Node:
    """A name in the layer of another one: with its script."""
    base = next(part for part in walk(name.node) if isinstance(part, t.Name))
    other = next(part for part in walk(like.node) if isinstance(part, t.Name))
    return rewritten(like.node, lambda part: base if part is other else part)


def _key(node: Node) -> Key | None:
    parts = parts_of(node)
    return None if parts is None else parts.key


def _statement(left: Node, right: Node, like: Statement) -> Statement:
    passage = like.first.passage
    return replace(
        like,
        first=Piece(left, passage),
        steps=(Step("=", Piece(right, passage)),),
        order=-1,
        span=None,
        ranges=(),
        doubt="",
    )
