"""The left side of a wrong claim worked out, in the names and in the notation of the document: what it should say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from symnn.declare import registry
from symnn.derive.elementwise import elementwise_lemma
from symnn.derive.fold import fold
from symnn.formula.application import NamedFormula, unfold_applications
from symnn.formula.nodes import Call, Tensor, tensors
from symnn.formula.normal import Normalizer, TooLarge
from symnn.formula.polish import polish
from symnn.formula.substitute import substitute_entries
from symnn.notation import tree as t
from symnn.notation.tree import Node
from symnn.notes.judge.decision.pairs import Pair
from symnn.notes.judge.gradients.differentials import unknown_derivative
from symnn.notes.judge.reading.reader import ClaimReader
from symnn.notes.judge.worlds.mentions import bare
from symnn.notes.judge.worlds.world import World
from symnn.write.notate import Names, NoMatrixForm, NotateError, formula_form, index_form

MOST_FOLDED = 4
"""With more definitions there are too many ways to put a formula in their names."""


def left_formula(pair: Pair, reader: ClaimReader) -> Node | None:
    """The left side worked out, in the document's names; None where it cannot be printed, or only through itself.

    A claim about entries gets an entry, with the author's index letters.
    """
    world = reader.world
    formula = unfold_applications(pair.left)
    if tensors(formula) & reader.differentials.made.keys():
        return None  # a derivative through a recurrence has no formula of its own
    try:
        formula = _in_names(without_primes(formula), reader)
        names = Names({**bare_names(world), **dict(_derivatives(reader))}, t.Name("L"))
        if pair.indices and set(pair.indices) <= set(reader.free.values()):
            return index_form(formula, names, pair.indices)
        return formula_form(formula, pair.indices, names)
    except (NotateError, NoMatrixForm, TooLarge, ValueError, TypeError, KeyError, IndexError, ZeroDivisionError):
        return None


def bare_names(world: World) -> dict[str, Node]:
    """What the tensors are called, without the index letters that they may stand with."""
    keys = {tensor.name: key for key, tensor in world.tensors.items()}
    return {name: bare(node, keys[name]) if name in keys else node for name, node in world.nodes.items()}


def _in_names(formula: Any, reader: ClaimReader) -> Any:
    """The formula in the shortest form that the definitions it goes back to allow."""
    world = reader.world
    plain = polish(Normalizer(world.facts), formula)
    used = world.closure(tensors(formula))
    known = _definitions_above(reader, used)
    if not 0 < len(known) <= MOST_FOLDED:
        return plain
    folded = fold(formula, known).formula
    return min(plain, folded, key=lambda found: len(str(found)))


def _definitions_above(reader: ClaimReader, used: set[Tensor]) -> list[NamedFormula]:
    """The definitions of the claim's names from the first one to the last, those that stand on leaves of a formula."""
    world = reader.world
    found = [e for tensor, e in world.equations.items() if tensor in used or tensors(e.formula) & used]
    return sorted(found, key=lambda e: world.lines.get(e.tensor, 0))


def _derivatives(reader: ClaimReader) -> Iterator[tuple[str, Node]]:
    """The derivatives of names without a definition, which stand in formulas under names of their own."""
    nodes = reader.world.nodes
    for top, by in sorted(reader.differentials.used_edges, key=str):
        above, below = (nodes.get(tensor.name, t.Name(tensor.name)) for tensor in (top, by))
        yield unknown_derivative(top, by).name, t.Derivative("partial", above, (below,))


def without_primes(formula: Any) -> Any:
    """The formula with the derivatives of functions carried out: ``σ(x)(1 - σ(x))`` for ``σ'(x)``."""
    changes = {}
    for call in formula.atoms(Call):
        base, prime = call.function.name[:-1], call.function.name[-1:]
        if prime != "'" or call.function.body is None or len(call.arguments) != 1:
            continue
        declared = registry.find(base)
        if declared is not None and declared.is_elementwise:
            changes[call] = elementwise_lemma(declared.function, 0).at(Call(declared.function, *call.arguments))
        else:
            changes[call] = body_at(call)
    return formula.xreplace(changes)


def body_at(call: Call) -> Any:
    """The body of a function at the arguments of a call."""
    values = dict(zip(map(Tensor, call.function.parameters), call.arguments, strict=True))
    return substitute_entries(call.function.body, lambda entry: values.get(entry.tensor))
