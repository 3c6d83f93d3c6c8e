"""The ``d`` of ``dy/dx`` in plain text, where it is the first letter of a word."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace

from symnn.notation.symbols import GREEK
from symnn.notation.tokens import Token, partners

_NO_DIFFERENTIALS = frozenset((*GREEK.values(), "diag", "det", "dim", "data", "dist", "dot", "dropout"))


def mark_differentials(tokens: list[Token], names: Container[str], text: str) -> list[Token]:
    """Return the tokens with ``dy/dx`` taken apart: a differential, its variable, a slash, and so on."""
    partner = partners(tokens, text)
    marked: set[int] = set()
    for index, token in enumerate(tokens):
        if index in marked or not is_candidate(token, names) or follows_script(tokens, index):
            continue
        slash = numerator_end(tokens, partner, index)
        below = slash + 1
        if slash >= len(tokens) or tokens[slash].kind != "slash" or below >= len(tokens):
            continue
        if is_candidate(tokens[below], names) and (len(tokens[below].value) > 1 or starts_variable(tokens, below + 1)):
            marked |= {index, below}
    found: list[Token] = []
    for index, token in enumerate(tokens):
        if index not in marked:
            found.append(token)
            continue
        found.append(replace(token, kind="differential", value="d", end=token.start + 1))
        if len(token.value) > 1:
            found.append(replace(token, value=token.value[1:], start=token.start + 1, blank=False))
    return found


def is_candidate(token: Token, names: Container[str]) -> bool:
    """Say whether a word can be ``d`` and a variable."""
    word = token.value
    if token.kind != "name" or not word.startswith("d") or word in names or word in _NO_DIFFERENTIALS or token.accents:
        return False
    return len(word) == 1 or word[1].isalpha()


def follows_script(tokens: list[Token], index: int) -> bool:
    """Say whether the token is a script of the one before."""
    return index > 0 and tokens[index - 1].kind in ("sub", "sup")


def starts_variable(tokens: list[Token], index: int) -> bool:
    """Say whether a variable stands right here, without a space."""
    return index < len(tokens) and tokens[index].kind in ("name", "open", "function") and not tokens[index].blank


def numerator_end(tokens: list[Token], partner: dict[int, int], index: int) -> int:
    """Return the index after what is differentiated, which begins at ``index`` with its ``d``."""
    alone = len(tokens[index].value) == 1
    end = scripts_end(tokens, partner, index + 1)
    if alone and end < len(tokens) and tokens[end].kind in ("name", "open", "function") and not tokens[end].blank:
        end = scripts_end(tokens, partner, partner.get(end, end) + 1)
    if end < len(tokens) and tokens[end].kind == "open" and not tokens[end].blank:
        end = scripts_end(tokens, partner, partner[end] + 1)
    return end


def scripts_end(tokens: list[Token], partner: dict[int, int], index: int) -> int:
    """Return the index after the scripts and primes that begin at ``index``."""
    while index < len(tokens):
        if tokens[index].kind in ("sub", "sup"):
            index = partner.get(index + 1, index + 1) + 1
        elif tokens[index].kind == "prime":
            index += 1
        else:
            break
    return index
