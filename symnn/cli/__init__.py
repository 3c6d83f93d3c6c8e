"""The command line: one file per command, each importing its machinery only when it runs.

:func:`main` is the program. It turns everything that can happen into one message on standard error and an
exit status (:class:`symnn.errors.ExitCode`), and lets no traceback out unless ``SYMNN_TRACEBACK`` is set.
"""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType, TracebackType

from symnn.errors import ExitCode, NoteError, SymnnError, excerpt, printable
from symnn.files import FileError

TRACEBACK_VARIABLE = "SYMNN_TRACEBACK"
COMPLETION_VARIABLE = "_SYMNN_COMPLETE"
_BY_SIGNAL = 128  # a shell reports a program that a signal ended as 128 + the signal's number


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status. ``arguments`` are those of the process unless given.

    >>> main(["--version"])
    symnn 0.1.0
    0
    """
    try:
        with _sigterm_unwinds():
            status = _run(sys.argv[1:] if arguments is None else arguments)
            sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        return _BY_SIGNAL + signal.SIGINT
    except BrokenPipeError:  # the reader of the output (head, a pager) has seen enough
        _settle_output()
        return _BY_SIGNAL + 13  # SIGPIPE, which not every system has by name
    except (NoteError, FileError) as error:  # these begin with the file
        return _report(error, str(error))
    except SymnnError as error:
        return _report(error, f"symnn: {printable(str(error), newlines=True)}")
    except OSError as error:  # such as a full disk behind standard output
        _settle_output()
        return _report(error, f"symnn: {error.strerror or error}")
    except Exception as error:  # noqa: BLE001 - a user gets one clear message, whatever happened
        return _report(error, _internal(error))


def _run(arguments: Sequence[str]) -> int:
    import click

    from symnn.cli.app import app

    try:
        instruction = os.environ.get(COMPLETION_VARIABLE)
        if instruction:
            from click.shell_completion import shell_complete

            return shell_complete(app, {}, "symnn", COMPLETION_VARIABLE, instruction)
        with app.make_context("symnn", list(arguments)) as context:
            status = app.invoke(context)
        return ExitCode.OK if status is None else int(status)
    except click.exceptions.Exit as request:
        return request.exit_code
    except click.exceptions.Abort:
        return _BY_SIGNAL + signal.SIGINT
    except click.ClickException as problem:
        message = io.StringIO()
        problem.show(file=message)
        sys.stderr.write(printable(message.getvalue(), newlines=True))
        return ExitCode.BAD_INPUT


def _report(error: Exception, message: str) -> int:
    if os.environ.get(TRACEBACK_VARIABLE):
        traceback.print_exception(error)
    print(message, file=sys.stderr)  # noqa: T201 - click may not have been imported yet
    return error.exit_code if isinstance(error, SymnnError) else ExitCode.BAD_INPUT


def _internal(error: Exception) -> str:
    name = type(error).__name__
    text = excerpt(str(error), limit=300)
    where = _innermost_own_line(error.__traceback__)
    return (
        f"symnn: internal error: {name}{': ' if text else ''}{text}{where}\n"
        f"       This is a fault of symnn, not of the input. Set {TRACEBACK_VARIABLE}=1 to see the traceback."
    )


def _innermost_own_line(trace: TracebackType | None) -> str:
    package = os.path.dirname(os.path.dirname(__file__))
    found = ""
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file.startswith(package + os.sep):
            found = f" ({os.path.relpath(file, os.path.dirname(package))}:{trace.tb_lineno})"
        trace = trace.tb_next
    return found


@contextmanager
def _sigterm_unwinds() -> Iterator[None]:
    """Let SIGTERM unwind the stack, so that temporary files are removed on the way out."""

    def stop(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(_BY_SIGNAL + number)

    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may set signals; elsewhere the host program decides
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _settle_output() -> None:
    """Flush standard output; where that fails, drop the rest, or the interpreter would complain at exit."""
    try:
        sys.stdout.flush()
    except OSError:
        with open(os.devnull, "wb") as nothing:
            os.dup2(nothing.fileno(), sys.stdout.fileno())
