"""Names as a document mentions them: as their author wrote them, and whether it says anything of them."""

from __future__ import annotations

from symnn.notation.tree import Node, Script
from symnn.notation.tree import Sequence as Listing
from symnn.notes.read.names import Key, label_text
from symnn.notes.read.symbols import Table, components


def bare(node: Node, key: Key) -> Node:
    """A name as the author wrote it, with its labels, but without indices and transposes."""
    if not isinstance(node, Script):
        return node
    base = bare(node.base, key)
    sub, sup = _labels(node.sub, "_", key), _labels(node.sup, "^", key)
    return base if sub is None and sup is None else Script(base, sub, sup, span=node.span)


def _labels(script: Node | None, side: str, key: Key) -> Node | None:
    """The part of a script that belongs to the name."""
    if script is None or side + str(label_text(script)) in key.labels:
        return script
    kept = tuple(c for c in components(script) if side + str(label_text(c)) in key.labels)
    if len(kept) > 1:
        return Listing(kept)
    return kept[0] if kept else None


def is_introduced(table: Table, key: Key) -> bool:
    """Whether the document says something of its own about a name."""
    return any(
        key in place for place in (table.definitions, table.functions, table.declarations, table.given, table.sizes)
    )
