r"""Names: what identifies a symbol of a document, and the Python identifier it becomes.

A notation node such as ``\hat{W}_1^{(2)}`` is taken apart into a base and its scripts. Which scripts belong to the
name is decided elsewhere (see ``symbols``); here is the `Key` of a name once that is known.
"""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass

from symnn.notation.tree import (
    Accent,
    Ellipsis,
    Group,
    Name,
    Negative,
    Node,
    Number,
    Prime,
    Product,
    Script,
    Sequence,
    Sum,
    Text,
)

# Fonts that make another letter of a letter; all others only dress it.
_STYLES = {"mathcal": "cal", "mathscr": "cal", "mathbb": "bb", "mathfrak": "frak"}
_SYNONYMS = {"varepsilon": "epsilon", "varphi": "phi", "vartheta": "theta"}
_SHOWN = {"+": "plus", "-": "minus", "*": "star", "infty": "inf"}


@dataclass(frozen=True, slots=True)
class Key:
    """What identifies a name: base, style, accents, primes, and its labels below (``_``) and above (``^``)."""

    base: str
    style: str = ""
    accents: tuple[str, ...] = ()
    primes: int = 0
    labels: tuple[str, ...] = ()

    def labelled(self, *labels: str) -> Key:
        """The same name with further labels."""
        return Key(self.base, self.style, self.accents, self.primes, (*self.labels, *labels))

    @property
    def bare(self) -> Key:
        """The name without its labels."""
        return Key(self.base, self.style, self.accents, self.primes)

    @property
    def identifier(self) -> str:
        r"""The Python identifier: ``W_1``, ``gamma``, ``yhat``, ``h_prime``.

        >>> Key("y", accents=("hat",)).identifier, Key("W", labels=("_1",)).identifier, Key("lambda").identifier
        ('yhat', 'W_1', 'lambda_')
        """
        text = self.base + "".join(self.accents)
        if self.primes:
            text += "_prime" if self.primes == 1 else f"_prime{self.primes}"
        for label in self.labels:
            text += "_" + label[1:]
        text = re.sub(r"\W+", "_", text).strip("_") or "_"
        if text[0].isdigit():
            text = "_" + text
        return text + "_" if keyword.iskeyword(text) else text

    def __str__(self) -> str:
        """The name for messages."""
        return self.identifier


@dataclass(frozen=True, slots=True)
class Parts:
    """A node taken apart: its base, and the scripts from the inside outwards."""

    base: Name
    accents: tuple[str, ...]
    primes: int
    subs: tuple[Node, ...]
    sups: tuple[Node, ...]

    @property
    def key(self) -> Key:
        """The key of the base, without the scripts."""
        return Key(
            _SYNONYMS.get(self.base.base, self.base.base),
            _STYLES.get(self.base.font, ""),
            self.accents,
            self.primes,
        )


def parts_of(node: Node) -> Parts | None:
    """Take a name with its scripts, primes and accents apart; None for anything else."""
    subs: list[Node] = []
    sups: list[Node] = []
    accents: list[str] = []
    primes = 0
    while True:
        if isinstance(node, Script):
            if node.sup is not None:
                sups.append(node.sup)
            if node.sub is not None:
                subs.append(node.sub)
            node = node.base
        elif isinstance(node, Prime):
            primes += node.count
            node = node.base
        elif isinstance(node, Accent):
            accents.append(node.kind)
            node = node.body
        elif isinstance(node, Text):
            node = Name(node.content, "text", span=node.span)
        elif isinstance(node, Name):
            found = (*node.accents, *reversed(accents))
            return Parts(node, found, primes, tuple(reversed(subs)), tuple(reversed(sups)))
        else:
            return None


def label_text(node: Node) -> str | None:
    """The text of a script that is a label, such as ``1``, ``out`` or ``i,j``; None when it cannot be one."""
    match node:
        case Number():
            return node.text
        case Name():
            return _SHOWN.get(node.base, node.base) + "".join(node.accents)
        case Text():
            return "_".join(re.findall(r"\w+", node.content)) or None
        case Ellipsis():
            return None
        case Group():
            return label_text(node.body)
        case Sequence() | Product():
            items = node.items if isinstance(node, Sequence) else node.factors
            texts = [label_text(item) for item in items]
            if any(text is None for text in texts):
                return None
            joiner = "" if isinstance(node, Product) and node.operator == "juxtaposed" else "_"
            return joiner.join(text for text in texts if text is not None)
        case Negative():
            text = label_text(node.body)
            return None if text is None else "minus" + text
        case Sum():
            shown: list[str] = []
            for term in node.terms:
                text = label_text(term.term)
                if text is None:
                    return None
                shown.append(
                    text if term.sign == "+" and not shown else {"+": "plus", "-": "minus"}.get(term.sign, "") + text
                )
            return "".join(shown)
        case Script():
            parts = parts_of(node)
            if parts is None:
                return None
            texts = [label_text(script) for script in (*parts.subs, *parts.sups)]
            if any(text is None for text in texts):
                return None
            return "_".join([parts.key.identifier, *(text for text in texts if text is not None)])
        case _:
            return None


def is_word(node: Node) -> bool:
    """Whether a script can only be a label: a word, or letters in an upright font."""
    return isinstance(node, Text) or (isinstance(node, Name) and (len(node.base) > 1 or node.font in ("text", "mathrm"))
                                      and node.base not in GREEK_INDICES)  # fmt: skip


GREEK_INDICES = frozenset(
    ["alpha", "beta", "gamma", "delta", "mu", "nu", "rho", "sigma", "tau", "kappa", "lambda", "ell"]
)
