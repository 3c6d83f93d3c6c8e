"""Claims about a loss that the document does not define: any function of what the note computes last.

That such a claim holds is shown for every loss of these values. That it does not hold is certain only where both sides are
derivatives of the loss, so that neither says what the loss is, and where it has nothing else to depend on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from symnn.notation.traverse import walk
from symnn.notation.tree import Derivative, Group, Nabla, Name, Negative, Node, Sum
from symnn.notation.tree import Sequence as Listing
from symnn.notes.judge.gradients.edges import losses_in
from symnn.notes.judge.gradients.gradients_told import carries
from symnn.notes.judge.links import Link, names_in
from symnn.notes.read.names import Key, is_word, parts_of
from symnn.notes.read.statements import Statement
from symnn.notes.read.symbols import Table

if TYPE_CHECKING:
    from symnn.notes.judge.worlds.context import Context


def of_unknown_loss(context: Context, link: Link) -> bool:
    """Whether a link is about derivatives of a loss that the document does not define."""
    if context.unknown_loss is None:
        return False
    others = {key.bare for key in context.backward}
    return any(any(losses_in(side)) or _mentions(side.node, others) for side in (link.left, link.right))


def runs_under_unknown_loss(context: Context, link: Link) -> bool:
    """Whether a link is about such a loss and about values of a recurrence, so that only its instances tell."""
    running = context.running
    return bool(running.members) and of_unknown_loss(context, link) and any(running.runs(n) for n in link.nodes)


def why_uncertain(context: Context, link: Link) -> str:
    """Why a claim about an unknown loss need not be wrong where it does not hold; "" where nothing speaks for it."""
    others = {key.bare for key in context.backward}
    twice = {key.bare for key, found in context.backward_definitions.items() if len(found) > 1}
    if any(_mentions(node, twice) for node in link.nodes):
        return "a name in it is defined in several ways"
    by = {key for node in link.nodes if len(list(_terms(node))) == 1 for key in _variables(node)}
    for node in link.nodes:
        terms = list(_terms(node))
        loose = [term for term in terms if not carries(term, others)]
        if len(loose) == len(terms) or any(_mentions(term, by) for term in loose):
            return "a term is no derivative of the loss, so that it says something of the loss, which is not defined"
    return other_outputs(context, link)


def other_outputs(context: Context, link: Link) -> str:
    """That the loss may depend on another output as well, by a way that a claim leaves out; "" where there is none."""
    beside = _beside(context.table_at(link.statement), context.statements, link.nodes)
    return f"the loss is not defined, and it may depend on {beside} as well" if beside else ""


def _beside(table: Table, statements: Iterable[Statement], nodes: Iterable[Node]) -> str:
    """A value that nothing is made from and by which no loss is differentiated, but that depends on what a claim is about; "" for none.

    A name that stands beside derivatives is an abbreviation, and no output. A word says once more what is computed.
    """
    uses = {
        key.bare: {parts.key for node in names_in([d[0].links[0].node]) if (parts := parts_of(node)) is not None}
        for key, d in table.definitions.items()
        if d and not _is_set(d[0].links[0].node)
    }
    used = {name for key, names in uses.items() for name in names if name != key}
    nodes = list(nodes)
    by = {key for node in nodes for key in _variables(node)}
    alone = [node for node in nodes if isinstance(node, Derivative | Nabla)]
    wanted = set(_variables(alone[0])) if len(alone) == 1 else by
    known: set[Key] = set()
    for statement in statements:
        sides = (statement.first.node, *(step.right.node for step in statement.steps))
        if any(isinstance(part, Derivative | Nabla) for side in sides for part in walk(side)):
            known |= {parts.key for node in names_in(sides) if (parts := parts_of(node)) is not None}
    for key in sorted(uses.keys() - used - known, key=str):
        if not is_word(Name(key.base)) and wanted & _below(uses, key, by - wanted):
            return str(key)
    return ""


def _is_set(node: Node) -> bool:
    r"""Whether a definition only gathers what is there: ``B = \{x_1, …, x_m\}``."""
    return isinstance(node, Listing | Group) and node.left == "{"


def _terms(node: Node) -> Iterator[Node]:
    """The terms of a sum."""
    if isinstance(node, Sum):
        for term in node.terms:
            yield from _terms(term.term)
    elif isinstance(node, Group | Negative):
        yield from _terms(node.body)
    else:
        yield node


def _below(uses: Mapping[Key, set[Key]], start: Key, stops: set[Key]) -> set[Key]:
    """What a name is made from, but for what only goes in through some others."""
    seen: set[Key] = set()
    stack = [start]
    while stack:
        key = stack.pop()
        if key not in seen:
            seen.add(key)
            stack.extend(() if key in stops else uses.get(key, ()))
    return seen


def _variables(node: Node) -> Iterable[Key]:
    for part in walk(node):
        found = part.denominators if isinstance(part, Derivative) else ()
        if isinstance(part, Nabla) and part.wrt is not None:
            found = (part.wrt,)
        yield from (parts.key for one in found if (parts := parts_of(one)) is not None)


def _mentions(node: Node, keys: set[Key]) -> bool:
    return any((parts := parts_of(name)) is not None and parts.key in keys for name in names_in([node]))
