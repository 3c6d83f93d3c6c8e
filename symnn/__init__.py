"""symnn: the mathematics of neural networks as formulas.

An operator is one formula. Its gradient, its LaTeX, its NumPy code and its shapes follow from that formula,
and a hand derivation is judged against it. Importing this package loads neither SymPy nor NumPy.
"""

from symnn.errors import NoteError, Place, SymnnError

__version__ = "0.1.0"

__all__ = ["NoteError", "Place", "SymnnError", "__version__"]
