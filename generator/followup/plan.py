"""The calendar: what the decision table gives, exam after exam, over the coming years."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from generator.followup.decide import Decision, Entry, Gadolinium, decide
from generator.followup.situation import Policy, Situation, add_months, derived
from generator.model.tree import Node

WHOLE_SPINE_MONTHS = 36  # rule ofsep2020.spine.interval-3-years
SPINE_WITH_SYMPTOMS_MONTHS = 12  # rule fu2025.spine.yearly-if-symptoms
REBASELINE_WINDOW = 1  # months around it: rule ofsep2020.rebaseline.timing-6-months
YEAR = 12
DISCLAIMER = "A planning aid for professionals; it does not replace the decision of the treating clinicians."
COURSE = (
    "Every exam after the first assumes a stable course and comparable exams; plan anew when that changes."
)


class Exam(Node):
    """One exam of the calendar; months count from the first one."""

    month: float
    earliest: float
    latest: float
    day: date | None = Field(None, description="default date, if the visit has one")
    protocol: str
    spine: str | None = Field(None, description="spine protocol of the same session")
    gadolinium: Gadolinium
    decision: str = Field(description="row of the decision table")
    why: str
    sources: tuple[str, ...]
    conflicts: tuple[str, ...]


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
    next_exam : Due or None
        ``None`` where the decision is open or left to the clinician.
    injections, optional_injections : int
        Exams of the calendar with contrast, and those where it is left to the radiologist.
    yearly_injections : int
        What a protocol with contrast at the start and every year would give in the same time.
    """

    decision: Decision
    next_exam: Due | None = None
    exams: tuple[Exam, ...] = ()
    years: float = 0
    injections: int = 0
    optional_injections: int = 0
    yearly_injections: int = 0
    remarks: tuple[str, ...] = ()


def plan(situation: Situation, years: float = 0, policy: Policy | None = None) -> Plan:
    """Plan the exams of the coming years.

    Parameters
    ----------
    years : float
        Length of the calendar; 0 gives the decision for this visit alone.

    Returns
    -------
    Plan
        Without exams where the decision is open or left to the clinician.
    """
    policy = policy or Policy()
    decision = decide(situation, policy)
    exams = _calendar(situation, decision, policy, years * YEAR)
    return Plan(
        decision=decision,
        next_exam=_due(situation, decision, policy),
        exams=exams,
        years=years,
        injections=sum(exam.gadolinium == "give" for exam in exams),
        optional_injections=sum(exam.gadolinium == "optional" for exam in exams),
        yearly_injections=int(years) + 1 if exams else 0,
        remarks=(DISCLAIMER, *((COURSE,) if len(exams) > 1 else ()), *_reminders(situation, decision)),
    )


def _reminders(situation: Situation, decision: Decision) -> tuple[str, ...]:
    entry, known = decision.entry, derived(situation)
    if entry is None or entry.screening_from_month is None:
        return ()
    when = f"month {entry.screening_from_month:g} of the treatment"
    if known.visit and known.treatment_months is not None:
        day = add_months(known.visit, entry.screening_from_month - known.treatment_months)
        when += f" ({day.isoformat()})"
    return (f"Reminder: PML screening starts at {when}.",)


def _calendar(situation: Situation, first: Decision, policy: Policy, horizon: float) -> tuple[Exam, ...]:
    exams: list[Exam] = []
    month, window, decision = 0.0, (0.0, 0.0), first
    full, spine = None, _last_spine(situation)
    while decision.entry and decision.protocol and month <= horizon:
        yearly = decision.entry.yearly
        is_full = not yearly or full is None or month - full + (decision.default or 0) > YEAR
        following = _next(situation, decision, month)
        with_spine = _spine_is_due(situation, spine, following)
        exams.append(
            _exam(situation, decision, month, window, yearly if yearly and is_full else None, with_spine)
        )
        full = month if is_full else full
        spine = month if with_spine else spine
        if following is None or not decision.months:
            break
        after = decide(_later(situation, following), policy)
        window = _window(decision.months, month, following, after)
        month, decision = following, after
    return tuple(exams)


def _window(
    months: tuple[float, float], month: float, following: float, after: Decision
) -> tuple[float, float]:
    """Earliest and latest month of the next exam; they always enclose the month that was chosen."""
    if after.entry and after.entry.id == "D04":
        return following - REBASELINE_WINDOW, following + REBASELINE_WINDOW
    return min(month + months[0], following), max(month + months[1], following)


def _due(situation: Situation, decision: Decision, policy: Policy) -> Due | None:
    """Say when the exam after this one is due, as the calendar has it."""
    following = _next(situation, decision, 0.0) if decision.protocol else None
    if following is None or decision.months is None:
        return None
    after = decide(_later(situation, following), policy)
    earliest, latest = _window(decision.months, 0.0, following, after)
    days = (
        [add_months(situation.visit, month) for month in (following, earliest, latest)]
        if situation.visit
        else [None] * 3
    )
    return Due(
        month=following,
        earliest=earliest,
        latest=latest,
        day=days[0],
        earliest_day=days[1],
        latest_day=days[2],
    )


def _last_spine(situation: Situation) -> float | None:
    return None if situation.months_since_last_spine is None else -situation.months_since_last_spine


def _next(situation: Situation, decision: Decision, month: float) -> float | None:
    """Month of the next exam: the re-baseline where one is ahead, the start of screening, or the default."""
    known, entry = derived(situation), decision.entry
    if entry is None or decision.default is None:
        return None
    following = month + decision.default
    started = 0.0 if entry.id == "D03" else known.treatment_months
    if started is None:
        return following
    treated = started + month
    if treated < situation.rebaseline_month - 1:
        return month + situation.rebaseline_month - treated
    if entry.screening_from_month is not None:
        following = min(following, month + max(1.0, entry.screening_from_month - treated))
    return following


def _later(situation: Situation, month: float) -> Situation:
    """The situation at a later exam, if the course is stable and the exams are comparable."""
    known = derived(situation)
    started = 0.0 if known.event == "new-treatment" else known.treatment_months
    age = 0.0 if known.event == "first-diagnosis" else known.months_since_diagnosis
    treated = None if started is None else started + month
    again = treated is not None and abs(treated - situation.rebaseline_month) < 1e-6
    return situation.model_copy(
        update={
            "event": "re-baseline" if again else "routine",
            "visit": None if known.visit is None else add_months(known.visit, month),
            "treatment_start": None,
            "diagnosis": None,
            "treatment_months": treated,
            "months_since_diagnosis": None if age is None else age + month,
            "prior_available": True,
            "comparable": True,
            "stable": True,
            "months_since_last_spine": None,
        }
    )


def _spine_is_due(situation: Situation, last: float | None, following: float | None) -> bool:
    """Say whether the spine has to be done now, because the next exam would be too late for it."""
    interval = SPINE_WITH_SYMPTOMS_MONTHS if situation.spinal_symptoms else WHOLE_SPINE_MONTHS
    if last is None:
        return bool(situation.spinal_symptoms) or situation.event == "first-diagnosis"
    return following is None or following - last > interval


def _exam(
    situation: Situation,
    decision: Decision,
    month: float,
    window: tuple[float, float],
    extended: str | None,
    with_spine: bool,
) -> Exam:
    entry: Entry | None = decision.entry
    assert entry is not None and decision.protocol is not None and decision.gadolinium is not None
    first = derived(situation).event == "first-diagnosis" and month == 0
    spine = ("ofsep-spine-diagnosis" if first else "ofsep-spine-follow-up") if with_spine else None
    return Exam(
        month=month,
        earliest=window[0],
        latest=window[1],
        day=add_months(situation.visit, month) if situation.visit else None,
        protocol=extended or decision.protocol,
        spine=spine,
        gadolinium=decision.gadolinium,
        decision=entry.id,
        why=decision.why,
        sources=decision.sources,
        conflicts=decision.conflicts,
    )
