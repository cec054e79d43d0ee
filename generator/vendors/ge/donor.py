"""A protocol from an export of the site's own scanner: its series cloned, patched, renamed and ordered.

Every byte that the spec does not speak about stays as the donor has it. What belongs to the site and not to
the scanner does not travel: notes, pictures, network destinations, users, and the name of the directory.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from generator.errors import CannotBuild, UsageError
from generator.model.tree import Note, Protocol, Target
from generator.text import clock
from generator.vendors.account import Reasons, same
from generator.vendors.dialect import BuildOptions, DonorFile, Export
from generator.vendors.ge import facts, writer
from generator.vendors.ge.container import archive, lxprotocol, package, session
from generator.vendors.ge.container.package import Folder, Package
from generator.vendors.ge.fields import encode, geometry
from generator.vendors.ge.fields.series import Draft
from generator.vendors.ge.matching import DonorSeries, donor_series, likeness, match, refuse
from generator.vendors.ge.notes import Slot, contrast_pairs, slots

_FACE = "Made from {name} (sha256 {digest}): series of the site, patched. Review every series on the console."
_LINK = re.compile(r"@id\s*=\s*'([^']+)'")
_LINK_TYPE = "com.ge.med.di.wf.session.WfImport"


@dataclass(frozen=True, slots=True)
class _Donor:
    """The donor, opened: the protocol that lends its frame, and the series of all its protocols."""

    file: DonorFile
    package: Package
    base: Folder
    series: tuple[DonorSeries, ...]

    @property
    def scanner(self) -> session.Session:
        return session.read(self.base.files[package.SESSION], self.base.name)


def build(protocol: Protocol, target: Target, options: BuildOptions) -> Export:
    """Write a protocol by patching a donor.

    Raises
    ------
    UnusableInput
        If the donor cannot be read.
    CannotBuild
        If it is of another field strength, or has no series of a family that the spec needs.
    """
    reasons, names = Reasons(known=facts.REASONS), writer.Names(protocol)
    wanted = slots(protocol, reasons)
    donor, chosen = _open(_path(options), wanted)
    _check_scanner(donor.scanner, target)
    clones = list(_clones(wanted, chosen, donor, names, options, reasons))
    meta = donor.scanner.meta
    folder = names.protocol_folder(protocol, meta.get("humanoid", "adult"), meta.get("anatomy"))
    tar = archive.pack(_members(donor, clones, folder, _session(protocol, donor, clones, options), names))
    files = {
        writer.TAR: tar,
        f"{writer.REPORTS}/{folder}.html": _report(protocol, target, donor, wanted, clones, options),
    }
    remarks = (*_remarks(donor, clones, options), *_filed(protocol, meta), *writer.name_notes(protocol))
    return Export("donor", files, notes=remarks, donor=donor.file, reasons=reasons)


def _path(options: BuildOptions) -> Path:
    if options.donor is None:
        raise UsageError("a donor build needs a donor")
    return options.donor


def _open(path: Path, wanted: list[Slot]) -> tuple[_Donor, list[DonorSeries]]:
    """Open the donor and choose a series for every scan.

    The protocol that has most of them lends the frame; the others only fill in, since a protocol is made for
    one set of coils.
    """
    if path.is_file() and package.sniff(path, package.read_head(path)) != "ge-protocol":
        raise CannotBuild(f"{path.name} is no protocol archive: a donor needs session.xml and all its series")
    found = package.load(path, to_write=True)
    by_folder = [tuple(donor_series(folder)) for folder in found.folders]
    scores = [[likeness(slot.scan, own) for slot in wanted] for own in by_folder]
    ranks = [(sum(score > 0 for score in row), sum(row)) for row in scores]
    best = ranks.index(max(ranks))
    own, pool = by_folder[best], list(chain.from_iterable(by_folder))
    chosen: list[DonorSeries] = []
    lacking = []
    for slot, score in zip(wanted, scores[best], strict=True):
        source = match(slot.scan, own if score else pool, {id(one) for one in chosen})
        chosen += [source] if source else []
        lacking += [] if source else [slot.scan]
    if lacking:
        raise refuse(lacking, pool, path.name)
    donor = _Donor(DonorFile(path.name, _digest(path, found)), found, found.folders[best], tuple(pool))
    return donor, chosen


def _digest(path: Path, found: package.Package) -> str:
    if path.is_file():
        return hashlib.sha256(package.read_file(path)).hexdigest()
    digest = hashlib.sha256()
    for folder in found.folders:
        for name, data in sorted(folder.files.items()):
            digest.update(f"{folder.name}/{name}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()


def _check_scanner(scanner: session.Session, target: Target) -> None:
    gauss = scanner.scanner.get("fieldstrength", "")
    if gauss.isdecimal() and abs(int(gauss) / 10000 - target.field_strength) > 0.2:
        raise CannotBuild(
            f"the donor is of a {int(gauss) / 10000:g} T scanner, the target is {target.field_strength:g} T"
        )


def _clones(
    wanted: list[Slot],
    chosen: list[DonorSeries],
    donor: _Donor,
    names: writer.Names,
    options: BuildOptions,
    reasons: Reasons,
) -> Iterator[Clone]:
    software = donor.scanner.scanner.get("MR_VERSION", facts.DEFAULT_SOFTWARE)
    used: set[tuple[str, str]] = set()
    for slot, source in zip(wanted, chosen, strict=True):
        key = (source.folder.name, source.task.folder)
        again = key in used or any(folder == source.task.folder for _, folder in used)
        folder = names.series_folder(slot.scan.name) if again else source.task.folder
        used.add(key)
        made = clone(slot, source, folder, software, options, reasons)
        foreign = again or source.folder is not donor.base
        yield replace(made, markup=renumbered(made.markup, names)) if foreign else made


def _session(protocol: Protocol, donor: _Donor, clones: list[Clone], options: BuildOptions) -> bytes:
    parts = session.split(donor.base.files[package.SESSION])
    head = session.rename(parts.head, "session", writer.session_name(protocol.name))
    if not options.keep_notes:
        head = session.map_property(head, "description", lambda _: " ".join(options.warnings))
    body = "".join(made.markup for made in clones)
    return (head + _without_loose_links(body) + parts.tail).encode("utf-8")


def _without_loose_links(body: str) -> str:
    """Take out imports whose source did not come along; they would point nowhere."""
    if all(f'id="{target}"' in body for target in _LINK.findall(body)):
        return body
    return session.without_elements(body, _LINK_TYPE)


def _members(
    donor: _Donor, clones: list[Clone], folder: str, session_data: bytes, names: writer.Names
) -> Iterator[archive.Member]:
    """Members of the export in the donor's order, then what is new; only session, pairs and notes change."""
    content = {folder: None, f"{folder}/{package.SESSION}": session_data}
    for made in clones:
        place = f"{folder}/{made.folder}"
        content |= {place: None, f"{place}/.pn": None}
        content |= {f"{place}/{package.SERIES}": made.pairs, f"{place}/{package.NOTE}": made.note}
    for member in _donor_members(donor):
        name = _moved(member.name, donor.base.name, folder)
        if name in content:
            data = content.pop(name)
            renamed = archive.with_name(member, name)
            yield renamed if data is None else archive.with_data(renamed, data)
    for name in sorted(content, key=lambda name: (name.count("/"), name)):
        yield archive.new_member(name, content[name], names.mtime)


def _moved(name: str, old: str, new: str) -> str | None:
    """Path of a member of the protocol directory in the export; ``None`` for members of others."""
    if name == old:
        return new
    stem = "" if old == "." else f"{old}/"
    return f"{new}/{name[len(stem) :]}" if name.startswith(stem) else None


def _donor_members(donor: _Donor) -> Iterable[archive.Member]:
    members = (member for tar in donor.package.archives.values() for member in tar.members)
    return (member for member in members if not member.is_apple_double)


def _remarks(donor: _Donor, clones: list[Clone], options: BuildOptions) -> Iterator[Note]:
    for made in clones:
        yield from made.remarks
    used = {id(made.source) for made in clones}
    left = [s.task.name for s in donor.series if s.folder is donor.base and id(s) not in used]
    if left:
        yield Note(code="series-dropped", message=f"series of the donor left out: {', '.join(left)}")
    others = {made.source.folder.name for made in clones} - {donor.base.name}
    if others:
        message = f"series come from {len(others) + 1} protocols of the donor: check that the coils agree"
        yield Note(code="several-protocols", message=message)
    if any(not session.is_scanning(task) for task in session.split(donor.base.files[package.SESSION]).tasks):
        yield Note(code="tasks-dropped", message="tasks of the donor that are no series are left out")
    if package.METADATA in donor.base.files:
        message = f"{package.METADATA} left out: its checksum fits the donor only"
        yield Note(code="metadata-dropped", message=message)
    apple = sum(m.is_apple_double for tar in donor.package.archives.values() for m in tar.members)
    if apple:
        yield Note(code="apple-double-dropped", message=f"{apple} side files of macOS left out")
    if not options.keep_notes:
        message = "notes, description and network destinations left out (--keep-notes keeps them)"
        yield Note(code="notes-dropped", message=message)


def _filed(protocol: Protocol, meta: Mapping[str, str]) -> Iterator[Note]:
    """Say under which anatomy the console files the protocol, where that is not the one of the spec."""
    found = meta.get("anatomy")
    if protocol.region and found and found != facts.ANATOMY_WORD[protocol.region]:
        message = (
            f"filed under {found} on the console, as the donor is; the protocol is of the {protocol.region}"
        )
        yield Note(code="anatomy", message=message)


def _report(
    protocol: Protocol,
    target: Target,
    donor: _Donor,
    wanted: list[Slot],
    clones: list[Clone],
    options: BuildOptions,
) -> bytes:
    rows = [
        {
            "name": slot.scan.name,
            "time": clock(made.seconds) if made.seconds is not None else "",
            "paragraphs": slot.paragraphs,
            "pairs": lxprotocol.parse(made.pairs, made.folder),
        }
        for slot, made in zip(wanted, clones, strict=True)
    ]
    return writer.render(
        "report.html.j2",
        title=protocol.name,
        face=_FACE.format(name=donor.file.name, digest=donor.file.sha256),
        label=options.label,
        warnings=options.warnings,
        target=str(target),
        series=rows,
    )


# --- one series, cloned and patched ---------------------------------------------------------------------

_IMPLIED: Mapping[str, str] = {
    facts.ECHOES: "1", facts.TR_AUTOMATIC: "0", facts.SLICE_PERCENT: "100.00", facts.PHASE_WRAP: "1.00",
    facts.SLICE_FACTOR: "1.00",
}  # fmt: skip
"""What a series without the key means anyway: no reason to add it."""

_TIMELESS = {
    facts.CONTRAST,
    facts.CONTAG,
    facts.CONTAM,
    facts.SWAPPF,
    *facts.GEOMETRY_KEYS,
    facts.GROUPS,
    facts.PLANE,
}
_PLACE = ("plane", "oblique_angles", "number_of_slices", "slice_thickness", "slice_gap")
_VIEW = ("field_of_view", "acquisition_matrix", "voxel_size")
_GROUPS: Mapping[tuple[str, ...], tuple[str, ...]] = {
    _VIEW: (facts.FOV, facts.PHASE_FOV, facts.COLUMNS, facts.LINES, facts.SLICE_PERCENT),
    ("pixel_bandwidth", *_VIEW): (facts.RBW,),
    ("fat_suppression",): (facts.FAT,),
    ("number_of_slices", "slab_thickness"): (facts.SLICES, facts.SLAB_LOCATIONS, facts.LOCATIONS),
    ("repetition_time", "repetition_time_preparation", "repetition_time_excitation"): (
        facts.TR, facts.TR_AUTOMATIC,
    ),
    ("b_values", "b_value_averages", "diffusion_directions"): (
        facts.B_VALUES, facts.B_AVERAGES, facts.B_COUNT, facts.B0_COUNT, facts.B0_AVERAGES, facts.DIRECTIONS,
        facts.DIRECTION_MODE,
    ),
    ("plane", "phase_encoding_direction"): (facts.SWAPPF,),
    _PLACE: (facts.PLANE, *facts.GEOMETRY_KEYS),
}  # fmt: skip
"""Keys that stay as the donor has them while all of these fields are the donor's or not stated."""

_ID = re.compile(r"data\.\d+\.\d+")
_OWN_ID = re.compile(r'\bid="(data\.\d+\.\d+)"')


@dataclass(frozen=True, slots=True)
class Clone:
    """A patched series.

    Attributes
    ----------
    folder : str
        Its directory in the export.
    pairs, note : bytes
        LxProtocol and notes.html.
    markup : str
        Its ``task`` element.
    changed : tuple of str
        Keys whose values are not the donor's.
    """

    source: DonorSeries
    folder: str
    pairs: bytes
    note: bytes
    markup: str
    changed: tuple[str, ...]
    seconds: float | None
    remarks: tuple[Note, ...]


def clone(
    slot: Slot, source: DonorSeries, folder: str, software: str, options: BuildOptions, reasons: Reasons
) -> Clone:
    """Make a wanted scan out of a donor series.

    Parameters
    ----------
    slot : Slot
        The scan, its note and whether contrast is on board.
    source : DonorSeries
        A series of its family.
    folder : str
        Directory of the series in the export: the donor's own, or a new one for a second copy.
    """
    draft, wanted = _wanted(slot, source, software)
    path = f"{source.folder.name}/{source.task.folder}/{package.SERIES}"
    raw = source.folder.files[f"{source.task.folder}/{package.SERIES}"]
    patched = lxprotocol.patch(raw, wanted, facts.key_order().order, path)
    values = dict(lxprotocol.parse(patched.data, path))
    seconds = _seconds(slot, source, patched.changed, options)
    own = reasons.at(slot.index, slot.scan.name)
    writer.leave(draft, own)
    own.why("vendor", "with a donor these stay as the donor has them")
    if seconds is None:
        own.why("acquisition_duration", "the time of what was written is not known")
    writer.add_what_is_left(slot, values, reasons)
    markup = _markup(source, values, patched.changed, slot.scan.name, folder, seconds, options)
    note = _note(slot, source, options)
    remarks = tuple(_clone_remarks(slot, source, patched.changed, seconds))
    return Clone(source, folder, patched.data, note, markup, patched.changed, seconds, remarks)


def _wanted(slot: Slot, source: DonorSeries, software: str) -> tuple[Draft, dict[str, str | None]]:
    """Keys to set or to remove. A localizer or calibration of the site stays as it is."""
    draft = encode(slot.scan, source.family, software)
    contrast = contrast_pairs(slot)
    if source.is_localizer or source.fields.get("role") == "calibration":
        draft.reasons = dict.fromkeys(_fields(slot), "localizers and calibrations stay as the site has them")
        draft.doubts = {}
        return draft, _changes(contrast, source.values)
    _fit_slab(draft, source)
    _fit_bandwidth(draft, source)
    _centre(draft, source)
    _settle(draft, source)
    wanted = _changes({**draft.values, **contrast}, source.values)
    for key, trigger in draft.removed.items():
        if key in source.values and key not in draft.values and (trigger is None or trigger in wanted):
            wanted[key] = None
    return draft, wanted


def _settle(draft: Draft, source: DonorSeries) -> None:
    """Leave alone what the donor says in its own way already."""
    for names, keys in _GROUPS.items():
        if all(_agrees(name, draft, source) for name in names):
            for key in keys:
                draft.values.pop(key, None)
            for name in names:
                draft.doubts.pop(name, None)


def _agrees(name: str, draft: Draft, source: DonorSeries) -> bool:
    wanted, have = getattr(draft.scan, name), source.fields.get(name)
    return wanted is None or same(wanted, have)


def _fields(slot: Slot) -> list[str]:
    return [name for name in type(slot.scan).model_fields if getattr(slot.scan, name) is not None]


def _changes(wanted: Mapping[str, str], present: Mapping[str, str]) -> dict[str, str | None]:
    """Leave out what the donor says already, be it with other digits or by saying nothing."""
    changes: dict[str, str | None] = {}
    for key, value in wanted.items():
        have = present.get(key, _IMPLIED.get(key))
        if key == facts.IOPT:
            same = set(facts.options(value)) == set(facts.options(have or ""))
        else:
            same = have is not None and (have.strip() == value or _same_number(have, value))
        if not same:
            changes[key] = value
    return changes


def _same_number(one: str, other: str) -> bool:
    try:
        return float(one) == float(other)
    except ValueError:
        return False


def _fit_slab(draft: Draft, source: DonorSeries) -> None:
    """Keep the donor's surplus of locations over images, which the sequence discards at the slab ends."""
    wanted = draft.scan.number_of_slices
    if (
        not draft.is_3d
        or wanted is None
        or (draft.scan.slab_thickness and facts.SLAB_LOCATIONS in source.values)
    ):
        return
    key = facts.SLAB_LOCATIONS if facts.SLAB_LOCATIONS in source.values else facts.LOCATIONS
    images, located = source.fields.get("number_of_slices"), source.values.get(key, "")
    surplus = int(located) - images if isinstance(images, int) and located.isdecimal() else 0
    for name in (facts.SLAB_LOCATIONS, facts.LOCATIONS):
        draft.values.pop(name, None)
    draft.put(key, wanted + surplus)


def _fit_bandwidth(draft: Draft, source: DonorSeries) -> None:
    """Some consoles keep a bandwidth for EPI too; where the donor has one, it is set."""
    wanted, columns = draft.scan.pixel_bandwidth, draft.values.get(facts.COLUMNS)
    if facts.RBW in source.values and facts.RBW not in draft.values and wanted and columns:
        draft.put(facts.RBW, geometry.receiver_bandwidth(wanted, int(columns)))
        draft.reasons["pixel_bandwidth"] = "receiver bandwidths come in steps of the dwell time"


def _centre(draft: Draft, source: DonorSeries) -> None:
    """Slices that differ from the donor's lose its position: they are centred, along a main plane."""
    if facts.STARTS[0] in draft.values and not all(_agrees(name, draft, source) for name in _PLACE):
        draft.removed.update(dict.fromkeys(facts.GEOMETRY_KEYS))
        draft.values[facts.GROUPS] = "0"


def _seconds(
    slot: Slot, source: DonorSeries, changed: tuple[str, ...], options: BuildOptions
) -> float | None:
    """Scan time: the console's own while nothing that matters has changed, else the one of the build."""
    if set(changed) <= _TIMELESS and source.task.scan_time is not None:
        return source.task.scan_time
    return options.duration(slot.index)


def _markup(
    source: DonorSeries,
    values: Mapping[str, str],
    changed: tuple[str, ...],
    name: str,
    folder: str,
    seconds: float | None,
    options: BuildOptions,
) -> str:
    text = session.rename(source.markup, "task", name)
    if not options.keep_notes:
        text = session.without_elements(text, session.NETWORK_TASK)
    if folder != source.task.folder:
        text = session.map_property(text, "CONTENT_PROPERTY", lambda _: folder)
    if changed:
        text = session.map_property(text, "IMAGE_ATTRIBUTES", lambda old: _attributes(old, values, changed))
    if seconds != source.task.scan_time:
        text = session.set_scan_time(text, None if seconds is None else writer.milliseconds(seconds))
    return text


def _attributes(old: str, values: Mapping[str, str], changed: tuple[str, ...]) -> str:
    """Bring the summary of session.xml in line with the keys that changed."""
    entries = session.split_pairs(old)
    for name, key in writer.IMAGE_ATTRIBUTES.items():
        if name in entries and key in changed and key in values:
            entries[name] = values[key]
    if facts.FOV in changed and "DATA_FOV" in entries:
        entries["DATA_FOV"] = f"{float(values[facts.FOV]) * 10:g}"
    if any(key in changed for key in facts.GEOMETRY_KEYS):
        entries.pop("CORNER_POINTS", None)
        for index in "123":
            for stem, name in (("SLOC", "DATA_STARTLOC"), ("ELOC", "DATA_ENDLOC")):
                entries[name + index] = values.get(stem + index, "0.0")
    return session.join_pairs(entries)


def renumbered(clones_markup: str, names: writer.Names) -> str:
    """Give the data blocks of a second copy ids of their own."""
    fresh = {old: names.data_id() for old in dict.fromkeys(_OWN_ID.findall(clones_markup))}
    return _ID.sub(lambda match: fresh.get(match[0], match[0]), clones_markup)


def _note(slot: Slot, source: DonorSeries, options: BuildOptions) -> bytes:
    """The note of the series: ours alone, or ours after the donor's if notes may travel."""
    old = source.folder.files.get(f"{source.task.folder}/{package.NOTE}")
    if not options.keep_notes or old is None:
        return writer.note(slot.paragraphs)
    if not slot.paragraphs or b"</body>" not in old:
        return old
    own = writer.note(slot.paragraphs)
    inner = own[own.index(b"<body>\n") + 7 : own.rindex(b"  </body>")]
    cut = old.rindex(b"</body>")
    return old[:cut].rstrip(b" ") + inner + b"  " + old[cut:]


def _clone_remarks(
    slot: Slot, source: DonorSeries, changed: tuple[str, ...], seconds: float | None
) -> list[Note]:
    kept = "nothing but its name" if not changed else ", ".join(changed)
    made = Note(code="made-from", step=slot.index, message=f"made from {source.task.name!r}; changed: {kept}")
    if seconds == source.task.scan_time:
        return [made]
    old, new = (f"{time:g} s" if time is not None else "none" for time in (source.task.scan_time, seconds))
    message = f"scan time: donor {old}, now {new}"
    return [made, Note(code="scan-time", step=slot.index, field="acquisition_duration", message=message)]
