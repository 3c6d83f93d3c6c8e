"""``symnn completion``: the script that teaches a shell to complete symnn's commands and options."""

from __future__ import annotations

import click

from symnn.cli.output import deliver


@click.command(short_help="Print the completion script for a shell.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script by which a shell completes commands, options and file names.

    \b
    Install it once:
      symnn completion bash > ~/.local/share/bash-completion/completions/symnn
      symnn completion zsh  > "${fpath[1]}/_symnn"
      symnn completion fish > ~/.config/fish/completions/symnn.fish
    """
    from click.shell_completion import get_completion_class

    from symnn.cli import COMPLETION_VARIABLE

    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"The installed version of click has no completion for {shell}.")
    program = click.get_current_context().find_root().command
    deliver(kind(program, {}, "symnn", COMPLETION_VARIABLE).source(), None)
