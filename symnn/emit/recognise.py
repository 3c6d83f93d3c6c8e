"""Finding the left sides of laws inside formulas, and putting the safe sides in their place.

A formula is compared with a law by normal form. What the variable of the law stands for is guessed from the arguments
of the exponentials in the formula; a wrong guess is refused by the comparison.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sympy import Abs, Add, Expr, Mul, Pow, Rational, S, Symbol, erf, exp, log, sqrt

from symnn.emit.laws import LAWS, Law, proven
from symnn.emit.unify import power_of, scaled
from symnn.emit.vocabulary import FUNCTIONS, log1p
from symnn.formula.index import Index
from symnn.formula.nodes import (
    AllOf,
    Binder,
    Call,
    Cases,
    Compare,
    Elementwise,
    Entry,
    Minimum,
    Tensor,
    subformulas,
)
from symnn.formula.normal import Normalizer, TooLarge
from symnn.formula.polish import factored
from symnn.formula.substitute import rebuild, substitute_entries, transform, unfold, unfold_all

MAX_TERMS = 5
MAX_PAIRED = 3
SPECIAL = (exp, log, erf)
HALF = Rational(1, 2)


class Recogniser:
    """Rewrites formulas by the laws; functions that are met again are not looked at again."""

    def __init__(self, laws: Sequence[Law] = LAWS, declared: Mapping[Elementwise, Any] | None = None) -> None:
        self.laws = tuple(laws)
        self.declared = dict(declared or {})
        self.normalizer = Normalizer()
        self._functions: dict[Elementwise, Any] = {}

    def safe(self, formula: Any, split: bool = True) -> Any:
        """The formula with every left side of a law replaced; equal to it wherever both are defined.

        With `split`, quotients of exponentials that no law covers are written for either sign of their argument.
        """
        if not has_function(formula, *SPECIAL) and not self._has_declared(formula):
            return formula
        found = self.match(formula)
        if found is not None:
            return found
        match formula:
            case log() if S.One in Add.make_args(formula.args[0]):
                return log1p(self.safe(formula.args[0] - 1))
            case Call():
                return self._call(formula)
            case Mul():
                return self._product(formula)
            case Add():
                return self._sum(formula)
            case Cases():
                return self._cases(formula)
            case Pow() if split and formula.exp.is_negative:
                return self._without_overflow(formula, rebuild(formula, [self.safe(formula.base), formula.exp]))
        return self._inside(formula)

    def _inside(self, formula: Any) -> Any:
        if isinstance(formula, Tensor | Elementwise | Index | Entry) or not formula.args:
            return formula
        return rebuild(formula, [self.safe(a) if isinstance(a, Expr) else self._inside(a) for a in formula.args])

    def _has_declared(self, formula: Any) -> bool:
        return bool(self.declared) and any(
            isinstance(node, Call) and node.function in self.declared for node in subformulas(formula)
        )

    def match(self, formula: Any) -> Any | None:
        """The safe side of the law whose left side the whole formula is, or None."""
        if not isinstance(formula, Add | Mul | Pow | log | erf):
            return None
        free = formula.free_symbols
        guesses = [guess for guess in _guesses(formula) if not _is_bounded(guess)]
        for law in self.laws:
            if isinstance(law.left, log) != isinstance(formula, log):
                continue
            for guess in guesses:
                if guess.free_symbols <= free and self._is_law(formula, law, guess):
                    return proven(law).at(self.safe(guess))
        return None

    def _is_law(self, formula: Any, law: Law, guess: Any) -> bool:
        """Whether the formula is the law's left side; at worst for any value in the place of the exponential's."""
        try:
            return self.normalizer.equal(formula, law.left_at(guess))
        except ZeroDivisionError:
            return False
        except TooLarge:
            small = Symbol("E", positive=True)
            sides = [_in_powers(unfold_all(side), guess, small) for side in (formula, law.left_at(guess))]
            return not any(_is_open(n) for side in sides for n in subformulas(side)) and self.equal(*sides)

    def equal(self, left: Any, right: Any) -> bool:
        """Whether two formulas are shown equal."""
        try:
            return self.normalizer.equal(left, right)
        except (TooLarge, ZeroDivisionError):
            return False

    # -- kinds of nodes ---------------------------------------------------------------------------------------

    def _call(self, call: Call) -> Any:
        function = call.function
        if function in FUNCTIONS or function.body is None:
            return self._inside(call)
        if function not in self._functions:
            parameters = [Tensor(p).entry() for p in function.parameters]
            form = self.declared.get(function)
            self._functions[function] = self.safe(unfold(Call(function, *parameters)) if form is None else form)
        values = dict(zip(function.parameters, (self.safe(a) for a in call.arguments), strict=True))
        return substitute_entries(
            self._functions[function], lambda e: values.get(e.tensor.name) if not e.indices else None
        )

    def _product(self, formula: Mul) -> Any:
        """The factors with exponentials belong together: ``e^x (1 + e^x)^-2`` is one function."""
        group = [f for f in formula.args if _is_elementwise(f) and has_function(f, exp)]
        rest = [f for f in formula.args if f not in group]
        if not group:
            return self._inside(formula)
        whole = Mul(*group)
        if rest:
            found = self.match(whole)
            if found is not None:
                return Mul(found, *[self.safe(f) for f in rest])
        inside = Mul(*[self.safe(f, split=False) for f in group])
        return Mul(self._without_overflow(whole, inside), *[self.safe(f) for f in rest])

    def _sum(self, formula: Add) -> Any:
        """Some of the terms may make up a law: ``a + e^x - 1``."""
        terms = list(formula.args)
        eligible = [t for t in terms if _is_elementwise(t) and (has_function(t, exp, erf) or t.is_number)]
        if len(eligible) <= MAX_TERMS:
            for size in range(2, len(eligible) + 1):
                for chosen in itertools.combinations(eligible, size):
                    if size == len(terms) or not any(has_function(t, exp, erf) for t in chosen):
                        continue
                    found = self._scaled(Add(*chosen))
                    if found is not None:
                        rest = Add(*[t for t in terms if t not in chosen])
                        return found + self.safe(rest)
        scaled = self._scaled(formula)
        if scaled is not None:
            return scaled
        return Add(*[self.safe(t) for t in terms])

    def _scaled(self, formula: Any) -> Any | None:
        """A match of the sum up to a number: ``2 e^x - 2`` is twice ``e^x - 1``."""
        for term in Add.make_args(formula):
            coefficient = term.as_coeff_Mul()[0]
            if coefficient is S.One and not isinstance(formula, Add):
                continue
            scaled = Add(*[t / coefficient for t in Add.make_args(formula)])
            found = self.match(scaled)
            if found is not None:
                return coefficient * found
        return None

    def _cases(self, formula: Cases) -> Any:
        """In a branch for ``q <= 0``, ``e^q`` is ``e^min(q, 0)``: the branch that is not taken stays finite."""
        branches = []
        known: list[Any] = []
        for condition, value in formula.branches:
            branches.append((self._inside(condition), self.safe(_bounded(value, [*known, *_bounds(condition, True)]))))
            known += _bounds(condition, False)
        return Cases(branches, self.safe(_bounded(formula.default, known)))

    def _without_overflow(self, formula: Any, rewritten: Any) -> Any:
        """A quotient of sums of exponentials that no law covers, in powers of ``e^-|v|`` for either sign of v."""
        if not _divides_by_exponentials(rewritten):
            return rewritten
        for base in _guesses(formula):
            split = self._split(formula, base)
            if split is not None:
                return split
        return rewritten

    def _split(self, formula: Any, base: Any) -> Any | None:
        """``R(e^v)`` as ``R(1/E)`` for ``v > 0`` and ``R(E)`` else, with ``E = e^-|v|``."""
        if not base.free_symbols <= formula.free_symbols:
            return None
        small = Symbol("E", positive=True)
        sides = []
        for value in (1 / small, small):
            replaced = _in_powers(formula, base, value)
            if any(_is_open(node) for node in subformulas(replaced)):
                return None
            try:
                sides.append(factored(self.normalizer, self.normalizer.normal(replaced)))
            except (TooLarge, ZeroDivisionError):
                return None
        bounded = [side.xreplace({small: exp(-Abs(base))}) for side in sides]
        return Cases([(Compare(">", base, 0), bounded[0])], bounded[1])


# -- looking at formulas --------------------------------------------------------------------------------------


def has_function(formula: Any, *kinds: type) -> bool:
    """Whether one of the functions occurs, also inside the definitions of elementwise operators."""
    return any(
        isinstance(node, kinds) or (isinstance(node, Call) and has_function(node.function.body or S.Zero, *kinds))
        for node in subformulas(formula)
    )


def _is_elementwise(formula: Any) -> bool:
    """Whether no sum or maximum over an index is inside."""
    return not any(isinstance(node, Binder) for node in subformulas(formula))


def _guesses(formula: Any) -> Iterable[Any]:
    """What the variable of a law may stand for: arguments of exponentials, their differences, negatives and halves."""
    seen: dict[Any, None] = {}
    nodes = list(subformulas(unfold_all(formula)))
    arguments = list(dict.fromkeys(node.args[0] for node in nodes if isinstance(node, exp)))
    for node in nodes:
        if isinstance(node, exp | erf):
            argument = node.args[0]
            scales = [S.One, S.NegativeOne, HALF, -HALF]
            if isinstance(node, erf) and argument.has(sqrt(2)):
                scales = [sqrt(2), -sqrt(2)]
            for scale in scales:
                seen.setdefault(scaled(argument, scale))
    single: list[Any] = []
    for argument in arguments:
        if scaled(argument, HALF) not in arguments and scaled(argument, S.NegativeOne) not in single:
            single.append(argument)
    if len(single) <= MAX_PAIRED:
        # e^a / (e^a + e^b) is a function of a - b.
        for one, other in itertools.permutations(single, 2):
            for scale in (S.One, HALF):
                seen.setdefault(scaled(one - other, scale))
    return seen


def _is_bounded(guess: Any) -> bool:
    """Whether the argument of an exponential cannot be positive, or not negative: it is safe as it stands."""
    factors = Mul.make_args(guess)
    return any(isinstance(f, Abs) for f in factors) and all(f.is_number or isinstance(f, Abs) for f in factors)


def _divides_by_exponentials(formula: Any) -> bool:
    return any(
        isinstance(node, Pow) and node.exp.is_negative and any(isinstance(n, exp) for n in subformulas(node.base))
        for node in subformulas(formula)
    ) and not any(isinstance(node, Abs) for node in subformulas(formula))


def _in_powers(formula: Any, base: Any, value: Any) -> Any:
    """The formula with powers of ``value`` for exponentials of multiples of `base`."""
    return transform(formula, lambda node: power_of(node, base, value))


def _is_open(node: Any) -> bool:
    return isinstance(node, exp)


def _bounds(condition: Any, holds: bool) -> list[Any]:
    """Quantities that are not positive where the condition holds (or does not hold)."""
    if isinstance(condition, AllOf):
        return [b for part in condition.args for b in _bounds(part, True)] if holds else []
    if not isinstance(condition, Compare):
        return []
    below = condition.operator in ("<", "<=") if holds else condition.operator in (">", ">=")
    above = condition.operator in (">", ">=") if holds else condition.operator in ("<", "<=")
    difference = condition.left - condition.right
    return [difference] if below else [-difference] if above else []


def _bounded(formula: Any, quantities: list[Any]) -> Any:
    """Exponentials of quantities that are not positive, kept from overflowing where the quantity is not in question."""

    def visit(node: Any) -> Any | None:
        if isinstance(node, exp):
            for quantity in quantities:
                ratio = node.args[0] / quantity
                if ratio.is_number and ratio.is_positive:
                    return exp(Minimum(node.args[0], S.Zero))
        return None

    return transform(formula, visit) if quantities else formula
