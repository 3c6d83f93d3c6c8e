"""Judging equations: every link of every chain outside of tables."""

from __future__ import annotations

import itertools
from dataclasses import replace
from functools import partial
from typing import Any

from symnn.errors import SymnnError
from symnn.formula.normal import TooLarge
from symnn.notation.tree import BigOperator, Node
from symnn.notes.judge.analysis.integrals import REASON, as_derivative
from symnn.notes.judge.analysis.limits import for_small_steps, limit, value_of
from symnn.notes.judge.claims import Claim
from symnn.notes.judge.decision.decide import Decision, decide
from symnn.notes.judge.decision.numbers import WITHOUT_NUMBERS, is_exact, is_given, is_plain
from symnn.notes.judge.decision.one_sided import are_two_names, loss_as_array, one_sided, open_value
from symnn.notes.judge.decision.reservations import with_reservations
from symnn.notes.judge.decision.settle import Judged, settled
from symnn.notes.judge.decision.stationary import as_gradient
from symnn.notes.judge.defining import is_arithmetic, is_definition, key_defined
from symnn.notes.judge.errors import DoesNotFit, NotUnderstood, OutOfTime, Recurrent, WrongAxis, defect
from symnn.notes.judge.gradients.adjoints import Meaning, error_terms
from symnn.notes.judge.gradients.assumed_paths import OF_RECURRENCE, with_edges
from symnn.notes.judge.gradients.derivatives import direct_derivatives
from symnn.notes.judge.gradients.gradients_told import counts_in
from symnn.notes.judge.gradients.told_errors import tells_meaning, with_told_meanings
from symnn.notes.judge.gradients.unknown_loss import of_unknown_loss, runs_under_unknown_loss, why_uncertain
from symnn.notes.judge.gradients.usual_layers import with_usual_layers
from symnn.notes.judge.links import EQUAL, Link, in_table, is_assignment, links_of, names_in, region_of, written
from symnn.notes.judge.parts import in_part
from symnn.notes.judge.probability.one_hot import places_in, speaks_of_one_hot, where_one_hot
from symnn.notes.judge.process.budget import limited
from symnn.notes.judge.process.watchdog import watched
from symnn.notes.judge.reading.canonical import canonical
from symnn.notes.judge.reading.layouts import in_one_layout
from symnn.notes.judge.reading.operands import without_shapes
from symnn.notes.judge.reading.reach import reaching_further
from symnn.notes.judge.reading.reader import ClaimReader, Scope
from symnn.notes.judge.reading.sortings import sortings
from symnn.notes.judge.reading.values import Value
from symnn.notes.judge.slips.told import claim_of
from symnn.notes.judge.slips.wider import wider_view
from symnn.notes.judge.trust import Trust
from symnn.notes.judge.unroll.errors import judge_error_recurrence
from symnn.notes.judge.unroll.judge import by_unrolling, has_derivatives
from symnn.notes.judge.unroll.slips import misfit_of_instances, slip_of_instances
from symnn.notes.judge.worlds.context import Context
from symnn.notes.read.names import parts_of
from symnn.notes.read.shapes.shapes import Clash
from symnn.notes.read.statements import Statement


def judge_equations(context: Context) -> list[Claim]:
    """The claims that the chains of a document make."""
    tables = in_table(context.document)
    error_terms(context)
    found: list[Judged] = []
    for statement in context.statements:
        if statement.span is not None and statement.span.block in tables:
            continue
        found += judge_statement(context, statement)
    trust = Trust.from_proofs(context, found)
    claims = [told(context, item, trust) for item in found]
    return with_usual_layers(context, found, claims, judge_statement, told)


def judge_statement(context: Context, statement: Statement) -> list[Judged]:
    """What is decided about the links of one statement."""
    found = []
    reader: ClaimReader | None = None
    for link in links_of(statement):
        if link.operator not in (*EQUAL, "approx"):
            continue
        if context.is_late:
            found.append(Judged(link, Decision("undecided", "the time for this document is used up")))
            continue
        if link.operator == ":=" or is_assignment(*link.nodes) or is_arithmetic(*link.nodes):
            continue
        if is_given(link):
            found.append(judged_given(context, link))
            continue
        term = error_term(context, link)
        if term is not None:
            found.append(Judged(link, term.decision, None, term.correction))
            continue
        recurrence = judge_error_recurrence(context, link)
        if recurrence is not None:
            found.append(Judged(link, recurrence[0], None, recurrence[1]))
            continue
        if is_definition(context, link):
            found.append(with_told_errors(context, defined(context, link)))
            continue
        item, reader = judged_link(context, link, reader)
        item = in_part(context, item, lambda part, own: judged_link(part, own, None)[0])
        found.append(with_told_errors(context, item))
    return recovered(context, found)


def judged_link(context: Context, link: Link, reader: ClaimReader | None) -> tuple[Judged, ClaimReader | None]:
    """What is decided about a link that is a claim, and the reader for the next link of its chain."""
    if runs_under_unknown_loss(context, link):
        return with_instances(context, Judged(link, Decision("undecided", OF_RECURRENCE))), reader
    decision, reader = judged(context, link, reader)
    return reaching(context, with_instances(context, Judged(link, decision, reader))), reader


def reaching(context: Context, item: Judged) -> Judged:
    """A link that holds where its derivatives are those of all terms behind them, though they have no brackets."""
    wider = reaching_further(item.link) if item.decision.verdict in ("refuted", "undecided") else None
    if wider is None:
        return item
    decision, reader = judged(context, wider, None)
    found = with_instances(context, Judged(wider, decision, reader))
    if found.decision.verdict not in ("proved", "agrees"):
        return item
    reason = f"{found.decision.reason}, where the derivative is that of all terms behind it"
    return replace(found, decision=replace(found.decision, reason=reason))


def with_told_errors(context: Context, item: Judged) -> Judged:
    """A link as it is with derivatives in the place of error terms, where the document tells which they are.

    It is looked at where it was not decided, and where it only says anew what an error term is: that may be right.
    """
    if item.decision.verdict not in ("undecided", "definition"):
        return item
    if tells_meaning(context, item.link):
        return Judged(item.link, Decision("definition", "it says what the left side means"))
    meant = with_told_meanings(context, item.link)
    if meant is None:
        return item
    decision, reader = judged(context, meant, None)
    found = with_instances(context, Judged(meant, decision, reader))
    said = ("proved", "agrees") if item.decision.verdict == "definition" else ("proved", "agrees", "refuted")
    return found if found.decision.verdict in said else item


def with_instances(context: Context, item: Judged) -> Judged:
    """What the instances of a claim about a recurrence say, where it was not decided; where it is wrong, whether they say so too."""
    if item.decision.verdict not in ("undecided", "refuted"):
        return item
    link = item.link
    written_out = by_unrolling(context, link)
    unknown = of_unknown_loss(context, link)
    if written_out is None and unknown and context.running.members:
        written_out = misfit_of_instances(context, link)
    if written_out is None:
        return item
    if written_out.verdict == "refuted" and unknown:
        # what an unknown loss depends on is a guess, which one slip that explains the rest confirms
        loose = link.operator == "approx" or why_uncertain(context, link)
        correction = None if loose else slip_of_instances(context, link)
        return item if correction is None else Judged(link, written_out, None, correction)
    if item.decision.verdict == "undecided":
        return Judged(link, written_out)
    if written_out.verdict == "refuted":
        return replace(item, sure=True)
    reason = f"it does not hold as it is read here, but {written_out.reason}"
    return Judged(link, Decision("undecided", reason, item.decision.pair), item.reader)


def recovered(context: Context, found: list[Judged]) -> list[Judged]:
    """The links of a statement, where one that comes back from a wrong one to what is right is not wrong as well.

    In ``a = b = c`` with a wrong b both links fail, but c is right where ``a = c`` holds.
    """
    for place, (before, item) in enumerate(itertools.pairwise(found), start=1):
        if not before.decision.verdict == item.decision.verdict == "refuted" or item.link.left is not before.link.right:
            continue
        whole = replace(item.link, left=before.link.left)
        decision, _ = judged(context, whole, before.reader)
        if decision.verdict in ("proved", "agrees"):
            reason = "it comes back to what is right from the wrong formula before it"
            found[place] = Judged(item.link, Decision("undecided", reason, item.decision.pair), item.reader)
    return found


def told(context: Context, item: Judged, trust: Trust) -> Claim:
    """The claim of a link, which the context keeps together with how it was decided."""
    try:
        wider = partial(wider_view, context, item.link)
        final = settled(item, shapes=trust.shapes, names=trust.covers(context, item.link), wider=wider)
        claim = claim_of(final.link, final.decision, final.reader, final.correction)
    except Exception as error:  # noqa: BLE001 - a defect here must cost one claim, not the document; it is told
        final = Judged(item.link, Decision("undecided", defect(error)))
        claim = claim_of(final.link, final.decision, None)
    context.judged[claim.region] = final
    return claim


def defined(context: Context, link: Link) -> Judged:
    """A definition. Where the name has another one already, that both say the same is a claim that may be proved."""
    plain = Judged(link, Decision("definition", "it says what the left side means"))
    pick = next((pick for pick in context.picks if pick.definition.statement is link.statement), None)
    if pick is not None and speaks_of_one_hot(context.document.text):
        line = pick.whole.statement.spot.place().line
        return Judged(link, Decision("proved", f"it says the same as line {line}, where {pick.told}"))
    for found in context.backward_definitions.values():
        if any(d.statement is link.statement for d in found[1:]):
            decision, reader = judged(context, link, None)
            line = found[0].statement.spot.place().line
            same = replace(decision, reason=f"it says the same as line {line}")
            return Judged(link, same, reader) if decision.verdict in ("proved", "agrees") else plain
    key = key_defined(context, link)
    other = None if key is None else context.chosen(key, link.statement, apart=True)
    if other is None or other.statement.order > link.statement.order:
        return plain
    decision, reader = judged(context, link, None, apart=True)
    if decision.verdict not in ("proved", "agrees"):
        decision, reader = by_unrolling(context, link, apart=True) or decision, None
    if decision.verdict not in ("proved", "agrees"):
        return plain
    line = other.statement.spot.place().line
    reason = f"it says the same as line {line}"
    return Judged(link, replace(decision, reason=reason), reader)


def error_term(context: Context, link: Link) -> Meaning | None:
    """What an error term means, at the link that defines it."""
    parts = parts_of(link.left.node) if link.start else None
    key = None if parts is None else context.table.labelled(parts)
    meaning = None if key is None else context.meanings.get(key)
    if meaning is None or key is None:
        return None
    first = context.table.definitions.get(key, [])
    return meaning if first and first[0].statement is link.statement else None


def judged_given(context: Context, link: Link) -> Judged:
    """A number for a name: a claim where the document also says what the name is, else a value to work with."""
    parts = parts_of(link.left.node)
    key = None if parts is None else context.table.labelled(parts)
    given = Decision("definition", "it gives a number to work with")
    if key is None or context.chosen(key, link.statement) is None:
        return Judged(link, given)
    decision, reader = judged(context, link, None)
    return Judged(link, decision, reader) if decision.verdict in ("proved", "agrees") else Judged(link, given)


def judged(
    context: Context, link: Link, reader: ClaimReader | None, *, apart: bool = False
) -> tuple[Decision, ClaimReader | None]:
    """The decision about a link, and the reader that read it. Nothing that goes wrong here stops a document."""
    try:
        with limited(), watched():
            reader = reader or context.reader(link.statement, apart=apart)
            try:
                return with_edges(context, link, decided(context, link, reader), reader), reader
            except Recurrent:
                raise
            except DoesNotFit as error:
                return Decision(
                    "undecided", error.message, misfit="axis" if isinstance(error, WrongAxis) else "shape"
                ), reader
            except NotUnderstood as error:
                return by_chain_rule(context, link, error), reader
    except NotUnderstood as error:
        return Decision("undecided", error.message), reader
    except OutOfTime as error:
        return Decision("undecided", str(error)), reader
    except (SymnnError, Clash) as error:
        return Decision("undecided", str(getattr(error, "message", "") or error).splitlines()[0]), reader
    except (TooLarge, RecursionError, ZeroDivisionError, OverflowError, MemoryError) as error:
        return Decision("undecided", f"it is too large to decide ({type(error).__name__})"), reader
    except Exception as error:  # noqa: BLE001 - a defect here must cost one claim, not the document; it is told
        return Decision("undecided", defect(error)), None


def is_identity(context: Context, link: Link) -> bool:
    """Whether a link holds whatever the values of its names are, so that nothing follows from it."""
    mark = link.statement.order, link.place
    if mark not in context.identities:
        context.identities[mark] = False  # while it is looked at
        decision, _ = judged(context, link, None)
        context.identities[mark] = decision.verdict in ("proved", "agrees")
    return context.identities[mark]


def by_chain_rule(context: Context, link: Link, error: NotUnderstood) -> Decision:
    """A link about derivatives alone, of names that are not defined far enough: the chain rule itself may prove it."""
    reader = context.abstract_reader(link.statement)
    if reader is None:
        raise error
    try:
        found = decided(context, link, reader)
    except NotUnderstood:
        raise error from None
    if found.verdict != "proved":
        raise error
    return with_edges(context, link, replace(found, reason="the chain rule"), reader)


def decided(context: Context, link: Link, reader: ClaimReader) -> Decision:
    """Read both sides and climb the ladder."""
    left, right = (canonical(node) for node in link.nodes)
    if isinstance(left, BigOperator) and left.kind == "lim" and not isinstance(right, BigOperator):
        try:
            value_of(reader, left, Scope())
        except NotUnderstood:
            return limit(reader, left, right)
    integral = as_derivative(left, right)
    if integral is not None:
        found = decided_as(context, link, reader, *integral)
        holds = found.verdict in ("proved", "agrees")
        # The pair has derivatives: nothing that can be put in the place of the right side.
        return replace(found, reason=REASON) if holds else replace(found, pair=None)
    near = for_small_steps(left, right) if link.operator == "approx" else None
    if near is not None:
        found = decided_as(context, link, reader, left, near[0])
        proved = found.verdict in ("proved", "agrees")
        return replace(found, verdict="agrees", reason=f"it is so in the limit {near[1]} → 0") if proved else found
    return decided_as(context, link, reader, left, right)


def decided_as(context: Context, link: Link, reader: ClaimReader, left: Node, right: Node) -> Decision:
    """Both sides of a link in a canonical form, read and decided."""
    reader.claim = (left, right)
    reader.direct = [*direct_derivatives(left, context.direct), *direct_derivatives(right, context.direct)]
    reader.exists = set()
    reader.narrow = None
    one_hot = places_in(reader, context.picks, link)
    lefts, first = _read(reader, left)
    rights, second = _read(reader, right)
    free = tuple(reader.free.values())
    found = decide(lefts, rights, reader.world, reader.conventions, free, exists=reader.exists)
    if found.verdict not in ("proved", "agrees") and one_hot:
        found = where_one_hot(reader, one_hot, lefts, rights) or found
    worked = any(is_plain(side) and not _mentions(reader, node) for side, node in ((lefts, left), (rights, right)))
    known = partial(is_identity, context)
    solved = as_gradient(context, link, reader, found, known) if found.verdict == "refuted" else found
    if solved.verdict in ("proved", "agrees"):
        return in_one_layout(context, link, reader, without_shapes(link, reader, solved))
    if found.verdict == "refuted" and worked and not is_exact(link, (lefts, rights)):
        return Decision("undecided", WITHOUT_NUMBERS, found.pair)
    if found.verdict == "refuted":
        counts = {
            parts.key for node in link.nodes for count in counts_in(node) if (parts := parts_of(count)) is not None
        }
        counted = {tensor for key in counts if (tensor := reader.world.tensors.get(key)) is not None}
        loose = one_sided(reader.world, first - counted, second - counted)
        loose = loose or open_value(reader.world, first ^ second, context.statements)
        if loose:
            return Decision("undecided", f"{loose} stands on one side only, and nothing says what it is", found.pair)
        if not has_derivatives(link) and are_two_names(reader.world, found.pair):
            return Decision("undecided", "nothing says what either of the two is", found.pair)
        array = loss_as_array(reader.world, (left, right))
        if array:
            return Decision("undecided", f"{array} is read as an array, and a loss is a number", found.pair)
        found = with_reservations(context, link, reader, found, known)
    return solved if found.verdict == "refuted" and solved.verdict == "undecided" else found


def _mentions(reader: ClaimReader, node: Node) -> bool:
    """Whether a name of the document stands in a formula, though its value may be a number for all that: ``p - p``."""
    parts = (parts_of(name) for name in names_in([node]))
    keys = (sorted_.key for found in parts if found is not None for sorted_ in sortings(found))
    return any(key in reader.world.tensors or key in reader.world.symbols for key in keys)


def _read(reader: ClaimReader, node: Node) -> tuple[list[Value], set[Any]]:
    """The values of one side, and the names that it mentions."""
    reader.touched = set()
    values = reader.read(node, Scope())
    return values, reader.touched


__all__ = ["judge_equations", "parts_of", "region_of", "written"]
