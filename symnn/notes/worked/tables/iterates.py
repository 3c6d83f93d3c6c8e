"""The numbers of a trace against every way in which it may go on from its start.

A number is right when it belongs to the exact trace, to the trace that goes on with the printed digits, or is a copy of
the row before. Behind a gap the trace is computed from its start, by the numbers that count the rows. A number is wrong
only when it fits none of these and lies outside of all that rounding at every step can lead to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction

from symnn.notation import tree as t
from symnn.notation.to_text import to_text
from symnn.notation.tree import Node
from symnn.notes.judge.claims import Claim
from symnn.notes.worked.digits import ROUNDINGS, Printed, round_to, shown_value, to_digits
from symnn.notes.worked.errors import Unclear
from symnn.notes.worked.intervals import Interval, point
from symnn.notes.worked.names import plain
from symnn.notes.worked.outcome import Outcome, claim_of_span
from symnn.notes.worked.tables.sheets import Column, Row
from symnn.notes.worked.tables.traces import MAX_STEPS, Trace, number_of

NEAR = Fraction(3, 2)
Onward = Callable[[Mapping[str, Interval]], dict[str, Interval]]


def judge_trace(trace: Trace) -> Iterator[Claim]:
    """The claims that the states and the next states of a trace make."""
    iterates = Iterates(trace)
    before: Row | None = None
    for row in trace.view.rows:
        if row.place not in trace.steps:
            continue
        step = trace.steps[row.place]
        for column in dict.fromkeys(trace.states.values()):
            if step == 0:
                continue
            copy = None if before is None or trace.steps[before.place] != step - 1 else before
            yield from _claims(trace, row, column, iterates, step, copy)
        for column in dict.fromkeys(trace.following.values()):
            yield from _claims(trace, row, column, iterates, step + 1, None, own=row)
        before = row


def _claims(
    trace: Trace, row: Row, column: Column, iterates: Iterates, step: int, copied: Row | None, own: Row | None = None
) -> Iterator[Claim]:
    entry = row.entries.get(column.place)
    if entry is None or entry.remarks or len(entry.numbers) != len(column.names):
        return
    parts = _places(entry.pieces[-1], len(column.names))
    for place, name in enumerate(column.names):
        if name in trace.states:
            outcome = _outcome(trace, name, entry.numbers[place], iterates, step, copied, own)
            if outcome is not None:
                yield claim_of_span(entry.span, outcome, parts[place])


def _places(node: Node, count: int) -> list[tuple[int, int] | None]:
    """Where the numbers of a cell stand."""
    if count == 1:
        return [node.span]
    items = plain(node).items if isinstance(plain(node), t.Sequence) else ()  # type: ignore[attr-defined]
    return [item.span for item in items] if len(items) == count else [None] * count


def _outcome(
    trace: Trace, name: str, number: Printed, iterates: Iterates, step: int, copied: Row | None, own: Row | None
) -> Outcome | None:
    """What is said of one number of a trace: the state before a step, or after it when `own` is its row."""
    exact, band = iterates.exact(step, name), iterates.band(step, name)
    reading = f"{name} after {step} step{'' if step == 1 else 's'} of {name} ← {to_text(trace.rule.nodes[name])}"
    candidates: list[tuple[str, Interval]] = [("the exact trace gives", exact)] if exact is not None else []
    candidates += [("the trace in printed digits gives", point(value)) for value in iterates.carried(step, name)]
    if own is not None:
        nominal = _next_of(trace, own, name, rounded=False)
        if nominal is not None:
            candidates.insert(0, ("this row goes on to", nominal))
            wide = _next_of(trace, own, name, rounded=True)
            band = wide if band is None or wide is None else band.hull(wide)
    if copied is not None:
        previous = number_of(copied, trace.following[name], name) if name in trace.following else None
        if previous is not None and abs(previous.value - number.value) <= number.half:
            return Outcome(
                "proved" if previous.value == number.value else "agrees", "it is the result of the row before", reading
            )
        after = _next_of(trace, copied, name, rounded=False)
        if after is not None:
            candidates.append(("the row before goes on to", after))
            wide = _next_of(trace, copied, name, rounded=True)
            band = wide if band is None or wide is None else band.hull(wide)
    for why, value in candidates:
        if number.shows(value):
            exactly = value.is_point and value.lo == number.value
            return Outcome("proved" if exactly else "agrees", f"{why} {shown_value(value)}", reading)
    if exact is None or band is None:
        return None
    room = 1 if number.whole else NEAR * number.unit
    close = any(abs(value.middle - number.value) < room for _, value in candidates)
    if close or band.gap(number.range) == 0:
        return Outcome("undecided", "the difference may come from rounding at every step", reading)
    if not trace.counted and own is None and _goes_on_from(trace, step):
        return Outcome("undecided", "the next row goes on from it, so another trace may begin here", reading)
    start = next(row for row in trace.view.rows if trace.steps.get(row.place) == 0)
    state = trace.state(start) or {}
    told = ", ".join(f"{n} = {value}" for n, value in state.items())
    correct = to_digits(exact, number)
    other = next(
        (n for n in _nearby(step) if (found := iterates.exact(n, name)) is not None and number.shows(found)), None
    )
    elsewhere = "" if other is None else f"; that is {name} after {other} steps"
    return Outcome(
        "refuted",
        f"from {told} the trace comes to {name} = {shown_value(exact)} after {step} steps, not {number}{elsewhere}",
        reading,
        correct,
        "arithmetic" if other is None else "wrong index",
        f"{name} = {shown_value(exact)}",
    )


def _goes_on_from(trace: Trace, step: int) -> bool:
    """Whether the row after the one at a step goes on from what that one prints."""
    rows = {trace.steps[row.place]: row for row in trace.view.rows if row.place in trace.steps}
    after = trace.state(rows[step + 1]) if step + 1 in rows else None
    if after is None:
        return False
    values = {name: _next_of(trace, rows[step], name, rounded=True) for name in after}
    return all(value is not None and value.gap(after[name].range) == 0 for name, value in values.items())


def _nearby(step: int) -> list[int]:
    """The steps around a step, the nearest first."""
    return [n for distance in (1, 2, 3) for n in (step - distance, step + distance) if n >= 0]


def _next_of(trace: Trace, row: Row, name: str, *, rounded: bool) -> Interval | None:
    state = trace.state(row)
    if state is None:
        return None
    try:
        return trace.rule.next({n: number.range if rounded else point(number.value) for n, number in state.items()})[
            name
        ]
    except Unclear:
        return None


class Iterates:
    """The ways in which a trace may go on from its first row, computed as far as they are asked for."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self._rows = {trace.steps[row.place]: row for row in trace.view.rows if row.place in trace.steps}
        start = self._rows.get(0)
        state = None if start is None else trace.state(start)
        self._exact: list[dict[str, Interval]] = []
        self._band: list[dict[str, Interval]] = []
        self._carried: list[list[dict[str, Fraction]]] = []
        if state is not None:
            self._exact.append({name: point(number.value) for name, number in state.items()})
            self._band.append({name: number.range for name, number in state.items()})
            self._carried = [[{name: number.value for name, number in state.items()}] for _ in ROUNDINGS]

    def exact(self, step: int, name: str) -> Interval | None:
        """The state after a number of steps without any rounding; None where it cannot be computed."""
        return self._at(self._exact, step, name, lambda state: self.trace.rule.next(state))

    def band(self, step: int, name: str) -> Interval | None:
        """Everything that rounding or cutting off to the printed digits at every step can lead to."""

        def onward(state: Mapping[str, Interval]) -> dict[str, Interval]:
            after = self.trace.rule.next(state)
            return {n: self._as_printed(value, len(self._band), n) for n, value in after.items()}

        return self._at(self._band, step, name, onward)

    def _as_printed(self, value: Interval, step: int, name: str) -> Interval:
        """What may be printed for a value at a step, and so carried on; a number that needs no rounding stays as it is."""
        row = self._rows.get(step)
        number = None if row is None else number_of(row, self.trace.states[name], name)
        unit = self.trace.unit[name] if number is None else number.unit
        if value.is_point and (value.lo / unit).denominator == 1:
            return value
        return value.widened(unit)

    def carried(self, step: int, name: str) -> list[Fraction]:
        """The state after a number of steps, each of them rounded to the printed digits."""
        found = []
        for rounding, path in zip(ROUNDINGS, self._carried, strict=False):
            while len(path) <= step <= MAX_STEPS:
                try:
                    after = self.trace.rule.next({n: point(value) for n, value in path[-1].items()})
                except Unclear:
                    break
                path.append({n: round_to(value.middle, self.trace.unit[n], rounding) for n, value in after.items()})
            if len(path) > step:
                found.append(path[step][name])
        return list(dict.fromkeys(found))

    @staticmethod
    def _at(path: list[dict[str, Interval]], step: int, name: str, onward: Onward) -> Interval | None:
        if not path or step > MAX_STEPS:
            return None
        while len(path) <= step:
            try:
                path.append(onward(path[-1]))
            except Unclear:
                return None
        return path[step][name]
