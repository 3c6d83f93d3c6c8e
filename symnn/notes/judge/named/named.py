"""Formulas that a document introduces under a standard name: they must be what that name means.

The name is that of a declared operator, or one of its aliases: in the cell of a table beside the formula, in the heading
above it, in the words before it, or as the left side itself. A formula is compared with the operator up to the variants
in use: which name is the prediction and which the target, a mean or a sum, one sample or many, a positive factor, an ε.
"""

from __future__ import annotations

import itertools

from symnn.declare import Operator, registry
from symnn.errors import SymnnError
from symnn.formula.normal import TooLarge
from symnn.notation import tree as t
from symnn.notation.traverse import replace
from symnn.notation.tree import Node
from symnn.notes.judge.claims import Claim
from symnn.notes.judge.errors import NotUnderstood, OutOfTime
from symnn.notes.judge.links import region_of_span
from symnn.notes.judge.named.comparison import Comparison
from symnn.notes.judge.named.titles import Named, found_names
from symnn.notes.judge.process.budget import limited
from symnn.notes.judge.process.watchdog import watched
from symnn.notes.judge.reading.canonical import canonical
from symnn.notes.judge.slips.edits import edits
from symnn.notes.judge.slips.told import shown
from symnn.notes.judge.worlds.context import Context
from symnn.notes.read.shapes.shapes import Clash
from symnn.notes.read.symbols import bound_letters

MOST_EDITS = 120


def judge_names(context: Context) -> list[Claim]:
    """The claims that formulas under standard names make."""
    claims = []
    seen: set[int] = set()
    for named in found_names(context):
        if id(named.statement) in seen:
            continue
        seen.add(id(named.statement))
        try:
            with limited(), watched():
                claim = judged(named)
        except (NotUnderstood, OutOfTime, SymnnError, Clash, TooLarge, RecursionError, ZeroDivisionError, ValueError):
            continue
        if claim is not None:
            claims.append(claim)
            if claim.verdict == "refuted":
                context.distrusted.add(named.statement.order)
    return claims


# -- finding --------------------------------------------------------------------------------------------------------------


def judged(named: Named) -> Claim | None:
    """The claim of a formula under a name; None where it cannot be compared."""
    node, raised = labels_lowered(canonical(named.node))
    comparison = Comparison(named.operator, node, named.order)
    if not comparison.comparable:
        return None
    verdict = comparison.matches(node)
    if verdict:
        return _claim(named, verdict, f"this is {named.operator.name}", "", "")
    if verdict is None or any(_is(other, node, named) for other in _of_one_name(named.operator)):
        return None
    for edit in itertools.islice(edits(node, (), (), True), MOST_EDITS):
        try:
            if comparison.matches(edit.node):
                right = shown(replace(edit.node, lambda part: raised.get(part, part)))
                return _claim(named, "refuted", f"this is not {named.operator.name}", right, edit.slip)
        except NotUnderstood:
            continue
    if not named.sure:
        return None
    return _claim(named, "refuted", f"this is not {named.operator.name}", comparison.correct(), "another formula")


def _of_one_name(operator: Operator) -> list[Operator]:
    """Other operators that are called by a name of this one as well: ``cross-entropy`` is the binary one or that of classes."""
    return [
        other for other in registry.all()
        if other is not operator and any(other.name.endswith(f"_{alias}") for alias in operator.aliases)
    ]  # fmt: skip


def _is(operator: Operator, node: Node, named: Named) -> bool:
    comparison = Comparison(operator, node, named.order)
    return comparison.comparable and bool(comparison.matches(node))


def labels_lowered(node: Node) -> tuple[Node, dict[Node, Node]]:
    """The formula with raised labels such as that of ``a^{(2)}`` written below, and what was written before.

    Out of its document a raised part in brackets that no sum walks is a label and no power.
    """
    before: dict[Node, Node] = {}
    walked = bound_letters(node)

    def lowered(part: Node) -> Node:
        if not (isinstance(part, t.Script) and isinstance(part.sup, t.Group) and part.sup.left in ("(", "[")):
            return part
        label = part.sup.body
        if not isinstance(part.base, t.Name | t.Accent) or not isinstance(label, t.Name | t.Number):
            return part
        if isinstance(label, t.Name) and (label.base in walked or label.base in "ijkmn"):
            return part
        below = label if part.sub is None else t.Sequence((part.sub, label))
        found = t.Script(part.base, sub=below)
        before[found] = part
        return found

    return replace(node, lowered), before


def _claim(named: Named, verdict: str, reason: str, correct: str, slip: str) -> Claim:
    return Claim(
        id=0, **region_of_span(named.span).as_fields(), source=" ".join(named.span.text.split()),
        reading=f"{named.operator.name}: {shown(canonical(named.node))}", verdict=verdict, reason=reason,  # type: ignore[arg-type]
        correct=correct, slip=slip,
    )  # fmt: skip
