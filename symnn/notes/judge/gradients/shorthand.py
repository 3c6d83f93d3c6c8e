"""How a document abbreviates the derivatives of its loss, and questions about trees in which such short names stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from dataclasses import replace as changed

from symnn.notation import tree as t
from symnn.notation.traverse import children
from symnn.notation.tree import Node
from symnn.notes.judge.reading.sortings import raised_pieces
from symnn.notes.read.expressions.trees import is_transpose
from symnn.notes.read.names import Key, Parts, parts_of
from symnn.notes.read.network import LOSS_NAMES
from symnn.notes.read.symbols import Table

EQUAL = ("=", ":=", "equiv")
MEAN = " mean"
"""What ends the alias of a derivative that is one of a mean, without the number of samples."""


@dataclass
class Shorthand:
    """How a document abbreviates derivatives of its loss.

    `prefixed` says which of the marks d and bar are read as derivatives, `letters` for which value an error letter stands
    with the same scripts, and `exact` for which value a name stands as it is.
    """

    loss: Node
    prefixed: set[str] = field(default_factory=set)
    values: set[Key] = field(default_factory=set)
    matrices: set[Key] = field(default_factory=set)
    means: frozenset[Key] = frozenset()
    count: t.Name | None = None
    letters: dict[Key, t.Name] = field(default_factory=dict)
    exact: dict[Node, Node] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.prefixed or self.letters or self.exact)


def is_loss(parts: Parts) -> bool:
    """Whether a name is one that losses have."""
    return parts.key.base in LOSS_NAMES and not (parts.subs or parts.sups or parts.primes)


def plain_names(node: Node) -> Iterator[Parts]:
    """The names of a formula, but for those behind a d."""
    stack = [node]
    while stack:
        top = stack.pop()
        parts = parts_of(top) if isinstance(top, t.Name | t.Script | t.Prime | t.Accent) else None
        below = list(children(top))
        if parts is not None:
            yield parts
            below = []
        if isinstance(top, t.Product) and top.operator == "juxtaposed":
            below = [f for before, f in zip((None, *top.factors), top.factors, strict=False) if not is_d(before)]
        stack.extend(below)


def is_d(node: Node | None) -> bool:
    """Whether a node is the letter d."""
    return isinstance(node, t.Name) and node.base == "d" and not node.accents


def marked(node: Node, values: set[Key]) -> tuple[str, Node] | None:
    r"""The mark and the name of ``dX``, ``\mathbf{dX}`` or ``\bar{X}``, without transposes; None for anything else."""
    if isinstance(node, t.Product) and node.operator == "juxtaposed" and len(node.factors) == 2:
        head, rest = node.factors
        parts = parts_of(rest)
        return ("d", rest) if is_d(head) and parts is not None and parts.key in values else None
    parts = parts_of(node)
    if parts is None:
        return None
    name = parts.base
    if name.base.startswith("d") and len(name.base) > 1:
        inner = changed(name, base=name.base[1:])
        found = parts_of(inner)
        if found is not None and found.key in values:
            return "d", with_base(node, inner)
    if parts.accents and parts.accents[-1] == "bar":
        inner = changed(name, accents=parts.accents[:-1])
        found = parts_of(inner)
        if found is not None and found.key in values:
            return "bar", with_base(node, inner)
    return None


def with_base(node: Node, base: t.Name) -> Node:
    """A name with its scripts on another base, without accents of its own."""
    match node:
        case t.Script():
            return changed(node, base=with_base(node.base, base))
        case t.Prime():
            return changed(node, base=with_base(node.base, base))
        case t.Accent():
            return with_base(node.body, base)
    return changed(base, span=node.span)


def is_derivative(node: Node) -> bool:
    """Whether a formula is the derivative of a loss."""
    parts = parts_of(node.numerator) if isinstance(node, t.Derivative) and node.numerator is not None else None
    return parts is not None and is_loss(parts)


def differentiated_by(node: Node) -> Node | None:
    """The X of ``∂L/∂X`` or ``∇_X L``."""
    if is_derivative(node):
        assert isinstance(node, t.Derivative)
        return node.denominators[0] if node.order == 1 and node.operand is None else None
    if isinstance(node, t.Nabla) and node.operand is not None and node.wrt is not None and node.power is None:
        parts = parts_of(node.operand)
        return node.wrt if parts is not None and is_loss(parts) else None
    return None


def is_of(node: Node, loss: Node) -> bool:
    """Whether a derivative is one of this loss."""
    top = node.operand if isinstance(node, t.Nabla) else node.numerator if isinstance(node, t.Derivative) else None
    one, other = None if top is None else parts_of(top), parts_of(loss)
    return one is not None and other is not None and one.key == other.key


def key_of(node: Node) -> Key:
    """The name of a node, without its scripts."""
    parts = parts_of(node)
    assert parts is not None
    return parts.key


def uses_of(table: Table) -> dict[Key, set[Key]]:
    """The names in the definitions of each name, all without scripts."""
    found: dict[Key, set[Key]] = {}
    for place in (table.definitions, table.functions):
        for key, definitions in place.items():
            own = found.setdefault(key.bare, set())
            for definition in definitions:
                own |= {parts.key for link in definition.links[:1] for parts in plain_names(link.node)}
    return found


def without_turns(node: Node) -> Node:
    """A name without the transposes behind it."""
    if not isinstance(node, t.Script) or node.sup is None:
        return node
    pieces = raised_pieces(node.sup)
    kept = tuple(piece for piece in pieces if not is_transpose(piece))
    base = without_turns(node.base)
    if len(kept) == len(pieces):
        return node if base is node.base else changed(node, base=base)
    if not kept:
        return base if node.sub is None else changed(node, base=base, sup=None)
    return changed(node, base=base, sup=kept[0])


def turned(like: Node, node: Node) -> Node:
    """The derivative, transposed where the name that it stands for is."""
    parts = parts_of(like)
    turns = 0 if parts is None else sum(is_transpose(p) for sup in parts.sups for p in raised_pieces(sup))
    for _ in range(turns):
        node = t.Script(t.Group(node), sup=t.Name("top"), span=node.span)
    return node


def is_error_term(key: Key) -> bool:
    """Whether a name is one that notes give to derivatives of the loss."""
    return key.base in ("delta", "Delta") and not key.primes
