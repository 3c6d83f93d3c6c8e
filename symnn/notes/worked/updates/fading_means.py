r"""Updates that are means: ``\mu_{run} \leftarrow (1 - m) \mu_{run} + m \mu_B`` moves a value towards another one of its kind.

The weights of the old value and of what it moves to add up to one, and both lie between 0 and 1 for every constant between.
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Expr, S

from symnn.notation.tree import Node
from symnn.notes.judge.errors import NotUnderstood
from symnn.notes.judge.slips.told import shown
from symnn.notes.worked.optimizers.scalars import Letter, LineReader
from symnn.notes.worked.updates.update_rules import UpdateRule


def towards(rule: UpdateRule) -> str:
    """What an update moves its target towards, where it is a mean; "" for another update."""
    left, right = rule.statement.first.node, rule.statement.steps[0].right.node
    reader = LineReader()
    try:
        target, formula = reader.read(left), reader.read(right)
    except (NotUnderstood, ZeroDivisionError, ValueError):
        return ""
    own, power = target.as_base_exp()
    letter = reader.letters.get(own)
    if letter is None or not power.is_number or rule.change:
        return ""
    olds = [other for other in _used(reader, formula) if other.name == letter.name]
    news = [
        other for other in _used(reader, formula)
        if other.base == letter.base and other.name != letter.name and not other.gradient
    ]  # fmt: skip
    if len(olds) != 1 or len(news) != 1:
        return ""
    weights = _weights(formula, olds[0].symbol ** power, news[0].symbol ** power)
    if weights is None or not _is_mean(*weights):
        return ""
    return _shown(news[0].node)


def _used(reader: LineReader, formula: Expr) -> list[Letter]:
    return [letter for symbol, letter in reader.letters.items() if symbol in formula.free_symbols]


def _weights(formula: Expr, old: Expr, new: Expr) -> tuple[Any, Any] | None:
    """The factors of two values in a formula that has nothing else; None for another formula."""
    one, other = sympy.Dummy(), sympy.Dummy()
    swapped = sympy.expand(formula).xreplace({old: one, new: other})
    first, second = swapped.coeff(one), swapped.coeff(other)
    if sympy.expand(swapped - first * one - second * other) != 0:
        return None
    return (first, second) if not (first.free_symbols | second.free_symbols) & {one, other} else None


def _is_mean(first: Expr, second: Expr) -> bool:
    """Whether the weights add up to one, and one of them is a product of letters, or a number between 0 and 1."""
    if sympy.expand(first + second - 1) != 0:
        return False
    if first.is_number:
        return bool(0 < first < 1)
    return any(_is_product(weight) for weight in (first, second))


def _is_product(weight: Expr) -> bool:
    return all(factor.is_Symbol for factor in sympy.Mul.make_args(weight)) and weight != S.One


def _shown(node: Node | None) -> str:
    return "" if node is None else shown(node)
