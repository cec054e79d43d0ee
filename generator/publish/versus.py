"""The page that compares any two cards of a protocol: neighbours as text, the others by a script."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from generator.model.fields import field_table
from generator.model.tree import Step
from generator.publish.differences import Card, Differences, Place, changes, name_of
from generator.publish.labels import MATTERS, STEPS
from generator.publish.render import page, render, scanner_title
from generator.publish.voice import Voice, voice

FOLDER = "compare"
_MATTERS = tuple(MATTERS)


def versus_pages(
    known: Differences,
    protocol: str,
    versions: Mapping[str, str],
    statuses: Mapping[str, Sequence[str]],
    languages: Sequence[str],
    facts: Mapping[str, Any],
) -> dict[str, bytes]:
    """Render the page of a protocol in every language.

    Parameters
    ----------
    versions : mapping of str to str
        Version to day, in the order of publication.
    statuses : mapping of str to sequence of str
        What notices say of a version.

    Returns
    -------
    dict of str to bytes
        Address on the site to content.
    """
    steps = [(old, new, changes(known, old, new)) for old, new in pairwise(versions)]
    newest = list(versions)[-1]
    values = {
        "protocol": protocol,
        "title": known.cards[-1].title,
        "steps": steps[::-1],
        "versions": versions,
        "newest": newest,
        "sides": [(a, b, list(known.between(a, b))) for a, b in known.sides(newest)],
        "numbers": {version: sum(c.version == version for c in known.cards) for version in versions},
        "site": facts,
        "languages": languages,
    }
    made = {}
    for language in languages:
        name = page(language, languages)
        data = json.dumps(_data(known, versions, statuses, voice(language)), separators=(",", ":"))
        # Inside a script element only its own end could be misread.
        data = data.replace("<", "\\u003c")
        html = render("versus.html.j2", language, root="../../", here=name, data=data, **values)
        made[f"{FOLDER}/{protocol}/{name}"] = html.encode()
    return made


class _Texts:
    """Each text once, by its index."""

    def __init__(self) -> None:
        self.found: dict[str, int] = {}

    def index(self, text: str) -> int:
        return self.found.setdefault(text, len(self.found))


def _data(
    known: Differences, versions: Mapping[str, str], statuses: Mapping[str, Sequence[str]], speaker: Voice
) -> dict[str, Any]:
    """What the script needs: it looks up what the engine found for every two steps that can meet.

    Returns
    -------
    dict
        ``cards`` with the index of their steps by place; ``pairs`` of places of two versions; ``differs``: of
        two steps the index in ``lists`` of the fields that differ and what it matters; values as indices of
        ``texts``.
    """
    texts, fields, lists = _Texts(), _Texts(), _Texts()
    groups, order = known.groups(), list(versions)
    places = {version: _places(groups, version) for version in order}
    pairs = {
        (v, w): known.paired(a, b)
        for v, a in enumerate(order)
        for w, b in enumerate(order[v:], v)
    }  # fmt: skip
    # First: it numbers the fields.
    differs = {
        f"{one}-{other}": lists.index(json.dumps(found))
        for one, other in _meeting(groups, order, pairs)
        if (found := _fields(known, one, other, fields))
    }
    return {
        "cards": [_card(one, order, places, statuses, texts, speaker) for one in groups],
        "pairs": {
            f"{v}-{w}": [[_at(places[order[v]], p), _at(places[order[w]], q), int(m)] for p, q, m in found]
            for (v, w), found in pairs.items()
        },
        "steps": [_step(step, fields, texts, speaker) for step in known.steps],
        "fields": [speaker.label(name) for name in fields.found],
        "matters": [speaker.say(text) for text in MATTERS.values()],
        "lists": [json.loads(text) for text in lists.found],
        "differs": differs,
        "texts": list(texts.found),
    }


def _places(groups: Iterable[Card], version: str) -> dict[Place, int]:
    found = sorted({place for one in groups if one.version == version for place in one.steps})
    return {place: index for index, place in enumerate(found)}


def _at(places: Mapping[Place, int], place: Place | None) -> int | None:
    return None if place is None else places[place]


def _meeting(
    groups: Sequence[Card],
    order: Sequence[str],
    pairs: Mapping[tuple[int, int], Sequence[tuple[Place | None, Place | None, bool]]],
) -> list[tuple[int, int]]:
    """List the pairs of steps that a choice of two cards can bring together, the lower index first."""
    by_place: dict[tuple[str, Place], set[int]] = {}
    for card in groups:
        for place, (step, _) in card.steps.items():
            by_place.setdefault((card.version, place), set()).add(step)
    found = {
        (min(one, other), max(one, other))
        for (v, w), listed in pairs.items()
        for p, q, _ in listed
        if p and q
        for one in by_place.get((order[v], p), ())
        for other in by_place.get((order[w], q), ())
        if one != other
    }
    return sorted(found)


def _fields(known: Differences, one: int, other: int, fields: _Texts) -> list[int]:
    found = known.found(one, other)
    return [n for d in found for n in (fields.index(d.name), _MATTERS.index(d.severity))]


def _card(
    card: Card,
    order: Sequence[str],
    places: Mapping[str, Mapping[Place, int]],
    statuses: Mapping[str, Sequence[str]],
    texts: _Texts,
    speaker: Voice,
) -> dict[str, Any]:
    said = "".join(f" ({speaker.say(text)})" for text in statuses.get(card.version, ()))
    return {
        "id": f"{card.version}/{card.slugs[0]}",
        "also": [f"{card.version}/{slug}" for slug in card.slugs[1:]],
        "version": order.index(card.version),
        "group": f"{speaker.say('Version')} {card.version}{said}",
        "name": scanner_title(card.target, card.releases, speaker),
        "total": speaker.clock(card.total),
        "hand": card.by_hand,
        "steps": [
            [places[card.version][place], step, texts.index(speaker.clock(seconds))]
            for place, (step, seconds) in card.steps.items()
        ],
    }


def _step(step: Step, fields: _Texts, texts: _Texts, speaker: Voice) -> list[Any]:
    """Name of a step, and its values by field, of the fields in which any two steps differ."""
    values = {
        str(index): texts.index(speaker.shown(value, name))
        for name, index in fields.found.items()
        if name in field_table(step.__class__) and (value := getattr(step, name)) is not None
    }
    return [texts.index(_named(step, speaker)), values]


def _named(step: Step, speaker: Voice) -> str:
    name = name_of(step).replace("_", " ") if step.kind == "reformat" else speaker.say(name_of(step))
    words = [speaker.say(STEPS[step.kind])] if step.kind in STEPS else []
    return ": ".join(filter(None, [*words, name]))
