r"""The symbol table of a document: what it declares, defines, gives numbers for and states as a fact.

Statements are sorted once, without knowing shapes. Looking a name up is by nearness: what stands under the most
headings shared with the place of use comes first, so that sections with symbols of their own do not mix.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

from symnn.notation.tree import (
    Group,
    Name,
    Node,
    Number,
    Root,
    Script,
)
from symnn.notes.read.expressions.trees import (
    bound_letters,
    call_parts,
    compared_letters,
    components,
    is_known_function,
    is_kronecker_case,
    is_numeric,
    is_own_transpose,
    is_size_set,
    is_transpose,
    is_update,
    letters_in,
    script_letters,
)
from symnn.notes.read.names import Key, Parts, parts_of
from symnn.notes.read.passages import Passage
from symnn.notes.read.prose import is_zero_outside
from symnn.notes.read.statements import Piece, Statement, Step, nearness
from symnn.notes.read.survey import EQUALS, Survey, is_forward, label_of

_T = TypeVar("_T", bound="Entry")
UNDEFINED = ("log", "ln", "exp")
"""Functions that no document defines: an equation with one on its left side is about the argument."""
_COMPARISONS = (">", "<", "ge", "le", "gg", "ll")


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """Something that a statement says about a name."""

    key: Key
    node: Node
    statement: Statement

    @property
    def section(self) -> tuple[str, ...]:
        """The section in which it stands."""
        return self.statement.section


@dataclass(frozen=True, slots=True, eq=False)
class Declaration(Entry):
    """``x ∈ set``; `set_` is the piece with the set."""

    set_: Piece
    indices: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Definition(Entry):
    """``name[indices] = first link = further links``; `parameters` for ``f(x) = …``."""

    indices: tuple[Node, ...]
    links: tuple[Piece, ...]
    parameters: tuple[Piece, ...] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Given(Entry):
    """``w = 1``: numbers for a name."""

    value: Piece


@dataclass(frozen=True, slots=True, eq=False)
class Bound(Entry):
    """``s > 0``: a comparison with a name on one side."""

    operator: str
    limit: Piece


class Table(Survey):
    """What a document says about its names."""

    def __init__(self, statements: Iterable[Statement]) -> None:
        super().__init__(statements)
        self.definitions: dict[Key, list[Definition]] = defaultdict(list)
        self.functions: dict[Key, list[Definition]] = defaultdict(list)
        self.declarations: dict[Key, list[Declaration]] = defaultdict(list)
        self.given: dict[Key, list[Given]] = defaultdict(list)
        self.bounds: dict[Key, list[Bound]] = defaultdict(list)
        self.unknown_functions: dict[Key, list[Entry]] = defaultdict(list)
        self.facts: list[Statement] = []
        self.updates: list[Statement] = []
        self.claims: list[Statement] = []
        self.families: set[Key] = set()
        self.numbered: set[Key] = set()
        self.doubted: dict[Key, list[Entry]] = defaultdict(list)
        self.shapes: dict[str, Passage] = {}
        for statement in self.statements:
            self._sort(statement)
        self._define_links()
        self._define_roots()

    # -- sorting

    def _sort(self, statement: Statement) -> None:
        if not statement.steps:
            return
        first, operator = statement.first, statement.steps[0].operator
        if operator == "in":
            self._declare(statement)
        elif operator == "mapsto":
            parts = parts_of(first.node)
            if parts is not None:
                self.unknown_functions[parts.key].append(Entry(parts.key, first.node, statement))
        elif operator in _COMPARISONS:
            self._compare(statement)
        elif operator == "gets":
            self.updates.append(statement)
        elif operator in EQUALS:
            self._equate(statement)

    def _declare(self, statement: Statement) -> None:
        parts = parts_of(statement.first.node)
        set_ = statement.steps[0].right
        if parts is None:
            self.facts.append(statement)
            return
        indices, labels = self.left_scripts(parts, statement)
        key = parts.key.labelled(*labels)
        if is_size_set(set_.node):
            self.sizes.add(key)
            return
        self.declarations[key].append(Declaration(key, statement.first.node, statement, set_, indices))

    def _compare(self, statement: Statement) -> None:
        first, step = statement.first, statement.steps[0]
        parts = parts_of(first.node)
        if parts is None or len(statement.steps) != 1:
            self.facts.append(statement)
            return
        _, labels = self.left_scripts(parts, statement)
        key = parts.key.labelled(*labels)
        self.bounds[key].append(Bound(key, first.node, statement, step.operator, step.right))

    def _equate(self, statement: Statement) -> None:
        first = statement.first
        called = call_parts(first.node)
        if called is not None:
            self._equate_call(statement, *called)
            return
        parts = parts_of(first.node)
        if parts is None:
            (self.facts if is_forward(statement) else self.claims).append(statement)
            return
        right = statement.steps[0].right
        indices, labels = self.left_scripts(parts, statement)
        key = parts.key.labelled(*labels)
        shared = _shared_number(statement)
        if shared is not None:
            for piece, its in shared:
                named = its.key.labelled(*self.left_scripts(its, statement)[1])
                self.given[named].append(Given(named, piece.node, statement, statement.steps[-1].right))
            return
        if statement.doubt:
            self.doubted[key].append(Entry(key, first.node, statement))
        elif is_numeric(right.node):
            if not is_kronecker_case(parts, right.node):
                self.given[key].append(Given(key, first.node, statement, right))
        elif not is_forward(statement):
            self.claims.append(statement)
        elif is_update(first.node, right.node):
            self.updates.append(statement)
        elif is_own_transpose(first.node, right.node):
            self.facts.append(statement)
        else:
            links = self._without_names(tuple(_equal_links(statement.steps)), statement)
            self.definitions[key].append(Definition(key, first.node, statement, indices, links))
            if indices:
                self.families.add(key)

    def _define_links(self) -> None:
        """Of ``a = b = …``, where nothing else defines b, the part after b defines it."""
        made: list[Definition] = []
        for definitions in self.definitions.values():
            for definition in definitions:
                first = definition.links[0]
                parts = parts_of(first.node)
                if len(definition.links) < 2 or parts is None or definition.indices:
                    continue
                key = self.labelled(parts)
                if key is None or key in self.sizes or is_numeric(definition.links[1].node):
                    continue
                if not self.definitions.get(key) and not self.functions.get(key) and key not in self.given:
                    made.append(Definition(key, first.node, definition.statement, (), definition.links[1:]))
        for definition in made:
            self.definitions[definition.key].append(definition)

    def _define_roots(self) -> None:
        """A variance that is defined as ``σ^2 = …`` also says what σ is: its root, where nothing else does."""
        for key, definitions in list(self.definitions.items()):
            if not key.labels or key.labels[-1] != "^2":
                continue
            root = replace(key, labels=key.labels[:-1])
            layers = {
                other.labels[-1]
                for other in self.definitions
                if other.labels and other.labels[:-1] == root.labels and other.bare == root.bare
            }
            known = any(root in place for place in (self.definitions, self.functions, self.given, self.declarations))
            if known or root.bare not in self.unraised or layers != {"^2"}:
                continue
            if (
                root in self.called
            ):  # the same letter is a function elsewhere, so which of the two is meant is not certain
                self.doubted[root] += [Entry(root, d.node, d.statement) for d in definitions]
                continue
            for definition in definitions:
                if isinstance(definition.node, Script) and definition.node.sup is not None:
                    node = (
                        replace(definition.node, sup=None) if definition.node.sub is not None else definition.node.base
                    )
                    link = definition.links[0].of(Root(definition.node))
                    self.definitions[root].append(replace(definition, key=root, node=node, links=(link,)))

    def _without_names(self, links: tuple[Piece, ...], statement: Statement) -> tuple[Piece, ...]:
        """Of ``y = f(x) = …`` the part after f(x), which is thereby defined as well."""
        while len(links) > 1:
            called = call_parts(links[0].node)
            if called is None or called[0].subs or is_known_function(called[0]):
                break
            head, arguments = called
            key = self.labelled(head)
            if key is None or head.primes or not all(parts_of(argument) is not None for argument in arguments):
                break
            parameters = tuple(links[0].of(argument) for argument in arguments)
            self.functions[key].append(Definition(key, links[0].node, statement, (), links[1:], parameters))
            links = links[1:]
        return links

    def _equate_call(self, statement: Statement, head: Parts, arguments: tuple[Node, ...]) -> None:
        """``f(x) = …``: a function; ``W(1) = …``: a name with a number for a label."""
        key = self.labelled(head)
        right = statement.steps[0].right
        if key is None or head.primes or not is_forward(statement):
            self.claims.append(statement)
        elif len(arguments) == 1 and isinstance(arguments[0], Number) and len(key.base) == 1 and key.base.isupper():
            key = key.labelled("_" + arguments[0].text)
            self.numbered.add(key)
            if is_numeric(right.node):
                self.given[key].append(Given(key, statement.first.node, statement, right))
            else:
                links = tuple(_equal_links(statement.steps))
                self.definitions[key].append(Definition(key, statement.first.node, statement, (), links))
        elif head.key.base in UNDEFINED and any(self._is_left(argument) for argument in arguments):
            self.claims.append(statement)
        elif all(parts_of(argument) is not None for argument in arguments):
            parameters = tuple(statement.first.of(argument) for argument in arguments)
            links = self._without_names(tuple(_equal_links(statement.steps)), statement)
            self.functions[key].append(Definition(key, statement.first.node, statement, (), links, parameters))
        else:
            self.claims.append(statement)

    def _is_left(self, node: Node) -> bool:
        """Whether a name stands on the left side of an equation of the document."""
        parts = parts_of(node)
        return parts is not None and self.labelled(parts) in self._left

    def left_scripts(self, parts: Parts, statement: Statement) -> tuple[tuple[Node, ...], tuple[str, ...]]:
        """The scripts on a left side, sorted into indices and labels."""
        indices: list[Node] = []
        labels: list[str] = []
        ranged = {entry.letter.base for entry in statement.ranges}
        used = {letter for step in statement.steps for letter in script_letters(step.right.node)}
        used |= {letter for step in statement.steps for letter in compared_letters(step.right.node)}
        declared = bool(statement.steps) and statement.steps[0].operator == "in"
        for mark, script in [*(("^", s) for s in parts.sups), *(("_", s) for s in parts.subs)]:
            found = components(script)
            if declared and (mark == "_" or (isinstance(script, Group) and script.left == "(")):
                # x_i ∈ ℝⁿ and x^{(i)} ∈ ℝⁿ, where a sum binds i elsewhere
                ranged |= {letter for letter in self.indices if (parts.key, letter) not in self._free}
            own = [
                isinstance(c, Name)
                and bool(letters_in(c))
                and self._indexes(
                    parts.key, c, len(found), ranged, used, alone=mark == "_" or isinstance(script, Group)
                )
                for c in found
            ]
            indices += [component for component, is_index in zip(found, own, strict=True) if is_index]
            if any(own):
                labels += [label_of(mark, c) or mark + "?" for c, index in zip(found, own, strict=True) if not index]
            else:
                labels.append(label_of(mark, script) or mark + "?")
        return tuple(indices), tuple(labels)

    def _indexes(self, key: Key, letter: Node, count: int, ranged: set[str], used: set[str], *, alone: bool) -> bool:
        """Whether a letter at a name on a left side is an index: it is used as one here, or below that name.

        `alone` lets a single letter be one where other letters are.
        """
        assert isinstance(letter, Name)
        if letter.base in ranged:
            return True
        if (key, letter.base) in self._free:
            return False
        scripted = self._scripted[key]
        return letter.base in used or letter.base in scripted or (alone and count == 1 and bool(scripted))

    # -- looking up

    @cached_property
    def is_zero_outside(self) -> bool:
        """Whether the words of the document say that arrays are zero outside of their ranges."""
        return is_zero_outside(self.statements)

    def labels_above(self, key: Key) -> bool:
        """Whether the letters above a name are labels, as in ``W^Q_h`` and ``W^K_h``: several capitals, or one that
        names a family of arrays, which cannot be an exponent.
        """
        above = self.above[key]
        several = len([c for c in above if c.isupper() and c != "T"]) > 1 and not any(
            Key(c) in self.sizes for c in above
        )
        return several or any(Key(letter) in self.families and Key(letter) not in self.bare for letter in above)

    def knows(self, key: Key) -> bool:
        """Whether the document defines, declares or gives numbers for this very name."""
        return key in self._left or key in self.definitions or key in self.declarations or key in self.given

    def numbers(self, key: Key, section: tuple[str, ...]) -> Given | None:
        """The numbers that the document gives for a name; None where it gives different ones."""
        found = self.nearest(self.given, key, section)
        agree = found and all(given.value.node == found[0].value.node for given in found)
        return found[0] if agree else None

    def knows_scripted(self, node: Node) -> bool:
        """Whether the document itself says something about a name with all its scripts."""
        parts = parts_of(node)
        key = None if parts is None else self.labelled(parts)
        return key is not None and self.knows(key)

    def nearest(self, table: dict[Key, list[_T]], key: Key, section: tuple[str, ...]) -> list[_T]:
        """The entries of a key that stand nearest to a section, primary statements before others."""
        found = table.get(key, [])
        if not found:
            return []
        primary = [entry for entry in found if entry.statement.primary]
        found = primary or found
        best = max(nearness(entry.section, section) for entry in found)
        nearest = [entry for entry in found if nearness(entry.section, section) == best]
        return sorted(nearest, key=lambda entry: not entry.statement.displayed)


def _shared_number(statement: Statement) -> list[tuple[Piece, Parts]] | None:
    """The names of ``h_0 = c_0 = 0``, a number for each of them; None for another statement."""
    pieces = [statement.first, *(step.right for step in statement.steps[:-1])]
    named = [(piece, parts) for piece in pieces if (parts := parts_of(piece.node)) is not None]
    if len(pieces) < 2 or len(named) < len(pieces) or statement.doubt or not is_numeric(statement.steps[-1].right.node):
        return None
    return named if all(step.operator in EQUALS for step in statement.steps) else None


def _equal_links(steps: tuple[Step, ...]) -> Iterator[Piece]:
    for step in steps:
        if step.operator not in EQUALS:
            return
        yield step.right


__all__ = [
    "Bound",
    "Declaration",
    "Definition",
    "Entry",
    "Given",
    "Table",
    "bound_letters",
    "call_parts",
    "components",
    "is_forward",
    "is_numeric",
    "is_transpose",
    "letters_in",
]
