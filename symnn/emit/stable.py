"""Making a plan safe in floating point, by laws that are proven.

Nothing here knows an operator. Three things go wrong with formulas as they are written, and each has a module: sums of
exponentials overflow (`scales`), logarithms are taken of what has rounded to zero (`logarithms`), and adjoints divide
by it (`cancel`). Elementwise functions are replaced last (`recognise`), and those of a rounded argument get back the
digits that it lacks (`steep`): in the forward pass, whose values are to be right to the last digits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from symnn.emit.cancel import without_divisions
from symnn.emit.declared import declared_forms
from symnn.emit.definitions import Definitions
from symnn.emit.laws import LAWS, WEIGHTED, Law
from symnn.emit.lengths import hoisted_lengths
from symnn.emit.logarithms import without_logarithms_of_small
from symnn.emit.names import Scope
from symnn.emit.plan import Assignment, Plan
from symnn.emit.recognise import Recogniser
from symnn.emit.scales import Scaling, hoisted
from symnn.emit.steep import Sharpener
from symnn.formula.nodes import Call, Tensor, subformulas, tensors


def stable(plan: Plan, sharpener: Sharpener | None = None) -> Plan:
    """The plan with safe formulas; equal to the given one wherever both are defined.

    Plans for the same module share a sharpener, so that each of its functions is written once.
    Raises EmitError when a form that is needed cannot be proven.
    """
    recogniser = Recogniser(declared=declared_forms(plan.network.equations))
    wanted = plan.wanted
    taken = {e.tensor.name for e in (*plan.forward, *plan.later)} | {t.name for t in plan.network.all_tensors}
    scope = Scope(taken)
    equations = hoisted([*plan.forward, *_live(plan.later, wanted)], scope.fresh)
    equations = hoisted_lengths(equations, scope.fresh)
    forward, later = _parted(equations, plan.later)
    definitions = Definitions(forward)
    later = list(_live(without_divisions(later, definitions, wanted), wanted))
    equations = [
        replace(e, formula=without_logarithms_of_small(e.formula, definitions, recogniser)) for e in (*forward, *later)
    ]
    equations = Scaling(equations, wanted).run()
    equations = [replace(e, formula=recogniser.safe(e.formula)) for e in equations]
    forward, later = _parted(equations, plan.later)
    sharpener = sharpener or Sharpener()
    forward = sharpener.sharpened(forward)
    backward, later = _parted(later, (*plan.second, *plan.updates))
    second, updates = _parted(later, plan.updates)
    return replace(
        plan,
        forward=tuple(forward),
        backward=tuple(backward),
        second=tuple(second),
        updates=tuple(updates),
        laws=(*_used([*forward, *backward, *second, *updates]), *sharpener.laws),
    )


def _parted(equations: Iterable[Assignment], late: Iterable[Assignment]) -> tuple[list[Assignment], list[Assignment]]:
    """What comes before the first of the late equations, and the rest."""
    tensors_of_late = {e.tensor for e in late}
    before: list[Assignment] = []
    after: list[Assignment] = []
    for equation in equations:
        (after if after or equation.tensor in tensors_of_late else before).append(equation)
    return before, after


def _live(backward: Iterable[Assignment], wanted: Iterable[Tensor]) -> tuple[Assignment, ...]:
    """The adjoints that some gradient needs. They may need each other in a circle."""
    equations = {equation.tensor: equation for equation in backward}
    needed: set[Tensor] = set()
    waiting = [tensor for tensor in wanted if tensor in equations]
    while waiting:
        tensor = waiting.pop()
        if tensor not in needed:
            needed.add(tensor)
            waiting.extend(t for t in tensors(equations[tensor].formula) if t in equations)
    return tuple(equation for tensor, equation in equations.items() if tensor in needed)


def _used(equations: Iterable[Assignment]) -> list[Law]:
    """The laws whose functions occur."""
    functions: set[Any] = set()
    for equation in equations:
        functions |= {node.function for node in subformulas(equation.formula) if isinstance(node, Call)}
    return [law for law in (*LAWS, *WEIGHTED.values()) if law.function in functions]
