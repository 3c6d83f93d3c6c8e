"""LaTeX: it compiles without a complaint, and long formulas are broken without loss."""

from __future__ import annotations

import re
import shutil

import pytest

from symnn.notation import parse_latex, without_groups
from symnn.notation.tree import (
    BigOperator,
    Group,
    Link,
    Matrix,
    Name,
    Negative,
    Number,
    Product,
    Quotient,
    Relation,
    Script,
    Signed,
    Sum,
    Text,
)
from symnn.write.document import (
    AlignedChain,
    ChainLink,
    Code,
    CodeBlock,
    Display,
    Document,
    Listing,
    Note,
    Paragraph,
    Section,
    Step,
    Steps,
    Strong,
    Table,
    inlines,
)
from symnn.write.latex import needs_unicode_fonts, render_latex
from symnn.write.pdf import latex_to_pdf

needs_tex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
needs_xetex = pytest.mark.skipif(shutil.which("xelatex") is None, reason="needs xelatex")

HOSTILE = (
    r"\input{/etc/passwd} <script>alert(1)</script> $x$ 100 % `code` # & ~ ^ _ {} \\ [opt] *star* a--b ,, '' "
    + '"q" | < > é ŷ x\u0302 ∂L/∂W₁ σ² → ℝ Σ t = 1 −3 ½ … “quoted” — \x1b[31m \u202e {{ x }} << x >> <% x %>'
)
KOREAN = "손실 함수 L을 미분하면 아래와 같다. кириллица"


def name(base, index=None):
    return Name(base) if index is None else Script(Name(base), Number(str(index)))


def total(count, base="w"):
    terms = (Product("juxtaposed", (name(base, k), name("x", k))) for k in range(count))
    return Sum(tuple(Signed("-" if k % 3 == 2 else "+", term) for k, term in enumerate(terms)))


def product(count):
    return Product("odot", tuple(Group(total(3, letter)) for letter in "abcdefghkmnpqrs"[:count]))


LONG = {
    "sum": total(60),
    "product": product(12),
    "nested": Product("odot", (name("g"), Group(Sum((Signed("+", name("a")), Signed("-", Group(total(40)))))))),
    "negative": Negative(Group(total(40))),
    "big operator": BigOperator("sum", Name("i"), Name("n"), Product("juxtaposed", (Group(total(40)), name("z")))),
    "fraction": Quotient(total(40), name("z")),
    "matrix": Matrix(tuple(tuple(name(letter, k) for k in range(30)) for letter in "ab")),
    "juxtaposed": Product("juxtaposed", tuple(name("A", k) for k in range(60))),
    "names": Product("cdot", tuple(Name("averyveryverylongname") for _ in range(20))),
}


def hostile(extra=""):
    words = HOSTILE + extra
    x, y = name("x"), name("y")
    blocks = (
        Paragraph(inlines(words, " ", Code(words), " ", Strong(inlines(words)))),
        Listing((inlines("[x] first"), inlines("*y"), inlines(words))),
        Table(
            (inlines("[h]"), inlines("*"), inlines(words)),
            ((inlines("[a]"), inlines("*b"), inlines(words)), (inlines(x), inlines(""), inlines("[c]"))),
            inlines(words),
        ),
        Note("gap", inlines(words)),
        CodeBlock(HOSTILE + "\n\\end{verbatim}\n   x = '''a'''\n" + "long " * 60 + extra, "python"),
        AlignedChain(x, (ChainLink("=", y, inlines(words)),), inlines(words)),
        Display(Relation(x, (Link("=", y),)), inlines("short [n]")),
        Steps(inlines(words), (Step(HOSTILE, inlines(words), x, y),)),
    )
    section = Section(inlines(words), 1, blocks)
    return Document(words, (section,), words, abstract=inlines(words), metadata=((words, words),))


def test_golden(document, golden):
    golden("mlp.tex", render_latex(document))


@needs_tex
@pytest.mark.parametrize("engine", ["pdflatex", "xelatex"])
def test_the_sample_compiles_without_a_complaint(document, engine):
    if shutil.which(engine) is None:
        pytest.skip(f"needs {engine}")
    pdf = latex_to_pdf(render_latex(document), engine)
    assert pdf.report.is_clean, pdf.report


@needs_tex
def test_hostile_words_compile_and_stay_words():
    source = render_latex(hostile())
    assert not needs_unicode_fonts(source)
    pdf = latex_to_pdf(source)
    assert pdf.report.is_clean, pdf.report


@needs_xetex
def test_korean_is_set_with_xelatex():
    source = render_latex(hostile(KOREAN))
    assert needs_unicode_fonts(source)
    report = latex_to_pdf(source).report
    assert not report.overfull
    assert not report.undefined


def test_words_inside_a_formula_need_their_font_too():
    source = render_latex(Document("T", (Display(Text("손실")),)))
    assert needs_unicode_fonts(source)


@needs_tex
def test_long_formulas_never_stick_out():
    blocks = []
    for node in LONG.values():
        left = Relation(name("L"), (Link("=", node), Link("=", node)))
        reason = inlines("a reason that is itself not short at all, and goes on")
        blocks += [
            Display(node),
            Display(left, inlines("a name")),
            AlignedChain(name("L"), (ChainLink("=", node, reason), ChainLink("=", name("y"), reason))),
            AlignedChain(node, (ChainLink("=", node, reason),)),
            Paragraph(inlines("in the line ", node, " of the text")),
            Steps(inlines("steps"), (Step("rule", (), node, node, (Step("inner", (), node),)),)),
            Table((inlines("a"), inlines("b")), ((inlines(node), inlines(HOSTILE)),)),
        ]
    report = latex_to_pdf(render_latex(Document("Long", tuple(blocks)))).report
    assert report.is_clean, report


@needs_tex
def test_deep_steps_and_long_tables_compile():
    step = Step("leaf", inlines("the end"), name("x"), name("y"))
    for k in range(40):
        step = Step(
            f"rule {k}",
            inlines("a sentence that is long enough to need the whole line " * 2),
            substeps=(step,),
        )
    rows = tuple((inlines(name("x", k)), inlines("words " * 20)) for k in range(120))
    blocks = (Steps(inlines("deep"), (step,)), Table((inlines("a"), inlines("b")), rows, inlines("c")))
    report = latex_to_pdf(render_latex(Document("Deep", blocks))).report
    assert report.is_clean, report


@pytest.mark.parametrize("kind", ["sum", "product", "nested", "negative", "big operator", "fraction"])
def test_a_broken_formula_reads_back(kind):
    source = render_latex(Document("T", (Display(LONG[kind]),)))
    (aligned,) = re.findall(r"\\begin\{aligned\}\n(.*?)\n\\end\{aligned\}", source, re.DOTALL)
    assert aligned.count(r"\\") >= 1
    joined = re.sub(r"\\\\|&|\{\}|\\hspace\{[^}]*\}|\\big[lr](?=[^a-z])", " ", aligned)
    assert without_groups(parse_latex(joined)) == without_groups(flat(LONG[kind]))


def flat(node):
    """A fraction that was broken is written with a slash."""
    return Quotient(node.numerator, node.denominator, "slash") if isinstance(node, Quotient) else node


def test_short_formulas_stay_on_one_line():
    source = render_latex(Document("T", (Display(total(4)),)))
    assert r"\begin{aligned}" not in source


def test_steps_are_linked_in_both_directions(document):
    source = render_latex(document)
    targets = set(re.findall(r"\\(?:hypertarget|symnnanchor)\{([^}]*)\}", source))
    links = set(re.findall(r"\\hyperlink\{([^}]*)\}", source))
    assert links <= targets
    assert {"opened-1", "opened-from-1"} <= links
