"""Why a number is not computed."""

from __future__ import annotations


class Unclear(Exception):
    """A part of a claim is not understood, or has no value here; the message says what and why."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Undefined(Unclear):
    """A value does not exist: a division by zero, the logarithm of a negative number."""
