"""Both sides of a claim, brought to the form in which they can be compared."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from symnn.formula.nodes import tensors
from symnn.formula.normal import Normalizer, TooLarge
from symnn.formula.polish import candidates, readable_indices, simplest
from symnn.notation import to_text
from symnn.notation.tree import Derivative, Nabla
from symnn.notes.explain.grounds import Grounds, attempt
from symnn.notes.judge.decision.inlining import inlined
from symnn.write.compose.context import equal
from symnn.write.document import AlignedChain, Block, ChainLink, Display, Inlines, Note, Paragraph, Section, inlines


@dataclass(frozen=True)
class Sides:
    """Both sides as formulas, whether every definition was put in, and whether their normal forms are equal."""

    left: Any
    right: Any
    deep: bool
    equal: bool
    normalizer: Normalizer


def compared(grounds: Grounds) -> Sides | None:
    """Both sides as they were compared: in the names of the document, else with every definition put in."""
    world = grounds.reader.world
    left, right = grounds.sides
    facts = (*world.facts, *grounds.decision.facts)
    shallow: Sides | None = None
    for deep in (False, True):
        if deep and (tensors(left) | tensors(right)) & world.equations.keys():
            left, right = inlined(left, world), inlined(right, world)
        elif deep:
            break
        normalizer = Normalizer(tuple(dict.fromkeys(facts)))
        try:
            same = normalizer.equal(left, right, almost_everywhere=True)
        except (TooLarge, ZeroDivisionError):
            continue
        found = Sides(left, right, deep, same, normalizer)
        if same:
            return found
        shallow = shallow or found
    return shallow


def comparison_section(grounds: Grounds) -> Section | None:
    """What each side is, in its shortest form."""
    if grounds.pair is None:
        return None
    sides = attempt(partial(compared, grounds))
    if sides is None:
        return Section(
            inlines("Both sides"), 1, (Note("gap", inlines("The normal forms are too large to be worked out.")),)
        )
    indices = grounds.pair.indices
    blocks: list[Block] = []
    if sides.deep:
        blocks.append(Paragraph(inlines("With every definition put in:")))
    left, right = grounds.nodes
    if sides.equal:
        shown = _common(grounds, sides, indices)
        if shown is not None:
            links = (ChainLink("=", shown, _reason(sides)),)
            blocks += [AlignedChain(left, links), AlignedChain(right, links)]
        blocks.append(Paragraph(inlines("Both sides have the same normal form, so the claim holds.")))
    else:
        for node, formula in ((left, sides.left), (right, sides.right)):
            if isinstance(node, Derivative | Nabla):
                continue  # what it is stands above, in the names of the document
            form = grounds.printed(formula, indices, normalizer=sides.normalizer)
            if form is not None:
                blocks.append(Display(form if to_text(form) == to_text(node) else equal(node, form)))
        blocks.append(Paragraph(inlines("Both sides have different normal forms. That alone decides nothing.")))
    return Section(inlines("Both sides"), 1, tuple(blocks))


def _common(grounds: Grounds, sides: Sides, indices: tuple[Any, ...]) -> Any:
    """The shortest form of what both sides are."""

    def work() -> Any:
        forms = [form for side in (sides.left, sides.right) for form in candidates(sides.normalizer, side)[1:]]
        best = simplest(forms or [sides.left])
        return grounds.printed(readable_indices(best, indices), indices)

    return attempt(work)


def _reason(sides: Sides) -> Inlines:
    used = sorted(map(str, sides.normalizer.used))
    return inlines("with the facts used") if used else inlines("normal form")
