"""Shapes by unification.

A `Dim` is a dimension that may not be known yet, a `Shape` a list of them whose length may not be known yet. Both are
nodes of union-find trees; every change is written to a trail, so that a choice can be tried and taken back. What a
formula demands of shapes is a `Constraint` (see ``constraints``); constraints wake up when a shape they watch changes.

Union by size without path compression keeps undoing simple (J. Siekmann's survey *Unification theory*, 1989, has the
background of unification itself).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from sympy import Expr, Symbol

from symnn.notes.read.passages import Spot


class Clash(Exception):
    """Two shapes or dimensions cannot be the same. Turned into an error with places by whoever knows the formula."""

    def __init__(self, message: str, origins: Iterable[tuple[str, Spot]] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.origins = tuple(origins)
        self.spot: Spot | None = None


class Constraint(Protocol):
    """Something that a formula demands of shapes."""

    spot: Spot
    queued: bool

    @property
    def done(self) -> bool:
        """Whether nothing is left to conclude."""

    def propagate(self, solver: Solver) -> None:
        """Draw conclusions from what is known. Raises Clash when nothing can satisfy the constraint."""


class Dim:
    """A dimension: `value` is a SymPy integer expression, or None as long as it is open."""

    __slots__ = ("origin", "parent", "size", "value", "watchers")

    def __init__(self, value: Expr | None, origin: Spot | None) -> None:
        self.parent: Dim | None = None
        self.size = 1
        self.value = value
        self.origin = origin
        self.watchers: list[Constraint] = []


class Shape:
    """A shape: `dims` is None as long as the number of axes is open; `least` is known to be reached by it."""

    __slots__ = ("dims", "least", "origin", "parent", "size", "watchers")

    def __init__(self, dims: tuple[Dim, ...] | None, origin: Spot | None) -> None:
        self.parent: Shape | None = None
        self.size = 1
        self.dims = dims
        self.least = 0 if dims is None else len(dims)
        self.origin = origin
        self.watchers: list[Constraint] = []


@dataclass(frozen=True)
class _Change:
    target: Any
    field: str
    before: Any


class Solver:
    """Shapes, the constraints between them, and the trail of what was concluded."""

    def __init__(self, longest: Expr | None = None) -> None:
        self.longest = longest  # stands for a size that differs from layer to layer, which may be any
        self.constraints: list[Constraint] = []
        self._trail: list[_Change] = []
        self._queue: deque[Constraint] = deque()

    # -- making

    def dim(self, value: Expr | None = None, origin: Spot | None = None) -> Dim:
        """A new dimension, open unless a value is given."""
        return Dim(value, origin)

    def shape(self, dims: Iterable[Dim] | None = None, origin: Spot | None = None) -> Shape:
        """A new shape, open unless its dimensions are given."""
        return Shape(None if dims is None else tuple(dims), origin)

    # -- looking

    def root(self, dim: Dim) -> Dim:
        """The dimension that stands for all those that were unified with this one."""
        while dim.parent is not None:
            dim = dim.parent
        return dim

    def top(self, shape: Shape) -> Shape:
        """The shape that stands for all those that were unified with this one."""
        while shape.parent is not None:
            shape = shape.parent
        return shape

    def rank(self, shape: Shape) -> int | None:
        """The number of axes, or None while it is open."""
        dims = self.top(shape).dims
        return None if dims is None else len(dims)

    def dims(self, shape: Shape) -> tuple[Dim, ...]:
        """The dimensions of a shape whose number of axes is known."""
        dims = self.top(shape).dims
        if dims is None:
            raise ValueError("the number of axes is not known yet")
        return dims

    def value(self, dim: Dim) -> Expr | None:
        """The value of a dimension, or None while it is open."""
        return self.root(dim).value

    def values(self, shape: Shape) -> tuple[Expr, ...]:
        """The values of all dimensions. Raises ValueError when one is open."""
        found = [self.value(dim) for dim in self.dims(shape)]
        if any(value is None for value in found):
            raise ValueError("a dimension is not known yet")
        return tuple(value for value in found if value is not None)

    def shown(self, shape: Shape) -> str:
        """The shape for a message, with ``?`` for what is open.

        >>> from symnn.formula.index import dimension
        >>> solver = Solver(); solver.shown(solver.shape([solver.dim(dimension("n")), solver.dim()]))
        '(n, ?)'
        """
        dims = self.top(shape).dims
        if dims is None:
            return "?"
        if not dims:
            return "scalar"
        return "(" + ", ".join("?" if self.value(d) is None else str(self.value(d)) for d in dims) + ")"

    def may_equal(self, left: Dim, right: Dim) -> bool:
        """Whether two dimensions are or can become the same."""
        left, right = self.root(left), self.root(right)
        known = (left.value, right.value)
        return left is right or None in known or left.value == right.value or (self.longest in known and 1 not in known)

    # -- changing

    def set(self, target: Any, field: str, value: Any) -> None:
        """Change an attribute so that it can be taken back."""
        self._trail.append(_Change(target, field, getattr(target, field)))
        setattr(target, field, value)

    def _wake(self, watchers: Iterable[Constraint]) -> None:
        for constraint in watchers:
            if not constraint.queued:
                constraint.queued = True
                self._queue.append(constraint)

    def unify_dims(self, left: Dim, right: Dim) -> None:
        """Make two dimensions the same. Raises Clash when both are known and differ.

        Where sizes differ from layer to layer, those of layers are told apart later (`symnn.network.reach`).
        """
        left, right = self.root(left), self.root(right)
        if left is right:
            return
        differ = left.value is not None and right.value is not None and left.value != right.value
        if differ and not self._may_be_of_layers(left, right):
            origins = [(f"{d.value} comes from here", d.origin) for d in (left, right) if d.origin is not None]
            raise Clash(f"{left.value} and {right.value} differ", origins)
        if (left.value is None) != (right.value is None):
            self._wake((left if left.value is None else right).watchers)
        if left.size < right.size:
            left, right = right, left
        self.set(right, "parent", left)
        self.set(left, "size", left.size + right.size)
        if left.value is None and right.value is not None:
            self.set(left, "value", right.value)
            self.set(left, "origin", right.origin)
        elif differ:
            self.set(left, "value", self.longest)
        left.watchers.extend(right.watchers)

    def _may_be_of_layers(self, left: Dim, right: Dim) -> bool:
        """Whether two sizes may be those of the first and the last layer, say, which are one while shapes are worked out."""
        values = (left.value, right.value)
        return self.longest is not None and (self.longest in values or all(isinstance(v, Symbol) for v in values))

    def set_dim(self, dim: Dim, value: Expr, origin: Spot | None) -> None:
        """Give a dimension a value."""
        self.unify_dims(dim, Dim(value, origin))

    def set_dims(self, shape: Shape, dims: tuple[Dim, ...], origin: Spot | None = None) -> None:
        """Give a shape its dimensions."""
        self.unify(shape, Shape(dims, origin))

    def set_rank(self, shape: Shape, rank: int, origin: Spot | None = None) -> None:
        """Fix the number of axes."""
        if self.rank(shape) != rank:
            self.set_dims(shape, tuple(Dim(None, None) for _ in range(rank)), origin)

    def at_least(self, shape: Shape, rank: int) -> None:
        """Note that a shape has at least this many axes. Raises Clash when it is known to have fewer."""
        shape = self.top(shape)
        if shape.dims is not None and len(shape.dims) < rank:
            needed = "at least 1 axis is" if rank == 1 else f"at least {rank} axes are"
            raise Clash(
                f"{needed} needed, but the shape is {self.shown(shape)}",
                [] if shape.origin is None else [("its shape comes from here", shape.origin)],
            )
        if shape.least < rank:
            self.set(shape, "least", rank)
            self._wake(shape.watchers)

    def unify(self, left: Shape, right: Shape) -> None:
        """Make two shapes the same. Raises Clash when they cannot be."""
        left, right = self.top(left), self.top(right)
        if left is right:
            return
        if left.dims is not None and right.dims is not None:
            if len(left.dims) != len(right.dims):
                raise self._mismatch(left, right)
            for one, other in zip(left.dims, right.dims, strict=True):
                try:
                    self.unify_dims(one, other)
                except Clash as clash:
                    raise self._mismatch(left, right, clash) from clash
        elif left.dims is not None or right.dims is not None:
            known, open_ = (left, right) if left.dims is not None else (right, left)
            if known.dims is not None and len(known.dims) < open_.least:
                raise Clash(f"at least {open_.least} axes are needed, but the shape is {self.shown(known)}")
        for first, second in ((left, right), (right, left)):
            if first.dims is None and (second.dims is not None or second.least > first.least):
                self._wake(first.watchers)
        if left.size < right.size:
            left, right = right, left
        self.set(right, "parent", left)
        self.set(left, "size", left.size + right.size)
        if left.dims is None and right.dims is not None:
            self.set(left, "dims", right.dims)
            self.set(left, "origin", right.origin)
        if right.least > left.least:
            self.set(left, "least", right.least)
        left.watchers.extend(right.watchers)

    def _mismatch(self, left: Shape, right: Shape, clash: Clash | None = None) -> Clash:
        origins = list(clash.origins) if clash is not None else []
        for shape in (left, right):
            if shape.origin is not None and all(spot != shape.origin for _, spot in origins):
                origins.append((f"shape {self.shown(shape)} comes from here", shape.origin))
        return Clash(f"shapes {self.shown(left)} and {self.shown(right)} do not fit together", origins)

    # -- running

    def add(self, constraint: Constraint, shapes: Iterable[Shape]) -> None:
        """Add a constraint that watches these shapes."""
        self.constraints.append(constraint)
        for shape in shapes:
            self.top(shape).watchers.append(constraint)
        self._wake([constraint])

    def watch(self, constraint: Constraint, dims: Iterable[Dim]) -> None:
        """Add a constraint that watches these dimensions."""
        self.constraints.append(constraint)
        for dim in dims:
            self.root(dim).watchers.append(constraint)
        self._wake([constraint])

    def watch_dims(self, constraint: Constraint, shape: Shape) -> None:
        """Let a constraint also watch the dimensions of a shape whose rank is known."""
        for dim in self.dims(shape):
            watchers = self.root(dim).watchers
            if constraint not in watchers:
                watchers.append(constraint)

    def propagate(self) -> None:
        """Run the constraints that are awake until nothing changes. Raises Clash."""
        try:
            while self._queue:
                constraint = self._queue.popleft()
                constraint.queued = False
                try:
                    constraint.propagate(self)
                except Clash as clash:
                    clash.spot = clash.spot or constraint.spot
                    raise
        except Clash:
            while self._queue:
                self._queue.popleft().queued = False
            raise

    def attempt(self, action: Callable[[], None]) -> Clash | None:
        """Do something and draw its conclusions; take all of it back and return the clash if there is one."""
        mark, count = len(self._trail), len(self.constraints)
        try:
            action()
            self.propagate()
        except Clash as clash:
            self.undo(mark)
            del self.constraints[count:]
            return clash
        return None

    def mark(self) -> int:
        """A point in the trail to come back to."""
        return len(self._trail)

    def undo(self, mark: int) -> None:
        """Take back everything since the mark."""
        while len(self._trail) > mark:
            change = self._trail.pop()
            setattr(change.target, change.field, change.before)
        while self._queue:
            self._queue.popleft().queued = False
