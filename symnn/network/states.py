"""States: what is kept from one step of training to the next.

A document may state an update itself, or use an operator that keeps something, such as batch normalisation. What is
stated of a value that an operator would keep something of replaces what the operator would keep.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from symnn.formula.nodes import Tensor, tensors
from symnn.network.equations import Equation, Use
from symnn.network.hoist import Hoisted


@dataclass(frozen=True)
class States:
    """The updates of states, where these start, the usual values of the rates, and the equations that use them."""

    updates: tuple[Equation, ...] = ()
    starts: Mapping[str, Any] = field(default_factory=dict)
    rates: Mapping[str, Any] = field(default_factory=dict)
    in_use: tuple[Equation, ...] = ()


def states_of(hoisted: Hoisted, stated: Iterable[Equation], taken: Collection[str]) -> States:
    """What the operators of a network keep, but for those of whose values an update is stated.

    A rate whose name is taken gets another one; all operators have it in common.
    """
    spoken_for = {tensor for update in stated for tensor in tensors(update.formula)}
    kept = [state for state in hoisted.states if not _values_of(state.update.use) & spoken_for]
    rates = {symbol: number for state in kept for symbol, number in state.rates.items()}
    names = {symbol: _free(str(symbol), taken) for symbol in rates}
    renamed = {symbol: type(symbol)(name, **symbol.assumptions0) for symbol, name in names.items()}
    groups = {state.update.use.group for state in kept if state.update.use is not None}
    return States(
        tuple(replace(state.update, formula=state.update.formula.xreplace(renamed)) for state in kept),
        {state.update.name: state.start for state in kept},
        {names[symbol]: number for symbol, number in rates.items()},
        tuple(e for e in hoisted.in_use if e.use is not None and e.use.group in groups),
    )


def _values_of(use: Use | None) -> set[Tensor]:
    """The arguments and the intermediate values of an application."""
    assert use is not None
    return {tensor for _, tensor, _ in use.arguments} | {tensor for _, tensor in use.lets}


def _free(wanted: str, taken: Collection[str]) -> str:
    candidates = (wanted, *(f"{wanted}_{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in candidates if name not in taken)
