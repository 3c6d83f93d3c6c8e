"""Vanishing and exploding gradients: the product of local derivatives along a recurrence, and its bound.

R. Pascanu, T. Mikolov, Y. Bengio, On the difficulty of training recurrent neural networks, 2013, section 2.
"""

from __future__ import annotations

from typing import Any

from symnn.derive.bounds import SlopeBound
from symnn.derive.elementwise import OUTPUT
from symnn.derive.transfer import Transfer, transfers
from symnn.notation.tree import (
    BigOperator,
    Derivative,
    Group,
    Link,
    Name,
    Negative,
    Node,
    Number,
    Prime,
    Relation,
    Script,
    Signed,
    Sum,
)
from symnn.write.compose.context import Context, equal
from symnn.write.document import AlignedChain, Block, ChainLink, Display, Paragraph, Section, inlines
from symnn.write.notate import Names, NoMatrixForm, index_form, matrix_form
from symnn.write.notate.build import applied, juxtaposed, powered
from symnn.write.notate.names import function_head


def vanishing_section(context: Context) -> Section | None:
    """How much a recurrence can shrink or stretch a gradient from step to step; None where nothing is proved."""
    found = transfers(context.network)
    if not found:
        return None
    blocks: list[Block] = []
    for transfer in found:
        blocks += Steps(context, transfer).blocks()
    return Section(inlines("Vanishing and exploding gradients"), 1, tuple(blocks), "vanishing")


class Steps:
    """The blocks for one recurrence."""

    def __init__(self, context: Context, transfer: Transfer) -> None:
        self.context, self.transfer = context, transfer
        self.names: Names = context.names
        self.name = transfer.value.name
        self.letter: Node = Name(transfer.indices[0].name)
        self.many: Node = Name("k" if transfer.indices[0].name != "k" else "m")
        self.is_layered = transfer.weight.tensor.rank == 3

    def blocks(self) -> list[Block]:
        bound = self.transfer.bound
        one_step = self.one_step()
        before = added_to(self.letter, self.transfer.step)
        sign = " is never negative, and" if bound.kind == "square" else " is"
        head = inlines("A change of ", self.at(before), " reaches ", self.at(self.letter), " through")
        blocks: list[Block] = [
            Paragraph(head),
            Display(equal(self.ratio(self.letter, before), one_step)),
            Paragraph(inlines("The slope of ", function_head(bound.function.name), sign, " bounded, by its formula:")),
            *bound_blocks(bound),
            Paragraph(inlines("Over ", self.many, " steps the local derivatives multiply, and so do their bounds:")),
            self.product(),
            Paragraph(self.conclusion()),
        ]
        return blocks

    def one_step(self) -> Node:
        """The local derivative in matrix notation; a slope by cases, which has none, as the derivative of the function."""
        transfer = self.transfer
        try:
            return matrix_form(transfer.formula, transfer.indices, self.names, 1)
        except NoMatrixForm:
            argument = self.names.entry(transfer.argument.name, (self.letter,))
            slope = applied(Prime(function_head(transfer.bound.function.name)), [argument])
            return juxtaposed([applied(Name("diag", font="operatorname"), [slope]), self.weight(self.letter)])

    def at(self, place: Node) -> Node:
        """The value at a step."""
        return self.names.entry(self.name, (place,))

    def ratio(self, of: Node, by: Node) -> Node:
        return Derivative("partial", self.at(of), (self.at(by),))

    def weight(self, place: Node) -> Node:
        name = self.transfer.weight.tensor.name
        return self.names.entry(name, (place,)) if self.is_layered else self.names.named(name)

    def product(self) -> Block:
        """The norm of the product of the local derivatives, and its bound."""
        ahead = self.transfer.step < 0
        first, last = (
            (self.letter, _sum(self.letter, self.many)) if ahead else (_sum(self.letter, self.many), self.letter)
        )
        left = norm(self.ratio(last if ahead else self.letter, first if ahead else last))
        running = Name("s" if self.transfer.indices[0].name != "s" else "r")
        low = added_to(self.letter, 1) if ahead else self.letter
        high = _sum(self.letter, self.many) if ahead else added_to(_sum(self.letter, self.many), -1)
        number = index_form(self.transfer.bound.value, self.names)
        factor = [] if self.transfer.bound.value == 1 else [number]

        def times(body: Node) -> Node:
            return BigOperator("prod", Relation(running, (Link("=", low),)), high, body)

        each = times(norm(self.ratio(running, added_to(running, self.transfer.step))))
        weight = norm(self.weight(running))
        if self.is_layered:
            whole = times(juxtaposed([*factor, weight]))
        else:
            whole = powered(juxtaposed([*factor, weight]), self.many)
        return AlignedChain(
            left,
            (
                ChainLink("le", each, inlines("chain rule; the norm of a product is at most the product of the norms")),
                ChainLink("le", whole, inlines("the slope is at most ", number)),
            ),
        )

    def conclusion(self) -> Any:
        value = self.transfer.bound.value
        if value == 0:
            return inlines("No change is carried on: every gradient is 0 before the last step.")
        weight = norm(self.weight(self.letter))
        limit = index_form(1 / value, self.names)
        below = Relation(weight, (Link("<", limit),))
        above = Relation(weight, (Link(">", limit),))
        which = " at every step" if self.is_layered else ""
        return inlines(
            "Where ", below, which, ", the product shrinks at least geometrically: the gradient vanishes on its way back. ",
            "It can explode only where ", above, ".",
        )  # fmt: skip


def bound_blocks(bound: SlopeBound) -> list[Block]:
    """The bound of a slope, and why it holds."""
    function = bound.function
    names = Names({OUTPUT.name: Name("y"), function.parameters[0]: Name("x")}, Name("L"), symbol="d")
    head, value = function_head(function.name), index_form(bound.value, names)
    argument = names.named(function.parameters[0])
    slope = index_form(bound.slope, names)
    prime = applied(Prime(head), [argument])
    blocks: list[Block] = []
    if bound.kind == "square":
        square = index_form(bound.square, names)
        difference = Sum((Signed("+", value), Signed("-", _bracketed(slope))))
        shown = Relation(difference, (Link("=", square), Link("ge", Number("0"))))
        given = equal(Name("y"), applied(head, [argument]))
        blocks.append(
            AlignedChain(
                prime,
                (
                    ChainLink("=", slope, inlines("with ", given)),
                    ChainLink("le", value, inlines("because ", shown)),
                ),
            )
        )
    else:
        why = {
            "pieces": inlines("the largest of the values between the kinks"),
            "difference": inlines("the difference has positive terms only"),
        }[bound.kind]
        absolute = Group(prime, "|", "|")
        blocks.append(AlignedChain(absolute, (ChainLink("le", value, why),)))
    if bound.attained is not None:
        at = equal(argument, index_form(bound.attained, names))
        blocks.append(Paragraph(inlines("The bound is attained at ", at, ", so no smaller one holds.")))
    return blocks


def _bracketed(node: Node) -> Node:
    return Group(node) if isinstance(node, Sum | Negative) else node


def norm(node: Node) -> Node:
    """The spectral norm."""
    return Script(Group(node, "‖", "‖"), Number("2"))


def _sum(left: Node, right: Node) -> Node:
    return Sum((Signed("+", left), Signed("+", right)))


def added_to(node: Node, number: int) -> Node:
    """An index expression with a number added."""
    if number == 0:
        return node
    terms = node.terms if isinstance(node, Sum) else (Signed("+", node),)
    return Sum((*terms, Signed("+" if number > 0 else "-", Number(str(abs(number))))))


__all__ = ["bound_blocks", "vanishing_section"]
