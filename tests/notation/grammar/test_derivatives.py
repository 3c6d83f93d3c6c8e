"""Derivatives and gradients: which shapes are one, and what they apply to."""

from __future__ import annotations

import pytest

from symnn.notation import NotationError, parse_latex, parse_plain
from symnn.notation.outline import outline

LATEX = [
    (r"\frac{\partial L}{\partial W_1}", "(partial-frac L [(script W 1 _)] _)"),
    (r"\frac{\partial{L}}{\partial{W_1}}", "(partial-frac L [(script W 1 _)] _)"),
    (r"\partial L/\partial W_1", "(partial-slash L [(script W 1 _)] _)"),
    (r"\frac{dy}{dx}", "(d-frac y [x] _)"),
    (r"\frac{\mathrm{d}y}{\mathrm{d}x}", "(d-frac y [x] _)"),
    (r"\frac{df(x)}{dx}", "(d-frac (mul f (group() x)) [x] _)"),
    (r"\frac{d}{dx}[c f(x)]", "(d-frac _ [x] (group[] (mul c f (group() x))))"),
    (r"\frac{d}{dx}f(g(x))", "(d-frac _ [x] (mul f (group() (mul g (group() x)))))"),
    (r"\frac{d}{dx}(c) = 0", "(rel (d-frac _ [x] (group() c)) = 0)"),
    (r"\frac{d}{dx} \text{ReLU}(x)", "(d-frac _ [x] (mul ReLU:text (group() x)))"),
    (r"\frac{d}{dx}[f] g", "(mul (d-frac _ [x] (group[] f)) g)"),
    (r"\frac{\partial^2 f}{\partial x \partial y}", "(partial-frac f [x y] _)"),
    (r"\frac{\partial^2 f}{\partial x^2}", "(partial-frac f [x x] _)"),
    (r"\frac{d^2 y}{dx^2}", "(d-frac y [x x] _)"),
    (r"\frac{\partial^2l(\theta)}{\partial{\theta_i}\partial{\theta_j}}",
     "(partial-frac (mul l (group() theta)) [(script theta i _) (script theta j _)] _)"),
    (r"\frac{\partial L}{\partial \sigma^2}", "(partial-frac L [(script sigma _ 2)] _)"),
    (r"\frac{\partial}{\partial x} \frac{\partial f}{\partial y}", "(partial-frac _ [x] (partial-frac f [y] _))"),
    (r"\frac{\delta L}{\delta w}", "(delta-frac L [w] _)"),
    (r"\frac{\delta_j}{\delta_i}", "(frac (script delta j _) (script delta i _))"),
    (r"\frac{\delta}{\delta + 1}", "(frac delta (sum +delta +1))"),
    (r"\frac{d_k}{d_v}", "(frac (script d k _) (script d v _))"),
    (r"\frac{d x + 1}{d y}", "(frac (sum +(mul d x) +1) (mul d y))"),
    (r"\frac{\partial l(o, y)}{T \cdot \partial o}", "(frac (partial-frac (mul l (list() o y)) [o] _) T)"),
    (r"{\partial L \over \partial w}", "(partial-frac L [w] _)"),
    (r"\frac{\partial L/\partial w}{2}", "(frac (partial-slash L [w] _) 2)"),
    (r"\partial_w L", "(partial-index _ [w] L)"),
    (r"dL/dW", "(d-slash L [W] _)"),
    (r"d / d_k", "(slash d (script d k _))"),
    (r"dW_1", "(mul d (script W 1 _))"),
    (r"\nabla L", "(nabla _ _ L)"),
    (r"\nabla_w L(w)", "(nabla w _ (mul L (group() w)))"),
    (r"\nabla^2 f", "(nabla _ 2 f)"),
    (r"\nabla C \circ \sigma'(z)", "(circ (nabla _ _ C) (mul (prime sigma) (group() z)))"),
    (r"\nabla_\theta{l(\theta)}", "(nabla theta _ (mul l (group() theta)))"),
    (r"\eta \nabla f(x) g", "(mul eta (nabla _ _ (mul f (group() x))) g)"),
    (r"\nabla", "(nabla _ _ _)"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), LATEX)
def test_latex(text, expected):
    assert outline(parse_latex(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        r"\partial L", r"\frac{f(z)}{\partial z}", r"\frac{\partial L}{h_t}", r"\frac{\partial L}{dx}", r"\partial",
        r"\frac{\partial^2 L}{\partial x}", r"\frac{\partial^2 L}{\partial^2 x}",
        r"\frac{\partial W x + b}{\partial x}",
        r"\frac{d}{dx} x \cdot y", r"\frac{d}{dx}(x)(y)", r"\frac{d}{dx}[x]^2", r"\frac{\partial^n f}{\partial x^n}",
        r"\frac{\partial}{\partial z} L \frac{\partial z}{\partial w}", r"\nabla_x x^\top A x", r"\nabla L x",
        r"\partial L/\partial f(x)", r"\frac{\partial^{999999} f}{\partial x^{999999}}",
    ],
)  # fmt: skip
def test_refusals(text):
    with pytest.raises(NotationError):
        parse_latex(text)


PLAIN = [
    ("∂L/∂W1", "(partial-slash L [W1] _)"),
    ("∂Error/∂y_pred × ∂y_pred/∂w5",
     "(times (partial-slash Error [(script y pred _)] _) (partial-slash (script y pred _) [w5] _))"),
    ("dy/dx = (dy/du) × (du/dx)",
     "(rel (d-slash y [x] _) = (times (group() (d-slash y [u] _)) (group() (d-slash u [x] _))))"),
    ("dσ/dα", "(d-slash sigma [alpha] _)"),
    ("d(x²)/dx", "(d-slash (group() (script x _ 2)) [x] _)"),
    ("∂/∂w5 [w3×h1 + w5]", "(partial-slash _ [w5] (group[] (sum +(times w3 h1) +w5)))"),
    ("∂²f/∂x∂y", "(partial-slash f [x y] _)"),
    ("d²y/dx²", "(d-slash y [x x] _)"),
    ("∂L/∂a xᵀ", "(mul (partial-slash L [a] _) (script x _ top))"),
    ("∂L/∂a ∂a/∂w", "(mul (partial-slash L [a] _) (partial-slash a [w] _))"),
    ("delta/dt", "(slash delta dt)"),
    ("∇_w L(w)", "(nabla w _ (mul L (group() w)))"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), PLAIN)
def test_plain(text, expected):
    assert outline(parse_plain(text)) == expected


def test_known_names_are_no_differentials():
    assert outline(parse_plain("dx/dt", names={"dx", "dt"})) == "(slash dx dt)"
