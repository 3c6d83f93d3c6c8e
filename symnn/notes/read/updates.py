r"""Updates of what a note keeps between steps of training: ``\bar\mu \leftarrow (1 - \alpha) \bar\mu + \alpha \mu``.

Only a state is read: a name that nothing of the network uses and nothing defines, whose next value is made of itself
and of values of the network. An update of a parameter is a rule of learning, and no part of the network.
"""

from __future__ import annotations

from collections.abc import Iterator

from symnn.network.equations import Equation
from symnn.notation.traverse import walk
from symnn.notation.tree import Derivative, Ellipsis, Nabla, Name, Node, Prime, Script, Text
from symnn.notes.read.definitions import Defined, Reading, read_link
from symnn.notes.read.expressions.expressions import Reader
from symnn.notes.read.names import Key, parts_of
from symnn.notes.read.shapes.model import Model
from symnn.notes.read.symbols import Definition


def read_updates(reading: Reading, reader: Reader) -> None:
    """Read the updates that a document states for the values of a network that has been read, but not settled."""
    model = reader.model
    for definition in list(_updates(model)):
        _take_settings(model, definition)
        state = model.variable(
            definition.key, model.node_of(definition.key), definition.statement.spot, definition.section
        )
        letters, term = read_link(reader, state, definition, definition.links[0])
        reading.updates.append(Defined(state, letters, term, definition))


def update_equations(reading: Reading) -> list[Equation]:
    """The updates as equations for the next values, in the order of the document."""
    return [reading.equation(item) for item in reading.updates]


def _updates(model: Model) -> Iterator[Definition]:
    table = model.table
    seen: set[Key] = set()
    for statement in table.updates:
        parts = parts_of(statement.first.node)
        if parts is None or len(statement.steps) != 1:
            continue
        indices, labels = table.left_scripts(parts, statement)
        key = parts.key.labelled(*labels)
        right = statement.steps[0].right
        if key in seen or key in model.variables or table.definitions.get(key) or table.functions.get(key):
            continue
        if _is_of_values(model, key, right.node):
            seen.add(key)
            yield Definition(key, statement.first.node, statement, indices, (right,))


def _take_settings(model: Model, definition: Definition) -> None:
    """A name that stands only in an update, and that nothing defines or declares, is a constant: its rate."""
    table = model.table
    for node in walk(definition.links[0].node):
        parts = parts_of(node) if isinstance(node, Name | Script | Prime) else None
        key = table.labelled(parts) if parts is not None else None
        if parts is None or key is None or key == definition.key or table.variants(parts) & model.variables.keys():
            continue
        if not table.declarations.get(key) and not table.definitions.get(key):
            model.constants |= {key.identifier.rstrip("_")}


def _is_of_values(model: Model, key: Key, right: Node) -> bool:
    """Whether a next value is made of the value before, of values of the network, and of settings."""
    itself = others = False
    for node in walk(right):
        if isinstance(node, Derivative | Nabla | Ellipsis | Text):
            return False
        parts = parts_of(node) if isinstance(node, Name | Script | Prime) else None
        if parts is None:
            continue
        variants = model.table.variants(parts)
        itself = itself or key in variants
        others = others or any(key in model.variables and model.variables[key].constant is None for key in variants)
    return itself and others
