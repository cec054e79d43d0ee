"""The entry of the site: the catalogue, the machine index and the feed, made from the versions there are."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from generator.model.tree import Target
from generator.publish import citation, notices, schemas
from generator.publish.labels import PROTOCOL_KINDS
from generator.publish.machines import machine_pages
from generator.publish.notice import Validation, loads
from generator.publish.pages import VERSION_FILE, situations
from generator.publish.record import json_bytes
from generator.publish.releases import fitting
from generator.publish.render import assets, page, render
from generator.publish.state import State


def entry_files(
    site: Path,
    current: Sequence[tuple[str, str]],
    state: State,
    languages: Sequence[str],
    facts: Mapping[str, Any],
    validations: Sequence[Validation] = (),
) -> dict[str, bytes]:
    """Make the files that lead to everything else.

    Parameters
    ----------
    current : sequence of (str, str)
        Protocol and version that the publication asks for, in its order.
    state : State
        Every version there is.

    Returns
    -------
    dict of str to bytes
        Address on the site to content.
    """
    shown = [_version(site, protocol, version) for protocol, version in current]
    made = assets()
    groups = [_group(version, state, dict(current), validations) for version in shown]
    rows = [row for group in groups for row in group["rows"]]
    values = {
        "groups": groups,
        "number": len(rows),
        "choices": _choices(rows),
        "site": facts,
        "languages": languages,
    }
    for language in languages:
        name = page(language, languages)
        made[name] = render("catalogue.html.j2", language, root="", here=name, **values).encode()
    made |= machine_pages(groups, languages, facts)
    made["index.json"] = json_bytes(_index(site, dict(current), state, facts))
    news = _news(site, state)
    made["feed.atom"] = render("feed.atom.j2", languages[0], entries=news, site=facts, vendor=None).encode()
    for vendor in sorted({row["card"]["target"]["vendor"] for row in rows}):
        own = [one for one in news if _concerns(one, vendor)]
        values = {"entries": own, "site": facts, "vendor": vendor}
        made[f"feed.{vendor}.atom"] = render("feed.atom.j2", languages[0], **values).encode()
    made |= (
        {"robots.txt": b"User-agent: *\nDisallow: /\n"} if facts["private"] else citation.files(facts, state)
    )
    return made | schemas.files()


def _version(site: Path, protocol: str, version: str) -> dict[str, Any]:
    path = site / "protocols" / protocol / version / VERSION_FILE
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found


def _group(
    version: dict[str, Any], state: State, current: Mapping[str, str], validations: Sequence[Validation]
) -> dict[str, Any]:
    """One protocol of the catalogue with a row for every download."""
    reasons = situations(version["protocol"])
    titles = {reason["id"]: reason["title"] for reason in reasons}
    if not titles and version["kind"]:
        titles = {version["kind"]: PROTOCOL_KINDS.get(version["kind"], version["kind"])}
    here = notices.standing(state, current, version["protocol"], version["version"])
    about = (version["protocol"], version["version"])
    known = [one for one in validations if (one.protocol, one.version) == about]
    rows = [
        {
            "card": card,
            "validations": loads(known, card["slug"]),
            "notice": notices.of_card(here.notices, card["slug"]),
            "titles": titles,
            **fitting(Target(**card["target"])),
        }
        for card in version["cards"]
    ]
    address = f"protocols/{version['protocol']}/{version['version']}/"
    return {"version": version, "address": address, "rows": rows, "approval": here.approval}


def _choices(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[tuple[str, str]]]:
    """What the filters offer: value and English text of each, only what some row has."""
    titles = {code: title for row in rows for code, title in row["titles"].items()}
    plain = {
        "vendor": sorted({row["card"]["target"]["vendor"] for row in rows}),
        "model": sorted({model for row in rows for model in row["models"]}),
        "software": sorted({release for row in rows for release in row["software"]}),
        "kind": sorted({row["card"]["kind"] for row in rows}),
    }
    fields = sorted({row["card"]["target"]["field_strength"] for row in rows})
    return {
        "situation": sorted(titles.items()),
        **{name: [(value, value) for value in values] for name, values in plain.items()},
        "field": [(f"{value:g}", f"{value:g} T") for value in fields],
    }


def _index(site: Path, current: Mapping[str, str], state: State, facts: Mapping[str, Any]) -> dict[str, Any]:
    protocols = []
    for protocol, history in sorted(state.protocols.items()):
        versions = [_version(site, protocol, version) for version in history.days]
        protocols.append(
            {
                "id": protocol,
                "title": versions[-1]["title"],
                "current": current.get(protocol),
                "versions": [
                    {**version, **_told(state, current, protocol, version["version"])} for version in versions
                ],
            }
        )
    listed = ("id", "title", "network", "contact", "licence", "address", "private")
    publication = {name: facts[name] for name in listed}
    return {"form": 1, "publication": publication, "protocols": protocols}


def _concerns(entry: Mapping[str, Any], vendor: str) -> bool:
    """Say whether a piece of news is about a card of a vendor."""
    slugs = [card["slug"] for card in entry["cards"] if card["target"]["vendor"] == vendor]
    notice = entry["notice"]
    return any(notice.covers(slug) for slug in slugs) if notice else bool(slugs)


def _told(state: State, current: Mapping[str, str], protocol: str, version: str) -> dict[str, Any]:
    """Address of a version, and what became of it."""
    here = notices.standing(state, current, protocol, version)
    return {
        "path": f"protocols/{protocol}/{version}/",
        "newest": not (here.newest or here.gone),
        "approval": here.approval.model_dump(include={"author", "reviewer", "date"})
        if here.approval
        else None,
        "notices": [one.model_dump(mode="json", exclude={"protocol", "version"}) for one in here.notices],
    }


def _news(site: Path, state: State) -> list[dict[str, Any]]:
    """Every version of every protocol and every notice, the newest first."""
    found = [
        {**_version(site, protocol, version), "notice": None}
        for protocol, history in state.protocols.items()
        for version in history.days
    ]
    found += [
        {**_version(site, one.protocol, one.version), "notice": one, "date": one.date}
        for one in state.notices
    ]
    return sorted(
        sorted(found, key=lambda v: (v["protocol"], v["version"])), key=lambda v: v["date"], reverse=True
    )
