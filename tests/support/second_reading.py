"""A second reading of claims, to test the judge by: notation trees as NumPy arrays, derivatives by autograd.

It shares nothing with the package but the notation tree. What every name of a note is, is written down by hand as a
`Setting`. A product that may mean several things has several values; a claim holds if any of them does.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import autograd
import autograd.numpy as np
import numpy as onp

from symnn.notation import tree as t
from symnn.notation.tree import Node

Values = list[Any]
Env = Mapping[str, Any]


class Unclear(Exception):
    """No value: the shapes do not fit, or the notation is not known here."""


class OutOfRange(Exception):
    """An index that points beside an array."""


@dataclass(frozen=True)
class Setting:
    """What the names of a passage are.

    `leaves` are drawn at random in these shapes, `positive` ones above zero, `simplex` ones summing to one and `symmetric` ones;
    `values` follow in order, each from the ones before; `functions` are functions of numbers. `steps` names the members of
    a recurrence: arrays with an entry 0 before the first one, which is zero, that are differentiated by through what is
    added to each entry under the name with a plus sign before it.
    """

    leaves: Mapping[str, tuple[int, ...]]
    values: Mapping[str, Callable[[Env], Any]] = field(default_factory=dict)
    functions: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)
    positive: tuple[str, ...] = ()
    simplex: tuple[str, ...] = ()
    symmetric: tuple[str, ...] = ()
    letters: Mapping[str, int] = field(default_factory=dict)
    steps: tuple[str, ...] = ()

    def drawn(self, seed: int) -> dict[str, Any]:
        """Random numbers for the leaves."""
        generator = onp.random.default_rng(seed)
        found: dict[str, Any] = dict(self.numbers)
        for name, shape in self.leaves.items():
            array = generator.normal(size=shape)
            if name in self.positive or name in self.simplex:
                array = 0.2 + 0.6 * generator.random(size=shape)
            array = array + array.T if name in self.symmetric else array
            found[name] = array / array.sum() if name in self.simplex else array
        return found

    def computed(self, leaves: Env, fixed: Env) -> dict[str, Any]:
        """All values; those in `fixed` are taken as they are given."""
        env = {**leaves, **fixed}
        for name, made in self.values.items():
            if name not in fixed:
                env[name] = made(env)
        return env


class SecondReading:
    """The values of formulas at one point of a setting."""

    def __init__(self, setting: Setting, seed: int) -> None:
        self.setting = setting
        self.leaves = setting.drawn(seed)
        self.env = setting.computed(self.leaves, {})
        self._known: dict[Any, Any] = {}

    # -- claims -------------------------------------------------------------------------------------------------------

    def holds(self, left: Node, right: Node) -> bool | None:
        """Whether ``left = right`` for all values of its free letters; None where that is not clear."""
        letters = sorted({*self._letters(left), *self._letters(right)})
        sizes = []
        for letter in letters:
            size = self._size(letter, left) or self._size(letter, right) or self.setting.letters.get(letter)
            if size is None:
                return None
            sizes.append(size)
        tried = 0
        for places in itertools.product(*(range(size) for size in sizes)):
            at = dict(zip(letters, places, strict=True))
            try:
                lefts, rights = self.read(left, self.env, at), self.read(right, self.env, at)
            except OutOfRange:
                continue
            except Unclear:
                return None
            tried += 1
            if not any(self._same(a, b, left, right) for a in lefts for b in rights):
                return False
        return True if tried else None

    def _same(self, a: Any, b: Any, left: Node, right: Node) -> bool:
        a, b = onp.squeeze(onp.asarray(a)), onp.squeeze(onp.asarray(b))
        if _close(a, b):
            return True
        for one, other, node in ((a, b, left), (b, a, right)):
            if isinstance(node, t.Derivative) and one.ndim == 2 and one.shape[0] == one.shape[1]:
                if other.ndim <= 1 and _close(one, other * onp.eye(len(one))):
                    return True  # a derivative that acts entry by entry, written as its diagonal
                if _close(one, other.T):
                    return True  # the other layout
        return False

    # -- letters ------------------------------------------------------------------------------------------------------

    def _letters(self, node: Node, bound: frozenset[str] = frozenset()) -> Iterator[str]:
        """The index letters that nothing binds."""
        if isinstance(node, t.BigOperator):
            own = _bound(node)
            yield from self._letters(node.body, bound | {own})
            return
        if isinstance(node, t.Script) and node.sub is not None and self._label(node) is None:
            for place in _places(node.sub):
                for part in _walk(place):
                    if isinstance(part, t.Name) and part.base not in bound and not self._is_last(part.base):
                        yield part.base
            yield from self._letters(node.base, bound)
            if node.sup is not None:
                yield from self._letters(node.sup, bound)
            return
        for child in _children(node):
            yield from self._letters(child, bound)

    def _is_last(self, name: str) -> bool:
        """Whether an index is the length of its axis, a capital letter: the last place."""
        return name.isupper() and name in self.setting.numbers

    def _size(self, letter: str, node: Node) -> int | None:
        """The length of the axis that a letter walks."""
        for part in _walk(node):
            if isinstance(part, t.Script) and part.sub is not None and self._label(part) is None:
                array = self.env.get(_key(part.base))
                shape = onp.shape(array) if array is not None else ()
                for axis, place in enumerate(_places(part.sub)):
                    letters = [p.base for p in _walk(place) if isinstance(p, t.Name)]
                    if axis < len(shape) and letters == [letter]:
                        return int(shape[axis])
        return None

    def _label(self, node: t.Script) -> str | None:
        """The name with its lower part as a label, where that is a name."""
        if not isinstance(node.sub, t.Number | t.Name):
            return None
        name = f"{_key(node.base)}_{node.sub.text if isinstance(node.sub, t.Number) else node.sub.base}"
        return name if name in self.env else None

    # -- values -------------------------------------------------------------------------------------------------------

    def read(self, node: Node, env: Env, at: Mapping[str, int]) -> Values:
        """The admissible values of a formula. Raises Unclear or OutOfRange."""
        match node:
            case t.Number():
                return [float(node.text)]
            case t.Group():
                return self.read(node.body, env, at)
            case t.Negative():
                return [-value for value in self.read(node.body, env, at)]
            case t.Sum():
                result: Values = [0.0]
                for term in node.terms:
                    sign = 1 if term.sign == "+" else -1
                    result = _each(lambda a, b, s=sign: a + s * b, result, self.read(term.term, env, at), _addable)
                return result
            case t.Product():
                return self._product(node, env, at)
            case t.Quotient():
                return _each(lambda a, b: a / b, self.read(node.numerator, env, at), self.read(node.denominator, env, at), _divisible)  # fmt: skip
            case t.Root():
                return [np.sqrt(value) for value in self.read(node.radicand, env, at)]
            case t.BigOperator():
                return self._sum(node, env, at)
            case t.Derivative():
                return [self._derivative(node, env, at)]
            case t.Nabla():
                return [self._nabla(node)]
            case t.Call():
                return self._applied(node.head, self.read(node.arguments[0], env, at))
            case t.Name() | t.Script() | t.Prime():
                return self._name(node, env, at)
        raise Unclear(type(node).__name__)

    def _name(self, node: Node, env: Env, at: Mapping[str, int]) -> Values:
        if isinstance(node, t.Name):
            if node.base in at and node.base not in env:
                return [at[node.base] + 1]
            if node.base == "I":
                return [onp.eye(size) for size in {n for v in env.values() for n in onp.shape(v)}]
            if (key := _key(node)) in env:
                return [env[key]]
            raise Unclear(node.base)
        if isinstance(node, t.Prime) or not isinstance(node, t.Script):
            raise Unclear("a prime on a value")
        if isinstance(node.base, t.Name) and node.base.base == "e" and node.sub is None and node.sup is not None:
            return [np.exp(value) for value in self.read(node.sup, env, at)]
        if isinstance(node.base, t.Name) and node.base.base == "delta" and node.sub is not None:
            first, second = (self._place(place, at) for place in _places(node.sub))
            return [float(first == second)]
        if isinstance(node.base, t.Group) and node.base.left == "‖":
            return [np.sum(value**2) for value in self.read(node.base, env, at)]
        label = self._label(node)
        bare = [env[label]] if label is not None else self.read(node.base, env, at)
        if label is None and node.sub is not None:
            places = [self._place(place, at) for place in _places(node.sub)]
            starts = _key(node.base) in self.setting.steps
            bare = [self._entry(value, places, starts) for value in bare]
        if node.sup is None:
            return bare
        if isinstance(node.sup, t.Name) and node.sup.base in ("top", "T"):
            return [_transposed(value) for value in bare]
        if isinstance(node.sup, t.Negative) and all(onp.ndim(value) == 2 for value in bare):
            inverses = [np.linalg.inv(value) for value in bare]
            return inverses if node.sup.body == t.Number("1") else [_transposed(value) for value in inverses]
        power = self.read(node.sup, env, at)
        return _each(lambda a, b: a**b, bare, power, _divisible)

    def _place(self, node: Node, at: Mapping[str, int]) -> int:
        match node:
            case t.Number():
                return int(node.text) - 1
            case t.Name() if node.base in at:
                return at[node.base]
            case t.Name() if self._is_last(node.base):
                return self.setting.numbers[node.base] - 1
            case t.Sum():
                signs = [1 if term.sign == "+" else -1 for term in node.terms]
                own = [
                    int(term.term.text) if isinstance(term.term, t.Number) else self._place(term.term, at) + 1
                    for term in node.terms
                ]
                return sum(sign * place for sign, place in zip(signs, own, strict=True)) - 1
        raise Unclear("an index")

    def _entry(self, value: Any, places: Sequence[int], starts: bool) -> Any:
        shape = onp.shape(value)
        if len(places) > len(shape):
            raise Unclear("too many indices")
        if starts and places[0] == -1:
            return np.zeros(shape[len(places) :])
        if any(not 0 <= place < size for place, size in zip(places, shape, strict=False)):
            raise OutOfRange
        return value[tuple(places)]

    def _product(self, node: t.Product, env: Env, at: Mapping[str, int]) -> Values:
        parts = []
        place = 0
        while place < len(node.factors):
            factor = node.factors[place]
            after = node.factors[place + 1] if place + 1 < len(node.factors) else None
            bracket = after.base if isinstance(after, t.Script) else after
            if node.operator == "juxtaposed" and self._is_function(factor) and isinstance(bracket, t.Group):
                values = self._applied(factor, self.read(bracket.body, env, at))
                if isinstance(after, t.Script):
                    if after.sub is not None or after.sup is None:
                        raise Unclear("an index below a call")
                    values = _each(lambda a, b: a**b, values, self.read(after.sup, env, at), _divisible)
                parts.append(values)
                place += 2
            else:
                parts.append(self.read(factor, env, at))
                place += 1
        result = parts[0]
        for values in parts[1:]:
            found = [value for a in result for b in values for value in _products(node.operator, a, b)]
            if not found:
                raise Unclear("the shapes of a product")
            result = found
        return result

    def _is_function(self, node: Node) -> bool:
        core = node.base if isinstance(node, t.Prime | t.Script) else node
        return isinstance(core, t.Name) and (core.base in self.setting.functions or core.base in KNOWN)

    def _applied(self, head: Node, values: Values) -> Values:
        primes, power = 0, None
        if isinstance(head, t.Script):
            head, power = head.base, head.sup
        if isinstance(head, t.Prime):
            head, primes = head.base, head.count
        if not isinstance(head, t.Name):
            raise Unclear("a head")
        function = self.setting.functions.get(head.base) or KNOWN.get(head.base)
        if function is None:
            raise Unclear(head.base)
        for _ in range(primes):
            function = autograd.elementwise_grad(function)
        found = []
        for value in values:
            if primes and onp.isscalar(value):
                value = float(value)
            if head.base in ("diag", "softmax") and onp.ndim(value) != 1:
                raise Unclear("diag")
            found.append(function(value))
        if power is not None:
            exponents = self.read(power, self.env, {})
            found = [value ** exponents[0] for value in found]
        return found

    def _sum(self, node: t.BigOperator, env: Env, at: Mapping[str, int]) -> Values:
        if node.kind != "sum":
            raise Unclear(node.kind)
        own = _bound(node)
        size = self._size(own, node.body)
        if size is None and node.sup is None:
            raise Unclear("a range")
        size = size or 0
        first, last = self._limits(node, size)
        result: Values = [0.0]
        for place in range(first, last):
            try:
                term = self.read(node.body, env, {**at, own: place})
            except OutOfRange as error:
                raise Unclear("an index beside the axis, in a sum") from error
            result = [a + b for a, b in zip(result * len(term) if len(result) == 1 else result, term, strict=True)]
        return result

    def _limits(self, node: t.BigOperator, size: int) -> tuple[int, int]:
        """The places that a sum goes over, from the first to the one behind the last."""
        if node.sup is None or not isinstance(node.sub, t.Relation):
            return 0, size
        lower, upper = node.sub.links[0].right, node.sup
        assert lower is not None
        first, last = (self.read(side, self.env, {})[0] for side in (lower, upper))
        return round(float(first)) - 1, round(float(last))

    # -- derivatives --------------------------------------------------------------------------------------------------

    def _derivative(self, node: t.Derivative, env: Env, at: Mapping[str, int]) -> Any:
        top = node.operand if node.numerator is None else node.numerator
        assert top is not None
        bases, places = [], []
        for by in node.denominators:
            script = by if isinstance(by, t.Script) and self._label(by) is None else None
            bases.append(self._label(by) if isinstance(by, t.Script) and script is None else _key(script.base if script else by))  # fmt: skip
            places.append([self._place(p, at) for p in _places(script.sub)] if script and script.sub else [])
        if any(base not in env for base in bases):
            raise Unclear("by what is differentiated")
        if env is not self.env:
            raise Unclear("derivatives inside of derivatives")
        free = isinstance(top, t.Script) and self._label(top) is None and top.sub is not None
        whole: Node = top.base if free and isinstance(top, t.Script) else top
        mark = (whole, tuple(bases), () if isinstance(whole, t.Name) else tuple(at.items()))
        if mark not in self._known:
            self._known[mark] = self._jacobian(whole, [str(base) for base in bases], at)
        value = self._known[mark]
        if free and isinstance(top, t.Script) and top.sub is not None:
            value = self._entry(value, [self._place(p, at) for p in _places(top.sub)], starts=False)
        own = onp.ndim(value) - sum(onp.ndim(env[str(base)]) for base in bases)
        index: list[Any] = [slice(None)] * own
        for base, place in zip(bases, places, strict=True):
            shape = onp.shape(env[str(base)])
            if any(not 0 <= p < size for p, size in zip(place, shape, strict=False)):
                raise OutOfRange
            index += [*place, *[slice(None)] * (len(shape) - len(place))]
        return onp.asarray(value)[tuple(index)]

    def _jacobian(self, top: Node, bases: Sequence[str], at: Mapping[str, int]) -> Any:
        steps = [base in self.setting.steps for base in bases]
        names = [f"+{base}" if step else base for base, step in zip(bases, steps, strict=True)]

        def value(*numbers: Any) -> Any:
            env = self.setting.computed(self.leaves, dict(zip(names, numbers, strict=False)))
            return self.read(top, env, at)[0]

        if len(bases) == 1:
            start = np.asarray(self.env[bases[0]], dtype=float)
            return autograd.jacobian(value)(0 * start if steps[0] else start)
        if len(bases) != 2 or bases[0] != bases[1] or any(steps):
            raise Unclear("a mixed derivative")
        return autograd.jacobian(autograd.jacobian(value))(np.asarray(self.env[bases[0]], dtype=float))

    def _nabla(self, node: t.Nabla) -> Any:
        if node.operand is None or node.wrt is None:
            raise Unclear("∇ alone")
        twice = isinstance(node.power, t.Number) and node.power.text == "2"
        mark = ("nabla", node.operand, node.wrt, twice)
        if mark not in self._known:
            self._known[mark] = self._jacobian(node.operand, [_key(node.wrt)] * (2 if twice else 1), {})
        return self._known[mark]


KNOWN: dict[str, Callable[[Any], Any]] = {
    "sigma": lambda x: 1 / (1 + np.exp(-x)), "tanh": np.tanh, "exp": np.exp, "log": np.log,
    "softmax": lambda x: np.exp(x) / np.sum(np.exp(x)), "diag": lambda x: np.diag(x),
}  # fmt: skip


def _key(node: Node) -> str:
    if isinstance(node, t.Script) and node.sub is None:
        return _key(node.base)
    if not isinstance(node, t.Name):
        return "?"
    return node.base + "".join(f".{accent}" for accent in node.accents)


def _bound(node: t.BigOperator) -> str:
    sub = node.sub.first if isinstance(node.sub, t.Relation) else node.sub
    if not isinstance(sub, t.Name):
        raise Unclear("what a sum is over")
    return sub.base


def _places(node: Node) -> tuple[Node, ...]:
    if isinstance(node, t.Product):
        return node.factors
    return node.items if isinstance(node, t.Sequence) else (node,)


def _children(node: Node) -> tuple[Node, ...]:
    from symnn.notation.traverse import children

    return children(node)


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for child in _children(node):
        yield from _walk(child)


def _close(a: Any, b: Any) -> bool:
    if a.shape != b.shape or not onp.all(onp.isfinite(a)) or not onp.all(onp.isfinite(b)):
        return False
    return bool(onp.all(onp.abs(a - b) <= 1e-9 * (1 + onp.abs(a) + onp.abs(b))))


def _transposed(value: Any) -> Any:
    if onp.ndim(value) == 1:
        return np.reshape(value, (1, -1))
    return np.transpose(value)


def _addable(a: Any, b: Any) -> bool:
    return onp.ndim(a) == 0 or onp.ndim(b) == 0 or onp.shape(a) == onp.shape(b)


def _divisible(a: Any, b: Any) -> bool:
    return onp.ndim(b) == 0 or onp.shape(a) == onp.shape(b)


def _each(
    function: Callable[[Any, Any], Any], lefts: Values, rights: Values, fits: Callable[[Any, Any], bool]
) -> Values:
    found = [function(a, b) for a in lefts for b in rights if fits(a, b)]
    if not found:
        raise Unclear("the shapes do not fit")
    return found


def _products(operator: str, a: Any, b: Any) -> Values:
    ranks = (onp.ndim(a), onp.ndim(b))
    if 0 in ranks:
        return [a * b]
    same = onp.shape(a) == onp.shape(b)
    if operator in ("odot", "circ"):
        return [a * b] if same else []
    found = []
    if ranks == (1, 1):
        return [a * b, np.dot(a, b)] if same else []
    if ranks == (1, 2) and onp.shape(b)[0] == 1:
        return [np.outer(a, b[0])]
    if ranks in ((1, 2), (2, 1), (2, 2)) and onp.shape(a)[-1] == onp.shape(b)[0]:
        found.append(np.dot(a, b))
    if ranks == (2, 2) and same and operator != "juxtaposed":
        found.append(a * b)
    return found
