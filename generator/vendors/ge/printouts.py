"""Printouts of GE consoles, as HTML (Protocol Exchange) and as PDF of the same tables.

Each printed label is one key of LxProtocol with the very value that the file has (210 series of 21 protocols,
formats/ge.md section 2): a printout becomes pairs, and is read as a series is. What needs places in the
patient, which are not printed, is taken back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from generator import limits, paper
from generator.errors import UnusableInput
from generator.model.tree import Acquisition, Note, Protocol, ReadResult
from generator.paper import Page, Word
from generator.vendors.ge import facts
from generator.vendors.ge.fields.iopt import said_by_options
from generator.vendors.ge.reader import notes_of, scan_of

FORMAT = "ge-printout"
MAX_SIZE = limits.PRINTOUT_BYTES
MAX_WORDS = 1500
HEAD = 1 << 16
_HTML = re.compile(rb"<html", re.IGNORECASE)
_HEADING = "Protocol:"

SECTIONS = (
    "PATIENT POSITION", "IMAGING PARAMETERS", "SCAN TIMING", "SCAN RANGE", "IMAGE ENHANCE", "ACQ TIMING",
    "GATING/TRIGGER", "USER CVS", "FMRI", "MULTI-PHASE", "SAT", "DIFFUSION", "TRICKS", "CONTRAST", "ASSET",
    "TRACKER", "OTHERS",
)  # fmt: skip
LABELS: Mapping[str, str] = {
    "Plane": facts.PLANE, "Imaging Mode": facts.IMODE, "Pulse Sequence": facts.PSEQ,
    "Imaging Options": facts.IOPT, "PSD Name": facts.PSDNAME, "HyperSense": facts.SENSING_FACTOR,
    "IDEAL": facts.DIXON_IMAGES, "Phase Acceleration Factor": facts.OLD_PHASE_FACTOR,
    "Slice Acceleration Factor": facts.OLD_SLICE_FACTOR, "TE": facts.TE, "TR": facts.TR, "TI": facts.TI,
    "TR Min": facts.TR_LEAST, "TR Max": facts.TR_MOST, "Flip Angle": facts.FLIP,
    "Echo Train Length": facts.TRAIN, "Number of Echoes": facts.ECHOES, "Number of Shots": facts.SHOTS,
    "Receiver Bandwidth": facts.RBW, "FOV": facts.FOV, "Slice Thickness": facts.THICKNESS,
    "Slice Spacing": facts.SPACING, "Number of Slices": facts.SLICES,
    "Location per Slab": facts.SLAB_LOCATIONS, "Overlap Locations": facts.SLAB_OVERLAP, "Freq": facts.COLUMNS,
    "Phase": facts.LINES, "Freq DIR": facts.SWAPPF, "NEX": facts.AVERAGES, "Phase FOV": facts.PHASE_FOV,
    "Fat Shift DIR": facts.FAT_SHIFT, "Flow Direction Compensation": facts.FLOW_AXIS,
    "Excitation Mode": facts.EXCITATION, "RF Drive Mode": "RFDRIVEMODE", "Auto Shim": "AUTOSHIM",
    "Phase Correction": "PHASECORR", "Filter Choice": facts.FILTER, "Auto SCIC": facts.INTENSITY,
    "Fat/Water Saturation": facts.FAT, "Slice Order": facts.SLICE_ORDER, "Slice per Location": facts.PHASES,
    "Diffusion Directions": facts.DIRECTION_MODE, "Number of Diffusion Directions": facts.DIRECTIONS,
    "Multi b-values": facts.B_VALUES, "Multi NEX Values": facts.B_AVERAGES, "NEX For T2": facts.B0_AVERAGES,
    "Number of T2 Images": facts.B0_COUNT, "Cardiac Phase": facts.HEART_PHASES,
    "# of RR Intervals": facts.BEATS, "Contrast Yes/No": facts.CONTRAST,
}  # fmt: skip
"""Printed labels and their keys; a label in two sections has the section before it in ``IN_SECTION``."""
IN_SECTION: Mapping[tuple[str, str], str] = {
    ("IMAGING PARAMETERS", "Phase"): facts.PHASE_FACTOR,
    ("IMAGING PARAMETERS", "Slice"): facts.SLICE_FACTOR,
}
KNOWN = frozenset(LABELS) | {
    "Series Description", "Patient Entry", "Patient Position", "Coil Configuration", "SAT Location", "Slice",
    "# of Acq. Before Pause", "Spokes Per Segment", "# Synthetic b-values", "Synthetic b-value",
    "Diffusion Tenser Processing Output", "Dual Spin Echo", "Optimized TE", "Real Time Field Adjustment",
    "Recon All Images", "# of Repetitions ACTIVE", "# of Repetitions REST", "PSD Trigger", "View Order",
    "Auto Trigger Type", "Cardiac Slices", "Minimum Trigger Delay", "Pause After Navigator Prescan",
    "Trigger Type", "Acceleration Factor", "# of Acquisition", "Delay after Acquisition",
    "Delay after Acquisition without AV", "Inter-Delay", "Mask Pause", "Mask Phase", "Preserve",
    "Seperate Series", "Trigger Delay without AV", "Protocol Notes", "Tag Type", "Tracker Length",
    "Tracker Thickness", "Auto Subtract", "Pause On/Off", "Trigger Delay", "User CV Mask2",
    *(f"User CV{number}" for number in range(64)),
}  # fmt: skip
"""All labels that were ever seen; in a PDF they tell cells apart."""
_LONGEST_FIRST = sorted(KNOWN, key=len, reverse=True)
CODES: Mapping[str, Mapping[str, str]] = {
    facts.FAT: {"Fat": "1", "Fat Classic": "4", "Fat Special": facts.FAT_SPECIAL},
    facts.DIRECTION_MODE: {"All": "7", "Tensor": facts.TENSOR, "S/I": "1"},
    facts.SLICE_ORDER: {"Interleaved": "1"},
    facts.INTENSITY: {"Off": "0", "On": "1"},
}
"""Values that are printed as words and stored as codes."""
BANDS = {side[0].upper(): key for key, side in facts.BANDS.items()}
NOT_PRINTED = ("oblique_angles", "table_position", "slab_thickness")
"""Fields that the reader of series derives from places of slices."""


@dataclass
class Printed:
    """One printed series: its title, and section, label and value of each row."""

    title: str
    rows: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The title; MR30 prints it twice, with a hyphen between."""
        title = " ".join(self.title.split())
        half = len(title) // 2
        one, other = title[:half].removesuffix("-").strip(), title[half:].removeprefix("-").strip()
        return one if one == other.removeprefix("- ") and one else title

    def pairs(self) -> dict[str, str]:
        """The pairs of LxProtocol that the rows stand for."""
        values: dict[str, str] = {}
        for section, label, value in self.rows:
            if label == "SAT Location":
                values |= {BANDS[side]: "9990" for side in value.replace(";", " ").split() if side in BANDS}
            elif key := IN_SECTION.get((section, label)) or LABELS.get(label):
                values.setdefault(key, CODES.get(key, {}).get(value, value))
        return values

    def value(self, label: str) -> str:
        """What is printed beside a label, empty if there is none."""
        return next((value for _, found, value in self.rows if found == label), "")


@dataclass
class Sheet:
    """A printed protocol: what stands above it, its heading and its series."""

    titles: list[str] = field(default_factory=list)
    heading: str = ""
    series: list[Printed] = field(default_factory=list)


def sniff(path: Path, head: bytes) -> str | None:
    """Say whether a file is a printout of GE: its tables have names that no other page has."""
    if head.startswith(paper.SIGNATURE):
        return FORMAT if paper.available() and _is_pdf(path) else None
    if b"<" not in head or not _HTML.search(head[:1024]):
        return None
    with path.open("rb") as stream:
        start = stream.read(HEAD)
    return FORMAT if _HEADING.encode() in start and b"IMAGING PARAMETERS" in start else None


def is_one(path: Path) -> bool:
    """Say whether a file is a printout, opening it."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return sniff(path, stream.read(4096)) is not None


def read(path: Path) -> ReadResult:
    """Read a printout. Raises UnusableInput if it is damaged or holds no series."""
    with path.open("rb") as stream:
        is_pdf = stream.read(8).startswith(paper.SIGNATURE)
    sheets = list(_pdf_sheets(path) if is_pdf else _html_sheets(path))
    if not any(sheet.series for sheet in sheets):
        raise UnusableInput(path, "a printout of GE without a series")
    message = "a printout has no scan times and no places in the patient, and rounds its numbers"
    notes = [Note(code="printout", message=message)]
    protocols = tuple(_protocol(index, sheet, notes) for index, sheet in enumerate(sheets))
    strength = _field_strength(title for sheet in sheets for title in sheet.titles)
    return ReadResult(
        format=FORMAT, vendor="ge", field_strength=strength, protocols=protocols, notes=tuple(notes)
    )


def _field_strength(titles: Iterable[str]) -> float | None:
    """Field strength (T) that the titles of the sheets name."""
    found = re.search(r"\b(0\.55|1\.5|3(?:\.0)?|7(?:\.0)?) ?T\b", " ".join(titles))
    return float(found[1]) if found else None


_NAME = re.compile(r"(adult|pediatric|paediatric)_([A-Za-z]+)_(.+?)(?:_\d{14,17}_\d+)?")


def _protocol(index: int, sheet: Sheet, notes: list[Note]) -> Protocol:
    steps = tuple(_scan(series, index, step, notes) for step, series in enumerate(sheet.series))
    match = _NAME.fullmatch(sheet.heading)
    return Protocol(
        name=match[3] if match else sheet.heading or "(printout)",
        path=(match[1], match[2]) if match else (),
        steps=steps,
    )


def _scan(series: Printed, protocol: int, step: int, notes: list[Note]) -> Acquisition:
    entry = series.value("Patient Entry"), series.value("Patient Position")
    pairs = series.pairs()
    name = series.value("Series Description") or series.name
    scan, remarks = scan_of(name, pairs, None, entry=entry)
    notes += notes_of(remarks, protocol, step)
    return scan.model_copy(update={**dict.fromkeys(NOT_PRINTED), **_otherwise(scan, pairs)})


def _otherwise(scan: Acquisition, pairs: Mapping[str, str]) -> dict[str, Any]:
    """Fields that a series has from keys which are not printed, or are printed without them."""
    found: dict[str, Any] = {}
    if facts.IOPT not in pairs:  # without the options nothing says what is off
        found = dict.fromkeys(
            ("technique", "flow_compensation", "magnetization_transfer", *said_by_options((), True))
        )
    if scan.mr_acquisition_type == "3D":
        found["number_of_slices"] = None  # the images of a slab are fewer than its locations
        found["voxel_size"] = (*scan.voxel_size[:2], None) if scan.voxel_size else None
    directions = facts.number(pairs.get(facts.DIRECTIONS))
    if directions and directions >= 1 and scan.technique == "echo_planar_diffusion":
        found["diffusion_directions"] = int(directions)
    return found


# --- HTML ---------------------------------------------------------------------------------------------


class _Tables(HTMLParser):
    """Cells in the order in which they end: kind (th, td, or other text), whether to the left, text."""

    def __init__(self) -> None:
        super().__init__()
        self.cells: list[tuple[str, bool, str]] = []
        self._open: list[tuple[str, bool, list[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a cell."""
        if tag in ("th", "td") and len(self._open) < 64:
            self._open.append((tag, dict(attrs).get("align") == "left", []))

    def handle_endtag(self, tag: str) -> None:
        """End a cell."""
        if self._open and self._open[-1][0] == tag:
            kind, left, texts = self._open.pop()
            self.cells.append((kind, left, " ".join("".join(texts).split())))

    def handle_data(self, data: str) -> None:
        """Take text in, that of a cell or what stands outside of all."""
        if self._open:
            self._open[-1][2].append(data)
        elif data.strip():
            self.cells.append(("", False, " ".join(data.split())))


def _html_sheets(path: Path) -> Iterator[Sheet]:
    tables = _Tables()
    tables.feed(_text(limits.content(path, MAX_SIZE)))
    tables.close()
    sheet, section, label = Sheet(), "", ""
    for kind, left, text in tables.cells:
        if text.startswith(_HEADING):
            if sheet.heading:
                yield sheet
                sheet = Sheet(sheet.titles)
            sheet.heading = text.removeprefix(_HEADING).strip()
        elif not sheet.heading:
            sheet.titles.append(text)
        elif kind == "th" and (left or text in SECTIONS):
            section, label = text, ""
        elif kind == "th" and text:
            sheet.series.append(Printed(text))
        elif kind == "td" and sheet.series and not label:
            label = text
        elif kind == "td" and sheet.series:
            sheet.series[-1].rows.append((section, label, text))
            label = ""
    yield sheet


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


# --- PDF ----------------------------------------------------------------------------------------------


def _is_pdf(path: Path) -> bool:
    try:
        lines = [line for page in paper.pages(path)[:3] for line in paper.lines(page.words)]
    except UnusableInput:  # of what breaks it, the message for a PDF that nobody reads says why
        return False
    texts = [paper.spoken(line) for line in lines]
    return any(text.startswith(_HEADING) for text in texts) and any(map(_sections, lines))


@dataclass(eq=False)
class _Piece:
    """A piece of text of a PDF; ``level`` falls from line to line through all pages."""

    text: str
    left: float
    right: float
    level: float
    height: float
    value: str = ""

    def over(self, other: _Piece) -> bool:
        """Whether the other is the next line of the same cell."""
        step = self.level - other.level
        return 0 < step <= _LINE * self.height and other.left < self.right and self.left < other.right


_GAP = 0.6  # of the height of a line: between cells of a table
_LINE = 1.1  # of the height of a line: lines of one cell stand closer, rows of a table stand further apart
_PAGE = 10_000


def _pdf_sheets(path: Path) -> Iterator[Sheet]:
    """Two tables stand side by side; a series begins with its title above the first two of them.

    Long cells are broken into lines, so that labels are found by their words, and what stands to the right of
    a label, at its height, is its value.
    """
    parts = [_pieces(path, number, page) for number, page in enumerate(paper.pages(path))]
    heads = [p for pieces in parts for p in pieces if p.text in SECTIONS]
    lefts = [p.left for p in heads] or [0.0]
    labels, others = _values(parts, max(lefts) - min(lefts))
    first = next((head.text for head in heads if head.text in SECTIONS[:2]), None)
    marks = [p for p in heads if p.text == first]
    heading = next((i for i, p in enumerate(others) if p.text.startswith(_HEADING)), 0)
    sheet = Sheet([p.text for p in others[:heading]], _heading(others[heading:]))
    sheet.series = [Printed(_above(mark, others)) for mark in marks]
    for label in sorted(labels, key=lambda p: -p.level):
        index = sum(mark.level > label.level for mark in marks) - 1
        if index >= 0:
            section = _section(label, heads, (min(lefts) + max(lefts)) / 2)
            sheet.series[index].rows.append((section, label.text, label.value))
    yield sheet


def _values(parts: Sequence[Sequence[_Piece]], pitch: float) -> tuple[list[_Piece], list[_Piece]]:
    """Labels of all pages with their values, and what is neither."""
    labels: list[_Piece] = []
    others: list[_Piece] = []
    for pieces in parts:
        own, free = _labels([p for p in pieces if p.text not in SECTIONS])
        for piece in free:
            if label := _beside(piece, own, pitch):
                label.value = f"{label.value} {piece.text}".strip()
            else:
                others.append(piece)
        labels += own
    return labels, others


def _section(label: _Piece, heads: Sequence[_Piece], middle: float) -> str:
    """The name of the table above a label, on its side of the page."""
    right = label.left >= middle
    above = [h for h in heads if h.level > label.level and (h.left >= middle) == right]
    return above[-1].text if above else ""


def _pieces(path: Path, number: int, page: Page) -> list[_Piece]:
    if len(page.words) > MAX_WORDS:
        raise UnusableInput(
            path, f"{len(page.words)} words, more than any printout has", f"page {number + 1}"
        )
    cells = [cell for line in paper.lines(page.words) for cell in paper.cells(line, _GAP)]
    return [
        _Piece(paper.spoken(c), c[0].left, c[-1].right, c[0].base - number * _PAGE, c[0].height)
        for c in cells
    ]


def _labels(pieces: Sequence[_Piece]) -> tuple[list[_Piece], list[_Piece]]:
    """Known labels, of one line or more, and what is none."""
    labels: list[_Piece] = []
    rest = list(pieces)
    for piece in pieces:
        if piece not in rest:
            continue
        if lines := _longest(piece, rest):
            level = (lines[0].level + lines[-1].level) / 2
            labels.append(_Piece(_joined(lines), piece.left, piece.right, level, piece.height))
            rest = [p for p in rest if p not in lines]
        elif glued := next((k for k in _LONGEST_FIRST if piece.text.startswith(f"{k} ")), None):
            labels.append(_Piece(glued, piece.left, piece.left, piece.level, piece.height))
            text = piece.text[len(glued) + 1 :]
            rest[rest.index(piece)] = _Piece(text, piece.left + 1, piece.right, piece.level, piece.height)
    return labels, rest


def _longest(piece: _Piece, rest: Sequence[_Piece]) -> list[_Piece]:
    """The most lines from this one on that are a label together; empty if none are."""
    lines, found = [piece], [piece] if piece.text in KNOWN else []
    while len(lines) < _MOST_LINES and any(k.startswith(f"{_joined(lines)} ") for k in KNOWN):
        following = next((p for p in rest if lines[-1].over(p)), None)
        if following is None:
            break
        lines = [*lines, following]
        found = lines if _joined(lines) in KNOWN else found
    return found


def _joined(lines: Sequence[_Piece]) -> str:
    return " ".join(line.text for line in lines)


_MOST_LINES = 3


def _beside(piece: _Piece, labels: Sequence[_Piece], pitch: float) -> _Piece | None:
    """The label to the left of a value, in the same table and at its height."""
    near = [
        (abs(label.level - piece.level), label)
        for label in labels
        if label.left < piece.left and (not pitch or piece.left - label.left < pitch)
    ]
    apart, label = min(near, key=lambda pair: pair[0], default=(0.0, None))
    return label if label and apart <= _LINE * piece.height else None


def _above(mark: _Piece, others: Sequence[_Piece]) -> str:
    """The title over the first table of a series: the next text above that is no label and no value."""
    return min((p for p in others if p.level > mark.level), key=lambda p: p.level, default=mark).text


def _heading(pieces: Sequence[_Piece]) -> str:
    """The name of the protocol, beside or below the word."""
    beside = pieces[0].text.removeprefix(_HEADING).strip() if pieces else ""
    return beside or (pieces[1].text if len(pieces) > 1 else "")


def _sections(line: Sequence[Word]) -> bool:
    """Whether a line has nothing but names of tables."""
    return all(paper.spoken(cell) in SECTIONS for cell in paper.cells(line, _GAP))
