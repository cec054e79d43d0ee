"""The XML printout: VD puts header and cards below the step, XA below each part of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from generator import limits, xml
from generator.errors import UnusableInput
from generator.vendors.siemens.printouts.fields import Print, Printed, header_of
from generator.vendors.siemens.printouts.words import fold

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_SIZE = limits.PRINTOUT_BYTES


def read(path: Path) -> Printed:
    """Read an XML printout. Raises UnusableInput if it is damaged, has a document type, or is no printout."""
    root = _parse(path)
    if root.tag != "PrintOut":
        raise UnusableInput(path, f"XML, but no printout: the root is <{root.tag!s:.40}>, not <PrintOut>")
    parts = [part for step in root.iter("Protocol") for part in step.findall("SubStep") or [step]]
    steps = [p for p in map(_print, parts) if p is not None]
    branched = any("decision" in str(element.tag) for toc in root.iter("TOC") for element in toc.iter())
    return Printed([element.text or "" for element in root.iter("HeaderTitle")], steps, branched)


def _parse(path: Path) -> Element:
    try:
        if path.stat().st_size > MAX_SIZE:
            raise UnusableInput(path, f"larger than {MAX_SIZE >> 20} MiB")
        return xml.parse(path.read_bytes(), path)
    except OSError as error:
        raise UnusableInput(path, error.strerror or str(error)) from error


def _print(element: Element) -> Print | None:
    header = element.find(".//ProtHeaderInfo")
    if header is None:
        return None
    found = header_of(header.findtext("HeaderProtPath") or "", header.findtext("HeaderProperty") or "")
    if not found.name:
        return None
    for card in element.iter("Card"):
        _add_card(card, found.values)
    return found


def _add_card(card: Element, values: dict[str, list[str]]) -> None:
    """Add a card; several cards repeat a parameter, and within one card it repeats for each slice group."""
    own: dict[str, list[str]] = {}
    for parameter in card.iter("ProtParameter"):
        label = fold(parameter.findtext("Label") or "")
        own.setdefault(label, []).append((parameter.findtext("ValueAndUnit") or "").strip())
    for label, found in own.items():
        values.setdefault(label, found)
