"""What must be said beside a derivative: where a function is defined, where it has kinks, where nothing can be learned.

All of it follows from the declaration: kinks are looked for where a condition in the derivative changes, and a kink is
only spoken of where the derivative jumps there.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import sympy

from symnn.declare import Operator, Requirement, registry
from symnn.derive.elementwise import elementwise_lemma
from symnn.formula.evaluate import Assignment, EvaluationError, evaluate, positions, precision
from symnn.formula.index import Index, as_formula
from symnn.formula.nodes import (
    AllOf,
    Bracket,
    Call,
    Cases,
    Compare,
    Elementwise,
    Entry,
    Maximum,
    Minimum,
    Tensor,
    entries,
    subformulas,
    tensors,
)
from symnn.formula.normal import Normalizer, TooLarge
from symnn.formula.polish import polish
from symnn.formula.substitute import substitute_entries
from symnn.network.equations import Equation
from symnn.notation.tree import Node
from symnn.write.compose.context import equal, list_of
from symnn.write.document import Inlines, inlines
from symnn.write.notate import Names, condition_form, index_form
from symnn.write.notate.letters import letters_of
from symnn.write.notate.names import operator_head

BESIDE = Fraction(1, 10**12)
TRIALS = 4


# -- where it is defined ---------------------------------------------------------------------------------------


def domain_sentence(operator: Operator, names: Names) -> Inlines | None:
    """Where the operator is defined, as declared; None where it is everywhere."""
    return _defined_where(operator.domain, names, "It")


def domain_of_use(equation: Equation, names: Names) -> Inlines | None:
    """Where the result of an operator on arrays is defined, in the names of the network."""
    use = equation.use
    operator = None if use is None or use.part else registry.find(use.operator)
    if use is None or operator is None:
        return None
    lead = equation.indices[: use.shared]
    arguments = {name: (tensor, [lead[axis] for axis in axes]) for name, tensor, axes in use.arguments}
    values = dict(zip(operator.definition.constants, use.constants, strict=False))

    def in_network(entry: Entry) -> Any | None:
        if entry.tensor.name not in arguments:
            return None
        tensor, rows = arguments[entry.tensor.name]
        return tensor.entry(*rows, *entry.indices)

    found = []
    for requirement in operator.domain:
        condition = substitute_entries(Bracket(requirement.condition), in_network).xreplace(values).condition
        found.append(Requirement((*(i for i in lead if condition.has(i)), *requirement.indices), condition))
    return _defined_where(found, names, operator_head(operator))


def _defined_where(requirements: Sequence[Requirement], names: Names, subject: Any) -> Inlines | None:
    if not requirements:
        return None
    parts = []
    for requirement in requirements:
        shown = inlines(condition_form(requirement.condition, names, requirement.indices))
        if requirement.indices:
            letters = letters_of(names, Bracket(requirement.condition), requirement.indices)
            every = [letters[index] for index in requirement.indices]
            shown = inlines(*shown, " for every ", *list_of([inlines(letter) for letter in every], " and "))
        parts.append(shown)
    return inlines(subject, " is defined where ", *list_of(parts, " and "), ".")


# -- kinks -------------------------------------------------------------------------------------------------------


def kink_note(function: Elementwise, place: int, left: Node, names: Names) -> Inlines | None:
    """Where the derivative does not exist, and which value is taken there; None for a smooth function."""
    variable = Tensor(function.parameters[place]).entry()
    return kinks_sentence(elementwise_lemma(function, place).plain, variable, left, names)


def kinks_sentence(derivative: Any, variable: Entry, left: Node, names: Names) -> Inlines | None:
    """The same for a formula of a derivative by one entry; `left` is how the derivative is written."""
    kinks = kinks_of(derivative, variable)
    if not kinks:
        return None
    indices = [place for place in variable.indices if isinstance(place, Index)]
    shown = []
    for kink in kinks:
        at = equal(index_form(variable, names, indices), index_form(kink, names, indices))
        value = _value_at(derivative, variable, kink)
        if value is None:
            shown.append(inlines("at ", at, " the value of the branch that holds there is taken"))
        else:
            shown.append(inlines("at ", at, " the value ", index_form(value, names), " is taken"))
    subgradients = "a subgradient" if len(kinks) == 1 else "subgradients"
    return inlines(left, " does not exist everywhere: ", *list_of(list(shown)), f", {subgradients}.")


def kinks_of(derivative: Any, variable: Entry) -> list[Any]:
    """Where the derivative jumps: places at which a condition on the variable changes."""
    found = dict.fromkeys(place for gap in _gaps(derivative) for place in _zeros(gap, variable))
    places = [place for place in found if _jumps(derivative, variable, place)]
    return sorted(places) if all(place.is_Rational for place in places) else places


def _gaps(derivative: Any) -> Iterator[Any]:
    """Differences at whose zeros a condition changes."""
    for node in subformulas(derivative):
        conditions = [node.condition] if isinstance(node, Bracket) else []
        conditions += [c for c, _ in node.branches] if isinstance(node, Cases) else []
        while conditions:
            condition = conditions.pop()
            if isinstance(condition, AllOf):
                conditions.extend(condition.args)
            elif isinstance(condition, Compare):
                yield condition.left - condition.right
        if isinstance(node, sympy.sign):
            yield node.args[0]


def _zeros(gap: Any, variable: Entry) -> Iterator[Any]:
    """Places among which the zeros are, where that is a linear equation; a maximum is one of its arguments there."""
    gap = sympy.expand(gap)
    choices = [node for node in subformulas(gap) if isinstance(node, Maximum | Minimum)]
    if choices:
        for argument in choices[0].args:
            yield from _zeros(gap.xreplace({choices[0]: argument}), variable)
        return
    slope = gap.coeff(variable)
    rest = sympy.expand(gap - slope * variable)
    if slope != 0 and variable not in entries(rest) | entries(slope):
        yield sympy.cancel(-rest / slope)


def _at(formula: Any, variable: Entry, place: Any) -> Any:
    return substitute_entries(formula, lambda entry: place if entry == variable else None)


def _jumps(derivative: Any, variable: Entry, place: Any) -> bool:
    """Whether the derivative differs on the two sides of a place, for some values of everything else."""
    source = random.Random(str(derivative))
    symbols = derivative.free_symbols | place.free_symbols
    symbols |= {s for tensor in tensors(derivative) for size in tensor.shape for s in size.free_symbols}
    at = {index: 0 for index in symbols if isinstance(index, Index)}
    seen = False
    for _ in range(TRIALS):
        sizes = {s: 2 for s in symbols - at.keys() if s.is_integer}
        scalars = {s: _drawn(source) for s in sorted(symbols - at.keys() - sizes.keys(), key=str)}
        plain = Assignment(sizes, {}, scalars)
        values: dict[Tensor, dict[tuple[int, ...], Any]] = {}
        for tensor in sorted({*tensors(derivative), variable.tensor}, key=str):
            values[tensor] = {where: _drawn(source) for where in positions(plain.shape(tensor))}
        with precision(200):
            middle = _number(place, Assignment(sizes, values, scalars), at)
            if middle is None:
                continue
            sides = []
            for step in (-BESIDE, BESIDE):
                own = {**values[variable.tensor], (0,) * len(variable.indices): middle + step}
                moved = Assignment(sizes, {**values, variable.tensor: own}, scalars)
                sides.append(_number(derivative, moved, at))
        below, above = sides
        if below is None or above is None:
            continue
        seen = True
        if abs(above - below) > Fraction(1, 10**6):
            return True
    return not seen


def _drawn(source: random.Random) -> Fraction:
    return Fraction(source.randrange(30, 200), 100)


def _number(formula: Any, assignment: Assignment, at: Mapping[Any, int]) -> Fraction | None:
    try:
        value = evaluate(as_formula(formula), assignment, at)
    except EvaluationError:
        return None
    if not value.is_finite():
        return None
    mantissa, exponent = value.mid().man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def _value_at(derivative: Any, variable: Entry, kink: Any) -> Any | None:
    """The derivative at a kink where it is a number, else None."""
    placed = _at(derivative, variable, kink)
    if tensors(placed):
        try:
            placed = polish(Normalizer(), placed)
        except (TooLarge, ZeroDivisionError):
            return None
    if tensors(placed) or placed.free_symbols:
        return None
    try:
        value = evaluate(placed, Assignment({}))
    except EvaluationError:
        return None
    return sympy.Integer(int(float(value))) if value.is_integer() else None


# -- what it means -----------------------------------------------------------------------------------------------


def flat_note(function: Elementwise, place: int, head: Node) -> Inlines | None:
    """That nothing can be trained through a function whose derivative is 0; None for any other."""
    if elementwise_lemma(function, place).plain != 0:
        return None
    return inlines(
        "The derivative is 0 wherever it exists: no gradient passes through ", head, ", so what comes before it cannot "
        "be trained by gradients.",
    )  # fmt: skip


def known_form(function: Elementwise, place: int) -> Any | None:
    """The derivative as another declared function: the slope of softplus is the logistic one."""
    plain: Any = elementwise_lemma(function, place).plain
    variable = Tensor(function.parameters[place]).entry()
    if not entries(plain) or plain.has(Cases, Bracket):
        return None
    exponents = [node.args[0] for node in subformulas(function.body) if isinstance(node, sympy.exp)]
    arguments = dict.fromkeys([variable, -variable, *exponents, *(-exponent for exponent in exponents)])
    for operator in registry.all():
        if not operator.is_elementwise or len(operator.parameters) != 1 or operator.constants:
            continue
        other = operator.function
        body: Any = other.body
        if other == function or body.has(Cases, Maximum, Minimum) or not body.has(sympy.exp):
            continue
        for argument in arguments:
            call = Call(other, argument)
            if not plain.has(call) and _equal(plain, call):
                return call
    return None


def _equal(left: Any, right: Any) -> bool:
    try:
        return Normalizer().equal(left, right)
    except (TooLarge, ZeroDivisionError):
        return False
