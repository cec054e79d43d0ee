"""`examcard plan`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from generator.cli.common import FINDINGS, console, existing, print_json, print_table, settings
from generator.errors import UnusableInput, UsageError

if TYPE_CHECKING:
    from generator.followup.plan import Plan
    from generator.followup.situation import Policy, Situation


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(plan)


YesNo = Annotated[bool | None, typer.Option(show_default=False)]


def plan(
    situation: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="The situation as YAML or JSON; options stand above it."),
    ] = None,
    event: Annotated[
        str | None,
        typer.Option(
            help="first-diagnosis, new-treatment, re-baseline, relapse, pml-suspected, intercurrent, routine."
        ),
    ] = None,
    visit: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="Date of this exam.")] = None,
    treatment_start: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="First dose of the present treatment.")
    ] = None,
    treatment_months: Annotated[
        float | None, typer.Option(help="Months under the present treatment.")
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
    jcv_status: Annotated[str | None, typer.Option(help="positive or negative.")] = None,
    jcv_index: Annotated[float | None, typer.Option(help="JC virus antibody index.")] = None,
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
        list[str] | None, typer.Option(help="Intervals of a further pack: ms-follow-up-2025.")
    ] = None,
    years: Annotated[float, typer.Option(min=0, max=40, help="Length of the calendar.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    ics: Annotated[bool, typer.Option("--ics", help="Print an iCalendar file.")] = False,
) -> None:
    """Plan a patient's next exams: which protocol, when, with or without gadolinium, and why.

    A planning aid for professionals. Exit code 1: something has to be answered by a person first.
    """
    given = {name: value for name, value in locals().items() if name in _FACTS and value is not None}
    chosen = {**settings(setting), "profiles": tuple(profile or ())}
    from generator.followup.plan import plan as make

    known, policy = _read(situation, given, chosen)
    made = make(known, years, policy)
    _show(made, json, ics)
    if made.decision.questions or made.decision.gadolinium == "clinician":
        raise typer.Exit(FINDINGS)


_FACTS = frozenset(
    {
        *("event", "visit", "treatment_start", "treatment_months", "rebaseline_month", "diagnosis"),
        *("prior_available", "comparable", "stable", "high_activity", "spinal_symptoms", "pregnancy"),
        *("flair_3d_available", "months_since_last_spine", "jcv_status", "jcv_index"),
    }
)


def _read(file: Path | None, given: dict[str, Any], chosen: dict[str, Any]) -> tuple[Situation, Policy]:
    from pydantic import ValidationError

    from generator.followup.situation import Policy, Situation

    stated = {**(_load(existing(file)) if file else {}), **given}
    try:
        return Situation.model_validate(stated), Policy.model_validate(chosen)
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, e['loc'])) or 'situation'}: {e['msg']}" for e in error.errors()]
        raise UsageError("; ".join(problems)) from error


def _load(file: Path) -> dict[str, Any]:
    import yaml

    try:
        loaded = yaml.safe_load(file.read_text(encoding="utf-8"))
    except yaml.MarkedYAMLError as error:
        place = f"line {error.problem_mark.line + 1}" if error.problem_mark else None
        raise UnusableInput(file, f"not YAML: {error.problem}", place) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        raise UnusableInput(file, f"cannot be read as YAML or JSON: {error}") from error
    if not isinstance(loaded, dict) or not all(isinstance(key, str) for key in loaded):
        raise UnusableInput(file, "a situation is a mapping of facts, such as `event: relapse`")
    return loaded


def _show(made: Plan, json: bool, ics: bool) -> None:
    from generator.followup.render import icalendar

    if json and ics:
        raise UsageError("--json and --ics exclude each other")
    if json:
        print_json(made.model_dump(mode="json"))
    elif ics:
        typer.echo(icalendar(made), nl=False)
    else:
        _print_decision(made)
        if made.years:
            _print_calendar(made)
        for remark in made.remarks:
            console().print(remark, markup=False)


def _print_decision(made: Plan) -> None:
    from generator.followup.render import GADOLINIUM

    decision = made.decision
    rows: list[tuple[str, str]] = []
    for question in decision.questions:
        rows.append(("to be answered", question.text))
        rows += [(f"  reading '{name}'", f"{r.protocol}: {r.why}") for name, r in question.readings.items()]
    if decision.entry:
        rows += [
            ("situation", f"{decision.entry.id} {decision.entry.title}"),
            ("protocol", decision.protocol or "the clinician decides"),
            ("gadolinium", GADOLINIUM[decision.gadolinium or "clinician"]),
            ("why", decision.why),
        ]
        if decision.entry.protocol_with_gadolinium:
            rows.append(("with gadolinium", decision.entry.protocol_with_gadolinium))
        if decision.entry.offer:
            rows.append(("offer", ", ".join(decision.entry.offer)))
        rows.append(("next exam", _span(decision.months, decision.default)))
        if decision.entry.spine:
            rows.append(("spine", decision.entry.spine))
    if decision.spine:
        rows.append(("spine", f"{decision.spine.id} {decision.spine.protocol}: {decision.spine.why}"))
    rows += [("scanner", f"{row.id} {row.why}") for row in decision.rewrites]
    rows += [
        ("sources", ", ".join(decision.sources) or "none"),
        *((f"rests on reading {name}", _reading(name)) for name in decision.conflicts),
        ("assumed", ", ".join(decision.assumed) or "nothing"),
    ]
    print_table("this visit", ("", ""), rows)


def _reading(name: str) -> str:
    from generator.rules.packs import readings

    reading = readings()[name]
    return f"{reading.title}. Taken: {reading.taken}"


def _span(months: tuple[float, float] | None, default: float | None) -> str:
    if months is None or default is None:
        return "the clinician decides"
    low, high = months
    span = f"{low:g}" if low == high else f"{low:g} to {high:g}"
    return f"in {span} months" + (f" (calendar: {default:g})" if low != high else "")


def _print_calendar(made: Plan) -> None:
    rows = [
        (
            f"{exam.month:g}",
            exam.day.isoformat() if exam.day else "",
            f"{exam.earliest:g} to {exam.latest:g}",
            exam.protocol + (f" + {exam.spine}" if exam.spine else ""),
            exam.gadolinium,
            exam.decision,
        )
        for exam in made.exams
    ]
    headers = ("month", "date", "window", "protocol", "gadolinium", "row")
    print_table(f"calendar, {made.years:g} years", headers, rows, right=(0,))
    optional = f" (and {made.optional_injections} optional)" if made.optional_injections else ""
    console().print(
        f"{made.injections} gadolinium injections{optional}; "
        f"a protocol with gadolinium every year would give {made.yearly_injections}.",
        markup=False,
    )
