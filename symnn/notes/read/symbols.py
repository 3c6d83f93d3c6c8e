r"""The symbol table of a document: what it declares, defines, gives numbers for and states as a fact.

Statements are sorted once, without knowing shapes. Looking a name up is by nearness: what stands under the most
headings shared with the place of use comes first, so that sections with symbols of their own do not mix.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from symnn.notation.traverse import children, walk
from symnn.notation.tree import (
    BigOperator,
    Call,
    Cases,
    Derivative,
    EvaluatedAt,
    Group,
    Matrix,
    Nabla,
    Name,
    Negative,
    Node,
    Number,
    Prime,
    Product,
    Quotient,
    Relation,
    Script,
    Sequence,
    Sum,
)
from symnn.notes.read.names import Key, Parts, is_word, label_text, parts_of
from symnn.notes.read.passages import Passage
from symnn.notes.read.statements import Piece, Statement, Step, nearness

_T = TypeVar("_T", bound="Entry")
_EQUALS = ("=", ":=", "equiv")
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


class Table:
    """What a document says about its names."""

    def __init__(self, statements: Iterable[Statement]) -> None:
        self.statements = tuple(statements)
        self.definitions: dict[Key, list[Definition]] = defaultdict(list)
        self.functions: dict[Key, list[Definition]] = defaultdict(list)
        self.declarations: dict[Key, list[Declaration]] = defaultdict(list)
        self.given: dict[Key, list[Given]] = defaultdict(list)
        self.bounds: dict[Key, list[Bound]] = defaultdict(list)
        self.unknown_functions: dict[Key, list[Entry]] = defaultdict(list)
        self.facts: list[Statement] = []
        self.updates: list[Statement] = []
        self.claims: list[Statement] = []
        self.sizes: set[Key] = set()
        self.raised: set[Key] = set()
        self.raised_letters: set[str] = set()
        self.zero_based: set[Key] = set()
        self.bare: set[Key] = set()
        self.called: set[Key] = set()
        self.compared: set[Key] = set()
        self.families: set[Key] = set()
        self.numbered: set[Key] = set()
        self.doubted: dict[Key, list[Entry]] = defaultdict(list)
        self.mentions: dict[Key, tuple[int, int]] = {}
        self.nodes: dict[Key, Node] = {}
        self.shapes: dict[str, Passage] = {}
        self._free: set[tuple[Key, str]] = set()
        self._scripted: dict[Key, set[str]] = defaultdict(set)
        self._left: set[Key] = set()
        self._survey()
        for statement in self.statements:
            self._sort(statement)
        self._define_links()

    # -- surveying

    def _survey(self) -> None:
        """Learn from all statements which scripts are labels, and which letters index what."""
        for statement in self.statements:
            parts = parts_of(statement.first.node)
            operator = statement.steps[0].operator if statement.steps else ""
            if parts is not None and operator in (*_EQUALS, "in"):
                self._survey_left(parts)
            if parts is not None and operator in _EQUALS and is_forward(statement):
                self._survey_right(statement, parts)
            for node in _nodes(statement):
                self._survey_sizes(node)
            for stated in statement.ranges:
                self._add_sizes(stated.last)
            self._survey_mentions(statement)

    def _survey_left(self, parts: Parts) -> None:
        labels = [_label("_", sub) for sub in parts.subs] + [_label("^", sup) for sup in parts.sups]
        if all(label is not None for label in labels):
            self._left.add(parts.key.labelled(*(label for label in labels if label is not None)))
        for sup in parts.sups:
            if isinstance(sup, Number):
                self.raised.add(parts.key)
            elif isinstance(sup, Name) and not is_transpose(sup) and parts.key != Key("e"):
                self.raised_letters.add(sup.base)

    def _survey_right(self, statement: Statement, left: Parts) -> None:
        """Note which letters below a name are bound by the statement and which are not."""
        own = {letter for node in (*left.subs, *left.sups) for letter in letters_in(node)}
        own |= {entry.letter.base for entry in statement.ranges}
        for step in statement.steps:
            bound = own | bound_letters(step.right.node)
            self._survey_bare(step.right.node)
            for node in walk(step.right.node):
                parts = parts_of(node) if isinstance(node, Script) else None
                if parts is None:
                    continue
                if any(isinstance(sub, Number) and sub.text == "0" for sub in parts.subs):
                    self.zero_based.add(parts.key)
                for sub in (*parts.subs, *(s for s in parts.sups if isinstance(s, Group))):
                    for letter in letters_in(sub):
                        self._scripted[parts.key].add(letter)
                        if letter not in bound:
                            self._free.add((parts.key, letter))

    def _survey_mentions(self, statement: Statement) -> None:
        """Note where each name is met first, and which names are called."""
        for piece in (statement.first, *(step.right for step in statement.steps)):
            for node in walk(piece.node):
                called = call_parts(node) if isinstance(node, Product | Call) and piece is not statement.first else None
                if called is not None:
                    self.called.add(self.labelled(called[0]) or called[0].key)
                parts = parts_of(node) if isinstance(node, Name | Script | Prime) else None
                if parts is None:
                    continue
                place = (statement.order, node.span[0] if node.span else 0)
                for key in self.variants(parts):
                    self.mentions.setdefault(key, place)
                    self.nodes.setdefault(key, node)

    def variants(self, parts: Parts) -> set[Key]:
        """The keys that a name may turn out to have: with all scripts as labels, with some, with none."""
        found = {parts.key}
        for subs in range(len(parts.subs) + 1):
            for sups in range(len(parts.sups) + 1):
                key = self.labelled(
                    Parts(parts.base, parts.accents, parts.primes, parts.subs[:subs], parts.sups[:sups])
                )
                if key is not None:
                    found.add(key)
        return found

    def _survey_bare(self, node: Node) -> None:
        """Note the names that stand without scripts, as whole values."""
        stack = [node]
        while stack:
            top = stack.pop()
            parts = parts_of(top) if isinstance(top, Name | Script | Prime) else None
            if parts is None:
                stack.extend(children(top))
            elif not parts.subs and all(is_transpose(sup) or isinstance(sup, Number) for sup in parts.sups):
                self.bare.add(parts.key)

    def _survey_sizes(self, node: Node) -> None:
        if isinstance(node, BigOperator) and node.sup is not None:
            self._add_sizes(node.sup)
        elif isinstance(node, Cases):
            for branch in node.branches:
                for part in walk(branch.condition) if branch.condition is not None else ():
                    parts = parts_of(part) if isinstance(part, Name | Script) else None
                    if parts is not None:
                        self.compared |= self.variants(parts)
        elif isinstance(node, Relation):
            for link in node.links:
                if link.operator == "in" and link.right is not None:
                    set_ = link.right
                    if isinstance(set_, Script) and set_.sup is not None:
                        self._add_sizes(set_.sup)

    def _add_sizes(self, node: Node) -> None:
        for part in walk(node):
            parts = parts_of(part)
            key = None if parts is None else self.labelled(parts)
            if key is not None:
                self.sizes.add(key)

    def labelled(self, parts: Parts) -> Key | None:
        """The key with every script taken as a label, or None when one cannot be."""
        labels = [_label("_", sub) for sub in parts.subs] + [_label("^", sup) for sup in parts.sups]
        if any(label is None for label in labels):
            return None
        return parts.key.labelled(*(label for label in labels if label is not None))

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
        elif operator in _EQUALS:
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
        if statement.doubt:
            self.doubted[key].append(Entry(key, first.node, statement))
        elif is_numeric(right.node):
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
        elif all(parts_of(argument) is not None for argument in arguments):
            parameters = tuple(statement.first.of(argument) for argument in arguments)
            links = self._without_names(tuple(_equal_links(statement.steps)), statement)
            self.functions[key].append(Definition(key, statement.first.node, statement, (), links, parameters))
        else:
            self.claims.append(statement)

    def left_scripts(self, parts: Parts, statement: Statement) -> tuple[tuple[Node, ...], tuple[str, ...]]:
        """The scripts on a left side, sorted into indices and labels."""
        indices: list[Node] = []
        labels: list[str] = []
        ranged = {entry.letter.base for entry in statement.ranges}
        used = {letter for step in statement.steps for letter in script_letters(step.right.node)}
        for mark, script in [*(("^", s) for s in parts.sups), *(("_", s) for s in parts.subs)]:
            found = components(script)
            own = [
                isinstance(c, Name) and bool(letters_in(c)) and self._indexes(parts.key, c, ranged, used) for c in found
            ]
            indices += [component for component, is_index in zip(found, own, strict=True) if is_index]
            if any(own):
                labels += [_label(mark, c) or mark + "?" for c, index in zip(found, own, strict=True) if not index]
            else:
                labels.append(_label(mark, script) or mark + "?")
        return tuple(indices), tuple(labels)

    def _indexes(self, key: Key, letter: Node, ranged: set[str], used: set[str]) -> bool:
        assert isinstance(letter, Name)
        if letter.base in ranged:
            return True
        if (key, letter.base) in self._free:
            return False
        return letter.base in used or bool(self._scripted[key])

    # -- looking up

    def knows(self, key: Key) -> bool:
        """Whether the document defines, declares or gives numbers for this very name."""
        return key in self._left or key in self.definitions or key in self.declarations or key in self.given

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


# -- questions about trees


def _nodes(statement: Statement) -> Iterator[Node]:
    pieces = [statement.first.node, *(step.right.node for step in statement.steps)]
    for piece in pieces:
        yield from walk(piece)
    if statement.steps and statement.steps[0].operator == "in":
        from symnn.notation.tree import Link

        yield Relation(pieces[0], (Link("in", pieces[1]),))


def _label(mark: str, node: Node) -> str | None:
    text = label_text(node)
    return None if text is None else mark + text


def _equal_links(steps: tuple[Step, ...]) -> Iterator[Piece]:
    for step in steps:
        if step.operator not in _EQUALS:
            return
        yield step.right


def components(script: Node) -> tuple[Node, ...]:
    """The parts of a script: ``ik`` and ``i,k`` are two, ``t-1`` is one."""
    if isinstance(script, Group) and script.left in ("(", "["):
        return components(script.body)
    if isinstance(script, Sequence):
        return script.items
    if isinstance(script, Product) and script.operator == "juxtaposed" and all(
        (isinstance(factor, Name) and len(factor.base) == 1) or isinstance(factor, Number) for factor in script.factors
    ):  # fmt: skip
        return script.factors
    return (script,)


def letters_in(node: Node) -> set[str]:
    """The letters of a script that could be indices."""
    found: set[str] = set()
    for component in components(node):
        for part in walk(component):
            if (
                isinstance(part, Name)
                and not is_word(part)
                and not is_transpose(part)
                and part.base not in ("*", "+", "-")
            ):
                found.add(part.base)
    return found


def script_letters(node: Node) -> set[str]:
    """The letters in all scripts below a node (transposes and powers of a group left out)."""
    found: set[str] = set()
    for part in walk(node):
        parts = parts_of(part) if isinstance(part, Script) else None
        if parts is not None:
            for script in (*parts.subs, *(s for s in parts.sups if isinstance(s, Group))):
                found |= letters_in(script)
        elif isinstance(part, Script) and part.sub is not None:
            found |= letters_in(part.sub)
    return found


def bound_letters(node: Node) -> set[str]:
    """The letters that sums and maxima below a node bind."""
    found: set[str] = set()
    for part in walk(node):
        if isinstance(part, BigOperator) and part.sub is not None:
            for component in components(part.sub):
                first = component.first if isinstance(component, Relation) else component
                if first is not None:
                    for one in components(first):
                        found |= letters_in(one)
    return found


def is_transpose(node: Node | None) -> bool:
    r"""Whether a raised node is a transpose sign: ``T``, ``\top``, ``\intercal``."""
    return isinstance(node, Name) and node.base in ("T", "top", "intercal", "⊤") and not node.accents


def is_numeric(node: Node) -> bool:
    """Whether a node is a number, or a matrix or list of numbers."""
    match node:
        case Number():
            return True
        case Negative():
            return is_numeric(node.body)
        case Quotient():
            return is_numeric(node.numerator) and is_numeric(node.denominator)
        case Group():
            return node.left in ("(", "[", "{") and is_numeric(node.body)
        case Matrix():
            return all(is_numeric(cell) for row in node.rows for cell in row)
        case Sequence():
            return bool(node.items) and bool(node.left) and all(is_numeric(item) for item in node.items)
        case Script():
            return node.sub is None and node.sup is not None and (is_numeric(node.base) and (
                is_transpose(node.sup) or is_numeric(node.sup)))  # fmt: skip
        case _:
            return False


def is_size_set(node: Node) -> bool:
    r"""Whether a set holds sizes: ``\mathbb{N}``, ``\mathbb{Z}_{>0}``."""
    parts = parts_of(node)
    return parts is not None and parts.key.style == "bb" and parts.key.base in ("N", "Z")


def call_parts(node: Node) -> tuple[Parts, tuple[Node, ...]] | None:
    """Head and arguments of ``f(x, y)``, which the parser keeps as a product of a name and a bracket."""
    if isinstance(node, Call):
        head = parts_of(node.head)
        return None if head is None else (head, node.arguments)
    if not (isinstance(node, Product) and node.operator == "juxtaposed" and len(node.factors) == 2):
        return None
    head = parts_of(node.factors[0])
    argument = node.factors[1]
    if head is None or (head.key.base in ("d", "Delta") and not head.subs):
        return None
    if isinstance(argument, Group) and argument.left == "(":
        return head, (argument.body,)
    if isinstance(argument, Sequence) and argument.left == "(":
        items: list[Node] = []
        for item in argument.items:
            items.extend(item.items if isinstance(item, Sequence) and not item.left else (item,))
        return head, tuple(items)
    return None


def is_known_function(head: Parts) -> bool:
    """Whether a head is an elementary function or a declared operator."""
    from symnn.notes.read.functions import ELEMENTARY, REDUCTIONS, operator_named

    return head.key.base in ELEMENTARY or head.key.base in REDUCTIONS or operator_named(head) is not None


def is_forward(statement: Statement) -> bool:
    """Whether a statement holds no derivative, and so can belong to the network itself."""
    return not statement.doubt and not any(
        isinstance(node, Derivative | Nabla | EvaluatedAt) or _is_differential(node)
        for piece in (statement.first, *(step.right for step in statement.steps if step.operator in _EQUALS))
        for node in walk(piece.node)
    )


def _is_differential(node: Node) -> bool:
    r"""``dW`` or ``\Delta w``: a differential or a change, which the parser keeps as a product."""
    if not (isinstance(node, Product) and node.operator == "juxtaposed"):
        return False
    head, following = node.factors[0], node.factors[1]
    return isinstance(head, Name) and head.base in ("d", "Delta") and not head.accents and (
        parts_of(following) is not None and len(node.factors) == 2)  # fmt: skip


def is_update(left: Node, right: Node) -> bool:
    """Whether the right side is the left side plus something: ``w = w - η g``."""
    return isinstance(right, Sum) and any(term.term == left for term in right.terms)


def is_own_transpose(left: Node, right: Node) -> bool:
    """``A = A^T``."""
    one, other = parts_of(left), parts_of(right)
    if one is None or other is None or one.key != other.key or one.subs != other.subs:
        return False
    return other.sups[:-1] == one.sups and len(other.sups) == len(one.sups) + 1 and is_transpose(other.sups[-1])
