"""Right formulas of invented notes that read as wrong when the words around them, or the numbers in them, are passed over."""

from __future__ import annotations

import pytest

from symnn.notes.find import find
from symnn.notes.judge.claims import Claim
from symnn.notes.judge.judge import judge_document

SOFTMAX = r"""
$$ p_j = \frac{e^{u_j}}{\sum_k e^{u_k}} $$
"""


def claims_of(note: str) -> tuple[Claim, ...]:
    return judge_document(find(note, name="note.md")).claims


def verdicts(note: str, part: str) -> list[str]:
    return [claim.verdict for claim in claims_of(note) if part in claim.source]


def test_a_case_of_the_indices_beside_a_formula() -> None:
    note = (
        SOFTMAX
        + r"""
$$ \frac{\partial p_j}{\partial u_i} = p_i (1 - p_i), \quad i = j $$

$$ \frac{\partial p_j}{\partial u_i} = - p_i p_j, \quad i \neq j $$
"""
    )
    assert verdicts(note, r"\partial u_i") == ["proved", "proved"]


def test_a_case_of_the_indices_before_a_formula() -> None:
    note = (
        SOFTMAX
        + r"""
If $i \neq j$:

$$ \frac{\partial p_j}{\partial u_i} = - p_i p_j $$
"""
    )
    assert verdicts(note, r"\partial u_i") == ["proved"]


def test_the_wrong_case_of_the_indices_is_not_proved() -> None:
    note = (
        SOFTMAX
        + r"""
$$ \frac{\partial p_j}{\partial u_i} = p_i (1 - p_i), \quad i \neq j $$

$$ \frac{\partial p_j}{\partial u_i} = p_i p_j, \quad i \neq j $$
"""
    )
    assert not {"proved", "agrees"} & set(verdicts(note, r"\partial u_i"))


def test_a_sum_that_leaves_an_index_out() -> None:
    note = (
        SOFTMAX
        + r"""
$$ \sum_{k \neq i} p_k = 1 - p_i $$

$$ \sum_{k \neq i} p_k = 1 + p_i $$
"""
    )
    assert verdicts(note, r"\neq") == ["proved", "refuted"]


def test_cases_for_some_values_of_a_name() -> None:
    note = r"""
$$ t s = \begin{cases} s, & t = 1 \\ 0, & t = 0 \end{cases} $$

$$ t s = \begin{cases} s, & t = 1 \\ 2, & t = 0 \end{cases} $$
"""
    assert verdicts(note, "cases") == ["proved", "refuted"]


@pytest.mark.parametrize("value", ["0.31", "0.5", "-0.25"])
def test_numbers_put_in_for_some_names(value: str) -> None:
    note = rf"""
The model is $\hat y = v a + c$ with the loss $E = \frac12 (\hat y - y)^2$.

$$ \frac{{\partial E}}{{\partial v}} = (\hat y - y) a = {value} \cdot a $$
"""
    assert "refuted" not in [claim.verdict for claim in claims_of(note)]


def test_numbers_of_an_example_put_in() -> None:
    note = """
v = 0.5, a = 0.8, c = 0.1, y = 1.0

q = va + c = 0.5(0.8) + 0.1 = 0.5

E = (1/2)(q - y)²

∂E/∂v = (q - y) · a = (-0.5)(0.8) = -0.4
"""
    assert "refuted" not in [claim.verdict for claim in claims_of(note)]
    assert verdicts(note, "0.5(0.8) + 0.1") == ["proved", "proved"]


def test_a_name_that_gets_several_numbers_is_no_constant() -> None:
    note = r"""
The prediction is $\hat y = w x$. We begin with $w = 0$.

$$ \hat y = w x = 0 \cdot x = 0 $$

$$ w = 0 - 0.1 \cdot (-20) = 2 $$

$$ \hat y = 2 \cdot x $$
"""
    assert "refuted" not in [claim.verdict for claim in claims_of(note)]


def test_settings_on_one_line_with_only_space_between() -> None:
    note = """
v₁ = 0.1 v₂ = 0.3 c = 0.2 (weights)

x₁ = 2 x₂ = 1

s = v₁x₁ + v₂x₂ + c = 0.1(2) + 0.3(1) + 0.2 = 0.7
"""
    claims = claims_of(note)
    assert "refuted" not in [claim.verdict for claim in claims]
    assert verdicts(note, "0.1(2) + 0.3(1) + 0.2") == ["proved", "proved"]


def test_digits_that_were_carried_but_not_printed() -> None:
    note = "1 / (1 + 0.68563) = 0.59327\n\n1 / (1 + 0.68563) = 0.69327\n"
    assert [claim.verdict for claim in claims_of(note)] == ["undecided", "refuted"]


def test_a_derivative_on_the_way_that_the_definition_does_not_have_is_not_proved() -> None:
    note = r"""
The layers are $z_K = V_K h_{K-1} + c_K$ and $q_K = \sigma(z_K)$.

$$ \frac{\partial E}{\partial V_K} = \frac{\partial E}{\partial q_K} \frac{\partial q_K}{\partial z_K} \frac{\partial z_K}{\partial h_{K-1}} \frac{\partial h_{K-1}}{\partial V_K} $$
"""
    assert not {"proved", "agrees"} & set(verdicts(note, "E}"))


def test_a_loss_that_depends_on_an_input_only_through_what_is_made_of_it() -> None:
    note = r"""
$$ \frac{\partial E}{\partial u} = \frac{\partial E}{\partial p} \frac{\partial p}{\partial u} + \frac{\partial E}{\partial q} \frac{\partial q}{\partial u} $$

and with $g_p = \frac{\partial E}{\partial p}$, $g_q = \frac{\partial E}{\partial q}$, $u \in \mathbb{R}^m$.
"""
    assert "refuted" not in [claim.verdict for claim in claims_of(note)]


def test_what_no_single_slip_explains_is_not_called_wrong() -> None:
    note = r"""
A word stands for one of several things: $r = a b + c$.

$$ r = \frac{a}{1 + b} - c^2 a $$
"""
    assert "refuted" not in [claim.verdict for claim in claims_of(note)]


def test_a_closed_identity_that_is_wrong_is_wrong_without_a_slip() -> None:
    assert verdicts(r"$$ (1 + x)^2 = 7 + x^3 - \frac{1}{1 + x^2} $$", "x") == ["refuted"]


def test_a_term_that_is_missing_is_a_slip() -> None:
    note = r"""
With $q = v a$ and $E = \frac12 (q - s)^2 + \frac{\mu}{2} v^2$:

$$ \frac{\partial E}{\partial v} = (q - s) a $$
"""
    (claim,) = [claim for claim in claims_of(note) if r"\partial v" in claim.source]
    assert (claim.verdict, claim.slip) == ("refuted", "missing term")


def test_what_follows_from_an_equation_that_is_set_to_zero() -> None:
    note = r"""
$$ G(u, \mu) = u^T M u - \mu (u^T u - 1), \qquad M = \frac1n Y^T Y $$

$$ \frac{\partial G}{\partial u} = 2 M u - 2 \mu u = 0 $$

so $M u = \mu u$ and $u^T M u = \mu u^T u$.
"""
    assert "refuted" not in [claim.verdict for claim in claims_of(note)]


def test_a_sum_of_parts_with_the_letter_of_the_whole_is_no_update() -> None:
    note = r"""
$$ E_{all} = E_a + E_b $$

$$ \frac{\partial E_{all}}{\partial E_a} = 1 $$
"""
    assert verdicts(note, "E_a + E_b") == ["definition"]


def test_a_chain_that_comes_back_from_a_wrong_link_is_wrong_once() -> None:
    note = r"""
$$ (u + v)^2 = u^2 + 2 u v + v^2 $$

$$
\begin{aligned}
(u + v)(u - v) &= u^2 - u v + v u - v^2 \\
&= u^2 - 2 u v - v^2 \\
&= u^2 - v^2
\end{aligned}
$$
"""
    assert verdicts(note, "u") == ["proved", "proved", "refuted", "undecided"]


def test_a_wrong_definition_of_a_standard_function_does_not_make_what_is_right_wrong() -> None:
    note = r"""
The sigmoid is

$$ \sigma(u) = \frac{1}{1 + e^u} $$

and its derivative is

$$ \sigma'(u) = \sigma(u) (1 - \sigma(u)) $$
"""
    assert [claim.verdict for claim in claims_of(note)] == ["refuted", "proved"]


def test_a_term_that_lacks_the_factor_of_the_others() -> None:
    note = "$$ (a + b)^2 = a^2 + a b + b^2 $$\n"
    (claim,) = claims_of(note)
    assert (claim.verdict, claim.slip) == ("refuted", "factor")
    assert "2" in claim.correct


@pytest.mark.parametrize("product", [r"g'(W x) W", r"g'(W x) \cdot W", r"g'(W x) \odot W"])
def test_the_slope_of_a_layer_beside_its_weights_is_a_diagonal_matrix(product: str) -> None:
    note = rf"""
Let $W \in \mathbb{{R}}^{{n \times n}}$ and $x \in \mathbb{{R}}^n$, and let $g$ be the logistic function.

$$ y = g(W x) $$

$$ \frac{{\partial y}}{{\partial x}} = {product} $$
""".replace("g", r"\sigma")
    assert verdicts(note, "partial")[-1] == "proved"


def test_a_slope_on_the_other_side_of_the_weights_is_neither_right_nor_wrong() -> None:
    note = r"""
Let $W \in \mathbb{R}^{n \times n}$ and $x \in \mathbb{R}^n$.

$$ y = \tanh(W x) $$

$$ \frac{\partial y}{\partial x} = W \cdot \tanh'(W x) $$
"""
    assert verdicts(note, "partial") == ["undecided"]


def test_a_slope_beside_the_weights_of_a_recurrence() -> None:
    note = r"""
$$ s_t = \sigma(A s_{t-1} + B u_t + c) $$

$$ \frac{\partial s_t}{\partial s_{t-1}} = \sigma'(A s_{t-1} + B u_t + c) \cdot A $$
"""
    assert "refuted" not in verdicts(note, "partial")


def test_a_raised_label_in_a_loss_under_its_name_is_no_power() -> None:
    note = r"""
## Mean squared error

$$ C = \frac{1}{2} (t - a^{(2)})^2 $$
"""
    assert [claim.verdict for claim in claims_of(note)] == ["proved"]


def test_powers_of_a_square_matrix() -> None:
    note = r"""
Let $A \in \mathbb{R}^{n \times n}$ and $v \in \mathbb{R}^n$.

$$ A (A v) = A^2 v $$
"""
    assert verdicts(note, "A v") == ["proved"]


def test_the_number_of_a_worked_example_in_the_place_of_a_vector() -> None:
    note = r"""
$$ z^{(2)} = V a^{(1)} + b^{(2)} $$

$$ a^{(2)} = \sigma(z^{(2)}) = \frac{1}{1 + e^{-1.2}} = 0.7685 $$

$$ \frac{\partial C}{\partial V} = \delta^{(2)} \cdot (a^{(1)})^T $$
"""
    assert "refuted" not in [claim.verdict for claim in claims_of(note)]


def test_sums_tell_the_length_of_an_axis_where_nothing_else_does() -> None:
    note = r"""
$$ y_i = \gamma x_i + \beta $$

$$ \frac{\partial L}{\partial \gamma} = \sum_{i=1}^{m} \frac{\partial L}{\partial y_i} x_i $$

$$ \frac{\partial L}{\partial \beta} = \sum_{i=1}^{m} \frac{\partial L}{\partial y_i} x_i $$
"""
    assert verdicts(note, r"\sum") == ["proved", "refuted"]


def test_what_a_mean_depends_on_is_not_known_where_it_is_only_named() -> None:
    note = r"""
$$ u_i = \frac{x_i - \mu}{s} $$

$$ \frac{\partial u_i}{\partial x_i} = \frac{1}{s} (1 - \frac{1}{m}) $$
"""
    assert verdicts(note, "partial") == ["undecided"]
    defined = r"$$ \mu = \frac{1}{m} \sum_{i=1}^m x_i $$" + "\n" + note
    assert verdicts(defined, "partial u") == ["proved"]


def test_the_definition_with_an_index_is_that_of_the_entries() -> None:
    note = r"""
$$ y_i = \gamma x_i + \beta $$

When the model is used it is

$$ y = \gamma x + \beta $$

# Gradients

$$ \frac{\partial L}{\partial \gamma} = \sum_{i=1}^{m} \frac{\partial L}{\partial y_i} x_i $$
"""
    assert verdicts(note, r"\sum") == ["proved"]


def test_a_remark_between_two_displays_is_not_what_the_second_goes_on_with() -> None:
    note = r"""
$$ g(x) = \frac{x}{1 + x} $$

With the numerator $x = (1 + x) - 1$:

$$ = 1 - \frac{1}{1 + x} $$
"""
    assert "refuted" not in [claim.verdict for claim in claims_of(note)]
    assert verdicts(note, "1 - ") == ["proved"]


SECTIONS = r"""
# Recurrent networks

The state is $h_t = \tanh(W_{hh} h_{t-1} + W_{xh} x_t + b_h)$, the output $y_t = W_{hy} h_t + b_y$, and the error
$E = \sum_{t=1}^T E_t$ with $E_t = \frac{1}{2} \|y_t - d_t\|^2$.

$$ \frac{\partial E}{\partial W_{hy}} = \sum_{t=1}^T (y_t - d_t) h_t^\top $$

## With gates

$$ z_t = \sigma(W_z x_t + U_z h_{t-1}) $$
$$ h_t = (1 - z_t) \odot h_{t-1} + z_t \odot \tanh(W x_t + U h_{t-1}) $$
"""


def test_a_recurrence_under_another_heading_is_another_one() -> None:
    assert [claim.verdict for claim in claims_of(SECTIONS) if claim.line == 7] == ["agrees"]


def test_numbers_under_another_heading_tell_no_shape() -> None:
    note = r"""
# Derivation

With $z = W x + b$ and $L = \frac{1}{2} \|z - t\|^2$:

$$ \frac{\partial L}{\partial W} = (z - t) x^\top $$

# A neuron

For $x = 2$, $w = 3$: $w x = 6$.
"""
    assert [claim.verdict for claim in claims_of(note) if claim.line == 6] == ["proved"]


def test_a_loss_that_came_out_as_an_array_was_misread() -> None:
    note = r"""
The binary cross-entropy is $L = -[y \log p + (1 - y) \log(1 - p)]$.

Batch normalisation: $u_i = \frac{x_i - m}{s}$, $y_i = \gamma u_i + \beta$.

$$ \frac{\partial L}{\partial \gamma} = \sum_i \frac{\partial L}{\partial y_i} u_i $$
"""
    assert "refuted" not in [claim.verdict for claim in claims_of(note)]


LAST_LAYER = r"""
$$ z^{(L)} = w^{(L)} a^{(L-1)} + b^{(L)}, \qquad a^{(L)} = \sigma(z^{(L)}), \qquad E = (a^{(L)} - t)^2 $$

$$ \frac{\partial E}{\partial w^{(L)}} = 2 (a^{(L)} - t) \sigma'(z^{(L)}) a^{(L-1)} $$

$$ \frac{\partial E}{\partial a^{(L-1)}} = 2 (a^{(L)} - t) \sigma'(z^{(L)}) a^{(L-1)} $$
"""


def test_the_last_layer_alone() -> None:
    assert verdicts(LAST_LAYER, "partial") == ["proved", "refuted"]


def test_a_number_in_bold_is_a_result() -> None:
    note = r"So $w_1 = 1 - 0.1 (0.5) = \mathbf{0.95}$ and $w_2 = 7 \cdot 6 = \mathbf{41}$." + "\n"
    assert [claim.verdict for claim in claims_of(note) if claim.verdict != "definition"] == ["proved", "refuted"]


def test_decimal_commas() -> None:
    note = r"So $0{,}5 \cdot 2{,}5 = 1{,}250$, then $0{,}2 \cdot 7 = 2{,}5$, and $1{,}000 + 2 = 1{,}002$." + "\n"
    assert [claim.verdict for claim in claims_of(note)] == ["proved", "refuted", "proved"]


HINGE = r"The hinge loss is $\ell = \max(0, 1 - y f)$." + "\n\n"


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"Its derivative is $\frac{\partial \ell}{\partial f} = -y$ if $y f < 1$, else $0$.", "proved"),
        (r"Its derivative is $\frac{\partial \ell}{\partial f} = -y$ if the margin is violated.", "undecided"),
        (r"Its derivative is $\frac{\partial \ell}{\partial f} = -y$.", "refuted"),
    ],
)
def test_a_condition_in_words_behind_a_claim(claim: str, verdict: str) -> None:
    assert verdicts(HINGE + claim, "partial") == [verdict]


@pytest.mark.parametrize("deviation", [r"e^{s}", r"\sqrt{\frac{1}{n} \sum_{i=1}^n (x_i - \mu)^2}", r"e^{s/2}", r"2 s"])
def test_a_standard_deviation_is_not_the_logistic_function(deviation: str) -> None:
    assert verdicts(f"$$ \\sigma = {deviation} $$\n\n$$ z = \\mu + \\sigma \\epsilon $$\n", r"\sigma =") == [
        "definition"
    ]


def test_the_logistic_function_is_compared_with_its_name() -> None:
    assert verdicts(r"$$ \sigma(z) = \frac{1}{1 + e^{z}} $$", r"\sigma") == ["refuted"]
    assert verdicts(r"$$ \sigma = \frac{1}{1 + e^{-z}} $$", r"\sigma") == ["proved"]


@pytest.mark.parametrize(
    "equation",
    [r"\text{threshold} = -b", r"\text{identity} = A A^{-1}", r"\text{inverse} = 1/x", r"\operatorname{cat} = u + v"],
)
def test_ordinary_words_on_a_left_side_are_no_operators(equation: str) -> None:
    assert verdicts(f"$$ {equation} $$\n", "=") == ["definition"]


def test_what_is_said_to_be_near_is_not_wrong_because_it_is_not_equal() -> None:
    note = r"""
$$ v = E[z^2] - E[z]^2 \approx E[z^2] $$

$$ g(z) = z + z^3 $$

$$ g(z) \approx z $$
"""
    assert "refuted" not in [claim.verdict for claim in claims_of(note)]


def test_the_cases_of_a_kronecker_delta_are_no_numbers_to_work_with() -> None:
    note = (
        SOFTMAX
        + r"""
With $\delta_{ij} = 1$ if $i = j$ and $\delta_{ij} = 0$ else:

$$ \frac{\partial p_i}{\partial u_j} = p_i (\delta_{ij} - p_j) $$

$$ \frac{\partial p_i}{\partial u_j} = p_i (\delta_{ij} + p_j) $$
"""
    )
    assert verdicts(note, r"\partial u_j") == ["proved", "refuted"]
