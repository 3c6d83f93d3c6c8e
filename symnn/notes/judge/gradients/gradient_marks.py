r"""Whether dX and X̄ are gradients in a document: it says so, or its formulas show it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from symnn.notation import tree as t
from symnn.notation.traverse import walk
from symnn.notation.tree import Node
from symnn.notes.judge.gradients.batches import batch_of, columns
from symnn.notes.judge.gradients.shorthand import (
    EQUAL,
    Shorthand,
    is_d,
    is_derivative,
    is_loss,
    key_of,
    marked,
    plain_names,
    uses_of,
)
from symnn.notes.read.names import Key, parts_of
from symnn.notes.read.statements import Statement
from symnn.notes.read.symbols import Table

ENOUGH = 2
"""So many gradients that are made from other gradients show that dX is one."""

_D = r"\\?(?:mathbf|mathrm|text|bm|boldsymbol)?\{?\s*d\s*\}?\s*\\?[A-Za-z]"
_BAR = r"\\(?:bar|overline)\s*\{?\s*\\?[A-Za-z]"
_MEANS = (
    r"[^.\n]{0,40}\b(?:denotes?|is|are|be|means?|stands? for|represents?|write|writing|for)\b[^.\n]{0,80}"
    r"(?:gradient|derivative|adjoint|cotangent|\\partial)"
)
_SAID = {"d": re.compile(_D + _MEANS), "bar": re.compile(_BAR + _MEANS)}
_INTEGRAL = re.compile(r"\\int\b|∫|\\oint\b")


def find_marks(statements: Sequence[Statement], table: Table, text: str, short: Shorthand) -> None:
    """Which of the marks stand for derivatives in this document."""
    uses = uses_of(table)
    if any(_is_nabla(statement.first.node, short.values) for statement in statements):
        short.prefixed.add("nabla")
    for mark in ("d", "bar"):
        values = short.values if mark == "d" else _without_means(statements, short.values)
        equations = list(_equations(statements, values, mark))
        if not equations:
            continue
        stated = bool(_SAID[mark].search(text)) or any(is_derivative(right) for _, right in equations)
        if any(_is_change(table, left) for left, _ in equations):
            continue  # dL = … is the differential of the loss itself, and dX beside it one of X
        if mark == "d" and _INTEGRAL.search(text) and not stated:
            continue
        behind = [(left, list(_gradients_in(right, values, mark))) for left, right in equations]
        if any(_is_forward(uses, left, ends) for left, ends in behind):
            continue
        evident = len({left for left, _ in behind}) >= ENOUGH and any(
            _reaches(uses, key_of(end), key_of(left)) for left, ends in behind for end in ends
        )
        if stated or (evident and mark == "d"):
            short.prefixed.add(mark)
            if mark == "d" and not any(is_derivative(right) for _, right in equations):
                batch = batch_of(equations, set(uses))
                short.means, short.count = batch.means, batch.count
                short.values = short.values - batch.doubtful
                short.matrices = {key_of(left) for _, left, _ in columns(statements, table)}
            if mark == "bar":
                short.values = values


def has_differentials(statements: Sequence[Statement], table: Table) -> bool:
    """Whether an equation ``dY = … dX …`` goes the way of the definitions."""
    uses = uses_of(table)
    nodes = [node for s in statements for node in (s.first.node, *(step.right.node for step in s.steps))]
    values = {parts.key for node in nodes for parts in plain_names(node)}
    return any(
        _is_forward(uses, left, _gradients_in(right, values, "d"))
        for left, right in _equations(statements, values, "d")
    )


def _is_nabla(node: Node, values: set[Key]) -> bool:
    """Whether a left side is ``∇_X`` alone, for a value X."""
    if not isinstance(node, t.Nabla) or node.operand is not None or node.wrt is None:
        return False
    parts = parts_of(node.wrt)
    return parts is not None and parts.key in values


def _without_means(statements: Iterable[Statement], values: set[Key]) -> set[Key]:
    """The values X but those whose X̄ is made from no other X̄: a bar may also be a mean."""
    statements = list(statements)
    return values - {
        key_of(left)
        for left, right in _equations(statements, values, "bar")
        if not any(True for _ in _gradients_in(right, values, "bar")) and not is_derivative(right)
    }


def _equations(statements: Iterable[Statement], values: set[Key], mark: str) -> Iterator[tuple[Node, Node]]:
    """The name X and the right side of every ``dX = …``."""
    for statement in statements:
        left = statement.first.node
        for step in statement.steps:
            if step.operator in EQUAL:
                found = marked(left, values)
                if found is not None and found[0] == mark:
                    yield found[1], step.right.node
            left = step.right.node


def _gradients_in(node: Node, values: set[Key], mark: str) -> Iterator[Node]:
    """The names X of the dX in a formula, or of the X̄."""
    for part in walk(node):
        if isinstance(part, t.Product) and part.operator == "juxtaposed":
            for before, following in zip(part.factors, part.factors[1:], strict=False):
                found = marked(t.Product("juxtaposed", (before, following)), values) if is_d(before) else None
                if found is not None and found[0] == mark:
                    yield found[1]
        elif isinstance(part, t.Name | t.Script | t.Accent):
            found = marked(part, values)
            if found is not None and found[0] == mark:
                yield found[1]


def _is_change(table: Table, node: Node) -> bool:
    parts = parts_of(node)
    return parts is not None and is_loss(parts) and parts.key not in table.definitions


def _is_forward(uses: Mapping[Key, set[Key]], left: Node, ends: Iterable[Node]) -> bool:
    """Whether ``dZ = … dX …`` goes the way of the definitions: a differential, no gradient."""
    own = key_of(left)
    return any(_reaches(uses, own, key) and not _reaches(uses, key, own) for key in map(key_of, ends) if key != own)


def _reaches(uses: Mapping[Key, set[Key]], start: Key, end: Key) -> bool:
    """Whether the definition of a name leads to another name."""
    seen: set[Key] = set()
    stack = list(uses.get(start, ()))
    while stack:
        key = stack.pop()
        if key not in seen:
            seen.add(key)
            stack.extend(uses.get(key, ()))
    return end in seen
