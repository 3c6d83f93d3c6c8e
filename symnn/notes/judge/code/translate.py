"""From Python expressions to notation trees."""

from __future__ import annotations

import ast
from collections.abc import Callable

from symnn.notation import tree as t
from symnn.notation.tree import Node

ELEMENTARY = {
    "exp": "exp", "log": "log", "sqrt": "sqrt", "tanh": "tanh", "sin": "sin", "cos": "cos", "abs": "abs", "fabs": "abs",
    "sinh": "sinh", "cosh": "cosh",
}  # fmt: skip
MODULES = frozenset(["np", "numpy", "math", "torch", "jnp", "tf", "cp"])
MOST_POWER = 64
TOP = t.Name("top")


class Untranslated(Exception):
    """An expression that has no notation, or none that is certain."""


class Translator:
    """Translates expressions; `name` gives the tree of a variable."""

    def __init__(self, name: Callable[[str], Node]) -> None:
        self.name = name

    def of(self, node: ast.expr) -> Node:
        """The tree of an expression. Raises Untranslated."""
        match node:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                return _number(number)
            case ast.Name():
                return self.name(node.id)
            case ast.UnaryOp(op=ast.USub()):
                return t.Negative(_grouped(self.of(node.operand)))
            case ast.UnaryOp(op=ast.UAdd()):
                return self.of(node.operand)
            case ast.BinOp():
                return self._binary(node)
            case ast.Call():
                return self._call(node)
            case ast.Attribute(attr="T"):
                return t.Script(_grouped(self.of(node.value)), sup=TOP)
            case ast.Subscript():
                return self._entry(node)
            case ast.List() | ast.Tuple() if node.elts:
                return t.Sequence(tuple(self.of(element) for element in node.elts), "[", "]")
        raise Untranslated(type(node).__name__)

    def _binary(self, node: ast.BinOp) -> Node:
        left, right = self.of(node.left), self.of(node.right)
        match node.op:
            case ast.Add() | ast.Sub():
                sign: t.Sign = "+" if isinstance(node.op, ast.Add) else "-"
                first = left.terms if isinstance(left, t.Sum) else (t.Signed("+", left),)
                inner = t.Group(right) if isinstance(right, t.Sum | t.Negative) else right
                return t.Sum((*first, t.Signed(sign, inner)))
            case ast.Mult():
                return t.Product("odot", (_grouped(left), _grouped(right)))
            case ast.MatMult():
                return t.Product("matmul", (_grouped(left), _grouped(right)))
            case ast.Div():
                return t.Quotient(left, right)
            case ast.Pow() if isinstance(right, t.Number) and right.text.isdigit() and int(right.text) <= MOST_POWER:
                return t.Script(_grouped(left), sup=right)
        raise Untranslated(type(node.op).__name__)

    def _call(self, node: ast.Call) -> Node:
        if node.keywords:
            raise Untranslated("keywords")
        function = node.func
        if isinstance(function, ast.Attribute):
            owner = function.value
            if isinstance(owner, ast.Name) and owner.id in MODULES:
                return self._library(function.attr, node.args)
            if function.attr == "dot" and len(node.args) == 1:
                return t.Product("matmul", (_grouped(self.of(owner)), _grouped(self.of(node.args[0]))))
            if function.attr in ("sum", "mean") and not node.args:
                return t.Call(t.Name(function.attr), (self.of(owner),))
        elif isinstance(function, ast.Name) and function.id in ("abs", "max", "min"):
            return self._library(function.id, node.args)
        raise Untranslated("a call")

    def _library(self, name: str, arguments: list[ast.expr]) -> Node:
        parts = tuple(self.of(argument) for argument in arguments)
        if name in ELEMENTARY and len(parts) == 1:
            return t.Call(t.Name(ELEMENTARY[name]), parts)
        if name in ("dot", "matmul") and len(parts) == 2:
            return t.Product("matmul", (_grouped(parts[0]), _grouped(parts[1])))
        if name == "multiply" and len(parts) == 2:
            return t.Product("odot", (_grouped(parts[0]), _grouped(parts[1])))
        if name in ("maximum", "max", "minimum", "min") and len(parts) == 2:
            return t.Call(t.Name("max" if name.startswith("max") else "min"), parts)
        if name == "outer" and len(parts) == 2:
            return t.Product("otimes", (_grouped(parts[0]), _grouped(parts[1])))
        if name in ("sum", "mean") and len(parts) == 1:
            return t.Call(t.Name(name), parts)
        if name == "square" and len(parts) == 1:
            return t.Script(_grouped(parts[0]), sup=t.Number("2"))
        if name == "transpose" and len(parts) == 1:
            return t.Script(_grouped(parts[0]), sup=TOP)
        if name == "array" and len(parts) == 1 and isinstance(parts[0], t.Sequence):
            return parts[0]
        raise Untranslated(name)

    def _entry(self, node: ast.Subscript) -> Node:
        base = self.of(node.value)
        place = node.slice.value if isinstance(node.slice, ast.Constant) else None
        if isinstance(base, t.Name) and isinstance(place, int) and not isinstance(place, bool) and place >= 0:
            return t.Script(base, sub=t.Number(str(place + 1)))
        raise Untranslated("an index")


def shape_of(value: ast.expr) -> tuple[int, ...] | None:
    """The shape of ``np.random.randn(5, 10)`` and ``np.zeros((5, 10))``; None for anything else."""
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute):
        return None
    arguments = value.args
    if value.func.attr in ("zeros", "ones", "empty") and len(arguments) == 1 and isinstance(arguments[0], ast.Tuple):
        arguments = arguments[0].elts
    elif value.func.attr not in ("randn", "rand"):
        return None
    sizes = [a.value for a in arguments if isinstance(a, ast.Constant) and type(a.value) is int and a.value > 0]
    return tuple(sizes) if sizes and len(sizes) == len(arguments) else None


def _number(value: int | float) -> Node:
    text = format(abs(value), "d") if isinstance(value, int) else repr(abs(value))
    if "inf" in text or "nan" in text:
        raise Untranslated("not a number")
    node = t.Number(text.removesuffix(".0"))
    return t.Negative(node) if value < 0 else node


def _grouped(node: Node) -> Node:
    return node if isinstance(node, t.Name | t.Number | t.Group | t.Call | t.Sequence) else t.Group(node)
