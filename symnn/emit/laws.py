"""Laws: formulas that are equal, one of them safe in floating point.

A law is a value with a left side as a mathematician writes it and a right side in NumPy's vocabulary. It is proven
from the definitions before it is used. Formulas are recognised by their normal form, never by the name of an operator:
``e^x / (e^x + 1)`` is the logistic function, whoever wrote it.

Sources: N. Higham, *Accuracy and Stability of Numerical Algorithms*, 2nd ed., chapter 1 (cancellation, ``expm1``,
``log1p``); M. Mächler, *Accurately computing log(1 - exp(-|a|))*, R package Rmpfr vignette, 2012.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from sympy import Abs, Expr, Integer, S, erf, exp, log, sqrt

from symnn.emit.errors import EmitError
from symnn.emit.special import erf_lines, erfc_lines, normal_tail_lines, weighted_sigmoid_lines
from symnn.emit.vocabulary import expm1, log1p, tanh, variable
from symnn.formula.facts import Fact
from symnn.formula.nodes import Bracket, Call, Cases, Compare, Elementwise, Maximum, Minimum, Tensor, entries
from symnn.formula.normal import Normalizer
from symnn.formula.substitute import rebuild, substitute_entries, transform, unfold_all

X = variable("x")
W = variable("w")


@dataclass(frozen=True)
class Law:
    """``left = right`` for every value of the variable ``x``, and of the weight ``w`` where there is one.

    The right side becomes a function `name` of the module, unless it is `short` enough to stand where it is used. A
    law without a right side is a function that NumPy lacks; `code` gives its lines, where those of the right side would
    not do, and `needs` the laws they use, `shared` what several such functions use. `constants` are the symbols on the left side, which the function is given.
    One that `chooses` treats some entries in a way of their own, and is given no array without axes.
    """

    name: str
    left: Expr
    right: Expr | None
    says: str
    short: bool = False
    code: Callable[[], tuple[str, ...]] | None = None
    needs: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    constants: tuple[Any, ...] = ()
    chooses: bool = False

    @property
    def function(self) -> Elementwise:
        """The left side as an elementwise function of the formula layer."""
        return Elementwise(f"law.{self.name}", ("x", "w") if W in entries(self.left) else ("x",), self.left)

    def at(self, value: Any) -> Any:
        """What stands in the place of the left side at a value of the variable."""
        if self.short and self.right is not None:
            return _at(self.right, value)
        return Call(self.function, value)

    def left_at(self, value: Any) -> Any:
        """The left side at a value of the variable."""
        return _at(self.left, value)


_small = exp(-Abs(X))
_root = exp(-Abs(X) / 2)
_near = Minimum(Abs(X), 1)

SIGMOID = Law(
    "sigmoid",
    1 / (1 + exp(-X)),
    Maximum(_small, Bracket(Compare(">=", X, 0))) / (1 + _small),
    "The exponential of -|x| is at most 1, so nothing overflows; tiny values keep all their digits.",
)

NORMAL_TAIL = Law(
    "normal_tail",
    1 - erf(X / sqrt(2)),
    None,
    "No digits are lost where the error function is close to 1.",
    code=normal_tail_lines,
    shared=("polynomial",),
)

LAWS: tuple[Law, ...] = (
    SIGMOID,
    Law(
        "log_sigmoid",
        log(1 / (1 + exp(-X))),
        Minimum(X, 0) - log1p(_small),
        "The logarithm of a number that would round to 0 or to 1.",
    ),
    Law(
        "softplus",
        log(1 + exp(X)),
        Maximum(X, 0) + log1p(_small),
        "The exponential of -|x| is at most 1, so nothing overflows.",
    ),
    Law(
        "log_cosh",
        log((exp(X) + exp(-X)) / 2),
        Cases(
            [(Compare("<", Abs(X), 1), log1p(expm1(-_near) ** 2 / (2 * exp(-_near))))],
            Abs(X) + log1p(_small**2) - log(2),
        ),
        "The exponential of -|x| is at most 1, so nothing overflows; near 0 nothing cancels.",
    ),
    Law(
        "sigmoid_slope",
        exp(-X) / (1 + exp(-X)) ** 2,
        _small / (1 + _small) ** 2,
        "The function is even, and the exponential of -|x| is at most 1.",
    ),
    Law("tanh", (exp(X) - exp(-X)) / (exp(X) + exp(-X)), tanh(X), "NumPy's own tanh.", short=True),
    Law("expm1", exp(X) - 1, expm1(X), "NumPy's own expm1: no digits are lost near 0.", short=True),
    Law(
        "one_plus_tanh",
        2 / (1 + exp(-2 * X)),
        2 * Call(SIGMOID.function, 2 * X),
        "Tiny values keep all their digits.",
        short=True,
        needs=("sigmoid",),
    ),
    NORMAL_TAIL,
    Law(
        "erfc",
        1 - erf(X),
        None,
        "No digits are lost where the error function is close to 1.",
        code=erfc_lines,
        shared=("polynomial",),
    ),
    Law("erf", erf(X), None, "The error function.", code=erf_lines, needs=("erfc",), shared=("polynomial",)),
)
"""The laws, in the order in which they are tried."""

WEIGHTED: dict[Elementwise, Law] = {
    SIGMOID.function: Law(
        "weighted_sigmoid",
        W * SIGMOID.left,
        W * Maximum(_root, Bracket(Compare(">=", X, 0))) ** 2 / (1 + _root**2),
        "The weight comes between two roots: the product may have all its digits where the logistic function has not.",
        code=weighted_sigmoid_lines,
        chooses=True,
    ),
    NORMAL_TAIL.function: replace(NORMAL_TAIL, left=W * NORMAL_TAIL.left),
}
"""The functions of laws that vanish, times a number that may be large."""


@cache
def proven(law: Law) -> Law:
    """The law itself, once it is proven. Raises EmitError when it is not.

    >>> proven(LAWS[0]).name
    'sigmoid'
    """
    if law.right is not None and not holds(law.left, law.right):
        raise EmitError(f"the law {law.name} does not follow from the definitions; it is not used")
    return law


def holds(left: Any, right: Any) -> bool:
    """Whether two formulas in ``x`` are equal, shown for ``x > 0``, ``x = 0`` and ``x < 0`` one after the other.

    On each of the three, absolute values, maxima and brackets of x are plain formulas. Of a piecewise formula every
    branch must be equal, where the smaller of two sides that its condition compares is known.
    """
    if isinstance(right, Cases):
        ((condition, value),) = right.branches
        return all(holds(left, _where(side, condition, met)) for side, met in ((value, True), (right.default, False)))
    positive = Tensor("u")
    facts = (Fact("positive", positive),)
    for value in (positive.entry(), S.Zero, -positive.entry()):
        normalizer = Normalizer(facts)
        sides = [_decided(normalizer, _at(side, value)) for side in (left, right)]
        if not normalizer.equal(*sides):
            return False
    return True


def _where(formula: Any, condition: Any, met: bool) -> Any:
    """The formula where ``left < right`` is met, or not: the smaller of these two is one of them."""
    smaller = condition.left if met else condition.right
    assert condition.operator in ("<", "<=")
    return formula.xreplace({Minimum(condition.left, condition.right): smaller})


def _at(formula: Any, value: Any) -> Any:
    """A formula in ``x`` at a value of x."""
    return substitute_entries(formula, lambda entry: value if entry == X else None)


def _decided(normalizer: Normalizer, formula: Any) -> Any:
    """The formula with brackets that are decided replaced by their value, and ``max(e^a, 1) = e^max(a, 0)``."""

    def visit(node: Any) -> Any | None:
        if isinstance(node, Bracket):
            value = normalizer.normal(node).number
            return None if value is None else Integer(int(value))
        if isinstance(node, Maximum):
            sides = [transform(argument, visit) for argument in node.args]
            for one, other in (sides, reversed(sides)):
                if isinstance(one, exp) and other is S.One:
                    # The exponential increases, and it is 1 at 0.
                    return exp(Maximum(one.args[0], S.Zero))
                if isinstance(one, exp) and other is S.Zero:
                    return one
            return rebuild(node, sides)
        return None

    return transform(unfold_all(formula), visit)
