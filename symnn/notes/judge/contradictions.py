"""A definition that the rest of its document contradicts.

``δ = ∇C ∘ σ(z)`` stands alone, while the document says twice over, on independent ways, ``δ = ∇C ∘ σ'(z)``: one of
them is wrong, and it is the one that stands alone. Nothing needs to be read for that but the formulas themselves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from symnn.notation.traverse import walk, without_groups
from symnn.notation.tree import Name, Node
from symnn.notes.judge.claims import Claim
from symnn.notes.judge.decision.decide import Decision
from symnn.notes.judge.links import Link, in_table, links_of
from symnn.notes.judge.slips.edits import edits
from symnn.notes.judge.slips.slip import Correction
from symnn.notes.judge.slips.told import claim_of
from symnn.notes.judge.worlds.context import Context
from symnn.notes.read.names import parts_of

CERTAIN = ("missing derivative", "sign")
MOST_NODES = 60
MOST_LINKS = 2_000
MOST_WAYS = 2_000

Ways = Mapping[Node, Sequence[tuple[Node, Link]]]
"""For each formula what the document equates it with, and where."""


def judge_contradictions(context: Context) -> list[Claim]:
    """The definitions that at least two other ways through the document contradict."""
    links = list(_equalities(context))[:MOST_LINKS]
    ways = ways_of(links)
    claims = []
    for link in links:
        if not link.start or not any(isinstance(node, Name) for node in walk(link.right.node)):
            continue
        if parts_of(link.left.node) is None:
            continue
        fix = contradicted(link, ways)
        if fix is not None:
            decision = Decision("refuted", "the document says twice that it is something else")
            claims.append(claim_of(link, decision, None, fix))
    return claims


def _equalities(context: Context) -> Iterator[Link]:
    tables = in_table(context.document)
    for statement in context.named:
        if statement.span is not None and statement.span.block in tables:
            continue
        for link in links_of(statement):
            if link.operator in ("=", "equiv"):
                yield link


def ways_of(links: Sequence[Link]) -> Ways:
    """Both directions of every equality."""
    ways: dict[Node, list[tuple[Node, Link]]] = defaultdict(list)
    for link in links:
        left, right = (without_groups(node) for node in link.nodes)
        ways[left].append((right, link))
        ways[right].append((left, link))
    return ways


def contradicted(link: Link, ways: Ways) -> Correction | None:
    """The right side that two independent ways give, where it is one certain slip away from the one here.

    None for a formula with more ways than can be followed.
    """
    name, right = (without_groups(node) for node in link.nodes)
    if sum(1 for _ in walk(right)) > MOST_NODES:
        return None
    reached: dict[Node, int] = defaultdict(int)
    followed = 0
    for middle, first in ways[name]:
        if first is link:
            continue
        reached[middle] += 1
        for end, second in ways[middle]:
            followed += 1
            if followed > MOST_WAYS:
                return None
            if second is not link and second.statement is not first.statement and end not in (name, middle):
                reached[end] += 1
    if right in reached:
        return None
    wanted = {node for node, count in reached.items() if count >= 2}
    for edit in edits(link.right.node, (), (), False) if wanted else ():
        if edit.slip in CERTAIN and without_groups(edit.node) in wanted:
            return Correction(edit.node, edit.slip)
    return None
