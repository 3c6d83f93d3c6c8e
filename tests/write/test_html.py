"""HTML: one file, no network, well formed, every link leads somewhere."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from browser import dumped, needs_browser
from bs4 import BeautifulSoup

from symnn.notation.tree import Name, Number, Script, Signed, Sum
from symnn.write.document import Display, Document, Note, Paragraph, Step, Steps, inlines, walk_steps
from symnn.write.html import render_html


@pytest.fixture(scope="module")
def page(document):
    return render_html(document)


@pytest.fixture(scope="module")
def soup(page):
    return BeautifulSoup(page, "html.parser")


def test_golden(page, golden):
    golden("mlp.html", page)


def test_nothing_is_loaded_from_anywhere(page, soup):
    for element in soup.find_all(True):
        for attribute in ("src", "href", "data", "action", "poster", "srcset"):
            assert str(element.get(attribute, "#")).startswith("#"), element
    assert not soup.find_all(["script", "link", "iframe", "object", "embed", "img"])
    assert "url(" not in re.sub(r"url\(#head-\w+\)", "", page)
    assert "@import" not in page
    policy = soup.find("meta", {"http-equiv": "Content-Security-Policy"})["content"]
    assert policy.startswith("default-src 'none'")


def test_ids_are_unique_and_links_lead_to_them(soup):
    ids = [element["id"] for element in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))
    links = {element["href"][1:] for element in soup.find_all("a", href=True)}
    assert links
    assert links <= set(ids)


def test_formulas_and_the_picture_are_well_formed(page):
    parts = re.findall(r"<math.*?</math>|<svg.*?</svg>", page, re.DOTALL)
    assert len(parts) > 40
    for part in parts:
        ElementTree.fromstring(part)


def test_no_math_element_stands_inside_another(soup):
    assert not [element for element in soup.find_all("math") if element.find("math")]


def test_every_step_is_there(soup, document):
    steps = [block for section in document.blocks for inner in section.blocks for block in getattr(inner, "blocks", ())]
    (block,) = [block for block in steps if isinstance(block, Steps)]
    assert len(soup.select("details.steps .rule")) == sum(1 for _ in walk_steps(block.steps))
    assert len(soup.select("details.steps details")) == 3


def test_a_link_highlights_what_it_leads_to(page):
    assert 'body:has(a[href="#adj-yhat"]:is(:hover, :focus-visible)) #adj-yhat' in page
    assert 'body:has(#adj-yhat:hover) a[href="#adj-yhat"]' in page


def test_hostile_words_stay_words():
    words = "<script>alert(1)</script> &amp; \" ' <!-- --> {{ 7 * 7 }} \x1b"
    blocks = (Paragraph(inlines(words)), Note("gap", inlines(words)), Steps(inlines(words), (Step(words),)))
    soup = BeautifulSoup(render_html(Document(words, blocks, words, words)), "html.parser")
    assert not soup.find_all("script")
    assert soup.h1.get_text() == words.replace("\x1b", "\\x1b")
    assert soup.find("p", class_=None).get_text() == words.replace("\x1b", "\\x1b")


def test_long_formulas_are_broken():
    node = Sum(tuple(Signed("+", Script(Name("x"), Number(str(k)))) for k in range(60)))
    soup = BeautifulSoup(render_html(Document("T", (Display(node),))), "html.parser")
    assert len(soup.select(".chain tr")) > 2


def test_the_picture_says_what_it_shows(soup):
    assert soup.svg["role"] == "img"
    assert "a₁ uses x, W₁, b₁" in soup.svg.desc.get_text()


@needs_browser
def test_a_browser_builds_the_same_page(page, tmp_path):
    """The browser repairs what is not well formed; then elements would move or vanish."""
    path = tmp_path / "page.html"
    path.write_text(page, encoding="utf-8")
    dom = dumped(path, tmp_path / "profile")
    ours, theirs = BeautifulSoup(page, "html.parser"), BeautifulSoup(dom, "html.parser")
    tables = {"tbody"}  # a browser adds these
    for name in sorted({element.name for element in ours.find_all(True)} - tables):
        assert len(ours.find_all(name)) == len(theirs.find_all(name)), name
