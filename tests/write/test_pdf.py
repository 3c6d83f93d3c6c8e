from __future__ import annotations

import shutil
import subprocess

import pytest

from symnn.write.errors import NoTexEngineError, TexRunError
from symnn.write.pdf import find_engine, latex_to_pdf, read_log

needs_tex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")


def source(body, preamble=""):
    return f"\\documentclass{{article}}{preamble}\n\\begin{{document}}\n{body}\n\\end{{document}}\n"


def test_the_log_is_read():
    report = read_log(
        "This is pdfTeX\n"
        "Overfull \\hbox (12.0pt too wide) in paragraph at lines 3--4\n"
        "LaTeX Warning: Reference `a' on page 1 undefined on input line 7.\n"
        "pdfTeX warning (dest): name{b} has been referenced but does not exist, replaced by a fixed one\n"
        "Missing character: There is no 日 (U+65E5) in font cmr10!\n"
        "LaTeX Warning: Label(s) may have changed. Rerun to get cross-references right.\n"
    )
    assert len(report.overfull) == len(report.missing_glyphs) == 1
    assert len(report.undefined) == 2
    assert report.rerun
    assert not report.is_clean
    assert not report.errors


def test_errors_of_both_shapes_are_found():
    assert read_log("! Undefined control sequence.\n<recently read> \\foo\n").errors
    assert read_log("./document.tex:17: Too many }'s.\nl.17 }\n").errors
    assert read_log("Output written on document.pdf (1 page, 300 bytes).\n").is_clean


def test_without_an_engine_the_message_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_engine(source("x")) is None
    with pytest.raises(NoTexEngineError, match="apt-get install"):
        latex_to_pdf(source("x"))


def test_other_scripts_need_another_engine(monkeypatch, tmp_path):
    (tmp_path / "pdflatex").write_text("#!/bin/sh\n")
    (tmp_path / "pdflatex").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_engine(source("x")) == str(tmp_path / "pdflatex")
    with pytest.raises(NoTexEngineError, match="xelatex or lualatex"):
        latex_to_pdf(source(r"\symnneastasian{가}"))


@needs_tex
def test_a_document_is_set_twice_the_same():
    first, second = (latex_to_pdf(source(r"\label{a}See page~\pageref{a}.")) for _ in range(2))
    assert first.data.startswith(b"%PDF-")
    assert first.report.is_clean
    assert first.data == second.data


@needs_tex
def test_overfull_lines_are_reported():
    assert latex_to_pdf(source(r"\noindent\rule{2\textwidth}{1pt}")).report.overfull


@needs_tex
def test_an_error_is_told():
    with pytest.raises(TexRunError, match="Undefined control sequence"):
        latex_to_pdf(source(r"\notacommand"))


@needs_tex
def test_files_of_the_machine_are_out_of_reach(tmp_path):
    secret = tmp_path / "secret.tex"
    secret.write_text("hidden words")
    with pytest.raises(TexRunError):
        latex_to_pdf(source(rf"\input{{{secret}}}"))
    with pytest.raises(TexRunError):
        latex_to_pdf(source(rf"\newwrite\f\immediate\openout\f={tmp_path}/made.tex \immediate\write\f{{x}}"))
    assert [path.name for path in tmp_path.iterdir()] == ["secret.tex"]


@needs_tex
def test_commands_are_not_run(tmp_path):
    mark = tmp_path / "ran"
    latex_to_pdf(source(rf"\immediate\write18{{touch {mark}}}x"))
    assert not mark.exists()


@needs_tex
def test_a_run_that_does_not_end_is_ended():
    with pytest.raises(TexRunError, match="longer than 2 s"):
        latex_to_pdf(source(r"\def\x{\x}\x"), seconds=2)
    running = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert "symnn-tex-" not in running
