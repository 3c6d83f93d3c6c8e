"""How each value and each adjoint changes along a direction: the chain, the reasons, and the steps."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final

import sympy

from symnn.derive.derivation import TANGENT, Tangent
from symnn.derive.derivation import Step as FormulaStep
from symnn.formula.index import Index
from symnn.formula.nodes import Partial, Tensor, entries, tensors, total
from symnn.formula.polish import complexity, readable_indices
from symnn.network.equations import Equation
from symnn.notation.tree import Node
from symnn.write.compose.context import Context, called, fact_node, list_of
from symnn.write.compose.local import LETTERS, LocalDerivative
from symnn.write.document import AlignedChain, Block, ChainLink, Display, Inlines, Section, Step, Steps, inlines
from symnn.write.notate import equation_form, index_form
from symnn.write.notate.equations import entry_form

MAX_UNFOLDED: Final = 30
"""How complex an adjoint's equation may be to be written out below its derivative."""


class TangentChain:
    """The chain of equalities for one tangent, entry by entry, from all that moves to the result.

    `again` tells that the same equation was differentiated before, so that its derivatives are not opened again.
    """

    def __init__(self, context: Context, tangent: Tangent, tangents: Sequence[Tangent], again: bool = False) -> None:
        self.context = context
        self.again = again
        self.names = context.names
        self.tangent = tangent
        self.others = {other.tensor.name: other for other in tangents}
        self.of_adjoint = tangent.of in context.adjoint_of
        source = context.adjoint_of[tangent.of] if self.of_adjoint else context.network.equation(tangent.of)
        assert source is not None
        self.source = source
        self.left = entry_form(tangent.tensor, tangent.indices, sympy.S.One, context.names).left
        moving = {t.of for t in tangents} | (_directions(tangent.steps[0].before) - {tangent.of})
        self.uses = [self._use(t) for t in sorted(tensors(source.formula) & moving, key=lambda t: t.name)]

    def print(self, formula: Any) -> Node:
        formula = readable_indices(formula, self.tangent.indices)
        return index_form(formula, self.names, self.tangent.indices)

    def _use(self, tensor: Tensor) -> LocalDerivative:
        source = self.source
        places = _places(source.formula, source.indices, tensor)
        return LocalDerivative(self.context, source.tensor, source.indices, source.formula, tensor.entry(*places))

    def slope(self, use: LocalDerivative) -> Any:
        """The derivative as it is written: of a value by its name, of an adjoint by what it is equal to."""
        return Partial(use.formula, use.entry) if self.of_adjoint else use.slope

    @cached_property
    def start(self) -> Node | None:
        """The sum over all that moves; None where that would be too long to be read."""
        if self.of_adjoint and (
            complexity(self.source.formula) * len(self.uses) > MAX_UNFOLDED
            or any(use.entry.tensor in self.context.adjoint_of for use in self.uses)
        ):
            return None
        terms = []
        for use in self.uses:
            summed = [i for i in use.entry.indices if isinstance(i, Index) and i not in self.tangent.indices]
            change = Tensor(TANGENT + use.entry.tensor.name, use.entry.tensor.shape).entry(*use.entry.indices)
            terms.append(total(self.slope(use) * change, *summed))
        return self.print(sympy.Add(*terms))

    def section(self) -> Section:
        """The chain, the result in matrix notation, and the steps."""
        links = [] if self.start is None else [ChainLink("=", self.start, inlines("the sum over all that moves"))]
        for step in self.tangent.steps[1:]:
            node = self.print(step.after)
            if not links and step.rule == "definition":
                equation = called_in_text(self.context, self.source.tensor)
                links.append(ChainLink("=", node, inlines("the equation of ", equation, ", differentiated")))
            elif not links or links[-1].node != node:
                links.append(ChainLink("=", node, self._reason(step)))
        blocks: list[Block] = [AlignedChain(self.left, tuple(links))]
        whole = equation_form(self.tangent.tensor, self.tangent.indices, self.tangent.formula, self.names)
        if self.tangent.of.rank and whole.is_matrix:
            blocks.append(Display(whole.equation, inlines("in matrix notation")))
        title = inlines("The change of ", called_in_text(self.context, self.tangent.of))
        steps = Steps(inlines(*title, ", step by step"), self.steps())
        return Section(title, 2, (*blocks, steps), self.context.anchors.of("tangent", self.tangent.of.name))

    def _reason(self, step: FormulaStep) -> Inlines:
        match step.rule:
            case "tangent":
                changes = [tuple(inlines(self.names.named(name))) for name in step.uses]
                return inlines(*list_of(list(changes)), " put in")
            case "fact":
                return facts_reason(self.context, step)
            case "definition" if len(step.uses) > 1:
                return self._operator()
            case _:
                reasons = [] if self.of_adjoint else [r for r in (use.reason() for use in self.uses) if r]
                return list_of(reasons, "; ") if reasons else self._lemmas() or inlines("local derivatives")

    def _operator(self) -> Inlines:
        use = getattr(self.source, "use", None)
        lemma = None if use is None else self.context.lemmas.get(use.operator)
        return inlines("in the names of the operator") if lemma is None else inlines("in the names of ", lemma.link)

    def _lemmas(self) -> Inlines:
        lemmas = self.context.lemmas
        links = [tuple(inlines(lemmas[name].link)) for name in called(self.source.formula) if name in lemmas]
        return list_of(list(links)) if links else ()

    def steps(self) -> tuple[Step, ...]:
        """Every step; local derivatives open down to the primitive rules, and so do the changes that are put in."""
        moved = [tuple(inlines(called_in_text(self.context, use.entry.tensor))) for use in self.uses]
        verb = " moves" if len(moved) == 1 else " move"
        found = [Step("tangent rule", inlines(*list_of(list(moved)), verb), self.left, self.start)]
        written = equation_form(self.source.tensor, self.source.indices, self.source.formula, self.names).equation
        by_parts = any(use.entry.tensor in self.context.inner for use in self.uses)
        if isinstance(self.source, Equation) and not by_parts and not self.context.named_here(self.source):
            written = self.context.definition(self.source).equation
        sentence = inlines("from the equation " if self.of_adjoint else "from the definition ", written)
        found += [self._local(use, sentence) for use in self.uses]
        first = self.print(self.tangent.steps[1].after)
        if self.start != first:
            found.append(Step("substitution", inlines("the local derivatives put in"), self.start or self.left, first))
        for step in self.tangent.steps[2:]:
            beneath = tuple(self._put_in(name) for name in step.uses) if step.rule == "tangent" else ()
            found.append(Step(step.rule, self._reason(step), self.print(step.before), self.print(step.after), beneath))
        return tuple(found)

    def _local(self, use: LocalDerivative, sentence: Inlines) -> Step:
        """A local derivative. Those of values were opened where the adjoints were derived; those of adjoints are new."""
        if self.of_adjoint and not self.again:
            return use.opened_step(sentence, self.slope(use))
        context, tensor = self.context, use.entry.tensor
        cites = None
        derived = {adjoint.of for adjoint in context.derivation.adjoints}
        if context.cites and not self.of_adjoint and tensor in derived:
            cites = context.adjoint_link(tensor)
        elif tensor in context.inner or self.tangent.of in context.inner:
            applied = context.network.equation(tensor if tensor in context.inner else self.tangent.of)
            lemma = None if applied is None or applied.use is None else context.lemmas.get(applied.use.operator)
            cites = None if lemma is None else lemma.link
        before, after = (index_form(formula, self.names, use.free) for formula in (self.slope(use), use.local))
        return Step("local derivative", sentence, before, after, cites=cites)

    def _put_in(self, name: str) -> Step:
        """The change of an intermediate value, which is put in and has no section of its own."""
        return tangent_step(self.context, self.others[name], tuple(self.others.values()), self.again)


def tangent_step(context: Context, tangent: Tangent, tangents: Sequence[Tangent], again: bool = False) -> Step:
    """A whole tangent as one step that a reader can open."""
    chain = TangentChain(context, tangent, tangents, again)
    sentence = inlines("the change of ", called_in_text(context, tangent.of))
    return Step("tangent rule", sentence, chain.left, chain.print(tangent.formula), chain.steps())


def called_in_text(context: Context, tensor: Tensor) -> Node:
    """The name of a value or an adjoint on a line of text."""
    adjoint = context.adjoint_of.get(tensor)
    return context.names.part(tensor.name) if adjoint is None else context.adjoint_name(adjoint.of, slash=True)


def facts_reason(context: Context, step: FormulaStep) -> Inlines:
    """The declared facts that a step rests on."""
    facts = [inlines(fact_node(context.network.facts[number], context.names)) for number in step.uses]
    return inlines("because ", *list_of(list(facts)))


def _directions(formula: Any) -> set[Tensor]:
    """What moves in the first formula of a tangent: what it is differentiated by."""
    return {partial.entry.tensor for partial in formula.atoms(Partial)}


def _places(formula: Any, indices: tuple[Index, ...], tensor: Tensor) -> tuple[Index, ...]:
    """The indices at which a tensor is used: those of the equation where they must agree, else new ones."""
    found = [e for e in entries(formula) if e.tensor == tensor]
    taken = {index.name for index in indices}
    places: list[Index] = []
    for axis, size in enumerate(tensor.shape):
        at = {entry.indices[axis] for entry in found}
        only = next(iter(at))
        if len(at) == 1 and only in indices and only not in places:
            places.append(only)
            continue
        letter = next(c for c in LETTERS if c not in taken)
        taken.add(letter)
        places.append(Index(letter, size))
    return tuple(places)
