"""Relations, sums, products, juxtaposition."""

from __future__ import annotations

import pytest

from symnn.notation import NotationError, parse_latex, parse_plain
from symnn.notation.outline import outline

LATEX = [
    ("a + b - c", "(sum +a +b -c)"),
    ("-a", "(neg a)"),
    ("+a", "(sum +a)"),
    ("-a + b", "(sum -a +b)"),
    (r"a \pm b \mp c", "(sum +a pmb mpc)"),
    ("a + -b", "(sum +a +(neg b))"),
    ("-a b", "(neg (mul a b))"),
    ("-x^2", "(neg (script x _ 2))"),
    ("a b c", "(mul a b c)"),
    ("abc", "(mul a b c)"),
    (r"a\,b \; c", "(mul a b c)"),
    (r"a \cdot b \cdot c", "(cdot a b c)"),
    (r"a \cdot b \times c", "(times (cdot a b) c)"),
    (r"a \odot b c", "(odot a (mul b c))"),
    (r"\delta U^T \circ f'(z)", "(circ (mul delta (script U _ T)) (mul (prime f) (group() z)))"),
    (r"a \cdot -b", "(cdot a (neg b))"),
    (r"a \otimes b", "(otimes a b)"),
    (r"a * b", "(ast a b)"),
    (r"a \ast b", "(ast a b)"),
    ("2(3)", "(mul 2 (group() 3))"),
    ("2(3^2) + 3(2)", "(sum +(mul 2 (group() (script 3 _ 2))) +(mul 3 (group() 2)))"),
    ("a(b + c)", "(mul a (group() (sum +b +c)))"),
    (r"\delta2", "(mul delta 2)"),
    ("{a b} c", "(mul a b c)"),
    ("{a + b}", "(sum +a +b)"),
    ("a + {b + c}", "(sum +a +(sum +b +c))"),
    ("a / b", "(slash a b)"),
    ("a b / c", "(slash (mul a b) c)"),
    (r"a / b \cdot c", "(cdot (slash a b) c)"),
    ("a / f(x)", "(slash a (mul f (group() x)))"),
    ("-1/x^2", "(neg (slash 1 (script x _ 2)))"),
    ("1/2 x", "(mul (slash 1 2) x)"),
    (r"1/n \sum_i x_i", "(mul (slash 1 n) (sum i _ (script x i _)))"),
    (r"a \div b", "(slash a b)"),
    ("a = b", "(rel a = b)"),
    (r"a = b \le c < d", "(rel a = b le c < d)"),
    ("= b", "(rel _ = b)"),
    ("a =", "(rel a = _)"),
    (r"A = B \geq 0", "(rel A = B ge 0)"),
    (r"x \in \mathbb{R}^{m \times n}", "(rel x in (script R:mathbb _ (times m n)))"),
    (r"a \to b \Rightarrow c", "(rel a to b implies c)"),
    (r"w \leftarrow w - \eta g", "(rel w gets (sum +w -(mul eta g)))"),
    ("w := w", "(rel w := w)"),
    (r"a \not= b \not\in c", "(rel a ne b notin c)"),
    (r"a \stackrel{def}{=} b", "(rel a := b)"),
    (r"a \overset{(1)}{=} b", "(rel a = b)"),
    (r"a \xrightarrow{f} b", "(rel a to b)"),
    (r"a \quad = \quad b", "(rel a = b)"),
    (r"z \to -\infty", "(rel z to (neg infty))"),
    ("x >= y", "(rel x ge y)"),
]


@pytest.mark.parametrize(("text", "expected"), LATEX)
def test_latex(text, expected):
    assert outline(parse_latex(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "a = = b", r"a \le = b", "a = < b", "= =", "a + = b", "a = + ", "2 3", "a - - - b", "a + + b", "a *", "* a",
        "a / b c", "a / 2b", "1/2(x)", "1/2x", "a / / b", "/ a", "{a + b} c", "a {b + c}", "a - {b + c}", "{a + b}^2",
        r"c \cdot {a + b}", "{a b}^2", "{a = b} + c", r"\odot", "a < ", r"a \overset{?}{=} b",
    ],
)  # fmt: skip
def test_what_has_no_certain_reading_is_refused(text):
    with pytest.raises(NotationError):
        parse_latex(text)


PLAIN = [
    ("a1 = W1 @ x + b1", "(rel a1 = (sum +(matmul W1 x) +b1))"),
    ("2x2² + 3x2", "(sum +(mul 2 (script x2 _ 2)) +(mul 3 x2))"),
    ("26 × 1 × 20 = 520", "(rel (times 26 1 20) = 520)"),
    ("a · b ⊙ c", "(odot (cdot a b) c)"),
    ("a ≈ b ≤ c ≠ d", "(rel a approx b le c ne d)"),
    ("a → b ← c", "(rel a to b gets c)"),
    ("x - 0.1×f'(x)", "(sum +x -(times 0.1 (mul (prime f) (group() x))))"),
    ("1/(1+e^(-x))", "(slash 1 (group() (sum +1 +(script e _ (neg x)))))"),
    ("a ÷ b", "(slash a b)"),
    ("a == b", "(rel a = b)"),
    ("a != b", "(rel a ne b)"),
    ("x <- 1", "(rel x gets 1)"),
    ("x < -1", "(rel x < (neg 1))"),
    ("a ~ b => c", "(rel a sim b implies c)"),
    ("-13 - -2", "(sum -13 -(neg 2))"),
]


@pytest.mark.parametrize(("text", "expected"), PLAIN)
def test_plain(text, expected):
    assert outline(parse_plain(text)) == expected


@pytest.mark.parametrize("text", ["a/bc d", "1/2x", "x<-1", "a 2", "(a) 2", "a = = b", "a += b", "2 3"])
def test_plain_refusals(text):
    with pytest.raises(NotationError):
        parse_plain(text)


def test_spans_cover_what_was_written():
    tree = parse_latex("a = b + c d")
    assert tree.span == (0, 11)
    (link,) = tree.links
    assert link.span == (2, 11)
    assert link.right.span == (4, 11)
    assert [term.span for term in link.right.terms] == [(4, 5), (6, 11)]
