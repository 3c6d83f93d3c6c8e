"""The steps of the declared optimizers, with the variants of them that are in use.

Every variant follows from the declaration by a substitution: an ε under the root, no correction of the bias, a decay that
the gradient sees, a velocity that is counted the other way. No formula of an optimizer is written here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from typing import Any

import sympy
from sympy import Expr, S

from symnn.formula.application import unfold_applications
from symnn.formula.nodes import Entry
from symnn.recipes import NEXT, Recipe, recipes

RATE, EPS, DECAY, THETA, GRADIENT, MU, TIME = (
    sympy.Symbol(name) for name in ("rate", "eps", "decay", "theta", "gradient", "mu", "t")
)
VELOCITY, MOVE, FACTOR, OLDER = "velocity", "move", "factor", sympy.Symbol("theta_older")
MOST = 400
MOMENTUM, AHEAD = "momentum", "nesterov"
"""The method whose gradient may be taken ahead, and its name then."""


@dataclass(frozen=True)
class System:
    """The lines of one variant of an optimizer: the formula of each state's new value and of each part.

    `together` are lines that must all be there, since only both say which way the step goes. `ahead` is where the
    gradient is taken, unless that is at the parameter.
    """

    method: str
    variant: tuple[str, ...]
    lines: tuple[tuple[str, Expr], ...]
    states: frozenset[str]
    together: frozenset[str] = frozenset()
    ahead: Expr | None = None

    @cached_property
    def formulas(self) -> dict[str, Expr]:
        """The lines by name."""
        return dict(self.lines)

    @cached_property
    def symbols(self) -> dict[str, tuple[Expr, ...]]:
        """The symbols of each line."""
        return {name: tuple(sorted(formula.free_symbols, key=str)) for name, formula in self.lines}

    def with_lines(self, lines: Mapping[str, Expr], told: str, **other: Any) -> System:
        """The system with other lines."""
        variant = (*self.variant, told) if told else self.variant
        return replace(self, lines=tuple(lines.items()), variant=variant, **other)


def new(state: str) -> Expr:
    """The symbol of the new value of a state."""
    return sympy.Symbol(state + NEXT)


@lru_cache(maxsize=64)
def systems_of(method: str) -> tuple[System, ...]:
    """The variants of a declared optimizer, the declared one first; none for an unknown name.

    >>> [dict(system.lines)["theta"] for system in systems_of("sgd")][:1]
    [-gradient*rate + theta]
    """
    names = (method, MOMENTUM) if method == AHEAD else (method,)
    found = [_declared(recipe) for recipe in recipes.all() if recipe.name in names]
    for widen in (_velocities, _roots, _biases, _decays, _schedules, _moves):
        found = [variant for system in found for variant in widen(system)]
    found = [system for system in found if system.method == method]
    distinct: dict[tuple[Any, ...], System] = {}
    for system in found:
        distinct.setdefault((system.lines, system.together, system.ahead), system)
    return tuple(distinct.values())[:MOST]


@cache
def methods() -> tuple[Recipe, ...]:
    """The declared optimizers whose lines are formulas of numbers."""
    optimizers = (recipe for recipe in recipes.all() if recipe.kind == "optimizer")
    return tuple(r for r in optimizers if all(_is_plain(formula) for _, formula in _declared(r).lines))


def _is_plain(formula: Expr) -> bool:
    """Whether a formula adds, multiplies and takes powers, and nothing else."""
    return not formula.atoms(sympy.Function) and all(
        part.is_Add or part.is_Mul or part.is_Pow or part.is_Symbol or part.is_number
        for part in sympy.preorder_traversal(formula)
    )


def _declared(recipe: Recipe) -> System:
    lines = {part.name: _in_symbols(part.formula) for part in recipe.parts}
    return System(recipe.name, (), tuple(lines.items()), frozenset(recipe.states))


def _in_symbols(formula: Any) -> Expr:
    """A formula of entries of tensors without axes, as one of symbols."""
    formula = unfold_applications(formula)
    swap = {entry: sympy.Symbol(entry.tensor.name) for entry in formula.atoms(Entry)}
    return formula.xreplace({**swap, **{symbol: sympy.Symbol(str(symbol)) for symbol in formula.atoms(sympy.Symbol)}})


# -- variants ------------------------------------------------------------------------------------------------------


def _velocities(system: System) -> Iterator[System]:
    """A velocity times a constant: with the other sign, without the rate in it, or as a mean."""
    if VELOCITY not in system.states:
        yield system
        return
    for scale, told in ((S.One, ""), (-S.One, ""), (-RATE, ""), (RATE, "")):
        for weight, mean in ((RATE, ""), (RATE * (1 - MU), "a velocity that is a mean")):
            lines = {}
            for name, formula in system.lines:
                if name == VELOCITY or mean:
                    formula = formula.xreplace({RATE: weight})
                old, after = sympy.Symbol(VELOCITY), new(VELOCITY)
                formula = formula.xreplace({old: scale * old, after: scale * after})
                lines[name] = sympy.expand(formula / scale) if name == VELOCITY else formula
            scaled = system.with_lines(lines, " ".join(filter(None, (told, mean))))
            yield scaled
            if system.method == MOMENTUM:
                yield from _ahead(scaled, scale)
    if system.method == MOMENTUM:
        inlined = system.formulas["theta"].xreplace({new(VELOCITY): system.formulas[VELOCITY]})
        yield system.with_lines({"theta": inlined}, "in one line")
        behind = inlined.xreplace({sympy.Symbol(VELOCITY): THETA - OLDER})
        yield system.with_lines({"theta": behind}, "in one line")


def _ahead(system: System, scale: Expr) -> Iterator[System]:
    """Nesterov's own form: momentum whose gradient is taken where the velocity leads."""
    yield replace(system, method=AHEAD, ahead=THETA + MU * scale * sympy.Symbol(VELOCITY))


def _roots(system: System) -> Iterator[System]:
    """An ε beside the root, under it, or nowhere."""
    yield system
    if not any(EPS in formula.free_symbols for _, formula in system.lines):
        return
    for under in (True, False):

        def turned(formula: Any, under: bool = under) -> Any:
            def change(part: Any) -> Any:
                roots = [a for a in part.args if a.is_Pow and a.exp == S.Half]
                if len(part.args) != 2 or EPS not in part.args or len(roots) != 1:
                    return part
                return sympy.sqrt(roots[0].base + EPS) if under else roots[0]

            return formula.replace(lambda part: part.is_Add and EPS in part.args, change)

        lines = {name: turned(formula) for name, formula in system.lines}
        if lines != system.formulas:
            yield system.with_lines(lines, "ε under the root" if under else "without ε")


def _biases(system: System) -> Iterator[System]:
    """Corrected means written out in the step, or not corrected."""
    yield system
    hats = [name for name, _ in system.lines if name.endswith("hat")]
    if not hats:
        return
    formulas = system.formulas
    without = {name: formula for name, formula in system.lines if name not in hats}
    written = {sympy.Symbol(hat): formulas[hat] for hat in hats}
    plain = {sympy.Symbol(hat): new(hat.removesuffix("hat")) for hat in hats}
    for swap, told in ((written, ""), (plain, "without the correction of the bias")):
        yield system.with_lines({name: formula.xreplace(swap) for name, formula in without.items()}, told)


def _decays(system: System) -> Iterator[System]:
    """A decay of the weights: its own factor, or the rate times it; in the step, or in the gradient."""
    yield system
    if any(DECAY in formula.free_symbols for _, formula in system.lines):
        yield system.with_lines({n: f.xreplace({DECAY: DECAY / RATE}) for n, f in system.lines}, "")
        return
    if any(name in ("m", VELOCITY) or system.method == "sgd" for name, _ in system.lines):
        coupled = {n: f.xreplace({GRADIENT: GRADIENT + DECAY * THETA}) for n, f in system.lines}
        yield system.with_lines(coupled, "with a decay in the gradient")
        if system.method == "sgd":
            yield system.with_lines({n: f.xreplace({DECAY: DECAY / RATE}) for n, f in coupled.items()}, "with a decay")


def _schedules(system: System) -> Iterator[System]:
    """A factor of a schedule before the rate and the decay."""
    yield system
    step = system.formulas["theta"]
    if DECAY in step.free_symbols and RATE in step.free_symbols and system.method != "sgd":
        factor = sympy.Symbol(FACTOR)
        swap = {RATE: factor * RATE, DECAY: DECAY / RATE}
        yield system.with_lines({**system.formulas, "theta": step.xreplace(swap)}, "with a schedule")


def _moves(system: System) -> Iterator[System]:
    """The move of the parameter in a line of its own: added, or with the other sign and subtracted."""
    yield system
    formulas = system.formulas
    if MOVE in formulas:
        return
    move, step = sympy.Symbol(MOVE), formulas["theta"]
    change = sympy.expand(step - THETA)
    if change == new(VELOCITY):
        return
    for sign in (1, -1):
        lines = {**{n: f for n, f in system.lines if n != "theta"}, MOVE: sign * change, "theta": THETA + sign * move}
        both = frozenset() if sign == 1 else frozenset([MOVE, "theta"])
        yield system.with_lines(lines, "", together=both)


def symbols_in(formulas: Iterable[Expr]) -> set[Expr]:
    """The symbols of formulas."""
    return {symbol for formula in formulas for symbol in formula.free_symbols}
