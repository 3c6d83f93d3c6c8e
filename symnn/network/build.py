"""Building a network in Python.

>>> from symnn.declare import registry
>>> from symnn.network.arrays import tensor
>>> W, x, b, t = tensor("W", "k n"), tensor("x", "n"), tensor("b", "k"), tensor("t", "k")
>>> draft = Draft()
>>> p = draft.define("p", registry.find("softmax")(W @ x + b))
>>> L = draft.define("L", registry.find("cross_entropy")(p, t))
>>> network = draft.network(inputs=["x"], targets=["t"])
>>> [p.name for p in network.parameters], network.loss
(['W', 'b'], L)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from symnn.formula.application import unfold_applications
from symnn.formula.facts import Fact
from symnn.formula.nodes import Tensor, tensors
from symnn.network.arrays import Expression, expression
from symnn.network.equations import Equation, Network, NetworkError, ordered, symbols_of
from symnn.network.hoist import hoisted, split_activations
from symnn.network.states import states_of


class Draft:
    """Equations being collected."""

    def __init__(self) -> None:
        self.equations: list[Equation] = []
        self.updates: list[Equation] = []

    def update(self, state: str, value: Any) -> None:
        """Say how a state, which only this changes, goes on after every step: a running mean, for example.

        The value mentions the state before as a tensor of that name. Raises NetworkError when it has an update.
        """
        if any(e.name == state for e in self.updates):
            raise NetworkError(f"{state} is updated twice")
        array = expression(value).array
        self.updates.append(Equation(Tensor(state, array.shape), array.indices, array.body))

    def define(self, name: str, value: Any, place: Any = None) -> Expression:
        """Name a value; the result stands for the name. Raises NetworkError when the name is taken."""
        if any(e.name == name for e in self.equations):
            raise NetworkError(f"{name} is defined twice")
        array = expression(value).array
        tensor = Tensor(name, array.shape)
        self.equations.append(Equation(tensor, array.indices, array.body, place=place))
        return expression(tensor)

    def network(
        self,
        *,
        inputs: Sequence[str] = (),
        targets: Sequence[str] = (),
        loss: str | None = None,
        wrt: Sequence[str] | None = None,
        facts: Iterable[Fact] = (),
        names: Mapping[str, Any] | None = None,
        values: Mapping[str, Any] | None = None,
        title: str = "",
    ) -> Network:
        """The network of what was defined. The loss is the last scalar that nothing uses, unless named."""
        return network_of(
            self.equations, inputs=inputs, targets=targets, loss=loss, wrt=wrt, facts=facts, names=names,
            values=values, title=title, updates=self.updates,
        )  # fmt: skip


def network_of(
    equations: Iterable[Equation],
    *,
    inputs: Sequence[str] = (),
    targets: Sequence[str] = (),
    loss: str | None = None,
    wrt: Sequence[str] | None = None,
    facts: Iterable[Fact] = (),
    names: Mapping[str, Any] | None = None,
    values: Mapping[str, Any] | None = None,
    title: str = "",
    families: Mapping[str, int] | None = None,
    raised: Iterable[str] = (),
    first: int = 0,
    updates: Iterable[Equation] = (),
) -> Network:
    """A network from equations: operators hoisted, equations ordered, leaves sorted into their roles.

    `families` are names of which the document defines one part at a time, with the number of their indices; `raised` are
    names whose index is written above them, as that of a layer; documents count indices from `first`. `updates` give the
    next value of what is kept between steps of training.

    Raises NetworkError when there is no loss, a role names something unknown, or the equations form a cycle.
    """
    hoisting = hoisted(equations)
    ready = ordered(split_activations(hoisting.equations))
    above = set(raised)
    above |= {
        e.name for e in ready if e.hidden and any(o.name in above and e.tensor in tensors(o.formula) for o in ready)
    }
    defined = {e.tensor for e in ready}
    leaves: dict[str, Tensor] = {}
    for equation in ready:
        for tensor in sorted(tensors(equation.formula) - defined, key=lambda t: t.name):
            known = leaves.setdefault(tensor.name, tensor)
            if known != tensor:
                raise NetworkError(f"{tensor.name} is used with shapes {known.shape} and {tensor.shape}")
    for name in (*inputs, *targets):
        if name not in leaves:
            raise NetworkError(f"{name} is not a leaf of the network; the leaves are {', '.join(leaves)}")
    target = _loss(ready, loss)
    learned = [n for n in leaves if n not in inputs and n not in targets] if wrt is None else list(wrt)
    known_names = leaves | {e.name: e.tensor for e in ready}
    for name in learned:
        if name not in known_names:
            raise NetworkError(f"there is no {name}; the network has {', '.join(known_names)}")
    rest = [n for n in leaves if n not in targets and n not in learned and n not in inputs]
    stated = tuple(_updates(updates, known_names))
    kept = states_of(hoisting, stated, {*known_names, *map(str, symbols_of(ready)), *(values or {})})
    return Network(
        equations=ready,
        loss=target,
        inputs=tuple(leaves[n] for n in (*inputs, *rest)),
        targets=tuple(leaves[n] for n in targets),
        parameters=tuple(known_names[n] for n in learned),
        facts=tuple(facts),
        names=dict(names or {}),
        values={**kept.rates, **(values or {})},
        title=title,
        families=dict(families or {}),
        raised=frozenset(above),
        first=first,
        updates=(*stated, *kept.updates),
        starts=kept.starts,
        in_use=kept.in_use,
    )


def _updates(updates: Iterable[Equation], known: Mapping[str, Tensor]) -> Iterator[Equation]:
    """The updates, with operators written out. Raises NetworkError for one that is none."""
    given = list(updates)
    states = {update.name: update.tensor for update in given}
    for update in given:
        if update.name in known:
            raise NetworkError(f"{update.name} is used by the network, so it is no state that only an update changes")
        formula = unfold_applications(update.formula)
        for tensor in sorted(tensors(formula), key=lambda t: t.name):
            if {**known, **states}.get(tensor.name) != tensor:
                raise NetworkError(f"the update of {update.name} needs {tensor.name}, which the network does not have")
        yield replace(update, formula=formula)


def _loss(equations: Sequence[Equation], name: str | None) -> Tensor:
    if name is not None:
        for equation in equations:
            if equation.name == name:
                if equation.tensor.rank:
                    raise NetworkError(
                        f"{name} is no scalar, so it cannot be the loss; it has shape {equation.tensor.shape}"
                    )
                return equation.tensor
        raise NetworkError(f"the loss {name} has no definition")
    used = set().union(*(tensors(e.formula) for e in equations)) if equations else set()
    ends = [e for e in equations if e.tensor not in used]
    scalars = [e for e in ends if e.tensor.rank == 0]
    if len(scalars) == 1:
        return scalars[0].tensor
    if not scalars:
        raise NetworkError("there is no loss: no scalar at the end of the definitions; name one with --of")
    raise NetworkError(f"which of {', '.join(e.name for e in scalars)} is the loss? name one with --of")
