"""A program as one Python module.

The template holds the shape of the module; everything in it that depends on the network is computed here.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cache
from typing import Any

import sympy
from jinja2 import Environment, PackageLoader, StrictUndefined

import symnn
from symnn.emit.errors import EmitError
from symnn.emit.function import Body
from symnn.emit.functions import Functions
from symnn.emit.helpers import helper_functions
from symnn.emit.layer_shapes import LayerShapes
from symnn.emit.layout import WIDTH, Hyperparameter, Shown, block, bracketed, one_line, wrapped
from symnn.emit.names import identifier
from symnn.emit.numbers import number_text
from symnn.emit.plan import Plan
from symnn.emit.state import state_functions
from symnn.emit.text import formula_text, size_text
from symnn.formula.index import LayerSize
from symnn.formula.nodes import Tensor
from symnn.network.batch import Reduction
from symnn.network.equations import Equation, Network
from symnn.network.sizes import fitting, sample_constants

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


def render(plan: Plan, original: Network, reduction: Reduction, in_use: Plan | None = None) -> str:
    """The module's text.

    `plan` holds the equations for a batch, `original` those for one sample, which the documentation shows; `in_use` is
    the plan for when training is over, where that is another one. Raises EmitError when a name is no identifier or a
    formula has no NumPy form.
    """
    text = _environment().get_template("module.py.jinja").render(**Page(plan, original, reduction, in_use).values())
    return _checked(text)


class Page:
    """What the template prints."""

    def __init__(self, plan: Plan, original: Network, reduction: Reduction, in_use: Plan | None = None) -> None:
        self.plan, self.original, self.reduction, self.in_use = plan, original, reduction, in_use
        self.functions = Functions(plan)
        names = self.functions.names
        self.layers = LayerShapes(original)
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
        self.constants_in_shapes = {n for n, symbol in self.constants.items() if self._stands_in_a_shape(symbol)}
        used |= self.constants_in_shapes
        samples = sample_constants(original)
        made = {name: _hyperparameter(name, symbol, original, samples) for name, symbol in self.constants.items()}
        self.every_hyperparameter = list(made.values())
        self.hyper = [number for name, number in made.items() if name in used]
        self.rates = [number for name, number in made.items() if name in in_updates - used]

    def _stands_in_a_shape(self, symbol: Any) -> bool:
        """Whether a number that no axis tells is needed to tell whether shapes fit."""
        tensors = (*self.data.values(), *self.parameters.values())
        return any(symbol in size.free_symbols for tensor in tensors for size in tensor.shape)

    def values(self) -> dict[str, Any]:
        title = one_line(self.original.title)
        shown = [self._forward(), self._backward(), self._together()]
        if self.functions.hvp is not None:
            shown.append(self._hvp(self.functions.hvp))
        shown += state_functions(self, self.in_use)
        laws = (*self.plan.laws, *(self.in_use.laws if self.in_use is not None else ()))
        return {
            "title": f"{title}: the loss and its gradients." if title else "The loss of a network and its gradients.",
            "layers": self.layers.number if any(map(self.layers.is_list, self.parameters.values())) else "",
            "hvp": bool(self.plan.products),
            "state": bool(self.plan.updates),
            "header": self._header(),
            "tables": self._tables(),
            "helpers": helper_functions(tuple(dict.fromkeys(laws))),
            "functions": shown,
            "batch": str(self.batch or ""),
            "derived": block("DERIVED = {", [f'"{size}": lambda s: {code}' for size, code in self._derived()]),
            "folds": any("_fold(" in line for function in shown for line in function.lines),
            "computed": bool(self.functions.results.keys() - self.parameters.keys() - self.data.keys()),
            "values": block("VALUES = {", self._values()),
            "example": self._example(),
            "sums": any(fact.kind == "sum" for fact in self.plan.network.facts),
            "constants_in_shapes": bool(self.constants_in_shapes),
            "constants": block("CONSTANTS = {", [f'"{h.name}": {h.default or h.sample}' for h in self.hyper]),
            "sizes": bracketed("SIZES = (", self._check_sizes(), ")", 0),
        }

    # -- documentation ----------------------------------------------------------------------------------------

    def _header(self) -> list[str]:
        lines = [
            f"Written by symnn {symnn.__version__}. It needs NumPy and nothing else, and may be copied.",
            "",
        ]
        lines += wrapped([text for e in self.original.equations if (text := _equation_text(e))], "    ")
        lines.append("")
        if self.batch is not None:
            lines += textwrap.wrap(
                "Data may have a leading batch axis; a single sample works too. float32 stays float32.", WIDTH
            )
        lists = [name for name, tensor in self.parameters.items() if self.layers.is_list(tensor)]
        lines += [part for text in self.layers.header(lists) for part in textwrap.wrap(text, WIDTH)]
        lines.append("Run this file to compare the gradients with numeric ones.")
        return lines

    def describe_parameters(self) -> list[str]:
        """What `params` is, for a docstring."""
        if not self.parameters:
            return []
        shapes = ", ".join(f"{name} {self.layers.shown(t)}" for name, t in self.parameters.items())
        return textwrap.wrap(f"params: a dict with {shapes}", WIDTH - 4, subsequent_indent="    ")

    def describe_data(self, names: Iterable[str]) -> list[str]:
        """What inputs and targets are."""
        says = []
        for name in names:
            tensor = self.data[name]
            role = "input" if any(t.name == tensor.name for t in self.plan.network.inputs) else "target"
            shape = self.layers.shown(tensor)
            if self.batch is not None:
                shape = f"{shape} or {self.layers.shown(tensor, self.batch)}"
            says.append(f"{name}: {role}, {shape}")
        return says

    def _arguments(self) -> list[str]:
        return [*self.describe_parameters(), *self.describe_data(self.data), *(h.says for h in self.hyper)]

    def _forward(self) -> Shown:
        kept = self.functions.reasons()
        body = self.functions.forward
        lines = self._unpack()
        lines += body.lines
        items = [f'"{k.name}": {k.name},  # {self.layers.kept(k.name, k.shape)}, for {k.reason}' for k in kept]
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
        head = bracketed("def forward(", self._signature(), "):", 0)
        others = [
            name for name, body in (("hvp", self.functions.hvp), ("next_state", self.functions.next_state)) if body
        ]
        readers = "`backward`" + "".join(f" and `{name}`" for name in others) + (" need" if others else " needs")
        return Shown(head, f"Compute the loss, and the cache that {readers}.", says, lines)

    def _unpack(self) -> list[str]:
        pairs = [f'"{name}": {name}' for name in self.data]
        lines = bracketed("data = {", pairs, "}", 4)
        target = "arrays, single" if self._needs_single() else "arrays, _"
        lines += [line for h in self.hyper for line in h.check]
        lines.append(f"{target} = _arrays(params, data{self.known_constants()})")
        used = self.functions.forward.arrays | {kept.name for kept in self.functions.reasons()}
        return lines + [f'{name} = arrays["{name}"]' for name in (*self.data, *self.parameters) if name in used]

    def known_constants(self) -> str:
        """The argument of ``_arrays`` that tells the constants in shapes, where there are any."""
        known = [f'"{h.name}": {h.name}' for h in self.hyper if h.name in self.constants_in_shapes]
        return f", {{{', '.join(known)}}}" if known else ""

    def _needs_single(self) -> bool:
        return self.batch is not None and (self.reduction == "none" or self._returns_data_gradients())

    def _returns_data_gradients(self) -> bool:
        return self.batch is not None and any(name not in self.parameters for name in self.functions.results)

    def from_cache(self, body: Body) -> list[str]:
        names = [k.name for k in self.functions.reasons() if k.name in body.arrays]
        names += [h.name for h in self.hyper if h.name in body.hyperparameters]
        return [f'{name} = cache["{name}"]' for name in names]

    def _backward(self) -> Shown:
        lines = [*self.from_cache(self.functions.backward), *self.functions.backward.lines]
        items = []
        for name, code in self.functions.results.items():
            per_sample = self.batch is not None and name not in self.parameters
            items.append(f'"{name}": {code}[0] if cache["single"] else {code},' if per_sample else f'"{name}": {code},')
        lines += ["return {", *(f"    {item}" for item in items), "}"] if items else ["return {}"]
        adjoints = [formula_text(a) for a in self.plan.backward if not a.hidden]
        return Shown(
            ["def backward(cache):"],
            "Compute the gradient of the loss with respect to each parameter, in the parameter's shape.",
            wrapped(adjoints, ""),
            lines,
        )

    def _hvp(self, body: Body) -> Shown:
        passed = ["params", *self.data, *(f"{h.name}={h.name}" for h in self.hyper)]
        lines = [*bracketed("loss, cache = forward(", passed, ")", 4)]
        directions = {name: self.functions.directions[value] for value, name in self.functions.moved.items()}
        lines.append("direction = _direction(params, direction, loss.dtype)")
        lines += [f'{code} = direction["{name}"]' for name, code in directions.items() if code in body.arrays]
        lines += [*self.from_cache(body), *body.lines]
        items = [f'"{name}": {code},' for name, code in self.functions.product_results.items()]
        lines += ["return {", *(f"    {item}" for item in items), "}"]
        says = textwrap.wrap(
            "The Hessian holds the second derivatives of the loss with respect to all parameters; it is never built. "
            "`direction` is a dict with the names and shapes of params, and so is the result. A dot marks how a value, "
            "or an adjoint of `backward`, changes along the direction:",
            WIDTH - 4,
        )
        says += ["", *wrapped([formula_text(a) for a in self.plan.second if not a.hidden], "")]
        head = bracketed("def hvp(", ["params", "direction", *self._signature()[1:]], "):", 0)
        return Shown(head, "Compute the product of the Hessian of the loss with a direction.", says, lines)

    def _together(self) -> Shown:
        passed = ["params", *self.data, *(f"{h.name}={h.name}" for h in self.hyper)]
        lines = [*bracketed("loss, cache = forward(", passed, ")", 4), "return loss, backward(cache)"]
        head = bracketed("def value_and_grad(", self._signature(), "):", 0)
        return Shown(head, "Compute the loss and its gradients.", ["See `forward` and `backward`."], lines)

    def _signature(self) -> list[str]:
        hyper = ["*", *(h.signature for h in self.hyper)] if self.hyper else []
        return ["params", *self.data, *hyper]

    def _tables(self) -> list[str]:
        lines = []
        tables = [("DATA", self.data), ("PARAMETERS", self.parameters)]
        for title, table in [*tables, ("STATE", self.states)] if self.states else tables:
            rows = [f'    "{name}": {self.layers.row(tensor)},' for name, tensor in table.items()]
            lines += [f"{title} = {{", *rows, "}"] if rows else [f"{title} = {{}}"]
        sizes = [size for tensor in (*self.data.values(), *self.parameters.values()) for size in tensor.shape]
        whole = dict.fromkeys(size_text(size) for size in sizes if not size.is_number and not size.is_Symbol)
        letters = [f'"{letter}"' for letter in (*self._letters(), *whole)]
        lists = [f'"{name}"' for name, tensor in self.parameters.items() if self.layers.is_list(tensor)]
        if lists:
            comment = "# Lists with one array for each layer; a size is counted from the layer or from their number."
            return [*lines, comment, *bracketed("LISTS = {", lists, "}", 0)]
        return lines + bracketed("LETTERS = {", letters, "}", 0) if letters else [*lines, "LETTERS = set()"]

    def _values(self) -> list[str]:
        """The numbers that the note gives to parameters."""
        found = {name: self.original.values.get(tensor.name) for name, tensor in self.parameters.items()}
        return [f'"{name}": {_number(value)}' for name, value in found.items() if isinstance(value, int | Fraction)]

    def _letters(self) -> list[str]:
        tensors = (*self.functions.data, *self.functions.parameters)
        shapes = [(*self.original.tensor(t.name).shape,) for t in tensors]
        constants = set(self.constants.values())
        every = [s for shape in shapes for d in shape for s in sorted(d.free_symbols - constants, key=str)]
        found = [str(s) for s in every if not self.layers.hides(s)]
        return list(dict.fromkeys([str(self.batch), *found] if self.batch else found))

    def _derived(self) -> list[tuple[str, str]]:
        """Sizes that follow from others, such as ``H - P + 1``, as functions of the letters."""
        tensors = (*self.data.values(), *self.parameters.values())
        sizes = dict.fromkeys(size for t in tensors for size in t.shape)
        known = {size for size in sizes if size.is_Symbol} | set(self.constants.values())
        sizes = dict.fromkeys(s for s in sizes if s not in known and not s.is_number and s.free_symbols <= known)
        return [(size_text(size), number_text(size, _letter_code)[0]) for size in sizes]

    def _sample(self, symbol: Any) -> str:
        """The variable of a size in the self-check, or the number that it takes for a constant."""
        if isinstance(symbol, LayerSize):
            return f"{symbol.name}[{number_text(symbol.layer, str)[0]}]"
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
        for choice, row in enumerate(CHECK_SIZES):
            values = {symbols[letter]: row[place % len(row)] for place, letter in enumerate(self._letters())}
            found = fitting({**values, **constants}, axes, constants)
            parts = [f'"{letter}": {found[symbols[letter]]}' for letter in self._letters()]
            shown = ", ".join([*parts, *(self.layers.samples(choice) if self.layers.widths is not None else [])])
            choices.append(f"{{{shown}}}")
        return choices

    def _example(self) -> list[str]:
        lines = [f'{identifier(letter)} = sizes["{letter}"]' for letter in self._letters()]
        lines += self.layers.unpacked()
        params = [f'"{name}": {self._drawn(t)},' for name, t in self.parameters.items()]
        lines += ["params = {", *(f"    {p}" for p in params), "}"] if params else ["params = {}"]
        drawn = []
        for tensor in self.functions.data:
            role = "input" if tensor in self.plan.network.inputs else "target"
            drawn.append(f"    {self._draw(tensor, role)},")
        lines += ["data = [", *drawn, "]"] if drawn else ["data = []"]
        return [*lines, "return params, data"]

    def _drawn(self, parameter: Tensor) -> str:
        """Code for a random parameter, or for a list of random arrays."""
        code = self._draw(parameter, "parameter")
        return f"[{code} for ell in range({self.layers.number})]" if self.layers.is_list(parameter) else code

    def _draw(self, tensor: Tensor, role: str) -> str:
        """Code for random entries that fit what is known of the tensor."""
        original = self.original.tensor(tensor.name)
        sizes = (*tensor.shape[: tensor.rank - original.rank], *self.layers.sizes(original))
        shape = ", ".join(number_text(size, self._sample)[0] for size in sizes)
        shape = f"({shape},)" if len(sizes) == 1 else f"({shape})"
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


def _checked(text: str) -> str:
    """The text, after a look at whether it is Python. Raises EmitError where the emitter itself is wrong."""
    try:
        compile(text, "<emitted>", "exec", dont_inherit=True)
    except SyntaxError as error:
        raise EmitError(f"internal: the emitted module is no Python: {error}") from error
    return text
