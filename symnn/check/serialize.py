"""Formulas and derivations as JSON, and back, without evaluating any text.

A formula is a nested list ``[kind, argument, ...]``. The kinds are a closed table; anything else is refused, and so is
what is nested too deeply or too long.
"""

from __future__ import annotations

import json
from typing import Any

import sympy
from sympy import Abs, Add, Basic, Integer, Mul, Pow, Rational, Tuple, cos, erf, exp, floor, log, sign, sin
from sympy.core.symbol import Str

from symnn.derive.derivation import Adjoint, Block, Column, Derivation, SecondOrder, Step, Tangent, adjoint_tensor
from symnn.errors import SymnnError
from symnn.formula.application import Array
from symnn.formula.facts import Fact
from symnn.formula.index import Index, LayerSize
from symnn.formula.matrices import Inverse, LogDeterminant
from symnn.formula.nodes import (
    AllOf,
    Bracket,
    Call,
    Cases,
    Compare,
    Delta,
    Elementwise,
    Entry,
    Extreme,
    Inside,
    Maximum,
    Minimum,
    Partial,
    Tensor,
    Total,
)
from symnn.network.equations import Equation, Network, Use
from symnn.network.widths import Widths

FORMAT = "symnn derivation"
VERSION = 1
MAX_DEPTH = 120
MAX_NODES = 2_000_000

KINDS: dict[str, Any] = {
    "add": Add, "mul": Mul, "pow": Pow, "exp": exp, "log": log, "sin": sin, "cos": cos, "erf": erf, "abs": Abs,
    "floor": floor, "sign": sign, "tuple": Tuple, "tensor": Tensor, "entry": Entry, "total": Total, "extreme": Extreme,
    "delta": Delta, "inside": Inside, "compare": Compare, "all": AllOf, "bracket": Bracket, "cases": Cases,
    "maximum": Maximum, "minimum": Minimum, "elementwise": Elementwise, "call": Call, "partial": Partial,
    "array": Array, "inverse": Inverse, "log-determinant": LogDeterminant, "size": LayerSize,
}  # fmt: skip
NAMES = {kind: name for name, kind in KINDS.items()}


class FormatError(SymnnError):
    """The data is no derivation that symnn wrote."""


class _Encoder:
    """Writes formulas; the serial numbers of fresh indices are counted anew, so that equal work gives equal text."""

    def __init__(self) -> None:
        self.serials: dict[int, int] = {0: 0}

    def __call__(self, formula: Basic) -> Any:
        if isinstance(formula, Index):
            serial = self.serials.setdefault(formula.serial, len(self.serials))
            return ["index", formula.name, self(formula.dimension), serial]
        if isinstance(formula, sympy.Symbol):
            return ["symbol", formula.name, bool(formula.is_integer), bool(formula.is_positive)]
        if isinstance(formula, Rational):
            return int(formula.p) if formula.q == 1 else ["number", str(formula.p), str(formula.q)]
        if isinstance(formula, Str):
            return formula.name
        if formula is sympy.E:
            return ["e"]
        if formula is sympy.pi:
            return ["pi"]
        name = NAMES.get(formula.func)
        if name is None:
            raise FormatError(f"a formula with {type(formula).__name__} cannot be written as JSON")
        return [name, *(self(argument) for argument in formula.args)]


def encode(formula: Basic) -> Any:
    """A formula as nested lists, strings and whole numbers."""
    return _Encoder()(formula)


class _Decoder:
    def __init__(self) -> None:
        self.nodes = 0

    def decode(self, data: Any, depth: int = 0) -> Any:
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            raise FormatError("the formula is nested too deeply or is too long")
        if isinstance(data, bool) or data is None or isinstance(data, float | dict):
            raise FormatError(f"not a formula: {str(data)[:60]}")
        if isinstance(data, int):
            return Integer(data)
        if isinstance(data, str):
            return Str(data)
        if not data or not isinstance(data[0], str):
            raise FormatError(f"not a formula: {str(data)[:60]}")
        kind, rest = data[0], data[1:]
        try:
            return self._node(kind, rest, depth)
        except (TypeError, ValueError, AttributeError, KeyError, IndexError) as error:
            raise FormatError(f"a formula of kind {kind} is malformed: {error}") from error

    def _node(self, kind: str, rest: list[Any], depth: int) -> Any:
        match kind:
            case "index":
                name, dimension, serial = rest
                return Index(str(name), self.decode(dimension, depth + 1), int(serial))
            case "symbol":
                name, integer, positive = rest
                assumptions = {"integer": True} if integer else {}
                if positive:
                    assumptions["positive"] = True
                elif not integer:
                    assumptions["real"] = True
                return sympy.Symbol(str(name), **assumptions)
            case "number":
                if int(rest[1]) == 0:
                    raise ValueError("a number with denominator 0")
                return Rational(int(rest[0]), int(rest[1]))
            case "e":
                return sympy.E
            case "pi":
                return sympy.pi
        if kind not in KINDS:
            raise FormatError(f"there is no formula of kind {kind[:40]}")
        arguments = [self.decode(argument, depth + 1) for argument in rest]
        if kind == "tensor":
            return Tensor(arguments[0], tuple(arguments[1]))
        if kind == "elementwise":
            name, parameters, body, order = arguments
            return Elementwise(name, tuple(parameters), None if isinstance(body, Str) else body, int(order))
        return KINDS[kind](*arguments)


def decode(data: Any) -> Any:
    """The way back from `encode`. Raises FormatError."""
    return _Decoder().decode(data)


# -- derivations ----------------------------------------------------------------------------------------------------


def _use(use: Use, encode: _Encoder) -> dict[str, Any]:
    return {
        "operator": use.operator,
        "part": use.part,
        "group": use.group,
        "arguments": [[name, encode(tensor), list(axes)] for name, tensor, axes in use.arguments],
        "lets": [[name, encode(tensor)] for name, tensor in use.lets],
        "shared": use.shared,
        "constants": [encode(c) for c in use.constants],
    }


def _equation(equation: Equation, encode: _Encoder) -> dict[str, Any]:
    return {
        "tensor": encode(equation.tensor),
        "indices": [encode(i) for i in equation.indices],
        "formula": encode(equation.formula),
        "use": None if equation.use is None else _use(equation.use, encode),
    }


def _widths(widths: Widths | None, encode: _Encoder) -> dict[str, Any]:
    """The sizes that differ from layer to layer, where there are any."""
    if widths is None:
        return {}
    axes = {name: [encode(size) for size in sizes] for name, sizes in widths.axes.items()}
    return {"widths": {"longest": encode(widths.longest), "layers": encode(widths.layers), "axes": axes}}


def _widths_from(data: Any, decoder: _Decoder) -> Widths | None:
    if data is None:
        return None
    axes = {str(name): tuple(decoder.decode(size) for size in sizes) for name, sizes in data["axes"].items()}
    return Widths(decoder.decode(data["longest"]), decoder.decode(data["layers"]), axes)


def to_json(derivation: Derivation) -> dict[str, Any]:
    """A derivation as data for `json.dumps`."""
    encode = _Encoder()
    network = derivation.network
    data: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "title": network.title,
        "network": {
            "equations": [_equation(e, encode) for e in network.equations],
            "loss": encode(network.loss),
            "inputs": [encode(t) for t in network.inputs],
            "targets": [encode(t) for t in network.targets],
            "parameters": [encode(t) for t in network.parameters],
            "facts": [
                [f.kind, encode(f.tensor), f.axis, None if f.value is None else encode(f.value)] for f in network.facts
            ],
            **_widths(network.widths, encode),
        },
        "adjoints": [
            {
                "of": encode(a.of),
                "indices": [encode(i) for i in a.indices],
                "fused": list(a.fused),
                "steps": _steps(a.steps, encode),
            }
            for a in derivation.adjoints
        ],
    }
    if derivation.second is not None:
        data["second"] = _second(derivation.second, encode)
    return data


def _steps(steps: tuple[Step, ...], encode: _Encoder) -> list[dict[str, Any]]:
    return [
        {
            "rule": s.rule,
            "before": encode(s.before),
            "after": encode(s.after),
            "uses": list(s.uses),
            "at": list(s.at),
            "says": s.says,
        }
        for s in steps
    ]


def _second(second: SecondOrder, encode: _Encoder) -> dict[str, Any]:
    return {
        "along": [encode(t) for t in second.along],
        "tangents": [_tangent(t, encode) for t in second.tangents],
        "columns": [
            {
                "parameter": encode(c.parameter),
                "tangents": [_tangent(t, encode) for t in c.tangents],
                "blocks": [
                    {
                        "row": encode(b.row),
                        "indices": [encode(i) for i in b.indices],
                        "steps": _steps(b.steps, encode),
                    }
                    for b in c.blocks
                ],
                "long": list(c.long),
                "looping": list(c.looping),
            }
            for c in second.columns
        ],
    }


def _tangent(tangent: Tangent, encode: _Encoder) -> dict[str, Any]:
    return {
        "of": encode(tangent.of),
        "indices": [encode(i) for i in tangent.indices],
        "steps": _steps(tangent.steps, encode),
    }


def dumps(derivation: Derivation) -> str:
    """A derivation as JSON text, one adjoint or tangent a line, so that changes show up as changed lines."""
    data = to_json(derivation)
    lists = {"adjoints": data.pop("adjoints")}
    second = data.pop("second", None)
    if second is not None:
        lists |= {"tangents": second.pop("tangents"), "columns": second.pop("columns")}
    rows = {
        name: "[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in every) + "\n]"
        for name, every in lists.items()
    }
    text = json.dumps(data, ensure_ascii=False)[:-1] + f', "adjoints": {rows["adjoints"]}'
    if second is not None:
        text += f', "second": {{"along": {json.dumps(second["along"], ensure_ascii=False)}, '
        text += f'"tangents": {rows["tangents"]}, "columns": {rows["columns"]}}}'
    return text + "}\n"


def from_json(data: Any) -> Derivation:
    """A derivation from data. Raises FormatError when it is not what `to_json` writes."""
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise FormatError(f"this is no derivation: the format should be {FORMAT!r}")
    if data.get("version") != VERSION:
        raise FormatError(f"version {data.get('version')} is not known; this symnn reads version {VERSION}")
    try:
        return _derivation(data)
    except (KeyError, TypeError, IndexError, ValueError) as error:
        raise FormatError(f"the derivation is incomplete or malformed: {error}") from error


def _derivation(data: dict[str, Any]) -> Derivation:
    shape = data["network"]
    decoder = _Decoder()
    equations = []
    for row in shape["equations"]:
        use = row["use"]
        made = None
        if use is not None:
            made = Use(
                str(use["operator"]), str(use["part"]), int(use["group"]),
                tuple((str(n), _tensor(decoder, t), tuple(int(a) for a in axes)) for n, t, axes in use["arguments"]),
                tuple((str(n), _tensor(decoder, t)) for n, t in use["lets"]),
                int(use["shared"]), tuple(decoder.decode(c) for c in use["constants"]),
            )  # fmt: skip
        indices = _indices(decoder, row["indices"])
        equations.append(Equation(_tensor(decoder, row["tensor"]), indices, decoder.decode(row["formula"]), made))
    facts = tuple(
        Fact(kind, _tensor(decoder, tensor), int(axis), None if value is None else decoder.decode(value))
        for kind, tensor, axis, value in shape["facts"]
    )
    network = Network(
        equations=tuple(equations),
        loss=_tensor(decoder, shape["loss"]),
        inputs=tuple(_tensor(decoder, t) for t in shape["inputs"]),
        targets=tuple(_tensor(decoder, t) for t in shape["targets"]),
        parameters=tuple(_tensor(decoder, t) for t in shape["parameters"]),
        facts=facts,
        title=str(data.get("title", "")),
        widths=_widths_from(shape.get("widths"), decoder),
    )
    adjoints = []
    for row in data["adjoints"]:
        of = _tensor(decoder, row["of"])
        indices = _indices(decoder, row["indices"])
        steps = _read_steps(decoder, row["steps"])
        adjoints.append(Adjoint(of, adjoint_tensor(of), indices, steps, tuple(map(str, row["fused"]))))
    second = _read_second(decoder, data["second"]) if "second" in data else None
    return Derivation(network, tuple(adjoints), second)


def _read_steps(decoder: _Decoder, data: Any) -> tuple[Step, ...]:
    return tuple(
        Step(
            str(s["rule"]), decoder.decode(s["before"]), decoder.decode(s["after"]), tuple(s["uses"]),
            tuple(int(p) for p in s["at"]), str(s["says"]),
        )
        for s in data
    )  # fmt: skip


def _read_second(decoder: _Decoder, data: Any) -> SecondOrder:
    columns = []
    for row in data["columns"]:
        parameter = _tensor(decoder, row["parameter"])
        blocks = tuple(
            Block(
                _tensor(decoder, b["row"]), parameter, _indices(decoder, b["indices"]), _read_steps(decoder, b["steps"])
            )
            for b in row["blocks"]
        )
        tangents = tuple(_read_tangent(decoder, t) for t in row["tangents"])
        columns.append(
            Column(parameter, tangents, blocks, tuple(map(str, row["long"])), tuple(map(str, row["looping"])))
        )
    along = tuple(_tensor(decoder, t) for t in data["along"])
    return SecondOrder(along, tuple(_read_tangent(decoder, t) for t in data["tangents"]), tuple(columns))


def _read_tangent(decoder: _Decoder, data: Any) -> Tangent:
    of = _tensor(decoder, data["of"])
    return Tangent(of, _indices(decoder, data["indices"]), _read_steps(decoder, data["steps"]))


def _indices(decoder: _Decoder, data: Any) -> tuple[Index, ...]:
    return tuple(_index(decoder, i) for i in data)


def _tensor(decoder: _Decoder, data: Any) -> Tensor:
    tensor = decoder.decode(data)
    if not isinstance(tensor, Tensor):
        raise FormatError("a tensor is missing")
    return tensor


def _index(decoder: _Decoder, data: Any) -> Index:
    index = decoder.decode(data)
    if not isinstance(index, Index):
        raise FormatError("an index is missing")
    return index
