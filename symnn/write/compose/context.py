"""What all sections of one document share: names, anchors, lemmas and the notation of equations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import sympy
from sympy import Expr

from symnn.declare import Operator, registry
from symnn.derive.derivation import ADJOINT, Adjoint, Derivation
from symnn.formula.facts import Fact
from symnn.formula.index import Index
from symnn.formula.nodes import Call, Tensor, Total, subformulas, tensors
from symnn.network.equations import Equation, Network
from symnn.notation.tree import (
    Derivative,
    Group,
    Name,
    Node,
    Number,
    Product,
    Relation,
    Script,
    Sequence,
)
from symnn.notation.tree import (
    Link as RelationLink,
)
from symnn.write.document import Inlines, Link, inlines
from symnn.write.notate import Names, Written, equation_form, index_form
from symnn.write.notate.build import applied, transposed
from symnn.write.notate.equations import entry_form
from symnn.write.notate.names import function_head, identifier, operator_head


@dataclass(frozen=True)
class LemmaReference:
    """A lemma of the document: an operator, its number and where it stands."""

    operator: str
    number: int
    anchor: str
    head: Node

    @property
    def link(self) -> Link:
        """A link that reads "Lemma 1"."""
        return Link(self.anchor, inlines(f"Lemma {self.number}"))


class Anchors:
    """Places of a document, each with a name of letters, digits and hyphens that no other has."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, str], str] = {}

    def of(self, kind: str, name: str) -> str:
        """The anchor of a thing; the same thing always gets the same one."""
        key = (kind, name)
        if key not in self._given:
            plain = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-") or "x"
            wanted = f"{kind}-{plain}"[:60]
            taken, number = set(self._given.values()), 1
            anchor = wanted
            while anchor in taken:
                number += 1
                anchor = f"{wanted}-{number}"
            self._given[key] = anchor
        return self._given[key]


@dataclass
class Context:
    """A derivation with everything that is decided once for its document.

    `cites` tells whether the document has a section for the lemma of each operator; without, everything is opened.
    """

    derivation: Derivation
    names: Names
    anchors: Anchors = field(default_factory=Anchors)
    cites: bool = True

    @classmethod
    def of(cls, derivation: Derivation, cites: bool = True) -> Context:
        return cls(derivation, Names.of_network(derivation.network), cites=cites)

    @property
    def network(self) -> Network:
        return self.derivation.network

    # -- equations --------------------------------------------------------------------------------------

    @cached_property
    def results(self) -> dict[int, Equation]:
        """The result of each application of an operator with intermediate values, by group."""
        inner = {e.use.group for e in self.network.equations if e.use is not None and e.use.lets}
        return {
            e.use.group: e
            for e in self.network.equations
            if e.use is not None and e.use.group in inner and not e.use.part
        }

    @cached_property
    def inner(self) -> frozenset[Tensor]:
        """Intermediate values of operators; the operator's lemma speaks of them."""
        return frozenset(e.tensor for e in self.network.equations if e.use is not None and e.use.part)

    @cached_property
    def adjoint_of(self) -> dict[Tensor, Adjoint]:
        """The adjoints by the tensors that hold them."""
        return {adjoint.tensor: adjoint for adjoint in self.derivation.adjoints}

    @cached_property
    def readers(self) -> dict[Tensor, list[Adjoint]]:
        """The adjoints in whose formula each adjoint occurs."""
        found: dict[Tensor, list[Adjoint]] = {}
        for adjoint in self.derivation.adjoints:
            for tensor in tensors(adjoint.formula):
                found.setdefault(tensor, []).append(adjoint)
        return found

    @cached_property
    def shown_equations(self) -> tuple[Equation, ...]:
        """The equations that a reader sees: without the intermediate values of operators."""
        return tuple(e for e in self.network.equations if e.tensor not in self.inner)

    def written(self, equation: Equation) -> Written:
        """An equation in matrix notation where there is one."""
        return equation_form(equation.tensor, equation.indices, equation.formula, self.names)

    def definition(self, equation: Equation) -> Written:
        """An equation as the document has it: in the notation of its author where there is one, else as `written`."""
        shown = self.written(equation)
        told = self.network.written.get(equation.name)
        if told is None or told.formula != equation.formula:
            return shown
        return Written(told.left or shown.left, told.right, shown.is_matrix, shown.labels, by_author=True)

    def named_here(self, equation: Equation) -> bool:
        """Whether an equation uses a name that the document did not give."""
        used = tensors(equation.formula)
        return any(e.hidden and e.tensor in used for e in self.shown_equations)

    def by_operator(self, equation: Equation) -> Node | None:
        """The right side as the operator that the document used: ``softmax(z)``."""
        use = equation.use
        if use is None or use.part:
            return None
        declared = registry.find(use.operator)
        if declared is None:
            return None
        count = self.names.families.count
        arguments = [
            self.names.part(tensor.name) if len(axes) >= count(tensor.name) else self.names.named(tensor.name)
            for _, tensor, axes in use.arguments
        ]
        arguments += [index_form(constant, self.names) for constant in use.constants]
        return applied(operator_head(declared), arguments)

    def adjoint_written(self, adjoint: Adjoint) -> Written:
        """The result for an adjoint, in matrix notation where there is one."""
        return equation_form(adjoint.tensor, adjoint.indices, adjoint.formula, self.names)

    def adjoint_entry(self, adjoint: Adjoint, formula: Any) -> Written:
        """A stage of an adjoint, entry by entry."""
        return entry_form(adjoint.tensor, adjoint.indices, formula, self.names)

    def adjoint_name(self, tensor: Tensor, slash: bool = False) -> Node:
        """``∂L/∂X``, as a fraction or on one line; δ where that is its name."""
        if not self.names.is_adjoint(ADJOINT + tensor.name):
            return self.names.part(ADJOINT + tensor.name)
        style: Any = "slash" if slash else "frac"
        return Derivative("partial", self.names.loss, (self.names.part(tensor.name),), style=style)

    def adjoint_link(self, tensor: Tensor) -> Link:
        """A link to where the adjoint of a tensor is derived."""
        return Link(self.anchors.of("adjoint", tensor.name), inlines(self.adjoint_name(tensor, slash=True)))

    # -- shapes and roles --------------------------------------------------------------------------------

    def shape(self, tensor: Tensor) -> Node:
        """A shape such as m × n; for a scalar the number 1. Of a family it is the shape of each part."""
        return shape_node(tensor, self.names)

    def size(self, tensor: Tensor, *, every: bool = False) -> Inlines:
        """A shape in words; of a family it is that of one part, with `every` for each of them."""
        letters = self.names.families.letters_of(tensor.name)
        parts = inlines(self.shape(tensor)) if tensor.rank > len(letters) else inlines("scalar")
        if not letters or not every:
            return parts
        return inlines(*parts, " for every ", *list_of([identifier(letter) for letter in letters]))

    def space(self, tensor: Tensor) -> Node:
        """The space of a tensor, such as ℝ^{m×n}."""
        real = Name("R", font="mathbb")
        return real if not tensor.rank else Script(real, None, self.shape(tensor))

    def role(self, tensor: Tensor) -> str:
        """What a tensor is in the network."""
        network = self.network
        if tensor == network.loss:
            return "loss"
        if tensor in network.parameters:
            return "parameter"
        if tensor in network.targets:
            return "target"
        if tensor in network.inputs:
            return "input"
        if any(tensor == update.tensor for update in network.updates):
            return "state"
        return "value"

    # -- lemmas -------------------------------------------------------------------------------------------

    @cached_property
    def lemmas(self) -> dict[str, LemmaReference]:
        """The operators whose derivatives are derived once, in the order in which the network uses them."""
        found: dict[str, None] = {}
        for equation in self.network.equations if self.cites else ():
            for function in called(equation.formula):
                found.setdefault(function)
            if equation.use is not None and equation.use.lets:
                found.setdefault(equation.use.operator)
        return {
            name: LemmaReference(name, number, self.anchors.of("lemma", name), function_head(name))
            for number, name in enumerate(found, 1)
        }

    @cached_property
    def known(self) -> Mapping[str, LemmaReference | None]:
        """The lemmas that steps rest on; None where the document has no place to cite for one."""
        if self.cites:
            return dict(self.lemmas)
        formulas = [*(e.formula for e in self.network.equations), *(a.formula for a in self.derivation.adjoints)]
        return {name: None for formula in formulas for name in called(formula)}


def called(formula: Any) -> list[str]:
    """The declared elementwise operators in a formula, in reading order."""
    found: dict[str, None] = {}
    for node in subformulas(formula):
        if isinstance(node, Call) and node.function.body is not None and registry.find(node.function.name):
            found.setdefault(node.function.name)
    return list(found)


def operator_named(name: str) -> Operator:
    """The declared operator of this name. Raises KeyError when there is none."""
    declared = registry.find(name)
    if declared is None:
        raise KeyError(name)
    return declared


def shape_node(tensor: Tensor, names: Names) -> Node:
    """A shape such as m × n; for a scalar the number 1. Of a family it is the shape of each part."""
    sizes = tuple(index_form(size, names, tuple(size.atoms(Index))) for size in names.families.sizes(tensor))
    if not sizes:
        return Number("1")
    return sizes[0] if len(sizes) == 1 else Product("times", tuple(_as_size(size) for size in sizes))


def _as_size(size: Node) -> Node:
    closed = isinstance(size, Name | Number | Script) or (isinstance(size, Group) and size.left == "⌊")
    return size if closed else Group(size)


def fact_node(fact: Fact, names: Names) -> Node:
    """A fact as a formula: the sum over an axis, the sign, the symmetry."""
    tensor = fact.tensor
    letters = [Index("ijklpqrs"[place], size) for place, size in enumerate(tensor.shape)]
    entry: Expr = tensor.entry(*letters)
    shown = index_form(entry, names, tuple(letters))
    match fact.kind:
        case "sum":
            index = letters[fact.axis]
            value = index_form(sympy.Integer(1) if fact.value is None else fact.value, names)
            return equal(index_form(Total(entry, index), names, tuple(i for i in letters if i != index)), value)
        case "positive":
            return Relation(shown, (RelationLink(">", Number("0")),))
        case "binary":
            both = Sequence((Number("0"), Number("1")), "{", "}")
            return Relation(shown, (RelationLink("in", both),))
        case "symmetric":
            name = names.tensor(tensor)
            return equal(name, transposed(name))


def equal(left: Node, *right: Node) -> Node:
    """``left = right = …``"""
    return Relation(left, tuple(RelationLink("=", node) for node in right))


def list_of(parts: list[Any], joiner: str = " and ") -> Inlines:
    """Inlines as a list in a sentence: "a, b and c"."""
    made: list[Any] = []
    for place, part in enumerate(parts):
        if place:
            made.append(joiner if place == len(parts) - 1 else ", ")
        made.extend(part if isinstance(part, tuple) else (part,))
    return inlines(*made)
