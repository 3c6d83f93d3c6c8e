"""Settling: a decision with the slip that explains it, or taken back where nothing does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from symnn.errors import SymnnError
from symnn.formula.application import unfold_applications
from symnn.formula.facts import Fact
from symnn.formula.nodes import tensors as tensors_in
from symnn.formula.normal import TooLarge
from symnn.notation.traverse import walk
from symnn.notation.tree import Derivative, Node
from symnn.notes.judge.decision.decide import Decision
from symnn.notes.judge.decision.pairs import Pair
from symnn.notes.judge.decision.scalar_case import wrong_where_a_dimension_is_one
from symnn.notes.judge.decision.trials import Witness
from symnn.notes.judge.decision.witnesses import simplest
from symnn.notes.judge.errors import NotUnderstood, OutOfTime
from symnn.notes.judge.links import Link
from symnn.notes.judge.process.budget import READINGS, limited
from symnn.notes.judge.process.watchdog import watched
from symnn.notes.judge.reading.reader import ClaimReader, Scope
from symnn.notes.judge.slips.paths import dropped_path
from symnn.notes.judge.slips.slip import Correction, correction
from symnn.notes.judge.slips.terms import slip_of_terms
from symnn.notes.judge.slips.worked_out import left_formula
from symnn.notes.read.shapes.shapes import Clash

SLIP_SECONDS = 4.0
SLIP_STEPS = 200_000


@dataclass(frozen=True)
class Judged:
    """A link, what was decided about it, the reader that read it, and for a wrong one the change that makes it true.

    `sure`: a wrong one was found wrong in two ways.
    """

    link: Link
    decision: Decision
    reader: ClaimReader | None = None
    correction: Correction | None = None
    sure: bool = False

    @property
    def is_proof_of_arrays(self) -> bool:
        """Whether it is a proof of an equation between arrays: then the shapes of the document were understood."""
        pair = self.decision.pair
        return self.decision.verdict == "proved" and pair is not None and bool(pair.indices)


Wider = Callable[[], tuple[ClaimReader, Sequence[Node]]]
"""A reader that knows more of the document than a link mentions, and factors that stand in it."""


def settled(item: Judged, *, shapes: bool, names: bool, wider: Wider | None = None) -> Judged:
    """The same link; for a wrong one the slip is looked for.

    A link whose shapes do not fit is wrong if one slip explains it and the `shapes` of the document are trusted. One that no
    slip explains is wrong if its `names` are: else it may be read in another way than it was meant.
    """
    from symnn.notes.worked.symbol_table import has_names as mentions_names

    link, decision, reader, fix = item.link, item.decision, item.reader, item.correction
    if reader is None:
        return item
    unfit = decision.verdict == "undecided" and bool(decision.misfit) and shapes
    unfit = unfit and all(mentions_names(node) for node in link.nodes)  # numbers are those of a smaller example
    loose = unfit and (reader.conventions.strict or decision.misfit == "axis")
    if decision.witness is not None or loose:
        fix = corrected(link, reader)
        if loose and (decision.misfit == "axis" or _of_number(link, reader)):
            decision = misfit(link, decision, reader, fix)
    pair, witness = decision.pair, decision.witness
    if pair is not None and witness is not None:
        fix = fix or corrected_path(link, pair, reader) or corrected_terms(pair, reader)
        if fix is None and names and wider is not None:
            fix = corrected(link, *wider())
        if fix is None and not names and not item.sure and not is_closed(decision, reader):
            reason = f"it does not hold as it is read here, but no single slip explains that: {decision.reason}"
            return Judged(link, replace(decision, verdict="undecided", reason=reason, witness=None), reader)
        decision = replace(decision, witness=plainest(pair, witness, reader, decision.facts))
    return Judged(link, decision, reader, fix)


def corrected_path(link: Link, pair: Pair, reader: ClaimReader) -> Correction | None:
    """The right formula, where a link leaves out one of the paths of the chain rule."""
    return _in_time(lambda: dropped_path(link, pair, reader), READINGS)


def corrected_terms(pair: Pair, reader: ClaimReader) -> Correction | None:
    """The left side worked out, where the right side has all of its terms but some, or more."""
    try:
        with limited(SLIP_SECONDS), watched(SLIP_SECONDS):
            slip = slip_of_terms(pair, reader)
            node = None if slip is None else left_formula(pair, reader)
    except (NotUnderstood, OutOfTime, SymnnError, Clash):
        return None
    return None if slip is None or node is None else Correction(node, slip)


def is_closed(decision: Decision, reader: ClaimReader) -> bool:
    """Whether a claim is about one number and known functions of it only, so that nothing around it changes what it says."""
    if decision.pair is None or decision.pair.indices or reader.differentials.used_edges:
        return False
    sides = [tensors_in(unfold_applications(side)) for side in (decision.pair.left, decision.pair.right)]
    every = reader.world.closure(sides[0] | sides[1])
    return len(every) <= 1 and not any(tensor.rank for tensor in every)


def plainest(pair: Pair, known: Witness, reader: ClaimReader, facts: Sequence[Fact]) -> Witness:
    """The witness that is the easiest to work through, if one is found in time."""
    try:
        with limited(SLIP_SECONDS), watched(SLIP_SECONDS):
            return simplest(pair, reader.world, facts, known)
    except OutOfTime:
        return known


def misfit(link: Link, decision: Decision, reader: ClaimReader, fix: Correction | None) -> Decision:
    """A link whose shapes do not fit: wrong if one slip explains that, or if it is wrong for numbers as well."""
    if fix is not None:
        return replace(decision, verdict="refuted", reason=f"the shapes do not fit: {decision.reason}")
    try:
        with limited(SLIP_SECONDS), watched(SLIP_SECONDS):
            found = wrong_where_a_dimension_is_one(reader, *link.nodes)
    except (NotUnderstood, OutOfTime, SymnnError, Clash, TooLarge, RecursionError, ZeroDivisionError, ValueError):
        return decision
    return (
        decision
        if found is None
        else replace(found, reason=f"the shapes do not fit ({decision.reason}); {found.reason}")
    )


def corrected(link: Link, reader: ClaimReader, factors: Sequence[Node] | None = None) -> Correction | None:
    """The change that makes a link true, if one is found in time."""
    return _in_time(lambda: correction(link, reader, factors), SLIP_STEPS)


def _in_time(find: Callable[[], Correction | None], steps: int) -> Correction | None:
    """What is found within the bounds of looking for a slip."""
    try:
        with limited(SLIP_SECONDS, steps), watched(SLIP_SECONDS):
            return find()
    except (NotUnderstood, OutOfTime, SymnnError, Clash, TooLarge, RecursionError, ZeroDivisionError):
        return None


def _of_number(link: Link, reader: ClaimReader) -> bool:
    """Whether the derivatives on the left side are of a number, as those of a loss are."""
    for node in walk(link.left.node):
        if isinstance(node, Derivative) and node.numerator is not None:
            try:
                if any(value.rank for value in reader.read(node.numerator, Scope())[:1]):
                    return False
            except NotUnderstood:
                return False
    return True
