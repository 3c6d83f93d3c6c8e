"""Arrays of formulas, definitions of operators and their application to arrays.

An `Array` is a formula with named free indices: "the entry at (i, j)" for all i and j. A `Definition` is an operator
as an ordered list of named equations. An `Application` is one entry of an operator applied to arrays, kept under the
operator's name until it is unfolded or hoisted into equations of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sympy
from sympy import Basic, Expr, Integer, Tuple
from sympy.core.symbol import Str

from symnn.formula.index import Index, as_formula, length
from symnn.formula.nodes import Binder, Tensor, subformulas
from symnn.formula.real import RealNode
from symnn.formula.substitute import inline, rebuild, substitute_entries, substitute_indices


class ShapeError(ValueError):
    """Arrays of these shapes cannot be combined this way."""


class Array(Basic):
    """A formula over free indices, one for each axis.

    >>> from symnn.formula.index import dimension
    >>> n = dimension("n"); x = Tensor("x", (n,))
    >>> a = Array.of(x); a.shape, a.at(Integer(0))
    ((n,), x[0])
    """

    binds_indices = True

    def __new__(cls, indices: Sequence[Index], body: Any) -> Array:
        return Basic.__new__(cls, Tuple(*indices), as_formula(body))

    @classmethod
    def of(cls, tensor: Tensor) -> Array:
        """The array of a tensor's own entries."""
        indices = axis_indices(tensor.shape)
        return cls(indices, tensor.entry(*indices))

    @property
    def indices(self) -> tuple[Index, ...]:
        return tuple(self.args[0])

    @property
    def body(self) -> Expr:
        return self.args[1]

    @property
    def shape(self) -> tuple[Expr, ...]:
        return tuple(index.dimension for index in self.indices)

    @property
    def rank(self) -> int:
        return len(self.args[0])

    @property
    def free_symbols(self) -> set[Any]:
        return self.body.free_symbols - set(self.indices)

    def at(self, *places: Any) -> Expr:
        """The entry at these index expressions."""
        if len(places) != self.rank:
            raise ShapeError(f"{self.rank} axes, but {len(places)} indices")
        return substitute_indices(self.body, dict(zip(self.indices, places, strict=True)))

    def plain_tensor(self) -> Tensor | None:
        """The tensor whose entries these are, in order, when the array is nothing but a tensor."""
        body = self.body
        if hasattr(body, "tensor") and tuple(body.indices) == self.indices:
            return body.tensor
        return None


AXIS_LETTERS = "ijklpqrsuv"


def axis_indices(shape: Sequence[Any]) -> tuple[Index, ...]:
    """Fresh indices, one for each axis of a shape."""
    return tuple(Index(AXIS_LETTERS[axis], dimension).fresh() for axis, dimension in enumerate(shape))


@dataclass(frozen=True)
class NamedFormula:
    """``tensor[indices] = formula``."""

    tensor: Tensor
    indices: tuple[Index, ...]
    formula: Any


@dataclass(frozen=True)
class StateUpdate(NamedFormula):
    """The next value of what an operator keeps between steps of training; `start` is every entry before the first."""

    start: Any


class Definition(Basic):
    """An operator: parameters, named intermediate values in order, and a result.

    Arguments: the operator's name, its parameters (tensors), its constants (symbols), and a `Tuple` of
    ``(tensor, indices, formula)`` for the intermediate values and, last, the result. An operator that keeps a state
    between steps of training has three more tuples: the update of each state, in terms of the values of a step and of the
    state before; the intermediate values that have other formulas once training is over; and ``(symbol, number)`` for the
    constants of updates.
    """

    def __new__(
        cls,
        name: str,
        parameters: Sequence[Tensor],
        constants: Sequence[Any],
        steps: Any,
        updates: Any = (),
        in_use: Any = (),
        rates: Any = (),
    ) -> Definition:
        shown = name if isinstance(name, Str) else Str(name)
        rows = [Tuple(*map(_row, formulas)) for formulas in (steps, updates, in_use)]
        rows.append(Tuple(*[Tuple(*rate) for rate in rates]))
        return Basic.__new__(cls, shown, Tuple(*parameters), Tuple(*constants), *rows)

    @property
    def name(self) -> str:
        return str(self.args[0].name)

    @property
    def parameters(self) -> tuple[Tensor, ...]:
        return tuple(self.args[1])

    @property
    def constants(self) -> tuple[Any, ...]:
        return tuple(self.args[2])

    @property
    def steps(self) -> tuple[NamedFormula, ...]:
        return _formulas(self.args[3])

    @property
    def updates(self) -> tuple[StateUpdate, ...]:
        """The next value of each state."""
        return tuple(StateUpdate(row[0], tuple(row[1]), row[2], row[3]) for row in self.args[4])

    @property
    def in_use(self) -> tuple[NamedFormula, ...]:
        """The intermediate values that have another formula, in terms of the states, once training is over."""
        return _formulas(self.args[5])

    @property
    def rates(self) -> dict[Any, Any]:
        """The constants that only the updates have, with their usual values."""
        return dict(self.args[6])

    @property
    def lets(self) -> tuple[NamedFormula, ...]:
        return self.steps[:-1]

    @property
    def result(self) -> NamedFormula:
        return self.steps[-1]

    @property
    def is_composite(self) -> bool:
        """Whether the operator is written with other operators, so that its equations stand on their own."""
        return any(step.formula.has(Application) for step in self.steps)

    def _sympystr(self, printer: Any) -> str:
        return self.name


def _row(formula: Any) -> Any:
    if not isinstance(formula, NamedFormula):
        return formula
    start = (formula.start,) if isinstance(formula, StateUpdate) else ()
    return Tuple(formula.tensor, Tuple(*formula.indices), formula.formula, *start)


def _formulas(rows: Any) -> tuple[NamedFormula, ...]:
    return tuple(NamedFormula(row[0], tuple(row[1]), row[2]) for row in rows)


class Application(RealNode):
    """One entry of an operator's result, for arguments given as arrays.

    Axes of an argument beyond those of its parameter come first and are shared: softmax of a matrix is taken row by
    row. ``places`` holds the index expressions of the entry: the shared axes, then the axes of the result.
    """

    def __new__(cls, definition: Definition, arguments: Any, constants: Any, places: Any) -> Any:
        arguments = [a if isinstance(a, Array) else Array(a[0], a[1]) for a in arguments]
        if len(arguments) != len(definition.parameters):
            raise ShapeError(
                f"{definition.name} takes {len(definition.parameters)} arguments, but {len(arguments)} were given"
            )
        places = [Integer(p) if isinstance(p, int) else p for p in places]
        constants = [as_formula(c) for c in constants]
        return RealNode.__new__(cls, definition, Tuple(*arguments), Tuple(*constants), Tuple(*places))

    @property
    def definition(self) -> Definition:
        return self.args[0]

    @property
    def arguments(self) -> tuple[Array, ...]:
        return tuple(self.args[1])

    @property
    def constants(self) -> tuple[Expr, ...]:
        return tuple(self.args[2])

    @property
    def places(self) -> tuple[Expr, ...]:
        return tuple(self.args[3])

    def _free_symbols(self) -> set[Any]:
        parts = (*self.arguments, *self.constants, *self.places)
        return set().union(*(part.free_symbols for part in parts))

    def _sympystr(self, printer: Any) -> str:
        shown = ", ".join(printer._print(a.body) for a in self.arguments)
        return f"{self.definition.name}({shown})[{', '.join(map(printer._print, self.places))}]"


@dataclass(frozen=True)
class Binding:
    """How a definition's letters are bound for one application: dimensions and shared leading axes."""

    dimensions: dict[Any, Expr]
    shared: tuple[Expr, ...]
    has_shared: tuple[bool, ...]


def bind_shapes(definition: Definition, shapes: Sequence[tuple[Expr, ...]], constants: Sequence[Any] = ()) -> Binding:
    """Match argument shapes with parameter shapes.

    Values of the constants are bound along with the dimensions: a stride may stand in a dimension.

    Raises ShapeError when an argument has too few axes, when one letter would stand for two dimensions, or when the
    shared leading axes of two arguments differ.
    """
    dimensions: dict[Any, Expr] = dict(zip(definition.constants, constants, strict=False))
    shared: tuple[Expr, ...] = ()
    has_shared = []
    for parameter, shape in zip(definition.parameters, shapes, strict=True):
        if len(shape) < parameter.rank:
            raise ShapeError(
                f"{definition.name}: {parameter.name} needs {parameter.rank} axes or more, but has shape {_shown(shape)}"
            )
        lead, own = shape[: len(shape) - parameter.rank], shape[len(shape) - parameter.rank :]
        if lead and shared and lead != shared:
            raise ShapeError(f"{definition.name}: leading axes {_shown(lead)} and {_shown(shared)} differ")
        shared = shared or lead
        has_shared.append(bool(lead))
        for letter, actual in zip(parameter.shape, own, strict=True):
            if letter.is_number:
                if letter != actual:
                    raise ShapeError(f"{definition.name}: {parameter.name} has shape {_shown(shape)}")
            elif dimensions.setdefault(letter, actual) != actual:
                raise ShapeError(
                    f"{definition.name}: {letter} would be {dimensions[letter]} and {actual} at the same time"
                )
    return Binding(dimensions, shared, tuple(has_shared))


def _shown(shape: Sequence[Any]) -> str:
    return "(" + ", ".join(map(str, shape)) + ")"


def result_shape(
    definition: Definition, shapes: Sequence[tuple[Expr, ...]], constants: Sequence[Any] = ()
) -> tuple[Expr, ...]:
    """The shape of the result for arguments of these shapes."""
    binding = bind_shapes(definition, shapes, constants)
    return (*binding.shared, *(length(d.xreplace(binding.dimensions)) for d in definition.result.tensor.shape))


def resize(formula: Any, dimensions: dict[Any, Expr]) -> Any:
    """Replace dimension letters in a formula, also in the ranges of its indices and the shapes of its tensors."""
    if not dimensions:
        return formula
    if isinstance(formula, Index):
        return formula.over(formula.dimension.xreplace(dimensions))
    if isinstance(formula, sympy.Symbol):
        return dimensions.get(formula, formula)
    if isinstance(formula, Tensor):
        return Tensor(formula.name, tuple(d.xreplace(dimensions) for d in formula.shape))
    if not formula.args:
        return formula
    bound = _bound(formula)
    if bound:
        return _resize_binder(formula, bound, dimensions)
    return rebuild(formula, [resize(argument, dimensions) for argument in formula.args])


def _bound(formula: Any) -> tuple[Index, ...]:
    if isinstance(formula, Binder):
        return (formula.index,)
    return formula.indices if isinstance(formula, Array) else ()


def _resize_binder(formula: Any, bound: tuple[Index, ...], dimensions: dict[Any, Expr]) -> Any:
    """A binder, with its indices kept apart from free ones that differed in the dimension alone."""
    free = {s for s in formula.body.free_symbols if isinstance(s, Index)} - set(bound)
    taken = {resize(index, dimensions) for index in free}
    renamed: dict[Index, Index] = {}
    for index in bound:
        after = resize(index, dimensions)
        if after in taken:
            renamed[index] = index.fresh()
        taken.add(after)
    body = resize(substitute_indices(formula.body, renamed), dimensions)
    indices = [resize(renamed.get(index, index), dimensions) for index in bound]
    return Array(indices, body) if isinstance(formula, Array) else formula.func(body, indices[0])


def unfold_application(application: Application) -> Any:
    """The entry written out: the result's formula with every intermediate value and argument put in."""
    definition = application.definition
    binding = bind_shapes(definition, [a.shape for a in application.arguments], application.constants)
    lead = len(binding.shared)
    steps = [
        NamedFormula(
            resize(s.tensor, binding.dimensions),
            tuple(resize(i, binding.dimensions) for i in s.indices),
            resize(s.formula, binding.dimensions),
        )
        for s in definition.steps
    ]
    shared_places, own_places = application.places[:lead], application.places[lead:]
    result = steps[-1]
    formula = substitute_indices(result.formula, dict(zip(result.indices, own_places, strict=True)))
    for step in reversed(steps[:-1]):
        formula = inline(formula, step.tensor, step.indices, step.formula)
    arguments = {
        resize(parameter, binding.dimensions): (array, shared_places if has else ())
        for parameter, array, has in zip(definition.parameters, application.arguments, binding.has_shared, strict=True)
    }

    def value(entry: Any) -> Any | None:
        found = arguments.get(entry.tensor)
        return None if found is None else found[0].at(*found[1], *entry.indices)

    return substitute_entries(formula, value)


@lru_cache(maxsize=4096)
def _has_application(formula: Any) -> bool:
    # asked of the same definitions before every proof and every point
    return any(isinstance(node, Application) for node in subformulas(formula))


def unfold_applications(formula: Any) -> Any:
    """Every operator application written out, innermost first."""
    if not isinstance(formula, Basic) or not _has_application(formula):
        return formula
    if isinstance(formula, Application):
        arguments = [Array(a.indices, unfold_applications(a.body)) for a in formula.arguments]
        written = unfold_application(Application(formula.definition, arguments, formula.constants, formula.places))
        return unfold_applications(written)
    return rebuild(formula, [unfold_applications(argument) for argument in formula.args])
