"""Braces that only take away the space around a sign: ``y{=}2``."""

from __future__ import annotations

from symnn.notation.tokens import Token

PLACED = ("overset", "underset", "stackrel", "overbrace", "underbrace", "xrightarrow")


def unbraced(tokens: list[Token]) -> list[Token]:
    """The tokens with a relation alone in braces, as in ``y{=}2``, without them, where it is no argument or script."""
    found: list[Token] = []
    for token in tokens:
        alone = token.kind == "rbrace" and [t.kind for t in found[-2:]] == ["lbrace", "relation"]
        if alone and not _is_argument(found[:-2]):
            found[-2:] = found[-1:]
        else:
            found.append(token)
    return found


def _is_argument(before: list[Token]) -> bool:
    """Whether what comes next is a script, or the argument of a command that places it over or under another."""
    place = len(before) - 1
    while place >= 0 and before[place].kind == "rbrace":
        depth = 0
        while place >= 0:
            depth += (before[place].kind == "rbrace") - (before[place].kind == "lbrace")
            place -= 1
            if not depth:
                break
    if place < 0:
        return False
    if place == len(before) - 1:
        return before[place].kind in ("sub", "sup", "command")
    return before[place].kind == "command" and before[place].value in PLACED
