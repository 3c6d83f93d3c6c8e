"""A tree of HTML elements that knows where everything stands.

The libraries that read HTML give the place of a tag at best. Here every text and every attribute keeps its
range. The reading is forgiving, as pages need it, and linear in the length of the page.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from symnn.notes.find.limits import MAX_DEPTH
from symnn.notes.find.source import Joiner, Mapped
from symnn.notes.find.words import word_set

VOID = word_set(
    """
    area base br col embed hr img input link meta param source track wbr mspace none mprescripts
    """
)
_RAW = frozenset({"script", "style", "textarea", "title"})
_BLOCK = word_set(
    """
    address article aside blockquote center details div dl fieldset figure footer form h1 h2 h3 h4
    h5 h6 header hr main nav ol p pre section table ul
    """
)
_CLOSES: dict[str, frozenset[str]] = {
    "li": frozenset({"li"}),
    "dt": frozenset({"dt", "dd"}),
    "dd": frozenset({"dt", "dd"}),
    "tr": frozenset({"tr", "td", "th"}),
    "td": frozenset({"td", "th"}),
    "th": frozenset({"td", "th"}),
    "tbody": frozenset({"thead", "tbody", "tr", "td", "th"}),
    "option": frozenset({"option"}),
}
_SCOPES = frozenset({"ul", "ol", "dl", "table", "div", "section", "article", "body", "blockquote", "select"})
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?")
_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9:-]{0,63})")
_ATTRIBUTE = re.compile(
    r"""[\s/]*([^\s/>="'<]{1,200})(?:\s{0,50}=\s{0,50}(?:"([^"]*)"|'([^']*)'|([^\s>"'<]{1,2000})))?"""
)
_TAG_END = re.compile(r"[\s/]*>")
MAX_TAG = 100_000


@dataclass(slots=True)
class Text:
    """A range of text between tags; entities are not decoded yet."""

    start: int
    end: int


@dataclass(slots=True)
class Element:
    """An element: its tag, its attributes as ranges, its children, and its range with its tags."""

    tag: str
    start: int
    end: int
    attributes: dict[str, tuple[int, int]] = field(default_factory=dict)
    children: list[Element | Text] = field(default_factory=list)
    raw: bool = False

    def elements(self) -> Iterator[Element]:
        """Yield this element and all below it."""
        stack: list[Element] = [self]
        while stack:
            element = stack.pop()
            yield element
            stack += [child for child in reversed(element.children) if isinstance(child, Element)]

    def texts(self) -> Iterator[Text]:
        """Yield all texts below this element in order."""
        stack: list[Element | Text] = [self]
        while stack:
            node = stack.pop()
            if isinstance(node, Text):
                yield node
            else:
                stack += reversed(node.children)


def parse(text: str) -> Element:
    """Return the root of the tree of a page, or of a piece of one.

    >>> root = parse("<p>a <b class='x'>b</b><p>c")
    >>> [child.tag for child in root.children if isinstance(child, Element)]
    ['p', 'p']
    """
    return _Parser(text).run()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.root = Element("", 0, len(text))
        self.stack = [self.root]
        self.missing: set[str] = set()
        self.depths: dict[str, int] = {}
        self.flattened = 0

    def run(self) -> Element:
        text = self.text
        position = done = 0
        while (position := text.find("<", position)) >= 0:
            end = self._mark(position, done)
            if end < 0:
                position += 1
                continue
            position = done = end
        self._add_text(done, len(text))
        for element in self.stack:
            element.end = len(text)
        return self.root

    def _add_text(self, start: int, end: int) -> None:
        if end > start:
            self.stack[-1].children.append(Text(start, end))

    def _mark(self, start: int, done: int) -> int:
        """Deal with what begins with ``<`` at ``start``; return its end, or -1 if it is only a ``<``."""
        text = self.text
        following = text[start + 1 : start + 2]
        if following in "!?" and following:
            closing = "-->" if text.startswith("<!--", start) else ">"
            end = self._find(closing, start + 2)
            if end < 0:
                return -1
            self._add_text(done, start)
            return end + len(closing)
        match = _TAG.match(text, start)
        if match is None:
            return -1
        attributes, end = self._attributes(match.end())
        if end < 0:
            return -1
        self._add_text(done, start)
        name = match[1].lower()
        if following == "/":
            self._close(name, end)
            return end
        return self._open(name, start, end, attributes)

    def _find(self, what: str, start: int) -> int:
        if what in self.missing:
            return -1
        found = self.text.find(what, start)
        if found < 0:
            self.missing.add(what)
        return found

    def _attributes(self, position: int) -> tuple[dict[str, tuple[int, int]], int]:
        """Return the attributes of a tag and its end, or -1 if the tag does not end in bounds."""
        out: dict[str, tuple[int, int]] = {}
        limit = min(len(self.text), position + MAX_TAG)
        while True:
            if end := _TAG_END.match(self.text, position, limit):
                return out, end.end()
            match = _ATTRIBUTE.match(self.text, position, limit)
            if match is None:
                return out, -1
            group = next((g for g in (2, 3, 4) if match[g] is not None), 0)
            out.setdefault(match[1].lower(), match.span(group) if group else (match.end(), match.end()))
            position = match.end()

    def _open(self, name: str, start: int, end: int, attributes: dict[str, tuple[int, int]]) -> int:
        if name in _CLOSES:
            self._close_implied(_CLOSES[name])
        elif name in _BLOCK and self.depths.get("p"):
            self._close_implied(frozenset({"p"}))
        element = Element(name, start, end, attributes)
        self.stack[-1].children.append(element)
        if name in _RAW:
            closing = re.compile(rf"</{name}\s*>", re.IGNORECASE)
            found = None if f"</{name}" in self.missing else closing.search(self.text, end)
            if found is None:
                self.missing.add(f"</{name}")
                return end
            element.raw = True
            if found.start() > end:
                element.children.append(Text(end, found.start()))
            element.end = found.end()
            return found.end()
        if name in VOID or self.text[end - 2] == "/":
            return end
        if len(self.stack) > MAX_DEPTH:
            self.flattened += 1  # too deep: what follows becomes its sibling
            return end
        self.stack.append(element)
        self.depths[name] = self.depths.get(name, 0) + 1
        return end

    def _close_implied(self, names: frozenset[str]) -> None:
        """Close the innermost element that ``names`` end, unless another scope has begun inside it."""
        while True:
            for depth in range(len(self.stack) - 1, 0, -1):
                tag = self.stack[depth].tag
                if tag in names:
                    self._pop_to(depth, self.stack[-1].end)
                    break
                if tag in _SCOPES:
                    return
            else:
                return

    def _close(self, name: str, end: int) -> None:
        if not self.depths.get(name):
            return
        for depth in range(len(self.stack) - 1, 0, -1):
            if self.stack[depth].tag == name:
                self._pop_to(depth, end)
                return

    def _pop_to(self, depth: int, end: int) -> None:
        for element in self.stack[depth:]:
            element.end = max(element.end, end)
            self.depths[element.tag] -= 1
        del self.stack[depth:]


def decoded(text: Mapped, start: int, end: int) -> Mapped:
    """Return a range of a page with its entities decoded."""
    joiner = Joiner(text.source, text.cell)
    put_decoded(joiner, text, start, end)
    return joiner.build(text.offset(start))


def put_decoded(joiner: Joiner, text: Mapped, start: int, end: int) -> None:
    """Append a range of a page to ``joiner`` with its entities decoded."""
    raw = text.text
    done = start
    for match in _ENTITY.finditer(raw, start, end):
        value = html.unescape(match[0])
        if value == match[0]:
            continue
        joiner.add(text, done, match.start())
        joiner.put(value, text.offset(match.start()), text.end_offset(match.end()))
        done = match.end()
    joiner.add(text, done, end)
