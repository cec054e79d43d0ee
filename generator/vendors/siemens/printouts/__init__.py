"""Printouts of Siemens consoles, VB17 to XA, as PDF, XML and text: a layout each, one table of labels.

A printout drops pauses and decisions and rounds its numbers; no console imports it, and it is no donor.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from generator.errors import UnusableInput
from generator.model.tree import Acquisition, Note, Protocol, ReadResult
from generator.vendors.siemens.printouts.fields import Print, Printed, fields_of
from generator.vendors.siemens.printouts.words import FIELD_STRENGTHS
from generator.vendors.siemens.reader import checked, nominal


def read(path: Path, kind: str) -> ReadResult:
    """Read a printout; a step of several parts (Set-n-Go) gives one scan for each part.

    Raises
    ------
    UnusableInput
        If the file is damaged, is no printout, or the library that reads it is missing.
    """
    printed = _layout(kind)(path)
    if not printed.steps:
        raise UnusableInput(path, "a printout without a protocol")
    notes = [Note(code="printout", message="a printout drops pauses and decisions and rounds its numbers")]
    protocols = [
        _protocol(folders, tuple(steps), index, printed.branched, notes)
        for index, (folders, steps) in enumerate(groupby(printed.steps, lambda p: p.path))
    ]
    return ReadResult(
        format=kind,
        vendor="siemens",
        software=_software(printed.titles),
        field_strength=_strength(printed.titles, printed.steps),
        protocols=tuple(protocols),
        notes=tuple(notes),
    )


def _layout(kind: str) -> Callable[[Path], Printed]:
    from generator.vendors.siemens.printouts import pdf, text, xml

    layouts: Mapping[str, Callable[[Path], Printed]] = {
        "siemens-printout-xml": xml.read,
        "siemens-printout-pdf": pdf.read,
        "siemens-printout-text": text.read,
    }
    return layouts[kind]


def _protocol(
    folders: tuple[str, ...], steps: Sequence[Print], protocol: int, branched: bool, notes: list[Note]
) -> Protocol:
    """Consecutive steps of one path are one program."""
    made = tuple(_acquisition(p, protocol, index, notes) for index, p in enumerate(steps))
    times = [a.acquisition_duration for a in made]
    total = None if branched or None in times else sum(t for t in times if t is not None)
    if total is not None:
        message = (
            "total time: the sum of the printed times; a printout does not say which scans exclude each other"
        )
        notes.append(Note(code="sum", message=message, protocol=protocol, field="acquisition_duration"))
    return Protocol(
        name=folders[-1] if folders else "(printout)", path=folders, steps=made, acquisition_duration=total
    )


def _acquisition(printed: Print, protocol: int, step: int, notes: list[Note]) -> Acquisition:
    def note(code: str, message: str, what: str | None = None) -> None:
        notes.append(Note(code=code, message=message, protocol=protocol, step=step, field=what))

    if not printed.all("tr"):
        note("foreign-labels", "labels of a language or release that is not known: only the head is read")
    fields, doubts = fields_of(printed)
    for what, text in doubts:
        note("printed", text, what)
    made, remarks = checked(printed.name, {"printed": printed.values}, fields)
    for what, text in remarks:
        note("impossible", text, what)
    return made


def _software(titles: Sequence[str]) -> str | None:
    for title in titles:
        if match := re.search(r"\bV?((?:VB|[DE]|VA|XA|B)\d\d[A-Z]?)\b", title):
            word = match[1]
            return (
                word.replace("VA", "XA") if word.startswith("VA") else word if word[0] in "VX" else f"V{word}"
            )
    return None


_GYROMAGNETIC = 42.577
"""Megahertz per tesla of protons."""


def _strength(titles: Sequence[str], steps: Sequence[Print]) -> float | None:
    """Field strength: printed in the title, by the resonance of protons, or by the name of the scanner."""
    match = next(filter(None, (re.search(r"\b(0\.55|1\.5|3\.0|7\.0)T\b", t) for t in titles)), None)
    if match:
        return float(match[1])
    frequency = next(filter(None, (p.number("frequency") for p in steps)), None)
    if frequency:
        return nominal(frequency / _GYROMAGNETIC)
    known = {b for word, b in FIELD_STRENGTHS.items() for title in titles if word in title.casefold()}
    return known.pop() if len(known) == 1 else None
