"""From a program to lines of Python.

Every named value of the network becomes a variable; what is used once is written where it is used; what is used more
than once gets a variable of its own. Large temporaries are not made twice: an elementwise function writes into memory
that is not needed any more, where there is such an argument of the same shape.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from symnn.emit.expressions import OPERATORS, Text, rendered
from symnn.emit.loops import write_branch, write_loop
from symnn.emit.names import Scope
from symnn.emit.numbers import ATOM
from symnn.emit.operations import (
    Branch,
    Cast,
    Diagonal,
    Einsum,
    Expand,
    Fill,
    Helper,
    Leaf,
    Linalg,
    Looped,
    Matmul,
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
)

FRESH = (Ufunc, Helper, Matmul, Einsum, Tensordot, Linalg, Select, Cast, Fill)
"""Operations whose result is an array of its own."""
LONGEST = 88  # characters of an expression; what is longer gets variables for its parts
DEEPEST = 6  # calls and operators inside one expression


@dataclass(frozen=True)
class Root:
    """A value that the function has to compute under a name of the network; `notes` are comment lines."""

    value: Value
    name: str
    notes: tuple[str, ...] = ()


@dataclass
class Writer:
    """Writes the statements of one function.

    `given` holds what is there at the start, `sizes` gives the variable of a dimension or hyperparameter, `keep`
    tells which values are needed after the statements (results, and what backward will need).
    """

    given: Mapping[Value, str]
    scope: Scope
    size: Callable[[Any], str]
    dtype: Callable[[], str]
    keep: frozenset[Value] = frozenset()
    lines: list[str] = field(default_factory=list)
    names: dict[Value, str] = field(default_factory=dict)
    references: dict[Value, int] = field(default_factory=dict)
    mentioned: set[str] = field(default_factory=set)
    wanted: dict[Value, str] = field(default_factory=dict)

    def write(self, roots: Sequence[Root], after: Callable[[Root], list[str]] = lambda root: []) -> list[str]:
        """The statements, in order; `after` gives lines that follow a root's own."""
        self.references = _count(roots, self.given)
        self.wanted = {beneath_views(root.value): root.name for root in reversed(roots)}
        for root in roots:
            self._write(root)
            self.references[beneath_views(root.value)] -= 1
            self.lines.extend(after(root))
        return self.lines

    def _write(self, root: Root) -> None:
        """The statements of one root."""
        # A view needs no variable, but what it is a view of does.
        value = beneath_views(root.value)
        if value in self.given or value in self.names or is_inline(value):
            return
        self.lines.extend(f"# {note}" for note in root.notes)
        self.assign(value, root.name, named=True)

    def name_of(self, value: Value) -> str:
        """The expression for a value that has been computed, or is a number or a view of such a value."""
        return self._text(value).code

    # -- statements -------------------------------------------------------------------------------------------

    def assign(self, value: Value, wanted: str, named: bool = False) -> None:
        """Compute a value into a variable."""
        if value in self.names or value in self.given:
            return
        if isinstance(value.operation, Looped):
            write_loop(self, value)
            return
        if isinstance(value.operation, Branch):
            self.names[value] = wanted if named else self.scope.fresh(wanted)
            write_branch(self, value, self.names[value])
            return
        self._prepare(value)
        if named:
            variable = wanted
        else:
            free = self._free_argument(value) if self._chains(value) is None else None
            variable = self.names[free] if free is not None else self.scope.fresh(wanted)
        self._compute(value, variable)
        self.names[value] = variable

    def _assign_part(self, part: Value) -> None:
        """Compute a part of a value into a variable: under its own name, where a later root has the same value."""
        name = self.wanted.get(part)
        self.assign(part, temporary(part) if name is None else name, named=name is not None)

    def _prepare(self, value: Value) -> None:
        """Give variables to those parts of a value that are used more than once."""
        spine = self._spine(value)
        stack: list[tuple[Value, bool]] = [(argument, False) for argument in reversed(value.arguments)]
        while stack:
            part, ready = stack.pop()
            if part in self.given or part in self.names or (is_inline(part) and not part.arguments):
                continue
            if ready:
                if part not in spine and self._is_long(part):
                    self._assign_part(part)
            elif part not in spine and self._needs_variable(part):
                self._assign_part(part)
            else:
                stack.append((part, True))
                stack.extend((argument, False) for argument in reversed(part.arguments))

        self._shorten(value)

    def _shorten(self, value: Value) -> None:
        """Give variables to the longest arguments of a value whose statement would not fit on a line."""
        while len(self._expression(value).code) > LONGEST:
            parts = [beneath_views(part) for part in value.arguments]
            parts = [p for p in parts if p not in self.names and p not in self.given and not is_inline(p)]
            if not parts:
                return
            longest = max(parts, key=lambda part: len(self._text(part).code))
            self._assign_part(longest)

    def _spine(self, value: Value) -> set[Value]:
        """The values that will be computed in the same memory, one after the other."""
        spine: set[Value] = set()
        following = self._chains(value)
        while following is not None:
            spine.add(following)
            following = self._chains(following)
        return spine

    def _needs_variable(self, value: Value) -> bool:
        if is_inline(value):
            return False
        if isinstance(value.operation, Looped | Branch):
            return True
        return self.references.get(value, 0) > 1 or self._chains(value) is not None

    def _is_long(self, value: Value) -> bool:
        """Whether the expression is too long to stand inside another one."""
        if is_inline(value):
            return False
        text = self._text(value)
        return len(text.code) > LONGEST - 20 or text.depth > DEEPEST

    def _chains(self, value: Value) -> Value | None:
        """An argument whose fresh memory can take the result of an elementwise function of matrices or more."""
        if not isinstance(value.operation, Ufunc) or value.kind != "float" or value.rank < 2:
            return None
        for argument in value.arguments:
            if self._is_fresh(argument) and argument.shape == value.shape:
                return argument
        return None

    def _is_fresh(self, value: Value) -> bool:
        """Whether the value would be written in place, as an array of its own."""
        return (
            value not in self.given
            and value not in self.names
            and value.kind == "float"
            and self.references.get(value, 0) <= 1
            and isinstance(value.operation, FRESH)
        )

    def _compute(self, value: Value, variable: str) -> None:
        chained = self._chains(value)
        if chained is not None:
            self._compute(chained, variable)
            self.names[chained] = variable
            self._in_place(value, chained, variable, variable)
            self._release(value)
            del self.names[chained]
            return
        free = self._free_argument(value)
        if free is not None:
            self._in_place(value, free, self.names[free], variable)
        else:
            self.lines.append(f"{variable} = {self._expression(value).code}")
        self._release(value)

    def _free_argument(self, value: Value) -> Value | None:
        """A variable that this statement uses for the last time and whose memory can take the result."""
        if not isinstance(value.operation, Ufunc) or value.kind != "float" or value.rank < 2:
            return None
        used = _mentions(value, self.names)
        for argument in value.arguments:
            if (
                argument in self.names
                and argument.kind == "float"
                and argument.shape == value.shape
                and not argument.is_view
                and not isinstance(argument.operation, Reshape | Leaf | Branch)
                and argument not in self.keep
                and self.references[argument] == used.get(argument, 0)
                and not self._has_views(argument)
            ):
                return argument
        return None

    def _has_views(self, value: Value) -> bool:
        return any(
            other is not value and other.owner is value and (self.references.get(other, 0) > 0 or other in self.keep)
            for other in self.names
        )

    def _in_place(self, value: Value, target: Value, memory: str, variable: str) -> None:
        assert isinstance(value.operation, Ufunc)
        name = value.operation.name
        texts = [memory if a is target else self._text(a).code for a in value.arguments]
        if name in OPERATORS and (value.arguments[0] is target or name in ("add", "multiply")):
            sign = OPERATORS[name][0]
            other = texts[1] if value.arguments[0] is target else texts[0]
            self.lines.append(f"{memory} {sign}= {other}")
            if memory != variable:
                self.lines.append(f"{variable} = {memory}")
            return
        call = f"np.{name}({', '.join(texts)}, out={memory})"
        self.lines.append(call if memory == variable else f"{variable} = {call}")

    def _release(self, value: Value) -> None:
        for mentioned, times in _mentions(value, self.names).items():
            self.references[mentioned] -= times

    # -- expressions ------------------------------------------------------------------------------------------

    def _text(self, value: Value) -> Text:
        if value in self.names:
            return Text(self.names[value], ATOM)
        if value in self.given:
            self.mentioned.add(self.given[value])
            return Text(self.given[value], ATOM)
        return self._expression(value)

    def _expression(self, value: Value) -> Text:
        parts = [self._text(argument) for argument in value.arguments]
        depth = 1 + max((part.depth for part in parts), default=0)
        code, level = rendered(value, parts, self.size, self.dtype)
        return Text(code, level, depth)


def temporary(value: Value) -> str:
    """A name for a value that the network does not name: what was done to get it."""
    match value.operation:
        case Ufunc():
            return {"greater": "mask", "less": "mask", "equal": "mask", "square": "squared"}.get(
                value.operation.name, "mask" if value.kind == "bool" else "t"
            )
        case Reduce():
            return "total" if value.operation.name == "sum" else "largest"
        case Positions():
            return "positions"
    return "t"


def is_inline(value: Value) -> bool:
    """Whether the value costs nothing, and is written out wherever it is used."""
    return value.is_number or isinstance(value.operation, Leaf | Transpose | Expand | Pick | Diagonal | Slice | Stride)


def beneath_views(value: Value) -> Value:
    """What a view that needs no variable is a view of."""
    while is_inline(value) and value.arguments:
        value = value.arguments[0]
    return value


def _mentions(value: Value, names: Mapping[Value, str]) -> dict[Value, int]:
    """How often the expression of a value mentions each variable."""
    found: dict[Value, int] = {}
    stack = list(value.arguments)
    while stack:
        part = stack.pop()
        if part in names:
            found[part] = found.get(part, 0) + 1
        else:
            stack.extend(part.arguments)
    return found


def _count(roots: Sequence[Root], given: Mapping[Value, str]) -> dict[Value, int]:
    """How often each value is mentioned in the text, when views are written out wherever they are used."""
    order: list[Value] = []
    seen: set[Value] = set()
    for root in roots:
        stack: list[tuple[Value, bool]] = [(root.value, False)]
        while stack:
            value, ready = stack.pop()
            if ready:
                order.append(value)
                continue
            if value in seen or value in given:
                continue
            seen.add(value)
            stack.append((value, True))
            stack.extend((argument, False) for argument in value.arguments)
    # A root is needed for itself, once, however often others mention it.
    counts: dict[Value, int] = {}
    for root in roots:
        own = beneath_views(root.value)
        counts[own] = counts.get(own, 0) + 1
    for value in reversed(order):
        times = max(counts.get(value, 0), 1) if is_inline(value) else 1
        for argument in value.arguments:
            counts[argument] = counts.get(argument, 0) + times
    return counts
