"""A network keeps the notation of the author where it says what the network says, and documents show it."""

from __future__ import annotations

import pytest

from symnn.derive import derive
from symnn.network.batch import batched
from symnn.network.equations import Network
from symnn.notation.to_latex import to_latex
from symnn.notes.find import find
from symnn.notes.read.network import network_from_document
from symnn.write import render
from symnn.write.compose import document_of

SHAPES = r"Let $x \in \mathbb{R}^n$, $b, h \in \mathbb{R}^m$ and $W \in \mathbb{R}^{m \times n}$." + "\n\n"


def network_of_text(*definitions: str, shapes: str = SHAPES) -> Network:
    return network_from_document(find(shapes + "\n\n".join(f"$$ {d} $$" for d in definitions), name="note.md"))


def shown(network: Network) -> dict[str, str]:
    return {name: to_latex(told.right) for name, told in network.written.items()}


@pytest.mark.parametrize(
    ("definition", "right"),
    [
        ("a = b + W x", "b + W x"),
        (r"a = \frac{W x}{2} + b", r"\frac{W x}{2} + b"),
        (r"a = (b + W x) / 2", "(b + W x) / 2"),
        (r"a = \frac12 (W x + b)", r"\frac{1}{2} (W x + b)"),
        (r"a_i = b_i + \sum_{k=1}^n W_{ik} x_k", r"b_{i} + \sum_{k = 1}^{n} W_{i k} x_{k}"),
    ],
)
def test_order_fractions_and_brackets_are_those_of_the_author(definition: str, right: str) -> None:
    network = network_of_text(definition, r"L = \frac{1}{2} \lVert a - t \rVert^2")
    assert shown(network)["a"] == right
    text = render(document_of(derive(network)), "latex")
    assert f"= {right}" in text


def test_the_argument_of_a_function_keeps_its_order_too() -> None:
    network = network_of_text(r"h = \tanh(b + W x)", r"L = \lVert h \rVert^2")
    assert shown(network)["h"] == r"\tanh(b + W x)"
    (hidden,) = [e.name for e in network.equations if e.hidden]
    assert shown(network)[hidden] == "b + W x"
    text = render(document_of(derive(network)), "text")
    assert "h = tanh(b + W x)\n" in text
    assert "= tanh(a_h)" in text
    assert "from the definition h = tanh(a_h)" in text


@pytest.mark.parametrize("form", ["latex", "html", "markdown", "text", "notebook"])
def test_every_format_shows_it(form: str) -> None:
    network = network_of_text("a = b + W x", r"L = \lVert a \rVert^2")
    plain = network.with_(written={})
    first, second = (render(document_of(derive(n)), form) for n in (network, plain))
    assert first != second
    assert network._repr_latex_() != plain._repr_latex_()


def test_what_was_rewritten_or_changed_is_printed_as_before() -> None:
    rewritten = network_of_text(
        r"\log \sigma^2 = w^\top x", r"L = \sigma^2", shapes=r"$x, w \in \mathbb{R}^n$" + "\n\n"
    )
    assert not [name for name in rewritten.written if "sigma" in name and name != "L"]
    network = network_of_text("a = b + W x", r"L = \lVert a \rVert^2")
    text = render(document_of(derive(batched(network))), "text")
    assert "a = b + W x\n" not in text


def test_an_equation_that_is_another_one_is_not_shown_in_old_notation() -> None:
    network = network_of_text("a = b + W x", r"L = \lVert a \rVert^2")
    changed = tuple(e.__class__(e.tensor, e.indices, 2 * e.formula) if e.name == "a" else e for e in network.equations)
    assert "a = b + W x\n" not in render(document_of(derive(network.with_(equations=changed))), "text")
