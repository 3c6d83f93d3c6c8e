"""Conventions of real notes: batches by rows and by columns, samples by index, gates, recurrences, counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from symnn.network.equations import Network
from symnn.notes.read import ReadingError


@dataclass(frozen=True)
class Note:
    """A note, the equations of its network, and the shapes of its leaves."""

    text: str
    equations: tuple[str, ...]
    leaves: str


NOTES = {
    "samples in rows": Note(
        "$$ z = X w + b $$\n$$ L = \\frac{1}{N} \\sum_{i=1}^{N} (z_i - y_i)^2 $$",
        ("z[i] = b + total(k, w[k]*X[i, k])", "L = total(i, (-y[i] + z[i])**2)/N"),
        "X: N n, y: N, w: n, b:",
    ),
    "samples in rows, bias for each column": Note(
        "$X \\in \\mathbb{R}^{N \\times d}$\n\n$$ Z = X W + b $$\n$$ L = \\|Z - Y\\|^2 $$",
        ("Z[i, j] = b[j] + total(k, W[k, j]*X[i, k])", "L = total(i, total(j, (-Y[i, j] + Z[i, j])**2))"),
        "X: N d, Y: N n, W: d n, b: n",
    ),
    "samples in columns": Note(
        "$$ Z = W X + b $$\n$$ L = \\frac{1}{2m} \\|Z - Y\\|^2 $$",
        ("Z[i, j] = b[i, 0] + total(k, W[i, k]*X[k, j])", "L = total(i, total(j, (-Y[i, j] + Z[i, j])**2))/(2*m)"),
        "X: k p, Y: n p, W: n k, b: n 1",
    ),
    "a column that is added to every column": Note(
        "$X \\in \\mathbb{R}^{d \\times m}$, $b^{[1]} \\in \\mathbb{R}^{h \\times 1}$\n\n"
        "$$ Z^{[1]} = W^{[1]} X + b^{[1]} $$\n$$ L = \\|\\tanh(Z^{[1]}) - Y\\|^2 $$",
        (
            "Z_1[i, j] = b_1[i, 0] + total(k, W_1[i, k]*X[k, j])",
            "L = total(i, total(j, (tanh(Z_1[i, j]) - Y[i, j])**2))",
        ),
        "X: d m, Y: h m, b_1: h 1, W_1: h d",
    ),
    "row vectors": Note(
        "$x \\in \\mathbb{R}^n$\n\n$$ h = \\tanh(x W + b) $$\n$$ L = \\|h - y\\|^2 $$",
        ("a_h[i] = b[i] + total(k, x[k]*W[k, i])", "h[i] = tanh(a_h[i])", "L = total(i, (h[i] - y[i])**2)"),
        "x: n, y: m, W: n m, b: m",
    ),
    "samples by a raised index": Note(
        "$x^{(i)} \\in \\mathbb{R}^d$\n\n$$ \\hat y^{(i)} = w^\\top x^{(i)} + b $$\n"
        "$$ J = \\frac1m \\sum_{i=1}^m (\\hat y^{(i)} - y^{(i)})^2 $$",
        ("yhat[i] = b + total(k, w[k]*x[i, k])", "J = total(i, (-y[i] + yhat[i])**2)/m"),
        "x: m d, y: m, w: d, b:",
    ),
    "a margin": Note(
        "$$ L = \\frac1N \\sum_{i=1}^N \\max(0, 1 - y_i (w^\\top x_i + b)) + \\lambda \\|w\\|^2 $$",
        ("L = lambda_*total(i, w[i]**2) + total(i, max(0, -(b + total(k, w[k]*x[i, k]))*y[i] + 1))/N",),
        "x: N n, y: N, w: n, b:",
    ),
    "a factor before a dot product": Note(
        "$$ L = \\sum_i \\log \\sigma(y_i w^\\top x_i) $$",
        (
            "a_L[i] = y[i]*total(k, w[k]*x[i, k])",
            "L = total(i, log(sigmoid(a_L[i])))",
        ),
        "x: n m, y: n, w: m",
    ),
    "a term of rank one": Note(
        "$$ M = u v^\\top + W $$\n$$ L = \\|M\\|^2 $$",
        ("M[i, j] = u[i]*v[j] + W[i, j]", "L = total(i, total(j, M[i, j]**2))"),
        "u: n, v: m, W: n m",
    ),
    "similarities": Note(
        "$$ L = \\sum_{i,j} (R_{ij} - u_i^\\top v_j)^2 $$",
        ("L = total(i, total(j, (R[i, j] - total(k, u[i, k]*v[j, k]))**2))",),
        "R: n m, u: n k, v: m k",
    ),
    "batch statistics": Note(
        "$$ \\mu_i = \\frac1B \\sum_{b=1}^B x_{bi}, \\qquad \\hat x_{bi} = x_{bi} - \\mu_i $$\n"
        "$$ L = \\sum_{b,i} (\\gamma_i \\hat x_{bi} - t_{bi})^2 $$",
        (
            "mu[i] = total(b, x[b, i])/B",
            "xhat[b, i] = -mu[i] + x[b, i]",
            "L = total(b, total(i, (gamma[i]*xhat[b, i] - t[b, i])**2))",
        ),
        "x: B n, t: B n, gamma: n",
    ),
    "a convolution with stride": Note(
        "$$ y_i = \\sum_{k=0}^{K-1} w_k x_{2i+k} $$\n$$ L = \\sum_i (y_i - t_i)^2 $$",
        ("y[i] = total(k, w[k]*x[2*i + k])", "L = total(i, (-t[i] + y[i])**2)"),
        "x: K+2*n-2, t: n, w: K",
    ),
    "residual layers": Note(
        "$f: \\mathbb{R} \\to \\mathbb{R}$, $h_0 = x$\n\n$$ h_k = h_{k-1} + f(h_{k-1}), \\quad k = 1, \\dots, K $$\n"
        "$$ L = \\|h_K - y\\|^2 $$",
        (
            "h_0[i] = x[i]",
            "a[k, j] = delta(k)*h_0[j] + h[k - 1, j]*inside(k - 1, K)",
            "h[k, j] = f(a[k, j]) + delta(k)*h_0[j] + h[k - 1, j]*inside(k - 1, K)",
            "L = total(j, (-y[j] + h[K - 1, j])**2)",
        ),
        "y: n, x: n",
    ),
    "a recurrence that runs backwards": Note(
        "$g_{T+1} = 0$\n\n$$ g_t = \\gamma g_{t+1} + r_t, \\quad t = 1, \\dots, T $$\n"
        "$$ L = \\sum_{t=1}^T (g_t - v_t)^2 $$",
        ("g[t] = gamma*g[t + 1]*inside(t + 1, T) + r[t]", "L = total(t, (g[t] - v[t])**2)"),
        "gamma:, r: T, v: T",
    ),
    "claims and updates are left out": Note(
        "$$ z = w x, \\qquad L = \\frac12 (z - y)^2 $$\n$$ \\frac{\\partial L}{\\partial w} = (z - y) x $$\n"
        "$$ \\delta = z - y, \\qquad w \\leftarrow w - \\eta \\delta x, \\qquad w = w - \\eta \\delta x $$",
        ("z = w*x", "L = (-y + z)**2/2"),
        "x:, y:, w:",
    ),
    "a loss as a function of its parameters": Note(
        "$$ \\hat y = w x + b, \\qquad L(w, b) = \\ell(\\hat y, y) = (\\hat y - y)^2 $$",
        ("yhat = b + w*x", "L = (-y + yhat)**2"),
        "x:, y:, w:, b:",
    ),
    "words for names": Note(
        "$$ y_{\\text{pred}} = w x, \\qquad \\text{loss} = (y_{\\text{true}} - y_{\\text{pred}})^2 $$",
        ("y_pred = w*x", "loss = (-y_pred + y_true)**2"),
        "x:, y_true:, w:",
    ),
    "powers by an index": Note(
        "$w \\in \\mathbb{R}^3$\n\n$$ L = \\sum_{k=1}^{3} w_k x^k $$", ("L = total(k, x**(k + 1)*w[k])",), "x:, w: 3"
    ),
}


def written(tensors: object) -> list[str]:
    found = []
    for tensor in tensors:  # type: ignore[attr-defined]
        sizes = " ".join(str(size).replace(" ", "") for size in tensor.shape)
        found.append(f"{tensor.name}: {sizes}".strip())
    return found


@pytest.mark.parametrize("name", NOTES)
def test_convention(name: str, read: Callable[..., Network]) -> None:
    note = NOTES[name]
    network = read(note.text)
    shown = [str(e) for e in network.equations]
    assert shown == list(note.equations)
    assert sorted(written((*network.inputs, *network.targets, *network.parameters))) == sorted(
        leaf.strip() for leaf in note.leaves.split(",")
    )


GATES = (
    "$h_0 = 0$, $c_0 = 0$, $x_t \\in \\mathbb{R}^d$\n\n"
    "$$ f_t = \\sigma(W_f x_t + U_f h_{t-1} + b_f), \\qquad i_t = \\sigma(W_{ix} x_t + W_{ih} h_{t-1} + b_i) $$\n"
    "$$ c_t = f_t \\odot c_{t-1} + i_t \\odot \\tanh(W_{cx} x_t), \\qquad h_t = \\tanh(c_t) $$\n"
    "$$ L = \\sum_{t=1}^T \\|h_t - y_t\\|^2 $$"
)


def test_letters_of_gates_are_labels(read: Callable[..., Network]) -> None:
    network = read(GATES)
    assert {t.name for t in network.parameters} == {"W_f", "U_f", "b_f", "W_ix", "W_ih", "b_i", "W_cx"}
    assert {e.name for e in network.equations if not e.hidden} == {"f", "i", "c", "h", "L"}


@pytest.mark.parametrize(
    "formula",
    ["y_k = W_{kj} x_j", "y_i = a_i A_{ij} x_j"],
)
def test_a_sum_that_is_not_written_is_not_guessed(formula: str, read: Callable[..., Network]) -> None:
    with pytest.raises(ReadingError, match="indices that are summed over"):
        read(f"$$ {formula} $$\n\n$$ L = \\|v\\|^2 + y_k + y_i $$")


def test_zero_based_indices(read: Callable[..., Network]) -> None:
    network = read("$x \\in \\mathbb{R}^n$\n\n$$ L = w_0 + \\sum_{i=0}^{n-1} x_i + 2 x_0 $$")
    assert str(network.equations[-1].formula) == "w_0 + 2*x[0] + total(i, x[i])"


def test_one_description_gives_one_network(read: Callable[..., Network]) -> None:
    text = "$$ z = w x $$\n\n$$ L = (z - y)^2 $$"
    assert read(text) == read(text)


def test_numbers_that_differ_are_no_numbers_of_the_note(read: Callable[..., Network]) -> None:
    text = "$w = 1$, $b = 2$ and, a step later, $w = 0.5$.\n\n$$ L = (w x + b - y)^2 $$"
    assert read(text).values == {"b": 2}
    text = "$n = 3$ or $n = 4$, $x \\in \\mathbb{R}^n$\n\n$$ L = \\|x\\|^2 $$"
    assert str(read(text).tensor("x").shape) == "(n,)"


def test_a_word_below_a_name_is_a_label_though_others_have_indices(read: Callable[..., Network]) -> None:
    network = read("$$ y_{out} = w x $$\n\n$$ L = (y_{out} - 1)^2 + \\sum_i y_i^2 $$")
    assert {e.name for e in network.equations} == {"y_out", "L"}
