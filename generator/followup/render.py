"""A plan as JSON and as iCalendar, and the decision table as a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from generator import __version__
from generator.errors import UsageError
from generator.followup.decide import Cap, Decision
from generator.followup.plan import DISCLAIMER, Exam, Plan
from generator.followup.table import Bounds, Row, table

GADOLINIUM = {
    "give": "with gadolinium",
    "optional": "gadolinium optional",
    "none": "without gadolinium",
    "clinician": "gadolinium: clinician decides",
}

GIVEN = {"give": "yes", "optional": "optional", "none": "no", "clinician": "clinician decides"}
"""Whether gadolinium is given, in one column of a table."""


def icalendar(plan: Plan) -> str:
    """Write the exams of a plan as an iCalendar file (RFC 5545), one all-day event each.

    Raises
    ------
    UsageError
        If the plan has no dates, or a question is open.
    """
    if plan.decision.questions or any(exam.day is None or exam.protocol is None for exam in plan.exams):
        raise UsageError("a calendar file needs the date of the visit and a decision without open questions")
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:-//examcard {__version__}//follow-up plan//EN"]
    for exam in plan.exams:
        lines += _event(exam, plan.exams[0].day)
    return "".join(f"{folded}\r\n" for line in [*lines, "END:VCALENDAR"] for folded in _fold(line))


def _event(exam: Exam, stamp: date | None) -> list[str]:
    assert exam.day is not None and stamp is not None
    summary = f"MRI {exam.protocol} ({GADOLINIUM[exam.gadolinium]})"
    spine = [f"Spine in the same session: {exam.spine}"] if exam.spine else []
    text = "\n".join([exam.why, *spine, f"Window: month {exam.earliest:g} to {exam.latest:g}", DISCLAIMER])
    uid = sha256(f"{exam.day} {summary} {stamp}".encode()).hexdigest()[:32]
    return [
        "BEGIN:VEVENT",
        f"UID:{uid}@examcard",
        f"DTSTAMP:{stamp:%Y%m%d}T000000Z",
        f"DTSTART;VALUE=DATE:{exam.day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{exam.day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_escape(summary)}",
        f"DESCRIPTION:{_escape(text)}",
        "END:VEVENT",
    ]


def _escape(text: str) -> str:
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(plain, escaped)
    return text


def _fold(line: str, width: int = 75) -> Iterator[str]:
    """Break a line after at most 75 octets, never inside a character."""
    part = ""
    for char in line:
        if len((part + char).encode()) > width:
            yield part
            part = " "
        part += char
    yield part


def as_json(plan: Plan) -> dict[str, Any]:
    """Return a plan as other programs may rely on it; what is not known is ``None``, never left out.

    Returns
    -------
    dict
        ``exams`` with ``protocol``, ``when`` (``from`` and ``to`` in months from this visit), ``gadolinium``,
        ``injections`` and the ``rows`` that they rest on with ``citations``; ``questions``; ``assumed``;
        ``silent``; ``treatment``; ``spine``, the next exam of the whole spine.
    """
    decision = plan.decision
    return {
        "format_version": 1,
        "exams": [_exam(exam) for exam in plan.exams],
        "next_exam": plan.next_exam.model_dump(mode="json") if plan.next_exam else None,
        "spine": _spine(decision),
        "questions": [question.model_dump(mode="json") for question in decision.questions],
        "assumed": list(decision.assumed),
        "silent": list(decision.silent),
        "treatment": plan.treatment.model_dump(mode="json") if plan.treatment else None,
        "offers": {"scans": list(decision.entry.offer), "protocols": list(decision.entry.also)},
        "sources": list(decision.sources),
        "conflicts": list(decision.conflicts),
        "years": plan.years,
        "injections": plan.injections,
        "optional_injections": plan.optional_injections,
        "yearly_injections": plan.yearly_injections,
        "remarks": list(plan.remarks),
    }


def _exam(exam: Exam) -> dict[str, Any]:
    return {
        "protocol": exam.protocol,
        "spine": exam.spine,
        "with_gadolinium": exam.with_gadolinium.model_dump() if exam.with_gadolinium else None,
        "when": {"from": exam.earliest, "to": exam.latest, "month": exam.month},
        "day": exam.day.isoformat() if exam.day else None,
        "gadolinium": exam.gadolinium,
        "injections": int(exam.gadolinium == "give"),
        "decision": exam.decision,
        "why": exam.why,
        "rows": [_row(row, exam.caps) for row in exam.rows],
    }


def _row(row: Row, caps: Iterable[Cap] = ()) -> dict[str, Any]:
    """Return a row with what it allows for the date of the exam, and where that is said."""
    from generator.rules import packs

    cap = next((cap for cap in caps if cap.row.id == row.id), None)
    rules = [packs.find(source) for source in row.sources]
    cited = [{"rule": rule.id, "source": rule.citation, "lines": rule.source.lines} for rule in rules]
    if row.outside:
        cited.append({"rule": None, "source": row.outside, "lines": None})
    if row.silent:
        cited.append({"rule": None, "source": f"the sources are silent on {row.silent}", "lines": None})
    return {
        "id": row.id,
        "title": row.title,
        "months": list(cap.months) if cap else None,
        "certain": cap.certain if cap else True,
        "why": row.why,
        "outside": row.outside is not None,
        "citations": cited,
    }


def _spine(decision: Decision) -> dict[str, Any] | None:
    row, due = decision.spine_row, decision.spine_due
    if row is None or due is None:
        return None
    when = {"from": due[0], "to": due[1]}
    return {
        "protocol": row.protocol,
        "in_this_session": decision.spine is not None,
        "when": when,
        "rows": [_row(row)],
    }


_ABOUT = """The first exam row that fits names the exam; surveillance that has begun replaces a routine exam.
Every row that fits and has months, in whichever table, caps the time to the next exam: the answer is what all
of them allow, and each is cited. A row that hangs on a fact nobody stated asks for it, and counts until then.
Sources are rules of [the rule reference](rules.md); C numbers are passages that can be read in more than one
way. Drugs, their classes and whether the JC virus counts under them: `specs/followup/drugs.yaml`."""


def decision_page() -> str:
    """Render the decision table as a Markdown page."""
    rows = [
        "# The decision table",
        "",
        "<!-- generated from specs/followup/decisions.yaml by `make docs`; do not edit -->",
        "",
        DISCLAIMER,
        "",
        _ABOUT,
        "",
    ]
    made = table()
    parts = (
        ("Exams", made.exams),
        ("Surveillance", made.surveillance),
        ("Other caps on the interval", made.intervals),
        ("Spine", (*made.spine, *made.spine_offers)),
        ("Rewrites", made.rewrites),
    )
    for title, entries in parts:
        rows += [f"## {title}", "", *_table(entries), ""]
    rows += ["## What the sources do not say", ""]
    for silence in made.silences:
        when = ", ".join(_condition(fact, value) for fact, value in silence.when.items())
        rows.append(f"- {when}: the sources are silent on {silence.about}")
    return "\n".join([*rows, ""])


def _table(entries: Iterable[Row]) -> Iterator[str]:
    yield "| id | situation | if | protocol | gadolinium | next exam, months | why | sources | readings |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for entry in entries:
        cited = [*(f"`{source}`" for source in entry.sources), *([entry.outside] if entry.outside else [])]
        cells = (
            entry.id,
            entry.title + (f" (with profile {entry.profile})" if entry.profile else ""),
            ", ".join(_condition(fact, value) for fact, value in entry.when.items()),
            _protocols(entry),
            GIVEN[entry.gadolinium] if entry.protocol or entry.gadolinium != "none" else "-",
            _months(entry),
            " ".join([entry.why, *(f"*{name}*: {reading.why}" for name, reading in entry.readings.items())]),
            ", ".join(cited) or "none: a gap in the sources",
            " ".join(entry.conflicts),
        )
        yield "| " + " | ".join(cells) + " |"


def _protocols(entry: Row) -> str:
    named = [
        entry.protocol,
        entry.protocol_with_gadolinium and f"with gadolinium {entry.protocol_with_gadolinium}",
    ]
    cards = [f"{old} → {new}" for old, new in entry.cards.items()]
    also = [f"or {name}" for name in entry.also]
    return "; ".join(filter(None, [*named, *also, *cards])) or "-"


def _months(entry: Row) -> str:
    if entry.due:
        return "5 to 7 after the first dose, or moved with the drug"
    if entry.months is None:
        return "-"
    low, high = entry.months
    span = f"{low:g}" if low == high else f"{low:g} to {high:g}"
    return span + (f", from month {entry.from_month:g} of the treatment" if entry.from_month else "")


def _condition(fact: str, value: object) -> str:
    if isinstance(value, Bounds):
        signs = (("min", ">="), ("below", "<"), ("max", "<="))
        return " and ".join(
            f"{fact} {sign} {getattr(value, name):g}"
            for name, sign in signs
            if getattr(value, name) is not None
        )
    if isinstance(value, tuple):
        return f"{fact} = {' or '.join(value)}"
    words = {True: "yes", False: "no"}
    return f"{fact} = {words[value] if isinstance(value, bool) else value}"
