"""Local derivatives: how one value changes with another, with the reason and every rule on the way."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Final

import sympy
from sympy import Expr

from symnn.derive.derivation import Adjoint
from symnn.derive.elementwise import through_lemmas
from symnn.derive.fold import name_definition
from symnn.formula.application import NamedFormula
from symnn.formula.deltas import eliminate_deltas
from symnn.formula.differentiate import differentiate
from symnn.formula.index import Index
from symnn.formula.nodes import Entry, Partial, Tensor, entries, tensors, total
from symnn.formula.normal import Normalizer
from symnn.formula.polish import candidates, complexity, readable_indices, simplest
from symnn.formula.substitute import substitute_indices
from symnn.network.equations import Equation
from symnn.write.compose.context import Context, called, equal, list_of
from symnn.write.compose.opening import Opener
from symnn.write.document import Inlines, Step, inlines
from symnn.write.notate import index_form

LETTERS: Final = "ijklpqrsuv"

MAX_REASON: Final = 18
"""How complex a local derivative may be to be shown as a reason beside the chain."""


class LocalDerivative:
    """``d tensor[own] / d entry``, where ``tensor[own] = formula`` in the network or in the backward pass."""

    def __init__(self, context: Context, tensor: Tensor, own: tuple[Any, ...], formula: Any, entry: Entry) -> None:
        self.context = context
        self.tensor = tensor
        self.own = own
        self.formula = formula
        self.entry = entry
        self.slope = Partial(tensor.entry(*own), entry)

    @property
    def free(self) -> tuple[Index, ...]:
        """The indices of the two values."""
        every = dict.fromkeys((*self.entry.indices, *self.own))
        return tuple(index for index in every if isinstance(index, Index))

    @cached_property
    def local(self) -> Any:
        """The local derivative at these places, in the names of the network."""
        derivative = differentiate(self.formula, self.entry, through_lemmas)
        if self.tensor not in tensors(self.formula):
            derivative = name_definition(derivative, NamedFormula(self.tensor, self.own, self.formula))
        shown = simplest(candidates(Normalizer(), eliminate_deltas(derivative)))
        return readable_indices(shown, (*self.own, *self.entry.indices))

    def reason(self) -> tuple[Any, ...]:
        """Why the local derivative is what it is: a lemma, and the derivative itself where it is short."""
        context = self.context
        links = [tuple(inlines(context.lemmas[n].link)) for n in called(self.formula) if n in context.lemmas]
        parts: list[Any] = []
        if complexity(self.local) <= MAX_REASON and self.tensor != context.network.loss:
            parts.append(
                equal(*(index_form(formula, context.names, self.free) for formula in (self.slope, self.local)))
            )
            if links:
                parts.append(", ")
        return tuple(inlines(*parts, *(list_of(links) if links else ())))

    @cached_property
    def opened(self) -> tuple[Step, ...]:
        """Every rule on the way to the local derivative."""
        opener = Opener(self.context.names, self.context.known, self.entry.indices)
        return opener.steps(Partial(self.formula, self.entry))

    def opened_step(self, sentence: Inlines, before: Any) -> Step:
        """The local derivative with every rule inside it; `before` is the derivative as it is written."""
        names, free = self.context.names, self.free
        left, right = index_form(before, names, free), index_form(self.local, names, free)
        return Step("local derivative", sentence, left, right, self.opened)


class Consumer(LocalDerivative):
    """One use of a value: the equation that reads it, and what that adds to the adjoint."""

    def __init__(self, context: Context, adjoint: Adjoint, equation: Equation) -> None:
        self.adjoint, self.equation = adjoint, equation
        self.by_operator = equation.use is not None and equation.use.group in context.results
        places = self._places()
        own = tuple(places[index] for index in equation.indices)
        formula = substitute_indices(equation.formula, dict(zip(equation.indices, own, strict=True)))
        super().__init__(context, equation.tensor, own, formula, adjoint.of.entry(*adjoint.indices))
        self.summed = tuple(i for i in own if isinstance(i, Index) and i not in adjoint.indices)
        self.is_loss = equation.tensor == context.network.loss
        self.weight: Expr = (
            sympy.S.One if self.is_loss else Tensor("∂" + equation.name, equation.tensor.shape).entry(*own)
        )
        self.chain_rule = self._total(sympy.Mul(self.weight, self.slope))
        self.unfolded = self._total(self.weight * Partial(formula, self.entry))

    def _total(self, formula: Any) -> Any:
        return total(formula, *self.summed)

    def _places(self) -> dict[Index, Any]:
        """Where each index of the equation stands: at an index of the adjoint where they must agree, else at a new
        one that is summed over.
        """
        fixed: dict[Index, Any] = {}
        agree: dict[Index, set[Any]] = {}
        used = self.equation.use
        if self.by_operator and used is not None:
            axes = next((axes for _, t, axes in used.arguments if t == self.adjoint.of), ())
            fixed |= dict(zip((self.equation.indices[axis] for axis in axes), self.adjoint.indices, strict=False))
        else:
            found = [e for e in entries(self.equation.formula) if e.tensor == self.adjoint.of]
            for index in self.equation.indices:
                agree[index] = {e.indices.index(index) if index in e.indices else None for e in found}
            for index, positions in agree.items():
                if len(positions) == 1 and None not in positions:
                    (position,) = positions
                    if self.adjoint.indices[position] not in fixed.values():
                        fixed[index] = self.adjoint.indices[position]
        taken = {i.name for i in self.adjoint.indices}
        places: dict[Index, Any] = {}
        for index in self.equation.indices:
            if index in fixed:
                places[index] = fixed[index]
                continue
            letter = index.name
            if letter in taken:
                wanted = "sr" + LETTERS if letter == "t" else LETTERS
                letter = next((c for c in wanted if c not in taken), index.name)
            taken.add(letter)
            places[index] = Index(letter, index.dimension)
        return places

    def reason(self) -> tuple[Any, ...]:
        """As of every local derivative; of an operator with intermediate values it is the lemma."""
        if self.by_operator:
            assert self.equation.use is not None
            return tuple(inlines(self.context.lemmas[self.equation.use.operator].link))
        return super().reason()

    def step(self) -> Step:
        """The local derivative, opened."""
        context = self.context
        if self.by_operator:
            assert self.equation.use is not None
            lemma = context.lemmas[self.equation.use.operator]
            sentence = inlines("the adjoint of the argument of ", lemma.head)
            return Step("lemma", sentence, cites=lemma.link)
        named = context.named_here(self.equation)
        shown = context.written(self.equation) if named else context.definition(self.equation)
        sentence = inlines("from the definition ", shown.equation)
        return self.opened_step(sentence, self.slope)
