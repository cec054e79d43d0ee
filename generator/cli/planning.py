"""`examcard plan`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from generator.cli.common import FINDINGS, console, existing, print_json, print_table, settings
from generator.errors import UsageError

if TYPE_CHECKING:
    from generator.followup.decide import Cap, Decision
    from generator.followup.plan import Due, Plan
    from generator.followup.situation import Policy, Situation


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(plan)


YesNo = Annotated[bool | None, typer.Option(show_default=False)]


def plan(
    situation: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="The situation as YAML or JSON; options win over it."),
    ] = None,
    event: Annotated[
        str | None,
        typer.Option(
            help="first-diagnosis, new-treatment, re-baseline, relapse, pml-suspected, intercurrent, "
            "treatment-stopped, routine."
        ),
    ] = None,
    visit: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="Date of this exam.")] = None,
    course: Annotated[
        str | None, typer.Option(help="ris, cis, relapsing, primary-progressive, secondary-progressive.")
    ] = None,
    paediatric: YesNo = None,
    treatment: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Generic name or class of the drug that is given, starts or stops; none."
        ),
    ] = None,
    treatment_start: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="First dose of the present treatment.")
    ] = None,
    treatment_months: Annotated[
        float | None, typer.Option(help="Months under the present treatment.")
    ] = None,
    previous_treatment: Annotated[
        str | None, typer.Option(metavar="NAME", help="Drug before the present one, or none.")
    ] = None,
    months_since_previous: Annotated[
        float | None, typer.Option(help="Months since the last dose of the drug before.")
    ] = None,
    rebaseline_month: Annotated[
        float | None, typer.Option(help="Months from first dose to re-baseline, 6 unless the drug acts late.")
    ] = None,
    diagnosis: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="Date of the diagnosis.")
    ] = None,
    prior_available: YesNo = None,
    comparable: YesNo = None,
    stable: YesNo = None,
    high_activity: YesNo = None,
    spinal_symptoms: YesNo = None,
    pregnancy: YesNo = None,
    flair_3d_available: YesNo = None,
    months_since_last_spine: Annotated[
        float | None, typer.Option(help="Months since the last whole spine.")
    ] = None,
    months_since_full_exam: Annotated[
        float | None, typer.Option(help="Under PML screening: months since the last exam with 3D T1.")
    ] = None,
    jcv_status: Annotated[str | None, typer.Option(help="positive or negative.")] = None,
    jcv_index: Annotated[float | None, typer.Option(help="JC virus antibody index.")] = None,
    pml_risk: YesNo = None,
    setting: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=CHOICE",
            help="A choice the sources leave: jcv_low_index_policy=ask|literal|general (C01), "
            "rebaseline_gd=required|optional (C06).",
        ),
    ] = None,
    profile: Annotated[
        list[str] | None,
        typer.Option(
            help="Packs whose intervals cap the answer, both if left out; ofsep-2020 alone: "
            "where both sources speak, OFSEP decides (C17)."
        ),
    ] = None,
    years: Annotated[
        float, typer.Option(min=0, max=40, help="Length of the calendar; 0: this visit and the next.")
    ] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    ics: Annotated[bool, typer.Option("--ics", help="Print an iCalendar file.")] = False,
) -> None:
    """Plan a patient's next exams: which protocol, when, with or without gadolinium, and why.

    A planning aid for professionals. Exit code 1: something has to be answered by a person first.
    """
    given = {name: value for name, value in locals().items() if name in _FACTS and value is not None}
    chosen: dict[str, Any] = {**settings(setting), **({"profiles": tuple(profile)} if profile else {})}
    from generator.followup.plan import plan as make

    known, policy = _read(situation, given, chosen)
    made = make(known, years, policy)
    _show(made, json, ics)
    if made.decision.is_open:
        raise typer.Exit(FINDINGS)


_FACTS = frozenset(
    {
        *("event", "visit", "course", "paediatric", "diagnosis", "prior_available", "comparable", "stable"),
        *("treatment", "treatment_start", "treatment_months", "previous_treatment", "months_since_previous"),
        *("rebaseline_month", "high_activity", "spinal_symptoms", "pregnancy", "flair_3d_available"),
        *("months_since_last_spine", "months_since_full_exam", "jcv_status", "jcv_index", "pml_risk"),
    }
)


def _read(file: Path | None, given: dict[str, Any], chosen: dict[str, Any]) -> tuple[Situation, Policy]:
    from pydantic import ValidationError

    from generator.followup.situation import Policy, Situation
    from generator.followup.stating import mistakes, read_situation
    from generator.followup.table import profiles

    stated = read_situation(existing(file)) if file else {}
    unknown = [name for name in chosen.get("profiles", ()) if name not in profiles()]
    if unknown:
        raise UsageError(f"--profile: no intervals of {', '.join(unknown)} are known", profiles())
    if wrong := mistakes(given):
        raise UsageError("\n".join(one.option for one in wrong))
    try:
        return Situation.model_validate({**stated, **given}), Policy.model_validate(chosen)
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise UsageError("; ".join(problems)) from error


def _show(made: Plan, json: bool, ics: bool) -> None:
    from generator.followup.render import as_json, icalendar

    if json and ics:
        raise UsageError("--json and --ics exclude each other")
    if json:
        print_json(as_json(made))
    elif ics:
        typer.echo(icalendar(made), nl=False)
    else:
        _print_decision(made)
        if made.years:
            _print_calendar(made)
        for remark in made.remarks:
            console().print(remark, markup=False)


def _print_decision(made: Plan) -> None:
    decision = made.decision
    rows: list[tuple[str, str]] = []
    for question in decision.questions:
        rows.append(("to be answered", question.text))
        rows += [(f"  reading '{name}'", f"{r.protocol}: {r.why}") for name, r in question.readings.items()]
    rows += _exam_rows(decision)
    rows.append(("next exam", _span(made.next_exam)))
    rows += [("  capped by", _cap(cap)) for cap in decision.caps]
    rows += _spine_rows(decision)
    rows += [("scanner" if row.cards else "patient", f"{row.id} {row.why}") for row in decision.rewrites]
    if made.treatment:
        drug = made.treatment
        named = "; ".join(drug.named) or "not named in either source"
        rows.append(("treatment", f"{drug.name}, {drug.drug_class}: {named}"))
    rows += [("silent", text) for text in decision.silent]
    rows += [
        ("sources", ", ".join(decision.sources) or "none"),
        *((f"rests on reading {name}", _reading(name)) for name in decision.conflicts),
        ("assumed", "; ".join(decision.assumed) or "nothing"),
    ]
    print_table("this visit", ("", ""), rows)


def _exam_rows(decision: Decision) -> Iterator[tuple[str, str]]:
    from generator.followup.render import GADOLINIUM
    from generator.model.spoken import word

    entry = decision.entry
    yield "situation", f"{entry.id} {entry.title}"
    yield "protocol", _named(decision.protocol, decision.spine)
    yield "gadolinium", GADOLINIUM[decision.gadolinium]
    yield "why", entry.why
    if decision.with_gadolinium:
        yield "with gadolinium", _named(decision.with_gadolinium.protocol, decision.with_gadolinium.spine)
    if entry.offer:
        yield "offer", ", ".join(map(word, entry.offer))
    if entry.also:
        yield "with 3D T2", ", ".join(entry.also)


def _spine_rows(decision: Decision) -> Iterator[tuple[str, str]]:
    if decision.spine_row and decision.spine_due:
        row, (_, latest) = decision.spine_row, decision.spine_due
        due = "in this session, after the brain; the next" if decision.spine else "due"
        yield "whole spine", f"{row.id} {row.protocol}, {due} in {_months(latest)} at the latest. {row.why}"
    for row in decision.offers:
        after = row.protocol_with_gadolinium if decision.gadolinium == "give" else row.protocol
        yield "may be added", f"{row.id} {after}: {row.why}"


def _named(protocol: str | None, spine: str | None) -> str:
    return f"{protocol} + {spine}" if spine else protocol or "the clinician decides"


def _cap(cap: Cap) -> str:
    low, high = cap.months
    span = f"{high:.3g}" if low == high else f"{low:.3g} to {high:.3g}"
    doubt = "" if cap.certain else " (until the question is answered)"
    outside = f" {cap.row.outside}" if cap.row.outside else ""
    return f"{span}: {cap.row.id} {cap.row.title}{doubt}.{outside}"


def _reading(name: str) -> str:
    from generator.rules.packs import readings

    reading = readings()[name]
    return f"{reading.title}. Taken: {reading.taken}"


def _span(due: Due | None) -> str:
    if due is None:
        return "the sources give no interval; the clinician decides"
    if due.earliest == due.latest:
        return f"in {_months(due.month)}" + (f", on {due.day}" if due.day else "")
    span = f"in {due.earliest:.3g} to {_months(due.latest)}"
    days = f", {due.earliest_day} to {due.latest_day}" if due.day else ""
    return f"{span}{days} (calendar: {due.day or f'{due.month:.3g}'})"


def _months(number: float) -> str:
    return f"{number:.3g} month" if number == 1 else f"{number:.3g} months"


def _print_calendar(made: Plan) -> None:
    from generator.followup.render import GIVEN
    from generator.text import counted

    rows = [
        (
            f"{exam.month:.3g}",
            exam.day.isoformat() if exam.day else "",
            f"{exam.earliest:.3g} to {exam.latest:.3g}",
            _named(exam.protocol, exam.spine),
            GIVEN[exam.gadolinium],
            exam.decision,
        )
        for exam in made.exams
    ]
    headers = ("month", "date", "window", "protocol", "gadolinium", "row")
    print_table(f"calendar, {made.years:g} years", headers, rows, right=(0,))
    optional = f" (and {made.optional_injections} optional)" if made.optional_injections else ""
    console().print(
        f"{counted(made.injections, 'gadolinium injection')}{optional}; "
        f"a protocol with gadolinium every year would give {made.yearly_injections}.",
        markup=False,
    )
