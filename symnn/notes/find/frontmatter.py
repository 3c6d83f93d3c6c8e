"""The settings at the head of a document: YAML between ``---`` lines, or TOML between ``+++`` lines.

They are data. No tag of YAML builds an object, and aliases are refused, because a few of them can stand for
more text than fits in memory.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any

import yaml

from symnn.notes.find.document import FrontMatter
from symnn.notes.find.source import Mapped

MAX_FRONT_MATTER = 65_536

_YAML_HEAD = re.compile(r"---[ \t]*\n")
_YAML_TAIL = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)
_TOML_HEAD = re.compile(r"\+\+\+[ \t]*\n")
_TOML_TAIL = re.compile(r"^\+\+\+[ \t]*$", re.MULTILINE)


class _Loader(yaml.SafeLoader):
    """The safe loader, without aliases."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.constructor.ConstructorError(None, None, "aliases are not read", event.start_mark)
        return super().compose_node(parent, index)


def front_matter(text: Mapped) -> tuple[FrontMatter | None, int]:
    r"""Return the front matter of a document and the offset of the text after it.

    >>> from symnn.notes.find.source import Source, whole
    >>> found, end = front_matter(whole(Source("note.md", "---\nwrt: [W, b]\n---\n# Title\n")))
    >>> found.data, end
    ({'wrt': ['W', 'b']}, 20)
    """
    raw = text.text
    for head, tail, is_toml in ((_YAML_HEAD, _YAML_TAIL, False), (_TOML_HEAD, _TOML_TAIL, True)):
        opening = head.match(raw)
        closing = tail.search(raw, opening.end(), opening.end() + MAX_FRONT_MATTER) if opening else None
        if opening is None or closing is None:
            continue
        body = raw[opening.end() : closing.start()]
        data, problem = _toml(body) if is_toml else _yaml(body)
        if data is None and not problem:
            return None, 0  # two rules with prose between them
        end = min(closing.end() + 1, len(raw))
        return FrontMatter(data or {}, body, text.place(0, closing.end()), problem), end
    return None, 0


def _yaml(body: str) -> tuple[dict[str, Any] | None, str]:
    try:
        data = yaml.load(body, Loader=_Loader)  # a SafeLoader: builds plain data only
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError) as error:
        looks_like_it = re.search(r"^[\w-]+\s*:", body, re.MULTILINE)
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        return (None, f"not readable as YAML: {reason}") if looks_like_it else (None, "")
    if data is None and not body.strip():
        return {}, ""
    if not isinstance(data, dict):
        return None, ""
    return {str(key): value for key, value in data.items()}, ""


def _toml(body: str) -> tuple[dict[str, Any] | None, str]:
    try:
        return tomllib.loads(body), ""
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        return None, f"not readable as TOML: {' '.join(str(error).split())[:300]}"
