"""Normal form: rational functions in opaque atoms, with sums as contractions.

`Normalizer.normal` takes a formula to a `Rational` whose atoms are tensor entries, powers of exponentials, brackets,
contractions (sums of products with canonical bound names) and whatever is not looked into. Two formulas with equal
normal forms are equal wherever both are defined. The other way round it may miss equalities; it never invents one.

Everything is exact. Piecewise formulas become brackets: ``max(0, x) = x [x > 0]``. Exponentials obey
``exp(a + b) = exp(a) exp(b)``; logarithms are split only where the parts are known to be positive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any

import sympy
from sympy import Abs, Add, Expr, Mul, Pow, S, exp, log, sign

from symnn.formula import elementary
from symnn.formula.application import Array
from symnn.formula.contraction import contract, height_of, implied_by, is_canonical, solve_for, text
from symnn.formula.facts import Fact
from symnn.formula.index import Index, as_formula, within_single_axes
from symnn.formula.matrices import MatrixNode
from symnn.formula.nodes import (
    AllOf,
    Binder,
    Bracket,
    Call,
    Cases,
    Compare,
    Delta,
    Elementwise,
    Entry,
    Extreme,
    Inside,
    Maximum,
    Minimum,
    Partial,
    Tensor,
    Total,
)
from symnn.formula.null_sets import is_null_term, is_without_value, is_zero_bracket
from symnn.formula.polynomial import ONE, Monomial, Polynomial, TooLarge, add, content, multiply, power_of_monomial
from symnn.formula.rational import Rational, atom, expanded, inverse, number, plus, reduced, times
from symnn.formula.substitute import substitute_indices, unfold, with_bound_names

MAX_POWER = 12
MAX_BRACKETS = 4
SHALLOW = (Call, Cases, Maximum, Minimum, Abs, sign, Bracket)
"""What a shallow normalizer does not look into."""


class Normalizer:
    """Normal forms over one growing table of atoms.

    `facts` are used where they apply; `used` collects those that changed a result. `known_sums` gives values of sums
    in their canonical form (invariants that were derived before).
    """

    def __init__(self, facts: Iterable[Fact] = (), known_sums: Mapping[Expr, Expr] | None = None) -> None:
        self.facts = tuple(facts)
        self.known_sums: dict[Expr, Expr] = dict(known_sums or {})
        self.used: set[Fact] = set()
        self.atoms: list[Expr] = []
        self.numbers: dict[Expr, int] = {}
        self.contractions: dict[int, tuple[tuple[Index, ...], tuple[tuple[int, Any], ...]]] = {}
        self.heights: dict[int, int] = {}
        self.is_shallow = False
        self.is_apart = False
        self.is_turning = False
        self._memo: dict[Any, Rational] = {}
        self._positive = {fact.tensor for fact in self.facts if fact.kind == "positive"}
        self._binary = {fact.tensor: fact for fact in self.facts if fact.kind == "binary"}
        self._symmetric = {fact.tensor: fact for fact in self.facts if fact.kind == "symmetric"}

    def shallow(self) -> Normalizer:
        """One with the same facts to which operators and piecewise formulas are atoms, for forms that keep them."""
        return self._sibling(shallow=True)

    def _sibling(self, *, shallow: bool = False, apart: bool = False) -> Normalizer:
        other = Normalizer(self.facts, self.known_sums)
        other.used = self.used
        other.is_shallow, other.is_apart = shallow, apart
        return other

    # -- atoms ------------------------------------------------------------------------------------------------

    def atom_number(self, expression: Expr) -> int:
        """The number of an atom; equal expressions have one number."""
        found = self.numbers.get(expression)
        if found is None:
            found = self.numbers[expression] = len(self.atoms)
            self.atoms.append(expression)
        return found

    def atom(self, expression: Expr) -> Rational:
        """An expression that is not looked into."""
        return atom(self.atom_number(expression))

    def is_idempotent(self, position: int) -> bool:
        """Whether the atom is 0 or 1, so that its square is itself."""
        expression = self.atoms[position]
        if isinstance(expression, Delta | Inside | Bracket):
            return True
        return isinstance(expression, Entry) and expression.tensor in self._binary

    def is_positive_atom(self, expression: Expr) -> bool:
        """Whether the atom is known to be greater than zero."""
        if isinstance(expression, exp) or expression in (sympy.E, sympy.pi):
            return True
        if isinstance(expression, sympy.Symbol) and not isinstance(expression, Index):
            return bool(expression.is_positive)
        if isinstance(expression, Entry):
            return expression.tensor in self._positive
        if isinstance(expression, Total):
            return self.is_positive(self.normal(opened(expression)[0]))
        if isinstance(expression, Pow):
            return self.is_positive(self.normal(expression.base))
        return False

    def is_positive(self, value: Rational) -> bool:
        """Whether the value is known to be greater than zero: only positive terms, over positive factors."""
        if value.is_zero:
            return False
        for polynomial in (value.numerator, *(dict(key) for key in value.denominator)):
            strict = False
            for monomial, coefficient in polynomial.items():
                if coefficient <= 0:
                    return False
                squares = all(e % 2 == 0 or self.is_positive_atom(self.atoms[a]) for a, e in monomial)
                if not squares:
                    return False
                strict = strict or all(self.is_positive_atom(self.atoms[a]) for a, _ in monomial)
            if not strict:
                return False
        return True

    # -- from formulas ----------------------------------------------------------------------------------------

    def normal(self, formula: Any) -> Rational:
        """The normal form. Raises `TooLarge` where it would grow beyond bounds."""
        found = self._memo.get(formula)
        if found is None:
            found = self._memo[formula] = self._normal(formula)
        return found

    def _normal(self, formula: Any) -> Rational:
        if isinstance(formula, sympy.Rational):
            return number(Fraction(int(formula.p), int(formula.q)))
        if isinstance(formula, Add):
            return self.sum(self.normal(term) for term in formula.args)
        if isinstance(formula, Mul):
            result = number(1)
            for factor in sorted(formula.args, key=lambda part: isinstance(part, Delta)):
                if isinstance(factor, Delta):  # it renames indices above the line only, so what can cancel has to first
                    result = reduced(result)
                result = self.times(result, self.normal(factor))
            return result
        if isinstance(formula, Entry):
            return self._entry(formula)
        if self.is_shallow and isinstance(formula, SHALLOW):
            return self.atom(formula)
        if isinstance(formula, exp):
            return self.by_cases(self.normal(formula.args[0]), elementary.exponential)
        if isinstance(formula, Pow):
            return elementary.power(self, formula.base, formula.exp)
        if isinstance(formula, log):
            return self.by_cases(self.normal(formula.args[0]), elementary.logarithm)
        if isinstance(formula, Total):
            body, index = opened(formula)
            return contract(self, self.normal(body), index)
        if isinstance(formula, Extreme):
            return self._extreme(formula)
        if isinstance(formula, Call):
            return self._call(formula)
        if isinstance(formula, Cases):
            return self._cases(formula)
        if isinstance(formula, Maximum):
            return self._larger(formula.args[0], formula.args[1])
        if isinstance(formula, Minimum):
            return self.negative(self._larger(-formula.args[0], -formula.args[1]))
        if isinstance(formula, Abs):
            inner = self.normal(formula.args[0])
            if self.is_positive(inner):
                return inner
            above = self.positive_part(inner)
            return self.sum([above, above, self.negative(inner)])
        if isinstance(formula, sign):
            inner = self.normal(formula.args[0])
            above = self.greater(inner)
            return self.sum([above, above, number(-1), self.equal_zero(inner)])
        if isinstance(formula, Bracket):
            return self.condition(formula.condition)
        if isinstance(formula, Delta):
            solved = Delta(within_single_axes(formula.difference))
            return self.atom(solved) if isinstance(solved, Delta) else self.normal(solved)
        if isinstance(formula, Inside | sympy.Symbol | sympy.NumberSymbol):
            return self.atom(formula)
        if isinstance(formula, Partial):
            return self.atom(Partial(with_bound_names(formula.body), formula.entry))
        if isinstance(formula, sympy.Float):
            return number(Fraction(str(formula)))
        if isinstance(formula, MatrixNode):
            return self._matrix(formula)
        if formula.is_number and not formula.is_finite:
            raise ValueError(f"{formula} is not a finite number")
        if len(formula.args) == 1 and not isinstance(formula, Binder):
            return self.by_cases(self.normal(formula.args[0]), lambda _, value: self._opaque(formula.func, value))
        return self.atom(formula.func(*[self.canonical(argument) for argument in formula.args]))

    def _opaque(self, function: Any, value: Rational) -> Rational:
        applied = function(self.formula(reduced(value)))
        return self.atom(applied) if applied.func is function else self.normal(applied)

    def canonical(self, formula: Any) -> Any:
        """The normal form, back as a formula; indices and conditions inside are left as they are."""
        if isinstance(formula, Index | Tensor | Elementwise) or not isinstance(formula, Expr):
            return formula
        return self.formula(reduced(self.normal(formula)))

    def _extreme(self, formula: Extreme) -> Rational:
        body, index = opened(formula)
        shown = self.canonical(body)
        if index not in shown.free_symbols:
            return self.normal(shown)
        named = Index(f"_{height_of(shown, [index]) + 1}_0", index.dimension)
        return self.atom(Extreme(substitute_indices(shown, {index: named}), named))

    def _matrix(self, formula: MatrixNode) -> Rational:
        own = {index: index.fresh() for index in formula.matrix.indices}
        shown = self.canonical(substitute_indices(formula.matrix.body, own))
        height = height_of(shown, list(own.values())) + 1
        names = {old: Index(f"_{height}_{place}", old.dimension) for place, old in enumerate(own.values())}
        matrix = Array(list(names.values()), substitute_indices(shown, names))
        return self.atom(formula.func(matrix, *formula.places))

    def _entry(self, entry: Entry) -> Rational:
        places = [within_single_axes(index) for index in entry.indices]
        indices = [index if isinstance(index, Index) else sympy.expand(index) for index in places]
        fact = self._symmetric.get(entry.tensor)
        if fact is not None and str(indices[0]) > str(indices[1]):
            indices.reverse()
            self.used.add(fact)
        return self.atom(Entry(entry.tensor, *indices))

    def _call(self, call: Call) -> Rational:
        if call.function.body is not None:
            return self.normal(unfold(call))
        if len(call.arguments) == 1:
            inner = self.normal(call.arguments[0])
            return self.by_cases(inner, lambda _, value: self.atom(Call(call.function, self.formula(reduced(value)))))
        return self.atom(Call(call.function, *[self.canonical(argument) for argument in call.arguments]))

    def _cases(self, formula: Cases) -> Rational:
        remaining = number(1)
        terms = []
        for condition, value in formula.branches:
            holds = self.condition(condition)
            terms.append(self.times(self.times(remaining, holds), self.normal(value)))
            remaining = self.times(remaining, plus(number(1), holds, -1))
        terms.append(self.times(remaining, self.normal(formula.default)))
        return self.sum(terms)

    def _larger(self, left: Expr, right: Expr) -> Rational:
        return plus(self.normal(right), self.positive_part(self.normal(left - right)))

    # -- conditions -------------------------------------------------------------------------------------------

    def condition(self, condition: Any) -> Rational:
        """1 where the condition holds, else 0."""
        if isinstance(condition, AllOf):
            result = number(1)
            for part in condition.args:
                result = self.times(result, self.condition(part))
            return result
        if not isinstance(condition, Compare):
            raise TypeError(f"not a condition: {condition}")
        difference = self.normal(condition.left - condition.right)
        opposite = self.negative(difference)
        match condition.operator:
            case ">":
                return self.greater(difference)
            case "<":
                return self.greater(opposite)
            case ">=":
                return plus(number(1), self.greater(opposite), -1)
            case "<=":
                return plus(number(1), self.greater(difference), -1)
            case "==":
                return self.equal_zero(difference)
            case _:
                return plus(number(1), self.equal_zero(difference), -1)

    def by_cases(self, value: Rational, function: Callable[[Normalizer, Rational], Rational]) -> Rational:
        """A function of a value with brackets, bracket by bracket: ``f(a + b [c]) = [c] f(a + b) + (1 - [c]) f(a)``."""
        position = self._first_bracket(value)
        if position is None:
            return function(self, value)
        bracket = atom(position)
        held = self.by_cases(self._at(value, position, True), function)
        failed = self.by_cases(self._at(value, position, False), function)
        return self.sum([self.times(bracket, held), self.times(plus(number(1), bracket, -1), failed)])

    def _first_bracket(self, value: Rational) -> int | None:
        polynomials = [value.numerator, *(dict(key) for key in value.denominator)]
        found = {a for p in polynomials for m in p for a, _ in m if isinstance(self.atoms[a], Bracket)}
        return min(found) if found and len(found) <= MAX_BRACKETS else None

    def _at(self, value: Rational, position: int, holds: bool) -> Rational:
        """The value where a bracket is 1 or 0."""
        result = Rational(_bracket_at(value.numerator, position, holds))
        for key, exponent in value.denominator.items():
            factor = Rational(_bracket_at(dict(key), position, holds))
            result = times(result, self.whole_power(inverse(factor), exponent))
        return self.tidy(result)

    def _oriented(self, value: Rational) -> tuple[bool, Expr]:
        """Whether the sign was turned, and the value up to a positive factor with a fixed sign.

        The leading term is chosen by its text without the names of indices: the choice is then the same for another
        numbering of the atoms and for other bound names. Among terms that differ in these names alone, as those of
        ``2 i + p - j`` do, the coefficients decide; the names do only where ``p - q`` leaves nothing else.
        """
        value = self._without_positive_factors(reduced(value))
        orders = {monomial: self._order_of_term(monomial) for monomial in value.numerator}
        first = max(orders.values())
        alike = [value.numerator[monomial] for monomial, order in orders.items() if order[:2] == first[:2]]
        scale = min(map(abs, alike))
        ahead, behind = sorted(alike), sorted(-coefficient for coefficient in alike)
        leading = value.numerator[max(orders, key=orders.__getitem__)]
        turned = ahead < behind if ahead != behind else leading < 0
        scaled = Rational({m: c / scale for m, c in value.numerator.items()}, value.denominator)
        return turned, self.formula(self.negative(scaled) if turned else scaled)

    def _without_positive_factors(self, value: Rational) -> Rational:
        """The value over those of its factors that are known to be positive: ``[n x > 0]`` is ``[x > 0]``."""
        _, common, _ = content(value.numerator)
        positive = tuple((a, -e) for a, e in common if self.is_positive_atom(self.atoms[a]))
        denominator = {key: e for key, e in value.denominator.items() if not self.is_positive(Rational(dict(key)))}
        return times(Rational(value.numerator, denominator), Rational({positive: Fraction(1)}))

    def _order_of_term(self, monomial: Monomial) -> tuple[bool, list[tuple[str, str]], list[tuple[str, str]]]:
        atoms = [(self.atoms[position], str(exponent)) for position, exponent in monomial]
        blank = {i: Index("_", 1) for a, _ in atoms for i in a.free_symbols if isinstance(i, Index)}
        return (
            bool(atoms),
            sorted((text(a, blank), e) for a, e in atoms),
            sorted((text(a, {}), e) for a, e in atoms),
        )

    def positive_part(self, value: Rational) -> Rational:
        """``value [value > 0]``. One of ``q`` and ``-q`` is used for both: ``max(0, -q) = -q + max(0, q)``."""
        value = reduced(value)
        if self._first_bracket(value) is not None:
            return self.by_cases(value, Normalizer.positive_part)
        if value.is_zero or not self._oriented(value)[0]:
            return self.times(value, self.greater(value))
        opposite = self.negative(value)
        return plus(value, self.times(opposite, self.greater(opposite)))

    def greater(self, value: Rational) -> Rational:
        """``[value > 0]``."""
        value = reduced(value)
        if value.number is not None:
            return number(int(value.number > 0))
        if self._first_bracket(value) is not None:
            return self.by_cases(value, Normalizer.greater)
        if self.is_positive(value):
            return number(1)
        if self.is_positive(self.negative(value)):
            return number(0)
        turned, shown = self._oriented(value)
        above = self.atom(Bracket(Compare(">", shown, S.Zero)))
        if not turned:
            return above
        return self.sum([number(1), self.negative(above), self.negative(self.equal_zero(value))])

    def equal_zero(self, value: Rational) -> Rational:
        """``[value = 0]``."""
        value = reduced(value)
        if value.number is not None:
            return number(int(value.number == 0))
        if self._first_bracket(value) is not None:
            return self.by_cases(value, Normalizer.equal_zero)
        if self.is_positive(value) or self.is_positive(self.negative(value)):
            return number(0)
        _, shown = self._oriented(value)
        return self.atom(Bracket(Compare("==", shown, S.Zero)))

    # -- arithmetic with the laws of the atoms ----------------------------------------------------------------

    def negative(self, value: Rational) -> Rational:
        return Rational({m: -c for m, c in value.numerator.items()}, value.denominator)

    def sum(self, values: Iterable[Rational]) -> Rational:
        result = number(0)
        for value in values:
            result = plus(result, value)
        return result

    def times(self, left: Rational, right: Rational) -> Rational:
        """The product, with idempotent atoms and roots brought back to their normal exponents."""
        return self.tidy(times(left, right))

    def tidy(self, value: Rational) -> Rational:
        """Bring back exponents of idempotent atoms and of roots, and cancel ``x [x = 0]``."""
        changed: Polynomial = {}
        lifted: list[Rational] = []
        for monomial, coefficient in value.numerator.items():
            plain, extra = self._tidy_monomial(monomial)
            if plain is None:
                continue
            if extra is None:
                changed = add(changed, {plain: coefficient})
            else:
                lifted.append(times(Rational({plain: coefficient}), extra))
        result = Rational(changed, value.denominator if changed else {})
        for item in lifted:
            result = plus(result, self.tidy(Rational(item.numerator, _joined(item, value))))
        return result

    def _tidy_monomial(self, monomial: Monomial) -> tuple[Monomial | None, Rational | None]:
        exponents: dict[int, Any] = {}
        extra: Rational | None = None
        for position, exponent in monomial:
            expression = self.atoms[position]
            if self.is_idempotent(position):
                if exponent < 0:
                    raise ZeroDivisionError(f"division by {expression}, which may be zero")
                if exponent != 1 and isinstance(expression, Entry):
                    self.used.add(self._binary[expression.tensor])
                exponents[position] = 1
            else:
                exponents[position] = exponent
        if self._vanishes(exponents):
            return None, None
        sifted = self._sift(exponents)
        if sifted is not None:
            return sifted
        plain, extra = elementary.reduce_roots(self, exponents)
        return tuple(sorted(plain.items())), extra

    def _sift(self, exponents: dict[int, Any]) -> tuple[Monomial, Rational] | None:
        """``delta(i, j) f(i) = delta(i, j) f(j)``: one of the two indices is written throughout."""
        for position in exponents:
            delta = self.atoms[position]
            if not isinstance(delta, Delta):
                continue
            implied = [a for a in exponents if implied_by(delta, self.atoms[a])]
            if implied:
                return tuple(sorted((a, e) for a, e in exponents.items() if a not in implied)), number(1)
            for index in sorted(delta.difference.atoms(Index), key=lambda i: i.sort_name, reverse=True):
                solution = solve_for(delta.difference, index)
                if solution is None:
                    continue
                moved = {a: e for a, e in exponents.items() if a != position and index in self.atoms[a].free_symbols}
                if not moved:
                    break
                rest = Mul(*[self._atom_power(a, e) for a, e in moved.items()])
                kept = {a: e for a, e in exponents.items() if a not in moved}
                return tuple(sorted(kept.items())), self.normal(substitute_indices(rest, {index: solution}))
        return None

    def _vanishes(self, exponents: dict[int, Any]) -> bool:
        """Whether the product is zero because of ``x [x = 0] = 0`` or ``[x > 0] [x = 0] = 0``."""
        zeros = [e.condition.left for e in map(self.atoms.__getitem__, exponents) if is_zero_bracket(e)]
        for left in zeros:
            inner = self.numbers.get(left)
            if inner is not None and exponents.get(inner, 0) > 0:
                return True
            above = self.numbers.get(Bracket(Compare(">", left, S.Zero)))
            if above is not None and above in exponents:
                return True
        return False

    def inverse(self, value: Rational) -> Rational:
        return self.by_cases(reduced(value), lambda _, plain: inverse(reduced(plain)))

    def whole_power(self, value: Rational, exponent: int) -> Rational:
        """A whole power. Raises `TooLarge` beyond `MAX_POWER` unless the value is a single term."""
        single = value.monomial
        if single is not None:
            monomial, coefficient = single
            return self.tidy(Rational({power_of_monomial(monomial, exponent): coefficient**exponent}))
        if abs(exponent) > MAX_POWER:
            raise TooLarge(f"power {exponent}")
        if exponent < 0:
            return self.whole_power(self.inverse(value), -exponent)
        result = number(1)
        for _ in range(exponent):
            result = self.times(result, value)
        return result

    # -- back to formulas -------------------------------------------------------------------------------------

    def monomial_formula(self, monomial: Monomial) -> Expr:
        return Mul(*[self._atom_power(position, exponent) for position, exponent in monomial])

    def _atom_power(self, position: int, exponent: Any) -> Expr:
        expression = self.atoms[position]
        if exponent == 1:
            return expression
        shown = sympy.Rational(exponent.numerator, exponent.denominator)
        if isinstance(expression, exp):
            return exp(shown * expression.args[0])
        return Pow(expression, shown)

    def polynomial_formula(self, polynomial: Polynomial) -> Expr:
        return Add(
            *[Mul(sympy.Rational(c.numerator, c.denominator), self.monomial_formula(m)) for m, c in polynomial.items()]
        )

    def formula(self, value: Rational) -> Expr:
        """The value as a formula."""
        bottom = [Pow(self.polynomial_formula(dict(key)), -exponent) for key, exponent in value.denominator.items()]
        return Mul(self.polynomial_formula(value.numerator), *bottom)

    # -- questions --------------------------------------------------------------------------------------------

    def equal(self, left: Any, right: Any, *, almost_everywhere: bool = False) -> bool:
        """Whether the two formulas have the same normal form. False means "not shown equal".

        With `almost_everywhere`, points at which some piecewise condition holds with equality are left out: there a
        subgradient is a matter of convention.
        """
        left, right = as_formula(left), as_formula(right)
        difference = plus(self.normal(left), self.normal(right), -1)
        if not difference.is_zero:
            # A common denominator may have put factors beside deltas that say at which places they stand.
            difference = self.tidy(difference)
        shown = all(is_without_value(self, term, difference.denominator) for term in difference.numerator) or (
            almost_everywhere and all(is_null_term(self, term) for term in difference.numerator)
        )
        if shown or self.is_apart or not self._divides_under_a_sum():
            return shown
        try:
            return self._sibling(apart=True).equal(left, right, almost_everywhere=almost_everywhere)
        except TooLarge:
            return False

    def _divides_under_a_sum(self) -> bool:
        """Whether some sum has kept a denominator, so that dividing first may show more."""
        inside = {position for _, monomial in self.contractions.values() for position, _ in monomial}
        return any(isinstance(a, Pow) and a.exp is S.NegativeOne for a in map(self.atoms.__getitem__, inside))


def opened(binder: Binder) -> tuple[Expr, Index]:
    """Body and index of a binder. An index with a canonical name gets one of its own.

    The names that the normal form gives are then never free where it gives names.
    """
    if not is_canonical(binder.index):
        return binder.body, binder.index
    index = binder.index.fresh()
    return substitute_indices(binder.body, {binder.index: index}), index


def _bracket_at(polynomial: Polynomial, position: int, holds: bool) -> Polynomial:
    result: Polynomial = {}
    for monomial, coefficient in polynomial.items():
        rest = tuple(item for item in monomial if item[0] != position)
        if holds or len(rest) == len(monomial):
            result = add(result, {rest: coefficient})
    return result


def _joined(item: Rational, value: Rational) -> dict[Any, int]:
    joined = dict(item.denominator)
    for key, exponent in value.denominator.items():
        joined[key] = joined.get(key, 0) + exponent
    return joined


__all__ = ["ONE", "Normalizer", "Rational", "TooLarge", "expanded", "multiply", "number", "reduced"]
