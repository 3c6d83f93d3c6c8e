"""The whole explanation of one verdict, section by section."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePath

from symnn.errors import Place, SymnnError
from symnn.notation import to_text
from symnn.notation.errors import NotationError
from symnn.notation.plain import parse_plain
from symnn.notes.explain.calculation import calculation_block
from symnn.notes.explain.comparison import comparison_section
from symnn.notes.explain.derivatives import derivative_sections
from symnn.notes.explain.grounds import Grounds
from symnn.notes.explain.numbers import numbers_section
from symnn.notes.explain.understood import definitions_section, understood_section
from symnn.notes.find import find
from symnn.notes.judge.claims import Claim, FileReport
from symnn.notes.judge.decision.settle import Judged
from symnn.notes.judge.judge import judged_with_context
from symnn.notes.judge.process.files import Input
from symnn.notes.report.words import SLIPS, VERDICTS, headline
from symnn.write.document import Block, CodeBlock, Document, Inlines, Note, Paragraph, Section, inlines


@dataclass(frozen=True)
class Explanation:
    """A claim and the document that explains what was said of it."""

    claim: Claim
    document: Document


def explain(source: Input, number: int) -> Explanation:
    """Judge a document and explain the verdict on one claim. Raises NoteError, and SymnnError without such a claim."""
    what = Path(source.path) if source.data is None else source.data
    report, context = judged_with_context(find(what, name=source.path))
    claim = next((claim for claim in report.claims if claim.id == number), None)
    if claim is None:
        total = len(report.claims)
        numbers = f"the claims are numbered from 1 to {total}" if total else "there are none"
        raise SymnnError(f"there is no claim {number} in {source.path}: {numbers}")
    judged = context.judged.get(claim.region)
    own = judged is not None and judged.decision.verdict == claim.verdict
    return Explanation(claim, _document(report, claim, judged if own else None))


def _document(report: FileReport, claim: Claim, judged: Judged | None) -> Document:
    blocks: list[Block] = [_claim_section(report, claim)]
    if judged is None:
        blocks += _without_reader(claim)
    else:
        grounds = Grounds.of(judged)
        blocks.append(understood_section(claim, judged, grounds))
        if grounds is not None:
            found = definitions_section(grounds)
            blocks += [found] if found is not None else []
            blocks += derivative_sections(grounds)
            for section in (comparison_section(grounds), numbers_section(grounds)):
                blocks += [section] if section is not None else []
    if claim.verdict == "refuted":
        blocks.append(_right_section(claim, judged))
    title = f"Claim {claim.id}: {VERDICTS[claim.verdict][0]}"
    cell = "" if claim.cell is None else f"cell {claim.cell}, "
    return Document(title, tuple(blocks), f"{PurePath(claim.path or report.path).name}, {cell}line {claim.line}")


def _claim_section(report: FileReport, claim: Claim) -> Section:
    end = claim.end_column if claim.end_line == claim.line else None
    place = Place(claim.path or report.path, claim.line, claim.column, end, "", claim.source_line)
    blocks: list[Block] = []
    if claim.source_line:
        blocks.append(CodeBlock(str(place)))
    blocks.append(Paragraph(inlines(f"The claim {headline(claim)}.")))
    return Section(inlines("The claim"), 1, tuple(blocks))


def _without_reader(claim: Claim) -> list[Block]:
    """What is known of a claim about numbers: the reading, the calculation, the numbers."""
    blocks: list[Block] = []
    if claim.reading:
        blocks.append(Paragraph((*inlines("It was read as: "), *_formula(claim.reading), *inlines("."))))
    worked = calculation_block(claim)
    if worked is not None:
        blocks.append(worked)
    if claim.witness:
        blocks.append(Paragraph(inlines(f"At these numbers: {claim.witness}.")))
    return [Section(inlines("What was understood"), 1, tuple(blocks))] if blocks else []


def _formula(text: str) -> Inlines:
    """A formula in plain notation, as a formula where that says the same."""
    try:
        node = parse_plain(text)
    except NotationError:
        return inlines(text)
    return inlines(node if to_text(node) == text else text)


def _right_section(claim: Claim, judged: Judged | None) -> Section:
    blocks: list[Block] = []
    if claim.slip:
        blocks.append(Paragraph(inlines(f"The slip: {SLIPS.get(claim.slip, claim.slip)}.")))
    if claim.correct:
        blocks.append(Paragraph((*inlines("Right is: "), *_formula(claim.correct))))
        if judged is not None and judged.correction is not None:
            blocks.append(Paragraph(inlines("With that change both sides have the same normal form.")))
    else:
        blocks.append(Note("gap", inlines("No small change was found that makes it true.")))
    return Section(inlines("What would be right"), 1, tuple(blocks))
