"""What formulas demand of shapes: sums broadcast, products contract, operators map axes.

A product without a clear sign has several possible meanings. `Choice` holds them as patterns such as
``("m k", "k", "m")``: the shapes of both factors and of the result. Patterns are struck out as shapes become known;
the order of the patterns is the order of preference.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

import sympy
from sympy import Expr

from symnn.formula.index import length
from symnn.formula.ranges import upper_bound
from symnn.notes.read.passages import Spot
from symnn.notes.read.shapes.shapes import Clash, Constraint, Dim, Shape, Solver

Pattern = tuple[tuple[str, ...], ...]


@dataclass(eq=False)
class Broadcast:
    """Terms of a sum, entry by entry: each operand has the last axes of the result, or all of them, or none.

    An axis of one is stretched to what the other operands have there.
    """

    operands: tuple[Shape, ...]
    result: Shape
    spot: Spot
    queued: bool = False
    done: bool = False

    def propagate(self, solver: Solver) -> None:
        """Settle axes from the right; the widest operand decides the rank of the result."""
        ranks = [solver.rank(shape) for shape in self.operands]
        result = solver.rank(self.result)
        known = [rank for rank in ranks if rank is not None]
        if result is None:
            least = max([*known, *(solver.top(shape).least for shape in self.operands)])
            if least:
                solver.at_least(self.result, least)
            if len(known) == len(ranks):
                result = max(known)
                widest = min(
                    (shape for shape, rank in zip(self.operands, ranks, strict=True) if rank == result),
                    key=lambda shape: sum(solver.value(dim) == 1 for dim in solver.dims(shape)),
                )
                solver.unify(self.result, widest)
        if result is not None:
            if any(rank > result for rank in known) or (len(known) == len(ranks) and max(known) < result):
                widest = self.operands[ranks.index(max(known))]
                raise _unfit(solver, widest, self.result)
            dims = solver.dims(self.result)
            for shape, rank in zip(self.operands, ranks, strict=True):
                if rank:
                    for one, other in zip(solver.dims(shape), dims[result - rank :], strict=True):
                        if solver.value(one) == 1 and solver.value(other) != 1 and self.supplied(solver, shape, one):
                            continue
                        try:
                            solver.unify_dims(one, other)
                        except Clash as clash:
                            raise _unfit(solver, shape, self.result, clash) from clash
                elif rank is None and result == 0:
                    solver.set_rank(shape, 0, self.spot)
            unknown = [shape for shape, rank in zip(self.operands, ranks, strict=True) if rank is None]
            if len(unknown) == 1 and all(rank < result for rank in known):
                solver.unify(unknown[0], self.result)
        if not solver_is_open(solver, (*self.operands, self.result)) and not self.done:
            solver.set(self, "done", True)

    def supplied(self, solver: Solver, shape: Shape, dim: Dim) -> bool:
        """Whether another operand has, or may have, more than one place on this axis of a shape."""
        from_right = len(solver.dims(shape)) - solver.dims(shape).index(dim)
        for other in self.operands:
            rank = solver.rank(other)
            if other is not shape and (
                rank is None or (rank >= from_right and solver.value(solver.dims(other)[-from_right]) != 1)
            ):
                return True
        return False


def solver_is_open(solver: Solver, shapes: Sequence[Shape]) -> bool:
    """Whether the rank of one of the shapes is not known."""
    return any(solver.rank(shape) is None for shape in shapes)


def _unfit(solver: Solver, left: Shape, right: Shape, clash: Clash | None = None) -> Clash:
    origins = list(clash.origins) if clash is not None else []
    for shape in (left, right):
        origin = solver.top(shape).origin
        if origin is not None and all(spot != origin for _, spot in origins):
            origins.append((f"shape {solver.shown(shape)} comes from here", origin))
    return Clash(f"shapes {solver.shown(left)} and {solver.shown(right)} do not fit together", origins)


@dataclass(eq=False)
class Transposed:
    """The last two axes change places; a vector or a number stays what it is."""

    operand: Shape
    result: Shape
    spot: Spot
    queued: bool = False
    done: bool = False

    def propagate(self, solver: Solver) -> None:
        """Carry axes over as soon as the rank of one side is known."""
        for source, target in ((self.operand, self.result), (self.result, self.operand)):
            rank = solver.rank(source)
            if rank is None:
                continue
            dims = solver.dims(source)
            if rank >= 2:
                dims = (*dims[:-2], dims[-1], dims[-2])
            solver.set_dims(target, dims, solver.top(source).origin)
            if not self.done:
                solver.set(self, "done", True)
            return


@dataclass(eq=False)
class Leading:
    """`whole` has the dimensions `lead` first and then those of `rest`."""

    whole: Shape
    lead: tuple[Dim, ...]
    rest: Shape
    spot: Spot
    queued: bool = False
    done: bool = False

    def propagate(self, solver: Solver) -> None:
        """Carry axes over as soon as the rank of one side is known."""
        if not self.done:
            solver.at_least(self.whole, len(self.lead) + solver.top(self.rest).least)
        if solver.rank(self.rest) is not None:
            solver.set_dims(self.whole, (*self.lead, *solver.dims(self.rest)), self.spot)
        elif solver.rank(self.whole) is not None:
            dims = solver.dims(self.whole)
            if len(dims) < len(self.lead):
                raise Clash(f"{len(self.lead)} indices, but the shape is {solver.shown(self.whole)}")
            for one, other in zip(self.lead, dims, strict=False):
                solver.unify_dims(one, other)
            solver.set_dims(self.rest, dims[len(self.lead) :], solver.top(self.whole).origin)
        else:
            return
        if not self.done:
            solver.set(self, "done", True)


@dataclass(eq=False)
class Operated:
    """An operator: the last axes of operands and result follow its pattern, the axes before them are shared.

    `computed` are the sizes of the result that follow from the letters; the pattern names them by their text.
    """

    operands: tuple[Shape, ...]
    result: Shape
    pattern: Pattern
    spot: Spot
    queued: bool = False
    done: bool = False
    computed: tuple[Expr, ...] = ()

    def propagate(self, solver: Solver) -> None:
        """Bind the pattern once the number of shared axes is known."""
        shapes = (*self.operands, self.result)
        for shape, letters in zip(shapes, self.pattern, strict=True):
            solver.at_least(shape, len(letters))
        ranks = [solver.rank(shape) for shape in shapes]
        own = [len(letters) for letters in self.pattern]
        extra = [None if rank is None else rank - count for rank, count in zip(ranks, own, strict=True)]
        operands, result = extra[:-1], extra[-1]
        known = [lead for lead in operands if lead is not None]
        if len(known) == len(operands):
            self.bind(solver, max(known))
        elif result == 0:
            self.bind(solver, 0)
        elif known and max(known) > 0:
            self.bind(solver, max(known), waiting=True)
        elif result is not None and len(operands) - len(known) == 1:
            self.bind(solver, result)

    def bind(self, solver: Solver, lead: int, *, alone: Collection[Shape] = (), waiting: bool = False) -> None:
        """Fix the number of shared axes: operands whose rank is not known get all of them.

        Those in `alone` get none. With `waiting`, what is not known stays open.
        """
        shared = tuple(solver.dim() for _ in range(lead))
        bound: dict[str, Dim] = {}
        for place, (shape, letters) in enumerate(zip((*self.operands, self.result), self.pattern, strict=True)):
            own = tuple(bound.setdefault(letter, solver.dim()) for letter in letters)
            rank = solver.rank(shape)
            is_result = place == len(self.operands)
            if waiting and rank is None and not is_result:
                continue
            without = (rank is not None and rank == len(letters) and not is_result) or shape in alone
            solver.set_dims(shape, own if without else (*shared, *own), self.spot)
        if not self.done and not waiting:
            solver.set(self, "done", True)
            for formula in self.computed:
                named = tuple((symbol, bound[str(symbol)]) for symbol in formula.free_symbols if str(symbol) in bound)
                constraint = Computed(bound[str(formula)], formula, named, self.spot)
                solver.watch(constraint, [dim for _, dim in named])


@dataclass(eq=False)
class Computed:
    """A dimension that follows from others: ``floor((n - width) / stride) + 1``; `letters` stand for the others."""

    dim: Dim
    formula: Expr
    letters: tuple[tuple[Expr, Dim], ...]
    spot: Spot
    queued: bool = False
    done: bool = False

    def propagate(self, solver: Solver) -> None:
        """Compute it once the others are known."""
        values = {letter: solver.value(dim) for letter, dim in self.letters}
        if not self.done and all(value is not None for value in values.values()):
            solver.set(self, "done", True)
            solver.set_dim(self.dim, length(self.formula.xreplace(values)), self.spot)


@dataclass(eq=False)
class Same:
    """Two shapes are the same; a constraint of its own so that a clash is told at this spot."""

    left: Shape
    right: Shape
    spot: Spot
    queued: bool = False
    done: bool = False

    def propagate(self, solver: Solver) -> None:
        """Unify."""
        solver.unify(self.left, self.right)
        if not self.done:
            solver.set(self, "done", True)


@dataclass(eq=False)
class Choice:
    """One of several patterns holds, the first ones preferred.

    A pattern is a tuple of letter tuples, one for each shape of `shapes`; the letter ``1`` is a dimension of one.
    `names` says in words what each pattern means. `order` may put the patterns in another order of preference once
    more is known. `signal` marks a choice whose meaning the notation itself suggests.
    """

    shapes: tuple[Shape, ...]
    patterns: tuple[Pattern, ...]
    names: tuple[str, ...]
    spot: Spot
    queued: bool = False
    alive: tuple[int, ...] = ()
    chosen: int | None = None
    signal: bool = False
    order: Callable[[Solver, tuple[int, ...]], tuple[int, ...]] | None = None
    watching: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.alive = tuple(range(len(self.patterns)))

    @property
    def done(self) -> bool:
        """Whether one pattern was settled on."""
        return self.chosen is not None

    def propagate(self, solver: Solver) -> None:
        """Strike out what cannot hold; settle when one pattern is left."""
        if self.chosen is not None:
            return
        for place, shape in enumerate(self.shapes):
            if place not in self.watching and solver.rank(shape) is not None:
                self.watching.add(place)
                solver.watch_dims(self, shape)
        alive = tuple(number for number in self.alive if self.possible(solver, number))
        if not alive:
            self.refuse(solver)
        if alive != self.alive:
            solver.set(self, "alive", alive)
        if len(alive) == 1:
            self.choose(solver, alive[0])

    def preferred(self, solver: Solver) -> tuple[int, ...]:
        """The patterns that are still possible, the preferred ones first."""
        return self.alive if self.order is None else self.order(solver, self.alive)

    def possible(self, solver: Solver, number: int) -> bool:
        """Whether a pattern fits what is known."""
        bound: dict[str, Dim] = {}
        for shape, letters in zip(self.shapes, self.patterns[number], strict=True):
            rank = solver.rank(shape)
            if rank is None:
                if solver.top(shape).least > len(letters):
                    return False
                continue
            if rank != len(letters):
                return False
            for letter, dim in zip(letters, solver.dims(shape), strict=True):
                if letter == "1":
                    if solver.value(dim) not in (None, sympy.S.One):
                        return False
                elif not solver.may_equal(bound.setdefault(letter, dim), dim):
                    return False
        return True

    def choose(self, solver: Solver, number: int) -> None:
        """Settle on a pattern."""
        solver.set(self, "chosen", number)
        bound: dict[str, Dim] = {}
        one: Expr = sympy.S.One
        for shape, letters in zip(self.shapes, self.patterns[number], strict=True):
            rank = solver.rank(shape)
            if rank is None:
                own = tuple(
                    solver.dim(one, self.spot) if letter == "1" else bound.setdefault(letter, solver.dim())
                    for letter in letters
                )
                solver.set_dims(shape, own, self.spot)
                continue
            for letter, dim in zip(letters, solver.dims(shape), strict=True):
                if letter == "1":
                    solver.set_dim(dim, one, self.spot)
                else:
                    solver.unify_dims(bound.setdefault(letter, dim), dim)

    def refuse(self, solver: Solver) -> None:
        """Raise the clash of factors that fit in no way."""
        shown = [solver.shown(shape) for shape in self.shapes]
        origins = []
        for shape, text in zip(self.shapes, shown, strict=True):
            origin = solver.top(shape).origin
            if origin is not None and solver.rank(shape):
                origins.append((f"shape {text} comes from here", origin))
        if len(shown) > 2 or len(self.names) < 2:
            message = f"factors of shapes {' and '.join(shown[:-1])} do not fit together"
        else:
            message = f"something of shape {shown[0]} does not fit: this is {', or '.join(self.names)}"
        if solver.rank(self.shapes[-1]) is not None:
            message += f" to a result of shape {shown[-1]}"
        raise Clash(message, origins)


@dataclass(eq=False)
class Affine:
    """An axis that is walked by an affine index: ``x[i + p]`` needs ``dim(i) + dim(p) - 1`` places.

    `parts` are (coefficient, dimension of the letter); `reach` is the largest place above the letters' own.
    """

    axis: Dim
    parts: tuple[tuple[Expr, Dim], ...]
    reach: Expr
    spot: Spot
    queued: bool = False
    done: bool = False

    def propagate(self, solver: Solver) -> None:
        """Solve for the one dimension that is open, when only one is.

        A letter with a stride takes as many values as fit: ``x[2 i + p]`` with P windows of an axis of n gives
        ``floor((n - P) / 2) + 1``.
        """
        if self.done:
            return
        axis = solver.value(self.axis)
        open_parts = [part for part in self.parts if solver.value(part[1]) is None]
        if not open_parts:
            needed = self.reach + 1
            for coefficient, dim in self.parts:
                needed += coefficient * (self._value(solver, dim) - 1)
            solver.set(self, "done", True)
            if axis is None:
                solver.set_dim(self.axis, sympy.expand(needed), self.spot)
                return
            spare = sympy.expand(axis - needed)
            if not (spare.is_Integer and spare >= 0) and not upper_bound(-spare).is_nonpositive:
                origin = solver.root(self.axis).origin
                raise Clash(
                    f"the index walks {sympy.expand(needed)} places here, but the axis has {axis}",
                    [] if origin is None else [(f"{axis} comes from here", origin)],
                )
        elif len(open_parts) == 1 and axis is not None:
            step, walked = open_parts[0]
            room = axis - self.reach - 1
            for coefficient, dim in self.parts:
                if dim is not walked:
                    room -= coefficient * (self._value(solver, dim) - 1)
            solver.set(self, "done", True)
            solver.set_dim(walked, length(sympy.floor(sympy.expand(room) / step) + 1), self.spot)

    def _value(self, solver: Solver, dim: Dim) -> Expr:
        value = solver.value(dim)
        assert value is not None
        return value


@dataclass(eq=False)
class Within:
    """An axis that a letter walks whose limits are stated: from place `shift` on, as far as the limits say.

    ``x_{i+1}`` with i up to n - 1 needs n places. The axis may be longer by a fixed number; what is longer by an
    unknown number is a clash.
    """

    axis: Dim
    walked: Dim
    shift: int
    spot: Spot
    queued: bool = False
    done: bool = False

    def propagate(self, solver: Solver) -> None:
        """Compare the limits with the axis, once both are known."""
        axis, walked = solver.value(self.axis), solver.value(self.walked)
        if self.done or axis is None or walked is None:
            return
        solver.set(self, "done", True)
        spare = sympy.expand(axis - walked - self.shift)
        if not spare.is_Integer or spare < 0:
            origins = [
                (f"{d.value} comes from here", d.origin)
                for d in (solver.root(self.walked), solver.root(self.axis))
                if d.origin is not None
            ]
            raise Clash(f"the index takes {walked} values here, but the axis has {axis}", origins)

    def needed(self, solver: Solver) -> Expr | None:
        """How many places the axis has at least, if that is known."""
        walked = solver.value(self.walked)
        return None if walked is None else sympy.expand(walked + self.shift)


__all__ = [
    "Affine",
    "Broadcast",
    "Choice",
    "Computed",
    "Constraint",
    "Leading",
    "Operated",
    "Pattern",
    "Same",
    "Transposed",
    "Within",
]
