"""Divisions by values that may have rounded to zero, cancelled where the adjoints are used.

An adjoint such as ``∂L/∂p = -t / p`` is infinite, or 0/0, once p has rounded to 0, although the gradient with respect
to the logits is finite. Where an adjoint divides by such a value it is put into the adjoints that use it; if the
normal form of these no longer divides, they are computed that way and the first one is not computed at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sympy import Add, Mul, Pow

from symnn.emit.definitions import Definitions
from symnn.emit.plan import Assignment
from symnn.formula.deltas import eliminate_deltas
from symnn.formula.nodes import Entry, Tensor, subformulas, tensors
from symnn.formula.normal import Normalizer, TooLarge
from symnn.formula.polish import factored, readable_indices, simplest
from symnn.formula.rational import reduced
from symnn.formula.substitute import inline, unfold_all


def without_divisions(
    backward: Sequence[Assignment], definitions: Definitions, wanted: Iterable[Tensor]
) -> list[Assignment]:
    """The adjoint equations with divisions by vanishing values cancelled, as far as that goes."""
    keep = set(wanted)
    dividing: dict[Tensor, Assignment] = {}
    result = []
    for equation in backward:
        sources = [dividing[t] for t in sorted(tensors(equation.formula), key=lambda t: t.name) if t in dividing]
        if sources:
            formula = _with(equation, sources, definitions)
            if not divides(formula, definitions):
                equation = replace(equation, formula=formula)
            elif equation.tensor not in keep:
                dividing[equation.tensor] = replace(equation, formula=formula)
        elif equation.tensor not in keep and divides(equation.formula, definitions):
            dividing[equation.tensor] = equation
        result.append(equation)
    return result


def _with(user: Assignment, sources: Sequence[Assignment], definitions: Definitions) -> Any:
    """The formula of `user` with the sources put in: the shortest form that does not divide, else the shortest."""
    replaced = unfold_all(user.formula)
    for source in sources:
        replaced = inline(replaced, source.tensor, source.indices, unfold_all(source.formula))
    replaced = eliminate_deltas(replaced)
    found = [replaced]
    for formula in (
        replaced,
        definitions.put_in(replaced, definitions.is_quotient),
        definitions.without_exponentials(replaced),
        definitions.put_in(replaced, definitions.is_function),
    ):
        normalizer = Normalizer()
        try:
            value = reduced(normalizer.normal(formula))
        except (TooLarge, ZeroDivisionError):
            continue
        found += [factored(normalizer, value), normalizer.formula(value)]
    safe = [f for f in found if not divides(f, definitions)]
    return readable_indices(simplest(safe or found), user.indices)


def divides(formula: Any, definitions: Definitions) -> bool:
    """Whether the formula divides by a value that exponentials may have made zero.

    Sums of exponentials are not meant: computed with their largest exponent taken out, they are at least 1.
    """
    return any(
        isinstance(node, Pow) and node.exp.could_extract_minus_sign() and _may_vanish(node.base, definitions)
        for node in subformulas(formula)
    )


def _may_vanish(formula: Any, definitions: Definitions) -> bool:
    if isinstance(formula, Entry):
        return definitions.may_vanish(formula.tensor)
    if isinstance(formula, Add | Mul | Pow):
        return any(_may_vanish(argument, definitions) for argument in formula.args)
    return False
