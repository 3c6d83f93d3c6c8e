import os
import shutil
import subprocess

import pytest


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_valid(run, shell, tmp_path):
    result = run("completion", shell)
    assert result.returncode == 0
    assert "_SYMNN_COMPLETE" in result.stdout
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    script = tmp_path / "script"
    script.write_text(result.stdout)
    subprocess.run([program, "-n", str(script)], check=True)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("symnn ", ["derive", "emit", "check", "build", "verify", "operators", "completion"]),
        ("symnn de", ["derive"]),
        ("symnn derive --form", ["--format"]),
        ("symnn derive --format h", ["html"]),
        ("symnn emit --reduction ", ["mean", "sum", "none"]),
    ],
)
def test_words_are_completed(run, words, expected):
    environment = {
        **os.environ,
        "_SYMNN_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
    }
    result = run(env=environment)
    assert result.returncode == 0
    assert [line.split(",")[1] for line in result.stdout.splitlines()] == expected
