r"""Commands that together make one token: ``\mathrm{d}``, ``\not=``, ``\stackrel{def}{=}``, ``\xrightarrow{f}``.

Also ``{a \over b}``, which becomes a command with two arguments.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from symnn.notation.errors import NotationError
from symnn.notation.tokens import Token, partners

_NEGATED: Final = {"=": "ne", "in": "notin"}
_UPRIGHT: Final = ("mathrm", "rm", "operatorname", "mathit")
_ARROWS: Final = {"xrightarrow": "to", "xleftarrow": "gets"}
_DEFINED: Final = ("def", "def.", "△", "Delta", "defeq")


def combine(tokens: list[Token], text: str) -> list[Token]:
    """Return the tokens with such groups replaced by one token each."""
    tokens = without_braces_around_big(tokens, text)
    partner = partners(tokens, text)
    found: list[Token] = []
    index = 0
    while index < len(tokens):
        made = one(tokens, index, partner, text)
        if made is None:
            found.append(tokens[index])
            index += 1
        else:
            token, index = made
            found.append(token)
    return found


def without_braces_around_big(tokens: list[Token], text: str) -> list[Token]:
    r"""Drop the braces of ``{\sum_{i=1}^n} x_i``: what the operator applies to stands behind them."""
    partner = partners(tokens, text)
    dropped: set[int] = set()
    for index, token in enumerate(tokens):
        before = tokens[index - 1].kind if index else None
        if token.kind != "lbrace" or before in ("command", "sub", "sup") or index not in partner:
            continue
        place, end = index + 1, partner[index]
        if tokens[place].kind != "big" or place + 1 == end:
            continue
        place += 1
        while place < end and tokens[place].kind in ("sub", "sup"):
            place = partner.get(place + 1, place + 1) + 1
        if place == end:
            dropped |= {index, end}
    return [token for index, token in enumerate(tokens) if index not in dropped] if dropped else tokens


def over_to_fraction(tokens: list[Token], text: str) -> list[Token]:
    r"""Rewrite ``{a \over b}`` as a command with two arguments, keeping the outer braces."""
    if not any(token.kind == "over" for token in tokens):
        return tokens
    partner = partners(tokens, text)
    divided: dict[int, int] = {}  # opening bracket -> its \over
    stack: list[int] = []
    for index, token in enumerate(tokens):
        if index in partner:
            stack.append(index)
        elif stack and partner[stack[-1]] == index:
            stack.pop()
        elif token.kind == "over":
            if not stack or not (tokens[stack[-1]].kind == "lbrace" or tokens[stack[-1]].grown):
                raise NotationError("\\over without braces around it", token.span, text=text)
            if stack[-1] in divided:
                raise NotationError("two \\over in one group", token.span, text=text)
            divided[stack[-1]] = index
    found: list[Token] = []
    closing = {partner[opening] for opening in divided}
    middles = set(divided.values())
    for index, token in enumerate(tokens):
        if index in middles:
            found += [replace(token, kind="rbrace", value="}"), replace(token, kind="lbrace", value="{")]
            continue
        if index in closing:
            found.append(replace(token, kind="rbrace", value="}", end=token.start))
        found.append(token)
        if index in divided:
            found.append(Token("command", "over", token.start, token.end))
            found.append(replace(token, kind="lbrace", value="{", grown=False))
    return found


def one(tokens: list[Token], index: int, partner: dict[int, int], text: str) -> tuple[Token, int] | None:
    """Return the single token that begins here, and the index after it."""
    token = tokens[index]
    if token.kind == "text" and token.value == "d":
        return replace(token, kind="name"), index + 1
    if token.kind != "command":
        return None
    start, stop = inside(index + 1, partner)
    content = tokens[start:stop]
    after = stop + (start > index + 1)
    if token.value in _UPRIGHT:
        if len(content) == 1 and content[0].kind == "name" and content[0].value == "d":
            return replace(content[0], start=token.start, end=tokens[after - 1].end, font="mathrm"), after
        return None
    if token.value == "not":
        negated = _NEGATED.get(content[0].value) if content else None
        if negated is None:
            raise NotationError("\\not before something that it cannot negate", token.span, text=text)
        return replace(content[0], value=negated, start=token.start), after
    if token.value in ("mathrel", "mathbin", "mathop", "mathord"):
        if len(content) == 1 and content[0].kind in ("relation", "product", "sign", "big", "function"):
            return replace(content[0], start=token.start, end=tokens[after - 1].end), after
        return None
    if token.value in _ARROWS:
        if start > index + 1 and tokens[index + 1].kind == "open":  # a label below, in square brackets
            start, stop = inside(after, partner)
            after = stop + (start > after)
        return Token("relation", _ARROWS[token.value], token.start, tokens[after - 1].end, token.blank), after
    if token.value in ("stackrel", "overset"):
        return over_relation(tokens, index, content, after, partner, text)
    return None


def over_relation(
    tokens: list[Token], index: int, above: list[Token], after: int, partner: dict[int, int], text: str
) -> tuple[Token, int] | None:
    r"""Return the relation of ``\stackrel{…}{=}``; what stands over it is a remark, or says "by definition"."""
    start, stop = inside(after, partner)
    below = tokens[start:stop]
    if len(below) != 1 or below[0].kind != "relation":
        return None
    end = stop + (start > after)
    remark = "".join(part.value for part in above).strip()
    if "?" in remark:
        raise NotationError("a relation that is only asked", tokens[index].span, text=text)
    value = ":=" if remark in _DEFINED and below[0].value == "=" else below[0].value
    return replace(below[0], value=value, start=tokens[index].start, end=tokens[end - 1].end), end


def inside(index: int, partner: dict[int, int]) -> tuple[int, int]:
    """Return the range of the argument at the index, without its braces."""
    if index in partner:
        return index + 1, partner[index]
    return index, index + 1
