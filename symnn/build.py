"""Building what a project keeps under version control: documents and NumPy modules for its notes.

Every ``derivations/notes/NAME.md`` with a network makes ``derivations/NAME.{md,tex,html,json}`` and
``codegen/NAME.py``. Rebuilding gives the same bytes; files that no note makes are removed, or reported.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from symnn.errors import SymnnError
from symnn.files import write_atomically

NOTES = "derivations/notes"
DOCUMENTS = "derivations"
MODULES = "codegen"
FORMATS = {"md": "markdown", "tex": "latex", "html": "html"}
KEPT = {"README.md"}

Progress = Callable[[int, str], AbstractContextManager[Callable[[int], None]]]


class BuildError(SymnnError):
    """The directory is no project: there are no notes."""


@dataclass(frozen=True)
class BuildReport:
    """What was written, removed, or (with ``check``) found to differ."""

    checked: bool
    written: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int

    @property
    def passed(self) -> bool:
        return not (self.checked and (self.written or self.removed))

    def __str__(self) -> str:
        if self.checked:
            lines = [f"differs or is missing: {path}" for path in self.written]
            lines += [f"no note makes: {path}" for path in self.removed]
            lines.append(f"{self.unchanged} files are up to date")
            if not self.passed:
                lines.append("run `symnn build` and commit what it writes")
            return "\n".join(lines)
        lines = [f"wrote {path}" for path in self.written] + [f"removed {path}" for path in self.removed]
        return "\n".join([*lines, f"{self.unchanged} files were up to date"])


def build(root: str | Path, *, check: bool = False, progress: Progress | None = None) -> BuildReport:
    """Rebuild the documents and modules of every note, or only compare them.

    Raises BuildError without notes, and the reader's errors for a note that cannot be read.
    """
    base = Path(root)
    notes = sorted((base / NOTES).glob("*.md"))
    if not notes:
        raise BuildError(f"there are no notes in {base / NOTES}")
    shown = progress(len(notes), "building") if progress is not None else nullcontext(lambda count: None)
    made: dict[str, bytes] = {}
    with shown as advance:
        for note in notes:
            made.update(artefacts(note))
            advance(1)
    written, unchanged = [], 0
    for path, content in sorted(made.items()):
        target = base / path
        if target.is_file() and _digest(target.read_bytes()) == _digest(content):
            unchanged += 1
            continue
        written.append(path)
        if not check:
            target.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(target, content)
    removed = sorted(str(p.relative_to(base)) for p in _existing(base) if str(p.relative_to(base)) not in made)
    if not check:
        for path in removed:
            (base / path).unlink()
    return BuildReport(check, tuple(written), tuple(removed), unchanged)


def artefacts(note: Path) -> dict[str, bytes]:
    """Path and content of everything that one note makes; nothing for a note without a network to derive."""
    from symnn.check.kernel import check_derivation
    from symnn.check.serialize import dumps
    from symnn.derive import derive
    from symnn.emit import emit
    from symnn.notes.read import network_from_note
    from symnn.write import render
    from symnn.write.compose import document_of

    network = network_from_note(note)
    derivation = derive(network)
    check_derivation(derivation)
    document = document_of(derivation)
    made = {f"{DOCUMENTS}/{note.stem}.{ending}": render(document, form).encode() for ending, form in FORMATS.items()}
    made[f"{DOCUMENTS}/{note.stem}.json"] = dumps(derivation).encode()
    made[f"{MODULES}/{_module_name(note.stem)}.py"] = emit(network).encode()
    return made


def _module_name(stem: str) -> str:
    return stem.replace("-", "_")


def _existing(base: Path) -> Iterator[Path]:
    for folder in (DOCUMENTS, MODULES):
        for path in sorted((base / folder).glob("*")):
            if path.is_file() and path.name not in KEPT:
                yield path


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
