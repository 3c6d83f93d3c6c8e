"""The picture of a network: values as nodes, uses as edges, adjoints flowing back."""

from __future__ import annotations

from typing import Final

from symnn.formula.nodes import Call, Tensor, tensors
from symnn.network.equations import Equation
from symnn.notation.tree import Node
from symnn.write.compose.context import Context, operator_named
from symnn.write.graph import Graph, GraphEdge, GraphNode, GraphNodeKind
from symnn.write.notate.names import operator_head

MAX_PICTURED: Final = 40
"""A picture of more values than this helps nobody."""


def graph_of(context: Context) -> Graph:
    """The computation graph; the intermediate values of an operator are part of its result."""
    nodes: dict[Tensor, GraphNode] = {}
    edges: list[GraphEdge] = []
    adjoints = {a.of for a in context.derivation.adjoints}
    for equation in context.shown_equations:
        for source in sources(context, equation):
            nodes.setdefault(source, _node(context, source))
        nodes.setdefault(equation.tensor, _node(context, equation.tensor))
        forward = operator_of(context, equation)
        for source in sources(context, equation):
            back = context.adjoint_name(source, slash=True) if source in adjoints else None
            anchor = context.anchors.of("adjoint", source.name) if source in adjoints else None
            edges.append(GraphEdge(source.name, equation.name, forward, back, anchor))
    return Graph(tuple(nodes.values()), tuple(edges))


def sources(context: Context, equation: Equation) -> list[Tensor]:
    """The values that an equation reads, in the order in which the network lists them."""
    use = equation.use
    if use is not None and use.lets:
        found = {tensor for _, tensor, _ in use.arguments}
    else:
        found = set(tensors(equation.formula)) - {equation.tensor}
    order = {tensor: place for place, tensor in enumerate(context.network.all_tensors)}
    return sorted(found, key=lambda tensor: order[tensor])


def operator_of(context: Context, equation: Equation) -> Node | None:
    """What an equation applies, where that is one operator."""
    if equation.use is not None and not equation.use.part:
        return operator_head(operator_named(equation.use.operator))
    if isinstance(equation.formula, Call):
        return context.names.function(equation.formula.function)
    return None


def _node(context: Context, tensor: Tensor) -> GraphNode:
    kinds: dict[str, GraphNodeKind] = {
        "loss": "loss", "parameter": "parameter", "target": "target", "input": "input", "value": "operation",
    }  # fmt: skip
    defined = tensor in {e.tensor for e in context.shown_equations}
    return GraphNode(
        tensor.name,
        context.names.part(tensor.name),
        kinds[context.role(tensor)],
        context.shape(tensor) if tensor.rank > context.names.families.count(tensor.name) else None,
        context.anchors.of("definition", tensor.name) if defined else None,
    )
