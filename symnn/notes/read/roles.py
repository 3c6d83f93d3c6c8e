r"""Roles of leaves: which are inputs, which targets, and which are learned.

What the front matter or the command line says comes first. Then: a leaf whose estimate the note defines (y where
``\hat y`` is defined) is a target, and so is one called t, y or d that the loss compares with something; a leaf called
x is an input, and so is what a recurrence starts from where the note does not mention it; everything else is a parameter. Where nothing is left to learn, the inputs are differentiated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from symnn.formula.nodes import Tensor, tensors
from symnn.network.equations import Equation
from symnn.notes.read.names import Key
from symnn.notes.read.settings import Settings
from symnn.notes.read.shapes.model import TARGET_NAMES, is_input_name
from symnn.notes.read.shapes.terms import Variable

if TYPE_CHECKING:
    from symnn.notes.read.definitions import Reading

TARGET_LABELS = ("true", "target", "label", "gt")


@dataclass(frozen=True)
class Roles:
    """Names by role, each in the order of the note."""

    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    parameters: tuple[str, ...]


def choose_roles(reading: Reading, settings: Settings, equations: Sequence[Equation]) -> Roles:
    """The role of every leaf that the equations mention."""
    leaves = _leaves(reading, equations)
    named = {v.name for v in leaves}
    targets = list(settings.targets) if settings.targets is not None else None
    inputs = list(settings.inputs) if settings.inputs is not None else None
    taken = {*(settings.wrt or ()), *(targets or ()), *(inputs or ())}
    if targets is None:
        targets = [v.name for v in leaves if v.name not in taken and _is_target(v, reading, equations)]
    if inputs is None:
        starts = reading.model.starts
        inputs = [
            v.name for v in leaves if v.name not in (*taken, *targets) and (is_input_name(v.key) or v.key in starts)
        ]
    inputs = [name for name in inputs if name in named or settings.inputs is not None]
    if settings.wrt is not None:
        return Roles(tuple(inputs), tuple(targets), tuple(settings.wrt))
    learned = [v.name for v in leaves if v.name not in (*inputs, *targets)]
    if not learned and settings.inputs is None:
        learned, inputs = inputs, []
    return Roles(tuple(inputs), tuple(targets), tuple(learned))


def _leaves(reading: Reading, equations: Sequence[Equation]) -> list[Variable]:
    """The leaves in the order in which the document mentions them."""
    defined = {e.tensor for e in equations}
    used: set[Tensor] = set().union(*(tensors(e.formula) for e in equations)) - defined if equations else set()
    solver = reading.model.solver
    found = [v for v in reading.model.variables.values() if v.constant is None and v.tensor(solver) in used]
    return sorted(found, key=lambda v: reading.model.table.mentions.get(v.key, (1 << 30, 0)))


def _is_target(variable: Variable, reading: Reading, equations: Sequence[Equation]) -> bool:
    key = variable.key
    if key.accents or key.primes or is_input_name(key):
        return False
    defined = {d.variable.key for d in reading.defined}
    if Key(key.base, key.style, ("hat",), 0, key.labels) in defined:
        return True
    if any(label[1:] in TARGET_LABELS for label in key.labels):
        return True
    if key.base not in TARGET_NAMES:
        return False
    assert reading.loss is not None
    loss = next(e for e in equations if e.tensor.name == reading.loss.name)
    near = {t.name for t in tensors(loss.formula)}
    if variable.name in near:
        return True
    losses = [e for e in equations if e.tensor.name in near and e.tensor.name.startswith(("L", "l", "ell", "E"))]
    return any(variable.name == tensor.name for e in losses for tensor in tensors(e.formula))
