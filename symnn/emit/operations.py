"""What a program is made of: operations on whole arrays, and values made by them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sympy import Expr, Integer

Kind = Literal["float", "bool", "int", "number"]
Shape = tuple[Expr, ...]
ONE = Integer(1)


@dataclass(frozen=True)
class Leaf:
    """An array that exists already: an argument, a parameter, a value from the cache."""

    name: str


@dataclass(frozen=True)
class Number:
    """A number made of sizes, hyperparameters and constants; computed by Python, not by NumPy."""

    formula: Expr


@dataclass(frozen=True)
class Ufunc:
    """An elementwise function of NumPy, by its name in ``np``; arguments broadcast."""

    name: str


@dataclass(frozen=True)
class Helper:
    """A function that the module defines itself: the safe side of a law."""

    name: str


@dataclass(frozen=True)
class Select:
    """``np.where(condition, value, otherwise)``."""


@dataclass(frozen=True)
class Matmul:
    """A matrix product, with leading axes shared."""


@dataclass(frozen=True)
class Tensordot:
    """A product summed over several axes at once, through one matrix product."""

    left: tuple[int, ...]
    right: tuple[int, ...]


@dataclass(frozen=True)
class Einsum:
    """A product of two arrays summed over shared axes that leaves neither with an axis of its own."""

    letters: str


@dataclass(frozen=True)
class Linalg:
    """A function of the matrices in the last two axes: ``inv``, or ``slogdet`` for the logarithm of ``|det|``."""

    name: Literal["inv", "slogdet"]


@dataclass(frozen=True)
class Reduce:
    """``sum`` or ``max`` over some axes."""

    name: Literal["sum", "max"]
    axes: tuple[int, ...]


@dataclass(frozen=True)
class Transpose:
    """A view with the axes in another order."""

    order: tuple[int, ...]


@dataclass(frozen=True)
class Expand:
    """A view with axes of length 1 put in; `axes` are positions in the result."""

    axes: tuple[int, ...]


@dataclass(frozen=True)
class Reshape:
    """The same entries under another shape."""

    shape: Shape


@dataclass(frozen=True)
class Pick:
    """A view at one position along some axes; None keeps an axis."""

    places: tuple[Any, ...]


@dataclass(frozen=True)
class Diagonal:
    """The entries where two axes agree; the common axis comes last."""

    first: int
    second: int


@dataclass(frozen=True)
class Slice:
    """A view of the positions from `start` to before `stop`."""

    axis: int
    start: Expr
    stop: Expr


@dataclass(frozen=True)
class Stride:
    """A view of every so-many-th position along each axis; a step of -1 turns an axis round."""

    steps: Shape


@dataclass(frozen=True)
class Windows:
    """A sliding view: each of the axes becomes positions of windows of a size, the windows are new last axes."""

    axes: tuple[int, ...]
    sizes: Shape


@dataclass(frozen=True)
class Pad:
    """Zeros before and after each axis."""

    before: Shape
    after: Shape


@dataclass(frozen=True)
class Fold:
    """Windows added up where they overlap, the transpose of a sliding view.

    What has the position i along `axis` and p along `window` is added at ``start + step i + dilation p``, if that is
    at least 0 and less than `size`. Without a window the entries are spread out.
    """

    axis: int
    window: int | None
    size: Expr
    start: Expr
    step: Expr
    dilation: Expr


@dataclass(frozen=True)
class Positions:
    """``0, 1, ..., size - 1``."""

    size: Expr


@dataclass(frozen=True)
class Cast:
    """A mask or positions as an array of the call's data type."""


@dataclass(frozen=True)
class Fill:
    """An array of one shape in which every entry along the missing axes is the same; a copy, not a view."""

    shape: Shape


@dataclass(frozen=True)
class Branch:
    """The first argument at one layer of a loop, the second at all others; only one of them is computed."""

    counter: Any
    place: Expr


@dataclass(frozen=True, eq=False)
class Loop:
    """Values that are computed step by step.

    `counter` stands for the step. `names` are the names of the arrays, which have the steps as their first axis,
    `carried` stands for them inside of a step, `steps` are what one step computes. `spare` more rows stay zero: what
    lies before the first step, or behind the last one. With `by_layer` the arrays are lists of arrays of different shapes.
    """

    counter: Any
    size: Expr
    backward: bool
    spare: int
    names: tuple[str, ...]
    carried: tuple[Value, ...]
    steps: tuple[Value, ...]
    by_layer: bool = False


@dataclass(frozen=True)
class Looped:
    """One array of a loop, all steps of it. The arguments are what the steps take from outside of the loop."""

    loop: Loop
    place: int


Operation = (
    Leaf | Number | Ufunc | Helper | Select | Matmul | Tensordot | Einsum | Linalg | Reduce | Transpose | Expand
    | Branch | Reshape | Pick | Diagonal | Slice | Stride | Windows | Pad | Fold | Positions | Cast | Fill | Looped
)  # fmt: skip

VIEWS = (Transpose, Expand, Pick, Diagonal, Slice, Stride, Windows)
COMPARISONS = frozenset({"greater", "greater_equal", "less", "less_equal", "equal", "not_equal"})
MIXES = frozenset({"multiply", "maximum", "minimum", "add"})
"""Functions of a floating array and a mask that keep the floating data type and need no conversion first."""
WHOLE = frozenset({"add", "subtract", "multiply", "negative"})
"""Functions of whole numbers that are whole numbers."""
LOGICAL = frozenset({"logical_and", "logical_not"})


@dataclass(frozen=True, eq=False)
class Value:
    """One array of the plan. Two values are equal when they are the same object."""

    operation: Operation
    arguments: tuple[Value, ...]
    shape: Shape
    kind: Kind

    @property
    def rank(self) -> int:
        return len(self.shape)

    @property
    def is_number(self) -> bool:
        return self.kind == "number"

    @property
    def is_view(self) -> bool:
        """Whether the value shares memory with its argument."""
        return isinstance(self.operation, VIEWS)

    @property
    def owner(self) -> Value:
        """The value whose memory this one is a view of; itself when it has its own."""
        value = self
        while value.is_view or isinstance(value.operation, Reshape):
            value = value.arguments[0]
        return value
