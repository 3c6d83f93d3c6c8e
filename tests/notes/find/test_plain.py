"""Formulas in plain text."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from symnn.notes.find import Source, whole
from symnn.notes.find.inline import scan
from symnn.notes.find.plain import formulas
from symnn.notes.find.view import view

Linear = Callable[[Callable[[int], object], int], bool]


def found(text: str, **options: bool) -> list[str]:
    return [text[f.start : f.end] for f in formulas(text, **options)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("so ∂Error/∂w5 = 26 × 1 = 26.", ["∂Error/∂w5 = 26 × 1 = 26"]),
        ("f(x) = x² 여기서 x는", ["f(x) = x²"]),
        ("우리 규칙인 x = x - η × f'(x)는 자동으로", ["x = x - η × f'(x)"]),
        ("26을 쓰면 y = 26을", ["y = 26"]),
        ("f(0,0) = 0인 (0,0)에", ["f(0,0) = 0"]),
        ("x ≈ -1에서 최솟값 (얕은, f(x) ≈ -1)", ["x ≈ -1", "f(x) ≈ -1"]),
        ("(w1=1, w2=2, w3=-0.5)를", ["w1=1", "w2=2", "w3=-0.5"]),
        (
            "h1=(3+0.9×2)²=24.5, h2=1.9×3=5.7 → y=h1+h2=30.2",
            ["h1=(3+0.9×2)²=24.5", "h2=1.9×3=5.7", "y=h1+h2=30.2"],
        ),
        ("∂f/∂x1 = 2x1 (x2가 상수이므로 2x2² 항은)", ["∂f/∂x1 = 2x1"]),
        ("η = 0.1로 (x1₀,x2₀) = (3,2)에서", ["η = 0.1", "(x1₀,x2₀) = (3,2)"]),
        ("f(x,y) = (x + 2y)² 또는 g(a,b) = 3ab와", ["f(x,y) = (x + 2y)²", "g(a,b) = 3ab"]),
        ("오차 = (-13)² + (-2)² = 173.", ["오차 = (-13)² + (-2)² = 173"]),
        ("x=3일 때: 기울기 = 6 (가파른)", ["x=3", "기울기 = 6"]),
        ("The loss L = (y - t)² is convex", ["L = (y - t)²"]),
        ("Therefore Error = (24 - 37)^2 = 169 at last", ["Error = (24 - 37)^2 = 169"]),
        ("we have a = 3 and b = 4, where c > 0", ["a = 3", "b = 4", "c > 0"]),
        ("sigmoid(x) = 1/(1 + e^(-x)) maps", ["sigmoid(x) = 1/(1 + e^(-x))"]),
        ("L = y log p + (1 - y) log(1 - p).", ["L = y log p + (1 - y) log(1 - p)"]),
        ("ŷ = W x + b with x ∈ R", ["ŷ = W x + b", "x ∈ R"]),
        ("w := w - η g", ["w := w - η g"]),
        ("w ← w - η g now", ["w ← w - η g"]),
        ("0.3^100 ≈ 0 – 신호가", ["0.3^100 ≈ 0"]),
        ("x = 3 (roughly)", ["x = 3"]),
        ("x = 3 a value", ["x = 3"]),
        ("𝐖 = 𝐔ᵀ and ℓ ≤ 3", ["𝐖 = 𝐔ᵀ", "ℓ ≤ 3"]),
        ("A = B\n= C", ["A = B\n= C"]),
        ("A =\nB", ["A =\nB"]),
        ("P(X = x) = 1/n", ["P(X = x) = 1/n"]),
        ("n! = 6", ["n! = 6"]),
        ("Look! x = 6", ["x = 6"]),
        ("잠깐! ∂E/∂y = 26이 두", ["∂E/∂y = 26"]),
        ("about 0.73 ~= 0.7", ["0.73 ~= 0.7"]),
        ("on x and y 1 * -4 = -4", ["1 * -4 = -4"]),
        ("[f(3,2) = 9+8 = 17이므로]", ["f(3,2) = 9+8 = 17"]),
    ],
)
def test_in_prose(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "no formula at all",
        "오류 ← y_pred ← w5",
        "a → b → c",
        "y = 2 times x",
        "y = W × 입력 + b",
        "y = Wx + 편향",
        "w = w - learning rate",
        "x = 2\ufffc",
        "\ufffc = 3",
        "L = Error(오차)",
        'x = "text"',
        "∂f/∂x = how steep in x-direction",
        "∂f/∂x1 = calculate x1-gradient at current point",
        "a == b and c != d",
        "x += 1",
        "i => j, k -> l",
        "2 apples + y = 3",
        "don't = won't",
        "y = 2배",
        "a =",
        "= b",
        "<=>",
        "크기 = 모든 데이터",
    ],
)
def test_not_in_prose(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("N = 1,000 samples", ["N = 1,000"]),
        ("η = 0,1 in Berlin", ["η = 0,1"]),
        ("a : b = 3:1", ["b = 3:1"]),
        ("1/3 = 0.333... so", ["1/3 = 0.333..."]),
        ("A = B = W × 입력", ["A = B"]),
        ("f(1,000) = 3", ["f(1,000) = 3"]),
    ],
)
def test_a_number_is_never_cut_in_two(text: str, expected: list[str]) -> None:
    """A formula cut short would claim something else: ``N = 1`` for ``N = 1,000``."""
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected", "label"),
    [
        ("w5: ∂E/∂w5 = 26 × 1", "∂E/∂w5 = 26 × 1", "w5"),
        ("  neuron 1: h1 = (x1 + w1*x2)²", "h1 = (x1 + w1*x2)²", "neuron 1"),
        ("- h2 = w2×x1 = 11.91", "h2 = w2×x1 = 11.91", ""),
        ("    3. Update weights: w = w - η × ∂E/∂w", "w = w - η × ∂E/∂w", "Update weights"),
        ("Example 1: h1=(3+1)²=16", "h1=(3+1)²=16", "Example 1"),
        ("    = 2x + 1", "= 2x + 1", ""),
        ("1. x = 2", "x = 2", ""),
        ("- 3 + 4 = 1", "3 + 4 = 1", ""),
    ],
)
def test_lines_of_a_fence(text: str, expected: str, label: str) -> None:
    (formula,) = formulas(text, by_line=True)
    assert text[formula.start : formula.end] == expected
    assert formula.label == label


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3.000 - 0.6", ["3.000 - 0.6"]),
        ("-0.0026", ["-0.0026"]),
        ("Update: x - 0.1×f'(x)", ["x - 0.1×f'(x)"]),
        ("Gradient f'(x) = 2x", ["f'(x) = 2x"]),
        ("Current x", ["x"]),
        ("New (x1,x2)", ["(x1,x2)"]),
        ("(2.40, 1.20)", ["(2.40, 1.20)"]),
        ("2(3²) + 3(2) = 18 + 6 = 24", ["2(3²) + 3(2) = 18 + 6 = 24"]),
        ("x1-η×∂f/∂x1", ["x1-η×∂f/∂x1"]),
        ("37 (13 높음)", ["37", "13"]),
        ("max(0, x)", ["max(0, x)"]),
        ("y_true", ["y_true"]),
        ("Example", []),
        ("...", []),
        ("", []),
        ("What We Want", []),
        ("Mean Squared Error: (y_true - y_pred)²", ["(y_true - y_pred)²"]),
        ("10-100+ layers", []),
    ],
)
def test_cells_of_a_table(text: str, expected: list[str]) -> None:
    assert found(text, loose=True) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("26 × 1 = **26**", "26 × 1 = 26"),
        ("**f'(x) = 2x**은", "f'(x) = 2x"),
        ("y_pred=0.8×24=**19.2**", "y_pred=0.8×24=19.2"),
        ("y\\_pred = 3 \\* 4", "y_pred = 3 * 4"),
        ("y = x**2 + 1", "y = x**2 + 1"),
        ("h = w2*x1*x2", "h = w2*x1*x2"),
        ("*a = b*", "a = b"),
        ("y = x<sup>2</sup>", "y = x^2"),
        ("y = x<sub>i</sub>", "y = x_i"),
        ("y = x<sup>n+1</sup>", "y = x^(n+1)"),
        ("a &times; b = c", "a × b = c"),
        ("d = d $\\[$(a - b)²$\\]$ = 2", "d = d [(a - b)²] = 2"),
        ("a = b\u200b + c", "a = b + c"),
        ("***a = b***", "a = b"),
    ],
)
def test_marks_are_gone_and_places_stay(text: str, expected: str) -> None:
    source = Source("", text)
    seen = view(whole(source), scan(text))
    (formula,) = formulas(seen.mapped.text)
    mapped = seen.mapped.cut(formula.start, formula.end)
    assert mapped.text == expected
    for first, last, origin, stop in mapped.segments(0, len(mapped)):
        if last - first == stop - origin and text[origin] not in "&\\<":
            assert mapped.text[first:last] == text[origin:stop]


def test_bold() -> None:
    text = "**a = b** and c = **4**"
    seen = view(whole(Source("", text)), scan(text))
    assert [seen.is_bold(f.start, f.end) for f in formulas(seen.mapped.text)] == [True, False]


@pytest.mark.parametrize(
    "unit", ["a", "a ", "(", "= ", "a=", "a=b ", "1,", "f(", "가", "가=", "x-y-", "a\n", ":", "*a* "]
)
def test_time_is_linear(unit: str, is_linear: Linear) -> None:
    assert is_linear(lambda size: formulas(unit * (size // len(unit)) + "=", loose=True), 32_000)
