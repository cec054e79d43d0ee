"""Findings in words: values with their units, relations with their limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from generator.model import units
from generator.rules.facts.table import Fact, facts
from generator.rules.language import Comparison
from generator.rules.operators import COUNTS, EACH, RELATIONS, Near
from generator.rules.rule import Rule, Verdict
from generator.text import clock

_CLOCK_FROM_S = 60.0
_DIGITS = 4


def message(rule: Rule, verdict: Verdict) -> str:
    """One sentence: what the rule says, what was measured, what the limit is."""
    if verdict.status == "untold":
        lack = ", ".join(dict.fromkeys(name.replace("_", " ") for name in verdict.outcome.missing))
        return f"{rule.title}: cannot be told, the card does not state {lack}"
    if verdict.status == "undecided":
        said = "; ".join(compared(one) for one in verdict.outcome.undecided)
        return f"{rule.title}: cannot be told, {said}"
    said = "; ".join(dict.fromkeys(compared(one) for one in verdict.outcome.broken))
    return f"{rule.title}: {said}" if said else f"{rule.title}: it is not so"


def compared(one: Comparison) -> str:
    """Say what was measured and what it should have been."""
    fact = facts().get(one.fact)
    label = fact.label if fact else one.fact.replace("_", " ")
    if one.reducer and one.reducer != EACH:
        label = f"number of {label}" if one.reducer in COUNTS else f"{one.reducer} {label}"
    unit = unit_of(fact, one.reducer)
    measured = show(one.measured, unit)
    if one.uncertainty:
        measured += f" ± {show(one.uncertainty, unit)}"
    return f"{label} is {measured}, {demanded(one, unit)}"


def demanded(one: Comparison, unit: str | None) -> str:
    """Say what a comparison asks for."""
    negated, relation = one.relation.startswith("not "), one.relation.removeprefix("not ")
    phrase = RELATIONS[relation].phrase
    if negated:
        phrase = (
            f"must not be that it {phrase}" if not phrase.startswith("must be") else f"must not{phrase[4:]}"
        )
    every = " in every entry" if one.reducer == EACH else ""
    return f"{phrase} {limit(one.limit, relation, unit)}{every}"


def plain_limit(one: Comparison) -> Any:
    """The limit as data: a value, two values or a list."""
    return one.limit.value if isinstance(one.limit, Near) else one.limit


def limit(value: Any, relation: str, unit: str | None) -> str:
    """Write the limit of a comparison."""
    if isinstance(value, Near):
        if value.percent is not None:
            return f"{show(value.value, unit)} (± {value.percent:g} %)"
        return f"{show(value.value, unit)} (± {show(value.tolerance, unit)})"
    if relation == "within":
        return f"{show(value[0], unit)} to {show(value[1], unit)}"
    if relation == "in_order":
        return ", ".join(" or ".join(group) for group in value)
    return show(value, unit)


def unit_of(fact: Fact | None, reducer: str | None) -> str | None:
    """Unit of a measured value; a number of entries has none."""
    return None if fact is None or reducer in COUNTS else fact.unit


def show(value: Any, unit: str | None = None) -> str:
    """Write a value for people: a time above a minute as on a clock, a list with its entries."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value or "empty"
    if isinstance(value, Sequence):
        return _listed(value, unit)
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {show(inner)}" for key, inner in value.items())
    if not isfinite(value):
        return f"{value:g}"
    if unit == "s" and abs(value) >= _CLOCK_FROM_S:
        return f"{clock(value)} min"
    return units.show(float(f"{value:.{_DIGITS}g}") if abs(value) < 10**_DIGITS else round(value), unit or "")


def _listed(values: Sequence[Any], unit: str | None) -> str:
    if not values:
        return "empty"
    if all(isinstance(one, (int, float)) or one is None for one in values) and unit == "mm":
        return " × ".join("?" if one is None else f"{one:.{_DIGITS}g}" for one in values) + " mm"
    return ", ".join(show(one, unit) for one in values)
