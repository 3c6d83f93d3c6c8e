"""Running the command line for real, in another process."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(symnn_command: list[str], tmp_path: Path) -> Run:
    """Run ``symnn ARGUMENTS`` in an empty directory and return what it printed, with its exit status."""

    def run_symnn(*arguments: str, **options: object) -> "subprocess.CompletedProcess[str]":
        settings = {"cwd": tmp_path, "capture_output": True, "text": True, "encoding": "utf-8", "timeout": 60}
        return subprocess.run([*symnn_command, *arguments], check=False, **{**settings, **options})

    return run_symnn
