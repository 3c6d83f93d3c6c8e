"""The closed set of node kinds of which every formula is made.

A formula is a scalar SymPy expression: "the entry at (i, j)". On top of SymPy's numbers, sums, products, powers and
elementary functions it uses the kinds below. All are real valued. Operations on formulas (differentiate, normal form,
evaluate, print, emit) live in one module each; adding an operation never touches this file.

=============  ======================================================
`Entry`        an entry of a tensor, ``W[i, k]``; indices may be affine, ``x[c, i + p]``
`Total`        the sum of a body over the whole range of one bound index
`Extreme`      the maximum of a body over the whole range of one bound index
`Delta`        1 where an index expression is zero, else 0 (Kronecker delta)
`Inside`       1 where ``0 <= e < n``, else 0 (a range condition)
`Bracket`      1 where a condition holds, else 0 (Iverson bracket)
`Cases`        a piecewise formula with a default
`Maximum`      the larger of two formulas; `Minimum` the smaller
`Call`         an elementwise operator applied to scalars, kept under its name
`Partial`      a derivative that has not been carried out yet
=============  ======================================================
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import sympy
from sympy import Basic, Expr, Integer, S
from sympy.core.symbol import Str

from symnn.formula.index import Index, as_formula, length
from symnn.formula.ranges import always_inside, is_linear, leads_with_minus, never_inside
from symnn.formula.real import RealNode


class Tensor(Basic):
    """A name with a shape. Scalars, vectors and matrices are tensors with 0, 1 and 2 dimensions.

    >>> from symnn.formula.index import dimension
    >>> n, m = dimension("n"), dimension("m")
    >>> W = Tensor("W", (m, n))
    >>> W.name, W.shape, W.rank
    ('W', (m, n), 2)
    """

    def __new__(cls, name: str, shape: tuple[Any, ...] = ()) -> Tensor:
        return _tensor(name.name if isinstance(name, Str) else name, tuple(map(length, shape)))

    @property
    def name(self) -> str:
        return str(self.args[0].name)

    @property
    def shape(self) -> tuple[Expr, ...]:
        return tuple(self.args[1])

    @property
    def rank(self) -> int:
        return len(self.args[1])

    def __getitem__(self, indices: Any) -> Entry:
        return Entry(self, *(indices if isinstance(indices, tuple) else (indices,)))

    def entry(self, *indices: Any) -> Entry:
        """The entry at `indices`; a scalar takes none."""
        return Entry(self, *indices)

    def _sympystr(self, printer: Any) -> str:
        return self.name


@lru_cache(maxsize=4096)
def _tensor(name: str, shape: tuple[Expr, ...]) -> Tensor:
    """The tensors in use, each made once: to see that two are the same takes no comparison of their shapes then."""
    tensor: Tensor = Basic.__new__(Tensor, Str(name), sympy.Tuple(*shape))
    return tensor


class Entry(RealNode):
    """An entry of a tensor. Raises ValueError when the number of indices is not the tensor's rank."""

    def __new__(cls, tensor: Tensor, *indices: Any) -> Entry:
        if len(indices) != tensor.rank:
            raise ValueError(f"{tensor.name} has {tensor.rank} dimensions, but {len(indices)} indices were given")
        return RealNode.__new__(cls, tensor, *[Integer(i) if isinstance(i, int) else i for i in indices])

    @property
    def tensor(self) -> Tensor:
        return self.args[0]

    @property
    def indices(self) -> tuple[Expr, ...]:
        return self.args[1:]

    def _free_symbols(self) -> set[Any]:
        return set().union(*(i.free_symbols for i in self.indices)) if self.indices else set()

    def _sympystr(self, printer: Any) -> str:
        if not self.indices:
            return self.tensor.name
        return f"{self.tensor.name}[{', '.join(printer._print(i) for i in self.indices)}]"


class Binder(RealNode):
    """A node that binds one index over its whole range ``0 .. n-1``."""

    def __new__(cls, body: Any, index: Index) -> Any:
        return RealNode.__new__(cls, as_formula(body), index)

    @property
    def body(self) -> Expr:
        return self.args[0]

    @property
    def index(self) -> Index:
        return self.args[1]

    def _free_symbols(self) -> set[Any]:
        # Not the symbols of a plain dimension: SymPy does not find them among the arguments, and what it concludes
        # about polynomials in a symbol it finds in one place and not in the other does not end.
        layers = {symbol for symbol in self.index.dimension.free_symbols if isinstance(symbol, Index)}
        return (self.body.free_symbols - {self.index}) | layers

    def _sympystr(self, printer: Any) -> str:
        return f"{type(self).__name__.lower()}({self.index}, {printer._print(self.body)})"


class Total(Binder):
    """The sum of `body` over every value of `index`.

    >>> from symnn.formula.index import Index, dimension
    >>> n = dimension("n"); i = Index("i", n); x = Tensor("x", (n,))
    >>> Total(x[i] ** 2, i)
    total(i, x[i]**2)
    """

    def __new__(cls, body: Any, index: Index) -> Any:
        body = as_formula(body)
        if body is S.Zero:
            return S.Zero
        return RealNode.__new__(cls, body, index)


class Extreme(Binder):
    """The largest value of `body` over every value of `index`."""


class Delta(RealNode):
    """1 where the two index expressions are equal, else 0. Stored as one difference with a fixed sign."""

    def __new__(cls, left: Any, right: Any = 0) -> Any:
        difference = sympy.expand(left - right)
        if difference is S.Zero or (not is_linear(difference) and difference.is_zero):
            return S.One
        if difference.is_number:
            return S.Zero
        if leads_with_minus(difference):
            difference = -difference
        return RealNode.__new__(cls, difference)

    @property
    def difference(self) -> Expr:
        return self.args[0]

    def _sympystr(self, printer: Any) -> str:
        return f"delta({printer._print(self.difference)})"


class Inside(RealNode):
    """1 where ``0 <= position < length``, else 0."""

    def __new__(cls, position: Any, length: Any) -> Any:
        position = as_formula(position)
        length = as_formula(length)
        if always_inside(position, length):
            return S.One
        if never_inside(position, length):
            return S.Zero
        return RealNode.__new__(cls, sympy.expand(position), length)

    @property
    def position(self) -> Expr:
        return self.args[0]

    @property
    def length(self) -> Expr:
        return self.args[1]

    def _sympystr(self, printer: Any) -> str:
        return f"inside({printer._print(self.position)}, {printer._print(self.length)})"


class Compare(Basic):
    """A comparison of two formulas: operator ``<``, ``<=``, ``>``, ``>=``, ``==`` or ``!=``."""

    OPERATORS = ("<", "<=", ">", ">=", "==", "!=")

    def __new__(cls, operator: Any, left: Any, right: Any) -> Compare:
        operator = operator.name if isinstance(operator, Str) else operator
        if operator not in cls.OPERATORS:
            raise ValueError(f"unknown comparison {operator!r}")
        return Basic.__new__(cls, Str(operator), as_formula(left), as_formula(right))

    @property
    def operator(self) -> str:
        return str(self.args[0].name)

    @property
    def left(self) -> Expr:
        return self.args[1]

    @property
    def right(self) -> Expr:
        return self.args[2]

    def _sympystr(self, printer: Any) -> str:
        return f"{printer._print(self.left)} {self.operator} {printer._print(self.right)}"


class AllOf(Basic):
    """Every one of the conditions holds."""

    def __new__(cls, *conditions: Basic) -> AllOf:
        return Basic.__new__(cls, *conditions)

    def _sympystr(self, printer: Any) -> str:
        return " and ".join(printer._print(c) for c in self.args)


class Bracket(RealNode):
    """1 where the condition (`Compare` or `AllOf`) holds, else 0."""

    def __new__(cls, condition: Basic) -> Any:
        return RealNode.__new__(cls, condition)

    @property
    def condition(self) -> Basic:
        return self.args[0]

    def _sympystr(self, printer: Any) -> str:
        return f"[{printer._print(self.condition)}]"


class Cases(RealNode):
    """The value of the first branch whose condition holds, else the default: ``Cases(((condition, value), …), default)``."""

    def __new__(cls, branches: Any, default: Any) -> Any:
        pairs = [sympy.Tuple(c, as_formula(v)) for c, v in branches]
        default = as_formula(default)
        if all(v == default for _, v in pairs):
            return default
        return RealNode.__new__(cls, sympy.Tuple(*pairs), default)

    @property
    def branches(self) -> tuple[tuple[Basic, Expr], ...]:
        return tuple((pair[0], pair[1]) for pair in self.args[0])

    @property
    def default(self) -> Expr:
        return self.args[1]

    def _sympystr(self, printer: Any) -> str:
        shown = "; ".join(f"{printer._print(v)} if {printer._print(c)}" for c, v in self.branches)
        return f"cases({shown}; else {printer._print(self.default)})"


class Maximum(RealNode):
    """The larger of two formulas."""

    def __new__(cls, left: Any, right: Any) -> Any:
        return RealNode.__new__(cls, as_formula(left), as_formula(right))

    def _sympystr(self, printer: Any) -> str:
        return f"max({printer._print(self.args[0])}, {printer._print(self.args[1])})"


class Minimum(RealNode):
    """The smaller of two formulas."""

    def __new__(cls, left: Any, right: Any) -> Any:
        return RealNode.__new__(cls, as_formula(left), as_formula(right))

    def _sympystr(self, printer: Any) -> str:
        return f"min({printer._print(self.args[0])}, {printer._print(self.args[1])})"


class Elementwise(Basic):
    """A named function of scalars: ``name(parameters) = body``.

    `body` is a formula in scalar tensors named like the parameters, or None for a function of which nothing is known
    (the ``f`` of "any activation f"). `order` counts the derivatives of such an unknown function: ``f'`` has order 1.
    Equality is by name, order and body.
    """

    def __new__(cls, name: str, parameters: tuple[str, ...], body: Expr | None = None, order: int = 0) -> Elementwise:
        name = name if isinstance(name, Str) else Str(name)
        letters = [p if isinstance(p, Str) else Str(p) for p in parameters]
        if body is not None and isinstance(body, Str):
            body = None
        return Basic.__new__(cls, name, sympy.Tuple(*letters), Str("") if body is None else body, Integer(order))

    @property
    def name(self) -> str:
        return str(self.args[0].name)

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(str(p.name) for p in self.args[1])

    @property
    def body(self) -> Expr | None:
        return None if isinstance(self.args[2], Str) else self.args[2]

    @property
    def order(self) -> int:
        return int(self.args[3])

    def prime(self) -> Elementwise:
        """The derivative of an unknown function of one variable, itself unknown."""
        if self.body is not None or len(self.parameters) != 1:
            raise ValueError(f"{self.name} has a definition or several arguments; differentiate the definition")
        return Elementwise(self.name, self.parameters, None, self.order + 1)

    def _sympystr(self, printer: Any) -> str:
        return self.name + "'" * self.order


class Call(RealNode):
    """An elementwise function applied to scalars, kept under its name until it is unfolded."""

    def __new__(cls, function: Elementwise, *arguments: Any) -> Any:
        if len(arguments) != len(function.parameters):
            raise ValueError(f"{function.name} takes {len(function.parameters)} arguments, not {len(arguments)}")
        return RealNode.__new__(cls, function, *[as_formula(a) for a in arguments])

    @property
    def function(self) -> Elementwise:
        return self.args[0]

    @property
    def arguments(self) -> tuple[Expr, ...]:
        return self.args[1:]

    def _free_symbols(self) -> set[Any]:
        return set().union(*(a.free_symbols for a in self.arguments))

    def _sympystr(self, printer: Any) -> str:
        return f"{printer._print(self.function)}({', '.join(printer._print(a) for a in self.arguments)})"


class Partial(RealNode):
    """The derivative of `body` with respect to an entry, not carried out yet."""

    def __new__(cls, body: Any, entry: Entry) -> Any:
        return RealNode.__new__(cls, as_formula(body), entry)

    @property
    def body(self) -> Expr:
        return self.args[0]

    @property
    def entry(self) -> Entry:
        return self.args[1]

    def _sympystr(self, printer: Any) -> str:
        return f"d({printer._print(self.body)})/d({printer._print(self.entry)})"


def total(body: Any, *indices: Index) -> Any:
    """The sum of `body` over several indices, the first one outermost."""
    for index in reversed(indices):
        body = Total(body, index)
    return body


def subformulas(formula: Basic) -> Iterator[Basic]:
    """Every node of a formula, parents first, without the tensors and functions themselves."""
    stack = [formula]
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, Entry):
            stack.extend(reversed(node.indices))
        elif isinstance(node, Call):
            stack.extend(reversed(node.arguments))
        elif not isinstance(node, Tensor | Elementwise | Str):
            stack.extend(reversed(node.args))


def entries(formula: Basic) -> set[Entry]:
    """Every tensor entry that occurs in a formula."""
    return {node for node in subformulas(formula) if isinstance(node, Entry)}


@lru_cache(maxsize=2048)
def tensors(formula: Basic) -> frozenset[Tensor]:
    """Every tensor that occurs in a formula. It is asked again and again of the same definitions."""
    return frozenset(entry.tensor for entry in entries(formula))
