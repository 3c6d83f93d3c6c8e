"""LaTeX documents and the files they include."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from symnn.notes.find import Document, find

Check = Callable[[Document], Document]
Linear = Callable[[Callable[[int], object], int], bool]


def document_of(body: str) -> str:
    return f"\\documentclass{{article}}\n\\begin{{document}}\n{body}\n\\end{{document}}\n"


CASES: list[tuple[str, str, list[tuple[str, str, int, int]]]] = [
    ("inline", "the $x$ and \\(y\\)", [("x", "inline", 3, 6), ("y", "inline", 3, 15)]),
    ("display", "a\n\\[ x = 1 \\] b", [("x = 1", "display", 4, 4)]),
    ("old display", "a $$x$$ b", [("x", "display", 3, 5)]),
    ("equation", "\\begin{equation}\\label{e}\nx\n\\end{equation}", [("\\label{e}\nx", "display", 3, 17)]),
    (
        "align",
        "\\begin{align*}a&=b\\\\[2pt]c&=d\\end{align*}",
        [("\\begin{align*}a&=b\\\\[2pt]c&=d\\end{align*}", "display", 3, 1)],
    ),
    (
        "eqnarray",
        "\\begin{eqnarray}a&=&b\\end{eqnarray}",
        [("\\begin{eqnarray}a&=&b\\end{eqnarray}", "display", 3, 1)],
    ),
    (
        "inner environment",
        "\\[\\begin{cases}a\\\\b\\end{cases}\\]",
        [("\\begin{cases}a\\\\b\\end{cases}", "display", 3, 3)],
    ),
    ("line break with a length", "text \\\\[2pt] more $x$ \\\\[1em]", [("x", "inline", 3, 20)]),
    ("comment", "a % $no$\n$x$ \\% $y$", [("x", "inline", 4, 2), ("y", "inline", 4, 9)]),
    ("comment in a formula", "\\[ a % b\n  = c \\]", [("a \n= c", "display", 3, 4)]),
    ("verbatim", "\\begin{verbatim}$x$\\end{verbatim} \\verb|$y$| $z$", [("z", "inline", 3, 47)]),
    ("listing", "\\begin{lstlisting}\ny = $x$\n\\end{lstlisting}", []),
    ("drawing", "\\begin{tikzpicture}\\node {$x$};\\end{tikzpicture}", []),
    ("iffalse", "\\iffalse $x$ \\fi $y$", [("y", "inline", 3, 19)]),
    ("escaped dollar", "\\$5 and $x$ \\$6", [("x", "inline", 3, 10)]),
    ("ensuremath", "so \\ensuremath{x^2} is", [("x^2", "inline", 3, 16)]),
    (
        "items",
        "\\begin{itemize}\n\\item $x$\n\\item[b] $y$\n\\end{itemize}",
        [("x", "inline", 4, 8), ("y", "inline", 5, 11)],
    ),
    ("theorem", "\\begin{theorem}\n$x$\n\\end{theorem}", [("x", "inline", 4, 2)]),
    ("not closed", "a $x\n\nb $y$", [("y", "inline", 5, 4)]),
    (
        "delimiter macros",
        "\\newcommand{\\be}{\\begin{equation}}\\newcommand{\\ee}{\\end{equation}}\n\\be x = 1 \\ee",
        [("x = 1", "display", 4, 5)],
    ),
    ("no plain formulas", "the value x = 1 is", []),
    ("math environment", "\\begin{math}x\\end{math} is", [("x", "inline", 3, 13)]),
    ("definition in the text", "\\newcommand{\\a}[1]{$#1$} $b$ \\def\\c{$d$}", [("b", "inline", 3, 27)]),
]


@pytest.mark.parametrize(("body", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_spans(body: str, expected: list[tuple[str, str, int, int]], checked: Check) -> None:
    document = checked(find(document_of(body), name="a.txt"))
    assert document.kind == "latex"
    assert [(s.text, s.kind, s.place.line, s.place.column) for s in document.spans()] == expected


def test_macros_and_sections() -> None:
    text = (
        "\\documentclass{article}\n\\newcommand{\\pd}[2]{\\frac{\\partial #1}{\\partial #2}}\n"
        "\\DeclareMathOperator*{\\argmin}{arg\\,min}\n\\def\\bW{\\mathbf{W}}\n\\let\\eps\\varepsilon\n"
        "\\newcommand{\\opt}[2][x]{#1 #2}\n\\newcommand\\R{\\mathbb{R}}\n\\begin{document}\n"
        "\\section{One}\n$a$\n\\subsection[short]{Two $q$}\n$b$\n"
        "\\section*{Three}\n$c$\n\\end{document}\n$after$\n"
    )
    document = find(text, name="a.tex")
    assert {m.name: (m.n_args, m.default, m.body, m.operator) for m in document.macros.values()} == {
        "pd": (2, None, "\\frac{\\partial #1}{\\partial #2}", False),
        "argmin": (0, None, "arg\\,min", True),
        "bW": (0, None, "\\mathbf{W}", False),
        "eps": (0, None, "\\varepsilon", False),
        "opt": (2, "x", "#1 #2", False),
        "R": (0, None, "\\mathbb{R}", False),
    }
    assert [(s.text, s.section) for s in document.spans()] == [
        ("a", ("One",)),
        ("q", ("One", "Two $q$")),
        ("b", ("One", "Two $q$")),
        ("c", ("Three",)),
    ]


def test_table() -> None:
    body = "\\begin{tabular}{|c|c|}\n\\hline\nx & $f(x)$ \\\\ \\hline\n1 & 2 \\\\\n3 & 4\n\\end{tabular}"
    (table,) = find(document_of(body), name="a.tex").tables()
    assert [cell.text for cell in table.header] == ["x", "$f(x)$"]
    assert [[cell.text for cell in row] for row in table.rows] == [["1", "2"], ["3", "4"]]


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".tex").write_text(text, encoding="utf-8")


def test_included_files(tmp_path: Path, checked: Check) -> None:
    write(
        tmp_path,
        main=document_of("$a$ \\input{part} $b$\n\\include{sub/more}"),
        part="% c\nin $x$",
        sub__more="$y$ \\input{sub/deep}",
        sub__deep="$z$",
    )
    document = checked(find(tmp_path / "main.tex"))
    assert [(s.text, Path(s.place.path).name, s.place.line) for s in document.spans()] == [
        ("a", "main.tex", 3),
        ("x", "part.tex", 2),
        ("b", "main.tex", 3),
        ("y", "more.tex", 1),
        ("z", "deep.tex", 1),
    ]
    assert document.skipped == ()
    assert sorted(Path(path).name for path in document.sources) == [
        "deep.tex",
        "main.tex",
        "more.tex",
        "part.tex",
    ]
    assert document.line_text(document.blocks[1].place) == "in $x$"


@pytest.mark.parametrize(
    "name",
    [
        "../secret",
        "sub/../../secret",
        "/etc/passwd",
        "~/secret",
        "C:/secret",
        "link",
        "linked/secret",
        "a\\string",
        "$HOME/x",
        "",
        "missing",
    ],
)
def test_files_elsewhere_are_never_read(tmp_path: Path, name: str) -> None:
    outside = tmp_path / "outside"
    inside = tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    (inside / "sub").mkdir()
    (tmp_path / "secret.tex").write_text("$secret$")
    (outside / "secret.tex").write_text("$secret$")
    os.symlink(outside / "secret.tex", inside / "link.tex")
    os.symlink(outside, inside / "linked")
    (inside / "main.tex").write_text(document_of(f"$a$ \\input{{{name}}} $b$"))
    document = find(inside / "main.tex")
    assert [s.text for s in document.spans()] == ["a", "b"]
    if name:
        assert "not included" in document.skipped[0].reason
        assert document.skipped[0].place.line == 3
    assert list(document.sources) == [str(inside / "main.tex")]


def test_files_that_include_each_other(tmp_path: Path) -> None:
    write(
        tmp_path,
        main=document_of("\\input{one}"),
        one="$a$ \\input{two}",
        two="$b$ \\input{one} \\input{main}",
    )
    document = find(tmp_path / "main.tex")
    assert [s.text for s in document.spans()] == ["a", "b"]
    assert [s.reason.split(":")[-1].strip() for s in document.skipped] == ["it is being read already"] * 2


def test_too_many_files(tmp_path: Path) -> None:
    write(
        tmp_path,
        main=document_of("\\input{one}" * 10 + "".join(f"\\input{{f{i}}}" for i in range(130))),
        one="$a$",
    )
    for number in range(130):
        (tmp_path / f"f{number}.tex").write_text("$b$")
    document = find(tmp_path / "main.tex")
    assert [s.text for s in document.spans()].count("b") < 100
    assert all("too many files" in skipped.reason for skipped in document.skipped)


def test_a_deep_chain_of_files_ends(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"f{number}.tex").write_text(f"$a$\\input{{f{number + 1}}}")
    (tmp_path / "main.tex").write_text(document_of("\\input{f0}"))
    document = find(tmp_path / "main.tex")
    assert 5 < len(list(document.spans())) < 12
    assert "too deep" in document.skipped[0].reason


def test_files_that_double_at_every_level_end(tmp_path: Path) -> None:
    for number in range(9):
        (tmp_path / f"f{number}.tex").write_text("$a$" + f"\\input{{f{number + 1}}}" * 40)
    (tmp_path / "main.tex").write_text(document_of("\\input{f0}"))
    document = find(tmp_path / "main.tex")
    assert len(list(document.spans())) < 200
    assert document.skipped


def test_a_binary_file_is_not_included(tmp_path: Path) -> None:
    (tmp_path / "data.tex").write_bytes(b"\xff\x00\xfe" * 9)
    (tmp_path / "main.tex").write_text(document_of("$a$ \\input{data} $b$"))
    document = find(tmp_path / "main.tex")
    assert [s.text for s in document.spans()] == ["a", "b"]
    assert "cannot be read" in document.skipped[0].reason


def test_a_text_without_a_folder_includes_nothing() -> None:
    document = find(document_of("\\input{passwd}"), name="/etc/main.tex")
    assert "no folder" in document.skipped[0].reason


@pytest.mark.parametrize(
    "unit",
    [
        "$",
        "$$",
        "\\(",
        "\\begin{align}",
        "\\begin{verbatim}",
        "\\verb|",
        "%",
        "\\section{",
        "\\def\\a{",
        "\\iffalse",
        "\\item ",
        "{",
        "\\input{a}",
    ],
)
def test_time_is_linear(unit: str, is_linear: Linear) -> None:
    assert is_linear(lambda size: find(document_of(unit * (size // len(unit))), name="a.tex"), 96_000)
