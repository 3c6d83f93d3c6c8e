"""Bounds and walls: no paragraph and no table may take a document down with it, or hold it up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from symnn.notes.find.document import Span
from symnn.notes.judge.claims import Claim
from symnn.notes.judge.errors import OutOfTime, defect
from symnn.notes.judge.process.budget import limited
from symnn.notes.judge.process.watchdog import watched
from symnn.notes.worked.errors import Unclear
from symnn.notes.worked.outcome import Outcome, claim_of_span

T = TypeVar("T")

CHAIN_SECONDS, CHAIN_STEPS = 4.0, 400_000
TABLE_SECONDS, TABLE_STEPS = 20.0, 3_000_000


def guarded(
    work: Callable[[], Iterable[T]],
    tell: Callable[[str], list[T]],
    *,
    seconds: float = CHAIN_SECONDS,
    steps: int = CHAIN_STEPS,
) -> list[T]:
    """The results of some work under a budget of its own; what stops it is told, and is all that is lost."""
    try:
        with limited(seconds, steps), watched(seconds):
            return list(work())
    except (OutOfTime, Unclear) as error:
        return tell(str(error))
    except (RecursionError, OverflowError, MemoryError, ZeroDivisionError) as error:
        return tell(f"it is too large to compute ({type(error).__name__})")
    except Exception as error:  # noqa: BLE001 - a defect here must cost one claim, not the document; it is told
        return tell(defect(error))


def told_at(span: Span | None) -> Callable[[str], list[Claim]]:
    """Tell a reason as an undecided claim about a span."""
    return lambda reason: [] if span is None else [claim_of_span(span, Outcome("undecided", reason))]
