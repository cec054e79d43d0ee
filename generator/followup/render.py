"""A plan as iCalendar, and the decision table as a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from hashlib import sha256

from generator import __version__
from generator.errors import UsageError
from generator.followup.decide import Bounds, Entry, table
from generator.followup.plan import DISCLAIMER, Exam, Plan

GADOLINIUM = {
    "give": "with gadolinium",
    "optional": "gadolinium optional",
    "none": "without gadolinium",
    "clinician": "gadolinium: clinician decides",
}


def icalendar(plan: Plan) -> str:
    """Write the exams of a plan as an iCalendar file (RFC 5545), one all-day event each.

    Raises
    ------
    UsageError
        If the plan has no dates.
    """
    if not plan.exams or any(exam.day is None for exam in plan.exams):
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


def decision_page() -> str:
    """Render the decision table as a Markdown page."""
    rows = [
        "# The decision table",
        "",
        "<!-- generated from specs/followup/decisions.yaml by `make docs`; do not edit -->",
        "",
        DISCLAIMER,
        "",
        "The first row that fits decides. Spine rows and rewrites stand beside it. Sources are rules of",
        "[the rule reference](rules.md); C numbers are passages that can be read in more than one way.",
        "",
    ]
    parts = (("Brain", table().decisions), ("Spine", table().spine), ("Rewrites", table().rewrites))
    for title, entries in parts:
        rows += [f"## {title}", "", *_table(entries), ""]
    return "\n".join(rows)


def _table(entries: Iterable[Entry]) -> Iterator[str]:
    yield "| id | situation | if | protocol | gadolinium | next exam, months | why | sources | readings |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for entry in entries:
        cells = (
            entry.id,
            entry.title + (f" (with profile {entry.profile})" if entry.profile else ""),
            ", ".join(_condition(fact, value) for fact, value in entry.when.items()),
            entry.protocol or ("see readings" if entry.readings else "-"),
            entry.gadolinium,
            _months(entry),
            " ".join([entry.why, *(f"*{name}*: {reading.why}" for name, reading in entry.readings.items())]),
            ", ".join(f"`{source}`" for source in entry.sources) or "none: a gap in the sources",
            " ".join(entry.conflicts),
        )
        yield "| " + " | ".join(cells) + " |"


def _months(entry: Entry) -> str:
    if entry.months is None:
        return "clinician" if not entry.readings else "by reading"
    low, high = entry.months
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def _condition(fact: str, value: object) -> str:
    if isinstance(value, Bounds):
        signs = (("min", ">="), ("below", "<"), ("max", "<="))
        return " and ".join(
            f"{fact} {sign} {getattr(value, name):g}"
            for name, sign in signs
            if getattr(value, name) is not None
        )
    words = {True: "yes", False: "no", None: "unknown"}
    return f"{fact} = {words.get(value, value) if isinstance(value, bool | None) else value}"
