r"""Declaring an operator: one formula, in one place.

    @operator(latex=r"\operatorname{LayerNorm}")
    def layer_norm(x: "n", gamma: "n", beta: "n", *, eps: "positive") -> "n":
        ...

The annotations are shapes: letters are dimensions, an empty string is a scalar, numbers are fixed. Keyword-only
parameters are constants (``"positive"`` or ``"real"``), a default is allowed. The body runs once, on symbols. There is
no place for a gradient, a shape function, NumPy code or a test: they follow from the formula.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import sympy

from symnn.formula.application import Array, Definition, NamedFormula
from symnn.formula.index import as_formula, dimension
from symnn.formula.nodes import Elementwise, Tensor
from symnn.formula.substitute import inline
from symnn.network.arrays import Expression, apply, call, expression


class DeclarationError(ValueError):
    """An operator's declaration is not usable; says what and where."""


@dataclass(frozen=True)
class Constant:
    """A constant of an operator, such as ε or a slope; `default` None means it must be given."""

    name: str
    positive: bool
    default: Any = None

    @property
    def symbol(self) -> Any:
        return sympy.Symbol(self.name, positive=True) if self.positive else sympy.Symbol(self.name, real=True)


@dataclass(frozen=True)
class Stable:
    """A formula that equals the definition and is safe in floating point; proven before it is used.

    ``shift``: the operator does not change when this parameter is shifted by its maximum.
    ``equal``: another formula for the result, given as a function of the parameters.
    """

    shift: str | None = None
    equal: Callable[..., Any] | None = None


@dataclass(frozen=True)
class Operator:
    """A declared operator.

    `definition` is the formula; `latex_names` tells how parameters and intermediate values print; `function` is the
    elementwise function of an operator on scalars, else None.
    """

    name: str
    latex: str
    definition: Definition
    constants: tuple[Constant, ...]
    latex_names: dict[str, str]
    aliases: tuple[str, ...]
    kind: str
    summary: str
    source: str
    stable: Stable | None
    body: Callable[..., Any] = field(repr=False, compare=False)

    @property
    def parameters(self) -> tuple[Tensor, ...]:
        return self.definition.parameters

    @property
    def is_elementwise(self) -> bool:
        return all(p.rank == 0 for p in self.parameters) and self.definition.result.tensor.rank == 0

    @property
    def function(self) -> Elementwise:
        """The elementwise function; constants follow the parameters."""
        if not self.is_elementwise:
            raise DeclarationError(f"{self.name} is not elementwise")
        formula = self.definition.result.formula
        for step in reversed(self.definition.lets):
            formula = inline(formula, step.tensor, step.indices, step.formula)
        scalars = {c.symbol: Tensor(c.name).entry() for c in self.constants}
        names = tuple(p.name for p in self.parameters) + tuple(c.name for c in self.constants)
        return Elementwise(self.name, names, formula.xreplace(scalars))

    def __call__(self, *arguments: Any, **constants: Any) -> Expression:
        """Apply the operator to expressions; it stays under its name until it is unfolded."""
        values = [self._constant(constant, constants) for constant in self.constants]
        if constants:
            raise TypeError(f"{self.name} has no constant {', '.join(constants)}")
        if self.is_elementwise:
            return call(self.function, *arguments, *values)
        return apply(self.definition, arguments, values)

    def _constant(self, constant: Constant, given: dict[str, Any]) -> Any:
        value = given.pop(constant.name, constant.default)
        return constant.symbol if value is None else exact(value)


def exact(value: Any) -> Any:
    """A number as an exact SymPy number; a float by its shortest decimal form."""
    if isinstance(value, float):
        value = Fraction(repr(value))
    if isinstance(value, Fraction):
        return sympy.Rational(value.numerator, value.denominator)
    return as_formula(value)


@dataclass
class _Trace:
    steps: list[NamedFormula] = field(default_factory=list)
    latex: dict[str, str] = field(default_factory=dict)


_trace: ContextVar[_Trace | None] = ContextVar("trace", default=None)


def let(name: str, value: Any, latex: str | None = None) -> Expression:
    """Name an intermediate value of the operator that is being declared.

    The name is printed in derivations, and is the name of the variable in emitted code.
    """
    trace = _trace.get()
    if trace is None:
        raise DeclarationError("let is only for the body of an operator")
    if any(step.tensor.name == name for step in trace.steps):
        raise DeclarationError(f"{name} is named twice")
    array = expression(value).array
    tensor = Tensor(name, array.shape)
    trace.steps.append(NamedFormula(tensor, array.indices, array.body))
    if latex is not None:
        trace.latex[name] = latex
    return expression(tensor)


class Registry:
    """The operators by name and alias."""

    def __init__(self) -> None:
        self._operators: dict[str, Operator] = {}
        self._names: dict[str, Operator] = {}
        self._loaded = False

    def add(self, declared: Operator) -> None:
        for name in (declared.name, *declared.aliases):
            if name.lower() in self._names:
                raise DeclarationError(f"{name} is already declared")
        self._operators[declared.name] = declared
        for name in (declared.name, *declared.aliases):
            self._names[name.lower()] = declared

    def remove(self, name: str) -> None:
        """Take an operator out again (for tests that declare one)."""
        declared = self._operators.pop(name)
        for key in [k for k, v in self._names.items() if v is declared]:
            del self._names[key]

    def find(self, name: str) -> Operator | None:
        """The operator of this name or alias, whatever its case; underscores and hyphens do not matter."""
        self._load()
        found = self._names.get(name.lower())
        if found is None:
            plain = name.lower().replace("_", "").replace("-", "").replace(" ", "")
            for key, value in self._names.items():
                if key.replace("_", "").replace("-", "").replace(" ", "") == plain:
                    return value
        return found

    def all(self) -> list[Operator]:
        """Every declared operator, in the order of declaration."""
        self._load()
        return list(self._operators.values())

    def _load(self) -> None:
        if not self._loaded:
            self._loaded = True
            import importlib
            import pkgutil

            import symnn.operators as package

            for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda m: m.name):
                importlib.import_module(f"symnn.operators.{module.name}")


registry = Registry()


def operator(
    *,
    latex: str = "",
    aliases: Sequence[str] = (),
    kind: str = "",
    names: dict[str, str] | None = None,
    stable: Stable | None = None,
    source: str = "",
) -> Callable[[Callable[..., Any]], Operator]:
    """Declare an operator. See the module's docstring for the shape of a declaration.

    `names` gives the LaTeX of parameters that do not print themselves. Raises DeclarationError when a shape is not
    covered by the annotations or a name is taken.
    """

    def declare(body: Callable[..., Any]) -> Operator:
        declared = _declared(body, latex, tuple(aliases), kind, dict(names or {}), stable, source)
        registry.add(declared)
        return declared

    return declare


def _declared(
    body: Callable[..., Any],
    latex: str,
    aliases: tuple[str, ...],
    kind: str,
    names: dict[str, str],
    stable: Stable | None,
    source: str,
) -> Operator:
    name = getattr(body, "__name__", "operator").rstrip("_")
    parameters: list[Tensor] = []
    constants: list[Constant] = []
    for parameter in inspect.signature(body).parameters.values():
        annotation = parameter.annotation
        if not isinstance(annotation, str):
            raise DeclarationError(f"{name}: parameter {parameter.name} has no shape")
        annotation = annotation.strip("'\"")
        default = None if parameter.default is inspect.Parameter.empty else parameter.default
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            if annotation not in ("positive", "real"):
                raise DeclarationError(f"{name}: the constant {parameter.name} must be 'positive' or 'real'")
            constants.append(Constant(parameter.name, annotation == "positive", default))
        else:
            parameters.append(Tensor(parameter.name, _shape(annotation)))
    trace = _Trace()
    token = _trace.set(trace)
    try:
        result = body(*map(expression, parameters), **{c.name: expression(c.symbol) for c in constants})
    finally:
        _trace.reset(token)
    returned = inspect.signature(body).return_annotation
    if not isinstance(returned, str):
        raise DeclarationError(f"{name}: the shape of the result is missing")
    array: Array = expression(result).array
    if array.shape != _shape(returned.strip("'\"")):
        raise DeclarationError(f"{name}: the result has shape {array.shape}, declared {returned!r}")
    steps = [*trace.steps, NamedFormula(Tensor("y", array.shape), array.indices, array.body)]
    definition = Definition(name, parameters, [c.symbol for c in constants], steps)
    doc = inspect.getdoc(body) or ""
    if not doc:
        raise DeclarationError(f"{name}: one sentence in the docstring says what the operator is")
    shown = latex or r"\operatorname{" + name.replace("_", r"\_") + "}"
    return Operator(
        name, shown, definition, tuple(constants), {**names, **trace.latex}, aliases, kind,
        doc.splitlines()[0], source, stable, body,
    )  # fmt: skip


def _shape(annotation: str) -> tuple[Any, ...]:
    return tuple(dimension(int(part) if part.isdigit() else part) for part in annotation.split())
