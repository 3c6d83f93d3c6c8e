"""What a recurrence starts from: what the note says, else data that is given."""

from collections.abc import Callable

import pytest

from symnn.network.equations import Network

STEP = r"$$ h_t = \tanh(W x_t + U h_{t-1} + b), \quad t = 1, \dots, T $$"
LOSS = r"$$ L = \frac{1}{2} \sum_{t=1}^T \|h_t - y_t\|^2 $$"


def roles(network: Network) -> tuple[list[str], list[str]]:
    """The names of the inputs and of the parameters."""
    return sorted(t.name for t in network.inputs), sorted(t.name for t in network.parameters)


@pytest.mark.parametrize(
    ("said", "inputs", "parameters"),
    [
        ("", ["h_0", "x"], ["U", "W", "b"]),
        ("$$ h_0 = 0 $$", ["x"], ["U", "W", "b"]),
        (r"$h_0 \in \mathbb{R}^n$ is learned.", ["x"], ["U", "W", "b", "h_0"]),
    ],
    ids=["not mentioned", "zero", "declared"],
)
def test_the_start(read: Callable[..., Network], said: str, inputs: list[str], parameters: list[str]) -> None:
    assert roles(read(f"{STEP}\n\n{said}\n\n{LOSS}\n")) == (inputs, parameters)


def test_the_input_of_a_deep_network_need_not_be_named(read: Callable[..., Network]) -> None:
    network = read(
        r"""
$$ a^{(\ell)} = \tanh(W^{(\ell)} a^{(\ell-1)} + b^{(\ell)}), \quad \ell = 1, \dots, L $$

$$ C = \frac{1}{2} \|a^{(L)} - y\|^2 $$
"""
    )
    (start,) = roles(network)[0]
    assert start == "a_0"
