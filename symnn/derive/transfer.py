"""How a recurrence carries a change from one step to the next: ``∂h_t/∂h_{t-1} = diag(f'(a_t)) U``.

Found from the equations: the value is a function of a sum, and the derivative of that sum by the value one step before
is one matrix of weights.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Mul

from symnn.derive.bounds import SlopeBound, slope_bound
from symnn.derive.elementwise import OUTPUT, elementwise_lemma, through_lemmas
from symnn.formula.deltas import eliminate_deltas
from symnn.formula.differentiate import differentiate
from symnn.formula.index import Index
from symnn.formula.nodes import Call, Delta, Entry, Inside, Tensor, entries
from symnn.network.equations import Equation, Network, recurrent_groups


@dataclass(frozen=True)
class Transfer:
    """One step of a recurrence: ``∂value[t, i]/∂value[t + step, j] = slope[i] weight[i, j]``.

    `indices` are t, i and j; `weight` is an entry of a parameter, which may have an index t of its own. The value is a
    function of `argument`.
    """

    value: Tensor
    argument: Tensor
    indices: tuple[Index, Index, Index]
    step: int
    slope: Expr
    weight: Entry
    bound: SlopeBound

    @property
    def formula(self) -> Expr:
        """The local derivative as a formula."""
        return Mul(self.slope, self.weight)


def transfers(network: Network) -> tuple[Transfer, ...]:
    """The steps of a network's recurrences that are a bounded slope times a matrix of weights."""
    found = []
    for group in recurrent_groups(network.equations):
        for equation in network.equations:
            if equation.tensor in group:
                made = _transfer(network, equation, group)
                if made is not None:
                    found.append(made)
    return tuple(found)


def _transfer(network: Network, equation: Equation, group: frozenset[Tensor]) -> Transfer | None:
    call = equation.formula
    if not isinstance(call, Call) or len(call.arguments) != 1 or len(equation.indices) != 2:
        return None
    bound = slope_bound(call.function)
    argument = call.arguments[0]
    inner = network.equation(argument.tensor) if isinstance(argument, Entry) else None
    if bound is None or inner is None or inner.tensor not in group or argument.indices != equation.indices:
        return None
    t, i = inner.indices
    carried = [e for e in entries(inner.formula) if e.tensor in group]
    places = {e.indices[0] for e in carried}
    if {e.tensor for e in carried} != {equation.tensor} or len(places) != 1:
        return None
    step = places.pop() - t
    if not step.is_Integer or step == 0:
        return None
    j = Index("j" if i.name != "j" else "k", i.dimension).fresh()
    by = equation.tensor.entry(t + step, j)
    slope = eliminate_deltas(differentiate(inner.formula, by, through_lemmas))
    weights = [f for f in Mul.make_args(slope) if not isinstance(f, Inside | Delta)]
    if len(weights) != 1 or not isinstance(weights[0], Entry) or weights[0].tensor not in network.parameters:
        return None
    lemma = elementwise_lemma(call.function, 0)
    output = bound.slope if bound.kind == "square" else lemma.folded
    at = {
        OUTPUT.entry(): equation.tensor.entry(t, i),
        Tensor(call.function.parameters[0]).entry(): inner.tensor.entry(t, i),
    }
    return Transfer(equation.tensor, inner.tensor, (t, i, j), int(step), output.xreplace(at), weights[0], bound)
