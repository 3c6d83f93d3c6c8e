"""Inlines as plain text, for titles, descriptions and measuring."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from symnn.write.document import Code, Formula, Inlines, Words

if TYPE_CHECKING:
    from symnn.notation.tree import Node


def plain_words(parts: Inlines, formula: Callable[[Node], str]) -> str:
    """The words of inlines, with each formula printed by `formula`.

    >>> plain_words((Words("the "), Code("x")), str)
    'the x'
    """
    words: list[str] = []
    for part in parts:
        if isinstance(part, Words | Code):
            words.append(part.text)
        elif isinstance(part, Formula):
            words.append(formula(part.node))
        else:
            words.append(plain_words(part.inlines, formula))
    return "".join(words)
