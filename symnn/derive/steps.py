"""Opening a step: the primitive rules one at a time, as a textbook would show them."""

from __future__ import annotations

from typing import Any

from symnn.derive.derivation import Step
from symnn.derive.elementwise import OUTPUT, ElementwiseLemma, elementwise_lemma, through_lemmas
from symnn.derive.lemmas import OperatorLemma, operator_lemma, upstream_of
from symnn.formula.application import Definition
from symnn.formula.differentiate import differentiate, rule_for
from symnn.formula.nodes import Bracket, Call, Cases, Elementwise, Entry, Partial, Tensor, total
from symnn.formula.normal import Normalizer
from symnn.formula.polish import candidates, simplest
from symnn.formula.substitute import inline, replace_at, substitute_indices

MAX_STEPS = 400


class TooManySteps(ValueError):
    """A formula needs more primitive steps than a reader could follow."""


def first_partial(formula: Any, path: tuple[int, ...] = ()) -> tuple[int, ...] | None:
    """The position of the first unevaluated derivative, outermost first."""
    if isinstance(formula, Partial):
        return path
    if isinstance(formula, Entry | Bracket) or not formula.args or not formula.has(Partial):
        return None
    for place, argument in enumerate(formula.args):
        found = first_partial(argument, (*path, place))
        if found is not None:
            return found
    return None


def primitive_steps(formula: Any, *, lemmas: bool = False) -> tuple[Step, ...]:
    """Carry out the derivatives in a formula, one primitive rule at a time.

    With `lemmas`, an elementwise operator is left to its lemma (rule ``lemma``) and not opened.
    Raises TooManySteps beyond `MAX_STEPS`.
    """
    steps: list[Step] = []
    current = formula
    while True:
        path = first_partial(current)
        if path is None:
            return tuple(steps)
        if len(steps) >= MAX_STEPS:
            raise TooManySteps(f"more than {MAX_STEPS} steps")
        node = _node(current, path)
        rule = rule_for(node.body, node.entry)
        if lemmas and rule.name == "unfolding" and isinstance(node.body, Call) and node.body.function.body is not None:
            new = through_lemmas(node.body, node.entry)
            name, says = "lemma", f"derivative of {node.body.function.name}"
            uses: tuple[str, ...] = (node.body.function.name,)
        else:
            new = rule.apply(node.body, node.entry)
            name, says, uses = rule.name, rule.says, ()
        after = replace_at(current, path, new)
        steps.append(Step(name, current, after, uses, path, says))
        current = after


def _node(formula: Any, path: tuple[int, ...]) -> Any:
    for place in path:
        formula = formula.args[place]
    return formula


def elementwise_steps(function: Elementwise, argument: int = 0) -> tuple[Step, ...]:
    """The derivative of an elementwise operator: rules, then algebra, then the definition read from right to left."""
    lemma: ElementwiseLemma = elementwise_lemma(function, argument)
    variable = Tensor(function.parameters[argument]).entry()
    start = Partial(function.body, variable)
    steps = list(primitive_steps(start))
    current = steps[-1].after if steps else start
    if lemma.folded.has(OUTPUT):
        says = f"the definition of {function.name}, read backwards"
        steps.append(Step("definition", current, lemma.folded, (OUTPUT.name,), says=says))
    elif lemma.folded != current:
        steps.append(Step("algebra", current, lemma.folded, says="simplify"))
    return tuple(steps)


def second_elementwise_steps(function: Elementwise, argument: int = 0) -> tuple[Step, ...]:
    """The second derivative: the first one, in the function's own output, differentiated once more.

    The output is the function itself until everything is carried out; `OUTPUT` stands for it in the result.
    """
    call = Call(function, *[Tensor(name).entry() for name in function.parameters])
    variable = Tensor(function.parameters[argument]).entry()
    first = elementwise_lemma(function, argument).folded.xreplace({OUTPUT.entry(): call})
    second = differentiate(first, variable, through_lemmas).xreplace({call: OUTPUT.entry()})
    shown = simplest(candidates(Normalizer(), second)) if not second.has(Cases) else second
    start = Partial(first, variable)
    return (Step("definition", start, shown, (OUTPUT.name,), says=f"the derivative of {function.name} once more"),)


def operator_steps(definition: Definition, place: int) -> tuple[Step, ...]:
    """The adjoint of an operator's argument: the chain rule through the intermediate values, then folding."""
    lemma: OperatorLemma = operator_lemma(definition, place)
    result = definition.result
    renamed = {old: old.fresh() for old in result.indices}
    whole = substitute_indices(result.formula, renamed)
    for let in reversed(definition.lets):
        whole = inline(whole, let.tensor, let.indices, let.formula)
    own = tuple(renamed.values())
    weight = upstream_of(definition).entry(*own)
    start = total(weight * Partial(whole, lemma.parameter.entry(*lemma.indices)), *own)
    names = tuple(step.tensor.name for step in definition.steps)
    return (
        Step("chain rule", start, start, says="the adjoint is the sum over all entries of the result"),
        Step("definition", start, lemma.formula, names, says="carried out, in the operator's own names"),
    )
