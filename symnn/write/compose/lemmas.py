"""Lemmas: the derivative of each operator, derived once from its definition."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import sympy
from sympy import Expr

from symnn.check.steps import Named, check_chain
from symnn.declare import Operator
from symnn.derive.elementwise import OUTPUT, elementwise_lemma
from symnn.derive.fold import Solved, invariants
from symnn.derive.lemmas import OperatorLemma, operator_lemma, upstream_of
from symnn.derive.steps import second_elementwise_steps
from symnn.formula.application import NamedFormula
from symnn.formula.deltas import eliminate_deltas
from symnn.formula.index import Index
from symnn.formula.nodes import (
    Call,
    Delta,
    Elementwise,
    Entry,
    Partial,
    Tensor,
    tensors,
    total,
)
from symnn.formula.normal import Normalizer
from symnn.formula.polish import candidates, readable_indices, simplest
from symnn.formula.substitute import inline, substitute_entries, substitute_indices
from symnn.notation.tree import Derivative, Node, Prime
from symnn.write.compose.context import LemmaReference, equal
from symnn.write.compose.opening import PLAIN_RULES, Opener, rules_used
from symnn.write.compose.remarks import domain_sentence, flat_note, kink_note, kinks_sentence, known_form
from symnn.write.compose.states import declared_states
from symnn.write.document import (
    AlignedChain,
    Block,
    ChainLink,
    Display,
    Inlines,
    Listing,
    Note,
    Paragraph,
    Section,
    Step,
    Steps,
    inlines,
)
from symnn.write.notate import Names, equation_form, formula_form, index_form
from symnn.write.notate.build import applied
from symnn.write.notate.equations import entry_form
from symnn.write.notate.names import operator_head


def lemma_section(operator: Operator, reference: LemmaReference | None, level: int) -> Section:
    """The lemma of an operator: its definition, its derivative, and the way there."""
    blocks = elementwise_blocks(operator) if operator.is_elementwise else operator_blocks(operator)
    head = operator_head(operator)
    title = inlines("Derivative of ", head)
    if reference is not None:
        title = inlines(f"Lemma {reference.number}: derivative of ", head)
    return Section(title, level, (*introduction(operator), *blocks), reference.anchor if reference else None)


def introduction(operator: Operator) -> tuple[Block, ...]:
    """What the operator is, in a sentence, with its source, and where it is defined."""
    source = f" Source: {operator.source}." if operator.source else ""
    blocks: list[Block] = [Paragraph(inlines(operator.summary + source))]
    domain = domain_sentence(operator, Names.of_operator(operator))
    if domain is not None:
        blocks.append(Note("fact", domain))
    return tuple(blocks)


# -- elementwise operators ---------------------------------------------------------------------------------


def elementwise_blocks(operator: Operator, order: int = 1) -> tuple[Block, ...]:
    """The derivative of an operator on numbers, for each of its arguments; with ``order=2`` also the second one."""
    function = operator.function
    names = Names.of_operator(operator)
    head = operator_head(operator)
    arguments = [names.named(name) for name in function.parameters]
    value = applied(head, arguments)
    variables = [p.name for p in operator.parameters]
    names = names.with_({OUTPUT.name: value}, "d" if len(variables) == 1 else "partial")
    blocks: list[Block] = [Display(equal(value, formula_form(function.body, (), names)), inlines("definition"))]
    for place, name in enumerate(variables):
        left: Node
        if len(variables) == 1:
            left = applied(Prime(head), arguments)
        else:
            left = Derivative("partial", value, (names.named(name),))
        blocks += _derivative_blocks(function, place, left, names)
        if order > 1:
            again = applied(Prime(head, 2), arguments) if len(variables) == 1 else None
            by = (names.named(name), names.named(name))
            blocks += _second_blocks(function, place, again or Derivative("partial", value, by), names)
    return tuple(blocks)


def _second_blocks(function: Elementwise, place: int, left: Node, names: Names) -> list[Block]:
    """The second derivative, from the first one in the names of the definition; the kernel replays it first."""
    (step,) = second_elementwise_steps(function, place)
    definition = {OUTPUT.name: Named(OUTPUT, (), function.body)}
    check_chain(f"second derivative of {function.name}", [step], definition)
    call = Call(function, *[Tensor(name).entry() for name in function.parameters])
    opener = Opener(names)
    inside = opener.steps(step.before)
    start, shown = opener.print(step.before.xreplace({call: OUTPUT.entry()})), opener.print(step.after)
    links = (ChainLink("=", start, inlines("once more")), ChainLink("=", shown))
    return [
        AlignedChain(left, links, inlines("second derivative")),
        Steps(
            inlines("Every rule on the way to ", left), (*inside, Step("algebra", inlines("simplified"), left, shown))
        ),
    ]


def _derivative_blocks(function: Elementwise, place: int, left: Node, names: Names) -> list[Block]:
    lemma = elementwise_lemma(function, place)
    variable = Tensor(function.parameters[place]).entry()
    start = Partial(function.body, variable)
    opener = Opener(names)
    steps = opener.steps(start)
    links = [ChainLink("=", opener.print(start), inlines("definition"))]
    plain = opener.print(lemma.plain)
    folded = opener.print(lemma.folded)
    rules = [rule for rule in rules_used(steps) if rule not in PLAIN_RULES] or ["entry"]
    links.append(ChainLink("=", plain, inlines("by the rules: " + ", ".join(rules))))
    if folded != plain:
        backwards = lemma.folded.has(OUTPUT)
        reason = "the definition, read from right to left" if backwards else "simplified"
        links.append(ChainLink("=", folded, inlines(reason)))
        steps = (*steps, Step("definition" if backwards else "algebra", inlines(reason), plain, folded))
    if lemma.in_output is not None and not lemma.folded.has(OUTPUT):
        shown, reason = opener.print(lemma.in_output), "in terms of the output"
        links.append(ChainLink("=", shown, inlines(reason)))
        steps = (*steps, Step("definition", inlines(reason), folded, shown))
    known = known_form(function, place)
    if known is not None:
        head = names.function(known.function)
        links.append(ChainLink("=", opener.print(known), inlines("the definition of ", head)))
    blocks: list[Block] = [AlignedChain(left, tuple(links))]
    flat = flat_note(function, place, names.function(function))
    if flat is not None:
        blocks.append(Note("warning", flat))
    kink = kink_note(function, place, left, names)
    if kink is not None:
        blocks.append(Note("convention", kink))
    blocks.append(Steps(inlines("Every rule on the way to ", left), steps))
    return blocks


# -- operators on arrays -----------------------------------------------------------------------------------


def operator_blocks(operator: Operator) -> tuple[Block, ...]:
    """The definition of an operator on arrays and the adjoint of each of its arguments."""
    names = Names.of_operator(operator)
    definition = operator.definition
    blocks: list[Block] = []
    for step in definition.steps:
        blocks.append(Display(entry_form(step.tensor, step.indices, step.formula, names).equation))
    blocks += declared_states(operator, names)
    upstream = Derivative("partial", names.loss, (names.tensor(definition.result.tensor),))
    given = names.tensor(upstream_of(definition))
    blocks.append(Paragraph(inlines("Let ", given, " be the adjoint of the result, ", equal(given, upstream), ".")))
    for place in range(len(definition.parameters)):
        blocks += _adjoint_blocks(operator, place, names)
    return tuple(blocks)


def _adjoint_blocks(operator: Operator, place: int, names: Names) -> list[Block]:
    lemma = operator_lemma(operator.definition, place)
    blocks: list[Block] = []
    jacobian = jacobian_node(lemma, names)
    if jacobian is not None:
        blocks.append(Display(jacobian, inlines("the local derivative, entry by entry")))
    final = NamedFormula(Tensor("∂" + lemma.parameter.name, lemma.parameter.shape), lemma.indices, lemma.formula)
    entry = entry_form(final.tensor, final.indices, final.formula, names)
    links = _distinct([*_put_together(lemma, names), ChainLink("=", entry.right, _folding_reason(lemma))])
    blocks.append(AlignedChain(entry.left, tuple(links)))
    blocks += _uses_of_names(lemma, names)
    kinks = kinks_sentence(lemma.formula, lemma.parameter.entry(*lemma.indices), entry.left, names)
    if kinks is not None:
        blocks.append(Note("convention", kinks))
    whole = equation_form(final.tensor, final.indices, final.formula, names)
    if whole.is_matrix and lemma.parameter.rank:
        blocks.append(Display(whole.equation, inlines("in matrix notation")))
    together = [Step("substitution", link.reason, before.node, link.node) for before, link in pairwise(links)]
    steps = (*_stages(lemma, names), *together)
    blocks.append(Steps(inlines("The chain rule through the intermediate values"), steps))
    return blocks


def _distinct(links: list[ChainLink]) -> list[ChainLink]:
    """Links without one that repeats the link before it."""
    kept: list[ChainLink] = []
    for link in links:
        if kept and kept[-1].node == link.node:
            kept[-1] = link
        else:
            kept.append(link)
    return kept


def _put_together(lemma: OperatorLemma, names: Names) -> list[ChainLink]:
    last = lemma.stages[-1]
    links = [ChainLink("=", entry_form(last.tensor, last.indices, last.formula, names).right, inlines("chain rule"))]
    whole = last.formula
    for stage in reversed(lemma.stages[:-1]):
        whole = inline(whole, stage.tensor, stage.indices, stage.formula)
    if whole != last.formula:
        whole = simplest(candidates(Normalizer(), eliminate_deltas(whole))[:1])
        shown = index_form(readable_indices(whole, last.indices), names, last.indices)
        links.append(ChainLink("=", shown, inlines("the adjoints of the intermediate values put in")))
    return links


def _folding_reason(lemma: OperatorLemma) -> Inlines:
    if lemma.folded.solved or lemma.folded.sums:
        return inlines("in the names of the definition")
    return inlines("simplified")


def _uses_of_names(lemma: OperatorLemma, names: Names) -> list[Block]:
    """What the shortest form rests on: definitions solved for a name, and the sums that follow from them."""
    items: list[Inlines] = []
    for solved in lemma.folded.solved:
        items.append(_solved_item(solved, lemma, names))
    for left, right in lemma.folded.sums:
        items.append(_sum_item(left, right, lemma, names))
    return [Paragraph(inlines("Used here:")), Listing(tuple(items))] if items else []


def _sum_item(left: Expr, right: Expr, lemma: OperatorLemma, names: Names) -> Inlines:
    """An invariant, with the definition from which it follows."""
    shown = equal(index_form(left, names), index_form(right, names))
    for step in lemma.definition.steps:
        if left in invariants([step], lemma.folded.solved):
            return inlines(shown, ", because ", entry_form(step.tensor, step.indices, step.formula, names).equation)
    return inlines(shown, ", which follows from the definitions")


def _solved_item(solved: Solved, lemma: OperatorLemma, names: Names) -> Inlines:
    source = next(s for s in lemma.definition.steps if s.tensor.name == solved.source)
    shown = entry_form(solved.tensor, solved.indices, solved.formula, names).equation
    return inlines(
        shown, ", the definition of ", names.tensor(source.tensor), " solved for ", names.tensor(solved.tensor)
    )


def jacobian_node(lemma: OperatorLemma, names: Names) -> Node | None:
    """``∂y_i/∂x_j = …`` in the operator's names; None where it would have too many indices to be read."""
    result = lemma.definition.result.tensor
    if result.rank + lemma.parameter.rank > 4:
        return None
    taken = {index.name for index in lemma.indices}
    letters = [letter for letter in "ijklpqrs" if letter not in taken]
    places = tuple(Index(letters[n], size) for n, size in enumerate(result.shape))

    def value(entry: Entry) -> Any | None:
        if entry.tensor != lemma.upstream:
            return None
        return sympy.Mul(*[Delta(a, b) for a, b in zip(entry.indices, places, strict=True)])

    formula = eliminate_deltas(substitute_entries(lemma.formula, value))
    formula = simplest(candidates(Normalizer(known_sums=dict(lemma.folded.sums)), formula))
    derivative = Partial(result.entry(*places), lemma.parameter.entry(*lemma.indices))
    every = (*places, *lemma.indices)
    return equal(index_form(derivative, names, every), index_form(formula, names, every))


def _stages(lemma: OperatorLemma, names: Names) -> tuple[Step, ...]:
    """The reverse sweep over the operator's own equations, each local derivative opened."""
    found: list[Step] = []
    definition = lemma.definition
    adjoints = {stage.tensor.name.removeprefix("∂"): stage for stage in lemma.stages}
    for stage in lemma.stages:
        target = stage.tensor.name.removeprefix("∂")
        of = next(t for t in (*definition.parameters, *(s.tensor for s in definition.lets)) if t.name == target)
        start: Any = sympy.S.Zero
        for step in definition.steps:
            if of not in tensors(step.formula):
                continue
            renamed = {old: old.fresh() for old in step.indices}
            own = tuple(renamed.values())
            is_result = step.tensor == definition.result.tensor
            weight = lemma.upstream if is_result else adjoints[step.tensor.name].tensor
            body = substitute_indices(step.formula, renamed)
            start = start + total(weight.entry(*own) * Partial(body, of.entry(*stage.indices)), *own)
        start = readable_indices(start, stage.indices)
        opener = Opener(names, free=stage.indices)
        written = entry_form(stage.tensor, stage.indices, stage.formula, names)
        found.append(
            Step(
                "chain rule",
                inlines("the sum over all uses of ", names.named(target)),
                written.left,
                equal(opener.print(start), written.right),
                opener.steps(start),
            )
        )
    return tuple(found)
