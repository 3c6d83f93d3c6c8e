"""Whatever the words of a document hold, they come out as words."""

from __future__ import annotations

import re
import unicodedata
from html import unescape

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from symnn.errors import printable
from symnn.write.escape import (
    EAST_ASIAN,
    OTHER_SCRIPT,
    escape_bookmark,
    escape_html,
    escape_latex,
    escape_latex_code,
    escape_markdown,
    escape_markdown_start,
    escape_math_text,
    escape_text,
    markdown_code,
    markdown_fence,
    one_line,
)

HOSTILE = [
    r"\input{/etc/passwd}",
    r"\write18{rm -rf /} \end{document}",
    "<script>alert('x')</script>",
    "$x$ and $$y$$",
    "100 % of # and & ~ ^ _",
    "a `code` and ``more``",
    "[link](http://evil.example) ![image](x)",
    "http://evil.example www.evil.example a@evil.example",
    "| a | b |",
    "1. a list",
    "- a list",
    "# a heading",
    "---",
    "===",
    "> a quote",
    "*stars* __lines__ ~~gone~~",
    "&lt; &#36; &amp;",
    "{{ template }} {% if %} << x >> <# #>",
    "손실 함수 L을 미분하면",
    "x\u0302 and ŷ and σ′",
    "\x1b[31mred\x07 \u202eright to left",
    "",
]
SPECIAL = st.text(alphabet="\\{}$%&#_^~`'\"<>|[]()*-+.!:/@ \t1aZσ′ŷ가\u0302\x1b", max_size=24)

# Every command that an escaped text may hold. None of them reads a file, defines or runs anything.
COMMANDS = {
    "textbackslash", "textasciicircum", "textasciitilde", "textasciigrave", "textquotedbl", "textless",
    "textgreater", "textbar", "mbox", "textendash", "textemdash", "textquoteleft", "textquoteright", "dots",
    "textquotedblleft", "textquotedblright", "textbullet", "texteuro", "textquotesingle", "ensuremath",
    "symnnother", "symnneastasian", "mathbb", "hat",
}  # fmt: skip


def commands(latex: str) -> set[str]:
    return set(re.findall(r"\\([A-Za-z]+)", latex))


def balanced(latex: str) -> bool:
    """Whether braces that group pair up and nothing special stands bare."""
    depth = 0
    for token in re.findall(r"\\[A-Za-z]+|\\.|.", latex, re.DOTALL):
        depth += (token == "{") - (token == "}")
        if depth < 0 or token in "%&#$" or (token in "_^" and r"\ensuremath" not in latex):
            return False
    return depth == 0


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("escape", [escape_latex, escape_latex_code])
def test_latex_holds_no_foreign_command(escape, text):
    latex = escape(text)
    assert commands(latex) <= COMMANDS | {"alpha", "sigma"}
    assert balanced(latex)


@given(SPECIAL)
def test_latex_is_balanced_for_any_text(text):
    for latex in (escape_latex(text), escape_latex_code(text)):
        assert balanced(latex)
        assert commands(latex) <= COMMANDS | {"sigma"}


def test_latex_says_what_it_means():
    assert escape_latex("W_1 & 5 %") == r"W\_1 \& 5 \%"
    assert escape_latex("σ′") == r"\ensuremath{\sigma}\ensuremath{'}"
    assert escape_latex("x\u0302") == r"\^{x}"
    assert escape_latex("a -- b''c") == r"a -{}-{} b'{}'c"


def test_latex_marks_letters_that_need_another_font():
    assert escape_latex("한 글 x") == f"{EAST_ASIAN}한 글}} x"
    assert escape_latex("да 한") == f"{OTHER_SCRIPT}да }}{EAST_ASIAN}한}}"
    assert EAST_ASIAN not in escape_latex("é ŷ ½ σ")


def test_latex_arguments_cannot_be_faked():
    # After \item or a line end, a bracket or a star would be read as an argument.
    assert escape_latex("[x] *") == "{[}x{]} {*}"


def test_bookmarks_hold_no_formula():
    assert escape_bookmark("σ₁ of $x_1$ → {y}") == r"sigma1 of \$x\_1\$ -> \{y\}"


@pytest.mark.parametrize("text", HOSTILE)
def test_html_reads_back(text):
    read = BeautifulSoup(f'<p title="{escape_html(text)}">{escape_html(text)}</p>', "html.parser").p
    assert read.get_text() == printable(text)
    assert read["title"] == printable(text)
    assert not read.find_all(True)


def read_markdown(source: str) -> str:
    """The text of a paragraph as GitHub reads it, or a complaint."""
    reader = MarkdownIt("gfm-like", {"html": True, "linkify": False}).use(dollarmath_plugin, double_inline=True)
    tokens = reader.parse(source)
    kinds = [token.type for token in tokens]
    if not source.strip():
        return ""
    assert kinds == ["paragraph_open", "inline", "paragraph_close"], kinds
    assert all(child.type in ("text", "text_special") for child in tokens[1].children or ()), source
    return "".join(child.content for child in tokens[1].children or ())


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_reads_back(text):
    assert read_markdown(escape_markdown_start(escape_markdown(text).strip())) == one_line(text).strip()


@given(SPECIAL)
def test_markdown_reads_back_for_any_text(text):
    assert read_markdown(escape_markdown_start(escape_markdown(text).strip())) == one_line(text).strip()


@given(SPECIAL)
def test_markdown_code_reads_back(text):
    tokens = MarkdownIt("commonmark").parseInline("x " + markdown_code(text))
    code = [child for child in tokens[0].children or () if child.type == "code_inline"]
    assert [child.content.strip() for child in code] == [one_line(text).strip()]


def test_markdown_fence_is_longer_than_what_is_inside():
    assert markdown_fence("````") == "`````"


@pytest.mark.parametrize("text", HOSTILE)
def test_words_in_a_formula_stay_words(text):
    latex = escape_math_text(text)
    assert commands(latex) <= {"text", "sigma", "hat", "backslash", "sim"} | {"_"}
    assert balanced(latex.replace("^", "").replace(r"\hat{}", "").replace("_{", "{"))


@pytest.mark.parametrize("text", HOSTILE)
def test_terminal_gets_no_control_character(text):
    assert all(unicodedata.category(char)[0] != "C" for char in escape_text(text))
    assert unescape(escape_text("&lt;")) == "<"
