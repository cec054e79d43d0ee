"""What a file of the dialect is, and what to know before it is used."""

from __future__ import annotations

from pathlib import Path

from generator.model.tree import Note, Protocol, ReadResult
from generator.vendors.canon import facts
from generator.vendors.canon.dicom import load_block
from generator.vendors.canon.reader import read_dicom, read_sheet
from generator.vendors.canon.sheet import load
from generator.vendors.dialect import Inspection

_N = f"{{{facts.NAMESPACE}}}"
_PRIVATE = (
    "the block is the vendor's own, marked confidential, and lies in a file with patient data: "
    "do not pass the file on"
)


def inspect_sheet(path: Path) -> Inspection:
    """Describe an entry sheet. Raises UnusableInput."""
    _, root = load(path)
    result = read_sheet(path)
    flags = [entry.get("flag") for entry in root.iter() if entry.tag in (f"{_N}entry", f"{_N}text")]
    head = {
        "what it is": facts.MARK,
        "made from": root.findtext(f"{_N}label") or "",
        "software": result.software or "",
        "entries to choose at the console": str(flags.count("choose")),
        "entries rounded or assumed": str(flags.count("rounded") + flags.count("approximated")),
        "fields without a Canon entry": str(flags.count("unsupported")),
    }
    warnings = [Note(code="not-loadable", message=facts.MARK)]
    warnings += [Note(code="built-with", message=one.text or "") for one in root.iter(f"{_N}warning")]
    return _inspection(result, head, (*warnings, *result.notes))


def inspect_dicom(path: Path) -> Inspection:
    """Describe a DICOM file with a PAS block. Raises UnusableInput, UsageError."""
    block, result = load_block(path), read_dicom(path)
    head = {
        "what it is": "one executed scan",
        "PAS": " / ".join(block.pas),
        "software": result.software or "",
        "block": f"{block.place}, creator {block.creator}, {len(block.xml)} bytes",
    }
    warnings = [Note(code="confidential", message=_PRIVATE)]
    if block.trailing:
        message = f"{block.trailing} bytes after the closing tag of the block were not read"
        warnings.append(Note(code="trailing-bytes", message=message))
    return _inspection(result, head, (*warnings, *result.notes))


def _inspection(result: ReadResult, head: dict[str, str], warnings: tuple[Note, ...]) -> Inspection:
    protocol: Protocol = result.protocols[0]
    strength = "not stated" if result.field_strength is None else f"{result.field_strength:g} T"
    common = {
        "protocol": protocol.name,
        "field strength": strength,
        "scans": str(len(protocol.acquisitions)),
    }
    shown = tuple((name, text) for name, text in (head | common).items() if text)
    series = tuple((scan.name, scan.acquisition_duration) for scan in protocol.acquisitions)
    return Inspection(result.format, shown, warnings, series)
