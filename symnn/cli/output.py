"""Where the result of a command goes: to a file, whole or not at all, or to standard output."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping

import click

from symnn.files import STDIN, FileError, write_atomically

STDOUT = "-"


def deliver(content: str, output: str | None) -> None:
    """Write a result to ``output``, or to standard output if that is None or ``"-"``.

    A terminal gets the text in its own encoding, with escapes for what it cannot show. A pipe or a file gets
    UTF-8 with line feeds on every system, because the text may be a program or a document.
    """
    if output is not None and output != STDOUT:
        write_atomically(output, content)
        return
    if not content.endswith("\n"):
        content += "\n"
    if sys.stdout.isatty():
        encoding = sys.stdout.encoding or "utf-8"
        sys.stdout.write(content.encode(encoding, "backslashreplace").decode(encoding))
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(content.encode("utf-8"))
    sys.stdout.buffer.flush()


def keep_inputs(inputs: Iterable[str], output: str | None) -> None:
    """Refuse an output that is one of the inputs: nobody wants the note to be overwritten.

    Raises :class:`symnn.files.FileError`.
    """
    if output is None or output == STDOUT:
        return
    for path in inputs:
        if path != STDIN and os.path.exists(path) and os.path.exists(output) and os.path.samefile(path, output):
            raise FileError(f"{output}: this is the input; writing the output to it would destroy it")


def chosen_format(format_: str | None, output: str | None, by_ending: Mapping[str, str], default: str) -> str:
    """Return the format that ``--format`` names, or else the one that the ending of ``-o`` stands for.

    Raises :class:`click.UsageError` if the ending stands for none.
    """
    if format_ is not None:
        return format_
    if output is None or output == STDOUT:
        return default
    ending = os.path.splitext(output)[1].lower()
    if ending not in by_ending:
        known = ", ".join(by_ending)
        raise click.UsageError(
            f"The ending of '{click.format_filename(output)}' names no format (known: {known}). Say --format."
        )
    return by_ending[ending]
