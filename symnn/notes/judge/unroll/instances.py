"""Instances: formulas with numbers in the place of their running letters, sums and products written out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace as changed

from symnn.formula.nodes import Tensor
from symnn.notation import tree as t
from symnn.notation.traverse import children, walk, with_children
from symnn.notation.tree import Node
from symnn.notes.judge.errors import NotUnderstood
from symnn.notes.judge.process.budget import spend
from symnn.notes.judge.unroll.running import Running, bound_letter
from symnn.notes.read.names import Key, parts_of
from symnn.notes.read.symbols import components, is_transpose

MARK = "at"
MOST_FACTORS = 12
_TIME = re.compile(rf"_{MARK}(\d+)(?=_|$)")


class OutOfRange(Exception):
    """An instance points before the start or behind the end."""


def time_of(tensor: Tensor) -> int | None:
    """The place in its recurrence that a tensor of an unrolled world stands at."""
    found = _TIME.search(tensor.name)
    return None if found is None else int(found.group(1))


class Instances:
    """Makes instances for one length.

    `values` are letters that also name a value: they stay what they are. `starts` are numbers for the place 0.
    """

    def __init__(
        self,
        running: Running,
        length: int,
        values: frozenset[str] = frozenset(),
        starts: Mapping[Key, Node] | None = None,
    ) -> None:
        self.running = running
        self.starts = starts or {}
        self.length = length
        self.values = values

    def of(self, node: Node, letters: Mapping[str, int]) -> Node:
        """The formula for these values of its letters.

        Raises OutOfRange where it points outside of the recurrence, NotUnderstood for limits that are not understood.
        """
        spend()
        if self.running.slot_of(node) is not None:
            assert isinstance(node, t.Script)
            return self._placed(node, letters)
        match node:
            case t.BigOperator() if self._is_written_out(node, letters):
                return self._written_out(node, letters)
            case t.Script() if node.sup is not None and node.sub is None and self._is_counted(node.sup, letters):
                return self._power(self.of(node.base, letters), self.number(node.sup, letters))
            case t.Name() if node.base in letters and node.base not in self.values and not node.accents:
                return t.Number(str(letters[node.base]), span=node.span)
            case t.Name() if node.base in self.running.limits - self.values and not node.accents:
                return t.Number(str(self.length), span=node.span)
            case t.Script() if node.sup is not None and is_transpose(node.sup):
                return changed(node, base=self.of(node.base, letters))
            case t.Script() if parts_of(node) is not None:
                return node
        below = children(node)
        after = tuple(self.of(child, letters) for child in below)
        return node if all(a is b for a, b in zip(after, below, strict=True)) else with_children(node, after)

    # -- places -------------------------------------------------------------------------------------------------------

    def number(self, node: Node, letters: Mapping[str, int]) -> int:
        """The value of an index expression. Raises NotUnderstood for any other."""
        match node:
            case t.Number() if node.text.isdigit():
                return int(node.text)
            case t.Name() if node.base in letters:
                return letters[node.base]
            case t.Name() if node.base in self.running.limits:
                return self.length
            case t.Group():
                return self.number(node.body, letters)
            case t.Negative():
                return -self.number(node.body, letters)
            case t.Sum() if all(term.sign in ("+", "-") for term in node.terms):
                return sum(
                    self.number(term.term, letters) * (1 if term.sign == "+" else -1) for term in node.terms
                )  # fmt: skip
        raise NotUnderstood("a place in a recurrence that is not understood", node.span)

    def _placed(self, node: t.Script, letters: Mapping[str, int]) -> Node:
        """``h_t`` as a name with a label that no other name has."""
        slot = self.running.slot_of(node)
        assert slot is not None
        if not (self._is_counted(slot, letters) or (isinstance(slot, t.Name) and slot.base in self.running.limits)):
            return node
        place = self.number(slot, letters)
        if not 0 <= place <= self.length:
            raise OutOfRange
        parts = parts_of(node)
        if place == 0 and parts is not None and parts.key in self.starts and len(parts.subs) + len(parts.sups) == 1:
            return self.starts[parts.key]
        return self._with_slot(node, slot, t.Text(f"{MARK}{place}"), letters)

    def _with_slot(self, node: Node, slot: Node, label: Node, letters: Mapping[str, int]) -> Node:
        if not isinstance(node, t.Script):
            return node
        base = self._with_slot(node.base, slot, label, letters)
        sub, sup = self._script(node.sub, slot, label), self._script(node.sup, slot, label)
        if sup is not node.sup and not isinstance(sup, t.Group | None):
            sup = t.Group(sup)  # in brackets it is a label and no power
        return changed(node, base=base, sub=sub, sup=sup)

    def _script(self, script: Node | None, slot: Node, label: Node) -> Node | None:
        if script is None:
            return None
        found = components(script)
        if not any(part is slot for part in found):
            return script
        new = tuple(label if part is slot else part for part in found)
        return new[0] if len(new) == 1 else t.Sequence(new, span=script.span)

    def _is_counted(self, node: Node, letters: Mapping[str, int]) -> bool:
        """Whether an index expression is made of numbers, letters with values and the last place only."""
        if isinstance(node, t.Number):
            return node.text.isdigit()
        names = [part for part in walk(node) if isinstance(part, t.Name)]
        known = all(name.base in letters or name.base in self.running.limits for name in names)
        return known and bool(names) and (isinstance(node, t.Sum | t.Group) or not is_transpose(node))

    # -- powers, sums and products --------------------------------------------------------------------------------------

    def _power(self, base: Node, exponent: int) -> Node:
        """A power as a product of so many factors, because it may be one of a matrix."""
        if exponent < 0 or exponent > MOST_FACTORS:
            raise OutOfRange
        if exponent == 0:
            return t.Number("1")
        factor = base if isinstance(base, t.Name | t.Script | t.Group) else t.Group(base)
        return factor if exponent == 1 else t.Product("juxtaposed", (factor,) * exponent)

    def _is_written_out(self, node: t.BigOperator, letters: Mapping[str, int]) -> bool:
        return node.kind in ("sum", "prod") and bound_letter(node) in self.running.letters

    def _written_out(self, node: t.BigOperator, letters: Mapping[str, int]) -> Node:
        letter = bound_letter(node)
        assert letter is not None
        first, last = 1, self.length
        if isinstance(node.sub, t.Relation) and node.sub.links[0].right is not None:
            first = self.number(node.sub.links[0].right, letters)
        if node.sup is not None:
            last = self.number(node.sup, letters)
        if last < first - 1:
            raise OutOfRange
        parts = [self.of(node.body, {**letters, letter: value}) for value in range(first, last + 1)]
        if node.kind == "sum":
            if len(parts) < 2:
                return parts[0] if parts else t.Number("0")
            return t.Group(t.Sum(tuple(t.Signed("+", part) for part in parts)), span=node.span)
        if len(parts) < 2:
            return parts[0] if parts else t.Number("1")
        return t.Product("juxtaposed", tuple(_factor(part) for part in parts), span=node.span)


def _factor(node: Node) -> Node:
    return t.Group(node) if isinstance(node, t.Sum | t.Negative | t.Product) else node


def free_letters(node: Node, running: Running) -> set[str]:
    """The running letters in slots, exponents and limits that no sum or product binds."""
    slot = running.slot_of(node)
    if slot is not None:
        return _running_in(slot, running)
    found: set[str] = set()
    for child in children(node):
        found |= free_letters(child, running)
    if isinstance(node, t.Script) and node.sup is not None and not is_transpose(node.sup):
        found |= _running_in(node.sup, running)
    if isinstance(node, t.BigOperator):
        found -= {bound_letter(node) or ""}
        lower = node.sub.links[0].right if isinstance(node.sub, t.Relation) else None
        for limit in (lower, node.sup):
            found |= set() if limit is None else _running_in(limit, running)
    return found


def _running_in(node: Node, running: Running) -> set[str]:
    return {name.base for name in walk(node) if isinstance(name, t.Name)} & running.letters - running.limits
