"""Building the artefacts of notes: the repository's own are up to date, none missing, none extra."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from symnn.build import BuildError, build


def test_the_repository_is_up_to_date(root: Path) -> None:
    report = build(root, check=True)
    assert report.passed, str(report)
    assert report.unchanged >= 35


@pytest.fixture
def project(root: Path, tmp_path: Path) -> Path:
    notes = tmp_path / "derivations" / "notes"
    notes.mkdir(parents=True)
    shutil.copy(root / "derivations" / "notes" / "nested_function.md", notes)
    return tmp_path


def test_a_build_is_reproducible_and_complete(project: Path, root: Path) -> None:
    first = build(project)
    assert sorted(Path(p).name for p in first.written) == [
        "nested_function.html", "nested_function.json", "nested_function.md", "nested_function.py",
        "nested_function.tex",
    ]  # fmt: skip
    assert build(project, check=True).passed
    for path in first.written:
        assert (project / path).read_bytes() == (root / path).read_bytes()


def test_a_changed_missing_or_extra_file_is_found(project: Path) -> None:
    build(project)
    (project / "derivations" / "nested_function.tex").write_text("changed")
    (project / "codegen" / "nested_function.py").unlink()
    (project / "codegen" / "stray.py").write_text("")
    report = build(project, check=True)
    assert not report.passed
    assert set(report.written) == {"derivations/nested_function.tex", "codegen/nested_function.py"}
    assert report.removed == ("codegen/stray.py",)
    assert "run `symnn build`" in str(report)
    assert build(project).removed == ("codegen/stray.py",)
    assert build(project, check=True).passed


def test_a_directory_without_notes(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="no notes"):
        build(tmp_path)


MODULES = sorted(path.name for path in (Path(__file__).resolve().parent.parent / "codegen").glob("*.py"))


@pytest.mark.parametrize("name", MODULES)
def test_every_emitted_module_passes_its_own_check(name: str, root: Path, tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-W", "error", str(root / "codegen" / name)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.endswith("all gradients agree\n")
