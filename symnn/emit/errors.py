"""What the emitter refuses, and says so."""

from __future__ import annotations

from symnn.errors import SymnnError


class EmitError(SymnnError):
    """A network cannot be written as a NumPy module: a name is no identifier, a function has no definition, ..."""
