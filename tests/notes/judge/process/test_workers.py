"""Workers: a document that takes too long, too much memory, or kills its process costs its own report only."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from symnn.errors import NoteError
from symnn.notes.judge import Input, documents, verify_notes
from symnn.notes.judge.claims import FileReport
from symnn.notes.judge.judge import judged_with_context
from symnn.notes.judge.process.workers import judge_all

GOOD = Input("good.md", b"$1 + 1 = 2$")


def answers(inputs: list[Input], *, jobs: int = 2, seconds: float = 60) -> list[object]:
    return list(judge_all(inputs, jobs=jobs, seconds=seconds, with_text=False, advance=lambda count: None))


def test_answers_come_in_the_order_of_the_documents() -> None:
    inputs = [Input(f"{n}.md", f"${n} + 1 = {n + 1}$".encode()) for n in range(5)]
    reports = answers(inputs, jobs=3)
    assert [(r.path, r.claims[0].verdict) for r in reports if isinstance(r, FileReport)] == [
        (f"{n}.md", "proved") for n in range(5)
    ]


def test_a_document_that_cannot_be_read_is_an_error_in_its_place() -> None:
    empty, good = answers([Input("empty.md", b""), GOOD])
    assert isinstance(empty, NoteError)
    assert str(empty) == "empty.md: the file is empty"
    assert isinstance(good, FileReport)
    assert not good.problem


def test_a_document_that_takes_too_long_is_given_up() -> None:
    slow = Input("slow.md", "\n\n".join(f"$ a_{{{i}}} = {i} a_{{{i - 1}}} $" for i in range(1, 30_000)).encode())
    late, good = answers([slow, GOOD], jobs=1, seconds=10)
    assert isinstance(late, FileReport)
    assert late.problem == "slow.md: judging it took more than 10 seconds"
    assert isinstance(good, FileReport)
    assert good.claims


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
def test_a_worker_that_dies_is_told(tmp_path: Path) -> None:
    import multiprocessing
    import threading
    import time

    def kill_first() -> None:
        while not multiprocessing.active_children():
            time.sleep(0.01)
        child = multiprocessing.active_children()[0]
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)

    killer = threading.Thread(target=kill_first)
    killer.start()
    dead, good = answers([Input("dead.md", b"$1 + 1 = 2$"), GOOD], jobs=1)
    killer.join()
    assert isinstance(dead, FileReport)
    assert dead.problem == "dead.md: judging it ended its process (exit status -9)"
    assert isinstance(good, FileReport)
    assert good.claims
    assert not multiprocessing.active_children()


def test_progress_is_told_once_for_each_document(tmp_path: Path) -> None:
    from collections.abc import Callable, Iterator
    from contextlib import contextmanager

    told: list[object] = []

    @contextmanager
    def progress(total: int, label: str) -> Iterator[Callable[[int], None]]:
        told.append((total, label))
        yield told.append

    for name in ("a.md", "b.md", "c.md"):
        (tmp_path / name).write_text("$1 + 1 = 2$")
    report = verify_notes(documents([tmp_path]), jobs=2, progress=progress)
    assert report.passed
    assert told == [(3, "judging"), 1, 1, 1]


def test_a_judge_that_fails_loses_its_own_claims_only() -> None:
    from symnn.notes.find import find
    from symnn.notes.judge.equations import judge_equations
    from symnn.notes.judge.worlds.context import Context

    def broken(context: Context) -> list[object]:
        raise RuntimeError("oh\x1b no")

    report, _ = judged_with_context(find("$f(x) = x^2$, $f'(x) = 2x$", name="a.md"), (broken, judge_equations))  # type: ignore[arg-type]
    assert [claim.verdict for claim in report.claims] == ["definition", "proved"]
    assert report.problem == "a.md: not everything was judged, because of a defect in symnn: RuntimeError: oh\\x1b no"


def test_what_is_too_large_is_told_at_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    from symnn.notes.find import find
    from symnn.notes.judge.judge import judge_document
    from symnn.notes.worked import symbol_table
    from symnn.notes.worked.tables import sheets

    monkeypatch.setattr(sheets, "MAX_CELLS", 20)
    monkeypatch.setattr(symbol_table, "MAX_STATEMENTS", 10)
    table = "So:\n\n| a | b | a+b |\n|---|---|---|\n" + "| 1 | 2 | 4 |\n" * 7
    found = [str(part) for part in judge_document(find(table, name="n.md")).unread]
    assert found == [
        "n.md:3:1: not read: a table of 24 cells; at most 20 are judged",
        "n.md:7:7: not read: calculations after the first 10 formulas of a document are not judged",
    ]
