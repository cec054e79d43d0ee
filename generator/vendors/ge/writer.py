"""A protocol from templates alone: complete, deterministic, and untested on any console."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from generator.errors import UsageError
from generator.model.tree import Acquisition, Note, Protocol, Target
from generator.text import clock
from generator.vendors.dialect import BuildOptions, Export, Losses
from generator.vendors.ge import account, archive, facts, locations, lxprotocol, rendering, sequences
from generator.vendors.ge.decode import decode
from generator.vendors.ge.encode import encode
from generator.vendors.ge.notes import by_hand, read_fields
from generator.vendors.ge.sequences import Family
from generator.vendors.ge.session import NAMESPACE, join_pairs
from generator.vendors.ge.steps import Slot, contrast_pairs, slots

FACE = (
    "Made from templates, without a file of your scanner: untested on a console. "
    "For review and interchange; build with --donor for use."
)


def build(protocol: Protocol, target: Target, options: BuildOptions) -> Export:
    """Write a protocol in the media layout of the Protocol Exchange.

    Raises
    ------
    UsageError
        If the software version is none that the dialect knows.
    """
    software = software_of(target)
    losses = Losses()
    names = rendering.Names(protocol)
    series = [
        _Series(slot, software, protocol.region, names, options, losses) for slot in slots(protocol, losses)
    ]
    folder = names.protocol_folder(protocol)
    members = [
        (folder, None),
        (f"{folder}/session.xml", _session(protocol, target, software, names, options, series)),
    ]
    for item in series:
        members += item.members(folder)
    tar = archive.pack(archive.new_member(name, data, names.mtime) for name, data in members)
    report = _report(protocol, target, options, series)
    files = {rendering.TAR: tar, f"{rendering.REPORTS}/{folder}.html": report}
    return Export("template", files, tuple(losses.found), tuple(name_notes(protocol)))


def software_of(target: Target) -> str:
    """Software version to write for, MR30.0 unless the target names another.

    Raises
    ------
    UsageError
        If it is none that the dialect knows.
    """
    if target.software is None:
        return facts.DEFAULT_SOFTWARE
    for known in facts.SOFTWARE:
        if target.software.upper().startswith(known.split(".")[0]):
            return known
    raise UsageError(f"no GE software {target.software!r}", facts.SOFTWARE)


def name_notes(protocol: Protocol) -> list[Note]:
    """Remark on a protocol name that the console would not take."""
    written = rendering.session_name(protocol.name)
    if written == protocol.name:
        return []
    return [Note(code="name-changed", message=f"consoles forbid some characters: named {written!r}")]


class _Series:
    """One series of the export: its pairs, note and entry in session.xml."""

    def __init__(
        self,
        slot: Slot,
        software: str,
        region: str | None,
        names: rendering.Names,
        options: BuildOptions,
        losses: Losses,
    ) -> None:
        scan = slot.scan
        self.slot, self.family = slot, sequences.family_of(scan)
        losses = losses.at(slot.index, scan.name)
        self.name = series_name(scan, self.family, losses)
        self.values = template_values(slot, self.family, software, region, losses)
        slot.add(by_hand(loss for loss in losses.found if loss.step == slot.index))
        self.folder = names.series_folder(self.name)
        self.ids = names.data_id(), names.data_id()
        self.seconds = options.duration(slot.index)
        report_duration(scan, self.seconds, losses)

    def members(self, folder: str) -> list[tuple[str, bytes | None]]:
        """Directories and files of the series."""
        place = f"{folder}/{self.folder}"
        pairs = lxprotocol.render(facts.in_order(self.values))
        note = rendering.note(self.slot.paragraphs)
        return [
            (place, None),
            (f"{place}/LxProtocol", pairs),
            (f"{place}/.pn", None),
            (f"{place}/.pn/notes.html", note),
        ]

    def task(self, region: str | None) -> dict[str, Any]:
        """Values of the series for the session template."""
        marketing = self.family.marketing or self.family.pseq
        return {
            "name": self.name,
            "folder": self.folder,
            "protocol_id": self.ids[0],
            "data_id": self.ids[1],
            "image_attributes": join_pairs(
                rendering.image_attributes(self.values, self.family.application, region)
            ),
            "rx_parameters": rendering.rx_parameters(marketing),
            "scan_time": None if self.seconds is None else milliseconds(self.seconds),
        }


def milliseconds(seconds: float) -> int:
    """Scan time as session.xml holds it: whole seconds, in milliseconds."""
    return int(seconds + 0.5) * 1000


def report_duration(scan: Acquisition, written: float | None, losses: Losses) -> None:
    """File the difference between a stated scan time and the one that is written."""
    stated = scan.acquisition_duration
    if stated is None:
        return
    got = None if written is None else milliseconds(written) / 1000
    if got is None:
        losses.unsupported("acquisition_duration", stated, "the export holds no time for this series")
    elif got != stated and account.near(stated, got):
        losses.rounded("acquisition_duration", stated, got, "scan times are whole seconds")
    elif got != stated:
        losses.approximated("acquisition_duration", stated, got, "the build was given another time")


def series_name(scan: Acquisition, family: Family, losses: Losses) -> str:
    """Name of the series; a stand-in is named so that nobody scans it as it is."""
    name = sequences.placeholder_name(scan.name) if family.placeholder else scan.name
    if family.placeholder:
        losses.approximated("name", scan.name, name, "a stand-in: the operator chooses the sequence")
    return name


def template_values(
    slot: Slot, family: Family, software: str, region: str | None, losses: Losses
) -> dict[str, str]:
    """Pairs of a series without a donor: defaults, then what the spec says; losses are filed."""
    draft = encode(slot.scan, family, software)
    verbatim = _verbatim(slot.scan.vendor, draft.values, losses)
    values = {**facts.key_order().defaults(software), **verbatim, **draft.values, **contrast_pairs(slot)}
    values.setdefault("ANATOMY", facts.ANATOMY[region or "brain"])
    for key, (text, name) in _NEEDED.items():
        if key not in values:
            values[key] = text
            if name:
                losses.approximated(name, None, text, f"the spec is silent, and every GE series holds {key}")
    back, _ = decode(values)
    for paragraph in slot.paragraphs:
        back.update(read_fields(paragraph))
    account.report(draft, back, losses)
    return values


def _verbatim(vendor: Mapping[str, Any], values: Mapping[str, str], losses: Losses) -> dict[str, str]:
    """Keys of GE that the spec hands on from a GE file; those of other vendors are a loss."""
    known = set(facts.key_order().order)
    if "SLOC1" in values:
        known -= {*locations.GEOMETRY_KEYS, "GRIP_NUMSLGROUPS"}
    own = {key: text for key, text in vendor.items() if key in known and _writable(text)}
    if foreign := sorted(set(vendor) - set(own)):
        losses.unsupported("vendor", foreign, "no parameters that GE writes here")
    return own


def _writable(text: Any) -> bool:
    return isinstance(text, str) and text.isascii() and text.isprintable() and '"' not in text


# Keys that every file holds: what stands there if the spec is silent, and the field that is invented.
_NEEDED = {
    "PLANE": ("AXIAL", "plane"),
    "FOV": ("24.0", "field_of_view"),
    "SLTHICK": ("5.00", "slice_thickness"),
    "SWAPPF": ("Unswap", ""),  # the console's own choice
}


def _session(
    protocol: Protocol,
    target: Target,
    software: str,
    names: rendering.Names,
    options: BuildOptions,
    series: list[_Series],
) -> bytes:
    coil = facts.GRADIENT_COILS.get(target.model or "")
    scanner = {
        "fieldstrength": f"{target.field_strength * 10000:.0f}",
        **({"gradcoil": coil} if coil else {}),
        "MR_VERSION": facts.VERSION_TEXT[software],
        "entry": "Head First",
        "position": "Supine",
        "tabentry": "None",
        "autostart": "0",
    }
    meta = {
        "carearea": facts.CARE_AREA.get(protocol.region or "", facts.OTHER),
        "humanoid": "adult",
        "anatomy": facts.ANATOMY_WORD.get(protocol.region or "", facts.OTHER),
        "library": "Site",
        "description": " ".join((FACE, *options.warnings)),
    }
    session = {
        "name": rendering.session_name(protocol.name),
        "meta_id": names.data_id(),
        "scanner_id": names.data_id(),
        "meta": list(meta.items()),
        "scanner": list(scanner.items()),
        "tasks": [item.task(protocol.region) for item in series],
    }
    return rendering.render("session.xml.j2", session=session, namespace=NAMESPACE)


def _report(protocol: Protocol, target: Target, options: BuildOptions, series: list[_Series]) -> bytes:
    rows = [
        {
            "name": item.name,
            "time": clock(item.seconds) if item.seconds is not None else "",
            "paragraphs": item.slot.paragraphs,
            "pairs": facts.in_order(item.values),
        }
        for item in series
    ]
    return rendering.render(
        "report.html.j2",
        title=protocol.name,
        face=FACE,
        label=options.label,
        warnings=options.warnings,
        target=str(target),
        series=rows,
    )
