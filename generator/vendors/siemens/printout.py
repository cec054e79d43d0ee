"""The XML printout of a console: labels and printed values, in VD or XA layout, in English.

A printout is for people: it drops pauses and decisions and rounds its numbers. What it does not print is
``None``. Source: formats/siemens.md section 5.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from generator.errors import UnusableInput
from generator.model.tree import Acquisition, Note, Protocol, ReadResult
from generator.vendors.siemens import checked
from generator.vendors.siemens.labels import Print
from generator.vendors.siemens.printed import fields_of

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_SIZE = 128 << 20


def read(path: Path) -> ReadResult:
    """Read a printout; a step of several parts (Set-n-Go) gives one scan for each part.

    Raises
    ------
    UnusableInput
        If the file is no XML, carries a DOCTYPE, or is no printout.
    """
    root = _parse(path)
    if root.tag != "PrintOut":
        raise UnusableInput(path, f"XML, but no printout: the root is <{root.tag!s:.40}>, not <PrintOut>")
    parts = [part for step in root.iter("Protocol") for part in step.findall("SubStep") or [step]]
    prints = [p for p in map(_print, parts) if p is not None]
    if not prints:
        raise UnusableInput(path, "a printout without a protocol")
    notes: list[Note] = [
        Note(code="printout", message="a printout drops pauses and decisions and rounds its numbers"),
    ]
    protocols = _group(prints, notes)
    titles = [element.text or "" for element in root.iter("HeaderTitle")]
    return ReadResult(
        format="siemens-printout-xml",
        vendor="siemens",
        software=_software(titles),
        field_strength=_strength(titles),
        protocols=tuple(protocols),
        notes=tuple(notes),
    )


def _parse(path: Path) -> _Element:
    from lxml import etree

    try:
        if path.stat().st_size > MAX_SIZE:
            raise UnusableInput(path, f"larger than {MAX_SIZE >> 20} MiB")
        data = path.read_bytes()
    except OSError as error:
        raise UnusableInput(path, error.strerror or str(error)) from error
    if b"<!DOCTYPE" in data[:65536]:
        raise UnusableInput(path, "XML with a DOCTYPE; printouts have none")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise UnusableInput(path, f"damaged XML: {error.msg}", f"line {error.lineno or 1}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnusableInput(path, "XML with a DOCTYPE; printouts have none")
    return root


def _print(element: _Element) -> Print | None:
    header = element.find(".//ProtHeaderInfo")
    if header is None:
        return None
    full = (header.findtext("HeaderProtPath") or "").strip().removesuffix("*").strip()
    parts = [part.strip() for part in full.split("\\") if part.strip()]
    if not parts:
        return None
    # The first part names the tree of the console's database (USER, SIEMENS).
    found = Print(parts[-1], tuple(parts[1:-1]), header.findtext("HeaderProperty") or "")
    for card in element.iter("Card"):
        _add_card(card, found.values)
    return found


def _add_card(card: _Element, values: dict[str, list[str]]) -> None:
    """Add a card; several cards repeat a parameter, and within one card it repeats for each slice group."""
    own: dict[str, list[str]] = {}
    for parameter in card.iter("ProtParameter"):
        label = (parameter.findtext("Label") or "").strip().lstrip("!?* ").lower()
        own.setdefault(label, []).append((parameter.findtext("ValueAndUnit") or "").strip())
    for label, found in own.items():
        values.setdefault(label, found)


def _group(prints: Sequence[Print], notes: list[Note]) -> list[Protocol]:
    """Consecutive steps of one path are one program."""
    groups: list[tuple[tuple[str, ...], list[Acquisition]]] = []
    for printed in prints:
        if not groups or groups[-1][0] != printed.path:
            groups.append((printed.path, []))
        protocol, steps = len(groups) - 1, groups[-1][1]
        if not printed.all("tr"):
            notes.append(
                Note(
                    code="foreign-labels",
                    message="no English labels: only the name is read",
                    protocol=protocol,
                    step=len(steps),
                )
            )
        fields, doubts = fields_of(printed)
        notes += [
            Note(code="printed", message=text, protocol=protocol, step=len(steps), field=what)
            for what, text in doubts
        ]
        made, remarks = checked.acquisition(printed.name, {"printed": printed.values}, fields)
        notes += [
            Note(code="impossible", message=text, protocol=protocol, step=len(steps), field=what)
            for what, text in remarks
        ]
        steps.append(made)
    return [
        Protocol(name=path[-1] if path else "(printout)", path=path, steps=tuple(steps))
        for path, steps in groups
    ]


def _software(titles: Sequence[str]) -> str | None:
    for title in titles:
        if match := re.search(r"\bV?((?:VB|[DE]|VA|XA|B)\d\d[A-Z]?)\b", title):
            word = match[1]
            return (
                word.replace("VA", "XA") if word.startswith("VA") else word if word[0] in "VX" else f"V{word}"
            )
    return None


def _strength(titles: Sequence[str]) -> float | None:
    match = next(filter(None, (re.search(r"\b(0\.55|1\.5|3\.0|7\.0)T\b", t) for t in titles)), None)
    return float(match[1]) if match else None
