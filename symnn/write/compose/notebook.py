"""How a network shows itself in a notebook: its definitions, with the shapes beside them."""

from __future__ import annotations

from html import escape

from symnn.network.equations import Network
from symnn.notation.to_latex import to_latex
from symnn.notation.to_mathml import to_mathml
from symnn.notation.tree import Link, Node, Relation
from symnn.write.compose.context import Context
from symnn.write.notate import Names


def _definitions(context: Context) -> list[tuple[Node, Node, Node]]:
    """Left side, right side and space of every definition that a reader sees."""
    found = []
    for equation in context.shown_equations:
        written = context.definition(equation)
        right = written.right
        by_operator = context.by_operator(equation)
        if by_operator is not None and written.is_matrix and not written.by_author:
            right = by_operator
        found.append((written.left, right, context.space(equation.tensor)))
    return found


def _context(network: Network) -> Context:
    from symnn.derive.derivation import Derivation

    return Context(Derivation(network, ()), Names.of_network(network))


def network_latex(network: Network) -> str:
    r"""The definitions as one aligned display in LaTeX, for ``_repr_latex_``.

    >>> from symnn.network.arrays import tensor
    >>> from symnn.network.build import Draft
    >>> draft = Draft(); z = draft.define("z", 2 * tensor("x")); L = draft.define("L", z**2)
    >>> print(network_latex(draft.network(inputs=["x"])))
    $$\begin{aligned}
    z &= 2 x \\
    L &= z^{2}
    \end{aligned}$$
    """
    rows = [f"{to_latex(left)} &= {to_latex(right)}" for left, right, _ in _definitions(_context(network))]
    return "$$\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}$$"


def network_html(network: Network) -> str:
    """The definitions and the names with their roles and shapes as a piece of HTML, for ``_repr_html_``.

    It needs nothing from outside: formulas are MathML.
    """
    context = _context(network)
    rows = []
    for left, right, _ in _definitions(context):
        rows.append(f"<tr><td>{to_mathml(Relation(left, (Link('=', right),)))}</td></tr>")
    names = []
    leaves = [*network.inputs, *network.targets, *network.parameters]
    for tensor in dict.fromkeys([*leaves, *(e.tensor for e in context.shown_equations)]):
        counted = tensor.rank > context.names.families.count(tensor.name)
        size = to_mathml(context.shape(tensor)) if counted else "scalar"
        label = to_mathml(context.names.part(tensor.name))
        names.append(f"<tr><td>{label}</td><td>{context.role(tensor)}</td><td>{size}</td></tr>")
    title = f"<p><strong>{escape(network.title)}</strong></p>" if network.title else ""
    return (
        f"<div>{title}<table><tbody>{''.join(rows)}</tbody></table>"
        "<table><thead><tr><th>name</th><th>role</th><th>shape</th></tr></thead>"
        f"<tbody>{''.join(names)}</tbody></table></div>"
    )
