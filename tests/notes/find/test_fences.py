"""Languages of fences."""

from __future__ import annotations

import pytest

from symnn.notes.find.fences import is_code, language


@pytest.mark.parametrize(
    ("info", "name"),
    [
        ("", ""),
        ("python", "python"),
        ("Python3 title=x", "python3"),
        ("{.python .input}", "python"),
        ("{math}", "math"),
        ("{=html}", "html"),
        ("c++", "c++"),
        ("{r, echo=FALSE}", "r"),
    ],
)
def test_language(info: str, name: str) -> None:
    assert language(info) == name


@pytest.mark.parametrize(
    ("name", "line", "code"),
    [
        ("python", "y = x²", True),
        ("json", "{}", True),
        ("", "y = x²", False),
        ("bash", "x = x - η × g", False),
        ("text", "FOR 100 iterations:", False),
        ("", "import numpy as np", True),
        ("", "def f(x):", True),
        ("", "y = np.dot(W, x)", True),
        ("", "x = 1;", True),
        ("sh", "$ pip install x", True),
        ("", "for i in range(3):", True),
        ("", "For each example (x1, x2) in data:", False),
        ("math", "import x", False),
        ("symnn", "class = 3 {", False),
    ],
)
def test_code(name: str, line: str, code: bool) -> None:
    assert is_code(name, [line]) is code
