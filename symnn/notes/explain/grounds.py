"""What an explanation is made from: the link, its reading, the world, and the names to print it with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, TypeVar

from symnn.errors import SymnnError
from symnn.formula.application import Array, NamedFormula, unfold_applications
from symnn.formula.differentiate import DifferentiationError
from symnn.formula.nodes import Tensor, tensors
from symnn.formula.normal import Normalizer, TooLarge
from symnn.formula.polish import candidates, complexity, readable_indices, simplest
from symnn.notation.tree import Derivative, Name, Node
from symnn.notes.judge.decision.decide import Decision
from symnn.notes.judge.decision.pairs import Pair
from symnn.notes.judge.decision.settle import Judged
from symnn.notes.judge.errors import NotUnderstood, OutOfTime
from symnn.notes.judge.process.budget import limited
from symnn.notes.judge.process.watchdog import watched
from symnn.notes.judge.reading.canonical import canonical
from symnn.notes.judge.reading.reader import ClaimReader
from symnn.write.notate import Names, formula_form
from symnn.write.notate.names import identifier

MOST_SHOWN = 400
"""How complex a formula may be to be printed."""

SECONDS = 8.0
STEPS = 400_000

T = TypeVar("T")


@dataclass(frozen=True)
class Grounds:
    """A link that was read, and the reading that was decided about."""

    judged: Judged
    reader: ClaimReader
    decision: Decision
    pair: Pair | None

    @classmethod
    def of(cls, judged: Judged) -> Grounds | None:
        """The grounds of a decision; None where nothing was read. Without a pair the sides do not fit together."""
        if judged.reader is None:
            return None
        return cls(judged, judged.reader, judged.decision, judged.decision.pair)

    @property
    def sides(self) -> tuple[Any, ...]:
        """Both sides as formulas, as far as they were understood."""
        return () if self.pair is None else tuple(map(unfold_applications, (self.pair.left, self.pair.right)))

    @property
    def nodes(self) -> tuple[Node, Node]:
        """Both sides as they were written."""
        left, right = self.judged.link.nodes
        return canonical(left), canonical(right)

    @cached_property
    def mentioned(self) -> set[Tensor]:
        """The names of the claim, also those of derivatives that do not occur in the result."""
        from symnn.notes.explain.derivatives import taken

        found = {tensor for side in self.sides for tensor in tensors(side)}
        for item in attempt(partial(taken, self)) or ():
            if isinstance(item.source, Array):
                found |= tensors(item.source.body) | ({item.by} if item.by is not None else set())
        return found

    @cached_property
    def definitions(self) -> tuple[NamedFormula, ...]:
        """The definitions on which the reading rests, in the order of the document."""
        world = self.reader.world
        found = [world.equations[t] for t in world.closure(self.mentioned) if t in world.equations]
        return tuple(sorted(found, key=lambda e: (world.lines.get(e.tensor, 0), e.tensor.name)))

    @cached_property
    def names(self) -> Names:
        """What everything is called: as in the document, with ∂a/∂b for derivatives that are unknown."""
        world = self.reader.world
        known: dict[str, Node] = dict(world.nodes)
        loss = self.reader.conventions.loss
        for side in self.sides:
            for tensor in tensors(side):
                of, slash, by = tensor.name.removeprefix("∂").partition("/∂")
                if slash:
                    named = [known.get(name) or identifier(name) for name in (of, by)]
                    known[tensor.name] = Derivative("partial", named[0], (named[1],))
        own = Name("L") if loss is None else known.get(loss.name) or Name("L")
        return Names(known, own)

    def printed(
        self, formula: Any, indices: tuple[Any, ...] = (), *, normalizer: Normalizer | None = None
    ) -> Node | None:
        """A formula in the document's names, in its shortest form; None where it has no form that can be shown."""

        def work() -> Node | None:
            if complexity(formula) > MOST_SHOWN:
                return None
            shown = simplest([formula, *candidates(normalizer or Normalizer(), formula)])
            return formula_form(readable_indices(shown, indices), indices, self.names)

        return attempt(work)


def attempt(work: Callable[[], T]) -> T | None:
    """The result of some work within a bound; None where it cannot be done: it is then left out of the explanation."""
    try:
        with limited(SECONDS, STEPS), watched(SECONDS):
            return work()
    except (SymnnError, NotUnderstood, OutOfTime, TooLarge, DifferentiationError, RecursionError):
        return None
    except (ValueError, TypeError, KeyError, IndexError, ZeroDivisionError, OverflowError):
        return None  # a formula for which the printer has no notation
