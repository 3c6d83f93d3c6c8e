"""Claims about recurrences: judged by writing the recurrence out."""

from __future__ import annotations

import pytest
from verdicts import RIGHT, last_claim, verdict

ANY = (
    r"s_t = f(u_t, s_{t-1}, a)",
    r"v_t = g(s_t, c)",
    r"E = \sum_{t=1}^{T} l(v_t, d_t)",
)
LINEAR = (
    r"x_t \in \mathbb{R}^d, \quad h_t \in \mathbb{R}^m, \quad U \in \mathbb{R}^{m \times m}, \quad W \in \mathbb{R}^{m \times d}",
    r"h_t = W x_t + U h_{t-1}",
    r"L = \frac12 \sum_{t=1}^{T} \| h_t - y_t \|^2",
)
LAYERS = (
    r"a^{(l)} = f(w^{(l)} a^{(l-1)} + b^{(l)})",
    r"z^{(l)} = w^{(l)} a^{(l-1)} + b^{(l)}",
)

TRUE = [
    (ANY, r"\frac{\partial s_t}{\partial a} = \frac{\partial f(u_t, s_{t-1}, a)}{\partial a} + \frac{\partial f(u_t, s_{t-1}, a)}{\partial s_{t-1}} \frac{\partial s_{t-1}}{\partial a}"),
    (ANY, r"\frac{\partial E}{\partial a} = \sum_{t=1}^{T} \frac{\partial l(v_t, d_t)}{\partial v_t} \frac{\partial v_t}{\partial s_t} \frac{\partial s_t}{\partial a}"),
    (ANY, r"\frac{\partial s_t}{\partial a} = \sum_{k=1}^{t} \left( \prod_{j=k+1}^{t} \frac{\partial s_j}{\partial s_{j-1}} \right) \frac{\partial f(u_k, s_{k-1}, a)}{\partial a}"),
    (ANY, r"\frac{\partial s_t}{\partial s_k} = \prod_{j=k+1}^{t} \frac{\partial s_j}{\partial s_{j-1}}"),
    (ANY, r"\frac{\partial E}{\partial s_t} = \frac{\partial E}{\partial s_{t+1}} \frac{\partial s_{t+1}}{\partial s_t} + \frac{\partial E}{\partial v_t} \frac{\partial v_t}{\partial s_t}"),
    (ANY, r"\frac{\partial E}{\partial s_T} = \frac{\partial E}{\partial v_T} \frac{\partial v_T}{\partial s_T}"),
    (LINEAR, r"\frac{\partial L}{\partial h_t} = h_t - y_t + U^\top \frac{\partial L}{\partial h_{t+1}}"),
    (LINEAR, r"\frac{\partial L}{\partial U} = \sum_{t=1}^{T} \frac{\partial L}{\partial h_t} h_{t-1}^\top"),
    (LINEAR, r"\frac{\partial L}{\partial h_t} = \sum_{k=t}^{T} (U^\top)^{k-t} (h_k - y_k)"),
    (LAYERS, r"\frac{\partial a^{(l)}}{\partial w^{(l)}} = f'(z^{(l)}) a^{(l-1)}"),
]  # fmt: skip

FALSE = [
    # a dropped path: what the state before contributes is missing
    (ANY, r"\frac{\partial s_t}{\partial a} = \frac{\partial f(u_t, s_{t-1}, a)}{\partial a}"),
    # a factor of the chain is missing
    (ANY, r"\frac{\partial E}{\partial a} = \sum_{t=1}^{T} \frac{\partial l(v_t, d_t)}{\partial v_t} \frac{\partial s_t}{\partial a}"),
    # the product begins one place too early
    (ANY, r"\frac{\partial s_t}{\partial a} = \sum_{k=1}^{t} \left( \prod_{j=k}^{t} \frac{\partial s_j}{\partial s_{j-1}} \right) \frac{\partial f(u_k, s_{k-1}, a)}{\partial a}"),
    # the sum ends one place too early
    (ANY, r"\frac{\partial s_t}{\partial a} = \sum_{k=1}^{t-1} \left( \prod_{j=k+1}^{t} \frac{\partial s_j}{\partial s_{j-1}} \right) \frac{\partial f(u_k, s_{k-1}, a)}{\partial a}"),
    # the wrong place
    (ANY, r"\frac{\partial E}{\partial s_t} = \frac{\partial E}{\partial s_{t+1}} \frac{\partial s_{t+1}}{\partial s_t}"),
    (LINEAR, r"\frac{\partial L}{\partial h_t} = h_t - y_t + U^\top \frac{\partial L}{\partial h_{t-1}}"),
    (LINEAR, r"\frac{\partial L}{\partial h_t} = h_t - y_t + U \frac{\partial L}{\partial h_{t+1}}"),
    (LINEAR, r"\frac{\partial L}{\partial U} = \sum_{t=1}^{T} \frac{\partial L}{\partial h_t} h_t^\top"),
    (LINEAR, r"\frac{\partial L}{\partial h_t} = \sum_{k=t}^{T} (U^\top)^{k} (h_k - y_k)"),
]  # fmt: skip


@pytest.mark.parametrize(("definitions", "claim"), TRUE)
def test_true(definitions, claim):
    found = last_claim(*definitions, claim)
    assert found.verdict in RIGHT, found.reason


@pytest.mark.parametrize(("definitions", "claim"), FALSE)
def test_false(definitions, claim):
    found = last_claim(*definitions, claim)
    assert found.verdict == "refuted", found.reason


def test_closed_form_needs_its_start():
    recurrence = r"a_t = b_t + c_t a_{t-1}"
    closed = r"a_t = b_t + \sum_{i=1}^{t-1} \left( \prod_{j=i+1}^{t} c_j \right) b_i"
    assert verdict(r"a_0 = 0", recurrence, closed) == "agrees"
    assert verdict(recurrence, closed) == "definition"  # without a start it is another sequence, and no claim


def test_what_is_transposed_is_no_number():
    # without shapes both claims could be read for numbers, where a missing transpose would not show
    wrong = r"\frac{\partial L}{\partial a^{(l)}} = w^{(l+1)} \frac{\partial L}{\partial z^{(l+1)}}"
    loss = r"L = \frac12 \sum_{l=1}^{N} \| a^{(l)} \|^2"
    turned = r"\frac{\partial L}{\partial b} = (w^{(1)})^\top c"
    assert verdict(*LAYERS, loss, turned, wrong) not in RIGHT


def test_a_path_through_what_is_not_understood_is_not_dropped():
    gates = (
        r"f_t = \sigma(W_f [h_{t-1}, x_t] + b_f)",
        r"i_t = \sigma(W_i [h_{t-1}, x_t] + b_i)",
        r"c_t = f_t \odot c_{t-1} + i_t",
        r"h_t = \tanh(c_t)",
    )
    other = r"z = W x + b"  # with this W the letters below W above are indices, and the gates are not understood
    assert verdict(*gates, other, r"\frac{\partial c_t}{\partial c_{t-1}} = f_t") not in ("proved", "refuted")


def test_labels_do_not_run():
    # h and o name layers here and are no places
    assert verdict(*ANY, r"\frac{\partial W^o}{\partial A^h} = w^{ho}") == "undecided"
