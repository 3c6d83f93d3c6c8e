"""The backward pass: one subsection for each adjoint, with its chain, its reasons and its steps."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

import sympy
from sympy import Abs, Add, Mul

from symnn.derive.derivation import Adjoint
from symnn.derive.derivation import Step as FormulaStep
from symnn.formula.deltas import eliminate_deltas
from symnn.formula.nodes import (
    Cases,
    Delta,
    Extreme,
    Inside,
    Maximum,
    Minimum,
    Tensor,
    entries,
    subformulas,
    tensors,
)
from symnn.formula.polish import complexity, readable_indices
from symnn.formula.substitute import inline
from symnn.network.equations import Equation
from symnn.notation.tree import Node
from symnn.write.compose.context import Context, fact_node, list_of
from symnn.write.compose.local import Consumer
from symnn.write.compose.opening import PLAIN_RULES, rules_used
from symnn.write.compose.remarks import kinks_sentence
from symnn.write.document import (
    AlignedChain,
    Block,
    ChainLink,
    Display,
    Inlines,
    Note,
    Paragraph,
    Section,
    Step,
    Steps,
    inlines,
)
from symnn.write.notate import index_form
from symnn.write.notate.arrange import is_adjoint, split_content, term_of
from symnn.write.notate.build import juxtaposed, negative, number, signed_product
from symnn.write.notate.equations import entry_form, equation_form

MAX_WRITTEN_OUT: Final = 26
"""How complex an adjoint may be with the adjoints before it put in, to be shown that way."""

MAX_RECURRENCE: Final = 40
"""How complex an adjoint may be in terms of itself at another step, to be shown that way."""

KINKED: Final = (Abs, Maximum, Minimum, Cases)

MAX_FACTORS: Final = 8
"""How many links of the chain rule are written out as a product of so many factors."""


def backward_section(context: Context) -> Section:
    """Every adjoint, from the loss back."""
    live = context.derivation.live()
    blocks: list[Block] = [
        Paragraph(
            inlines(
                "From the loss back, each adjoint is derived once, from the adjoints of the values that use it. "
                f"That takes {len(live)} equations: the work grows with the number of definitions and no faster."
            )
        )
    ]
    blocks += [adjoint_section(context, adjoint) for adjoint in context.derivation.adjoints]
    return Section(inlines("The backward pass"), 1, tuple(blocks), "backward")


def adjoint_section(context: Context, adjoint: Adjoint) -> Section:
    """One adjoint: the chain from the chain rule to the result, where it is used, and the steps."""
    chain = Chain(context, adjoint)
    blocks: list[Block] = [AlignedChain(chain.left, chain.links)]
    whole = chain.in_matrices()
    if whole is not None:
        blocks.append(whole)
    kinks = _kinks(context, adjoint, chain.left)
    if kinks is not None:
        blocks.append(Note("convention", kinks))
    blocks.append(Paragraph(_where_used(context, adjoint)))
    opened = inlines(context.adjoint_name(adjoint.of, slash=True), ", step by step")
    blocks.append(Steps(opened, chain.steps()))
    title = inlines("The adjoint of ", context.names.part(adjoint.of.name))
    return Section(title, 2, tuple(blocks), context.anchors.of("adjoint", adjoint.of.name))


def _kinks(context: Context, adjoint: Adjoint, left: Node) -> Inlines | None:
    """Where the derivative of a formula that is written out jumps; those of operators are in their lemmas."""
    formulas = [equation.formula for equation in _consumers(context, adjoint.of)]
    if not any(isinstance(node, KINKED) for formula in formulas for node in subformulas(formula)):
        return None
    if adjoint.formula.has(Inside, Delta, Extreme):
        return None
    return kinks_sentence(adjoint.formula, adjoint.of.entry(*adjoint.indices), left, context.names)


def _where_used(context: Context, adjoint: Adjoint) -> Inlines:
    """Where the adjoint is used again: the reason why it has a name."""
    readers = [reader for reader in context.readers.get(adjoint.tensor, ()) if reader is not adjoint]
    put_into = [a for a in context.derivation.adjoints if adjoint.of.name in a.fused]
    parts: list[Any] = []
    if adjoint.of in context.network.parameters:
        parts += [context.adjoint_name(adjoint.of, slash=True), " is a gradient that was asked for. "]
    if readers:
        links = list_of([tuple(inlines(context.adjoint_link(reader.of))) for reader in readers])
        again = "It is computed once and used for " if len(readers) > 1 else "It is used for "
        parts += [again, *links, "."]
    elif put_into:
        links = list_of([tuple(inlines(context.adjoint_link(reader.of))) for reader in put_into])
        cancels = "" if adjoint.is_constant else ", where it cancels"
        parts += ["It is put into ", *links, f"{cancels}; it need not be computed."]
    elif not parts:
        parts = ["No gradient needs it."]
    return inlines(*parts)


class Chain:
    """The chain of equalities for one adjoint, entry by entry."""

    def __init__(self, context: Context, adjoint: Adjoint) -> None:
        self.context = context
        self.adjoint = adjoint
        self.names = context.names
        self.whole = context.adjoint_written(adjoint)
        self.left = entry_form(adjoint.tensor, adjoint.indices, sympy.S.One, context.names).left
        self.consumers = [Consumer(context, adjoint, e) for e in _consumers(context, adjoint.of)]
        self.links = tuple(self._links())

    def print(self, formula: Any) -> Any:
        formula = readable_indices(formula, self.adjoint.indices)
        return index_form(formula, self.names, self.adjoint.indices)

    def _links(self) -> list[ChainLink]:
        found = []
        start = sympy.Add(*[consumer.chain_rule for consumer in self.consumers], evaluate=False)
        if len(self.consumers) == 1:
            start = self.consumers[0].chain_rule
        if all(consumer.is_loss for consumer in self.consumers):
            opened = sympy.Add(*[c.unfolded for c in self.consumers])
            found.append(ChainLink("=", self.print(opened), self._definition_of_loss()))
        else:
            uses = len(self.consumers)
            reason = inlines("chain rule" if uses == 1 else f"chain rule over the {uses} uses")
            found.append(ChainLink("=", self.print(start), reason))
        for step in self.adjoint.steps[1:]:
            node = self.print(step.after)
            if found[-1].node == node:
                continue
            found.append(ChainLink("=", node, self._reason(step)))
        written = None if self.whole.is_matrix and self.adjoint.of.rank else self.factors() or self.written_out()
        if written is not None and written != found[-1].node:
            found.append(ChainLink("=", written, inlines("everything put in")))
        return found

    def in_matrices(self) -> Block | None:
        """The result in matrix notation; None for a number, and where there is no such notation."""
        if not self.adjoint.of.rank or not self.whole.is_matrix:
            return None
        remark = inlines("in matrix notation, ", *self.context.size(self.adjoint.of))
        written = self.written_out()
        if written is None or written == self.whole.right:
            return Display(self.whole.equation, remark)
        links = (ChainLink("=", self.whole.right, remark), ChainLink("=", written, inlines("everything put in")))
        return AlignedChain(self.whole.left, links)

    def _definition_of_loss(self) -> Inlines:
        return inlines("definition of ", self.names.loss)

    def _reason(self, step: FormulaStep) -> Inlines:
        match step.rule:
            case "adjoint":
                links = [tuple(inlines(self.context.adjoint_link(self._tensor(name)))) for name in step.uses]
                constant = all(self.context.derivation.adjoint(name).is_constant for name in step.uses)
                return inlines(*list_of(links), " put in" if constant else " put in, and what divides cancels")
            case "fact":
                facts = [inlines(fact_node(self.context.network.facts[n], self.names)) for n in step.uses]
                return inlines("because ", *list_of(list(facts)))
            case _:
                reasons = [r for r in (consumer.reason() for consumer in self.consumers) if r]
                return list_of(reasons, "; ") if reasons else self._rules()

    def _rules(self) -> Inlines:
        """The rules that were used, where nothing shorter says why."""
        steps = [s for c in self.consumers if not c.by_operator for s in c.opened]
        used = [rule for rule in rules_used(steps) if rule not in PLAIN_RULES]
        if not used:
            return inlines("local derivatives")
        return inlines("by the rules: " + ", ".join(used[:4]) + (", …" if len(used) > 4 else ""))

    def _tensor(self, name: str) -> Tensor:
        return self.context.network.tensor(name)

    def written_out(self) -> Any | None:
        """The result with the adjoints before it put in, where that is still short."""
        adjoints = self.context.adjoint_of
        formula = self.adjoint.formula
        done = {self.adjoint.tensor}  # a recurrence stays one: the adjoint at one step from that at another
        left = tensors(formula) & adjoints.keys() - done
        while left:
            for tensor in sorted(left, key=lambda t: t.name):
                other = adjoints[tensor]
                if tensor in done or tensor in tensors(other.formula):
                    return None
                done.add(tensor)
                formula = inline(formula, tensor, other.indices, other.formula)
                if complexity(formula) > MAX_RECURRENCE:
                    return None
            left = tensors(formula) & adjoints.keys() - {self.adjoint.tensor}
        most = MAX_RECURRENCE if self.adjoint.tensor in tensors(formula) else MAX_WRITTEN_OUT
        if formula == self.adjoint.formula or complexity(formula) > most:
            return None
        formula = readable_indices(eliminate_deltas(formula), self.adjoint.indices)
        return equation_form(self.adjoint.tensor, self.adjoint.indices, formula, self.names).right

    def factors(self) -> Node | None:
        """The result for a number as the factors of the chain rule, in the order of the chain: the error first."""
        found = self._factors(self.adjoint, MAX_FACTORS)
        if found is None or len(found[1]) < 2:
            return None
        size, pieces = abs(found[0]), found[1]
        if size != 1:
            pieces = [juxtaposed([number(size), pieces[0]]), *pieces[1:]]
        shown = signed_product("cdot", pieces)
        return negative(shown) if found[0] < 0 else shown

    def _factors(self, adjoint: Adjoint, room: int) -> tuple[Fraction, list[Node]] | None:
        """A number and one factor for each link from the loss; None where the adjoint is not such a product."""
        if adjoint.of.rank or room == 0:
            return None
        if isinstance(adjoint.formula, Add):
            content, rest = split_content(adjoint.formula)
            linked = any(e.tensor in self.context.adjoint_of for e in entries(rest))
            return None if linked else (content, [index_form(rest, self.names)])
        term = term_of(adjoint.formula)
        upstream = [f for f in term.factors if is_adjoint(f.base)]
        others = [f.formula for f in term.factors if f not in upstream]
        if term.bound or len(upstream) > 1 or any(is_adjoint(e) for o in others for e in entries(o)):
            return None
        piece = [index_form(Mul(*others), self.names)] if others else []
        if not upstream:
            return term.coefficient, piece
        source = self.context.adjoint_of.get(upstream[0].base.tensor)
        before = None if source is None or upstream[0].power != 1 else self._factors(source, room - 1)
        return None if before is None else (before[0] * term.coefficient, [*before[1], *piece])

    # -- steps ------------------------------------------------------------------------------------------

    def steps(self) -> tuple[Step, ...]:
        """Every step from the chain rule to the result; local derivatives open down to the primitive rules."""
        found = []
        loss_only = all(c.is_loss for c in self.consumers)
        if not loss_only:
            used = [tuple(inlines(self.names.part(c.equation.name))) for c in self.consumers]
            sentence = inlines("the value is used in the definition of ", *list_of(list(used)))
            found.append(Step("chain rule", sentence, self.left, self.links[0].node))
        found += [consumer.step() for consumer in self.consumers]
        result = self.print(self.adjoint.steps[1].after)
        if not loss_only and self.links[0].node != result:
            found.append(Step("substitution", inlines("the local derivatives put in"), self.links[0].node, result))
        for step in self.adjoint.steps[2:]:
            found.append(Step(step.rule, self._reason(step), self.print(step.before), self.print(step.after)))
        return tuple(found)


def _consumers(context: Context, tensor: Tensor) -> list[Equation]:
    """The equations that use a value; an application of an operator counts once, by its result."""
    found: dict[Tensor, Equation] = {}
    for equation in context.network.consumers(tensor):
        use = equation.use
        shown = context.results[use.group] if use is not None and use.group in context.results else equation
        found.setdefault(shown.tensor, shown)
    return list(found.values())
