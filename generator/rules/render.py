"""Reports as text, JSON and SARIF. Colours are the command line's matter, files nobody's here."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from generator.rules import packs as library
from generator.rules.engine import Report
from generator.rules.facts.labels import label
from generator.rules.finding import Finding
from generator.rules.rule import Rule
from generator.spec.diagnostic import Failure, Position

Locate = Callable[[Finding], Position | None]
ReadLine = Callable[[Position], str]

SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_SARIF_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_PLURALS = {"error": "errors", "warning": "warnings", "info": "remarks"}
_SINGULARS = {"error": "error", "warning": "warning", "info": "remark"}


_SHOWN_LABELS = 4
"""Targets that a text report names beside a finding before it counts the rest."""


def _nowhere(_finding: Finding) -> None:
    return None


@dataclass(frozen=True)
class Checked:
    """A report, for what it was made, and the places of its findings.

    Attributes
    ----------
    label : str
        What was checked: the target, or the file.
    position : callable
        Returns the place of a finding, ``None`` if it has none.
    """

    report: Report
    label: str = ""
    position: Locate = _nowhere


@dataclass
class Grouped:
    """One finding and all the targets it was made for."""

    finding: Finding
    position: Position | None
    labels: list[str] = field(default_factory=list)


def grouped(checked: Iterable[Checked]) -> list[Grouped]:
    """Join equal findings of several targets, in the order of their first mention."""
    found: dict[tuple[Any, ...], Grouped] = {}
    for one in checked:
        for finding in one.report.findings:
            place = one.position(finding)
            key = (finding.code, finding.severity, finding.message, finding.step_name, place)
            found.setdefault(key, Grouped(finding, place)).labels.append(one.label)
    return list(found.values())


def report_text(checked: Sequence[Checked], line_of: ReadLine | None = None, every: bool = False) -> str:
    """Write reports for people: each finding with place, line, caret, remedy and source, then the sums.

    Parameters
    ----------
    line_of : callable, optional
        Gives the line of the source at a position; without it no line is shown.
    every : bool
        Whether rules that could not be decided are listed one by one.
    """
    labels = list(dict.fromkeys(one.label for one in checked))
    blocks = [_block(group, labels, line_of) for group in grouped(checked)]
    for one in checked:
        blocks.append(summary(one) + (_unlisted(one.report) if every else ""))
    return "\n".join(blocks) + "\n"


def _block(group: Grouped, labels: Sequence[str], line_of: ReadLine | None) -> str:
    finding = group.finding
    place = f"{group.position}: " if group.position else ""
    name = f"{finding.step_name}: " if finding.step_name else ""
    lines = [f"{place}{finding.severity}[{finding.code}]: {name}{finding.message}"]
    if group.position and line_of:
        lines += _caret(group.position, line_of(group.position))
    if any(group.labels) and len(group.labels) < len(labels):
        shown, rest = group.labels[:_SHOWN_LABELS], len(group.labels) - _SHOWN_LABELS
        more = f"; and {rest} more" if rest > 0 else ""
        lines.append(f"    for: {'; '.join(shown)}{more}")
    if finding.remedy:
        lines.append(f"    remedy: {finding.remedy}")
    if finding.source:
        lines.append(f"    source: {finding.source}{_readings(finding)}")
    return "\n".join(lines)


def _caret(position: Position, line: str) -> list[str]:
    width = max(1, min(position.length, len(line) - position.column + 1))
    return [f"    {line}", f"    {' ' * (position.column - 1)}{'^' * width}"]


def _readings(finding: Finding) -> str:
    if not finding.readings:
        return ""
    word = "reading" if len(finding.readings) == 1 else "readings"
    return f"; rests on {word} {', '.join(finding.readings)}"


def summary(checked: Checked) -> str:
    """Say in a line or two what was compared and what came of it."""
    report = checked.report
    head = f"{checked.label}: " if checked.label else ""
    if not report.compared:
        return f"{head}nothing was compared; this says nothing about the card"
    counts = [_count(severity, report) for severity in _PLURALS]
    said = ", ".join(filter(None, counts)) or "no findings"
    counted = {pack: report.compared_in(pack) for pack in report.packs}
    by_pack = ", ".join(f"{pack} {n}" for pack, n in counted.items() if n or pack not in library.ALWAYS)
    rest = [f"{report.compared} comparisons ({by_pack})"]
    if report.suppressed:
        rest.append(f"{len(report.suppressed)} suppressed")
    if report.lacking:
        rest.append(f"{len(report.lacking)} rules lack facts")
    if report.attestations:
        rest.append(f"{len(report.attestations)} statements are for the checklist")
    return f"{head}{said}; {'; '.join(rest)}"


def _count(severity: str, report: Report) -> str:
    number = len(report.of_severity(severity))
    return f"{number} {_SINGULARS[severity] if number == 1 else _PLURALS[severity]}" if number else ""


def _unlisted(report: Report) -> str:
    lines = [
        f"\n    {tally.rule.code} {tally.rule.title}: lacks {', '.join(map(label, sorted(tally.missing)))}"
        for tally in report.lacking
    ]
    return "".join(lines)


def report_data(checked: Checked) -> dict[str, Any]:
    """Return a report as plain data for JSON."""
    report = checked.report
    return {
        "for": checked.label,
        "checked": True,
        "green": report.green,
        "comparisons": report.compared,
        "packs": [{"pack": pack, "comparisons": report.compared_in(pack)} for pack in report.packs],
        "findings": [_finding_data(one, checked.position(one)) for one in report.findings],
        "suppressed": [_finding_data(one, checked.position(one)) for one in report.suppressed],
        "untold": [
            {"code": tally.rule.code, "rule": tally.rule.id, "lacks": sorted(tally.missing)}
            for tally in report.lacking
        ],
        "not_applicable": [tally.rule.id for tally in report.not_applicable],
        "checklist": [rule.id for rule in report.attestations],
    }


def _finding_data(finding: Finding, position: Position | None) -> dict[str, Any]:
    return {**finding.model_dump(mode="json"), "position": position.data() if position else None}


def failure_data(failure: Failure) -> dict[str, Any]:
    """Return a failure as plain data, of the form of a report in which nothing was compared."""
    return {
        "for": failure.file, "checked": False, "green": False, "comparisons": 0, "packs": [],
        "findings": [failure.data()], "suppressed": [], "untold": [], "not_applicable": [], "checklist": [],
    }  # fmt: skip


def report_json(checked: Sequence[Checked], unusable: Sequence[Failure] = ()) -> str:
    """Write reports as a JSON list, one object each; one with ``checked: false`` for each failure."""
    documents = [*map(report_data, checked), *map(failure_data, unusable)]
    return json.dumps(documents, indent=2, ensure_ascii=False) + "\n"


def report_sarif(checked: Sequence[Checked], unusable: Sequence[Failure] = ()) -> str:
    """Write reports as one SARIF 2.1.0 run, for code hosts and editors; failures are results, too."""
    from generator import __version__

    groups = grouped(checked)
    rules = {group.finding.code: group.finding.rule for group in groups}
    rules |= {failure.code: failure.code for failure in unusable}
    known = {rule.id: rule for pack in _packs(checked) for rule in library.get(pack).rules}
    driver = {
        "name": "examcard",
        "version": __version__,
        "rules": [_sarif_rule(code, rules[code], known.get(rules[code])) for code in sorted(rules)],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(unusable)],
        "results": [
            *(_sarif_result(group, sorted(rules)) for group in groups),
            *(_sarif_failure(failure, sorted(rules)) for failure in unusable),
        ],
    }
    document = {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _packs(checked: Sequence[Checked]) -> list[str]:
    shipped = library.names()
    return [pack for pack in dict.fromkeys(p for one in checked for p in one.report.packs) if pack in shipped]


def _sarif_rule(code: str, rule_id: str, rule: Rule | None) -> dict[str, Any]:
    found: dict[str, Any] = {"id": code, "name": rule_id}
    if rule is not None:
        found["shortDescription"] = {"text": rule.title}
        found["help"] = {"text": " ".join(filter(None, (rule.remedy, rule.citation)))}
        level = _SARIF_LEVELS.get(rule.result, "none")
        found["defaultConfiguration"] = {"level": level}
    return found


def _sarif_result(group: Grouped, codes: Sequence[str]) -> dict[str, Any]:
    finding = group.finding
    name = f"{finding.step_name}: " if finding.step_name else ""
    found: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": codes.index(finding.code),
        "level": _SARIF_LEVELS[finding.severity],
        "message": {"text": name + finding.message},
        "properties": {"targets": [label for label in group.labels if label]},
    }
    if group.position is not None:
        found["locations"] = [{"physicalLocation": _sarif_place(group.position)}]
    return found


def _invocation(unusable: Sequence[Failure]) -> dict[str, Any]:
    """Whether everything could be checked, and what not."""
    said = [
        {"level": "error", "message": {"text": f"not checked: {failure.file or failure.message}"}}
        for failure in unusable
    ]
    done: dict[str, Any] = {"executionSuccessful": not unusable}
    return done | ({"toolExecutionNotifications": said} if said else {})


def _sarif_failure(failure: Failure, codes: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "ruleId": failure.code,
        "ruleIndex": codes.index(failure.code),
        "level": "error",
        "message": {"text": failure.message},
    }
    if failure.position is not None:
        found["locations"] = [{"physicalLocation": _sarif_place(failure.position)}]
    elif failure.file:
        found["locations"] = [{"physicalLocation": {"artifactLocation": {"uri": failure.file}}}]
    return found


def _sarif_place(position: Position) -> dict[str, Any]:
    return {
        "artifactLocation": {"uri": position.file},
        "region": {
            "startLine": position.line,
            "startColumn": position.column,
            "endColumn": position.column + position.length,
        },
    }
