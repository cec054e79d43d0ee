"""What is known of a patient's situation, and the choices a site may make where the sources leave one."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from generator.followup import drugs
from generator.followup.table import table
from generator.model.tree import Node

Event = Literal[
    "first-diagnosis",
    "new-treatment",
    "re-baseline",
    "relapse",
    "pml-suspected",
    "intercurrent",
    "treatment-stopped",
    "routine",
]
Course = Literal["ris", "cis", "relapsing", "primary-progressive", "secondary-progressive"]
SILENT_COURSES = ("ris", "primary-progressive", "secondary-progressive")
ACTIVE_EVENTS = ("first-diagnosis", "relapse", "pml-suspected")
"""Events that say themselves why the course is unstable, with the interval of active disease."""

Months = Annotated[float, Field(ge=0, le=1200)]

# What is taken for granted when nothing is said. Every one that is used is listed in the answer.
ASSUMED: dict[str, object] = {
    "course": "relapsing",
    "paediatric": False,
    "pregnancy": False,
    "prior_available": True,
    "stable": True,
    "spinal_symptoms": False,
    "flair_3d_available": True,
}


class Situation(Node):
    """One patient at one visit. Everything is optional; nothing here identifies a person.

    Durations are in months. ``comparable`` says that this exam and the earlier one follow the same
    protocol and both have a good-quality isotropic 3D FLAIR. Treatments are generic names of
    ``specs/followup/drugs.yaml``, ``none`` or ``other``.
    """

    event: Event | None = None
    visit: date | None = Field(None, description="date of this exam")
    course: Course | None = None
    paediatric: bool | None = Field(None, description="a child or an adolescent")
    prior_available: bool | None = None
    comparable: bool | None = None
    stable: bool | None = None
    high_activity: bool | None = None
    diagnosis: date | None = Field(None, description="date of the diagnosis")
    months_since_diagnosis: Months | None = None
    treatment: str | None = Field(
        None, description="the present treatment, or the one that starts or stops now"
    )
    treatment_start: date | None = Field(None, description="first dose of the present treatment")
    treatment_months: Months | None = None
    previous_treatment: str | None = Field(None, description="the treatment before the present one")
    months_since_previous: Months | None = Field(None, description="months since its last dose")
    rebaseline_month: Annotated[float, Field(ge=3, le=24)] = Field(
        6, description="months from the first dose to the re-baseline; later for drugs that act late"
    )
    jcv_status: Literal["positive", "negative"] | None = None
    jcv_index: Annotated[float, Field(ge=0, le=20)] | None = None
    pml_risk: bool | None = Field(None, description="the clinician counts the patient to the high PML risk")
    spinal_symptoms: bool | None = None
    months_since_last_spine: Months | None = None
    months_since_full_exam: Months | None = Field(
        None, description="months since the last exam with a 3D T1, for patients under PML screening"
    )
    pregnancy: bool | None = Field(None, description="pregnant, or a pregnancy is planned")
    flair_3d_available: bool | None = None

    @field_validator("treatment", "previous_treatment")
    @classmethod
    def _known_drug(cls, name: str | None) -> str | None:
        found = name if name is None else drugs.canonical(name)
        if name is not None and found is None:
            near = drugs.near(name)
            hint = f"; did you mean {near}?" if near else ""
            raise ValueError(f"the generic name of a drug, its class, none or other{hint}")
        return found

    @field_validator("treatment_start", "diagnosis")
    @classmethod
    def _not_after_the_visit(cls, begun: date | None, info: ValidationInfo) -> date | None:
        visit = info.data.get("visit")
        if visit and begun and begun > visit:
            raise ValueError(f"a day that is not after the visit ({visit.isoformat()})")
        return begun

    @field_validator("treatment_months")
    @classmethod
    def _as_the_dates_say(cls, months: float | None, info: ValidationInfo) -> float | None:
        visit, start = info.data.get("visit"), info.data.get("treatment_start")
        if months is not None and visit and start and abs(months_between(start, visit) - months) > 1:
            counted = f"{months_between(start, visit):.1f}"
            raise ValueError(
                f"what the dates say, {counted} months from {start.isoformat()}, or no such number"
            )
        return months


class Known(Situation):
    """A situation with what follows from it; ``None`` is what nobody stated and nothing is taken for.

    Attributes
    ----------
    treated : bool
        A treatment is given or starts now.
    covered : bool
        The sources speak of the course: neither RIS nor progressive MS nor a child.
    jcv_drug : str or None
        Whether the JC virus counts under the treatment: ``counts``, ``ask``, ``silent``.
    """

    treated: bool
    covered: bool
    course_named: bool
    drug_named: bool
    jcv_drug: Literal["counts", "ask", "silent"] | None
    rebaseline_ahead: bool | None = None
    first_year: bool | None = None
    assumed: tuple[str, ...] = ()


class Policy(Node):
    """A site's choice where the sources disagree or leave one; the defaults are the proposed readings."""

    jcv_low_index_policy: Literal["ask", "literal", "general"] = "ask"
    rebaseline_gd: Literal["required", "optional"] = "required"
    profiles: tuple[str, ...] = Field(
        ("ofsep-2020", "ms-follow-up-2025"),
        description="packs whose intervals cap the answer; ofsep-2020 alone decides where both speak",
    )


def months_between(start: date, end: date) -> float:
    """Months from one date to another, days as a part of the month they fall in."""
    whole = (end.year - start.year) * 12 + end.month - start.month
    days = end.day - min(start.day, monthrange(end.year, end.month)[1])
    return whole + days / monthrange(end.year, end.month)[1]


def add_months(start: date, months: float) -> date:
    """Return the date that is so many months later, never after it.

    The 31st becomes the last day of a shorter month; a part of a month is counted in whole days of it.
    """
    whole, part = divmod(round(months, 6), 1)
    year, month = divmod(start.year * 12 + start.month - 1 + int(whole), 12)
    length = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(start.day, length)) + timedelta(days=int(part * length))


def derived(situation: Situation) -> Known:
    """Fill what follows from the dates, from the drug, and what is taken for granted.

    The event, where none is given, is the re-baseline within a month of its time, the first diagnosis of
    a CIS, and a routine visit otherwise.
    """
    facts = situation.model_dump()
    said: list[str] = []
    _from_dates(facts)
    _event(facts, said)
    _treatment(facts, said)
    for name, value in ASSUMED.items():
        if facts[name] is None:
            facts[name] = value
            if (name, facts["event"]) != ("prior_available", "first-diagnosis"):
                said.append(f"{name} = {_word(value)}")
    if facts["high_activity"] is None and (facts["stable"] or facts["event"] in ACTIVE_EVENTS):
        facts["high_activity"] = False
        said.append("high_activity = no")
    said += _spans(facts)
    facts["course_named"] = situation.course is not None
    facts["covered"] = facts["course"] not in SILENT_COURSES and not facts["paediatric"]
    return Known(**facts, assumed=tuple(said))


def _from_dates(facts: dict[str, object]) -> None:
    visit = facts["visit"]
    for start, months in (("treatment_start", "treatment_months"), ("diagnosis", "months_since_diagnosis")):
        begun = facts[start]
        if isinstance(visit, date) and isinstance(begun, date) and facts[months] is None:
            facts[months] = max(0.0, months_between(begun, visit))


def _event(facts: dict[str, object], said: list[str]) -> None:
    if facts["event"] is not None:
        return
    months, month = facts["treatment_months"], facts["rebaseline_month"]
    assert isinstance(month, float | int)
    near = isinstance(months, float | int) and abs(months - month) <= 1
    facts["event"] = "re-baseline" if near else "first-diagnosis" if facts["course"] == "cis" else "routine"
    said.append(f"event = {facts['event']}")


def _treatment(facts: dict[str, object], said: list[str]) -> None:
    """Say what drug is given and was given before, and what follows from it."""
    event = facts["event"]
    if event == "treatment-stopped":
        _stopped(facts, said)
    about_jcv = facts["jcv_status"] is not None or facts["jcv_index"] is not None
    name = facts["treatment"]
    facts["treated"] = name != "none" and not (name is None and event == "first-diagnosis")
    if name is None and not about_jcv:
        # Without a word on the JC virus there is nothing to ask, but the drug is taken for another one.
        facts["treatment"] = "other" if facts["treated"] else "none"
        said.append("treatment = " + ("another one than natalizumab" if facts["treated"] else "none yet"))
    facts["drug_named"] = name not in (None, "none", "other")
    facts["jcv_drug"] = drugs.counts(str(name)) if name is not None else None
    if facts["jcv_status"] == "negative" and facts["jcv_index"] is not None:
        facts["jcv_status"] = None  # contradictory: taken for unknown until it is answered
    if event == "new-treatment":
        _started(facts, said, about_jcv)
    elif event != "treatment-stopped" and facts["previous_treatment"] is None:
        facts["previous_treatment"] = "none"
        said.append("previous_treatment = not natalizumab in the last 12 months")


def _stopped(facts: dict[str, object], said: list[str]) -> None:
    """The treatment that stops now is the previous one from here on."""
    if facts["previous_treatment"] is None:
        facts["previous_treatment"] = facts["treatment"]
    if facts["months_since_previous"] is None:
        facts["months_since_previous"] = 0.0
        said.append("months_since_previous = 0")
    facts["treatment"], facts["treatment_months"] = "none", None


def _started(facts: dict[str, object], said: list[str], about_jcv: bool) -> None:
    """A treatment that starts now has had no month yet; what went before may have been natalizumab."""
    hinted = about_jcv or (facts["treatment_months"] or 0.0) > 1  # type: ignore[operator]
    facts["treatment_months"] = 0.0
    if facts["previous_treatment"] is None and not (hinted and facts["treatment"] != "natalizumab"):
        facts["previous_treatment"] = "none"
        said.append("previous_treatment = none")
    if facts["previous_treatment"] != "none" and facts["months_since_previous"] is None:
        facts["months_since_previous"] = 0.0
        said.append("months_since_previous = 0")


def _spans(facts: dict[str, object]) -> Iterator[str]:
    """Place the visit in the course of the treatment and the disease, and say what is taken for granted."""
    months, month = facts["treatment_months"], facts["rebaseline_month"]
    assert isinstance(month, float | int)
    if isinstance(months, float | int):
        facts["first_year"] = months < 12
        facts["rebaseline_ahead"] = months < month - 1
    elif facts["treated"]:
        facts["first_year"] = facts["event"] == "re-baseline"
        facts["rebaseline_ahead"] = False
        if facts["event"] != "re-baseline":
            yield "treatment_months = more than a year, the re-baseline is done"
    if facts["months_since_diagnosis"] is None and facts["event"] != "first-diagnosis":
        yield "months_since_diagnosis = more than 36"
    if facts["months_since_last_spine"] is None:
        yield "months_since_last_spine = 0; if it is longer, the whole spine is due sooner"


def contradictions(situation: Situation) -> Iterator[tuple[str, str]]:
    """Ask about what was stated and does not fit together, and about the drug before a switch."""
    status, index = situation.jcv_status, situation.jcv_index
    if index is not None and status != "positive":
        asked = "negative; which of them holds?" if status else "not stated; is it positive?"
        yield "jcv_status", f"The JC virus index is {index:g} and the serology is {asked}"
    if situation.event != "new-treatment":
        return
    if situation.previous_treatment is None and situation.treatment != "natalizumab":
        yield "previous_treatment", table().questions["previous_treatment"]
    months = derived(situation.model_copy(update={"event": "routine"})).treatment_months
    if months is not None and months > 1:
        yield (
            "treatment_months",
            f"A treatment starts now, and {months:g} months of treatment are stated: of the earlier one?",
        )


def _word(value: object) -> str:
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
