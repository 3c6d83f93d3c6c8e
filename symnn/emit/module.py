"""A program as one Python module.

The template holds the shape of the module; everything in it that depends on the network is computed here.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import sympy
from jinja2 import Environment, PackageLoader, StrictUndefined

import symnn
from symnn.emit.errors import EmitError
from symnn.emit.functions import Body, Functions
from symnn.emit.helpers import helper_functions
from symnn.emit.names import identifier
from symnn.emit.numbers import number_text
from symnn.emit.plan import Plan
from symnn.emit.text import formula_text, shape_text
from symnn.formula.nodes import Tensor
from symnn.network.batch import Reduction
from symnn.network.equations import Equation, Network
from symnn.network.sizes import fitting, sample_constants

WIDTH = 110
RETURNS = {
    "mean": "the mean of the losses of the batch",
    "sum": "the sum of the losses of the batch",
    "none": "the loss of each sample; its gradients are those of their sum",
}
CHECK_SIZES = ((3, 4, 5, 2, 6), (5, 2, 3, 4, 1))


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("symnn.emit", "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


@dataclass(frozen=True)
class Shown:
    """A function as the template prints it."""

    head: list[str]
    summary: str
    says: list[str]
    statements: list[str]

    @property
    def lines(self) -> list[str]:
        """The statements, none of them too long where it can be broken."""
        return [part for line in self.statements for part in broken(line)]


@dataclass(frozen=True)
class Hyperparameter:
    """A number that is neither data nor learned; `default` is code, or empty. `sample` is used by the self-check.

    `least` is the smallest value of a whole number, and None for other numbers.
    """

    name: str
    default: str
    sample: str
    least: int | None = None

    @property
    def says(self) -> str:
        return f"{self.name}: a number" if self.least is None else f"{self.name}: a whole number from {self.least}"

    @property
    def check(self) -> list[str]:
        """Statements that refuse anything but whole numbers where it has to be one."""
        if self.least is None:
            return []
        return [
            f"if not isinstance({self.name}, (int, np.integer)) or {self.name} < {self.least}:",
            f'    raise ValueError(f"{self.name} must be a whole number from {self.least}, not {{{self.name}!r}}")',
        ]

    @property
    def signature(self) -> str:
        return f"{self.name}={self.default}" if self.default else self.name


def render(plan: Plan, original: Network, reduction: Reduction) -> str:
    """The module's text.

    `plan` holds the equations for a batch, `original` those for one sample, which the documentation shows. Raises
    EmitError when a name is no identifier or a formula has no NumPy form.
    """
    text = _environment().get_template("module.py.jinja").render(**_Page(plan, original, reduction).values())
    return _checked(text)


class _Page:
    """What the template prints."""

    def __init__(self, plan: Plan, original: Network, reduction: Reduction) -> None:
        self.plan, self.original, self.reduction = plan, original, reduction
        self.functions = Functions(plan)
        names = self.functions.names
        self.batch = plan.network.batch.dimension if plan.network.batch is not None else None
        self.data = {names[t.name]: original.tensor(t.name) for t in self.functions.data}
        self.parameters = {names[t.name]: t for t in self.functions.parameters}
        self.states = {names[u.tensor.name]: u.tensor for u in plan.network.updates}
        later = (self.functions.backward, *([self.functions.hvp] if self.functions.hvp is not None else []))
        self.kept_numbers = frozenset[str]().union(*(body.hyperparameters for body in later))
        used = self.functions.forward.hyperparameters | self.kept_numbers
        self.constants = {name: symbol for symbol, name in self.functions.hyperparameters.items()}
        in_updates = self.functions.next_state.hyperparameters if self.functions.next_state is not None else frozenset()
        self.kept_numbers |= in_updates & used
        used |= {name for name, symbol in self.constants.items() if self._stands_in_a_shape(symbol)}
        samples = sample_constants(original)
        made = {name: _hyperparameter(name, symbol, original, samples) for name, symbol in self.constants.items()}
        self.hyper = [number for name, number in made.items() if name in used]
        self.rates = [number for name, number in made.items() if name in in_updates - used]

    def _stands_in_a_shape(self, symbol: Any) -> bool:
        """Whether a number that no axis tells is needed to tell whether shapes fit."""
        tensors = (*self.data.values(), *self.parameters.values())
        return any(symbol in size.free_symbols for tensor in tensors for size in tensor.shape)

    def values(self) -> dict[str, Any]:
        title = _one_line(self.original.title)
        shown = [self._forward(), self._backward(), self._together()]
        if self.functions.hvp is not None:
            shown.append(self._hvp(self.functions.hvp))
        if self.functions.next_state is not None:
            shown.append(self._next_state(self.functions.next_state))
        return {
            "title": f"{title}: the loss and its gradients." if title else "The loss of a network and its gradients.",
            "hvp": bool(self.plan.products),
            "state": bool(self.plan.updates),
            "header": self._header(),
            "tables": self._tables(),
            "helpers": helper_functions(self.plan.laws),
            "functions": shown,
            "batch": str(self.batch or ""),
            "derived": _block("DERIVED = {", [f'"{size}": lambda s: {code}' for size, code in self._derived()]),
            "folds": any("_fold(" in line for function in shown for line in function.lines),
            "computed": bool(self.functions.results.keys() - self.parameters.keys() - self.data.keys()),
            "values": _block("VALUES = {", self._values()),
            "example": self._example(),
            "sums": any(fact.kind == "sum" for fact in self.plan.network.facts),
            "constants_in_shapes": any(map(self._stands_in_a_shape, self.constants.values())),
            "constants": _block("CONSTANTS = {", [f'"{h.name}": {h.default or h.sample}' for h in self.hyper]),
            "sizes": _bracketed("SIZES = (", self._check_sizes(), ")", 0),
        }

    # -- documentation ----------------------------------------------------------------------------------------

    def _header(self) -> list[str]:
        lines = [
            f"Written by symnn {symnn.__version__}. It needs NumPy and nothing else, and may be copied.",
            "",
        ]
        lines += _wrapped([text for e in self.original.equations if (text := _equation_text(e))], "    ")
        lines.append("")
        if self.batch is not None:
            lines += textwrap.wrap(
                "Data may have a leading batch axis; a single sample works too. float32 stays float32.", WIDTH
            )
        lines.append("Run this file to compare the gradients with numeric ones.")
        return lines

    def _arguments(self) -> list[str]:
        says = []
        if self.parameters:
            shapes = ", ".join(f"{name} {shape_text(t.shape)}" for name, t in self.parameters.items())
            says += textwrap.wrap(f"params: a dict with {shapes}", WIDTH - 4, subsequent_indent="    ")
        for name, tensor in self.data.items():
            role = "input" if any(t.name == tensor.name for t in self.plan.network.inputs) else "target"
            shape = shape_text(tensor.shape)
            if self.batch is not None:
                shape = f"{shape} or {shape_text((self.batch, *tensor.shape))}"
            says.append(f"{name}: {role}, {shape}")
        says += [h.says for h in self.hyper]
        return says

    def _forward(self) -> Shown:
        kept = self.functions.reasons()
        body = self.functions.forward
        lines = self._unpack()
        lines += body.lines
        items = [f'"{k.name}": {k.name},  # for {k.reason}' for k in kept]
        items += [f'"{h.name}": {h.name},  # a constant' for h in self.hyper if h.name in self.kept_numbers]
        if self._returns_data_gradients():
            items.append('"single": single,  # the shape of the gradients of data')
        lines += ["cache = {", *(f"    {item}" for item in items), "}"] if items else ["cache = {}"]
        loss = self.functions.loss_code
        if self.reduction == "none" and self.batch is not None:
            lines.append(f"return ({loss}[0] if single else {loss}), cache")
        else:
            lines.append(f"return {loss}, cache")
        says = self._arguments()
        if self.batch is not None:
            says.append(f"Returns {RETURNS[self.reduction]}, and the cache.")
        says.append("Raises ValueError for a wrong shape, and for missing or unknown params.")
        head = _bracketed("def forward(", self._signature(), "):", 0)
        others = [
            name for name, body in (("hvp", self.functions.hvp), ("next_state", self.functions.next_state)) if body
        ]
        readers = "`backward`" + "".join(f" and `{name}`" for name in others) + (" need" if others else " needs")
        return Shown(head, f"Compute the loss, and the cache that {readers}.", says, lines)

    def _unpack(self) -> list[str]:
        pairs = [f'"{name}": {name}' for name in self.data]
        lines = _bracketed("data = {", pairs, "}", 4)
        target = "arrays, single" if self._needs_single() else "arrays, _"
        lines += [line for h in self.hyper for line in h.check]
        known = [f'"{h.name}": {h.name}' for h in self.hyper if self._stands_in_a_shape(self.constants[h.name])]
        given = f", {{{', '.join(known)}}}" if known else ""
        lines.append(f"{target} = _arrays(params, data{given})")
        used = self.functions.forward.arrays | {kept.name for kept in self.functions.reasons()}
        return lines + [f'{name} = arrays["{name}"]' for name in (*self.data, *self.parameters) if name in used]

    def _needs_single(self) -> bool:
        return self.batch is not None and (self.reduction == "none" or self._returns_data_gradients())

    def _returns_data_gradients(self) -> bool:
        return self.batch is not None and any(name not in self.parameters for name in self.functions.results)

    def _from_cache(self, body: Body) -> list[str]:
        names = [k.name for k in self.functions.reasons() if k.name in body.arrays]
        names += [h.name for h in self.hyper if h.name in body.hyperparameters]
        return [f'{name} = cache["{name}"]' for name in names]

    def _backward(self) -> Shown:
        lines = [*self._from_cache(self.functions.backward), *self.functions.backward.lines]
        items = []
        for name, code in self.functions.results.items():
            per_sample = self.batch is not None and name not in self.parameters
            items.append(f'"{name}": {code}[0] if cache["single"] else {code},' if per_sample else f'"{name}": {code},')
        lines += ["return {", *(f"    {item}" for item in items), "}"] if items else ["return {}"]
        adjoints = [formula_text(a) for a in self.plan.backward if not a.hidden]
        return Shown(
            ["def backward(cache):"],
            "Compute the gradient of the loss with respect to each parameter, in the parameter's shape.",
            _wrapped(adjoints, ""),
            lines,
        )

    def _hvp(self, body: Body) -> Shown:
        passed = ["params", *self.data, *(f"{h.name}={h.name}" for h in self.hyper)]
        lines = [*_bracketed("loss, cache = forward(", passed, ")", 4)]
        directions = {name: self.functions.directions[value] for value, name in self.functions.moved.items()}
        lines.append("direction = _direction(params, direction, loss.dtype)")
        lines += [f'{code} = direction["{name}"]' for name, code in directions.items() if code in body.arrays]
        lines += [*self._from_cache(body), *body.lines]
        items = [f'"{name}": {code},' for name, code in self.functions.product_results.items()]
        lines += ["return {", *(f"    {item}" for item in items), "}"]
        says = textwrap.wrap(
            "The Hessian holds the second derivatives of the loss with respect to all parameters; it is never built. "
            "`direction` is a dict with the names and shapes of params, and so is the result. A dot marks how a value, "
            "or an adjoint of `backward`, changes along the direction:",
            WIDTH - 4,
        )
        says += ["", *_wrapped([formula_text(a) for a in self.plan.second if not a.hidden], "")]
        head = _bracketed("def hvp(", ["params", "direction", *self._signature()[1:]], "):", 0)
        return Shown(head, "Compute the product of the Hessian of the loss with a direction.", says, lines)

    def _next_state(self, body: Body) -> Shown:
        lines = [line for rate in self.rates for line in rate.check]
        lines += [*self._from_cache(body), "state = _checked_state(state)"]
        lines += [f'{name} = state["{name}"]' for name in self.states if name in body.arrays]
        lines += [*body.lines]
        items = [f'"{name}": {code},' for name, code in self.functions.next_results.items()]
        lines += ["result = {", *(f"    {item}" for item in items), "}", "_same_shapes(state, result)", "return result"]
        shapes = ", ".join(f"{name} {shape_text(tensor.shape)}" for name, tensor in self.states.items())
        says = [
            "The loss does not depend on the state, so it has no gradient. Call this once after each `forward`.",
            "",
            *_wrapped([formula_text(a) for a in self.plan.updates if not a.hidden], ""),
            "",
            *textwrap.wrap(f"state: a dict with {shapes}", WIDTH - 4, subsequent_indent="    "),
            *(rate.says for rate in self.rates),
        ]
        signature = ["state", "cache", *(["*", *(rate.signature for rate in self.rates)] if self.rates else [])]
        head = _bracketed("def next_state(", signature, "):", 0)
        return Shown(head, "Compute the state after a step of training; the given one is not changed.", says, lines)

    def _together(self) -> Shown:
        passed = ["params", *self.data, *(f"{h.name}={h.name}" for h in self.hyper)]
        lines = [*_bracketed("loss, cache = forward(", passed, ")", 4), "return loss, backward(cache)"]
        head = _bracketed("def value_and_grad(", self._signature(), "):", 0)
        return Shown(head, "Compute the loss and its gradients.", ["See `forward` and `backward`."], lines)

    def _signature(self) -> list[str]:
        hyper = ["*", *(h.signature for h in self.hyper)] if self.hyper else []
        return ["params", *self.data, *hyper]

    def _tables(self) -> list[str]:
        lines = []
        tables = [("DATA", self.data), ("PARAMETERS", self.parameters)]
        for title, table in [*tables, ("STATE", self.states)] if self.states else tables:
            rows = [f'    "{name}": {_sizes(tensor)},' for name, tensor in table.items()]
            lines += [f"{title} = {{", *rows, "}"] if rows else [f"{title} = {{}}"]
        sizes = [size for tensor in (*self.data.values(), *self.parameters.values()) for size in tensor.shape]
        whole = dict.fromkeys(str(size) for size in sizes if not size.is_number and not size.is_Symbol)
        letters = [f'"{letter}"' for letter in (*self._letters(), *whole)]
        return lines + _bracketed("LETTERS = {", letters, "}", 0) if letters else [*lines, "LETTERS = set()"]

    def _values(self) -> list[str]:
        """The numbers that the note gives to parameters."""
        found = {name: self.original.values.get(tensor.name) for name, tensor in self.parameters.items()}
        return [f'"{name}": {_number(value)}' for name, value in found.items() if isinstance(value, int | Fraction)]

    def _letters(self) -> list[str]:
        tensors = (*self.functions.data, *self.functions.parameters)
        shapes = [(*self.original.tensor(t.name).shape,) for t in tensors]
        constants = set(self.constants.values())
        found = [str(s) for shape in shapes for d in shape for s in sorted(d.free_symbols - constants, key=str)]
        return list(dict.fromkeys([str(self.batch), *found] if self.batch else found))

    def _derived(self) -> list[tuple[str, str]]:
        """Sizes that follow from others, such as ``H - P + 1``, as functions of the letters."""
        tensors = (*self.data.values(), *self.parameters.values())
        sizes = dict.fromkeys(size for t in tensors for size in t.shape)
        known = {size for size in sizes if size.is_Symbol} | set(self.constants.values())
        sizes = dict.fromkeys(s for s in sizes if s not in known and not s.is_number and s.free_symbols <= known)
        return [(str(size), number_text(size, _letter_code)[0]) for size in sizes]

    def _sample(self, symbol: Any) -> str:
        """The variable of a size in the self-check, or the number that it takes for a constant."""
        name = self.functions.hyperparameters.get(symbol)
        return identifier(str(symbol)) if name is None else f'CONSTANTS["{name}"]'

    # -- the self-check ---------------------------------------------------------------------------------------

    def _check_sizes(self) -> list[str]:
        """Two choices of sizes; what is subtracted from another size is made smaller than that one."""
        choices = []
        axes = [size for tensor in self.plan.network.all_tensors for size in tensor.shape]
        axes += [needed.size - needed.highest for needed in self.functions.requirements]
        symbols = {str(symbol): symbol for size in axes for symbol in size.free_symbols}
        constants = sample_constants(self.original)
        for row in CHECK_SIZES:
            values = {symbols[letter]: row[place % len(row)] for place, letter in enumerate(self._letters())}
            found = fitting({**values, **constants}, axes, constants)
            shown = ", ".join(f'"{letter}": {found[symbols[letter]]}' for letter in self._letters())
            choices.append(f"{{{shown}}}")
        return choices

    def _example(self) -> list[str]:
        lines = [f'{identifier(letter)} = sizes["{letter}"]' for letter in self._letters()]
        params = [f'"{name}": {self._draw(t, "parameter")},' for name, t in self.parameters.items()]
        lines += ["params = {", *(f"    {p}" for p in params), "}"] if params else ["params = {}"]
        drawn = []
        for tensor in self.functions.data:
            role = "input" if tensor in self.plan.network.inputs else "target"
            drawn.append(f"    {self._draw(tensor, role)},")
        lines += ["data = [", *drawn, "]"] if drawn else ["data = []"]
        return [*lines, "return params, data"]

    def _draw(self, tensor: Tensor, role: str) -> str:
        """Code for random entries that fit what is known of the tensor."""
        shape = ", ".join(number_text(size, self._sample)[0] for size in tensor.shape)
        shape = f"({shape},)" if tensor.rank == 1 else f"({shape})"
        kinds = {fact.kind: fact for fact in self.plan.network.facts if fact.tensor == tensor}
        if "sum" in kinds:
            fact = kinds["sum"]
            value = number_text(fact.value, lambda symbol: identifier(str(symbol)))[0]
            return f"_summing_to({value}, rng.uniform(0.1, 0.9, {shape}), {fact.axis})"
        if "binary" in kinds:
            return f"rng.integers(0, 2, {shape}).astype(float)"
        if "positive" in kinds:
            return f"rng.uniform(0.5, 1.5, {shape})"
        return f"rng.uniform(0.1, 0.9, {shape})" if role == "target" else f"draw({shape})"


def _equation_text(equation: Equation) -> str:
    """An equation of the note as text; an operator with intermediate values by its name, without these."""
    use = equation.use
    if use is None or not use.lets:
        return formula_text(equation)
    if use.part:
        return ""
    arguments = ", ".join(tensor.name for _, tensor, _ in use.arguments)
    return f"{equation.name} = {use.operator}({arguments})"


def fold_function() -> str:
    """The function of the module that adds up windows where they overlap."""
    return _environment().get_template("fold.py.jinja").render()


def _letter_code(symbol: Any) -> str:
    return f's["{symbol}"]'


def _block(head: str, items: Sequence[str]) -> list[str]:
    """A table with one row to a line; nothing without rows."""
    return [head, *(f"    {item}," for item in items), "}"] if items else []


def _sizes(tensor: Tensor) -> str:
    sizes = [str(size) if size.is_number else f'"{size}"' for size in tensor.shape]
    return f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"


def _hyperparameter(name: str, symbol: Any, network: Network, whole: Mapping[Any, int]) -> Hyperparameter:
    value = network.values.get(str(symbol))
    default = "" if value is None else _number(value)
    if symbol in whole:
        return Hyperparameter(name, default, str(whole[symbol]), 1 if symbol.is_positive else 0)
    return Hyperparameter(name, default, "0.7" if symbol.is_positive else "0.3")


def _number(value: Any) -> str:
    """A number as code."""
    number = value if isinstance(value, sympy.Basic) else sympy.Rational(str(value))
    return number_text(number, str)[0]


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace("\\", "").replace('"', "'").removesuffix(".")


def _wrapped(texts: Sequence[str], indent: str) -> list[str]:
    lines: list[str] = []
    for text in texts:
        lines += textwrap.wrap(
            text, WIDTH - 8, initial_indent=indent, subsequent_indent=indent + "    ", break_long_words=False
        )
    return [line.replace("\\", "\\\\") for line in lines]


def _bracketed(before: str, items: Sequence[str], after: str, indent: int) -> list[str]:
    """``before items after`` on one line, or broken the way formatters break it."""
    line = f"{before}{', '.join(items)}{after}"
    if len(line) + indent <= WIDTH:
        return [line]
    inner = ", ".join(items)
    if len(inner) + indent + 4 <= WIDTH and before.endswith("(") and not before.endswith("= ("):
        return [before, f"    {inner}", after]
    return [before, *(f"    {item}," for item in items), after]


_CALL = re.compile(r"\s*(\w+ = )?[\w.]+\(")


def broken(line: str) -> list[str]:
    """A statement that is one call, with its arguments on lines of their own where it is too long for one.

    >>> broken("y = np.where(" + ", ".join(["argument"] * 10) + ")")[0::2]
    ['y = np.where(', ')']
    """
    head = _CALL.match(line)
    if len(line) + 4 <= WIDTH or head is None or not line.endswith(")"):
        return [line]
    depth, start, items = 0, head.end(), []
    for place in range(head.end(), len(line) - 1):
        depth += (line[place] in "([{") - (line[place] in ")]}")
        if depth < 0:
            return [line]  # the first bracket closes before the end
        if depth == 0 and line.startswith(", ", place):
            items.append(line[start:place])
            start = place + 2
    items.append(line[start:-1])
    indent = len(line) - len(line.lstrip())
    made = _bracketed(line[indent : head.end()], items, ")", indent + 4)
    return [" " * indent + part for part in made]


def _checked(text: str) -> str:
    """The text, after a look at whether it is Python. Raises EmitError where the emitter itself is wrong."""
    try:
        compile(text, "<emitted>", "exec", dont_inherit=True)
    except SyntaxError as error:
        raise EmitError(f"internal: the emitted module is no Python: {error}") from error
    return text
