"""Divisions by values that may have rounded to zero, cancelled where the adjoints are used.

An adjoint such as ``∂L/∂p = -t / p`` is infinite, or 0/0, once p has rounded to 0, although the gradient with respect
to the logits is finite. Where an adjoint divides by such a value it is put into the adjoints that use it; if the
normal form of these no longer divides, they are computed that way and the first one is not computed at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sympy import Pow

from symnn.emit.definitions import Definitions
from symnn.emit.plan import Assignment
from symnn.formula.deltas import eliminate_deltas
from symnn.formula.nodes import Entry, Tensor, Total, subformulas, tensors
from symnn.formula.normal import Normalizer, TooLarge
from symnn.formula.polish import factored, readable_indices, simplest
from symnn.formula.rational import reduced
from symnn.formula.substitute import inline, unfold_all


def without_divisions(
    backward: Sequence[Assignment], definitions: Definitions, wanted: Iterable[Tensor]
) -> list[Assignment]:
    """The adjoint equations with divisions by vanishing values cancelled, as far as that goes."""
    equations = {e.tensor: e for e in backward}
    keep = set(wanted)
    for equation in backward:
        current = equations[equation.tensor]
        if current.tensor in keep or not divides(current.formula, definitions):
            continue
        for user in list(equations.values()):
            if current.tensor in tensors(user.formula):
                better = _cancelled(user, current, definitions)
                if better is not None:
                    equations[user.tensor] = replace(user, formula=better)
    return list(equations.values())


def _cancelled(user: Assignment, source: Assignment, definitions: Definitions) -> Any | None:
    """The formula of `user` with the source put in, when that no longer divides."""
    replaced = inline(unfold_all(user.formula), source.tensor, source.indices, unfold_all(source.formula))
    replaced = eliminate_deltas(replaced)

    found = []
    for formula in (replaced, definitions.put_in(replaced, lambda t: _is_quotient(t, definitions))):
        normalizer = Normalizer()
        try:
            value = reduced(normalizer.normal(formula))
            found += [factored(normalizer, value), normalizer.formula(value)]
        except (TooLarge, ZeroDivisionError):
            continue
    safe = [f for f in found if not divides(f, definitions)]
    return readable_indices(simplest(safe), user.indices) if safe else None


def _is_quotient(tensor: Tensor, definitions: Definitions) -> bool:
    """Whether a value is made of named exponentials and their sums, such as ``p = e / z``."""
    formula = definitions.formula(tensor)
    if formula is None or formula.has(Total):
        return False
    inside = tensors(formula)
    return bool(inside) and all(definitions.is_exponential(t) for t in inside)


def divides(formula: Any, definitions: Definitions) -> bool:
    """Whether the formula divides by a value that exponentials may have made zero.

    Sums of exponentials are not meant: computed with their largest exponent taken out, they are at least 1.
    """
    for node in subformulas(formula):
        if isinstance(node, Pow) and node.exp.could_extract_minus_sign():
            for entry in subformulas(node.base):
                if isinstance(entry, Entry) and definitions.may_vanish(entry.tensor):
                    return True
    return False
