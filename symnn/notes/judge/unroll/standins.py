"""Functions in the place of those that a document leaves open: ``h_t = f(x_t, h_{t-1}, w)`` with any f.

What holds for any function holds for these; they are chosen so that their derivatives by different arguments have
nothing to do with each other. Agreement for them is no proof, and a witness against them is one against the claim.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from symnn.notation import tree as t
from symnn.notation.traverse import walk
from symnn.notation.tree import Node
from symnn.notes.read.expressions.trees import is_known_function
from symnn.notes.read.names import Key, parts_of
from symnn.notes.read.network import LOSS_NAMES
from symnn.notes.read.statements import Piece, Statement, Step
from symnn.notes.read.symbols import Table, call_parts

WEIGHTS = ("0.7", "0.31", "1.13", "0.47", "0.89", "0.23")
PARTS = ("standinone", "standintwo")
LOSSES = frozenset([*LOSS_NAMES, "l", "D", "d", "R"])


@dataclass
class Open:
    """A function of several arguments that is called but nowhere defined; `of_arrays` if it makes arrays a number."""

    head: Node
    count: int
    of_arrays: bool


def open_functions(statements: Iterable[Statement], table: Table) -> dict[Key, Open]:
    """The open functions that the statements call."""
    found: dict[Key, Open] = {}
    for statement in statements:
        for step in statement.steps:
            for node in walk(step.right.node):
                called = call_parts(node) if isinstance(node, t.Product) else None
                if called is None or not 2 <= len(called[1]) <= len(WEIGHTS) or called[0].primes or called[0].sups:
                    continue
                head, arguments = called
                key = table.labelled(head)
                if key is None or key in table.functions or table.knows(key) or is_known_function(head):
                    continue
                assert isinstance(node, t.Product)
                made = found.setdefault(key, Open(node.factors[0], len(arguments), False))
                made.of_arrays = made.of_arrays or _is_of_arrays(key, arguments)
    return found


def _is_of_arrays(key: Key, arguments: Sequence[Node]) -> bool:
    """Whether a call is of a loss with bold names."""
    bold = any(
        isinstance(name, t.Name) and name.font in ("mathbf", "boldsymbol", "bm", "bf")
        for argument in arguments
        for name in walk(argument)
    )
    return bold and key.base in LOSSES


def is_stand_in(name: str) -> bool:
    """Whether a name is that of a part of a stand-in."""
    return name.startswith(PARTS)


def stand_in(function: Open, like: Statement, *, of_arrays: bool) -> list[Statement]:
    """The definition of a function in the place of an open one: of its entries one by one, or of arrays to a number."""
    head, count = function.head, function.count
    names = [t.Name(f"argument{place}") for place in range(count)]
    terms: list[Node] = []
    declared = []
    for number, part in enumerate(PARTS):
        name = t.Name(part + _text(head))
        declared.append(_statement(name, "mapsto", t.Name("R", "mathbb"), like))
        inner = t.Sum(tuple(
            t.Signed("+", t.Product("juxtaposed", (t.Number(WEIGHTS[(place + 3 * number) % len(WEIGHTS)]), argument)))
            for place, argument in enumerate(names)
        ))  # fmt: skip
        terms.append(t.Product("juxtaposed", (name, t.Group(inner))))
    body: Node = t.Sum(tuple(t.Signed("+", term) for term in terms))
    if of_arrays:
        weights = t.Name("weights" + _text(head), "mathbf")
        body = t.Call(t.Name("sum"), (t.Product("odot", (weights, t.Group(body))),))
    left = t.Product("juxtaposed", (head, t.Sequence(tuple(names), "(", ")")))
    return [*declared, _statement(left, "=", body, like)]


def loss_of(loss: Node, values: Sequence[Node], like: Statement) -> list[Statement]:
    """The definition of a loss in the place of any function of some values."""
    made: list[Statement] = []
    terms = []
    for number, value in enumerate(values):
        name = t.Name(f"{PARTS[0]}loss{number}")
        made.append(_statement(name, "mapsto", t.Name("R", "mathbb"), like))
        weights = t.Name(f"weightsofloss{number}", "mathbf")
        inner = t.Product("odot", (weights, t.Product("juxtaposed", (name, t.Group(value)))))
        terms.append(t.Signed("+", t.Call(t.Name("sum"), (inner,))))
    body = terms[0].term if len(terms) == 1 else t.Sum(tuple(terms))
    return [*made, _statement(loss, "=", body, like)]


def _text(head: Node) -> str:
    parts = parts_of(head)
    return "of" if parts is None else "of" + parts.key.identifier.replace("_", "")


def _statement(left: Node, operator: str, right: Node, like: Statement) -> Statement:
    passage = like.first.passage
    return Statement(Piece(left, passage), (Step(operator, Piece(right, passage)),), (), -1, True, None)
