import pytest

from symnn.notes.find import find
from symnn.notes.read.network import network_from_document

NOTE = r"""{words}

$$p = \operatorname{{softmax}}(z)$$
$$L = -\sum_{{i}} t_i \log p_i$$
"""


def facts(words: str) -> list[str]:
    document = find(NOTE.format(words=words), name="note.md")
    return [str(fact) for fact in network_from_document(document).facts]


@pytest.mark.parametrize(
    "words",
    [
        "The target $t$ is one-hot.",
        "The one-hot vector $t$ says which class is right.",
        "Let $z$ be the scores and $t$ a one hot target.",
        "Here $t \\in \\mathbb{R}^k$ is a one-hot encoded label.",
        "The class is given by a one-hot encoded target vector $t$, as usual.",
    ],
)
def test_a_one_hot_vector_sums_to_one_and_is_binary(words):
    assert facts(words) == ["sum of t over axis 0 = 1", "t is 0 or 1"]


@pytest.mark.parametrize(
    "words",
    [
        "The target $t$ is a probability distribution.",
        "The probability vector $t$ is given.",
        "$t$ has entries that sum to 1.",
    ],
)
def test_a_distribution_sums_to_one(words):
    assert facts(words) == ["sum of t over axis 0 = 1"]


@pytest.mark.parametrize(
    "words",
    [
        "The target $t$ is not one-hot.",
        "The target $t$ need not be one-hot.",
        "It is not a one-hot vector $t$.",
        "If $z$ is one-hot, so is something else. The target is $t$.",
        "The target $t$ and the scores $z$. One-hot targets are common.",
        "Each $t_i$ belongs to a one-hot vector.",
    ],
)
def test_other_words_say_nothing(words):
    assert not [fact for fact in facts(words) if fact.startswith(("sum of t", "t is"))]
