"""Opening a derivative: every primitive rule on the way, as steps that nest like the formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sympy import Expr

from symnn.derive.elementwise import through_lemmas
from symnn.formula.deltas import eliminate_deltas
from symnn.formula.differentiate import DerivativeRule, carry_out, rule_for
from symnn.formula.index import Index
from symnn.formula.nodes import Call, Entry, Partial
from symnn.formula.polish import readable_indices
from symnn.notation.errors import NotationError
from symnn.notation.latex import parse_latex
from symnn.notation.tree import Node, Relation
from symnn.write.compose.context import LemmaReference, equal
from symnn.write.document import Inlines, Step, inlines
from symnn.write.notate import Names, index_form
from symnn.write.notate.names import function_head

MAX_DEPTH: Final = 32
MAX_STEPS: Final = 150
PLAIN_RULES: Final = ("entry", "constant", "sum over an index")
"""Rules that go without saying in a list of the rules that were used."""


class Opener:
    """Turns unevaluated derivatives into steps.

    `lemmas` are cited instead of being opened again; one that is None is known without a place to cite. `count`
    bounds how many steps are made in all.
    """

    def __init__(
        self, names: Names, lemmas: Mapping[str, LemmaReference | None] | None = None, free: Sequence[Index] = ()
    ) -> None:
        self.names = names
        self.lemmas = lemmas or {}
        self.free = tuple(free)
        self.count = 0
        self._printed: dict[Any, Node] = {}

    def steps(self, formula: Any) -> tuple[Step, ...]:
        """The steps of every derivative in a formula."""
        formula = readable_indices(formula, self.free)
        return tuple(self.step(partial, 0) for partial in partials(formula))

    def step(self, partial: Partial, depth: int) -> Step:
        """One derivative by its rule, with the derivatives inside it as its own steps."""
        self.count += 1
        body, entry = partial.body, partial.entry
        rule = rule_for(body, entry)
        if isinstance(body, Call) and body.function.name in self.lemmas:
            return self.by_lemma(partial, self.lemmas[body.function.name], depth)
        inside = rule.apply(body, entry)
        result = eliminate_deltas(carry_out(inside, through_lemmas))
        return Step(
            rule.name,
            self.sentence(rule),
            self.print(partial),
            self.after(inside, result),
            self.substeps(inside, depth),
        )

    def by_lemma(self, partial: Partial, lemma: LemmaReference | None, depth: int) -> Step:
        inside = through_lemmas(partial.body, partial.entry)
        result = eliminate_deltas(carry_out(inside, through_lemmas))
        head = function_head(partial.body.function.name) if lemma is None else lemma.head
        sentence = inlines("the derivative of ", head, ", then that of its argument")
        return Step(
            "chain rule",
            sentence,
            self.print(partial),
            self.after(inside, result),
            self.substeps(inside, depth),
            None if lemma is None else lemma.link,
        )

    def substeps(self, formula: Any, depth: int) -> tuple[Step, ...]:
        if depth + 1 >= MAX_DEPTH or self.count >= MAX_STEPS:
            return ()
        return tuple(self.step(partial, depth + 1) for partial in partials(formula))

    def sentence(self, rule: DerivativeRule) -> Inlines:
        law = law_of(rule)
        return inlines(rule.says) if law is None else inlines(f"{rule.says}: ", law)

    def after(self, inside: Expr, result: Expr) -> Node:
        """What the rule gives, and what that is once everything inside is carried out."""
        shown, final = self.print(inside), self.print(result)
        return final if shown == final or not partials(inside) else equal(shown, final)

    def print(self, formula: Any) -> Node:
        if formula not in self._printed:
            self._printed[formula] = index_form(formula, self.names, self.free)
        return self._printed[formula]


def law_of(rule: DerivativeRule) -> Node | None:
    """A rule's law as a tree; None where it is a phrase rather than a formula."""
    try:
        law = parse_latex(rule.law)
    except NotationError:
        return None
    return law if isinstance(law, Relation) else None


def partials(formula: Any) -> list[Partial]:
    """The outermost unevaluated derivatives of a formula, in reading order."""
    found: list[Partial] = []
    pending = [formula]
    while pending:
        node = pending.pop()
        if isinstance(node, Partial):
            found.append(node)
        elif not isinstance(node, Entry) and node.args and node.has(Partial):
            pending.extend(reversed(node.args))
    return found


def rules_used(steps: Sequence[Step]) -> list[str]:
    """The names of the rules in some steps, in the order of first use."""
    found: dict[str, None] = {}
    pending = list(reversed(steps))
    while pending:
        step = pending.pop()
        found.setdefault(step.rule)
        pending.extend(reversed(step.substeps))
    return list(found)
