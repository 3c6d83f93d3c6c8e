"""The base of the node kinds: what SymPy's arithmetic knows about them, and their free symbols."""

from __future__ import annotations

from typing import Any

from sympy import Expr, S
from sympy.core.assumptions import StdFactKB


class RealNode(Expr):
    """Base of the node kinds: commutative and real, so that SymPy's arithmetic treats them as numbers.

    Nothing else is known about the value of a node, whatever its arguments are. SymPy would find that out again for
    each new node, by some fifty questions; here all nodes of a kind share the answers.
    """

    is_commutative = True
    is_real = True
    is_number = False

    _answers: StdFactKB
    _free: frozenset[Any] | None = None

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls._answers = cls.default_assumptions.copy()

    def __new__(cls, *args: Any) -> Any:
        node = Expr.__new__(cls, *args)
        node._assumptions = cls._answers
        return node

    @property
    def free_symbols(self) -> set[Any]:
        """The symbols and indices of the node that it does not bind; a node looks for them once."""
        if self._free is None:
            self._free = frozenset(self._free_symbols())
        return set(self._free)

    def _free_symbols(self) -> set[Any]:
        return set().union(*(argument.free_symbols for argument in self.args))

    def _eval_derivative(self, symbol: Any) -> Any:
        # SymPy differentiates by a dimension when it looks for the sign of a sum. It must not learn anything that way,
        # and what it makes of the answer is refused by every operation. Formulas have `differentiate`.
        return S.NaN

    def _eval_is_polynomial(self, symbols: Any) -> bool:
        return False
