"""``symnn emit``: from a note to a NumPy module."""

from __future__ import annotations

from typing import Literal, Unpack

import click

from symnn.cli.output import deliver, keep_inputs
from symnn.cli.roles import Roles, with_roles


@click.command(short_help="Write the network of a note as a NumPy module.")
@click.argument("note", type=click.Path())
@click.option("-o", "--output", type=click.Path(), help="Write to this file instead of the terminal.")
@click.option(
    "--reduction",
    type=click.Choice(["mean", "sum", "none"]),
    default="mean",
    show_default=True,
    help="What becomes of the losses of a batch.",
)
@click.option("--hvp", is_flag=True, help="Add the function hvp: the product of the Hessian with a direction.")
@with_roles
def emit(
    note: str, output: str | None, reduction: Literal["mean", "sum", "none"], hvp: bool, **roles: Unpack[Roles]
) -> None:
    """Write the network of a note as one Python module that needs NumPy and nothing else.

    The module has forward, backward and value_and_grad, takes a single sample or a batch, and says the
    formulas and shapes in its docstrings. Running it prints a check of itself.

    \b
    Examples:
      symnn emit mlp.md -o mlp.py               then: python mlp.py
      symnn emit mlp.md --reduction sum         the losses of a batch are added, not averaged
      symnn emit mlp.md --hvp -o mlp.py         also second derivatives, as products with a direction
    """
    keep_inputs([note], output)

    from symnn.emit import emit as emit_module
    from symnn.notes.read import network_from_note

    deliver(emit_module(network_from_note(note, **roles), reduction=reduction, hvp=hvp), output)
