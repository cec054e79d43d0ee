"""Conditions: what a rule demands, as a tree of plain data, and its evaluation over facts.

Logic has three values: a comparison of which a side is not stated is neither kept nor broken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from generator.rules.facts.view import Facts, Unstated
from generator.rules.operators import COUNTS, EACH, REDUCERS, RELATIONS, Near


@dataclass(frozen=True, slots=True)
class Reference:
    """A limit that is another fact: ``{fact: repetition_time, times: 1.02, plus: -5 ms}``."""

    fact: str
    times: float = 1.0
    plus: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """One value held against one limit; ``holds`` is ``None`` if it cannot be decided.

    Attributes
    ----------
    against : Reference or None
        The other fact that the limit comes from.
    source : str or None
        What the limit rests on, where it has a source of its own.
    """

    fact: str
    reducer: str | None
    relation: str
    measured: Any
    limit: Any
    holds: bool | None
    uncertainty: float = 0.0
    against: Reference | None = None
    source: str | None = None


Check = Callable[[Facts], Iterator[Comparison]]
"""A check that data cannot express: facts of a subject to comparisons."""


@dataclass(slots=True)
class Outcome:
    """What evaluating a condition gave: truth, its comparisons, the facts that were missing.

    Attributes
    ----------
    parts : list of Outcome
        Outcomes of the parts of a joined condition; empty for a single comparison.
    either : bool
        Whether one of the parts would have been enough.
    """

    truth: bool | None
    comparisons: list[Comparison] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    parts: Sequence[Outcome] = ()
    either: bool = False

    @property
    def broken(self) -> list[Comparison]:
        """The comparisons to blame for a condition that does not hold."""
        if self.parts:
            return [one for part in self.parts if part.truth is False for one in part.broken]
        return [one for one in self.comparisons if one.holds is False]

    @property
    def undecided(self) -> list[Comparison]:
        """The comparisons that an uncertainty leaves open."""
        if self.parts:
            return [one for part in self.parts if part.truth is None for one in part.undecided]
        return [one for one in self.comparisons if one.holds is None]


@dataclass(frozen=True, slots=True)
class Test:
    """One fact, perhaps reduced to a number, in a relation to a limit."""

    fact: str
    reducer: str | None
    relation: str
    operand: Any

    def evaluate(self, facts: Facts) -> Outcome:
        """Compare, or name the fact that is missing."""
        if self.relation == "stated":
            value = facts.get(self.fact)
            if (value is not None) == self.operand:
                return Outcome(True)
            return Outcome(False, [Comparison(self.fact, None, "stated", value, self.operand, False)])
        try:
            measured = facts[self.fact]
            reducer = self.reducer
            if reducer is not None:
                only = len(measured) == 1 and reducer not in (*COUNTS, EACH)
                measured = _reduce(measured, reducer, self.fact)
                reducer = None if only else reducer  # the largest of one is that one
            limit = _limit(self.operand, facts) if isinstance(self.operand, _COMPOSED) else self.operand
        except Unstated as unstated:
            return Outcome(None, missing=[unstated.name])
        if self.reducer == EACH:
            uncertainty, holds = 0.0, _each_holds(self.relation, measured, limit)
        else:
            uncertainty = 0.0 if self.reducer else facts.uncertainty(self.fact)
            holds = _holds(self.relation, measured, limit, uncertainty)
        if holds is None and not uncertainty:
            return Outcome(None, missing=[self.fact])
        made = Comparison(
            *(self.fact, reducer, self.relation, measured, limit, holds, uncertainty),
            against=_referred(self.operand),
        )
        return Outcome(holds, [made])


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds."""

    parts: tuple[Condition, ...]

    def evaluate(self, facts: Facts) -> Outcome:
        """False if one part is broken, else open if one is open."""
        found = [part.evaluate(facts) for part in self.parts]
        return _joined(found, decisive=False)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple[Condition, ...]

    def evaluate(self, facts: Facts) -> Outcome:
        """Return true if one part holds, else open if one is open."""
        found = [part.evaluate(facts) for part in self.parts]
        return _joined(found, decisive=True)


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Condition

    def evaluate(self, facts: Facts) -> Outcome:
        """Turn the truth around; what is open stays open."""
        return _turned(self.part.evaluate(facts))


def _turned(inner: Outcome) -> Outcome:
    said = [replace(c, relation=f"not {c.relation}", holds=_turn(c.holds)) for c in inner.comparisons]
    parts = [_turned(part) for part in inner.parts]
    return Outcome(_turn(inner.truth), said, inner.missing, parts, not inner.either)


Condition = Test | AllOf | AnyOf | Not
_COMPOSED = (Reference, Near, tuple)
"""Operands that may hold a reference; any other is a value."""


_TRUE = Outcome(True)


def applies(condition: Condition | None, facts: Facts) -> Outcome:
    """Evaluate a condition of which only the truth matters: it stops at the first part that fails."""
    if condition is None:
        return _TRUE
    if not isinstance(condition, AllOf):
        return condition.evaluate(facts)
    open_part = _TRUE
    for part in condition.parts:
        found = applies(part, facts)
        if found.truth is False:
            return found
        if found.truth is None:
            open_part = found
    return open_part


def facts_of(condition: Condition) -> Iterator[str]:
    """Name every fact that a condition speaks of."""
    if isinstance(condition, Test):
        yield condition.fact
        yield from _facts_of_operand(condition.operand)
    elif isinstance(condition, Not):
        yield from facts_of(condition.part)
    else:
        for part in condition.parts:
            yield from facts_of(part)


def _facts_of_operand(operand: Any) -> Iterator[str]:
    if isinstance(operand, Reference):
        yield operand.fact
        for added in operand.plus:
            yield from _facts_of_operand(added)
    elif isinstance(operand, Near):
        yield from _facts_of_operand(operand.value)
    elif isinstance(operand, tuple):
        for part in operand:
            yield from _facts_of_operand(part)


def _turn(truth: bool | None) -> bool | None:
    return None if truth is None else not truth


def _joined(found: Sequence[Outcome], decisive: bool) -> Outcome:
    """Join outcomes: one that equals ``decisive`` settles the matter."""
    truths = [outcome.truth for outcome in found]
    truth: bool | None = not decisive
    if decisive in truths:
        truth = decisive
    elif None in truths:
        truth = None
    comparisons = [one for outcome in found for one in outcome.comparisons]
    missing = [name for outcome in found for name in outcome.missing]
    return Outcome(truth, comparisons, missing, found, decisive)


def _referred(operand: Any) -> Reference | None:
    """Return the reference that an operand is, if it is one."""
    inner = operand.value if isinstance(operand, Near) else operand
    return inner if isinstance(inner, Reference) else None


def _reduce(value: Any, reducer: str | None, fact: str) -> Any:
    if reducer is None or reducer == EACH:
        return value
    if reducer not in COUNTS and (not value or None in value):
        raise Unstated(fact)
    return REDUCERS[reducer][0](value)


def _limit(operand: Any, facts: Facts) -> Any:
    """Work out a limit: a literal is the limit, a reference is looked up."""
    if isinstance(operand, Reference):
        total = facts[operand.fact]
        if operand.times != 1.0:
            total = total * operand.times
        for added in operand.plus:
            total = total + _limit(added, facts)
        return total
    if isinstance(operand, Near):
        return Near(_limit(operand.value, facts), operand.tolerance, operand.percent)
    if isinstance(operand, tuple):
        return tuple(_limit(part, facts) for part in operand)
    return operand


def _each_holds(relation: str, values: Sequence[Any], limit: Any) -> bool | None:
    """Decide a relation for every entry; one that is not stated leaves it open unless another fails."""
    decide = RELATIONS[relation].holds
    known = [one for one in values if one is not None]
    if not all(decide(one, limit) for one in known):
        return False
    return True if known and len(known) == len(values) else None


def _holds(relation: str, value: Any, limit: Any, uncertainty: float) -> bool | None:
    """Decide a relation; open where the limit lies within the uncertainty of the value."""
    decide = RELATIONS[relation].holds
    if not uncertainty:
        return decide(value, limit)
    low, high = decide(value - uncertainty, limit), decide(value + uncertainty, limit)
    return low if low == high else None
