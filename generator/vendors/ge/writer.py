"""A protocol from templates alone: complete, deterministic, and untested on any console."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from generator.errors import UsageError
from generator.model.kept import MOST, per_scan
from generator.model.tree import Acquisition, Contrast, Note, Protocol, Target
from generator.resources import templates
from generator.text import clock
from generator.vendors import account, gate, rows
from generator.vendors.account import Reasons, StepReasons
from generator.vendors.dialect import BuildOptions, Export
from generator.vendors.ge import facts
from generator.vendors.ge.container import SESSION, archive, lxprotocol, series_files
from generator.vendors.ge.container.session import NAMESPACE, join_pairs
from generator.vendors.ge.facts import Family
from generator.vendors.ge.fields import Draft, geometry, iopt, times
from generator.vendors.ge.notes import Slot, by_hand, contrast_pairs, read_fields, slots
from generator.vendors.ge.reader import decode
from generator.vendors.ge.relations import RELATIONS

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

FACE = (
    "Made from templates, without a file of your scanner: untested on a console. "
    "For review and interchange; build with --donor for use."
)


@dataclass(frozen=True)
class Build:
    """One build: what is written, for which scanner, under which names, and what cannot be said."""

    protocol: Protocol
    target: Target
    options: BuildOptions
    names: Names
    reasons: Reasons

    @classmethod
    def of(cls, protocol: Protocol, target: Target, options: BuildOptions) -> Build:
        """Begin a build."""
        return cls(protocol, target, options, Names(protocol), Reasons(known=facts.REASONS))


def build(protocol: Protocol, target: Target, options: BuildOptions) -> Export:
    """Write a protocol in the media layout of the Protocol Exchange.

    Raises UsageError if the software version is none that the dialect knows.
    """
    job = Build.of(protocol, target, options)
    series = [Series(slot, job) for slot in slots(protocol, job.reasons)]
    folder = job.names.protocol_folder(protocol)
    members: dict[str, bytes | None] = {folder: None, f"{folder}/{SESSION}": session_of(job, series)}
    for item in series:
        members |= series_files(f"{folder}/{item.folder}", item.written.text, item.note)
    tar = archive.pack(archive.new_member(name, data, job.names.mtime) for name, data in members.items())
    rows = ((item.name, item.seconds, item.paragraphs, item.written.pairs) for item in series)
    files = {TAR: tar, f"{REPORTS}/{folder}.html": report(job, FACE, rows)}
    origins = origins_of((item.slot, item.family.placeholder) for item in series)
    return Export("template", files, notes=tuple(name_notes(protocol)), reasons=job.reasons, origins=origins)


def origins_of(series: Iterable[tuple[Slot | None, bool]]) -> tuple[int | None, ...]:
    """For each step as the reader gives them back, the step of the protocol; a stand-in is none of it."""
    found: list[int | None] = []
    for slot, stands_in in series:
        before, after = (slot.before, slot.after) if slot else ([], [])
        own = None if slot is None or stands_in else slot.index
        found += [*(index for index, _ in before), own, *(index for index, _ in after)]
    return tuple(found)


def software_of(target: Target) -> str:
    """Software version to write for, MR30.0 unless the target names another.

    Raises UsageError if it is none that the dialect knows.
    """
    if target.software is None:
        return facts.DEFAULT_SOFTWARE
    for known in facts.VERSION_TEXT:
        if target.software.upper().startswith(known.split(".")[0]):
            return known
    raise UsageError(f"no GE software {target.software!r}", tuple(facts.VERSION_TEXT))


def name_notes(protocol: Protocol) -> list[Note]:
    """Remark on a protocol name that the console would not take."""
    written = session_name(protocol.name)
    if written == protocol.name:
        return []
    return [Note(code="name-changed", message=f"consoles forbid some characters: named {written!r}")]


class Series:
    """One series of the export: its pairs, note and entry in session.xml."""

    def __init__(self, slot: Slot, job: Build) -> None:
        scan, software, region = slot.scan, software_of(job.target), job.protocol.region
        self.slot, self.family = slot, facts.family_of(scan, software)
        self.name = facts.placeholder_name(scan.name) if self.family.placeholder else scan.name
        said = slot.paragraphs
        self.written = _written(scan, software, region, slot.contrast, *said)
        self.paragraphs = [*said, *filter(None, [self.written.by_hand])]
        job.reasons.take(slot.index, scan.name, self.written.said)
        self.folder = job.names.series_folder(self.name)
        self.ids = job.names.data_id(), job.names.data_id()
        self.seconds = job.options.duration(slot.index)
        if self.seconds is None:
            text = "the export holds no time for this series"
            job.reasons.why(slot.index, "acquisition_duration", text)

    @property
    def note(self) -> bytes:
        """Its note."""
        return note(self.paragraphs)

    @property
    def task(self) -> str:
        """Its entry in session.xml; names of folders and ids hold nothing that XML would escape."""
        rx = f"RXRFDRIVEMODE=0;RXPSEQ={self.family.marketing or self.family.pseq};"
        seconds = None if self.seconds is None else milliseconds(self.seconds)
        begin, in_protocol, in_folder, end = _task(self.name, self.written.attributes, rx, seconds)
        return f"{begin}{self.ids[0]}{in_protocol}{self.folder}{in_folder}{self.ids[1]}{end}"


@lru_cache(maxsize=MOST)
def _task(name: str, image_attributes: str, rx_parameters: str, scan_time: int | None) -> list[str]:
    """Draw the entry of a series once, and cut it where ids and folder of a session go."""
    values = {"name": name, "image_attributes": image_attributes, "rx_parameters": rx_parameters}
    marks = dict.fromkeys(("protocol_id", "folder", "data_id"), "\0")
    task = {**values, **marks, "scan_time": scan_time}
    return render("session_task.xml.j2", task=task, namespace=NAMESPACE).decode().split("\0")


@dataclass(frozen=True, slots=True)
class _Written:
    """Pairs of a scan, as texts too, what is left for the operator, and why values may not come back."""

    attributes: str
    pairs: tuple[tuple[str, str], ...]
    text: bytes
    by_hand: str | None
    said: Reasons


@per_scan
def _written(
    scan: Acquisition, software: str, region: str | None, contrast: Contrast | None, *paragraphs: str
) -> _Written:
    """Write a scan that comes after an injection, or after none, and of which the note says this."""
    said = Reasons(known=facts.REASONS)
    slot = Slot(0, scan, contrast=contrast)
    family = facts.family_of(scan, software)
    values = template_values(slot, family, software, region, said.at(None))
    left = what_is_left(scan, paragraphs, values, said, None)
    pairs = tuple(facts.in_order(values))
    attributes = join_pairs(image_attributes(values, family.application, region))
    return _Written(attributes, pairs, lxprotocol.render(pairs), left, said)


def milliseconds(seconds: float) -> int:
    """Scan time as session.xml holds it: whole seconds, in milliseconds."""
    return int(seconds + 0.5) * 1000


def template_values(
    slot: Slot, family: Family, software: str, region: str | None, reasons: StepReasons
) -> dict[str, str]:
    """Pairs of a series without a donor: defaults, then what the spec says."""
    draft = encode(slot.scan, family, software)
    leave(draft, reasons)
    stated = {**_verbatim(slot.scan.vendor, draft.values), **draft.values}
    usual = {**facts.key_order().defaults(software), **facts.of_family(stated, old=draft.old)}
    values = {**usual, **stated, **contrast_pairs(slot)}
    values.setdefault(facts.ANATOMY, facts.anatomy(region or "brain"))
    _complete(values, reasons)
    gate.hold(RELATIONS, values, reasons)
    return values


def _complete(values: dict[str, str], reasons: StepReasons) -> None:
    """Add what every series holds, or every one with diffusion, and say which field the spec leaves open."""
    diffusion = _DIFFUSION if facts.DIFFUSION_OPTION in facts.options(values[facts.IOPT]) else {}
    for key, (text, name) in {**_NEEDED, **diffusion}.items():
        if key not in values:
            values[key] = text
            if name:
                said = f"the spec is silent, and every GE series holds {key}"
                reasons.add("approximated", name, said, got=text)


def encode(scan: Acquisition, family: Family, software: str) -> Draft:
    """Write a scan as pairs; the same pairs fill a template and patch a donor series.

    Parameters
    ----------
    scan : Acquisition
        The scan; only fields that are not ``None`` are written.
    family : Family
        The pulse sequence that it is written as.
    software : str
        Software version of the target, such as ``MR30.0``.
    """
    draft = Draft(scan, family, software.startswith("DV"), tokens=set(family.options))
    draft.values.update(family.codes)
    rows.write(facts.ROWS, scan, draft, draft)
    for step in _WRITE:
        step(draft)
    draft.values[facts.IOPT] = facts.join_options(draft.tokens) or "None"
    return draft


_WRITE: tuple[Callable[[Draft], None], ...] = (
    geometry.write_plane, times.write_repetition, times.write_echoes, times.write_inversion,
    times.write_flip, times.write_counts, geometry.write_field_of_view, geometry.write_slices,
    times.write_averages, geometry.write_bandwidth, iopt.write_factors, iopt.write_oversampling,
    iopt.write_fat, iopt.write_diffusion, iopt.write_options,
)  # fmt: skip


def leave(draft: Draft, reasons: StepReasons) -> None:
    """Hand over what is known about why fields may not come back."""
    draft.leave(reasons)
    if draft.family.placeholder:
        reasons.why("kind", draft.family.assumed)
    elif draft.family.assumed:
        reasons.doubt("technique", draft.family.assumed)
    for name in facts.AS_NOTE:
        reasons.doubt(name, "written as a note for the operator; GE has no key for it")


def what_is_left(
    scan: Acquisition,
    paragraphs: Iterable[str],
    values: Mapping[str, str],
    reasons: Reasons,
    index: int | None,
) -> str | None:
    """Say what the operator has to set by hand; ``None`` if pairs and note hold everything."""
    back, _ = decode(dict(values))
    for paragraph in paragraphs:
        back.update(read_fields(paragraph))
    return by_hand(account.compare(scan, back, reasons, index))


def _verbatim(vendor: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, str]:
    """Keys of GE that the spec hands on from a GE file."""
    known = set(facts.key_order().order)
    if facts.STARTS[0] in values:
        known -= {*facts.GEOMETRY_KEYS, facts.GROUPS}
    return {key: text for key, text in vendor.items() if key in known and _writable(text)}


def _writable(text: Any) -> bool:
    return isinstance(text, str) and text.isascii() and text.isprintable() and '"' not in text


# Keys that every file holds: the value if the spec is silent, and the field that is invented.
_NEEDED: Mapping[str, tuple[str, str]] = {
    facts.PLANE: ("AXIAL", "plane"),
    facts.FOV: ("24.0", "field_of_view"),
    facts.THICKNESS: ("5.00", "slice_thickness"),
    facts.SWAPPF: ("Unswap", ""),  # the console's own choice
}


_DIFFUSION: Mapping[str, tuple[str, str]] = {
    facts.DIRECTION_MODE: ("7", "diffusion_scheme"),
    facts.DIRECTIONS: ("3", "diffusion_directions"),
}
"""All: each axis once, the least of which images of the trace are made."""


def session_of(job: Build, series: Sequence[Series]) -> bytes:
    """Write session.xml of rendered series."""
    from markupsafe import Markup

    session = {
        "name": session_name(job.protocol.name),
        "meta_id": job.names.data_id(),
        "scanner_id": job.names.data_id(),
        "meta": list(_meta(job).items()),
        "scanner": list(_scanner(job).items()),
        "tasks": Markup("".join(item.task for item in series)),
    }
    return render("session.xml.j2", session=session, namespace=NAMESPACE)


def _scanner(job: Build) -> dict[str, str]:
    coil = facts.gradient_coil(job.target.model)
    first, side = entry(job.protocol)
    return {
        "fieldstrength": f"{job.target.field_strength * 10000:.0f}",
        **({"gradcoil": coil} if coil else {}),
        "MR_VERSION": facts.VERSION_TEXT[software_of(job.target)],
        "entry": first,
        "position": side,
        "tabentry": "None",
        "autostart": "0",
    }


def _meta(job: Build) -> dict[str, str]:
    region = job.protocol.region
    return {
        "carearea": facts.CARE_AREA.get(region, facts.OTHER),
        "humanoid": "adult",
        "anatomy": facts.ANATOMY_WORD.get(region, facts.OTHER),
        "library": "Site",
        "description": " ".join((FACE, *job.options.warnings)),
    }


def entry(protocol: Protocol) -> tuple[str, str]:
    """Entry and position of the patient, one for the session: those of the first scan that states them."""
    stated = (scan.patient_position for scan in protocol.acquisitions)
    wanted = next(filter(None, stated), "HFS")
    return next((words for words, name in facts.PATIENT_POSITIONS.items() if name == wanted), _USUAL)


_USUAL = ("Head First", "Supine")


ReportRow = tuple[str, float | None, Sequence[str], tuple[tuple[str, str], ...]]
"""A series on the printed page: name, seconds, paragraphs of its note, pairs."""


def report(job: Build, face: str, rows: Iterable[ReportRow]) -> bytes:
    """Write the page that lies beside the archive, for people."""
    series = [
        {
            "name": name,
            "time": "" if seconds is None else clock(seconds),
            "paragraphs": said,
            "table": table(pairs),
        }
        for name, seconds, said, pairs in rows
    ]
    return render("report.html.j2", job=job, face=face, series=series)


@lru_cache(maxsize=1024)
def table(pairs: tuple[tuple[str, str], ...]) -> Markup:
    """Draw the pairs of a series; many protocols hold the same."""
    from markupsafe import Markup

    return Markup(environment().get_template("pairs.html.j2").render(pairs=pairs))


# --- names, ids, notes and summaries, which donor exports share -----------------------------------------

_UNSAFE = re.compile(r"[^A-Za-z0-9_+-]")
_FIRST_STAMP, _STAMP_SPAN = 946_684_800, 631_152_000  # the years 2000 to 2019
TAR = ".rawProtocol/Protocol0.tar"
REPORTS = "GE_ProtocolExchange"


@cache
def environment() -> Environment:
    """Jinja for XML and HTML: every value escaped, an unknown name an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(templates("vendors", "ge")),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        keep_trailing_newline=True,
    )


def render(template: str, **values: Any) -> bytes:
    """Fill a template."""
    return environment().get_template(template).render(**values).encode("utf-8")


def note(paragraphs: Sequence[str]) -> bytes:
    """Write the note of a series; text is wrapped as the consoles do."""
    return _note(*paragraphs)


@lru_cache(maxsize=1024)
def _note(*paragraphs: str) -> bytes:
    return render("notes.html.j2", paragraphs=[wrap(text, 80, break_long_words=False) for text in paragraphs])


def epoch() -> int | None:
    """Seconds of SOURCE_DATE_EPOCH, if it is set."""
    text = os.environ.get("SOURCE_DATE_EPOCH", "")
    return int(text) if text.isdecimal() else None


class Names:
    """Directory names and data ids of one export, made from its content alone."""

    def __init__(self, protocol: Protocol) -> None:
        canonical = protocol.model_dump_json(exclude_defaults=True)
        self._seed = int.from_bytes(hashlib.sha256(canonical.encode()).digest()[:8], "big")
        moment = epoch()
        self.mtime = moment or 0
        part = self._seed % 1000 if moment is None else 0
        seconds = _FIRST_STAMP + self._seed % _STAMP_SPAN if moment is None else moment
        self._stamp = f"{datetime.fromtimestamp(seconds, UTC):%Y%m%d%H%M%S}{part}"
        self._milliseconds = seconds * 1000 + part
        self._count = 0

    def protocol_folder(self, protocol: Protocol, humanoid: str = "adult", anatomy: str | None = None) -> str:
        """Directory of the protocol: humanoid, anatomy, name, stamp, number."""
        anatomy = anatomy or facts.ANATOMY_WORD.get(protocol.region, facts.OTHER)
        return f"{humanoid}_{anatomy}_{folder_name(protocol.name)}_{self._stamp}_1"

    def series_folder(self, name: str) -> str:
        """Directory of the next series."""
        self._count += 1
        return f"{folder_name(name)}_{self._stamp}_{self._count}"

    def data_id(self) -> str:
        """Next id of a data block."""
        self._seed = (self._seed * 6364136223846793005 + 1442695040888963407) % (1 << 64)
        return f"data.{self._seed >> 39}.{self._milliseconds}"


def folder_name(name: str) -> str:
    """Sanitise a name as the consoles do: letters, digits and ``_ - +`` stay."""
    return _UNSAFE.sub("", name)[: facts.NAME_LIMIT] or "unnamed"


def session_name(name: str) -> str:
    """Name of the protocol without the characters that the import of a console forbids."""
    return "".join("-" if char in facts.FORBIDDEN_IN_NAMES else char for char in name)


def image_attributes(values: Mapping[str, str], application: str, region: str | None) -> dict[str, str]:
    """Summary of a series as session.xml repeats it: the field of view in mm, the rest unchanged."""
    return dict(_image_attributes(values, application)) | {"DATA_ANATOMY": (region or "other").capitalize()}


def _image_attributes(values: Mapping[str, str], application: str) -> Iterator[tuple[str, str]]:
    for name, key in IMAGE_ATTRIBUTES.items():
        if key in values:
            yield name, values[key]
    if facts.FOV in values:
        yield "DATA_FOV", f"{float(values[facts.FOV]) * 10:g}"
    yield "DATA_APP", application
    yield "DATA_MECHO", "true" if values.get(facts.ECHOES, "1") not in ("1", "") else "false"
    yield "DATA_CALIB", "true" if facts.CALIBRATION_OPTION in facts.options(values[facts.IOPT]) else "false"
    for name in ("DATA_PHASES", "DATA_MPHIMAGES", "DATA_MGROUP", "DATA_PURE", "DATA_SCIC", "DATA_OTREG"):
        yield name, "false"


IMAGE_ATTRIBUTES = {
    "DATA_NUMPIXELX": facts.COLUMNS, "DATA_NUMPIXELY": facts.LINES, "DATA_PHFOV": facts.PHASE_FOV,
    "DATA_SLTHICK": facts.THICKNESS, "DATA_SPACING": facts.SPACING, "DATA_MODE": facts.IMODE,
    "DATA_PLANE": facts.PLANE, "DATA_CONTRAST": facts.CONTRAST, "DATA_BVALUE": facts.B_VALUES,
}  # fmt: skip
"""Entries of IMAGE_ATTRIBUTES that repeat a key of LxProtocol unchanged."""
