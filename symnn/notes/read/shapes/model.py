"""The model of one reading: its solver, its variables by name, and the sets that declare them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import sympy
from sympy import Expr

from symnn.formula.index import LayerSize, dimension
from symnn.formula.nodes import Elementwise
from symnn.notation.tree import (
    Group,
    Name,
    Negative,
    Node,
    Number,
    Product,
    Quotient,
    Script,
    Sum,
)
from symnn.notation.tree import Sequence as SequenceNode
from symnn.notes.read.expressions.indexed import literal_rank
from symnn.notes.read.expressions.trees import is_numeric
from symnn.notes.read.layer_sizes import SizesTold, layer_size, longest_size, sized_by_layer, sizes_told
from symnn.notes.read.names import Key, parts_of
from symnn.notes.read.passages import Passage, Spot
from symnn.notes.read.shapes.shapes import Constraint, Dim, Shape, Solver
from symnn.notes.read.shapes.terms import Letter, Term, Variable
from symnn.notes.read.statements import Piece, nearness
from symnn.notes.read.symbols import Declaration, Definition, Entry, Table

TARGET_NAMES = ("t", "y", "d", "T", "Y")
# A count by convention, where it only divides: the N of ``1/N``.
COUNTS = frozenset(map(Key, "nmNMTKB"))
# Settings by convention: a scalar of this name that nothing defines is neither data nor learned.
SETTINGS = frozenset(["epsilon", "eta", "lambda"])


def is_input_name(key: Key) -> bool:
    """Whether data is called so by convention."""
    return key.base.rstrip("0123456789") in ("x", "X") and not key.accents


@dataclass(frozen=True, slots=True)
class Axes:
    """What a set says of the arrays in it: dimensions, and facts about the entries."""

    dims: tuple[Expr, ...]
    binary: bool = False
    positive: bool = False


class Model:
    """Makes variables when they are first met; declared shapes, definitions and numbers come from the table."""

    def __init__(self, table: Table, solver: Solver | None = None, constants: Iterable[str] = ()) -> None:
        self.table = table
        self.layer_sizes = sized_by_layer(table)
        self.longest = longest_size(self.layer_sizes)
        self.sizes_told: list[SizesTold] = []
        self.solver = solver or Solver(self.longest)
        self.variables: dict[Key, Variable] = {}
        self.waiting: list[Variable] = []
        self.divisors: list[Shape] = []
        self.lengths: list[Shape] = []
        self.vectors: list[tuple[Shape, Spot]] = []
        self.turned: set[Variable] = set()
        self.functions: dict[int, tuple[Elementwise | None]] = {}
        self.refused: set[Variable] = set()
        self.starts: set[Key] = set()
        self.letters: list[Letter] = []
        self.inverted: list[tuple[Shape, Spot]] = []
        self.products: list[tuple[Term, Term]] = []
        self.powers: list[tuple[Shape, Spot]] = []
        self.unnamed: list[tuple[Shape, Spot]] = []
        self.wishes: list[tuple[Dim, Expr, Spot]] = []
        self.walks: list[tuple[Variable, int, Expr, Spot]] = []  # lengths of axes where nothing else tells them
        self.reading: Variable | None = None
        self.layered: dict[Variable, int] = {}
        self.raised: set[Variable] = set()
        self.needs: dict[Variable, dict[Variable, None]] = {}
        self._open: list[Constraint] = []
        self._seen = 0
        self.constants = frozenset(constants)
        self.by_logarithms = False  # products over an index as exponentials of sums: where only values count
        self.calls: list[Key] = []
        self.ranks: Mapping[Key, int] = {}  # what the letters of names suggest of which nothing else tells
        self._identifiers: dict[str, Variable] = {}

    # -- variables

    def variable(self, key: Key, node: Node, spot: Spot, section: tuple[str, ...]) -> Variable:
        """The variable of a name, made on first sight."""
        found = self.variables.get(key)
        if found is not None:
            return found
        made = Variable(key, node, spot, self.solver.shape(origin=spot))
        self._check_identifier(made)
        self.variables[key] = made
        definitions = self.definitions_of(key, section)
        declarations = self.table.nearest(self.table.declarations, key, section)
        given = self.table.numbers(key, section)
        if definitions and not self._shadowed(definitions, declarations, section):
            made.definition = definitions[0]
        elif given is not None and not self._shadowed([given], declarations, section):
            made.given = given
        doubted = self.table.doubted.get(key)
        if doubted and made.definition is None and made.given is None and not declarations:
            raise spot.error(
                f"the only definition of {made.name} is not understood",
                related=[(doubted[0].statement.doubt, doubted[0].statement.spot)],
            )
        stated = self.table.shapes.get(key.identifier)
        if stated is not None:
            self._state(made, stated)
        elif declarations:
            self.declare(made, declarations[0])
        elif made.definition is None and self.is_size(key):
            made.is_size = True
            made.constant = self.size_symbol(key, section)
        elif made.definition is None and self._is_setting(key):
            made.constant = sympy.Symbol(key.identifier, positive=True, integer=True if key in COUNTS else None)
        if made.constant is not None:
            self.solver.set_dims(made.shape, (), spot)
        elif key in self.ranks:
            self.solver.attempt(partial(self.solver.set_rank, made.shape, self.ranks[key], spot))
        self.waiting.append(made)
        return made

    def node_of(self, key: Key) -> Node:
        """The name as the document writes it where it is met first."""
        return self.table.nodes.get(key) or Name(key.identifier)

    def definitions_of(self, key: Key, section: tuple[str, ...]) -> list[Definition]:
        """The nearest definitions of a name as a value: ``L = …``, or ``L(w) = …`` in names of the document."""
        values = self.table.nearest(self.table.definitions, key, section)
        return values or self.table.nearest(self.table.functions, key, section)

    def _shadowed(self, entries: Sequence[Entry], declarations: Sequence[Entry], section: tuple[str, ...]) -> bool:
        """Whether a declaration stands nearer than definitions or numbers: the name means something else there."""
        if not declarations:
            return False
        return nearness(declarations[0].section, section) > nearness(entries[0].section, section)

    def _check_identifier(self, made: Variable) -> None:
        other = self._identifiers.setdefault(made.name, made)
        if other is not made:
            raise made.spot.error(
                f"{made.spot.text} and {other.spot.text} would both be called {made.name}",
                hint="rename one of them",
                related=[(f"{other.spot.text} stands here", other.spot)],
            )

    def _is_setting(self, key: Key) -> bool:
        return key.identifier.rstrip("_") in self.constants or (
            not self.ranks.get(key)
            and (key.base in SETTINGS or (key in COUNTS and key.base not in self.table.undivided))
            and not key.accents
            and key not in self.table.definitions
            and key not in self.table.declarations
        )

    def declared_rank(self, key: Key, section: tuple[str, ...]) -> int | None:
        """The number of axes that a declaration, or numbers given for the name, state; None without either."""
        declarations = self.table.nearest(self.table.declarations, key, section)
        if declarations:
            found = declarations[0]
            return len(self.axes(found.set_.node, found.set_, found.section).dims) + len(found.indices)
        given = self.table.numbers(key, section)
        return literal_rank(given.value.node) if given is not None else None

    def has_entries(self, key: Key, section: tuple[str, ...], count: int) -> bool:
        """Whether so many numbers below a name point at an entry, and are no label such as the 2 of ``W_2``."""
        rank = self.declared_rank(key, section)
        if rank is not None:
            return rank == count
        if key in self.table.given:
            return False
        return key in self.table.definitions or (key in self.table.bare and not key.base[:1].isupper())

    def is_array(self, key: Key, section: tuple[str, ...]) -> bool:
        """Whether the document uses the name as a whole array, so that a number below it is an index."""
        rank = self.declared_rank(key, section)
        if rank is not None:
            return rank > 0
        if key in self.table.given:
            return False
        return key in self.table.definitions or key in self.table.bare

    # -- for settling

    def open_constraints(self) -> list[Constraint]:
        """The constraints that are not settled yet."""
        self._open += self.solver.constraints[self._seen :]
        self._seen = len(self.solver.constraints)
        self._open = [constraint for constraint in self._open if not constraint.done]
        return self._open

    def sample_dims(self, solver: Solver) -> list[Dim]:
        """The dimensions that count samples: the rows of a matrix of inputs, or its columns where it stands right."""
        found = []
        right = {solver.top(term.shape) for _, term in self.products}
        for variable in self.variables.values():
            is_data = variable.definition is None and is_input_name(variable.key) and variable.key.base[:1] == "X"
            if is_data and solver.rank(variable.shape) == 2:
                found.append(solver.dims(variable.shape)[int(solver.top(variable.shape) in right)])
        return found

    def known_sizes(self, solver: Solver) -> set[str]:
        """The names of the symbols in the dimensions that are known."""
        found: set[Expr] = set()
        for variable in self.variables.values():
            if solver.rank(variable.shape) is not None:
                for dim in solver.dims(variable.shape):
                    value = solver.value(dim)
                    if value is not None:
                        found |= value.free_symbols
        for letter in self.letters:
            value = solver.value(letter.dim)
            if value is not None:
                found |= value.free_symbols
        return {str(symbol) for symbol in found}

    # -- sizes

    def is_size(self, key: Key) -> bool:
        """Whether a name stands for a dimension, and for nothing else."""
        table = self.table
        return key in table.sizes and key not in table.definitions and key not in table.declarations

    def size_symbol(self, key: Key, section: tuple[str, ...]) -> Expr:
        """The dimension of this name: a number if the document gives one, else a symbol."""
        given = self.table.numbers(key, section)
        stated = None if given is None else given.value.node
        if isinstance(stated, Number) and stated.text.isdigit() and int(stated.text) > 0:
            return sympy.Integer(int(stated.text))
        return dimension(key.identifier)

    def size(self, node: Node, piece: Piece, section: tuple[str, ...]) -> Expr:
        """A dimension as a formula in sizes. Raises ReadingError when it is none."""
        match node:
            case Number() if node.text.isdigit():
                return sympy.Integer(int(node.text))
            case Group() if node.left == "(":
                return self.size(node.body, piece, section)
            case Negative():
                return -self.size(node.body, piece, section)
            case Sum():
                return sympy.Add(
                    *[self._signed(term.sign, self.size(term.term, piece, section)) for term in node.terms]
                )
            case Product() if node.operator in ("juxtaposed", "cdot", "times", "ast"):
                return sympy.Mul(*[self.size(factor, piece, section) for factor in node.factors])
            case Quotient():
                return self.size(node.numerator, piece, section) / self.size(node.denominator, piece, section)
        of_layer = layer_size(node, self.layer_sizes, lambda inner: self.size(inner, piece, section))
        if of_layer is not None:
            return of_layer
        parts = parts_of(node)
        key = None if parts is None else self.table.labelled(parts)
        if key is None or key.primes:
            raise piece.passage.spot(node).error("this is no dimension", hint="a name such as n, or a number")
        return self.size_symbol(key, section)

    @staticmethod
    def _signed(sign: str, value: Expr) -> Expr:
        return -value if sign == "-" else value

    def dim(self, node: Node, piece: Piece, section: tuple[str, ...]) -> Dim:
        """A dimension that a node states."""
        return self.solver.dim(self.in_arrays(self.size(node, piece, section)), piece.passage.spot(node))

    def in_arrays(self, size: Any) -> Any:
        """A size as the dimension of an axis: a size of one layer is that of the longest."""
        return self.longest if size.has(LayerSize) else size

    # -- which values a value needs

    def use(self, variable: Variable) -> None:
        """Note that the definition that is being read needs this value."""
        if self.reading is not None:
            self.needs.setdefault(self.reading, {})[variable] = None

    def needed(self, variable: Variable) -> list[Variable]:
        """The values that the definition of a variable needs at the same indices, in order."""
        return list(self.needs.get(variable, {}))

    # -- declarations

    def declare(self, variable: Variable, declaration: Declaration) -> None:
        """Give a variable the shape of the set that it is declared to be in."""
        axes = self.axes(declaration.set_.node, declaration.set_, declaration.section)
        spot = declaration.statement.spot
        own = tuple(self.solver.dim(self.in_arrays(size), spot) for size in axes.dims)
        lead = tuple(self.solver.dim(None, spot) for _ in declaration.indices)
        if self.longest is not None:
            self.sizes_told.append(sizes_told(variable, declaration.indices, axes.dims, self.table))
        self.solver.set_dims(variable.shape, (*lead, *own), spot)
        variable.declared = spot

    def _state(self, variable: Variable, passage: Passage) -> None:
        """Give a variable the shape that the front matter states."""
        from symnn.notes.read.statements import parse

        node = parse(passage)
        axes = self.axes(node, Piece(node, passage), ())
        spot = passage.spot(None)
        dims = tuple(self.solver.dim(self.in_arrays(size), spot) for size in axes.dims)
        self.solver.set_dims(variable.shape, dims, spot)
        variable.declared = spot

    def axes(self, node: Node, piece: Piece, section: tuple[str, ...]) -> Axes:
        r"""The axes of ``\mathbb{R}^{m \times n}``, ``\{0, 1\}^K``, ``(0, 1)``. Raises ReadingError for other sets."""
        sup: Node | None = None
        base = node
        if isinstance(node, Script):
            base, sup = node.base, node.sup
        positive = False
        if isinstance(base, Name) and (base.font == "mathbb" or base.base in ("ℝ",)) and base.base in ("R", "ℝ"):
            if isinstance(node, Script) and node.sub is not None:
                positive = isinstance(node.sub, Name) and node.sub.base in ("+", "++")
            if isinstance(sup, Name) and sup.base in ("+", "++"):
                positive, sup = True, None
            return Axes(self._powers(sup, piece, section), False, positive and isinstance(node, Script))
        if (
            isinstance(base, SequenceNode)
            and base.left == "{"
            and base.items
            and all(is_numeric(i) for i in base.items)
        ):
            numbers = {item.text for item in base.items if isinstance(item, Number)}
            return Axes(self._powers(sup, piece, section), binary=numbers == {"0", "1"} and len(base.items) == 2)
        if isinstance(base, SequenceNode) and base.left in ("(", "[") and len(base.items) == 2:
            return Axes(self._powers(sup, piece, section))
        raise piece.passage.spot(node).error(
            "a set that is not understood", hint=r"write \mathbb{R}^{m \times n}, \{0, 1\}^n or (0, 1)"
        )

    def _powers(self, sup: Node | None, piece: Piece, section: tuple[str, ...]) -> tuple[Expr, ...]:
        if sup is None:
            return ()
        if isinstance(sup, Group) and sup.left == "(":
            sup = sup.body
        if isinstance(sup, Product) and sup.operator in ("times", "cdot", "ast"):
            return tuple(self.size(factor, piece, section) for factor in sup.factors)
        if isinstance(sup, SequenceNode):
            return tuple(self.size(item, piece, section) for item in sup.items)
        size = self.size(sup, piece, section)
        return () if size == 1 else (size,)
