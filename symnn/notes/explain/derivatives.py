"""The derivatives in a claim: of a loss by symnn's own derivation, of anything else rule by rule."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from symnn.check.kernel import check_derivation
from symnn.declare import registry
from symnn.derive import derive
from symnn.derive.elementwise import through_lemmas
from symnn.formula.application import Array, axis_indices, unfold_applications
from symnn.formula.deltas import eliminate_deltas
from symnn.formula.differentiate import carry_out
from symnn.formula.nodes import Call, Elementwise, Partial, Tensor, tensors
from symnn.formula.normal import Normalizer
from symnn.formula.polish import candidates, readable_indices, simplest
from symnn.network.build import network_of
from symnn.network.equations import Equation
from symnn.notation.tree import Derivative, Name
from symnn.notes.explain.grounds import attempt
from symnn.notes.judge.errors import NotUnderstood
from symnn.notes.judge.gradients.derivatives import inlined_for
from symnn.notes.judge.reading.canonical import canonical
from symnn.notes.judge.reading.reader import Scope
from symnn.notes.judge.reading.trail import Taken, recorded
from symnn.write.compose.backward import adjoint_section
from symnn.write.compose.context import Context, operator_named
from symnn.write.compose.lemmas import lemma_section
from symnn.write.compose.opening import PLAIN_RULES, Opener, rules_used
from symnn.write.document import AlignedChain, Block, ChainLink, Note, Paragraph, Section, Steps, inlines
from symnn.write.notate import Names, index_form

if TYPE_CHECKING:
    from symnn.notes.explain.grounds import Grounds

MOST = 6
"""How many derivatives of one claim are shown."""


def taken(grounds: Grounds) -> list[Taken]:
    """The derivatives that reading the claim takes, in the order of the claim."""
    with recorded() as found:
        for node in grounds.judged.link.nodes:
            try:
                grounds.reader.read(canonical(node), Scope())
            except NotUnderstood:
                continue
    return found


def derivative_sections(grounds: Grounds) -> list[Section]:
    """A section for each derivative in the claim."""
    found = attempt(partial(taken, grounds)) or []
    by_loss: dict[Tensor, list[Tensor]] = {}
    sections: list[Section | None] = []
    for item in found[:MOST]:
        loss = _loss(grounds, item)
        if loss is not None and item.by is not None:
            by_loss.setdefault(loss, []).append(item.by)
        else:
            sections.append(attempt(partial(_rule_by_rule, grounds, item)))
    for place, (loss, tensors_by) in enumerate(by_loss.items()):
        chosen = list(dict.fromkeys(tensors_by))
        whole = attempt(partial(_from_loss, grounds, loss, chosen)) if place == 0 else None
        if whole is not None:
            sections.append(whole)
        else:
            source = Array.of(loss)
            sections += [attempt(partial(_rule_by_rule, grounds, Taken(source, by))) for by in chosen]
    return [section for section in sections if section is not None]


def _loss(grounds: Grounds, item: Taken) -> Tensor | None:
    """The number that is differentiated, where it has a definition and depends on the other name through others."""
    if not isinstance(item.source, Array) or item.by is None or item.source.rank:
        return None
    tensor = item.source.plain_tensor()
    if tensor is None or tensor not in grounds.reader.world.equations or tensor == item.by:
        return None
    return tensor


# -- from a loss ----------------------------------------------------------------------------------------------------------


def _from_loss(grounds: Grounds, loss: Tensor, by: list[Tensor]) -> Section:
    """The derivation of adjoints from the loss back, replayed by the kernel before it is shown."""
    world = grounds.reader.world
    needed = world.closure([loss])
    equations = [Equation(t, e.indices, e.formula) for t, e in world.equations.items() if t in needed]
    network = network_of(
        equations, loss=loss.name, wrt=[tensor.name for tensor in by], facts=[f for f in world.facts if f.tensor in needed],
        names={name: node for name, node in world.nodes.items() if any(t.name == name for t in needed)},
    )  # fmt: skip
    derivation = derive(network)
    steps = check_derivation(derivation)
    context = Context.of(derivation)
    blocks: list[Block] = [
        Paragraph(inlines(f"From the loss back, each adjoint once. The kernel replayed all {steps} steps."))
    ]
    blocks += [adjoint_section(context, adjoint) for adjoint in derivation.adjoints]
    lemmas = [lemma_section(operator_named(name), reference, 2) for name, reference in context.lemmas.items()]
    return Section(inlines("The derivatives of ", context.names.loss), 1, (*blocks, *lemmas))


# -- rule by rule ---------------------------------------------------------------------------------------------------------


def _rule_by_rule(grounds: Grounds, item: Taken) -> Section | None:
    if isinstance(item.source, Elementwise):
        return _of_function(item.source)
    assert item.by is not None
    return _of_array(grounds, item.source, item.by, item.places)


def _of_function(function: Elementwise) -> Section | None:
    """The derivative of a function of one variable."""
    declared = registry.find(function.name)
    if declared is not None and declared.is_elementwise:
        return lemma_section(declared, None, 1)
    if function.body is None or len(function.parameters) != 1:
        return None
    variable = function.parameters[0]
    names = Names({variable: Name(variable)}, Name("L"), symbol="d")
    title = inlines("The derivative of ", index_form(function.body, names))
    return _opened(title, Partial(function.body, Tensor(variable).entry()), names, ())


def _of_array(grounds: Grounds, source: Array, by: Tensor, places: tuple[Any, ...] | None) -> Section | None:
    """The derivative of a value by another, with the definitions on the way put in."""
    if any(tensor not in grounds.reader.world.equations for tensor in tensors(source.body) - {by}):
        edges = grounds.reader.differentials.edges
        known = [t for t in tensors(source.body) if t in edges]
        if known:
            return _by_dependence(grounds, known)
    own = axis_indices(source.shape)
    second = axis_indices(by.shape) if places is None else places
    free = tuple(own) + (tuple(second) if places is None else ())
    body = inlined_for(grounds.reader, unfold_applications(source.at(*own)), {by})
    shown = index_form(readable_indices(unfold_applications(source.at(*own)), free), grounds.names, free)
    entry = by.entry(*second)
    title = inlines("The derivative of ", shown, " by ", index_form(entry, grounds.names, free))
    return _opened(title, Partial(body, entry), grounds.names, free)


def _by_dependence(grounds: Grounds, known: list[Tensor]) -> Section:
    """A name without a definition of which only is said what it depends on: the chain rule is all there is."""
    names = grounds.names
    items: list[Block] = []
    for tensor in known:
        on = sorted(grounds.reader.differentials.edges[tensor], key=lambda t: t.name)
        slopes: list[Any] = []
        for place, other in enumerate(on):
            slope = Derivative("partial", names.tensor(tensor), (names.tensor(other),), style="slash")
            slopes += [", " if place else "", slope]
        shown: list[Any] = [
            "Of ",
            names.tensor(tensor),
            " it is only known what it depends on; unknown are ",
            *slopes,
            ".",
        ]
        items.append(Paragraph(inlines(*[part for part in shown if part != ""])))
    return Section(inlines("The chain rule"), 1, tuple(items))


def _opened(title: Any, start: Any, names: Names, free: tuple[Any, ...]) -> Section:
    """A derivative carried out, with every rule on the way."""
    start = readable_indices(start, free)
    opener = Opener(names, {}, free)
    steps = opener.steps(start)
    plain = eliminate_deltas(carry_out(start, through_lemmas))
    short = readable_indices(simplest([plain, *candidates(Normalizer(), plain)]), free)
    rules = [rule for rule in rules_used(steps) if rule not in PLAIN_RULES]
    reason = inlines("by the rules: " + ", ".join(rules)) if rules else ()
    links = [ChainLink("=", opener.print(plain), reason)]
    if opener.print(short) != links[0].node:
        links.append(ChainLink("=", opener.print(short), inlines("simplified")))
    blocks: list[Block] = [AlignedChain(opener.print(start), tuple(links))]
    if steps:
        blocks.append(Steps(inlines("Every rule on the way"), steps))
    if any(call.function.body is None for call in plain.atoms(Call)):
        blocks.append(Note("convention", inlines("A prime on an unknown function stands for its derivative.")))
    return Section(title, 1, tuple(blocks))
