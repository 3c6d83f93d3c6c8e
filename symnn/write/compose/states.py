"""What is kept between steps of training: how it starts, how it goes on, and what it is used for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from symnn.declare import Operator
from symnn.notation.tree import Link as RelationLink
from symnn.notation.tree import Node, Relation
from symnn.write.compose.context import Context, equal, list_of
from symnn.write.document import Block, Display, Paragraph, inlines
from symnn.write.notate import Names, formula_form
from symnn.write.notate.equations import entry_form

AFTER = "after each step"
LATER = "when training is over"


def state_blocks(context: Context) -> list[Block]:
    """What a network keeps between steps of training, and how it goes on."""
    network = context.network
    if not network.updates:
        return []
    names = context.names
    blocks: list[Block] = []
    for equation in network.updates:
        written = context.written(equation)
        blocks.append(_gets(written.left, written.right))
    states = [names.part(update.name) for update in network.updates]
    verb, them, have = (" is", "it", "it has") if len(states) == 1 else (" are", "them", "they have")
    kept = inlines(*list_of([inlines(state) for state in states]), f"{verb} kept between steps; ")
    rates = {symbol: network.values[str(symbol)] for symbol in network.rates if str(symbol) in network.values}
    kept += inlines(names.loss, f" does not depend on {them}, so {have} no gradient.")
    started = [(names.part(name), start) for name, start in network.starts.items()]
    blocks.append(Paragraph(inlines(*kept, *_beginnings(started, rates, names))))
    for equation in network.in_use:
        blocks.append(Display(context.written(equation).equation, inlines(LATER)))
    return blocks


def declared_states(operator: Operator, names: Names) -> list[Block]:
    """What an operator keeps, in its own names."""
    definition = operator.definition
    if not definition.updates:
        return []
    blocks: list[Block] = []
    for update in definition.updates:
        form = entry_form(update.tensor, update.indices, update.formula, names)
        blocks.append(_gets(form.left, form.right))
    started = [(names.tensor(update.tensor), update.start) for update in definition.updates]
    blocks.append(
        Paragraph(inlines("This is kept between steps of training.", *_beginnings(started, definition.rates, names)))
    )
    for step in definition.in_use:
        form = entry_form(step.tensor, step.indices, step.formula, names)
        blocks.append(Display(form.equation, inlines(LATER)))
    return blocks


def _gets(left: Node, right: Node) -> Display:
    return Display(Relation(left, (RelationLink("gets", right),)), inlines(AFTER))


def _beginnings(started: Sequence[tuple[Node, Any]], rates: Mapping[Any, Any], names: Names) -> tuple[Any, ...]:
    """Where the states start, and the usual values of the constants in their updates."""
    parts: list[Any] = []
    if started:
        shown = [inlines(equal(state, formula_form(start, (), names))) for state, start in started]
        parts += [" At the start, ", *list_of(shown), "."]
    if rates:
        shown = [
            inlines(equal(names.symbol(symbol), formula_form(value, (), names))) for symbol, value in rates.items()
        ]
        parts += [" Usually ", *list_of(shown), "."]
    return tuple(parts)
