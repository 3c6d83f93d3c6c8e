"""The group of all commands."""

from __future__ import annotations

import click

from symnn import __version__
from symnn.cli.build import build
from symnn.cli.check import check
from symnn.cli.completion import completion
from symnn.cli.derive import derive
from symnn.cli.emit import emit
from symnn.cli.operators import operators
from symnn.cli.verify import verify


class _InOrder(click.Group):
    """A group that lists its commands in the order of use, not of the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(
    cls=_InOrder,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    no_args_is_help=True,
    epilog="Exit status: 0 fine, 1 the answer is no (a wrong gradient, a false claim), 2 bad input or usage.",
)
@click.version_option(__version__, message="%(prog)s %(version)s", prog_name="symnn")
def app() -> None:
    """Derive a network's gradients from its formulas, write them out, emit NumPy, check hand derivations.

    A note is a Markdown or LaTeX document that defines the network: a_1 = W_1 x + b_1, and so on. Where a
    file is read, "-" means standard input.

    \b
    Examples:
      symnn derive mlp.md                 the derivation, as text in the terminal
      symnn derive mlp.md -o mlp.pdf      as a document (also .tex .html .md .json)
      symnn emit   mlp.md -o mlp.py       a NumPy module with forward and backward
      symnn check  mlp.md                 the gradients against numeric ones
      symnn verify lecture.md             the claims of a hand derivation
    """


for command in (derive, emit, check, build, verify, operators, completion):
    app.add_command(command)
