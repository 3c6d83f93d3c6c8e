"""What every part of the printer needs: names, letters, and which indices are axes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Self

from sympy import Add

from symnn.formula.application import Application, Array
from symnn.formula.index import Index
from symnn.formula.nodes import Entry, entries
from symnn.notation.tree import Name, Node
from symnn.write.notate.arrange import Factor, factor_key, is_adjoint
from symnn.write.notate.letters import LETTERS, NotateError, letters_for, taken_letters
from symnn.write.notate.names import Names


class PrinterBase(ABC):
    """Prints the parts of one formula. `labels` None: every index is a label."""

    def __init__(self, names: Names, formula: Any, labels: frozenset[Index] | None, free: Sequence[Index] = ()) -> None:
        self.names = names
        self.labels = labels
        self.depth = 0
        self.is_place = False
        self.formula = formula
        self.free = tuple(free)
        self.avoided = taken_letters(names, formula)
        self.letters = letters_for(names, formula, free)

    def is_axis(self, index: Index) -> bool:
        return self.labels is not None and index not in self.labels

    def is_carried(self, entry: Entry) -> bool:
        """Whether an entry is that of an adjoint at another step of a recurrence."""
        count = self.names.families.count(entry.tensor.name)
        return is_adjoint(entry) and any(isinstance(place, Add) for place in entry.indices[:count])

    def axes_in(self, formula: Any) -> tuple[Index, ...]:
        """The free axes of a formula, those that come first in its entries first."""
        found = {i for i in formula.free_symbols if isinstance(i, Index) and self.is_axis(i)}
        if len(found) < 2:
            return tuple(found)
        places: dict[Index, list[int]] = {index: [] for index in found}
        for entry in entries(formula):
            axes = [i for i in entry.indices if i in found]
            if len(axes) == 2:
                places[axes[0]].append(0)
                places[axes[1]].append(1)

        def key(index: Index) -> tuple[Any, ...]:
            spots = places[index]
            return (sum(spots) / len(spots) if spots else 0.5, index.sort_name)

        return tuple(sorted(found, key=key))

    def entry_wise(self) -> Self:
        """The same printer in index notation."""
        other = type(self).__new__(type(self))
        other.names, other.labels, other.depth = self.names, None, self.depth
        other.formula, other.letters, other.avoided = self.formula, self.letters, self.avoided
        other.free, other.is_place = self.free, self.is_place
        return other

    def key(self, factor: Factor) -> tuple[Any, ...]:
        """Where a factor stands in a product; of two entries, the one with the earlier free index comes first."""
        rank, words = factor_key(factor, self.names.parameters)
        if isinstance(factor.base, Entry):
            # Where there are many values, as in a recurrent cell, the order of their definitions reads best.
            words = (self.names.families.place(factor.base.tensor.name), *words)
        elif isinstance(factor.base, Add) and any(map(self.is_carried, entries(factor.base))):
            rank = 1.3  # what comes back from the next step leads, as an adjoint does
        places = [self.free.index(i) for i in factor.formula.free_symbols if i in self.free]
        return (rank, min(places, default=len(self.free)), words)

    def index(self, index: Index) -> Node:
        if index not in self.letters:
            taken = {*self.letters.values(), *self.avoided}
            wanted = self.names.index_letter(index)
            free = next((letter for letter in LETTERS if letter not in taken), None)
            if wanted in taken and free is None:
                raise NotateError("there are more indices than letters")
            self.letters[index] = wanted if wanted not in taken else str(free)
        return Name(self.letters[index])

    @abstractmethod
    def part(self, formula: Any, axes: tuple[Index, ...]) -> Node:
        """The array over these axes as an argument or operand."""

    @abstractmethod
    def scalar(self, formula: Any) -> Node:
        """A value without axes."""

    @abstractmethod
    def application(self, application: Application, as_array: bool) -> Node:
        """An operator applied to arrays."""

    @abstractmethod
    def whole_array(self, array: Array) -> Node:
        """An array that is the argument of an operator."""
