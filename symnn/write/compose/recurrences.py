"""What a document says about recurrences: the families, what lies outside their range, and the letter δ."""

from __future__ import annotations

from typing import Any

import sympy

from symnn.derive.derivation import ADJOINT
from symnn.formula.index import Index
from symnn.formula.nodes import Inside, Tensor, entries
from symnn.notation.tree import Node, Number
from symnn.write.compose.context import Context, equal, list_of
from symnn.write.document import Inlines, inlines
from symnn.write.notate import index_form
from symnn.write.notate.build import derivative
from symnn.write.notate.guards import is_guarded
from symnn.write.notate.names import identifier


def recurrence_conventions(context: Context) -> list[Inlines]:
    """The conventions that recurrences need, one sentence or two each; none where there is no recurrence."""
    families = context.names.families
    if not families.letters:
        return []
    found = [_families(context)]
    outside = _outside(context)
    if outside:
        found.append(inlines("Outside the range of its index a part counts as zero: ", *list_of(outside), "."))
    for (name, step), start in families.starts.items():
        edge = _beyond(context, name, step)
        if edge != context.names.tensor(start):
            found.append(
                inlines("A recurrence starts from what is given: ", equal(edge, context.names.tensor(start)), ".")
            )
    deltas = [e.name for e in context.shown_equations if ADJOINT + e.name in context.names.tensors]
    if deltas:
        names = context.names
        meant = [equal(names.part(ADJOINT + d), derivative(names.loss, names.part(d))) for d in deltas]
        shown = list_of([tuple(inlines(node)) for node in meant])
        found.append(inlines("The adjoint of what an activation is applied to is called δ: ", *shown, "."))
    return found


def _families(context: Context) -> Inlines:
    """What an index of a family runs over, with the first family for an example."""
    families = context.names.families
    examples: dict[str, Tensor] = {}
    for tensor in context.network.all_tensors:
        for letter in families.letters_of(tensor.name):
            examples.setdefault(letter, tensor)
    parts: list[Any] = []
    for letter, tensor in examples.items():
        size = tensor.shape[families.letters_of(tensor.name).index(letter)]
        last = index_form(sympy.expand(size - 1 + families.first), context.names)
        range_ = inlines(identifier(letter), f" = {families.first}, …, ", last)
        parts += [
            ", and " if parts else "",
            context.names.part(tensor.name),
            " is one part of an array for every ",
            *range_,
        ]
    return inlines(*parts, ".")


def _outside(context: Context) -> list[Any]:
    """What is zero outside of the range: the values and adjoints that are carried from step to step."""
    families, network = context.names.families, context.network
    carried = {e.name for e in network.equations}
    formulas = [(e.formula, carried) for e in network.equations]
    formulas += [(a.formula, {ADJOINT + name for name in carried}) for a in context.derivation.adjoints]
    found: dict[Node, Inlines] = {}
    for formula, names in formulas:
        for guard in sorted(formula.atoms(Inside), key=str):
            for entry in sorted(entries(formula), key=str):
                if entry.tensor.name in names and is_guarded(entry, guard, families):
                    (index,) = guard.position.atoms(Index)
                    node = _beyond(context, entry.tensor.name, int(guard.position - index))
                    found.setdefault(node, inlines(equal(node, Number("0"))))
    return [tuple(sentence) for sentence in found.values()]


def _beyond(context: Context, name: str, step: int) -> Node:
    """The part of a family just before its first or behind its last one."""
    tensor = context.network.tensor(name.removeprefix(ADJOINT))
    first = context.names.families.first
    place = sympy.Integer(first - 1) if step < 0 else sympy.expand(tensor.shape[0] + first)
    return context.names.entry(name, (index_form(place, context.names),))
