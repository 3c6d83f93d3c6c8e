"""Whole documents: the sections of a derivation, or of an operator, in the order in which they are read."""

from __future__ import annotations

from symnn.declare import Operator
from symnn.derive.derivation import Derivation
from symnn.write.compose.backward import backward_section
from symnn.write.compose.context import Context, list_of, operator_named
from symnn.write.compose.lemmas import elementwise_blocks, introduction, lemma_section, operator_blocks
from symnn.write.compose.overview import conventions_section, forward_section, network_section
from symnn.write.compose.results import results_section
from symnn.write.compose.second import second_of_operator, second_section
from symnn.write.compose.vanishing import vanishing_section
from symnn.write.document import Block, Document, Inlines, Section, inlines


def document_of(derivation: Derivation, title: str = "") -> Document:
    """The document of a derivation: network, conventions, forward pass, lemmas, backward pass, results.

    >>> from symnn.derive import derive
    >>> from symnn.network.arrays import tensor
    >>> from symnn.network.build import Draft
    >>> draft = Draft(); L = draft.define("L", (tensor("w") * tensor("x") - tensor("y")) ** 2)
    >>> document = document_of(derive(draft.network(inputs=["x"], targets=["y"], title="A line")))
    >>> document.title, [section.anchor for section in document.blocks]
    ('A line', ['network', 'conventions', 'forward', 'backward', 'results'])
    """
    context = Context.of(derivation)
    sections: list[Block] = [network_section(context), conventions_section(context), forward_section(context)]
    if context.lemmas:
        sections.append(lemmas_section(context))
    sections.append(backward_section(context))
    vanishing = vanishing_section(context)
    if vanishing is not None:
        sections.append(vanishing)
    sections.append(results_section(context))
    if derivation.second is not None:
        sections.append(second_section(context))
    return Document(
        title or derivation.network.title or "A derivation of gradients",
        tuple(sections),
        abstract=_abstract(context),
    )


def _abstract(context: Context) -> Inlines:
    parameters = [context.names.part(p.name) for p in context.network.parameters]
    shown = parameters if len(parameters) <= 8 else [*parameters[:4], *parameters[-1:]]
    return inlines(
        "The gradients of ", context.names.loss, " with respect to ",
        *list_of(list(shown), " and " if len(parameters) <= 8 else ", …, "),
        ", derived by the chain rule from the loss back. Every adjoint is derived once and named.",
    )  # fmt: skip


def lemmas_section(context: Context) -> Section:
    """The derivatives of the operators that the network uses."""
    blocks = [lemma_section(operator_named(name), reference, 2) for name, reference in context.lemmas.items()]
    return Section(inlines("Lemmas"), 1, tuple(blocks), "lemmas")


def document_of_operator(operator: Operator, order: int = 1) -> Document:
    """The document of a declared operator: its definition and the derivative for each argument.

    With ``order=2`` also the second derivatives: of the result, or of the sum of its entries, each times its adjoint.

    >>> from symnn.declare import registry
    >>> document_of_operator(registry.find("softmax")).title
    'softmax'
    """
    if operator.is_elementwise:
        blocks = elementwise_blocks(operator, order)
    else:
        blocks = operator_blocks(operator)
        if order > 1:
            blocks = (*blocks, second_of_operator(operator))
    known = f"also called {', '.join(operator.aliases)}" if operator.aliases else ""
    return Document(operator.name, (*introduction(operator), *blocks), known)
