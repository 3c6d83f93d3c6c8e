"""A bound on the work for one claim.

Loops that may run long ask for a step each time round. The budget counts steps and looks at the clock, so that a
claim ends in bounded time although nothing can interrupt it from outside. The clock is that of the processor: a machine
that is busy with other work changes no verdict.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from symnn.notes.judge.errors import OutOfTime

SECONDS = 4.0
"""Time for one claim."""

READINGS = 20_000
"""Steps of reading and comparing for one claim."""


class Budget:
    """Steps and seconds that are left."""

    def __init__(self, seconds: float = SECONDS, steps: int = READINGS) -> None:
        self.until = time.process_time() + seconds
        self.steps = steps

    def spend(self, steps: int = 1) -> None:
        """Take steps. Raises OutOfTime when there are none left."""
        self.steps -= steps
        if self.steps < 0:
            raise OutOfTime("there are too many ways to read it")
        if time.process_time() > self.until:
            raise OutOfTime("it takes too long to decide")

    @property
    def seconds(self) -> float:
        """Seconds that are left."""
        return max(0.0, self.until - time.process_time())


_current: ContextVar[Budget | None] = ContextVar("budget", default=None)


@contextmanager
def limited(seconds: float = SECONDS, steps: int = READINGS) -> Iterator[Budget]:
    """Work inside the block under a budget of its own, within the one outside it."""
    outer = _current.get()
    budget = Budget(seconds if outer is None else min(seconds, outer.seconds), steps)
    token = _current.set(budget)
    try:
        yield budget
    finally:
        _current.reset(token)


def spend(steps: int = 1) -> None:
    """Take steps from the budget in force. Raises OutOfTime when there are none left."""
    budget = _current.get()
    if budget is not None:
        budget.spend(steps)
