import io
import os
import subprocess
import sys

import click
import pytest

from symnn.cli.output import chosen_format, deliver, keep_inputs
from symnn.files import FileError

ENDINGS = {".tex": "latex", ".htm": "html"}


class Terminal(io.StringIO):
    encoding = "ascii"

    def isatty(self):
        return True


def test_a_file_gets_the_content_as_it_is(tmp_path):
    deliver("σ", str(tmp_path / "a.txt"))
    assert (tmp_path / "a.txt").read_bytes() == "σ".encode()


def test_a_terminal_gets_what_it_can_show(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    deliver("σ(x)", None)
    assert terminal.getvalue() == "\\u03c3(x)\n"


@pytest.mark.parametrize("output", ["None", "'-'"])
def test_a_pipe_gets_utf8_in_every_locale(output):
    code = f"from symnn.cli.output import deliver; print('before'); deliver('σ\\n', {output})"
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"}
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=environment)
    assert result.stdout == "before\nσ\n".replace("\n", os.linesep, 1).encode()


@pytest.mark.parametrize(
    ("format_", "output", "expected"),
    [
        (None, None, "text"),
        (None, "-", "text"),
        (None, "a.tex", "latex"),
        (None, "dir.x/A.TEX", "latex"),
        (None, "a.b.htm", "html"),
        ("html", "a.tex", "html"),
        ("html", None, "html"),
    ],
)
def test_the_format_by_name_or_by_ending(format_, output, expected):
    assert chosen_format(format_, output, ENDINGS, default="text") == expected


@pytest.mark.parametrize("output", ["a.doc", "a", "tex", ".tex"])
def test_an_ending_that_names_no_format(output):
    with pytest.raises(click.UsageError, match=r"known: \.tex, \.htm"):
        chosen_format(None, output, ENDINGS, default="text")


def test_an_output_beside_the_input_is_fine(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.md").write_text("x")
    (tmp_path / "b.md").write_text("x")
    keep_inputs(["-", "a.md", "missing.md"], "b.md")
    keep_inputs(["-", "a.md"], "-")
    keep_inputs(["-", "a.md"], None)
    with pytest.raises(FileError, match="this is the input"):
        keep_inputs(["-", "b.md", "a.md"], "../" + tmp_path.name + "/a.md")
