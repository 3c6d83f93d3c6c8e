"""Fences: what language they are in, whether that is mathematics, code, or neither, and where a formula ends."""

from __future__ import annotations

import re
from collections.abc import Sequence

from symnn.notes.find.source import Joiner, Mapped

MATH = frozenset({"math", "latex", "tex", "katex", "mathjax", "amsmath"})
PLAIN = frozenset(
    {"", "text", "txt", "plain", "plaintext", "symnn", "none", "ascii", "pseudo", "pseudocode", "algorithm"}
    | {"bash", "sh", "shell", "console", "output", "markdown", "md", "note", "unicode", "formula", "maths"}
)
"""Languages whose lines may hold plain formulas. Shells are here because pseudo-code is often marked so."""

_CODE = re.compile(
    r"""\s*(?: import\s+\w | from\s+[\w.]+\s+import\b | (?:async\s+)?def\s+\w+\( | class\s+\w+\s*[:({] | @\w+
      | \#include\b | print\s*\( | return\s+.*;\s*$ | [$>%]\s+\w | >>>\s | pip\s | \w+\.\w+\(.*\)\s*;?\s*$
      | (?:public|private|static|const|let|var|void|int|float|double|func|fn|struct|using|namespace)\s+\w
      | (?:if|for|while|with|elif|switch)\b.*[:{]\s*$
      | .*\b(?:np|tf|torch|plt|nn|jnp|pd)\.\w+ | .*[{;]\s*$ | </?\w+[^>]*>\s*$ )""",
    re.VERBOSE,
)
_LANGUAGE = re.compile(r"\{\s*\.?=?([\w+#-]*)|([\w+#.-]+)")


def language(info: str) -> str:
    """Return the language of an info string in lower case.

    >>> language("{.python .input}"), language("Math"), language("{math}"), language("bash title=x")
    ('python', 'math', 'math', 'bash')
    """
    match = _LANGUAGE.match(info.strip())
    return (match[1] or match[2] or "").lower() if match else ""


def is_code(name: str, lines: list[str]) -> bool:
    """Whether a fence is code of a programming language: it says so, or its lines do.

    >>> is_code("", ["import numpy as np", "y = np.dot(W, x)"]), is_code("bash", ["h1 = (x1 + w1*x2)²"])
    (True, False)
    """
    if name in MATH:
        return False
    if name not in PLAIN:
        return True
    if name == "symnn":
        return False
    return any(len(line) < 1000 and _CODE.match(line) for line in lines)


def formulas_in(body: Sequence[Mapped]) -> list[list[Mapped]]:
    """Return the lines of a LaTeX fence, formula by formula."""
    parts: list[list[Mapped]] = [[]]
    for line in body:
        if line.text.strip():
            parts[-1].append(line)
        elif parts[-1]:
            parts.append([])
    rows = [line for part in parts for line in part]
    multiline = any(re.search(r"\\\\|&|\\(?:begin|end|left|right)\b|\$", line.text) for line in rows)
    if not multiline and all(_is_equation(line.text) for line in rows):
        return [[line] for line in rows]
    return [part for part in parts if part]


def _is_equation(line: str) -> bool:
    """Whether one line of LaTeX is an equation by itself: closed braces, and a relation after something."""
    relation = re.search(r"=|\\(?:in|leq?|geq?|approx|to|gets|leftarrow|colon)\b", line)
    return line.count("{") == line.count("}") and relation is not None and bool(line[: relation.start()].strip())


def as_one(lines: Sequence[Mapped]) -> Mapped:
    """Lines as one text."""
    joiner = Joiner(lines[0].source, lines[0].cell)
    for number, line in enumerate(lines):
        if number:
            before = lines[number - 1]
            joiner.put("\n", before.end_offset(len(before)), line.offset(0))
        joiner.add(line)
    return joiner.build(lines[0].offset(0))
