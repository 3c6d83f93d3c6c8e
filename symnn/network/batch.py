"""A batch: one more index on everything that depends on data.

Parameters have none, so their adjoints sum over it, by the ordinary rules.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Literal

from symnn.formula.index import Index, dimension
from symnn.formula.nodes import Entry, Tensor, Total, tensors
from symnn.formula.substitute import substitute_entries
from symnn.network.equations import Equation, Network, NetworkError, Use
from symnn.network.kept import averaged

Reduction = Literal["mean", "sum", "none"]
BATCH = "B"


def batched(network: Network, reduction: Reduction = "mean") -> Network:
    """The network for a batch of samples; the loss is reduced over the batch unless `reduction` is ``none``.

    With ``none`` the loss keeps its batch axis and gradients are those of the sum over the batch.
    """
    if network.batch is not None:
        raise NetworkError("the network already has a batch axis")
    size = dimension(_free_name(network))
    b = Index("b", size).fresh()
    data = {t: Tensor(t.name, (size, *t.shape)) for t in (*network.inputs, *network.targets)}
    for tensor in _touched(network, data):
        data[tensor] = Tensor(tensor.name, (size, *tensor.shape))

    def value(entry: Entry) -> Any | None:
        return Entry(data[entry.tensor], b, *entry.indices) if entry.tensor in data else None

    equations = []
    for equation in network.equations:
        formula = substitute_entries(equation.formula, value)
        use = _use(equation.use, data) if equation.use is not None else None
        if equation.tensor in data:
            changed = replace(
                equation, tensor=data[equation.tensor], indices=(b, *equation.indices), formula=formula, use=use
            )
            equations.append(changed)
        else:
            equations.append(replace(equation, formula=formula, use=use))
    if network.loss not in data:
        raise NetworkError(f"the loss {network.loss.name} does not depend on any input or target")
    per_sample = data[network.loss]
    loss = Tensor(_free(network, "loss"))
    scale = 1 / size if reduction == "mean" else 1
    equations.append(Equation(loss, (), scale * Total(per_sample[b], b), hidden=True))
    return network.with_(
        equations=tuple(equations),
        loss=loss,
        inputs=tuple(data[t] for t in network.inputs),
        targets=tuple(data[t] for t in network.targets),
        parameters=tuple(data.get(t, t) for t in network.parameters),
        facts=tuple(
            replace(f, tensor=data[f.tensor], axis=_shifted(f.axis)) if f.tensor in data else f for f in network.facts
        ),
        updates=tuple(
            replace(update, formula=averaged(substitute_entries(update.formula, value), [b]))
            for update in network.updates
        ),
        in_use=tuple(
            replace(e, tensor=data[e.tensor], indices=(b, *e.indices), formula=substitute_entries(e.formula, value))
            if e.tensor in data
            else e
            for e in network.in_use
        ),
        batch=b,
        widths=None if network.widths is None else network.widths.batched((t.name for t in data), size),
    )


def _touched(network: Network, data: Iterable[Tensor]) -> list[Tensor]:
    """The defined tensors that depend on data, perhaps through an earlier step of a recurrence."""
    reached = set(data)
    while True:
        found = [e.tensor for e in network.equations if e.tensor not in reached and tensors(e.formula) & reached]
        if not found:
            return [e.tensor for e in network.equations if e.tensor in reached]
        reached |= set(found)


def _shifted(axis: int) -> int:
    return axis + 1 if axis >= 0 else axis


def _use(use: Use, data: dict[Tensor, Tensor]) -> Use:
    if not any(tensor in data for _, tensor, _ in use.arguments):
        return use
    return replace(
        use,
        arguments=tuple(
            (name, data.get(t, t), (*([0] if t in data else []), *(axis + 1 for axis in axes)))
            for name, t, axes in use.arguments
        ),
        lets=tuple((name, data.get(t, t)) for name, t in use.lets),
        shared=use.shared + 1,
    )


def _free_name(network: Network) -> str:
    taken = {str(d) for d in network.dimensions} | {t.name for t in network.all_tensors}
    return next(name for name in (BATCH, "B_", "B_batch", "batch_size") if name not in taken)


def _free(network: Network, wanted: str) -> str:
    taken = {t.name for t in network.all_tensors}
    return wanted if wanted not in taken else f"{wanted}_mean"
