"""Printouts of Philips cards: the protocol dump as PDF, and the text export of one scan.

Both list what the block of a scan holds, in the words of the console: labels become parameters, words become
the texts of their lists, and the fields are read as those of a block are (401 numbers and 567 enum rows of
the one card with both agree, formats/philips.md section 8).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator import limits, paper
from generator.errors import UnusableInput
from generator.model.tree import Acquisition, Note, Protocol, ReadResult
from generator.paper import Page, Word
from generator.text import bounded, seconds
from generator.vendors.philips import facts as k
from generator.vendors.philips.container.block import ENUM, INTEGER, TEXT
from generator.vendors.philips.fields import fields, fitting
from generator.vendors.philips.fields.geometry import IN_PLANE
from generator.vendors.philips.fields.sampling import TR_KEYS
from generator.vendors.philips.fields.scan import ScanValues

FORMAT = "philips-printout"
MAX_SIZE = limits.PRINTOUT_BYTES
TITLE = "Philips MRI Protocol Dump"
SECTIONS = ("INFO PAGE", "GEOMETRY", "CONTRAST", "MOTION", "DYN/ANG", "POST/PROC", "OFFC/ANG", "CONFLICTS")
REPEATED = ("CONFLICTS",)
"""Sections that say again, in part, what others say."""
ANCHORS = ("Total scan duration", "Nucleus", "Uniformity", "Scan type", "Scan mode")
"""Labels that every scan has: they show where the columns begin."""
_SHIFT = 4.0  # points by which lines of one column may begin apart
_TEXT_ROW = re.compile(
    r'(?P<indent>[ \t]*)(?P<label>\S.*?)\s+=\s*(?:"(?P<text>[^"]*)"|(?P<bare>[^";]*));?\s*'
)


@dataclass
class Row:
    """A printed row: whether it stands below another one, label and value."""

    below: bool
    label: str
    value: str


@dataclass
class Printed:
    """One printed scan."""

    name: str
    rows: list[Row] = field(default_factory=list)
    seconds: float | None = None

    def values(self) -> dict[str, str]:
        """Label to value; a row below another also as ``parent/label``, a unit as ``label (unit)``."""
        found: dict[str, str] = {}
        below: dict[str, str] = {}
        parent = before = ""
        for row in self.rows:
            label = f"{before} {row.label}" if row.label.startswith("(") else row.label
            if row.below:
                below.setdefault(f"{parent}/{row.label}", row.value)
                below.setdefault(label, row.value)
            else:
                found.setdefault(label, row.value)
                parent = label
            before = before if row.label.startswith("(") else label
        return below | found


# --- labels and words ---------------------------------------------------------------------------------

LABELS: Mapping[str, k.Key] = {label: key for key in k.ALL.values() for label in key.printed}
"""Printed labels and the parameters they stand for; a row below another as ``parent/label``."""

_TEXT_LABELS = frozenset(LABELS) | {"Nucleus", "Coil selection", "SmartSelect", "Patient weight [kg]"}
_FEW = 3
"""Known labels by which the beginning of an export is known."""

WORDS: Mapping[str, str] = {
    "none": "NO",
    "user defined": "USER_DEF",
    "single-shot": "SSH",
    "multishot": "MSH",
    "trigger": "TRIG",
    "triggered": "TRIG",
    "breath hold": "HOLD",
    "retrospective": "RETRO",
    "invert": "INV",
    "saturate": "SAT",
    "transverse": "TRANSVERSAL",
    "rl": "LR",
    "in-phase": "INPHASE",
    "out-phase": "OUTPHASE",
    "oversampling": "USER_DEF",
    "off resonance": "OFF_RES",
    "on resonance": "ON_RES",
    "constant": "YES",
    "pcasl": "pCASL",
    "m": "MODULUS",
    "r": "REAL",
    "i": "IMAGINARY",
    "p": "PHASE",
}
OWN_WORDS: Mapping[tuple[k.Key, str], str] = {
    (k.PREPULSE, "no"): "NONE",
    (k.NAVIGATOR, "no"): "OFF",
    (k.GEOMETRY_CORRECTION, "none"): "NONE",
    (k.B_ORDER, "ascending"): "LIN",
    **{(k.STACK_SHIFTS, side): side.upper() for side in "rlapfh"},
}
"""Printed words, lower case, and the texts of the lists; a word may stand for another text in one of them."""
_AXES = {"LR": "RL", "AP": "AP", "FH": "FH"}  # of the lists, as labels print them


def parameters(printed: Mapping[str, str], doubt: list[tuple[str, str]]) -> dict[str, Any]:
    """Parameters of a block that the printed values stand for; words that no list has become doubts."""
    found: dict[str, Any] = {}
    for label, key in LABELS.items():
        if (text := printed.get(label)) is None or key in found:
            continue
        value = _value(key, text)
        if value is None:
            doubt.append((key.field, f"{label} is printed as {text[:40]!r}, which is not understood"))
        else:
            found[key] = (value,) if key.size > 1 and not isinstance(value, tuple) else value
    found |= _sizes(printed, found)
    found |= _weights(printed)
    found |= _repetition(printed, found)
    for name, key in (("P", k.SENSE_PHASE), ("S", k.SENSE_SLICE)):
        text = next((v for label, v in printed.items() if label.startswith(f"{name} reduction")), None)
        if text and (factor := _number(text)):
            found[key] = factor
    if factor := _number(printed.get("CS-SENSE/reduction") or printed.get("Compressed SENSE/reduction")):
        found[k.COMPRESSED_FACTOR] = factor
    return found


def _value(key: k.Key, text: str) -> Any:
    """A printed value as the block holds it; ``None`` if it is no number, or no word of the list."""
    if key.kind == ENUM:
        words = tuple(_word(key, part.strip()) for part in text.split(",")) if key.size > 1 else ()
        if words:
            return words if None not in words else None
        return _word(key, text)
    if key.kind == TEXT:
        return text
    value = _number(text)
    return int(value) if value is not None and key.kind == INTEGER and value == int(value) else value


def _word(key: k.Key, text: str) -> str | None:
    spoken = text.strip().casefold()
    plain = re.sub(r"[^A-Z0-9]+", "_", spoken.upper()).strip("_")
    own = OWN_WORDS.get((key, spoken))
    known = (own, WORDS.get(spoken), plain, plain.replace("_", ""))
    return next((word for word in known if word in key.texts), None)


def _number(text: str | None) -> float | None:
    match = re.match(r"\s*-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\d:])", text or "")
    return float(f"{bounded(match[0]):.6g}") if match else None  # some are printed with the noise of 32 bits


def _sizes(printed: Mapping[str, str], found: Mapping[str, Any]) -> dict[str, Any]:
    """Sizes are printed by the axes of the patient, and stored as read, phase and slice."""
    plane, phase = (found.get(name, ("",))[0] for name in (k.STACK_PLANES, k.STACK_PHASES))
    axes = IN_PLANE.get(plane)
    if axes is None or phase not in axes:
        return {}
    read = axes[0] if axes[1] == phase else axes[1]
    across = next(axis for axis in _AXES if axis not in axes)
    view, voxel = _by_axis(printed, "FOV"), _by_axis(printed, "ACQ voxel size", "Voxel size")
    sizes: dict[str, Any] = {
        k.FOV: view.get(read),
        k.FOV_PHASE: view.get(phase),
        k.VOXEL_READ: voxel.get(read),
        k.VOXEL_PHASE: voxel.get(phase),
        k.VOXEL_SLICE: voxel.get(across),
    }
    if found.get(k.SCAN_MODE) == "3D" and k.THICKNESS not in found:
        sizes[k.THICKNESS] = voxel.get(across)
        sizes[k.FOV_SLICE] = (view[across],) if across in view else None
    for sides in (("H", "F"), ("R", "L"), ("A", "P")):
        pair = [_number(printed.get(f"Fold-over suppression/{side} (mm)")) for side in sides]
        if None not in pair:
            sizes[k.FOLDOVER_POSITIVE], sizes[k.FOLDOVER_NEGATIVE] = pair
    return {name: value for name, value in sizes.items() if value is not None}


def _by_axis(printed: Mapping[str, str], *names: str) -> dict[str, float]:
    """The first axis is printed with the name, the others in rows below it."""
    found: dict[str, float] = {}
    for name in names:
        first = next((label for label in printed if re.fullmatch(rf"{name} (RL|AP|FH) \(mm\)", label)), None)
        if first is None:
            continue
        for axis, shown in _AXES.items():
            text = printed.get(first) if f" {shown} " in first else printed.get(f"{first}/{shown} (mm)")
            if (value := _number(text)) is not None:
                found[axis] = value
        break
    return found


def _weights(printed: Mapping[str, str]) -> dict[str, Any]:
    """Diffusion weights with their averages: ``(0) 5, (800) 1, , ,``."""
    pairs = re.findall(r"\((\d+)\)\s*(\d+)", printed.get("b-factor averages", ""))
    if not pairs:
        return {}
    return {
        k.B_COUNT: len(pairs),
        k.B_ORDER: "USER_DEF",
        k.B_LIST: tuple(int(b) for b, _ in pairs),
        k.B_AVERAGING: "USER_DEF",
        k.B_AVERAGES: tuple(int(n) for _, n in pairs),
    }


def _repetition(printed: Mapping[str, str], found: Mapping[str, Any]) -> dict[str, Any]:
    """The repetition time has a parameter for each technique."""
    keys = TR_KEYS.get(found.get(k.SEQUENCE, ""))
    mode, time = printed.get("TR"), _number(printed.get("TR (ms)"))
    if keys is None or mode is None:
        return {}
    word = _word(keys[0], mode)
    if not word:
        return {}
    return {keys[0]: word, **({keys[1]: time} if time is not None and word == "USER_DEF" else {})}


# --- reading ------------------------------------------------------------------------------------------


def sniff(path: Path, head: bytes) -> str | None:
    """Say whether a file is a protocol dump as PDF or the text export of a scan."""
    if head.startswith(paper.SIGNATURE):
        return FORMAT if paper.available() and _is_dump(path) else None
    return FORMAT if _is_export(head) else None


def _is_dump(path: Path) -> bool:
    try:
        lines = [paper.spoken(line) for page in paper.pages(path)[:2] for line in paper.lines(page.words)]
    except UnusableInput:  # of what breaks it, the message for a PDF that nobody reads says why
        return False
    return any(line.startswith(TITLE) for line in lines)


def _is_export(head: bytes) -> bool:
    if b"\0" in head or b"=" not in head:
        return False
    rows = [_TEXT_ROW.fullmatch(line) for line in head.decode("cp1252", "replace").splitlines()[:-1][:40]]
    labels = [match["label"] for match in rows if match]
    return (
        len(labels) >= 0.6 * len(rows) > 4
        and sum(" ".join(label.split()) in _TEXT_LABELS for label in labels) >= _FEW
    )


def read(path: Path) -> ReadResult:
    """Read a printout. Raises UnusableInput if it is damaged or holds no scan."""
    with path.open("rb") as stream:
        is_pdf = stream.read(8).startswith(paper.SIGNATURE)
    dump = _from_pdf(path) if is_pdf else _from_text(path)
    if not dump.scans:
        raise UnusableInput(path, "a printout of Philips without a scan")
    notes = [Note(code="printout", message="a printout drops notes and pauses and rounds its numbers")]
    steps = tuple(_acquisition(scan, index, notes) for index, scan in enumerate(dump.scans))
    return ReadResult(
        format=FORMAT,
        vendor="philips",
        software=dump.software,
        protocols=(Protocol(name=dump.name, acquisition_duration=dump.seconds, steps=steps),),
        notes=tuple(notes),
    )


def is_one(path: Path) -> bool:
    """Say whether a file is a printout, opening it."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return sniff(path, stream.read(4096)) is not None


@dataclass
class _Dump:
    name: str
    scans: list[Printed]
    seconds: float | None = None
    software: str | None = None


def _acquisition(printed: Printed, step: int, notes: list[Note]) -> Acquisition:
    def note(what: str, code: str, message: str) -> None:
        notes.append(Note(code=code, message=message, protocol=0, step=step, field=what or None))

    values = printed.values()
    doubts: list[tuple[str, str]] = []
    known = parameters(values, doubts)
    for what, message in doubts:
        note(what, "printed", message)
    found = fields(ScanValues(known, None, False, note))
    found["acquisition_duration"] = _seconds(values.get("Total scan duration")) or printed.seconds
    if (_number(values.get("Stacks")) or 1) > 1:
        note("number_of_slices", "printed", "of several stacks only the current one is printed")
    stated = {"name": printed.name, "vendor": {"printed": values}, **found}
    return fitting(Acquisition, stated, note)


_TIME = re.compile(r"(?:(\d+):)?(\d+):(\d\d(?:\.\d+)?)")


def _seconds(text: str | None) -> float | None:
    match = _TIME.fullmatch((text or "").strip())
    return round(seconds(*match.groups()), 3) if match else None


def _from_text(path: Path) -> _Dump:
    try:
        if path.stat().st_size > MAX_SIZE:
            raise UnusableInput(path, f"larger than {MAX_SIZE >> 20} MiB")
        data = path.read_bytes()
    except OSError as error:
        raise UnusableInput(path, error.strerror or str(error)) from error
    scan = Printed(path.stem)
    for line in data.decode("cp1252", "replace").splitlines():
        if match := _TEXT_ROW.fullmatch(line):
            label = " ".join(match["label"].split())
            value = match["text"] if match["text"] is not None else match["bare"] or ""
            scan.rows.append(Row(bool(match["indent"]), label, value.strip()))
    return _Dump(path.stem, [scan])


# --- PDF ----------------------------------------------------------------------------------------------

_CRUMB = re.compile(r"(?P<name>.*?)\s*(?:\(\d+\)\s*)?(?P<time>(?:\d+:)?\d+:\d\d\.\d)?")


def _from_pdf(path: Path) -> _Dump:
    """A scan begins with its path, ``folder | card (7) 25:06.7 | scan 00:33.8``, over three columns."""
    pages = paper.pages(path)
    columns = _columns(pages)
    dump = _Dump(path.stem, [])
    for page in pages:
        lines = paper.lines(page.words)
        texts = [paper.spoken(line) for line in lines]
        start = next((i for i, line in enumerate(lines) if _is_heading(line)), None)
        if match := re.search(r"Software Stream (\d+(?:\.\d+)+)", " ".join(texts)):
            dump.software = match[1]
        if start is None or not columns:
            continue
        crumbs = [part.strip() for part in " ".join(texts[1:start]).split("|") if part.strip()]
        if len(crumbs) > 1:
            scan, card = (_CRUMB.fullmatch(text) for text in (crumbs[-1], crumbs[-2]))
            assert scan and card
            dump.name, dump.seconds = card["name"], _seconds(card["time"])
            dump.scans.append(Printed(scan["name"], seconds=_seconds(scan["time"])))
        if dump.scans:
            words = [w for line in lines[start:] for w in line]
            dump.scans[-1].rows += _rows(words, columns)
    return dump


def _is_heading(line: Sequence[Word]) -> bool:
    return all(paper.spoken(cell) in SECTIONS for cell in paper.cells(line))


@dataclass(frozen=True)
class _Column:
    label: float
    value: float


def _columns(pages: Iterable[Page]) -> list[_Column]:
    """Where labels and values begin, by rows that every scan has."""
    found: dict[float, float] = {}
    for page in pages:
        for line in paper.lines(page.words):
            for index, cell in enumerate(cells := paper.cells(line)):
                is_anchor = paper.spoken(cell) in ANCHORS and index + 1 < len(cells)
                if is_anchor and not any(abs(cell[0].left - left) < _SHIFT for left in found):
                    found[cell[0].left] = cells[index + 1][0].left
    return [_Column(label, found[label]) for label in sorted(found)]


def _rows(words: Sequence[Word], columns: Sequence[_Column]) -> Iterator[Row]:
    """Rows of all columns; a label or value that is too long goes on further left in the next line."""
    for index, column in enumerate(columns):
        end = columns[index + 1].label if index + 1 < len(columns) else float("inf")
        own = [w for w in words if column.label - _SHIFT <= w.left < end - _SHIFT]
        rows: list[Row] = []
        section = ""
        for line in paper.lines(own):
            label = [w for w in line if w.left < column.value - _SHIFT]
            value = paper.spoken([w for w in line if w.left >= column.value - _SHIFT])
            text = paper.spoken(label)
            if text in SECTIONS and not value:
                section = text
            elif section in REPEATED:
                continue
            elif not label and rows:
                rows[-1].value = f"{rows[-1].value} {value}".strip()
            elif label and label[0].left < column.label - 0.5 and not value and rows:
                rows[-1].label = f"{rows[-1].label} {text}"
            elif label:
                rows.append(Row(label[0].left > column.label + _SHIFT, text, value))
        yield from rows
