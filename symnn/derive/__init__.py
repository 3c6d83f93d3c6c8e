"""Deriving gradients: reverse sweep, lemmas, folding, steps."""

from symnn.derive.derivation import Adjoint, Derivation, Step
from symnn.derive.sweep import DeriveError, derive

__all__ = ["Adjoint", "Derivation", "DeriveError", "Step", "derive"]
