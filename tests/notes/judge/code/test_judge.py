"""Claims in Python code: gradients by their names, values by their comments."""

from __future__ import annotations

import pytest
from verdicts import claims_of


def said_of(code: str) -> dict[str, str]:
    """The verdicts on the lines of a program, by what is assigned there (without `+`)."""
    lines = ["", "", *code.strip().splitlines()]
    claims = claims_of(f"```python\n{code.strip()}\n```\n")
    return {lines[claim.line].split("=")[0].strip(" +"): claim.verdict for claim in claims}


SCALARS = """
u = 1.5
v = -0.5
s = u * v + u
p = s ** 2
r = p / v
dp = 1 / v
ds = dp * 2 * s
dv = ds * u
dv += -p / v ** 2
du = ds * (v + 1)
"""

LAYERS = """
import numpy as np
H = np.maximum(0.1 * (X @ V), X @ V)
S = np.tanh(H)
O = S.dot(W)
cost = np.sum((O - T) ** 2)
dO = 2 * (O - T)
dW = S.T @ dO
dS = np.dot(dO, W.T)
dH = dS * (1 - S ** 2)
"""


def test_scalars():
    assert said_of(SCALARS) == dict.fromkeys(["dp", "ds", "dv", "du"], "proved")


@pytest.mark.parametrize(
    ("right", "wrong", "name"),
    [
        ("du = ds * (v + 1)", "du = ds * (v - 1)", "du"),  # a sign
        ("du = ds * (v + 1)", "du = ds * v", "du"),  # a dropped path
        ("dv += -p / v ** 2", "dv += p / v ** 2", "dv"),
        ("dp * 2 * s", "dp * s", "ds"),  # a factor
        ("dv += -p", "dv = -p", "dv"),  # overwritten where it should be added
    ],
)
def test_wrong_scalars(right, wrong, name):
    found = said_of(SCALARS.replace(right, wrong))
    assert found[name] == "refuted"


def test_arrays():
    found = said_of(LAYERS)
    assert {name: found[name] for name in ("dO", "dW", "dS", "dH")} == dict.fromkeys(["dO", "dW", "dS", "dH"], "proved")


@pytest.mark.parametrize(
    ("right", "wrong", "name"),
    [
        ("dW = S.T @ dO", "dW = H.T @ dO", "dW"),
        ("(1 - S ** 2)", "(1 - S)", "dH"),
        ("2 * (O - T)", "2 * (T - O)", "dO"),
    ],
)
def test_wrong_arrays_are_not_right(right, wrong, name):
    assert said_of(LAYERS.replace(right, wrong)).get(name) not in ("proved", "agrees")


def test_gradient_that_flows_in():
    code = (
        "A = np.zeros((4, 3))\nB = np.ones((3, 2))\nC = A @ B\ndC = np.random.randn(4, 2)\ndA = dC @ B.T\ndB = A.T @ dC"
    )
    assert said_of(code) == {"dA": "proved", "dB": "proved"}
    assert "dB" not in said_of(code.replace("A.T @ dC", "A @ dC"))


def test_named_pairs():
    code = "g = a * b\nk = g + a\ndkdg = 1.0\ndgdb = a\ndkdb = dkdg * dgdb\ndkda = dkdg * b"
    found = said_of(code)
    assert found["dgdb"] == found["dkdb"] == "proved"
    assert found["dkda"] == "refuted"  # k depends on a directly as well


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("y = x * 3  # y becomes 6", "proved"),
        ("y = x * 3  # y becomes 5", "refuted"),
        ("y = 1 / (1 + math.exp(-x))  # = 0.88", "agrees"),
        ("y = 1 / (1 + math.exp(-x))  # = 0.81", "refuted"),
    ],
)
def test_comments(line, verdict):
    assert said_of(f"x = 2\n{line}") == {"y": verdict}


@pytest.mark.parametrize(
    "line",
    [
        "y = x * 3  # (5, 3)",
        "y = x * 3  # step 2",
        "y = load(x)  # becomes 4",
        "dx = 0.01",
        "dt = t1 - t0",
        "y = x[0  # becomes 3",
    ],
)
def test_no_claims(line):
    assert said_of(f"x = 2\n{line}") == {}


def test_nothing_is_run():
    code = "x = 2\ny = __import__('os').system('false')  # becomes 0\nz = x ** 10 ** 10  # becomes 1\nw = 9 ** 9 ** 9"
    assert said_of(code) == {}


def test_what_follows_a_branch_is_left_open():
    code = "a = 2\nb = 3\nc = a * b\nif a > 1:\n    c = a\nda = b\ndb = a\nd = c  # becomes 6"
    assert said_of(code) == {}
