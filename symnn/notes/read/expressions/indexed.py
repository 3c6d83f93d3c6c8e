r"""Index notation: which scripts are indices, which are labels, and where an index points.

Whether ``x_1`` is an entry of x or a name of its own, and whether ``W_h`` is a row of W or a matrix called h, depends
on the document: a letter is an index where a sum or the left side binds it, a number is an index where the bare name
is an array.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import sympy
from sympy import Expr

from symnn.formula.index import LayerSize
from symnn.notation.traverse import walk
from symnn.notation.tree import (
    BigOperator,
    Group,
    Matrix,
    Name,
    Negative,
    Node,
    Number,
    Product,
    Relation,
    Script,
    Sequence,
    Sum,
)
from symnn.notes.read.expressions.trees import between, components, is_transpose, letters_in
from symnn.notes.read.names import Key, Parts, is_word, label_text, parts_of
from symnn.notes.read.passages import Spot
from symnn.notes.read.shapes.shapes import Dim, Solver
from symnn.notes.read.shapes.terms import Letter
from symnn.notes.read.statements import Piece, Range, range_of

if TYPE_CHECKING:
    from symnn.notes.read.scope import Base, Scope


@dataclass(frozen=True)
class Place:
    """An index expression: a sum of letters with whole coefficients, and a number or a size.

    A coefficient may be a size too, such as a stride. `above` tells that it is written above the name.
    """

    parts: tuple[tuple[Expr, Letter], ...]
    shift: int
    size: Expr = sympy.S.Zero
    above: bool = False

    @classmethod
    def of(cls, parts: tuple[tuple[Expr, Letter], ...], offset: Expr) -> Place:
        """The place that lies this far from the letters' own."""
        number, size = sympy.expand(offset).as_coeff_Add()
        return cls(parts, int(number), size)

    @property
    def offset(self) -> Expr:
        """How far the place lies from the letters' own."""
        return self.shift + self.size

    def is_at(self, other: Place) -> bool:
        """Whether two places are the same."""
        mine, theirs = ({letter: coefficient for coefficient, letter in p.parts} for p in (self, other))
        return mine == theirs and self.offset == other.offset

    @property
    def last(self) -> Expr | None:
        """The number of places, where this is the last one as the name tells: the layer L of ``a^{(L)}``."""
        named = self.above and not self.parts and self.shift == -1 and self.size.is_Symbol
        return self.size if named and str(self.size).isupper() else None

    @property
    def plain(self) -> Dim | None:
        """The dimension of the axis where the place is one letter and nothing else, and its limits are not stated."""
        if self.only is not None and self.shift == 0 and self.only.first is None:
            return self.only.dim
        return None

    @property
    def only(self) -> Letter | None:
        """The letter, where there is only one and it counts once."""
        return self.parts[0][1] if len(self.parts) == 1 and self.parts[0][0] == 1 and self.size == 0 else None

    @property
    def step(self) -> int | None:
        """How far the place lies from the one that its only letter stands for; None where it is that one."""
        return self.shift if self.only is not None and self.shift else None

    def value(self, solver: Solver) -> Expr:
        """The index expression, counted from 0."""
        return sympy.Add(
            *[coefficient * letter.index(solver) for coefficient, letter in self.parts], self.shift, self.size
        )


@dataclass(frozen=True)
class Resolved:
    """A name with its scripts sorted: its key, its indices, and what is raised after that.

    `above` counts the indices that are raised, as those of layers are.
    """

    key: Key
    places: tuple[Place, ...]
    raised: tuple[Node, ...]
    turned_first: bool = False
    above: int = 0


def resolve(reader: Base, parts: Parts, scope: Scope) -> Resolved:
    """Sort the scripts of a name into labels, indices and powers. Raises ReadingError where that is not certain."""
    base = parts.key
    labels: list[str] = []
    places: list[Place] = []
    raised: list[Node] = []
    for sup in parts.sups:
        for piece in _raised_parts(sup):
            kind = _kind_of_raised(reader, base, piece, scope)
            if kind == "index":
                places += [replace(position_of(reader, part, scope), above=True) for part in components(piece)]
            elif kind == "label":
                labels.append("^" + _text(piece, scope))
            else:
                raised.append(piece)
    above = len(places)
    for sub in parts.subs:
        whole = label_text(sub)
        known = whole is not None and reader.model.table.knows(base.labelled(*labels, "_" + whole))
        if known and not (letters_in(sub) & scope.letters.keys()):
            labels.append("_" + str(whole))
            continue
        one_based = base not in reader.model.table.zero_based
        found = _split_digits(reader, base, components(sub), scope)
        own = [_is_index(reader, base, labels, component, scope, len(found)) for component in found]
        for component, is_index in zip(found, own, strict=True):
            if is_index:
                places.append(position_of(reader, component, scope, one_based=one_based))
            elif any(own):
                labels.append("_" + _text(component, scope))
        if not any(own):
            labels.append("_" + _text(sub, scope))
    turned_first = len(places) == 2 and len(raised) == 1 and is_transpose(raised[0])
    return Resolved(base.labelled(*labels), tuple(places), () if turned_first else tuple(raised), turned_first, above)


def _text(node: Node, scope: Scope) -> str:
    text = label_text(node)
    if text is None:
        raise scope.passage.spot(node).error("a script that is neither an index nor a label")
    return text


def _raised_parts(sup: Node) -> tuple[Node, ...]:
    """``(1)T`` and ``(1)^T`` are a label and a transpose."""
    if (
        isinstance(sup, Product)
        and sup.operator == "juxtaposed"
        and len(sup.factors) == 2
        and is_transpose(sup.factors[1])
    ):
        return sup.factors
    if isinstance(sup, Script) and sup.sub is None and sup.sup is not None and is_transpose(sup.sup):
        return (sup.base, sup.sup)
    if isinstance(sup, Sequence) and len(sup.items) == 2 and is_transpose(sup.items[1]) and not sup.left:
        return sup.items
    return (sup,)


def _kind_of_raised(reader: Base, base: Key, sup: Node, scope: Scope) -> str:
    table = reader.model.table
    text = label_text(sup)
    labelled = None if text is None else base.labelled("^" + text)
    bound = letters_in(sup) & scope.letters.keys()
    if isinstance(sup, Group) and sup.left in ("(", "["):
        if bound:
            return "index"
        if base in table.families and not (labelled is not None and table.knows(labelled)):
            return "index"
        if labelled is not None and (table.knows(labelled) or not isinstance(sup.body, Sum)):
            return "label"
        return "power" if sup.left == "(" else "label"
    if isinstance(sup, Number):
        return "label" if base in table.raised else "power"
    if is_transpose(sup):
        return "label" if labelled is not None and table.knows(labelled) else "power"
    if isinstance(sup, Name):
        if sup.base in ("*", "+", "-", "star", "dagger") or (
            labelled is not None and table.knows(labelled) and not bound
        ):
            return "label"
        if (sup.base in table.raised_letters or table.labels_above(base)) and not bound:
            return "label"
        if is_word(sup) and Key(sup.base) not in table.sizes and not table.knows(Key(sup.base)):
            return "label"
    if isinstance(sup, Sum) and not bound and text is not None and letters_in(sup) & table.raised_letters:
        return "label"
    return "power"


def _split_digits(reader: Base, base: Key, parts: tuple[Node, ...], scope: Scope) -> tuple[Node, ...]:
    """``W_{12}`` of a matrix W is the entry (1, 2); of an array of unknown shape that is not certain."""
    only = parts[0] if len(parts) == 1 else None
    if not isinstance(only, Number) or len(only.text) != 2 or not only.text.isdigit():
        return parts
    model = reader.model
    rank = model.declared_rank(base, scope.section)
    if rank is None and model.table.definitions.get(base) and not model.table.knows(base.labelled("_" + only.text)):
        raise scope.passage.spot(only).error(
            f"is this the place {only.text} of {base}, or row {only.text[0]} and column {only.text[1]}?",
            hint="put a comma between row and column, or declare the shape",
        )
    return tuple(Number(digit, span=only.span) for digit in only.text) if rank == 2 else parts


def _is_index(reader: Base, base: Key, labels: list[str], component: Node, scope: Scope, count: int) -> bool:
    letters = letters_in(component)
    if letters and letters <= scope.letters.keys():
        return True
    model = reader.model
    array = base in scope.parameters or model.is_array(base.labelled(*labels), scope.section)
    if isinstance(component, Number):
        entry = base in scope.parameters or model.has_entries(base.labelled(*labels), scope.section, count)
        return entry and component.text.isdigit()
    if isinstance(component, Name) and is_word(component):
        return False
    if letters & scope.letters.keys():
        return True
    if not isinstance(component, Name):
        return array
    if array and Key(component.base) in model.table.sizes:
        return True
    text = label_text(component)
    if array and text is not None and not model.table.knows(base.labelled(*labels, "_" + text)):
        if model.table.labels_by(component.base):
            return False
        raise scope.passage.spot(component).error(
            f"the index {component.base} of {base} is bound by nothing here",
            hint=f"sum over {component.base}, or put it on the left side; of a class that is given by a one-hot y, "
            f"write \\sum_k y_k {base}_k",
        )
    return False


def position_of(reader: Base, node: Node, scope: Scope, *, one_based: bool = True) -> Place:
    """The place that an index expression points at, counted from 0.

    Letters count from their first value, and so does the axis that they walk alone. A plain number counts from 1, or
    from 0 where the document uses the index 0 of that name.
    """
    parts, number, size = affine_parts(reader, node, scope)
    if not parts:
        return Place((), number - int(one_based), size)
    if any(coefficient.is_negative for coefficient, _ in parts):
        raise scope.passage.spot(node).error("an index that runs backwards is not understood")
    stated = [(coefficient, letter.first) for coefficient, letter in parts if letter.first is not None]
    start = sympy.Add(*[coefficient * first for coefficient, first in stated])
    if len(stated) == len(parts):
        start -= int(one_based and any(first for _, first in stated))
    elif len(parts) == 1:
        start = sympy.S.Zero
    return Place.of(parts, number + size + start)


def affine_parts(reader: Base, node: Node, scope: Scope) -> tuple[tuple[tuple[Expr, Letter], ...], int, Expr]:
    """The letters of an index expression with their coefficients, its number, and its sizes."""
    coefficients: dict[Letter, Expr] = {}
    number, size = _affine(reader, node, scope, sympy.S.One, coefficients)
    parts = tuple((coefficient, letter) for letter, coefficient in coefficients.items() if coefficient != 0)
    whole = sympy.expand(number + size)
    plain, rest = whole.as_coeff_Add()
    return parts, int(plain), rest


def _affine(reader: Base, node: Node, scope: Scope, sign: Expr, found: dict[Letter, Expr]) -> tuple[Expr, Expr]:
    """Collect the letters of an index expression; return its number and its sizes."""
    match node:
        case Number() if node.text.isdigit():
            return sign * int(node.text), sympy.S.Zero
        case Group() if node.left in ("(", "["):
            return _affine(reader, node.body, scope, sign, found)
        case Negative():
            return _affine(reader, node.body, scope, -sign, found)
        case Sum():
            number, size = sympy.S.Zero, sympy.S.Zero
            for term in node.terms:
                if term.sign not in ("+", "-"):
                    break
                more, sizes = _affine(reader, term.term, scope, sign if term.sign == "+" else -sign, found)
                number, size = number + more, size + sizes
            else:
                return number, size
        case Product() if node.operator in ("juxtaposed", "cdot", "times", "ast"):
            moving = [factor for factor in node.factors if letters_in(factor) & scope.letters.keys()]
            if len(moving) <= 1:
                fixed = [factor for factor in node.factors if factor not in moving]
                scale = sympy.Mul(*[_factor(reader, factor, scope) for factor in fixed])
                if moving:
                    return _affine(reader, moving[0], scope, sign * scale, found)
                return sympy.S.Zero, sign * scale
        case Name() if node.base in scope.letters:
            letter = scope.letters[node.base]
            found[letter] = found.get(letter, sympy.S.Zero) + sign
            return sympy.S.Zero, sympy.S.Zero
        case Name() | Script():
            size = _whole_constant(reader, node, scope)
            if size is not None:
                return sympy.S.Zero, sign * size
        case _:
            pass
    raise scope.passage.spot(node).error("an index expression that is not understood")


def _factor(reader: Base, node: Node, scope: Scope) -> Expr:
    """A number or a size that multiplies an index: a stride, a dilation."""
    if isinstance(node, Number) and node.text.isdigit():
        return sympy.Integer(int(node.text))
    found = _whole_constant(reader, node, scope)
    if found is None:
        raise scope.passage.spot(node).error("an index expression that is not understood")
    return found


def _whole_constant(reader: Base, node: Node, scope: Scope) -> Expr | None:
    """The size of this name. A name of which nothing else is said can be nothing else inside of an index."""
    parts = parts_of(node)
    table = reader.model.table
    key = None if parts is None else table.labelled(parts)
    if key is None or (isinstance(node, Name) and is_word(node)):
        return None
    if not reader.model.is_size(key):
        if key in table.definitions or key in table.declarations or key in table.functions:
            return None
        table.sizes.add(key)
    return reader.model.size_symbol(key, scope.section)


def bound_by(reader: Base, node: BigOperator, scope: Scope) -> list[Letter]:
    """The letters that a sum or a maximum binds, with their limits. Empty when it has no index at all."""
    if node.sub is None:
        if node.sup is not None:
            raise scope.passage.spot(node).error("an upper limit without an index")
        return _implied(reader, node, scope)
    letters: list[Letter] = []
    pending: list[Name] = []
    for item in _bound_items(node.sub):
        spot = scope.passage.spot(item)
        if isinstance(item, Name) and not is_word(item):
            pending.append(item)
            continue
        if isinstance(item, Relation) and len(item.links) == 1 and item.links[0].operator == "=":
            first, link = item.first, item.links[0].right
            if isinstance(first, Name) and isinstance(link, Number) and link.text.isdigit():
                for name in (*pending, first):
                    letters.append(_limited(reader, name, int(link.text), node.sup, scope))
                pending = []
                continue
        if isinstance(item, Relation) and node.sup is None:
            ranged = _ranged(reader, item, scope)
            if ranged is not None:
                letters += [Letter(name.base, ranged.dim, ranged.first, spot) for name in pending]
                letters.append(ranged)
                pending = []
                continue
        raise spot.error("limits that are not understood", hint=r"write \sum_k or \sum_{k=1}^n")
    for name in pending:
        letters.append(_limited(reader, name, 1 if node.sup is not None else None, node.sup, scope))
    return letters


def _ranged(reader: Base, item: Relation, scope: Scope) -> Letter | None:
    r"""The letter of ``i = 1, \dots, n``, of ``i \in \{1, \dots, n\}`` or of ``n \in N``, where N counts the values."""
    found = range_of(item)
    if found is not None:
        letter, first, last = found
        return stated_letter(reader, Range(letter, first, last, Piece(item, scope.passage)), scope.section)
    ends = between(item)
    if ends is not None:
        lower, middle, counts, upper = ends
        if not isinstance(middle, Name) or is_word(middle) or not (isinstance(lower, Number) and lower.text.isdigit()):
            return None
        lowest = int(lower.text)
        size = reader.model.size(upper, Piece(upper, scope.passage), scope.section) - lowest + int(counts)
        spot = scope.passage.spot(middle)
        return _bounded(reader, middle.base, sympy.expand(size), lowest, spot)
    name, right = item.first, item.links[0].right
    if len(item.links) != 1 or item.links[0].operator != "in":
        return None
    if not isinstance(name, Name) or not isinstance(right, Name):
        return None
    if not right.base[:1].isupper() or right.font == "mathbb":
        return None
    size = reader.model.size_symbol(Key(right.base), scope.section)
    spot = scope.passage.spot(item)
    dim = reader.solver.dim(None, spot)
    reader.model.wishes.append((dim, size, spot))
    return Letter(name.base, dim, None, scope.passage.spot(name))


def _bound_items(sub: Node) -> tuple[Node, ...]:
    if isinstance(sub, Sequence) and not sub.left:
        return tuple(part for item in sub.items for part in _bound_items(item))
    if isinstance(sub, Product):
        return components(sub)
    return (sub,)


def _limited(reader: Base, name: Name, first: int | None, upper: Node | None, scope: Scope) -> Letter:
    spot = scope.passage.spot(name)
    size: Expr | None = None
    if upper is not None:
        assert first is not None
        last = reader.model.size(upper, Piece(upper, scope.passage), scope.section)
        size = sympy.expand(last - first + 1)
    letter = _bounded(reader, name.base, size, first, spot)
    reader.model.letters.append(letter)
    return letter


def _bounded(reader: Base, name: str, size: Expr | None, first: int | None, spot: Spot) -> Letter:
    """A letter with as many values as its limits say. Raises ReadingError for a part of a layer."""
    if size is None or not size.has(LayerSize):
        return Letter(name, reader.solver.dim(size, spot), first, spot)
    if not isinstance(size, LayerSize):
        raise spot.error("limits for some of the entries of a layer", hint="let the letter go over all of them")
    letter = Letter(name, reader.solver.dim(reader.model.in_arrays(size), spot), first, spot)
    letter.reach = size
    return letter


def stated_letter(reader: Base, stated: Range, section: tuple[str, ...]) -> Letter:
    """The letter of a range such as ``i = 1, …, m`` that stands beside a definition."""
    piece = stated.piece
    spot = piece.passage.spot(stated.letter)
    first = int(stated.first.text) if isinstance(stated.first, Number) and stated.first.text.isdigit() else None
    if first is None:
        raise spot.error("a range that does not begin with a number")
    size = reader.model.size(stated.last, piece, section) - first + 1
    return _bounded(reader, stated.letter.base, sympy.expand(size), first, spot)


def _implied(reader: Base, node: BigOperator, scope: Scope) -> list[Letter]:
    """The one index letter in the body of a sum that nothing binds, if there is one."""
    found: dict[str, Name] = {}
    for part in walk(node.body):
        parts = parts_of(part) if isinstance(part, Script) else None
        if parts is None:
            continue
        for sub in parts.subs:
            for component in components(sub):
                text = label_text(component)
                known = text is not None and reader.model.table.knows(parts.key.labelled("_" + text))
                letter = isinstance(component, Name) and len(component.base) == 1 and not is_word(component)
                if isinstance(component, Name) and letter and not known and component.base not in scope.letters:
                    found[component.base] = component
    if len(found) > 1:
        raise scope.passage.spot(node).error(f"which of {', '.join(found)} is summed over?", hint=r"write \sum_i")
    return [_limited(reader, name, None, None, scope) for name in found.values()]


def bare_name(node: Node, key: Key) -> Node:
    """The name as written, with those scripts that are labels."""
    parts = parts_of(node)
    if parts is None:
        return node
    subs = [sub for sub in parts.subs if "_" + (label_text(sub) or "") in key.labels]
    sups = [sup for sup in parts.sups if "^" + (label_text(sup) or "") in key.labels]
    if len(subs) == len(parts.subs) and len(sups) == len(parts.sups):
        return node
    if not subs and any(label.startswith("_") for label in key.labels):
        subs = [Name("".join(label[1:] for label in key.labels if label.startswith("_")))]
    base: Node = _undecorated(node)
    if not subs and not sups:
        return base
    return Script(base, subs[0] if subs else None, sups[0] if sups else None)


def _undecorated(node: Node) -> Node:
    while isinstance(node, Script):
        node = node.base
    return node


def literal_rank(node: Node) -> int | None:
    """The number of axes of a literal with numbers: a matrix 2, a column or a list 1."""
    if isinstance(node, Matrix):
        return 1 if len(node.rows) == 1 or all(len(row) == 1 for row in node.rows) else 2
    if isinstance(node, Sequence):
        return 1
    if isinstance(node, Script):
        return literal_rank(node.base)
    return None
