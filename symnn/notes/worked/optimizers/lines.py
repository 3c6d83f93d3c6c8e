"""The lines of an optimizer in a document, in groups: those below one heading, or behind one name of a method."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from sympy import Expr

from symnn.notation import tree as t
from symnn.notation.tree import Node
from symnn.notes.judge.errors import NotUnderstood
from symnn.notes.judge.links import Link, links_of
from symnn.notes.judge.worlds.context import Context
from symnn.notes.read.statements import Statement
from symnn.notes.worked.optimizers.matching import Line
from symnn.notes.worked.optimizers.scalars import Letter, LineReader
from symnn.notes.worked.optimizers.systems import methods

ASSIGNING = ("=", ":=", "gets")
MOST_LINES = 12
_WORDS = re.compile(
    r"optimi[sz]ers?|optimi[sz]ation|update|updates|rules?|algorithm|method|equations?|steps?|formulas?|the|with|"
    r"correct|approach|优化器|优化算法|算法|更新|最適化|옵티마이저|optimiseur|optimizador"
)
_BOLD = re.compile(r"\*\*(.+?)\*\*|__(.+?)__|<(?:b|strong)>(.+?)</(?:b|strong)>|\\textbf\{(.+?)\}")


@dataclass(frozen=True, eq=False)
class Written:
    """A line as it stands in a document: its link, its target and its right side."""

    statement: Statement
    link: Link
    target: Letter
    right: Node


@dataclass(eq=False)
class Group:
    """Lines that belong together, and the method under whose name they stand, if any."""

    method: str
    lines: list[Written] = field(default_factory=list)

    @property
    def states(self) -> Mapping[str, tuple[int, Letter]]:
        """The names that the lines define, with the place of the line."""
        found: dict[str, tuple[int, Letter]] = {}
        for place, line in enumerate(self.lines):
            if not line.target.gradient:
                found.setdefault(line.target.name, (place, line.target))
        return found

    def read(self, place: int, right: Node | None = None) -> Line:
        """A line as a formula of numbers; `right` stands in the place of its right side. Raises NotUnderstood."""
        states = self.states
        reader = LineReader(tuple(states))
        written = self.lines[place]
        formula = reader.read(written.right if right is None else right)
        used = set(formula.free_symbols)
        letters = [letter for symbol, letter in reader.letters.items() if symbol in used]
        resolved = tuple((letter, self._when(letter, place, states)) for letter in letters)
        if len({(letter.name, when) for letter, when in resolved}) != len(resolved):
            raise NotUnderstood("two times of one letter that are not told apart")
        return Line(written.target, formula, resolved)

    def _when(self, letter: Letter, place: int, states: Mapping[str, tuple[int, Letter]]) -> str:
        """Whether a letter is the value before the step, or the one that a line gives it. Raises NotUnderstood."""
        if letter.name not in states:
            return ""
        line, target = states[letter.name]
        timed = target.time is not None and self._is_timed(line)
        if (target.time is None and letter.time is not None) or (target.time and target.time[1] and not timed):
            raise NotUnderstood("times that do not fit together")
        if letter.time is None or target.time is None or not timed:
            return "new" if line < place else "old"
        if letter.time[0] != target.time[0]:
            raise NotUnderstood("times that count differently")
        behind = target.time[1] - letter.time[1]
        if behind not in (0, 1, 2):
            raise NotUnderstood("a value of another time")
        return ("new", "old", "older")[behind]

    def _is_timed(self, place: int) -> bool:
        """Whether the letters at the target of a line count time: its own former value has another one."""
        written = self.lines[place]
        own = [letter for letter in letters_in(written.right) if letter.name == written.target.name]
        return not any(letter.time == written.target.time for letter in own)

    @property
    def is_possible(self) -> bool:
        """Whether the lines could be those of an optimizer: not too many, and some value is renewed."""
        return 0 < len(self.lines) <= MOST_LINES


def groups_of(context: Context) -> Iterator[Group]:
    """The groups of lines of a document."""
    group: Group | None = None
    section: tuple[str, ...] | None = None
    for statement in context.statements:
        span = statement.span
        if span is None or span.cell is not None or statement.doubt:
            continue
        named = method_in(span.context.before) if span.context.before else ""
        if group is None or statement.section != section or (named and named != group.method):
            if group is not None:
                yield group
            group, section = Group(named or method_of(statement.section)), statement.section
        group.lines += _written(statement)
    if group is not None:
        yield group


def _written(statement: Statement) -> list[Written]:
    link = next(iter(links_of(statement)), None)
    if link is None or link.operator not in ASSIGNING or len(statement.steps) != 1:
        return []
    reader = LineReader()
    try:
        target = reader.target(link.left.node)
        LineReader((target.name,)).read(link.right.node)
    except (NotUnderstood, ZeroDivisionError, ValueError):
        return []
    letters = letters_in(link.right.node, target.name)
    if not letters or all(letter.name == target.name for letter in letters):
        return []
    renewed = any(letter.name == target.name for letter in letters)
    corrected = target.hat and any(letter.name + "hat" == target.name for letter in letters)
    moves = target.base == "Delta"
    return [Written(statement, link, target, link.right.node)] if renewed or corrected or moves else []


def letters_in(node: Node, *states: str) -> list[Letter]:
    """The letters of a formula; none where it cannot be read."""
    reader = LineReader(states)
    try:
        formula: Expr = reader.read(node)
    except (NotUnderstood, ZeroDivisionError, ValueError):
        return []
    return [letter for symbol, letter in reader.letters.items() if symbol in formula.free_symbols]


# -- names of methods ----------------------------------------------------------------------------------------------


def method_of(section: Sequence[str]) -> str:
    """The optimizer that the innermost heading names which names one; "" for none."""
    return next((found for heading in reversed(section) if (found := method_called(heading))), "")


def method_in(text: str) -> str:
    """The optimizer that a paragraph names: in bold at its beginning, before a colon, or as all it says."""
    last = [line.strip() for line in text.strip().splitlines() if line.strip()][-1:]
    for line in last:
        line = line.lstrip("*-+# 0123456789.)") if not line.startswith("**") else line
        bold = _BOLD.match(line)
        if bold is not None:
            return method_called(next(part for part in bold.groups() if part))
        return method_called(re.split(r"[:：]", line)[0])
    return ""


def method_called(text: str) -> str:
    """The optimizer that a text names, and names only.

    >>> method_called("AdamW (decoupled) update rule"), method_called("Adam and its friends")
    ('adamw', '')
    """
    words = re.sub(r"\([^)]*\)", " ", text)
    for candidate in (words, *re.findall(r"\(([^)]*)\)", text)):
        plain = _plain(re.sub(r"^[\s\d.]*(?:[A-Z]\.\d+)?", "", candidate).lower())
        bare = _plain(_WORDS.sub(" ", candidate.lower()))
        for name in (plain, bare):
            if name in _names_of_methods():
                return _names_of_methods()[name]
    return ""


@cache
def _names_of_methods() -> dict[str, str]:
    """What the declared optimizers are called, as it is looked up."""
    return {
        plain: recipe.name
        for recipe in reversed(methods())
        for name in (recipe.name, *recipe.aliases)
        if (plain := _plain(name))
    }


def _plain(text: str) -> str:
    return re.sub(r"[^0-9a-z]", "", text)


__all__ = ["Group", "Written", "groups_of", "letters_in", "method_called", "t"]
