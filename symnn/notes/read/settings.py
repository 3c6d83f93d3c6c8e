"""Settings: what the front matter of a note says about its names, and what the command line overrides."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from symnn.errors import Place
from symnn.notes.find import Document, FrontMatter
from symnn.notes.read.errors import ReadingError
from symnn.notes.read.passages import Passage

KNOWN = ("title", "inputs", "targets", "loss", "of", "wrt", "facts", "shapes", "constants")


@dataclass(frozen=True)
class Settings:
    """What is said about the names of a note; None where nothing is."""

    title: str = ""
    loss: str | None = None
    wrt: tuple[str, ...] | None = None
    inputs: tuple[str, ...] | None = None
    targets: tuple[str, ...] | None = None
    constants: tuple[str, ...] = ()
    facts: tuple[Passage, ...] = ()
    shapes: Mapping[str, Passage] = field(default_factory=dict)

    def overridden(
        self,
        of: str | None,
        wrt: Iterable[str] | None,
        inputs: Iterable[str] | None,
        targets: Iterable[str] | None,
    ) -> Settings:
        """The settings with those of the command line in front."""
        changes: dict[str, Any] = {"loss": of} if of is not None else {}
        for name, value in (("wrt", wrt), ("inputs", inputs), ("targets", targets)):
            if value is not None:
                changes[name] = tuple(v.strip().removeprefix("\\") for v in value)
        return replace(self, **changes)


def settings_of(document: Document) -> Settings:
    """The settings in the front matter of a document. Raises ReadingError for values that cannot be meant."""
    front = document.front_matter
    if front is None:
        return Settings()
    data = front.data
    return Settings(
        title=str(data.get("title") or ""),
        loss=_name(document, front, data.get("loss", data.get("of")), "loss"),
        wrt=_names(document, front, data.get("wrt"), "wrt"),
        inputs=_names(document, front, data.get("inputs"), "inputs"),
        targets=_names(document, front, data.get("targets"), "targets"),
        constants=_names(document, front, data.get("constants"), "constants") or (),
        facts=tuple(passage(document, front, text) for text in _texts(document, front, data.get("facts"), "facts")),
        shapes=_shapes(document, front, data.get("shapes")),
    )


def _error(document: Document, front: FrontMatter, key: str, message: str) -> ReadingError:
    lines = document.text.splitlines()
    for line in range(front.place.line, front.place.end_line + 1):
        text = lines[line - 1] if line <= len(lines) else ""
        if text.lstrip().startswith(key):
            return ReadingError(message, document.path, line, 1, len(text) + 1, text)
    return ReadingError(message, document.path, front.place.line)


def _texts(document: Document, front: FrontMatter, value: Any, key: str) -> tuple[str, ...]:
    if value is None:
        return ()
    items = value if isinstance(value, list | tuple) else [value]
    if not all(isinstance(item, str | int | float) for item in items):
        raise _error(document, front, key, f"{key} is a list of texts")
    return tuple(str(item) for item in items)


def _names(document: Document, front: FrontMatter, value: Any, key: str) -> tuple[str, ...] | None:
    if value is None:
        return None
    texts = _texts(document, front, value, key)
    names = [name.strip().strip("$").removeprefix("\\") for text in texts for name in text.split(",")]
    if any(not name for name in names):
        raise _error(document, front, key, f"an empty name in {key}")
    return tuple(names)


def _name(document: Document, front: FrontMatter, value: Any, key: str) -> str | None:
    names = _names(document, front, value, key)
    if names is not None and len(names) != 1:
        raise _error(document, front, key, f"{key} is one name")
    return names[0] if names else None


def _shapes(document: Document, front: FrontMatter, value: Any) -> Mapping[str, Passage]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise _error(document, front, "shapes", "shapes maps names to sizes, such as W: m n")
    found = {}
    for name, sizes in value.items():
        items: Sequence[Any] = (
            sizes if isinstance(sizes, list | tuple) else re.split(r"[\s,x×]+", str(sizes).strip("()[] "))
        )
        texts = [str(item) for item in items if str(item)]
        written = r"\mathbb{R}" + (r"^{" + r" \times ".join(texts) + "}" if texts else "")
        found[str(name).removeprefix("\\")] = passage(document, front, written, shown=str(name))
    return found


def passage(document: Document, front: FrontMatter, text: str, shown: str | None = None) -> Passage:
    """A formula of the front matter as a passage; its place is the line on which it stands."""
    lines = document.text.splitlines()
    place = Place(document.path, front.place.line, 1, None, "", None)
    for line in range(front.place.line, min(front.place.end_line, len(lines)) + 1):
        source = lines[line - 1]
        column = source.find(shown or text)
        if column >= 0:
            place = Place(document.path, line, column + 1, column + 1 + len(shown or text), "", source)
            break
    body = text.strip().strip("$")
    return Passage(
        body,
        "latex" if "\\" in body or "^" in body or "_{" in body else "plain",
        (),
        lambda start, end: place,
    )
