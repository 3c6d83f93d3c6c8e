"""A watchdog that stops work which no step budget can: one long computation inside a library.

It uses the signal of the processor's clock where there is one, in the main thread. Elsewhere the step budget is the only bound for a
claim, and the time limit of a whole file the last one.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from symnn.notes.judge.errors import OutOfTime
from symnn.notes.judge.process.budget import SECONDS

AGAIN = 0.02
"""Seconds of processor time until the watchdog rings again, where it could not be heard."""
UNWINDING = 0.5
"""Seconds until it rings again where somebody has swallowed the first."""
HEARD = frozenset({"symnn", "sympy", "mpmath"})


@contextmanager
def watched(seconds: float = SECONDS) -> Iterator[None]:
    """Raise OutOfTime inside the block when it runs longer than this. Blocks do not nest: the outer one counts.

    >>> with watched(5):
    ...     pass
    """
    usable = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    if not usable or signal.getitimer(signal.ITIMER_PROF)[0] > 0:
        yield
        return

    def ring(number: int, frame: FrameType | None) -> None:
        # Python swallows what is raised in a callback of the garbage collector or in a finaliser, whoever wrote it.
        if frame is None or str(frame.f_globals.get("__name__")).partition(".")[0] in HEARD:
            signal.setitimer(signal.ITIMER_PROF, UNWINDING, AGAIN)
            raise OutOfTime("it takes too long to decide")

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds, AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
