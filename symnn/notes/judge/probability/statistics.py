r"""Means and deviations that a document names but does not define: what they depend on is not said.

In ``\hat x_i = (x_i - \mu) / \sigma`` the derivative by ``x_i`` goes through μ and σ as well where they are those of x.
"""

from __future__ import annotations

from sympy import Add

from symnn.formula.application import unfold_applications
from symnn.formula.nodes import tensors
from symnn.notation.traverse import walk
from symnn.notation.tree import Derivative, Nabla
from symnn.notes.judge.decision.decide import Decision
from symnn.notes.judge.links import Link
from symnn.notes.judge.reading.reader import ClaimReader
from symnn.notes.read.names import Key

MEANS = frozenset(["mu", "mean"])
AVERAGED = frozenset(["bar", "overline"])


def through_statistics(link: Link, reader: ClaimReader, found: Decision) -> Decision:
    """A wrong claim about a derivative is undecided where what is differentiated has the distance to an open mean."""
    if found.pair is None or not any(
        isinstance(part, Derivative | Nabla) for node in link.nodes for part in walk(node)
    ):
        return found
    sides = [unfold_applications(side) for side in (found.pair.left, found.pair.right)]
    every = reader.world.closure({tensor for side in sides for tensor in tensors(side)})
    equations = reader.world.equations
    formulas = [*sides, *(equations[tensor].formula for tensor in every if tensor in equations)]
    open_ = {tensor: key for key, tensor in reader.world.tensors.items() if tensor not in equations and is_mean(key)}
    sums = {sum_ for formula in formulas for sum_ in formula.atoms(Add)} if open_ else set()
    distances = [
        (str(sum_), place, open_[tensor])
        for sum_ in sums
        for place, term in enumerate(sum_.args)
        if (tensor := getattr(-term, "tensor", None)) in open_
    ]
    if not distances:
        return found
    return Decision(
        "undecided", f"what {min(distances, key=lambda found: found[:2])[2]} depends on is not said", found.pair
    )


def is_mean(key: Key) -> bool:
    """Whether a name is one for a mean."""
    return key.base in MEANS or bool(AVERAGED & set(key.accents))
