"""What is known of a patient's situation, and the choices a site may make where the sources leave one."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from generator.model.tree import Node

Event = Literal[
    "first-diagnosis", "new-treatment", "re-baseline", "relapse", "pml-suspected", "intercurrent", "routine"
]
Months = Annotated[float, Field(ge=0, le=1200)]

# What is taken for granted when nothing is said. Every one that is used is listed in the answer.
ASSUMED: dict[str, object] = {
    "pregnancy": False,
    "prior_available": True,
    "stable": True,
    "high_activity": False,
    "spinal_symptoms": False,
    "flair_3d_available": True,
}

# What cannot be taken for granted: without it the answer is a question.
QUESTIONS: dict[str, str] = {
    "comparable": "Do this exam and the earlier one follow the same protocol, each with a good 3D FLAIR?",
    "treatment_months": "For how many months has the treatment been given?",
}


class Situation(Node):
    """One patient at one visit. Everything is optional; nothing here identifies a person.

    Durations are in months. ``comparable`` says that this exam and the earlier one follow the same
    protocol and both have a good-quality isotropic 3D FLAIR.
    """

    event: Event | None = None
    visit: date | None = Field(None, description="date of this exam")
    prior_available: bool | None = None
    comparable: bool | None = None
    stable: bool | None = None
    high_activity: bool | None = None
    diagnosis: date | None = Field(None, description="date of the diagnosis")
    months_since_diagnosis: Months | None = None
    treatment_start: date | None = Field(None, description="first dose of the present treatment")
    treatment_months: Months | None = None
    rebaseline_month: Annotated[float, Field(ge=3, le=24)] = Field(
        6, description="months from the first dose to the re-baseline; later for drugs that act late"
    )
    jcv_status: Literal["positive", "negative"] | None = None
    jcv_index: Annotated[float, Field(ge=0, le=20)] | None = None
    spinal_symptoms: bool | None = None
    months_since_last_spine: Months | None = None
    pregnancy: bool | None = Field(None, description="pregnant, or a pregnancy is planned")
    flair_3d_available: bool | None = None


class Policy(Node):
    """A site's choice where the sources disagree or leave one; the defaults are the proposed readings."""

    jcv_low_index_policy: Literal["ask", "literal", "general"] = "ask"
    rebaseline_gd: Literal["required", "optional"] = "required"
    profiles: tuple[str, ...] = Field(
        (), description="packs beyond OFSEP 2020 whose intervals are wanted, such as ms-follow-up-2025"
    )


def months_between(start: date, end: date) -> float:
    """Months from one date to another, days as a part of the month they fall in."""
    whole = (end.year - start.year) * 12 + end.month - start.month
    days = end.day - min(start.day, monthrange(end.year, end.month)[1])
    return whole + days / monthrange(end.year, end.month)[1]


def add_months(start: date, months: float) -> date:
    """Return the date that is so many months later; the 31st becomes the last day of a shorter month."""
    whole = int(months + 0.5)
    year, month = divmod(start.year * 12 + start.month - 1 + whole, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def derived(situation: Situation) -> Situation:
    """Fill what follows from the dates and what is taken for granted.

    The event, where none is given, is the re-baseline within a month of its time and a routine visit
    otherwise.
    """
    known: dict[str, object] = {}
    visit = situation.visit
    if visit and situation.treatment_start and situation.treatment_months is None:
        known["treatment_months"] = max(0.0, months_between(situation.treatment_start, visit))
    if visit and situation.diagnosis and situation.months_since_diagnosis is None:
        known["months_since_diagnosis"] = max(0.0, months_between(situation.diagnosis, visit))
    filled = situation.model_copy(update=known)
    if filled.event is None:
        months = filled.treatment_months
        near = months is not None and abs(months - filled.rebaseline_month) <= 1
        known["event"] = "re-baseline" if near else "routine"
    known |= {name: value for name, value in ASSUMED.items() if getattr(situation, name) is None}
    return situation.model_copy(update=known)


def assumptions(situation: Situation) -> tuple[str, ...]:
    """Name what was taken for granted, in words for the answer."""
    filled = derived(situation)
    found = [
        f"{name} = {_word(value)}" for name, value in ASSUMED.items() if getattr(situation, name) is None
    ]
    if situation.event is None:
        found.insert(0, f"event = {filled.event}")
    return tuple(found)


def _word(value: object) -> str:
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
