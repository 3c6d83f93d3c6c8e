"""Whole equations: the left side in the same notation as the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from symnn.formula.index import Index
from symnn.formula.nodes import Tensor
from symnn.notation.tree import Link, Node, Relation
from symnn.write.notate.chains import NoMatrixForm
from symnn.write.notate.guards import without_guards
from symnn.write.notate.labels import label_indices
from symnn.write.notate.letters import letters_of
from symnn.write.notate.names import Names
from symnn.write.notate.printer import index_form, matrix_form


@dataclass(frozen=True)
class Written:
    """``left = right`` and whether it is in matrix notation; `labels` counts the indices that it prints.

    `by_author` tells that it is in the notation of a document and not in that of the printer.
    """

    left: Node
    right: Node
    is_matrix: bool
    labels: int = 0
    by_author: bool = False

    @property
    def equation(self) -> Node:
        return Relation(self.left, (Link("=", self.right),))


def equation_form(tensor: Tensor, indices: Sequence[Index], formula: Any, names: Names) -> Written:
    """``tensor[indices] = formula`` in matrix notation, or entry by entry where there is none."""
    try:
        right = matrix_form(formula, indices, names, names.families.count(tensor.name))
    except NoMatrixForm:
        return entry_form(tensor, indices, formula, names)
    labels = labels_of(tensor, indices, formula, names)
    letters = letters_of(names, formula, indices)
    lead = tuple(letters[index] for index in indices if index in labels)
    if len(lead) == len(indices) > names.families.count(tensor.name):
        return entry_form(tensor, indices, formula, names)
    return Written(names.entry(tensor.name, lead), right, True, len(lead))


def labels_of(tensor: Tensor, indices: Sequence[Index], formula: Any, names: Names) -> frozenset[Index]:
    """The indices of an equation that its matrix notation prints."""
    families = names.families
    formula = without_guards(formula, families)
    return label_indices(formula, indices, families.count, families.count(tensor.name))


def entry_form(tensor: Tensor, indices: Sequence[Index], formula: Any, names: Names) -> Written:
    """``tensor[indices] = formula`` in index notation."""
    letters = letters_of(names, formula, indices)
    left = names.entry(tensor.name, tuple(letters[index] for index in indices if index.dimension != 1))
    return Written(left, index_form(formula, names, indices), False)


def formula_form(formula: Any, indices: Sequence[Index], names: Names) -> Node:
    """A formula in matrix notation where there is one, else entry by entry."""
    try:
        return matrix_form(formula, indices, names)
    except NoMatrixForm:
        return index_form(formula, names, indices)
