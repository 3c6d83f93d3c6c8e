import os
import re
import signal
import subprocess
import sys
import textwrap

import click
import pytest

import symnn
from symnn.cli import main
from symnn.cli.app import app
from symnn.errors import NoteError, SymnnError
from symnn.files import FileError

COMMANDS = ["derive", "emit", "check", "build", "verify", "operators", "completion"]
posix_only = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")


@pytest.fixture
def command(monkeypatch):
    """Add a command ``x`` that does what the test wants."""

    def add(action):
        monkeypatch.setitem(app.commands, "x", click.Command("x", callback=action))

    return add


def raising(error):
    def action():
        raise error

    return action


def program(body: str) -> list[str]:
    """Return a command line that runs symnn with a command ``x`` that does ``body``."""
    text = f"""
import sys, time, click
from symnn.cli import main
from symnn.cli.app import app
@app.command()
def x():
{textwrap.indent(textwrap.dedent(body), "    ")}
sys.exit(main(["x"]))
"""
    return [sys.executable, "-c", text]


def test_the_version(run):
    result = run("--version")
    assert (result.returncode, result.stdout, result.stderr) == (0, f"symnn {symnn.__version__}\n", "")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_listed_and_its_help_shows_how_to_call_it(run, name):
    assert re.search(rf"^  {name} +[A-Z].*\.$", run("--help").stdout, re.MULTILINE)
    result = run(name, "--help")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith(f"Usage: symnn {name} ")
    assert len(re.findall(rf"^    symnn {name}", result.stdout, re.MULTILINE)) >= 2


def test_the_list_of_commands_is_complete():
    assert list(app.commands) == COMMANDS


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["derive", "--help"], ["completion", "zsh"]])
def test_help_loads_no_mathematics(arguments):
    code = (
        "import sys; from symnn.cli import main; status = main(sys.argv[1:]);"
        "heavy = {'sympy', 'numpy', 'flint', 'jinja2', 'markdown_it', 'bs4', 'yaml'} & set(sys.modules);"
        "sys.exit(f'loaded {heavy}' if heavy else status)"
    )
    result = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")


def test_no_arguments_show_the_help(run):
    result = run()
    assert result.returncode == 2
    assert "symnn derive mlp.md" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["--nonsense"],
        ["derive"],
        ["derive", "a.md", "--format", "docx"],
        ["derive", "a.md", "-o", "a.docx"],
        ["derive", "a.md", "--format", "pdf"],
        ["derive", "a.md", "--order", "3"],
        ["derive", "a.md", "--wrt", "W_1,,b_1"],
        ["derive", "a.md", "--wrt", "W_1,W_1"],
        ["emit", "a.md", "--reduction", "median"],
        ["check", "a.md", "--seed", "-1"],
        ["check", "a.md", "--sizes", "n"],
        ["check", "a.md", "--sizes", "n=0"],
        ["check", "a.md", "--sizes", "n=3,n=4"],
        ["check", "a.md", "--sizes", "n=100000"],
        ["verify"],
        ["verify", "a.md", "-o", "a.pdf"],
        ["verify", "a.md", "b.md", "--explain", "3"],
        ["verify", ".", "--explain", "3"],
        ["verify", "a.md", "--explain", "0"],
        ["build", "--root", "nowhere"],
        ["completion", "tcsh"],
    ],
)
def test_wrong_usage_is_one_clear_message(run, arguments):
    result = run(*arguments)
    assert result.returncode == 2
    assert result.stdout == ""
    assert "Error: " in result.stderr
    assert "Traceback" not in result.stderr
    assert "internal error" not in result.stderr


@pytest.mark.parametrize("arguments", [["derive"], ["emit"], ["verify"]])
def test_the_input_is_never_overwritten(run, tmp_path, arguments):
    note = tmp_path / "note.html"
    note.write_text("x")
    (tmp_path / "same.html").symlink_to("note.html")
    for output in ("note.html", "./note.html", "same.html"):
        result = run(*arguments, "note.html", "-o", output)
        assert result.returncode == 2
        assert result.stderr == f"{output}: this is the input; writing the output to it would destroy it\n"
    assert note.read_text() == "x"


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (NoteError("clash", "a.md", 1, 2, 3, "a b"), "a.md:1:2: clash\n    1 | a b\n      |  ^\n"),
        (FileError("a.md: no such file"), "a.md: no such file\n"),
        (SymnnError("no operator of this name\x1b[31m"), "symnn: no operator of this name\\x1b[31m\n"),
        (PermissionError(13, "Permission denied"), "symnn: Permission denied\n"),
    ],
)
def test_an_error_is_one_message(command, capsys, error, message):
    command(raising(error))
    assert main(["x"]) == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", message)


@pytest.mark.parametrize("error", [ZeroDivisionError("by\x1b zero"), RecursionError(), MemoryError()])
def test_a_fault_of_symnn_says_so(command, capsys, error):
    command(raising(error))
    assert main(["x"]) == 2
    err = capsys.readouterr().err
    assert re.match(
        rf"symnn: internal error: {type(error).__name__}(: by\\x1b zero)? \(symnn.cli.__init__\.py:\d+\)\n",
        err,
    )
    assert "SYMNN_TRACEBACK=1" in err
    assert "Traceback" not in err


def test_the_traceback_on_request(command, capsys, monkeypatch):
    monkeypatch.setenv("SYMNN_TRACEBACK", "1")
    command(raising(NoteError("clash", "a.md")))
    assert main(["x"]) == 2
    err = capsys.readouterr().err
    assert err.startswith("Traceback (most recent call last)")
    assert err.endswith("a.md: clash\n")


@pytest.mark.parametrize(("returned", "status"), [(None, 0), (0, 0), (1, 1)])
def test_the_result_of_a_command_is_the_exit_status(command, returned, status):
    command(lambda: returned)
    assert main(["x"]) == status


def test_control_characters_in_arguments_are_not_sent_to_the_terminal(run):
    result = run("a\x1b[31mb")
    assert "\x1b" not in result.stderr
    assert "a\\x1b[31mb" in result.stderr


def test_keyboard_interrupt_is_quiet(command, capsys):
    command(raising(KeyboardInterrupt()))
    assert main(["x"]) == 130
    assert capsys.readouterr() == ("", "")


@posix_only
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_program_and_leaves_no_half_file(tmp_path, number, status):
    body = f"""
        import os
        from symnn.files import write_atomically
        def wait(*_):
            print("written", flush=True)
            time.sleep(60)
        os.fsync = wait
        write_atomically({str(tmp_path / "report.json")!r}, "[" * 1000000)
    """
    with subprocess.Popen(program(body), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (status, "")
    assert os.listdir(tmp_path) == []


@posix_only
def test_a_reader_that_has_seen_enough(tmp_path):
    body = """
        from symnn.cli.output import deliver
        for _ in range(100):
            deliver("y" * 100_000, None)
    """
    with subprocess.Popen(program(body), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        err = process.stderr.read()
    assert (process.returncode, err) == (141, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_behind_standard_output(symnn_command):
    with open("/dev/full", "wb") as full:
        result = subprocess.run([*symnn_command, "--help"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (result.returncode, result.stderr) == (2, "symnn: No space left on device\n")


def test_the_installed_program_is_the_same(run):
    script = os.path.join(os.path.dirname(sys.executable), "symnn")
    if not os.path.exists(script):
        pytest.skip("symnn is not installed in this environment")
    result = subprocess.run([script, "--help"], capture_output=True, text=True, check=True)
    assert result.stdout == run("--help").stdout
