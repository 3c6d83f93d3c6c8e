r"""Words in LaTeX: ``net_{h1}`` and ``target`` are names, although LaTeX sets them as products of letters.

A run of letters counts as a word where a product makes no sense: alone on a left side, perhaps before its arguments,
behind ``\partial`` (two letters only below a bar), or when it is long and can be spoken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_SILENT = re.compile(
    r"\\(?:text\w*|mathrm|mathbf|mathsf|mathtt|mathit|operatorname|mbox|label|tag|ref|eqref|begin|end|color|href)\*?"
    r"\s*(?:\[[^\]]*\])?\{[^{}]*\}|\\[A-Za-z]+"
)
_RUN = r"[A-Za-z]{3,24}(?![A-Za-z])"
_SCRIPTS = r"(?:\s*[_^](?:\{[^{}]*\}|\w|\\\w+))*"
_ARGUMENTS = r"(?:\s*\([^()=]{1,60}\))?"
_LEFT = re.compile(rf"(?:^|\\\\|&|=>|,)\s*({_RUN}){_SCRIPTS}{_ARGUMENTS}\s*(?:&\s*)?(?::=|=|\\approx|≈)", re.MULTILINE)
_BELOW = re.compile(rf"\x00\s*({_RUN})")
_DIVISOR = re.compile(r"\}\s*\{\s*\x00\s*([A-Za-z]{2})(?![A-Za-z])")
"""Two letters by which something is differentiated: nobody takes a derivative by a product."""
_CALLED = re.compile(r"(?<![A-Za-z\\])([A-Za-z]{4,24})(?=\()")
_ANY = re.compile(rf"(?<![A-Za-z\\]){_RUN}")
_VOWEL = re.compile(r"[aeiouAEIOU]")
LONG = 5


def words_in(texts: Iterable[str]) -> frozenset[str]:
    r"""The words of a document, given its formulas in LaTeX.

    >>> sorted(words_in([r"\frac{\partial h_1}{\partial ih_1}", r"\frac{\partial ab}{\partial b}", r"mse(t, o) = 1"]))
    ['ih', 'mse']
    >>> sorted(words_in([r"net_{h} = w x", r"\frac{\partial E}{\partial out_o} = (target - out_o)", r"abc + xyz"]))
    ['net', 'out', 'target']
    """
    found: set[str] = set()
    for text in texts:
        plain = _SILENT.sub(lambda m: "\x00" if m[0] == r"\partial" else " ", text)
        found |= {word for word in (*_LEFT.findall(plain), *_BELOW.findall(plain)) if _VOWEL.search(word)}
        found |= set(_DIVISOR.findall(plain))
        found |= {word for word in _CALLED.findall(plain) if len(_VOWEL.findall(word)) > 1}
        found |= {word for word in _ANY.findall(plain) if len(word) >= LONG and len(_VOWEL.findall(word)) > 1}
    return frozenset(found)
