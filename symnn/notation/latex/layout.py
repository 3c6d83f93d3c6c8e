r"""What depends on more than one token, settled before parsing.

- ``\displaylines{…}`` and ``\substack{…}`` become environments; ``equation`` and its kind vanish.
- A left brace around an array or an aligned block, closed by ``\right.``, becomes ``cases``.
- In aligned environments an ``&`` that aligns vanishes and one that separates columns becomes wide space; a
  row that goes on with the previous one is joined to it.
- A ``d`` or ``\delta`` that is a differential is marked, by the shape of the quotient around it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from symnn.notation.errors import NotationError
from symnn.notation.latex import commands
from symnn.notation.latex.combine import combine, over_to_fraction
from symnn.notation.tokens import Token, partners

_FRACTIONS: Final = ("frac", "dfrac", "tfrac", "cfrac", "nicefrac", "sfrac", "over")
_TAKES_ARGUMENT: Final = (
    commands.WORD_FONTS | commands.LETTER_FONTS | commands.ACCENTS.keys() | {"operatorname", "operatorname*"}
)
_SPACE: Final = ("quad", "cell", "row")


def arrange(tokens: list[Token], text: str) -> list[Token]:
    """Return the token list that the parser reads, with its final ``end``."""
    tokens = environments(over_to_fraction(combine(tokens, text), text), text)
    tokens = align(tokens, text)
    mark_differentials(tokens, partners(tokens, text))
    return [*tokens, Token("end", "", len(text), len(text))]


# --- environments -----------------------------------------------------------------------------------------------


def environments(tokens: list[Token], text: str) -> list[Token]:
    """Turn commands that hold rows into environments, drop empty ones, and recognise one-sided braces."""
    found = list(tokens)
    partner = partners(found, text)
    dropped: set[int] = set()
    for index, token in enumerate(found):
        if token.kind == "command" and token.value in ("displaylines", "substack"):
            if index + 1 not in partner or found[index + 1].kind != "lbrace":
                raise NotationError(f"\\{token.value} without its argument in braces", token.span, text=text)
            close = partner[index + 1]
            dropped.add(index)
            found[index + 1] = replace(found[index + 1], kind="begin", value=token.value, start=token.start)
            found[close] = replace(found[close], kind="finish", value=token.value)
        elif token.kind == "begin":
            close = partner[index]
            if found[close].value != token.value:
                message = f"\\begin{{{token.value}}} is closed by \\end{{{found[close].value}}}"
                raise NotationError(message, found[close].span, text=text)
            if token.value in commands.PLAIN_ENVIRONMENTS:
                dropped |= {index, close}
            elif one_sided(found, index, close):
                dropped |= {index - 1, close + 1}
                name = system_kind(found, index, close)
                found[index] = replace(token, value=name, start=found[index - 1].start)
                found[close] = replace(found[close], value=name, end=found[close + 1].end)
    return [token for index, token in enumerate(found) if index not in dropped]


def one_sided(tokens: Sequence[Token], begin: int, finish: int) -> bool:
    r"""Say whether the environment stands between ``\left\{`` and ``\right.``."""
    if begin == 0 or finish + 1 >= len(tokens):
        return False
    before, after = tokens[begin - 1], tokens[finish + 1]
    return before.grown and before.value == "{" and after.grown and after.value == "."


def system_kind(tokens: Sequence[Token], begin: int, finish: int) -> str:
    """Decide between ``cases`` (value & condition) and a system of equations (aligned at its relations)."""
    cells = [index for index in range(begin + 1, finish) if tokens[index].kind == "cell"]
    if not cells:
        return "lines"
    if all(tokens[index + 1].kind == "relation" for index in cells):
        return "aligned"
    return "cases"


# --- alignment --------------------------------------------------------------------------------------------------


def align(tokens: list[Token], text: str) -> list[Token]:
    """Resolve ``&`` and the row breaks of displays. Tables keep theirs."""
    found: list[Token] = []
    around = ["aligned" if is_display(tokens) else "top"]  # the environment, or the kind of bracket, of the token
    columns = [0]  # how many & the current row of the environment has had
    for index, token in enumerate(tokens):
        inside = around[-1]
        if token.kind in ("begin", "open", "lbrace"):
            around.append(token.value if token.kind == "begin" else token.kind)
            columns.append(0)
        elif token.kind in ("finish", "close", "rbrace") and len(around) > 1:
            around.pop()
            columns.pop()
        elif token.kind == "cell" and not is_table(inside):
            if inside not in commands.ALIGNED and inside != "open":
                raise NotationError("'&' outside an aligned environment", token.span, text=text)
            columns[-1] += 1
            if inside in commands.ALIGNED and inside != "eqnarray" and columns[-1] % 2 == 0:
                found.append(replace(token, kind="quad", value=""))
            continue
        elif token.kind == "row" and not is_table(inside):
            columns[-1] = 0
            if inside == "open" or continues(tokens, index, found, text):
                continue
            if inside == "lbrace":
                raise NotationError("a line break inside braces", token.span, text=text)
        found.append(token)
    return found


def is_display(tokens: Sequence[Token]) -> bool:
    r"""Say whether a formula is rows aligned at relations, ``a &= b \\ &= c``, though no environment says so."""
    depth = rows = 0
    first = ""
    for token, after in pairwise(tokens):
        depth += (token.kind in ("begin", "open", "lbrace")) - (token.kind in ("finish", "close", "rbrace"))
        rows += token.kind == "row" and not depth
        if token.kind == "cell" and not depth:
            first = first or ("late" if rows else after.kind)
    return bool(rows) and first == "relation"


def is_table(environment: str) -> bool:
    """Say whether the cells of an environment stay cells."""
    return environment in commands.MATRICES or environment in commands.CASES


def continues(tokens: Sequence[Token], index: int, before: Sequence[Token], text: str) -> bool:
    """Say whether the row after this break goes on with the one before; refuse if it might."""
    content = [token for token in before[-8:] if token.kind != "quad"]
    if not content or content[-1].kind in ("row", "begin"):
        return False
    previous = content[-1]
    start = index + 1
    while start < len(tokens) and tokens[start].kind in _SPACE:
        start += 1
    if start == len(tokens) or tokens[start].kind == "finish":
        return False
    raised = len(content) > 1 and content[-2].kind in ("sub", "sup")  # the star of w^* is no operator
    if previous.kind in ("sign", "product", "slash") and not raised:
        return True
    first = tokens[start]
    aligned = any(token.kind == "cell" for token in tokens[index + 1 : start])
    if first.kind in ("product", "slash"):
        return True
    has_relation = row_has_relation(tokens, start)
    if first.kind == "sign":
        return aligned or not has_relation
    if aligned and not has_relation and first.kind not in ("text", "given") and row_before_has_relation(before):
        message = "does this row go on with the one before? It has no relation and begins after an '&'"
        raise NotationError(message, first.span, text=text, expected="an operator at the start of the row")
    return False


def row_has_relation(tokens: Sequence[Token], start: int) -> bool:
    """Say whether a relation stands in the row outside all brackets."""
    level = 0
    for index in range(start, len(tokens)):
        kind = tokens[index].kind
        if kind in ("open", "lbrace", "begin"):
            level += 1
        elif kind in ("close", "rbrace", "finish"):
            level -= 1
        if level < 0 or (level == 0 and kind == "row"):
            return False
        if level == 0 and kind in ("relation", "text"):
            return True
    return False


def row_before_has_relation(before: Sequence[Token]) -> bool:
    """Say whether a relation stands in the row that ends here."""
    for token in reversed(before):
        if token.kind in ("row", "begin"):
            return False
        if token.kind == "relation":
            return True
    return False


# --- differentials ----------------------------------------------------------------------------------------------


def mark_differentials(tokens: list[Token], partner: dict[int, int]) -> None:
    r"""Change the kind of every ``d`` and ``\delta`` that is a differential, in place."""
    shape = Shape(tokens, partner)
    for index, token in enumerate(tokens):
        symbol = differential_symbol(token)
        if symbol and (index == 0 or tokens[index - 1].kind not in ("sub", "sup")):
            for position in shape.slash_derivative(index, symbol):
                tokens[position] = replace(tokens[position], kind="differential", value=symbol)
        elif token.kind == "command" and token.value in _FRACTIONS:
            for position, name in shape.fraction_derivative(index):
                tokens[position] = replace(tokens[position], kind="differential", value=name)


def differential_symbol(token: Token) -> str:
    """Return ``d`` or ``delta`` for a name that could be a differential sign, otherwise nothing."""
    if token.kind == "name" and token.value in ("d", "delta") and not token.accents:
        return token.value
    return ""


class Shape:
    """Measures factors in the token list without parsing them."""

    def __init__(self, tokens: Sequence[Token], partner: dict[int, int]) -> None:
        self.tokens = tokens
        self.partner = partner

    def kind(self, index: int) -> str:
        return self.tokens[index].kind if index < len(self.tokens) else "end"

    def argument_end(self, index: int) -> int:
        """Return the index after the argument of a command or script."""
        while self.kind(index) == "command" and self.tokens[index].value in _TAKES_ARGUMENT:
            index += 1
        return self.partner.get(index, index) + 1

    def factor_end(self, index: int) -> int:
        """Return the index after a factor with its scripts and a bracket right behind it."""
        end = self.argument_end(index)
        called = False
        while True:
            if self.kind(end) in ("sub", "sup"):
                end = self.argument_end(end + 1)
            elif self.kind(end) == "prime":
                end += 1
            elif self.kind(end) == "open" and not called:
                called = True
                end = self.partner.get(end, end) + 1
            else:
                return end

    def starts_variable(self, index: int) -> bool:
        if self.kind(index) == "command":
            return self.tokens[index].value in _TAKES_ARGUMENT
        return self.kind(index) in ("name", "function", "lbrace", "open", "text")

    def after_order(self, index: int) -> int:
        """Return the index after the ``^2`` of a second derivative, if there is one."""
        return self.argument_end(index + 1) if self.kind(index) == "sup" else index

    def slash_derivative(self, index: int, symbol: str) -> list[int]:
        """Return the differentials of ``dL/dw`` that starts here, or nothing."""
        body = self.after_order(index + 1)
        slash = body if self.kind(body) == "slash" else self.factor_end(body)
        if slash != body and not self.starts_variable(body):
            return []
        if self.kind(slash) != "slash" or not self.is_symbol(slash + 1, symbol):
            return []
        if not self.starts_variable(slash + 2):
            return []
        return [index, *self.below(slash + 1, symbol)]

    def fraction_derivative(self, index: int) -> list[tuple[int, str]]:
        r"""Return the differentials of the ``\frac`` here, with their symbol, or nothing."""
        above, below = index + 1, self.argument_end(index + 1)
        if self.kind(above) != "lbrace" or self.kind(below) != "lbrace":
            return []
        first, under = above + 1, below + 1
        symbol = differential_symbol(self.tokens[first])
        if not symbol or not self.is_symbol(under, symbol) or not self.starts_variable(under + 1):
            return []
        body = self.after_order(first + 1)
        if body != self.partner[above] and self.kind(first + 1) != "sup" and not self.starts_factor(first + 1):
            return []
        if self.has_operator(first, self.partner[above]) or self.has_operator(under, self.partner[below]):
            return []
        return [(position, symbol) for position in (first, *self.below(under, symbol))]

    def starts_factor(self, index: int) -> bool:
        kinds = ("command", "big", "bar", "nabla", "number", "begin", "differential", "ellipsis")
        return self.starts_variable(index) or self.kind(index) in kinds

    def is_symbol(self, index: int, symbol: str) -> bool:
        return index < len(self.tokens) and differential_symbol(self.tokens[index]) == symbol

    def below(self, index: int, symbol: str) -> list[int]:
        """Return the differentials of ``dx dy`` that start here."""
        found: list[int] = []
        while self.is_symbol(index, symbol) and self.starts_variable(index + 1):
            found.append(index)
            index = self.factor_end(index + 1)
        return found

    def has_operator(self, start: int, stop: int) -> bool:
        """Say whether a sign, a relation or a product sign stands between, outside all brackets."""
        index = start
        while index < stop:
            if self.kind(index) in ("sign", "relation", "product", "slash", "comma", "over"):
                return True
            index = self.partner.get(index, index) + 1
        return False
