"""How an emitted module is laid out: functions, signatures, tables, and lines that are too long for one."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 110


@dataclass(frozen=True)
class Shown:
    """A function as the template prints it."""

    head: list[str]
    summary: str
    says: list[str]
    statements: list[str]

    @property
    def lines(self) -> list[str]:
        """The statements, none of them too long where it can be broken."""
        return [part for line in self.statements for part in broken(line)]


@dataclass(frozen=True)
class Hyperparameter:
    """A number that is neither data nor learned; `default` is code, or empty. `sample` is used by the self-check.

    `least` is the smallest value of a whole number, and None for other numbers.
    """

    name: str
    default: str
    sample: str
    least: int | None = None

    @property
    def says(self) -> str:
        return f"{self.name}: a number" if self.least is None else f"{self.name}: a whole number from {self.least}"

    @property
    def check(self) -> list[str]:
        """Statements that refuse anything but whole numbers where it has to be one."""
        if self.least is None:
            return []
        return [
            f"if not isinstance({self.name}, (int, np.integer)) or {self.name} < {self.least}:",
            f'    raise ValueError(f"{self.name} must be a whole number from {self.least}, not {{{self.name}!r}}")',
        ]

    @property
    def signature(self) -> str:
        return f"{self.name}={self.default}" if self.default else self.name


def block(head: str, items: Sequence[str]) -> list[str]:
    """A table with one row to a line; nothing without rows."""
    return [head, *(f"    {item}," for item in items), "}"] if items else []


def one_line(text: str) -> str:
    """A title as a line of a docstring."""
    return " ".join(text.split()).replace("\\", "").replace('"', "'").removesuffix(".")


def wrapped(texts: Sequence[str], indent: str) -> list[str]:
    """Formulas as lines of a docstring; what is too long goes on further in."""
    lines: list[str] = []
    for text in texts:
        lines += textwrap.wrap(
            text, WIDTH - 8, initial_indent=indent, subsequent_indent=indent + "    ", break_long_words=False
        )
    return [line.replace("\\", "\\\\") for line in lines]


def bracketed(before: str, items: Sequence[str], after: str, indent: int) -> list[str]:
    """``before items after`` on one line, or broken the way formatters break it."""
    line = f"{before}{', '.join(items)}{after}"
    if len(line) + indent <= WIDTH:
        return [line]
    inner = ", ".join(items)
    if len(inner) + indent + 4 <= WIDTH and before.endswith("(") and not before.endswith("= ("):
        return [before, f"    {inner}", after]
    return [before, *(f"    {item}," for item in items), after]


_CALL = re.compile(r"\s*(\w+ = )?[\w.]+\(")


def broken(line: str) -> list[str]:
    """A statement that is one call, with its arguments on lines of their own where it is too long for one.

    >>> broken("y = np.where(" + ", ".join(["argument"] * 10) + ")")[0::2]
    ['y = np.where(', ')']
    """
    head = _CALL.match(line)
    if len(line) + 4 <= WIDTH or head is None or not line.endswith(")"):
        return [line]
    depth, start, items = 0, head.end(), []
    for place in range(head.end(), len(line) - 1):
        depth += (line[place] in "([{") - (line[place] in ")]}")
        if depth < 0:
            return [line]  # the first bracket closes before the end
        if depth == 0 and line.startswith(", ", place):
            items.append(line[start:place])
            start = place + 2
    items.append(line[start:-1])
    indent = len(line) - len(line.lstrip())
    made = bracketed(line[indent : head.end()], items, ")", indent + 4)
    return [" " * indent + part for part in made]
