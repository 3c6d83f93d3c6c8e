"""Which words of a text are names in a formula, and which are prose."""

from __future__ import annotations


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text, separated by white space, as a set."""
    return frozenset(text.split())


FUNCTIONS = word_set(
    """
    exp log ln lg log2 log10 sin cos tan sec csc cot sinh cosh tanh coth arcsin arccos arctan asin
    acos atan sqrt cbrt abs sign sgn max min sup inf argmax argmin arg softmax Softmax SOFTMAX
    sigmoid Sigmoid logistic relu ReLU RELU Relu LeakyReLU leaky_relu elu ELU gelu GELU selu SELU
    silu SiLU swish Swish softplus Softplus tanh Tanh erf sum mean var std prod det tr trace diag
    rank dim vec norm dot matmul conv Conv square round floor ceil lim limsup liminf mod gcd
    """
)
"""Names of functions that take an argument without brackets, or that stand beside a factor."""

PROSE = word_set(
    """
    a an and any are as at be but by can each else e.g eg etc every for from get gets give given
    gives has have hence here i.e ie if implies in into is it its let means of on or our otherwise
    so some such than that the then there therefore these this those thus to use using we when where
    which while with yields you your not no respectively because since also now only both between
    over under per via equals becomes becoming all
    """
)
"""Words that are never part of a formula, also beside an operator."""

CONTINUES = word_set(
    """
    times plus minus divided multiplied squared cubed percent thousand million billion hundred dozen
    modulo 배 곱하기 더하기 빼기 나누기 퍼센트 만 억 조 천 백
    """
)
"""Words that go on with the formula before them: what was cut off there is not a formula."""


def is_word(text: str) -> bool:
    """Whether a name could as well be a word of prose: two or more Latin letters and nothing else.

    >>> is_word("loss"), is_word("w1"), is_word("dx"), is_word("exp")
    (True, False, False, False)
    """
    return (
        len(text) >= 2
        and text.isalpha()
        and text.isascii()
        and text not in FUNCTIONS
        and not (len(text) == 2 and text[0] == "d" and text != "do")
    )
