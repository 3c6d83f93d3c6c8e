"""The annotated note: every line of the document, the claims marked in place, nothing from the document as markup."""

from __future__ import annotations

import html
from dataclasses import replace
from pathlib import Path

import pytest
from browser import measured, needs_browser
from bs4 import BeautifulSoup

from symnn.notes.judge import Claim, FileReport, Input, Report
from symnn.notes.judge.process.verify import verify_input
from symnn.notes.report import render
from symnn.notes.report.formulas import formula_markup


def page(report: Report) -> BeautifulSoup:
    return BeautifulSoup(render(report, "html"), "html.parser")


def test_the_note_is_there_line_by_line(report: Report, wrong: FileReport) -> None:
    rows = [row.pre.get_text() for row in page(report).select("div.row") if row.pre]
    assert rows == wrong.texts["wrong.md"].split("\n")


def test_each_claim_is_marked_where_it_stands(report: Report, wrong: FileReport) -> None:
    soup = page(report)
    for claim in wrong.claims:
        marks = soup.select(f"#p0l{claim.line} mark.{claim.verdict}")
        written = claim.source_line[claim.column - 1 : claim.end_column - 1 if claim.end_line == claim.line else None]
        assert written in [mark.get_text() for mark in marks]


def test_a_wrong_claim_has_a_card_that_the_list_leads_to(report: Report, wrong: FileReport) -> None:
    soup = page(report)
    links = [link["href"] for link in soup.select("ul.wrong a")]
    assert links == [f"#p0c{claim.id}" for claim in wrong.with_verdict("refuted")]
    for claim in wrong.with_verdict("refuted"):
        card = soup.select_one(f"#p0c{claim.id}")
        assert card is not None
        assert claim.correct in card.get_text()
        assert claim.reading in card.get_text()


def test_anchors_are_unique(wrong: FileReport) -> None:
    soup = page(Report((wrong, replace(wrong, path="again.md", texts={"again.md": wrong.texts["wrong.md"]}))))
    anchors = [tag["id"] for tag in soup.select("[id]")]
    assert len(anchors) == len(set(anchors))


def test_it_needs_no_network_and_runs_no_script(report: Report) -> None:
    text = render(report, "html")
    soup = BeautifulSoup(text, "html.parser")
    assert not soup.select("script, link, img, iframe")
    assert "http" not in text


def test_the_document_is_data() -> None:
    evil = "<script>alert(1)</script> & \"'\x1b"
    claim = Claim(1, 1, 1, 1, evil, evil, "refuted", evil, evil, "sign", evil, (evil,), 5, evil, evil)
    text = render(Report((FileReport(evil, (claim,), evil, (), {evil: evil}),)), "html")
    assert "<script" not in text
    assert "\x1b" not in text
    assert html.escape("<script>", quote=False) in text


def test_a_claim_over_several_lines_is_marked_on_each() -> None:
    claim = Claim(1, 1, 4, 3, "a = b c", "", "proved", "", end_column=3, source_line="x: a =")
    soup = page(Report((FileReport("a.md", (claim,), texts={"a.md": "x: a =\n  b\n c d"}),)))
    assert [mark.get_text() for mark in soup.select("mark")] == ["a =", "b", "c"]


def test_without_the_text_the_lines_with_claims_are_shown(wrong: FileReport) -> None:
    soup = page(Report((replace(wrong, texts={}),)))
    rows = [row.pre.get_text() for row in soup.select("div.row") if row.pre]
    assert rows == [line for _, line in sorted({(c.line, c.source_line) for c in wrong.claims})]
    assert soup.select(".gap")


def test_an_endless_line_is_cut() -> None:
    claim = Claim(1, 1, 1, 1, "1 = 2", "1 = 2", "refuted", "no", end_column=6, source_line="1 = 2")
    text = render(Report((FileReport("a.md", (claim,), texts={"a.md": "1 = 2 " * 100_000}),)), "html")
    assert len(text) < 30_000
    assert "Claim 1" in text


def test_formulas_are_shown_and_the_wrong_link_alone_is_marked() -> None:
    note = "Let $f(x) = x^3$ and $g$.\n\n$$\n\\begin{aligned}\nf'(x) &= 3x^2 \\\\\n &= 2x^2 < 1\n\\end{aligned}\n$$\n"
    report = verify_input(Input("n.md", note.encode()), with_text=True)
    soup = page(Report((report,)))
    rows = {int(row["id"].partition("l")[2]): row for row in soup.select("div.row[id]")}
    assert rows[1].select_one(".set").get_text().split() == ["Let", "f\u2062(x)", "=", "x3", "and", "g."]
    assert [n for n, row in rows.items() if "blank" in row["class"]] == [3, 4, 7, 8]
    [mark] = rows[6].select(".set mark.refuted")
    assert mark.get_text() == "2\u2062x2"
    assert rows[6].select_one(".set").get_text().split()[0] == "="
    assert "$" not in "".join(row.select_one(".set").get_text() for row in rows.values() if row.select_one(".set"))


def test_the_tags_of_a_formula_in_mathml_are_not_shown() -> None:
    math = "<math><mi>a</mi><mo>=</mo><mfrac><mn>1</mn><mi>b</mi></mfrac></math>"
    note = f"<!doctype html><html><body>\n{math}\n</body></html>\n"
    soup = page(Report((verify_input(Input("n.html", note.encode()), with_text=True),)))
    assert "".join(soup.select_one("#p0l2 .set").get_text().split()) == "a=1b"


def test_what_cannot_be_parsed_stays_as_it_is_written(report: Report) -> None:
    row = page(report).select_one("#p0l30")
    assert "unknown{x}" in row.get_text()
    assert not row.select(".set")


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("f'(x) = 3x² − ∂L/∂W", ""),
        ("∂L/∂W = 2x", "∂L∂W=2x"),
        ("x² is 25, not 26", ""),
        ("see <b>", ""),
        ("W^T x", "WTx"),
    ],
)
def test_a_formula_of_a_card_is_shown_only_where_it_says_the_same(text: str, letters: str) -> None:
    shown = BeautifulSoup(formula_markup(text), "html.parser")
    assert shown.get_text().replace("\u2062", "") == letters


SEEN = """(() => {
  const shows = all => [...document.querySelectorAll(all)].filter(e => e.getBoundingClientRect().height > 0).length;
  const count = () => [shows("pre"), shows("div.set"), shows("mark math"), shows("dd.written")];
  const before = count();
  document.getElementById("source").click();
  const root = document.documentElement;
  return {before, after: count(), overflow: root.scrollWidth - root.clientWidth};
})()"""


@needs_browser
@pytest.mark.parametrize("width", [500, 1200])
def test_a_browser_shows_formulas_and_on_request_their_source(report: Report, width: int, tmp_path: Path) -> None:
    seen = measured(render(report, "html"), SEEN, tmp_path, width=width)
    pre, formulas, maths, written = seen["before"]
    assert pre
    assert formulas >= 10
    assert maths >= 20
    assert written == 0
    assert seen["after"][1:3] == [0, 0]
    assert seen["after"][0] > pre + formulas - 1
    assert seen["after"][3] > 5
    assert seen["overflow"] == 0, "the page is wider than the window"
