"""Delimiters in running text."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from symnn.notes.find.inline import scan

Linear = Callable[[Callable[[int], object], int], bool]


def found(text: str, *kinds: str) -> list[str]:
    return [text[p.body_start : p.body_end] for p in scan(text) if p.kind in (kinds or ("math",))]


@pytest.mark.parametrize(
    ("text", "bodies"),
    [
        ("the $x$ here", ["x"]),
        ("입력 $x$를 받아 $y$라는", ["x", "y"]),
        ("렐루는  $x$ 가 0보다", ["x"]),
        ("$ x $ loose", [" x "]),
        ("$ \\alpha + 1 $ loose", [" \\alpha + 1 "]),
        ("$$x_i$$ (0 또는 1): $$w$$", ["x_i", "w"]),
        ("$$a$$ text $$b$$", ["a", "b"]),
        ("$$( w_i )$$ | $$a)$$를", ["( w_i )", "a)"]),
        ("kramdown \\\\(f(x)\\\\) and \\\\[y = 1\\\\]", ["f(x)", "y = 1"]),
        ("tex \\(a\\) and \\[b = c\\]", ["a", "b = c"]),
        ("\\begin{align}a &= b\\\\ c &= d\\end{align}", ["\\begin{align}a &= b\\\\ c &= d\\end{align}"]),
        ("\\begin{equation*}a = b\\end{equation*}", ["a = b"]),
        (
            "\\begin{cases}a\\\\b\\end{cases} \\begin{figure}x\\end{figure}",
            ["\\begin{cases}a\\\\b\\end{cases}"],
        ),
        ("\\begin{align}\\begin{align}a\\end{align}\\end{align}", None),
        ("GitLab $`a_1`$ too", ["a_1"]),
        ("a role :math:`x^2` inline", ["x^2"]),
        ("$a$$b$", ["a", "b"]),
        ("$1$ is positive", ["1"]),
        ("$x$, then \\$5", ["x"]),
        ("line\n$a +\nb$ wrapped", ["a +\nb"]),
        ("<br>$x$<br/>", ["x"]),
        ("$x<y$ and $a>b$", ["x<y", "a>b"]),
        ("($W_1, b_1$)", ["W_1, b_1"]),
        ("$\\$5$ of it", ["\\$5"]),
        ("$$a \\\\ b$$", ["a \\\\ b"]),
        ("$x$ 2", ["x"]),
        ("[here $x$](http://a.b/$c$)", ["x"]),
    ],
)
def test_mathematics(text: str, bodies: list[str] | None) -> None:
    if bodies is None:
        bodies = [text]
    assert found(text) == bodies


@pytest.mark.parametrize(
    "text",
    [
        "from $5 to $10",
        "it costs $5, or US$ 10",
        "$5-$10 per month",
        "between $20,000 and $30,000 a year",
        "$100M raised, $2B valued",
        "pay $5 (now) or $6 (later)",
        "a lone $ sign",
        "two $ $ with nothing",
        "$$",
        "$$ $$",
        "$$$",
        "$$$$",
        "escaped \\$x\\$",
        "`$x$` is code",
        "``a ` $x$``",
        "<!-- $x$ -->",
        "<a title='$x$'>t</a>",
        "\\[1\\] and \\[x\\]",
        "\\[see the note\\]",
        "\\(just some words\\)",
        "\\( \\)",
        "http://a.b/?x=$y$z",
        "\\begin{align} never closed",
        "$PATH and $HOME are set",
    ],
)
def test_no_mathematics(text: str) -> None:
    assert found(text) == []


def test_brackets_that_a_converter_escaped_are_debris() -> None:
    text = "∂/∂y $\\[$(y_true - y)²$\\]$ = 2, $\\[a + b = 17이므로\\]$"
    assert found(text, "debris") == ["\\[", "\\]", "\\[a + b = 17이므로\\]"]
    assert found(text, "math") == []


def test_display_flag() -> None:
    flags = [(p.delimiter, p.display) for p in scan("$a$ $$b$$ \\(c\\) \\[d=1\\] \\begin{align}e\\end{align}")]
    assert flags == [("$", False), ("$$", True), ("\\(", False), ("\\[", True), ("align", True)]


@pytest.mark.parametrize(
    "unit",
    [
        "$",
        "$$",
        "$x ",
        "\\(",
        "\\[",
        "\\[1 ",
        "\\\\(",
        "`",
        "` `` ",
        "<a ",
        "<!--",
        "\\begin{align}",
        "](",
        "$`",
        "[a](",
        "$a$",
    ],
)
def test_time_is_linear(unit: str, is_linear: Linear) -> None:
    assert is_linear(lambda size: scan(unit * (size // len(unit))), 160_000)
