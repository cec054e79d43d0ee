"""What a file is, and what may hinder its import."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from generator.model.tree import Note, ReadResult
from generator.vendors.dialect import Inspection
from generator.vendors.siemens import edx, exar, graph
from generator.vendors.siemens.verify import verify

_TITLES = {
    "siemens-exar1": "exam archive (VD/VE and XA consoles)",
    "siemens-edx": "exam archive (VB consoles)",
    "siemens-pro": "single protocol",
    "siemens-printout-xml": "printout; no console imports it",
}


def inspect(path: Path, kind: str, read: Callable[[Path], ReadResult]) -> Inspection:
    """Describe a file, with the findings of the self-checks.

    Raises
    ------
    UnusableInput
        If the file cannot be read at all.
    """
    result = read(path)
    facts = [
        ("format", kind),
        ("kind", _TITLES[kind]),
        ("software", result.software or "not stated"),
        ("field strength", f"{result.field_strength:g} T" if result.field_strength else "not stated"),
    ]
    facts += _extra(path, kind)
    facts += [("program", " / ".join(p.path) or p.name) for p in result.protocols]
    series = tuple((a.name, a.acquisition_duration) for p in result.protocols for a in p.acquisitions)
    facts.append(("acquisitions", str(len(series))))
    return Inspection(kind, tuple(facts), _warnings(path, kind), series)


def _extra(path: Path, kind: str) -> list[tuple[str, str]]:
    if kind == "siemens-exar1":
        archive = exar.read(path)
        return [("baseline", graph.head_map(archive)[0]), ("contents", str(len(archive.contents)))]
    if kind == "siemens-edx":
        return [("records", str(len(edx.read(path).records)))]
    return []


def _warnings(path: Path, kind: str) -> tuple[Note, ...]:
    if kind != "siemens-exar1":
        return ()
    found = verify(exar.read(path))
    notes = [Note(code=f"self-check-{code}", message=message) for code, message in found]
    if path.with_name(f"{path.name}-journal").exists():
        notes.append(Note(code="journal", message="a journal lies beside the archive; it is ignored"))
    return tuple(notes)
