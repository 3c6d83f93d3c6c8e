"""Where formulas stand under standard names: in the cells of a table, below a heading, after the name, as its right side."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from symnn.declare import Operator, registry
from symnn.notation import tree as t
from symnn.notation.traverse import replace, walk
from symnn.notation.tree import Node
from symnn.notes.find.document import Span, Table
from symnn.notes.judge.worlds.context import Context
from symnn.notes.read.names import Key, label_text, parts_of
from symnn.notes.read.statements import Statement
from symnn.notes.read.symbols import bound_letters

GENERIC = frozenset(["L", "E", "J", "C", "loss", "Loss", "Error", "error", "cost", "Cost", "ell", "f", "F", "g", "y"])
ORDINARY = frozenset(
    [
        "linear",
        "identity",
        "threshold",
        "step",
        "inverse",
        "concat",
        "concatenation",
        "concatenate",
        "cat",
        "flatten",
        "momentum",
        "dropout",
        "attention",
        "trace",
        "rectifier",
        "square",
        "lasso",
        "ridge",
    ]
)
"""Names of operators that are ordinary words too: what a left side calls so needs an argument to be the operator."""
_FILLER = re.compile(r"(?:loss|function|error|activation|함수|오차|손실)+$")
_DERIVED = re.compile(r"gradient|derivative|slope|미분|기울기|도함수|′|'", re.IGNORECASE)


@dataclass(frozen=True)
class Named:
    """A formula with the operator under whose name it stands. `sure` tells a name right beside it from one above it.

    `order` are the names that the left side gives the operator, where that says in which order.
    """

    node: Node
    left: Node | None
    operator: Operator
    span: Span
    statement: Statement
    sure: bool
    order: tuple[Key, ...] = ()


def operator_called(text: str) -> Operator | None:
    """The operator that a text names, and names only.

    >>> operator_called("**Binary cross-entropy**:").name
    'binary_cross_entropy'
    """
    words = re.sub(r"\([^)]*\)", "", text)
    for candidate in (words, *re.findall(r"\(([^)]*)\)", text)):
        plain = _plain(candidate)
        for name in (plain, _FILLER.sub("", plain)):
            found = _by_name().get(name)
            if found is not None:
                return found
    return None


def is_derivative_header(text: str) -> bool:
    """Whether the header of a column announces derivatives."""
    return _DERIVED.search(text) is not None


def _plain(text: str) -> str:
    return re.sub(r"[^0-9a-z가-힣]", "", text.lower())


def _by_name() -> dict[str, Operator]:
    return _names_in(tuple(operator.name for operator in registry.all()))


@lru_cache(maxsize=4)
def _names_in(declared: tuple[str, ...]) -> dict[str, Operator]:
    found: dict[str, Operator] = {}
    for operator in registry.all():
        for name in (operator.name, *operator.aliases):
            if len(_plain(name)) > 2:
                found.setdefault(_plain(name), operator)
    return found


def found_names(context: Context) -> Iterator[Named]:
    """The formulas of a document that stand under a standard name."""
    by_span: dict[int, list[Statement]] = {}
    for statement in context.statements:
        if statement.span is not None:
            by_span.setdefault(id(statement.span), []).append(statement)
    for table in context.document.tables():
        yield from _in_table(table, by_span)
    headed: set[tuple[str, ...]] = set()
    for statement in context.statements:
        span = statement.span
        if span is None or span.cell is not None:
            continue
        yield from _by_left_side(statement, span)
        yield from _by_divergence(statement, span)
        yield from _by_words(statement, span)
        if span.display and span.section and span.section not in headed:
            headed.add(span.section)
            yield from _by_heading(statement, span)


def _formula_of(statement: Statement) -> tuple[Node | None, Node] | None:
    """Left side, if any, and formula of a statement."""
    if not statement.steps:
        return None, statement.first.node
    if statement.steps[0].operator in ("=", ":=", "equiv") and parts_of_call(statement.first.node) is not None:
        return statement.first.node, statement.steps[0].right.node
    if all(step.operator in ("ne", ">", "<", "ge", "le", "in") for step in statement.steps):
        return None, statement.first.node
    return None


def parts_of_call(node: Node) -> Key | None:
    """The name of a left side such as ``MSE``, ``ReLU(x)`` or ``softmax(z)_i``."""
    while isinstance(node, t.Script) and not isinstance(node.base, t.Name | t.Script | t.Text):
        node = node.base
    if isinstance(node, t.Product) and node.operator == "juxtaposed" and len(node.factors) == 2:
        node = node.factors[0]
        return parts_of_call(node) if parts_of(node) is not None else None
    if (
        isinstance(node, t.Product)
        and node.operator == "juxtaposed"
        and all(isinstance(f, t.Name) and len(f.base) == 1 for f in node.factors)
    ):
        return Key("".join(f.base for f in node.factors if isinstance(f, t.Name)))
    if isinstance(node, t.Call):
        node = node.head
    parts = parts_of(node)
    return None if parts is None or parts.primes else parts.key


def _in_table(table: Table, by_span: dict[int, list[Statement]]) -> Iterator[Named]:
    headers = [cell.text for cell in table.header]
    for row in table.rows:
        operator: Operator | None = None
        for column, cell in enumerate(row):
            if operator is None:
                operator = operator_called(cell.text)
                continue
            if column < len(headers) and is_derivative_header(headers[column]):
                continue
            formulas = [s for span in cell.spans for s in by_span.get(id(span), ())]
            for statement in formulas:
                formula = _formula_of(statement)
                if formula is not None and _is_formula(formula[1]) and statement.span is not None:
                    yield Named(formula[1], formula[0], operator, statement.span, statement, True)
                    break
            if formulas:
                break


def _is_formula(node: Node) -> bool:
    return not isinstance(node, t.Name | t.Number | t.Text | t.Script | t.Sequence) and any(
        isinstance(n, t.Name) and n.base != "infty" for n in walk(node)
    )


def _by_left_side(statement: Statement, span: Span) -> Iterator[Named]:
    formula = _formula_of(statement)
    if formula is None or formula[0] is None:
        return
    key = parts_of_call(formula[0])
    bare = parts_of(formula[0]) is not None
    if key is None or len(key.base) < 3 or (bare and key.base.lower() in ORDINARY):
        return
    operator = operator_called(key.base)
    if operator is not None and _introduces(formula[0]) and not _uses(formula[1], operator):
        # σ may be a standard deviation, and stands for any activation; the hard kind of a function has several definitions
        sure = key.base != "sigma" and not operator.name.startswith("hard")
        yield Named(formula[1], formula[0], operator, span, statement, sure)


def _by_divergence(statement: Statement, span: Span) -> Iterator[Named]:
    r"""``D_{KL}(p \| q) = …``: the bars say which distribution comes first."""
    if len(statement.steps) != 1 or statement.steps[0].operator not in ("=", ":=", "equiv"):
        return
    left, right = statement.first.node, statement.steps[0].right.node
    factors = left.factors if isinstance(left, t.Product) and left.operator == "juxtaposed" else ()
    if isinstance(left, t.Call) and len(left.arguments) == 1:
        factors = (left.head, left.arguments[0])
    inner = factors[-1].body if factors and isinstance(factors[-1], t.Group) else factors[-1] if factors else None
    if not (isinstance(inner, t.Given) and inner.bar == "‖") or not isinstance(inner.left, t.Name):
        return
    head = factors[0] if len(factors) == 2 else t.Product("juxtaposed", factors[:-1])
    name = _plain((label_text(head) or "").removeprefix("D_"))
    operator = next((o for o in registry.all() if name in map(_plain, (o.name, *o.aliases))), None)
    parts = [parts_of(name) for name in (inner.left, inner.right)]
    if operator is None or (isinstance(head, t.Product) and len(head.factors) > 3):
        return
    keys = tuple(part.key for part in parts if part is not None)
    if len(keys) == len(operator.parameters) == 2:
        yield Named(_indexed(right, {key.base for key in keys}), left, operator, span, statement, False, keys)


def _indexed(node: Node, names: set[str]) -> Node:
    """``P(x)`` as ``P_x``, where a sum walks over x."""
    walked = bound_letters(node)

    def lowered(part: Node) -> Node:
        if not (isinstance(part, t.Product) and part.operator == "juxtaposed"):
            return part
        factors: list[Node] = []
        for factor in part.factors:
            inner = factor.body if isinstance(factor, t.Group) and factor.left == "(" else None
            before = factors[-1] if factors else None
            if (
                isinstance(inner, t.Name)
                and inner.base in walked
                and isinstance(before, t.Name)
                and before.base in names
            ):
                factors[-1] = t.Script(before, sub=inner)
            else:
                factors.append(factor)
        return factors[0] if len(factors) == 1 else t.Product("juxtaposed", tuple(factors))

    return replace(node, lowered)


def _introduces(left: Node) -> bool:
    """Whether a left side is the name itself, or the name with letters as its arguments."""
    while isinstance(left, t.Script):
        left = left.base
    if isinstance(left, t.Call):
        return all(parts_of(argument) is not None for argument in left.arguments)
    if isinstance(left, t.Product) and len(left.factors) == 2 and isinstance(left.factors[1], t.Group | t.Sequence):
        bracket = left.factors[1]
        items = (bracket.body,) if isinstance(bracket, t.Group) else bracket.items
        return all(parts_of(item) is not None for item in items)
    return True


def _uses(node: Node, operator: Operator) -> bool:
    """Whether a formula mentions the operator itself: then it is a law, and no definition."""
    for part in walk(node):
        parts = parts_of(part) if isinstance(part, t.Name) else None
        if parts is not None and operator_called(parts.key.base) is operator:
            return True
    return False


def _by_words(statement: Statement, span: Span) -> Iterator[Named]:
    """A name right before the formula: ``**MSE**: $…$``, ``binary cross-entropy $…$``."""
    formula = _formula_of(statement)
    if formula is None or not _is_formula(formula[1]) or not _is_generic(formula[0]):
        return
    before = span.context.before.rstrip().rstrip(":=：-–—").rstrip()
    words = re.split(r"[.;,\n|]", before)[-1].strip()
    for count in (4, 3, 2, 1):
        operator = operator_called(" ".join(words.split()[-count:]))
        if operator is not None:
            yield Named(formula[1], formula[0], operator, span, statement, False)
            return


def _by_heading(statement: Statement, span: Span) -> Iterator[Named]:
    formula = _formula_of(statement)
    if formula is None or not _is_formula(formula[1]) or not _is_generic(formula[0]):
        return
    operator = operator_called(span.section[-1])
    if operator is not None:
        yield Named(formula[1], formula[0], operator, span, statement, False)


def _is_generic(left: Node | None) -> bool:
    key = None if left is None else parts_of_call(left)
    return left is None or (key is not None and key.base in GENERIC)
