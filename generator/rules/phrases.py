"""Findings in words: values with their units, relations with their limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from generator.model.spoken import joined, with_unit, word
from generator.model.units import tidy
from generator.rules.facts.labels import entry, has_plural, label, whose
from generator.rules.facts.table import Fact, facts
from generator.rules.language import Comparison, Outcome
from generator.rules.operators import COUNTS, EACH, RELATIONS, Near
from generator.rules.rule import Rule, Verdict
from generator.text import clock

_CLOCK_FROM_S = 60.0
_DIGITS = 4
_ENUMERATED = {"includes": "and", "excludes": "or"}
"""Words between the last two of a list that a relation demands; ``or`` for all others."""


def message(rule: Rule, verdict: Verdict) -> str:
    """One sentence: what the rule says, what was measured, what the limit is."""
    outcome = verdict.outcome
    if verdict.status == "unknown":
        lack = joined([label(name, plural=True) for name in dict.fromkeys(outcome.missing)])
        return f"{rule.title}: cannot be decided, the card does not state {lack}"
    modal = "must" if verdict.result == "error" else "should"
    if verdict.status == "undecided":
        return f"{rule.title}: cannot be decided, {_Sentence(None, modal).of(outcome)}"
    seen = f"{rule.consequence}; " if rule.consequence else ""
    return f"{rule.title}: {seen}{_Sentence(False, modal).of(outcome)}"


@dataclass
class _Sentence:
    """Says which comparisons are to blame; a value is written once, of alternatives all are named.

    Attributes
    ----------
    truth : bool or None
        Of the comparisons to speak of: those that do not hold, or those that cannot be decided.
    modal : str
        ``must`` or ``should``.
    """

    truth: bool | None
    modal: str
    written: set[str] = field(default_factory=set)

    def of(self, outcome: Outcome, alternative: bool = False) -> str:
        """Say an outcome, and of its parts those that matter."""
        if not outcome.parts:
            found = outcome.undecided if self.truth is None else outcome.broken
            return "; ".join(dict.fromkeys(self.compared(one, alternative) for one in found))
        either = alternative or outcome.either
        parts = [self.of(part, either) for part in outcome.parts if part.truth is self.truth]
        return (", or " if outcome.either else "; ").join(dict.fromkeys(filter(None, parts)))

    def compared(self, one: Comparison, alternative: bool) -> str:
        """Say what was measured, unless it is written already, and what it should have been."""
        if one.relation.removeprefix("not ") == "stated":
            return f"{label(one.fact)} {self.statement(one, alternative)}"
        unit = unit_of(facts().get(one.fact), one.reducer)
        measured, demand = _measured(one, unit), f"{self.modal} {_demanded(one, unit)}"
        if measured in self.written:
            return demand
        self.written.add(measured)
        return f"{measured}, {demand}"

    def statement(self, one: Comparison, alternative: bool) -> str:
        """Say that something has to be stated, or not to be."""
        if one.limit is one.relation.startswith("not "):
            return f"{self.modal} not be stated"
        return f"{self.modal} be stated" if alternative else "is missing"


def _measured(one: Comparison, unit: str | None) -> str:
    """Say a value in a sentence: ``echo times are 5 and 10 ms``."""
    listed = isinstance(one.measured, Sequence) and not isinstance(one.measured, str)
    several = listed and has_plural(one.fact) and len(one.measured) != 1
    if several and not one.measured:
        return f"there are no {label(one.fact, plural=True)}"
    value = show(one.measured, unit)
    if one.uncertainty:
        value += f" ± {show(one.uncertainty, unit)}"
    return f"{_name(one, several)} {'are' if several else 'is'} {value}"


def _name(one: Comparison, several: bool) -> str:
    if one.reducer in COUNTS:
        return f"number of {label(one.fact, plural=True)}"
    if one.reducer and one.reducer != EACH:
        return f"{one.reducer} {entry(one.fact)}"
    return label(one.fact, plural=several)


def _demanded(one: Comparison, unit: str | None) -> str:
    """Say what a comparison asks for, without its verb: ``be at least 3 mm``."""
    negated, relation = one.relation.startswith("not "), one.relation.removeprefix("not ")
    phrase = RELATIONS[relation].phrase.removeprefix("must ").removesuffix(" one of").removesuffix(" none of")
    if negated is not (relation == "none_of"):
        phrase = f"not {phrase}"
    every = " in every entry" if one.reducer == EACH else ""
    return f"{phrase} {limit(one.limit, relation, unit)}{_origin(one)}{every}"


def _origin(one: Comparison) -> str:
    """Say of what other fact the limit is, or is worked out from."""
    if one.against is None:
        return ""
    own, owner = whose(one.against.fact)
    if owner and own == one.fact:
        return f" (as {owner})"
    worked_out = one.against.times != 1.0 or bool(one.against.plus)
    return f" ({'from the ' if worked_out else 'the '}{label(one.against.fact)})"


def plain_limit(one: Comparison) -> Any:
    """The limit as data: a value, two values or a list."""
    return one.limit.value if isinstance(one.limit, Near) else one.limit


def limit(value: Any, relation: str, unit: str | None) -> str:
    """Write the limit of a comparison."""
    if isinstance(value, Near):
        width = f"{value.percent:g} %" if value.percent is not None else show(value.tolerance, unit)
        return f"{show(value.value, unit)} ± {width}"
    if relation == "within":
        return f"{_number(value[0])} and {show(value[1], unit)}"
    if relation == "in_order":
        return " \u2192 ".join(joined([word(one) for one in group], "or") for group in value)
    if RELATIONS[relation].operand == "words":
        return _listed(value, unit, _ENUMERATED.get(relation, "or"))
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
        return word(value) or "empty"
    if isinstance(value, Sequence):
        return _listed(value, unit)
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {show(inner)}" for key, inner in value.items())
    if not isfinite(value):
        return f"{value:g}"
    if unit == "s" and abs(value) >= _CLOCK_FROM_S:
        return f"{clock(value)} min"
    return with_unit(_number(value), unit)


def _number(value: float) -> str:
    """Write a number with the digits that matter; no minus before a zero."""
    rounded = float(f"{value:.{_DIGITS}g}") if abs(value) < 10**_DIGITS else round(value)
    return f"{tidy(rounded) + 0.0:.12g}"


def _listed(values: Sequence[Any], unit: str | None, last: str = "and") -> str:
    """Write several values, a common unit once."""
    if not values:
        return "empty"
    if all(isinstance(one, (int, float)) or one is None for one in values):
        numbers = ["?" if one is None else _number(one) for one in values]
        if unit == "mm":
            return f"{' × '.join(numbers)} mm"
        return with_unit(joined(numbers, last), unit)
    return joined([show(one, unit) for one in values], last)
