"""The XML printout: VD puts header and cards below the step, XA below each part of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from generator.errors import UnusableInput
from generator.vendors.siemens.printouts.fields import Print, Printed, header_of
from generator.vendors.siemens.printouts.words import fold

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_SIZE = 128 << 20


def read(path: Path) -> Printed:
    """Read an XML printout. Raises UnusableInput if it is no XML, carries a DOCTYPE, or is no printout."""
    root = _parse(path)
    if root.tag != "PrintOut":
        raise UnusableInput(path, f"XML, but no printout: the root is <{root.tag!s:.40}>, not <PrintOut>")
    parts = [part for step in root.iter("Protocol") for part in step.findall("SubStep") or [step]]
    steps = [p for p in map(_print, parts) if p is not None]
    branched = any("decision" in str(element.tag) for toc in root.iter("TOC") for element in toc.iter())
    return Printed([element.text or "" for element in root.iter("HeaderTitle")], steps, branched)


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
    found = header_of(header.findtext("HeaderProtPath") or "", header.findtext("HeaderProperty") or "")
    if not found.name:
        return None
    for card in element.iter("Card"):
        _add_card(card, found.values)
    return found


def _add_card(card: _Element, values: dict[str, list[str]]) -> None:
    """Add a card; several cards repeat a parameter, and within one card it repeats for each slice group."""
    own: dict[str, list[str]] = {}
    for parameter in card.iter("ProtParameter"):
        label = fold(parameter.findtext("Label") or "")
        own.setdefault(label, []).append((parameter.findtext("ValueAndUnit") or "").strip())
    for label, found in own.items():
        values.setdefault(label, found)
