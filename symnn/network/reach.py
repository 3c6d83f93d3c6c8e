"""How far each axis reaches, layer by layer, worked out from formulas.

In ``z[l, i] = sum_k W[l, i, k] a[l - 1, k]`` the index k runs along the last axis of ``W[l]`` and along the axis of
``a[l - 1]``: their sizes are the same for every l. Sizes are functions of the layer, and what formulas say of them is
solved by unification, as types are (R. Milner, *A theory of type polymorphism in programming*, 1978). A formula in which
an index would run over axes of different lengths is refused.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Expr, Integer, Mul, Symbol

from symnn.formula.contraction import solve_for
from symnn.formula.index import Index, LayerSize
from symnn.formula.nodes import Binder, Delta, Elementwise, Entry, Inside, Tensor, subformulas
from symnn.network.widths import LAYER, WidthClash, WidthError, Widths, layer_axis


@dataclass(frozen=True)
class Reach:
    """How far an index runs where it stands: along an axis of a tensor at a layer, or up to a size; under `deltas`."""

    of: Any
    layer: Any
    deltas: tuple[Delta, ...] = ()

    def size(self, widths: Widths) -> Any:
        """The size that it is."""
        if isinstance(self.of, Expr):
            return self.of
        tensor, axis = self.of
        size = widths.of(tensor)[axis]
        return size if self.layer is None else size.xreplace({LAYER: self.layer})


_Found = dict[Index, list[Reach]]


class Survey:
    """Collects which reaches of a formula are of one index, and so the same."""

    def __init__(self, longest: Any, layers: Any) -> None:
        self.longest, self.layers = longest, layers
        self.same: list[tuple[Reach, Reach]] = []

    def of(self, formula: Any, deltas: tuple[Delta, ...] = ()) -> _Found:
        """How far each free index of a formula runs. What bound indices tell goes to `same`."""
        if isinstance(formula, Entry):
            return self._entry(formula, deltas)
        if isinstance(formula, Binder):
            found = self.of(formula.body, deltas)
            self._equal(found.pop(formula.index, []))
            return found
        if isinstance(formula, Inside):
            return self._inside(formula, deltas)
        if isinstance(formula, Tensor | Elementwise | Symbol) or not formula.args:
            if formula == self.longest:
                raise WidthError("the size of a layer is used as a number: which layer's is not clear")
            return {}
        if getattr(formula, "binds_indices", False) or any(hasattr(a, "binds_indices") for a in formula.args):
            if any(isinstance(n, Index) and n.dimension == self.longest for n in sympy.preorder_traversal(formula)):
                raise WidthError(f"{formula.func.__name__} of an array whose size differs from layer to layer")
            return {}
        own = tuple(f for f in formula.args if isinstance(f, Delta)) if isinstance(formula, Mul) else ()
        found = {}
        for part in formula.args:
            for index, reaches in self.of(part, (*deltas, *(d for d in own if d is not part))).items():
                found.setdefault(index, []).extend(reaches)
        for delta in own:
            self._linked(delta, found)
        return found

    def _entry(self, entry: Entry, deltas: tuple[Delta, ...]) -> _Found:
        found: _Found = {}
        for place, (at, size) in enumerate(zip(entry.indices, entry.tensor.shape, strict=True)):
            long = {index for index in at.atoms(Index) if index.dimension == self.longest}
            if size != self.longest and not long:
                continue
            if size != self.longest or at not in long:
                raise WidthError(f"{entry}: an index expression along an axis whose size differs from layer to layer")
            axis = layer_axis(entry.tensor, place, self.layers)
            layer = None if axis is None else entry.indices[axis]
            found.setdefault(at, []).append(Reach((entry.tensor, place), layer, deltas))
        return found

    def _inside(self, formula: Inside, deltas: tuple[Delta, ...]) -> _Found:
        long = [index for index in formula.position.atoms(Index) if index.dimension == self.longest]
        if not long or formula.length == self.longest:
            return {}
        if formula.position != long[0]:
            raise WidthError(f"{formula}: a range condition along an axis whose size differs from layer to layer")
        return {long[0]: [Reach(formula.length, None, deltas)]}

    def _linked(self, delta: Delta, found: _Found) -> None:
        """Two indices that are equal run equally far."""
        long = [index for index in delta.difference.atoms(Index) if index.dimension == self.longest]
        if not long:
            return
        if len(long) != 2 or abs(delta.difference.subs(long[0], long[1])) != 0:
            raise WidthError(f"{delta} along an axis whose size differs from layer to layer")
        both = [*found.get(long[0], []), *found.get(long[1], [])]
        if both:
            found[long[0]], found[long[1]] = list(both), list(both)

    def _equal(self, reaches: Sequence[Reach]) -> None:
        ordered = sorted(dict.fromkeys(reaches), key=lambda reach: len(reach.deltas))
        if ordered and not ordered[0].deltas:
            self.same += [(ordered[0], other) for other in ordered[1:]]
        else:
            self.same += itertools.combinations(ordered, 2)

    def equation(self, equation: Any) -> None:
        """What an equation tells: each index of its left side runs along an axis of what it defines."""
        found = self.of(equation.formula)
        for index, reaches in self._entry(equation.tensor.entry(*equation.indices), ()).items():
            self._equal([*reaches, *found.pop(index, [])])
        for reaches in found.values():
            self._equal(reaches)

    def pair(self, left: Any, right: Any) -> None:
        """What an equality of two formulas tells: each free index means the same on both sides."""
        found, other = self.of(left), self.of(right)
        for index in found.keys() | other.keys():
            self._equal([*found.get(index, []), *other.get(index, [])])


# -- unification --------------------------------------------------------------------------------------------------------


class _Sizes:
    """Sizes as functions of the layer, of which some are the same but for a shift, and fixed sizes.

    A function is a node of a union-find forest with shifts: ``f(l) = root(l + shift)``.
    """

    def __init__(self, layers: Any) -> None:
        self.layers = layers
        self.parents: dict[Any, tuple[Any, Any]] = {}
        self.flat: set[Any] = set()
        self.fixed: dict[Any, Any] = {}
        self.later: list[tuple[Any, Any]] = []

    def root(self, function: Any) -> tuple[Any, Any]:
        """The function that stands for all those which are the same, and the shift to it."""
        shift = Integer(0)
        while function in self.parents:
            function, more = self.parents[function]
            shift += more
        return function, shift

    def function_of(self, reach: Reach) -> tuple[Any, Any]:
        """A reach as a function and a layer; the layer is None for a fixed size."""
        if isinstance(reach.of, LayerSize):
            return ("size", reach.of.name), reach.of.layer
        return reach.of, reach.layer

    def equate(self, one: Reach, other: Reach) -> None:
        """Note that two reaches are the same wherever all of their deltas hold."""
        values: dict[Index, Any] = {}
        for delta in (*one.deltas, *other.deltas):
            difference = sympy.expand(delta.difference.xreplace(values))
            index = next((i for i in difference.atoms(Index) if i.dimension == self.layers), None)
            solution = None if index is None else solve_for(difference, index)
            if index is not None and solution is not None:
                values = {old: new.xreplace({index: solution}) for old, new in values.items()} | {index: solution}
        ends = []
        for reach in (one, other):
            function, layer = self.function_of(reach)
            ends.append((function, None if layer is None else sympy.expand(layer.xreplace(values))))
        (f, p), (g, q) = ends
        if p is not None and q is not None and p.atoms(Index) and q.atoms(Index):
            if (p - q).is_Integer:
                self.join(f, g, q - p)
            else:
                self.make_flat(f)
                self.make_flat(g)
                self.later.append(((f, p), (g, q)))
        else:
            for function, layer in ends:
                if layer is not None and layer.atoms(Index):
                    self.make_flat(function)
            self.later.append(((f, p), (g, q)))

    def join(self, f: Any, g: Any, shift: Any) -> None:
        """``f(l) = g(l + shift)`` for every layer."""
        (a, s), (b, t) = self.root(f), self.root(g)
        if a == b:
            if t + shift != s:
                self.flat.add(a)
            return
        # a(l + s) = b(l + shift + t)
        self.parents[a] = (b, shift + t - s)
        if a in self.flat:
            self.flat.add(b)

    def make_flat(self, function: Any) -> None:
        """The function has the same value for every layer."""
        self.flat.add(self.root(function)[0])

    def settle(self) -> None:
        """Unify the fixed sizes. To be called once, when every function is known."""
        for one, other in self.later:
            a, b = self.fixed_root(self._term(*one)), self.fixed_root(self._term(*other))
            if a != b:
                self.fixed[a] = b

    def fixed_root(self, term: Any) -> Any:
        while term in self.fixed:
            term = self.fixed[term]
        return term

    def _term(self, function: Any, layer: Any) -> Any:
        """A fixed size: that of a function at a place, of a flat function, or of an axis without layers."""
        if layer is None:
            return ("axis", function)
        root, shift = self.root(function)
        return ("flat", root) if root in self.flat else ("at", root, sympy.expand(layer + shift))

    def declared(self) -> set[Any]:
        """The functions that the document names."""
        every = {*self.parents, *self.flat, *(root for root, _ in self.parents.values())}
        every |= {function for pair in self.later for function, _ in pair}
        return {function for function in every if isinstance(function, tuple) and function[0] == "size"}

    def classes(self) -> dict[Any, list[Any]]:
        """The fixed sizes that are the same."""
        found: dict[Any, list[Any]] = {}
        for pair in self.later:
            for end in pair:
                term = self._term(*end)
                members = found.setdefault(self.fixed_root(term), [])
                if term not in members:
                    members.append(term)
        return found


def infer(
    equations: Iterable[Any],
    longest: Any,
    layers: Any,
    declared: Mapping[str, Sequence[Any]] | None = None,
    pairs: Iterable[tuple[Any, Any]] = (),
    names: Iterable[str] = ("n", "m", "d", "s", "k", "p", "q"),
) -> Widths:
    """The sizes of every tensor of some equations, as different from layer to layer as the equations allow.

    `declared` gives the sizes of the axes of tensors by name, with `LAYER` for their layer; `names` are those that a size
    without one may take. Both sides of `pairs` are equal at every value of their free indices. Raises WidthError where
    sizes would have to be equal that are declared to be different.

    >>> from symnn.formula.index import dimension
    >>> from symnn.formula.nodes import Total
    >>> from symnn.network.equations import Equation
    >>> N, L = dimension("N"), dimension("L"); l = Index("l", L); i, k = Index("i", N), Index("k", N)
    >>> W, a = Tensor("W", (L, N, N)), Tensor("a", (L, N))
    >>> step = Equation(a, (l, i), Total(W[l, i, k] * a[l - 1, k] * Inside(l - 1, L), k))
    >>> infer([step], N, L).axes
    {'a': (L, n[layer + 1]), 'W': (L, n[layer + 1], n[layer])}
    """
    survey = Survey(longest, layers)
    found: dict[Tensor, None] = {}
    for equation in equations:
        survey.equation(equation)
        found.setdefault(equation.tensor)
        found.update(dict.fromkeys(sorted(_tensors(equation.formula), key=lambda t: t.name)))
    for left, right in pairs:
        survey.pair(left, right)
        found.update(dict.fromkeys(sorted(_tensors(left) | _tensors(right), key=lambda t: t.name)))
    sizes = _Sizes(layers)
    for tensor in found:
        told = (declared or {}).get(tensor.name, ())
        for axis, size in enumerate(told if len(told) == tensor.rank else ()):
            if size is not None and tensor.shape[axis] == longest:
                _declare(sizes, tensor, axis, size)
    for one, other in survey.same:
        sizes.equate(one, other)
    sizes.settle()
    return _named(sizes, list(found), longest, layers, tuple(names))


def _tensors(formula: Any) -> set[Tensor]:
    return {node.tensor for node in subformulas(formula) if isinstance(node, Entry)}


def _declare(sizes: _Sizes, tensor: Tensor, axis: int, size: Any) -> None:
    own = layer_axis(tensor, axis, sizes.layers)
    here = None if own is None else Index("layer", sizes.layers)
    size = size if here is None else size.xreplace({LAYER: here})
    sizes.equate(Reach((tensor, axis), here), Reach(size, None))


def _named(sizes: _Sizes, tensors: list[Tensor], longest: Any, layers: Any, names: tuple[str, ...]) -> Widths:
    """The sizes in the names of the document, and new ones for those without a name."""
    roots: dict[Any, tuple[str, Any]] = {}
    for function in sorted(sizes.declared(), key=str):
        root, shift = sizes.root(function)
        if root in sizes.flat:
            raise WidthClash(f"the sizes {function[1]} would have to be the same for every layer")
        roots.setdefault(root, (function[1], -shift))
    taken = {name for name, _ in roots.values()}
    taken |= {str(s) for t in tensors for size in t.shape for s in size.free_symbols if size != longest}
    free = iter([n for n in (*names, *(f"n_{k}" for k in range(3 * len(tensors)))) if n not in taken])
    long = [(t, axis) for t in tensors for axis, size in enumerate(t.shape) if size == longest]
    for tensor, axis in long:
        root, shift = sizes.root((tensor, axis))
        if layer_axis(tensor, axis, layers) is not None and root not in sizes.flat and root not in roots:
            roots[root] = (next(free), 1 - shift)
    classes = sizes.classes()
    fixed = {key: _fixed_size(members, roots) for key, members in classes.items()}
    symbols = {m[1]: fixed[key] for key, members in classes.items() for m in members if m[0] == "axis"}
    same = {symbol: size for symbol, size in symbols.items() if isinstance(symbol, Symbol) and symbol != size}
    shapes = {tensor: list(tensor.shape) for tensor in tensors}
    for tensor, axis in long:
        root, shift = sizes.root((tensor, axis))
        if layer_axis(tensor, axis, layers) is not None and root in roots:
            name, back = roots[root]
            shapes[tensor][axis] = LayerSize(name, sympy.expand(LAYER + shift + back))
            continue
        key = sizes.fixed_root(("flat", root) if root in sizes.flat else ("axis", (tensor, axis)))
        if fixed.get(key) is None:
            fixed[key] = Symbol(next(free), integer=True, positive=True)
        shapes[tensor][axis] = fixed[key]
    return Widths(longest, layers, {tensor.name: tuple(shape) for tensor, shape in shapes.items()}, same)


def _fixed_size(members: Sequence[Any], roots: Mapping[Any, tuple[str, Any]]) -> Any | None:
    """The name of a fixed size: that of a layer, or a symbol or number; None where it has no name.

    Raises WidthError where two of its members are different by their names.
    """
    at = [(roots[member[1]], member[2]) for member in members if member[0] == "at" and member[1] in roots]
    of_layers = {LayerSize(name, sympy.expand(layer + back)) for (name, back), layer in at}
    plain = {member[1] for member in members if member[0] == "axis" and isinstance(member[1], Expr)}
    for several in (of_layers, plain):
        if len(several) > 1:
            raise WidthClash(f"{' and '.join(sorted(map(str, several)))} would have to be equal")
    return next(iter(of_layers or plain), None)


__all__ = ["Reach", "Survey", "infer"]
