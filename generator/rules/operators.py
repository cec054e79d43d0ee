"""The words of the rule language: reducers over lists and relations between a value and a limit.

Each word is in one table; the grammar, the evaluation and the reference page use the same ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Operand = Literal["value", "pair", "near", "words", "groups", "yes-no"]

ROUNDING = 1e-9
"""Relative slack of every numeric comparison, so that 0.1 + 0.2 is not above 0.3."""


@dataclass(frozen=True, slots=True)
class Relation:
    """One relation: its operand, how it reads in a message, and how it is decided."""

    operand: Operand
    phrase: str
    holds: Callable[[Any, Any], bool]
    meaning: str


def _slack(limit: Any) -> float:
    return ROUNDING * max(1.0, abs(limit)) if isinstance(limit, (int, float)) else 0.0


def _not_above(value: Any, limit: Any) -> bool:
    return bool(value <= limit) if isinstance(value, str) else bool(value <= limit + _slack(limit))


def _below(value: Any, limit: Any) -> bool:
    return not _not_above(limit, value)


def _within(value: Any, limits: Sequence[Any]) -> bool:
    return _not_above(limits[0], value) and _not_above(value, limits[1])


def _equal(value: Any, wanted: Any) -> bool:
    if isinstance(value, (list, tuple)) and isinstance(wanted, (list, tuple)):
        return len(value) == len(wanted) and all(map(_equal, value, wanted))
    if isinstance(value, (int, float)) and isinstance(wanted, (int, float)):
        return math.isclose(value, wanted, rel_tol=ROUNDING, abs_tol=ROUNDING)
    return bool(value == wanted)


@dataclass(frozen=True, slots=True)
class Near:
    """A value and how far from it is still the same."""

    value: Any
    tolerance: float | None = None
    percent: float | None = None


def _near(value: Any, limit: Near) -> bool:
    wanted = limit.value
    if isinstance(value, (list, tuple)) or isinstance(wanted, (list, tuple)):
        if not isinstance(value, (list, tuple)) or not isinstance(wanted, (list, tuple)):
            return False
        pairs = zip(value, wanted, strict=False)
        same_length = len(value) == len(wanted)
        return same_length and all(_near(v, Near(w, limit.tolerance, limit.percent)) for v, w in pairs)
    if value is None or wanted is None:
        return value is wanted
    width = abs(wanted) * (limit.percent or 0.0) / 100.0 if limit.tolerance is None else limit.tolerance
    return bool(abs(value - wanted) <= width + _slack(wanted))


def _in_order(order: Sequence[str], groups: Sequence[Sequence[str]]) -> bool:
    places = [
        min(order.index(word) for word in group if word in order)
        for group in groups
        if any(word in order for word in group)
    ]
    return places == sorted(places)


def _any_of(value: Sequence[Any], wanted: Sequence[Any]) -> bool:
    return any(_equal(own, word) for own in value for word in wanted)


def _all_of(value: Sequence[Any], wanted: Sequence[Any]) -> bool:
    return all(any(_equal(own, word) for own in value) for word in wanted)


RELATIONS: dict[str, Relation] = {
    "at_least": Relation("value", "must be at least", lambda v, x: _not_above(x, v), "not smaller than"),
    "at_most": Relation("value", "must be at most", _not_above, "not larger than"),
    "above": Relation("value", "must be above", lambda v, x: _below(x, v), "larger than"),
    "below": Relation("value", "must be below", _below, "smaller than"),
    "within": Relation("pair", "must be between", _within, "between two limits, both included"),
    "near": Relation("near", "must be near", _near, "equal up to a `tolerance` or a `percent`"),
    "is": Relation("value", "must be", _equal, "equal to"),
    "is_not": Relation("value", "must not be", lambda v, x: not _equal(v, x), "not equal to"),
    "one_of": Relation(
        "words", "must be one of", lambda v, x: _any_of([v], x), "any word or number of a list"
    ),
    "none_of": Relation("words", "must be none of", lambda v, x: not _any_of([v], x), "no word of a list"),
    "includes": Relation("words", "must include", _all_of, "a list that holds all of these"),
    "includes_any": Relation("words", "must include one of", _any_of, "a list that holds one of these"),
    "excludes": Relation(
        "words", "must not include", lambda v, x: not _any_of(v, x), "a list that holds none of these"
    ),
    "in_order": Relation(
        "groups",
        "must keep the order",
        _in_order,
        "first occurrences in this order, as far as they are there",
    ),
    "ends_with": Relation("words", "must end with one of", lambda v, x: _any_of(v[-1:], x), "the last entry"),
    "stated": Relation(
        "yes-no", "must be stated", lambda v, x: (v is not None) == x, "whether it is known at all"
    ),
}

REDUCERS: dict[str, tuple[Callable[[Sequence[Any]], Any], str]] = {
    "largest": (max, "the largest entry"),
    "smallest": (min, "the smallest entry"),
    "count": (len, "how many entries there are"),
    "distinct": (lambda items: len(set(items)), "how many different entries there are"),
}
"""Words that make one number of a list. ``count`` and ``distinct`` have no unit."""

COUNTS = frozenset({"count", "distinct"})
EACH = "every"
"""The word that puts a relation to each entry of a list."""
