from __future__ import annotations

import re

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from symnn.notation import parse_latex, without_groups
from symnn.notation.tree import Group, Name, Number, Script, Signed, Sum
from symnn.write.document import CodeBlock, Document, Formula, Table, inlines, linked_anchors, walk_inlines
from symnn.write.markdown import render_markdown


def tokens(source):
    reader = MarkdownIt("gfm-like", {"html": True, "linkify": False}).use(dollarmath_plugin, double_inline=True)
    for token in reader.parse(source):
        yield token
        yield from token.children or ()


def test_golden(document, golden):
    golden("mlp.md", render_markdown(document))


def test_every_formula_is_found_and_read(document):
    found = [token for token in tokens(render_markdown(document)) if token.type.startswith("math_")]
    inline = [token for token in found if token.type == "math_inline"]
    in_text = [part for part in walk_inlines(document) if isinstance(part, Formula)]
    assert 0 < len(inline) <= len(in_text)  # reasons and summaries are part of something else
    for token in inline:
        parse_latex(token.content)
    assert sum(token.type == "math_block" for token in found) >= 15


def test_links_lead_somewhere(document):
    source = render_markdown(document)
    targets = set(re.findall(r'<a id="([^"]*)"></a>', source))
    links = {token.attrs["href"][1:] for token in tokens(source) if token.type == "link_open"}
    assert links
    assert links <= targets
    assert set(linked_anchors(document)) <= targets


def test_details_are_balanced(document):
    source = render_markdown(document)
    assert source.count("<details>") == source.count("</details>") == source.count("<summary>") > 0


def test_bars_do_not_end_a_cell():
    norm = Group(Name("x"), "|", "|")
    source = render_markdown(Document("T", (Table((inlines("a|b"), inlines("c")), ((inlines(norm), inlines("|")),)),)))
    cells = [token for token in tokens(source) if token.type == "td_open"]
    assert len(cells) == 2
    (formula,) = [token.content for token in tokens(source) if token.type == "math_inline"]
    assert without_groups(parse_latex(formula)) == without_groups(norm)


def test_code_keeps_its_lines():
    text = "a = '```'\n  b"
    (fence,) = [
        token for token in tokens(render_markdown(Document("T", (CodeBlock(text, "py x"),)))) if token.type == "fence"
    ]
    assert fence.content == text + "\n"
    assert fence.info == "pyx"


def test_formulas_stay_on_one_line_in_a_table():
    long = Sum(tuple(Signed("+", Script(Name("x"), Number(str(k)))) for k in range(60)))
    source = render_markdown(Document("T", (Table((inlines("a"),), ((inlines(long),),)),)))
    assert len([line for line in source.splitlines() if line.startswith("|")]) == 3
