"""A perceptron of L layers of different sizes, as notes write it."""

from __future__ import annotations

from functools import cache

from symnn.network.equations import Network
from symnn.notes.find import find
from symnn.notes.read import network_from_document

SIZES = r"""
The input is $x \in \mathbb{R}^{n_0}$, the target $y \in \mathbb{R}^{n_L}$, and layer $\ell = 1, \dots, L$ has
$W^{(\ell)} \in \mathbb{R}^{n_\ell \times n_{\ell-1}}$ and $b^{(\ell)} \in \mathbb{R}^{n_\ell}$.
"""
LAYERS = r"""
$$ a^{(0)} = x $$

$$ z^{(\ell)} = W^{(\ell)} a^{(\ell-1)} + b^{(\ell)} $$

$$ a^{(\ell)} = \tanh(z^{(\ell)}) $$
"""
SQUARES = r"""
$$ C = \frac{1}{2} \|a^{(L)} - y\|^2 $$
"""
NOTE = SIZES + LAYERS + SQUARES


@cache
def network_of_text(text: str = NOTE) -> Network:
    """The network of a note that is given as text."""
    return network_from_document(find(text, name="note.md"))
