"""``symnn derive``: from a note, or an operator, to the derivation of its gradients."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Unpack

import click

from symnn.cli.output import STDOUT, chosen_format, deliver, keep_inputs
from symnn.cli.roles import Roles, with_roles
from symnn.files import STDIN

if TYPE_CHECKING:
    from symnn.network.batch import Reduction

FORMATS = ("text", "latex", "pdf", "html", "markdown", "notebook", "json")
BY_ENDING = {
    ".txt": "text",
    ".tex": "latex",
    ".pdf": "pdf",
    ".html": "html",
    ".htm": "html",
    ".md": "markdown",
    ".ipynb": "notebook",
    ".json": "json",
}


@click.command(short_help="Derive the gradients of a note or an operator.")
@click.argument("source", metavar="NOTE|OPERATOR", type=click.Path())
@click.option("-o", "--output", type=click.Path(), help="Write to this file instead of the terminal.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    help="By default what the ending of -o says, else text.",
)
@click.option(
    "--order",
    type=click.IntRange(1, 2),
    default=1,
    show_default=True,
    help="2 derives the Hessian and its product with a vector.",
)
@click.option(
    "--batch",
    type=click.Choice(("mean", "sum")),
    help="Derive for a batch of samples, with the mean or the sum of their losses.",
)
@with_roles
def derive(
    source: str, output: str | None, format_: str | None, order: int, batch: Reduction | None, **roles: Unpack[Roles]
) -> None:
    """Derive every gradient of the network that a note defines, step by step.

    The argument is a document (Markdown, LaTeX, notebook, HTML), "-" for standard input, or the name of an
    operator as `symnn operators` lists it.

    \b
    Examples:
      symnn derive mlp.md                       readable text in the terminal
      symnn derive mlp.md -o mlp.tex            also .pdf .html .md .json .txt
      symnn derive mlp.md --wrt W_1,b_1         these gradients only
      symnn derive softmax                      one operator
      symnn derive logistic.md --order 2        second derivatives
      symnn derive mlp.md --batch mean          for a batch, in matrix form
    """
    chosen = chosen_format(format_, output, BY_ENDING, default="text")
    to_stdout = output is None or output == STDOUT
    if chosen == "pdf" and to_stdout:
        raise click.UsageError("A PDF needs a file to go to: -o NAME.pdf")
    keep_inputs([source], output)

    from symnn.write.compose import document_of, document_of_operator

    if names_an_operator(source):
        from symnn.cli.operators import find_operator
        from symnn.recipes import Recipe
        from symnn.write.compose import document_of_recipe

        if batch is not None:
            raise click.UsageError("--batch is for a note: an operator has no data.")
        if chosen == "json":
            raise click.UsageError("An operator has no network to store as JSON; derive a note.")
        found = find_operator(source)
        if isinstance(found, Recipe) and order == 2:
            raise click.UsageError("--order 2 is for a note or an operator: what an optimiser does is no function.")
        document = document_of_recipe(found) if isinstance(found, Recipe) else document_of_operator(found, order=order)
    else:
        from symnn.check.kernel import check_derivation
        from symnn.derive import derive as derive_network
        from symnn.network.batch import batched
        from symnn.notes.read import network_from_note

        network = network_from_note(source, **roles)
        derivation = derive_network(network if batch is None else batched(network, batch), order=order)
        check_derivation(derivation)
        if chosen == "json":
            from symnn.check.serialize import dumps

            deliver(dumps(derivation), output)
            return
        document = document_of(derivation)

    from symnn.write import render, write

    if output is None or output == STDOUT:
        deliver(render(document, chosen), output)
    else:
        write(document, output, chosen, remark=remark)


def remark(line: str) -> None:
    """Tell what is amiss in a PDF that was written all the same."""
    click.echo(f"symnn: note: {line}", err=True)


def names_an_operator(source: str) -> bool:
    """Whether the argument can only be meant as an operator: a plain name, and no file of that name.

    >>> names_an_operator("softmax"), names_an_operator("notes/mlp"), names_an_operator("mlp.md")
    (True, False, False)
    """
    return source != STDIN and re.fullmatch(r"[A-Za-z]\w*", source) is not None and not os.path.exists(source)
