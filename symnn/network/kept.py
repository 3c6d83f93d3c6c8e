"""What one application of an operator keeps between steps of training."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sympy import Add

from symnn.formula.index import Index
from symnn.formula.nodes import Total
from symnn.network.equations import Equation


@dataclass(frozen=True)
class KeptState:
    """What an application of an operator keeps: the equation of its next value, where it starts, the usual rates."""

    update: Equation
    start: Any
    rates: Mapping[Any, Any]


def averaged(formula: Any, indices: Iterable[Index]) -> Any:
    """The formula with the mean over indices of each term that has them."""
    terms = list(Add.make_args(formula))
    for index in indices:
        terms = [Total(t, index) / index.dimension if index in t.free_symbols else t for t in terms]
    return Add(*terms)
