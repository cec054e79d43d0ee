"""The pages of one protocol: what for, when, downloads, parameters side by side, findings, changes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from generator.contrast import svg
from generator.contrast.comparison import Comparison, compare
from generator.model.tree import Acquisition, Protocol, Target
from generator.publish import differences, picture
from generator.publish.byhand import by_hand
from generator.publish.card import RECORD
from generator.publish.compare import scans
from generator.publish.locale import SOURCE
from generator.publish.notice import Validation, loads
from generator.publish.record import Record, json_bytes
from generator.publish.releases import fitting
from generator.publish.render import page, render, scanner_title
from generator.publish.versus import versus_pages
from generator.publish.voice import Voice, voice

VERSION_FILE = "version.json"
_OWN_CHOICE = "own choice"
CONTRAST_TITLE = "What the images would show"


def read_records(folder: Path, slugs: Iterable[str]) -> list[Record]:
    """Read the records of the cards below the folder of a version, in the order of ``slugs``."""
    paths = [path for slug in slugs for path in sorted((folder / slug).glob(f"*/{RECORD}"))]
    return [
        json.loads(path.read_bytes()) | {"folder": path.parent.relative_to(folder).as_posix()}
        for path in paths
    ]


def protocol_pages(
    site: Path,
    protocol: str,
    version: str,
    versions: Mapping[str, str],
    slugs: Sequence[str],
    languages: Sequence[str],
    facts: Mapping[str, Any],
    validations: Sequence[Validation] = (),
    statuses: Mapping[str, Sequence[str]] = {},
) -> dict[str, bytes]:
    """Render the pages of a version of a protocol, and the page that compares its versions and scanners.

    Parameters
    ----------
    site : Path
        The folder that holds the cards already.
    versions : mapping of str to str
        Every published version and its day, in the order of publication.
    slugs : sequence of str
        Targets in the order of the publication.
    statuses : mapping of str to sequence of str
        What notices say of a version.

    Returns
    -------
    dict of str to bytes
        Address on the site to content.
    """
    folder = site / "protocols" / protocol / version
    cards = read_records(folder, slugs)
    earlier = list(versions)[: list(versions).index(version)]
    previous = earlier[-1] if earlier else None
    before = {one: read_records(folder.parent / one, _slugs(folder.parent / one)) for one in earlier}
    known = differences.of({**before, version: cards})
    changed = differences.changes(known, previous, version) if previous else []
    alike = _alike(known.groups(version), cards)
    shared = {
        "cards": cards,
        "alike": alike,
        "first": cards[0],
        "version": version,
        "versions": versions,
        "previous": previous,
        "changes": changed,
        "situations": situations(protocol),
        "fields": list(_by_field(alike)),
        "sources": _sources(cards),
        "imports": list(dict.fromkeys((card["target"]["vendor"], card.get("release")) for card in cards)),
        "hands": {card["slug"]: by_hand(card) for card in cards},
        "fits": {card["slug"]: fitting(Target(**card["target"])) for card in cards},
        "validations": {card["slug"]: loads(validations, card["slug"]) for card in cards},
        "records": [one.model_dump() for one in validations],
        "site": facts,
        "languages": languages,
    }
    contrasts = _contrasts(alike)
    made = {
        VERSION_FILE: json_bytes(_summary(cards, version, versions[version], previous, changed, languages))
    }
    for language in languages:
        name = page(language, languages)
        pictures = {
            card["slug"]: _picture(folder / card["folder"] / picture.name(language), card, voice(language))
            for card in alike
        }
        own = {"pictures": pictures, "contrast": _drawn(contrasts, language)}
        html = render("protocol.html.j2", language, root="../../../", here=name, **own, **shared)
        made[name] = html.encode()
    upto = {one: versions[one] for one in (*earlier, version)}
    return {
        **{f"protocols/{protocol}/{version}/{name}": content for name, content in made.items()},
        **versus_pages(known, protocol, upto, statuses, languages, facts),
    }


def _slugs(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_dir())


def _summary(
    cards: Sequence[Record],
    version: str,
    day: str,
    previous: str | None,
    changed: Sequence[differences.Change],
    languages: Sequence[str],
) -> dict[str, Any]:
    """What the catalogue, the index and the feed need to know of a version."""
    first = cards[0]
    return {
        "protocol": first["protocol"],
        "title": first["title"],
        "version": version,
        "date": day,
        "kind": first["kind"],
        "region": first["region"],
        "previous": previous,
        "changes": len(changed),
        "changed": [vars(one) for one in changed],
        "words": _words(cards, languages),
        "cards": [_brief(card) for card in cards],
    }


def _words(cards: Sequence[Record], languages: Sequence[str]) -> str:
    """What the search of the catalogue looks through: names, words of all languages, values with units."""
    found: dict[str, None] = {}
    for language in languages:
        speaker = voice(language)
        found[speaker.say(cards[0]["title"])] = None
        for entry in (entry for card in cards for entry in card["steps"]):
            found |= dict.fromkeys(_searched(entry["step"], speaker))
    return " ".join(found).lower()


_SEARCHED = {"repetition_time": "TR", "echo_times": "TE", "inversion_time": "TI", "slice_thickness": ""}


def _searched(step: Mapping[str, Any], speaker: Voice) -> Iterator[str]:
    for name in ("name", "agent", "technique", "fat_suppression", "plane", "mr_acquisition_type"):
        if step.get(name):
            yield speaker.shown(step[name], name) if name != "agent" else speaker.say(step[name])
    for name, sign in _SEARCHED.items():
        if name in step:
            yield f"{sign} {speaker.shown(step[name], name)}".replace("\u00a0", " ").strip()


def _brief(card: Record) -> dict[str, Any]:
    return {
        "target": card["target"],
        "slug": card["slug"],
        "kind": card["export"],
        "folder": card["folder"],
        "file": card["download"]["name"],
        "size": card["download"]["size"],
        "sha256": card["download"]["sha256"],
        "acquisition_duration": card["time"]["counted"],
        "warnings": sum(finding["severity"] == "warning" for finding in card["findings"]),
        "losses": len(card["losses"]),
        "by_hand": len(by_hand(card)),
        "release": card.get("release"),
    }


@cache
def _entries() -> tuple[Any, ...]:
    from generator.followup.table import table

    made = table()
    return (*made.exams, *made.surveillance, *made.spine, *made.spine_offers, *made.rewrites)


def situations(protocol: str) -> list[dict[str, Any]]:
    """List the situations of the decision table that lead to a protocol.

    Returns
    -------
    list of dict
        ``id``, ``title``, ``gadolinium``, ``why``, ``months`` and ``role``: whether the protocol is the
        answer, the answer with gadolinium, the exam once a year, or one reading of an ambiguous source.
    """
    return [found for entry in _entries() for found in _situation(entry, protocol)]


def _situation(entry: Any, protocol: str) -> Iterator[dict[str, Any]]:
    base = {"id": entry.id, "title": entry.title, "why": entry.why, "reading": None}
    for name, reading in entry.readings.items():
        if reading.protocol == protocol:
            one = {"gadolinium": entry.gadolinium, "role": "one reading", "months": reading.months}
            yield base | one | {"why": reading.why, "reading": name}
    given, enhanced = entry.gadolinium, entry.protocol_with_gadolinium
    answers = {*entry.also, *entry.cards.values(), enhanced if given == "give" else entry.protocol}
    if protocol in answers and not entry.readings:
        yield base | {"gadolinium": given, "role": "answer", "months": _months(entry)}
    elif protocol == enhanced and given in ("optional", "none"):
        yield base | {"gadolinium": "give", "role": "with gadolinium", "months": _months(entry)}
    if entry.yearly == protocol and not entry.readings:
        yield base | {"gadolinium": given, "role": "once a year", "months": (12.0, 12.0)}


def _months(entry: Any) -> tuple[float, float] | None:
    """Months to the next exam: those of the row, or what the table gives for its situation and no more."""
    from generator.followup.decide import decide
    from generator.followup.situation import Situation

    facts = {
        name: value
        for name, value in entry.when.items()
        if name in Situation.model_fields and isinstance(value, str | bool)
    }
    return entry.months or decide(Situation.model_validate(facts)).months


def _by_field(cards: Sequence[Record]) -> Iterator[tuple[float, list[Record], list[Any]]]:
    ordered = sorted(cards, key=lambda card: (-card["target"]["field_strength"], card["slug"]))
    for strength, group in groupby(ordered, key=lambda card: card["target"]["field_strength"]):
        columns = list(group)
        yield strength, columns, scans(columns)


def _sources(cards: Sequence[Record]) -> dict[str, Any]:
    """Everything that a value cites, numbered; published sources first, then choices of the authors."""
    cited = (source for card in cards for entry in card["steps"] for source in entry["sources"].values())
    unique = list(dict.fromkeys(cited))
    own = [source for source in unique if source.startswith(_OWN_CHOICE)]
    published = [source for source in unique if source not in own]
    # As text: a page cites them thousands of times, and Jinja escapes a text faster than a number.
    numbers = {source: str(number) for number, source in enumerate([*published, *own], 1)}
    return {"published": published, "own": own, "numbers": numbers}


def _alike(groups: Sequence[differences.Card], cards: Sequence[Record]) -> list[Record]:
    """One card for all of its maker and field that ask for the same."""
    records = {card["slug"]: card for card in cards}
    return [
        records[one.slugs[0]] | {"releases": one.releases, "slugs": " ".join(one.slugs)} for one in groups
    ]


def _picture(path: Path, card: Record, speaker: Voice) -> str:
    """Read a timeline for use inside a page: ids of its own, since a page holds several; all its releases."""
    text = path.read_text(encoding="utf-8")
    safe = re.sub(r"[^A-Za-z0-9-]", "-", card["slug"])
    own = (card["target"]["software"],) if card["target"]["software"] else ()
    text = text.replace(
        scanner_title(card["target"], own, speaker), scanner_title(card["target"], card["releases"], speaker)
    )
    return (
        text.replace('"tl-title', f'"tl-title-{safe}')
        .replace(" tl-desc", f" tl-desc-{safe}")
        .replace('id="tl-desc', f'id="tl-desc-{safe}')
    )


def _contrasts(cards: Sequence[Record]) -> list[Comparison]:
    """Simulate the scans of all cards, as their records state them."""
    return compare((_named(card, cards), _scans_of(card)) for card in cards)


def _named(card: Record, cards: Sequence[Record]) -> Target:
    """The target of a card; without its release where that is not needed to tell it from others."""
    target = Target(**card["target"])
    plain = target.model_copy(update={"software": None})
    others = (
        Target(**one["target"]).model_copy(update={"software": None}) for one in cards if one is not card
    )
    return target if plain in others else plain


def _scans_of(card: Record) -> Protocol:
    steps = [entry["step"] for entry in card["steps"] if entry["step"]["kind"] == "acquisition"]
    known = ({name: step[name] for name in Acquisition.model_fields if name in step} for step in steps)
    return Protocol(name=card["title"], steps=tuple(Acquisition(**one) for one in known))


def _drawn(contrasts: Sequence[Comparison], language: str) -> str:
    """Draw contrasts in a language, or in English if its catalogue lacks a word of the drawing."""
    speaker = voice(language)
    if not all(speaker.knows(text) for text in svg.WORDS):
        speaker = voice(SOURCE)
    title = speaker.say(CONTRAST_TITLE)
    return svg.contrast_svg(contrasts, title, svg.Language(speaker.language, speaker.say, speaker.number))
