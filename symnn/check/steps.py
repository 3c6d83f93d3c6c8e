"""Replaying a chain of steps: every step re-applied by its rule, and compared.

These rules, the derivative rules of `symnn.formula.differentiate` and the normal form of `symnn.formula.normal` are
all that is trusted. The rules share no code with what made the steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from symnn.derive.derivation import Step
from symnn.errors import ExitCode, SymnnError
from symnn.formula.differentiate import RULE_BY_NAME, DifferentiationError, carry_out
from symnn.formula.facts import Fact
from symnn.formula.index import Index
from symnn.formula.nodes import Partial, Tensor, entries, tensors
from symnn.formula.normal import Normalizer, TooLarge
from symnn.formula.substitute import inline, node_at, replace_at, with_bound_names
from symnn.network.equations import Computed, is_shifted, recurrent_groups, shift_of


class StepError(SymnnError):
    """A step does not follow by its rule. Names the adjoint, the step and the reason."""

    exit_code = ExitCode.REFUTED

    def __init__(self, where: str, position: int, rule: str, why: str) -> None:
        super().__init__(f"{where}, step {position + 1} ({rule}): {why}")
        self.where, self.position, self.rule, self.why = where, position, rule, why


@dataclass(frozen=True)
class Named:
    """What a name stands for: ``tensor[indices] = formula``."""

    tensor: Tensor
    indices: tuple[Index, ...]
    formula: Any


class Derived(Protocol):
    """An equation for the derivative of `of`, with the steps that lead to it."""

    @property
    def of(self) -> Tensor: ...
    @property
    def tensor(self) -> Tensor: ...
    @property
    def indices(self) -> tuple[Index, ...]: ...
    @property
    def steps(self) -> tuple[Step, ...]: ...
    @property
    def formula(self) -> Any: ...


def check_chain(
    where: str,
    steps: Sequence[Step],
    definitions: dict[str, Named],
    derived: dict[str, Named] | None = None,
    facts: Sequence[Fact] = (),
    free: Sequence[Index] = (),
) -> None:
    """Replay a chain of steps. Raises StepError at the first that does not follow.

    `definitions` are equations, `derived` the adjoints or the tangents that came before; `free` are indices that a
    step may bring in, those of a unit direction.
    """
    for position, step in enumerate(steps):
        if position and steps[position - 1].after != step.before:
            raise StepError(where, position, step.rule, "it does not start where the step before it ends")
        try:
            _check_step(where, position, step, definitions, derived or {}, facts, set(free))
        except (TooLarge, ZeroDivisionError, DifferentiationError, IndexError, TypeError, ValueError) as error:
            raise StepError(where, position, step.rule, f"it cannot be replayed: {error}") from error


def _check_step(
    where: str,
    position: int,
    step: Step,
    definitions: dict[str, Named],
    derived: dict[str, Named],
    facts: Sequence[Fact],
    free: set[Index],
) -> None:
    def refuse(why: str) -> None:
        raise StepError(where, position, step.rule, why)

    if not free_indices(step.after) <= free_indices(step.before) | free:
        refuse("an index on the right is not bound")
    match step.rule:
        case "chain rule" | "tangent rule":
            # The rule itself is checked against the network, where a chain starts.
            if step.before != step.after:
                refuse("the two sides differ")
        case "differentiate":
            if step.after.has(Partial):
                refuse("derivatives are left over")
            if not Normalizer().equal(carry_out(step.before), step.after):
                refuse("the derivative is another one")
        case "algebra":
            if not Normalizer().equal(carry_out(step.before), carry_out(step.after)):
                refuse("the two sides are not shown to be equal")
        case "definition":
            named = _chosen(step, definitions, refuse, "definition")
            before = written_out(carry_out(step.before), named)
            after = written_out(carry_out(step.after), named)
            if not Normalizer().equal(before, after):
                refuse("the two sides are not shown to be equal with these definitions")
        case "adjoint" | "tangent" | "unit direction":
            named = _chosen(step, derived, refuse, f"earlier {step.rule}")
            if not Normalizer().equal(written_out(step.before, named), written_out(step.after, named)):
                refuse(f"the two sides are not shown to be equal with these {step.rule}s")
        case "fact":
            chosen = []
            for number in step.uses:
                if not isinstance(number, int) or not 0 <= number < len(facts):
                    refuse(f"there is no fact {number}")
                chosen.append(facts[number])
            if not Normalizer(chosen).equal(step.before, step.after):
                refuse("the two sides are not shown to be equal with these facts")
        case name if name in RULE_BY_NAME:
            _check_primitive(step, refuse)
        case _:
            refuse("there is no such rule")


def same(left: Any, right: Any) -> bool:
    """Whether two formulas are equal: but for the names of bound indices, or by the normal form, carried out."""
    return with_bound_names(left) == with_bound_names(right) or Normalizer().equal(carry_out(left), carry_out(right))


def free_indices(formula: Any) -> set[Any]:
    """The indices that no sum binds."""
    return {symbol for symbol in formula.free_symbols if isinstance(symbol, Index)}


def _check_primitive(step: Step, refuse: Any) -> None:
    rule = RULE_BY_NAME[step.rule]
    node = node_at(step.before, step.at)
    if not isinstance(node, Partial):
        refuse("there is no derivative at this place")
    if not rule.applies(node.body, node.entry):
        refuse("the rule does not apply to this derivative")
    expected = replace_at(step.before, step.at, rule.apply(node.body, node.entry))
    if expected != step.after and not _same_open(expected, step.after):
        refuse("the rule gives something else")


def _same_open(expected: Any, after: Any) -> bool:
    """Equal although derivatives are still open: compared with them as opaque values, and not carried out."""
    return Normalizer().equal(expected, after)


def _chosen(step: Step, known: dict[str, Named], refuse: Any, what: str) -> list[Named]:
    """The definitions that a step names, the last defined first."""
    for name in step.uses:
        if name not in known:
            refuse(f"there is no {what} of {name}")
    chosen = [named for name, named in known.items() if name in step.uses]
    return list(reversed(chosen))


def written_out(formula: Any, named: Sequence[Named]) -> Any:
    """Names replaced by what they stand for, the last defined first."""
    for item in named:
        if item.tensor in tensors(formula):
            formula = inline(formula, item.tensor, item.indices, item.formula)
    return formula


# -- what is around the steps ---------------------------------------------------------------------------------------


def check_form(where: str, derived: Derived) -> None:
    """Raises StepError when there are no steps, or when the indices do not fit the shape."""
    if not derived.steps:
        raise StepError(where, 0, "definition", "it has no steps")
    shape = tuple(i.dimension for i in derived.indices)
    if len(set(derived.indices)) != derived.of.rank or derived.of.shape != shape:
        raise StepError(where, 0, derived.steps[0].rule, "its indices do not fit the shape of the value")


def check_scope(where: str, derived: Derived, allowed: set[Tensor], own: set[Tensor]) -> set[Tensor]:
    """The result mentions only what is `allowed`, and of its `own` kind those of a later round.

    Returns the latter: they must follow. Raises StepError.
    """
    promised: set[Tensor] = set()
    for entry in entries(derived.formula):
        if entry.tensor in allowed:
            continue
        if entry.tensor not in own or not is_shifted(entry, derived):
            last = len(derived.steps) - 1
            raise StepError(where, last, derived.steps[-1].rule, f"it uses {entry.tensor.name} too early")
        promised.add(entry.tensor)
    return promised


def runs_one_way(equations: Sequence[Computed]) -> bool:
    """Whether each recurrence walks along its index in one direction only.

    Then every value needs only values of earlier rounds, and those of the same round that are known.
    """
    for group in recurrent_groups(equations):
        found = {
            shift[1] > 0
            for equation in equations
            if equation.tensor in group
            for entry in entries(equation.formula)
            if entry.tensor in group and (shift := shift_of(entry, equation)) is not None
        }
        if len(found) > 1:
            return False
    return True
