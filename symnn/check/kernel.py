"""The kernel: replaying a derivation, step by step.

A derivation is accepted when every adjoint starts at the chain rule over all uses of its value, when every step
follows by its rule, and when every parameter has an adjoint. The kernel trusts the derivative rules of
`symnn.formula.differentiate` and the normal form of `symnn.formula.normal`, nothing else; it shares no code with the
sweep that made the derivation.

Second derivatives are replayed on top of that, in `symnn.check.second`.

The chain rule used is that of a computation graph: ``dL/du[j] = sum over uses v of sum_i dL/dv[i] dv[i]/du[j]``
(C. Bishop, Pattern Recognition and Machine Learning, section 5.3.1).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sympy import S

from symnn.check.second import check_second
from symnn.check.serialize import FormatError, from_json
from symnn.check.steps import (
    Named,
    StepError,
    check_chain,
    check_form,
    check_scope,
    free_indices,
    runs_one_way,
    same,
    written_out,
)
from symnn.derive.derivation import ADJOINT, TANGENT, Adjoint, Derivation, adjoint_tensor
from symnn.formula.index import Index
from symnn.formula.nodes import Partial, Tensor, entries, tensors, total
from symnn.formula.substitute import substitute_indices
from symnn.network.equations import Equation, Network, is_shifted
from symnn.network.masks import masked_derivation
from symnn.network.widths import WidthError


@dataclass(frozen=True)
class ReplayReport:
    """The outcome of a replay for the command line."""

    adjoints: int
    steps: int
    error: str | None = None
    tangents: int = 0
    blocks: int = 0

    @property
    def passed(self) -> bool:
        return self.error is None

    def __str__(self) -> str:
        if self.error is not None:
            return f"refused: {self.error}"
        second = f", {self.tangents} tangents, {self.blocks} blocks of the Hessian" if self.tangents else ""
        return f"accepted: {self.adjoints} adjoints{second}, {self.steps} steps replayed"


# -- whole derivations ------------------------------------------------------------------------------------------


def check_derivation(derivation: Derivation) -> int:
    """Replay a derivation; returns the number of steps. Raises StepError when it does not hold.

    Where sizes differ from layer to layer, it is replayed with all range conditions written out as well.
    """
    network = derivation.network
    if network.widths is not None:
        try:
            check_derivation(masked_derivation(derivation))
        except WidthError as error:
            raise StepError("network", 0, "definitions", str(error)) from error
    check_network(network)
    definitions = {e.name: _named(e) for e in network.equations}
    rule = ChainRule(network)
    adjoints: dict[str, Named] = {}
    own = {adjoint_tensor(e.tensor) for e in network.equations}
    promised: set[Tensor] = set()
    count = 0
    for adjoint in derivation.adjoints:
        where = f"adjoint of {adjoint.of.name}"
        _check_adjoint(where, adjoint, network)
        if adjoint.of.name in adjoints:
            raise StepError(where, 0, adjoint.steps[0].rule, "it is derived twice")
        expected = rule.start(adjoint.of, adjoint.indices)
        if not same(expected, adjoint.steps[0].before):
            raise StepError(where, 0, "chain rule", "it does not start at the sum over all uses of the value")
        check_chain(where, adjoint.steps, definitions, adjoints, network.facts)
        promised |= check_scope(where, adjoint, {*network.all_tensors, *(n.tensor for n in adjoints.values())}, own)
        adjoints[adjoint.of.name] = Named(adjoint.tensor, adjoint.indices, adjoint.formula)
        count += len(adjoint.steps)
    if not promised <= {named.tensor for named in adjoints.values()} or not runs_one_way(derivation.adjoints):
        raise StepError("derivation", 0, "chain rule", "a recurrence of adjoints does not close")
    for parameter in network.parameters:
        if parameter.name not in adjoints:
            raise StepError(
                f"adjoint of {parameter.name}", 0, "chain rule", "the gradient of this parameter is missing"
            )
    return count + check_second(derivation, definitions, adjoints)


def check_network(network: Network) -> None:
    """Every name once, every equation after what it needs, every index in its place. Raises StepError."""
    known: set[Tensor] = {*network.inputs, *network.targets, *network.parameters}
    names = [t.name for t in known]
    own = {e.tensor for e in network.equations}
    names += [t.name for t in own if t not in known]
    derived = {mark + name for mark in (ADJOINT, TANGENT, TANGENT + ADJOINT) for name in names}
    if len(set(names)) != len(names) or len(own) != len(network.equations) or derived & set(names):
        raise StepError("network", 0, "definitions", "one name has two meanings")
    defined = {*network.inputs, *network.targets, *(p for p in network.parameters if p not in own)}
    for equation in network.equations:
        if len(set(equation.indices)) != equation.tensor.rank or equation.tensor.shape != tuple(
            i.dimension for i in equation.indices
        ):
            raise StepError(equation.name, 0, "definition", "its indices do not fit its shape")
        if not free_indices(equation.formula) <= set(equation.indices):
            raise StepError(equation.name, 0, "definition", "an index on the right is not bound")
        for entry in entries(equation.formula):
            if entry.tensor not in defined and (entry.tensor not in own or not is_shifted(entry, equation)):
                raise StepError(equation.name, 0, "definition", f"it uses {entry.tensor.name} before it is known")
        defined.add(equation.tensor)
    if not runs_one_way(network.equations):
        raise StepError("network", 0, "definitions", "a recurrence that runs in both directions")
    if network.loss not in defined or network.loss.rank:
        raise StepError("network", 0, "definitions", "the loss is no scalar of the network")


def _check_adjoint(where: str, adjoint: Adjoint, network: Network) -> None:
    if adjoint.of not in network.all_tensors:
        raise StepError(where, 0, "chain rule", "the network has no such value")
    if adjoint.tensor != adjoint_tensor(adjoint.of):
        raise StepError(where, 0, "chain rule", "it has another name")
    check_form(where, adjoint)


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
                formula = written_out(formula, [_named(e) for e in reversed(self.private.values())])
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
    columns = () if derivation.second is None else derivation.second.columns
    tangents = 0 if derivation.second is None else len(derivation.second.tangents)
    blocks = sum(len(column.blocks) for column in columns)
    return ReplayReport(len(derivation.adjoints), steps, tangents=tangents, blocks=blocks)
