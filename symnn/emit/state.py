"""The functions of a module that has a state: how it starts, how it goes on, and what is computed with it in use."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from symnn.emit.functions import Functions
from symnn.emit.layout import WIDTH, Shown, bracketed, wrapped
from symnn.emit.names import identifier
from symnn.emit.numbers import number_text
from symnn.emit.text import formula_text, shape_text

if TYPE_CHECKING:
    from symnn.emit.module import Page
    from symnn.emit.plan import Plan

MAKERS = {"0": "np.zeros({shape}, dtype)", "1": "np.ones({shape}, dtype)"}


def state_functions(page: Page, in_use: Plan | None) -> list[Shown]:
    """What a module with a state has besides the others; nothing where there is none."""
    if page.functions.next_state is None:
        return []
    start = _initial_state(page)
    shown = [*([start] if start is not None else []), _next_state(page)]
    return [*shown, _predict(page, in_use, start is not None)] if in_use is not None else shown


def _says_state(page: Page) -> list[str]:
    shapes = ", ".join(f"{name} {shape_text(tensor.shape)}" for name, tensor in page.states.items())
    return textwrap.wrap(f"state: a dict with {shapes}", WIDTH - 4, subsequent_indent="    ")


def _initial_state(page: Page) -> Shown | None:
    """The state before the first step; None where it is not known, or parameters do not tell how large it is."""
    starts = {page.functions.names[name]: start for name, start in page.plan.network.starts.items()}
    sizes = dict.fromkeys(s for tensor in page.states.values() for size in tensor.shape for s in size.free_symbols)
    tellers = {size: _telling(page, size) for size in sizes}
    first = next(iter(page.parameters), None)
    if starts.keys() != page.states.keys() or None in tellers.values() or first is None:
        return None
    lines = [
        "dtype = np.result_type(*(np.asarray(array).dtype for array in params.values()))",
        'dtype = dtype if dtype.kind == "f" else np.dtype(float)',
        *(f"{identifier(str(size))} = {code}" for size, code in tellers.items()),
    ]
    items = []
    for name, tensor in page.states.items():
        start = number_text(starts[name], str)[0]
        shape = ", ".join(number_text(size, lambda symbol: identifier(str(symbol)))[0] for size in tensor.shape)
        whole = f"({shape},)" if tensor.rank == 1 else f"({shape})"
        items.append(f'"{name}": {MAKERS.get(start, f"np.full({{shape}}, {start}, dtype)").format(shape=whole)},')
    lines += ["return {", *(f"    {item}" for item in items), "}"]
    return Shown(
        ["def initial_state(params):"], "Make the state before the first step of training.", _says_state(page), lines
    )


def _telling(page: Page, size: Any) -> str | None:
    """Code for a size, from the shape of a parameter."""
    for name, tensor in page.parameters.items():
        if size in tensor.shape:
            return f'np.shape(params["{name}"])[{tensor.shape.index(size)}]'
    return None


def _next_state(page: Page) -> Shown:
    body = page.functions.next_state
    assert body is not None
    lines = [line for rate in page.rates for line in rate.check]
    lines += [*page.from_cache(body), "state = _checked_state(state)"]
    lines += [f'{name} = state["{name}"]' for name in page.states if name in body.arrays]
    lines += [*body.lines]
    items = [f'"{name}": {code},' for name, code in page.functions.next_results.items()]
    lines += ["result = {", *(f"    {item}" for item in items), "}", "_same_shapes(state, result)", "return result"]
    says = [
        "The loss does not depend on the state, so it has no gradient. Call this once after each `forward`.",
        "",
        *wrapped([formula_text(a) for a in page.plan.updates if not a.hidden], ""),
        "",
        *_says_state(page),
        *(rate.says for rate in page.rates),
    ]
    signature = ["state", "cache", *(["*", *(rate.signature for rate in page.rates)] if page.rates else [])]
    head = bracketed("def next_state(", signature, "):", 0)
    return Shown(head, "Compute the state after a step of training; the given one is not changed.", says, lines)


def _predict(page: Page, plan: Plan, starts: bool) -> Shown:
    functions = Functions(plan)
    outputs = {functions.names.get(t.name, t.name): t for t in plan.outputs}
    body, codes = functions.computed(outputs)
    data = [functions.names[t.name] for t in plan.network.inputs]
    in_shapes = page.constants_in_shapes
    hyper = [n for n in page.every_hyperparameter if n.name in body.hyperparameters | in_shapes]
    lines = [line for number in hyper for line in number.check]
    lines += bracketed("data = {", [f'"{name}": {name}' for name in data], "}", 4)
    target = "arrays, single" if page.batch is not None else "arrays, _"
    lines += [f"{target} = _arrays(params, data{page.known_constants()})", "state = _checked_state(state)"]
    lines += ["_same_shapes(state, initial_state(params))"] if starts else []
    lines += [f'{name} = arrays["{name}"]' for name in (*data, *page.parameters) if name in body.arrays]
    dtype = f"{data[0]}.dtype" if data and data[0] in body.arrays else "next(iter(arrays.values())).dtype"
    lines += [f'{name} = state["{name}"].astype({dtype}, copy=False)' for name in page.states if name in body.arrays]
    lines += body.lines
    items = [
        f'"{n}": {c}[0] if single else {c},' if page.batch is not None else f'"{n}": {c},' for n, c in codes.items()
    ]
    lines += ["return {", *(f"    {item}" for item in items), "}"]
    samples = {name: page.original.tensor(tensor.name) for name, tensor in outputs.items()}
    shapes = ", ".join(f"{name} {shape_text(tensor.shape)}" for name, tensor in samples.items())
    more = "; with a batch axis where the inputs have one" if page.batch is not None else ""
    says = [
        "Values that come from a batch in training come from the state, and no targets are needed:",
        "",
        *wrapped([formula_text(e) for e in plan.network.equations if e in page.plan.network.in_use], ""),
        "",
        *page.describe_parameters(),
        *_says_state(page),
        *page.describe_data(data),
        *(number.says for number in hyper),
        *textwrap.wrap(f"Returns a dict with {shapes}{more}.", WIDTH - 4),
    ]
    signature = ["params", "state", *data, *(["*", *(number.signature for number in hyper)] if hyper else [])]
    head = bracketed("def predict(", signature, "):", 0)
    return Shown(head, "Compute what the network says when training is over.", says, lines)
