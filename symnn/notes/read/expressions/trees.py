"""Questions about trees that need no symbol table: letters, index components, numbers, calls, differentials."""

from __future__ import annotations

from symnn.notation.traverse import walk
from symnn.notation.tree import (
    BigOperator,
    Call,
    Cases,
    Group,
    Link,
    Matrix,
    Name,
    Negative,
    Node,
    Number,
    Product,
    Quotient,
    Relation,
    Script,
    Sequence,
    Sum,
)
from symnn.notes.read.names import Parts, is_word, parts_of


def components(script: Node) -> tuple[Node, ...]:
    """The parts of a script: ``ik`` and ``i,k`` are two, ``t-1`` is one."""
    if isinstance(script, Group) and script.left in ("(", "["):
        return components(script.body)
    if isinstance(script, Sequence):
        return script.items
    if isinstance(script, Product) and script.operator == "juxtaposed" and all(
        (isinstance(factor, Name) and len(factor.base) == 1) or isinstance(factor, Number) for factor in script.factors
    ):  # fmt: skip
        return script.factors
    return (script,)


def letters_in(node: Node) -> set[str]:
    """The letters of a script that could be indices."""
    found: set[str] = set()
    for component in components(node):
        for part in walk(component):
            if (
                isinstance(part, Name)
                and not is_word(part)
                and not is_transpose(part)
                and part.base not in ("*", "+", "-")
            ):
                found.add(part.base)
    return found


def script_letters(node: Node) -> set[str]:
    """The letters in all scripts below a node (transposes and powers of a group left out)."""
    found: set[str] = set()
    for part in walk(node):
        parts = parts_of(part) if isinstance(part, Script) else None
        if parts is not None:
            for script in (*parts.subs, *(s for s in parts.sups if isinstance(s, Group))):
                found |= letters_in(script)
        elif isinstance(part, Script) and part.sub is not None:
            found |= letters_in(part.sub)
    return found


def compared_letters(node: Node) -> set[str]:
    """The single letters in the conditions of piecewise values below a node, as in ``0 if i >= j``."""
    found: set[str] = set()
    for part in walk(node):
        for branch in part.branches if isinstance(part, Cases) else ():
            if branch.condition is not None:
                found |= {n.base for n in walk(branch.condition) if isinstance(n, Name) and not is_word(n)}
    return found


def bound_letters(node: Node) -> set[str]:
    """The letters that sums and maxima below a node bind."""
    found: set[str] = set()
    for part in walk(node):
        if isinstance(part, BigOperator) and part.sub is not None:
            for component in components(part.sub):
                first = component.first if isinstance(component, Relation) else component
                if first is not None:
                    for one in components(first):
                        found |= letters_in(one)
    return found


def is_transpose(node: Node | None) -> bool:
    r"""Whether a raised node is a transpose sign: ``T``, ``\top``, ``\intercal``."""
    return isinstance(node, Name) and node.base in ("T", "top", "intercal", "⊤") and not node.accents


def is_numeric(node: Node) -> bool:
    """Whether a node is a number, or a matrix or list of numbers."""
    match node:
        case Number():
            return True
        case Negative():
            return is_numeric(node.body)
        case Quotient():
            return is_numeric(node.numerator) and is_numeric(node.denominator)
        case Group():
            return node.left in ("(", "[", "{") and is_numeric(node.body)
        case Matrix():
            return all(is_numeric(cell) for row in node.rows for cell in row)
        case Sequence():
            return bool(node.items) and bool(node.left) and all(is_numeric(item) for item in node.items)
        case Script():
            return node.sub is None and node.sup is not None and (is_numeric(node.base) and (
                is_transpose(node.sup) or is_numeric(node.sup)))  # fmt: skip
        case _:
            return False


def is_kronecker_case(parts: Parts, value: Node) -> bool:
    r"""Whether a value is one of the two that a Kronecker delta has: ``\delta_{ij} = 1`` if i = j."""
    places = [component for script in (*parts.subs, *parts.sups) for component in components(script)]
    letters = all(isinstance(place, Name) for place in places)
    bit = isinstance(value, Number) and value.text in ("0", "1")
    return parts.base.base == "delta" and not parts.primes and len(places) == 2 and letters and bit


def is_size_set(node: Node) -> bool:
    r"""Whether a set holds sizes: ``\mathbb{N}``, ``\mathbb{Z}_{>0}``."""
    parts = parts_of(node)
    return parts is not None and parts.key.style == "bb" and parts.key.base in ("N", "Z")


def call_parts(node: Node) -> tuple[Parts, tuple[Node, ...]] | None:
    """Head and arguments of ``f(x, y)``, which the parser keeps as a product of a name and a bracket."""
    if isinstance(node, Call):
        head = parts_of(node.head)
        return None if head is None else (head, node.arguments)
    if not (isinstance(node, Product) and node.operator == "juxtaposed" and len(node.factors) == 2):
        return None
    head = parts_of(node.factors[0])
    argument = node.factors[1]
    if head is None or (head.key.base in ("d", "Delta") and not head.subs):
        return None
    if isinstance(argument, Group) and argument.left == "(":
        return head, (argument.body,)
    if isinstance(argument, Sequence) and argument.left == "(":
        items: list[Node] = []
        for item in argument.items:
            items.extend(item.items if isinstance(item, Sequence) and not item.left else (item,))
        return head, tuple(items)
    return None


def is_known_function(head: Parts) -> bool:
    """Whether a head is an elementary function or a declared operator."""
    from symnn.notes.read.expressions.functions import ELEMENTARY, REDUCTIONS, operator_named

    return head.key.base in ELEMENTARY or head.key.base in REDUCTIONS or operator_named(head) is not None


def is_differential(node: Node) -> bool:
    r"""``dW`` or ``\Delta w``: a differential or a change, which the parser keeps as a product."""
    if not (isinstance(node, Product) and node.operator == "juxtaposed"):
        return False
    head, following = node.factors[0], node.factors[1]
    return isinstance(head, Name) and head.base in ("d", "Delta") and not head.accents and (
        parts_of(following) is not None and len(node.factors) == 2)  # fmt: skip


def is_update(left: Node, right: Node) -> bool:
    """Whether the right side is the left side plus something: ``w = w - η g``."""
    return isinstance(right, Sum) and any(term.term == left for term in right.terms)


def is_own_transpose(left: Node, right: Node) -> bool:
    """``A = A^T``."""
    one, other = parts_of(left), parts_of(right)
    if one is None or other is None or one.key != other.key or one.subs != other.subs:
        return False
    return other.sups[:-1] == one.sups and len(other.sups) == len(one.sups) + 1 and is_transpose(other.sups[-1])


def between(node: Relation) -> tuple[Node, Node, bool, Node] | None:
    """Lower end, middle, whether the upper end counts, and upper end of ``0 <= p < n``; None for another relation."""
    match node:
        case Relation(first=lower, links=(Link(operator="le", right=middle), Link(operator="le" | "<", right=upper))):
            if lower is None or middle is None or upper is None:
                return None
            return lower, middle, node.links[1].operator == "le", upper
    return None
