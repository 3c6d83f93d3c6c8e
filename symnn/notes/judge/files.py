"""Which documents a command line names: files as they are, and every document below a directory."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from symnn.notes.find import FindError

ENDINGS = frozenset(
    [".md", ".markdown", ".mdown", ".qmd", ".rmd", ".tex", ".ltx", ".ipynb", ".html", ".htm", ".xhtml", ".rst", ".txt"]
)
MAX_FILES = 10_000


def documents(paths: Iterable[str | os.PathLike[str]]) -> list[Path]:
    """The documents that the paths name, each once. Directories are walked; links to directories are not followed.

    Raises FindError for a path that does not exist, a directory without documents, or too many files.
    """
    found: dict[Path, None] = {}
    for given in paths:
        path = Path(given)
        if path.is_dir():
            below = list(_below(path))
            if not below:
                raise FindError("there is no document in this directory", path=str(path))
            for file in below:
                found.setdefault(file)
        elif path.exists():
            found.setdefault(path)
        else:
            raise FindError("there is no such file", path=str(path))
        if len(found) > MAX_FILES:
            raise FindError(f"more than {MAX_FILES} documents", path=str(path))
    return list(found)


def _below(top: Path) -> Iterable[Path]:
    for folder, folders, names in os.walk(top):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and os.path.splitext(name)[1].lower() in ENDINGS:
                yield Path(folder) / name
