"""What an ExamCard is: release, system, scans, and what may hinder its import."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from generator.model.tree import Acquisition, Note
from generator.vendors.dialect import Inspection
from generator.vendors.philips import reader
from generator.vendors.philips.container import block, envelope, graph
from generator.vendors.philips.container.graph import Array, Bytes, Card, Node, Thing


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
        facts.append((label, graph.text_of(version.get(name)) if isinstance(version, Node) else ""))
    for name in ("mainSystemType", "patientOrientation", "anatomicRegion", "laterality"):
        facts.append((name, graph.text_of(root.get(name))))
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
    found = [Note(code="structure", message=problem) for problem in problems(card)]
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


def problems(card: Card) -> list[str]:
    """Find what a reader of another make would stumble over, before a console does.

    Returns
    -------
    list of str
        One sentence a finding, empty if the card has the structure of its release.
    """
    release = graph.release_of(card)
    if release is None:
        return ["the card does not say which release saved it"]
    return [problem for thing in graph.walk(card.root) for problem in _check(thing, release)]


def _check(thing: Thing, release: graph.Release) -> Iterator[str]:
    if not isinstance(thing, Node):
        return
    wanted = graph.members(thing.name, release)
    found = tuple(name for name, _ in thing.members)
    if wanted is not None and wanted != found:
        text = f"release {release[0]}.{release[1]} has {' '.join(wanted)}"
        yield f"{thing.name}: members {' '.join(found)}; {text}"
    if thing.name == "ArrayList":
        yield from _check_list(thing)
    if thing.name == "ScanProcedure":
        yield from _check_scan(thing)


def _check_list(thing: Node) -> Iterator[str]:
    items, size = thing.get("_items"), graph.text_of(thing.get("_size"))
    held = len(items.items) if isinstance(items, Array) else -1
    if size != str(held):
        yield f"an ArrayList says {size!r} entries and holds {held}"


def _check_scan(thing: Node) -> Iterator[str]:
    data, title = thing.get("parameterData"), graph.text_of(thing.get("name"))
    if not isinstance(data, Bytes):
        yield f"scan {title!r} has no parameter block"
        return
    try:
        raw = block.from_base64(data.base64)
        block.decode_values(raw)
        block.decode(raw)
    except block.BadBlock as error:
        yield f"scan {title!r}: {error}"
