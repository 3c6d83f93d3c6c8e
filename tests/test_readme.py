"""The README is run: its commands exist, its code works, its paths are there, its excerpt is real."""

import re
import shlex
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from symnn.cli.app import app

README = Path(__file__).resolve().parent.parent / "README.md"
TEXT = README.read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    """Every symnn command line in the shell blocks, without what is chained before or after it."""
    parts = [part.strip() for block in blocks("sh") for part in re.split(r"\n|&&", block)]
    return [part.replace(".venv/bin/", "") for part in parts if "symnn" in part.split(" ", 1)[0]]


def excerpts() -> list[tuple[str, str, str]]:
    """Every command whose output the README claims to show, its exit status if not 0, and the lines that it shows."""
    pattern = r"^<!-- output of: (.*?)(?: \(exit status (\d)\))? -->\n+```text\n(.*?)^```$"
    return re.findall(pattern, TEXT, re.MULTILINE | re.DOTALL)


def test_the_readme_shows_what_it_is_about():
    assert len(commands()) >= 8
    assert len(blocks("python")) >= 1
    assert len(excerpts()) >= 1
    assert "FILL" not in TEXT


@pytest.mark.parametrize("line", commands())
def test_every_command_is_understood(line, root):
    name, *arguments = shlex.split(line)[1:]
    command = app.commands[name]
    context = command.make_context(name, arguments)
    for path in re.findall(r"\S+/notes/\S+\.md", line):
        assert (root / path).is_file()
    assert context.params


@pytest.mark.parametrize(("line", "status", "shown"), excerpts())
def test_the_excerpt_is_real_output(line, status, shown, root, symnn_command):
    program, *arguments = shlex.split(line)
    assert program == "symnn"
    result = subprocess.run([*symnn_command, *arguments], cwd=root, capture_output=True, encoding="utf-8", check=False)
    assert result.returncode == int(status or 0), result.stderr
    printed = iter([printed.rstrip() for printed in result.stdout.splitlines()])
    for wanted in textwrap.dedent(shown).splitlines():
        if wanted.strip() not in ("", "…"):
            assert any(wanted.strip() == found.strip() for found in printed), f"not in the output, in order: {wanted!r}"


@pytest.mark.parametrize("code", blocks("python"))
def test_the_code_runs(code, tmp_path):
    # In a process of its own: an example may declare an operator, which no other test should see.
    script = tmp_path / "example.py"
    script.write_text(code, "utf-8")
    subprocess.run([sys.executable, "-W", "error", str(script)], check=True, timeout=120)


@pytest.mark.parametrize(
    "line", [line for block in blocks("text") for line in block.splitlines() if re.match(r"[\w.]+/", line)]
)
def test_every_place_is_there(line, root):
    for path in re.findall(r"(?<![\w.])(?:\w[\w.]*/[\w./]*|\.ci/run)", line):
        assert (root / path).exists(), path


def test_internal_links_lead_somewhere(root):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", TEXT):
        assert (root / target).exists(), target
