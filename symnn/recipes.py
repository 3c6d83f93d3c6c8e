"""Recipes: named formulas that a text states under one name, such as Adam or the initialisation of He.

    @recipe(kind="optimizer")
    def momentum(theta: "", gradient: "", velocity: "", *, rate: "positive", mu: "positive"):
        velocity = update("velocity", mu * velocity - rate * gradient)
        update("theta", theta + velocity)

A recipe has parts in order. `update` gives the new value of a parameter, which is a state; `part` names a value on the
way. Like an operator, a recipe is declared once, as formulas; a claim about it is compared with them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from symnn.declare import Constant, read_signature
from symnn.formula.application import Array, axis_indices, unfold_applications
from symnn.formula.index import Index
from symnn.formula.nodes import Tensor
from symnn.formula.substitute import inline
from symnn.network.arrays import Expression, expression
from symnn.registry import DeclarationError, Registry

NEXT = "_next"


@dataclass(frozen=True)
class Part:
    """``tensor[indices] = formula``; `updates` names the state whose new value this is, or is empty."""

    tensor: Tensor
    indices: tuple[Index, ...]
    formula: Any
    updates: str = ""

    @property
    def name(self) -> str:
        """The name of the value; for a state, the state's name."""
        return self.updates or self.tensor.name


@dataclass(frozen=True)
class Recipe:
    """Named formulas in order, in parameters (data and states) and constants."""

    name: str
    parameters: tuple[Tensor, ...]
    constants: tuple[Constant, ...]
    parts: tuple[Part, ...]
    latex_names: Mapping[str, str]
    aliases: tuple[str, ...]
    kind: str
    summary: str
    source: str

    @property
    def states(self) -> tuple[str, ...]:
        """The names of the parameters that a step changes."""
        return tuple(part.updates for part in self.parts if part.updates)

    def part(self, name: str) -> Part:
        """The part of this name. Raises KeyError with the names there are."""
        for part in self.parts:
            if part.name == name:
                return part
        raise KeyError(f"{self.name} has no part {name}; it has {', '.join(p.name for p in self.parts)}")

    def written_out(self, name: str) -> Array:
        """A part as a formula in the parameters: their old values.

        >>> recipes.find("momentum").written_out("theta").body
        mu*velocity - rate*gradient + theta
        """
        wanted = self.part(name)
        indices = axis_indices(wanted.tensor.shape)
        formula = wanted.tensor.entry(*indices)
        for part in reversed(self.parts[: self.parts.index(wanted) + 1]):
            formula = inline(formula, part.tensor, part.indices, part.formula)
        return Array(indices, unfold_applications(formula))


@dataclass
class _Trace:
    parameters: dict[str, Tensor]
    parts: list[Part] = field(default_factory=list)


_trace: ContextVar[_Trace | None] = ContextVar("recipe", default=None)
recipes: Registry[Recipe] = Registry()


def part(name: str, value: Any) -> Expression:
    """Name a value on the way, in the body of a recipe."""
    return _record(name, value, "")


def update(state: str, value: Any) -> Expression:
    """The new value of a state; what comes after uses it. Raises DeclarationError for a name that is no parameter."""
    trace = _trace.get()
    if trace is None or state not in trace.parameters:
        raise DeclarationError(f"{state} is no parameter of the recipe")
    return _record(state + NEXT, value, state)


def _record(name: str, value: Any, updates: str) -> Expression:
    trace = _trace.get()
    if trace is None:
        raise DeclarationError("part and update are only for the body of a recipe")
    if name in trace.parameters or any(known.tensor.name == name for known in trace.parts):
        raise DeclarationError(f"{name} is named twice")
    array = expression(value).array
    tensor = Tensor(name, array.shape)
    if updates and tensor.shape != trace.parameters[updates].shape:
        raise DeclarationError(f"the new {updates} has shape {tensor.shape}, not {trace.parameters[updates].shape}")
    trace.parts.append(Part(tensor, array.indices, array.body, updates))
    return expression(tensor)


def recipe(
    *, kind: str, aliases: Sequence[str] = (), names: Mapping[str, str] | None = None, source: str = ""
) -> Callable[[Callable[..., Any]], Recipe]:
    """Declare a recipe. See the module's docstring for the shape of a declaration.

    `names` gives the LaTeX of parameters and parts that do not print themselves; recipes may share one dictionary.
    """

    def declare(body: Callable[..., Any]) -> Recipe:
        signature = read_signature(body)
        if inspect.signature(body).return_annotation is not inspect.Signature.empty:
            raise DeclarationError(f"{signature.name}: a recipe returns nothing; its parts are its result")
        trace = _Trace({parameter.name: parameter for parameter in signature.parameters})
        token = _trace.set(trace)
        try:
            body(*map(expression, signature.parameters), **{c.name: expression(c.symbol) for c in signature.constants})
        finally:
            _trace.reset(token)
        shown = {*trace.parameters, *(c.name for c in signature.constants), *(p.name for p in trace.parts)}
        declared = Recipe(
            name=signature.name,
            parameters=signature.parameters,
            constants=signature.constants,
            parts=tuple(trace.parts),
            latex_names={name: latex for name, latex in (names or {}).items() if name in shown},
            aliases=tuple(aliases),
            kind=kind,
            summary=signature.summary,
            source=source,
        )
        recipes.add(declared)
        return declared

    return declare
