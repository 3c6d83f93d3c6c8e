"""Replacing entries and indices in a formula, with bound indices kept apart from free ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sympy import Add, Basic, Expr, Function, Mul, Pow, exp, log

from symnn.formula.index import Index
from symnn.formula.nodes import Binder, Call, Elementwise, Entry, Partial, Tensor, entries

PLAIN = (Add, Mul, Pow, Function)
"""Nodes that bind nothing: what is free in them is found out below them."""


def rebuild(node: Basic, arguments: list[Any]) -> Any:
    """The same kind of node with other arguments; the node itself when nothing changed."""
    if all(new is old for new, old in zip(arguments, node.args, strict=True)):
        return node
    if isinstance(node, exp) and not arguments[0].is_Number and not _has_logarithm(arguments[0]):
        # SymPy looks for logarithms to take the power of, and asks for the sign of every term on the way
        return exp(arguments[0], evaluate=False)
    return node.func(*arguments)


def _has_logarithm(formula: Any) -> bool:
    stack = [formula]
    while stack:
        node = stack.pop()
        if isinstance(node, log):
            return True
        if not isinstance(node, Tensor | Entry | Elementwise):
            stack.extend(node.args)
    return False


def transform(formula: Any, visit: Callable[[Any], Any | None]) -> Any:
    """Replace every topmost node for which `visit` returns something; bound indices are left alone.

    The caller is responsible for capture: use `substitute` where the replacement has free indices.
    """
    replaced = visit(formula)
    if replaced is not None:
        return replaced
    if isinstance(formula, Tensor | Elementwise) or not formula.args:
        return formula
    if isinstance(formula, Binder):
        return rebuild(formula, [transform(formula.body, visit), formula.index])
    return rebuild(formula, [transform(argument, visit) for argument in formula.args])


def substitute_indices(formula: Any, values: Mapping[Index, Any]) -> Any:
    """Replace free indices by index expressions; bound indices that would capture one are renamed.

    >>> from symnn.formula.index import dimension
    >>> from symnn.formula.nodes import Total
    >>> n = dimension("n"); i, k = Index("i", n), Index("k", n); W = Tensor("W", (n, n))
    >>> substitute_indices(Total(W[i, k], k), {i: k}).body.indices[0]
    k
    """
    values = {old: new for old, new in values.items() if old != new}
    return _substituted(formula, values) if values else formula


def _substituted(formula: Any, values: Mapping[Index, Any]) -> Any:
    if isinstance(formula, Index):
        return values.get(formula, formula)
    if not formula.args or isinstance(formula, Tensor | Elementwise):
        return formula
    if isinstance(formula, PLAIN):
        return rebuild(formula, [_substituted(argument, values) for argument in formula.args])
    if formula.free_symbols.isdisjoint(values):
        return formula
    if isinstance(formula, Binder):
        inner = {old: new for old, new in values.items() if old != formula.index}
        body, index = formula.body, formula.index
        if any(index in new.free_symbols for old, new in inner.items() if old in body.free_symbols):
            renamed = index.fresh()
            body, index = substitute_indices(body, {index: renamed}), renamed
        return formula.func(_substituted(body, inner), index)
    if getattr(formula, "binds_indices", False):
        bound = formula.indices
        inner = {old: new for old, new in values.items() if old not in bound}
        incoming: set[Any] = set().union(*(new.free_symbols for new in inner.values())) if inner else set()
        fresh = {index: index.fresh() for index in bound if index in incoming}
        body = _substituted(substitute_indices(formula.args[1], fresh), inner)
        return formula.func([fresh.get(index, index) for index in bound], body)
    return rebuild(formula, [_substituted(argument, values) for argument in formula.args])


def refresh(formula: Any) -> Any:
    """The same formula with every bound index replaced by a fresh one."""
    if isinstance(formula, Binder):
        index = formula.index.fresh()
        return formula.func(refresh(substitute_indices(formula.body, {formula.index: index})), index)
    if isinstance(formula, Tensor | Elementwise) or not formula.args:
        return formula
    return rebuild(formula, [refresh(argument) for argument in formula.args])


def instantiated(formula: Any, values: Mapping[Index, Any]) -> Any:
    """A definition at other places: its free indices replaced and every bound one fresh, so that it may stand anywhere."""
    if isinstance(formula, Index):
        return values.get(formula, formula)
    if not formula.args or isinstance(formula, Tensor | Elementwise):
        return formula
    if isinstance(formula, Binder):
        index = formula.index.fresh()
        return formula.func(instantiated(formula.body, {**values, formula.index: index}), index)
    if getattr(formula, "binds_indices", False):
        return substitute_indices(refresh(formula), values)
    return rebuild(formula, [instantiated(argument, values) for argument in formula.args])


def with_bound_names(formula: Any, depth: int = 0) -> Any:
    """The same formula with names for bound indices that tell only how deep they are nested.

    >>> from symnn.formula.index import dimension
    >>> from symnn.formula.nodes import Total
    >>> n = dimension("n"); x = Tensor("x", (n,)); i, j = Index("i", n), Index("j", n)
    >>> with_bound_names(Total(x[i], i)) == with_bound_names(Total(x[j], j))
    True
    """
    if isinstance(formula, Binder):
        index = Index(f"_bound{depth}", formula.index.dimension)
        body = with_bound_names(formula.body, depth + 1)
        return formula.func(substitute_indices(body, {formula.index: index}), index)
    if isinstance(formula, Tensor | Elementwise) or not formula.args:
        return formula
    return rebuild(formula, [with_bound_names(argument, depth) for argument in formula.args])


def substitute_entries(formula: Any, value: Callable[[Entry], Any | None], *, closed: bool = False) -> Any:
    """Replace entries by what `value` returns for them (None keeps an entry).

    A bound index of `formula` that is free in a replacement is renamed first, so that it captures nothing: the
    replacement of ``x[k]`` inside a sum over k sees that k, and no other. `closed` promises that a replacement has no
    free index beyond those of its entry, which saves looking.
    """
    if isinstance(formula, Entry):
        replaced = value(formula)
        return formula if replaced is None else replaced
    if isinstance(formula, Partial):
        return formula.func(substitute_entries(formula.body, value, closed=closed), formula.entry)
    if isinstance(formula, Tensor | Elementwise) or not formula.args:
        return formula
    if isinstance(formula, Binder):
        body, index = formula.body, formula.index
        if not closed:
            renamed = _renamed_apart(body, (index,), value)
            body, index = substitute_indices(body, renamed), renamed.get(index, index)
        return rebuild(formula, [substitute_entries(body, value, closed=closed), index])
    if getattr(formula, "binds_indices", False) and not closed:
        renamed = _renamed_apart(formula.body, formula.indices, value)
        body = substitute_entries(substitute_indices(formula.body, renamed), value)
        return formula.func([renamed.get(index, index) for index in formula.indices], body)
    return rebuild(formula, [substitute_entries(argument, value, closed=closed) for argument in formula.args])


def _renamed_apart(body: Any, bound: tuple[Index, ...], value: Callable[[Entry], Any | None]) -> dict[Index, Index]:
    """Fresh names for the bound indices that are free in a replacement although the entry does not bring them."""
    fresh = {index: index.fresh() for index in bound}
    incoming: set[Any] = set()
    for entry in entries(body):
        replaced = value(substitute_indices(entry, fresh))
        if replaced is not None:
            incoming |= replaced.free_symbols & fresh.keys()
    return {index: fresh[index] for index in incoming}


def inline(formula: Any, tensor: Tensor, indices: tuple[Index, ...], body: Any) -> Any:
    """Replace every entry of `tensor` by `body`, its definition at `indices`.

    >>> from symnn.formula.index import dimension
    >>> n = dimension("n"); i, k = Index("i", n), Index("k", n)
    >>> x, u = Tensor("x", (n,)), Tensor("u", (n,))
    >>> inline(u[k] + 1, u, (i,), x[i] ** 2)
    x[k]**2 + 1
    """

    def value(entry: Entry) -> Any | None:
        if entry.tensor != tensor:
            return None
        return instantiated(body, dict(zip(indices, entry.indices, strict=True)))

    return substitute_entries(formula, value, closed=_free_indices(body) <= set(indices))


def _free_indices(formula: Any) -> set[Any]:
    return {symbol for symbol in formula.free_symbols if isinstance(symbol, Index)}


def unfold(call: Call) -> Expr:
    """An elementwise operator replaced by its definition.

    Raises ValueError for an unknown function, which has none.
    """
    function = call.function
    if function.body is None:
        raise ValueError(f"{function.name} has no definition")
    values = dict(zip(function.parameters, call.arguments, strict=True))

    def value(entry: Entry) -> Any | None:
        return values.get(entry.tensor.name) if not entry.indices else None

    return substitute_entries(function.body, value)


def unfold_all(formula: Any) -> Any:
    """Every elementwise operator that has a definition replaced by it, down to the bottom."""

    def visit(node: Any) -> Any | None:
        if isinstance(node, Call) and node.function.body is not None:
            return unfold_all(unfold(node))
        return None

    return transform(formula, visit)


def replace_at(formula: Any, path: tuple[int, ...], new: Any) -> Any:
    """The formula with the node at `path` (argument positions from the root) replaced."""
    if not path:
        return new
    arguments = list(formula.args)
    arguments[path[0]] = replace_at(arguments[path[0]], path[1:], new)
    return formula.func(*arguments)


def node_at(formula: Any, path: tuple[int, ...]) -> Any:
    """The node at `path`. Raises IndexError when there is none."""
    for position in path:
        formula = formula.args[position]
    return formula


def rename_tensors(formula: Any, names: Mapping[Tensor, Tensor]) -> Any:
    """Replace tensors by others of the same shape."""

    def visit(node: Any) -> Any | None:
        if isinstance(node, Entry) and node.tensor in names:
            return Entry(names[node.tensor], *[transform(i, visit) for i in node.indices])
        return None

    return transform(formula, visit)
