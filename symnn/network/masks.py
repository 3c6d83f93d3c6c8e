"""Range conditions for sizes that differ from layer to layer, put into formulas.

A document writes ``W[l, i, k] a[l - 1, k]`` summed over k and means the k that layer ``l - 1`` has. With
``[k < n[l - 1]]`` beside it the sum is one over the whole axis, and the network is an ordinary one on arrays in which
every layer has as many places as the longest; those that a layer does not have hold zero. Nothing has to know of sizes
that differ then: a derivation is right if what it becomes here is replayed by the kernel.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sympy import Mul

from symnn.formula.facts import Fact
from symnn.formula.index import Index
from symnn.formula.nodes import Binder, Elementwise, Entry, Inside, Tensor, Total
from symnn.formula.substitute import rebuild
from symnn.network.equations import Equation, Network
from symnn.network.reach import Survey
from symnn.network.widths import LAYER, WidthError, Widths


def masked(formula: Any, widths: Widths) -> Any:
    """The formula with a range condition in every sum over an index whose axis differs from layer to layer.

    Raises WidthError where another operation than a sum runs over such an axis, and where a sum runs over no entry.
    """
    if isinstance(formula, Tensor | Elementwise | Entry) or not formula.args:
        return formula
    if isinstance(formula, Binder) and formula.index.dimension == widths.longest:
        if not isinstance(formula, Total):
            raise WidthError(f"{type(formula).__name__} over an axis whose size differs from layer to layer")
        return Total(reach(formula.body, formula.index, widths) * masked(formula.body, widths), formula.index)
    return rebuild(formula, [masked(argument, widths) for argument in formula.args])


def reach(formula: Any, index: Index, widths: Widths) -> Any:
    """The range condition for an index that is free in a formula: as far as the axis goes along which it runs.

    Raises WidthError where the index stands at no entry.
    """
    found = Survey(widths.longest, widths.layers).of(formula).get(index, [])
    if not found:
        raise WidthError(f"how far {index} runs is not clear: it stands at no entry")
    shortest = min(found, key=lambda at: len(at.deltas))
    return Inside(index, shortest.size(widths))


def domain(tensor: Tensor, indices: Sequence[Any], widths: Widths) -> Any:
    """1 where a tensor has an entry at these indices, else 0."""
    sizes = widths.sizes(tensor, indices)
    axes = zip(indices, tensor.shape, sizes, strict=True)
    return Mul(*[Inside(at, size) for at, own, size in axes if own == widths.longest])


def masked_equation(equation: Any, widths: Widths) -> Any:
    """An equation whose left side is zero where its tensor has no entry."""
    formula = domain(equation.tensor, equation.indices, widths) * masked(equation.formula, widths)
    return replace(equation, formula=formula)


def masked_facts(facts: Iterable[Fact], widths: Widths) -> tuple[Fact, ...]:
    """The facts, with sums that go only as far as there are entries. Raises WidthError for one about a family of layers."""
    found = []
    for fact in facts:
        axis = fact.axis % max(fact.tensor.rank, 1)
        if fact.kind == "sum" and fact.tensor.shape[axis] == widths.longest:
            size = widths.of(fact.tensor)[axis]
            if size.has(LAYER):
                raise WidthError(f"{fact}: a sum for every layer")
            fact = replace(fact, length=size)
        found.append(fact)
    return tuple(found)


def masked_network(network: Network) -> Network:
    """The network on arrays as long as the longest layer, with all range conditions written out."""
    widths = network.widths
    if widths is None:
        return network
    equations: tuple[Equation, ...] = tuple(masked_equation(e, widths) for e in network.equations)
    updates: tuple[Equation, ...] = tuple(masked_equation(e, widths) for e in network.updates)
    facts = masked_facts(network.facts, widths)
    return network.with_(equations=equations, updates=updates, facts=facts, widths=None)


def masked_derivation(derivation: Any) -> Any:
    """The derivation of the network on arrays as long as the longest layer, step by step."""
    widths = derivation.network.widths
    if widths is None:
        return derivation
    widths = widths.like({a.tensor.name: a.of.name for a in derivation.adjoints})
    adjoints = []
    for adjoint in derivation.adjoints:
        own = domain(adjoint.of, adjoint.indices, widths)
        steps = tuple(
            replace(s, before=own * masked(s.before, widths), after=own * masked(s.after, widths))
            for s in adjoint.steps
        )
        adjoints.append(replace(adjoint, steps=steps))
    return replace(derivation, network=masked_network(derivation.network), adjoints=tuple(adjoints))


__all__ = ["domain", "masked", "masked_derivation", "masked_equation", "masked_network", "reach"]
