"""Links that claim nothing: what says what a name stands for, and calculations with numbers alone."""

from __future__ import annotations

from symnn.notation.traverse import walk
from symnn.notation.tree import Matrix, Node
from symnn.notation.tree import Sequence as Listing
from symnn.notes.judge.gradients.gradients_told import is_short_name
from symnn.notes.judge.links import Link
from symnn.notes.judge.unroll.unrolled import without_listing
from symnn.notes.judge.worlds.context import Context
from symnn.notes.judge.worlds.inforce import has_names
from symnn.notes.read.names import Key


def is_arithmetic(left: Node, right: Node) -> bool:
    """Whether a link is a calculation with numbers alone, which is judged as a worked example."""
    from symnn.notes.worked.symbol_table import has_names

    arrays = any(isinstance(part, Matrix | Listing) for side in (left, right) for part in walk(side))
    return not arrays and not has_names(left) and not has_names(right)


def is_definition(context: Context, link: Link) -> bool:
    """Whether a link only says what its left side stands for."""
    if not link.start:
        return False
    if without_listing(link.left.node) is not link.left.node or is_short_name(link):
        return True
    statement = link.statement
    table = context.table
    if any(d.statement is statement for found in context.backward_definitions.values() for d in found):
        return True
    for found in (*table.definitions.values(), *table.functions.values()):
        if any(entry.statement is statement for entry in found):
            return has_names(link.right.node) or not any(has_names(entry.links[0].node) for entry in found)
    return any(entry.statement is statement for found in table.given.values() for entry in found)


def key_defined(context: Context, link: Link) -> Key | None:
    """The name that a link defines, as the symbol table has it: without index letters."""
    for key, found in context.table.definitions.items():
        if any(entry.statement is link.statement and entry.node is link.left.node for entry in found):
            return key
    return None
