"""Update rules of a document: ``w = w - η ∂E/∂w``, ``θ ← θ + α ∇J(θ)``, ``Δw = -R ∇P``, taken apart.

A rule is not an equation. What it says is which way a name moves: along a gradient or against it, and of what.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from symnn.notation import tree as t
from symnn.notation.traverse import walk
from symnn.notation.tree import Node
from symnn.notes.judge.links import head_of, is_assignment
from symnn.notes.read.statements import Statement
from symnn.notes.worked.calculations.alignment import factors
from symnn.notes.worked.names import call_of, name_of, named, plain
from symnn.notes.worked.symbol_table import SymbolTable

ASSIGNING = ("=", ":=", "gets", "equiv")
_INDEX = re.compile(r"[\d_].*$")


@dataclass(frozen=True, slots=True, eq=False)
class Move:
    """One term of a rule that moves along or against a gradient.

    `sign` is +1 or -1 as written, `factors` stand before the gradient, `objective` is what is differentiated (None for
    a gradient that the document only names) and `by` what it is differentiated by. `term` is the whole term.
    """

    sign: int
    factors: tuple[Node, ...]
    objective: Node | None
    by: Node | None
    term: t.Signed


@dataclass(frozen=True, slots=True, eq=False)
class UpdateRule:
    """A rule: what is updated, the factors beside its old value, and the moves.

    `change` is true for ``Δw = …``, where the old value is not written. `rest` holds terms that are no gradient.
    """

    statement: Statement
    target: Node
    own: tuple[Node, ...]
    moves: tuple[Move, ...]
    rest: tuple[t.Signed, ...]
    change: bool


def rules_of(symbols: SymbolTable, statements: Sequence[Statement]) -> Iterator[UpdateRule]:
    """Every update rule of a document, outside of the cells of tables."""
    for statement in statements:
        if statement.span is not None and statement.span.cell is not None:
            continue
        rule = rule_of(symbols, statement)
        if rule is not None:
            yield rule


def rule_of(symbols: SymbolTable, statement: Statement) -> UpdateRule | None:
    """The rule that a statement is; None for anything else."""
    if not statement.steps or statement.doubt or statement.steps[0].operator not in ASSIGNING:
        return None
    left, right = statement.first.node, plain(statement.steps[0].right.node)
    changed = _changed(left)
    if changed is not None:
        moves, rest = _moves(symbols, right, changed)
        return UpdateRule(statement, changed, (), tuple(moves), tuple(rest), True) if moves else None
    if not (is_assignment(left, right) or _own_factor(left, right) or _renewed(left, right)):
        return None
    if not isinstance(right, t.Sum) or all(_matches(left, plain(term.term)) for term in right.terms):
        return None
    own: tuple[Node, ...] | None = None
    others: list[t.Signed] = []
    for term in right.terms:
        beside = _beside_own(left, term.term) if term.sign == "+" and own is None else None
        if beside is None:
            others.append(term)
        else:
            own = beside
    if own is None or not others:
        return None
    moves, rest = _moves(symbols, t.Sum(tuple(others)), left)
    return UpdateRule(statement, left, own, tuple(moves), tuple(rest), False)


def _changed(node: Node) -> Node | None:
    """What changes in ``Δw``; None for another node."""
    if isinstance(node, t.Product) and node.operator == "juxtaposed" and len(node.factors) == 2:
        head = node.factors[0]
        if isinstance(head, t.Name) and head.base == "Delta" and not head.accents:
            return node.factors[1]
    return None


def base_of(node: Node) -> str | None:
    """The letter of a name without indices, labels and time: ``w`` for ``w_5``, ``w^{(new)}`` and ``w(t+1)``."""
    called = call_of(node)
    if called is not None:
        return _INDEX.sub("", called[0].name.split("^")[0])
    found = named(node)
    return None if found is None else _INDEX.sub("", found.name.split("^")[0]) or None


def _matches(left: Node, other: Node) -> bool:
    """Whether two names are one variable before and after: equal up to indices of time and labels such as *new*."""
    one, two = head_of(left), head_of(other)
    return one is not None and one == two


def _renewed(left: Node, right: Node) -> bool:
    """``w^{new} = w^{old} - …``: the same letter with another raised label."""
    if not isinstance(right, t.Sum) or not isinstance(left, t.Script) or left.sup is None:
        return False
    first = right.terms[0]
    return first.sign == "+" and base_of(first.term) is not None and base_of(first.term) == base_of(left)


def _own_factor(left: Node, right: Node) -> bool:
    """``θ_j = θ_j h + …``: a term that is the left side with further factors."""
    if not isinstance(right, t.Sum):
        return False
    return any(term.sign == "+" and _beside_own(left, term.term) is not None for term in right.terms)


def _beside_own(left: Node, term: Node) -> tuple[Node, ...] | None:
    """The factors beside the old value in a term; None when the old value is not in it."""
    term = plain(term)
    if _matches(left, term) or (isinstance(left, t.Script) and _renewed(left, t.Sum((t.Signed("+", term),)))):
        return ()
    if isinstance(term, t.Product):
        inner = [plain(factor) for factor in term.factors]
        own = [place for place, factor in enumerate(inner) if factor == left]
        if len(own) == 1 and not any(_has_gradient(factor) for factor in inner):
            return tuple(factor for place, factor in enumerate(inner) if place != own[0])
    return None


def _has_gradient(node: Node) -> bool:
    return any(isinstance(part, t.Derivative | t.Nabla | t.Prime) for part in walk(node))


def _moves(symbols: SymbolTable, node: Node, target: Node) -> tuple[list[Move], list[t.Signed]]:
    """The terms that move along a gradient, and the others."""
    terms = node.terms if isinstance(node, t.Sum) else (t.Signed("+", node),)
    moves: list[Move] = []
    rest: list[t.Signed] = []
    for term in terms:
        sign = 1 if term.sign == "+" else -1
        inner = plain(term.term)
        while isinstance(inner, t.Negative):
            sign, inner = -sign, plain(inner.body)
        parts = factors(inner, symbols) if isinstance(inner, t.Product) else [inner]
        found = _gradient(symbols, parts, target)
        if found is None or term.sign not in ("+", "-"):
            rest.append(term)
            continue
        place, objective, by = found
        before = [part for number, part in enumerate(parts) if number != place]
        for part in before:
            if isinstance(plain(part), t.Negative):
                sign = -sign
        moves.append(Move(sign, tuple(before), objective, by, term))
    return moves, rest


def _gradient(symbols: SymbolTable, parts: Sequence[Node], target: Node) -> tuple[int, Node | None, Node | None] | None:
    """Which factor is a gradient, of what and by what; None when there is not exactly one."""
    found: list[tuple[int, Node | None, Node | None]] = []
    for place, part in enumerate(parts):
        node = plain(part)
        if isinstance(node, t.Derivative) and len(node.denominators) == 1:
            found.append((place, node.numerator if node.operand is None else node.operand, node.denominators[0]))
        elif isinstance(node, t.Nabla) and node.power is None and node.operand is not None:
            found.append((place, node.operand, node.wrt))
        elif (called := call_of(node)) is not None and called[0].primes == 1 and len(called[1]) == 1:
            found.append((place, _function_of(node), called[1][0]))
        elif (name := name_of(node)) is not None and len(symbols.values.get(name, ())) == 1:
            inner = plain(symbols.values[name][0].node)
            if (name_of(inner) is None and not isinstance(inner, t.Product | t.Sum | t.Negative)) or _is_prime_call(
                inner
            ):
                found += [(place, objective, by) for _, objective, by in _named_gradient(symbols, inner, target)]
    return found[0] if len(found) == 1 else None


def _named_gradient(symbols: SymbolTable, node: Node, target: Node) -> list[tuple[int, Node | None, Node | None]]:
    """The gradient that a name stands for: ``gradient = f'(x)``."""
    found = _gradient(symbols, [node], target) if not isinstance(node, t.Name) else None
    return [] if found is None else [found]


def _is_prime_call(node: Node) -> bool:
    called = call_of(node)
    return called is not None and called[0].primes == 1


def _function_of(node: Node) -> Node:
    """``f`` of ``f'(x)``."""
    assert isinstance(node, t.Product)
    head = node.factors[0]
    while isinstance(head, t.Prime | t.Script):
        head = head.base
    return head


def summands(symbols: SymbolTable, objective: str) -> Iterator[str]:
    """The value itself, or what it is the sum of by ``∂T/∂w = Σ ∂E/∂w``."""
    if objective in symbols.values:
        yield objective
        return
    for left, right in symbols.expansions:
        if not (isinstance(left, t.Derivative) and left.numerator is not None and name_of(left.numerator) == objective):
            continue
        body = _summed(plain(right))
        if isinstance(body, t.Derivative) and body.numerator is not None and body.denominators == left.denominators:
            inner = name_of(body.numerator)
            if inner is not None and inner in symbols.values:
                yield inner


def _summed(node: Node) -> Node | None:
    """What a sum sums, whether its sign is the big operator or the letter Σ."""
    if isinstance(node, t.BigOperator) and node.kind == "sum":
        return plain(node.body)
    if (
        isinstance(node, t.Product)
        and len(node.factors) == 2
        and isinstance(node.factors[0], t.Name)
        and node.factors[0].base == "Sigma"
    ):
        return plain(node.factors[1])
    return None
