"""What was understood of a claim, and the definitions that it rests on."""

from __future__ import annotations

from symnn.formula.nodes import Tensor, tensors
from symnn.notation.tree import Link, Relation
from symnn.notes.explain.grounds import Grounds, attempt
from symnn.notes.judge.claims import Claim
from symnn.notes.judge.decision.settle import Judged
from symnn.notes.judge.reading.canonical import canonical
from symnn.write.compose.context import fact_node, shape_node
from symnn.write.document import Block, Display, Inlines, Listing, Note, Paragraph, Section, Table, inlines
from symnn.write.notate import equation_form

MOST_NAMES = 40


def understood_section(claim: Claim, judged: Judged, grounds: Grounds | None) -> Section:
    """The claim as it was read: the formula, the shapes of its names, the choices that reading it took."""
    left, right = (canonical(node) for node in judged.link.nodes)
    link = Link("approx" if judged.link.operator == "approx" else "=", right)
    blocks: list[Block] = [Display(Relation(left, (link,)))]
    if grounds is not None:
        table = _names_table(grounds)
        blocks += [table] if table is not None else []
        if grounds.pair is not None and grounds.pair.said:
            said = tuple(inlines(choice) for choice in dict.fromkeys(grounds.pair.said))
            blocks += [Paragraph(inlines("To read it, this was chosen:")), Listing(said)]
        near = grounds.reader.world.closure(grounds.mentioned)
        facts = [
            Note("fact", inlines("It is given that ", fact_node(fact, grounds.names), "."))
            for fact in judged.decision.facts
            if fact.tensor in near
        ]
        blocks += facts
    return Section(inlines("What was understood"), 1, tuple(blocks))


def _names_table(grounds: Grounds) -> Table | None:
    world = grounds.reader.world
    defined = {equation.tensor for equation in grounds.definitions}
    inside = {t for equation in grounds.definitions for t in tensors(equation.formula)}
    shown = [t for t in world.tensors.values() if t in defined | inside | grounds.mentioned][:MOST_NAMES]
    if not shown:
        return None
    rows = tuple(
        (inlines(grounds.names.tensor(t)), _shape(grounds, t), _said(grounds, t)) for t in dict.fromkeys(shown)
    )
    return Table((inlines("name"), inlines("shape"), inlines("what it is")), rows)


def _shape(grounds: Grounds, tensor: Tensor) -> Inlines:
    return inlines(shape_node(tensor, grounds.names)) if tensor.rank else inlines("number")


def _said(grounds: Grounds, tensor: Tensor) -> Inlines:
    if tensor in grounds.reader.world.equations:
        line = grounds.reader.world.lines.get(tensor)
        return inlines(f"defined in line {line}" if line else "defined")
    return inlines("any value" if tensor.rank == 0 else "any values")


def definitions_section(grounds: Grounds) -> Section | None:
    """The definitions that were used, each with its line."""
    blocks: list[Block] = []
    for equation in grounds.definitions:
        form = attempt(lambda e=equation: equation_form(e.tensor, e.indices, e.formula, grounds.names))  # type: ignore[misc]
        line = grounds.reader.world.lines.get(equation.tensor)
        if form is not None:
            blocks.append(Display(form.equation, inlines(f"line {line}") if line else ()))
    return Section(inlines("The definitions that it rests on"), 1, tuple(blocks)) if blocks else None
