r"""Dropped paths: a wrong derivative that is right along some of the paths from a name to the loss, but not along all.

``∂L/∂h_t = h_t - y_t`` leaves out that h_t also makes h_{t+1}; ``∂L/∂x_i = ∂L/∂x̂_i / σ`` leaves out that σ depends on x.
"""

from __future__ import annotations

from collections.abc import Iterator

from symnn.formula.nodes import Tensor
from symnn.notation import tree as t
from symnn.notation.tree import Node
from symnn.notes.judge.decision.decide import decide
from symnn.notes.judge.decision.pairs import Pair
from symnn.notes.judge.errors import NotUnderstood
from symnn.notes.judge.links import Link
from symnn.notes.judge.reading.canonical import canonical
from symnn.notes.judge.reading.reader import ClaimReader, Scope
from symnn.notes.judge.slips.slip import Correction
from symnn.notes.judge.slips.worked_out import left_formula

MOST = 12
"""So many names that a path may lead through are tried."""


def dropped_path(link: Link, pair: Pair, reader: ClaimReader) -> Correction | None:
    """The right formula where a claim about a derivative leaves out the paths through one name; else None.

    Raises OutOfTime where that takes too long.
    """
    left, right = (canonical(node) for node in link.nodes)
    if not isinstance(left, t.Derivative) or len(left.denominators) != 1:
        return None
    for name in _on_the_way(left, reader):
        other = reader.apart()
        other.differentials = reader.differentials.holding(frozenset([name]))
        try:
            lefts, rights = other.read(left, Scope()), reader.read(right, Scope())
            found = decide(lefts, rights, other.world, other.conventions, tuple(other.free.values()))
        except NotUnderstood:
            continue
        if found.verdict in ("proved", "agrees"):
            node = left_formula(pair, reader) or _with_next(left, right, name, reader)
            return None if node is None else Correction(node, "dropped path")
    return None


def _on_the_way(left: t.Derivative, reader: ClaimReader) -> Iterator[Tensor]:
    """The names between what a derivative is by and what it is of; a member of a recurrence leads on to itself."""
    differentials = reader.differentials
    top, by = (_tensor_of(node, reader) for node in (left.numerator, left.denominators[0]))
    if top is None or by is None:
        return
    if by in differentials.recurrences:
        yield by
    count = 0
    for name in reader.world.equations:
        if name not in (top, by) and differentials.depends(top, name) and differentials.depends(name, by):
            yield name
            count += 1
            if count == MOST:
                return


def _tensor_of(node: Node | None, reader: ClaimReader) -> Tensor | None:
    if node is None:
        return None
    before = set(reader.touched)
    try:
        reader.touched.clear()
        reader.read(node, Scope())
        return next(iter(reader.touched)) if len(reader.touched) == 1 else None
    except NotUnderstood:
        return None
    finally:
        reader.touched |= before


def _with_next(left: t.Derivative, right: Node, name: Tensor, reader: ClaimReader) -> Node | None:
    """The claimed side and what comes through the next member of a recurrence: ``… + ∂L/∂h_{t+1} ∂h_{t+1}/∂h_t``."""
    member = left.denominators[0]
    step = reader.differentials.recurrences.direction.get(name, 0)
    if not step or not isinstance(member, t.Script) or not isinstance(member.sub, t.Name):
        return None
    place = t.Sum((t.Signed("+", member.sub), t.Signed("+" if step < 0 else "-", t.Number("1"))))
    after = t.Script(member.base, place, member.sup)
    through = t.Product(
        "juxtaposed",
        (t.Derivative(left.symbol, left.numerator, (after,)), t.Derivative(left.symbol, after, (member,))),
    )
    terms = right.terms if isinstance(right, t.Sum) else (t.Signed("+", right),)
    return t.Sum((*terms, t.Signed("+", through)))
