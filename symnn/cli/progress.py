"""A progress bar that shows itself only when somebody waits for it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, TextIO

import click

PATIENCE = 2.0
"""Seconds after which a person wonders whether anything happens."""


@contextmanager
def progress(total: int, label: str, stream: TextIO | None = None) -> Iterator[Callable[[int], None]]:
    """Yield a function that is told how many more of ``total`` pieces are done.

    The bar goes to standard error, if that is a terminal, and only after :data:`PATIENCE` seconds.

    >>> with progress(3, "reading") as advance:
    ...     advance(3)
    """
    file = sys.stderr if stream is None else stream
    started = time.monotonic()
    done = 0
    with ExitStack() as stack:
        bar: Any = None

        def advance(count: int) -> None:
            nonlocal bar, done
            done += count
            if bar is not None:
                bar.update(count)
            elif file.isatty() and done < total and time.monotonic() - started >= PATIENCE:
                bar = stack.enter_context(click.progressbar(length=total, label=label, file=file))
                bar.update(done)

        yield advance
