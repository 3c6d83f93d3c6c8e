"""The kernel: replaying a derivation, step by step.

A derivation is accepted when every adjoint starts at the chain rule over all uses of its value, when every step
follows by its rule, and when every parameter has an adjoint. The kernel trusts the derivative rules of
`symnn.formula.differentiate` and the normal form of `symnn.formula.normal`, nothing else; it shares no code with the
sweep that made the derivation.

The chain rule used is that of a computation graph: ``dL/du[j] = sum over uses v of sum_i dL/dv[i] dv[i]/du[j]``
(C. Bishop, Pattern Recognition and Machine Learning, section 5.3.1).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sympy import S

from symnn.check.serialize import FormatError, from_json
from symnn.derive.derivation import Adjoint, Derivation, Step, adjoint_tensor
from symnn.errors import ExitCode, SymnnError
from symnn.formula.differentiate import RULE_BY_NAME, DifferentiationError, carry_out
from symnn.formula.facts import Fact
from symnn.formula.index import Index
from symnn.formula.nodes import Partial, Tensor, entries, tensors, total
from symnn.formula.normal import Normalizer, TooLarge
from symnn.formula.substitute import inline, node_at, replace_at, substitute_indices
from symnn.network.equations import Equation, Network, is_shifted, recurrent_groups, shift_of


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


@dataclass(frozen=True)
class ReplayReport:
    """The outcome of a replay for the command line."""

    adjoints: int
    steps: int
    error: str | None = None

    @property
    def passed(self) -> bool:
        return self.error is None

    def __str__(self) -> str:
        if self.error is not None:
            return f"refused: {self.error}"
        return f"accepted: {self.adjoints} adjoints, {self.steps} steps replayed"


def check_chain(
    where: str,
    steps: Sequence[Step],
    definitions: dict[str, Named],
    adjoints: dict[str, Named] | None = None,
    facts: Sequence[Fact] = (),
) -> None:
    """Replay a chain of steps. Raises StepError at the first that does not follow."""
    for position, step in enumerate(steps):
        if position and steps[position - 1].after != step.before:
            raise StepError(where, position, step.rule, "it does not start where the step before it ends")
        try:
            _check_step(where, position, step, definitions, adjoints or {}, facts)
        except (TooLarge, ZeroDivisionError, DifferentiationError, IndexError, TypeError, ValueError) as error:
            raise StepError(where, position, step.rule, f"it cannot be replayed: {error}") from error


def _check_step(
    where: str,
    position: int,
    step: Step,
    definitions: dict[str, Named],
    adjoints: dict[str, Named],
    facts: Sequence[Fact],
) -> None:
    def refuse(why: str) -> None:
        raise StepError(where, position, step.rule, why)

    if not _free_indices(step.after) <= _free_indices(step.before):
        refuse("an index on the right is not bound")
    match step.rule:
        case "chain rule":
            # The chain rule itself is checked against the network by `check_derivation`.
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
            before = _written_out(carry_out(step.before), named)
            after = _written_out(carry_out(step.after), named)
            if not Normalizer().equal(before, after):
                refuse("the two sides are not shown to be equal with these definitions")
        case "adjoint":
            named = _chosen(step, adjoints, refuse, "earlier adjoint")
            if not Normalizer().equal(_written_out(step.before, named), _written_out(step.after, named)):
                refuse("the two sides are not shown to be equal with these adjoints")
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


def _free_indices(formula: Any) -> set[Any]:
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


def _written_out(formula: Any, named: Sequence[Named]) -> Any:
    """Names replaced by what they stand for, the last defined first."""
    for item in named:
        if item.tensor in tensors(formula):
            formula = inline(formula, item.tensor, item.indices, item.formula)
    return formula


# -- whole derivations ------------------------------------------------------------------------------------------


def check_derivation(derivation: Derivation) -> int:
    """Replay a derivation; returns the number of steps. Raises StepError when it does not hold."""
    network = derivation.network
    check_network(network)
    definitions = {e.name: _named(e) for e in network.equations}
    rule = ChainRule(network)
    adjoints: dict[str, Named] = {}
    promised: set[Tensor] = set()
    count = 0
    for adjoint in derivation.adjoints:
        where = f"adjoint of {adjoint.of.name}"
        _check_form(where, adjoint, network)
        if adjoint.of.name in adjoints:
            raise StepError(where, 0, adjoint.steps[0].rule, "it is derived twice")
        expected = rule.start(adjoint.of, adjoint.indices)
        if not Normalizer().equal(carry_out(expected), carry_out(adjoint.steps[0].before)):
            raise StepError(where, 0, "chain rule", "it does not start at the sum over all uses of the value")
        check_chain(where, adjoint.steps, definitions, adjoints, network.facts)
        promised |= _check_scope(where, adjoint, network, adjoints)
        adjoints[adjoint.of.name] = Named(adjoint.tensor, adjoint.indices, adjoint.formula)
        count += len(adjoint.steps)
    if not promised <= {named.tensor for named in adjoints.values()} or not _run_one_way(derivation.adjoints):
        raise StepError("derivation", 0, "chain rule", "a recurrence of adjoints does not close")
    for parameter in network.parameters:
        if parameter.name not in adjoints:
            raise StepError(
                f"adjoint of {parameter.name}", 0, "chain rule", "the gradient of this parameter is missing"
            )
    return count


def check_network(network: Network) -> None:
    """Every name once, every equation after what it needs, every index in its place. Raises StepError."""
    known: set[Tensor] = {*network.inputs, *network.targets, *network.parameters}
    names = [t.name for t in known]
    own = {e.tensor for e in network.equations}
    names += [t.name for t in own if t not in known]
    if len(set(names)) != len(names) or len(own) != len(network.equations):
        raise StepError("network", 0, "definitions", "one name has two meanings")
    defined = {*network.inputs, *network.targets, *(p for p in network.parameters if p not in own)}
    for equation in network.equations:
        if len(set(equation.indices)) != equation.tensor.rank or equation.tensor.shape != tuple(
            i.dimension for i in equation.indices
        ):
            raise StepError(equation.name, 0, "definition", "its indices do not fit its shape")
        if not _free_indices(equation.formula) <= set(equation.indices):
            raise StepError(equation.name, 0, "definition", "an index on the right is not bound")
        for entry in entries(equation.formula):
            if entry.tensor not in defined and (entry.tensor not in own or not is_shifted(entry, equation)):
                raise StepError(equation.name, 0, "definition", f"it uses {entry.tensor.name} before it is known")
        defined.add(equation.tensor)
    if not _run_one_way(network.equations):
        raise StepError("network", 0, "definitions", "a recurrence that runs in both directions")
    if network.loss not in defined or network.loss.rank:
        raise StepError("network", 0, "definitions", "the loss is no scalar of the network")


def _check_form(where: str, adjoint: Adjoint, network: Network) -> None:
    if adjoint.of not in network.all_tensors:
        raise StepError(where, 0, "chain rule", "the network has no such value")
    if adjoint.tensor != adjoint_tensor(adjoint.of) or not adjoint.steps:
        raise StepError(where, 0, "chain rule", "it has no steps, or another name")
    if len(set(adjoint.indices)) != adjoint.of.rank or adjoint.of.shape != tuple(i.dimension for i in adjoint.indices):
        raise StepError(where, 0, "chain rule", "its indices do not fit the shape of the value")


def _check_scope(where: str, adjoint: Adjoint, network: Network, known: dict[str, Named]) -> set[Tensor]:
    """The result mentions only values of the network, adjoints that came before, and adjoints of a later round.

    Returns the adjoints of later rounds: those must follow.
    """
    allowed = {*network.all_tensors, *(n.tensor for n in known.values())}
    own = {adjoint_tensor(e.tensor) for e in network.equations}
    promised: set[Tensor] = set()
    for entry in entries(adjoint.formula):
        if entry.tensor in allowed:
            continue
        if entry.tensor not in own or not is_shifted(entry, adjoint):
            last = len(adjoint.steps) - 1
            raise StepError(where, last, adjoint.steps[-1].rule, f"it uses {entry.tensor.name} too early")
        promised.add(entry.tensor)
    return promised


def _run_one_way(equations: Sequence[Equation] | Sequence[Adjoint]) -> bool:
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


class ChainRule:
    """What every adjoint of a network must start from."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.private = _private(network)
        self.users: dict[Tensor, list[tuple[Equation, Any]]] = {}
        for equation in network.equations:
            if equation.tensor in self.private:
                continue
            formula = equation.formula
            if self.private:
                formula = _written_out(formula, [_named(e) for e in reversed(self.private.values())])
            for tensor in tensors(formula):
                self.users.setdefault(tensor, []).append((equation, formula))

    def start(self, tensor: Tensor, indices: tuple[Index, ...]) -> Any:
        """``sum over uses v of sum_i dL/dv[i] dv[i]/d tensor[indices]``, derivatives not carried out.

        The intermediate values of an operator that only its own equations use are written out; they have no adjoints.
        """
        result = S.Zero
        for equation, formula in self.users.get(tensor, []):
            renamed = {old: old.fresh() for old in equation.indices}
            own = tuple(renamed.values())
            weight = S.One if equation.tensor == self.network.loss else adjoint_tensor(equation.tensor).entry(*own)
            derivative = Partial(substitute_indices(formula, renamed), tensor.entry(*indices))
            result = result + total(weight * derivative, *own)
        return result


def _named(equation: Equation) -> Named:
    return Named(equation.tensor, equation.indices, equation.formula)


def _private(network: Network) -> dict[Tensor, Equation]:
    """Intermediate values of operators that no other equation uses, in order."""
    private: dict[Tensor, Equation] = {}
    consumers: dict[Tensor, list[Equation]] = {}
    for equation in network.equations:
        for tensor in tensors(equation.formula):
            consumers.setdefault(tensor, []).append(equation)
    for equation in network.equations:
        use = equation.use
        if use is None or not use.part or equation.tensor == network.loss:
            continue
        users = consumers.get(equation.tensor, [])
        if all(user.use is not None and user.use.group == use.group for user in users):
            private[equation.tensor] = equation
    return private


def replay(text: str, path: str | None = None) -> ReplayReport:
    """Replay a derivation from JSON text. Raises FormatError when it is no derivation."""
    try:
        data = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise FormatError(f"{path or 'input'}: this is not JSON: {error}") from error
    derivation = from_json(data)
    try:
        steps = check_derivation(derivation)
    except StepError as error:
        return ReplayReport(len(derivation.adjoints), 0, str(error))
    return ReplayReport(len(derivation.adjoints), steps)
