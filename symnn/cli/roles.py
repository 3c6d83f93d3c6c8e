"""The options by which a user says what the names of a note are, for all commands that read a network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypedDict, TypeVar

import click

from symnn.errors import excerpt

Command = TypeVar("Command", bound=Callable[..., Any])


class Roles(TypedDict):
    """What the user says about the names; None where the note decides."""

    of: str | None
    wrt: tuple[str, ...] | None
    inputs: tuple[str, ...] | None
    targets: tuple[str, ...] | None


def _names(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    """Split ``W_1,b_1`` at the commas; refuse an empty name and one that is given twice."""
    if value is None:
        return None
    names = tuple(part.strip() for part in value.split(","))
    if "" in names:
        raise click.BadParameter(f"an empty name in '{excerpt(value)}'", ctx, param)
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise click.BadParameter(f"'{excerpt(twice)}' is given twice", ctx, param)
    return names


def with_roles(command: Command) -> Command:
    """Add ``--of``, ``--wrt``, ``--inputs`` and ``--targets`` to a command, which gets them by keyword."""
    options = (
        click.option("--of", metavar="NAME", help="The name to differentiate, if the note has several losses."),
        click.option(
            "--wrt",
            callback=_names,
            metavar="NAMES",
            help="Differentiate with respect to these (separated by commas), not to all parameters.",
        ),
        click.option("--inputs", callback=_names, metavar="NAMES", help="These leaves are inputs."),
        click.option("--targets", callback=_names, metavar="NAMES", help="These leaves are targets."),
    )
    for option in reversed(options):
        command = option(command)
    return command
