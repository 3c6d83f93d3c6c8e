r"""Integrals without limits: ``\int \sigma(z)\,dz = \log(1 + e^z)`` is claimed up to a constant, and judged by differentiation.

That the derivative of the right side is what is integrated is the same claim (M. Spivak, *Calculus*, chapter 14).
"""

from __future__ import annotations

from symnn.notation import tree as t
from symnn.notation.tree import Node
from symnn.notes.judge.errors import NotUnderstood

REASON = "the derivative of the right side is what is integrated, so that both are equal up to a constant"


def as_derivative(left: Node, right: Node) -> tuple[Node, Node] | None:
    r"""What is integrated on the left, and the derivative of the right side; None where the left side is no integral.

    Raises NotUnderstood for an integral with limits, and for one whose variable is not written last.

    >>> from symnn.notation import parse_latex, to_text
    >>> left, right = as_derivative(parse_latex(r"\int x^2 dx"), parse_latex(r"\frac{x^3}{3}"))
    >>> to_text(left), to_text(right)
    ('x²', 'd/dx (x³/3)')
    """
    if not (isinstance(left, t.BigOperator) and left.kind == "int"):
        return None
    if left.sub is not None or left.sup is not None:
        raise NotUnderstood("an integral with limits is not worked out")
    factors = left.body.factors if isinstance(left.body, t.Product) and left.body.operator == "juxtaposed" else ()
    if len(factors) < 2 or factors[-2] != t.Name("d") or not isinstance(factors[-1], t.Name):
        raise NotUnderstood("an integral whose variable is not written last")
    inner = factors[:-2]
    body: Node = t.Number("1") if not inner else inner[0] if len(inner) == 1 else t.Product("juxtaposed", inner)
    return body, t.Derivative("d", None, (factors[-1],), operand=t.Group(right))
