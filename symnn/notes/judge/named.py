"""Formulas that a document introduces under a standard name: they must be what that name means.

The name is that of a declared operator, or one of its aliases: in the cell of a table beside the formula, in the heading
above it, in the words before it, or as the left side itself. A formula is compared with the operator up to the variants
in use: which name is the prediction and which the target, a mean or a sum, one sample or many, a positive factor, an ε.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy
from sympy import Expr

from symnn.declare import Operator, registry
from symnn.errors import SymnnError
from symnn.formula.application import Array, ShapeError, unfold_applications
from symnn.formula.evaluate import EvaluationError, evaluate, precision
from symnn.formula.index import Index, dimension
from symnn.formula.nodes import Tensor, tensors
from symnn.formula.normal import Normalizer, TooLarge
from symnn.network.arrays import Expression, expression
from symnn.notation import tree as t
from symnn.notation.traverse import walk
from symnn.notation.tree import Node
from symnn.notes.find.document import Span, Table
from symnn.notes.judge.budget import limited
from symnn.notes.judge.canonical import canonical
from symnn.notes.judge.claims import Claim
from symnn.notes.judge.context import Context
from symnn.notes.judge.conventions import Conventions
from symnn.notes.judge.differentials import Differentials
from symnn.notes.judge.edits import edits
from symnn.notes.judge.errors import NotUnderstood, OutOfTime
from symnn.notes.judge.points import draw, sizes_of, symbols_of
from symnn.notes.judge.reader import ClaimReader, Scope
from symnn.notes.judge.told import shown
from symnn.notes.judge.values import Value
from symnn.notes.judge.watchdog import watched
from symnn.notes.judge.world import World
from symnn.notes.read.model import Model
from symnn.notes.read.names import Key, parts_of
from symnn.notes.read.shapes import Clash
from symnn.notes.read.statements import Statement
from symnn.notes.read.symbols import Table as Symbols
from symnn.notes.read.symbols import bound_letters, components
from symnn.write.notate import Names, NoMatrixForm, NotateError, formula_form

LENGTH = dimension("n")
GENERIC = frozenset(["L", "E", "J", "C", "loss", "Loss", "Error", "error", "cost", "Cost", "ell", "f", "F", "g", "y"])
MOST_EDITS = 120
POINTS = 6
_FILLER = re.compile(r"(?:loss|function|error|activation|함수|오차|손실)+$")
_DERIVED = re.compile(r"gradient|derivative|slope|미분|기울기|도함수|′|'", re.IGNORECASE)


@dataclass(frozen=True)
class Named:
    """A formula with the operator under whose name it stands. `sure` tells a name right beside it from one above it."""

    node: Node
    left: Node | None
    operator: Operator
    span: Span
    statement: Statement
    sure: bool


def judge_names(context: Context) -> list[Claim]:
    """The claims that formulas under standard names make."""
    claims = []
    seen: set[int] = set()
    for named in found_names(context):
        if id(named.statement) in seen:
            continue
        seen.add(id(named.statement))
        try:
            with limited(), watched():
                claim = judged(named)
        except (NotUnderstood, OutOfTime, SymnnError, Clash, TooLarge, RecursionError, ZeroDivisionError, ValueError):
            continue
        if claim is not None:
            claims.append(claim)
    return claims


# -- finding --------------------------------------------------------------------------------------------------------------


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
            if column < len(headers) and _DERIVED.search(headers[column]):
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
    return not isinstance(node, t.Name | t.Number | t.Text | t.Script) and any(
        isinstance(n, t.Name) for n in walk(node)
    )


def _by_left_side(statement: Statement, span: Span) -> Iterator[Named]:
    formula = _formula_of(statement)
    if formula is None or formula[0] is None:
        return
    key = parts_of_call(formula[0])
    if key is None or len(key.base) < 3:
        return
    operator = operator_called(key.base)
    if operator is not None and _introduces(formula[0]) and not _uses(formula[1], operator):
        yield Named(formula[1], formula[0], operator, span, statement, True)


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


# -- judging --------------------------------------------------------------------------------------------------------------


def judged(named: Named) -> Claim | None:
    """The claim of a formula under a name; None where it cannot be compared."""
    node = canonical(named.node)
    comparison = Comparison(named.operator, node)
    if not comparison.comparable:
        return None
    verdict = comparison.matches(node)
    if verdict:
        return _claim(named, verdict, f"this is {named.operator.name}", "", "")
    if verdict is None:
        return None
    for edit in itertools.islice(edits(node, (), (), True), MOST_EDITS):
        try:
            if comparison.matches(edit.node):
                return _claim(named, "refuted", f"this is not {named.operator.name}", shown(edit.node), edit.slip)
        except NotUnderstood:
            continue
    if not named.sure:
        return None
    return _claim(named, "refuted", f"this is not {named.operator.name}", comparison.correct(), "another formula")


def _claim(named: Named, verdict: str, reason: str, correct: str, slip: str) -> Claim:
    place = named.span.place
    same = place.end_line == place.line
    return Claim(
        id=0, line=place.line, column=place.column, end_line=place.end_line, source=" ".join(named.span.text.split()),
        reading=f"{named.operator.name}: {shown(canonical(named.node))}", verdict=verdict, reason=reason,  # type: ignore[arg-type]
        correct=correct, slip=slip, end_column=place.end_column if same else 0,  # type: ignore[arg-type]
        source_line=named.span.mapped.source.line_text(place.line),
    )  # fmt: skip


class Comparison:
    """A formula of a document beside an operator: its names in the places of the operator's parameters."""

    def __init__(self, operator: Operator, node: Node) -> None:
        self.operator = operator
        self.bound = bound_letters(node)
        self.names = _names_of(node, self.bound)
        self.constants = {c.name: c for c in operator.constants}
        extra = [key for key in self.names if key.base in self.constants or key.base in ("epsilon", "eps")]
        self.extra = [key for key in extra if len(self.names) - len(extra) == len(operator.parameters)]
        self.own = [key for key in self.names if key not in self.extra]
        self.is_loss = operator.kind == "loss"

    @property
    def comparable(self) -> bool:
        """Whether the formula has as many names as the operator has parameters."""
        return len(self.own) == len(self.operator.parameters) and len(self.own) <= 3

    def matches(self, node: Node) -> str | None:
        """Proved or agrees where some variant is equal, "" where every variant differs; None where nothing is certain."""
        certain = True
        for shape in ((LENGTH,), ()):
            world, reader = self._reader(shape)
            try:
                values = reader.read(node, Scope())
            except NotUnderstood:
                continue
            for order in itertools.permutations(self.own):
                wanted = self._operator_at(order, shape, world)
                if wanted is None:
                    continue
                for value in values[:4]:
                    found = self._same(value, wanted, reader)
                    if found:
                        return found
                    certain = certain and found is not None
                if values:
                    certain = certain and True
        return "" if certain and self._read_once(node) else None

    def _read_once(self, node: Node) -> bool:
        for shape in ((LENGTH,), ()):
            _, reader = self._reader(shape)
            try:
                reader.read(node, Scope())
            except NotUnderstood:
                continue
            return True
        return False

    def _reader(self, shape: tuple[Expr, ...]) -> tuple[World, ClaimReader]:
        world = World(Symbols(()), Model(Symbols(())), ())
        for key in self.own:
            world.tensors[key] = Tensor(key.identifier, shape)
        for count in ("N", "n", "m", "M"):
            if Key(count) not in world.tensors:
                world.symbols[Key(count)] = sympy.Symbol(count, positive=True)
        for key in self.extra:
            constant = self.constants.get(key.base)
            world.symbols[key] = sympy.Symbol(key.identifier, positive=True) if constant is None else constant.symbol
        return world, ClaimReader(world, Conventions(), Differentials({}))

    def _operator_at(self, order: Sequence[Key], shape: tuple[Expr, ...], world: World) -> Expression | None:
        arguments = []
        for key, parameter in zip(order, self.operator.parameters, strict=True):
            array = Array.of(world.tensors[key])
            if not shape and parameter.rank:
                index = Index("i", sympy.Integer(1)).fresh()
                array = Array((index,), array.body)
            arguments.append(expression(array))
        try:
            return self.operator(*arguments)
        except (ShapeError, SymnnError, TypeError):
            return None

    def _same(self, value: Value, wanted: Expression, reader: ClaimReader) -> str | None:
        """proved, agrees, "" for different, None for not certain."""
        left = value.array
        right = wanted.array
        free = list(reader.free.values())
        if left.rank == 0 and right.rank == 1 and len(free) == 1:
            left = Array(tuple(free), left.body)
        if self.is_loss and left.rank == 0 and right.rank == 1:
            # A loss of one entry, written as the sum or the mean over all of them.
            return max((self._same_formulas(left.body, r) or "" for r in _reductions(right)), default="")
        if left.rank != right.rank or (left.rank and left.shape != right.shape):
            if self.is_loss and left.rank == 1 and right.rank == 0:
                return max((self._same_formulas(b, right.body) or "" for b in _reductions(left)), default="")
            return ""
        places = tuple(index.fresh() for index in left.indices)
        return self._same_formulas(left.at(*places), right.at(*places), places)

    def _same_formulas(self, left: Any, right: Any, indices: tuple[Index, ...] = ()) -> str | None:
        left, right = unfold_applications(left), unfold_applications(right)
        factors: list[Any] = [sympy.S.One]
        if self.is_loss:
            n = LENGTH
            factors += [n, 1 / n, sympy.S.Half, 2, n / 2, 1 / (2 * n), 100, sympy.Rational(1, 100), 100 * n, n / 100]
        small = {s: sympy.S.Zero for s in left.free_symbols - right.free_symbols if str(s) in ("epsilon", "eps")}
        left = left.xreplace(small)
        found = self._ratio(left, right, indices)
        if found == "agrees":
            for factor in factors:
                try:
                    if Normalizer().equal(left, factor * right, almost_everywhere=True):
                        return "proved"
                except (TooLarge, ZeroDivisionError, ValueError):
                    break
        if found == "" and not self.is_loss and len(self.own) > 1:
            # A slope is meant to lie between 0 and 1; max(a x, x) is a leaky ReLU only there.
            found = next((found for key in self.own if (found := self._ratio(left, right, indices, key))), found)
        return found

    def _ratio(self, left: Any, right: Any, indices: tuple[Index, ...], main: Key | None = None) -> str | None:
        """Agrees where the ratio of both is one positive number at all points (for a loss), or one."""
        sizes = sizes_of([left, right, *indices], [*tensors(left), *tensors(right)])
        symbols = symbols_of([left, right], sizes)
        leaves = sorted(tensors(left) | tensors(right), key=lambda x: x.name)
        first: Any = None
        count = 0
        for style in ("unit", "positive") if main is None else ("unit", "unit"):
            for number in range(3, 3 + 6 * 3, 3):
                drawn = draw(sizes, {}, leaves, symbols, (), number, style)
                point = replace(drawn, symbols=dict.fromkeys(symbols, Fraction(3)))
                if main is not None:
                    turned = {
                        t: {p: (v - Fraction(1, 2)) * 6 for p, v in values.items()}
                        for t, values in point.leaves.items()
                        if t.name == main.identifier
                    }
                    point = replace(point, leaves={**point.leaves, **turned})
                with precision(128):
                    try:
                        a, b = (evaluate(f, point.assignment, dict.fromkeys(indices, 0)) for f in (left, right))
                    except EvaluationError:
                        continue
                    if b.contains(0):
                        continue
                    ratio = a / b
                    if first is None:
                        first = ratio
                    if not (ratio - first).contains(0):
                        return ""
                    if not ratio > 0 or (not self.is_loss and not (ratio - 1).contains(0)):
                        return ""
                    count += 1
        return "agrees" if count >= POINTS else None

    def correct(self) -> str:
        """The operator's formula in the names of the document."""
        world, _ = self._reader((LENGTH,))
        for order in itertools.permutations(self.own):
            wanted = self._operator_at(order, (LENGTH,), world)
            if wanted is None:
                continue
            try:
                names = Names({world.tensors[key].name: _node_of(key) for key in self.own}, t.Name("L"))
                formula = unfold_applications(wanted.array.body)
                return shown(formula_form(formula, wanted.array.indices, names))
            except (NotateError, NoMatrixForm, ValueError, KeyError, IndexError):
                return ""
        return ""


def _reductions(array: Array) -> Iterable[Any]:
    from symnn.formula.nodes import Total

    body = array.body
    for index in reversed(array.indices):
        body = Total(body, index)
    return [body]


def _names_of(node: Node, bound: set[str]) -> list[Key]:
    """The names of a formula, with the scripts that are labels."""
    from symnn.notes.judge.calls import ELEMENTARY, REDUCTIONS, operator_named

    found: dict[Key, None] = {}
    stack = [node]
    while stack:
        top = stack.pop()
        parts = parts_of(top) if isinstance(top, t.Name | t.Script | t.Prime) else None
        if parts is None:
            if isinstance(top, t.BigOperator):
                stack.append(top.body)
                continue
            from symnn.notation.traverse import children

            stack.extend(reversed(children(top)))
            continue
        base = parts.key.base
        if base in ELEMENTARY or base in REDUCTIONS or base in ("e", "pi") or operator_named(parts) is not None:
            stack.extend(parts.sups)
            continue
        labels = []
        for sub in parts.subs:
            for component in components(sub):
                if not (isinstance(component, t.Name) and (component.base in bound or component.base in "ijk")):
                    from symnn.notes.read.names import label_text

                    text = label_text(component)
                    if text is not None:
                        labels.append("_" + text)
        if base in bound or (len(base) == 1 and base in ("N", "n", "m", "M") and not labels):
            continue
        stack.extend(parts.sups)
        found.setdefault(parts.key.labelled(*labels))
    return list(found)


def _node_of(key: Key) -> Node:
    node: Node = t.Name(key.base, accents=key.accents)
    for label in key.labels:
        node = t.Script(node, sub=t.Name(label[1:]))
    return node
