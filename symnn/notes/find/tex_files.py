r"""The files that a LaTeX document includes: beside it or below it, and nowhere else.

``\input`` of a note by someone else must not read the rest of the machine. A name is refused if it is
absolute, has ``..``, a drive or a command in it, or leads through a link out of the folder of the document.
The number, the depth and the size of the files are bounded, and a file is not included inside itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from symnn.notes.find.errors import FindError
from symnn.notes.find.limits import MAX_BYTES, MAX_FILES, MAX_INCLUDE_DEPTH
from symnn.notes.find.load import decode
from symnn.notes.find.source import Source

_UNSAFE = re.compile(r"^[/\\~]|^[A-Za-z]:|[\\$%#{}\x00-\x1f|<>\"*?]")


class Refused(Exception):
    """A file that is not included; the message says why."""


@dataclass(slots=True)
class Files:
    """The files of one document. ``root`` is its folder; without one, nothing is included."""

    root: Path | None
    name: str
    bytes_left: int = MAX_BYTES
    count: int = 0
    stack: list[Path] = field(default_factory=list)
    sources: dict[str, Source] = field(default_factory=dict)

    def open(self, wanted: str) -> tuple[Path, Source]:
        """Return the file that ``wanted`` names. Raise :class:`Refused` if it may not or cannot be read."""
        wanted = wanted.strip().strip('"')
        if self.root is None:
            raise Refused(f"{wanted!r} is not included: the text has no folder to look in")
        if not wanted or len(wanted) > 255 or _UNSAFE.search(wanted) or ".." in Path(wanted).parts:
            raise Refused(f"{wanted!r} is not included: only files beside or below the document are")
        if len(self.stack) >= MAX_INCLUDE_DEPTH or self.count >= MAX_FILES:
            raise Refused(f"{wanted!r} is not included: too many files, or too deep")
        root = self.root.resolve()
        for candidate in (root / wanted, root / (wanted + ".tex")):
            try:
                path = candidate.resolve()
                if not path.is_relative_to(root):
                    raise Refused(f"{wanted!r} is not included: it leads out of the folder of the document")
                if not path.is_file():
                    continue
                size = path.stat().st_size
            except (OSError, RuntimeError) as error:
                raise Refused(f"{wanted!r} cannot be read: {error}") from error
            if path in self.stack:
                raise Refused(f"{wanted!r} is not included: it is being read already")
            if size > self.bytes_left:
                raise Refused(f"{wanted!r} is not included: the files together are too large")
            return path, self._read(path, wanted, size)
        raise Refused(f"{wanted!r} is not included: there is no such file beside the document")

    def _read(self, path: Path, wanted: str, size: int) -> Source:
        assert self.root is not None
        folder = Path(self.name).parent
        name = str(folder / path.relative_to(self.root.resolve()))
        self.bytes_left -= size  # a file that is included twice is read twice, and may include others twice
        self.count += 1
        if name in self.sources:
            return self.sources[name]
        try:
            source = Source(name, decode(path.read_bytes(), name))
        except (OSError, FindError) as error:
            raise Refused(f"{wanted!r} cannot be read: {error}") from error
        self.sources[name] = source
        return source
