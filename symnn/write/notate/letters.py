"""Letters for indices that no tensor and no dimension of the formula uses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import sympy

from symnn.formula.index import Index, as_formula
from symnn.formula.nodes import tensors
from symnn.formula.polish import readable_indices
from symnn.notation.tree import Derivative, Name, Node, Script
from symnn.write.notate.names import Names

LETTERS: Final = "ijklmnpqrsuvabc"


class NotateError(ValueError):
    """A formula cannot be printed: a node of an unknown kind, nested too deeply, or with too many indices."""


def letters_of(names: Names, formula: Any, indices: Sequence[Index]) -> dict[Index, Node]:
    """What the free indices are called when the formula is printed."""
    formula = readable_indices(as_formula(formula), indices)
    letters = letters_for(names, formula, indices)
    return {index: Name(letters[index]) for index in indices}


def taken_letters(names: Names, formula: Any) -> frozenset[str]:
    """The letters that tensors, dimensions and constants of a formula use."""
    used = {word for tensor in tensors(formula) for word in _words(names, tensor.name)}
    used |= {s.name for s in formula.free_symbols if isinstance(s, sympy.Symbol) and not isinstance(s, Index)}
    return frozenset(used)


def letters_for(names: Names, formula: Any, free: Iterable[Index]) -> dict[Index, str]:
    """A letter for every index that no tensor and no dimension of the formula uses."""
    used = taken_letters(names, formula)
    indices = [*free, *sorted(formula.atoms(Index) - set(free), key=lambda i: (i.sort_name, str(i.dimension)))]
    letters: dict[Index, str] = {}
    for index in indices:
        wanted = names.index_letter(index)
        taken = used | set(letters.values())
        if wanted in taken:
            free_letter = next((letter for letter in LETTERS if letter not in taken), None)
            if free_letter is None:
                raise NotateError("there are more indices than letters")
            wanted = free_letter
        letters[index] = wanted
    return letters


def _words(names: Names, name: str) -> Iterable[str]:
    node = names.named(name)
    if isinstance(node, Derivative):
        node = node.denominators[0]
    base = node.base if isinstance(node, Script) else node
    if isinstance(base, Name):
        yield base.base
