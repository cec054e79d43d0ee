"""`examcard check`, `examcard rules` and `examcard checklist`."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from generator import disk
from generator.cli.common import (
    FINDINGS,
    FINE,
    UNUSABLE,
    FieldOption,
    ModelOption,
    ScannerOption,
    SoftwareOption,
    SpecArguments,
    VendorOption,
    complain,
    existing,
    field_strengths,
    gather,
    print_json,
    print_table,
    repeatable,
    settings,
)
from generator.errors import ExamcardError, UsageError

if TYPE_CHECKING:
    from generator.pipeline import Card
    from generator.rules.facts.card import Subject
    from generator.rules.render import Checked


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command()(check)
    app.command()(rules)
    app.command()(checklist)


class Format(StrEnum):
    """How findings are printed."""

    text = "text"
    json = "json"
    sarif = "sarif"


PackOption = Annotated[
    list[str] | None, typer.Option("--guideline", metavar="PACK", help="A further rule pack, or a pack file.")
]


@repeatable
def check(
    spec: SpecArguments = None,
    vendor: VendorOption = None,
    field_strength: FieldOption = None,
    model: ModelOption = None,
    software: SoftwareOption = None,
    scanner: ScannerOption = None,
    guideline: PackOption = None,
    reference: Annotated[
        str | None,
        typer.Option(metavar="EARLIER", help="The exam the patient had before: a spec or a vendor file."),
    ] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=CHOICE", help="A choice that a pack leaves to the site."),
    ] = None,
    format: Annotated[Format, typer.Option("--format", help="text, json or sarif.")] = Format.text,
    session: Annotated[
        bool, typer.Option("--session", help="The specs are one session of a patient, in this order.")
    ] = False,
    every: Annotated[bool, typer.Option("--every", help="Name the rules that lack facts, too.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 for warnings, too.")] = False,
) -> int:
    """Check protocols against guidelines, time and physics; exit 1 if an error is found.

    Without options every vendor at every field strength of the spec is checked, and the renderings of the
    vendors are held against each other.
    """
    from generator.pipeline import doubles
    from generator.rules import render
    from generator.spec.diagnostic import failures
    from generator.spec.source import line_at

    unusable: list[ExamcardError] = []
    checked: list[Checked] = []
    try:
        chosen = settings(setting)
        made, unusable = gather(spec, vendor, field_strengths(field_strength), model, software, scanner)
        for remark in [*map(str, unusable), *doubles(made), *_overridden(made)]:
            complain(remark)
        checked = _each(made, guideline, chosen, reference)
        checked += _of_session(made, guideline, chosen) if session else []
    except ExamcardError as error:
        if format is Format.text:
            raise
        complain(str(error))
        unusable.append(error)
    failed = failures(unusable)
    if format is Format.json:
        typer.echo(render.report_json(checked, failed), nl=False)
    elif format is Format.sarif:
        typer.echo(render.report_sarif(checked, failed), nl=False)
    elif checked:
        typer.echo(render.report_text(checked, line_at, every), nl=False)
    if unusable:
        return UNUSABLE
    failing = ("error", "warning") if strict else ("error",)
    failed_any = (not one.report.compared or any(map(one.report.of_severity, failing)) for one in checked)
    return FINDINGS if any(failed_any) else FINE


def _each(
    made: Sequence[Card], guideline: Sequence[str] | None, choices: dict[str, str], reference: str | None
) -> list[Checked]:
    """Check every protocol for itself."""
    by_path: dict[Path, list[Card]] = {}
    for card in made:
        by_path.setdefault(card.spec.path, []).append(card)
    return [one for same in by_path.values() for one in _of_one(same, guideline, choices, reference)]


def _overridden(made: Sequence[Card]) -> list[str]:
    """Say what protocols have otherwise than it was published, each once."""
    from generator.spec.show import overrides

    specs = {id(card.spec): card.spec for card in made}.values()
    said = (f"{spec.protocol_id}: {text}" for spec in specs for text in overrides(spec))
    return list(dict.fromkeys(said))


def _label(card: Card) -> str:
    return f"{card.spec.protocol_id}, {card.target}"


def _of_one(
    same: Sequence[Card], guideline: Sequence[str] | None, choices: dict[str, str], reference: str | None
) -> list[Checked]:
    """Check one protocol: for each target, the targets beside each other, and against an earlier exam."""
    from dataclasses import replace

    from generator import pipeline
    from generator.rules.engine import settle
    from generator.rules.render import Checked

    packs = tuple(guideline or ())
    made = [Checked(pipeline.check(card, packs, choices), _label(card), card.position) for card in same]
    beside = _across_vendors(same, packs, choices)
    against = _against(same, reference, packs, choices) if reference else []
    reports = settle([one.report for one in (*made, *beside, *against)])
    settled = [replace(o, report=r) for o, r in zip((*made, *beside, *against), reports, strict=True)]
    silent = {one.label for one in beside}  # of vendors beside each other only a difference is worth a line
    return [o for o in settled if o.report.findings or o.report.suppressed or o.label not in silent]


def _of_session(
    made: Sequence[Card], guideline: Sequence[str] | None, choices: dict[str, str]
) -> list[Checked]:
    """Check the cards of one session together, for each target that all of them are made for."""
    from generator import pipeline
    from generator.rules.compare import check_session
    from generator.rules.render import Checked

    by_target: dict[str, list[Card]] = {}
    for card in made:
        by_target.setdefault(str(card.target), []).append(card)
    found = []
    for target, cards in by_target.items():
        packs = dict.fromkeys(
            pack for card in cards for pack in (*card.protocol.guidelines, *(guideline or ()))
        )
        report = check_session([pipeline.subject(card) for card in cards], packs, choices)
        label = f"session of {' + '.join(card.spec.protocol_id for card in cards)}, {target}"
        found.append(Checked(report, label, cards[0].position))
    return found


def _across_vendors(same: Sequence[Card], packs: Sequence[str], choices: dict[str, str]) -> list[Checked]:
    """Hold the renderings of a protocol against each other."""
    from generator.rules.compare import compare_vendors
    from generator.rules.render import Checked

    by_target = {str(card.target): card for card in same}
    first = {card.target.field_strength: card.target for card in reversed(same)}
    every = [(card.target, card.protocol) for card in same]
    spec = same[0].spec
    claimed = (*spec.guidelines, *packs)
    found = []
    for target, report in compare_vendors(every, claimed, choices, spec.suppressions):
        card = by_target[str(target)]
        found.append(Checked(report, f"{_label(card)} beside {first[target.field_strength]}", card.position))
    return found


def _against(
    made: Sequence[Card], reference: str, packs: Sequence[str], choices: dict[str, str]
) -> list[Checked]:
    """Hold each card against the exam that the patient had before."""
    from generator import pipeline
    from generator.rules.compare import compare_times
    from generator.rules.render import Checked

    found = []
    for card in made:
        every = (*card.protocol.guidelines, *packs)
        for name, earlier in _earlier(reference, card):
            label = f"{_label(card)} against {name}"
            report = compare_times(pipeline.subject(card), earlier, every, choices, card.spec.suppressions)
            found.append(Checked(report, label, card.position))
            signal = pipeline.check(card, packs, choices, earlier)
            found.append(Checked(signal, f"{label}, signal and guidelines", card.position))
    return found


def _earlier(reference: str, card: Card) -> list[tuple[str, Subject]]:
    """Read the earlier exam: a vendor file, or a spec resolved for the same scanner."""
    from generator import pipeline
    from generator.rules.facts.card import Subject
    from generator.spec.load import find, load
    from generator.vendors import opening

    path = Path(reference)
    if disk.ask(Path.exists, path) and path.suffix.lower() not in (".yaml", ".yml"):
        disk.unsure(path)  # a vendor file may be a folder, an archive, a database
        result = opening.read(existing(path))
        made_on = {"vendor": result.vendor}
        found = [(protocol.name, Subject(protocol, facts=made_on)) for protocol in result.protocols]
        return [(f"{path.name}: {name}", subject) for name, subject in found]
    prepared = [pipeline.prepare(load(file), card.target) for file in find(reference)]
    return [(other.spec.protocol_id, pipeline.subject(other)) for other in prepared]


def rules(
    rule: Annotated[
        str | None, typer.Argument(metavar="[RULE]", help="Code or id of a rule to explain.")
    ] = None,
    guideline: PackOption = None,
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List the rules with their number in each pack, or explain one."""
    from generator.rules.reference import as_data, count_by_pack, explain, list_rules

    if rule and json:
        raise UsageError("--json lists rules; leave out the name of one")
    if rule:
        typer.echo(explain(rule, guideline or ()), nl=False)
        return
    listed = list_rules(guideline or ())
    if json:
        print_json([as_data(one) for one in listed])
        return
    rows = [(one.code, one.level, one.id, one.title) for one in listed]
    print_table(f"{len(rows)} rules", ("code", "level", "id", "title"), rows)
    typer.echo(count_by_pack(listed))


def checklist(guideline: PackOption = None) -> None:
    """Print what the guidelines ask of a site that no exam card can prove."""
    from generator.rules.checklist import checklist_page

    typer.echo(checklist_page(guideline or ()), nl=False)
    complain("Statements that only the site can answer for; nothing here was checked.")
