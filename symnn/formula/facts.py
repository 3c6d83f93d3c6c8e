"""Facts: what is declared about a tensor and may be used as a reason.

A fact is printed wherever it is used. Facts are never guessed from names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sympy import Expr

from symnn.formula.nodes import Tensor

Kind = Literal["sum", "positive", "binary", "symmetric"]


@dataclass(frozen=True)
class Fact:
    """Something that holds for every entry of a tensor.

    ========== ===================================================================
    sum        the entries along `axis` add up to `value` (a probability: 1); those before
               `length`, where the axis has more
    positive   every entry is greater than 0
    binary     every entry is 0 or 1, so its square is itself (one-hot, masks)
    symmetric  a matrix equals its transpose
    ========== ===================================================================
    """

    kind: Kind
    tensor: Tensor
    axis: int = -1
    value: Expr | None = None
    length: Expr | None = None

    def __str__(self) -> str:
        name = self.tensor.name
        if self.kind == "sum":
            return f"sum of {name} over axis {self.axis} = {self.value}"
        return {"positive": f"{name} > 0", "binary": f"{name} is 0 or 1", "symmetric": f"{name} = {name}^T"}[self.kind]
