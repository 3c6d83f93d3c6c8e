"""Markdown documents: which spans, where, of what kind."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from symnn.notes.find import Document, Fence, Heading, ListItem, Paragraph, Table, find

Check = Callable[[Document], Document]

CASES: list[tuple[str, str, list[tuple[str, str, int, int]]]] = [
    ("inline", "the $x$ is\n", [("x", "inline", 1, 6)]),
    ("display", "a\n\n$$\nP = 1\n$$\n\nb", [("P = 1", "display", 4, 1)]),
    (
        "display without blank lines",
        "a<br>\n$$\nP = 1\n$$\nb $x$",
        [("P = 1", "display", 3, 1), ("x", "inline", 5, 4)],
    ),
    ("display in one line", "$$ y = x $$\n", [("y = x", "display", 1, 4)]),
    ("display after br", "1st: <br>$$\ny\n$$", [("y", "inline", 2, 1)]),
    ("blank line in a display", "$$\na\n\nb\n$$\n", [("a\n\nb", "display", 2, 1)]),
    ("list marker in a display", "$$\na\n- b\n+ c\n# d\n$$", []),
    ("signs in a display", "$$\na\n- b\n+ c\n= d\n$$", [("a\n- b\n+ c\n= d", "display", 2, 1)]),
    ("two displays in a line", "$$a$$ then $$b$$", [("a", "inline", 1, 3), ("b", "inline", 1, 14)]),
    (
        "two displays below each other",
        "$$W = 1$$\n$$V = 2$$",
        [("W = 1", "display", 1, 3), ("V = 2", "display", 2, 3)],
    ),
    ("display with a full stop", "$$a = b$$.\n", [("a = b", "display", 1, 3)]),
    (
        "display with a label",
        "$$a = b$$ {#eq:x}\n\n$$c$$ (eq-y)\n",
        [("a = b", "display", 1, 3), ("c", "display", 3, 3)],
    ),
    (
        "brackets",
        "\\[\na = b\n\\]\n\n\\\\[\nc = d\n\\\\]",
        [("a = b", "display", 2, 1), ("c = d", "display", 6, 1)],
    ),
    (
        "environment",
        "so\n\\begin{align}\na &= b\n\\end{align}\n",
        [("\\begin{align}\na &= b\n\\end{align}", "display", 2, 1)],
    ),
    ("starred equation", "\\begin{equation*}\na\n\\end{equation*}", [("a", "display", 2, 1)]),
    ("equation in a list", "* one $$\n  a = b\n  $$\n* two", [("a = b", "inline", 2, 3)]),
    ("display in a list", "1. so\n\n   $$\n   a = b\n   $$\n2. two", [("a = b", "display", 4, 4)]),
    (
        "display as a list item",
        "1. $$a = b$$\n2. $$c = d$$",
        [("a = b", "display", 1, 6), ("c = d", "display", 2, 6)],
    ),
    ("quote", "> $$\n> a\n> = b\n> $$\n", [("a\n= b", "display", 2, 3)]),
    ("quote in a quote", "> > the $x$\n", [("x", "inline", 1, 10)]),
    ("not a quote", "$$\na\n>= b\n$$", [("a\n>= b", "display", 2, 1)]),
    ("code is code", "`$x$`\n\n```python\ny = 2 * $x$\n```\n\n    $z$\n", []),
    ("fence in a list", "- a\n\n  ```\n  y = x²\n  ```\n", [("y = x²", "fence", 4, 3)]),
    ("fence in a quote", "> ```\n> y = x²\n> ```\n", [("y = x²", "fence", 2, 3)]),
    ("fence of mathematics", "```math\na = \\frac{1}{2}\n```", [("a = \\frac{1}{2}", "fence", 2, 1)]),
    (
        "two formulas in a fence",
        "```math\na = \\alpha\nb = \\beta\n```",
        [("a = \\alpha", "fence", 2, 1), ("b = \\beta", "fence", 3, 1)],
    ),
    ("a chain in a fence", "```math\na = \\alpha\n= \\beta\n```", [("a = \\alpha\n= \\beta", "fence", 2, 1)]),
    (
        "plain fence of mathematics",
        "```symnn\na1 = W1 @ x # affine\n\n∂L/∂W1\n```",
        [("a1 = W1 @ x", "fence", 2, 1), ("∂L/∂W1", "fence", 4, 1)],
    ),
    ("directive", "```{math}\n:label: eq\na = \\alpha\n```", [("a = \\alpha", "fence", 3, 1)]),
    ("fence of pseudo-code", "```bash\nx = x - η × g\nRETURN x\n```", [("x = x - η × g", "fence", 2, 1)]),
    ("fence of shell", "```bash\n$ pip install x\nexport A=b\n```", []),
    ("fence of code without a name", "```\nimport numpy as np\ny = x * 2\n```", []),
    ("bold in a fence", "```\n- h = 4² = **16**\n```", [("h = 4² = 16", "fence", 2, 3)]),
    ("latex in a fence", "```\n\\frac{a}{b} = c\n```", [("\\frac{a}{b} = c", "fence", 2, 1)]),
    ("unclosed fence", "```\na = b²\n$x$", [("a = b²", "fence", 2, 1)]),
    ("jekyll fence", "{% highlight python %}\na = b\n{% endhighlight %}\n$x$", [("x", "inline", 4, 2)]),
    ("prices", "from $5 to $10, or $x$", [("x", "inline", 1, 21)]),
    (
        "stray double dollar",
        "it costs $$ a lot\n\nand $x$ is\n\n$$y$$",
        [("x", "inline", 3, 6), ("y", "display", 5, 3)],
    ),
    ("unclosed display", "$$\na = b\n\nmore $x$\n", [("a = b", "prose", 2, 1), ("x", "inline", 4, 7)]),
    ("display does not cross a fence", "$$\na\n```\nb\n```\n$$\n", []),
    ("kramdown", "the \\\\(f(x)\\\\) and\n", [("f(x)", "inline", 1, 8)]),
    ("bold", "함수 **f(x) = x²**로", [("f(x) = x²", "bold", 1, 6)]),
    ("heading", "# The $x$ of\n", [("x", "inline", 1, 8)]),
    ("heading below", "The $x$\n===\n\n$y$\n---\n", [("x", "inline", 1, 6), ("y", "inline", 4, 2)]),
    (
        "table",
        "| a | $|x|$ |\n|---|---|\n| 1 | $b|c$ |\n",
        [
            ("a", "table-header", 1, 3),
            ("|x|", "table-header", 1, 8),
            ("1", "table-cell", 3, 3),
            ("b|c", "table-cell", 3, 8),
        ],
    ),
    (
        "table with prices",
        "|Aa|Bb|\n|-|-|\n| $5 | $6 |\n",
        [("5", "table-cell", 3, 4), ("6", "table-cell", 3, 9)],
    ),
    ("inline html", "so <b>x = 1</b> and <br> $y$", [("x = 1", "bold", 1, 7), ("y", "inline", 1, 27)]),
    ("html block", "<div>\n$x$\n</div>\n\n$y$", [("x", "inline", 2, 2), ("y", "inline", 5, 2)]),
    (
        "html formula",
        "a <span class='katex'><annotation encoding='application/x-tex'>x^2</annotation></span> b",
        [("x^2", "inline", 1, 64)],
    ),
    ("comment", "<!--\n$x$\n\n$y$\n-->\n$z$", [("z", "inline", 6, 2)]),
    (
        "windows line ends",
        "a\r\n\r\n$$\r\nx\r\n= y\r\n$$\r\n$z$",
        [("x\n= y", "display", 4, 1), ("z", "inline", 7, 2)],
    ),
    ("byte order mark", "\ufeff$x$", [("x", "inline", 1, 2)]),
    ("tabs", "\t-\t$x$\n\n-\t$y$", [("y", "inline", 3, 4)]),
    ("reference", "[a]: http://b/?x=1\n\n$y$", [("y", "inline", 3, 2)]),
    ("address", "see http://a.b/?v=1&w=2 and [c](http://d/?e=f) x = 2", [("x = 2", "prose", 1, 48)]),
    (
        "macros are no formulas",
        "$\\newcommand{\\R}{\\mathbb{R}}$ $\\def\\a{b} x \\in \\R$",
        [("x \\in \\R", "inline", 1, 42)],
    ),
    ("right to left", "הפונקציה $x$ כאן", [("x", "inline", 1, 11)]),
    ("code span", "so `y = w*x + b` is", [("y = w*x + b", "code", 1, 5)]),
]


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_spans(text: str, expected: list[tuple[str, str, int, int]], checked: Check) -> None:
    if text.startswith("$$\na\n- b\n+ c\n# d"):
        document = checked(find(text, name="n.md"))
        assert [s.kind for s in document.spans()] == []
        return
    document = checked(find(text, name="n.md"))
    assert [(s.text, s.kind, s.place.line, s.place.column) for s in document.spans()] == expected


def test_a_heading_ends_no_display_that_is_not_closed() -> None:
    document = find("$$\na\n\n# Title\n\nand $$b$$", name="n.md")
    assert [h.text for h in document.headings()] == ["Title"]


def test_sections() -> None:
    document = find("# A\n$a$\n## B\n$b$\n### C\n$c$\n## D\n$d$\n# E\n$e$", name="n.md")
    assert [s.section for s in document.spans()] == [("A",), ("A", "B"), ("A", "B", "C"), ("A", "D"), ("E",)]
    assert [h.level for h in document.headings()] == [1, 2, 3, 2, 1]


def test_blocks_in_order() -> None:
    text = "# T\n\npara\n\n- item\n  more\n\n  second\n\n> quoted\n\n| a |\n|---|\n\n```x\ncode\n```\n"
    document = find(text, name="n.md")
    kinds = [type(block) for block in document.blocks]
    assert kinds == [Heading, Paragraph, ListItem, Paragraph, Paragraph, Table, Fence]
    item, second, quoted = document.blocks[2:5]
    assert isinstance(item, ListItem)
    assert (item.text, item.marker, item.depth) == ("item\n  more".replace("  ", ""), "-", 1)
    assert isinstance(second, Paragraph)
    assert (second.text, second.depth) == ("second", 1)
    assert isinstance(quoted, Paragraph)
    assert quoted.quote == 1
    assert [block.id for block in document.blocks] == list(range(7))


def test_context_of_spans() -> None:
    text = "미분하면:\n\n$$\na = b\n$$\n\n* $R$: 학습률(rate)\n"
    display, inline = find(text, name="n.md").spans()
    assert display.context.before == "미분하면:"
    assert display.context.after == "$R$: 학습률(rate)"
    assert inline.context.after == ": 학습률(rate)"


def test_an_error_shows_the_line_and_a_caret() -> None:
    document = find("> $$\n> a = \\foo\n> $$\n", name="n.md")
    (span,) = document.spans()
    error = span.error("unknown command", span.text.index("\\foo"), len(span.text))
    assert (error.line, error.column, error.end_column) == (2, 7, 11)
    assert str(error).splitlines() == [
        "n.md:2:7: unknown command",
        "    2 | > a = \\foo",
        "      |       ^^^^",
    ]


def test_an_error_in_a_joined_formula_stands_where_it_is_written() -> None:
    document = find("so d = d $\\[$(a - b)²$\\]$ = **2**", name="n.md")
    (span,) = document.spans()
    assert span.text == "d = d [(a - b)²] = 2"
    assert span.place_of(span.text.index("2", 17)).column == 31
    assert span.place_of(span.text.index("]")).column == 23
    with pytest.raises(ValueError, match="no range"):
        span.place_of(5, 3)


def test_front_matter_is_no_text() -> None:
    document = find("---\ntitle: $a$\nwrt: [W]\n---\n$b$", name="n.md")
    assert document.front_matter is not None
    assert document.front_matter.data == {"title": "$a$", "wrt": ["W"]}
    assert [s.text for s in document.spans()] == ["b"]
    assert next(document.spans()).place.line == 5


def test_macros_are_gathered() -> None:
    text = "$$\\newcommand{\\pd}[2]{\\frac{\\partial #1}{\\partial #2}}$$\n\n$\\DeclareMathOperator{\\tr}{tr}$\n"
    document = find(text, name="n.md")
    assert not list(document.spans())
    assert document.macros["pd"].n_args == 2
    assert document.macros["tr"].operator
    assert document.macros["tr"].place.line == 3


def test_formulas_of_tables_know_their_cell() -> None:
    text = "| $x$ | $y$ |\n|---|---|\n| $a$ | $b$ |\n| $c$ | $d$ |\n"
    cells = [(span.text, span.cell) for span in find(text, name="n.md").spans()]
    assert cells == [
        ("x", (-1, 0)),
        ("y", (-1, 1)),
        ("a", (0, 0)),
        ("b", (0, 1)),
        ("c", (1, 0)),
        ("d", (1, 1)),
    ]
