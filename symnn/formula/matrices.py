"""The inverse and the log-determinant of a matrix: what no entrywise formula defines.

``Inverse`` is defined by the equation it satisfies, ``A X = I``; its derivative follows from differentiating that
equation: ``A' X + A X' = 0``, so ``X' = -X A' X``. ``LogDeterminant`` (of the absolute value of the determinant) has
the primitive rule ``(log |det A|)' = tr(A^-1 A')``.

Source: J. Magnus, H. Neudecker, *Matrix Differential Calculus*, chapter 8, theorems 1 and 3.
"""

from __future__ import annotations

from typing import Any

from sympy import Expr

from symnn.formula.application import Array, ShapeError
from symnn.formula.real import RealNode


class MatrixNode(RealNode):
    """A node that takes a whole square matrix as its argument."""

    def __new__(cls, matrix: Any, *places: Any) -> Any:
        array = matrix if isinstance(matrix, Array) else Array(*matrix)
        if array.rank != 2 or array.shape[0] != array.shape[1]:
            raise ShapeError(f"{cls.__name__} needs a square matrix, not one of shape {array.shape}")
        return RealNode.__new__(cls, array, *places)

    @property
    def matrix(self) -> Array:
        return self.args[0]

    @property
    def places(self) -> tuple[Expr, ...]:
        return self.args[1:]

    def _free_symbols(self) -> set[Any]:
        return set().union(self.matrix.free_symbols, *(p.free_symbols for p in self.places))


class Inverse(MatrixNode):
    """An entry of the inverse of a matrix: ``Inverse(A, i, j)``."""

    def _sympystr(self, printer: Any) -> str:
        places = ", ".join(map(printer._print, self.places))
        return f"inverse({printer._print(self.matrix.body)})[{places}]"


class LogDeterminant(MatrixNode):
    """The logarithm of the absolute value of the determinant of a matrix."""

    def _sympystr(self, printer: Any) -> str:
        return f"log|det({printer._print(self.matrix.body)})|"
