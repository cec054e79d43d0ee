"""The PAS block of a DICOM file to the tree: what a scanner did, not what a console has stored.

Only elements whose meaning was verified on data of real scanners are read (3 T, echo-planar diffusion, two
software versions); every other one is kept verbatim under ``vendor``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from generator.errors import UnusableInput
from generator.model.tree import Acquisition, Note, Protocol, ReadResult
from generator.vendors.canon import facts
from generator.vendors.canon.container import parse
from generator.vendors.canon.dicom import Block, load_block
from generator.vendors.canon.elements import STEPS, Scan, compare_with_public

if TYPE_CHECKING:
    from lxml.etree import _Element

EXECUTED = "executed scan, not protocol export: it tells what one scan did, for one patient and position"
_WITHHELD = {"site": "site", "FILE/@name": "FILE[@name]"}
"""Identify a site or a path on its console; they are not carried on."""


def read_dicom(path: Path) -> ReadResult:
    """Read the scan that a DICOM file of a Canon scanner tells of.

    Raises
    ------
    UsageError
        If pydicom is not installed.
    UnusableInput
        If the file holds no readable block.
    """
    block = load_block(path)
    root = parse(path, block.xml, block.place)
    found = list(root.iter("SEQ"))
    if root.tag != "PAS" or not found:
        raise UnusableInput(path, f"the block holds <{root.tag}> and {len(found)} scans", block.place)
    notes = [Note(code="executed-scan", message=EXECUTED, protocol=0), *_withheld(root)]
    steps = []
    for index, element in enumerate(found):
        scan = Scan(path, block.place, index, _elements(element), block.public)
        steps.append(_acquisition(scan, element))
        notes += scan.notes
    return ReadResult(
        format="canon-pas-dicom",
        vendor="canon",
        software=(root.findtext("version") or "").strip() or None,
        field_strength=block.public.get("MagneticFieldStrength"),
        protocols=(_protocol(block, tuple(steps), found[0]),),
        notes=tuple(notes),
    )


def _protocol(block: Block, steps: tuple[Acquisition, ...], first: _Element) -> Protocol:
    anatomy = (first.findtext("SA") or "").strip()
    return Protocol(
        name=block.pas[-1] if block.pas else steps[0].name,
        path=block.pas[:-1],
        region=facts.ANATOMY.get(anatomy),
        acquisition_duration=steps[0].acquisition_duration if len(steps) == 1 else None,
        steps=steps,
    )


def _withheld(root: _Element) -> list[Note]:
    there = [name for name, place in _WITHHELD.items() if root.find(place) is not None]
    if not there:
        return []
    message = f"{' and '.join(there)} of the block identify the site's console and are not carried on"
    return [Note(code="withheld", message=message, protocol=0)]


def _elements(seq: _Element) -> dict[str, str]:
    """Return the flat elements of a SEQ; a repeated one keeps all its texts, line by line."""
    found: dict[str, str] = {}
    for child in seq.iterchildren(tag="*"):
        name, text = str(child.tag), "".join(map(str, child.itertext()))
        found[name] = f"{found[name]}\n{text}" if name in found else text
    return found


def _acquisition(scan: Scan, seq: _Element) -> Acquisition:
    scan.fields["name"] = seq.get("COMM") or seq.get("name") or "unnamed scan"
    for step in STEPS:
        step(scan)
    compare_with_public(scan)
    vendor = {name: text for name, text in scan.elements.items() if name not in scan.used}
    vendor |= {f"SEQ/@{name!s}": str(value) for name, value in seq.attrib.items() if name != "COMM"}
    try:
        return Acquisition(**scan.fields, vendor=vendor)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise UnusableInput(scan.path, f"{name}: {first['msg']}", scan.place) from error
