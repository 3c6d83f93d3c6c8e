"""The symbols of a document: what its names stand for, and the numbers that it gives for them, in order.

Three kinds of entries: definitions (``h1 = (x1 + w1 x2)²``, ``f(x) = x²``), numbers for names that have no definition
(``w1 = 1``), and chains that end in a number (``h1 = (3 + 1×2)² = 25``), which state the value of a name. Numbers that
stand in one paragraph belong together.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from symnn.notation import tree as t
from symnn.notation.to_text import to_text
from symnn.notation.traverse import children, walk
from symnn.notation.tree import Node
from symnn.notes.find.document import Document, Table
from symnn.notes.read.expressions.functions import ELEMENTARY
from symnn.notes.read.statements import Statement, nearness
from symnn.notes.worked.digits import Printed, printed
from symnn.notes.worked.names import arguments_of, call_of, name_of, named, names_of, plain, spelled

EQUAL = ("=", ":=", "equiv")
NEARLY = ("approx", "simeq", "sim", "cong")
MAX_STATEMENTS = 20_000
NUMERIC_FUNCTIONS = frozenset([*ELEMENTARY, "max", "min", "tanh"])


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """``name = node``, or ``name(parameters) = node``."""

    name: str
    node: Node
    statement: Statement
    parameters: tuple[str, ...] | None = None

    @property
    def order(self) -> int:
        """Where it stands among the statements."""
        return self.statement.order


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Numbers that are given together: in one paragraph, or in one row of a table."""

    values: dict[str, Printed]
    order: int
    section: tuple[str, ...]
    block: int
    row: int | None = None

    @property
    def told(self) -> str:
        """The numbers, for messages."""
        return ", ".join(f"{name} = {value}" for name, value in self.values.items())


@dataclass(frozen=True, slots=True, eq=False)
class Stated:
    """The end of a chain that begins with a name: the number that the document states for it."""

    name: str
    value: Printed
    statement: Statement


@dataclass
class SymbolTable:
    """Everything that a document says about numbers."""

    statements: tuple[Statement, ...]
    values: dict[str, list[Definition]] = field(default_factory=lambda: defaultdict(list))
    functions: dict[str, list[Definition]] = field(default_factory=lambda: defaultdict(list))
    groups: list[Group] = field(default_factory=list)
    stated: list[Stated] = field(default_factory=list)
    expansions: list[tuple[Node, Node]] = field(default_factory=list)
    cells: dict[tuple[int, int, int], list[Statement]] = field(default_factory=lambda: defaultdict(list))
    known: set[str] = field(default_factory=set)
    updates: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    arrays: dict[str, list[tuple[tuple[Node, ...], ...]]] = field(default_factory=dict)
    formulas: dict[Definition, Any] = field(default_factory=dict)
    _spelled: list[Node] = field(default_factory=list)

    # -- looking up

    @property
    def groups_names(self) -> set[str]:
        """The names that numbers are given for in the text."""
        return {name for group in self.groups for name in group.values}

    def knows(self, name: str) -> bool:
        """Whether the document defines the name, calls it as a function, or gives a number for it."""
        return name in self.known

    def definition(self, name: str, at: Statement) -> Definition | None:
        """The definition of a value that is in force at a statement."""
        return in_force(self.values.get(name, ()), at)

    def function(self, name: str, at: Statement, arity: int | None = None) -> Definition | None:
        """The definition of a function that is in force at a statement."""
        found = self.functions.get(name, ())
        fitting = [d for d in found if arity is None or len(d.parameters or ()) == arity]
        return in_force(fitting, at)

    def every(self, name: str) -> Iterator[Definition]:
        """Every definition of a name, as a value and as a function."""
        yield from self.values.get(name, ())
        yield from self.functions.get(name, ())

    def is_updated(self, name: str, since: int, at: Statement) -> bool:
        """Whether a name gets a new value from its old one (``w ← w - η g``) between two places."""
        return any(since < order < at.order for order in self.updates.get(name, ()))

    def is_leaf(self, name: str) -> bool:
        """Whether a name has no definition anywhere, so that only numbers can be given for it."""
        return name not in self.values

    def expansions_of(self, node: Node) -> Iterator[Node]:
        """What the document says that a derivative is: ``∂E/∂w = ∂E/∂y ∂y/∂w``."""
        wanted = spelled(node)
        if len(self._spelled) != len(self.expansions):
            self._spelled = [spelled(left) for left, _ in self.expansions]
        for left, (_, right) in zip(self._spelled, self.expansions, strict=True):
            if left == wanted:
                yield right


def in_force(found: Sequence[Definition], at: Statement) -> Definition | None:
    """The definition before a statement that shares most headings with it, the last of those; else one after it."""
    before = [d for d in found if d.order <= at.order]
    if before:
        return max(before, key=lambda d: (nearness(d.statement.section, at.section), d.order))
    return min(found, key=lambda d: (-nearness(d.statement.section, at.section), d.order), default=None)


def symbol_table_of(document: Document, statements: Sequence[Statement]) -> SymbolTable:
    """Sort the statements of a document."""
    symbols = SymbolTable(tuple(statements[:MAX_STATEMENTS]))
    tables = {block.id for block in document.blocks if isinstance(block, Table)}
    for statement in symbols.statements:
        span = statement.span
        if span is not None and span.cell is not None:
            symbols.cells[span.block, *span.cell].append(statement)
            if span.cell[0] >= 0:
                continue
        _define(symbols, statement)
        _update(symbols, statement)
    conditional = _conditional(symbols.statements)
    for statement in symbols.statements:
        span = statement.span
        if span is None or span.block not in tables:
            _give(symbols, statement, conditional)
    symbols.known |= {*symbols.values, *symbols.functions} | {name for group in symbols.groups for name in group.values}
    return symbols


def _conditional(statements: Sequence[Statement]) -> set[int]:
    """The statements that stand beside a condition in one formula: ``y = 1, x > 0``."""
    found: set[int] = set()
    for one, other in itertools.pairwise(statements):
        if (
            one.span is not None
            and one.span is other.span
            and other.steps
            and other.steps[0].operator in ("<", ">", "le", "ge", "in")
        ):
            found |= {one.order, other.order}
    return found


def _define(symbols: SymbolTable, statement: Statement) -> None:
    if not statement.steps or statement.doubt or statement.steps[0].operator not in EQUAL:
        return
    left, right = statement.first.node, statement.steps[0].right.node
    values = [branch.value for branch in right.branches] if isinstance(right, t.Cases) else [right]
    if any(map(_has_words, values)):
        return
    if isinstance(left, t.Derivative):
        symbols.expansions.append((left, right))
        return
    if not has_names(right) or _is_array(right):
        return
    name = name_of(left)
    if name is not None:
        if not mentions(right, name):
            symbols.values[name].append(Definition(name, right, statement))
        return
    called = call_of(left)
    if called is None or called[0].primes or called[0].power is not None:
        return
    parameters = [name_of(argument) for argument in called[1]]
    if parameters and all(parameter is not None for parameter in parameters):
        names = tuple(parameter for parameter in parameters if parameter is not None)
        if called[0].name not in names and len(set(names)) == len(names):
            symbols.functions[called[0].name].append(Definition(called[0].name, right, statement, names))


def _update(symbols: SymbolTable, statement: Statement) -> None:
    """Note where a name is set to something that is made from it."""
    name = name_of(statement.first.node)
    if name is not None and statement.steps and statement.steps[0].operator in ("gets", *EQUAL):
        right = statement.steps[0].right.node
        if statement.steps[0].operator == "gets" or (isinstance(right, t.Sum) and mentions(right, name)):
            symbols.updates[name].append(statement.order)


def _has_words(node: Node) -> bool:
    """Whether there is something in a formula that no value comes of; what stands at a sum sign only says its range."""
    if isinstance(node, t.Text | t.Ellipsis | t.Phrase | t.Relation):
        return True
    parts = (node.body,) if isinstance(node, t.BigOperator) else children(node)
    return any(_has_words(part) for part in parts)


def _give(symbols: SymbolTable, statement: Statement, conditional: set[int]) -> None:
    if not statement.steps or statement.doubt or statement.order in conditional:
        return
    if any(step.operator not in (*EQUAL, *NEARLY) for step in statement.steps):
        return
    name = name_of(statement.first.node)
    last = printed(statement.steps[-1].right.node)
    if name is not None and last is not None:
        if name in symbols.values:
            symbols.stated.append(Stated(name, last, statement))
        elif statement.steps[-1].operator in EQUAL and all(not has_names(step.right.node) for step in statement.steps):
            _add(symbols, statement, {name: last})
    elif name is None or entries_of(statement.steps[0].right.node) is not None:
        _give_array(symbols, statement)
    if name is None and len(statement.steps) == 1:
        names, numbers = names_of(plain(statement.first.node)), numbers_in(plain(statement.steps[0].right.node))
        if names is not None and numbers is not None and len(names) == len(numbers) > 1:
            _add(symbols, statement, dict(zip(names, numbers, strict=True)))


def _give_array(symbols: SymbolTable, statement: Statement) -> None:
    """``W = (w1 & w2)`` and ``W = (1 & 2)``, in either order: numbers for each name."""
    items = entries_of(statement.steps[0].right.node)
    if items is None or len(statement.steps) != 1:
        return
    others = symbols.arrays.setdefault(to_text(statement.first.node), [])
    for other in others:
        if [len(row) for row in other] != [len(row) for row in items]:
            continue
        for one, two in ((other, items), (items, other)):
            names = [name_of(cell) for row in one for cell in row]
            numbers = [printed(cell) for row in two for cell in row]
            found = {n: v for n, v in zip(names, numbers, strict=True) if n is not None and v is not None}
            if len(found) == len(names):
                _add(symbols, statement, found)
    others.append(items)


def entries_of(node: Node) -> tuple[tuple[Node, ...], ...] | None:
    """The entries of a matrix or a list, row by row; None for anything else."""
    if isinstance(node, t.Matrix):
        return node.rows
    if isinstance(node, t.Group) and node.left == "[":
        return ((node.body,),)
    if isinstance(node, t.Sequence) and node.left in ("(", "[") and node.separator in (",", ";"):
        return tuple((item,) for item in node.items)
    return None


def _add(symbols: SymbolTable, statement: Statement, values: dict[str, Printed]) -> None:
    block = statement.span.block if statement.span is not None else -1
    last = symbols.groups[-1] if symbols.groups else None
    if last is not None and last.block == block and not (last.values.keys() & values.keys()):
        last.values.update(values)
        return
    symbols.groups.append(Group(dict(values), statement.order, statement.section, block))


def numbers_in(node: Node) -> tuple[Printed, ...] | None:
    """The numbers that a bracket lists; None for anything else."""
    if isinstance(node, t.Sequence) and node.separator == ",":
        found = [printed(item) for item in node.items]
        if found and all(number is not None for number in found):
            return tuple(number for number in found if number is not None)
    return None


def has_names(node: Node) -> bool:
    """Whether anything in a tree is no number: a name other than e and π, a word, a derivative."""
    parts = list(walk(node))
    heads = {id(head) for part in parts for head in _heads(part)}
    indexed = {id(part.base) for part in parts if isinstance(part, t.Script) and part.sub is not None}
    for part in parts:
        if isinstance(part, t.Text | t.Derivative | t.Nabla | t.Prime):
            return True
        constant = isinstance(part, t.Name) and part.base in ("e", "pi") and id(part) not in indexed
        if isinstance(part, t.Name) and id(part) not in heads and not constant:
            return True
    return False


def _heads(node: Node) -> Iterator[Node]:
    """The names of elementary functions at the heads of calls: ``log(0.8)``, ``log_2 8``, ``log2(8)``."""
    heads: list[Node] = []
    if isinstance(node, t.Call):
        heads.append(node.head)
    elif isinstance(node, t.Product) and node.operator == "juxtaposed":
        heads += [one for one, other in itertools.pairwise(node.factors) if arguments_of(other) is not None]
    for head in heads:
        name = head.base if isinstance(head, t.Script) else head
        if isinstance(name, t.Name) and (name.base in NUMERIC_FUNCTIONS or name.base in ("log2", "log10")):
            yield name


def mentions(node: Node, name: str) -> bool:
    """Whether a name stands anywhere in a tree."""
    for part in walk(node):
        found = named(part) if isinstance(part, t.Name | t.Script | t.Prime) else None
        if found is not None and found.name == name:
            return True
    return False


def _is_array(node: Node) -> bool:
    return isinstance(node, t.Matrix | t.Sequence) or (isinstance(node, t.Script) and isinstance(node.base, t.Matrix))


def exactly(value: Fraction) -> Printed:
    """A number that is not rounded."""
    return Printed(value, Fraction(1), True)
