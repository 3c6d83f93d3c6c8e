"""From a note to the network that it defines."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import sympy

from symnn.files import MAX_BYTES, STDIN
from symnn.network.build import network_of
from symnn.network.equations import Network
from symnn.network.widths import with_widths
from symnn.notation.traverse import walk
from symnn.notation.tree import Name, Number, Prime, Script
from symnn.notes.find import Document, find
from symnn.notes.read.definitions import Reading, read_definitions
from symnn.notes.read.errors import ReadingError
from symnn.notes.read.facts import facts_of
from symnn.notes.read.layer_sizes import widths_of
from symnn.notes.read.names import Key, parts_of
from symnn.notes.read.rewriting.counts import with_counts
from symnn.notes.read.rewriting.members import with_members
from symnn.notes.read.rewriting.rephrased import rephrased, with_circle_constant
from symnn.notes.read.rewriting.totals import with_totals
from symnn.notes.read.roles import choose_roles
from symnn.notes.read.settings import Settings, settings_of
from symnn.notes.read.statements import Collected, Failure, collect
from symnn.notes.read.symbols import Definition, Table
from symnn.notes.read.updates import update_equations
from symnn.notes.read.written import as_written, plain_statements

# Names of a loss, those that are used for nothing else first.
LOSS_NAMES = ("L", "loss", "Loss", "E", "J", "C", "P", "Error", "error", "cost", "Cost", "ell", "MSE", "NLL")


def network_from_note(
    path: str | os.PathLike[str],
    *,
    of: str | None = None,
    wrt: Sequence[str] | None = None,
    inputs: Sequence[str] | None = None,
    targets: Sequence[str] | None = None,
) -> Network:
    r"""Return the network that a note defines. ``"-"`` reads standard input.

    `of` names the loss, `wrt` the leaves to differentiate by, `inputs` and `targets` the data; each overrides what the
    front matter says, and that what the reading would choose. Only what the loss depends on is read.

    Raises NoteError (FindError, NotationError, ReadingError) with the place of whatever is not understood.
    """
    document = _document(path)
    settings = settings_of(document)
    return network_from_document(document, settings.overridden(of, wrt, inputs, targets))


def _document(path: str | os.PathLike[str]) -> Document:
    if os.fspath(path) == STDIN:
        return find(sys.stdin.buffer.read(MAX_BYTES + 1), name="<stdin>")
    return find(Path(path))


def network_from_document(document: Document, settings: Settings | None = None) -> Network:
    r"""Return the network that a document defines.

    >>> text = "Let $x, w \\in \\mathbb{R}^n$.\n\n$$ y = w^\\top x $$\n\n$$ L = \\frac12 (y - t)^2 $$\n"
    >>> network = network_from_document(find(text, name="note.md"))
    >>> [str(e) for e in network.equations]
    ['y = total(k, w[k]*x[k])', 'L = (-t + y)**2/2']
    >>> [[v.name for v in role] for role in (network.inputs, network.targets, network.parameters)]
    [['x'], ['t'], ['w']]
    """
    settings = settings or settings_of(document)
    collected = collect(document)
    counted = with_counts(collected.statements)
    members = with_members(with_circle_constant(rephrased(counted)))
    statements, totals = with_totals(members)
    collected = replace(collected, statements=statements)
    table = Table(collected.statements)
    table.shapes = dict(settings.shapes)
    try:
        wanted = next((name for name, node in totals.items() if node == Name(settings.loss or "")), settings.loss)
        loss = choose_loss(table, wanted, collected, document)
        reading = read_definitions(table, loss, constants=settings.constants, updates=True)
        if reading.loss is None:
            raise loss.statement.spot.error(f"{loss.key} is no scalar, so it cannot be the loss")
    except ReadingError:
        _blame_failures(collected.failures, table)
        raise
    _check_failures(collected.failures, reading, loss.section)
    network = assemble(reading, settings, table, _title(document, settings))
    return network.with_(
        names={**network.names, **{k: v for k, v in totals.items() if k in network.names}},
        written=as_written(reading, network, plain_statements(counted, members)),
    )


# -- the loss


def choose_loss(table: Table, name: str | None, collected: Collected, document: Document) -> Definition:
    """The definition of the loss: the one that is named, or the only end of the definitions that can be one."""
    candidates = _values(table)
    if name is not None:
        wanted = [d for key, found in candidates.items() for d in found if key.identifier == identifier_of(name)]
        if wanted:
            return wanted[0]
        known = ", ".join(sorted({key.identifier for key in candidates})) or "nothing"
        raise ReadingError(f"there is no definition of {name}; the document defines {known}", document.path)
    primary = {key: found for key, found in candidates.items() if any(d.statement.primary for d in found)}
    candidates = primary or candidates
    used = {key for found in candidates.values() for d in found for key in _mentioned(d, table)}
    ends = {key: found for key, found in candidates.items() if key not in used}
    if not ends:
        failure = next(iter(collected.failures), None)
        if failure is not None and not candidates:
            raise failure.error
        raise ReadingError(
            "there is no loss: the document defines no value that nothing else uses",
            document.path,
            hint="define one, such as L = …, or name it with --of",
        )
    for group in ([k for k in ends if k.base in LOSS_NAMES and not k.labels], list(ends)):
        if len(group) == 1:
            return ends[group[0]][0]
        scalars = [key for key in group if _is_scalar(table, ends[key][0])]
        if len(scalars) == 1:
            return ends[scalars[0]][0]
        if len(scalars) > 1:
            group = scalars
        if group:
            listed = ", ".join(key.identifier for key in group)
            places = [(f"{key.identifier} is defined here", ends[key][0].statement.spot) for key in group]
            raise places[0][1].error(f"which of {listed} is the loss?", hint="name one with --of", related=places[1:])
    raise ReadingError("there is no loss", document.path, hint="name it with --of")


def _values(table: Table) -> dict[Key, list[Definition]]:
    """The names that the document defines as values; a function counts when its name is used as a value, or a loss."""
    found = {key: list(definitions) for key, definitions in table.definitions.items() if definitions}
    for key, functions in table.functions.items():
        own = [f for f in functions if f.node is f.statement.first.node]
        if key not in found and own and (key.base in LOSS_NAMES or key not in table.called):
            found[key] = own
    return {key: sorted(definitions, key=lambda d: not d.statement.displayed) for key, definitions in found.items()}


def _mentioned(definition: Definition, table: Table) -> set[Key]:
    found: set[Key] = set()
    for link in definition.links:
        for node in walk(link.node):
            parts = parts_of(node) if isinstance(node, Name | Script | Prime) else None
            if parts is not None:
                found |= table.variants(parts)
    return found - {definition.key}


def _is_scalar(table: Table, definition: Definition) -> bool:
    try:
        return read_definitions(table, definition).loss is not None
    except ReadingError:
        return False


def identifier_of(name: str) -> str:
    r"""A name as users give it on the command line, as an identifier: ``\gamma`` and ``gamma`` are one."""
    return name.strip().removeprefix("\\")


# -- what was not understood


def _blame_failures(failures: Iterable[Failure], table: Table) -> None:
    """Where the document has no definition at all, the formula that could not be parsed is the better message."""
    if not table.definitions and not table.functions:
        for failure in failures:
            if failure.primary:
                raise failure.error


def _check_failures(failures: Iterable[Failure], reading: Reading, section: tuple[str, ...]) -> None:
    """Refuse a document in which a formula near the network could not be parsed and may be one of its definitions."""
    names = {variable.name for variable in reading.model.variables.values()}
    for failure in failures:
        if failure.may_define(names, section):
            raise failure.error


# -- assembling


def assemble(reading: Reading, settings: Settings, table: Table, title: str) -> Network:
    """The network of a reading whose shapes are settled."""
    equations = reading.equations()
    roles = choose_roles(reading, settings, equations)
    names = {v.name: v.node for v in reading.model.variables.values() if v.constant is None}
    names |= {v.name: v.node for v in reading.model.variables.values() if v.constant is not None and not v.is_size}
    assert reading.loss is not None
    network = network_of(
        equations,
        inputs=roles.inputs,
        targets=roles.targets,
        loss=reading.loss.name,
        wrt=roles.parameters,
        facts=facts_of(reading, settings, table),
        names=names,
        values=_numbers(reading),
        title=title,
        families=_families(reading),
        raised={variable.name for variable in reading.model.raised},
        first=_first(reading),
        updates=update_equations(reading),
    )
    widths = widths_of(reading.model, (*network.equations, *network.updates))
    return network if widths is None else with_widths(network, widths)


def _families(reading: Reading) -> dict[str, int]:
    """The names of which the document defines one part at a time, as an array: how many indices tell them apart."""
    found = {item.variable.name: len(item.letters) for item in reading.defined}
    whole = {item.variable.name for item in reading.defined if not reading.model.solver.rank(item.term.shape)}
    return {name: count for name, count in found.items() if count and name not in whole}


def _first(reading: Reading) -> int:
    """Where the document counts indices from: 1 where a range says so and none says 0, else 0."""
    said = {letter.first for letter in reading.model.letters if letter.first is not None}
    stated = [entry.first for statement in reading.model.table.statements for entry in statement.ranges]
    said |= {int(first.text) for first in stated if isinstance(first, Number) and first.text.isdigit()}
    if not said and reading.model.longest is not None:
        return 1  # as layers are counted, the input being layer 0
    return 1 if said == {1} else 0


def _numbers(reading: Reading) -> dict[str, Any]:
    """The numbers that the document gives for leaves: a Fraction, or nested tuples of them."""
    found: dict[str, Any] = {}
    for variable, term in reading.given:
        array = term.build().array
        found[variable.name] = _nested(array, ())
    return found


def _nested(array: Any, places: tuple[int, ...]) -> Any:
    if len(places) == array.rank:
        value = sympy.Rational(array.at(*map(sympy.Integer, places)))
        return Fraction(int(value.p), int(value.q))
    return tuple(_nested(array, (*places, place)) for place in range(int(array.shape[len(places)])))


def _title(document: Document, settings: Settings) -> str:
    if settings.title:
        return settings.title
    first = next((heading.text for heading in document.headings()), "")
    return first or Path(document.path).stem
