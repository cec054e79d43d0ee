"""The decision table, and the decision it gives for one situation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import Field

from generator.followup.situation import QUESTIONS, Policy, Situation, assumptions, derived
from generator.model import words
from generator.model.tree import Node
from generator.resources import specs

Gadolinium = Literal["give", "optional", "none", "clinician"]


class Bounds(Node):
    """A condition on a number: ``min`` and ``max`` belong to the range, ``below`` does not."""

    min: float | None = None
    below: float | None = None
    max: float | None = None

    def holds(self, value: float) -> bool:
        """Say whether a value lies within the bounds."""
        return (
            (self.min is None or value >= self.min)
            and (self.below is None or value < self.below)
            and (self.max is None or value <= self.max)
        )


Condition = Bounds | bool | str | None


class Reading(Node):
    """One way to read a passage that can be read in two."""

    protocol: str
    months: tuple[float, float]
    default: float
    why: str


class Entry(Node):
    """One row of the decision table."""

    id: str
    title: str
    when: Mapping[str, Condition]
    protocol: str | None = None
    protocol_with_gadolinium: str | None = None
    gadolinium: Gadolinium = "none"
    gadolinium_policy: Literal["rebaseline_gd"] | None = None
    why: str
    months: tuple[float, float] | None = None
    default: float | None = None
    default_with: Mapping[str, float] = Field(
        default_factory=dict, description="month of the next exam where a profile is wanted"
    )
    yearly: str | None = Field(None, description="protocol that one exam a year is extended to")
    screening_from_month: float | None = None
    offer: tuple[words.Role, ...] = ()
    policy: Literal["jcv_low_index_policy"] | None = None
    readings: Mapping[str, Reading] = Field(default_factory=dict)
    profile: str | None = None
    spine: str | None = None
    replace: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    sources: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()


class Table(Node):
    """The decision table: the first entry that fits decides, the others stand beside it."""

    decisions: tuple[Entry, ...]
    spine: tuple[Entry, ...]
    rewrites: tuple[Entry, ...]


class Question(Node):
    """Something that has to be answered by a person before there is a decision."""

    fact: str
    text: str
    readings: Mapping[str, Reading] = Field(default_factory=dict)
    conflicts: tuple[str, ...] = ()


class Decision(Node):
    """What a patient needs at this visit.

    Attributes
    ----------
    entry, spine, rewrites : Entry
        Rows of the table that apply; ``entry`` is ``None`` while a question is open.
    months : tuple of float or None
        Earliest and latest month of the next exam.
    """

    entry: Entry | None = None
    protocol: str | None = None
    gadolinium: Gadolinium | None = None
    why: str = ""
    months: tuple[float, float] | None = None
    default: float | None = None
    spine: Entry | None = None
    rewrites: tuple[Entry, ...] = ()
    questions: tuple[Question, ...] = ()
    assumed: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    conflicts: Annotated[tuple[str, ...], Field(description="readings that the answer rests on")] = ()


@cache
def table() -> Table:
    """Load the shipped decision table."""
    import yaml

    text = specs("followup", "decisions.yaml").read_text(encoding="utf-8")
    return Table.model_validate(yaml.safe_load(text))


def fits(entry: Entry, situation: Situation) -> bool | None:
    """Say whether an entry fits; ``None`` if that hangs on a fact that nobody stated."""
    answers = [_holds(condition, getattr(situation, fact)) for fact, condition in entry.when.items()]
    if False in answers:
        return False
    return None if None in answers else True


def _holds(condition: Condition, value: Any) -> bool | None:
    if condition is None:
        return value is None
    if value is None:
        return None
    return condition.holds(value) if isinstance(condition, Bounds) else bool(value == condition)


def decide(situation: Situation, policy: Policy | None = None) -> Decision:
    """Decide which exam a patient needs.

    Parameters
    ----------
    situation : Situation
        What is known; what is not stated is assumed only where ``situation.ASSUMED`` says so, and every
        assumption is named in the answer.
    policy : Policy, optional
        The site's choices.

    Returns
    -------
    Decision
        With ``questions`` instead of an answer where a fact or a choice is missing.
    """
    policy = policy or Policy()
    known = derived(situation)
    questions: list[Question] = []
    questions += _contradictions(situation)
    entry = None if questions else _first(table().decisions, known, policy, questions)
    spine = _first(table().spine, known, policy, [])
    rewrites = tuple(row for row in table().rewrites if fits(row, known))
    decision = Decision() if entry is None else _answer(entry, known, policy, questions)
    rows = [row for row in (entry, spine, *rewrites) if row is not None]
    return decision.model_copy(
        update={
            "spine": spine,
            "rewrites": rewrites,
            "questions": tuple(questions),
            "assumed": assumptions(situation),
            "sources": _unique(source for row in rows for source in row.sources),
            "conflicts": _unique(
                conflict
                for conflicts in [*(row.conflicts for row in rows), *(q.conflicts for q in questions)]
                for conflict in conflicts
            ),
        }
    )


def _contradictions(situation: Situation) -> list[Question]:
    """Ask about what was stated and does not fit together, rather than passing one of it over."""
    status, index = situation.jcv_status, situation.jcv_index
    if index is None or status == "positive":
        return []
    asked = "negative; which of them holds?" if status else "not stated; is it positive?"
    text = f"The JC virus index is {index:g} and the serology is {asked}"
    return [Question(fact="jcv_status", text=text)]


def profiles() -> tuple[str, ...]:
    """Name the packs beyond OFSEP whose intervals may be asked for."""
    rows = (*table().decisions, *table().spine, *table().rewrites)
    named = [name for row in rows for name in (row.profile, *row.default_with) if name]
    return tuple(sorted(set(named)))


def _unique(items: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))


def _first(
    rows: Sequence[Entry], known: Situation, policy: Policy, questions: list[Question]
) -> Entry | None:
    """Return the first row that fits, or ask for the fact that keeps an earlier one open."""
    for row in rows:
        if row.profile and row.profile not in policy.profiles:
            continue
        answer = fits(row, known)
        if answer:
            return row
        unknown = [
            fact for fact, condition in row.when.items() if _holds(condition, getattr(known, fact)) is None
        ]
        if answer is None and all(fact in QUESTIONS for fact in unknown):
            questions += [Question(fact=f, text=QUESTIONS[f], conflicts=row.conflicts) for f in unknown]
            return None
    return None


def _answer(entry: Entry, known: Situation, policy: Policy, questions: list[Question]) -> Decision:
    if entry.policy or (entry.id == "D12" and known.jcv_index == 1.5):
        return _by_reading(entry, policy, questions)
    return _plain(entry, policy)


def _plain(entry: Entry, policy: Policy) -> Decision:
    gadolinium = entry.gadolinium
    if entry.gadolinium_policy and policy.rebaseline_gd == "optional":
        gadolinium = "optional"
    wanted = [months for profile, months in entry.default_with.items() if profile in policy.profiles]
    return Decision(
        entry=entry,
        protocol=entry.protocol,
        gadolinium=gadolinium,
        why=entry.why,
        months=entry.months,
        default=min(wanted) if wanted else entry.default,
    )


def _by_reading(entry: Entry, policy: Policy, questions: list[Question]) -> Decision:
    """Apply the policy on the JC virus index, or ask: a low index, and 1.5 itself, are ambiguous.

    With a policy set, an index of exactly 1.5 counts as high, the more careful of its two readings.
    """
    low = next(row for row in table().decisions if row.policy == "jcv_low_index_policy")
    if policy.jcv_low_index_policy == "ask":
        text = (
            "The source can be read in two ways for this JC virus index; which reading does the site follow?"
        )
        readings = dict(low.readings)
        if entry is not low:
            assert entry.protocol and entry.months and entry.default
            high = Reading(protocol=entry.protocol, months=entry.months, default=entry.default, why=entry.why)
            readings = {"high": high, **readings}
        questions.append(
            Question(fact="jcv_low_index_policy", text=text, readings=readings, conflicts=entry.conflicts)
        )
        return Decision()
    if entry is not low:
        return _plain(entry, policy)
    reading = low.readings[policy.jcv_low_index_policy]
    return Decision(
        entry=low,
        protocol=reading.protocol,
        gadolinium=low.gadolinium,
        why=reading.why,
        months=reading.months,
        default=reading.default,
    )
