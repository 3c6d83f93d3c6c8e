"""The front door: formats, endings, files; and what holds for all templates."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from jinja2 import UndefinedError, nodes
from timing import grows_linearly

import symnn.write
from symnn.notation.tree import Derivative, Name, Number, Product, Script
from symnn.write import (
    ENDINGS,
    FORMATS,
    NoTexEngineError,
    UnknownFormatError,
    format_of,
    render,
    write,
)
from symnn.write.document import AlignedChain, ChainLink, CodeBlock, Document, Section, Step, Steps, inlines
from symnn.write.environment import environment
from symnn.write.escape import Safe

TEXT_FORMATS = [name for name in FORMATS if name != "pdf"]
TEMPLATES = sorted((Path(symnn.write.__file__).parent / "templates").glob("*/*.jinja"))


@pytest.mark.parametrize("ending", ENDINGS)
def test_endings(ending):
    assert format_of(f"a.b{ending.upper()}") == ENDINGS[ending]


@pytest.mark.parametrize("path", ["a", "a.docx", ".md", "a.md/b"])
def test_unknown_endings_are_refused(path):
    with pytest.raises(UnknownFormatError, match=r"\.tex"):
        format_of(path)


@pytest.mark.parametrize("name", ["docx", "pdf", ""])
def test_what_is_no_text_is_refused(name):
    with pytest.raises(UnknownFormatError):
        render(Document("T", ()), name)


@pytest.mark.parametrize("name", TEXT_FORMATS)
def test_the_same_document_gives_the_same_text(document, name):
    assert render(document, name) == render(document, name)
    assert render(document, name).endswith("\n")


@pytest.mark.parametrize("name", TEXT_FORMATS)
def test_files_hold_what_was_rendered(document, name, tmp_path):
    path = tmp_path / "a.out"
    assert write(document, path, name, steps=2) == (path,)
    assert path.read_text("utf-8") == render(document, name)


def test_without_an_engine_the_source_is_written(document, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoTexEngineError, match=r"mlp\.tex") as caught:
        write(document, tmp_path / "mlp.pdf")
    assert caught.value.tex == tmp_path / "mlp.tex"
    assert caught.value.tex.read_text("utf-8") == render(document, "latex")
    assert not (tmp_path / "mlp.pdf").exists()


def test_json_holds_every_formula_twice(document):
    data = json.loads(render(document, "json"))
    pending, formulas = [data], []
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            if "latex" in part:
                formulas.append(part)
            pending.extend(part.values())
        elif isinstance(part, list):
            pending.extend(part)
    assert len(formulas) > 60
    assert all(set(formula) == {"latex", "text"} for formula in formulas)
    assert data["blocks"][0]["kind"] == "section"


def test_notebooks_are_valid():
    blocks = (CodeBlock("import numpy", "python"), Section(inlines("S"), 1, (CodeBlock("x", "text"),)))
    notebook = nbformat.reads(render(Document("T", blocks, metadata=(("a", "b"),)), "notebook"), as_version=4)
    nbformat.validate(notebook)
    assert [cell.cell_type for cell in notebook.cells] == ["markdown", "code", "markdown", "markdown"]


# --- templates ---


def parsed(path):
    return environment(path.parent.name).parse(path.read_text("utf-8"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_templates_hold_shape_only(path):
    """No arithmetic, no filter, no test of a type: a renderer decides, a template prints."""
    tree = parsed(path)
    arithmetic = (
        nodes.Add,
        nodes.Sub,
        nodes.Mul,
        nodes.Div,
        nodes.FloorDiv,
        nodes.Mod,
        nodes.Pow,
        nodes.Concat,
    )
    for kind in (*arithmetic, nodes.Filter, nodes.Test, nodes.Assign):
        assert not list(tree.find_all(kind)), kind


def test_an_undefined_name_is_an_error():
    with pytest.raises(UndefinedError, match="'missing'"):
        environment("latex").from_string("<< missing >>").render()


@pytest.mark.parametrize("name", ["latex", "html", "markdown", "text"])
def test_values_are_escaped_once_and_only_text_is_printed(name):
    template = environment(name).from_string("<< x >>" if name == "latex" else "{{ x }}")
    assert template.render(x=Safe("<$&*>")) == "<$&*>"
    assert template.render(x="\x1b$") != "\x1b$"
    assert template.render(x=3) == "3"
    for value in (None, 1.5, True, ["a"]):
        with pytest.raises(TypeError, match="not text"):
            template.render(x=value)


# --- time ---


def tower(depth):
    """A document with a chain, and its steps, for each of `depth` layers."""
    sections = []
    for k in range(depth):
        a, h = (Script(Name(base), Number(str(k))) for base in "ah")
        chain = AlignedChain(
            Derivative("partial", Name("L"), (a,)),
            (ChainLink("=", Product("odot", (Derivative("partial", Name("L"), (h,)), h)), inlines("chain rule")),),
            anchor=f"adj-{k}",
        )
        steps = Steps(
            inlines("why"),
            tuple(Step("rule", inlines("words"), a, h, (Step("inner", (), h, a),)) for _ in "12"),
        )
        sections.append(Section(inlines("Layer ", a), 2, (chain, steps)))
    return Document("Tower", tuple(sections))


@pytest.mark.parametrize("name", TEXT_FORMATS)
def test_time_is_linear(name):
    assert grows_linearly(lambda document: render(document, name), tower(32), tower(128), factor=4)
