"""``symnn operators``: the operators there are, each with its formula."""

from __future__ import annotations

import difflib
import glob
import itertools
import json
from typing import TYPE_CHECKING, Any

import click

from symnn.cli.output import deliver
from symnn.errors import SymnnError, excerpt

if TYPE_CHECKING:
    from symnn.declare import Operator
    from symnn.formula.application import NamedFormula
    from symnn.recipes import Recipe


@click.command(short_help="List the operators.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
def operators(format_: str) -> None:
    """List the operators, each with its formula. `symnn derive NAME` shows one in full.

    \b
    Examples:
      symnn operators
      symnn operators --format json
    """
    from symnn.declare import registry
    from symnn.recipes import recipes

    declared = sorted(registry.all(), key=lambda operator: operator.kind)  # stable: declaration order within
    known = sorted(recipes.all(), key=lambda recipe: recipe.kind)
    if format_ == "json":
        fields = {"operators": [_fields(o) for o in declared], "recipes": [_recipe_fields(r) for r in known]}
        content = json.dumps(fields, indent=2, ensure_ascii=False)
    else:
        groups = itertools.groupby(declared, key=lambda operator: operator.kind or "other")
        content = "\n\n".join(
            f"{kind}\n\n" + "\n\n".join("\n".join(_lines(operator)) for operator in members) for kind, members in groups
        )
        for kind, several in itertools.groupby(known, key=lambda recipe: recipe.kind):
            content += f"\n\n{kind}\n\n" + "\n\n".join("\n".join(_recipe_lines(recipe)) for recipe in several)
    deliver(content, None)


def find_operator(name: str) -> Operator | Recipe:
    """Return the operator of this name or alias, or the recipe: an optimiser, an initialisation.

    Raises :class:`SymnnError` if there is none, with what may have been meant: another operator, or a file.
    """
    from symnn.declare import registry
    from symnn.recipes import recipes

    found = registry.find(name) or recipes.find(name)
    if found is not None:
        return found
    declared: list[Operator | Recipe] = [*registry.all(), *recipes.all()]
    names = [known for each in declared for known in (each.name, *each.aliases)]
    similar = sorted(glob.glob(glob.escape(name) + ".*")) or difflib.get_close_matches(name.lower(), names, n=1)
    meant = f"; did you mean {excerpt(similar[0])}?" if similar else ""
    raise SymnnError(f"'{excerpt(name)}' is neither a file nor an operator{meant}")


def _lines(operator: Operator) -> list[str]:
    arguments = [f"{tensor.name}: {_shape(tensor.shape)}" for tensor in operator.parameters]
    constants = [
        f"{constant.name}: {'positive' if constant.positive else 'real'}"
        + ("" if constant.default is None else f" = {constant.default}")
        for constant in (*operator.constants, *operator.rates)
    ]
    if constants:
        arguments += ["*", *constants]
    result = _shape(operator.definition.result.tensor.shape)
    lines = [f"  {operator.name}({', '.join(arguments)}) -> {result}", f"      {operator.summary}"]
    lines += [f"      {_entry(step)} = {step.formula}" for step in operator.definition.steps]
    lines += [
        f"      keeps {_entry(state)}: {state.formula}, at first {state.start}" for state in operator.definition.updates
    ]
    lines += [f"      when training is over, {_entry(step)} = {step.formula}" for step in operator.definition.in_use]
    if operator.aliases:
        lines.append(f"      also called: {', '.join(operator.aliases)}")
    return lines


def _recipe_lines(recipe: Recipe) -> list[str]:
    arguments = [p.name for p in recipe.parameters]
    arguments += ["*", *(c.name for c in recipe.constants)] if recipe.constants else []
    lines = [f"  {recipe.name}({', '.join(arguments)})", f"      {recipe.summary}"]
    lines += [f"      {part.tensor.name} = {part.formula}" for part in recipe.parts]
    if recipe.aliases:
        lines.append(f"      also called: {', '.join(recipe.aliases)}")
    return lines


def _recipe_fields(recipe: Recipe) -> dict[str, Any]:
    return {
        "name": recipe.name,
        "aliases": list(recipe.aliases),
        "kind": recipe.kind,
        "summary": recipe.summary,
        "parameters": [p.name for p in recipe.parameters],
        "constants": [c.name for c in recipe.constants],
        "parts": [{"name": p.tensor.name, "updates": p.updates, "formula": str(p.formula)} for p in recipe.parts],
        "source": recipe.source,
    }


def _fields(operator: Operator) -> dict[str, Any]:
    return {
        "name": operator.name,
        "aliases": list(operator.aliases),
        "kind": operator.kind,
        "summary": operator.summary,
        "latex": operator.latex,
        "parameters": [{"name": t.name, "shape": [str(d) for d in t.shape]} for t in operator.parameters],
        "constants": [
            {
                "name": constant.name,
                "domain": "positive" if constant.positive else "real",
                "default": None if constant.default is None else str(constant.default),
            }
            for constant in (*operator.constants, *operator.rates)
        ],
        "shape": [str(d) for d in operator.definition.result.tensor.shape],
        "definition": [{"entry": _entry(step), "formula": str(step.formula)} for step in operator.definition.steps],
        "state": [
            {"entry": _entry(state), "start": str(state.start), "next": str(state.formula)}
            for state in operator.definition.updates
        ],
        "in_use": [{"entry": _entry(step), "formula": str(step.formula)} for step in operator.definition.in_use],
        "source": operator.source,
    }


def _shape(shape: tuple[Any, ...]) -> str:
    return " × ".join(map(str, shape)) or "scalar"


def _entry(step: NamedFormula) -> str:
    indices = ", ".join(map(str, step.indices))
    return f"{step.tensor.name}[{indices}]" if indices else str(step.tensor.name)
