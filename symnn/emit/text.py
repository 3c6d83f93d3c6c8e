"""Formulas as plain text, for docstrings and comments of emitted modules.

`formula_text` is the one place where the emitter prints a formula.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any, Protocol

import sympy
from sympy import Add, Mul, Pow, S

from symnn.derive.derivation import ADJOINT, TANGENT
from symnn.emit.numbers import number_text
from symnn.formula.application import Array
from symnn.formula.index import Index, LayerSize
from symnn.formula.matrices import Inverse, LogDeterminant
from symnn.formula.nodes import (
    AllOf,
    Bracket,
    Call,
    Cases,
    Compare,
    Delta,
    Entry,
    Extreme,
    Inside,
    Maximum,
    Minimum,
    Tensor,
    Total,
    subformulas,
)

COMPARISON = {"<": "<", "<=": "≤", ">": ">", ">=": "≥", "==": "=", "!=": "≠"}
SUM, PRODUCT, SIGN, POWER, ATOM = range(5)


class Named(Protocol):
    """``tensor[indices] = formula``: an equation, an adjoint, a step of a definition."""

    @property
    def tensor(self) -> Tensor: ...
    @property
    def indices(self) -> Sequence[Index]: ...
    @property
    def formula(self) -> Any: ...


def formula_text(named: Named) -> str:
    """An equation as one line of text.

    >>> from symnn.network.arrays import tensor
    >>> from symnn.formula.application import NamedFormula
    >>> y = tensor("W", "m n") @ tensor("x", "n")
    >>> formula_text(NamedFormula(Tensor("y", y.shape), y.array.indices, y.array.body))
    'y[i] = Σ_j W[i, j] x[j]'
    """
    return _Printer(named).equation()


def size_text(size: Any) -> str:
    """A size in letters, as Python writes it: ``(n + 1 - k) // 2``."""
    return number_text(size, str)[0]


def shape_text(shape: Sequence[Any]) -> str:
    """A shape in letters: ``(m, n)``, or ``()`` for a scalar."""
    shown = ", ".join(map(size_text, shape))
    return f"({shown},)" if len(shape) == 1 else f"({shown})"


def shown_name(name: str) -> str:
    """A name as text; a tangent gets a dot above its first letter.

    >>> shown_name("W_1"), shown_name("˙W_1"), shown_name("˙∂W_1")
    ('W_1', 'Ẇ_1', '∂Ẇ_1')
    """
    if not name.startswith(TANGENT):
        return name
    of = name.removeprefix(TANGENT)
    head = ADJOINT if of.startswith(ADJOINT) else ""
    of = of.removeprefix(head)
    return head + (f"\\dot{{{of}}}" if of.startswith("\\") else unicodedata.normalize("NFC", f"{of[0]}\u0307{of[1:]}"))


class _Printer:
    """Prints one equation; every index gets a letter of its own."""

    def __init__(self, named: Named) -> None:
        self.named = named
        self.letters: dict[Index, str] = {}
        self.symbols = {str(s) for s in named.formula.free_symbols if not isinstance(s, Index)}
        for index in named.indices:
            self.letter(index)
        for node in subformulas(named.formula):
            if isinstance(node, Index):
                self.letter(node)

    def letter(self, index: Index) -> str:
        if index not in self.letters:
            taken = self.symbols | set(self.letters.values())
            letters = "ijklpqrsuvabcdefghmnotwxyz"
            choices = [index.name.strip("_") or "i", *(letter for letter in letters if letter not in taken)]
            self.letters[index] = next((c for c in choices if c not in taken), f"{index.name}{len(taken)}")
        return self.letters[index]

    def equation(self) -> str:
        left = self.entry(self.named.tensor, self.named.indices)
        return f"{left} = {self.text(self.named.formula, SUM)}"

    def entry(self, tensor: Tensor, indices: Sequence[Any]) -> str:
        name = shown_name(tensor.name)
        if not indices:
            return name
        return f"{name}[{', '.join(self.text(i, SUM) for i in indices)}]"

    def text(self, formula: Any, at: int) -> str:
        """The formula, in parentheses where it binds less tightly than `at`."""
        shown, level = self.show(formula)
        return f"({shown})" if level < at else shown

    def show(self, formula: Any) -> tuple[str, int]:
        match formula:
            case Index():
                return self.letter(formula), ATOM
            case sympy.Integer() if formula >= 0:
                return str(formula), ATOM
            case sympy.Rational():
                return str(formula), SIGN if formula.q == 1 else PRODUCT
            case sympy.NumberSymbol():
                return ("π" if formula is sympy.pi else "e" if formula is sympy.E else str(formula)), ATOM
            case sympy.Symbol():
                return str(formula.name), ATOM
            case LayerSize():
                return f"{formula.name}[{self.text(formula.layer, SUM)}]", ATOM
            case Entry():
                return self.entry(formula.tensor, formula.indices), ATOM
            case Add():
                return self.sum(formula), SUM
            case Mul():
                return self.product(formula)
            case Pow():
                return self.power(formula)
            case Total() | Extreme():
                head = "Σ" if isinstance(formula, Total) else "max"
                return f"{head}_{self.letter(formula.index)} {self.text(formula.body, PRODUCT)}", PRODUCT
            case Call():
                name = formula.function.name.removeprefix("numpy.").removeprefix("law.") + "'" * formula.function.order
                return self.function(name, formula.arguments), ATOM
            case Maximum() | Minimum():
                return self.function("max" if isinstance(formula, Maximum) else "min", formula.args), ATOM
            case sympy.Abs():
                return f"|{self.text(formula.args[0], SUM)}|", ATOM
            case Bracket():
                return f"[{self.condition(formula.condition)}]", ATOM
            case Delta():
                return f"[{self.text(formula.difference, SUM)} = 0]", ATOM
            case Inside():
                position, length = self.text(formula.position, SUM), self.text(formula.length, SUM)
                return f"[0 ≤ {position} < {length}]", ATOM
            case Cases():
                parts = [f"{self.text(v, SUM)} if {self.condition(c)}" for c, v in formula.branches]
                return f"{{{'; '.join(parts)}; else {self.text(formula.default, SUM)}}}", ATOM
            case Inverse():
                places = ", ".join(self.text(p, SUM) for p in formula.places)
                return f"inverse({self.matrix(formula.matrix)})[{places}]", ATOM
            case LogDeterminant():
                return f"log |det({self.matrix(formula.matrix)})|", ATOM
        return self.function(type(formula).__name__, formula.args), ATOM

    def matrix(self, array: Array) -> str:
        """A whole matrix: its name, or its entry where it has none."""
        tensor = array.plain_tensor()
        return self.text(array.body, SUM) if tensor is None else shown_name(tensor.name)

    def function(self, name: str, arguments: Sequence[Any]) -> str:
        return f"{name}({', '.join(self.text(a, SUM) for a in arguments)})"

    def condition(self, condition: Any) -> str:
        if isinstance(condition, AllOf):
            return " and ".join(self.condition(c) for c in condition.args)
        if isinstance(condition, Compare):
            left, right = self.text(condition.left, SUM), self.text(condition.right, SUM)
            return f"{left} {COMPARISON[condition.operator]} {right}"
        return str(condition)

    def sum(self, formula: Add) -> str:
        terms = sorted(formula.args, key=lambda term: (_is_negative(term), term.is_number, not term.has(Total)))
        shown = ""
        for term in terms:
            negative = _is_negative(term)
            text = self.text(-term if negative else term, PRODUCT)
            if shown:
                shown += f" {'−' if negative else '+'} {text}"
            else:
                shown = f"−{text}" if negative else text
        return shown

    def product(self, formula: Mul) -> tuple[str, int]:
        if _is_negative(formula):
            return f"−{self.text(-formula, PRODUCT)}", SUM
        coefficient, rest = formula.as_coeff_Mul()
        tops = [sympy.Integer(coefficient.p)] if coefficient.p != 1 else []
        bottoms = [sympy.Integer(coefficient.q)] if coefficient.q != 1 else []
        # Matrices stand before vectors, these before numbers, and sums come last.
        factors = sorted(Mul.make_args(rest), key=lambda f: (f.has(Total), -_rank(f)))
        for factor in factors:
            if isinstance(factor, Pow) and _is_negative(factor.exp):
                bottoms.append(Pow(factor.base, -factor.exp))
            elif factor is not S.One:
                tops.append(factor)
        above = " ".join(self.text(f, POWER if len(tops) > 1 and not isinstance(f, Total) else PRODUCT) for f in tops)
        if not bottoms:
            return above, PRODUCT
        below = " ".join(self.text(f, POWER) for f in bottoms)
        return f"{above or '1'} / {f'({below})' if len(bottoms) > 1 else below}", PRODUCT

    def power(self, formula: Pow) -> tuple[str, int]:
        base, exponent = formula.base, formula.exp
        if _is_negative(exponent):
            return f"1 / {self.text(Pow(base, -exponent), POWER)}", PRODUCT
        if exponent is S.Half:
            return f"√({self.text(base, SUM)})", ATOM
        return f"{self.text(base, ATOM)}^{self.text(exponent, ATOM)}", POWER


def _is_negative(term: Any) -> bool:
    return bool(term.as_coeff_Mul()[0].is_negative)


def _rank(formula: Any) -> int:
    """How many axes the largest tensor in a formula has."""
    return max((len(node.indices) for node in subformulas(formula) if isinstance(node, Entry)), default=0)
