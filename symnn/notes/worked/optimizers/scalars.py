r"""Update rules as formulas in numbers: ``m_t = \beta_1 m_{t-1} + (1 - \beta_1) g_t`` entry by entry.

An optimizer moves every entry of a parameter in the same way, so that a line of it is a formula in numbers. Its letters
are the values before and after the step, the gradient, and constants. Which letter is which is not decided here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import sympy
from sympy import Expr

from symnn.notation import tree as t
from symnn.notation.tree import Node
from symnn.notes.judge.errors import NotUnderstood
from symnn.notes.judge.slips.told import shown
from symnn.notes.read.names import label_text, parts_of
from symnn.notes.read.symbols import components, is_transpose
from symnn.notes.worked.names import plain

TIMES = ("t", "k", "n", "i", "tau")
AFTER = frozenset(["new", "next", "neu", "nouveau"])
BEFORE = frozenset(["old", "prev", "previous", "alt", "ancien"])
GRADIENTS = frozenset(["g", "grad", "gradient", "dw", "dW", "db", "dtheta", "dx", "grads", "nabla"])
STEPS = "step"
MAX_DEPTH = 40

Time = tuple[str, int]


@dataclass(frozen=True)
class Letter:
    """A letter of a line: what it is called, its time, and whether it can only be a gradient.

    `at` is the place at which a gradient is taken, where the line says it.
    """

    name: str
    base: str
    time: Time | None = None
    hat: bool = False
    gradient: bool = False
    at: Expr | None = field(default=None, compare=False)
    node: Node | None = field(default=None, compare=False)

    @property
    def symbol(self) -> Expr:
        """The symbol that stands for the letter in formulas."""
        return sympy.Symbol(f"{self.name}@{self.time}")


class LineReader:
    """Reads formulas of numbers; `letters` collects what their symbols stand for.

    `states` are the names that the lines around change: a time above one of them is no power.
    """

    def __init__(self, states: Sequence[str] = ()) -> None:
        self.states = frozenset(states)
        self.letters: dict[Expr, Letter] = {}

    def target(self, node: Node) -> Letter:
        """The left side of a line. Raises NotUnderstood for anything but one letter."""
        factors = self._merged(_factors(plain(node)))
        if len(factors) != 1 or not isinstance(factors[0], Letter):
            raise NotUnderstood("the left side is no single letter")
        return factors[0]

    def read(self, node: Node, depth: int = 0) -> Expr:
        """A formula of numbers. Raises NotUnderstood for what has no meaning entry by entry."""
        if depth > MAX_DEPTH:
            raise NotUnderstood("a formula that is nested too deeply")
        node = plain(node)
        match node:
            case t.Number():
                return sympy.Rational(node.text)
            case t.Negative():
                return -self.read(node.body, depth + 1)
            case t.Sum() if all(term.sign in ("+", "-") for term in node.terms):
                terms = [self.read(term.term, depth + 1) * (1 if term.sign == "+" else -1) for term in node.terms]
                return sympy.Add(*terms)
            case t.Quotient():
                return self.read(node.numerator, depth + 1) / self.read(node.denominator, depth + 1)
            case t.Root() if node.degree is None:
                return sympy.sqrt(self.read(node.radicand, depth + 1))
            case t.Call() if len(node.arguments) == 1 and node.head == t.Name("sqrt"):
                return sympy.sqrt(self.read(node.arguments[0], depth + 1))
            case t.Product() if node.operator in ("juxtaposed", "cdot", "times", "ast", "odot", "circ"):
                factors = self._merged(_factors(node))
                return sympy.Mul(*(self._factor(factor, depth) for factor in factors))
            case _:
                factors = self._merged((node,))
                return self._factor(factors[0], depth)

    # -- factors ------------------------------------------------------------------------------------------------

    def _factor(self, factor: Node | Letter, depth: int) -> Expr:
        if isinstance(factor, Letter):
            self.letters[factor.symbol] = factor
            return factor.symbol
        if isinstance(factor, t.Script) and factor.sub is None and factor.sup is not None:
            return self._power(self.read(factor.base, depth + 1), factor.sup, depth)
        if isinstance(factor, t.Script) and factor.sup is not None:
            inner = t.Script(factor.base, sub=factor.sub)
            return self._power(self.read(inner, depth + 1), factor.sup, depth)
        if isinstance(factor, t.Number | t.Group | t.Sum | t.Negative | t.Quotient | t.Root | t.Call | t.Product):
            return self.read(factor, depth + 1) if not isinstance(factor, t.Group) else self._bracket(factor, depth)
        raise NotUnderstood("a part of the formula is no number")

    def _bracket(self, node: t.Group, depth: int) -> Expr:
        if node.left not in ("(", "[", "{"):
            raise NotUnderstood("a bracket that does more than group")
        return self.read(node.body, depth + 1)

    def _power(self, base: Expr, exponent: Node, depth: int) -> Expr:
        if is_transpose(exponent):
            raise NotUnderstood("a transpose has no meaning entry by entry")
        return base ** self.read(exponent, depth + 1)

    def _merged(self, factors: Sequence[Node]) -> list[Node | Letter]:
        r"""The factors, with those that are one letter together: ``E[g^2]_t``, ``\Delta \theta_t``, ``dW``, ``w(t)``."""
        found: list[Node | Letter] = []
        place = 0
        while place < len(factors):
            node, after = factors[place], factors[place + 1] if place + 1 < len(factors) else None
            letter = None if after is None else self._pair(node, after)
            if letter is not None:
                found.append(letter)
                place += 2
                continue
            if node == t.Name("d") and isinstance(after, t.Script) and isinstance(after.sup, t.Number):
                inner = after.base if after.sub is None else t.Script(after.base, sub=after.sub)
                found.append(t.Script(t.Product("juxtaposed", (node, inner)), sup=after.sup))
                place += 2
                continue
            found.append(self._single(node) or node)
            place += 1
        return found

    def _pair(self, node: Node, after: Node) -> Letter | None:
        """Two factors that are one letter; None where they are not."""
        whole = t.Product("juxtaposed", (node, after))
        if isinstance(node, t.Prime) and isinstance(after, t.Group) and after.left == "(":
            return Letter("gradient " + shown(node), "gradient", None, gradient=True, node=whole, at=self._place(after))
        if not isinstance(node, t.Name | t.Script):
            return None
        parts = parts_of(node)
        if parts is None:
            return None
        if parts.base.base in ("E", "RMS") and not (parts.subs or parts.sups) and isinstance(after, t.Group | t.Script):
            inner = after.base if isinstance(after, t.Script) else after
            if isinstance(inner, t.Group) and inner.left == "[":
                below = after.sub if isinstance(after, t.Script) else None
                return Letter(f"{parts.base.base}[{shown(inner.body)}]", parts.base.base, _time_of(below), node=whole)
        if isinstance(node, t.Name) and node.base in ("d", "Delta") and not node.accents:
            inner_letter = self._single(after)
            if inner_letter is not None and not inner_letter.gradient:
                return Letter(
                    f"{node.base} {inner_letter.name}", node.base, inner_letter.time,
                    gradient=node.base == "d", node=whole,
                )  # fmt: skip
        if isinstance(after, t.Group) and after.left == "(" and not isinstance(after.body, t.Number):
            time = _time_of(after.body)
            own = self._single(node)
            if time is not None and own is not None and (time[1] or own.name in self.states or own.gradient):
                return Letter(own.name, own.base, time, own.hat, own.gradient, node=whole)
        return None

    def _single(self, node: Node) -> Letter | None:
        """One factor that is a letter; None for anything else."""
        match node:
            case t.Nabla() if node.operand is not None and node.power is None:
                return Letter("gradient " + shown(node), "gradient", gradient=True, node=node, at=self._argument(node))
            case t.Derivative() if node.order == 1 and node.symbol in ("partial", "d"):
                return Letter("gradient " + shown(node), "gradient", gradient=True, node=node)
            case t.BigOperator() if node.kind == "expectation" and node.sub is None and node.sup is None:
                return Letter(f"E[{shown(plain(node.body))}]", "E", node=node)
            case t.Script() if isinstance(node.base, t.BigOperator) and node.sup is None:
                inner = self._single(node.base)
                return None if inner is None else Letter(inner.name, "E", _time_of(node.sub), node=node)
            case t.Text() | t.Name() | t.Script() | t.Prime() | t.Accent():
                return self._name(node)
        return None

    def _name(self, node: Node) -> Letter | None:
        """A name whose scripts are times and labels; None for one with a power."""
        parts = parts_of(node)
        if parts is None or parts.base.base in ("top", "bot", "e", "pi", "infty"):
            return None
        base = parts.key.base
        name = parts.key.identifier
        time: Time | None = None
        for piece in (piece for sub in parts.subs for piece in components(sub)):
            found = _time_of(piece)
            if found is not None and time is None:
                time = found
                continue
            text = label_text(piece)
            if text is None:
                return None
            name += "_" + text
        for sup in parts.sups:
            inner = plain(sup)
            found = _time_of(inner)
            bracketed = isinstance(sup, t.Group)
            if found is not None and time is None and (bracketed or found[0] == STEPS or name in self.states):
                time = found
            elif bracketed and not isinstance(inner, t.Sum) and label_text(inner) is not None:
                name += "^" + str(label_text(inner))
            else:
                return None
        gradient = base in GRADIENTS or name in GRADIENTS
        return Letter(name, base, time, "hat" in parts.accents, gradient, node=node)

    def _argument(self, node: t.Nabla) -> Expr | None:
        r"""Where a gradient is taken: ``\nabla J(\theta - \gamma v)``; None where that is not said."""
        inner = node.operand
        if isinstance(inner, t.Product) and inner.operator == "juxtaposed" and len(inner.factors) == 2:
            return self._place(inner.factors[1])
        return None

    def _place(self, bracket: Node) -> Expr | None:
        if not isinstance(bracket, t.Group) or not isinstance(plain(bracket.body), t.Sum):
            return None
        reader = LineReader(tuple(self.states))
        found = reader.read(bracket.body)
        self.letters |= {symbol: letter for symbol, letter in reader.letters.items() if symbol not in self.letters}
        return found


def _factors(node: Node) -> tuple[Node, ...]:
    """The factors of a product, those of products inside it among them."""
    if not isinstance(node, t.Product):
        return (node,)
    return tuple(
        inner for factor in node.factors for inner in (_factors(factor) if isinstance(factor, t.Product) else (factor,))
    )


def _time_of(node: Node | None) -> Time | None:
    """The time that a script tells: a letter and how many steps it is away; None for a label."""
    if node is None:
        return None
    node = plain(node)
    text = label_text(node) if isinstance(node, t.Name | t.Text | t.Product) else None
    if text is not None and text.lower() in AFTER:
        return STEPS, 0
    if text is not None and text.lower() in BEFORE:
        return STEPS, -1
    if isinstance(node, t.Name) and node.base in TIMES and not node.accents:
        return node.base, 0
    if isinstance(node, t.Sum) and len(node.terms) == 2 and node.terms[0].sign == "+":
        first, second = node.terms
        inner = _time_of(first.term) if isinstance(first.term, t.Name) else None
        if inner is not None and inner[0] != STEPS and isinstance(second.term, t.Number) and second.term.text.isdigit():
            steps = int(second.term.text)
            return (inner[0], steps if second.sign == "+" else -steps) if second.sign in ("+", "-") else None
    return None
