r"""Declaring an operator: one formula, in one place.

    @operator(latex=r"\operatorname{LayerNorm}")
    def layer_norm(x: "n", gamma: "n", beta: "n", *, eps: "positive") -> "n":
        ...

The annotations are shapes: letters are dimensions, an empty string is a scalar, numbers are fixed. Keyword-only
parameters are constants (``"positive"``, ``"real"``, or ``"integer"`` and ``"natural"`` for whole numbers from 1 and
from 0), a default is allowed. The body runs once, on symbols. There is no place for a gradient, a shape function, NumPy
code or a test: they follow from the formula.

A loss is declared for one sample. `Reduced` gives its mean or sum over samples a name of its own.
"""

from __future__ import annotations

import ast
import inspect
import operator as operators
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

import sympy

from symnn.body import Trace, let, rows_of, shape_of, state, traced, update
from symnn.formula.application import Array, Definition, NamedFormula
from symnn.formula.index import Index, as_formula, dimension, length
from symnn.formula.nodes import Bracket, Compare, Elementwise, Tensor, Total
from symnn.formula.substitute import inline
from symnn.network.arrays import Condition, Expression, apply, call, combine, expression
from symnn.registry import DeclarationError, Registry

__all__ = [
    "Constant", "ConstantKind", "DeclarationError", "Operator", "Reduced", "Requirement", "Signature", "Stable",
    "exact", "let", "nonzero", "operator", "read_signature", "registry", "state", "update",
]  # fmt: skip

ConstantKind = Literal["positive", "real", "integer", "natural"]
_ASSUMPTIONS: dict[str, dict[str, bool]] = {
    "positive": {"positive": True},
    "real": {"real": True},
    "integer": {"integer": True, "positive": True},
    "natural": {"integer": True, "nonnegative": True},
}


@dataclass(frozen=True)
class Constant:
    """A constant of an operator, such as ε or a slope; `default` None means it must be given.

    >>> Constant("stride", "integer", 1).symbol.is_integer
    True
    """

    name: str
    kind: ConstantKind
    default: Any = None

    @property
    def positive(self) -> bool:
        return "positive" in _ASSUMPTIONS[self.kind]

    @property
    def whole(self) -> bool:
        """Whether it is a whole number, so that it may stand in an index or a dimension."""
        return "integer" in _ASSUMPTIONS[self.kind]

    @property
    def symbol(self) -> Any:
        return sympy.Symbol(self.name, **_ASSUMPTIONS[self.kind])


@dataclass(frozen=True)
class Requirement:
    """A condition that holds for every value of the indices where the formula is meant: ``target[i] != 0``."""

    indices: tuple[Index, ...]
    condition: Compare

    def __str__(self) -> str:
        return str(self.condition)


@dataclass(frozen=True)
class Reduced:
    """A per-sample operator reduced over the samples (one more, leading axis), under a name of its own."""

    by: Literal["mean", "sum"]
    name: str
    latex: str = ""
    aliases: tuple[str, ...] = ()


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
    elementwise function of an operator on scalars. `domain` holds where the formula is defined, as facts for the text.
    An `associative` operator of two parameters takes any number of arguments in a note. `rates` are constants that only
    the updates of its states have.
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
    domain: tuple[Requirement, ...]
    associative: bool
    body: Callable[..., Any] = field(repr=False, compare=False)
    rates: tuple[Constant, ...] = ()

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

    def values(self, given: Mapping[str, Any]) -> dict[Any, Any]:
        """The symbols of the constants with their values: those given, and defaults."""
        rest = dict(given)
        return {constant.symbol: self._constant(constant, rest) for constant in self.constants}

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


def nonzero(value: Any) -> Condition:
    """The condition that no entry is zero, for `domain`."""
    return Condition("!=", expression(value), expression(0))


registry: Registry[Operator] = Registry()


def operator(
    *,
    latex: str = "",
    aliases: Sequence[str] = (),
    kind: str = "",
    names: dict[str, str] | None = None,
    stable: Stable | None = None,
    source: str = "",
    domain: Callable[..., Sequence[Condition]] | None = None,
    reduced: Sequence[Reduced] = (),
    associative: bool = False,
) -> Callable[[Callable[..., Any]], Operator]:
    """Declare an operator. See the module's docstring for the shape of a declaration.

    `names` gives the LaTeX of parameters that do not print themselves. `domain` is a function of the same parameters
    that lists conditions; `reduced` declares means and sums over samples along with the operator. Raises
    DeclarationError when a shape is not covered by the annotations or a name is taken.
    """

    def declare(body: Callable[..., Any]) -> Operator:
        signature = read_signature(body)
        if signature.result is None:
            raise DeclarationError(f"{signature.name}: the shape of the result is missing")
        declared = [
            _built(
                body,
                signature,
                each,
                latex=latex if each is None else each.latex,
                aliases=tuple(aliases) if each is None else each.aliases,
                kind=kind,
                names=names or {},
                stable=stable if each is None else None,
                source=source,
                domain=domain,
                associative=associative,
            )
            for each in (None, *reduced)
        ]
        registry.add(*declared)
        return declared[0]

    return declare


@dataclass(frozen=True)
class Signature:
    """What the first lines of a declaration say."""

    name: str
    parameters: tuple[Tensor, ...]
    constants: tuple[Constant, ...]
    result: str | None
    summary: str


def read_signature(body: Callable[..., Any]) -> Signature:
    """Read parameters, constants and the shape of the result from the annotations of a declaration.

    Raises DeclarationError for a parameter without a shape, an unknown kind of constant or a missing docstring.
    """
    name = getattr(body, "__name__", "operator").rstrip("_")
    signature = inspect.signature(body)
    parameters: list[Tensor] = []
    constants: list[Constant] = []
    for parameter in signature.parameters.values():
        annotation = parameter.annotation
        if not isinstance(annotation, str):
            raise DeclarationError(f"{name}: parameter {parameter.name} has no shape")
        annotation = annotation.strip("'\"")
        default = None if parameter.default is inspect.Parameter.empty else parameter.default
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            if annotation not in _ASSUMPTIONS:
                kinds = ", ".join(map(repr, _ASSUMPTIONS))
                raise DeclarationError(f"{name}: the constant {parameter.name} must be one of {kinds}")
            constants.append(Constant(parameter.name, annotation, default))  # type: ignore[arg-type]
        else:
            parameters.append(Tensor(parameter.name, shape_of(annotation)))
    doc = inspect.getdoc(body) or ""
    if not doc:
        raise DeclarationError(f"{name}: one sentence in the docstring says what the operator is")
    returned = signature.return_annotation
    result = returned.strip("'\"") if isinstance(returned, str) else None
    return Signature(name, tuple(parameters), tuple(constants), result, doc.splitlines()[0])


def _built(
    body: Callable[..., Any],
    signature: Signature,
    reduced: Reduced | None,
    *,
    latex: str,
    aliases: tuple[str, ...],
    kind: str,
    names: dict[str, str],
    stable: Stable | None,
    source: str,
    domain: Callable[..., Sequence[Condition]] | None,
    associative: bool,
) -> Operator:
    name = signature.name if reduced is None else reduced.name
    outer: tuple[Index, ...] = () if reduced is None else (_sample_index(signature),)
    lead = tuple(index.dimension for index in outer)
    parameters = tuple(Tensor(p.name, (*lead, *p.shape)) for p in signature.parameters)
    rows = [rows_of(parameter, outer) for parameter in parameters]
    symbols = {c.name: c.symbol if c.whole else expression(c.symbol) for c in signature.constants}
    with traced(outer) as trace:
        array: Array = expression(body(*rows, **symbols)).array
    if list(map(length, array.shape)) != list(map(length, _declared_shape(signature))):
        raise DeclarationError(f"{name}: the result has shape {array.shape}, declared {signature.result!r}")
    if reduced is not None:
        array = _reduced(array, outer[0], reduced)
    steps = [*trace.steps, NamedFormula(Tensor("y", array.shape), array.indices, array.body)]
    constants, rates = _parted(signature.constants, trace)
    if any(rate.default is None for rate in rates):
        raise DeclarationError(f"{name}: a constant that only updates have needs a usual value")
    usual = [(rate.symbol, exact(rate.default)) for rate in rates]
    symbols_of_steps = [c.symbol for c in constants]
    definition = Definition(name, parameters, symbols_of_steps, steps, trace.updates, trace.in_use, usual)
    if trace.states and (reduced is not None or definition.is_composite):
        raise DeclarationError(f"{name} keeps a state, so it can neither be reduced nor use other operators on arrays")
    conditions = domain(*rows, **symbols) if domain is not None else ()
    return Operator(
        name=name,
        latex=latex or r"\operatorname{" + name.replace("_", r"\_") + "}",
        definition=definition,
        constants=constants,
        rates=rates,
        latex_names={**names, **trace.latex},
        aliases=aliases,
        kind=kind,
        summary=signature.summary if reduced is None else _summary(signature.summary, reduced),
        source=source,
        stable=stable,
        domain=tuple(_requirement(condition, outer) for condition in conditions),
        associative=associative,
        body=body,
    )


def _parted(constants: tuple[Constant, ...], trace: Trace) -> tuple[tuple[Constant, ...], tuple[Constant, ...]]:
    """The constants of the formula, and those that stand only in the updates of states."""
    updates = {symbol for update in trace.updates for symbol in update.formula.free_symbols}
    others = {symbol for step in (*trace.steps, *trace.in_use) for symbol in step.formula.free_symbols}
    rates = tuple(c for c in constants if c.symbol in updates - others)
    return tuple(c for c in constants if c not in rates), rates


def _sample_index(signature: Signature) -> Index:
    taken = {str(size) for parameter in signature.parameters for size in parameter.shape}
    letter = next(c for c in ("n", "N", "samples") if c not in taken)
    return Index("i" if letter == "n" else "b", dimension(letter)).fresh()


def _reduced(array: Array, index: Index, reduced: Reduced) -> Array:
    if array.rank:
        raise DeclarationError(f"{reduced.name}: only a scalar per sample is reduced, not shape {array.shape}")
    summed = Total(array.body, index)
    return Array((), summed / index.dimension if reduced.by == "mean" else summed)


def _summary(summary: str, reduced: Reduced) -> str:
    return f"The {reduced.by} over the samples of: {summary[0].lower()}{summary[1:]}"


def _requirement(condition: Condition, outer: tuple[Index, ...]) -> Requirement:
    compared = combine(
        lambda left, right: Bracket(Compare(condition.operator, left, right)), condition.left, condition.right
    ).array
    return Requirement((*outer, *compared.indices), compared.body.condition)


def _declared_shape(signature: Signature) -> list[Any]:
    """The shape of the result, whose dimensions may be computed: ``"o (n-k)//stride+1"``."""
    constants = {c.name: c.symbol for c in signature.constants if c.whole}
    return [_size(text, signature.name, constants) for text in (signature.result or "").split()]


_OPERATIONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operators.add,
    ast.Sub: operators.sub,
    ast.Mult: operators.mul,
    ast.FloorDiv: operators.floordiv,
}


def _size(text: str, name: str, constants: dict[str, Any]) -> Any:
    def build(node: ast.AST) -> Any:
        if isinstance(node, ast.Name):
            return constants[node.id] if node.id in constants else dimension(node.id)
        if isinstance(node, ast.Constant) and isinstance(node.value, int):
            return sympy.Integer(node.value)
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
            return _OPERATIONS[type(node.op)](build(node.left), build(node.right))
        raise DeclarationError(f"{name}: {text!r} is no dimension")

    try:
        return build(ast.parse(text, mode="eval").body)
    except SyntaxError as error:
        raise DeclarationError(f"{name}: {text!r} is no dimension") from error
