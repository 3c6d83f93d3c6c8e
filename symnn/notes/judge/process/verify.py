"""Judging documents: one in this process, or several at a time in processes of their own.

Nothing is written: the report exists when all documents are done.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

from symnn.errors import NoteError
from symnn.notes.find.document import Document, Fence
from symnn.notes.judge.claims import FileReport, Report
from symnn.notes.judge.process.files import Input

Progress = Callable[[int, str], AbstractContextManager[Callable[[int], None]]]

FILE_SECONDS = 600.0
"""Time for one document."""


def verify_file(path: str | os.PathLike[str]) -> FileReport:
    """Judge one document in this process. Raises NoteError when it cannot be read."""
    return verify_input(Input(os.fspath(path)))


def verify_input(document: Input, *, with_text: bool = False) -> FileReport:
    """Judge one document in this process; `with_text` keeps its text in the report. Raises NoteError."""
    from symnn.notes.find import find
    from symnn.notes.judge.judge import judge_document

    what = Path(document.path) if document.data is None else document.data
    found = find(what, name=document.path)
    report = judge_document(found)
    if not with_text:
        return report
    from symnn.notes.report.formulas import formulas_of

    partial = found.kind == "notebook"
    return replace(report, texts=texts_of(found), formulas=formulas_of(found), partial=partial)


def texts_of(document: Document) -> dict[str, str]:
    """The text of each file of a document; of a notebook only the lines of its notes."""
    texts = {path: source.text for path, source in document.sources.items()}
    if document.kind == "notebook":
        source = document.sources[document.path]
        cells: dict[int | None, list[int]] = {}
        for block in document.blocks:
            if not (isinstance(block, Fence) and block.is_code):
                cells.setdefault(block.place.cell, []).extend((block.place.line, block.place.end_line))
        kept = {line for lines in cells.values() for line in range(min(lines), max(lines) + 1)}
        rows = (source.line_text(line) if line in kept else "" for line in range(1, source.line_count + 1))
        texts[document.path] = "\n".join(rows)
    return texts


def verify_notes(
    inputs: Sequence[Input],
    *,
    jobs: int = 1,
    progress: Progress | None = None,
    seconds: float = FILE_SECONDS,
    with_text: bool = False,
) -> Report:
    """Judge documents (see `documents`), `jobs` at a time, each in a process that cannot stop the others.

    `progress` is a context manager that is told the number of documents and yields a function to advance by. Raises
    NoteError when the only document cannot be read; a document among others that cannot be read is told in the report.
    """
    from symnn.notes.judge.process.workers import judge_all

    with progress(len(inputs), "judging") if progress is not None else nullcontext(_ignore) as advance:
        answers = judge_all(inputs, jobs=max(1, jobs), seconds=seconds, with_text=with_text, advance=advance)
    if len(answers) == 1 and isinstance(answers[0], NoteError):
        raise answers[0]
    reports = [
        FileReport(document.path, (), str(answer)) if isinstance(answer, NoteError) else answer
        for document, answer in zip(inputs, answers, strict=True)
    ]
    return Report(tuple(_once(inputs, reports)))


def _once(inputs: Sequence[Input], reports: Sequence[FileReport]) -> Iterable[FileReport]:
    """The reports without those on files that were only found in a directory and that another document includes."""
    kept = {os.path.realpath(report.path) for report in reports}
    for document, report in zip(inputs, reports, strict=True):
        own = os.path.realpath(report.path)
        includers = (
            other for other in reports
            if other is not report and os.path.realpath(other.path) in kept
            and own in map(os.path.realpath, other.included)
        )  # fmt: skip
        if document.walked and any(includers):
            kept.discard(own)
        else:
            yield report


def _ignore(count: int) -> None:
    return None
