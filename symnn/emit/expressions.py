"""Operations as Python expressions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sympy import Expr

from symnn.emit.errors import EmitError
from symnn.emit.numbers import ATOM, COMPARE, POWER, PRODUCT, SIGN, SUM, number_text
from symnn.emit.operations import (
    Cast,
    Diagonal,
    Einsum,
    Expand,
    Fill,
    Fold,
    Helper,
    Linalg,
    Matmul,
    Number,
    Pad,
    Pick,
    Positions,
    Reduce,
    Reshape,
    Select,
    Slice,
    Stride,
    Tensordot,
    Transpose,
    Ufunc,
    Value,
    Windows,
)

OPERATORS = {"add": ("+", SUM), "subtract": ("-", SUM), "multiply": ("*", PRODUCT), "divide": ("/", PRODUCT)}
COMPARISONS = {
    "less": "<",
    "less_equal": "<=",
    "greater": ">",
    "greater_equal": ">=",
    "equal": "==",
    "not_equal": "!=",
}


@dataclass(frozen=True)
class Text:
    """A piece of code and how tightly it binds."""

    code: str
    level: int
    depth: int = 0

    def at(self, level: int) -> str:
        return f"({self.code})" if self.level < level else self.code


def rendered(value: Value, parts: list[Text], size: Callable[[Any], str], dtype: Callable[[], str]) -> tuple[str, int]:
    """The code of one operation on arguments whose code is there, and how tightly it binds.

    `size` gives the variable of a dimension or hyperparameter, `dtype` the code of the call's data type.
    """
    operation = value.operation
    match operation:
        case Number():
            return number_text(operation.formula, size)
        case Ufunc():
            return _ufunc_text(operation.name, parts)
        case Helper():
            return f"{operation.name}({', '.join(p.code for p in parts)})", ATOM
        case Select():
            return f"np.where({', '.join(p.code for p in parts)})", ATOM
        case Matmul():
            return f"{parts[0].at(POWER)} @ {parts[1].at(POWER)}", PRODUCT
        case Tensordot():
            axes = f"({_tuple(operation.left)}, {_tuple(operation.right)})"
            return f"np.tensordot({parts[0].code}, {parts[1].code}, axes={axes})", ATOM
        case Einsum():
            return f'np.einsum("{operation.letters}", {parts[0].code}, {parts[1].code})', ATOM
        case Linalg():
            call = f"np.linalg.{operation.name}({parts[0].code})"
            return (call if operation.name == "inv" else f"{call}[1]"), ATOM
        case Reduce():
            axes = "" if len(operation.axes) == value.arguments[0].rank else f"axis={_axes(operation.axes)}"
            return f"{parts[0].at(ATOM)}.{operation.name}({axes})", ATOM
        case Transpose():
            if operation.order == (1, 0):
                return f"{parts[0].at(ATOM)}.T", ATOM
            return f"{parts[0].at(ATOM)}.transpose{_tuple(operation.order)}", ATOM
        case Expand():
            slots = ["None" if axis in operation.axes else ":" for axis in range(value.rank)]
            return f"{parts[0].at(ATOM)}[{_trimmed(slots)}]", ATOM
        case Pick():
            slots = [":" if p is None else number_text(p, size)[0] for p in operation.places]
            return f"{parts[0].at(ATOM)}[{_trimmed(slots)}]", ATOM
        case Slice():
            slots = [":"] * operation.axis + [_slice_text(operation, size)]
            return f"{parts[0].at(ATOM)}[{', '.join(slots)}]", ATOM
        case Diagonal():
            return (
                f"{parts[0].at(ATOM)}.diagonal(axis1={operation.first}, axis2={operation.second})",
                ATOM,
            )
        case Reshape():
            return f"{parts[0].at(ATOM)}.reshape({shape_text(operation.shape, size)})", ATOM
        case Stride():
            slots = [":" if step == 1 else f"::{number_text(step, size)[0]}" for step in operation.steps]
            return f"{parts[0].at(ATOM)}[{_trimmed(slots)}]", ATOM
        case Windows():
            lengths = [number_text(length, size)[0] for length in operation.sizes]
            window = lengths[0] if len(lengths) == 1 else f"({', '.join(lengths)})"
            view = "np.lib.stride_tricks.sliding_window_view"
            return f"{view}({parts[0].code}, {window}, axis={_axes(operation.axes)})", ATOM
        case Pad():
            widths = [
                f"({number_text(before, size)[0]}, {number_text(after, size)[0]})"
                for before, after in zip(operation.before, operation.after, strict=True)
            ]
            return f"np.pad({parts[0].code}, ({', '.join(widths)}{',' if value.rank == 1 else ''}))", ATOM
        case Fold():
            return _fold_text(operation, parts[0].code, size), ATOM
        case Positions():
            return f"np.arange({number_text(operation.size, size)[0]})", ATOM
        case Cast():
            return f"{parts[0].at(ATOM)}.astype({dtype()})", ATOM
        case Fill():
            shape = f"({shape_text(operation.shape, size)}{',' if len(operation.shape) == 1 else ''})"
            return f"np.full({shape}, {parts[0].code}, {dtype()})", ATOM
    raise EmitError(f"internal: no code for {operation}")


def _slice_text(operation: Slice, size: Callable[[Any], str]) -> str:
    start, stop = ("" if edge == 0 else number_text(edge, size)[0] for edge in (operation.start, operation.stop))
    # Formatters set off the colon with spaces where an edge is an expression.
    spaced = any(" " in edge for edge in (start, stop))
    before, after = (" " if spaced and start else ""), (" " if spaced and stop else "")
    return f"{start}{before}:{after}{stop}"


def _fold_text(fold: Fold, array: str, size: Callable[[Any], str]) -> str:
    words = [array, str(fold.axis), str(fold.window), number_text(fold.size, size)[0]]
    named = {"start": (fold.start, 0), "step": (fold.step, 1), "dilation": (fold.dilation, 1)}
    words += [f"{name}={number_text(n, size)[0]}" for name, (n, usual) in named.items() if n != usual]
    return f"_fold({', '.join(words)})"


def shape_text(shape: Iterable[Expr], size: Callable[[Any], str]) -> str:
    """The sizes of a shape, with commas between them."""
    return ", ".join(number_text(length, size)[0] for length in shape)


def _ufunc_text(name: str, parts: list[Text]) -> tuple[str, int]:
    if name in OPERATORS:
        sign, level = OPERATORS[name]
        tight = level + 1
        left = parts[0].at(level if name in ("add", "subtract", "multiply") and "@" not in parts[0].code else tight)
        return f"{left} {sign} {parts[1].at(tight)}", level
    if name in COMPARISONS:
        return f"{parts[0].at(SUM)} {COMPARISONS[name]} {parts[1].at(SUM)}", COMPARE
    if name == "logical_and":
        return " & ".join(part.at(SUM) for part in parts), COMPARE
    if name == "logical_not":
        return f"~{parts[0].at(ATOM)}", SIGN
    if name == "negative":
        return f"-{parts[0].at(SIGN)}", SIGN
    if name == "square":
        return (f"{parts[0].code}**2" if parts[0].code.isidentifier() else f"{parts[0].at(ATOM)} ** 2"), POWER
    return f"np.{name}({', '.join(part.code for part in parts)})", ATOM


def _tuple(numbers: Sequence[int]) -> str:
    return f"({', '.join(map(str, numbers))}{',' if len(numbers) == 1 else ''})"


def _axes(axes: Sequence[int]) -> str:
    return str(axes[0]) if len(axes) == 1 else _tuple(axes)


def _trimmed(slots: list[str]) -> str:
    """The slots of a subscript without the ``:`` at its end."""
    while len(slots) > 1 and slots[-1] == ":":
        slots.pop()
    return ", ".join(slots)
