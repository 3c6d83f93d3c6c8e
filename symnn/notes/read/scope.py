"""Scopes: where a tree is read, and what every part of the reader may ask of the others."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from symnn.notation.tree import Group, Node
from symnn.notes.read.expressions.indexed import Place
from symnn.notes.read.expressions.ranges import Guard
from symnn.notes.read.names import Key, Parts
from symnn.notes.read.passages import Passage, Spot
from symnn.notes.read.shapes.model import Model
from symnn.notes.read.shapes.shapes import Solver
from symnn.notes.read.shapes.terms import Letter, Term, Variable


@dataclass(frozen=True)
class Scope:
    """Where a tree is read: its passage and section, the index letters in use, and the parameters of a function."""

    passage: Passage
    section: tuple[str, ...]
    letters: Mapping[str, Letter]
    parameters: Mapping[Key, Term]
    guards: tuple[Guard, ...] = ()

    def with_guards(self, guards: Sequence[Guard]) -> Scope:
        """The same scope where these range conditions hold, or what is read counts as zero."""
        return replace(self, guards=(*self.guards, *guards)) if guards else self

    def with_letters(self, letters: Mapping[str, Letter]) -> Scope:
        """The same scope with further letters."""
        return replace(self, letters={**self.letters, **letters})


class Base(ABC):
    """A reader of trees in one model. Its parts are classes that build on each other, one file each."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.solver: Solver = model.solver

    @abstractmethod
    def read(self, node: Node, scope: Scope) -> Term:
        """The term of a tree. Raises ReadingError where it has no certain meaning."""

    @abstractmethod
    def raised(self, term: Term, sub: Node | None, sup: Node | None, scope: Scope, spot: Spot) -> Term:
        """Scripts on something composite: indices below, a transpose or a power above."""

    @abstractmethod
    def indexed(self, term: Term, places: Sequence[Place], spot: Spot, guards: Sequence[Guard] = ()) -> Term:
        """The part of an array at index expressions, for its first axes; guarded places may lie outside of it."""

    @abstractmethod
    def named(self, key: Key, parts: Parts, node: Node, scope: Scope, spot: Spot) -> Term:
        """The term of a name."""

    @abstractmethod
    def value_of(self, variable: Variable, spot: Spot, *, use: bool = True) -> Term:
        """The term of a variable; `use` notes that the definition which is being read needs it."""

    @abstractmethod
    def norm(self, node: Group, sub: Node | None, sup: Node | None, scope: Scope, spot: Spot) -> Term:
        """A norm over all entries."""
