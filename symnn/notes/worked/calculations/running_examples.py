"""Examples that run through a document: formulas at the numbers that other lines state for their names and derivatives.

``out = 1/(1 + e^{-net}) = 0.5932`` is judged with the number that stands behind ``net = …`` some paragraphs before it, and
``w - η ∂E/∂w = 0.4 - 0.5 × 0.0821`` by laying the calculation beside the formula. A claim agrees when it fits numbers
that stand elsewhere. It is wrong only when every number in it is certain (see `KnownValues.is_certain`) and no
rounding explains the difference. What rests on a number that does not fit its own formula is not confirmed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from symnn.notation.to_text import to_text
from symnn.notation.traverse import walk
from symnn.notation.tree import Node
from symnn.notes.judge.claims import Verdict
from symnn.notes.judge.links import Link
from symnn.notes.read.expressions.functions import ELEMENTARY
from symnn.notes.read.statements import Statement
from symnn.notes.worked.calculations.alignment import Pair, align
from symnn.notes.worked.calculations.arithmetic import Circumstances, outcome_of
from symnn.notes.worked.calculations.laid_out import Finding, Laid, confirms
from symnn.notes.worked.calculations.lists import written_out
from symnn.notes.worked.digits import Printed, printed, shown_value
from symnn.notes.worked.errors import Unclear
from symnn.notes.worked.evaluation import Numbers, evaluate
from symnn.notes.worked.formulas import FormulaReader
from symnn.notes.worked.functions import names_in
from symnn.notes.worked.intervals import Interval, point
from symnn.notes.worked.known_values import (
    KnownValues,
    Occurrence,
    Standing,
    as_column,
    numbers_listed,
    same,
    sources_of,
    told,
)
from symnn.notes.worked.names import call_of, plain
from symnn.notes.worked.names import same as same_tree
from symnn.notes.worked.outcome import Outcome
from symnn.notes.worked.quantities import Quantity, as_node, number_in, put_in, quantities_in, quantity_of
from symnn.notes.worked.surroundings import is_supposed
from symnn.notes.worked.symbol_table import EQUAL, NEARLY, NUMERIC_FUNCTIONS, SymbolTable, has_names

ENOUGH = 2
"""So many numbers have to be known from elsewhere, where others are not."""


@dataclass
class RunningExamples:
    """The examples of a document.

    `untrusted` are formulas, by the identity of their trees, that have not been found right: nothing is laid beside
    them. `refuted` are the statements, by their order, in which another judge has found a wrong link.
    """

    symbols: SymbolTable
    known: KnownValues
    untrusted: Collection[int] = ()
    refuted: Collection[int] = ()
    findings: dict[int, list[Finding]] = field(default_factory=dict)

    def judge(self, link: Link, where: Circumstances) -> Outcome | None:
        """Judge a formula beside a calculation or a number; None where nothing is known about it."""
        left, right = map(as_column, link.nodes)
        named = has_names(left), has_names(right)
        if not any(named) or link.statement.doubt:
            return None
        formula, numbers = (left, right) if named[0] else (right, left)
        try:
            found = self._mixed(link, where) if all(named) else self._judged(formula, numbers, link, where)
        except Unclear:
            return None
        if found is None:
            return None
        found = self._reserved(found, why_open(link) or where.uncertain)
        if found.outcome.holds and literal_side(link):
            self.known.bear_out(found.rests_on, link.statement)
        self.findings.setdefault(link.statement.order, []).append(found)
        return found.outcome

    def note(self, link: Link, outcome: Outcome) -> None:
        """Keep what another judge said of a link: it tells whether the numbers of its chain hold."""
        found = Finding(outcome, (), outcome.verdict == "refuted")
        self.findings.setdefault(link.statement.order, []).append(found)

    def settle(self, statement: Statement) -> None:
        """Note how far the numbers hold that a statement states, once its links have been judged."""
        found = self.findings.get(statement.order, [])
        standing: Standing = "plain"
        if statement.order in self.refuted or any(f.misfit or any(map(self._is_doubtful, f.rests_on)) for f in found):
            standing = "doubtful"
        elif found and all(f.outcome.holds for f in found) and any(f.rests_on for f in found):
            certain = all(self.known.is_certain(o, statement) for f in found for o in f.rests_on)
            standing = "certain" if certain else "plain"
        for occurrences in self.known.found.values() if standing != "plain" else ():
            for occurrence in occurrences:
                if occurrence.statement is statement and occurrence.kind != "used":
                    self.known.standing[occurrence] = standing

    def _is_doubtful(self, occurrence: Occurrence) -> bool:
        return self.known.standing_of(occurrence) == "doubtful"

    def _reserved(self, found: Finding, uncertain: str) -> Finding:
        """What rests on doubtful numbers is not confirmed; what may be meant otherwise is not called wrong."""
        outcome = found.outcome
        doubtful = [o for o in found.rests_on if self._is_doubtful(o)]
        if outcome.holds and doubtful:
            why = f"it follows from {told(doubtful)}, but that does not fit what stands before it"
            return replace(found, outcome=Outcome("undecided", why, outcome.reading))
        if outcome.verdict == "refuted" and uncertain:
            return replace(found, outcome=Outcome("undecided", uncertain, outcome.reading))
        return found

    # -- one link

    def _judged(self, formula: Node, numbers: Node, link: Link, where: Circumstances) -> Finding | None:
        at, literal = link.statement, number_in(numbers)
        quantity = quantity_of(formula)
        if quantity is None and literal is None:
            listed = self._listed(formula, numbers, at, where)
            if listed is not None:
                return listed
        if quantity is not None and literal is not None and not link.opens:
            return self._recalled(quantity, literal, at)
        sources = sources_of(formula, self.symbols)
        trusted = [source for source in sources if quantity is None or id(source) not in self.untrusted]
        for source in trusted:
            if quantity is not None and any(piece is source for piece in _pieces(at)):
                continue
            try:
                found = self._beside(source, numbers, link, where)
            except Unclear:
                if quantity is None:
                    raise
                continue
            if found is None:
                continue
            if (
                quantity is not None
                and found.outcome.verdict == "refuted"
                and (literal is not None or len(trusted) > 1)
            ):
                told_ = f"it may be about another {quantity}"
                return Finding(Outcome("undecided", told_, found.outcome.reading), found.rests_on, misfit=True)
            reading = f"{to_text(formula)} = {to_text(source)}" if quantity is not None else to_text(formula)
            outcome = found.outcome
            return replace(found, outcome=replace(outcome, reading=outcome.reading or reading))
        derived = quantity is not None and quantity.is_derivative and literal is not None
        return self._derived(formula, literal, at) if derived and literal is not None else None

    def _beside(self, source: Node, numbers: Node, link: Link, where: Circumstances) -> Finding | None:
        """A formula beside a calculation, part by part where both have the same shape, or beside a number."""
        literal = number_in(numbers)
        pairs = align(source, numbers, self.symbols) if literal is None else []
        if len(pairs) > 1:
            return self._by_parts(source, pairs, link.statement, where, _result_of(link, numbers))
        return self.whole(source, numbers if literal is None else as_node(literal), link.statement, where)

    def _derived(self, derivative: Node, literal: Printed, at: Statement) -> Finding | None:
        """A derivative at the numbers in force, taken through the definitions of the document. It is only confirmed."""
        formulas = [FormulaReader(self.symbols, at, direct=direct).read(plain(derivative)) for direct in (False, True)]
        known = {name: self.known.in_force(Quantity(name, name), at) for name in names_in(formulas[0])}
        if formulas[0] != formulas[1] or not known:
            return None
        rests = tuple(occurrence for occurrence in known.values() if occurrence is not None)
        numbers = Numbers({o.quantity.spelling: point(o.number.value) for o in rests})
        if len(rests) != len(known) or not literal.shows(value := evaluate(formulas[0], numbers)):
            return None
        reason = f"the derivative is {shown_value(value)} with {told(rests)}"
        return Finding(Outcome("agrees", reason, to_text(derivative)), rests)

    def _listed(self, formula: Node, numbers: Node, at: Statement, where: Circumstances) -> Finding | None:
        """A formula with lists of numbers in it, entry by entry. It is only confirmed: products of lists have many readings."""
        rests: list[str] = []

        def number_of(quantity: Quantity) -> Node:
            listed, occurrence = self.known.list_in_force(quantity, at), self.known.in_force(quantity, at)
            if listed is not None:
                rests.append(f"{quantity} = {to_text(listed[0])} (line {listed[1].spot.place().line})")
                return listed[0]
            if occurrence is None or self._is_doubtful(occurrence):
                raise Unclear(f"no number is known for {quantity}")
            rests.append(occurrence.told)
            return as_node(occurrence.number)

        if not any(self.known.list_in_force(quantity, at) for quantity in quantities_in(formula, self.symbols)):
            return None
        rows = written_out(put_in(formula, number_of, self.symbols))
        wanted = numbers_listed(numbers) or ((numbers,),)
        entries, values = ([entry for row in side for entry in row] for side in (rows or (), wanted))
        if len(entries) != len(values):
            return None
        strict = replace(where, operator="=")
        if not all(outcome_of(entry, value, strict).holds for entry, value in zip(entries, values, strict=True)):
            return None
        reason = f"it holds entry by entry with {', '.join(dict.fromkeys(rests))}"
        return Finding(Outcome("agrees", reason, to_text(formula)))

    def _mixed(self, link: Link, where: Circumstances) -> Finding | None:
        """``∂L/∂y · ∂y/∂w = (-0.2) · x``: numbers are put in for some parts, and the others are equal as formulas."""
        formula, numbers = link.nodes
        pairs = align(formula, numbers, self.symbols)
        if len(pairs) < 2:
            return None
        laid = Laid(self.known, self.whole, formula, link.statement, where)
        for one, other in pairs:
            if not has_names(other):
                laid.lay(one, other)
            elif not same_tree(one, other):
                reader = FormulaReader(self.symbols, link.statement)
                if not has_names(one) or reader.read(one) != reader.read(other):
                    return None
        rests = tuple(laid.confirmed.values())
        if laid.wrong or laid.unknown or laid.unclear or not rests:
            return None
        return Finding(Outcome("agrees", f"these numbers are put in: {told(rests)}", to_text(formula)), rests)

    def _recalled(self, quantity: Quantity, literal: Printed, at: Statement) -> Finding | None:
        """``… = out = 0.5932``: a number that another line states."""
        occurrence = self.known.in_force(quantity, at)
        if occurrence is None:
            return None
        if confirms(occurrence.number, literal):
            return Finding(Outcome("agrees", f"as stated elsewhere: {occurrence.told}", str(quantity)), (occurrence,))
        if same(occurrence.number, literal):
            return None
        reason = f"elsewhere stands {occurrence.told}, which may be meant at other numbers"
        return Finding(Outcome("undecided", reason, str(quantity)), (occurrence,), misfit=True)

    def whole(self, formula: Node, numbers: Node, at: Statement, where: Circumstances) -> Finding | None:
        """The formula with known numbers put in, as arithmetic; None where a number is not known."""
        known: dict[Quantity, Occurrence] = {}
        for quantity in quantities_in(formula, self.symbols):
            occurrence = self.known.in_force(quantity, at)
            if occurrence is None:
                return None
            known[quantity] = occurrence
        put = put_in(formula, lambda quantity: as_node(known[quantity].number), self.symbols)
        loose = where.operator in NEARLY and printed(numbers) is None
        outcome = outcome_of(put, numbers, replace(where, operator="=") if loose else where)
        if loose and outcome.verdict == "refuted":  # that two calculations are near to each other tells little
            outcome = Outcome("undecided", "both sides are not equal, and how near they are meant to be is not said")
        rests = tuple(known.values())
        with_ = f" with {told(rests)}" if rests else ""
        if outcome.holds:
            proved = outcome.verdict == "proved" and self._are_given(rests) and not self._by_default(formula)
            verdict: Verdict = "proved" if proved else "agrees"
            return Finding(Outcome(verdict, outcome.reason + with_, outcome.reading), rests)
        if outcome.verdict != "refuted":
            return Finding(Outcome("undecided", outcome.reason + with_, outcome.reading), rests) if rests else None
        unsure = self._unsure(rests, at) or ("" if self._is_far(put, numbers, where) else "rounding may explain it")
        if unsure or not rests or self._by_default(formula):
            why = f"{outcome.reason}{with_}, but {unsure or 'the function may be another one'}"
            return Finding(Outcome("undecided", why, outcome.reading), rests, misfit=True)
        return Finding(replace(outcome, reason=outcome.reason + with_), rests, misfit=True)

    # -- a calculation beside a formula

    def _by_parts(
        self, source: Node, pairs: Sequence[Pair], at: Statement, where: Circumstances, result: tuple[Node, Node] | None
    ) -> Finding | None:
        """A calculation laid beside a formula: it holds where the numbers in it are those of the document.

        Numbers of which the document says nothing else have to lead to the result that stands behind the calculation.
        """
        laid = Laid(self.known, self.whole, source, at, where)
        for one, other in pairs:
            laid.lay(one, other)
        rests = tuple(laid.confirmed.values())
        if laid.wrong:
            return self._with_wrong_part(laid, at, result)
        if not rests:
            return None
        telling = [o for o in rests if abs(o.number.value) not in (0, 1)]
        if laid.unclear or (laid.unknown and len(telling) < ENOUGH):
            return None
        if laid.unknown and (result is None or not outcome_of(*result, where).holds):
            return None
        exactly = not laid.unknown and laid.exactly and self._are_given(rests)
        missing = f"; nothing else is said of {', '.join(map(str, laid.unknown))}" if laid.unknown else ""
        reason = f"these numbers are put in: {told(rests)}{missing}"
        return Finding(Outcome("proved" if exactly else "agrees", reason), rests)

    def _with_wrong_part(self, laid: Laid, at: Statement, result: tuple[Node, Node] | None) -> Finding:
        """A calculation with a number in it that does not fit.

        It is wrong if that number is the only one and all others are sure, or if the result that stands behind the
        calculation is that of the number in force, and not that of the calculation.
        """
        rests = tuple(laid.confirmed.values())
        wrong = laid.wrong[0]
        numbers = (*rests, *wrong.rests_on)
        telling = [o for o in rests if abs(o.number.value) not in (0, 1)]
        unsure = self._unsure(wrong.rests_on, at, twice=True) or wrong.why
        if len(laid.wrong) > 1 or laid.unknown or laid.unclear or len(telling) < ENOUGH:
            unsure = unsure or "it may be meant at other numbers"
        slipped = result is not None and self._shows_slip(laid, result)
        if unsure and not slipped:
            return Finding(Outcome("undecided", f"{wrong.told}, but {unsure}"), numbers, misfit=True)
        reason = f"{wrong.told}; the result that follows is that of {wrong.right}" if slipped else wrong.told
        return Finding(Outcome("refuted", reason, "", wrong.right, "arithmetic", told(numbers)), numbers, misfit=True)

    def _shows_slip(self, laid: Laid, result: tuple[Node, Node]) -> bool:
        """Whether the result behind a calculation is that of the formula at the numbers in force, not of the calculation."""
        if len(laid.wrong) != 1 or laid.unclear or laid.wrong[0].quantity is None:
            return False
        numbers = {quantity: occurrence.number for quantity, occurrence in laid.confirmed.items()} | laid.unknown
        numbers |= {occurrence.quantity: occurrence.number for occurrence in laid.wrong[0].rests_on}
        if any(quantity not in numbers for quantity in quantities_in(laid.formula, self.symbols)):
            return False
        put = put_in(laid.formula, lambda quantity: as_node(numbers[quantity]), self.symbols)
        return outcome_of(put, result[1], laid.where).holds and outcome_of(*result, laid.where).verdict == "refuted"

    # -- how sure numbers are

    def _unsure(self, numbers: Iterable[Occurrence], at: Statement, *, twice: bool = False) -> str:
        """Why numbers may not be those that are meant; empty where they are certain."""
        weak = [occurrence for occurrence in numbers if not self.known.is_certain(occurrence, at, twice=twice)]
        return f"nothing confirms {told(weak)}" if weak else ""

    def _are_given(self, numbers: Iterable[Occurrence]) -> bool:
        return all(occurrence.kind == "given" and not occurrence.is_near for occurrence in numbers)

    def _by_default(self, formula: Node) -> bool:
        """Whether a function in a formula is one that the document does not say anything about."""
        for part in walk(formula):
            called = call_of(part)
            head = None if called is None else called[0].name
            known = (*ELEMENTARY, *NUMERIC_FUNCTIONS, *self.symbols.functions, *self.known.found)
            if head is not None and head not in known:
                return True
        return False

    def _is_far(self, put: Node, numbers: Node, where: Circumstances) -> bool:
        """Whether the sides differ by more than one unit in the last place of every number in them explains."""
        sides: list[Interval] = []
        units = []
        for node in (put, numbers):
            operands: list[Printed] = []
            formula = FormulaReader(self.symbols, where.at, {}, operands).read(node)
            wide = {
                f"#{place}": point(n.value) if n.whole else Interval(n.value - n.unit, n.value + n.unit)
                for place, n in enumerate(operands)
            }
            try:
                sides.append(evaluate(formula, Numbers(wide)))
            except Unclear:
                return False
            units += [n.unit for n in operands if not n.whole]
        literal = printed(numbers)
        room = literal.unit if literal is not None and not literal.whole else max(units, default=0)
        return sides[0].gap(sides[1]) > room


def _result_of(link: Link, numbers: Node) -> tuple[Node, Node] | None:
    """A calculation and the number behind it in the chain, perhaps after further calculations."""
    for step in link.statement.steps[link.place + 1 :]:
        if step.operator not in (*EQUAL, *NEARLY) or has_names(step.right.node):
            return None
        if number_in(step.right.node) is not None:
            return numbers, step.right.node
    return None


def why_open(link: Link) -> str:
    """Why a formula beside a number may be meant for other numbers than those in force; empty where it is not."""
    if is_supposed(link.statement.span):
        return "the words around it may make it a condition"
    formula = link.nodes[0] if has_names(link.nodes[0]) else link.nodes[1]
    if link.opens and literal_side(link) and call_of(formula) is None and quantity_of(formula) is None:
        return "it may be an equation to be solved"
    return ""


def literal_side(link: Link) -> bool:
    """Whether one side of a link is a single number."""
    return any(number_in(node) is not None for node in link.nodes)


def _pieces(statement: Statement) -> list[Node]:
    return [statement.first.node, *(step.right.node for step in statement.steps)]
