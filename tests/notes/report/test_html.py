"""The annotated note: every line of the document, the claims marked in place, nothing from the document as markup."""

from __future__ import annotations

import html
from dataclasses import replace

from bs4 import BeautifulSoup

from symnn.notes.judge import Claim, FileReport, Report
from symnn.notes.report import render


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
