"""The survey of a document: what its statements tell about its names before any of them is read.

Which letters are bound below which names, which names stand bare, which raised numbers are labels, what is a size, and
where each name is met first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from symnn.notation.traverse import children, walk
from symnn.notation.tree import (
    BigOperator,
    Call,
    Cases,
    Derivative,
    EvaluatedAt,
    Group,
    Nabla,
    Name,
    Node,
    Number,
    Prime,
    Product,
    Quotient,
    Relation,
    Script,
)
from symnn.notes.read.expressions.trees import (
    bound_letters,
    call_parts,
    is_differential,
    is_transpose,
    letters_in,
)
from symnn.notes.read.names import Key, Parts, label_text, parts_of
from symnn.notes.read.statements import Statement

EQUALS = ("=", ":=", "equiv")


class Survey:
    """What all statements together tell about the names of a document.

    `sizes` are names of dimensions; `raised` bases with numbers for labels above them; `raised_letters` letters that
    are such labels; `above` the letters above each name; `zero_based` names with an index 0; `bare` names that stand as whole values; `called` names that
    are called; `undivided` those that stand elsewhere than below a fraction bar; `compared` names in conditions;
    `values` the bases of names of values, `unraised` those that stand without anything raised, `indices` the letters that are indices somewhere; `mentions` where a name is met first, `nodes` how it is written there.
    """

    def __init__(self, statements: Iterable[Statement]) -> None:
        self.statements = tuple(statements)
        self.sizes: set[Key] = set()
        self.raised: set[Key] = set()
        self.raised_letters: set[str] = set()
        self.zero_based: set[Key] = set()
        self.above: dict[Key, set[str]] = defaultdict(set)
        self.bare: set[Key] = set()
        self.undivided: set[str] = set()
        self.called: set[Key] = set()
        self.compared: set[Key] = set()
        self.mentions: dict[Key, tuple[int, int]] = {}
        self.nodes: dict[Key, Node] = {}
        self.values: set[Key] = set()
        self.unraised: set[Key] = set()
        self.indices: set[str] = set()
        self._free: set[tuple[Key, str]] = set()
        self._scripted: dict[Key, set[str]] = defaultdict(set)
        self._left: set[Key] = set()
        self._survey()

    def _survey(self) -> None:
        """Learn from all statements which scripts are labels, and which letters index what."""
        for statement in self.statements:
            parts = parts_of(statement.first.node)
            operator = statement.steps[0].operator if statement.steps else ""
            if parts is not None and operator in (*EQUALS, "in"):
                self.values.add(parts.key)
                self._survey_left(parts)
            self._survey_indices(statement)
            if parts is not None and operator in EQUALS and is_forward(statement):
                self._survey_right(statement, parts)
            for node in _nodes(statement):
                self._survey_sizes(node)
                self._survey_between(node)
            for stated in statement.ranges:
                self._add_sizes(stated.last)
            self._survey_mentions(statement)

    def _survey_left(self, parts: Parts) -> None:
        labels = [label_of("_", sub) for sub in parts.subs] + [label_of("^", sup) for sup in parts.sups]
        if all(label is not None for label in labels):
            self._left.add(parts.key.labelled(*(label for label in labels if label is not None)))
        for sup in parts.sups:
            if isinstance(sup, Number):
                self.raised.add(parts.key)
            elif isinstance(sup, Name) and not is_transpose(sup) and parts.key != Key("e"):
                self.raised_letters.add(sup.base)

    def _survey_right(self, statement: Statement, left: Parts) -> None:
        """Note which letters below a name are bound by the statement and which are not."""
        own = {letter for node in (*left.subs, *left.sups) for letter in letters_in(node)}
        own |= {entry.letter.base for entry in statement.ranges}
        for step in statement.steps:
            bound = own | bound_letters(step.right.node)
            self._survey_bare(step.right.node)
            self._survey_divided(step.right.node)
            for node in walk(step.right.node):
                parts = parts_of(node) if isinstance(node, Script) else None
                if parts is None:
                    continue
                if any(isinstance(sub, Number) and sub.text == "0" for sub in parts.subs):
                    self.zero_based.add(parts.key)
                self.above[parts.key] |= {s.base for s in parts.sups if isinstance(s, Name) and s.base not in bound}
                for sub in (*parts.subs, *(s for s in parts.sups if isinstance(s, Group))):
                    for letter in letters_in(sub):
                        self._scripted[parts.key].add(letter)
                        if letter not in bound:
                            self._free.add((parts.key, letter))

    def labels_by(self, letter: str) -> bool:
        """Whether a letter below a name can only say what the name belongs to: it is a value, and never an index.

        In ``y_t = W_{hy} h_t`` it is so for h and y.
        """
        return letter not in self.indices and Key(letter) in self.values

    def _survey_mentions(self, statement: Statement) -> None:
        """Note where each name is met first, and which names are called."""
        for piece in (statement.first, *(step.right for step in statement.steps)):
            for node in walk(piece.node):
                called = call_parts(node) if isinstance(node, Product | Call) and piece is not statement.first else None
                if called is not None:
                    self.called.add(self.labelled(called[0]) or called[0].key)
                parts = parts_of(node) if isinstance(node, Name | Script | Prime) else None
                if parts is None:
                    continue
                place = (statement.order, node.span[0] if node.span else 0)
                for key in self.variants(parts):
                    self.mentions.setdefault(key, place)
                    self.nodes.setdefault(key, node)

    def variants(self, parts: Parts) -> set[Key]:
        """The keys that a name may turn out to have: with all scripts as labels, with some, with none."""
        found = {parts.key}
        for subs in range(len(parts.subs) + 1):
            for sups in range(len(parts.sups) + 1):
                key = self.labelled(
                    Parts(parts.base, parts.accents, parts.primes, parts.subs[:subs], parts.sups[:sups])
                )
                if key is not None:
                    found.add(key)
        return found

    def _survey_divided(self, node: Node) -> None:
        """Note the names that stand somewhere else than below a fraction bar."""
        stack = [node]
        while stack:
            top = stack.pop()
            if isinstance(top, Quotient):
                stack.append(top.numerator)
                continue
            if isinstance(top, Name):
                self.undivided.add(top.base)
            stack.extend(children(top))

    def _survey_between(self, node: Node) -> None:
        r"""Note the letters that stand right behind a transposed factor, with another one behind them: ``u^\top M u``."""
        if isinstance(node, Product) and node.operator in ("juxtaposed", "cdot"):
            for before, middle, _ in zip(node.factors, node.factors[1:], node.factors[2:], strict=False):
                if isinstance(before, Script) and is_transpose(before.sup) and isinstance(middle, Name):
                    self.undivided.add(middle.base)

    def _survey_indices(self, statement: Statement) -> None:
        """Note the letters that are indices somewhere: bound by a sum or a range, or below a name on the left."""
        self.indices |= {entry.letter.base for entry in statement.ranges}
        left = parts_of(statement.first.node)
        self.indices |= {letter for node in (left.subs if left is not None else ()) for letter in letters_in(node)}
        for piece in (statement.first, *(step.right for step in statement.steps)):
            self.indices |= bound_letters(piece.node)

    def _survey_bare(self, node: Node) -> None:
        """Note the names of values, and those that stand without scripts, as whole values."""
        stack = [node]
        while stack:
            top = stack.pop()
            parts = parts_of(top) if isinstance(top, Name | Script | Prime) else None
            if parts is None:
                stack.extend(children(top))
                continue
            self.values.add(parts.key)
            if not parts.sups:
                self.unraised.add(parts.key)
            if not parts.subs and all(is_transpose(sup) or isinstance(sup, Number) for sup in parts.sups):
                self.bare.add(parts.key)

    def _survey_sizes(self, node: Node) -> None:
        if isinstance(node, BigOperator) and node.sup is not None:
            self._add_sizes(node.sup)
        elif isinstance(node, Cases):
            for branch in node.branches:
                for part in walk(branch.condition) if branch.condition is not None else ():
                    parts = parts_of(part) if isinstance(part, Name | Script) else None
                    if parts is not None:
                        self.compared |= self.variants(parts)
        elif isinstance(node, Relation):
            for link in node.links:
                if link.operator == "in" and link.right is not None:
                    set_ = link.right
                    if isinstance(set_, Script) and set_.sup is not None:
                        self._add_sizes(set_.sup)

    def _add_sizes(self, node: Node) -> None:
        for part in walk(node):
            parts = parts_of(part)
            key = None if parts is None else self.labelled(parts)
            if key is not None:
                self.sizes.add(key)

    def labelled(self, parts: Parts) -> Key | None:
        """The key with every script taken as a label, or None when one cannot be."""
        labels = [label_of("_", sub) for sub in parts.subs] + [label_of("^", sup) for sup in parts.sups]
        if any(label is None for label in labels):
            return None
        return parts.key.labelled(*(label for label in labels if label is not None))


def _nodes(statement: Statement) -> Iterator[Node]:
    pieces = [statement.first.node, *(step.right.node for step in statement.steps)]
    for piece in pieces:
        yield from walk(piece)
    if statement.steps and statement.steps[0].operator == "in":
        from symnn.notation.tree import Link

        yield Relation(pieces[0], (Link("in", pieces[1]),))


def label_of(mark: str, node: Node) -> str | None:
    """The label that a script is: its text after a mark for below or above; None when it cannot be one."""
    text = label_text(node)
    return None if text is None else mark + text


def is_forward(statement: Statement) -> bool:
    """Whether a statement holds no derivative, and so can belong to the network itself."""
    return not statement.doubt and not any(
        isinstance(node, Derivative | Nabla | EvaluatedAt) or is_differential(node)
        for piece in (statement.first, *(step.right for step in statement.steps if step.operator in EQUALS))
        for node in walk(piece.node)
    )
