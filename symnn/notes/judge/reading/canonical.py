"""Trees in one form: spellings that mean the same are written the same way before they are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace as changed

from symnn.notation import tree as t
from symnn.notation.traverse import children, replace, walk, with_children
from symnn.notation.tree import Node
from symnn.notes.judge.reading.dots import without_dots
from symnn.notes.read.expressions.trees import bound_letters, is_transpose, letters_in, script_letters
from symnn.notes.read.names import Key, is_word
from symnn.notes.read.statements import Statement, Step
from symnn.notes.read.symbols import Table


def canonical(node: Node) -> Node:
    r"""The tree without empty matrix columns, with ``\sum_{n \in N}`` as ``\sum_n`` and ``\sum_{i=1}^{n}`` kept.

    >>> from symnn.notation import parse_latex, to_text
    >>> to_text(canonical(parse_latex(r"\sum_{n \in N} x_n")))
    'Σ_n x_n'
    """
    return replace(node, _one)


def _one(node: Node) -> Node:
    match node:
        case t.Matrix():
            return _without_blank_columns(node)
        case t.Call():
            return along_axis(node)
        case t.BigOperator() if node.sup is None and _is_membership(node.sub):
            assert isinstance(node.sub, t.Relation)
            return changed(node, sub=node.sub.first)
        case t.Script(base=t.Name(), sub=None, sup=t.Prime(base=t.Group()) as raised):
            return t.Script(t.Prime(node.base, raised.count), sup=raised.base, span=node.span)  # g^{[l]}' is g'^{[l]}
        case t.Script(sup=t.Product(operator="juxtaposed", factors=(t.Group() as label, t.Name() as turn))) if (
            is_transpose(turn)
        ):
            return t.Script(changed(node, sup=label), sup=turn, span=node.span)  # A^{[l]T} is (A^{[l]})^T
        case t.Product() if node.operator == "juxtaposed":
            summed = along_axis(_summed(node))
            return without_dots(_lowered(summed) if isinstance(summed, t.Product) else summed)
        case t.Product():
            return without_dots(node)
        case t.Sum():
            return reaching(without_dots(node))
        case _:
            return node


def reaching(node: Node) -> Node:
    r"""``\sum_i y_i \log p_i + (1 - y_i) \log(1 - p_i)`` is the sum of both terms: the second has the index as well.

    >>> from symnn.notation import parse_latex, to_text
    >>> to_text(reaching(parse_latex(r"\sum_{i=1}^n a_i + b_i + c")))
    'Σ_(i=1)^n (a_i + b_i) + c'
    """
    if not isinstance(node, t.Sum):
        return node
    terms: list[t.Signed] = []
    for term in node.terms:
        before = terms[-1] if terms else None
        wider = None if before is None else _taking_in(before.term, term)
        if before is None or wider is None:
            terms.append(term)
        else:
            terms[-1] = t.Signed(before.sign, wider, span=before.span)
    if len(terms) == len(node.terms):
        return node
    if len(terms) == 1:
        return terms[0].term if terms[0].sign == "+" else t.Negative(terms[0].term, span=node.span)
    return changed(node, terms=tuple(terms))


def _taking_in(node: Node, term: t.Signed) -> Node | None:
    """A sum over an index, perhaps with factors before it, that takes in a term with its index; None where there is none."""
    if isinstance(node, t.Product) and node.operator in ("juxtaposed", "cdot", "times"):
        last = _taking_in(node.factors[-1], term)
        return None if last is None else changed(node, factors=(*node.factors[:-1], last))
    if not isinstance(node, t.BigOperator) or node.kind != "sum":
        return None
    inner = node.body if isinstance(node.body, t.BigOperator) else None
    deeper = None if inner is None else _taking_in(inner, term)
    if deeper is not None:
        return changed(node, body=deeper)
    own = bound_letters(changed(node, body=t.Number("0")))
    if not own & (script_letters(term.term) | _raised_letters(term.term)) - bound_letters(term.term):
        return None
    body = node.body.body if isinstance(node.body, t.Group) and isinstance(node.body.body, t.Sum) else node.body
    first = body.terms if isinstance(body, t.Sum) else (t.Signed("+", body),)
    return changed(node, body=t.Group(t.Sum((*first, term))))


def _raised_letters(node: Node) -> set[str]:
    raised = (part.sup for part in walk(node) if isinstance(part, t.Script))
    return {letter for sup in raised if isinstance(sup, t.Group) for letter in letters_in(sup)}


def along_axis(node: Node) -> Node:
    r"""``np.sum(Z, axis=1)`` as the sums of the rows of Z, and ``axis=0`` as those of its columns.

    >>> from symnn.notation import parse_latex, to_text
    >>> to_text(along_axis(parse_latex(r"\text{np.sum}(Z, \text{axis}=1)")))
    'rowsum(Z)'
    """
    head: Node | None = None
    arguments: tuple[Node, ...] = ()
    if isinstance(node, t.Call):
        head, arguments = node.head, node.arguments
    elif isinstance(node, t.Product) and len(node.factors) == 2 and isinstance(node.factors[1], t.Sequence):
        head, arguments = node.factors[0], node.factors[1].items
    if not isinstance(head, t.Name) or head.base not in ("np.sum", "sum") or len(arguments) < 2:
        return node
    for option in arguments[1:]:
        if isinstance(option, t.Relation) and len(option.links) == 1 and option.first is not None:
            letters = "".join(part.base for part in walk(option.first) if isinstance(part, t.Name))
            axis = option.links[0].right
            if letters == "axis" and axis in (t.Number("0"), t.Number("1")):
                kind = "rowsum" if axis == t.Number("1") else "colsum"
                return t.Call(t.Name(kind, "operatorname"), arguments[:1], span=node.span)
    return node


def _summed(node: t.Product) -> Node:
    r"""``\Sigma_{i=1}^m x_i`` is a sum: nobody gives the letter Σ a range as an index."""
    for place, factor in enumerate(node.factors[:-1]):
        sub = factor.sub if isinstance(factor, t.Script) and factor.base == t.Name("Sigma") else None
        if isinstance(sub, t.Relation) and isinstance(factor, t.Script):
            rest = node.factors[place + 1 :]
            body = rest[0] if len(rest) == 1 else changed(node, factors=rest, span=None)
            made = t.BigOperator("sum", sub, factor.sup, body, span=node.span)
            return t.Product("juxtaposed", (*node.factors[:place], made), span=node.span) if place else made
    return node


def _lowered(node: t.Product) -> Node:
    r"""``\delta2`` is ``\delta_2``, and ``F1_c`` has two indices: nobody writes a number behind the letter that it multiplies."""
    factors: list[Node] = []
    for factor in node.factors:
        before = factors[-1] if factors else None
        if isinstance(factor, t.Number) and factor.text.isdigit() and isinstance(before, t.Name):
            span = None if before.span is None or factor.span is None else (before.span[0], factor.span[1])
            factors[-1] = t.Script(before, sub=factor, span=span)
        elif (
            isinstance(before, t.Name)
            and isinstance(factor, t.Script)
            and isinstance(factor.base, t.Number)
            and factor.base.text.isdigit()
            and factor.sub is not None
        ):
            span = None if before.span is None or factor.span is None else (before.span[0], factor.span[1])
            factors[-1] = changed(factor, base=t.Script(before, sub=factor.base), span=span)
        else:
            factors.append(factor)
    if len(factors) == len(node.factors):
        return node
    return factors[0] if len(factors) == 1 else changed(node, factors=tuple(factors))


def tidied(statement: Statement) -> Statement:
    """The statement with all its trees in canonical form; itself when nothing changes."""
    return statement.mapped(canonical)


def in_letters(statement: Statement, table: Table) -> Statement:
    """The statement with glued letters of plain text taken apart: ``uv²`` is ``u v²`` where u and v are names."""
    if all(piece.passage.syntax == "latex" for piece in (statement.first, *(s.right for s in statement.steps))):
        return statement

    def known(name: str) -> bool:
        key = Key(name)
        return any(key in place for place in (table.definitions, table.functions, table.given, table.declarations))

    def part(node: Node) -> Node:
        script = node if isinstance(node, t.Script) else None
        name: Node = script.base if script is not None and script.sub is None else node
        if (
            not isinstance(name, t.Name)
            or not 2 <= len(name.base) <= 4
            or name.font
            or name.accents
            or known(name.base)
            or not all(known(letter) for letter in name.base)
        ):
            return node
        letters: list[Node] = [t.Name(letter, span=name.span) for letter in name.base]
        if script is not None:
            letters[-1] = changed(script, base=letters[-1])
        return t.Product("juxtaposed", tuple(letters), span=node.span)

    def over(node: Node) -> Node:
        return _flat(_replaced_top(node, part))

    first = statement.first.of(over(statement.first.node))
    steps = tuple(Step(step.operator, step.right.of(over(step.right.node))) for step in statement.steps)
    same = first.node == statement.first.node and all(
        a.right.node == b.right.node for a, b in zip(steps, statement.steps, strict=True)
    )
    return statement if same else changed(statement, first=first, steps=steps)


def _replaced_top(node: Node, part: Callable[[Node], Node]) -> Node:
    """The tree with `part` applied from the root down; what it changes is not looked into again."""
    new = part(node)
    if new is not node:
        return new
    below = children(node)
    after = tuple(_replaced_top(child, part) for child in below)
    return node if all(a is b for a, b in zip(after, below, strict=True)) else with_children(node, after)


def _flat(node: Node) -> Node:
    """Products inside juxtaposed products, as one product."""

    def merge(part: Node) -> Node:
        if not (isinstance(part, t.Product) and part.operator == "juxtaposed"):
            return part
        factors: list[Node] = []
        for factor in part.factors:
            inner = isinstance(factor, t.Product) and factor.operator == "juxtaposed"
            factors.extend(factor.factors if inner and isinstance(factor, t.Product) else (factor,))
        return part if len(factors) == len(part.factors) else changed(part, factors=tuple(factors))

    return replace(node, merge)


def _is_membership(sub: Node | None) -> bool:
    return (
        isinstance(sub, t.Relation)
        and len(sub.links) == 1
        and sub.links[0].operator == "in"
        and isinstance(sub.first, t.Name)
        and not is_word(sub.first)
    )


def _without_blank_columns(node: t.Matrix) -> Node:
    if len({len(row) for row in node.rows}) != 1:
        return node
    width = len(node.rows[0])
    kept = [place for place in range(width) if not all(isinstance(row[place], t.Blank) for row in node.rows)]
    if len(kept) == width or not kept:
        return node
    return changed(node, rows=tuple(tuple(row[place] for place in kept) for row in node.rows))


def folded(node: Node, known: Node, name: Node) -> Node:
    """The tree with every subtree that reads like `known` replaced by a name; brackets around the name are dropped.

    >>> from symnn.notation import parse_latex, to_text
    >>> to_text(folded(parse_latex("f(W x + b)"), parse_latex("W x + b"), parse_latex("z")))
    'f(z)'
    """
    return replace(node, lambda part: changed_span(name, part) if part == known else part)


def changed_span(node: Node, like: Node) -> Node:
    """The node at the place of another."""
    return changed(node, span=like.span)
