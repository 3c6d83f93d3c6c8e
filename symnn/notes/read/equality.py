"""Whether two ways in which a document states the same thing are equal.

The normal form decides. Where it does not show equality, other definitions are put in, and then random numbers in ball
arithmetic tell whether the two really differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from symnn.formula.application import unfold_applications
from symnn.formula.nodes import Tensor, subformulas, tensors
from symnn.formula.normal import Normalizer, TooLarge
from symnn.formula.substitute import inline, substitute_indices
from symnn.network.equations import Equation
from symnn.notes.read.passages import Spot
from symnn.notes.read.shapes.terms import Letter, Term
from symnn.notes.read.witness import differ

if TYPE_CHECKING:
    from symnn.notes.read.definitions import Defined, Reading

MAX_ROUNDS = 40
MAX_NODES = 4000


@dataclass(eq=False)
class Comparison:
    """Two terms that the document says are equal, each under letters of its own."""

    defined: Defined
    letters: tuple[Letter, ...]
    term: Term
    other_letters: tuple[Letter, ...]
    other: Term
    spot: Spot
    other_spot: Spot
    repeated: bool = False


def check_links(reading: Reading, comparisons: list[Comparison]) -> None:
    """Refuse a document that defines one name in two ways which are not equal."""
    definitions = {e.tensor: e for e in reading.equations()} if comparisons else {}
    for comparison in comparisons:
        left, right = _formulas(reading, comparison)
        if not _shown_different(definitions, left, right):
            continue
        name = comparison.defined.variable.name
        if comparison.repeated:
            raise comparison.other_spot.error(
                f"{name} is defined twice, and not equally",
                hint="give one of them another name",
                related=[(f"{name} is first defined here", comparison.spot)],
            )
        raise comparison.other_spot.error(
            f"this does not equal the first right side of {name}", related=[("the first right side", comparison.spot)]
        )


def _shown_different(definitions: Mapping[Tensor, Equation], left: Any, right: Any) -> bool:
    """Whether two formulas differ in value. Definitions of names that only one of them mentions are put in."""
    left, right = unfold_applications(left), unfold_applications(right)
    for _ in range(MAX_ROUNDS):
        if equal(left, right):
            return False
        one, other = tensors(left), tensors(right)
        found = sorted((one ^ other) & definitions.keys(), key=lambda t: t.name)
        if not found:
            found = sorted((one | other) & definitions.keys(), key=lambda t: t.name)
        if not found or count_nodes(left) + count_nodes(right) > MAX_NODES:
            break
        for tensor in found:
            body = unfold_applications(definitions[tensor].formula)
            left = inline(left, tensor, definitions[tensor].indices, body)
            right = inline(right, tensor, definitions[tensor].indices, body)
    return not (tensors(left) | tensors(right)) & definitions.keys() and differ(left, right)


def count_nodes(formula: Any) -> int:
    """How large a formula is."""
    return sum(1 for _ in subformulas(formula))


def _formulas(reading: Reading, comparison: Comparison) -> tuple[Any, Any]:
    """Both bodies at the same indices."""
    solver = reading.model.solver
    one, other = comparison.term.build().array, comparison.other.build().array
    first = (*(letter.index(solver) for letter in comparison.letters), *one.indices)
    second = (*(letter.index(solver) for letter in comparison.other_letters), *other.indices)
    return one.body, substitute_indices(other.body, dict(zip(second, first, strict=True)))


def equal(left: Any, right: Any) -> bool:
    """Whether two formulas have the same normal form; False where that is not shown."""
    try:
        return Normalizer().equal(left, right)
    except (TooLarge, ValueError, ArithmeticError):
        return False
