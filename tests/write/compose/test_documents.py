"""Documents of derivations and operators: what they say, and that what they say is true."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hard_networks import HARD_NETWORKS
from networks import (
    NETWORKS,
    custom_neurons,
    logistic_regression,
    softmax_regression,
    tanh_perceptron,
    two_layer_perceptron,
    two_weight_chain,
)
from readback import Point, Reader, Unreadable, sizes_for

from symnn.declare import registry
from symnn.derive import derive
from symnn.derive.derivation import Derivation
from symnn.formula.index import Index
from symnn.formula.nodes import Call
from symnn.network import arrays
from symnn.network.batch import batched
from symnn.network.build import Draft
from symnn.network.equations import Network
from symnn.network.values import with_definitions
from symnn.notation.to_latex import to_latex
from symnn.notation.to_text import to_text
from symnn.notation.traverse import walk
from symnn.notation.tree import Derivative, Name, Negative, Node
from symnn.write import render
from symnn.write.check import check_document
from symnn.write.compose import document_of, document_of_operator
from symnn.write.compose.backward import Chain
from symnn.write.compose.context import Context
from symnn.write.document import AlignedChain, Display, Document, Section, Steps, walk_blocks, walk_steps

EVERY: dict[str, Callable[[], Network]] = {**NETWORKS, **HARD_NETWORKS}

MANY = 6
"""An operator with more parameters is a gated cell, whose second derivatives take long."""


def sections(document: Document) -> dict[str | None, Section]:
    return {block.anchor: block for block in walk_blocks(document) if isinstance(block, Section)}


def chain_of(section: Section) -> AlignedChain:
    return next(block for block in section.blocks if isinstance(block, AlignedChain))


def texts(chain: AlignedChain) -> list[str]:
    return [to_text(link.node) for link in chain.links]


def reasons(chain: AlignedChain) -> list[str]:
    from symnn.write.words import plain_words

    return [plain_words(link.reason, to_text) for link in chain.links]


@pytest.mark.parametrize("name", EVERY)
def test_every_network_has_a_document(name: str) -> None:
    document = document_of(derive(EVERY[name]()))
    check_document(document)
    for format in ("text", "latex", "markdown", "html", "json"):
        assert render(document, format)


@pytest.mark.parametrize("operator", registry.all(), ids=lambda o: o.name)
def test_every_operator_has_a_document_with_second_derivatives(operator: Any, request: pytest.FixtureRequest) -> None:
    if len(operator.parameters) > MANY and not request.config.getoption("--thorough"):
        pytest.skip("second derivatives of a gated cell take long: --thorough")
    document = document_of_operator(operator, 2)
    check_document(document)
    assert render(document, "latex")


# -- what is said --


def test_the_chain_of_the_worked_example() -> None:
    found = sections(document_of(derive(two_layer_perceptron())))
    chain = chain_of(found["adjoint-a-2"])
    assert texts(chain) == ["∂L/∂ŷ · ∂ŷ/∂a₂", "∂L/∂ŷ · ŷ(1 - ŷ)", "(ŷ - y) · ŷ(1 - ŷ)"]
    assert reasons(chain) == ["chain rule", "∂ŷ/∂a₂ = ŷ(1 - ŷ), Lemma 2", "everything put in"]


def test_sigmoid_ends_in_its_own_output_and_opens_down_to_the_exponential() -> None:
    document = document_of_operator(registry.find("sigmoid"))
    chain = chain_of_document(document, "σ'(x)")
    assert texts(chain)[-1] == "σ(x)(1 - σ(x))"
    steps = next(block for block in document.blocks if isinstance(block, Steps)).steps
    rules = {step.rule for _, step in walk_steps(steps)}
    assert {"quotient", "sum", "constant", "exponential"} <= rules


def chain_of_document(document: Document, first: str) -> AlignedChain:
    return next(b for b in document.blocks if isinstance(b, AlignedChain) and to_text(b.first) == first)


def test_softmax_and_cross_entropy_with_and_without_the_fact() -> None:
    with_fact = chain_of(sections(document_of(derive(softmax_regression())))["adjoint-z"])
    assert texts(with_fact)[-2:] == ["p_i Σ_j t_j - t_i", "p_i - t_i"]
    assert reasons(with_fact)[-1] == "because Σ_i t_i = 1"
    without = chain_of(sections(document_of(derive(softmax_regression(with_fact=False))))["adjoint-z"])
    assert texts(without)[-1] == "p_i Σ_j t_j - t_i"


def test_softmax_shows_its_invariant_with_the_reason() -> None:
    text = render(document_of_operator(registry.find("softmax")), "text")
    assert "Σ_i y_i = 1, because Z = Σ_i e_i" in text
    assert "e_i = y_i Z, the definition of y solved for e" in text


def test_reuse_is_told() -> None:
    text = render(document_of(derive(two_layer_perceptron())), "text")
    assert "It is computed once and used for ∂L/∂W₁ and ∂L/∂b₁." in text


def test_what_forward_keeps_and_why() -> None:
    text = render(document_of(derive(two_layer_perceptron())), "text", width=100)
    assert "a₁    │ m      │ ∂L/∂a₁           │ its sign decides the slope" in text
    assert "the slope of σ is a function of its output" in text


def test_the_kink_is_a_convention() -> None:
    assert "at x = 0 the value 0 is taken" in render(document_of_operator(registry.find("relu")), "text")


def test_five_factors_of_the_two_weight_chain() -> None:
    chain = chain_of(sections(document_of(derive(two_weight_chain())))["adjoint-w-1"])
    assert texts(chain)[-1] == "(d - z) · z(1 - z) · w₂ · y(1 - y) · x"


def test_hessians() -> None:
    text = render(document_of(derive(logistic_regression(), order=2)), "text")
    assert "(1/N) Xᵀ diag(s ⊙ (1 - s)) X" in text
    assert "diag(p) - p pᵀ" in render(document_of(derive(softmax_regression(), order=2)), "text")


def test_every_block_of_the_hessian_of_a_perceptron() -> None:
    text = render(document_of(derive(two_layer_perceptron(), order=2)), "text", width=120)
    blocks = text.split("The blocks of the Hessian")[1]
    assert sum(line.startswith("    ∂²L/") for line in blocks.splitlines()) == 10
    assert "∂²L/∂b₂² = ŷ(1 - ŷ)(∂L/∂ŷ + ŷ - 2 ∂L/∂ŷ · ŷ - ŷ²)" in blocks
    assert "too long" not in blocks


def test_numbers_of_the_note_are_put_in() -> None:
    values = {"x1": 3, "x2": 2, "w1": 1, "w2": 2, "w3": 1, "w4": 1, "w5": 0, "y_true": 24}
    text = render(document_of(derive(custom_neurons().with_(values=values))), "text")
    for value in ("26", "312", "650", "156", "520"):
        assert value in text.split("At the numbers of the document")[1]


def test_the_document_grows_with_the_network_and_no_faster() -> None:
    short, long = (len(render(document_of(derive(tanh_perceptron(n))), "text")) for n in (4, 8))
    assert long < 2.2 * short


def test_the_same_derivation_gives_the_same_bytes() -> None:
    first, second = (render(document_of(derive(softmax_regression())), "html") for _ in range(2))
    assert first == second


def test_a_batch_says_what_its_rows_are() -> None:
    text = render(document_of(derive(batched(two_layer_perceptron()))), "text")
    assert "the rows of the data are the samples" in text


# -- and that it is true --


class Values:
    """Values, adjoints and functions of a network at random numbers, by their printed names."""

    def __init__(self, derivation: Derivation) -> None:
        network = derivation.network
        self.context = Context.of(derivation)
        names = self.context.names
        shapes = [t.shape for t in network.all_tensors]
        sizes = sizes_for(network.dimensions, shapes)
        point = Point(sizes, 3, positive=True)
        for leaf in (*network.inputs, *network.targets, *network.parameters):
            point.need(leaf.entry(*[Index(f"n{k}", d) for k, d in enumerate(leaf.shape)]))
        for fact in network.facts:
            if fact.kind == "sum":
                drawn = point.values[fact.tensor]
                whole = sum(drawn.values())
                point.values[fact.tensor] = {place: value / whole for place, value in drawn.items()}
        assignment = with_definitions(point.assignment(), (*network.equations, *derivation.adjoints))
        self.arrays: dict[Node, np.ndarray] = {}
        for tensor in (*network.all_tensors, *(a.tensor for a in derivation.adjoints)):
            values = assignment.values[tensor]
            shape = assignment.shape(tensor)
            flat = [float(values[place]) for place in np.ndindex(shape)]
            self.arrays[names.tensor(tensor)] = np.array(flat).reshape(shape)
        for symbol, size in sizes.items():
            self.arrays[names.symbol(symbol)] = np.float64(size)
        functions: dict[Node, Any] = {}
        for equation in network.equations:
            for call in equation.formula.atoms(Call):
                functions |= point.functions(names, call)
        named = (*network.all_tensors, *(a.tensor for a in derivation.adjoints))
        parts = {names.tensor(t): t.name for t in named}
        given = {t.name: self.arrays[names.tensor(t)] for t in names.families.starts.values()}
        self.reader = Reader(self.arrays, functions, parts, names.families, given)

    def at(self, node: Node, shape: tuple[int, ...], letters: dict[str, int]) -> np.ndarray:
        return np.asarray(self.reader.value(node, shape, letters))


def is_open(node: Node, values: Values) -> bool:
    """Whether a derivative in the formula is not carried out: it has no value here."""
    known = set(values.arrays)
    for part in walk(node):
        if isinstance(part, Derivative):
            (by,) = part.denominators
            numerator = part.numerator
            located = values.reader.located(by, lambda name, n=numerator: Derivative("partial", n, (name,)))
            whole = Derivative("partial", numerator, (by,)) in known
            if not (whole or located is not None) or part.operand is not None:
                return True
    return False


CHECKED = ["two-layer perceptron", "logistic regression", "softmax regression", "custom neurons", "tanh perceptron",
           "two-weight chain", "nested function", "XOR perceptron", "Elman", "attention", "convolution"]  # fmt: skip


@pytest.mark.parametrize("name", CHECKED)
def test_every_link_of_every_chain_has_the_value_of_the_adjoint(name: str) -> None:
    derivation = derive(EVERY[name]())
    values = Values(derivation)
    checked = 0
    for adjoint in derivation.adjoints:
        chain = Chain(values.context, adjoint)
        array = values.arrays[values.context.names.tensor(adjoint.tensor)]
        letters = [i.name for i in adjoint.indices if i.dimension != 1]
        for link in chain.links:
            if is_open(link.node, values):
                continue
            for place in np.ndindex(np.squeeze(array).shape):
                got = values.at(link.node, (), dict(zip(letters, place, strict=True)))
                np.testing.assert_allclose(got, np.squeeze(array)[place], 1e-9, 1e-12, err_msg=to_latex(link.node))
                checked += 1
        whole = chain.in_matrices()
        if whole is None:
            continue
        shown = [link.node for link in whole.links] if isinstance(whole, AlignedChain) else [right_of(whole)]
        label = whole.first if isinstance(whole, AlignedChain) else left_of(whole)
        if label != values.context.names.tensor(adjoint.tensor):
            continue  # a family of vectors: its links are checked entry by entry above
        padded = (*array.shape, 1) if array.ndim == 1 else array.shape
        for node in shown:
            np.testing.assert_allclose(values.at(node, padded, {}).reshape(array.shape), array, 1e-9, 1e-12)
            checked += 1
    assert checked >= len(derivation.adjoints)


def right_of(display: Any) -> Node:
    assert isinstance(display, Display)
    return display.node.links[0].right  # type: ignore[attr-defined, no-any-return]


def left_of(display: Any) -> Node:
    return display.node.first  # type: ignore[no-any-return]


def test_the_check_of_values_can_fail() -> None:
    values = Values(derive(two_layer_perceptron()))
    names = values.context.names
    assert values.at(Negative(names.named("∂yhat")), (), {}) != values.arrays[names.named("∂yhat")]
    with pytest.raises(Unreadable):
        values.at(Name("q"), (), {})


@pytest.mark.parametrize("rows", [None, "mean"])
def test_where_a_loss_on_arrays_is_defined_is_told_in_the_names_of_the_network(rows: Any) -> None:
    loss = registry.find("mean_absolute_percentage_error")
    assert loss is not None
    draft = Draft()
    draft.define("L", loss(arrays.tensor("w", "n") * arrays.tensor("x"), arrays.tensor("t", "n")))
    network = draft.network(inputs=["x"], targets=["t"])
    shown = " ".join(render(document_of(derive(network if rows is None else batched(network, rows))), "text").split())
    assert ("t_i ≠ 0 for every i." if rows is None else "t_(b i) ≠ 0 for every b and i.") in shown


def test_the_kink_of_a_formula_that_is_written_out_is_a_convention() -> None:
    loss = registry.find("mean_absolute_error")
    assert loss is not None
    draft = Draft()
    draft.define("L", loss(arrays.tensor("w", "n"), arrays.tensor("t", "n")))
    shown = " ".join(render(document_of(derive(draft.network(targets=["t"]))), "text").split())
    assert "∂L/∂w_i does not exist everywhere: at w_i = t_i the value 0 is taken, a subgradient." in shown
