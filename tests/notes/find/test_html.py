"""HTML pages, and formulas in every way that pages keep them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from symnn.notes.find import Document, find
from symnn.notes.find.elements import parse

Check = Callable[[Document], Document]
Linear = Callable[[Callable[[int], object], int], bool]


def page(body: str) -> str:
    return f"<!DOCTYPE html>\n<html><body>\n{body}\n</body></html>"


KATEX = (
    '<span class="katex"><span class="katex-mathml"><math><semantics><mrow><mi>x</mi></mrow>'
    '<annotation encoding="application/x-tex">x &lt; \\alpha</annotation></semantics></math></span>'
    '<span class="katex-html" aria-hidden="true"><span>x</span></span></span>'
)
WIKI = (
    '<span class="mwe-math-element"><span class="mwe-math-mathml-inline">'
    '<math alttext="{\\displaystyle E=mc^{2}}">'
    "<semantics><mi>E</mi></semantics></math></span>"
    '<img class="mwe-math-fallback-image-inline" src="/render/svg/x" '
    'alt="{\\displaystyle E=mc^{2}}"/></span>'
)
TRIPLE = (
    "<span><span>a(l)=f(W(l)a(l&minus;1))a^{(l)} = f(W^{(l)} a^{(l-1)})</span>"
    "<span><span><span>a</span><span>(l)</span>"
    "<span>=</span></span><span>f(W<span>(l)</span>a<span>(l−1)</span>)</span></span></span>"
)

CASES: list[tuple[str, str, list[tuple[str, str, bool]]]] = [
    ("dollars", "<p>the $x$ is</p>", [("x", "inline", False)]),
    (
        "brackets",
        "<p>\\(a &lt; b\\) and \\[c = d\\]</p>",
        [("a < b", "inline", False), ("c = d", "inline", True)],
    ),
    ("display alone", "<p>$$a = b$$</p>", [("a = b", "display", True)]),
    (
        "script",
        '<script type="math/tex">x^2</script> <script>var y = "$z$"</script>',
        [("x^2", "display", False)],
    ),
    (
        "script in text",
        '<p>a <script type="math/tex; mode=display">x^2</script> b</p>',
        [("x^2", "inline", True)],
    ),
    (
        "script with cdata",
        '<p>a <script type="math/tex">% <![CDATA[\na<b %]]></script></p>',
        [("a<b", "inline", False)],
    ),
    ("katex", f"<p>so {KATEX} is</p>", [("x < \\alpha", "inline", False)]),
    ("katex display", f'<span class="katex-display">{KATEX}</span>', [("x < \\alpha", "display", True)]),
    (
        "mathml",
        "<p>m <math><semantics><mi>x</mi>"
        '<annotation encoding="application/x-tex">x</annotation></semantics></math></p>',
        [("x", "inline", False)],
    ),
    (
        "mathml block",
        '<p>m <math display="block"><semantics><mi>x</mi>'
        '<annotation encoding="TeX">x</annotation></semantics></math></p>',
        [("x", "inline", True)],
    ),
    ("alttext", '<p>m <math alttext="x_1"><mi>x</mi></math></p>', [("x_1", "inline", False)]),
    ("wiki", f"<p>m {WIKI}</p>", [("E=mc^{2}", "inline", False)]),
    (
        "picture",
        '<p>a <img src="https://latex.codecogs.com/svg?x^2" alt="x^2"> b</p>',
        [("x^2", "inline", False)],
    ),
    ("other picture", '<p>a <img src="cat.png" alt="a cat_1"> b</p>', []),
    ("data", '<p>a <span data-latex="\\frac{a}{b}">…</span></p>', [("\\frac{a}{b}", "inline", False)]),
    ("triple", f"<p>a {TRIPLE}</p>", [("a^{(l)} = f(W^{(l)} a^{(l-1)})", "inline", False)]),
    (
        "triple of one letter",
        "<li><span><span>ll</span><span><span><span>l</span></span></span></span>: layer</li>",
        [("l", "inline", False)],
    ),
    (
        "triple of letters that are no copy",
        "<p><span><span>ab</span><span><span>a</span></span></span> x</p>",
        [],
    ),
    (
        "mathjax rendering",
        '<p><span class="MathJax_Preview">x2</span><script type="math/tex">x^2</script></p>',
        [("x^2", "display", False)],
    ),
    (
        "plain",
        "<p>so <b>x = 1</b> and y &le; 2 x<sup>2</sup></p>",
        [("x = 1", "bold", False), ("y ≤ 2 x^2", "prose", False)],
    ),
    ("entity", "<p>&part;L/&part;w = 26 &times; 1</p>", [("∂L/∂w = 26 × 1", "prose", False)]),
    ("code", "<pre><code class='language-python'>y = 2 * x</code></pre>", []),
    ("preformatted", "<pre>\nh = x² + 1\n</pre>", [("h = x² + 1", "fence", True)]),
    (
        "script and style",
        "<style>$a$</style><script>$b$</script><svg><text>x=1</text></svg><p>$c$</p>",
        [("c", "inline", False)],
    ),
]


@pytest.mark.parametrize(("body", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_spans(body: str, expected: list[tuple[str, str, bool]], checked: Check) -> None:
    document = checked(find(page(body), name="p"))
    assert document.kind == "html"
    assert [(s.text, s.kind, s.display) for s in document.spans()] == expected


@pytest.mark.parametrize(("body", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_the_same_in_markdown(body: str, expected: list[tuple[str, str, bool]], checked: Check) -> None:
    document = checked(find(f"# T\n\n{body}\n\n- a\n", name="p.md"))
    if not body.startswith(("<script", "<span")):
        assert [s.text for s in document.spans()] == [text for text, _, _ in expected]


def test_places_in_a_page() -> None:
    text = page(f"<p>so {KATEX} is\n&part;L = 2</p>")
    katex, plain = find(text, name="p").spans()
    assert text.splitlines()[2][katex.place.column - 1 :].startswith("x &lt; \\alpha</annotation>")
    assert katex.place_of(katex.text.index("\\alpha")).column == katex.place.column + 7
    assert (plain.place.line, plain.place.column, plain.text) == (4, 1, "∂L = 2")
    assert plain.place_of(1).column == 7


def test_blocks_of_a_page() -> None:
    body = "<h1>A</h1><p>x<p>y<ul><li>i<li>j</ul><blockquote><p>q</blockquote><h2>B</h2><div>z</div>"
    document = find(page(body), name="p")
    shown = [(type(b).__name__, b.text, b.section) for b in document.blocks]
    assert shown == [
        ("Heading", "A", ("A",)),
        ("Paragraph", "x", ("A",)),
        ("Paragraph", "y", ("A",)),
        ("ListItem", "i", ("A",)),
        ("ListItem", "j", ("A",)),
        ("Paragraph", "q", ("A",)),
        ("Heading", "B", ("A", "B")),
        ("Paragraph", "z", ("A", "B")),
    ]


def test_table_of_a_page() -> None:
    body = f"<table><tr><th>$x$<th>f</tr><tr><td>1<td>{KATEX}<p>26 × 1 = <b>26</b></p></tr></table>"
    (table,) = find(page(body), name="p").tables()
    assert [cell.text for cell in table.header] == ["$x$", "f"]
    assert [(s.text, s.cell) for s in table.spans] == [
        ("x", (-1, 0)),
        ("f", (-1, 1)),
        ("1", (0, 0)),
        ("x < \\alpha", (0, 1)),
        ("26 × 1 = 26", (0, 1)),
    ]


def test_rendered_mathematics_that_cannot_be_read_is_reported() -> None:
    document = find(page("<p>a <math><mi>x</mi><mo>=</mo><merror>1</merror></math> b</p>"), name="p")
    assert not list(document.spans())
    assert document.skipped[0].reason == "a formula in MathML cannot be read: <merror> is not understood"
    assert document.slice(document.skipped[0].place).startswith("<math>")


def test_a_copy_that_cannot_be_split_is_reported() -> None:
    odd = "<p>a <span><span>abcabx</span><span><span>abcabx</span></span></span></p>"
    document = find(page(odd), name="p")
    assert not [s for s in document.spans() if s.syntax == "latex"]
    assert "cannot be told apart" in document.skipped[0].reason


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("<p>a<p>b", ["p", "p"]),
        ("<ul><li>a<li>b</ul>", ["ul", "li", "li"]),
        ("a < b <c", []),
        ("<b><i>x</b></i>", ["b", "i"]),
        ("<br><img src=x><hr/>", ["br", "img", "hr"]),
        ("<a title=\"x > y\" b='<c>'>t</a>", ["a"]),
        ("<script>if (a<b) {</script>", ["script"]),
        ("<script>never closed", ["script"]),
        ("</p></div>", []),
        ("<!-- <p> --><p>", ["p"]),
        ("<a b='never closed", []),
    ],
)
def test_elements(text: str, tags: list[str]) -> None:
    assert [element.tag for element in parse(text).elements()][1:] == tags


def test_elements_nest_without_end() -> None:
    deep = "<div>" * 100_000 + "x"
    count = sum(1 for _ in parse(deep).elements())
    assert count == 100_001
    assert not list(find(page(deep), name="p").spans())


@pytest.mark.parametrize(
    "unit", ["<", "<a ", "<p>", "<b>", "<a b='", "<!--", "</p>", "<script>", "&", "<li>", "<td>", "<a <"]
)
def test_time_is_linear(unit: str, is_linear: Linear) -> None:
    assert is_linear(lambda size: parse(unit * (size // len(unit))), 64_000)
