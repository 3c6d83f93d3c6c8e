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


def test_the_last_state_where_the_range_stands_in_prose(read: Callable[..., Network]) -> None:
    network = read(
        r"""
$$ h_t = \tanh(W x_t + U h_{t-1} + b) $$

with $x_t \in \mathbb{R}^d$, $t = 1, \dots, T$, and $h_t \in \mathbb{R}^n$. It starts from $h_0 = 0$.

$$ L = \frac{1}{2} \|h_T - y\|^2 $$
"""
    )
    assert "h[T - 1, " in str(network.equations[-1])
    assert network.first == 1


def test_operators_with_a_label_take_what_a_step_before_left(read: Callable[..., Network]) -> None:
    """One array holds the state before, however many operators take it."""
    network = read(
        r"""
$$ c_t = \operatorname{LSTM}_c(x_t, h_{t-1}, c_{t-1}, W_f, U_f, b_f, W_i, U_i, b_i, W_u, U_u, b_u) $$

$$ h_t = \operatorname{LSTM}_h(x_t, h_{t-1}, c_t, W_o, U_o, b_o), \quad h_0 = 0, \quad c_0 = 0 $$

with $x_t \in \mathbb{R}^d$ and $h_t, c_t \in \mathbb{R}^n$ for $t = 1, \dots, T$.

$$ L = \frac{1}{2} \sum_{t=1}^T \|h_t - y_t\|^2 $$
"""
    )
    names = {equation.name for equation in network.equations}
    assert {"h_prev", "c_prev"} <= names
    assert not {"h_prev_2", "c_prev_2"} & names
