r"""Names of numbers: one spelling for ``x1``, ``x_1`` and ``x₁``.

Worked examples are about numbers only, so every script that is no power belongs to the name: ``w_{11}`` is one number.
"""

from __future__ import annotations

from dataclasses import dataclass

from symnn.notation import tree as t
from symnn.notation.traverse import replace, without_groups
from symnn.notation.tree import Node
from symnn.notes.read.names import label_text, parts_of

_RAISED_LABELS = frozenset(["+", "-", "*", "star", "new", "old", "prime"])


@dataclass(frozen=True, slots=True)
class Named:
    """A name with what stands on it: its primes, and a power."""

    name: str
    primes: int = 0
    power: Node | None = None


def named(node: Node) -> Named | None:
    r"""Take a name apart; None for a tree that is no name, and for a transpose.

    >>> from symnn.notation import parse_latex, parse_plain
    >>> [named(parse_plain(text)).name for text in ("x1", "x_1", "x₁", "y_pred")]
    ['x1', 'x1', 'x1', 'y_pred']
    >>> named(parse_latex(r"w_{11}^2")).name, named(parse_latex(r"y_{out}")).name
    ('w11', 'y_out')
    """
    parts = parts_of(node)
    if parts is None or parts.base.base in ("top", "bot"):
        return None
    key = parts.key
    name = f"{key.style}{key.base}{''.join(key.accents)}"
    for sub in parts.subs:
        text = label_text(sub)
        if text is None:
            return None
        name += text if text[0].isdigit() and not name[-1].isdigit() else "_" + text
    power: Node | None = None
    for sup in parts.sups:
        label = _raised_label(sup)
        if label is not None:
            name += "^" + label
        elif power is None and not (isinstance(sup, t.Name) and sup.base in ("T", "top", "intercal")):
            power = sup
        else:
            return None
    return Named(name, key.primes, power)


def _raised_label(sup: Node) -> str | None:
    if isinstance(sup, t.Text):
        return label_text(sup)
    if isinstance(sup, t.Name) and (
        sup.base in _RAISED_LABELS or (len(sup.base) > 1 and sup.font in ("text", "mathrm"))
    ):
        return label_text(sup)
    if isinstance(sup, t.Group) and sup.left == "(":
        return label_text(sup.body)
    return None


def name_of(node: Node | None) -> str | None:
    """The spelling of a plain name, without primes and powers; None for anything else."""
    while isinstance(node, t.Group) and node.left in ("(", "{"):
        node = node.body
    found = None if node is None else named(node)
    return found.name if found is not None and not found.primes and found.power is None else None


def names_of(node: Node) -> tuple[str, ...] | None:
    """The names that a bracket lists: ``(x1, x2)``; one name counts as a list of one. None for anything else."""
    single = name_of(node)
    if single is not None:
        return (single,)
    if isinstance(node, t.Sequence) and node.separator == ",":
        found = [name_of(item) for item in node.items]
        if found and all(name is not None for name in found):
            return tuple(name for name in found if name is not None)
    return None


def call_of(node: Node) -> tuple[Named, tuple[Node, ...]] | None:
    """The head and the arguments of ``f(x, y)`` or ``f'(x)``; None where there is no bracket after one name."""
    if isinstance(node, t.Call):
        head = named(node.head)
        return None if head is None else (head, node.arguments)
    if isinstance(node, t.Product) and node.operator == "juxtaposed" and len(node.factors) == 2:
        head = named(node.factors[0])
        arguments = arguments_of(node.factors[1])
        if head is not None and arguments is not None and not isinstance(node.factors[0], t.Number):
            return head, arguments
    return None


def arguments_of(node: Node) -> tuple[Node, ...] | None:
    """What stands in round brackets, separated by commas."""
    if isinstance(node, t.Group) and node.left == "(":
        return (node.body,)
    if isinstance(node, t.Sequence) and node.left == "(" and node.separator == ",":
        return node.items
    return None


def plain(node: Node) -> Node:
    """The tree without brackets around the whole."""
    while isinstance(node, t.Group) and node.left in ("(", "[", "{"):
        node = node.body
    return node


def same(one: Node, other: Node) -> bool:
    """Whether two trees are the same up to brackets and spellings of names."""
    return spelled(one) == spelled(other)


def spelled(node: Node) -> Node:
    """The tree with every name in one spelling and without brackets that only group, for comparing trees."""

    def change(part: Node) -> Node:
        found = named(part) if isinstance(part, t.Name | t.Script) else None
        if found is None or found.primes or found.power is not None:
            return part
        return t.Name(found.name)

    return replace(without_groups(node), change)
