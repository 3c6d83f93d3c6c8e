"""The first part of a document: the network as given, its shapes, the conventions and facts, the forward pass."""

from __future__ import annotations

from typing import Any

from symnn.derive.derivation import Adjoint
from symnn.derive.elementwise import elementwise_lemma
from symnn.formula.index import Index
from symnn.formula.nodes import Bracket, Call, Delta, Entry, Extreme, Inside, Tensor, entries, tensors
from symnn.network.equations import Equation
from symnn.notation.tree import Node, Script
from symnn.write.compose.context import Context, called, equal, fact_node, list_of, operator_named
from symnn.write.compose.graphs import MAX_PICTURED, graph_of
from symnn.write.compose.recurrences import recurrence_conventions
from symnn.write.compose.remarks import domain_of_use, kinks_of
from symnn.write.compose.states import state_blocks
from symnn.write.document import (
    AlignedChain,
    Block,
    ChainLink,
    Display,
    Figure,
    Inlines,
    Note,
    Paragraph,
    Section,
    Table,
    inlines,
)
from symnn.write.notate import Written
from symnn.write.notate.arrange import term_of
from symnn.write.notate.labels import spoken
from symnn.write.notate.names import operator_head


def network_section(context: Context) -> Section:
    """The definitions in the order of computation, and a table of every name."""
    blocks = [block for equation in context.shown_equations for block in definition_blocks(context, equation)]
    blocks += state_blocks(context)
    blocks.append(names_table(context))
    return Section(inlines("The network"), 1, tuple(blocks), "network")


def definition_blocks(context: Context, equation: Equation) -> list[Block]:
    """A definition: by the operator that the document used, and written out where that says more."""
    anchor = context.anchors.of("definition", equation.name)
    written = context.written(equation)
    operator = context.by_operator(equation)
    remark = _remark(context, equation)
    left = context.names.part(equation.name)
    own = context.definition(equation)
    has_lets = equation.use is not None and bool(equation.use.lets)
    if operator is not None and not written.is_matrix and not has_lets and equation.indices:
        by_entry = Display(written.equation, inlines("entry by entry"))
        return [Display(own.equation if own.by_author else equal(left, operator), remark, anchor), by_entry]
    if own.by_author:
        return _by_author(context, equation, own, remark, anchor)
    if operator is None or not written.is_matrix:
        return [Display(written.equation, remark, anchor)]
    if has_lets:
        return [Display(equal(left, operator), remark, anchor)]
    if operator == written.right:
        return [Display(written.equation, remark, anchor)]
    links = (ChainLink("=", operator), ChainLink("=", written.right, inlines("definition")))
    return [AlignedChain(left, links, remark, anchor)]


def _by_author(context: Context, equation: Equation, own: Written, remark: Inlines, anchor: str) -> list[Block]:
    """A definition in the notation of the document, and then in ours where a part of it got a name."""
    if not context.named_here(equation):
        return [Display(own.equation, remark, anchor)]
    shown = context.by_operator(equation) or context.written(equation).right
    return [AlignedChain(own.left, (ChainLink("=", own.right), ChainLink("=", shown, remark)), (), anchor)]


def _remark(context: Context, equation: Equation) -> Inlines:
    """What stands beside a definition: the lemma of its operator, or that the name is ours."""
    links = [context.lemmas[name].link for name in called(equation.formula) if name in context.lemmas]
    if equation.use is not None and equation.use.lets:
        links = [context.lemmas[equation.use.operator].link]
    if links:
        return list_of([tuple(inlines(link)) for link in links])
    if equation.hidden:
        return inlines("named here")
    return ()


def names_table(context: Context) -> Table:
    """Every name with its role and shape."""
    network = context.network
    shown = [*network.inputs, *network.targets, *network.parameters]
    shown += [e.tensor for e in context.shown_equations if e.tensor not in shown]
    shown += [update.tensor for update in network.updates]
    rows = tuple(
        (inlines(context.names.part(t.name)), inlines(context.role(t)), context.size(t, every=True))
        for t in dict.fromkeys(shown)
    )
    return Table((inlines("name"), inlines("role"), inlines("shape")), rows, inlines("Names and shapes"), "shapes")


# -- conventions -------------------------------------------------------------------------------------------


def conventions_section(context: Context) -> Section:
    """What was chosen, and what was declared."""
    notes: list[Block] = [Note("convention", part) for part in _conventions(context)]
    notes += [
        Note("fact", inlines("It is given that ", fact_node(fact, context.names), "."), _fact_anchor(context, n))
        for n, fact in enumerate(context.network.facts)
    ]
    inside_lemmas = context.lemmas.keys()
    for equation in context.network.equations:
        if equation.use is not None and equation.use.operator not in inside_lemmas:
            domain = domain_of_use(equation, context.names)
            if domain is not None:
                notes.append(Note("fact", domain))
    return Section(inlines("Conventions"), 1, tuple(notes), "conventions")


def _fact_anchor(context: Context, number: int) -> str:
    return context.anchors.of("fact", str(number))


def _conventions(context: Context) -> list[Inlines]:
    network, loss = context.network, context.names.loss
    found: list[Inlines] = []
    if any(p.rank for p in (*network.parameters, *(a.of for a in context.derivation.adjoints))):
        sample = next(t for t in (*network.parameters, *network.inputs, *network.all_tensors) if t.rank)
        shown = context.adjoint_name(sample, slash=True)
        found.append(
            inlines(
                "A gradient has the shape of what it belongs to: ",
                shown,
                " has the shape of ",
                context.names.part(sample.name),
                ".",
            )
        )
        found.append(
            inlines("Vectors are columns. Functions, powers and quotients of arrays are taken entry by entry.")
        )
    else:
        found.append(inlines("All values are numbers; ", loss, " is differentiated by each of them."))
    formulas = [*(e.formula for e in network.equations), *(a.formula for a in context.derivation.adjoints)]
    if any(formula.has(Bracket, Inside, Delta) for formula in formulas):
        found.append(inlines("A condition in square brackets is 1 where it holds and 0 elsewhere."))
    family = _family(context) if not context.names.families.letters else None
    if family is not None:
        shown, whole, place = family
        found.append(
            inlines(
                "An index below the name of an array takes one part of it: ", shown, " is ", whole, " at ", place, "."
            )
        )
    rows = [e.use.operator for e in context.results.values() if e.use is not None and e.use.shared]
    if rows:
        heads = [operator_head(operator_named(name)) for name in dict.fromkeys(rows)]
        verb = "is" if len(heads) == 1 else "are"
        found.append(inlines(*list_of(list(heads)), f" of a matrix {verb} taken row by row."))
    if any(_counts(formula) for formula in formulas):
        found.append(inlines(f"Indices count from {context.names.families.first}."))
    found += recurrence_conventions(context)
    if network.batch is not None:
        size = context.names.symbol(network.batch.dimension)
        found.append(inlines("A batch has ", size, " samples; the rows of the data are the samples."))
    if any(formula.has(Extreme) for formula in formulas):
        found.append(inlines("Where several entries are the largest, the first of them counts as the largest."))
    kinked = [name for name in context.lemmas if _has_kink(name)]
    if kinked:
        parts: list[Any] = []
        for name in kinked:
            reference = context.lemmas[name]
            parts.append(inlines(reference.head, " (", reference.link, ")"))
        found.append(
            inlines(
                "Where a function has a kink, a subgradient is taken; its value is stated in the lemma: ",
                *list_of(parts),
                ".",
            )
        )
    return found


def _family(context: Context) -> tuple[Node, Node, Node] | None:
    """A part of an array that is printed with an index in matrix notation, and the array; None without one."""
    written = [(e.tensor, context.written(e)) for e in context.shown_equations]
    written += [(a.of, context.adjoint_written(a)) for a in context.derivation.adjoints]
    for tensor, shown in written:
        name = context.names.tensor(tensor)
        if shown.is_matrix and isinstance(shown.left, Script) and shown.left != name and shown.left.sub is not None:
            return shown.left, name, shown.left.sub
    return None


def _counts(formula: Any) -> bool:
    """Whether a place is named by its number, or a range is tested."""
    if formula.has(Inside):
        return True
    if any(len(delta.atoms(Index)) == 1 for delta in formula.atoms(Delta)):
        return True
    return any(not place.atoms(Index) for entry in entries(formula) for place in spoken(entry))


def _has_kink(name: str) -> bool:
    declared = operator_named(name)
    if not declared.is_elementwise:
        return False
    function = declared.function
    return any(
        kinks_of(elementwise_lemma(function, place).plain, Tensor(parameter.name).entry())
        for place, parameter in enumerate(declared.parameters)
    )


# -- forward pass ------------------------------------------------------------------------------------------


def forward_section(context: Context) -> Section:
    """The picture of the network, and what the forward pass must keep."""
    blocks: list[Block] = []
    graph = graph_of(context)
    if len(graph.nodes) <= MAX_PICTURED:
        caption = inlines("Values flow along the arrows, adjoints flow back.")
        blocks.append(Figure(graph, caption, "graph"))
    blocks.append(
        Paragraph(
            inlines(
                "The values are computed in the order of their definitions. The backward pass reads some of them "
                "again, so they must be kept."
            )
        )
    )
    blocks.append(kept_table(context))
    return Section(inlines("The forward pass"), 1, tuple(blocks), "forward")


def kept_table(context: Context) -> Table:
    """What forward must keep, for which gradients, and why."""
    live = {a.of.name: a for a in context.derivation.live()}
    order = {t.name: (place, t) for place, t in enumerate(context.network.all_tensors)}
    rows = []
    kept = context.derivation.kept()
    for name in sorted(kept, key=lambda n: order[n][0]):
        users = [live[user] for user in kept[name] if user in live]
        if users:
            tensor = order[name][1]
            links = list_of([tuple(inlines(context.adjoint_link(user.of))) for user in users])
            rows.append(
                (inlines(context.names.part(tensor.name)), context.size(tensor), links, _why(context, tensor, users))
            )
    header = (inlines("value"), inlines("shape"), inlines("kept for"), inlines("why"))
    return Table(header, tuple(rows), inlines("What the forward pass must keep"), "kept")


def _why(context: Context, tensor: Tensor, users: list[Adjoint]) -> Inlines:
    """The reason in words, from how the value occurs in the adjoints."""
    reasons: dict[Inlines, None] = {}
    for user in users:
        reasons.setdefault(_reason(context, tensor, user))
    return list_of(list(reasons), "; ")


def _reason(context: Context, tensor: Tensor, user: Adjoint) -> Inlines:
    formula = user.formula
    if any(tensor in tensors(node) for node in formula.atoms(Bracket)):
        return inlines("its sign decides the slope")
    source = context.network.equation(tensor)
    if source is not None and isinstance(source.formula, Call) and user.of in tensors(source.formula):
        return inlines("the slope of ", context.names.function(source.formula.function), " is a function of its output")
    if source is not None and source.use is not None and user.of in [t for _, t, _ in source.use.arguments]:
        return inlines("the derivative of ", context.lemmas[source.use.operator].head, " is a function of its output")
    if _is_factor(formula, tensor):
        return inlines("a factor of ", context.adjoint_name(user.of, slash=True))
    return inlines("a term of ", context.adjoint_name(user.of, slash=True))


def _is_factor(formula: Any, tensor: Tensor) -> bool:
    """Whether the value multiplies everything else, perhaps inside sums over indices."""
    return any(isinstance(f.base, Entry) and f.base.tensor == tensor for f in term_of(formula).factors)
