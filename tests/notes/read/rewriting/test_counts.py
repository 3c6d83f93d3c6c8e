"""Means without limits, and roots of variances: what a note leaves to its reader."""

from collections.abc import Callable

import pytest

from symnn.network.equations import Network

NORM = r"""
$\mu = \frac{1}{d} \sum_i x_i$, $\sigma^2 = \frac{1}{d} \sum_i (x_i - \mu)^2$, $\hat{x}_i = (x_i - \mu) / \sigma$.

$$ L = \sum_i \gamma_i \hat{x}_i t_i $$
"""


def test_a_mean_counts_its_terms_and_a_variance_says_what_its_root_is(read: Callable[..., Network]) -> None:
    network = read(NORM)
    assert [t.name for t in network.parameters] == ["gamma"]
    assert {str(t.shape) for t in network.inputs} == {"(d,)"}
    assert "sigma" in [e.name for e in network.equations]


@pytest.mark.parametrize(
    ("note", "parameters"),
    [
        # tau is no letter for a number of terms, and m means something else where x has another length.
        (r"$$ L = \frac{1}{\tau} \sum_i x_i w_i $$", ["tau", "w"]),
        ("$x \\in \\mathbb{R}^n$\n\n$$ L = \\frac{1}{m} \\sum_i x_i w_i $$", ["m", "w"]),
        ("$$ d = u^2 $$\n\n$$ L = \\frac{1}{d} \\sum_i x_i w_i $$", ["u", "w"]),
    ],
)
def test_where_a_letter_below_the_bar_is_no_count(
    read: Callable[..., Network], note: str, parameters: list[str]
) -> None:
    network = read(note)
    assert sorted(t.name for t in network.parameters) == sorted(
        name for name in parameters if name not in {str(h) for h in network.hyperparameters}
    )


def test_a_defined_standard_deviation_is_not_replaced(read: Callable[..., Network]) -> None:
    network = read("$\\sigma = u^2$, $\\sigma^2 = v$\n\n$$ L = \\sum_i x_i w_i / \\sigma $$\n")
    assert "v" not in [t.name for t in network.parameters]
