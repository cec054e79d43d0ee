"""A page for every scanner and release: which cards there are for it, how to import them, what to set."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from generator.model.scanner import Scanner
from generator.publish.render import page, render
from generator.spec.scanners import load_scanners
from generator.vendors.matching import same_release

FOLDER = "scanners"


def machine_pages(
    groups: Sequence[Mapping[str, Any]], languages: Sequence[str], facts: Mapping[str, Any]
) -> dict[str, bytes]:
    """Render the pages of all scanners that the makers of some cards build, and the list of them.

    Parameters
    ----------
    groups : sequence of mapping
        The catalogue: protocols with their rows.

    Returns
    -------
    dict of str to bytes
        Address on the site to content.
    """
    machines = list(_machines(groups))
    made: dict[str, bytes] = {}
    for language in languages:
        name = page(language, languages)
        shared = {"site": facts, "languages": languages, "here": name}
        html = render("machines.html.j2", language, root="../", machines=machines, **shared)
        made[f"{FOLDER}/{name}"] = html.encode()
        for one in machines:
            html = render("machine.html.j2", language, root="../../", machine=one, **shared)
            made[f"{FOLDER}/{one['slug']}/{name}"] = html.encode()
    return made


def _machines(groups: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    vendors = {row["card"]["target"]["vendor"] for group in groups for row in group["rows"]}
    for scanner in sorted(load_scanners().values(), key=lambda one: (one.vendor, one.model)):
        if scanner.vendor in vendors:
            for release in reversed(scanner.software):
                found = list(_found(scanner, release, groups))
                yield {
                    "scanner": scanner,
                    "release": release,
                    "slug": slug(scanner, release),
                    "groups": found,
                    "number": sum(len(group["rows"]) for group in found),
                }


def slug(scanner: Scanner, release: str) -> str:
    """Name of a scanner and its release in an address."""
    return f"{scanner.id}-{re.sub(r'[^A-Za-z0-9.]+', '-', release)}"


def _found(scanner: Scanner, release: str, groups: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the protocols that have a card for a scanner, with those cards."""
    for group in groups:
        rows = [row for row in group["rows"] if _fits(scanner, release, row)]
        if rows:
            yield {**group, "rows": rows}


def _fits(scanner: Scanner, release: str, row: Mapping[str, Any]) -> bool:
    target = row["card"]["target"]
    known = target["model"] is not None and scanner.is_called(target["model"])
    return (known or scanner.model in row["models"]) and (
        target["vendor"] == scanner.vendor
        and (not target["software"] or same_release(target["software"], release))
    )
