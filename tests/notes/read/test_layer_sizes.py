"""Sizes that notes give for every layer."""

from __future__ import annotations

import pytest
from layered import LAYERS, NOTE, SIZES, SQUARES, network_of_text

from symnn.errors import NoteError
from symnn.formula.index import LayerSize, dimension
from symnn.network.widths import LAYER


def respelled(*pairs: tuple[str, str]) -> str:
    text = NOTE
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text


BRACKETS = respelled(
    (r"^{(\ell)}", "^{[l]}"), (r"^{(\ell-1)}", "^{[l-1]}"), ("^{(L)}", "^{[L]}"), ("^{(0)}", "^{[0]}"),
    (r"n_{\ell-1}", "n^{[l-1]}"), (r"n_\ell", "n^{[l]}"), ("{n_0}", "{n^{[0]}}"), ("{n_L}", "{n^{[L]}}"), (r"\ell", "l"),
)  # fmt: skip
LETTER = respelled((r"n_{\ell-1}", r"d_{l-1}"), (r"n_\ell", "d_l"), ("n_0", "d_0"), ("n_L", "d_L"), (r"\ell", "l"))
ENDS = respelled((r"\mathbb{R}^{n_0}", r"\mathbb{R}^d"), (r"\mathbb{R}^{n_L}", r"\mathbb{R}^K"))
INDICES = (
    SIZES
    + r"""
$$ a_i^{(0)} = x_i $$

$$ z_i^{(\ell)} = \sum_{j=1}^{n_{\ell-1}} W_{ij}^{(\ell)} a_j^{(\ell-1)} + b_i^{(\ell)} $$

$$ a_i^{(\ell)} = \tanh(z_i^{(\ell)}) $$

$$ C = \frac{1}{2} \sum_{i=1}^{n_L} (a_i^{(L)} - y_i)^2 $$
"""
)


@pytest.mark.parametrize(("text", "name"), [(BRACKETS, "n"), (LETTER, "d"), (ENDS, "n"), (INDICES, "n")])
def test_spellings(text: str, name: str) -> None:
    widths = network_of_text(text).widths
    assert widths.axes["W"] == (dimension("L"), LayerSize(name, LAYER + 1), LayerSize(name, LAYER))
    assert widths.axes["x"] == (LayerSize(name, 0),)
    assert widths.axes["y"] == (LayerSize(name, dimension("L")),)


def test_the_number_of_entries_of_a_layer_is_a_number() -> None:
    loss = SQUARES.replace(r"\frac{1}{2}", r"\frac{1}{n_L}")
    network = network_of_text(SIZES + LAYERS + loss)
    assert network.equations[-1].formula.has(LayerSize("n", dimension("L")))


@pytest.mark.parametrize(
    "text",
    [
        NOTE.replace(r"{n_\ell \times n_{\ell-1}}", r"{n_{\ell-1} \times n_\ell}"),
        NOTE.replace(r"y \in \mathbb{R}^{n_L}", r"y \in \mathbb{R}^{n_0}"),
        INDICES.replace(r"\sum_{j=1}^{n_{\ell-1}}", r"\sum_{j=1}^{n_\ell}"),
        SIZES + LAYERS + SQUARES.replace("a^{(L)} - y", r"a^{(L)} - y - x"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(text: str) -> None:
    with pytest.raises(NoteError, match=r"do not fit|would have to be"):
        network_of_text(text)


def test_one_size_for_all_layers_stays_one() -> None:
    text = NOTE.replace(r"n_{\ell-1}", "n").replace(r"n_\ell", "n").replace("n_0", "n").replace("n_L", "n")
    assert network_of_text(text).widths is None
