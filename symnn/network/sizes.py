"""Numbers for the sizes of a network: small ones, with which no axis is empty."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import sympy
from sympy import Expr

from symnn.errors import SymnnError
from symnn.formula.index import LayerSize
from symnn.network.equations import Network
from symnn.network.widths import LAYER, Widths

WIDTHS = (3, 2, 4)
BEYOND = 3
FAR = 8
MOST = 500


def sample_constants(network: Network) -> dict[Any, int]:
    """Small numbers for the whole numbers that no shape tells: 1 for a padding, 2 and 3 for strides and widths."""
    positive = [symbol for symbol in network.whole_constants if symbol.is_positive]
    found = dict.fromkeys(network.whole_constants, 1)
    return found | {symbol: 2 + place % 2 for place, symbol in enumerate(positive)}


def fitting(
    sizes: Mapping[Any, int], axes: Iterable[Expr], fixed: Collection[Any] = (), least: int = 1
) -> dict[Any, int]:
    """The sizes, with those made larger from which others are subtracted, until every axis has `least` entries.

    An axis of windows gets at least two. Raises SymnnError where the `fixed` sizes leave an axis empty.

    >>> h, k = sympy.symbols("h k", integer=True, positive=True)
    >>> fitting({h: 2, k: 3}, [h - k + 1])
    {h: 3, k: 3}
    """
    found = dict(sizes)
    wanted = [size for size in dict.fromkeys(axes) if not size.is_number and not size.is_Symbol]
    for _ in range(MOST):
        short = (size for size in wanted if _length(size, found) < max(least, _least(size, found.keys() - set(fixed))))
        empty = next(short, None)
        if empty is None:
            return found
        growing = [s for s in sorted(empty.free_symbols - set(fixed), key=str) if _grows(empty, found, s)]
        if not growing:
            if _length(empty, found) > 0:
                wanted.remove(empty)
                continue
            raise SymnnError(f"the axis of size {empty} is empty for {_shown(found)}")
        found[growing[0]] += 1
    raise SymnnError(f"no sizes were found for which {', '.join(map(str, wanted))} are positive")


def sample_widths(
    widths: Widths, sizes: Mapping[Any, int], start: int = 0, usual: Sequence[int] = WIDTHS
) -> dict[Any, int]:
    """Numbers for sizes that differ from layer to layer, and for those in `sizes`.

    Neighbouring layers differ, and arrays have one place more than the longest layer, which nothing may depend on.
    """
    found = dict(sizes)
    found.setdefault(widths.layers, 2)
    every = [size for axes in widths.axes.values() for size in axes]
    names = sorted({part.name for size in every for part in size.atoms(LayerSize)})
    for place, name in enumerate(names):
        for layer in range(-BEYOND, int(found[widths.layers]) + BEYOND + 1):
            found[LayerSize(name, layer)] = usual[(layer + place + start) % len(usual)]
    plain = {s for size in every for s in size.free_symbols} - {LAYER} - found.keys()
    found |= {symbol: 2 + place % 2 for place, symbol in enumerate(sorted(plain, key=str))}
    return found | {widths.longest: max(usual) + 1}


def _least(size: Expr, free: Collection[Any]) -> int:
    return 2 if size.has(sympy.floor) and size.free_symbols & set(free) else 1


def _length(size: Expr, sizes: Mapping[Any, int]) -> int:
    return int(size.xreplace({symbol: sympy.Integer(n) for symbol, n in sizes.items()}))


def _grows(size: Expr, sizes: Mapping[Any, int], symbol: Any) -> bool:
    return symbol in sizes and _length(size, {**sizes, symbol: sizes[symbol] + FAR}) > _length(size, sizes)


def _shown(sizes: Mapping[Any, int]) -> str:
    return ", ".join(f"{symbol} = {size}" for symbol, size in sizes.items())
