"""Reading recurrences: a name that is defined through another entry of its own."""

from __future__ import annotations

from fractions import Fraction

from symnn.formula.application import Array
from symnn.formula.nodes import Delta, Inside
from symnn.network.arrays import Expression
from symnn.notation.tree import Group, Name, Node, Number, Script
from symnn.notes.read.expressions.brackets import Brackets
from symnn.notes.read.expressions.indexed import Resolved
from symnn.notes.read.names import label_text
from symnn.notes.read.passages import Spot
from symnn.notes.read.scope import Scope
from symnn.notes.read.shapes.constraints import Leading, Same
from symnn.notes.read.shapes.terms import Letter, Term, Variable


class Recurrences(Brackets):
    """Reads references to the entry before or after."""

    def earlier(
        self, term: Term, variable: Variable, resolved: Resolved, shifted: list[int], scope: Scope, spot: Spot
    ) -> Term:
        """``h_{t-1}``: the entry before, and at the first place the value that the recurrence starts from.

        Raises ReadingError when a recurrence goes back from an end that the document does not name.
        """
        axis = shifted[0]
        place = resolved.places[axis]
        step = place.step
        if len(shifted) > 1 or step not in (-1, 1):
            raise spot.error("a recurrence that goes back more than one step is not understood")
        others = [p for n, p in enumerate(resolved.places) if n != axis]
        letters = [p.only for p in resolved.places]
        if any(letter is None for letter in letters):
            raise spot.error("a recurrence with an index that is not understood")
        rest = self.solver.shape(origin=spot)
        lead = tuple(letter.dim for letter in letters if letter is not None)
        self.solver.add(Leading(term.shape, lead, rest, spot), [term.shape, rest])
        start = self.start(variable, step, resolved, scope, spot)
        if start is not None:
            start = self.indexed(start, others, spot) if others else start
            self.solver.add(Same(start.shape, rest, spot), [start.shape, rest])
        letter = place.parts[0][1]

        def build() -> Expression:
            array = term.build().array
            index = letter.index(self.solver)
            kept = tuple(i.fresh() for i in array.indices[len(resolved.places) :])
            at = [p.value(self.solver) for p in resolved.places]
            body = Inside(index + step, index.dimension) * array.at(*at, *kept)
            if start is not None:
                first = 0 if step == -1 else index.dimension - 1
                body += Delta(index, first) * start.build().array.at(*kept)
            return Expression(Array(kept, body))

        free = term.free | frozenset(letter for p in resolved.places for _, letter in p.parts)
        return Term(rest, build, spot, free=free | (start.free if start is not None else frozenset()))

    def start(self, variable: Variable, step: int, resolved: Resolved, scope: Scope, spot: Spot) -> Term | None:
        """The value that a recurrence starts from: a name such as ``h_0``; None when that is zero.

        What comes before the first part is given data where the document says nothing of it.
        """
        table = self.model.table
        last = resolved.places[0].parts[0][1] if resolved.places else None
        names = ["0"] if step == -1 else self.ends_of(last, scope)
        for name in names:
            for mark in ("_", "^"):
                key = variable.key.labelled(mark + name)
                given = table.nearest(table.given, key, scope.section)
                if given and key not in table.declarations and is_zero(given[0].value.node):
                    return None
                if table.knows(key) or key in table.mentions:
                    node = self.model.node_of(key)
                    return self.value_of(self.model.variable(key, node, spot, scope.section), spot)
        if step == -1:
            key = variable.key.labelled(("^" if resolved.above else "_") + "0")
            self.model.starts.add(key)
            node = _first(variable, self.model.node_of(variable.key), resolved)
            return self.value_of(self.model.variable(key, node, spot, scope.section), spot)
        shown = "_{" + (names[0].replace("plus", "+") if names else "T+1") + "}"
        raise spot.error(
            f"where does {variable.name} start?",
            hint=f"say so, such as {variable.name}{shown} = 0, or declare {variable.name}{shown}",
        )

    def ends_of(self, letter: Letter | None, scope: Scope) -> list[str]:
        """The labels of the place after the last one: ``T+1``, also where only the words say how far a letter goes."""
        if letter is None:
            return []
        size = self.solver.value(letter.dim)
        stated = [entry for s in self.model.table.statements for entry in s.ranges if entry.letter.base == letter.name]
        lasts = [str(size)] if size is not None else [text for entry in stated if (text := label_text(entry.last))]
        return list(dict.fromkeys(f"{last}plus1" for last in lasts))


def _first(variable: Variable, node: Node, resolved: Resolved) -> Node:
    """``h_0`` or ``a^{(0)}`` for the name that is defined as ``h_t`` or ``a^{(l)}``."""
    base: Node = Name(variable.name) if variable.key.labels else node
    while isinstance(base, Script):
        base = base.base
    return Script(base, sup=Group(Number("0"), "(", ")")) if resolved.above else Script(base, sub=Number("0"))


def is_recurrent(variable: Variable) -> bool:
    """Whether a name is defined entry by entry, so that it may be defined through other entries of its own."""
    return variable.definition is not None and bool(variable.definition.indices)


def is_zero(node: Node) -> bool:
    """Whether a formula is the number 0."""
    return isinstance(node, Number) and Fraction(node.text) == 0
