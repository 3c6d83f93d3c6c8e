"""Settling shapes: what the formulas leave open is decided by convention, one decision at a time.

Formulas come first: whatever follows from declarations and from the formulas themselves is drawn before anything is
decided. Then, in this order, and with all conclusions drawn after each decision: a divisor is a number; a capital
letter is a matrix; a product that its factors or a transpose explain is what they explain; the terms of a sum have the
same shape; a small letter is a number; a product that is still open is the first of its possible meanings. A decision
that contradicts the formulas is taken back, and the next one is tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sized
from functools import partial
from typing import TYPE_CHECKING

import sympy

from symnn.formula.index import dimension
from symnn.notes.read.errors import ReadingError
from symnn.notes.read.expressions.lists import Listed
from symnn.notes.read.expressions.products import DOT
from symnn.notes.read.passages import Spot
from symnn.notes.read.shapes.constraints import Affine, Broadcast, Choice, Constraint, Operated, Within
from symnn.notes.read.shapes.model import TARGET_NAMES, is_input_name
from symnn.notes.read.shapes.shapes import Clash, Dim, Shape, Solver
from symnn.notes.read.shapes.terms import Variable

if TYPE_CHECKING:
    from symnn.notes.read.shapes.model import Model

LETTERS = ("n", "m", "k", "p", "q", "r", "s", "d", "u", "v")


def told(clash: Clash, spot: Spot, solver: Solver) -> ReadingError:
    """The error of a clash: the place of the formula, and the places the shapes come from."""
    related = [(label, place) for label, place in clash.origins if place != spot]
    return spot.error(clash.message, related=related)


def run(solver: Solver) -> None:
    """Draw every conclusion. Raises ReadingError at the formula that cannot be satisfied."""
    try:
        solver.propagate()
    except Clash as clash:
        raise told(clash, clash.spot, solver) if clash.spot is not None else _lost(clash) from None


def _lost(clash: Clash) -> ReadingError:
    return ReadingError(clash.message)


class Settler:
    """Takes the decisions for one model."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.solver = model.solver
        self.decided: list[str] = []

    def settle(self) -> None:
        """Decide until every shape is known. Raises ReadingError where no decision is possible."""
        run(self.solver)
        stages: tuple[Callable[[], bool], ...] = (
            self.walks, self.divisors, self.capitals, self.signalled, self.squares, self.sums, self.targets, self.lengths,
            self.lists, self.small, self.operated, self.choices,
        )  # fmt: skip
        stage = 0
        while stage < len(stages):
            stage = 0 if stages[stage]() else stage + 1
        self.dimensions()
        self.refuse_uncertain()

    # -- decisions

    def decide(self, *actions: Callable[[], None], spot: Spot) -> None:
        """Take the first decision that holds. Raises ReadingError with the first clash when none does."""
        first: Clash | None = None
        for action in actions:
            clash = self.solver.attempt(action)
            if clash is None:
                return
            first = first or clash
        assert first is not None
        raise told(first, first.spot or spot, self.solver)

    def try_rank(self, shape: Shape, rank: int, spot: Spot) -> bool:
        """Fix a rank if that holds."""
        if self.solver.top(shape).least > rank:
            return False
        return self.solver.attempt(lambda: self.solver.set_rank(shape, rank, spot)) is None

    def open_variables(self) -> Iterable[Variable]:
        """The leaves whose rank is not known, in the order in which they were met."""
        return [v for v in self.model.variables.values() if v.definition is None and self.solver.rank(v.shape) is None]

    def walks(self) -> bool:
        """An axis has as many places as the limits of the sums over it need."""
        pending = [c for c in self.pending(Within) if isinstance(c, Within)]
        for constraint in pending:
            if self.solver.value(constraint.axis) is not None:
                continue
            root = self.solver.root(constraint.axis)
            sizes = [c.needed(self.solver) for c in pending if self.solver.root(c.axis) is root]
            known = [size for size in sizes if size is not None]
            if not known:
                continue
            largest = known[0]
            for size in known[1:]:
                if sympy.expand(size - largest).is_positive:
                    largest = size
            spot = constraint.spot
            self.decide(partial(self.solver.set_dim, constraint.axis, largest, spot), spot=spot)
            return True
        return False

    def divisors(self) -> bool:
        """What stands below a fraction bar is a number."""
        while self.model.divisors:
            shape = self.model.divisors.pop()
            if self.solver.rank(shape) is None and self.try_rank(shape, 0, self._spot(shape)):
                return True
        return False

    def _spot(self, shape: Shape) -> Spot:
        origin = self.solver.top(shape).origin
        assert origin is not None
        return origin

    def capitals(self) -> bool:
        """A capital letter is a matrix, a bold small one a vector.

        A target in a sum waits for the other terms, and so does what a recurrence starts from.
        """
        summed = {self.solver.top(s) for c in self.pending(Broadcast) if isinstance(c, Broadcast) for s in c.operands}
        waiting = {
            v for v in self.open_variables()
            if (v.key.base in TARGET_NAMES and self.solver.top(v.shape) in summed) or v.key in self.model.starts
        }  # fmt: skip
        return self._by_letter([v for v in self.open_variables() if v not in waiting])

    def targets(self) -> bool:
        """A target whose sum told nothing has the shape that its letter suggests."""
        return self._by_letter(self.open_variables())

    def _by_letter(self, variables: Iterable[Variable]) -> bool:
        for variable in variables:
            rank = 0 if variable.given is not None else _conventional_rank(variable)
            rank += self.model.layered.get(variable, 0) if rank else 0
            if rank and variable not in self._refused and self.try_rank(variable.shape, rank, variable.spot):
                return True
            if rank:
                self._refused.add(variable)
        return False

    @property
    def _refused(self) -> set[Variable]:
        return self.model.refused

    def pending(self, kind: type[Constraint]) -> list[Constraint]:
        """The constraints of a kind that are not settled."""
        found = [c for c in self.model.open_constraints() if isinstance(c, kind)]
        return found

    def signalled(self) -> bool:
        """A product with a matrix or a transpose in it is what they suggest; first where both factors are known."""
        pending = [(self._known_ranks(choice), choice) for choice in self.pending(Choice)]
        for known, choice in sorted(pending, key=lambda pair: -len(pair[0])):
            assert isinstance(choice, Choice)
            if len(choice.shapes) == 3 and (choice.signal or (known and max(known) >= 2) or len(known) == 2):
                self._choose(choice)
                return True
        return False

    def _known_ranks(self, choice: Constraint) -> list[int]:
        """The ranks of those factors whose rank is known."""
        assert isinstance(choice, Choice)
        ranks = [self.solver.rank(shape) for shape in choice.shapes[:-1]]
        return [rank for rank in ranks if rank is not None]

    def squares(self) -> bool:
        """A square whose base or result is known."""
        for choice in self.pending(Choice):
            assert isinstance(choice, Choice)
            if len(choice.shapes) == 2 and any(self.solver.rank(shape) is not None for shape in choice.shapes):
                self._choose(choice)
                return True
        return False

    def _choose(self, choice: Choice) -> None:
        numbers = choice.preferred(self.solver)
        self.decide(*[partial(choice.choose, self.solver, number) for number in numbers], spot=choice.spot)

    def sums(self) -> bool:
        """The terms of a sum have the same shape; a leaf does not get an axis that counts samples."""
        for constraint in self.pending(Broadcast):
            assert isinstance(constraint, Broadcast)
            shapes = (*constraint.operands, constraint.result)
            known = [shape for shape in shapes if self.solver.rank(shape)]
            open_ = [shape for shape in shapes if self.solver.rank(shape) is None]
            if not known or not open_:
                continue
            widest = max(known, key=lambda shape: self.solver.rank(shape) or 0)
            dims = self.solver.dims(widest)
            result_open = self.solver.rank(constraint.result) is None
            target = constraint.result if result_open else open_[0]
            if not result_open and self._is_bias(target):
                samples = {self.solver.root(dim) for dim in self.model.sample_dims(self.solver)}
                if len(dims) == 2 and self.solver.root(dims[1]) in samples:
                    dims = (dims[0], self.solver.dim(sympy.S.One, constraint.spot))  # one sample in each column
                while dims and self.solver.root(dims[0]) in samples:
                    dims = dims[1:]
                if len(dims) == 2 and self.solver.value(dims[1]) != 1:
                    dims = dims[1:]
            spot = constraint.spot
            tried = dict.fromkeys([dims, self.solver.dims(widest), ()])
            self.decide(*[partial(self.solver.set_dims, target, shape, spot) for shape in tried], spot=spot)
            return True
        return False

    def _is_bias(self, shape: Shape) -> bool:
        """Whether what is added may be the same for every sample: a small letter that is no data."""
        top = self.solver.top(shape)
        found = [v for v in self.model.variables.values() if self.solver.top(v.shape) is top]
        return bool(found) and all(
            v.definition is None
            and not v.key.base[:1].isupper()
            and v.key.base not in TARGET_NAMES
            and not is_input_name(v.key)
            for v in found
        )

    def lengths(self) -> bool:
        """What stands between norm bars is a vector."""
        while self.model.lengths:
            shape = self.model.lengths.pop()
            if self.solver.rank(shape) is None and self.try_rank(shape, 1, self._spot(shape)):
                return True
        return False

    def lists(self) -> bool:
        """The parts of a list are numbers."""
        for constraint in self.solver.constraints:
            if isinstance(constraint, Listed) and not constraint.kind:
                self.decide(partial(constraint.decide_numbers, self.solver), spot=constraint.spot)
                return True
        return False

    def small(self) -> bool:
        """A small letter is a number; one that was transposed, summed or normed is a vector."""
        for variable in self.open_variables():
            if not self.solver.top(variable.shape).least and variable not in self.model.turned:
                self.refuse_ambiguous(variable)
        for variable in self.open_variables():
            least = self.solver.top(variable.shape).least
            start = max(least, 1 if variable in self.model.turned else 0)
            ranks = [start, *(rank for rank in (0, 1, 2) if rank != start and rank >= least)]
            spot = variable.spot
            self.decide(*[partial(self.solver.set_rank, variable.shape, rank, spot) for rank in ranks], spot=spot)
            return True
        return False

    def refuse_ambiguous(self, variable: Variable) -> None:
        """Refuse a product with a vector which may just as well be scaled by a number as multiplied by another."""
        top = self.solver.top(variable.shape)
        for choice in self.pending(Choice):
            assert isinstance(choice, Choice)
            operands = [self.solver.top(shape) for shape in choice.shapes[:-1]]
            others = [shape for shape in operands if shape is not top]
            names = [choice.names[number] for number in choice.alive]
            if len(choice.shapes) != 3 or len(others) != 1 or self.solver.rank(others[0]) != 1 or DOT not in names:
                continue
            if self.holds(variable, 0) and self.holds(variable, 1):
                name, spot = variable.name, choice.spot
                raise spot.error(
                    f"{spot.text} has two readings: a product with a number and a dot product",
                    hint=f"say what {name} is, such as {name} ∈ R, or write a transpose",
                )

    def holds(self, variable: Variable, rank: int) -> bool:
        """Whether a rank contradicts nothing; nothing is decided."""
        mark = self.solver.mark()
        fits = self.solver.attempt(partial(self.solver.set_rank, variable.shape, rank, variable.spot)) is None
        self.solver.undo(mark)
        return fits

    def operated(self) -> bool:
        """An operator is applied to arrays of just the axes that it needs; a learned vector serves every row."""
        for constraint in self.pending(Operated):
            assert isinstance(constraint, Operated)
            lead = max(0, (self.solver.rank(constraint.result) or 0) - len(constraint.pattern[-1]))
            alone = [shape for shape in constraint.operands if self._is_bias(shape)]
            ways = [partial(constraint.bind, self.solver, lead, alone=alone)] if alone else []
            self.decide(*ways, partial(constraint.bind, self.solver, lead), spot=constraint.spot)
            return True
        return False

    def choices(self) -> bool:
        """What is still open has the first of its meanings."""
        for choice in self.pending(Choice):
            assert isinstance(choice, Choice)
            self._choose(choice)
            return True
        return False

    # -- dimensions

    def dimensions(self) -> None:
        """Give a letter to every dimension that is still open."""
        for wished, size, spot in self.model.wishes:
            self.solver.attempt(partial(self.solver.set_dim, wished, size, spot))
        for variable, position, size, spot in self.model.walks:
            if (self.solver.rank(variable.shape) or 0) > position:
                axis = self.solver.dims(variable.shape)[position]
                if self.solver.value(axis) is None:
                    self.solver.attempt(partial(self.solver.set_dim, axis, size, spot))
        affine = [c for c in self.solver.constraints if isinstance(c, Affine)]
        held_back = {self.solver.root(dim) for c in affine for dim in self._outer(c)}
        held_back |= {self.solver.root(c.whole) for c in self.solver.constraints if isinstance(c, Listed) and c.whole}
        open_: dict[Dim, Spot] = {}
        for variable in self._in_order():
            if self.solver.rank(variable.shape) is None:
                raise variable.spot.error(f"the shape of {variable.name} is not certain", hint="declare it")
            for dim in self.solver.dims(variable.shape):
                open_.setdefault(self.solver.root(dim), variable.spot)
        for letter in self.model.letters:
            open_.setdefault(self.solver.root(letter.dim), letter.spot)
        wanted = {dim: spot for dim, spot in open_.items() if dim.value is None and dim not in held_back}
        taken = {v.name for v in self.model.variables.values()} | self.model.known_sizes(self.solver)
        free = (name for name in _letters(wanted) if name not in taken)
        capitals = {self.solver.root(x.dim): x.name.upper() for x in self.model.letters} if _is_many(wanted) else {}
        for dim, spot in wanted.items():
            if self.solver.value(dim) is None:
                capital = capitals.get(dim, "")
                fits = len(capital) == 1 and capital.isascii() and capital not in taken
                name = capital if fits else next(free)
                taken.add(name)
                self._name(dim, name, spot)
        run(self.solver)

    def refuse_uncertain(self) -> None:
        """Refuse what only the shapes, now that they are known, show to be uncertain."""
        for shape, spot in self.model.inverted:
            if self.solver.rank(shape) != 0:
                raise spot.error("the inverse of an array is not supported", hint="write a quotient for entries")
        for shape, spot in self.model.powers:
            sizes = [self.solver.value(dim) for dim in self.solver.dims(shape)]
            if len(sizes) == 2 and sizes[0] == sizes[1]:
                raise spot.error(
                    "is this a power of the matrix, or of its entries?", hint="write the product, or a sum over entries"
                )
        for shape, spot in self.model.unnamed:
            if any(self.solver.value(dim) is None for dim in self.solver.dims(shape)):
                raise spot.error(f"how long {spot.text} is, is not certain", hint="write its length below it")

    def _in_order(self) -> list[Variable]:
        """The variables, leaves first, in the order in which the document mentions them."""
        mentions = self.model.table.mentions
        return sorted(
            self.model.variables.values(),
            key=lambda v: (v.definition is not None, mentions.get(v.key, (1 << 30, 0))),
        )

    def _outer(self, constraint: Affine) -> list[Dim]:
        """What follows from the rest: of ``x[i + p]`` the range of i, of ``x[2 i + p]`` the size of x, unless known."""
        coefficient, first = constraint.parts[0]
        if coefficient != 1:
            return [constraint.axis if self.solver.value(constraint.axis) is None else first]
        return [first] if len(constraint.parts) > 1 else []

    def _name(self, dim: Dim, letter: str, spot: Spot) -> None:
        self.decide(lambda: self.solver.set_dim(dim, dimension(letter), spot), spot=spot)


def _is_many(dims: Sized) -> bool:
    return len(dims) > len(LETTERS) // 2


def _letters(dims: Sized) -> Iterable[str]:
    """Names for dimensions: single letters for a few, numbered ones for many."""
    if not _is_many(dims):
        yield from LETTERS
    for number in range(1, 1 << 20):
        yield f"n_{number}"


ERRORS = ("E", "J", "L")
"""Letters for errors and losses, which are numbers although they are capitals."""


def _conventional_rank(variable: Variable) -> int:
    from symnn.notation.tree import Name, Script

    node = variable.node
    while isinstance(node, Script):
        node = node.base
    bold = isinstance(node, Name) and node.font in ("mathbf", "boldsymbol", "bm", "bf")
    base = variable.key.base
    if base in ERRORS and not bold:
        return 0
    capital = (len(base.rstrip("0123456789")) == 1 and base[:1].isupper()) or base in (
        "Theta", "Lambda", "Phi", "Psi", "Omega", "Gamma",
    )  # fmt: skip
    if capital:
        return 2
    return 1 if bold else 0
