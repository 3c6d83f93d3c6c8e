"""Logarithms of values that may have rounded to zero.

``log p`` of a softmax or a sigmoid that the network computes under a name is taken from the logits instead: the
definitions are put in, the logarithm of a product becomes a sum, and what is left is covered by a law or by the scale
of a sum of exponentials. Every new form is proven equal to the old one.

``t log p`` with ``t = 0`` is 0, as information theory has it (T. Cover, J. Thomas, *Elements of Information Theory*,
2nd ed., section 2.1): where nothing else helps, the logarithm is taken of 1 at such entries.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Add, Expr, Mul, Pow, S, exp, log

from symnn.emit.definitions import Definitions
from symnn.emit.recognise import Recogniser, has_function
from symnn.formula.index import Index
from symnn.formula.nodes import Call, Cases, Compare, Elementwise, Entry, Tensor, Total, tensors
from symnn.formula.normal import TooLarge
from symnn.formula.substitute import rebuild, transform, unfold


def without_logarithms_of_small(formula: Any, definitions: Definitions, recogniser: Recogniser) -> Any:
    """The formula with logarithms taken from what was exponentiated, and ``0 log 0 = 0``."""
    if not has_function(formula, log):
        return formula
    opened = transform(formula, _opened)
    taken = transform(opened, lambda node: _logarithm(node, definitions, recogniser))
    return _guarded(taken, (), definitions)


def _opened(node: Any) -> Any | None:
    """An elementwise operator whose definition takes a logarithm, written out."""
    if isinstance(node, Call) and node.function.body is not None and has_function(node.function.body, log):
        return transform(unfold(node), _opened)
    return None


def _logarithm(node: Any, definitions: Definitions, recogniser: Recogniser) -> Any | None:
    if not isinstance(node, log):
        return None
    full = log(definitions.put_in(node.args[0], definitions.is_exponential))
    if not has_function(full, exp):
        return None
    found = recogniser.match(full)
    if found is not None:
        return found
    terms = _terms(node.args[0], definitions)
    if terms is None:
        return None
    made = Add(*terms)
    try:
        same = recogniser.equal(full, definitions.put_in(made, definitions.is_exponential))
    except TooLarge:
        return None
    return made if same else None


def _terms(argument: Any, definitions: Definitions) -> list[Any] | None:
    """The terms of the logarithm of a product; None when no factor is an exponential."""
    terms: list[Any] = []
    useful = False
    waiting: list[tuple[Any, Expr]] = [(argument, S.One)]
    while waiting:
        factor, exponent = waiting.pop()
        if isinstance(factor, Mul):
            waiting.extend((f, exponent) for f in reversed(factor.args))
        elif isinstance(factor, Pow) and factor.exp.is_number:
            waiting.append((factor.base, exponent * factor.exp))
        elif isinstance(factor, exp):
            terms.append(exponent * factor.args[0])
            useful = True
        elif isinstance(factor, Entry) and definitions.is_exponential(factor.tensor):
            useful = True
            formula = definitions.formula(factor.tensor)
            if isinstance(formula, Mul | Pow):
                waiting.append((definitions.at(factor), exponent))
            else:
                terms.append(exponent * log(factor))
        else:
            useful = useful or isinstance(factor, Total)
            terms.append(exponent * log(factor))
    return terms if useful and terms != [log(argument)] else None


# -- zero times the logarithm of zero -------------------------------------------------------------------------


def _guarded(formula: Any, weights: Sequence[Any], definitions: Definitions) -> Any:
    """Logarithms that are multiplied by something that may be zero, where their argument may be zero too."""
    match formula:
        case log():
            weight = next((w for w in weights if _may_vanish_together(w, formula.args[0], definitions)), None)
            if weight is None:
                return formula
            return log(Cases([(Compare("==", weight, S.Zero), S.One)], formula.args[0]))
        case Mul():
            # The weight of a factor is what it is multiplied with.
            parts = []
            for place, factor in enumerate(formula.args):
                others = [f for other, f in enumerate(formula.args) if other != place and _is_weight(f)]
                parts.append(_guarded(factor, [*weights, *others], definitions))
            return Mul(*parts)
        case Add():
            return Add(*[_guarded(term, weights, definitions) for term in formula.args])
        case Total():
            inner = [w for w in weights if formula.index not in w.free_symbols]
            return rebuild(formula, [_guarded(formula.body, inner, definitions), formula.index])
    if isinstance(formula, Tensor | Elementwise | Index | Entry) or not formula.args:
        return formula
    return rebuild(formula, [_guarded(a, (), definitions) if isinstance(a, Expr) else a for a in formula.args])


def _is_weight(factor: Any) -> bool:
    """An entry, or a difference of entries and numbers such as ``1 - y``."""
    return all(isinstance(f, Entry) or f.is_number for term in Add.make_args(factor) for f in Mul.make_args(term))


def _may_vanish_together(weight: Any, argument: Any, definitions: Definitions) -> bool:
    """Whether the argument of a logarithm may be 0 where its weight is."""
    if not tensors(weight):
        return False
    if argument == weight:
        return True
    match argument:
        case Entry():
            formula = definitions.formula(argument.tensor)
            return definitions.may_vanish(argument.tensor) and not isinstance(formula, exp)
        case Mul():
            return any(_may_vanish_together(weight, factor, definitions) for factor in argument.args)
        case Pow():
            return _may_vanish_together(weight, argument.base, definitions)
        case Add():
            growing = all(term.as_coeff_Mul()[0].is_positive for term in argument.args)
            inside = tensors(argument)
            return not growing and (bool(inside & tensors(weight)) or any(map(definitions.may_vanish, inside)))
    return False
