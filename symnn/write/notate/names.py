r"""What things are called: tensors, adjoints, functions, dimensions, indices.

The author's names win. Where there are none, an identifier is read the way people name variables: ``W_1`` is W with the
label 1, ``yhat`` wears a hat, ``alpha`` is Greek, ``y_pred`` has a word as its label. No two tensors of one network
get the same name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal

from symnn.derive.derivation import ADJOINT, TANGENT
from symnn.derive.lemmas import upstream_of
from symnn.formula.index import Index
from symnn.formula.nodes import Call, Elementwise, Tensor, Total
from symnn.formula.nodes import tensors as tensors_of
from symnn.network.families import families, starts
from symnn.notation.latex import parse_latex
from symnn.notation.symbols import CHARACTER_NAMES, FUNCTIONS, GREEK, split_accents
from symnn.notation.traverse import walk
from symnn.notation.tree import Accent, Group, Name, Node, Number, Prime, Script, Sequence
from symnn.write.notate.build import derivative, subscripted

if TYPE_CHECKING:
    from symnn.declare import Operator
    from symnn.network.equations import Network
    from symnn.network.widths import Widths

GREEK_NAMES: Final = frozenset(GREEK.values()) | {"ell"}
ACCENTS: Final = ("hat", "bar", "tilde", "vec", "dot")
_DIGITS: Final = re.compile(r"([A-Za-z]+?)(\d+)")


def _word(text: str) -> Node:
    """One part of an identifier, without underscores."""
    if text.isdigit():
        return Number(text)
    text = {"eps": "varepsilon"}.get(text, text)
    if text in GREEK_NAMES or (len(text) == 1 and text.isascii()):
        return Name(text)
    if len(text) == 1 and text in CHARACTER_NAMES:
        return Name(CHARACTER_NAMES[text])
    if len(text) <= 2 and not text.isascii():
        accented = split_accents(text)
        if accented is not None:
            return Name(CHARACTER_NAMES.get(accented[0], accented[0]), accents=accented[1])
    for accent in ACCENTS:
        stem = text.removesuffix(accent)
        if stem != text and (len(stem) == 1 or stem in GREEK_NAMES):
            return Name(stem, accents=(accent,))
    return Name(text, font="mathrm")


def identifier(text: str) -> Node:
    r"""An identifier as it is written by hand.

    >>> identifier("W_1")
    Script(base=Name(base='W', font='', accents=()), sub=Number(text='1'), sup=None)
    >>> identifier("yhat"), identifier("alpha")
    (Name(base='y', font='', accents=('hat',)), Name(base='alpha', font='', accents=()))
    """
    parts = [part for part in text.split("_") if part]
    if not parts:
        return Name(text, font="mathrm")
    found = _DIGITS.fullmatch(parts[0])
    if found is not None and (len(found[1]) == 1 or found[1] in GREEK_NAMES):
        parts[:1] = [found[1], found[2]]
    base, *labels = (_word(part) for part in parts)
    if not labels:
        return base
    return Script(base, labels[0] if len(labels) == 1 else Sequence(tuple(labels)))


@lru_cache(maxsize=1024)
def parsed(latex: str) -> Node:
    """The tree of a piece of LaTeX from a declaration."""
    return parse_latex(latex)


def function_head(name: str) -> Node:
    """What a function of this name is called: the declared operator's own notation, or the name itself."""
    from symnn.declare import registry

    declared = registry.find(name)
    if declared is not None:
        return operator_head(declared)
    if name in FUNCTIONS:
        return Name(name, font="" if name in ("exp", "log", "sin", "cos", "tanh") else "operatorname")
    return identifier(name)


def operator_head(operator: Operator) -> Node:
    """What a declared operator is called in a formula."""
    found = re.fullmatch(r"\\operatorname\{([^{}\\]*(?:\\_[^{}\\]*)*)\}", operator.latex)
    if found is not None:
        return Name(found[1].replace(r"\_", "_"), font="operatorname")
    return parsed(operator.latex)


@dataclass(frozen=True)
class Families:
    """Which tensors are families of arrays, and how their parts are told apart.

    `letters` are the letters of the axes that do so, by tensor; `raised` the tensors whose first index stands above
    the name; `starts` the tensor in place of the part before the first; indices count from `first`. `widths` are the sizes
    that differ from part to part.
    """

    letters: Mapping[str, tuple[str, ...]]
    raised: frozenset[str] = frozenset()
    starts: Mapping[tuple[str, int], Tensor] = field(default_factory=dict)
    first: int = 0
    widths: Widths | None = None

    def letters_of(self, name: str) -> tuple[str, ...]:
        """The letters of a tensor's family axes; an adjoint has those of its tensor."""
        return self.letters.get(_stem(name), ())

    def count(self, name: str) -> int:
        """How many axes of a tensor tell the parts of its family apart."""
        return len(self.letters_of(name))

    def sizes(self, tensor: Tensor) -> tuple[Any, ...]:
        """The sizes of a part of a tensor; where they differ, with the letter that tells the parts apart."""
        letters = self.letters_of(tensor.name)
        if self.widths is None or self.widths.longest not in tensor.shape:
            return tensor.shape[len(letters) :]
        known = self.widths.like({tensor.name: _stem(tensor.name)})
        places = [Index(letter, size) for letter, size in zip(letters, tensor.shape, strict=False)]
        return known.sizes(tensor, places)[len(letters) :]

    def place(self, name: str) -> int:
        """Where a family stands among the families, in the order of their definitions."""
        order = list(self.letters)
        return order.index(_stem(name)) if _stem(name) in order else len(order)

    def is_raised(self, name: str) -> bool:
        """Whether the first index of a tensor, or of the tensor of an adjoint, stands above its name."""
        return _stem(name) in self.raised and bool(self.letters_of(name))


NO_FAMILIES: Final = Families({})


def _stem(name: str) -> str:
    return name.removeprefix(TANGENT).removeprefix(ADJOINT)


class Names:
    """The names of one document.

    `tensors` maps tensor names to trees, `loss` is what is differentiated, `heads` maps functions to trees where
    the declared notation is not wanted, `symbol` is the sign of a derivative that is not carried out yet.
    """

    def __init__(
        self,
        tensors: Mapping[str, Node],
        loss: Node,
        heads: Mapping[str, Node] | None = None,
        parameters: Iterable[str] = (),
        symbol: Literal["partial", "d"] = "partial",
        symbols: Iterable[Any] = (),
        constants: Mapping[str, Node] | None = None,
        families: Families = NO_FAMILIES,
    ) -> None:
        self.tensors = dict(tensors)
        self.loss = loss
        self.heads = dict(heads or {})
        self.parameters = frozenset(parameters)
        self.derivative_symbol: Literal["partial", "d"] = symbol
        self.symbols = tuple(symbols)
        self.constants = dict(constants or {})
        self.families = families
        self.letters = frozenset(
            node.base
            for tree in (*self.tensors.values(), loss, *map(self.symbol, self.symbols))
            for node in walk(tree)
            if isinstance(node, Name) and not node.font
        )

    @classmethod
    def of_network(cls, network: Network) -> Names:
        """The names of a network: the author's where there are some, else read off the identifiers."""
        tensors: dict[str, Node] = {name: node for name, node in network.names.items() if isinstance(node, Node)}
        results = {e.use.group: e.name for e in network.equations if e.use is not None and not e.use.part}
        lets: dict[str, tuple[Node, str]] = {}
        for equation in (*network.equations, *network.updates):
            use = equation.use
            if use is not None and use.part and equation.name not in tensors:
                lets[equation.name] = (let_name(use.operator, use.part), results[use.group])
        hidden = {equation.name for equation in network.equations if equation.hidden}
        waiting = []
        for tensor in (*network.all_tensors, *(update.tensor for update in network.updates)):
            if tensor.name not in tensors and tensor.name not in lets:
                letter, _, rest = tensor.name.partition("_")
                if tensor.name in hidden and rest and letter.isalpha():
                    waiting.append((tensor.name, letter, rest))
                else:
                    _add(tensors, tensor.name, identifier(tensor.name))
        known = Families(families(network), network.raised, starts(network), network.first, network.widths)
        for name, letter, rest in waiting:
            # An unnamed argument of a named value: a_{h_1} in h_1 = f(a_{h_1}), and a^{(f)}_t in f_t = f(a^{(f)}_t).
            label = tensors.get(rest)
            if letter == rest:
                letter = "z"  # where the author calls the value itself a
            if label is None and known.letters_of(name) and rest.isalpha():
                _add(tensors, name, Script(_word(letter), None, _word(rest)))  # room below for the index
            elif label is None:
                _add(tensors, name, identifier(name))
            elif known.letters_of(name) and not known.is_raised(name):
                _add(tensors, name, Script(_word(letter), None, Group(label)))
            else:
                _add(tensors, name, Script(_word(letter), label))
        _name_batch_loss(network, tensors)
        symbols = (*network.dimensions, *network.hyperparameters, *network.rates)
        taken = [*tensors.values(), *map(_symbol_name, symbols)]
        for name, (node, result) in lets.items():
            labelled = isinstance(node, Name) and (node in taken or _shared(lets, node))
            _add(tensors, name, Script(node, tensors[result]) if labelled else node)
        loss = tensors[network.loss.name]
        _name_deltas(network, tensors, known)
        parameters = [p.name for p in network.parameters]
        rates = _rate_names(network, (*taken, *tensors.values()))
        return cls(tensors, loss, parameters=parameters, symbols=symbols, families=known, constants=rates)

    @classmethod
    def of_operator(cls, operator: Operator) -> Names:
        """The names inside an operator: its parameters, its intermediate values, and y for the result."""
        tensors: dict[str, Node] = {}
        definition = operator.definition
        for tensor in (*definition.parameters, *(step.tensor for step in (*definition.steps, *definition.updates))):
            latex = operator.latex_names.get(tensor.name)
            _add(tensors, tensor.name, parsed(latex) if latex else identifier(tensor.name))
        if not operator.is_elementwise:
            upstream = upstream_of(definition).name
            _add(tensors, upstream, identifier(upstream))
        sizes = {s for t in definition.parameters for d in t.shape for s in d.free_symbols}
        # The constants of an operator on numbers are tensors, like its parameters.
        declared = {c.name: operator.latex_names.get(c.name) for c in (*operator.constants, *operator.rates)}
        constants = {name: parsed(latex) for name, latex in declared.items() if latex}
        for name, node in constants.items():
            _add(tensors, name, node)
        symbols = sorted(sizes | set(definition.constants), key=str)
        return cls(tensors, Name("L"), symbols=symbols, constants=constants)

    def with_(self, extra: Mapping[str, Node], symbol: Literal["partial", "d"] | None = None) -> Names:
        """The same names and a few more; perhaps with d for derivatives, where there is only one variable."""
        chosen = symbol or self.derivative_symbol
        tensors = {**self.tensors, **extra}
        return Names(
            tensors, self.loss, self.heads, self.parameters, chosen, self.symbols, self.constants, self.families
        )

    def is_adjoint(self, name: str) -> bool:
        """Whether a tensor's name is that of an adjoint."""
        return name.startswith(ADJOINT) and name not in self.tensors

    def tensor(self, tensor: Tensor) -> Node:
        """What a tensor is called; an adjoint is the fraction ∂L/∂X."""
        return self.named(tensor.name)

    def named(self, name: str) -> Node:
        """What the tensor of this name is called."""
        found = self.tensors.get(name)
        if found is not None:
            return found
        if name.startswith(TANGENT):
            return self._tangent(name[len(TANGENT) :])
        if name.startswith(ADJOINT):
            return derivative(self.loss, self.named(name[len(ADJOINT) :]))
        return identifier(name)

    def entry(self, name: str, places: tuple[Node, ...]) -> Node:
        """An entry or a row of a tensor. The entry of an adjoint is the derivative by an entry."""
        if not places:
            return self.named(name)
        if self.is_adjoint(name):
            return derivative(self.loss, self.entry(name[len(ADJOINT) :], places))
        if name.startswith(TANGENT + ADJOINT):
            return derivative(dotted(self.loss), self.entry(name[len(TANGENT + ADJOINT) :], places))
        if self.families.is_raised(name):
            return subscripted(raised_above(self.named(name), places[0]), places[1:])
        return subscripted(self.named(name), places)

    def part(self, name: str) -> Node:
        """A tensor's name; that of a family with the letter that tells its parts apart: ``h_t``."""
        return self.entry(name, tuple(identifier(letter) for letter in self.families.letters_of(name)))

    def _tangent(self, name: str) -> Node:
        """The change along a direction: a dot over a value, and for an adjoint the adjoint of the dotted loss."""
        if name.startswith(ADJOINT):
            return derivative(dotted(self.loss), self.named(name[len(ADJOINT) :]))
        return dotted(self.named(name))

    def function(self, function: Elementwise) -> Node:
        """What an elementwise function is called, with a prime for each derivative."""
        head = self.heads.get(function.name)
        if head is None:
            head = function_head(function.name)
        return Prime(head, function.order) if function.order else head

    def symbol(self, symbol: Any) -> Node:
        """A dimension, a constant or a number such as π."""
        return self.constants.get(str(symbol)) or _symbol_name(symbol)

    def index_letter(self, index: Index) -> str:
        """The letter of an index, without leading underscores."""
        return index.name.strip("_") or "i"


def _name_deltas(network: Network, tensors: dict[str, Node], known: Families) -> None:
    """The adjoint of what an activation in a recurrence is applied to is called δ, where the letter is free."""
    used = {node.base for tree in tensors.values() for node in walk(tree) if isinstance(node, Name)}
    applied = {t.name for e in network.equations if isinstance(e.formula, Call) for t in tensors_of(e.formula)}
    hidden = [e.name for e in network.equations if e.hidden and e.name in applied and known.letters_of(e.name)]
    for name in hidden if "delta" not in used else ():
        label = tensors[name]
        if len(hidden) == 1:
            tensors[ADJOINT + name] = Name("delta")
        elif isinstance(label, Script):
            tensors[ADJOINT + name] = Script(Name("delta"), label.sub, label.sup)


def raised_above(name: Node, place: Node) -> Node:
    """A name with an index above it, in brackets; labels below it stay where they are."""
    below = name.sub if isinstance(name, Script) and name.sup is None else None
    base = name.base if isinstance(name, Script) and below is not None else name
    return Script(base, below, Group(place))


def dotted(node: Node) -> Node:
    """A dot over a name, below which its label stays where it is."""
    if isinstance(node, Name):
        return Name(node.base, node.font, (*node.accents, "dot"))
    if isinstance(node, Script) and isinstance(node.base, Name):
        return Script(dotted(node.base), node.sub, node.sup)
    return Accent("dot", node)


def _symbol_name(symbol: Any) -> Node:
    return identifier(symbol.name)


def _rate_names(network: Network, taken: Iterable[Node]) -> dict[str, Node]:
    """What operators call the constants of their states, where no other name is like that."""
    operators = dict.fromkeys(update.use.operator for update in network.updates if update.use is not None)
    named = {str(rate): let_name(operator, str(rate)) for operator in operators for rate in network.rates}
    others = list(taken)
    return {name: node for name, node in named.items() if node not in others}


def _add(tensors: dict[str, Node], name: str, node: Node) -> None:
    """Give a tensor a name that no other has."""
    if node in tensors.values():
        node = Name(name, font="mathtt")
    tensors[name] = node


def _shared(lets: Mapping[str, tuple[Node, str]], node: Node) -> bool:
    return sum(1 for other, _ in lets.values() if other == node) > 1


def let_name(operator: str, part: str) -> Node:
    """What an operator calls one of its intermediate values."""
    from symnn.declare import registry

    declared = registry.find(operator)
    latex = declared.latex_names.get(part) if declared is not None else None
    return parsed(latex) if latex else identifier(part)


def _name_batch_loss(network: Network, tensors: dict[str, Node]) -> None:
    """The reduced loss of a batch has no name in the document: a mean is written with a bar."""
    loss = network.equation(network.loss)
    if network.batch is None or loss is None or not loss.hidden or network.loss.name in network.names:
        return
    per_sample = [t for t in loss.formula.atoms(Tensor) if t.shape == (network.batch.dimension,)]
    if len(per_sample) != 1 or isinstance(loss.formula, Total):
        return
    node = tensors.get(per_sample[0].name)
    if isinstance(node, Name):
        barred = Name(node.base, node.font, (*node.accents, "bar"))
        if barred not in tensors.values():
            tensors[network.loss.name] = barred
