"""What stands around a calculation in the text: whether it is all of it, and whether it is given as a mistake."""

from __future__ import annotations

import re
from collections.abc import Sequence

from symnn.notes.find.document import Span
from symnn.notes.judge.links import Link
from symnn.notes.worked.digits import printed
from symnn.notes.worked.symbol_table import has_names

NEAR = 60

_OPENS = re.compile(r"(?:^|[\n:,;=(\[{.→⇒|*\-–—•\"'“‘])\s*$")
_CUT = re.compile(r"[\d×*/+^−-]\s*$")
_GOES_ON = re.compile(r"^\s*(?:[%‰°$€£¥₩×*/^!]|mod\b|\\%)")
_SCALE = re.compile(r"\s?(?:thousand|million|billion|trillion|[kKMGT](?:B|iB)?\b|천|만|억|조|万|億)")
_DENIED = re.compile(
    r"\b(?:mistakes?|wrong(?:ly)?|incorrect(?:ly)?|false(?:ly)?|invalid|not|never|isn't|doesn't|naive(?:ly)?|falsch|"
    r"faux|falso|incorrecto|errado|nicht|pas)\b|틀린|틀렸|잘못|아니|间违|错误|誤り|間違|неверно|❌|✗|✘",
    re.IGNORECASE,
)
_ABBREVIATED = re.compile(r"\b(?:eqs?|figs?|secs?|nos?|nr|vol|chap|ch|pp?|exs?|tab|thm|approx|ca)\.\s*$", re.IGNORECASE)
_SUPPOSED = re.compile(
    r"\b(?:if|solve[sd]?|solving|setting|set|wants?|needs?|suppose[d]?|assum\w+|require[sd]?|when|until|equation|roots?|"
    r"were|would|where|löse|setze|wenn|falls|résou\w+|si)\b|만약|가정|풀면|라면|もし|如果|假设|若",
    re.IGNORECASE,
)
_ANOTHER = re.compile(
    r"\b(?:examples?|exercises?|problems?|questions?|solutions?|tasks?|cases?|quiz|iterations?|epochs?|rounds?|samples?|"
    r"beispiel|aufgabe|exemple|exercice|ejemplo|ejercicio|exemplo)\b|例|题|習題|예제|문제|пример|задача",
    re.IGNORECASE,
)

_SENTENCE = re.compile(r"[.!?。]\s|\n")


def why_uncertain(link: Link, span: Span | None) -> str:
    """Why a calculation that does not hold need not be a claim of the author; empty where nothing speaks against it."""
    if span is None:
        return ""
    if _beside_comma(link):
        return "a comma beside it may belong to a number"
    if not _is_whole(link, span):
        return "it does not hold as it stands, but words around it may belong to it"
    if is_denied(span):
        return "the words around it may say that it does not hold"
    return ""


def is_denied(span: Span) -> bool:
    """Whether the sentence around a formula says that something is wrong, or not so."""
    before = _SENTENCE.split(span.context.before[-NEAR:])[-1]
    after = _SENTENCE.split(span.context.after[:NEAR] + "\n")[0]
    return bool(_DENIED.search(before) or _DENIED.search(after))


def is_supposed(span: Span | None) -> bool:
    """Whether the sentence around a formula makes it a condition or an equation to be solved."""
    if span is None:
        return False
    before = _SENTENCE.split(span.context.before[-NEAR:])[-1]
    after = _SENTENCE.split(span.context.after[:NEAR] + "\n")[0]
    return bool(_SUPPOSED.search(before) or _SUPPOSED.search(after))


def is_another_example(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether the headings of two places tell that each belongs to an example of its own.

    >>> is_another_example(["Nets", "Example 1"], ["Nets", "Example 2"]), is_another_example(["Setup"], ["Example"])
    (True, False)
    """
    apart = [heading for heading in one if heading not in other], [heading for heading in other if heading not in one]
    return all(any(map(_ANOTHER.search, headings)) for headings in apart)


def _beside_comma(link: Link) -> bool:
    """Whether a comma with digits on both sides cuts a number in two at an end of a link: ``0,5 × 2 = 1``."""
    left, right = link.left.spot, link.right.spot
    before = left.passage.text[: left.start]
    after = right.passage.text[right.end :]
    return bool(re.search(r"\d(?:,|\{,\}|')$", before) or re.match(r"(?:,|\{,\}|')\d", after))


def _is_whole(link: Link, span: Span) -> bool:
    """Whether a calculation stands in the text with nothing before or after it that may belong to it."""
    if span.syntax == "latex":
        return span.display or not _CUT.search(span.context.before)
    after = span.context.after
    last = link.right is link.statement.steps[-1].right
    if last and _GOES_ON.match(after):
        return False
    if link.start and not has_names(link.left.node) and span.kind in ("prose", "code", "bold"):
        opens = span.line_starts or span.label or _OPENS.search(span.context.before)
        if not opens or _ABBREVIATED.search(span.context.before):
            return False
        return not (printed(link.right.node) is not None and _SCALE.match(after))
    return True
