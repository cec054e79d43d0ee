"""The object graph of a card: its SOAP text both ways, the members of a release, its rows.

The graph is what a .NET program keeps in memory. The writer follows the rule of the .NET SOAP formatter:
objects breadth first from the card; a visited object first registers the namespaces of its class and of its
members (each new one takes a prefix, and an id too if it belongs to an assembly), then numbers its texts and
objects in member order. On an unchanged card this gives the same bytes (format notes on ``.ExamCard``,
section 3). Which members a class has follows from the release (section 4); there is no public schema of the
newer ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import Any, TypeVar, cast

from generator.vendors.philips.container.envelope import CLOSING, Envelope, Found, escape, unescape

SYSTEM = "http://schemas.microsoft.com/clr/ns/System"
COLLECTIONS = "http://schemas.microsoft.com/clr/ns/System.Collections"
ASSEMBLIES = "http://schemas.microsoft.com/clr/nsassem/"


@dataclass(eq=False, slots=True)
class Text:
    """A string object; members that hold the same one share it."""

    value: str


@dataclass(frozen=True, slots=True)
class Plain:
    """A number, a truth value or an enum of a declared type, as written."""

    value: str


@dataclass(frozen=True, slots=True)
class Typed:
    """An enum that names its type."""

    namespace: str
    type: str
    value: str


@dataclass(frozen=True, slots=True)
class Null:
    """Nothing, in one of the two forms the formatter writes."""

    typed: bool = True


@dataclass(eq=False, slots=True)
class Inline:
    """A value type, written where it is used."""

    namespace: str
    type: str
    members: list[tuple[str, Value]]


@dataclass(eq=False, slots=True)
class Node:
    """An object of a class."""

    namespace: str
    name: str
    members: list[tuple[str, Value]] = field(default_factory=list)

    def get(self, name: str) -> Value | None:
        """Return a member, ``None`` if the class has none of this name."""
        return next((value for key, value in self.members if key == name), None)

    def set(self, name: str, value: Value) -> None:
        """Replace a member that is there.

        Raises
        ------
        KeyError
            If the class has no member of this name.
        """
        for index, (key, _) in enumerate(self.members):
            if key == name:
                self.members[index] = (name, value)
                return
        raise KeyError(name)


@dataclass(eq=False, slots=True)
class Array:
    """An array of objects or values.

    Attributes
    ----------
    namespace : str
        Of the element type; empty for types of XML Schema, whose ``type`` then reads ``xsd:...``.
    length : int
        Capacity; trailing nulls are not among the items.
    """

    namespace: str
    type: str
    length: int
    items: list[Value] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Bytes:
    """A byte array, as its base64 text."""

    base64: str


Value = Text | Plain | Typed | Null | Inline | Node | Array | Bytes
Thing = Node | Array | Bytes


@dataclass(slots=True)
class Card:
    """A loaded card: the root of its graph and how the file writes lines.

    Attributes
    ----------
    newline : str
        ``\\r\\n`` as the console writes it, or ``\\n`` of a file that went through version control.
    tail : bytes
        Bytes after the envelope.
    """

    root: Node
    newline: str = "\r\n"
    tail: bytes = b"\r\n"


def walk(root: Thing) -> Iterator[Thing]:
    """Visit every object that can be reached, breadth first, each once."""
    queue: list[Thing] = [root]
    seen = {id(root)}
    for thing in queue:
        yield thing
        for value in children(thing):
            if isinstance(value, Node | Array | Bytes) and id(value) not in seen:
                seen.add(id(value))
                queue.append(value)


def children(thing: Thing | Inline) -> Iterator[Value]:
    """Values of the members or items of an object, those of inline values included."""
    if isinstance(thing, Bytes):
        return
    values = thing.items if isinstance(thing, Array) else [value for _, value in thing.members]
    for value in values:
        yield value
        if isinstance(value, Inline):
            yield from children(value)


_HEAD = (
    '<SOAP-ENV:Envelope xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
    'xmlns:SOAP-ENC="http://schemas.xmlsoap.org/soap/encoding/" '
    'xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:clr="http://schemas.microsoft.com/soap/encoding/clr/1.0" '
    'SOAP-ENV:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">'
)

# The member whose declared enum registers a namespace although it is written as plain text.
_SILENT_ENUM = "applicationMode"
_SILENT_TYPE = "DynamicScanDelayMode"
_PRIVATE_NAMESPACE = ASSEMBLIES + "(namespace of applicationMode)"
_MAX_DEPTH = 8
_ARRAY_TYPE = re.compile(r'\sSOAP-ENC:arrayType="([\w.+-]+):([\w.+-]+)\[(\d{1,9})\]"')
_NAMESPACE = re.compile(r'\sxmlns:([\w.-]+)="([^"]*)"')
_TYPE = re.compile(r'\sxsi:type="([\w.-]+):([\w.+-]+)"')
_ID = re.compile(r'\s(id|href)="#?ref-(\d{1,9})"')
_TAG = re.compile(r"\s*<(/?)([\w.+-]+)((?:\s[^<>]*?)?)(/?)>")


@dataclass(frozen=True, slots=True)
class _Reference:
    """A member that points to an id, until everything is read."""

    number: int
    owner: int


def load(envelope: Envelope) -> Card:
    """Take every object of an envelope apart.

    Raises
    ------
    UnusableInput
        With the line, for a member that is no element, a reference to nothing or a root that is no card.
    """
    reader = _Reader(envelope)
    root = cast(Node, reader.things[envelope.root])
    newline = "\r\n" if ">\r\n" in envelope.markup[:2000] else "\n"
    return Card(root, newline, envelope.tail)


class _Reader:
    """Two passes: shells for every id, then members, so that references may point anywhere."""

    def __init__(self, envelope: Envelope) -> None:
        self.envelope = envelope
        self.texts: dict[int, Text] = {}
        found = [envelope.get(number) for number in envelope.objects]
        self.things: dict[int, Thing] = {entry.number: self._shell(entry) for entry in found}
        raw = {entry.number: self._members(entry) for entry in found if not entry.is_base64}
        for number, members in raw.items():
            thing = self.things[number]
            if isinstance(thing, Node):
                thing.members = self._resolved(members)
            elif isinstance(thing, Array):
                thing.items = [value for _, value in self._resolved(members)]
                if len(thing.items) > thing.length:
                    raise envelope.fail(f"{len(thing.items)} items in an array of {thing.length}", number)

    def _shell(self, found: Found) -> Thing:
        spaces = dict(_NAMESPACE.findall(found.attributes))
        if found.tag != "SOAP-ENC:Array":
            prefix = found.tag.partition(":")[0]
            if prefix not in spaces:
                raise self.envelope.fail(f"<{found.tag}> declares no namespace", found.number)
            return Node(spaces[prefix], found.name)
        if found.is_base64:
            return Bytes(found.body)
        of = _ARRAY_TYPE.search(found.attributes)
        if of is None:
            raise self.envelope.fail("an array without a type", found.number)
        kind = of[2] if of[1] in spaces else f"{of[1]}:{of[2]}"
        return Array(spaces.get(of[1], ""), kind, int(of[3]))

    def _members(self, found: Found) -> list[tuple[str, Any]]:
        """Read the members of one object; a member with members of its own is an inline value."""
        body, at, owner = found.body, 0, found.number
        stack: list[tuple[str, str, list[tuple[str, Any]]]] = [("", "", [])]
        while (tag := _TAG.match(body, at)) is not None:
            closing, name, attributes, closed = tag.groups()
            at = tag.end()
            if closing:
                opened, kind, members = stack.pop()
                if opened != name or not stack:
                    raise self.envelope.fail(f"</{name}> closes nothing", owner, at)
                stack[-1][2].append((name, Inline(*self._type(kind, owner), members)))
            elif closed:
                stack[-1][2].append((name, self._leaf(attributes, "", owner)))
            else:
                end = body.find("<", at)
                text = body[at : end if end >= 0 else None]
                if end >= 0 and body.startswith(f"</{name}>", end):
                    stack[-1][2].append((name, self._leaf(attributes, text, owner)))
                    at = end + len(name) + 3
                elif text.strip() or len(stack) > _MAX_DEPTH:
                    raise self.envelope.fail(f"<{name}> is neither a value nor a structure", owner, at)
                else:
                    stack.append((name, attributes, []))
        if len(stack) > 1 or body[at:].strip():
            raise self.envelope.fail(f"something else than members in <{found.tag}>", owner, at)
        return stack[0][2]

    def _leaf(self, attributes: str, text: str, owner: int) -> Any:
        if not attributes:
            return Plain(unescape(text))
        if "xsi:null=" in attributes:
            return Null("xsi:type=" in attributes)
        if (identity := _ID.search(attributes)) is not None:
            number = int(identity[2])
            if identity[1] == "href":
                return _Reference(number, owner)
            if number in self.texts or number in self.things:
                raise self.envelope.fail(f"two things have the id ref-{number}", owner)
            return self.texts.setdefault(number, Text(unescape(text)))
        return Typed(*self._type(attributes, owner), unescape(text))

    def _type(self, attributes: str, owner: int) -> tuple[str, str]:
        of = _TYPE.search(attributes)
        if of is None:
            raise self.envelope.fail("attributes that are not understood", owner)
        space = dict(_NAMESPACE.findall(attributes)).get(of[1])
        if space is None:
            raise self.envelope.fail(f"the prefix {of[1]} is not declared", owner)
        return space, of[2]

    def _resolved(self, members: list[tuple[str, Any]]) -> list[tuple[str, Value]]:
        return [(name, self._resolve(value)) for name, value in members]

    def _resolve(self, value: Any) -> Value:
        if isinstance(value, Inline):
            value.members = self._resolved(value.members)
        if not isinstance(value, _Reference):
            return cast(Value, value)
        target = self.things.get(value.number) or self.texts.get(value.number)
        if target is None:
            raise self.envelope.fail(f"nothing has the id ref-{value.number}", value.owner)
        return target


def dump(card: Card) -> bytes:
    """Write a card: envelope and tail.

    Returns
    -------
    bytes
        UTF-8, objects breadth first from the root, ids and prefixes recomputed.
    """
    lines = _Writer(card.root).lines()
    return (
        card.newline.join([_HEAD, "<SOAP-ENV:Body>", *lines, "</SOAP-ENV:Body>", CLOSING]).encode()
        + card.tail
    )


def marks() -> Iterator[str]:
    """Yield texts to leave blank in a form, in the order in which :meth:`Form.filled` gets those to write."""
    return (f"\0{number}\0" for number in count())


class Form:
    """A card whose marked texts are blank: ids, prefixes and order of its objects are worked out once."""

    def __init__(self, card: Card) -> None:
        self._parts = dump(card).decode().split("\0")
        self._blanks = [int(number) for number in self._parts[1::2]]

    def filled(self, texts: Sequence[str]) -> bytes:
        """Write the card with these texts, as :func:`dump` does."""
        written, parts = list(map(escape, texts)), self._parts.copy()
        parts[1::2] = [written[number] for number in self._blanks]
        return "".join(parts).encode()


class _Writer:
    def __init__(self, root: Node) -> None:
        self.ids: dict[int, int] = {id(root): 1}
        self.next_id = 2
        self.prefixes: dict[str, str] = {}
        self.queue: list[Thing] = [root]
        self.silent = next(self._silent_namespaces(root), _PRIVATE_NAMESPACE)

    def _silent_namespaces(self, root: Node) -> Iterator[str]:
        for thing in walk(root):
            if isinstance(thing, Node):
                for _, value in thing.members:
                    if isinstance(value, Typed) and value.type == _SILENT_TYPE:
                        yield value.namespace

    def lines(self) -> list[str]:
        """Write object after object; the queue grows while it is worked through."""
        written: list[str] = []
        for thing in self.queue:
            written += self._thing(thing)
        return written

    def _thing(self, thing: Thing) -> list[str]:
        number = self.ids[id(thing)]
        if isinstance(thing, Bytes):
            head = f'<SOAP-ENC:Array id="ref-{number}" xsi:type="SOAP-ENC:base64">'
            return [f"{head}{thing.base64}</SOAP-ENC:Array>"]
        members = thing.members if isinstance(thing, Node) else [("item", item) for item in thing.items]
        self._register(thing, members)
        if isinstance(thing, Node):
            tag = f"{self.prefixes[thing.namespace]}:{thing.name}"
            head = f'<{tag} id="ref-{number}" {self._declare(thing.namespace)}>'
        else:
            tag = "SOAP-ENC:Array"
            head = f'<{tag} id="ref-{number}" {self._array_type(thing)}>'
        body = [line for name, value in members for line in self._member(name, value)]
        return [head, *body, f"</{tag}>"]

    def _array_type(self, array: Array) -> str:
        if not array.namespace:
            return f'SOAP-ENC:arrayType="{array.type}[{array.length}]"'
        kind = f"{self.prefixes[array.namespace]}:{array.type}"
        return f'SOAP-ENC:arrayType="{kind}[{array.length}]" {self._declare(array.namespace)}'

    def _xsi_type(self, value: Typed | Inline) -> str:
        prefix = self.prefixes[value.namespace]
        return f'xsi:type="{prefix}:{value.type}" {self._declare(value.namespace)}'

    def _declare(self, namespace: str) -> str:
        return f'xmlns:{self.prefixes[namespace]}="{namespace}"'

    def _register(self, thing: Node | Array, members: Sequence[tuple[str, Value]]) -> None:
        if thing.namespace:
            self._namespace(thing.namespace)
        for name, value in members:
            if isinstance(value, Inline | Typed):
                self._namespace(value.namespace)
            elif isinstance(thing, Array):
                continue
            elif isinstance(value, Node):
                self._namespace(value.namespace)
            elif isinstance(value, Array | Bytes):
                self._namespace(SYSTEM)
            elif name == _SILENT_ENUM and isinstance(value, Plain):
                self._namespace(self.silent)

    def _namespace(self, namespace: str) -> None:
        if namespace in self.prefixes:
            return
        self.prefixes[namespace] = f"a{len(self.prefixes) + 1}"
        if namespace.startswith(ASSEMBLIES):
            self.next_id += 1

    def _member(self, name: str, value: Value) -> list[str]:
        if isinstance(value, Plain):
            return [f"<{name}>{escape(value.value)}</{name}>"]
        if isinstance(value, Null):
            form = 'xsi:type="xsd:anyType" xsi:null="1"' if value.typed else 'xsi:null="1"'
            return [f"<{name} {form}/>"]
        if isinstance(value, Typed):
            return [f"<{name} {self._xsi_type(value)}>{escape(value.value)}</{name}>"]
        if isinstance(value, Inline):
            inner = [line for key, member in value.members for line in self._member(key, member)]
            return [f"<{name} {self._xsi_type(value)}>", *inner, f"</{name}>"]
        known = self.ids.get(id(value))
        if known is not None:
            return [f'<{name} href="#ref-{known}"/>']
        number = self.ids[id(value)] = self.next_id
        self.next_id += 1
        if isinstance(value, Text):
            return [f'<{name} id="ref-{number}">{escape(value.value)}</{name}>']
        self.queue.append(value)
        return [f'<{name} href="#ref-{number}"/>']


# --- the members of a release ---------------------------------------------------------------------------

# Members in file order; a part in brackets names the releases that have it: "5.3-" from, "-5.7" up to.
_TABLE = """\
ExamCard: name instrumentList data description patientOrientation dockingMode[5-] anatomicRegion
    anatomy[5-] laterality reviewRequired[5.1-5.1] rfExcitationMode[5.6-] namedGeometries heartRate
    autoFillInHeartRate[-5.7] posteriorHoldBack[5.9-] mainSystemType configuration version alignOverlap
    pushToWorkStation paediatric[5.3-] patientWeight[5.3-] selectedCoils[5.3-] contextInfo[11.1-]
ExamCardData: tableUsage processingStepManagerData geoLinkPropagation
ExamCardsVersion: swVersion modelVersion methodsVersion
ExamCardConfig: allowedMainSystemTypes allowedGradientChains swOptions hwOptions coilOptions
ECInstrumentList: list
ECInstrument: scanStep[-3.2] scanSet[5-]
ScanStep: name currentScanSet
ScanSet: executionSteps
ExecutionStepList: list
ExecutionStep: isContrastParametersFilled[5.6-] singleScan contrastInjectionProtocol contrast
    executionStepContrastUsed dynamicStep stepDuration[5.6-]
SingleScan: name[-3.2] smartGeoType vertebraRanges scanProcedure stationNumber detail geometryName
    reuseStackSizes viewingProcedure pushToWorkStation geoLinkID scanProperties useViewingProcedure
    traSliceOrder[5.3-5.9] sagSliceOrder[5.3-5.9] corSliceOrder[5.3-5.9] traMirrorflipOrder[5.3-5.9]
    sagMirrorflipOrder[5.3-5.9] corMirrorflipOrder[5.3-5.9] isPreScan[5-] isCandidateForTransfer[5-]
    isFromPatientDB[5-] attainedSED[5-] contrastPresetName[5.6-] _preferredCoils[11.1-]
    smartScoutType[11.1-] iaPlanStarted[5-]
ScanProcedure: parameterData methodDescription name anatomicRegion[5-] anatomicalRegion[5-]
    AnatomyChanged[5-] AnatomicalRegionChanged[5-] anatomy[5-] applicationMode linkToOriginalProtocol
    lastModifiedTimeUtc linkState laterality[5-] NameChanged Modified LateralityChanged[5-] Disposing
ScanProcedureConfig: allowedMainSystemTypes allowedGradientChains swOptions hwOptions coilOptions
BitArray: m_array m_length _version
ArrayList: _items _size _version
HtmlItemDescription: dataBuffer htmlDataBuffer[5-]
DynamicStepProperties: delayMode delayDuration[-5.9] dynamicCount firstDynamic
ViewingProcedure: sortAttributes sliceOrder insetPlanScan mrDisplayLayoutColumnCount
    mrDisplayLayoutRowsCount
ContrastInjectionProtocol: agent routeOfAdministration volume concentration dosage[5.6-]
    injectionStartDynamicNumber ingredient[5.6-] isVolumeRequired[5.6-] contrastInjectionStartTime[5.6-]
Hashtable: LoadFactor Version Comparer HashCodeProvider HashSize Keys Values
OutputDescriptorData: seriesType description seriesName viewingProcedure useViewingProcedure
    pushToWorkStation isCandidateForTransfer[5-]
ProcessingStepData: manualStart protocol description name
RelationshipManagerData: outputsToInputsRelations inputsToOutputsRelations
CoilInfo: coid coilName isInConflict
PreferredCoil: _coilId _socketPath
ScanProperties: pause scanAlign approvedFeatures[5.3-] approvedFeatureSpecificOptions[5.3-]
    scanAlignOverlap smartScoutType madeByPhilips suspendableDynamic requiredConfiguration
ScanProperties 11.1: pause scanAlign scanAlignOverlap requiredConfiguration suspendableDynamic
"""

Release = tuple[int, int]


def release_of(card: Card) -> Release | None:
    """Return the release a card was saved with, such as (5, 7)."""
    version = card.root.get("version")
    text = version.get("swVersion") if isinstance(version, Node) else None
    parts = text.value.split(".") if isinstance(text, Text) else []
    if len(parts) < 2 or not all(part.isdecimal() and len(part) < 4 for part in parts[:2]):
        return None
    return int(parts[0]), int(parts[1])


@cache
def members(name: str, release: Release) -> tuple[str, ...] | None:
    """Members of a class in the order of a release; ``None`` for classes that are not checked."""
    classes = _classes()
    words = classes.get(f"{name} 11.1") if release >= (11, 1) else None
    words = words or classes.get(name)
    return tuple(word.partition("[")[0] for word in words if _has(word, release)) if words else None


@cache
def _classes() -> dict[str, tuple[str, ...]]:
    joined = _TABLE.replace("\n    ", " ").splitlines()
    return {name: tuple(words.split()) for name, _, words in (line.partition(":") for line in joined)}


def _has(word: str, release: Release) -> bool:
    span = word.partition("[")[2].rstrip("]")
    if not span:
        return True
    first, _, last = span.partition("-")
    return (not first or release >= _version(first)) and (not last or release <= _version(last))


def _version(text: str) -> Release:
    major, _, minor = text.partition(".")
    return int(major), int(minor or 0)


def text_of(value: object) -> str:
    """Show a member as text, empty for objects and nulls."""
    return value.value if isinstance(value, Plain | Text | Typed) else ""


# --- rows and their scans -----------------------------------------------------------------------------

Kind = TypeVar("Kind", bound=Value)
_SMALLEST_LIST = 16


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
        return text_of(self.procedure.get("name"))

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
        for execution in _items(_executions(instrument)):
            single = require(execution, "singleScan", Node)
            found.append(Row(instrument, execution, single, require(single, "scanProcedure", Node)))
    return found


def _executions(instrument: Node) -> Node:
    """Return the list of scans of a row; R3.2 has one object more between them."""
    for name in ("scanStep", "currentScanSet") if instrument.get("scanStep") else ("scanSet",):
        instrument = require(instrument, name, Node)
    return require(require(instrument, "executionSteps", Node), "list", Node)


def _items(array_list: Node) -> list[Node]:
    held = require(array_list, "_items", Array).items
    size = text_of(array_list.get("_size"))
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
    _fill(_executions(instrument), [execution])
    single = require(execution, "singleScan", Node)
    return Row(instrument, execution, single, require(single, "scanProcedure", Node))


def replace_rows(card: Card, instruments: list[Node]) -> None:
    """Make these the rows of the card, in this order."""
    _fill(require(require(card.root, "instrumentList", Node), "list", Node), instruments)
