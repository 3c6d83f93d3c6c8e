"""Composing documents: what a derivation, an operator or a network has to say, in which order.

`document_of` gives the document of a derivation, `document_of_operator` that of a declared operator,
`document_of_recipe` that of an optimiser or an initialisation; the renderers of `symnn.write` print them.
"""

from symnn.write.compose.documents import document_of, document_of_operator
from symnn.write.compose.recipe import document_of_recipe

__all__ = ["document_of", "document_of_operator", "document_of_recipe"]
