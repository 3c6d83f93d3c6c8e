r"""Matrices that the words of a document call symmetric: ``∇_x x^T A x = 2 A x`` ``for symmetric $A$``.

Such a claim is right where the matrix is symmetric, which need not hold for every claim of the document. What is said
last before a claim counts, or in the same paragraph right behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from symnn.formula.facts import Fact
from symnn.formula.nodes import Tensor
from symnn.notes.judge.decision.decide import Decision, decide
from symnn.notes.judge.links import Link
from symnn.notes.judge.reading.canonical import canonical
from symnn.notes.judge.reading.reader import ClaimReader, Scope
from symnn.notes.judge.worlds.context import Context
from symnn.notes.read.names import Parts, parts_of
from symnn.notes.read.statements import Statement

_SYMMETRIC = (
    r"symmetri\w+|symétri\w+|simétri\w+|simmetri\w+|симметричн\w+|对称|對稱|対称|대칭|đối\s+xứng|"
    r"positive[- ](?:semi[- ]?)?definite|正定|SPD|PSD"
)
_NOT = r"(?P<no>\b(?:not|non|isn't|nicht|pas|no|não|не|không|anti|skew|un)[\s-]+(?:\w+\s+)?|\b(?:a|un|anti|non)(?=symm|sym)|不|非|反|비|반)?"
_FILLING = r"(?:(?!not\b|non\b|no\b|or\b)[a-zà-ÿ]+[\s-]+){0,4}?"
_LINK = r"(?:is|are|be|being|ist|sei|est|es|é|è|是|为|為|は|が|가|이|은|는|,|:)"
_BEHIND = re.compile(
    rf"\s*[)）]?\s*(?:{_LINK}\s*{_FILLING})?{_NOT}\s*(?:{_SYMMETRIC})"
    r"|\s*[)）]?\s*(?:is|are)\s+(?:an?\s+)?(?P<no2>not\s+)(?:necessarily\s+)?symm",
    re.IGNORECASE,
)
_AHEAD = re.compile(
    rf"{_NOT}(?:{_SYMMETRIC})(?:[\s-]+(?:and|real|positive|semi|definite|square|invertible|matrix|matrices|matrice)){{0,4}}"
    r"(?:矩阵|矩陣|阵|行列|행렬)?\s*$",
    re.IGNORECASE,
)
WINDOW = 60


def where_symmetric(context: Context, link: Link, reader: ClaimReader, found: Decision) -> Decision:
    """A claim that does not hold for all matrices: right where those that are called symmetric are, or as it was decided."""
    world = reader.world
    own = link.statement
    told = {parts.key: is_so for parts, is_so in _told(context, own)}
    facts = [
        Fact("symmetric", tensor)
        for key, tensor in world.tensors.items()
        if told.get(key) and tensor not in world.equations and _is_square(tensor)
    ]
    if not facts:
        return found
    before = world.facts
    world.facts = (*before, *facts)
    try:
        lefts, rights = (reader.read(canonical(node), Scope()) for node in link.nodes)
        free = tuple(reader.free.values())
        decision = decide(lefts, rights, world, reader.conventions, free, exists=reader.exists)
    finally:
        world.facts = before
    if decision.verdict not in ("proved", "agrees"):
        return found
    names = ", ".join(fact.tensor.name for fact in facts)
    return Decision(decision.verdict, f"{decision.reason}, where {names} is symmetric", decision.pair, decision.facts)


def _told(context: Context, own: Statement) -> Iterator[tuple[Parts, bool]]:
    """What is said of names before a statement under its headings, and right behind it; the last word on a name last."""
    block = None if own.span is None else own.span.block
    for statement in context.statements:
        span = statement.span
        if span is None or span.kind not in ("inline", "table-cell") or statement.steps:
            continue
        near = span.block == block and statement.order <= own.order + 2
        if statement.order > own.order and not near:
            continue
        if statement.section != own.section[: len(statement.section)]:
            continue
        parts = parts_of(statement.first.node)
        if parts is None or parts.subs or parts.sups:
            continue
        behind = _BEHIND.match(_cut(span.context.after, ahead=False))
        if behind is not None:
            yield parts, not (behind["no"] or behind["no2"])
            continue
        ahead = _AHEAD.search(_cut(span.context.before, ahead=True))
        if ahead is not None:
            yield parts, not ahead["no"]


def _cut(text: str, *, ahead: bool) -> str:
    """The words next to a formula, up to the next formula or the end of the sentence."""
    pieces = re.split(r"[$.;。；`]", text)
    return pieces[-1][-WINDOW:] if ahead else pieces[0][:WINDOW]


def _is_square(tensor: Tensor) -> bool:
    return tensor.rank == 2 and tensor.shape[0] == tensor.shape[1]
