"""The network in use: what it computes when training is over, from its inputs and what it has kept.

Values that come from a batch in training come from the state. What depends on targets is left out: the outputs are the
values that the loss, or what leads to it, compares with targets.
"""

from __future__ import annotations

from collections.abc import Iterable

from symnn.emit.plan import Assignment, Plan
from symnn.formula.nodes import Tensor, tensors
from symnn.network.equations import Equation, Network


def plan_in_use(network: Network) -> Plan | None:
    """The plan of the network in use; None where that is no other than in training."""
    outputs = outputs_of(network)
    if not network.in_use or not outputs:
        return None
    other = {equation.tensor: equation for equation in network.in_use}
    equations = _leading_to(outputs, [other.get(e.tensor, e) for e in network.equations])
    computed = {equation.tensor for equation in equations}
    states = tuple(update.tensor for update in network.updates)
    used = network.with_(
        equations=equations,
        loss=outputs[0],
        targets=(),
        parameters=(*(p for p in network.parameters if p not in computed), *states),
        updates=(),
        in_use=(),
    )
    forward = tuple(Assignment(e.tensor, e.indices, e.formula, hidden=e.hidden) for e in equations)
    return Plan(used, forward, (), (), outputs[0], outputs=outputs)


def outputs_of(network: Network) -> tuple[Tensor, ...]:
    """The values, computed from inputs alone, that the loss or what depends on targets uses."""
    given = _depending(network.equations, network.inputs)
    late = _depending(network.equations, network.targets) | {network.loss}
    groups = {e.use.group for e in network.equations if e.use is not None and e.tensor in late}
    late |= {e.tensor for e in network.equations if e.use is not None and e.use.group in groups}
    used = {tensor for e in network.equations if e.tensor in late for tensor in tensors(e.formula)}
    return tuple(e.tensor for e in network.equations if e.tensor in (used & given) - late)


def _depending(equations: Iterable[Equation], on: Iterable[Tensor]) -> set[Tensor]:
    """The tensors whose equations mention some of the given ones, or each other; of a recurrence all."""
    equations = list(equations)
    found = set(on)
    while True:
        more = {e.tensor for e in equations if e.tensor not in found and tensors(e.formula) & found}
        if not more:
            return found - set(on)
        found |= more


def _leading_to(outputs: Iterable[Tensor], equations: Iterable[Equation]) -> tuple[Equation, ...]:
    """The equations that the outputs need, in their order."""
    equations = list(equations)
    defined = {equation.tensor: equation for equation in equations}
    needed: set[Tensor] = set()
    waiting = list(outputs)
    while waiting:
        tensor = waiting.pop()
        if tensor in defined and tensor not in needed:
            needed.add(tensor)
            waiting.extend(tensors(defined[tensor].formula))
    return tuple(equation for equation in equations if equation.tensor in needed)
