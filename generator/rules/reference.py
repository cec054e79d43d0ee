"""The pages about rules: the list, one rule explained, the whole reference. Generated, never written."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any

from generator.rules import describe, phrases
from generator.rules import packs as library
from generator.rules.facts.table import Fact, facts
from generator.rules.rule import LEVELS, SUBJECTS, Pack, Reading, Rule

_FAMILIES = {
    "TIM": "time",
    "GAD": "gadolinium",
    "GEO": "geometry",
    "PHY": "physics",
    "CON": "contrast",
    "GUI": "content, order and organisation",
    "VEN": "scanners and vendors",
}


def list_rules(packs: Iterable[str | Pack] = ()) -> list[Rule]:
    """List the rules of some packs, or of all shipped ones, by pack and code."""
    chosen = library.load(tuple(packs) or library.names(), always=())
    return [rule for pack in chosen for rule in sorted(pack.rules, key=lambda rule: rule.code)]


def as_data(rule: Rule) -> dict[str, Any]:
    """Make the entry of a rule in the JSON of `examcard rules`."""
    listed = ("id", "code", "level", "pack", "citation", "checked")
    return {name: getattr(rule, name) for name in listed}


def count_by_pack(rules: Sequence[Rule]) -> str:
    """Say how many rules each pack has, and how many of them the program decides."""
    packs = dict.fromkeys(rule.pack for rule in rules)
    own = {pack: [rule for rule in rules if rule.pack == pack] for pack in packs}
    return ", ".join(
        f"{pack} {len(found)} ({sum(one.checked for one in found)} checked by machine)"
        for pack, found in own.items()
    )


def explain(name: str, packs: Iterable[str | Pack] = ()) -> str:
    """Explain one rule, found by its code or its id, as plain text.

    Raises
    ------
    UsageError
        If there is no such rule; it names the nearest.
    """
    chosen = library.load(tuple(packs) or library.names(), always=())
    rule = library.find(name, chosen)
    lines = [f"{rule.code}  {rule.id}", rule.title, ""]
    lines += [f"{label + ':':<12}{text}" for label, text in _rows(rule) if text]
    for reading in (library.readings()[one] for one in rule.readings):
        lines += ["", f"Reading {reading.id}: {reading.title}.", f"  taken: {reading.taken}"]
        lines += [f"  other: {reading.other}"]
        lines += [f"  setting: {reading.setting}"] if reading.setting else []
    if rule.check:
        lines += ["", inspect.cleandoc(_check_page(rule.check))]
    return "\n".join(lines) + "\n"


def _rows(rule: Rule) -> list[tuple[str, str]]:
    """Label and text of everything that is said about a rule."""
    return [
        ("pack", rule.pack),
        ("level", f"{rule.level}, {_result(rule)}"),
        ("put to", "; ".join(SUBJECTS[subject] for subject in rule.subjects)),
        ("applies to", _scope(rule)),
        ("when", describe.condition(rule.when) if rule.when else ""),
        ("demands", describe.demand(rule)),
        ("milder", _softened(rule)),
        ("passes", _example(rule.passing)),
        ("fails", _example(rule.failing)),
        ("consequence", rule.consequence or ""),
        ("remedy", rule.remedy or ""),
        ("note", rule.note or ""),
        ("basis", rule.basis),
        ("yields to", ", ".join(rule.yields_to)),
        ("source", rule.citation + (f" (lines {rule.source.lines})" if rule.source.lines else "")),
    ]


def _result(rule: Rule) -> str:
    if rule.setting:
        choices = ", ".join(f"{choice}: {result}" for choice, result in rule.results.items())
        return f"by the setting {rule.setting} ({choices})"
    return "no finding" if rule.result == "none" else rule.result


def _softened(rule: Rule) -> str:
    if rule.soften is None:
        return ""
    return f"{rule.soften.to} if {describe.condition(rule.soften.unless)}"


def _scope(rule: Rule) -> str:
    parts = [
        ", ".join(sorted(rule.regions)),
        ", ".join(sorted(rule.kinds)),
        ", ".join(sorted(rule.roles - {"*"})) or ("every role of a guideline" if rule.roles else ""),
    ]
    return "; ".join(part for part in parts if part) or "everything"


def _example(example: Any) -> str:
    known = facts()
    return ", ".join(f"{name} {_written(value, known.get(name))}" for name, value in example.items())


def _written(value: Any, fact: Fact | None) -> str:
    """Write a value of an example; words as a pack spells them."""
    if isinstance(value, str) and value:
        return value
    return phrases.show(value, fact.unit if fact else None)


def _check_page(name: str) -> str:
    return import_module(f"generator.rules.checks.{name.replace('-', '_')}").__doc__ or ""


def rules_reference() -> str:
    """Write the reference of all shipped rules as one Markdown page."""
    packs = [library.get(name) for name in library.names()]
    lines = [_HEAD, *_summary(packs)]
    for pack in packs:
        lines += _pack(pack)
    lines += ["", "## Readings", "", _READINGS, ""]
    for reading in library.readings().values():
        lines += _reading(reading, packs)
    return "\n".join(lines).rstrip() + "\n"


_HEAD = """# Rules

Generated from `specs/guidelines/` by `make accept`; do not edit. How a rule is written is
in [the rule language](rule-language.md). A level becomes a severity: required an error, recommended a
warning, informative a remark, optional nothing, unless the rule says otherwise.
"""

_READINGS = (
    "Where the sources are ambiguous, silent or disagree. A finding names the readings it rests on; a "
    "setting is given as `examcard check --set NAME=CHOICE`."
)


def _summary(packs: Iterable[Pack]) -> list[str]:
    lines = ["| pack | rules | " + " | ".join(LEVELS) + " |", "|---|---|" + "---|" * len(LEVELS)]
    for pack in packs:
        counts = [sum(rule.level == level for rule in pack.rules) for level in LEVELS]
        lines.append(
            f"| [{pack.id}](#{pack.id}) | {len(pack.rules)} | " + " | ".join(map(str, counts)) + " |"
        )
    families = ", ".join(f"`{code}` {meaning}" for code, meaning in _FAMILIES.items())
    return [*lines, "", f"Codes: {families}.", ""]


def _pack(pack: Pack) -> list[str]:
    lines = [f"## {pack.id}", "", f"{pack.title}. {pack.citation}.", "", pack.about, ""]
    if pack.missing:
        lines += ["What is missing:", "", *(f"- {one}" for one in pack.missing), ""]
    if pack.settings:
        lines += ["| setting | choices | meaning | reading |", "|---|---|---|---|"]
        for one in pack.settings.values():
            choices = ", ".join(f"**{c}**" if c == one.default else c for c in one.choices)
            lines.append(f"| `{one.name}` | {choices} | {one.meaning} | {one.reading} |")
        lines.append("")
    for rule in sorted(pack.rules, key=lambda rule: rule.code):
        lines += _rule(rule)
    return lines


def _rule(rule: Rule) -> list[str]:
    lines = [f"### {rule.code} {rule.id}", "", f"{rule.title}.", ""]
    rows = [(label, text) for label, text in _rows(rule) if text and label != "pack"]
    rows.append(("readings", ", ".join(f"[{one}](#{one.lower()})" for one in rule.readings)))
    lines += ["| | |", "|---|---|"]
    lines += [f"| {label} | {_cell(text)} |" for label, text in rows if text]
    return [*lines, ""]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _reading(reading: Reading, packs: Iterable[Pack]) -> list[str]:
    users = [rule.code for pack in packs for rule in pack.rules if reading.id in rule.readings]
    lines = [f"### {reading.id}", "", f"{reading.title}.", ""]
    lines += [f"- Taken: {reading.taken}", f"- Other: {reading.other}"]
    if reading.setting:
        lines.append(f"- Setting: `{reading.setting}`")
    return [*lines, f"- Rules: {', '.join(f'`{code}`' for code in users)}", ""]
