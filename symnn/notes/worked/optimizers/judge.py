"""The judge of optimizers: every line of a group must be a line of one method, in one variant and with one set of letters.

Under the name of a method a line that is one slip away from it is wrong; every other line is left undecided.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from symnn.errors import SymnnError
from symnn.notation import tree as t
from symnn.notation.traverse import children, with_children
from symnn.notation.tree import Node
from symnn.notes.judge.claims import Claim
from symnn.notes.judge.errors import NotUnderstood, OutOfTime
from symnn.notes.judge.links import region_of, written
from symnn.notes.judge.process.budget import limited
from symnn.notes.judge.process.watchdog import watched
from symnn.notes.judge.reading.canonical import canonical
from symnn.notes.judge.slips.edits import Edit
from symnn.notes.judge.slips.told import shown
from symnn.notes.judge.worlds.context import Context
from symnn.notes.read.names import parts_of
from symnn.notes.worked.names import plain
from symnn.notes.worked.optimizers.lines import Group, Written, groups_of
from symnn.notes.worked.optimizers.matching import Line, Roles, consistent, matches
from symnn.notes.worked.optimizers.systems import MOVE, VELOCITY, System, methods, systems_of
from symnn.notes.worked.updates.update_directions import Words, words_of

CERTAIN = 3
"""So many lines of one method tell its name as well as a heading does."""
MOST_EDITS = 200
MOST_WAYS = 40
SECONDS = 4.0
PARAMETER = ("theta", MOVE)
STATES = (VELOCITY, "m", "v", "s", "distance")


@dataclass(frozen=True)
class Fit:
    """A way to understand a group: which line of a system each line is ("" for one that fits none), and the roles."""

    system: System
    lines: tuple[str, ...]
    roles: Roles

    @property
    def misfits(self) -> list[int]:
        """The lines that fit none."""
        return [place for place, role in enumerate(self.lines) if not role]

    @property
    def matched(self) -> int:
        """How many lines fit."""
        return len(self.lines) - len(self.misfits)


def judge_optimizers(context: Context) -> list[Claim]:
    """The claims that the lines of optimizers in a document make."""
    claims: list[Claim] = []
    words = words_of(context.document.text)
    for group in groups_of(context):
        if not group.is_possible:
            continue
        try:
            with limited(SECONDS, 200_000), watched():
                claims += _judged(group, words)
        except (NotUnderstood, OutOfTime, SymnnError, RecursionError):
            continue
    return claims


def _judged(group: Group, words: Words) -> list[Claim]:
    lines = [_read(group, place) for place in range(len(group.lines))]
    names = [group.method] if group.method else [recipe.name for recipe in methods()]
    fits = [fit for name in names for system in systems_of(name) for fit in _fits(lines, system)]
    whole = [fit for fit in fits if not fit.misfits]
    fits = [fit for fit in fits if _is_consistent(lines, fit)]
    if whole and all(fit.misfits for fit in fits):
        return []  # every line is one of the method, but they do not use their letters in one way
    fits = [fit for fit in fits if len(fit.misfits) <= 1 and _is_told(group, fit)]
    if _is_of_something(lines) and (words.maximised or words.climbed or _is_plain_step(fits)):
        return []
    if not fits:
        return _single_slip(group, lines, words) if group.method and len(lines) == 1 else []
    best = min(len(fit.misfits) for fit in fits)
    fits = [fit for fit in fits if len(fit.misfits) == best]
    # Where either of two lines may be the wrong one, neither is confirmed, and the later one is told.
    doubtful = {place for fit in fits for place in fit.misfits}
    claims = [
        _confirmed(group.lines[place], role, fits[0])
        for place, role in enumerate(fits[0].lines)
        if role and place not in doubtful
    ]
    if best and (group.method or fits[0].matched >= CERTAIN):
        fits.sort(key=lambda fit: -fit.misfits[0])
        claim = _slip(group, fits, words)
        claims += [] if claim is None else [claim]
    return claims


def _read(group: Group, place: int) -> Line | None:
    try:
        return group.read(place)
    except (NotUnderstood, ZeroDivisionError, ValueError):
        return None


# -- fitting -------------------------------------------------------------------------------------------------------


def _fits(lines: list[Line | None], system: System) -> Iterator[Fit]:
    """The ways to match lines with those of a system, with at most one line that fits none."""
    found = itertools.islice(_extended(lines, system, (), {}), MOST_WAYS)
    for fit in found:
        given = {role for role in fit.lines if role}
        if given and (not given & system.together or system.together <= given):
            yield fit


def _is_consistent(lines: list[Line | None], fit: Fit) -> bool:
    return consistent(
        [line for line, role in zip(lines, fit.lines, strict=True) if line is not None and role], fit.roles
    )


def _extended(lines: list[Line | None], system: System, given: tuple[str, ...], roles: Roles) -> Iterator[Fit]:
    if len(given) == len(lines):
        yield Fit(system, given, roles)
        return
    line = lines[len(given)]
    hit = False
    for role in system.formulas if line is not None else ():
        assert line is not None
        if role in given and roles.get(line.target.name) != role:
            continue
        for extended in matches(line, role, system, roles):
            hit = True
            yield from _extended(lines, system, (*given, role), extended)
            break
    if not hit and given.count("") == 0:
        yield from _extended(lines, system, (*given, ""), roles)


def _is_of_something(lines: list[Line | None]) -> bool:
    """Whether lines say what they differentiate: then it matters whether that is to be made small."""
    letters = (letter for line in lines if line is not None for letter, _ in line.letters)
    return any(letter.base == "gradient" and letter.gradient for letter in letters)


def _is_plain_step(fits: list[Fit]) -> bool:
    """Whether the lines are steps along a gradient and nothing else: of these the judge of directions knows more."""
    return any(fit.system.method == "sgd" for fit in fits)


def _is_told(group: Group, fit: Fit) -> bool:
    """Whether it is certain that the lines are those of an optimizer: by its name, or by what they are.

    Without a name the step of the parameter must be there, no letter of it may be one that stands for anything, and no
    line may be left over unless most of the others tell the method.
    """
    if group.method:
        return True
    given = set(fit.lines)
    if not given & set(PARAMETER) or (fit.misfits and fit.matched < CERTAIN):
        return False
    return not (VELOCITY in fit.system.states and VELOCITY in fit.roles.values() and VELOCITY not in given)


# -- claims --------------------------------------------------------------------------------------------------------


def _confirmed(line: Written, role: str, fit: Fit) -> Claim:
    variant = "".join(f", {told}" for told in fit.system.variant if role in PARAMETER)
    return _claim(line, "agrees", f"{_told(line, role)} as in {fit.system.method}{variant}", "", "")


def _told(line: Written, role: str) -> str:
    name = shown(line.link.left.node)
    return f"{name} steps" if role == "theta" else f"{name} is renewed" if role in STATES else f"{name} is made"


def _claim(line: Written, verdict: str, reason: str, correct: str, slip: str) -> Claim:
    left, right = (shown(canonical(node)) for node in line.link.nodes)
    return Claim(
        id=0, **region_of(line.link).as_fields(), source=written(line.link),
        reading=f"{left} = {right}" if left and right else "", verdict=verdict,  # type: ignore[arg-type]
        reason=reason, correct=correct, slip=slip,
    )  # fmt: skip


def _slip(group: Group, fits: list[Fit], words: Words) -> Claim | None:
    """The claim of the one line that fits none, where one slip explains it."""
    place = fits[0].misfits[0]
    fits = [fit for fit in fits if fit.misfits[0] == place]
    return _undone(group, place, fits, words)


def _single_slip(group: Group, lines: list[Line | None], words: Words) -> list[Claim]:
    """A line that stands alone under the name of a method."""
    fits = [Fit(system, ("",), {}) for system in systems_of(group.method) if not system.together]
    claim = _undone(group, 0, fits, words)
    return [] if claim is None else [claim]


def _undone(group: Group, place: int, fits: list[Fit], words: Words) -> Claim | None:
    line = group.lines[place]
    for edit in itertools.islice(slips(line.right), MOST_EDITS):
        try:
            changed = group.read(place, edit.node)
        except (NotUnderstood, ZeroDivisionError, ValueError):
            continue
        for fit in fits:
            for role in fit.system.formulas:
                if role in fit.lines or not (fit.matched or role in PARAMETER):
                    continue
                if any(consistent([changed], roles) for roles in matches(changed, role, fit.system, fit.roles)):
                    return _refuted(line, role, fit, edit, words)
    return None


def _refuted(line: Written, role: str, fit: Fit, edit: Edit, words: Words) -> Claim | None:
    if edit.slip == "sign" and (words.climbed or words.maximised):
        return None
    operator = {":=": ":=", "gets": "←"}.get(line.link.operator, "=")
    correct = f"{shown(line.link.left.node)} {operator} {shown(edit.node)}"
    return _claim(line, "refuted", f"this is not how {_told(line, role)} in {fit.system.method}", correct, edit.slip)


# -- slips ---------------------------------------------------------------------------------------------------------


def slips(node: Node) -> Iterator[Edit]:
    """The formula with one slip undone: a sign, a square, a root, the number of a β, the power of a β."""
    for maker in (_signs, _squares, _roots, _betas):
        yield from _everywhere(node, maker)


def _everywhere(node: Node, maker: object) -> Iterator[Edit]:
    assert callable(maker)
    yield from maker(node)
    if isinstance(node, t.Derivative | t.Nabla | t.Name):
        return
    below = children(node)
    for place, child in enumerate(below):
        if isinstance(node, t.Script) and (child is node.sub or child is node.sup):
            continue
        for edit in _everywhere(child, maker):
            yield Edit(with_children(node, (*below[:place], edit.node, *below[place + 1 :])), edit.slip)


def _signs(node: Node) -> Iterator[Edit]:
    if isinstance(node, t.Sum) and all(term.sign in ("+", "-") for term in node.terms):
        for place, term in enumerate(node.terms):
            turned = t.Signed("-" if term.sign == "+" else "+", term.term)
            yield Edit(t.Sum((*node.terms[:place], turned, *node.terms[place + 1 :])), "sign")
    elif isinstance(node, t.Negative):
        yield Edit(node.body, "sign")


def _squares(node: Node) -> Iterator[Edit]:
    if isinstance(node, t.Script) and node.sup == t.Number("2"):
        yield Edit(node.base if node.sub is None else t.Script(node.base, sub=node.sub), "exponent")
    elif isinstance(node, t.Name) or (isinstance(node, t.Script) and node.sup is None):
        yield Edit(t.Script(node, sup=t.Number("2")), "exponent")
    elif isinstance(node, t.Derivative | t.Nabla):
        yield Edit(t.Script(t.Group(node), sup=t.Number("2")), "exponent")


def _roots(node: Node) -> Iterator[Edit]:
    if isinstance(node, t.Root) and node.degree is None:
        inner = plain(node.radicand)
        yield Edit(t.Group(inner) if isinstance(inner, t.Sum) else inner, "exponent")
    elif isinstance(node, t.Name | t.Script | t.Quotient):
        yield Edit(t.Root(node), "exponent")


def _betas(node: Node) -> Iterator[Edit]:
    parts = parts_of(node) if isinstance(node, t.Script) else None
    if parts is None or not isinstance(node, t.Script):
        return
    if parts.key.base == "beta" and len(parts.subs) == 1 and parts.subs[0] in (t.Number("1"), t.Number("2")):
        other = t.Number("2" if parts.subs[0] == t.Number("1") else "1")
        yield Edit(t.Script(t.Name("beta"), sub=other, sup=node.sup), "wrong variable")
        if node.sup is None:
            yield Edit(t.Script(node.base, sub=node.sub, sup=t.Name("t")), "exponent")
