"""The trail of a reading: which derivatives were taken on the way, for whoever wants to show how."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from symnn.formula.application import Array
from symnn.formula.nodes import Elementwise, Tensor


@dataclass(frozen=True)
class Taken:
    """A derivative that was taken: of an array by a tensor or one of its entries, or of a function of one variable."""

    source: Array | Elementwise
    by: Tensor | None = None
    places: tuple[Any, ...] | None = None


_current: ContextVar[list[Taken] | None] = ContextVar("trail", default=None)


@contextmanager
def recorded() -> Iterator[list[Taken]]:
    """The derivatives that are taken inside the block, in order."""
    found: list[Taken] = []
    token = _current.set(found)
    try:
        yield found
    finally:
        _current.reset(token)


def record(taken: Taken) -> None:
    """Remember a derivative, if somebody wants to know."""
    found = _current.get()
    if found is not None and taken not in found:
        found.append(taken)
