r"""Rules of expectations and variances: ``E[aX + b] = a E[X] + b``, ``Var(aX + b) = a^2 Var(X)``.

What an expectation or a variance is taken of by itself is random; every other name beside it is a constant, unless the
document takes its expectation or variance too. Expectations are linear, and a constant factor leaves a variance as its
square (S. Ross, *A First Course in Probability*, chapters 4 and 7). Nothing is said of a claim that does not follow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Expr, S

from symnn.notation import tree as t
from symnn.notation.traverse import replace, walk
from symnn.notation.tree import Node
from symnn.notes.judge.claims import Claim
from symnn.notes.judge.decision.decide import Decision
from symnn.notes.judge.errors import NotUnderstood
from symnn.notes.judge.links import EQUAL, Link, links_of, names_in
from symnn.notes.judge.reading.canonical import canonical
from symnn.notes.judge.slips.told import claim_of
from symnn.notes.judge.worlds.context import Context
from symnn.notes.read.names import parts_of

EXPECTATIONS, VARIANCES = frozenset(["E"]), frozenset(["Var", "var", "Variance", "bbV"])
MOST = 8
REASON = "expectations are linear, and a constant factor comes out of a variance as its square"


@dataclass(frozen=True)
class Moment:
    """``E_q[X]`` or ``Var(X)``: which one, by what, and of what."""

    kind: str
    by: Node | None
    operand: Node


def judge_moments(context: Context) -> list[Claim]:
    """The claims that equations between expectations, or between variances, make."""
    links = [link for statement in context.statements for link in links_of(statement) if link.operator in EQUAL]
    moments = {link: {m for side in link.nodes for m in moments_in(canonical(side))} for link in links}
    random = {name for found in moments.values() for moment in found for name in _names(moment.operand, alone=True)}
    claims = []
    for link, found in moments.items():
        if 1 < len(found) <= MOST and len({moment.by for moment in found}) == 1 and _follows(link, found, random):
            claims.append(claim_of(link, Decision("proved", REASON), None))
    return claims


def moments_in(node: Node) -> Iterator[Moment]:
    """The expectations and variances in a formula."""
    for part in walk(node):
        moment = _whole(part)
        if moment is not None:
            yield moment
        if isinstance(part, t.Product) and part.operator == "juxtaposed":
            for head, bracket in zip(part.factors, part.factors[1:], strict=False):
                moment = _pair(head, bracket)
                if moment is not None:
                    yield moment


def _whole(node: Node) -> Moment | None:
    if isinstance(node, t.BigOperator) and node.kind == "expectation" and isinstance(node.body, t.Group):
        return Moment("E", node.sub, node.body.body) if node.sup is None else None
    if isinstance(node, t.Call) and len(node.arguments) == 1 and not node.loose:
        parts = parts_of(node.head)
        if parts is not None and parts.base.base in VARIANCES and not (parts.subs or parts.sups):
            return Moment("Var", None, node.arguments[0])
    return None


def _pair(head: Node, bracket: Node) -> Moment | None:
    parts = parts_of(head) if isinstance(head, t.Name | t.Script | t.Text) else None
    if parts is None or not isinstance(bracket, t.Group) or parts.sups or parts.accents or len(parts.subs) > 1:
        return None
    by = parts.subs[0] if parts.subs else None
    if parts.base.base in EXPECTATIONS and bracket.left == "[":
        return Moment("E", by, bracket.body)
    if parts.base.base in VARIANCES and bracket.left in ("(", "[") and by is None:
        return Moment("Var", None, bracket.body)
    return None


def _names(node: Node, *, alone: bool = False) -> set[str]:
    """The letters of a formula without their indices; with `alone`, only that of one that is a name."""
    found = (parts_of(name) for name in ([node] if alone else names_in([node])))
    return {parts.base.base for parts in found if parts is not None}


# -- working a claim out -----------------------------------------------------------------------------------------------


def _follows(link: Link, moments: set[Moment], random: set[str]) -> bool:
    """Whether a link follows from the rules, with everything that stands by itself as a number that is not known."""
    from symnn.notes.worked.optimizers.scalars import LineReader

    operands = {moment.operand for moment in moments}
    atoms = [o for o in operands if not any(other != o and other in set(walk(o)) for other in operands)]
    stands = {atom: _letter("r", place) for place, atom in enumerate(atoms)}
    within = random | {name for atom in atoms for name in _names(atom)}
    wanted = [*moments, *(Moment(kind, None, atom) for kind in ("E", "Var") for atom in atoms)]
    by = next(iter(moments)).by
    tokens = {Moment(m.kind, by, m.operand): _letter("m", place) for place, m in enumerate(wanted)}
    reader = LineReader()
    try:
        sides = [reader.read(_with_tokens(canonical(side), tokens)) for side in link.nodes]
        values = {
            reader.read(token): _worked(reader, moment, tokens, stands, within)
            for moment, token in tokens.items() if moment in moments
        }  # fmt: skip
        difference = (sides[0] - sides[1]).xreplace(values)
    except (NotUnderstood, ZeroDivisionError, ValueError):
        return False
    return bool(sympy.expand(sympy.fraction(sympy.together(difference))[0]) == 0)


def _letter(base: str, place: int) -> Node:
    return t.Script(t.Name(base, accents=("check",)), sub=t.Number(str(place)))


def _with_tokens(node: Node, tokens: Mapping[Moment, Node]) -> Node:
    """The formula with a letter for each expectation and each variance."""

    def change(part: Node) -> Node:
        moment = _whole(part)
        if moment is not None:
            return tokens.get(moment, part)
        if not (isinstance(part, t.Product) and part.operator == "juxtaposed"):
            return part
        factors: list[Node] = []
        for factor in part.factors:
            pair = _pair(factors[-1], factor) if factors else None
            if pair is None or pair not in tokens:
                factors.append(factor)
            else:
                factors[-1] = tokens[pair]
        return factors[0] if len(factors) == 1 else t.Product("juxtaposed", tuple(factors))

    return replace(node, change)


def _worked(
    reader: Any, moment: Moment, tokens: Mapping[Moment, Node], stands: Mapping[Node, Node], within: set[str]
) -> Expr:
    """A moment in those of what stands by itself. Raises NotUnderstood where the rules do not tell."""
    if moment.operand in stands:
        return reader.read(tokens[moment])
    inner = replace(moment.operand, lambda part: stands.get(part, part))
    if _names(inner) & (within - {"r"}):
        raise NotUnderstood("a name that may be random stands beside the others")
    formula = sympy.expand(reader.read(inner))
    found: dict[Node, Expr] = {}
    rest = formula
    for atom, stand in stands.items():
        symbol = reader.read(stand)
        found[atom] = formula.coeff(symbol)
        rest = rest - found[atom] * symbol
    symbols = {reader.read(stand) for stand in stands.values()}
    rest = sympy.expand(rest)
    if any(part.free_symbols & symbols for part in (rest, *found.values())):
        raise NotUnderstood("it is not linear")
    used = {atom: factor for atom, factor in found.items() if factor != 0}
    if moment.kind == "Var" and len(used) != 1:
        raise NotUnderstood("whether they are independent is not said")
    by = moment.by
    power = 2 if moment.kind == "Var" else 1
    terms = [factor**power * reader.read(tokens[Moment(moment.kind, by, atom)]) for atom, factor in used.items()]
    return sympy.Add(*terms) + (rest if moment.kind == "E" else S.Zero)
