"""What an ExamCard is: release, system, scans, and what may hinder its import."""

from __future__ import annotations

from pathlib import Path

from generator.model.tree import Acquisition, Note
from generator.vendors.dialect import Inspection
from generator.vendors.philips import reader
from generator.vendors.philips.container import envelope, graph, structure
from generator.vendors.philips.container.graph import Card, Node


def inspect(path: Path) -> Inspection:
    """Describe a card and check its container.

    Raises
    ------
    UnusableInput
        If the file is no card that can be read.
    """
    result = reader.read(path)
    loaded = envelope.load(path, keep_tail=True)
    card = graph.load(loaded)
    root = card.root
    version = root.get("version")
    facts = [("card", result.protocols[0].name)]
    for label, name in (("release", "swVersion"), ("methods", "methodsVersion")):
        facts.append((label, structure.text_of(version.get(name)) if isinstance(version, Node) else ""))
    for name in ("mainSystemType", "patientOrientation", "anatomicRegion", "laterality"):
        facts.append((name, structure.text_of(root.get(name))))
    acquisitions = result.protocols[0].acquisitions
    failed = _failed(card, loaded)
    facts += [("scans", str(len(acquisitions))), ("objects", str(len(loaded.objects)))]
    facts.append(("bytes after the envelope", str(loaded.tail_size)))
    return Inspection(
        reader.FORMAT,
        tuple((label, text) for label, text in facts if text),
        (*failed, *_hints(loaded, acquisitions)),
        tuple((scan.name, scan.acquisition_duration) for scan in acquisitions),
        failed,
    )


def _failed(card: Card, loaded: envelope.Envelope) -> tuple[Note, ...]:
    """The self-checks that failed."""
    found = [Note(code="structure", message=problem) for problem in structure.problems(card)]
    if graph.dump(card) != loaded.content + loaded.tail:
        found.append(
            Note(code="not-canonical", message="written again, the file would not be the same bytes")
        )
    return tuple(found)


def _hints(loaded: envelope.Envelope, acquisitions: tuple[Acquisition, ...]) -> list[Note]:
    found = []
    if loaded.tail.strip(b"\0\r\n"):
        found.append(Note(code="tail", message="other bytes than zeros after the envelope"))
    uncomputed = sum(scan.acquisition_duration is None for scan in acquisitions)
    if uncomputed:
        found.append(Note(code="not-computed", message=f"{uncomputed} scans hold no computed time"))
    if not acquisitions:
        found.append(Note(code="empty", message="the card holds no scan"))
    return found
