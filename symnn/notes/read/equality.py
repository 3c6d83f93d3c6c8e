"""Whether two ways in which a document states the same thing are equal.

The normal form decides. Where it does not show equality, other definitions are put in, and then random numbers in ball
arithmetic tell whether the two really differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from symnn.formula.normal import Normalizer, TooLarge
from symnn.formula.substitute import inline, substitute_indices
from symnn.notes.read.passages import Spot
from symnn.notes.read.terms import Letter, Term
from symnn.notes.read.witness import differ

if TYPE_CHECKING:
    from symnn.notes.read.definitions import Defined, Reading

MAX_ROUNDS = 40


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
    for comparison in comparisons:
        left, right = _formulas(reading, comparison)
        if equal(left, right) or not differ(*_unfolded(reading, left, right)):
            continue
        name = comparison.defined.variable.name
        if comparison.repeated:
            raise comparison.other_spot.error(
                f"{name} is defined twice, and not equally",
                hint="give one of them another name",
                related=[(f"{name} is first defined here", comparison.spot)],
            )
        raise comparison.other_spot.error(
            f"this does not equal the first right side of {name}",
            related=[("the first right side", comparison.spot)],
        )


def _formulas(reading: Reading, comparison: Comparison) -> tuple[Any, Any]:
    """Both bodies at the same indices."""
    solver = reading.model.solver
    one, other = comparison.term.build().array, comparison.other.build().array
    first = (*(letter.index(solver) for letter in comparison.letters), *one.indices)
    second = (*(letter.index(solver) for letter in comparison.other_letters), *other.indices)
    return one.body, substitute_indices(other.body, dict(zip(second, first, strict=True)))


def equal(left: Any, right: Any) -> bool:
    """Whether two formulas have the same normal form; False where that is not shown."""
    from symnn.formula.application import unfold_applications

    try:
        return Normalizer().equal(unfold_applications(left), unfold_applications(right))
    except (TooLarge, ValueError):
        return False


def _unfolded(reading: Reading, left: Any, right: Any) -> tuple[Any, Any]:
    """Both formulas with the definitions that they mention put in, as far as that ends."""
    from symnn.formula.application import unfold_applications
    from symnn.formula.nodes import tensors

    definitions = {e.tensor: e for e in reading.equations()}
    left, right = unfold_applications(left), unfold_applications(right)
    for _ in range(MAX_ROUNDS):
        found = sorted((tensors(left) | tensors(right)) & definitions.keys(), key=lambda t: t.name)
        if not found:
            break
        for tensor in found:
            equation = definitions[tensor]
            body = unfold_applications(equation.formula)
            left = inline(left, tensor, equation.indices, body)
            right = inline(right, tensor, equation.indices, body)
    return left, right
