"""``symnn check``: the derived gradients against numeric ones, or the replay of a stored derivation."""

from __future__ import annotations

import re
from typing import Protocol, Unpack

import click

from symnn.cli.output import deliver
from symnn.cli.roles import Roles, with_roles
from symnn.errors import ExitCode, excerpt
from symnn.files import read_text

MAX_SIZE = 10_000


class Report(Protocol):
    """What both checks return."""

    @property
    def passed(self) -> bool:
        """Whether everything holds."""
        ...


def _sizes(ctx: click.Context, param: click.Parameter, value: str | None) -> dict[str, int]:
    """Read ``n=3,m=5``."""
    sizes: dict[str, int] = {}
    for part in value.split(",") if value is not None else ():
        pair = re.fullmatch(r"\s*([^\W\d]\w*)\s*=\s*([0-9]{1,9})\s*", part)
        if pair is None:
            raise click.BadParameter(f"'{excerpt(part)}' is not of the form n=3", ctx, param)
        name, size = pair[1], int(pair[2])
        if not 1 <= size <= MAX_SIZE:
            raise click.BadParameter(f"{excerpt(name)} must be between 1 and {MAX_SIZE}", ctx, param)
        if name in sizes:
            raise click.BadParameter(f"{excerpt(name)} is given twice", ctx, param)
        sizes[name] = size
    return sizes


@click.command(short_help="Compare the gradients with numeric ones.")
@click.argument("source", metavar="NOTE|FILE.json", type=click.Path())
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of the random numbers.")
@click.option("--sizes", callback=_sizes, metavar="n=3,m=5", help="Sizes of the dimensions that the note leaves open.")
@with_roles
def check(source: str, seed: int, sizes: dict[str, int], **roles: Unpack[Roles]) -> ExitCode:
    """Compare the derived gradients of a note with numeric ones, or replay a derivation stored as JSON.

    Prints a table. The exit status is 1 if any gradient is off, or if a step of the derivation does not
    follow.

    \b
    Examples:
      symnn check mlp.md
      symnn check mlp.md --sizes n=3,m=5 --seed 7
      symnn derive mlp.md -o mlp.json && symnn check mlp.json
    """
    if source.lower().endswith(".json"):
        from symnn.check.kernel import replay

        report: Report = replay(read_text(source, max_line=None), source)
    else:
        from symnn.check.gradients import check_note

        report = check_note(source, seed=seed, sizes=sizes, **roles)
    deliver(str(report), None)
    return ExitCode.OK if report.passed else ExitCode.REFUTED
