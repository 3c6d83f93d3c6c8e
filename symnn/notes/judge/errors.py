"""Why a claim is not judged."""

from __future__ import annotations

from symnn.errors import excerpt


class NotUnderstood(Exception):
    """A claim, or a part of it, has no reading that is certain enough; the message says what and why.

    ``span`` is the range of the part in the text of its formula, where that is known.
    """

    def __init__(self, message: str, span: tuple[int, int] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.span = span


class DoesNotFit(NotUnderstood):
    """The shapes of the parts fit together in no admissible way."""


class WrongAxis(DoesNotFit):
    """An index letter walks axes of different lengths: whatever the layout, that is no formula."""


class Recurrent(NotUnderstood):
    """A derivative runs through a recurrence."""


class OutOfTime(Exception):
    """The budget of one claim is used up."""


def defect(error: Exception) -> str:
    """What is said where symnn itself failed at one claim, so that the others are judged all the same."""
    return f"a defect in symnn: {type(error).__name__}: {excerpt(str(error), limit=200)}"
