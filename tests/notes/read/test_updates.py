"""What a note keeps between steps of training is read as a state; a rule of learning is not."""

from collections.abc import Callable

import pytest

from symnn.network.equations import Network

NOTE = r"""
A batch $X \in \mathbb{R}^{N \times d}$ with targets $T \in \mathbb{R}^{N \times d}$, a gain $\gamma \in \mathbb{R}^d$.

$$ \mu_j = \frac{1}{N} \sum_{i=1}^{N} X_{ij} $$

$$ Y_{ij} = \gamma_j (X_{ij} - \mu_j) $$

$$ L = \sum_{i,j} (Y_{ij} - T_{ij})^2 $$
"""


@pytest.mark.parametrize(
    "update",
    [
        r"$$ \bar\mu \leftarrow (1 - \alpha) \bar\mu + \alpha \mu $$",
        r"$$ \bar\mu_j \leftarrow (1 - \alpha) \bar\mu_j + \alpha \mu_j $$",
        r"$$ \bar\mu = \bar\mu + \alpha (\mu - \bar\mu) $$",
    ],
)
def test_a_running_mean(read: Callable[..., Network], update: str) -> None:
    network = read(f"{NOTE}\n\n{update}\n")
    (state,) = network.updates
    assert (state.name, state.tensor.shape) == ("mubar", network.tensor("mu").shape)
    assert [str(rate) for rate in network.rates] == ["alpha"]
    assert "mubar" not in [tensor.name for tensor in network.all_tensors]


@pytest.mark.parametrize(
    "update",
    [
        r"$$ \gamma \leftarrow \gamma - \eta \frac{\partial L}{\partial \gamma} $$",
        r"$$ \gamma \leftarrow \gamma - \eta \mu $$",
        r"$$ k \leftarrow k + 1 $$",
        r"$$ v \leftarrow \beta v + g $$",
    ],
    ids=["a step along the gradient", "a parameter", "a counter", "of other values"],
)
def test_what_is_no_state(read: Callable[..., Network], update: str) -> None:
    assert read(f"{NOTE}\n\n{update}\n").updates == ()
