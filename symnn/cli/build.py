"""``symnn build``: rebuild the documents and modules that belong to the notes of a project."""

from __future__ import annotations

import click

from symnn.cli.output import deliver
from symnn.cli.progress import progress
from symnn.errors import ExitCode


@click.command(short_help="Rebuild derivations/ and codegen/.")
@click.option("--check", "check_only", is_flag=True, help="Write nothing; exit with 1 if a file would change.")
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False),
    default=".",
    show_default=True,
    help="The directory that holds derivations/ and codegen/.",
)
def build(check_only: bool, root: str) -> ExitCode:
    """Rebuild derivations/ and codegen/ from the notes in derivations/notes/.

    \b
    Examples:
      symnn build                 write what is missing or has changed, remove what no note makes
      symnn build --check         for CI: only compare, byte for byte
    """
    from symnn.build import build as build_all

    report = build_all(root, check=check_only, progress=progress)
    deliver(str(report), None)
    return ExitCode.OK if report.passed else ExitCode.REFUTED
