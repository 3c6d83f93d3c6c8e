"""Which documents a command line names: files as they are, every document below a directory, standard input."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from symnn.files import STDIN
from symnn.notes.find.errors import FindError
from symnn.notes.find.limits import MAX_BYTES

ENDINGS = frozenset(
    [".md", ".markdown", ".mdown", ".qmd", ".rmd", ".tex", ".ltx", ".ipynb", ".html", ".htm", ".xhtml", ".rst", ".txt"]
)
MAX_FILES = 10_000
STDIN_NAME = "<stdin>"


@dataclass(frozen=True, slots=True)
class Input:
    """A document to judge: a file, or the bytes that came from standard input.

    `walked` says that it was not named but found in a directory.
    """

    path: str
    data: bytes | None = None
    walked: bool = False


def documents(paths: Iterable[str | os.PathLike[str]]) -> list[Input]:
    """The documents that the paths name, each once, whatever names it has. Directories are walked.

    Hidden files and links that lead out of the directory are left out, and links to directories are not followed.
    ``"-"`` is standard input. Raises FindError for a path that does not exist, a directory without documents, or too
    many files.
    """
    found: dict[str, Input] = {}
    for given in paths:
        path = os.fspath(given)
        if path == STDIN:
            found.setdefault(STDIN, Input(STDIN_NAME, sys.stdin.buffer.read(MAX_BYTES + 1)))
        elif os.path.isdir(path):
            below = list(_below(path))
            if not below:
                raise FindError("there is no document in this directory", path=path)
            for file in below:
                found.setdefault(os.path.realpath(file), Input(str(Path(file)), walked=True))
        elif os.path.exists(path):
            found[os.path.realpath(path)] = found.get(os.path.realpath(path)) or Input(str(Path(path)))
        else:
            raise FindError("there is no such file", path=path)
        if len(found) > MAX_FILES:
            raise FindError(f"more than {MAX_FILES} documents", path=path)
    return list(found.values())


def _below(top: str) -> Iterator[str]:
    root = os.path.realpath(top)
    for folder, folders, names in os.walk(top):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = os.path.join(folder, name)
            if name.startswith(".") or os.path.splitext(name)[1].lower() not in ENDINGS:
                continue
            if os.path.isfile(path) and os.path.realpath(path).startswith(os.path.join(root, "")):
                yield path
