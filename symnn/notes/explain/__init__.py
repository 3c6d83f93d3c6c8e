"""The derivation behind one verdict, as a document: what was understood, the definitions, the derivatives with every
rule, both sides in their normal form, and numbers.
"""

from __future__ import annotations

from symnn.notes.explain.document import Explanation, explain

__all__ = ["Explanation", "explain"]
