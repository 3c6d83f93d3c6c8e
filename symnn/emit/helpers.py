"""The functions that an emitted module defines for itself: the safe sides of laws, and what these need."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from symnn.emit.code import Root, Writer
from symnn.emit.laws import LAWS, WEIGHTED, Law, X
from symnn.emit.lower import Lowering
from symnn.emit.names import Scope, identifier
from symnn.emit.operations import Value
from symnn.emit.program import Program
from symnn.emit.reader import Stored
from symnn.emit.special import polynomial_lines
from symnn.emit.text import formula_text
from symnn.emit.twofold import QUOTIENT, TWOFOLD
from symnn.formula.application import NamedFormula
from symnn.formula.index import Index, dimension
from symnn.formula.nodes import Tensor
from symnn.formula.substitute import substitute_entries

WIDTH = 102
SHARED: dict[str, Callable[[], tuple[str, ...]]] = {
    "polynomial": polynomial_lines,
    "twofold": lambda: TWOFOLD,
    "quotient": lambda: QUOTIENT,
}
"""What several functions need, by the names in `Law.shared`."""


def helper_functions(laws: Sequence[Law]) -> list[list[str]]:
    """The functions that the module defines for the laws it uses, and for those that these need."""
    names = {needed for law in laws for needed in (law.name, *law.needs)}
    for law in LAWS:
        names |= set(law.needs) if law.name in names else set()
    known = {law.name: law for law in (*LAWS, *WEIGHTED.values())}
    own = {name: law for name, law in known.items() if name in names}
    used = [*own.values(), *(law for law in laws if law.name not in own)]
    wanted = {name for law in used for name in law.shared}
    shared = [list(lines()) for name, lines in SHARED.items() if name in wanted]
    return [*shared, *(law_function(law) for law in used)]


def law_function(law: Law) -> list[str]:
    """A law as a function of the module: its right side, for an array of any shape."""
    if law.code is not None:
        return list(law.code())
    lines = Lines("x")
    lines.compute("y", law.right)
    return [f"def _{law.name}(x):", *(f"    {line}".rstrip() for line in (*says(law), *lines.written(), "return y"))]


def says(law: Law) -> list[str]:
    """The docstring of the function."""
    text = formula_text(NamedFormula(Tensor(law.name), (), law.left)).partition(" = ")[2]
    return [f'"""Compute {text} for each entry of x.', "", *textwrap.wrap(law.says, WIDTH), '"""']


class Lines:
    """The statements of a function of arrays of one shape, whichever it is; `names` are those that it starts with."""

    def __init__(self, *names: str, helpers: Sequence[Law] = ()) -> None:
        size = dimension("size")
        self.indices = (Index("i", size), Index("j", size))
        self.program = Program()
        self.lowering = Lowering(self.program, {law.function: law for law in helpers})
        self.roots: list[Root] = []
        self.names: dict[str, str] = {}
        self.given: dict[Value, str] = {}
        for name in names:
            tensor = self._tensor(name)
            leaf = self.program.leaf(name, tensor.shape)
            self.given[leaf] = name
            self.lowering.arrays[tensor] = Stored(leaf, (0, 1))

    def _tensor(self, name: str) -> Tensor:
        return Tensor(name, tuple(index.dimension for index in self.indices))

    def compute(self, name: str, formula: Any, arrays: Mapping[Any, str] = MappingProxyType({X: "x"})) -> None:
        """Compute a formula of numbers, each of which stands for the entries of an array."""
        placed = substitute_entries(formula, lambda entry: self._tensor(arrays[entry]).entry(*self.indices))
        stored = self.lowering.equation(self._tensor(name), self.indices, placed)
        self.roots.append(Root(stored.value, name))

    def written(self) -> list[str]:
        """The statements. What is computed is there after them, and what is given is not changed."""
        taken = [*self.given.values(), *(root.name for root in self.roots)]
        writer = Writer(self.given, Scope(taken), lambda symbol: identifier(str(symbol)), lambda: "x.dtype")
        writer.keep = frozenset(root.value for root in self.roots)
        lines = writer.write(self.roots)
        # What is an array already gets no variable of its own.
        self.names = {root.name: writer.name_of(root.value) for root in self.roots}
        return lines
