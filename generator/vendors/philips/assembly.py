"""Rows of a card: cloned, filled and put in order, without touching anything they share."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TypeVar

from generator.vendors.philips import check, notes
from generator.vendors.philips.graph import (
    COLLECTIONS,
    Array,
    Bytes,
    Card,
    Inline,
    Node,
    Null,
    Plain,
    Text,
    Value,
    walk,
)
from generator.vendors.philips.plan import AGENT, Planned

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
        return check.text_of(self.procedure.get("name"))

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
    size = check.text_of(array_list.get("_size"))
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


def fill(row: Row, planned: Planned, dynamics: int, release: check.Release, keep_notes: bool) -> None:
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


def _inject(row: Row, planned: Planned, release: check.Release) -> None:
    """An injection is a switch and an object of the scan; R11.1 only names the agent."""
    injected = planned.injection is not None
    row.execution.set("contrast", Plain("true" if injected else "false"))
    protocol = _injection(row.single.namespace, release) if injected and release < (11, 1) else Null()
    row.execution.set("contrastInjectionProtocol", protocol)
    if release >= (11, 1) and row.single.get("contrastPresetName") is not None:
        agent = planned.injection.agent if planned.injection else None
        row.single.set("contrastPresetName", Text(agent) if agent else Null())


def _injection(namespace: str, release: check.Release) -> Node:
    known: dict[str, Value] = {
        "agent": Text(AGENT),
        "routeOfAdministration": Text("SRT.G-D101.Intravenous route"),
        "volume": Plain("0"),
        "concentration": Plain("0.5"),
        "dosage": Plain("0"),
        "injectionStartDynamicNumber": Plain("1"),
        "isVolumeRequired": Plain("false"),
    }
    names = check.members("ContrastInjectionProtocol", release) or ()
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
    for name in check.members("Hashtable", (5, 7)) or ():
        if name in values:
            members.append((name, Plain(values[name])))
        elif name in ("Keys", "Values"):
            members.append((name, Array("", "xsd:anyType", 0)))
        else:
            members.append((name, Null(False)))
    return Node(COLLECTIONS, "Hashtable", members)


def forget_geometries(card: Card, rows: list[Row]) -> None:
    """Leave out the names the site gave its plans: each scan is planned anew."""
    names = card.root.get("namedGeometries")
    if isinstance(names, Array):
        card.root.set("namedGeometries", Array(names.namespace, names.type, 0))
    for row in rows:
        row.single.set("geometryName", Text(""))
        row.single.set("reuseStackSizes", Plain("false"))
