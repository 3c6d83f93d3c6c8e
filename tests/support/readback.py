"""Reading printed formulas back: the value of a notation tree with NumPy's meaning of every sign."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from symnn.formula.application import unfold_applications
from symnn.formula.evaluate import Assignment, evaluate, positions, precision
from symnn.formula.index import Index
from symnn.formula.nodes import Call as FunctionCall
from symnn.formula.nodes import Maximum, Minimum, Tensor, subformulas, tensors
from symnn.formula.substitute import unfold_all
from symnn.network.sizes import fitting
from symnn.notation.latex import parse_latex
from symnn.notation.to_latex import to_latex
from symnn.notation.traverse import walk
from symnn.notation.tree import (
    BigOperator,
    Call,
    Cases,
    Derivative,
    Group,
    Link,
    Name,
    Negative,
    Node,
    Number,
    Phrase,
    Prime,
    Product,
    Quotient,
    Relation,
    Root,
    Script,
    Sequence,
    Sum,
    Text,
)
from symnn.write.notate import Names, equation_form
from symnn.write.notate.equations import entry_form
from symnn.write.notate.letters import letters_of
from symnn.write.notate.names import NO_FAMILIES, Families

ONES = Name("1", font="mathbf")
IDENTITY = Name("I")


class Unreadable(ValueError):
    """The printed formula has no value: shapes do not fit, or a name is unknown."""


class Sized:
    """The vector of ones or the identity matrix, before its size is known."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    @property
    def T(self) -> Sized:
        return Sized({"column": "row", "row": "column"}.get(self.kind, self.kind))

    def of(self, size: int) -> np.ndarray:
        if self.kind == "identity":
            return np.eye(size)
        return np.ones((size, 1) if self.kind == "column" else (1, size))


class Places(dict[str, int]):
    """Where each letter stands, and the shapes that formulas were seen to have there."""

    def __init__(self, places: Mapping[str, int]) -> None:
        super().__init__(places)
        self.shapes: dict[int, tuple[Node, tuple[Any, ...]]] = {}


Outside = "outside"  # the value of an entry that does not exist


class Reader:
    """`arrays` maps printed names to arrays, `functions` printed heads to functions of numbers.

    `parts` maps the printed names of families to their tensors, and `families` says how their parts are told apart;
    what lies outside of their range is what a recurrence starts from, else zero.
    """

    def __init__(
        self,
        arrays: Mapping[Node, np.ndarray],
        functions: Mapping[Node, Any],
        parts: Mapping[Node, str] | None = None,
        families: Families = NO_FAMILIES,
        given: Mapping[str, np.ndarray] | None = None,
    ) -> None:
        self.arrays = dict(arrays)
        self.functions = dict(functions)
        self.parts = dict(parts or {})
        self.families = families
        self.given = dict(given or {})

    def located(self, node: Node, wrap: Any = None) -> tuple[Node, tuple[Node, ...]] | None:
        """The array of which a name with scripts is a part, and the places it is taken at."""
        wrap = wrap or (lambda name: name)
        if not isinstance(node, Script):
            return None
        base: Node = node.base.body if isinstance(node.base, Group) and node.base.left == "(" else node.base
        below = self.places(node.sub) if node.sub is not None else ()
        if node.sup is None:
            return (wrap(base), below) if below and wrap(base) in self.arrays else None
        labelled = wrap(Script(base, None, node.sup))
        if labelled in self.arrays:
            return labelled, below
        if isinstance(node.sup, Group) and node.sup.left == "(":
            for name, rest in ((wrap(base), below), (wrap(Script(base, node.sub)), ())):
                if name in self.arrays and self.families.is_raised(self.parts.get(name, "")):
                    return name, (node.sup.body, *rest)
        return None

    def value(self, node: Node, shape: tuple[int, ...] = (), letters: Mapping[str, int] | None = None) -> Any:
        found = self.read(node, shape, letters if isinstance(letters, Places) else Places(letters or {}))
        if isinstance(found, Sized):
            found = self.sized(found, shape)
        return found

    def sized(self, found: Any, shape: tuple[int, ...]) -> Any:
        if not isinstance(found, Sized):
            return found
        if not shape:
            raise Unreadable("ones without a size")
        return found.of(shape[1] if found.kind == "row" else shape[0])

    def array(self, node: Node) -> np.ndarray | None:
        """The array of a name, with its own axes."""
        if node in self.arrays:
            return self.arrays[node]
        if isinstance(node, Group) and node.left == "(":
            return self.array(node.body)
        return None

    def seen(self, array: np.ndarray) -> Any:
        """A vector is a column."""
        if array.ndim and array.size == 1:
            return float(array.item())
        if array.ndim == 1:
            return array[:, None]
        if array.ndim > 2:
            raise Unreadable("an array with three axes stands without an index")
        return array if array.ndim else float(array)

    def read(self, node: Node, shape: tuple[int, ...], at: Places) -> Any:
        if isinstance(node, Name) and node.base in at and not node.font and not node.accents:
            return float(at[node.base])
        if node in self.arrays:
            return self.seen(self.arrays[node])
        if node == ONES:
            return Sized("column")
        if node == IDENTITY:
            return Sized("identity")
        shape = self.room(node, shape, at)
        method = getattr(self, type(node).__name__, None)
        if method is None:
            raise Unreadable(f"no meaning for {node}")
        return method(node, shape, at)

    def dims(self, node: Node, at: Places) -> tuple[Any, ...]:
        """The shape of a formula before it is computed; None where only the surroundings tell."""
        known = at.shapes.get(id(node))
        if known is None:
            known = at.shapes[id(node)] = node, self._dims(node, at)
        return known[1]

    def _dims(self, node: Node, at: Places) -> tuple[Any, ...]:
        if isinstance(node, Name) and node.base in at and not node.font:
            return ()
        if node in self.arrays:
            return np.shape(self.seen(self.arrays[node])) if self.arrays[node].ndim < 3 else ()
        if node == ONES:
            return (None, 1)
        if node == IDENTITY:
            return (None, None)
        located = self.located(node)
        if located is not None:
            return np.shape(self.pick(self.arrays[located[0]], located[1], at, self.parts.get(located[0], "")))
        match node:
            case Script(base=Group(left="‖")) | Group(left="‖"):
                return ()
            case Script(base=base, sub=None, sup=sup):
                found = self.dims(base, at)
                return found[::-1] if sup == Name("top") else found
            case Script(sub=sub):
                found = () if sub is None else np.shape(self.Script(Script(node.base, sub), (), at))
                return found[::-1] if node.sup == Name("top") else found
            case Derivative():
                return np.shape(self.Derivative(node, (), at))
            case Group(body=Relation(first=first, links=links), left="["):
                return self.unified([first, *(link.right for link in links)], at)
            case Group(body=body):
                return self.dims(body, at)
            case Negative(body=body) | Root(radicand=body):
                return self.dims(body, at)
            case Sum(terms=terms):
                return self.unified([term.term for term in terms], at)
            case Quotient(numerator=top, denominator=bottom):
                return self.unified([top, bottom], at)
            case Product(operator="odot", factors=factors):
                return self.unified(factors, at)
            case Product(factors=factors):
                if any(self.is_false(f, at) for f in self.all_factors(node)):
                    return (None, None)
                heads = [f in self.functions for f in factors]
                shapes = [self.dims(f, at) for f, head in zip(factors, heads, strict=True) if not head]
                arrays = [s for s in shapes if s]
                whole = (arrays[0][0], arrays[-1][1]) if arrays else ()
                return () if whole == (1, 1) else whole
            case Call(head=Name(base="diag"), arguments=(inside,)):
                return (self.dims(inside, at)[0],) * 2
            case Call(head=Name(base="tr" | "det")):
                return ()
            case Call(arguments=arguments):
                return self.unified(arguments, at)
            case BigOperator(body=body):
                return self.dims(body, Places({**at, self.bound(node)[0]: 0}))
            case _:
                return ()

    def is_false(self, node: Node, at: Any) -> bool:
        """Whether a range condition fails, so that what it guards need not exist."""
        if not isinstance(node, Group) or node.left != "[" or self.dims(node, at):
            return False
        return bool(self.read(node, (), at) == 0)

    def unified(self, nodes: Any, at: Any) -> tuple[Any, ...]:
        shapes = [s for s in (self.dims(node, at) for node in nodes) if s]
        if not shapes:
            return ()
        return tuple(next((s[axis] for s in shapes if s[axis] is not None), None) for axis in range(2))

    def room(self, node: Node, shape: Any, at: Any) -> tuple[int, ...]:
        """The shape that the surroundings and the formula itself leave."""
        own = self.dims(node, at)
        if own == (None, None):
            return shape
        return tuple(b if a is None and shape else a for a, b in zip(own, shape or own, strict=True)) if own else ()

    # -- atoms --

    def Number(self, node: Number, shape: Any, at: Any) -> float:
        return float(node.text)

    def Name(self, node: Name, shape: Any, at: Any) -> float:
        if node == Name("pi"):
            return math.pi
        if node == Name("e"):
            return math.e
        raise Unreadable(f"no value for {node}")

    def places(self, sub: Node) -> tuple[Node, ...]:
        if isinstance(sub, Sequence):
            return sub.items
        if isinstance(sub, Product) and sub.operator == "juxtaposed":
            return sub.factors
        return (sub,)

    def pick(self, array: np.ndarray, places: tuple[Node, ...], at: Any, name: str = "") -> Any:
        array = np.squeeze(array)  # an axis of size 1 has no index
        spots = [round(self.value(place, (), at)) - self.families.first for place in places]
        if any(not 0 <= spot < size for spot, size in zip(spots, array.shape, strict=False)):
            if not self.families.count(name):
                return Outside
            start = self.families.starts.get((name, -1 if spots[0] < 0 else 1))
            if start is not None:
                return self.seen(self.given[start.name][tuple(spots[1:])])
            return self.seen(np.zeros(array.shape[len(spots) :]))
        if len(spots) > array.ndim:
            raise Unreadable("more indices than axes")
        return self.seen(array[tuple(spots)])

    def Script(self, node: Script, shape: Any, at: Any) -> Any:
        if isinstance(node.base, Group) and node.base.left == "‖":
            assert node.sup is None or isinstance(node.sup, Number)
            return self.norm(node.base, node.sub is not None, at) ** (1 if node.sup is None else int(node.sup.text))
        found = self.located(node)
        if found is not None and (node.sup is None or node not in self.arrays):
            return self.pick(self.arrays[found[0]], found[1], at, self.parts.get(found[0], ""))
        if node.sub is not None:
            lone = Script(node.base, node.sub)
            if lone in self.arrays:
                base: Any = self.seen(self.arrays[lone])
            elif isinstance(node.base, Name) and node.base.base == "delta":
                a, b = (round(self.value(p, (), at)) for p in self.places(node.sub))
                base = float(a == b)
            else:
                array = self.array(node.base)
                if array is None:
                    array = np.asarray(self.value(node.base, (), at))
                    array = array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array
                base = self.pick(array, self.places(node.sub), at, self.parts.get(node.base, ""))
        else:
            base = self.read(node.base, shape[::-1] if node.sup == Name("top") else shape, at)
        if node.sup is None:
            return base
        if node.sup in (Negative(Number("1")), Negative(Name("top"))) and np.ndim(base) == 2 and base.shape[1] != 1:
            inverse = np.linalg.inv(base)
            return inverse if node.sup == Negative(Number("1")) else inverse.T
        if node.sup == Name("top"):
            if not isinstance(base, Sized) and np.ndim(base) != 2:
                raise Unreadable("the transpose of a number")
            return base.T
        if np.ndim(base) == 2 and base.shape[1] != 1:
            raise Unreadable("a power of a matrix is not entry by entry")
        return self.sized(base, shape) ** self.value(node.sup, (), at)

    def Derivative(self, node: Derivative, shape: Any, at: Any) -> Any:
        (by,) = node.denominators
        found = self.located(by, lambda name: Derivative("partial", node.numerator, (name,)))
        if found is not None:
            return self.pick(self.arrays[found[0]], found[1], at, self.parts.get(found[0], ""))
        raise Unreadable(f"unknown derivative {node}")

    # -- arithmetic --

    def Negative(self, node: Negative, shape: Any, at: Any) -> Any:
        return -self.sized(self.read(node.body, shape, at), shape)

    def Sum(self, node: Sum, shape: Any, at: Any) -> Any:
        values = [self.read(term.term, shape, at) for term in node.terms]
        known = [v for v in values if not isinstance(v, Sized) and np.ndim(v) == 2]
        total: Any = None
        for term, value in zip(node.terms, values, strict=True):
            if known and isinstance(value, Sized):
                value = self.sized(value, known[0].shape)
            value = self.sized(value, shape)
            if known and np.ndim(value) == 0 and not self.is_number(term.term):
                raise Unreadable("a scalar and an array are added")
            if known and np.ndim(value) == 2 and value.shape != known[0].shape:
                raise Unreadable("arrays of different shapes are added")
            value = value if term.sign == "+" else -value
            total = value if total is None else total + value
        return total

    def is_number(self, node: Node) -> bool:
        match node:
            case Number():
                return True
            case Quotient(numerator=a, denominator=b):
                return self.is_number(a) and self.is_number(b)
            case Group(body=body, left="("):
                return self.is_number(body)
            case _:
                return False

    def head(self, node: Node) -> Any:
        return self.functions.get(node)

    def Product(self, node: Product, shape: Any, at: Any) -> Any:
        factors = list(node.factors)
        for factor in self.all_factors(node):
            if isinstance(factor, Group) and factor.left == "[":
                held = self.read(factor, shape, at)
                if np.ndim(held) == 0 and held == 0:
                    return np.zeros(shape) if shape and None not in shape else 0.0
        if node.operator == "odot":
            values = [self.read(f, shape, at) for f in factors]
            known = next((v.shape for v in values if np.ndim(v) == 2 and not isinstance(v, Sized)), shape)
            values = [self.sized(v, known) for v in values]
            if all(np.ndim(v) == 0 for v in values):
                return math.prod(values)
            if any(v.shape != values[0].shape for v in values):
                raise Unreadable("a product entry by entry of different shapes")
            return math.prod(values[1:], start=values[0])
        values = []
        place = 0
        while place < len(factors):
            factor = factors[place]
            function = self.head(factor)
            if function is not None and place + 1 < len(factors):
                values.append(self.apply(function, self.arguments(factors[place + 1]), shape, at))
                place += 2
                continue
            alone = sum(1 for f in factors if f not in self.functions and self.dims(f, at)) == 1
            values.append(self.read(factor, shape if alone else (), at))
            place += 1
        return self.multiplied(values, shape)

    def all_factors(self, node: Node) -> list[Node]:
        """The factors of a product, and those of products inside it."""
        if not isinstance(node, Product):
            return [node]
        return [inner for factor in node.factors for inner in self.all_factors(factor)]

    def arguments(self, node: Node) -> tuple[Node, ...]:
        if isinstance(node, Sequence):
            return node.items
        if isinstance(node, Group) and node.left == "(":
            return (node.body,)
        raise Unreadable("a function without arguments")

    def multiplied(self, values: list[Any], shape: Any) -> Any:
        arrays = [v for v in values if isinstance(v, Sized) or np.ndim(v) == 2]
        scale = math.prod(v for v in values if not isinstance(v, Sized) and np.ndim(v) == 0)
        if not arrays:
            return scale
        sized: list[Any] = []
        for place, value in enumerate(arrays):
            if isinstance(value, Sized):
                if value.kind == "identity":
                    value = value.of(shape[0])
                elif value.kind == "column":
                    before = arrays[place - 1] if place else None
                    value = value.of(
                        before.shape[1] if isinstance(before, np.ndarray) and before.shape[1] != 1 else shape[0]
                    )
                else:
                    after = arrays[place + 1] if place + 1 < len(arrays) else None
                    value = value.of(
                        after.shape[0] if isinstance(after, np.ndarray) and after.shape[0] != 1 else shape[1]
                    )
            sized.append(value)
        result = sized[0]
        for value in sized[1:]:
            if result.shape[1] != value.shape[0]:
                raise Unreadable(f"a matrix product of shapes {result.shape} and {value.shape}")
            result = result @ value
        if result.shape == (1, 1):
            return scale * float(result[0, 0])
        return scale * result

    def Quotient(self, node: Quotient, shape: Any, at: Any) -> Any:
        top, bottom = self.value(node.numerator, shape, at), self.value(node.denominator, shape, at)
        if np.ndim(top) == 2 and np.ndim(bottom) == 2 and top.shape != bottom.shape:
            raise Unreadable("a quotient of different shapes")
        if np.ndim(bottom) == 2 and np.ndim(top) == 0 and not self.is_number(node.numerator):
            raise Unreadable("a scalar over an array")
        return top / bottom

    def Root(self, node: Root, shape: Any, at: Any) -> Any:
        inner = self.value(node.radicand, shape, at)
        if np.ndim(inner) == 2 and inner.shape[1] != 1:
            raise Unreadable("the root of a matrix")
        return np.sqrt(inner)

    def norm(self, node: Group, says_which: bool, at: Any) -> float:
        inner = self.value(node.body, (), at)
        if not says_which and np.ndim(inner) == 2 and inner.shape[1] != 1:
            raise Unreadable("the norm of a matrix needs to say which")
        return math.sqrt(float(np.sum(inner**2)))

    def Group(self, node: Group, shape: Any, at: Any) -> Any:
        if node.left == "‖":
            return self.norm(node, False, at)
        if node.left == "[":
            return self.holds(node.body, shape, at)
        inner = self.read(node.body, shape, at)
        if node.left == "⌊":
            return float(np.floor(inner + 1e-9))
        return np.abs(inner) if node.left == "|" else inner

    def holds(self, node: Node, shape: Any, at: Any) -> Any:
        if isinstance(node, Phrase):
            return math.prod(self.holds(part, shape, at) for part in node.parts if not isinstance(part, Text))
        assert isinstance(node, Relation)
        values = [node.first, *(link.right for link in node.links)]
        sides = [self.value(v, shape, at) for v in values]
        result: Any = 1.0
        for left, link, right in zip(sides, node.links, sides[1:], strict=False):
            compare = {
                "<": np.less, "le": np.less_equal, ">": np.greater, "ge": np.greater_equal, "=": np.equal,
                "ne": np.not_equal,
            }[link.operator]  # fmt: skip
            result = result * compare(left, right).astype(float)
        return result if np.ndim(result) else float(result)

    # -- functions --

    def Call(self, node: Call, shape: Any, at: Any) -> Any:
        name = node.head.base if isinstance(node.head, Name) else ""
        if name == "det":
            return float(np.linalg.det(self.value(node.arguments[0], (), at)))
        if name in ("tr", "diag"):
            inner = self.value(node.arguments[0], (), at)
            if name == "tr":
                if inner.shape[0] != inner.shape[1]:
                    raise Unreadable("the trace of a matrix that is not square")
                return float(np.trace(inner))
            if inner.shape[1] != 1:
                raise Unreadable("diag of a matrix")
            return np.diag(inner[:, 0])
        known = {
            "log": np.log, "exp": np.exp, "sin": np.sin, "cos": np.cos, "sign": np.sign, "max": np.maximum,
            "min": np.minimum, "erf": np.vectorize(math.erf), "tanh": np.tanh, "softmax": softmax,
        }  # fmt: skip
        function = self.functions.get(node.head) or known.get(name)
        if function is None:
            raise Unreadable(f"no function {node.head}")
        return self.apply(function, node.arguments, shape, at)

    def apply(self, function: Any, arguments: tuple[Node, ...], shape: Any, at: Any) -> Any:
        values = [self.value(a, shape, at) for a in arguments]
        known = [v.shape for v in values if np.ndim(v) == 2]
        for node, value in zip(arguments, values, strict=True):
            if known and np.ndim(value) == 0 and not self.is_number(node):
                raise Unreadable("a function of an array and a scalar")
        result = function(*values)
        return result if np.ndim(result) else float(result)

    def BigOperator(self, node: BigOperator, shape: Any, at: Any) -> Any:
        letter, last = self.bound(node)
        size = (
            self.range_of(letter, node.body)
            if last is None
            else round(self.value(last, (), at)) + 1 - self.families.first
        )
        first = self.families.first
        values = [self.value(node.body, shape, Places({**at, letter: place + first})) for place in range(size)]
        return max(values) if node.kind == "max" else sum(values[1:], start=values[0])

    def bound(self, node: BigOperator) -> tuple[str, Node | None]:
        """The letter that a big operator binds, and its last value where that is printed."""
        match node.sub:
            case Name(base=letter):
                return letter, None
            case Relation(first=Name(base=letter), links=(Link(operator="=", right=Number()),)):
                return letter, node.sup
            case Relation(first=Number(), links=(Link("le", Name(base=letter)), Link("le", last))):
                return letter, last
        raise Unreadable(f"no range in {node.sub}")

    def range_of(self, letter: str, body: Node) -> int:
        """The size of the axis at which a letter stands alone."""
        for part in walk(body):
            found = None
            if isinstance(part, Derivative):
                numerator = part.numerator
                found = self.located(part.denominators[0], lambda name, n=numerator: Derivative("partial", n, (name,)))
            elif isinstance(part, Script) and part not in self.arrays:
                found = self.located(part)
                if found is None and part.sub is not None and self.array(part.base) is not None:
                    found = part.base, self.places(part.sub)
            if found is None:
                continue
            array = self.array(found[0])
            for place, spot in enumerate(found[1]):
                if spot == Name(letter) and array is not None:
                    return int(np.squeeze(array).shape[place])
        raise Unreadable(f"the index {letter} has no range")

    def Cases(self, node: Cases, shape: Any, at: Any) -> Any:
        for branch in node.branches:
            if isinstance(branch.condition, Text) or self.holds(branch.condition, (), at):
                return self.value(branch.value, (), at)
        raise Unreadable("no branch holds")

    def Prime(self, node: Prime, shape: Any, at: Any) -> Any:
        raise Unreadable("a prime without an argument")


def softmax(array: np.ndarray) -> np.ndarray:
    """Softmax of a column, or of each row of a matrix."""
    axis = 0 if array.shape[1] == 1 else 1
    powers = np.exp(array)
    return powers / powers.sum(axis=axis, keepdims=True)


class Point:
    """Random numbers for formulas, as exact fractions for the formulas and as arrays for the reader."""

    def __init__(self, dimensions: Mapping[Any, int], seed: int, positive: bool = False) -> None:
        self.rng = np.random.default_rng(seed)
        self.dimensions = dict(dimensions)
        self.values: dict[Any, dict[tuple[int, ...], Fraction]] = {}
        self.scalars: dict[Any, Fraction] = {}
        self.positive = positive

    def need(self, formula: Any) -> None:
        for tensor in sorted(tensors(formula), key=lambda t: t.name):
            if tensor not in self.values:
                shape = Assignment(self.dimensions).shape(tensor)
                self.values[tensor] = {place: self.number(tensor) for place in positions(shape)}

    def number(self, tensor: Any) -> Fraction:
        low = 5 if self.positive else -90
        top = int(self.rng.integers(low, 95))
        return Fraction(top if top else 7, 128)  # exact in binary, so that equal entries are equal

    def array(self, tensor: Any) -> np.ndarray:
        shape = Assignment(self.dimensions).shape(tensor)
        return np.array([float(self.values[tensor][p]) for p in positions(shape)]).reshape(shape)

    def assignment(self) -> Assignment:
        return Assignment(self.dimensions, self.values, self.scalars)

    def functions(self, names: Names, formula: Any) -> dict[Any, Any]:
        """The functions that a formula calls, by their printed heads."""
        found: dict[Any, Any] = {}
        for function in {n.function for n in subformulas(formula) if isinstance(n, FunctionCall)}:
            body = unfold_all(FunctionCall(function, *[Tensor(p).entry() for p in function.parameters]))
            found[names.function(function)] = _numeric(body, function.parameters)
        return found

    def exact(self, formula: Any, indices: Any) -> np.ndarray:
        """The formula at every place of its free indices."""
        assignment = self.assignment()
        shape = tuple(assignment.size(i.dimension) for i in indices)
        with precision(120):
            found = [
                float(evaluate(formula, assignment, dict(zip(indices, place, strict=True))))
                for place in positions(shape)
            ]
        return np.array(found).reshape(shape)


def sizes_for(dimensions: Any, shapes: Any) -> dict[Any, int]:
    """Small sizes, distinct where they are few, under which no array is empty."""
    symbols = sorted(dimensions, key=str)
    sizes = {symbol: 2 + place % (6 if len(symbols) < 6 else 2) for place, symbol in enumerate(symbols)}
    return fitting(sizes, [size for shape in shapes for size in shape], least=2)


class Check:
    """Prints equations of one network and compares their values with the formulas."""

    def __init__(self, names: Names, dimensions: Any, shapes: Any = ()) -> None:
        self.names = names
        self.point = Point(sizes_for(dimensions, shapes), 11, positive=True)

    def equation(self, of: Tensor, indices: Any, formula: Any) -> None:
        self.point.need(formula)
        for symbol in formula.free_symbols:
            if isinstance(symbol, sympy.Symbol) and not isinstance(symbol, Index):
                self.point.scalars.setdefault(symbol, self.point.dimensions.get(symbol, Fraction(1, 7)))
        expected = self.point.exact(unfold_applications(formula), indices)
        arrays = {self.names.tensor(t): self.point.array(t) for t in tensors(formula)}
        arrays |= {self.names.symbol(s): np.float64(v) for s, v in self.point.scalars.items()}
        arrays |= {self.names.symbol(s): np.float64(v) for s, v in self.point.dimensions.items()}
        parts = {self.names.tensor(t): t.name for t in tensors(formula)}
        families = self.names.families
        starts = {t.name: self.point.array(t) for t in families.starts.values() if t in self.point.values}
        read = Reader(arrays, self.point.functions(self.names, formula), parts, families, starts)
        for written in (equation_form(of, indices, formula, self.names), entry_form(of, indices, formula, self.names)):
            lead = len(indices) if not written.is_matrix else written.labels
            shape = expected.shape[lead:]
            padded = (shape[0], 1) if len(shape) == 1 else shape
            shown = letters_of(self.names, formula, indices)
            letters = [shown[i].base for i in indices[:lead]]
            parsed = parse_latex(to_latex(written.right))
            trees = [written.right] if parsed == written.right else [written.right, parsed]
            for place in np.ndindex(expected.shape[:lead]):
                at = {letter: spot + families.first for letter, spot in zip(letters, place, strict=True)}
                for tree in trees:
                    got = np.asarray(read.value(tree, padded, at))
                    got = got.reshape(padded) if got.size == math.prod(padded) == 1 else got
                    assert got.shape == padded, to_latex(tree)
                    np.testing.assert_allclose(got.reshape(shape), expected[place], 1e-9, 1e-12, err_msg=to_latex(tree))


def _numeric(body: Any, parameters: tuple[str, ...]) -> Any:
    symbols = [sympy.Symbol(p) for p in parameters]
    plain = body.xreplace({Tensor(p).entry(): s for p, s in zip(parameters, symbols, strict=True)})
    return sympy.lambdify(symbols, _to_sympy(plain), [{"erf": np.vectorize(math.erf)}, "numpy"])


def _to_sympy(formula: Any) -> Any:
    """The formula with SymPy's own maximum, for NumPy."""
    if isinstance(formula, Maximum | Minimum):
        kind = sympy.Max if isinstance(formula, Maximum) else sympy.Min
        return kind(*[_to_sympy(a) for a in formula.args])
    return formula.func(*[_to_sympy(a) for a in formula.args]) if formula.args else formula
