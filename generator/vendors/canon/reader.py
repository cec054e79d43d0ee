"""An entry sheet, and the PAS block that a scanner writes into DICOM, to the tree.

What is entered at the console counts: where the value of an entry, read with the codec that wrote it, is not
the spec's value beside it, because it was rounded or because somebody changed it, the entry wins.

Of a PAS block only elements whose meaning was verified on data of real scanners are read (3 T, echo-planar
diffusion, two software versions); every other one is kept verbatim under ``vendor``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from generator.errors import UnusableInput
from generator.model.fields import FieldSpec, field_table
from generator.model.kept import MOST
from generator.model.tolerance import same
from generator.model.tree import (
    Acquisition,
    Contrast,
    Node,
    Note,
    Pause,
    Protocol,
    ReadResult,
    Reformat,
    Situation,
)
from generator.text import bounded, did_you_mean, quantity
from generator.vendors.canon import dicom, facts
from generator.vendors.canon.dicom import Block, load_block
from generator.vendors.canon.entries import counts, entered
from generator.vendors.canon.facts import Key
from generator.vendors.canon.fields import STEPS, Seq, compare_with_public
from generator.vendors.canon.sheet import load, parse
from generator.vendors.dialect import ImageFields, ImageHeader
from generator.xml import line

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


_N = f"{{{facts.NAMESPACE}}}"
_BOXES: dict[str, type[Contrast] | type[Pause] | type[Reformat]] = {
    "contrast": Contrast,
    "pause": Pause,
    "reformat": Reformat,
}
_EXPECTED = frozenset({"rounded", "approximated"})
"""Flags of entries that may differ from the spec's value without a word from the reader."""

N = TypeVar("N", bound=Node)


def read_sheet(path: Path) -> ReadResult:
    """Read an entry sheet.

    Raises
    ------
    UnusableInput
        With the line, if it is not well-formed, not valid, or holds a value that is none.
    """
    file, root = load(path)
    notes: list[Note] = []
    head = _part(file, root, "protocol")
    target = {child.tag.removeprefix(_N): child.text or "" for child in root.iterfind(f"{_N}target/*")}
    fields = dict(_sources(file, head, Protocol))
    situation = _part(file, head, "situation")
    fields["situation"] = _node(file, situation, Situation, dict(_sources(file, situation, Situation)))
    fields["steps"] = tuple(_steps(file, root, notes))
    return ReadResult(
        format="canon-sheet",
        vendor="canon",
        software=target.get("software"),
        field_strength=_field_strength(file, target.get("field_strength", "")),
        protocols=(_node(file, head, Protocol, fields),),
        notes=tuple(notes),
    )


def _field_strength(file: Path, text: str) -> float:
    try:
        return quantity(text)
    except ValueError as error:
        raise UnusableInput(file, f"field_strength: {text!r} is no number", "target") from error


def _tesla(stated: Any) -> float | None:
    """Field strength of an image, where it states one."""
    return bounded(stated) if stated is not None and stated > 0 else None


def read_entered(content: bytes) -> ReadResult:
    """Read a sheet as somebody does who enters it: the entries alone, without the values of the spec."""
    file, notes = Path(facts.XML_NAME), list[Note]()
    frame, scans = _apart(content)
    root = parse(file, frame)
    head = _part(file, root, "protocol")
    steps = _steps(file, root, notes, lambda file, *_: _entered_scan(file, next(scans)))
    fields = dict(_sources(file, head, Protocol)) | {"steps": tuple(steps)}
    return ReadResult(format="canon-sheet", vendor="canon", protocols=(_node(file, head, Protocol, fields),))


def _part(file: Path, element: Element, name: str) -> Element:
    """Return an element that every sheet has."""
    found = element.find(f"{_N}{name}")
    if found is None:
        raise UnusableInput(file, f"<{name}> is missing", f"line {line(element)}")
    return found


def _apart(content: bytes) -> tuple[bytes, Iterator[bytes]]:
    """Take the lines of every scan out of a sheet, which has comments at its head alone.

    Frame and lines are well-formed if, and only if, the sheet is: no text or attribute of it holds a ``<``.
    """
    first, *rest = content.split(b"<scan ")
    found = [chunk.partition(b">") for chunk in rest]
    scans = [inner.partition(b"</scan>") for _, _, inner in found]
    tags = (b"<scan " + attributes + b">" for attributes, _, _ in found)
    ends = (end + after for _, end, after in scans)
    frame = first + b"".join(part for pair in zip(tags, ends, strict=True) for part in pair)
    return frame, (lines for lines, _, _ in scans)


@lru_cache(maxsize=MOST)
def _entered_scan(file: Path, lines: bytes) -> Acquisition:
    """Read the lines of a scan; many sheets have the same."""
    element = parse(file, b'<scan xmlns="%s">%s</scan>' % (facts.NAMESPACE.encode(), lines))
    entries = ((one.get("id", ""), _text(one, "value"), one.get("flag", "")) for one in element)
    return Acquisition(**{"name": "", **entered(entries)})


def _steps(
    file: Path, root: Element, notes: list[Note], scan: Callable[..., Acquisition] | None = None
) -> Iterator[Node]:
    """Read the steps of a sheet, scans with the function given."""
    steps = _part(file, root, "steps")
    for index, element in enumerate(steps.iterfind(f"{_N}*")):
        name = element.tag.removeprefix(_N)
        if name == "scan":
            yield (scan or _scan)(file, element, index, notes)
        elif name not in _BOXES:
            raise UnusableInput(file, f"unknown step <{name}>", f"line {line(element)}")
        else:
            model = _BOXES[name]
            yield _node(file, element, model, dict(_sources(file, element, model)))


def _scan(file: Path, element: Element, index: int, notes: list[Note]) -> Acquisition:
    fields: dict[str, Any] = {}
    for entry in element.iterfind(f"{_N}*"):
        stated = dict(_sources(file, entry, Acquisition))
        fields |= stated
        key = facts.BY_ID.get(entry.get("id", ""))
        if key is None or key.field is None or key.codec is None:
            continue
        if not counts(key, _text(entry, "value"), entry.get("flag", "")):
            notes += _unread(key, entry, index, stated.get(key.field))
        elif not same(entered := _entered(file, key, entry), stated.get(key.field)):
            fields[key.field] = entered
            if key.field in stated and entry.get("flag") not in _EXPECTED:
                notes.append(_changed(key, entry, index, stated[key.field]))
    return _node(file, element, Acquisition, fields)


def _entered(file: Path, key: Key, entry: Element) -> Any:
    text = _text(entry, "value")
    assert key.codec is not None
    try:
        return key.codec.read(text)
    except ValueError as error:
        wanted = f"{key.label}: {text!r} is not a value of this entry"
        raise UnusableInput(file, f"{wanted} ({error})", f"line {line(entry)}") from error


def _unread(key: Key, entry: Element, index: int, stated: Any) -> Iterator[Note]:
    """Note a text that somebody changed where only the spec's value beside it is read."""
    text = _text(entry, "value")
    assert key.codec is not None
    if text and (stated is None or text != key.codec.write(stated)):
        message = f"line {line(entry)}: {key.label}: the text {text!r} is not read, only the value beside it"
        yield Note(code="not-read", message=message, protocol=0, step=index, field=key.field)


def _changed(key: Key, entry: Element, index: int, stated: Any) -> Note:
    message = (
        f"line {line(entry)}: {key.label} is {_text(entry, 'value')!r} on the sheet, "
        f"the spec beside it says {stated!r}; the sheet counts"
    )
    return Note(code="changed-by-hand", message=message, protocol=0, step=index, field=key.field)


def _text(entry: Element, name: str) -> str:
    return entry.findtext(f"{_N}{name}") or ""


def _sources(file: Path, element: Element, model: type[Node]) -> Iterator[tuple[str, Any]]:
    """Yield the fields that an element states of a class of the tree, as plain values."""
    table = field_table(model)
    for source in element.iterfind(f"{_N}source"):
        name = source.get("field", "")
        if name not in table:
            near = did_you_mean(name, table)
            hint = f", did you mean {near!r}?" if near else ""
            raise UnusableInput(file, f"unknown field {name!r}{hint}", f"line {line(source)}")
        unit = table[name].unit or ""
        if source.get("unit", "") != unit:
            wrong = f"{name} is in {source.get('unit') or 'no unit'}, expected {unit or 'no unit'}"
            raise UnusableInput(file, wrong, f"line {line(source)}")
        yield name, _value(file, source, table[name])


def _value(file: Path, source: Element, known: FieldSpec) -> Any:
    try:
        if known.shape == "scalar":
            return _plain(source.text or "", known.type)
        items = tuple(
            None if item.get("open") in ("true", "1") else _plain(item.text or "", known.type)
            for item in source.iterfind(f"{_N}item")
        )
        if known.length is not None and len(items) != known.length:
            raise ValueError(f"{len(items)} values, expected {known.length}")
        return items
    except ValueError as error:
        raise UnusableInput(file, f"{known.name}: {error}", f"line {line(source)}") from error


def _plain(text: str, kind: type) -> Any:
    if kind is bool:
        if text not in ("true", "false"):
            raise ValueError(f"{text!r} is neither true nor false")
        return text == "true"
    if kind in (int, float):
        quantity(text)
        return kind(text)
    return text


def _node(file: Path, element: Element, model: type[N], fields: dict[str, Any]) -> N:
    try:
        return model(**fields)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise UnusableInput(
            file, f"{name}: {first['msg']}", f"line {_line(element, first['loc'])}"
        ) from error


def _line(element: Element, location: tuple[int | str, ...]) -> int | None:
    """Line of the field that is at fault, else of the element around it."""
    named = (s for s in element.iter(f"{_N}source") if location and s.get("field") == location[0])
    return line(next(named, element))


# --- the PAS block ------------------------------------------------------------------------------------


EXECUTED = "executed scan, not protocol export: what one scan did, for one patient and position"
_WITHHELD = {"site": "site", "FILE/@name": "FILE[@name]"}
"""Identify a site or a path on its console; they are not carried on."""


def read_dicom(path: Path) -> ReadResult:
    """Read the scan in the PAS block of a DICOM file.

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
        seq = Seq(path, block.place, index, _elements(element), block.public)
        steps.append(_acquisition(seq, element))
        notes += seq.notes
    return ReadResult(
        format="canon-pas-dicom",
        vendor="canon",
        software=(root.findtext("version") or "").strip() or None,
        field_strength=_tesla(block.public.get("MagneticFieldStrength")),
        protocols=(_protocol(block, tuple(steps), found[0]),),
        notes=tuple(notes),
    )


def scan_of_block(
    path: Path, place: str, xml: bytes, public: dict[str, Any]
) -> tuple[dict[str, Any], list[Note]]:
    """Read the fields of the one scan of a block; of several nobody can say which an image shows.

    Raises
    ------
    UnusableInput
        If the block is broken or holds no scan or several.
    """
    found = list(parse(path, xml, place).iter("SEQ"))
    if len(found) != 1:
        raise UnusableInput(path, f"the block holds {len(found)} scans, not one", place)
    seq = Seq(path, place, 0, _elements(found[0]), public)
    for step in STEPS:
        step(seq)
    return seq.fields, seq.notes


def _protocol(block: Block, steps: tuple[Acquisition, ...], first: Element) -> Protocol:
    anatomy = (first.findtext("SA") or "").strip()
    return Protocol(
        name=block.pas[-1] if block.pas else steps[0].name,
        path=block.pas[:-1],
        region=facts.ANATOMY.get(anatomy),
        acquisition_duration=steps[0].acquisition_duration if len(steps) == 1 else None,
        steps=steps,
    )


def _withheld(root: Element) -> list[Note]:
    there = [name for name, place in _WITHHELD.items() if root.find(place) is not None]
    if not there:
        return []
    message = f"{' and '.join(there)} of the block identify the site's console and are not carried on"
    return [Note(code="withheld", message=message, protocol=0)]


def _elements(element: Element) -> dict[str, str]:
    """Return the flat elements of a SEQ; a repeated one keeps all its texts, line by line."""
    found: dict[str, str] = {}
    for child in element:
        name, text = str(child.tag), "".join(map(str, child.itertext()))
        found[name] = f"{found[name]}\n{text}" if name in found else text
    return found


def _acquisition(seq: Seq, element: Element) -> Acquisition:
    seq.fields["name"] = element.get("COMM") or element.get("name") or "unnamed scan"
    for step in STEPS:
        step(seq)
    compare_with_public(seq)
    vendor = {name: text for name, text in seq.elements.items() if name not in seq.used}
    vendor |= {f"SEQ/@{name!s}": str(value) for name, value in element.attrib.items() if name != "COMM"}
    try:
        return Acquisition(**seq.fields, vendor=vendor)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise UnusableInput(seq.path, f"{name}: {first['msg']}", seq.place) from error


_SURER = frozenset({"technique", "phase_encoding_direction"})
_NEVER = frozenset({"name", "b_values"})
"""The block's list of b-values leaves those of 0 out; the images have them all."""


def of_image(header: ImageHeader) -> ImageFields:
    """Read the PAS block of an image, where the console's option was on."""
    found = ((creator, header.private(dicom.GROUP, creator, dicom.PAS_BLOCK)) for creator in dicom.CREATORS)
    creator, data = next(((c, d) for c, d in found if isinstance(d, bytes)), ("", None))
    if data is None:
        return ImageFields()
    public = {name: value for name in dicom.PUBLIC if (value := header.get(name)) is not None}
    place = f"element ({dicom.GROUP:04X},xx{dicom.PAS_BLOCK:02X}) of {creator}"
    try:
        fields, notes = scan_of_block(header.path, place, dicom.cut(header.path, place, data)[0], public)
    except UnusableInput as error:
        return ImageFields(remarks=[("no-protocol", "", f"the PAS block is not read: {error.message}")])
    kept = {name: value for name, value in fields.items() if name not in _NEVER and value is not None}
    remarks = [(note.code, note.field or "", note.message) for note in notes if note.code != "b-zero"]
    return ImageFields(kept, _SURER & kept.keys(), remarks)


def weighting(header: ImageHeader) -> tuple[float | None, tuple[float, ...] | None]:
    """Return b = 0 for an image of a diffusion sequence that states none: those of b = 0 do not."""
    planar = str(header.get("SequenceName") or "").startswith(facts.DIFFUSION_PREFIX)
    return (0.0 if planar else None), None
