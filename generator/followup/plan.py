"""The calendar: what the decision table gives, exam after exam, over the coming years."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from pydantic import Field

from generator.followup.decide import YEAR, Cap, Decision, Session, decide
from generator.followup.drugs import Drug, drugs
from generator.followup.situation import Policy, Situation, add_months, derived
from generator.followup.table import Gadolinium, Row, Span, table
from generator.model.tree import Node

REBASELINE_WINDOW = 1  # months around it: rule ofsep2020.rebaseline.timing-6-months
DISCLAIMER = "A planning aid for professionals; it does not replace the decision of the treating clinicians."
COURSE = (
    "Every exam after the first assumes a stable course and comparable exams; plan anew when that changes."
)
OPEN = "Until the questions are answered the strictest case is taken; plan anew with the answers."


class Exam(Node):
    """One session of the calendar; months count from the first one.

    Attributes
    ----------
    with_gadolinium : Session or None
        The same session if an optional injection is given.
    decision : str
        Row of the decision table that names the exam.
    """

    month: float
    earliest: float
    latest: float
    day: date | None = Field(None, description="default date, if the visit has one")
    protocol: str | None
    spine: str | None = Field(None, description="spine protocol of the same session")
    with_gadolinium: Session | None = None
    gadolinium: Gadolinium
    decision: str
    why: str
    rows: tuple[Row, ...]
    caps: tuple[Cap, ...] = Field(
        (), description="what set its date; of the first exam, what caps the next one"
    )


class Due(Node):
    """When the next exam is due, in months from this one; with dates if the visit has one."""

    month: float
    earliest: float
    latest: float
    day: date | None = None
    earliest_day: date | None = None
    latest_day: date | None = None


class Plan(Node):
    """The decision for this visit and the calendar that follows from it.

    Attributes
    ----------
    exams : tuple of Exam
        This visit, the next exam, and those of the coming years.
    next_exam : Due or None
        ``None`` where the sources give no interval.
    injections, optional_injections : int
        Exams of the calendar with contrast, and those where it is left to the radiologist.
    yearly_injections : int
        What a protocol with contrast at the start and every year would give in the same time.
    """

    decision: Decision
    treatment: Drug | None
    next_exam: Due | None
    exams: tuple[Exam, ...]
    years: float
    injections: int
    optional_injections: int
    yearly_injections: int
    remarks: tuple[str, ...]


def plan(situation: Situation, years: float = 0, policy: Policy | None = None) -> Plan:
    """Plan the exams of the coming years.

    Parameters
    ----------
    years : float
        Length of the calendar; 0 gives this visit and the next exam. Where something is open or left to the
        clinician, the calendar ends with the next exam too.
    """
    policy = policy or Policy()
    exams = tuple(_calendar(situation, policy, years * YEAR))
    decision = decide(situation, policy)
    return Plan(
        decision=decision,
        treatment=drugs().get(situation.treatment or ""),
        next_exam=_due(situation, exams[1]) if len(exams) > 1 else None,
        exams=exams,
        years=years,
        injections=sum(exam.gadolinium == "give" for exam in exams),
        optional_injections=sum(exam.gadolinium == "optional" for exam in exams),
        yearly_injections=int(years) + 1,
        remarks=(DISCLAIMER, *_remarks(situation, decision, policy, len(exams))),
    )


def _remarks(situation: Situation, decision: Decision, policy: Policy, exams: int) -> Iterator[str]:
    if decision.questions:
        yield OPEN
    if exams > 1:
        yield COURSE
    known = derived(situation)
    for cap in decision.caps:
        if cap.row.from_month is None or cap.begun or known.treatment_months is None:
            continue
        when = f"month {cap.row.from_month:g} of the treatment"
        if known.visit:
            when += f" ({add_months(known.visit, cap.row.from_month - known.treatment_months).isoformat()})"
        yield f"Reminder: PML screening starts at {when}."
        break
    for row in table().intervals:
        if row.profile and row.profile not in policy.profiles:
            yield f"Not applied, by choice (C17): {row.id} {row.title}: {row.why}"


def _calendar(situation: Situation, policy: Policy, horizon: float) -> Iterator[Exam]:
    """Exam after exam to the horizon, and at least the next one; none after one that is open."""
    visit, month, window, is_last = situation.visit, 0.0, (0.0, 0.0), False
    before: Decision | None = None
    while True:
        decision = decide(situation, policy)
        day = add_months(visit, month) if visit else None
        yield _exam(decision, before or decision, day, month, window)
        step = _step(situation, decision)
        if step is None or decision.months is None or is_last:
            return
        is_last = decision.is_open or month + step > horizon
        if is_last and month > 0:
            return
        window = (month + decision.months[0], month + decision.months[1])
        situation, month, before = _later(situation, decision, step), month + step, decision


def _step(situation: Situation, decision: Decision) -> float | None:
    """Months to the next exam: to the re-baseline where it is the next, else as long as all caps allow."""
    if decision.months is None:
        return None
    known, (earliest, latest) = derived(situation), decision.months
    if any(cap.row.due for cap in decision.caps):
        assert known.treatment_months is not None
        return min(max(known.rebaseline_month - known.treatment_months, earliest), latest)
    return latest


def _later(situation: Situation, decision: Decision, step: float) -> Situation:
    """The situation at a later exam, if the course is stable and the exams are comparable."""
    known = derived(situation)

    def after(months: float | None) -> float | None:
        return None if months is None else months + step

    treated = after(known.treatment_months)
    again = known.rebaseline_ahead and treated is not None
    again = again and abs(treated - known.rebaseline_month) <= REBASELINE_WINDOW  # type: ignore[operator]
    switched = known.event in ("new-treatment", "treatment-stopped")
    return situation.model_copy(
        update={
            "event": "re-baseline" if again else "routine",
            "visit": None if known.visit is None else add_months(known.visit, step),
            "treatment": "none" if known.event == "treatment-stopped" else situation.treatment,
            "treatment_start": None,
            "treatment_months": treated,
            "previous_treatment": known.previous_treatment if switched else situation.previous_treatment,
            "months_since_previous": after(known.months_since_previous),
            "diagnosis": None,
            "months_since_diagnosis": step
            if known.event == "first-diagnosis"
            else after(known.months_since_diagnosis),
            "prior_available": True,
            "comparable": True,
            "stable": True,
            "months_since_last_spine": step
            if decision.spine
            else after(known.months_since_last_spine or 0.0),
            "months_since_full_exam": step if decision.full else after(known.months_since_full_exam or 0.0),
        }
    )


def _exam(decision: Decision, before: Decision, day: date | None, month: float, window: Span) -> Exam:
    return Exam(
        month=month,
        earliest=window[0],
        latest=window[1],
        day=day,
        protocol=decision.protocol,
        spine=decision.spine,
        with_gadolinium=decision.with_gadolinium,
        gadolinium=decision.gadolinium,
        decision=decision.entry.id,
        why=decision.entry.why,
        rows=tuple({row.id: row for row in (*decision.rows, *(cap.row for cap in before.caps))}.values()),
        caps=before.caps,
    )


def _due(situation: Situation, following: Exam) -> Due:
    months = (following.month, following.earliest, following.latest)
    visit = situation.visit
    days = [add_months(visit, month) for month in months] if visit else [None] * 3
    return Due(
        month=months[0],
        earliest=months[1],
        latest=months[2],
        day=days[0],
        earliest_day=days[1],
        latest_day=days[2],
    )
