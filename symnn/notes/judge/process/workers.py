"""Worker processes: each judges one document after the other and can be stopped.

A document that takes too long or too much memory, or that makes the process die, costs its own report and nothing
else. No worker outlives the process that started it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from symnn.errors import NoteError
from symnn.notes.judge.claims import FileReport
from symnn.notes.judge.process.files import Input

MEMORY = 3 << 30
"""Bytes of address space that a worker may take."""

Answer = FileReport | NoteError
"""What comes of a document: its report, or why it cannot be read."""

_PATIENCE = 0.5


@dataclass(eq=False)
class _Worker:
    process: SpawnProcess
    pipe: Connection
    document: int | None = None
    until: float = 0.0


def judge_all(
    inputs: Sequence[Input], *, jobs: int, seconds: float, with_text: bool, advance: Callable[[int], None]
) -> list[Answer]:
    """Judge documents, `jobs` at a time and each for at most so many seconds, and return the answers in order."""
    answers: dict[int, Answer] = {}
    waiting = list(range(len(inputs)))[::-1]
    workers: list[_Worker] = []
    try:
        while len(answers) < len(inputs):
            while waiting and sum(worker.document is not None for worker in workers) < jobs:
                _give(_idle(workers), waiting.pop(), inputs, seconds, with_text)
            busy = [worker for worker in workers if worker.document is not None]
            ready = wait([worker.pipe for worker in busy], timeout=_PATIENCE)
            for worker in busy:
                assert worker.document is not None
                path = inputs[worker.document].path
                if worker.pipe in ready:
                    answers[worker.document] = _received(worker, path, workers)
                elif time.monotonic() > worker.until:
                    _dismiss(worker, workers)
                    answers[worker.document] = _lost(path, f"judging it took more than {seconds:.0f} seconds")
                else:
                    continue
                worker.document = None
                advance(1)
    finally:
        for worker in list(workers):
            _dismiss(worker, workers)
    return [answers[number] for number in range(len(inputs))]


def _idle(workers: list[_Worker]) -> _Worker:
    """A worker with nothing to do, or a new one."""
    for worker in workers:
        if worker.document is None:
            return worker
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    workers.append(_Worker(process, ours))
    return workers[-1]


def _give(worker: _Worker, document: int, inputs: Sequence[Input], seconds: float, with_text: bool) -> None:
    worker.document = document
    worker.until = time.monotonic() + seconds
    worker.pipe.send((inputs[document], with_text))


def _received(worker: _Worker, path: str, workers: list[_Worker]) -> Answer:
    try:
        answer = worker.pipe.recv()
    except (EOFError, OSError):
        worker.process.join(1)  # it is ending by itself; its exit status tells how
        _dismiss(worker, workers)
        return _lost(path, f"judging it ended its process (exit status {worker.process.exitcode})")
    assert isinstance(answer, FileReport | NoteError)
    return answer


def _lost(path: str, why: str) -> FileReport:
    return FileReport(path, (), f"{path}: {why}")


def _dismiss(worker: _Worker, workers: list[_Worker]) -> None:
    worker.pipe.close()
    for end in (worker.process.terminate, worker.process.kill):
        if worker.process.is_alive():
            end()
            worker.process.join(1)
    if worker in workers:
        workers.remove(worker)


# -- in the worker --------------------------------------------------------------------------------------------------------


def _work(pipe: Connection) -> None:
    """Judge the documents that come through the pipe until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that started this one decides when to stop
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _bound_memory()
    try:
        while True:
            document, with_text = pipe.recv()
            pipe.send(_answer(document, with_text))
    except (EOFError, OSError):
        return


def _answer(document: Input, with_text: bool) -> Answer:
    from symnn.notes.judge.errors import defect
    from symnn.notes.judge.process.verify import verify_input

    try:
        return verify_input(document, with_text=with_text)
    except NoteError as error:
        return error
    except MemoryError:
        return _lost(document.path, f"judging it takes more than {MEMORY >> 20} MiB of memory")
    except Exception as error:  # noqa: BLE001 - the other documents are judged all the same; it is told
        return _lost(document.path, f"it is not judged, because of {defect(error)}")


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _bound_memory() -> None:
    try:
        import resource
    except ImportError:  # not on this system
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
