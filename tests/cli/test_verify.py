"""``symnn verify`` as its user runs it: exit statuses, outputs, inputs of every kind, and nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

RIGHT = "$1 + 1 = 2$\n"
WRONG = "Let $f(x) = x^2$.\n\n$$ f'(x) = 3x $$\n"

posix_only = pytest.mark.skipif(os.name != "posix", reason="needs POSIX files and signals")


def test_the_exit_status_tells_right_wrong_and_unreadable(run, tmp_path):
    (tmp_path / "right.md").write_text(RIGHT)
    (tmp_path / "wrong.md").write_text(WRONG)
    (tmp_path / "empty.md").write_text("")
    for names, status in [
        (["right.md"], 0),
        (["wrong.md"], 1),
        (["empty.md"], 2),
        (["right.md", "empty.md"], 2),
        (["right.md", "wrong.md", "empty.md"], 1),
    ]:
        result = run("verify", *names)
        assert result.returncode == status, names
        assert "Traceback" not in result.stderr


def test_wrong_ones_come_first_over_all_files(run, tmp_path):
    (tmp_path / "a.md").write_text(RIGHT)
    (tmp_path / "b.md").write_text(WRONG)
    lines = run("verify", "a.md", "b.md").stdout.splitlines()
    assert lines[0] == "b.md:3:4: claim 2 is wrong: a number in front is wrong"
    assert lines[-1] == "2 documents, 3 claims: 1 wrong, 1 proved, 1 definition"


@pytest.mark.parametrize("ending", ["txt", "json", "sarif", "html"])
def test_a_report_goes_to_a_file(ending, run, tmp_path):
    (tmp_path / "wrong.md").write_text(WRONG)
    result = run("verify", "wrong.md", "-o", f"report.{ending}")
    assert (result.returncode, result.stdout, result.stderr) == (1, "", "")
    format_ = {"txt": "text"}.get(ending, ending)
    assert (tmp_path / f"report.{ending}").read_text("utf-8") == run("verify", "wrong.md", "--format", format_).stdout


def test_a_directory_stands_for_its_documents(run, tmp_path):
    inside = tmp_path / "notes"
    (inside / "deep").mkdir(parents=True)
    (inside / "deep" / "a.md").write_text(WRONG)
    (inside / "b.tex").write_text("\\documentclass{article}\\begin{document}$1+1=3$\\end{document}")
    (inside / "c.py").write_text("1 = 2")
    (inside / ".hidden.md").write_text(WRONG)
    files = json.loads(run("verify", "notes", "--format", "json", "--jobs", "2").stdout)["files"]
    assert [Path(file["path"]).as_posix() for file in files] == ["notes/b.tex", "notes/deep/a.md"]


@posix_only
def test_links_do_not_lead_out_and_no_file_is_judged_twice(run, tmp_path):
    inside = tmp_path / "notes"
    inside.mkdir()
    (tmp_path / "secret.md").write_text(WRONG)
    (inside / "a.md").write_text(RIGHT)
    (inside / "again.md").symlink_to("a.md")
    (inside / "out.md").symlink_to(tmp_path / "secret.md")
    (inside / "up").symlink_to(tmp_path)
    (inside / "gone.md").symlink_to("nowhere")
    os.mkfifo(inside / "pipe.md")
    files = json.loads(run("verify", "notes", "notes/a.md", "./notes/a.md", "--format", "json").stdout)["files"]
    assert [Path(file["path"]).as_posix() for file in files] == ["notes/a.md"]


def test_a_file_that_another_includes_is_judged_once(run, tmp_path):
    inside = tmp_path / "notes"
    inside.mkdir()
    (inside / "main.tex").write_text(
        "\\documentclass{article}\\newcommand{\\two}{2}\n\\begin{document}\n\\input{a}\n\\end{document}\n"
    )
    (inside / "a.tex").write_text("$1 + 1 = \\two$\n")
    files = json.loads(run("verify", "notes", "--format", "json").stdout)["files"]
    found = [(Path(f["path"]).name, [c["verdict"] for c in f["claims"]]) for f in files]
    assert found == [("main.tex", []), ("a.tex", ["proved"])]


def test_standard_input(run):
    result = run("verify", "-", input=WRONG)
    assert result.returncode == 1
    assert result.stdout.startswith("<stdin>:3:4: claim 2 is wrong")
    assert "<mark" in run("verify", "-", "--format", "html", input=WRONG).stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nothing.md"], "there is no such file"),
        (["bare"], "there is no document in this directory"),
        (["wrong.md", "--explain", "99"], "the claims are numbered from 1 to 2"),
        (["wrong.md", "wrong2.md", "--explain", "1"], "one note"),
        (["bare", "--explain", "1"], "one note"),
        (["wrong.md", "--explain", "1", "--format", "sarif"], "text or HTML"),
        (["wrong.md", "-o", "report.pdf"], "names no format"),
        (["wrong.md", "-o", "no/report.json"], "no directory"),
        (["wrong.md", "--format", "text", "-o", "wrong.md"], "this is the input"),
        ([".", "--format", "text", "-o", "wrong2.md"], "this is the input"),
        (["broken.ipynb"], "not valid JSON"),
        (["binary.md"], "binary"),
        ([], "Missing argument"),
    ],
)
def test_one_clear_message(arguments, says, run, tmp_path):
    (tmp_path / "bare").mkdir()
    for name in ("wrong.md", "wrong2.md"):
        (tmp_path / name).write_text(WRONG)
    (tmp_path / "broken.ipynb").write_text('{"cells": [')
    (tmp_path / "binary.md").write_bytes(b"\x00\x01\xff" * 99)
    before = sorted(os.listdir(tmp_path))
    result = run("verify", *arguments)
    assert result.returncode == 2
    assert result.stdout == ""
    assert says in result.stderr
    assert "Traceback" not in result.stderr
    assert "internal error" not in result.stderr
    assert sorted(os.listdir(tmp_path)) == before
    assert (tmp_path / "wrong.md").read_text() == WRONG


def test_a_report_in_a_file_tells_problems_on_the_terminal_too(run, tmp_path):
    (tmp_path / "right.md").write_text(RIGHT)
    (tmp_path / "empty.md").write_text("")
    result = run("verify", "right.md", "empty.md", "-o", "report.json")
    assert result.returncode == 2
    assert result.stderr == "empty.md: the file is empty\n"
    assert json.loads((tmp_path / "report.json").read_text())["files"][1]["problem"] == "empty.md: the file is empty"


def test_explain(run, tmp_path):
    (tmp_path / "wrong.md").write_text(WRONG)
    result = run("verify", "wrong.md", "--explain", "2")
    assert result.returncode == 1
    assert "power rule, then the chain rule" in result.stdout
    assert "Right is: f'(x) = 2x" in result.stdout
    assert run("verify", "wrong.md", "--explain", "1").returncode == 0
    assert run("verify", "-", "--explain", "2", input=WRONG).stdout.startswith("Claim 2: wrong\n")
    assert run("verify", "wrong.md", "--explain", "2", "-o", "why.html").returncode == 1
    assert "<math" in (tmp_path / "why.html").read_text("utf-8")


@posix_only
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_killed_run_leaves_nothing(how, symnn_command, tmp_path):
    # Two hundred definitions that use each other keep a worker busy for longer than it takes to kill it.
    steps = [f"$ a_{{{i}}} = \\tanh(a_{{{i - 1}}}) a_{{{i - 1}}} + b_{{{i}}} $" for i in range(1, 200)]
    claims = [f"$ \\frac{{\\partial a_{{{i}}}}}{{\\partial a_0}} = {i} $" for i in range(1, 200)]
    note = tmp_path / "slow.md"
    note.write_text("\n\n".join(steps + claims))
    command = [*symnn_command, "verify", "slow.md", "-o", "report.html"]
    running = subprocess.Popen(command, cwd=tmp_path, start_new_session=True, stderr=subprocess.PIPE, text=True)
    time.sleep(2)
    assert running.poll() is None, "the note is judged too fast for this test"
    running.send_signal(how)
    _, err = running.communicate(timeout=20)
    assert running.returncode == (-how if how == signal.SIGKILL else 128 + how)
    assert "Traceback" not in err
    assert os.listdir(tmp_path) == ["slow.md"]
    for _ in range(50):  # the workers are gone as well: nobody is left in the group
        try:
            os.killpg(running.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    pytest.fail("a worker outlived the run")
