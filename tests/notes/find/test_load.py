"""What a document is, and what cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from symnn.errors import NoteError
from symnn.notes.find import FindError, find
from symnn.notes.find.load import kind_of


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("# A\n\n$x$", "a.txt", "markdown"),
        ("just words", "a.txt", "text"),
        ("just words", "", "text"),
        ("just words", "a.md", "markdown"),
        ("a $x$ b", "", "markdown"),
        ("\\documentclass{article}", "a.txt", "latex"),
        ("\\section{A}\n$x$", "a.txt", "latex"),
        ("# About\n\n\\section{A} in LaTeX", "a.txt", "markdown"),
        ("```latex\n\\documentclass{article}\n```", "a.md", "markdown"),
        ("fragment $x$", "a.tex", "latex"),
        ('{"cells": [], "nbformat": 4}', "a.txt", "notebook"),
        ('{"cells": [], "nbformat": 4}', "a.md", "notebook"),
        ("<!DOCTYPE html><p>", "a.txt", "html"),
        ("<!-- by x -->\n<html>", "a.md", "html"),
        ("<p>a</p>\n<p>b</p>\n<p>c</p>", "a.txt", "html"),
        ("# T\n<p>a</p>\n<p>b</p>\n<p>c</p>", "a.txt", "markdown"),
        ("T\n=\n\n.. math::\n\n   x", "a.txt", "rst"),
        ("Title\n=====\n\nwords", "a.rst", "rst"),
        ("not a notebook", "a.ipynb", "text"),
    ],
)
def test_kinds(text: str, name: str, kind: str) -> None:
    assert kind_of(text, name) == kind


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b" \n\t\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "binary"),
        (b"abc\x00def", "binary"),
        (b"caf\xe9", "not text in UTF-8"),
        (b"\xff\xfea", "not text in UTF-16"),
        (b"x" * 1_000_001, "line 1 has 1000001 characters"),
        (b"ok\n" + b"x" * 10_000_000, "line 2 has 10000000 characters"),
        (b"\n" * 200_001 + b"x", "200002 lines"),
        (b"x\n" * 10_000_001, "20000002 bytes"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_read(data: bytes, message: str) -> None:
    with pytest.raises(FindError, match=message) as caught:
        find(data, name="n.md")
    assert caught.value.path == "n.md"
    assert isinstance(caught.value, NoteError)


def test_the_place_of_a_bad_byte() -> None:
    with pytest.raises(FindError) as caught:
        find("가\r\nab".encode() + b"\xe9", name="n.md")
    assert (caught.value.line, caught.value.column) == (2, 3)


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "n.md"
    path.write_bytes("\ufeffso $x$\r\n".encode())
    document = find(path)
    assert document.path == str(path)
    assert [str(s.place) for s in document.spans()] == [f"{path}:1:5"]
    assert find(path, name="other").path == "other"
    for missing, message in ((tmp_path / "no.md", "no such file"), (tmp_path, "not a file")):
        with pytest.raises(FindError, match=message):
            find(missing)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-32"])
def test_encodings(encoding: str) -> None:
    (span,) = find("가 $x$".encode(encoding), name="n.md").spans()
    assert (span.text, span.place.column) == ("x", 4)


def test_a_kind_may_be_given() -> None:
    assert find("$x$", name="n.md", kind="latex").kind == "latex"


def test_a_file_that_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.md").write_text("$x$")

    def refuse(path: Path, mode: str) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(FindError, match=r"a\.md: the file cannot be read: Permission denied"):
        find(tmp_path / "a.md")
