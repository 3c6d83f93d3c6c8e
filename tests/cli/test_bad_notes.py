"""Bad notes: each gives one clear message with its place, exit status 2, and no traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from symnn.cli import main

GOOD = """# Linear neuron

$x \\in \\mathbb{R}^n$, $w \\in \\mathbb{R}^n$

$$
\\hat{y} = w^\\top x + b
$$

$$
L = (\\hat{y} - y)^2
$$
"""

CASES: dict[str, tuple[str | bytes, str, int | None]] = {
    # name: (content, what the message must say, line)
    "unknown command": (GOOD.replace("w^\\top x", "\\frobnicate{w} x"), "frobnicate", 6),
    "shape clash": (GOOD.replace("$w \\in \\mathbb{R}^n$", "$w \\in \\mathbb{R}^m$"), "n", None),
    "one name twice": (GOOD + "\n$$\nL = (\\hat{y} - y)^4\n$$\n", "L", 14),
    "empty file": ("", "empty", None),
    "binary file": (b"\x7fELF\x00\x01\x02\x00" * 40, "binary", None),
    "long line": ("x" * 10_000_001, "line", None),
    "no loss": ("# Words\n\nThere is no formula here.\n", "", None),
    "no definitions": ("# One\n\n$x \\in \\mathbb{R}^n$\n", "", None),
    "recursion": ("$$\na = b + x\n$$\n\n$$\nb = a w\n$$\n\n$$\nL = a^2\n$$\n", "", None),
    "self reference": ("$$\nL = L^2 + w\n$$\n", "L", 2),
}


@pytest.mark.parametrize("command", ["derive", "emit", "check"])
@pytest.mark.parametrize("name", CASES)
def test_one_clear_message(name: str, command: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    content, says, line = CASES[name]
    note = tmp_path / "note.md"
    note.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert main([command, str(note)]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert "Traceback" not in err
    assert "internal error" not in err
    assert "note.md" in err
    assert says.lower() in err.lower()
    assert len(err) < 2000
    if line is not None:
        assert f"note.md:{line}:" in err
        assert "^" in err


def test_a_shape_clash_shows_both_places(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    note = tmp_path / "note.md"
    note.write_text(CASES["shape clash"][0])  # type: ignore[arg-type]
    main(["derive", str(note)])
    err = capfd.readouterr().err
    assert err.count("^") >= 2
    assert err.count("note.md:") >= 2


@pytest.mark.parametrize("name", ["missing.md", "a/b/c.md"])
def test_a_missing_note(name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", str(tmp_path / name)]) == 2
    assert name in capfd.readouterr().err


def test_an_unknown_parameter_is_named(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    note = tmp_path / "note.md"
    note.write_text(GOOD)
    assert main(["derive", str(note), "--wrt", "W_9"]) == 2
    assert "W_9" in capfd.readouterr().err


def test_nothing_is_written_for_a_bad_note(tmp_path: Path) -> None:
    note = tmp_path / "note.md"
    note.write_text(GOOD.replace("w^\\top x", "\\frobnicate{w} x"))
    for ending in ("tex", "html", "md", "json", "txt"):
        assert main(["derive", str(note), "-o", str(tmp_path / f"out.{ending}")]) == 2
    assert main(["emit", str(note), "-o", str(tmp_path / "out.py")]) == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == ["note.md"]
