"""Rows, lists, words, labels, punctuation."""

from __future__ import annotations

import pytest

from symnn.notation import NotationError, parse_latex, parse_plain
from symnn.notation.outline import outline

LATEX = [
    ("a, b", "(list a b)"),
    ("a = 1, b = 2", "(list (rel a = 1) (rel b = 2))"),
    (r"a = 1, \quad b = 2", "(listquad (rel a = 1) (rel b = 2))"),
    (r"a = 1 \quad b = 2", "(listquad (rel a = 1) (rel b = 2))"),
    (r"a = 1 \hspace{0.5in} b = 2", "(listquad (rel a = 1) (rel b = 2))"),
    (r"a = 1 \;\; b = 2", "(listquad (rel a = 1) (rel b = 2))"),
    (r"a = 1 \hspace{1pt} b", "(rel a = (mul 1 b))"),
    (r"f \hspace{1in} \rightarrow \hspace{1in} g", "(rel f to g)"),
    (r"i = 1, \dots, n", "(rel i = (list 1 dots n))"),
    (r"p_j = q_j, \quad j = 1, \dots, K", "(listquad (rel (script p j _) = (script q j _)) (rel j = (list 1 dots K)))"),
    (r"x_i = y_i, i = 1, \dots, n", "(list (rel (script x i _) = (script y i _)) (rel i = (list 1 dots n)))"),
    ("y = 1, x > 0", "(list (rel y = 1) (rel x > 0))"),
    (r"x, y \in S", "(list x (rel y in S))"),
    ("a; b, c", "(list; a (list b c))"),
    (r"y = 1 \text{ if } x > 0", '(phrase (rel y = 1) "if" (rel x > 0))'),
    (r"a = 1 \; \textrm{and} \; b = 2", '(phrase (rel a = 1) "and" (rel b = 2))'),
    (r"f' = 1 \quad \text{곱셈공식}", '(phrase (rel (prime f) = 1) "곱셈공식")'),
    (r"a = b \quad \text{learning rate}", '(phrase (rel a = b) "learning rate")'),
    (r"\text{where } x = 1", '(phrase "where" (rel x = 1))'),
    (r"\text{Loss } L", '(phrase "Loss" L)'),
    (r"x \to \text{Loss } L", '(rel x to (phrase "Loss" L))'),
    (r"\text{출력} = 1", "(rel 출력:text = 1)"),
    (r"\text{learning rate} = 1", '(rel "learning rate" = 1)'),
    (r"\text{ReLU}(x)", "(mul ReLU:text (group() x))"),
    (r"2 \text{lr}", "(mul 2 lr:text)"),
    (r"x_i > 0 \quad \forall i", '(phrase (rel (script x i _) > 0) "for all" i)'),
    (r"\text{if $x > 0$ then}", '(phrase "if" (rel x > 0) "then")'),
    (r"f: \mathbb{R} \to \mathbb{R}", "(label f (rel R:mathbb to R:mathbb))"),
    (r"f \colon X \to Y", "(label f (rel X to Y))"),
    ("1. a = b", "(label 1 (rel a = b))"),
    ("a = b.", "(rel a = b)"),
    ("a = b,", "(rel a = b)"),
    (r"a = 1. \text{ and } b = 2", '(phrase (rel a = 1) "and" (rel b = 2))'),
    (r"a = b \\ c = d", "(lines (rel a = b) (rel c = d))"),
    (r"a = b \\[1.6em] c = d", "(lines (rel a = b) (rel c = d))"),
    (r"a = b \\ \\ c = d \\", "(lines (rel a = b) (rel c = d))"),
    (r"a = b \tag{1} \label{eq}", "(rel a = b)"),
    ("a = b % remark", "(rel a = b)"),
    (r"a_1x_1 + \cdots + a_nx_n",
     "(sum +(mul (script a 1 _) (script x 1 _)) +cdots +(mul (script a n _) (script x n _)))"),
    ("a + ...", "(sum +a +dots)"),
    ("17이므로", '(phrase 17 "이므로")'),
    ("?", '"?"'),
    (r"\text{otherwise}", '"otherwise"'),
    ("30 % a comment", "30"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), LATEX)
def test_latex(text, expected):
    assert outline(parse_latex(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "  ", r"\quad", "a, , b", ", a", "a ; ; b", "a . b", "a = b . c", "a)", "(a", "a : : b", r"a \quad - b = c",
        r"= \text{otherwise}", r"\text{where} = 1", r"a \\ b &= c",
        "a | b", r"a \mid b", "1,000", r"\text{a \foo b}", r"\text{if $x}", r"30\%", "n!", "x = 3e-4",
    ],
)  # fmt: skip
def test_refusals(text):
    with pytest.raises(NotationError):
        parse_latex(text)


PLAIN = [
    ("w1=1, w2=2", "(list (rel w1 = 1) (rel w2 = 2))"),
    ("w5: ∂Error/∂w5 = 26", "(label w5 (rel (partial-slash Error [w5] _) = 26))"),
    ("neuron 1: h1 = w1*x1", '(label "neuron 1" (rel h1 = (ast w1 x1)))'),
    ("3. Update weights: w = v", '(label "3. Update weights" (rel w = v))'),
    ("f(3,2) = 9+8 = 17이므로", '(phrase (rel (mul f (list() 3 2)) = (sum +9 +8) = 17) "이므로")'),
    ("x ≈ -1에서", '(phrase (rel x approx (neg 1)) "에서")'),
    ("(차이)² = 4", "(rel (script (group() 차이) _ 2) = 4)"),
    ("오류 ← y_pred ← w5", "(rel 오류 gets (script y pred _) gets w5)"),
    ("y = 2 where x = 1", '(phrase (rel y = 2) "where" (rel x = 1))'),
    ("a = b\nc = d", "(lines (rel a = b) (rel c = d))"),
    ("f(a,\n b)", "(mul f (list() a b))"),
    ("534.", "534"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), PLAIN)
def test_plain(text, expected):
    assert outline(parse_plain(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "how steep in x-direction", "∂f/∂x = how steep", "FOR 100 iterations:", "Error gradient", "총 제곱 오차",
        "x² 여기서 x는", "∂f/∂x1:", "a = b\n- c", "a = b\n+ c = d",
    ],
)  # fmt: skip
def test_sentences_are_refused(text):
    with pytest.raises(NotationError):
        parse_plain(text)
