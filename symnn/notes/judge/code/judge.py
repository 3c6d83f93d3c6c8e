"""Judging code: gradients by the names that backpropagation gives them, values by what a comment says they become."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from symnn.errors import Place
from symnn.notation import tree as t
from symnn.notation.tree import Node
from symnn.notes.judge.claims import Claim
from symnn.notes.judge.code.program import Assignment, Program, programs
from symnn.notes.judge.code.translate import Translator, Untranslated, shape_of
from symnn.notes.judge.code.values import said_value, value_claim, values_of
from symnn.notes.judge.decision.settle import Judged, corrected
from symnn.notes.judge.equations import judged
from symnn.notes.judge.links import Link
from symnn.notes.judge.slips.told import claim_of
from symnn.notes.judge.worlds.context import Context
from symnn.notes.read.passages import Passage
from symnn.notes.read.statements import Collected, Piece, Statement, Step

MOST_ASSIGNMENTS = 150
ENOUGH = 2
"""So many right gradients show that a program does backpropagation; from then on a wrong one counts as wrong."""


def judge_code(context: Context) -> list[Claim]:
    """The claims that the programs of a document make."""
    claims: list[Claim] = []
    for program in programs(context.document):
        if 0 < len(program.assignments) <= MOST_ASSIGNMENTS:
            claims += judge_values(program)
            claims += judge_gradients(context, program)
    return claims


def judge_values(program: Program) -> Iterator[Claim]:
    """What comments say that values become."""
    for assignment, value in zip(program.assignments, values_of(program.assignments), strict=True):
        said = said_value(assignment.comment)
        if said is not None and value is not None:
            claim = value_claim(assignment, value, said)
            if claim is not None:
                yield claim


# -- gradients --------------------------------------------------------------------------------------------------------


@dataclass
class Roles:
    """The variables of the forward pass, and what each gradient is a derivative of and by; None for the loss."""

    forward: dict[str, Assignment | None] = field(default_factory=dict)
    gradients: dict[str, tuple[str | None, str]] = field(default_factory=dict)


def roles_of(program: Program) -> Roles:
    """Sort the names of a program. A name that is assigned twice, but for sums of gradients, stands for nothing."""
    roles = Roles()
    names: list[str] = []
    for assignment in program.assignments:
        for node in ast.walk(assignment.value):
            if isinstance(node, ast.Name):
                names.append(node.id)
        names.append(assignment.name)
    known = set(names)
    for name in dict.fromkeys(names):
        found = gradient_name(name, known)
        if found is not None:
            roles.gradients[name] = found
    for assignment in program.assignments:
        if assignment.name in roles.gradients:
            continue
        twice = assignment.name in roles.forward or assignment.adds
        roles.forward[assignment.name] = None if twice else assignment
    for name in names:
        if name not in roles.gradients:
            roles.forward.setdefault(name, None)
    return roles


def gradient_name(name: str, known: set[str]) -> tuple[str | None, str] | None:
    """What a name such as ``dfdx``, ``dW1`` or ``grad_x`` is the derivative of, and by.

    >>> gradient_name("dfdq", {"f", "q", "dfdq"}), gradient_name("dW", {"W"}), gradient_name("dot", {"dot"})
    (('f', 'q'), (None, 'W'), None)
    """
    for place in range(2, len(name) - 1):
        top, by = name[1:place].strip("_"), name[place + 1 :]
        if name[0] == "d" and name[place] == "d" and top in known and by in known:
            return top, by
    for pattern in (r"d_?(\w+)", r"grad_?(\w+)", r"(\w+)_grad", r"(\w+)_bar"):
        match = re.fullmatch(pattern, name)
        if match and match[1] in known and match[1] != name:
            return None, match[1]
    return None


class Reading:
    """A program as the statements of a note: its forward pass defines values, its backward pass makes claims."""

    def __init__(self, program: Program, roles: Roles) -> None:
        self.program = program
        self.roles = roles
        self.loss = self._loss()
        self.order = 0

    def _loss(self) -> Node | None:
        """The last value, where there is only one; an unknown loss behind it where its gradient is given."""
        forward = {name: a for name, a in self.roles.forward.items() if a is not None}
        mentioned = {name: _names_in(a.value) for name, a in forward.items()}
        used = set().union(*mentioned.values())
        given = {by for top, by in self.roles.gradients.values() if top is None}
        ends = [
            name for name, a in forward.items()
            if name not in used and not _is_data(a.value) and given & _closure(name, mentioned)
        ]  # fmt: skip
        flowing = [name for name in ends if name in given]
        seeds = [a for a in self.program.assignments if self.roles.gradients.get(a.name, ("", ""))[1] in flowing]
        if flowing and not all(_is_one(a.value) for a in seeds):
            return t.Name("Loss")
        return t.Name(ends[0]) if len(ends) == 1 else None

    def name(self, name: str) -> Node:
        """The tree of a variable: a gradient is a derivative."""
        found = self.roles.gradients.get(name)
        if found is None:
            return t.Name(name)
        top = self.loss if found[0] is None else t.Name(found[0])
        if top is None:
            raise Untranslated("the loss is not known")
        if top == t.Name(found[1]):
            return t.Number("1")
        return t.Derivative("partial", top, (t.Name(found[1]),))

    def statements(self) -> list[Statement]:
        """What the forward pass says."""
        found = []
        for name, assignment in self.roles.forward.items():
            if assignment is None:
                continue
            shape = shape_of(assignment.value)
            if shape is not None:
                sizes = tuple(t.Number(str(size)) for size in shape)
                power: Node = sizes[0] if len(sizes) == 1 else t.Product("times", sizes)
                found.append(
                    self._statement(assignment, t.Name(name), "in", t.Script(t.Name("R", "mathbb"), sup=power))
                )
                continue
            try:
                right = Translator(self.name).of(assignment.value)
            except Untranslated:
                continue
            found.append(self._statement(assignment, t.Name(name), "=", right))
        return found

    def claims(self) -> Iterator[Statement]:
        """What the backward pass claims: for a gradient that is added up, the whole sum, at its last part."""
        parts: dict[str, list[Assignment]] = {}
        for assignment in self.program.assignments:
            if assignment.name in self.roles.gradients:
                if not assignment.adds:
                    parts[assignment.name] = []
                parts.setdefault(assignment.name, []).append(assignment)
        for name, found in parts.items():
            try:
                left = self.name(name)
                rights = [Translator(self.name).of(assignment.value) for assignment in found]
            except Untranslated:
                continue
            if any(isinstance(part, t.Number) for part in rights) and not isinstance(left, t.Derivative):
                continue
            terms = tuple(t.Signed("+", t.Group(right)) for right in rights)
            right: Node = rights[0] if len(rights) == 1 else t.Sum(terms)
            if isinstance(left, t.Derivative) and not _is_data(found[0].value):
                yield self._statement(found[-1], left, "=", right)

    def _statement(self, assignment: Assignment, left: Node, operator: str, right: Node) -> Statement:
        self.order += 1
        passage = passage_of(assignment, self.program.section)
        return Statement(
            Piece(left, passage), (Step(operator, Piece(right, passage)),), self.program.section, self.order, True, None
        )  # fmt: skip


def passage_of(assignment: Assignment, section: tuple[str, ...]) -> Passage:
    """The line of an assignment, without its comment, as a passage."""
    first, last = assignment.first, assignment.last
    text = _code(first.text) if first is last else _code(first.text) + " …"

    def locate(start: int, end: int) -> Place:
        length = len(text) if first is last else first.end - first.begin
        begin, end = first.begin + start, first.begin + max(length, start + 1)
        return Place(first.path or None, first.number, begin, end, "", first.written)

    return Passage(text, "plain", section, locate)


def _code(text: str) -> str:
    return text.split("#")[0].strip()


def _names_in(value: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(value) if isinstance(node, ast.Name)}


def _closure(name: str, mentioned: dict[str, set[str]]) -> set[str]:
    """A variable and all that it is made of."""
    seen: set[str] = set()
    stack = [name]
    while stack:
        top = stack.pop()
        if top not in seen:
            seen.add(top)
            stack.extend(mentioned.get(top, ()))
    return seen


def _is_data(value: ast.expr) -> bool:
    """Whether a value is given: a number, a list of numbers, an array of random ones."""
    return shape_of(value) is not None or not any(
        isinstance(node, ast.Name) and node.id not in ("np", "math") for node in ast.walk(value)
    )


def _is_one(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value == 1


def judge_gradients(context: Context, program: Program) -> list[Claim]:
    """The gradients that a program works out."""
    roles = roles_of(program)
    if not roles.gradients:
        return []
    reading = Reading(program, roles)
    defining, claiming = reading.statements(), list(reading.claims())
    own = Context(context.document, Collected((*defining, *claiming), ()))
    own.strict = True
    decided: list[Judged] = []
    for statement in claiming:
        link = Link(statement.first, "=", statement.steps[0].right, statement, 0, True, True)
        decision, reader = judged(own, link, None)
        decided.append(Judged(link, decision, reader))
    right = [item for item in decided if item.decision.verdict in ("proved", "agrees")]
    wrong = [item for item in decided if item.decision.verdict == "refuted" and _certain(item)]
    if len(right) < ENOUGH:
        wrong = []
    assigned = {assignment.name for assignment in program.assignments}
    free = [name for name in roles.forward if name not in assigned]
    told = [_told(item) for item in right]
    for item in wrong:
        assert item.reader is not None
        fix = corrected(item.link, item.reader)
        if fix is not None or len(defining) == len(roles.forward) - len(free):
            told.append(_told(replace(item, correction=fix)))
    return told


def _told(item: Judged) -> Claim:
    claim = claim_of(item.link, item.decision, item.reader, item.correction)
    return replace(claim, source=item.link.left.passage.text)


def _certain(item: Judged) -> bool:
    """Whether a refuted gradient is one of numbers: those of arrays may leave out how many samples there are."""
    pair = item.decision.pair
    return item.reader is not None and pair is not None and not pair.indices
