"""Update rules: whether a rule goes in the right direction, and leaves a parameter alone where the gradient is zero.

Going down what has an upper bound and no lower one (``P = -½(d - z)²`` with ``Δw = -R ∇P``) never ends and leads away
from the best value; so does going up a loss. Which of the two a function is, its formula tells. A rule that takes the
old value times an output of the model changes a parameter even where the model fits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from symnn.notation import tree as t
from symnn.notation.traverse import walk
from symnn.notation.tree import Node
from symnn.notes.judge.claims import Claim
from symnn.notes.judge.links import links_of
from symnn.notes.judge.slips.told import shown
from symnn.notes.judge.worlds.context import Context
from symnn.notes.read.names import parts_of
from symnn.notes.worked.digits import printed
from symnn.notes.worked.names import call_of, name_of, named, plain, same
from symnn.notes.worked.outcome import Outcome, claim_of_link
from symnn.notes.worked.symbol_table import SymbolTable
from symnn.notes.worked.updates.boundedness import Bounded, BoundFinder
from symnn.notes.worked.updates.fading_means import towards
from symnn.notes.worked.updates.update_rules import Move, UpdateRule, base_of, rules_of, summands
from symnn.notes.worked.updates.written_gradients import LOSSES, with_written_gradient

FUNCTIONS = frozenset(["f", "F", "g"])
INPUTS = frozenset(["x", "X", "delta", "epsilon", "r", "z", "u"])
_MAXIMISED = re.compile(r"likelihood|우도|가능도|尤度|似然|vraisemblance|reward|보상|报酬|奖励", re.IGNORECASE)
_CLIMBED = re.compile(
    r"ascen[dt]|ascending|maximi[sz]|maxim(?:um|a\b)|climb|uphill|adversar|attack|unlearn|forget|revers|saddle|dual|perturb|made? large|"
    r"최대화|적대|上昇|最大化|敵対|对抗|maximier|maximise|maximizar|massimizz",
    re.IGNORECASE,
)


def judge_update_directions(symbols: SymbolTable, context: Context) -> Iterator[Claim]:
    """The claims that the update rules of a document make."""
    document = context.document
    rules = [with_written_gradient(rule, context, symbols) for rule in rules_of(symbols, symbols.statements)]
    words = words_of(document.text)
    for rule in rules:
        outcome = judge_rule(rule, rules, symbols, words)
        link = next(iter(links_of(rule.statement)), None)
        if outcome is not None and link is not None:
            yield claim_of_link(link, outcome)


@dataclass(frozen=True, slots=True)
class Words:
    """What the words of a document tell: that something in it is made large, and that somebody climbs on purpose."""

    maximised: bool
    climbed: bool


def words_of(text: str) -> Words:
    """What the words of a text tell about the goal of its steps."""
    return Words(bool(_MAXIMISED.search(text)), bool(_CLIMBED.search(text)))


def judge_rule(rule: UpdateRule, rules: Sequence[UpdateRule], symbols: SymbolTable, words: Words) -> Outcome | None:
    """Judge one rule; None where nothing is said."""
    extra = _extra_factor(rule, symbols)
    if extra is not None:
        return extra
    if len(rule.moves) != 1:
        mean = towards(rule) if not _said_before(rule, symbols) else ""
        if mean:
            return Outcome("agrees", f"it moves towards {mean}: the weights of both add up to one")
        return Outcome("undecided", "it is an update, not an equation, and no plain step along a gradient")
    move = rule.moves[0]
    sign = _direction(rule, move, rules, symbols)
    if sign is None:
        return Outcome("undecided", "it is an update; which way it leads is not certain")
    return _directed(rule, move, sign, symbols, words)


def _said_before(rule: UpdateRule, symbols: SymbolTable) -> bool:
    """Whether the document has another formula for the same new value, from which this one may differ."""
    left = rule.statement.first.node
    return any(s.steps and s is not rule.statement and s.first.node == left for s in symbols.statements)


def _directed(rule: UpdateRule, move: Move, sign: int, symbols: SymbolTable, words: Words) -> Outcome:
    """A step along a gradient (+1) or against it (-1), by what it is the gradient of."""
    assert move.objective is not None
    shape = _shape(move.objective, rule, symbols)
    name = shown(_head(move.objective))
    way = "against" if sign < 0 else "along"
    reading = f"{shown(rule.target)} moves {way} the gradient of {name}"
    if shape is None:
        base = _base(move.objective)
        known = base in LOSSES or (base in FUNCTIONS and not _is_defined(move.objective, symbols))
        if sign < 0 and known and not words.maximised and not _is_defined(move.objective, symbols):
            return Outcome("agrees", f"a step {way} the gradient of {name}, as gradient descent takes it", reading)
        return Outcome(
            "undecided", f"whether {name} is to be made small or large does not show in its formula", reading
        )
    bound = "a lower bound and no upper one" if shape == "below" else "an upper bound and no lower one"
    if (shape == "below") == (sign < 0):
        return Outcome("agrees", f"{name} has {bound}, and the step goes {way} its gradient", reading)
    if not _is_certain(move.objective, rule, symbols, sign) or (sign > 0 and words.climbed):
        return Outcome("undecided", f"{name} has {bound}, but the step goes {way} its gradient", reading)
    verb = "descends" if sign < 0 else "ascends"
    goal = "made small" if shape == "below" else "made large"
    return Outcome(
        "refuted",
        f"the update {verb} {name}, which has {bound} and so is to be {goal}",
        reading,
        _turned_text(rule),
        "direction",
        f"{name} = {_definition_text(move.objective, rule, symbols)}",
    )


# -- which way ----------------------------------------------------------------------------------------------


def _direction(rule: UpdateRule, move: Move, rules: Sequence[UpdateRule], symbols: SymbolTable) -> int | None:
    """+1 when the parameter moves along the gradient, -1 when against it; None where that is not certain."""
    if move.objective is None or not all(_is_rate(factor) for factor in move.factors):
        return None
    if any(_may_be_negative(factor, symbols) for factor in move.factors):
        return None
    sign = move.sign * _sign_of(move.factors)
    if rule.change:
        return _change_sign(rule, symbols, sign)
    if rule.rest or not _is_decay(rule.own):
        return _accumulated(rule, move, rules, sign)
    if move.by is not None and not _same_variable(move.by, rule.target):
        return _accumulated(rule, move, rules, sign)
    return sign


def _may_be_negative(factor: Node, symbols: SymbolTable) -> bool:
    """Whether the document gives a negative number for a letter in a factor, or a formula."""
    names = {found.name for part in walk(factor) if (found := named(part)) is not None}
    given = [group.values[name] for group in symbols.groups for name in names & group.values.keys()]
    return any(number.value < 0 for number in given) or any(name in symbols.values for name in names)


def _same_variable(one: Node, other: Node) -> bool:
    return same(one, other) or (base_of(one) is not None and base_of(one) == base_of(other))


def _sign_of(nodes: Sequence[Node]) -> int:
    sign = 1
    for node in nodes:
        number = printed(node)
        if number is not None and number.value < 0 and not isinstance(plain(node), t.Negative):
            sign = -sign
    return sign


def _is_rate(node: Node) -> bool:
    """Whether a factor can only be a positive step size: a number, a letter, a quotient of such."""
    node = plain(node)
    if isinstance(node, t.Negative):
        return _is_rate(node.body)
    if printed(node) is not None:
        return True
    if isinstance(node, t.Quotient):
        return _is_rate(node.numerator) and _is_rate(node.denominator)
    if isinstance(node, t.Sum):
        first = printed(node.terms[0].term)
        return (
            first is not None and first.value == 1 and len(node.terms) == 2 and parts_of(node.terms[1].term) is not None
        )
    parts = parts_of(node)
    return (
        parts is not None
        and not parts.sups
        and not parts.primes
        and not (parts.base.font == "mathbf" and parts.base.base.isupper())
    )


def _is_decay(own: Sequence[Node]) -> bool:
    """Whether the old value stands alone, or times ``1 - ηλ``."""
    if not own:
        return True
    inner = plain(own[0])
    if len(own) != 1 or not isinstance(inner, t.Sum):
        return False
    first = printed(inner.terms[0].term)
    return first is not None and first.value == 1 and all(term.sign == "-" for term in inner.terms[1:])


def _change_sign(rule: UpdateRule, symbols: SymbolTable, sign: int) -> int | None:
    """``Δw = …`` is added to w, unless the document subtracts it; what it does with ``Δw_5`` is a hint, and no more."""
    signs: set[int] = set()
    others: set[int] = set()
    for statement in symbols.statements:
        for step in statement.steps:
            node = plain(step.right.node)
            for term in node.terms if isinstance(node, t.Sum) and len(node.terms) > 1 else ():
                changed = _changed_by(term.term)
                if changed is not None:
                    (signs if same(changed, rule.target) else others).add(1 if term.sign == "+" else -1)
    if not signs and others == {-1}:
        return sign if sign < 0 else None
    if signs == {-1}:
        return -sign
    return sign if not signs or signs == {1} else None


def _changed_by(node: Node) -> Node | None:
    """``w`` of ``Δw``"""
    node = plain(node)
    if not isinstance(node, t.Product) or node.operator != "juxtaposed" or len(node.factors) != 2:
        return None
    head, changed = node.factors
    return changed if isinstance(head, t.Name) and head.base == "Delta" else None


def _accumulated(rule: UpdateRule, move: Move, rules: Sequence[UpdateRule], sign: int) -> int | None:
    """``v ← αv - η∇L``: the way in which another rule then moves the parameter by v."""
    if rule.rest or len(rule.own) > 1 or any(not _is_rate(node) for node in rule.own):
        return None
    name = name_of(rule.target)
    found: set[int] = set()
    for statement in _statements_about(rules, name):
        found.add(statement)
    return sign * found.pop() if name is not None and len(found) == 1 else None


def _statements_about(rules: Sequence[UpdateRule], name: str | None) -> Iterator[int]:
    for other in rules:
        for term in other.rest:
            node = plain(term.term)
            parts = [plain(factor) for factor in node.factors] if isinstance(node, t.Product) else [node]
            if any(name_of(part) == name for part in parts) and all(
                name_of(part) == name or _is_rate(part) for part in parts
            ):
                yield 1 if term.sign == "+" else -1


# -- what the step is about ---------------------------------------------------------------------------------


def _head(node: Node) -> Node:
    """``L`` of ``L(w)``."""
    called = call_of(plain(node))
    if called is not None and isinstance(plain(node), t.Product):
        inner = plain(node)
        assert isinstance(inner, t.Product)
        return inner.factors[0]
    return node


def _base(node: Node) -> str:
    found = named(_head(plain(node)))
    return "" if found is None else found.name.split("_")[0].split("^")[0]


def _is_defined(node: Node, symbols: SymbolTable) -> bool:
    found = named(_head(plain(node)))
    return found is not None and (found.name in symbols.values or found.name in symbols.functions)


def _shape(node: Node, rule: UpdateRule, symbols: SymbolTable) -> Bounded | None:
    finder = BoundFinder(symbols, rule.statement)
    head = plain(_head(node))
    name = name_of(head)
    found = finder.of(head) if name is not None else finder.of(node)
    if found is None and name is not None:
        return next(
            (shape for inner in summands(symbols, name) if (shape := finder.of(t.Name(inner))) is not None), None
        )
    return found


def _is_certain(node: Node, rule: UpdateRule, symbols: SymbolTable, sign: int) -> bool:
    """Whether nobody would go the other way on purpose.

    That is so for residuals, such as ``(d - z)²``, and for polynomials in one number. Logarithms of probabilities occur
    in games of two players; squares of one value may be made large; inputs are moved up a loss to fool a model.
    """
    definition = _definition_node(node, rule, symbols)
    target = base_of(rule.target) or ""
    if BoundFinder(symbols, rule.statement).is_polynomial(definition):
        return True
    residual = any(_is_squared_residual(part) for part in walk(definition))
    logarithm = any(isinstance(part, t.Name) and part.base in ("log", "ln") for part in walk(definition))
    return residual and not logarithm and (sign < 0 or target not in INPUTS)


def _is_squared_residual(node: Node) -> bool:
    """``(d - z)²``, ``‖y - a‖``, ``|y - a|``"""
    if isinstance(node, t.Script):
        exponent = None if node.sup is None else printed(node.sup)
        body: Node = (
            plain(node.base) if exponent is not None and exponent.whole and int(exponent.value) % 2 == 0 else t.Blank()
        )
    elif isinstance(node, t.Group) and node.left in ("‖", "|"):
        body = node.body
    else:
        return False
    if isinstance(body, t.Group):
        body = body.body
    if not isinstance(body, t.Sum) or len(body.terms) < 2:
        return False
    named_terms = [term for term in body.terms if any(isinstance(part, t.Name) for part in walk(term.term))]
    return len(named_terms) > 1 and {term.sign for term in named_terms} == {"+", "-"}


def _definition_node(node: Node, rule: UpdateRule, symbols: SymbolTable) -> Node:
    name = name_of(_head(plain(node)))
    found = (
        []
        if name is None
        else [d for d in (symbols.definition(name, rule.statement), symbols.function(name, rule.statement)) if d]
    )
    return found[0].node if found else node


def _definition_text(node: Node, rule: UpdateRule, symbols: SymbolTable) -> str:
    return shown(_definition_node(node, rule, symbols))


def _turned(term: t.Signed) -> t.Signed:
    return t.Signed("-" if term.sign == "+" else "+", term.term)


def _turned_text(rule: UpdateRule) -> str:
    """The rule with the other sign before its gradient."""
    left, right = rule.statement.first.node, plain(rule.statement.steps[0].right.node)
    if isinstance(right, t.Negative):
        turned: Node = right.body
    elif isinstance(right, t.Sum):
        turned = t.Sum(tuple(_turned(term) if term is rule.moves[0].term else term for term in right.terms))
    else:
        turned = t.Negative(right)
    return f"{shown(left)} {'←' if rule.statement.steps[0].operator == 'gets' else '='} {shown(turned)}"


# -- what is left where the gradient is zero ----------------------------------------------------------------


def _extra_factor(rule: UpdateRule, symbols: SymbolTable) -> Outcome | None:
    r"""``θ_j := θ_j h + α (y - h_θ(x)) x_j``: where the model fits, θ_j would become θ_j h."""
    if rule.change or not rule.own or _is_decay(rule.own):
        return None
    outputs = {name.split("_")[0].split("^")[0] for name in (*symbols.functions, *symbols.values)}
    for factor in rule.own:
        base = base_of(factor)
        parts = parts_of(plain(factor))
        if base is None or parts is None or base not in outputs or base == base_of(rule.target):
            continue
        if any(_is_residual_of(plain(part), base) for term in rule.rest for part in walk(term.term)):
            left = shown(rule.target)
            correct = _without(rule, factor)
            return Outcome(
                "refuted",
                f"where the model fits, the last term is zero and {left} would become {left} {shown(factor)}",
                f"the old {left} is multiplied by {shown(factor)}",
                correct,
                "factor",
                f"{left} {shown(factor)} ≠ {left}",
            )
    return None


def _is_residual_of(node: Node, base: str) -> bool:
    """Whether a part is a difference from an output of this letter: ``y - h_θ(x)``."""
    if not isinstance(node, t.Sum) or len(node.terms) != 2 or {term.sign for term in node.terms} != {"+", "-"}:
        return False
    return any(base_of(plain(term.term)) == base for term in node.terms)


def _without(rule: UpdateRule, factor: Node) -> str:
    left, right = rule.statement.first.node, plain(rule.statement.steps[0].right.node)
    assert isinstance(right, t.Sum)
    terms = []
    for term in right.terms:
        node = plain(term.term)
        if (
            isinstance(node, t.Product)
            and any(plain(f) == plain(factor) for f in node.factors)
            and any(same(f, left) for f in node.factors)
        ):
            kept = tuple(f for f in node.factors if plain(f) != plain(factor))
            node = kept[0] if len(kept) == 1 else t.Product(node.operator, kept)
            terms.append(t.Signed(term.sign, node))
        else:
            terms.append(term)
    operator = {":=": ":=", "gets": "←"}.get(rule.statement.steps[0].operator, "=")
    return f"{shown(left)} {operator} {shown(t.Sum(tuple(terms)))}"
