"""Which names of a document run: ``h_t``, ``x_t``, ``a^{(l)}``, and in which script."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from symnn.notation import tree as t
from symnn.notation.traverse import walk
from symnn.notation.tree import Node
from symnn.notes.read.names import Key, Parts, is_word, parts_of
from symnn.notes.read.statements import Statement
from symnn.notes.read.symbols import components, is_transpose

EQUAL = ("=", ":=", "equiv")
MAX_ROUNDS = 4


@dataclass(frozen=True)
class Slot:
    """The script that runs: lowered or raised, and which of its components."""

    raised: bool
    place: int


@dataclass
class Running:
    """The names that run with their slots, the letters that stand in these, and the symbols of the last place.

    `members` are the names that recur themselves.
    """

    slots: dict[Key, Slot] = field(default_factory=dict)
    letters: set[str] = field(default_factory=set)
    limits: set[str] = field(default_factory=set)
    members: set[Key] = field(default_factory=set)

    def slot_of(self, node: Node) -> Node | None:
        """What stands in the slot of a name that runs; None for any other node."""
        parts = parts_of(node) if isinstance(node, t.Script) else None
        slot = None if parts is None else self.slots.get(parts.key) or self.slots.get(replace(parts.key, primes=0))
        if parts is None or slot is None:
            return None
        found = list(scripts_of(parts, slot.raised))
        return found[slot.place] if slot.place < len(found) else None

    def runs(self, node: Node) -> bool:
        """Whether a name that runs stands in a formula, or a sum over a letter that does."""
        return any(
            self.slot_of(part) is not None or (isinstance(part, t.BigOperator) and bound_letter(part) in self.letters)
            for part in walk(node)
        )


def scripts_of(parts: Parts, raised: bool) -> Iterator[Node]:
    """The components of the lowered or raised scripts of a name."""
    for script in parts.sups if raised else parts.subs:
        if not (raised and is_transpose(script)):
            yield from components(script)


def is_letter(node: Node) -> bool:
    """Whether a component of a script is a letter that may run."""
    return isinstance(node, t.Name) and not is_word(node) and not is_transpose(node) and node.base.isalpha()


def shifted_letter(node: Node) -> str | None:
    """The letter t of ``t``, ``t - 1`` or ``t + 1``."""
    while isinstance(node, t.Group):
        node = node.body
    if isinstance(node, t.Name):
        return node.base if is_letter(node) else None
    if isinstance(node, t.Sum) and len(node.terms) == 2 and isinstance(node.terms[1].term, t.Number):
        return shifted_letter(node.terms[0].term)
    return None


def bound_letter(node: t.BigOperator) -> str | None:
    """The letter that a sum or product binds, where it is one."""
    sub = node.sub
    if isinstance(sub, t.Relation) and len(sub.links) == 1 and sub.links[0].operator == "=":
        sub = sub.first
    return sub.base if sub is not None and is_letter(sub) and isinstance(sub, t.Name) else None


def nodes_of(statement: Statement) -> Iterator[Node]:
    """Every side of a statement."""
    yield statement.first.node
    for step in statement.steps:
        yield step.right.node


def running_names(statements: Iterable[Statement]) -> Running:
    """The names that run in a document; nothing where no definition is a recurrence."""
    statements = [s for s in statements if s.steps and s.steps[0].operator in EQUAL]
    found = Running()
    _find_recurrences(statements, found)
    if not found.members:
        return found
    for _ in range(MAX_ROUNDS):
        before = (len(found.slots), len(found.letters))
        for statement in statements:
            if found.runs(statement.first.node) or any(found.runs(node) for node in nodes_of(statement)):
                _spread(statement, found)
        if before == (len(found.slots), len(found.letters)):
            break
    found.limits -= found.letters
    return found


@dataclass(frozen=True)
class _Place:
    """A name with the script that may run on it."""

    key: Key
    slot: Slot


def _find_recurrences(statements: Iterable[Statement], found: Running) -> None:
    """``h_t = f(…, h_{t-1}, …)``, and rounds of several equations: ``z_l = W_l a_{l-1}`` with ``a_l = σ(z_l)``."""
    uses: dict[_Place, set[_Place]] = {}
    shifted: list[tuple[_Place, _Place, str]] = []
    for statement in statements:
        for one, other, letter, is_shifted in _steps_of(statement):
            uses.setdefault(one, set()).add(other)
            if is_shifted:
                shifted.append((one, other, letter))
    for one, other, letter in shifted:
        below = _reached(uses, other)
        if one not in below:
            continue
        for place in below:
            if one == place or one in _reached(uses, place):
                found.slots.setdefault(place.key, place.slot)
                found.members.add(place.key)
        found.letters.add(letter)


def _reached(uses: dict[_Place, set[_Place]], start: _Place) -> set[_Place]:
    seen: set[_Place] = set()
    stack = [start]
    while stack:
        top = stack.pop()
        if top not in seen:
            seen.add(top)
            stack.extend(uses.get(top, ()))
    return seen


def _steps_of(statement: Statement) -> Iterator[tuple[_Place, _Place, str, bool]]:
    """Of a definition its name and each name in it that carries the same letter in a script, and whether shifted."""
    left = parts_of(statement.first.node)
    if left is None or len(statement.steps) != 1:
        return
    for raised in (False, True):
        for place, component in enumerate(scripts_of(left, raised)):
            letter = shifted_letter(component)
            if letter is None:
                continue
            own = _Place(left.key, Slot(raised, place))
            for node in walk(statement.steps[0].right.node):
                parts = parts_of(node) if isinstance(node, t.Script) else None
                if parts is None:
                    continue
                for above in (False, True):
                    for where, other in enumerate(scripts_of(parts, above)):
                        if shifted_letter(other) == letter:
                            yield own, _Place(parts.key, Slot(above, where)), letter, other != component


def _spread(statement: Statement, found: Running) -> None:
    """The names beside those that run which carry the same letter, and the letters that walk in their slots."""
    walking: set[str] = set()
    for node in nodes_of(statement):
        for part in walk(node):
            slot = found.slot_of(part)
            if slot is not None:
                walking |= _walking(slot, found)
            elif isinstance(part, t.BigOperator) and _binds_place(part, found):
                walking |= {str(bound_letter(part)), *_letters_of_limits(part)}
                found.limits |= _last_places(part.sup)
    found.limits |= {letter for letter in walking if letter.isupper() and letter not in found.letters}
    found.letters |= {letter for letter in walking if not letter.isupper()}
    for stated in statement.ranges:
        if stated.letter.base in found.letters and isinstance(stated.last, t.Name):
            found.limits.add(stated.last.base)
    for node in nodes_of(statement):
        for part in walk(node):
            parts = parts_of(part) if isinstance(part, t.Script) else None
            if parts is None or parts.key in found.slots:
                continue
            for raised in (False, True):
                for place, component in enumerate(scripts_of(parts, raised)):
                    if shifted_letter(component) in walking & found.letters:
                        found.slots.setdefault(parts.key, Slot(raised, place))


def _walking(slot: Node, found: Running) -> set[str]:
    """The letters of a slot that walk: those known to, those in an expression such as ``T - t``, capitals alone."""
    letters = {name.base for name in walk(slot) if isinstance(name, t.Name) and is_letter(name)}
    if isinstance(slot, t.Sum):
        return letters
    return {letter for letter in letters if letter in found.letters or letter.isupper()}


def _binds_place(node: t.BigOperator, found: Running) -> bool:
    """Whether the letter that a sum or product binds stands in the slot of a name in its body."""
    letter = bound_letter(node)
    if letter is None or node.kind not in ("sum", "prod"):
        return False
    slots = (found.slot_of(part) for part in walk(node.body))
    return any(isinstance(n, t.Name) and n.base == letter for slot in slots if slot is not None for n in walk(slot))


def _letters_of_limits(node: t.BigOperator) -> set[str]:
    lower = node.sub.links[0].right if isinstance(node.sub, t.Relation) else None
    limits = [limit for limit in (lower, node.sup) if isinstance(limit, t.Sum)]
    return {name.base for limit in limits for name in walk(limit) if isinstance(name, t.Name) and is_letter(name)}


def _last_places(limit: Node | None) -> set[str]:
    names = [] if limit is None else [part for part in walk(limit) if isinstance(part, t.Name)]
    return {name.base for name in names if len(name.base) == 1 and name.base.isupper() and not name.accents}
