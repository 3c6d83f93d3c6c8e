"""Names of the note as Python identifiers.

``W_1`` stays, a Greek letter gets its English name, a hat or bar is appended: ``yhat`` for a y with a hat. Two names
that would become one identifier are an error, and so is a name that the emitted module needs itself. A Python keyword
gets a trailing underscore, as PEP 8 recommends (the regularisation constant lambda is ``lambda_``).
"""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterable, Mapping

from symnn.emit.errors import EmitError

MARKS = {
    "\u0302": "hat",
    "\u0303": "tilde",
    "\u0304": "bar",
    "\u0305": "bar",
    "\u0307": "dot",
    "\u0308": "ddot",
    "\u20d7": "vec",
}
SIGNS = {
    "'": "_prime",
    "′": "_prime",
    "″": "_prime_prime",
    "*": "_star",
    "∗": "_star",
    "†": "_dagger",
    "∂": "d_",
}
ACCENT = re.compile(
    r"\\(hat|widehat|tilde|widetilde|bar|overline|dot|ddot|vec)\s*(?:\{\s*(\\?[^\W_]+)\s*\}|(\\?[^\W_]))"
)
WRAPPER = re.compile(r"\\(?:mathrm|mathbf|mathit|mathsf|mathcal|mathbb|boldsymbol|text|operatorname)\s*\{([^{}]*)\}")
RESERVED = frozenset(
    {"np", "params", "cache", "arrays", "single", "forward", "backward", "value_and_grad", "float", "max", "min"}
)


def identifier(name: str) -> str:
    r"""A name as a Python identifier.

    Raises EmitError when nothing of the name is left.

    >>> [identifier(n) for n in ("W_1", r"\gamma", r"\hat{y}", "ŷ", "σ", "x'", "a^{(2)}", "λ", r"\beta_{12}")]
    ['W_1', 'gamma', 'yhat', 'yhat', 'sigma', 'x_prime', 'a_2', 'lambda_', 'beta_12']
    """
    text = name
    for _ in range(8):
        text, changed = ACCENT.subn(_accented, text)
        text, unwrapped = WRAPPER.subn(r"\1", text)
        if not changed + unwrapped:
            break
    text = "".join(_letter(letter) for letter in unicodedata.normalize("NFKD", text))
    text = re.sub(r"_+", "_", re.sub(r"\W+", "_", text)).strip("_")
    if not text:
        raise EmitError(f"the name {name!r} has no letters, so no Python identifier can be made of it")
    if text[0].isdigit():
        raise EmitError(f"the name {name!r} starts with a digit, so it is no Python identifier")
    return f"{text}_" if keyword.iskeyword(text) else text


def _accented(match: re.Match[str]) -> str:
    accent = match[1].removeprefix("wide").replace("overline", "bar")
    return f"{match[2] or match[3]}{accent}"


def _letter(letter: str) -> str:
    if letter in MARKS:
        return MARKS[letter]
    if letter in SIGNS:
        return SIGNS[letter]
    if letter.isascii():
        return letter
    described = unicodedata.name(letter, "")
    greek = re.fullmatch(r"GREEK (?:SMALL|CAPITAL) LETTER (?:FINAL )?(\w+)", described)
    if greek:
        word = greek[1].lower().replace("lamda", "lambda")
        return word.capitalize() if "CAPITAL" in described else word
    if unicodedata.combining(letter):
        return ""
    return letter if f"_{letter}".isidentifier() else "_"


def identifiers(names: Iterable[str]) -> dict[str, str]:
    """Identifiers for several names.

    Raises EmitError when two names become one identifier, or one that the module needs itself.

    >>> identifiers(["W", "ŷ"])
    {'W': 'W', 'ŷ': 'yhat'}
    """
    made: dict[str, str] = {}
    owner: dict[str, str] = {}
    for name in names:
        if name in made:
            continue
        text = identifier(name)
        if text in RESERVED:
            raise EmitError(f"the name {name!r} becomes {text}, which the module needs itself; rename it in the note")
        if text in owner:
            raise EmitError(
                f"{owner[text]!r} and {name!r} both become the Python identifier {text}; rename one of them in the note"
            )
        owner[text] = name
        made[name] = text
    return made


class Scope:
    """Variable names of one function: every name is given out once."""

    def __init__(self, taken: Iterable[str] | Mapping[str, object] = ()) -> None:
        self.taken = set(taken) | set(RESERVED) | set(keyword.kwlist)

    def fresh(self, wanted: str) -> str:
        """The wanted name, or the first free one of ``wanted_2``, ``wanted_3``, ...

        >>> scope = Scope(["t"]); scope.fresh("t"), scope.fresh("t"), scope.fresh("u")
        ('t_2', 't_3', 'u')
        """
        candidate, number = wanted, 1
        while candidate in self.taken:
            number += 1
            candidate = f"{wanted}_{number}"
        self.taken.add(candidate)
        return candidate
