"""``symnn verify``: judge every claim of documents that people wrote."""

from __future__ import annotations

import os

import click

from symnn.cli.output import chosen_format, deliver, keep_inputs
from symnn.cli.progress import progress
from symnn.errors import ExitCode, printable

FORMATS = ("text", "json", "sarif", "html")
BY_ENDING = {".txt": "text", ".json": "json", ".sarif": "sarif", ".html": "html", ".htm": "html"}


@click.command(short_help="Judge the claims of a hand derivation.")
@click.argument("notes", metavar="NOTE...", nargs=-1, required=True, type=click.Path())
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    help="By default what the ending of -o says, else text.",
)
@click.option("-o", "--output", type=click.Path(), help="Write the report to this file.")
@click.option("--explain", type=click.IntRange(min=1), metavar="N", help="Show the derivation behind verdict N.")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=lambda: os.cpu_count() or 1,
    show_default="one per processor",
    help="How many files are read at the same time.",
)
def verify(notes: tuple[str, ...], format_: str | None, output: str | None, explain: int | None, jobs: int) -> ExitCode:
    """Judge every claim of the notes: proved, agrees, refuted, undecided, definition. Wrong ones come first.

    A directory stands for all documents in it, "-" for standard input. The exit status is 1 if any claim is
    refuted, else 2 if a document cannot be read.

    \b
    Examples:
      symnn verify notes.md lecture.tex chapter.ipynb page.html
      symnn verify notes/ -o report.sarif       also .json .html .txt
      symnn verify notes.md --explain 12        the steps behind one verdict
    """
    chosen = chosen_format(format_, output, BY_ENDING, default="text")
    if explain is not None and (len(notes) > 1 or os.path.isdir(notes[0])):
        raise click.UsageError("--explain looks into one note; its claims are numbered by `symnn verify NOTE`.")
    if explain is not None and chosen not in ("text", "html"):
        raise click.UsageError("--explain writes text or HTML.")

    from symnn.notes.judge import verify_notes
    from symnn.notes.judge.process.files import documents

    inputs = documents(notes)
    keep_inputs((*notes, *(document.path for document in inputs)), output)
    if explain is not None:
        from symnn.notes.explain import explain as explained
        from symnn.write import render as render_document

        found = explained(inputs[0], explain)
        deliver(render_document(found.document, chosen, steps=3), output)
        return ExitCode.REFUTED if found.claim.verdict == "refuted" else ExitCode.OK

    from symnn.notes.report import render

    report = verify_notes(inputs, jobs=jobs, progress=progress, with_text=chosen == "html")
    deliver(render(report, chosen), output)
    if chosen != "text" or output is not None:
        for problem in report.problems:
            click.echo(printable(problem, newlines=True), err=True)
    if report.refuted:
        return ExitCode.REFUTED
    return ExitCode.OK if report.passed else ExitCode.BAD_INPUT
