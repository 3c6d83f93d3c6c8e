"""The ladder: a claim is proved by normal forms, agrees in ball arithmetic, or is refuted by numbers.

A claim is refuted only if every admissible reading is. A reading that fails at the first point is not tried to be proved.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from sympy import Mul, S, log

from symnn.formula.application import unfold_applications
from symnn.formula.facts import Fact
from symnn.formula.index import Index
from symnn.formula.nodes import Entry, Tensor, tensors
from symnn.formula.normal import Normalizer, TooLarge
from symnn.formula.substitute import inline
from symnn.network.widths import WidthError
from symnn.notes.judge.decision.inlining import formula_size, inlined
from symnn.notes.judge.decision.pairs import Pair, pairs_of
from symnn.notes.judge.decision.trials import Trials, Witness
from symnn.notes.judge.errors import DoesNotFit, OutOfTime
from symnn.notes.judge.gradients.recurrent import circles
from symnn.notes.judge.layers import written_out
from symnn.notes.judge.process.budget import limited, spend
from symnn.notes.judge.reading.products import DOUBTFUL
from symnn.notes.judge.reading.values import Value

if TYPE_CHECKING:
    from symnn.notes.judge.worlds.conventions import Conventions
    from symnn.notes.judge.worlds.world import World

POINTS = 6
PROOF_SECONDS = 2.0
MOST_CHOICES = 36
MOST_EQUATIONS = 60


@dataclass(frozen=True)
class Decision:
    """What was decided about a claim, and about which reading.

    `misfit` tells that shapes do not fit, or that an index letter walks axes of different lengths.
    """

    verdict: str
    reason: str
    pair: Pair | None = None
    facts: tuple[Fact, ...] = ()
    witness: Witness | None = None
    misfit: Literal["", "shape", "axis"] = ""


# -- proving --------------------------------------------------------------------------------------------------------------


def proof(pair: Pair, world: World, facts: Sequence[Fact]) -> tuple[Fact, ...] | None:
    """The facts that a proof by normal forms uses, or None where the normal forms do not show equality."""
    try:
        layered = written_out(pair, world)
        pair, world, facts = layered.pair, layered.world, layered.facts(facts)
    except WidthError:
        return None
    sides = [unfold_applications(pair.left), unfold_applications(pair.right)]
    common = frozenset(tensors(sides[0]) & tensors(sides[1]))
    for depth in ("as they are", "but for the names of both", "down to the leaves"):
        spend(5)
        left, right = sides
        try:
            if depth != "as they are":
                if not (tensors(left) | tensors(right)) & world.equations.keys():
                    return None
                kept = common if depth == "but for the names of both" else frozenset()
                left, right = inlined(left, world, kept), inlined(right, world, kept)
            normalizer = Normalizer(facts)
            if normalizer.equal(left, right, almost_everywhere=True):
                return tuple(sorted(normalizer.used, key=str))
        except (TooLarge, ZeroDivisionError, ValueError, RecursionError, TypeError):
            continue
    return None


def proof_with_recurrences(pair: Pair, world: World, facts: Sequence[Fact]) -> tuple[Fact, ...] | None:
    """A proof where definitions go round in circles: of each circle one name is kept, and put in once on a side or on none."""
    try:
        layered = written_out(pair, world)
        pair, world, facts = layered.pair, layered.world, layered.facts(facts)
    except WidthError:
        return None
    sides = [unfold_applications(pair.left), unfold_applications(pair.right)]
    near = world.closure([tensor for side in sides for tensor in tensors(side)])
    round_ = circles({tensor: world.equations[tensor] for tensor in near if tensor in world.equations})
    if not round_:
        return None
    choices = list(itertools.product(*(sorted(circle, key=lambda t: t.name) for circle in round_)))
    sizes = {tensor: formula_size(world.equations[tensor].formula) for circle in round_ for tensor in circle}
    # Where what is put in is small, the sides stay small.
    choices.sort(key=lambda choice: -sum(sizes[tensor] for tensor in choice))
    for choice in choices[:MOST_CHOICES]:
        kept = frozenset(choice)
        once = [
            found
            for n in range(len(kept) + 1)
            for found in itertools.combinations(sorted(kept, key=lambda t: t.name), n)
        ]
        forms = [_forms(side, once, world, kept) for side in sides]
        normalizer = Normalizer(facts)
        places = itertools.product(*(range(len(found)) for found in forms))
        for first, second in itertools.islice(sorted(places, key=sum), MOST_CHOICES):
            spend(20)
            left, right = forms[0][first], forms[1][second]
            try:
                if normalizer.equal(left, right, almost_everywhere=True):
                    own = Normalizer(facts)
                    own.equal(left, right, almost_everywhere=True)
                    return tuple(sorted(own.used, key=str))
            except (TooLarge, ZeroDivisionError, ValueError, RecursionError, TypeError):
                continue
    return None


def _forms(side: Any, once: Iterable[tuple[Tensor, ...]], world: World, kept: frozenset[Tensor]) -> list[Any]:
    """A side with one set of kept names after the other put in once, without those that change nothing."""
    found: dict[Any, None] = {}
    for put in once:
        try:
            found.setdefault(_put_in(side, put, world, kept))
        except (TooLarge, ZeroDivisionError, ValueError, RecursionError, TypeError):
            continue
    return list(found)


def _put_in(formula: Any, once: Sequence[Tensor], world: World, kept: frozenset[Tensor]) -> Any:
    """The formula with the definitions of some kept names put in once, and then those of all names that are not kept."""
    if once:
        formula = inlined(formula, world, kept)
    for tensor in once:
        equation = world.equations[tensor]
        formula = unfold_applications(inline(formula, tensor, equation.indices, equation.formula))
    return inlined(formula, world, kept)


# -- deciding -------------------------------------------------------------------------------------------------------------


def decide(
    lefts: Sequence[Value],
    rights: Sequence[Value],
    world: World,
    conventions: Conventions,
    free: Sequence[Index] = (),
    within: Callable[[Pair], Pair] | None = None,
    exists: Iterable[tuple[Any, Any]] = (),
) -> Decision:
    """Climb the ladder for one link; `free` are its free index letters. Raises DoesNotFit when no reading fits.

    `within` narrows each reading down to where the claim is said to hold; `exists` are the places, with the lengths of their
    axes, that the claim differentiates by.
    """
    pairs = sorted(pairs_of(lefts, rights, conventions, free, exists), key=_doubt)
    if within is not None:
        pairs = [within(pair) for pair in pairs]
    found = _climbed(pairs, world, conventions)
    doubt = "" if found.pair is None else _doubt(found.pair)
    if found.verdict in ("proved", "agrees") and doubt:
        return Decision("undecided", f"it holds only if {doubt}", found.pair)
    return found


def _doubt(pair: Pair) -> str:
    """What a reading would have to mean that is too unlikely to prove anything."""
    return next((said for said in pair.said if said in DOUBTFUL), "")


def _climbed(pairs: Sequence[Pair], world: World, conventions: Conventions) -> Decision:
    usual = usual_facts(pairs, world)
    every = [Trials(pair, world, (*world.facts, *usual)).run(1) for pair in pairs]
    trials = [trial for trial in every if not trial.is_misfit]
    if not trials:
        raise DoesNotFit(every[0].problem)
    if conventions.only_numbers:
        return by_numbers(trials)
    for known in (world.facts, (*world.facts, *usual))[: 2 if usual else 1]:
        for trial in trials:
            facts = None if trial.witness else proof(trial.pair, world, known)
            if facts is not None:
                return Decision("proved", "both sides have the same normal form", trial.pair, facts)
    found = by_numbers(trials)
    if found.verdict == "agrees" and found.pair is not None:
        try:
            with limited(PROOF_SECONDS):
                facts = proof_with_recurrences(found.pair, world, (*world.facts, *usual))
        except OutOfTime:
            return found  # what the numbers say stands, also where there is no time for a proof
        if facts is not None:
            return Decision("proved", "both sides have the same normal form", found.pair, facts)
    return found


def by_numbers(trials: Sequence[Trials]) -> Decision:
    """Agrees if one reading holds at every point, refuted if every reading fails somewhere."""
    first: Decision | None = None
    problem = ""
    refuted = True
    for trial in trials:
        trial.run()
        if trial.witness is not None:
            first = first or Decision("refuted", "the two sides differ", trial.pair, trial.facts, trial.witness)
            continue
        refuted = False
        problem = problem or trial.problem
        if trial.agreed >= POINTS:
            reason = f"both sides agree at {trial.agreed} points, but that is no proof"
            return Decision("agrees", reason, trial.pair, trial.facts)
    if refuted and first is not None:
        return first
    return Decision("undecided", problem or "numbers do not decide it", trials[0].pair)


def usual_facts(pairs: Sequence[Pair], world: World) -> tuple[Fact, ...]:
    """What is meant although it may not be said: the weights of logarithms in a cross-entropy sum to one."""
    found: dict[Fact, None] = {}
    sources = [equation.formula for equation in list(world.equations.values())[:MOST_EQUATIONS]]
    sources += [unfold_applications(side) for pair in pairs[:2] for side in (pair.left, pair.right)]
    for formula in sources:
        for tensor in _weights_of_logarithms(formula):
            if tensor not in world.equations:
                found.setdefault(Fact("sum", tensor, tensor.rank - 1, S.One))
    known = {fact.tensor for fact in world.facts if fact.kind == "sum"}
    return tuple(fact for fact in found if fact.tensor not in known)


@lru_cache(maxsize=1024)
def _weights_of_logarithms(formula: Any) -> tuple[Tensor, ...]:
    """The tensors whose entries stand before a logarithm of something else at the same place."""
    found: dict[Tensor, None] = {}
    for product in formula.atoms(Mul):
        logs = [factor for factor in product.args if isinstance(factor, log)]
        others = [factor for factor in product.args if isinstance(factor, Entry) and factor.indices]
        if len(logs) == 1 and len(others) == 1:
            tensor: Tensor = others[0].tensor
            if tensor not in tensors(logs[0]) and _is_over(logs[0], others[0]):
                found.setdefault(tensor)
    return tuple(found)


def _is_over(logarithm: Any, entry: Any) -> bool:
    last = entry.indices[-1]
    return last in logarithm.free_symbols


def refined(decision: Decision, **changes: Any) -> Decision:
    """A decision with some fields changed."""
    return replace(decision, **changes)
