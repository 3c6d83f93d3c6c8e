"""Judging documents: several at a time, each in a process of its own that can be stopped.

A document that takes too long, or whose process dies, is reported as such; the others are not touched. Nothing is
written: the report exists when all documents are done.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path

from symnn.errors import NoteError, SymnnError
from symnn.notes.find import find
from symnn.notes.judge.claims import FileReport, Report
from symnn.notes.judge.files import documents
from symnn.notes.judge.judge import judge_document

Progress = Callable[[int, str], AbstractContextManager[Callable[[int], None]]]

FILE_SECONDS = 600.0
"""Time for one document."""

MEMORY = 6 << 30
"""Bytes of address space that a worker may take."""


def verify_file(path: str | os.PathLike[str]) -> FileReport:
    """Judge one document in this process. Raises NoteError when it cannot be read."""
    return judge_document(find(Path(path)))


def verify_notes(
    paths: Iterable[str | os.PathLike[str]],
    *,
    jobs: int = 1,
    progress: Progress | None = None,
    seconds: float = FILE_SECONDS,
) -> Report:
    """Judge every document that the paths name, `jobs` at a time. Directories are walked.

    `progress` is a context manager that is told the number of documents and yields a function to advance by. Raises
    NoteError for a path that names nothing, or when the only document cannot be read.
    """
    found = documents(paths)
    if len(found) == 1:
        return Report((verify_file(found[0]),))
    with progress(len(found), "judging") if progress is not None else nullcontext(_ignore) as advance:
        reports = _in_processes(found, max(1, min(jobs, len(found))), seconds, advance)
    return Report(tuple(reports))


def _ignore(count: int) -> None:
    return None


# -- processes ------------------------------------------------------------------------------------------------------------


@dataclass
class _Worker:
    process: SpawnProcess
    pipe: Connection
    file: int | None = None
    until: float = field(default=0.0)


def _in_processes(files: list[Path], jobs: int, seconds: float, advance: Callable[[int], None]) -> list[FileReport]:
    reports: dict[int, FileReport] = {}
    waiting = list(range(len(files)))[::-1]
    workers: list[_Worker] = []
    try:
        while len(reports) < len(files):
            busy = [worker for worker in workers if worker.file is not None]
            while waiting and len(busy) < jobs:
                worker = next((w for w in workers if w.file is None), None) or _hired(workers)
                worker.file = waiting.pop()
                worker.until = time.monotonic() + seconds
                worker.pipe.send(str(files[worker.file]))
                busy.append(worker)
            ready = wait([worker.pipe for worker in busy], timeout=0.5)
            for worker in busy:
                assert worker.file is not None
                if worker.pipe in ready:
                    report = _received(worker, files[worker.file])
                elif time.monotonic() > worker.until:
                    report = FileReport(str(files[worker.file]), (), f"it took more than {seconds:.0f} seconds")
                    _fire(worker, workers)
                else:
                    continue
                reports[worker.file] = report
                worker.file = None
                if not worker.process.is_alive() and worker in workers:
                    workers.remove(worker)
                advance(1)
    finally:
        for worker in list(workers):
            _fire(worker, workers)
    return [reports[number] for number in range(len(files))]


def _hired(workers: list[_Worker]) -> _Worker:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    worker = _Worker(process, ours)
    workers.append(worker)
    return worker


def _fire(worker: _Worker, workers: list[_Worker]) -> None:
    worker.pipe.close()
    if worker.process.is_alive():
        worker.process.terminate()
        worker.process.join(1)
        if worker.process.is_alive():
            worker.process.kill()
    worker.process.join()
    if worker in workers:
        workers.remove(worker)


def _received(worker: _Worker, file: Path) -> FileReport:
    try:
        report = worker.pipe.recv()
    except (EOFError, OSError):
        worker.process.join(1)
        return FileReport(str(file), (), f"its process ended without a result (exit status {worker.process.exitcode})")
    assert isinstance(report, FileReport)
    return report


def _work(pipe: Connection) -> None:
    """What a worker does: judge the documents that it is sent, until the pipe is closed."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _bound_memory()
    while True:
        try:
            path = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            report = verify_file(path)
        except NoteError as error:
            report = FileReport(path, (), str(error))
        except (SymnnError, RecursionError, MemoryError) as error:
            report = FileReport(path, (), f"it cannot be judged: {type(error).__name__}: {error}")
        pipe.send(report)


def _bound_memory() -> None:
    try:
        import resource
    except ImportError:  # not on this system
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
