r"""Doubts: a claim is not wrong while a formula that could not be parsed may say anew what one of its names is.

``f(x) = x^3`` is defined, later stands ``f(x) = \unknown{x}``, which nobody understands, and then ``f'(x) = …``. The
first definition is known not to be the one that is meant, so a claim that differs from it is undecided.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from symnn.errors import NoteError
from symnn.notation import to_text
from symnn.notation.plain import parse_plain
from symnn.notation.tree import Name, Node, Prime, Product, Script
from symnn.notes.judge.claims import Claim
from symnn.notes.judge.links import names_in
from symnn.notes.judge.worlds.context import Context
from symnn.notes.judge.worlds.inforce import has_names
from symnn.notes.read.names import parts_of
from symnn.notes.read.passages import Passage
from symnn.notes.read.symbols import call_parts

Position = tuple[int, int]


@dataclass
class _Names:
    """Where every name is defined in one file, what it is made from there, and where it may be defined as well."""

    defined: dict[str, list[tuple[Position, frozenset[str]]]] = field(default_factory=lambda: defaultdict(list))
    unparsed: dict[str, list[Position]] = field(default_factory=lambda: defaultdict(list))

    def doubt(self, names: Iterable[str], at: Position) -> tuple[str, int] | None:
        """A name, among these and what they are made from, whose last definition before a place cannot be parsed."""
        seen: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            known = [(place, parts) for place, parts in self.defined.get(name, ()) if place <= at]
            last = max((place for place, _ in known), default=(0, 0))
            for place in self.unparsed.get(name, ()):
                if known and last < place < at:
                    return name, place[0]
            waiting += [part for place, parts in known if place == last for part in parts]
        return None


def doubted(claims: Sequence[Claim], context: Context) -> list[Claim]:
    r"""The claims; wrong ones that rest on a definition which may have been replaced are not decided.

    >>> from symnn.notes.find import find
    >>> from symnn.notes.judge.judge import judge_document
    >>> note = "Let $f(x) = x^3$. Now let $f(x) = \\wat{x}$. Then $f'(x) = 2x$."
    >>> claim = judge_document(find(note, name="note.md")).claims[-1]
    >>> claim.verdict, claim.reason
    ('undecided', 'line 1 may say anew what f is, and it cannot be parsed')
    """
    if not any(failure.primary for failure in context.collected.failures):
        return list(claims)
    files = _names_of(context)
    return [_with_doubt(claim, context, files) if claim.verdict == "refuted" else claim for claim in claims]


def _with_doubt(claim: Claim, context: Context, files: dict[str, _Names]) -> Claim:
    nodes = _nodes(claim, context)
    found = files[claim.path].doubt(_names(nodes), (claim.line, claim.column))
    if found is None:
        return claim
    name, line = found
    reason = f"line {line} may say anew what {name} is, and it cannot be parsed"
    return replace(claim, verdict="undecided", reason=reason, correct="", slip="", witness="", facts=())


def _nodes(claim: Claim, context: Context) -> tuple[Node, ...]:
    """The formulas of a claim, as they were read."""
    judged = context.judged.get(claim.region)
    if judged is not None:
        return tuple(judged.link.nodes)
    try:
        return (parse_plain(claim.reading.split("   ")[0]),)
    except NoteError:
        return ()


def _names_of(context: Context) -> dict[str, _Names]:
    files: dict[str, _Names] = defaultdict(_Names)
    for statement in context.collected.statements:
        if not statement.steps or not has_names(statement.steps[0].right.node):
            continue
        for name in _heads(statement.first.node):
            path, position = _position(statement.first.passage, statement.spot.start)
            files[path].defined[name].append((position, frozenset(_names([statement.steps[0].right.node]))))
    for failure in context.collected.failures:
        if not failure.primary:
            continue
        try:
            left = failure.left()
        except NoteError:
            continue
        for name in () if left is None else _heads(left):
            path, position = _position(failure.passage, len(failure.passage.text) - len(failure.passage.text.lstrip()))
            files[path].unparsed[name].append(position)
    return files


def _position(passage: Passage, start: int) -> tuple[str, Position]:
    place = passage.locate(start, start + 1)
    return place.path or "", (place.line or 1, place.column or 1)


def _heads(left: Node) -> Iterator[str]:
    """The name that a left side gives a meaning: ``z``, or f of ``f(x)``."""
    called = call_parts(left) if isinstance(left, Product) else None
    if called is not None:
        if all(isinstance(argument, Name | Script) for argument in called[1]):
            yield called[0].key.identifier
    elif isinstance(left, Name | Script | Prime) and parts_of(left) is not None:
        yield to_text(left)


def _names(nodes: Iterable[Node]) -> Iterator[str]:
    for node in names_in(nodes):
        yield to_text(node)
