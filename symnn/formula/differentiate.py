"""Differentiation: a table of primitive rules, each one step deep.

Every rule turns one unevaluated derivative (`Partial`) into a formula that may hold smaller ones. The table is the
only knowledge about derivatives in this package: operators are differentiated through their definitions. The same
table serves the fast path (`differentiate`, all steps at once), the derivation (one named step at a time) and the
checker (which re-applies a named rule and compares).

Source of the rules: any calculus text, for example M. Spivak, *Calculus*, chapters 9, 10, 18; the index rule is
``d x[i] / d x[j] = delta(i, j)`` (T. Laue et al., *A Simple and Efficient Tensor Calculus*, AAAI 2020).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sympy import Abs, Add, Expr, Mul, Pow, S, cos, erf, exp, log, pi, sign, sin, sqrt

from symnn.formula.index import Index, as_formula
from symnn.formula.matrices import Inverse, LogDeterminant
from symnn.formula.nodes import (
    Bracket,
    Call,
    Cases,
    Compare,
    Delta,
    Entry,
    Extreme,
    Inside,
    Maximum,
    Minimum,
    Partial,
    Total,
    tensors,
)
from symnn.formula.substitute import substitute_indices, unfold


class DifferentiationError(ValueError):
    """No rule covers the formula. Raised instead of returning a wrong zero."""


@dataclass(frozen=True)
class DerivativeRule:
    """A named law for derivatives.

    `applies` tells whether the rule is the one for a body; `apply` gives the right side, one step deep.
    """

    name: str
    says: str
    law: str
    applies: Callable[[Expr, Entry], bool]
    apply: Callable[[Expr, Entry], Any]


def _is(kind: Any) -> Callable[[Expr, Entry], bool]:
    return lambda body, entry: isinstance(body, kind)


def _constant(body: Expr, entry: Entry) -> bool:
    return entry.tensor not in tensors(body)


def _entry(body: Expr, entry: Entry) -> Any:
    return Mul(*[Delta(a, b) for a, b in zip(body.indices, entry.indices, strict=True)])


def _product(body: Expr, entry: Entry) -> Any:
    terms = []
    for position, factor in enumerate(body.args):
        if entry.tensor in tensors(factor):
            rest = [f for other, f in enumerate(body.args) if other != position]
            terms.append(Mul(*rest, Partial(factor, entry)))
    return Add(*terms)


def _quotient_parts(body: Expr) -> tuple[Expr, Expr]:
    denominators = [f for f in Mul.make_args(body) if isinstance(f, Pow) and f.exp == -1]
    numerators = [f for f in Mul.make_args(body) if not (isinstance(f, Pow) and f.exp == -1)]
    return Mul(*numerators), Mul(*[d.base for d in denominators])


def _is_quotient(body: Expr, entry: Entry) -> bool:
    _, denominator = _quotient_parts(body)
    return denominator is not S.One and entry.tensor in tensors(denominator)


def _quotient(body: Expr, entry: Entry) -> Any:
    top, bottom = _quotient_parts(body)
    return (Partial(top, entry) * bottom - top * Partial(bottom, entry)) / bottom**2


def _constant_factor(body: Expr, entry: Entry) -> bool:
    return isinstance(body, Mul) and any(_constant(f, entry) for f in body.args)


def _pull_constants(body: Expr, entry: Entry) -> Any:
    constants = [f for f in body.args if _constant(f, entry)]
    rest = [f for f in body.args if not _constant(f, entry)]
    return Mul(*constants, Partial(Mul(*rest), entry))


def _power(body: Expr, entry: Entry) -> Any:
    return body.exp * body.base ** (body.exp - 1) * Partial(body.base, entry)


def _general_power(body: Expr, entry: Entry) -> Any:
    return body * (Partial(body.exp, entry) * log(body.base) + body.exp * Partial(body.base, entry) / body.base)


def _sum_over_index(body: Expr, entry: Entry) -> Any:
    inner, index = body.body, body.index
    if index in entry.free_symbols:
        renamed = index.fresh()
        inner, index = substitute_indices(inner, {index: renamed}), renamed
    return Total(Partial(inner, entry), index)


def _cases(body: Expr, entry: Entry) -> Any:
    return Cases([(c, Partial(v, entry)) for c, v in body.branches], Partial(body.default, entry))


def _maximum(body: Expr, entry: Entry) -> Any:
    left, right = body.args
    if right is S.Zero or right.is_number:
        left, right = right, left
    # At a tie the second (the moving) argument is off: the subgradient 0 of max(0, x) at the kink.
    condition = Compare(">", right, left)
    return Cases([(condition, Partial(right, entry))], Partial(left, entry))


def _minimum(body: Expr, entry: Entry) -> Any:
    left, right = body.args
    if right is S.Zero or right.is_number:
        left, right = right, left
    return Cases([(Compare("<", right, left), Partial(right, entry))], Partial(left, entry))


def first_maximiser(body: Expr, index: Index) -> Any:
    """1 where `index` is the first position at which `body` takes its maximum over the index, else 0."""
    other = index.fresh()
    moved = substitute_indices(body, {index: other})
    ties_before = Total(Bracket(Compare("==", moved, body)) * Bracket(Compare("<", other, index)), other)
    return Bracket(Compare("==", body, Extreme(moved, other))) * Bracket(Compare("==", ties_before, 0))


def _extreme(body: Expr, entry: Entry) -> Any:
    inner, index = body.body, body.index
    if index in entry.free_symbols:
        renamed = index.fresh()
        inner, index = substitute_indices(inner, {index: renamed}), renamed
    return Total(first_maximiser(inner, index) * Partial(inner, entry), index)


def _call(body: Expr, entry: Entry) -> Any:
    if body.function.body is not None:
        return Partial(unfold(body), entry)
    return Call(body.function.prime(), *body.arguments) * Partial(body.arguments[0], entry)


def _inverse(body: Expr, entry: Entry) -> Any:
    rows, columns = (i.fresh() for i in body.matrix.indices)
    left = Inverse(body.matrix, body.places[0], rows)
    right = Inverse(body.matrix, columns, body.places[1])
    return -Total(Total(left * Partial(body.matrix.at(rows, columns), entry) * right, columns), rows)


def _log_determinant(body: Expr, entry: Entry) -> Any:
    rows, columns = (i.fresh() for i in body.matrix.indices)
    weight = Inverse(body.matrix, columns, rows)
    return Total(Total(weight * Partial(body.matrix.at(rows, columns), entry), columns), rows)


def _chain(outer: Callable[[Expr], Any]) -> Callable[[Expr, Entry], Any]:
    return lambda body, entry: outer(body.args[0]) * Partial(body.args[0], entry)


RULES: tuple[DerivativeRule, ...] = (
    DerivativeRule("entry", "an entry depends on itself only", r"\partial x_i/\partial x_j=\delta_{ij}",
                   lambda body, entry: isinstance(body, Entry) and body.tensor == entry.tensor
                   and not _inner(body, entry), _entry),
    DerivativeRule("constant", "a constant has derivative 0", r"c'=0", _constant, lambda body, entry: S.Zero),
    DerivativeRule("sum", "the derivative of a sum is the sum of the derivatives", r"(f+g)'=f'+g'", _is(Add),
                   lambda body, entry: Add(*[Partial(term, entry) for term in body.args])),
    DerivativeRule("constant factor", "a constant factor is kept", r"(c\,f)'=c\,f'", _constant_factor, _pull_constants),
    DerivativeRule("quotient", "quotient rule", r"(f/g)'=(f'g-fg')/g^2", _is_quotient, _quotient),
    DerivativeRule("product", "product rule", r"(fg)'=f'g+fg'", _is(Mul), _product),
    DerivativeRule("exponential", "the exponential is its own derivative, then the chain rule",
                   r"(e^f)'=e^f\,f'", _is(exp), _chain(exp)),
    DerivativeRule("power", "power rule, then the chain rule", r"(f^n)'=n f^{n-1} f'",
                   lambda body, entry: isinstance(body, Pow) and _constant(body.exp, entry), _power),
    DerivativeRule("general power", "a power with a variable exponent", r"(f^g)'=f^g(g'\log f+g f'/f)",
                   _is(Pow), _general_power),
    DerivativeRule("logarithm", "logarithm, then the chain rule", r"(\log f)'=f'/f", _is(log), _chain(lambda u: 1 / u)),
    DerivativeRule("error function", "error function, then the chain rule",
                   r"(\operatorname{erf} f)'=\tfrac{2}{\sqrt\pi}e^{-f^2}f'", _is(erf),
                   _chain(lambda u: 2 / sqrt(pi) * exp(-(u**2)))),
    DerivativeRule("sine", "sine, then the chain rule", r"(\sin f)'=\cos f\,f'", _is(sin), _chain(cos)),
    DerivativeRule("cosine", "cosine, then the chain rule", r"(\cos f)'=-\sin f\,f'", _is(cos),
                   _chain(lambda u: -sin(u))),
    DerivativeRule("absolute value", "the absolute value has its sign as derivative; 0 is taken at the kink",
                   r"|f|'=\operatorname{sign}(f)\,f'", _is(Abs), _chain(sign)),
    DerivativeRule("piecewise constant", "a step has derivative 0 wherever the derivative exists",
                   r"\operatorname{sign}'=0",
                   _is((sign, Bracket, Delta, Inside)), lambda body, entry: S.Zero),
    DerivativeRule("sum over an index", "the derivative of a sum is the sum of the derivatives",
                   r"(\textstyle\sum_k f_k)'=\sum_k f_k'", _is(Total), _sum_over_index),
    DerivativeRule("cases", "each branch is differentiated on its own; the boundary keeps the branch it belongs to",
                   r"\text{branch by branch}", _is(Cases), _cases),
    DerivativeRule("maximum", "the derivative of the larger argument; the constant one counts at a tie",
                   r"\max(f,g)'", _is(Maximum), _maximum),
    DerivativeRule("minimum", "the derivative of the smaller argument; the constant one counts at a tie",
                   r"\min(f,g)'", _is(Minimum), _minimum),
    DerivativeRule("maximum over an index", "the derivative of the entry that is largest, the first one at a tie",
                   r"(\max_k f_k)'", _is(Extreme), _extreme),
    DerivativeRule("inverse", "from A X = I: A' X + A X' = 0, so X' = -X A' X", r"(A^{-1})'=-A^{-1}A'A^{-1}",
                   _is(Inverse), _inverse),
    DerivativeRule("log-determinant", "the trace of the inverse times the derivative",
                   r"(\log|\det A|)'=\operatorname{tr}(A^{-1}A')", _is(LogDeterminant), _log_determinant),
    DerivativeRule("unfolding", "an operator is differentiated through its definition; an unknown f gives f'",
                   r"f(u)'=f'(u)\,u'", _is(Call), _call),
)  # fmt: skip

RULE_BY_NAME = {rule.name: rule for rule in RULES}


def _inner(body: Entry, entry: Entry) -> bool:
    return any(entry.tensor in tensors(index) for index in body.indices)


def rule_for(body: Expr, entry: Entry) -> DerivativeRule:
    """The rule that differentiates `body` with respect to `entry`.

    Raises DifferentiationError when no rule covers it.
    """
    for rule in RULES:
        if rule.applies(body, entry):
            return rule
    raise DifferentiationError(f"no rule differentiates {body} ({type(body).__name__}) with respect to {entry}")


OnCall = Callable[[Call, Entry], Any]


def differentiate(formula: Any, entry: Entry, on_call: OnCall | None = None) -> Any:
    """The derivative of a formula with respect to one tensor entry, with deltas left in.

    `on_call` may give the derivative of an elementwise operator (from a lemma); without it the operator is
    differentiated through its definition.

    >>> from symnn.formula.index import Index, dimension
    >>> from symnn.formula.nodes import Tensor
    >>> n = dimension("n"); i, j = Index("i", n), Index("j", n); x = Tensor("x", (n,))
    >>> differentiate(x[i] ** 2, x[j])
    2*delta(i - j)*x[i]
    """
    return carry_out(Partial(as_formula(formula), entry), on_call)


def carry_out(formula: Any, on_call: OnCall | None = None) -> Any:
    """Carry out every unevaluated derivative in a formula."""
    if isinstance(formula, Partial):
        body, entry = formula.body, formula.entry
        rule = rule_for(body, entry)
        if on_call is not None and rule.name == "unfolding" and body.function.body is not None:
            return carry_out(on_call(body, entry), on_call)
        return carry_out(rule.apply(body, entry), on_call)
    if not formula.args or not formula.has(Partial):
        return formula
    return formula.func(*[carry_out(a, on_call) if a.has(Partial) else a for a in formula.args])
