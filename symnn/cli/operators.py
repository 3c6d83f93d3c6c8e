"""``symnn operators``: the operators there are, each with its formula."""

from __future__ import annotations

import click

from symnn.cli.output import deliver


@click.command(short_help="List the operators.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
def operators(format_: str) -> None:
    """List the operators, each with its formula. `symnn derive NAME` shows one in full.

    \b
    Examples:
      symnn operators
      symnn operators --format json
    """
    from symnn.operators import listing

    deliver(listing(format_), None)
