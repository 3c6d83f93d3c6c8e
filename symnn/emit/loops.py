"""Loops over steps or layers, and what is different at one layer, as lines of Python."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sympy import Symbol

from symnn.emit.expressions import shape_text
from symnn.emit.names import identifier
from symnn.emit.numbers import number_text
from symnn.emit.operations import Branch, Loop, Looped, Matmul, Transpose, Value
from symnn.formula.index import LayerSize

if TYPE_CHECKING:
    from symnn.emit.code import Writer


def write_loop(writer: Writer, value: Value) -> None:
    """A loop over steps. Arrays are kept for what is needed of another step, or after the loop."""
    from symnn.emit.code import beneath_views, is_inline, temporary

    assert isinstance(value.operation, Looped)
    loop = value.operation.loop
    for part in map(beneath_views, value.arguments):
        if not is_inline(part):
            writer.assign(part, temporary(part))
    counter = writer.scope.fresh(identifier(str(loop.counter.name)))
    inside = _Step(writer, loop, counter)
    rows = number_text(loop.size + loop.spare, writer.size)[0]
    results = [v for v in (*writer.references, *writer.keep) if isinstance(v.operation, Looped)]
    for place, name in enumerate(loop.names):
        own = [v for v in results if v.operation == Looped(loop, place)]
        if own or inside.reads(place):
            if loop.by_layer:
                writer.lines.append(f"{name} = [None] * {rows}")
                inside.kept[place] = name
                for other in own:
                    writer.names[other] = name
                continue
            shape = ", ".join((rows, shape_text(loop.carried[place].shape[1:], writer.size))).removesuffix(", ")
            comma = "," if ", " not in shape else ""
            writer.lines.append(f"{name} = np.zeros(({shape}{comma}), {writer.dtype()})")
            inside.kept[place] = name
            for other in own:
                writer.names[other] = name
    inside.turn_weights()
    size = number_text(loop.size, writer.size)[0]
    steps = f"reversed(range({size}))" if loop.backward else f"range({size})"
    writer.lines.append(f"for {counter} in {steps}:")
    writer.lines.extend(f"    {line}" for line in inside.lines())


def write_branch(writer: Writer, value: Value, variable: str) -> None:
    """An ``if`` that computes a variable in one of two ways."""
    from symnn.emit.code import Root
    from symnn.emit.code import Writer as WriterClass

    assert isinstance(value.operation, Branch)
    counter, place = (number_text(part, writer.size)[0] for part in (value.operation.counter, value.operation.place))
    for head, part in zip((f"if {counter} == {place}:", "else:"), value.arguments, strict=True):
        given = {**writer.given, **writer.names}
        given.pop(value, None)
        inner = WriterClass(given, writer.scope, writer.size, writer.dtype, mentioned=writer.mentioned)
        inner.write([Root(part, variable)])
        code = inner.name_of(part)
        lines = inner.lines if code == variable else [*inner.lines, f"{variable} = {code}"]
        writer.lines += [head, *(f"    {line}" for line in lines)]


class _Step:
    """One step of a loop, written by a writer of its own."""

    def __init__(self, outer: Writer, loop: Loop, counter: str) -> None:
        self.outer, self.loop, self.counter = outer, loop, counter
        self.kept: dict[int, str] = {}
        self.turned: dict[Value, str] = {}

    def turn_weights(self) -> None:
        """Copy the transposes of matrices that every step multiplies by: a product reads their rows faster."""
        outer = self.outer
        known = {**outer.given, **outer.names}
        for value in _within(self.loop.steps):
            for part in value.arguments if isinstance(value.operation, Matmul) else ():
                if isinstance(part.operation, Transpose) and part.rank == 2 and part not in self.turned:
                    name = known.get(part.arguments[0])
                    if name is not None:
                        self.turned[part] = outer.scope.fresh(f"{name}_T")
                        outer.mentioned.add(name)
                        outer.lines.append(f"{self.turned[part]} = np.ascontiguousarray({name}.T)")

    def reads(self, place: int) -> bool:
        """Whether a step uses what another step computed for the array at this place."""
        return any(value is self.loop.carried[place] for value in _within(self.loop.steps))

    def lines(self) -> list[str]:
        """The statements of one step."""
        from symnn.emit.code import Root
        from symnn.emit.code import Writer as WriterClass

        outer, loop = self.outer, self.loop
        given = {**outer.given, **outer.names, **self.turned}
        given |= {loop.carried[place]: name for place, name in self.kept.items()}

        def size(symbol: Any) -> str:
            if isinstance(symbol, LayerSize):
                named = Symbol(self.counter, integer=True)
                return outer.size(LayerSize(symbol.name, symbol.layer.xreplace({loop.counter: named})))
            return self.counter if symbol == loop.counter else outer.size(symbol)

        writer = WriterClass(given, outer.scope, size, outer.dtype, mentioned=outer.mentioned)
        if loop.by_layer:
            # A list holds the array itself: nothing may be written into it any more.
            writer.keep = frozenset(loop.steps[place] for place in self.kept)
        roots = [Root(v, outer.scope.fresh(f"{n}_{self.counter}")) for v, n in zip(loop.steps, loop.names, strict=True)]
        places = {root.name: place for place, root in enumerate(roots)}

        def stored(root: Root) -> list[str]:
            place = places[root.name]
            return [f"{self.kept[place]}[{self.counter}] = {writer.name_of(root.value)}"] if place in self.kept else []

        return writer.write(roots, stored)


def _within(values: Sequence[Value]) -> Iterator[Value]:
    """Every value that some values are computed from, once each, and those themselves; in reading order."""
    stack, seen = list(reversed(values)), set()
    while stack:
        value = stack.pop()
        if id(value) not in seen:
            seen.add(id(value))
            yield value
            stack.extend(reversed(value.arguments))
