r"""What the words beside a name say about it: ``the one-hot target $t$``, ``$p$ is a probability vector``.

Only words that stand next to the name count, with no other formula and no negation in between.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from symnn.notes.read.names import Parts, parts_of
from symnn.notes.read.statements import Statement

_ONE_HOT = r"one[- ]hot"
_DISTRIBUTION = (
    r"probability\s+(?:vector|distribution)|(?:entries|components)\s+(?:that\s+)?(?:sum|add\s+up)\s+to\s+(?:one|1)"
)
_FILLING = r"(?:(?!not\b|no\b|non\b|never\b|neither\b|unlike\b|or\b|if\b|whether\b)[A-Za-z]+[\s-]+)"
_LINK = r"(?:is|are|be|denotes|has|with|being|an?|:|,)"


def _after(phrase: str) -> re.Pattern[str]:
    return re.compile(rf"\s*{_LINK}\s+{_FILLING}{{0,4}}?(?:{phrase})\b", re.IGNORECASE)


def _before(phrase: str) -> re.Pattern[str]:
    noun = r"(?:[- ]?(?:encoded|coded|vectors?|targets?|labels?|encoding|true|of|the))"
    return re.compile(rf"(?P<lead>\b(?:not|no|non)[\s-]+(?:an?\s+)?)?\b(?:{phrase}){noun}{{0,3}}\s*$", re.IGNORECASE)


PATTERNS = {
    "one-hot": (_before(_ONE_HOT), _after(_ONE_HOT)),
    "distribution": (_before(_DISTRIBUTION), _after(_DISTRIBUTION)),
}


_ZERO_OUTSIDE = re.compile(
    r"zero[- ]?padd|padd(?:ed|ing)\s+(?:\S+\s+){0,3}?(?:with|by|of)\s+zeros?|zero[- ]extended"
    r"|(?:zeros?|\b0)\s+(?:\S+\s+){0,2}?outside"
    r"|outside\b[^.;]{0,60}?\b(?:is|are|as|to\s+be|reads?|there\s+are)\s+(?:only\s+)?(?:zeros?|0)\b",
    re.IGNORECASE,
)


def is_zero_outside(statements: Iterable[Statement]) -> bool:
    """Whether the words of a document say that arrays are zero outside of their ranges, as with zero padding."""
    contexts = (statement.span.context for statement in statements if statement.span is not None)
    return any(_ZERO_OUTSIDE.search(text) for context in contexts for text in (context.before, context.after))


def described(statements: Iterable[Statement]) -> Iterator[tuple[str, Parts, Statement]]:
    """The names that the words beside them call one-hot, or a probability distribution."""
    for statement in statements:
        span = statement.span
        if span is None or span.kind != "inline" or not _is_name(statement):
            continue
        parts = parts_of(statement.first.node)
        if parts is None:
            continue
        for what, (before, after) in PATTERNS.items():
            found = before.search(span.context.before)
            if (found is not None and found["lead"] is None) or after.match(span.context.after):
                yield what, parts, statement


def _is_name(statement: Statement) -> bool:
    r"""Whether the formula is a name alone, or a name and its set: ``t``, ``t \in \mathbb{R}^k``."""
    return not statement.steps or (len(statement.steps) == 1 and statement.steps[0].operator == "in")
