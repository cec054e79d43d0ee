"""Rows of a card: planned from the steps, cloned, filled and put in order."""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from generator.model.spoken import injected
from generator.model.tree import Acquisition, Contrast, Pause, Protocol, Reformat
from generator.vendors.account import Reasons, StepReasons
from generator.vendors.dialect import BuildOptions
from generator.vendors.philips import facts
from generator.vendors.philips.container import notes, structure
from generator.vendors.philips.container.graph import (
    COLLECTIONS,
    Array,
    Bytes,
    Card,
    Inline,
    Node,
    Null,
    Plain,
    Text,
    Typed,
    Value,
    walk,
)
from generator.vendors.philips.fields.scan import Settings

_UNSAFE = re.compile(r"[^\w.+-]+")
AGENT = "SRT.C-17800.Gadolinium"


@dataclass(slots=True)
class Planned:
    """One scan and what happens before it.

    Attributes
    ----------
    index : int
        Step of the protocol.
    lines : list of str
        Operator note.
    before : list of int or None
        Steps that a reader finds before the scan: the injection, then the stop; ``None`` for one of a gap.
    """

    index: int
    acquisition: Acquisition
    injection: Contrast | None = None
    pause: bool = False
    lines: list[str] = field(default_factory=list)
    duration: float | None = None
    before: list[int | None] = field(default_factory=list)

    @property
    def note(self) -> str:
        """Operator note as one text."""
        return "\n".join(self.lines)


def plan(
    protocol: Protocol, options: BuildOptions, reasons: Reasons, gaps: Mapping[int, str] | None = None
) -> list[Planned]:
    """Attach pauses and injections to the scan that follows them.

    Parameters
    ----------
    protocol : Protocol
    options : BuildOptions
        For the durations.
    reasons : Reasons
        Receives what an ExamCard has no place for.
    gaps : mapping of int to str, optional
        Scans that no donor serves: what the operator reads in their place, empty for nothing.
    """
    planned: list[Planned] = []
    lines: list[str] = []
    waiting: list[tuple[int | None, Contrast | Pause]] = []
    for index, step in enumerate(protocol.steps):
        view = reasons.at(index, getattr(step, "name", None) or step.kind)
        if isinstance(step, Reformat):
            view.why("kind", "processing steps are made on the console")
        elif gaps is not None and index in gaps:
            view.why("kind", "no step of the donor serves for it")
            if gaps[index]:
                waiting.append((None, Pause(text=gaps[index])))
                lines += notes.pause_lines(gaps[index])
        elif isinstance(step, Acquisition):
            planned.append(_scan(index, step, waiting, lines, options))
            for name in facts.AS_NOTE:
                view.doubt(name, facts.IN_NOTE)
            waiting, lines = [], []
        else:
            if isinstance(step, Pause) and any(isinstance(other, Pause) for _, other in waiting):
                view.implied("kind")  # one stop before the scan has the text of all
            waiting.append((index, step))
            lines += _contrast(step, view) if isinstance(step, Contrast) else _pause(step, view)
    for left, _ in waiting:
        reasons.why(left, "kind", "no scan follows that could carry it")
    return planned


def _scan(
    index: int,
    step: Acquisition,
    waiting: list[tuple[int | None, Contrast | Pause]],
    lines: list[str],
    options: BuildOptions,
) -> Planned:
    injections = [(at, other) for at, other in waiting if isinstance(other, Contrast)]
    stops = [at for at, other in waiting if isinstance(other, Pause)]
    about = [step.instruction] if step.instruction else []
    about += notes.said(step)
    if step.second_inversion_time is not None:
        both = (step.inversion_time, step.second_inversion_time)
        times = " and ".join(f"{time:g} ms" for time in both if time is not None)
        about.append(f"To be set by hand: two inversions, {times}")
    duration = options.duration(index)
    return Planned(
        index,
        step,
        injections[-1][1] if injections else None,
        bool(waiting),
        lines + about,
        step.acquisition_duration if duration is None else duration,
        [*(at for at, _ in injections[-1:]), *stops[:1]],
    )


def _contrast(step: Contrast, reasons: StepReasons) -> list[str]:
    """Write an injection as text; the object of the card names no substance and no dose."""
    why = "the card holds gadolinium as a substance only; the rest is in the note of the next scan"
    for name, value in (
        ("dose", step.dose),
        ("minimum_delay", step.minimum_delay),
        ("volume", step.volume),
        ("concentration", step.concentration),
        ("flow_rate", step.flow_rate),
        ("flush_volume", step.flush_volume),
        ("during", step.during),
        ("start_volume", step.start_volume),
    ):
        if value is not None:
            reasons.add("approximated", name, why, wanted=value, got="operator note", severity="operator")
    if step.agent is not None:
        reasons.add("approximated", "agent", why, wanted=step.agent, got=AGENT, severity="operator")
    lines = notes.injection_lines(step.agent, step.dose, step.minimum_delay)
    lines += injected(step)
    return lines + ([step.text] if step.text else [])


def _pause(step: Pause, reasons: StepReasons) -> list[str]:
    lines = notes.pause_lines(step.text)
    if step.duration is None:
        return lines
    why = "a pause of a card has no length"
    reasons.add(
        "approximated", "duration", why, wanted=step.duration, got="operator note", severity="operator"
    )
    return lines + notes.pause_lines(f"wait {step.duration:g} s")


Kind = TypeVar("Kind", bound=Value)
_SMALLEST_LIST = 16
_EMPTY_TABLE = (("LoadFactor", "0.72"), ("Version", "0"), ("HashSize", "11"))


class BrokenCard(ValueError):
    """A card whose objects are not what its release promises."""


def clone(value: Value, known: dict[int, Value] | None = None) -> Value:
    """Copy an object and everything it holds; texts stay shared, because they are never edited in place."""
    known = {} if known is None else known
    if not isinstance(value, Node | Array | Bytes | Inline):
        return value
    if id(value) in known:
        return known[id(value)]
    if isinstance(value, Bytes):
        return known.setdefault(id(value), Bytes(value.base64))
    if isinstance(value, Array):
        array = Array(value.namespace, value.type, value.length)
        known[id(value)] = array
        array.items = [clone(item, known) for item in value.items]
        return array
    copy = (
        Node(value.namespace, value.name)
        if isinstance(value, Node)
        else Inline(value.namespace, value.type, [])
    )
    known[id(value)] = copy
    copy.members = [(name, clone(member, known)) for name, member in value.members]
    return copy


@dataclass(slots=True)
class Row:
    """One row of the console list with one scan in it.

    Attributes
    ----------
    instrument : Node
        The row.
    execution, single, procedure : Node
        The objects of its scan.
    """

    instrument: Node
    execution: Node
    single: Node
    procedure: Node

    @property
    def name(self) -> str:
        """Name of the scan."""
        return structure.text_of(self.procedure.get("name"))

    @property
    def block(self) -> Bytes:
        """Parameter block, as base64."""
        return require(self.procedure, "parameterData", Bytes)


def require(node: Node, name: str, kind: type[Kind]) -> Kind:
    """Return a member that has to be an object of a kind.

    Raises
    ------
    BrokenCard
        If it is not there or something else.
    """
    value = node.get(name)
    if not isinstance(value, kind):
        raise BrokenCard(f"{node.name} has no {name}")
    return value


def rows(card: Card) -> list[Row]:
    """List the scans of a card in the order of its rows; a row of several scans gives several.

    Raises
    ------
    BrokenCard
        If the chain from a row to its scan is broken.
    """
    found = []
    for instrument in _items(require(require(card.root, "instrumentList", Node), "list", Node)):
        scan_set = instrument
        for name in ("scanStep", "currentScanSet") if instrument.get("scanStep") else ("scanSet",):
            scan_set = require(scan_set, name, Node)
        steps = require(require(scan_set, "executionSteps", Node), "list", Node)
        for execution in _items(steps):
            single = require(execution, "singleScan", Node)
            found.append(Row(instrument, execution, single, require(single, "scanProcedure", Node)))
    return found


def _items(array_list: Node) -> list[Node]:
    held = require(array_list, "_items", Array).items
    size = structure.text_of(array_list.get("_size"))
    if not size.isdecimal() or len(size) > 9 or int(size) > len(held):
        raise BrokenCard(f"a list says {size!r} entries and holds {len(held)}")
    return [item for item in held[: int(size)] if isinstance(item, Node)]


def _fill(array_list: Node, items: list[Node]) -> None:
    """Put items into an ArrayList, raising its capacity as the console does."""
    array = require(array_list, "_items", Array)
    array.items = list(items)
    while array.length < max(len(items), _SMALLEST_LIST):
        array.length = max(_SMALLEST_LIST, 2 * array.length)
    array_list.set("_size", Plain(str(len(items))))


def copy_row(row: Row) -> Row:
    """Clone a row with the one scan of it."""
    known: dict[int, Value] = {}
    execution = clone(row.execution, known)
    instrument = clone(row.instrument, known)
    assert isinstance(execution, Node) and isinstance(instrument, Node)
    scan_set = instrument
    for name in ("scanStep", "currentScanSet") if instrument.get("scanStep") else ("scanSet",):
        scan_set = require(scan_set, name, Node)
    _fill(require(require(scan_set, "executionSteps", Node), "list", Node), [execution])
    single = require(execution, "singleScan", Node)
    return Row(instrument, execution, single, require(single, "scanProcedure", Node))


def fill(row: Row, planned: Planned, dynamics: int, release: structure.Release, keep_notes: bool) -> None:
    """Write name, note, pause, injection and time of a planned scan into a row of its own."""
    name = Text(planned.acquisition.name)
    row.procedure.set("name", name)
    if row.single.get("name") is not None:  # R3.2 has it twice; that of its ScanStep is always empty
        row.single.set("name", name)
    properties = require(row.single, "scanProperties", Node)
    properties.set("pause", Plain("true" if planned.pause else "false"))
    _inject(row, planned, release)
    if row.execution.get("stepDuration") is not None:
        row.execution.set("stepDuration", Plain(seconds(planned.duration or 0.0)))
    dynamic = row.execution.get("dynamicStep")
    if isinstance(dynamic, Node):
        dynamic.set("dynamicCount", Plain(str(dynamics)))
    if planned.note or not keep_notes:
        _set_note(row, planned.note)
    if not keep_notes:
        _forget_history(row)


def seconds(value: float) -> str:
    """Write a time as .NET writes a float32 widened to a double."""
    wide = struct.unpack("<f", struct.pack("<f", value))[0]
    short = f"{wide:.15g}"
    return short if float(short) == wide else f"{wide:.17g}"


def _set_note(row: Row, text: str) -> None:
    detail = row.single.get("detail")
    if not isinstance(detail, Node):
        return
    buffer = Bytes(notes.write(text))
    for name, _ in list(detail.members):
        detail.set(name, buffer)


def _forget_history(row: Row) -> None:
    """Leave out where the scan came from and its summary, which would be stale."""
    for name, value in (("linkToOriginalProtocol", Null(False)), ("lastModifiedTimeUtc", Null(False))):
        if row.procedure.get(name) is not None:
            row.procedure.set(name, value)
    if row.procedure.get("methodDescription") is not None:
        row.procedure.set("methodDescription", Text(""))


def _inject(row: Row, planned: Planned, release: structure.Release) -> None:
    """An injection is a switch and an object of the scan; R11.1 only names the agent."""
    injected = planned.injection is not None
    row.execution.set("contrast", Plain("true" if injected else "false"))
    protocol = _injection(row.single.namespace, release) if injected and release < (11, 1) else Null()
    row.execution.set("contrastInjectionProtocol", protocol)
    if release >= (11, 1) and row.single.get("contrastPresetName") is not None:
        agent = planned.injection.agent if planned.injection else None
        row.single.set("contrastPresetName", Text(agent) if agent else Null())


def _injection(namespace: str, release: structure.Release) -> Node:
    known: dict[str, Value] = {
        "agent": Text(AGENT),
        "routeOfAdministration": Text("SRT.G-D101.Intravenous route"),
        "volume": Plain("0"),
        "concentration": Plain("0.5"),
        "dosage": Plain("0"),
        "injectionStartDynamicNumber": Plain("1"),
        "isVolumeRequired": Plain("false"),
    }
    names = structure.members("ContrastInjectionProtocol", release) or ()
    return Node(namespace, "ContrastInjectionProtocol", [(name, known.get(name, Null())) for name in names])


def replace_rows(card: Card, instruments: list[Node]) -> None:
    """Make these the rows of the card, in this order."""
    _fill(require(require(card.root, "instrumentList", Node), "list", Node), instruments)


def empty_relations(card: Card) -> int:
    """Take the post-processing steps out of a card; returns how many there were."""
    gone = sum(
        1 for thing in walk(card.root) if isinstance(thing, Node) and thing.name == "ProcessingStepData"
    )
    data = require(card.root, "data", Node)
    manager = data.get("processingStepManagerData")
    if isinstance(manager, Node):
        for name, _ in list(manager.members):
            manager.set(name, _empty_table())
    return gone


def _empty_table() -> Node:
    values = dict(_EMPTY_TABLE)
    members: list[tuple[str, Value]] = []
    for name in structure.members("Hashtable", (5, 7)) or ():
        if name in values:
            members.append((name, Plain(values[name])))
        elif name in ("Keys", "Values"):
            members.append((name, Array("", "xsd:anyType", 0)))
        else:
            members.append((name, Null(False)))
    return Node(COLLECTIONS, "Hashtable", members)


_NO_SMART_PLAN = "AWPLAN_SMARTPLAN_TYPE_NONE"


def reset_plan(row: Row, names: frozenset[str]) -> None:
    """Reset what the objects of a scan say of an anatomy or a plan; real cards leave its region empty."""
    if "auto_align" in names and isinstance(kind := row.single.get("smartGeoType"), Typed):
        row.single.set("smartGeoType", Typed(kind.namespace, kind.type, _NO_SMART_PLAN))
    if "laterality" in names and row.procedure.get("laterality") is not None:
        row.procedure.set("laterality", Text("unpaired"))
    for name in ("anatomicRegion", "anatomicalRegion"):
        if isinstance(old := row.procedure.get(name), Text) and old.value:
            row.procedure.set(name, Text(""))


def set_licences(row: Row, wanted: Mapping[int, bool]) -> None:
    """Set or clear software bits of what a scan requires; cards without the set are left alone."""
    found: Value | None = row.single
    for name in ("scanProperties", "requiredConfiguration", "swOptions", "m_array"):
        found = found.get(name) if isinstance(found, Node) else None
    if not isinstance(found, Array):
        return
    for bit, is_on in wanted.items():
        word, place = divmod(bit, 32)
        if word >= len(found.items) or not isinstance(held := found.items[word], Plain):
            continue
        number = int(held.value) & 0xFFFFFFFF
        number = number | 1 << place if is_on else number & ~(1 << place)
        # .NET writes the words as signed numbers.
        found.items[word] = Plain(str(number - (1 << 32) if number >> 31 else number))


def set_region(root: Node, region: str, anatomy: str) -> None:
    """Write the body region of a card, of which both sides are the same."""
    for name, text in (("anatomicRegion", region), ("anatomy", anatomy)):
        if root.get(name) is not None:
            root.set(name, Text(text))
    if structure.text_of(root.get("laterality")).casefold() != "unpaired":
        root.set("laterality", Text("unpaired"))


def be_plain(row: Row, keep_notes: bool) -> None:
    """Take stop, injection, note and origin out of a scan that comes along."""
    require(row.single, "scanProperties", Node).set("pause", Plain("false"))
    row.execution.set("contrast", Plain("false"))
    if not keep_notes:
        _set_note(row, "")
        _forget_history(row)


def forget_geometries(card: Card, rows: list[Row]) -> None:
    """Leave out the names the site gave its plans: each scan is planned anew."""
    names = card.root.get("namedGeometries")
    if isinstance(names, Array):
        card.root.set("namedGeometries", Array(names.namespace, names.type, 0))
    for row in rows:
        row.single.set("geometryName", Text(""))
        row.single.set("reuseStackSizes", Plain("false"))


def file_name(protocol: Protocol) -> str:
    """Name of the card as a file."""
    return f"{_UNSAFE.sub('-', protocol.id or protocol.name).strip('-') or 'card'}.ExamCard"


def card_note(options: BuildOptions, kind: str) -> str:
    """Text of the card's own note: what it is and what it has to say on its face."""
    return "\n".join([kind, *filter(None, [options.label]), *options.warnings])


def set_card_note(card: Card, text: str) -> None:
    """Replace the note of the card."""
    description = card.root.get("description")
    buffer = Bytes(notes.write(text))
    for name in ("dataBuffer", "htmlDataBuffer"):
        if isinstance(description, Node) and description.get(name) is not None:
            description.set(name, buffer)


def scan_id(protocol: Protocol, scan: str) -> int:
    """Make the number that tells a scan of a card from the others, always the same for the same spec."""
    text = f"{protocol.id or protocol.name}\0{scan}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") % 90_000_000 + 10_000_000


def dynamics(settings: Settings) -> int:
    """Number of dynamics as the step repeats it: 0 when not dynamic."""
    return 0 if settings.now(facts.DYNAMIC) in (None, "NO") else int(settings.now(facts.DYNAMICS) or 0)
