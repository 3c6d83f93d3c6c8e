"""Going through a notation tree: children, walk, replace. All of it works at any depth.

The functions look at the dataclass fields of a node, so a new kind of node needs no line here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any, Final, TypeVar

from symnn.notation.tree import Branch, Group, Link, Node, Signed


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly below, in reading order.

    >>> from symnn.notation.tree import Name, Sum
    >>> children(Sum((Signed("+", Name("a")), Signed("-", Name("b")))))
    (Name(base='a', font='', accents=()), Name(base='b', font='', accents=()))
    """
    known = node._children
    if known is None:
        found: list[Node] = []
        for name in _names(type(node)):
            _collect(getattr(node, name), found)
        known = tuple(found)
        object.__setattr__(node, "_children", known)  # a node does not change, and trees are walked again and again
    return known


_NAMES: Final[dict[type[Any], tuple[str, ...]]] = {}


def _names(kind: type[Any]) -> tuple[str, ...]:
    """The fields of a kind of node but its span: asked for so often that looking them up would take most of the time."""
    found = _NAMES.get(kind)
    if found is None:
        found = _NAMES[kind] = tuple(item.name for item in fields(kind) if item.init and item.name != "span")
    return found


def _collect(value: object, found: list[Node]) -> None:
    if isinstance(value, Node):
        found.append(value)
    elif isinstance(value, tuple):
        for entry in value:
            _collect(entry, found)
    elif isinstance(value, _PARTS):
        for name in _names(type(value)):
            _collect(getattr(value, name), found)


def with_children(node: Node, new: tuple[Node, ...]) -> Node:
    """Return the same node with other children, given in the order of `children`.

    Raises ValueError when the number of children differs.

    >>> from symnn.notation.tree import Name, Negative, Number
    >>> with_children(Negative(Name("a")), (Number("1"),))
    Negative(body=Number(text='1'))
    """
    supply = iter(new)
    if len(new) != len(children(node)):
        raise ValueError(f"{type(node).__name__} has {len(children(node))} children, not {len(new)}")
    return _rebuild(node, supply)


_PARTS: Final = (Signed, Link, Branch)
_P = TypeVar("_P", Node, Signed, Link, Branch)


def _rebuild(part: _P, supply: Iterator[Node]) -> _P:
    arguments: dict[str, Any] = {name: _renew(getattr(part, name), supply) for name in _names(type(part))}
    return type(part)(**arguments, span=part.span)


def _renew(value: object, supply: Iterator[Node]) -> object:
    if isinstance(value, Node):
        return next(supply)
    if isinstance(value, tuple):
        return tuple(_renew(entry, supply) for entry in value)
    if isinstance(value, Signed):
        return _rebuild(value, supply)
    if isinstance(value, Link):
        return _rebuild(value, supply)
    if isinstance(value, Branch):
        return _rebuild(value, supply)
    return value


def walk(node: Node) -> Iterator[Node]:
    """Yield the node and everything below it, parents first, in reading order.

    >>> from symnn.notation.tree import Name, Product
    >>> [n.base for n in walk(Product("cdot", (Name("a"), Name("b")))) if isinstance(n, Name)]
    ['a', 'b']
    """
    stack = [node]
    while stack:
        top = stack.pop()
        yield top
        stack.extend(reversed(children(top)))


def replace(node: Node, change: Callable[[Node], Node]) -> Node:
    """Rewrite a tree from the leaves upwards: ``change`` sees each node after its children were rewritten.

    Returns the new tree; subtrees in which nothing changed are shared with the old one.

    >>> from symnn.notation.tree import Name, Negative
    >>> replace(Negative(Name("a")), lambda n: Name("b") if n == Name("a") else n)
    Negative(body=Name(base='b', font='', accents=()))
    """
    done: list[Node] = []
    todo: list[tuple[Node, int]] = [(node, -1)]
    while todo:
        current, count = todo.pop()
        if count < 0:
            below = children(current)
            if not below:
                done.append(change(current))
                continue
            todo.append((current, len(below)))
            todo.extend((child, -1) for child in reversed(below))
            continue
        new = tuple(done[len(done) - count :])
        del done[len(done) - count :]
        old = children(current)
        same = all(a is b for a, b in zip(new, old, strict=True))
        done.append(change(current if same else with_children(current, new)))
    return done[0]


def without_groups(node: Node) -> Node:
    """Drop round brackets that only group, for comparing trees. Lists, bars and other brackets stay.

    >>> from symnn.notation.tree import Name
    >>> without_groups(Group(Name("a")))
    Name(base='a', font='', accents=())
    """
    return replace(node, lambda n: n.body if isinstance(n, Group) and (n.left, n.right) == ("(", ")") else n)
