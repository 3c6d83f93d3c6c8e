"""Claims about layers of different sizes."""

from __future__ import annotations

from layered import NOTE
from verdicts import claims_of

ERROR = r"""
$$ \delta^{(\ell)} = \frac{\partial C}{\partial z^{(\ell)}} $$
"""
LAST = r"\delta^{(L)} = (a^{(L)} - y) \odot (1 - a^{(L)} \odot a^{(L)})"
BACK = r"\delta^{(\ell)} = (W^{(\ell+1)})^\top \delta^{(\ell+1)} \odot (1 - a^{(\ell)} \odot a^{(\ell)})"
SUM = r"\delta_j^{(\ell)} = (1 - (a_j^{(\ell)})^2) \sum_{i=1}^{n_{\ell+1}} W_{ij}^{(\ell+1)} \delta_i^{(\ell+1)}"
WEIGHT = r"\frac{\partial C}{\partial W^{(\ell)}} = \delta^{(\ell)} (a^{(\ell-1)})^\top"
FIRST = r"\frac{\partial C}{\partial W^{(1)}} = \delta^{(1)} x^\top"
BIAS = r"\frac{\partial C}{\partial b^{(\ell)}} = \delta^{(\ell)}"
RIGHT = (LAST, BACK, SUM, WEIGHT, FIRST, BIAS)


def verdicts(*formulas: str) -> list[str]:
    note = NOTE + ERROR + "\n".join(f"\n$$ {formula} $$\n" for formula in formulas)
    return [claim.verdict for claim in claims_of(note)][5:]


def test_right_claims_are_proved() -> None:
    assert verdicts(*RIGHT) == ["proved"] * len(RIGHT)


SLIPS = (
    (LAST, "a^{(L)} - y)", "a^{(L)} + y)"),
    (BACK, r"(W^{(\ell+1)})^\top", r"W^{(\ell+1)}"),
    (BACK, r"(W^{(\ell+1)})^\top", r"(W^{(\ell)})^\top"),
    (BACK, "(1 - a", "(1 + a"),
    (SUM, r"n_{\ell+1}", r"n_{\ell}"),
    (WEIGHT, r"a^{(\ell-1)}", r"a^{(\ell)}"),
    (BIAS, r"= \delta^{(\ell)}", r"= \delta^{(\ell+1)}"),
)


def test_slips_are_not_confirmed() -> None:
    # Right claims about arrays beside them show that the shapes were understood.
    found = verdicts(LAST, WEIGHT, BIAS, *(claim.replace(old, new) for claim, old, new in SLIPS))
    assert found[:3] == ["proved"] * 3
    assert not {"proved", "agrees"} & set(found[3:])
    assert found.count("refuted") >= 4
