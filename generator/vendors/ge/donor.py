"""A protocol from exports of the site's own scanner: series cloned, reset, patched, renamed and ordered.

Every byte that neither the spec nor a reset speaks about stays as the donor has it. What belongs to the site
and not to the scanner does not travel: notes, pictures, network destinations, users, directory names.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from generator.errors import CannotBuild, UnusableInput
from generator.model.tree import Note, Pause, Protocol, Target
from generator.text import clock
from generator.vendors import gate
from generator.vendors.account import Reasons, same
from generator.vendors.dialect import BuildOptions, DonorFile, Export
from generator.vendors.ge import container, facts, inherited, writer
from generator.vendors.ge.container import Folder, Package, archive, lxprotocol, session
from generator.vendors.ge.fields import Draft, geometry, sequences
from generator.vendors.ge.notes import Slot, contrast_pairs, slots
from generator.vendors.ge.reader import decode, scan_of, written_session
from generator.vendors.ge.relations import RELATIONS
from generator.vendors.matching import TEMPLATE, Choice, Donor, DonorStep, Plan, region_of

_FACE = "Made from {name} (sha256 {digest}): series of the site, patched. Review every series on the console."
_LINK = re.compile(r"@id\s*=\s*'([^']+)'")
_LINK_TYPE = "com.ge.med.di.wf.session.WfImport"


@dataclass(frozen=True)
class Source:
    """One series of a donor: its protocol, its task and its pairs."""

    folder: Folder
    task: session.Task
    markup: str
    values: Mapping[str, str]

    @property
    def key(self) -> str:
        """Handle of the series in its file."""
        return f"{self.folder.name}/{self.task.folder}"

    @property
    def tokens(self) -> tuple[str, ...]:
        """Tokens of IOPT."""
        return facts.options(self.values.get(facts.IOPT, ""))

    @cached_property
    def fields(self) -> dict[str, Any]:
        """What the reader makes of the pairs."""
        return decode(dict(self.values))[0]

    @property
    def family(self) -> sequences.Family:
        """The family in the donor's own codes, all its options included."""
        pseq, imode, plug = (self.values.get(key, "") for key in (facts.PSEQ, facts.IMODE, facts.PLUG))
        return sequences.Family(pseq, imode, plug, self.tokens, pseq)

    @property
    def is_localizer(self) -> bool:
        """Whether it images three planes at once."""
        return self.fields.get("role") == "localizer"

    @property
    def is_calibration(self) -> bool:
        """Whether it measures coil sensitivities."""
        return self.fields.get("role") == "calibration"


def sources(folder: Folder) -> Iterator[Source]:
    """List the series of one protocol of a donor, in its order; those inside other tasks cannot be cloned."""
    place = f"{folder.source}!{folder.name}"
    raw = folder.files[container.SESSION]
    markups = {session.folder_of(text): text for text in session.split(raw, place).tasks}
    for task in session.read(raw, place).tasks:
        name = f"{task.folder}/{container.SERIES}"
        if task.folder in markups and name in folder.files:
            values, _ = lxprotocol.values(folder.files[name], f"{place}/{name}")
            yield Source(folder, task, markups[task.folder], values)


# --- describing -------------------------------------------------------------------------------------------


def describe(path: Path) -> Donor:
    """Describe every series of an export that can be cloned.

    Raises
    ------
    UnusableInput
        If it cannot be read, or is one series without its session.
    """
    found = _load(path, to_write=False)
    frames = [_frame(folder).scanner for folder in found.folders]
    kinds = [(frame.get("MR_VERSION", ""), frame.get("fieldstrength", "")) for frame in frames]
    (version, gauss), _ = Counter(kinds).most_common(1)[0]
    steps = [
        step
        for folder, kind in zip(found.folders, kinds, strict=True)
        if kind == (version, gauss)  # what is of another scanner has a file of its own
        for step in _described(folder)
    ]
    return Donor(
        file=str(path), sha256="", vendor="ge", release=version.partition("#")[0] or None,
        field_strength=facts.tesla(gauss), steps=tuple(steps),
    )  # fmt: skip


def _frame(folder: Folder) -> session.Session:
    return session.read(folder.files[container.SESSION], f"{folder.source}!{folder.name}")


def _load(path: Path, *, to_write: bool) -> Package:
    if path.is_file() and container.sniff(path, container.read_head(path)) != "ge-protocol":
        raise UnusableInput(path, "no protocol archive: a donor needs session.xml and all its series")
    return container.load(path, to_write=to_write)


def _described(folder: Folder) -> Iterator[DonorStep]:
    frame = _frame(folder)
    path = tuple(word for word in (frame.meta.get("anatomy"), frame.name) if word)
    series = list(sources(folder))
    calibrations = [one.key for one in series if one.is_calibration]
    entry = frame.scanner.get("entry", ""), frame.scanner.get("position", "")
    for index, one in enumerate(series):
        scan, _ = scan_of(one.task.name, dict(one.values), one.task.scan_time, entry=entry)
        scan = scan.model_copy(update={"vendor": {}})
        needs = calibrations[:1] if _needs_calibration(one) else []
        inverts = facts.INVERSION_OPTION in one.tokens and scan.inversion_time is None
        yield DonorStep(
            key=one.key, path=path, index=index, scan=scan, region=region_of(scan.body_part, path, scan.name),
            inversions=1 if inverts else None, is_localizer=one.is_localizer,
            is_calibration=one.is_calibration, research=_research(one.values), needs=tuple(needs),
            inherited=inherited.of(one.values, scan),
        )  # fmt: skip


def _needs_calibration(one: Source) -> bool:
    """Asset takes the coil sensitivities of a series before it, where the prescan does not measure them."""
    return "Asset" in one.tokens and one.values.get(facts.PRESCAN_CALIBRATION) != "On"


def _research(values: Mapping[str, str]) -> str:
    name = values.get(facts.PSDNAME, "")
    return f"its PSDNAME {name!r} is no product" if name and not sequences.is_product(name) else ""


# --- building -------------------------------------------------------------------------------------------


@dataclass
class _Exports:
    """The donor files of a plan, each opened once; the protocol that lends the frame."""

    plan: Plan
    packages: dict[str, Package] = field(default_factory=dict)
    _series: dict[str, dict[str, Source]] = field(default_factory=dict)

    def source(self, donor: Donor, step: DonorStep) -> Source:
        """Find the series of a step."""
        if donor.file not in self.packages:
            found = self.packages[donor.file] = _load(Path(donor.file), to_write=True)
            self._series[donor.file] = {one.key: one for f in found.folders for one in sources(f)}
        return self._series[donor.file][step.key]

    def frame(self) -> tuple[Donor, Folder]:
        """The protocol that most series come from: one protocol has one set of coils."""
        chosen = [one for one in self.plan.choices.values() if one.step]
        if not chosen:
            raise CannotBuild("no donor step serves any scan, so there is no protocol to put them into")
        homes = [(one.donor.file, self.source(one.donor, one.step).folder.name) for one in chosen if one.step]
        file, name = max(dict.fromkeys(homes), key=homes.count)
        donor = next(one.donor for one in chosen if one.donor.file == file)
        return donor, next(f for f in self.packages[file].folders if f.name == name)


@dataclass(frozen=True, slots=True)
class Clone:
    """A series as it is written.

    Attributes
    ----------
    slot : Slot or None
        The scan it was made for; ``None`` of one that comes along.
    source : Source or None
        The donor series; ``None`` of one that was rendered from templates.
    folder : str
        Its directory in the export.
    pairs, note : bytes
        LxProtocol and notes.html.
    markup : str
        Its ``task`` element.
    changed : tuple of str
        Keys whose values are not the donor's.
    """

    slot: Slot | None
    source: Source | None
    folder: str
    pairs: bytes
    note: bytes
    markup: str
    changed: tuple[str, ...]
    seconds: float | None

    @property
    def was(self) -> str:
        """Name of the donor series."""
        return self.source.task.name if self.source else "a template"


def build(protocol: Protocol, target: Target, options: BuildOptions) -> Export:
    """Write a protocol by cloning the donor steps of a plan.

    Raises
    ------
    UnusableInput
        If a donor cannot be read.
    CannotBuild
        If no step of the plan is a clone, or a written series breaks what holds in every real file.
    """
    plan = options.plan
    assert plan is not None, "a donor build follows a plan"
    reasons, names = Reasons(known=facts.REASONS), writer.Names(protocol)
    exports = _Exports(plan)
    donor, base = exports.frame()
    frame = session.read(base.files[container.SESSION], base.name)
    written = _without_gaps(slots(protocol, reasons), plan, reasons)
    made_for = target.model_copy(update={"software": plan.release})
    clones = list(_clones(written, exports, base, names, options, reasons, protocol, made_for))
    folder = names.protocol_folder(protocol, frame.meta.get("humanoid", "adult"), frame.meta.get("anatomy"))
    data = _session(protocol, base, clones, plan, options)
    tar = archive.pack(_members(exports.packages[donor.file], base, clones, folder, data, names))
    report = _report(protocol, target, donor, clones, options)
    remarks = (
        *_remarks(exports.packages[donor.file], base, clones, options),
        *_filed(protocol, frame.meta),
        *writer.name_notes(protocol),
    )
    return Export(
        "donor",
        {writer.TAR: tar, f"{writer.REPORTS}/{folder}.html": report},
        notes=remarks,
        donor=DonorFile(Path(donor.file).name, donor.sha256),
        reasons=reasons,
        origins=writer.origins_of((made.slot, False) for made in clones),
    )


def _without_gaps(wanted: list[Slot], plan: Plan, reasons: Reasons) -> list[Slot]:
    """Leave out scans without a donor step; those that must be there become a pause or are rendered."""
    kept: list[Slot] = []
    waiting: list[tuple[int | None, Any]] = []
    for slot in wanted:
        choice = plan.choices[slot.index]
        if choice.action in ("clone", "template"):
            slot.before[:0] = waiting
            kept.append(slot)
            waiting = []
            continue
        waiting += slot.before
        if choice.action != "leave_out":
            waiting.append((None, Pause(text=choice.text)))
        reasons.why(slot.index, "kind", choice.missing or "no donor step serves")
        waiting += slot.after
    if kept:
        kept[-1].after += waiting
    return kept


def _clones(
    written: list[Slot],
    exports: _Exports,
    base: Folder,
    names: writer.Names,
    options: BuildOptions,
    reasons: Reasons,
    protocol: Protocol,
    target: Target,
) -> Iterator[Clone]:
    """Series in the order of the card, each in a directory of its own."""
    used: set[str] = set()
    for slot, choice, source in _in_order(written, exports):
        if source is None:
            assert slot is not None
            yield _rendered(slot, protocol, target, names, options, reasons)
            continue
        again = source.task.folder in used
        # The donor's own folder is named after what the site called the series, and the day of it.
        renamed = again or options.nameless
        name = slot.scan.name if slot else source.task.name
        folder = names.series_folder(name) if renamed else source.task.folder
        used.add(source.task.folder)
        if slot is None or choice is None:
            made = _along(source, folder)
        else:
            made = clone(slot, choice, source, folder, options, reasons, protocol.region)
        foreign = again or source.folder is not base
        yield replace(made, markup=renumbered(made.markup, names)) if foreign else made


def _in_order(
    written: list[Slot], exports: _Exports
) -> Iterator[tuple[Slot | None, Choice | None, Source | None]]:
    along = list(exports.plan.along)
    for slot in written:
        while along and along[0].before <= slot.index:
            one = along.pop(0)
            yield None, None, exports.source(one.donor, one.step)
        choice = exports.plan.choices[slot.index]
        yield slot, choice, exports.source(choice.donor, choice.step) if choice.step else None


def _session(
    protocol: Protocol, base: Folder, clones: list[Clone], plan: Plan, options: BuildOptions
) -> bytes:
    parts = session.split(base.files[container.SESSION])
    head = session.rename(parts.head, "session", writer.session_name(protocol.name))
    if not options.keep_notes:
        head = session.map_property(head, "description", lambda _: " ".join(options.warnings))
    for name, word in _entry(protocol, plan).items():
        head = session.set_property(head, name, word)
    body = "".join(made.markup for made in clones)
    return (head + parts.between + _without_loose_links(body) + parts.tail).encode("utf-8")


def _entry(protocol: Protocol, plan: Plan) -> dict[str, str]:
    """Entry and position of the patient, where the spec states them or the donor's are reset."""
    stated = any(scan.patient_position for scan in protocol.acquisitions)
    reset = any("patient_position" in choice.reset for choice in plan.choices.values())
    if not (stated or reset):
        return {}
    return dict(zip(("entry", "position"), writer.entry(protocol), strict=True))


def _without_loose_links(body: str) -> str:
    """Take out imports whose source did not come along; they would point nowhere."""
    if all(f'id="{target}"' in body for target in _LINK.findall(body)):
        return body
    return session.without_elements(body, _LINK_TYPE)


def _members(
    found: Package, base: Folder, clones: list[Clone], folder: str, session_data: bytes, names: writer.Names
) -> Iterator[archive.Member]:
    """Members of the export in the donor's order, then what is new; only session, pairs and notes change."""
    content: dict[str, bytes | None] = {folder: None, f"{folder}/{container.SESSION}": session_data}
    for made in clones:
        place = f"{folder}/{made.folder}"
        content |= {place: None, f"{place}/.pn": None}
        content |= {f"{place}/{container.SERIES}": made.pairs, f"{place}/{container.NOTE}": made.note}
    for member in _donor_members(found):
        name = _moved(member.name, base.name, folder)
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


def _donor_members(found: Package) -> Iterable[archive.Member]:
    members = (member for tar in found.archives.values() for member in tar.members)
    return (member for member in members if not member.is_apple_double)


def _remarks(found: Package, base: Folder, clones: list[Clone], options: BuildOptions) -> Iterator[Note]:
    for made in clones:
        yield from _clone_remarks(made)
    sources_used = [made.source for made in clones if made.source]
    used = {one.key for one in sources_used}
    left = [one.task.name for one in sources(base) if one.key not in used]
    if left:
        yield Note(code="series-dropped", message=f"series of the donor left out: {', '.join(left)}")
    others = {one.folder.name for one in sources_used} - {base.name}
    if others:
        message = f"series come from {len(others) + 1} protocols of the donors: check that the coils agree"
        yield Note(code="several-protocols", message=message)
    if any(not session.is_scanning(task) for task in session.split(base.files[container.SESSION]).tasks):
        yield Note(code="tasks-dropped", message="tasks of the donor that are no series are left out")
    if container.METADATA in base.files:
        message = f"{container.METADATA} left out: its checksum fits the donor only"
        yield Note(code="metadata-dropped", message=message)
    apple = sum(member.is_apple_double for tar in found.archives.values() for member in tar.members)
    if apple:
        yield Note(code="apple-double-dropped", message=f"{apple} side files of macOS left out")
    if not options.keep_notes:
        message = "notes, description and network destinations left out (--keep-notes keeps them)"
        yield Note(code="notes-dropped", message=message)


def _filed(protocol: Protocol, meta: Mapping[str, str]) -> Iterator[Note]:
    """Say under which anatomy the console files the protocol, where that is not the one of the spec."""
    found = meta.get("anatomy")
    if protocol.region and found and found != facts.ANATOMY_WORD.get(protocol.region, facts.OTHER):
        message = (
            f"filed under {found} on the console, as the donor is; the protocol is of the {protocol.region}"
        )
        yield Note(code="anatomy", message=message)


def _report(
    protocol: Protocol, target: Target, donor: Donor, clones: list[Clone], options: BuildOptions
) -> bytes:
    rows = [
        {
            "name": made.slot.scan.name if made.slot else made.was,
            "time": clock(made.seconds) if made.seconds is not None else "",
            "paragraphs": made.slot.paragraphs if made.slot else [],
            "table": writer.table(tuple(lxprotocol.parse(made.pairs, made.folder))),
        }
        for made in clones
    ]
    return writer.render(
        "report.html.j2",
        title=protocol.name,
        face=_FACE.format(name=Path(donor.file).name, digest=donor.sha256),
        label=options.label,
        warnings=options.warnings,
        target=str(target),
        series=rows,
    )


# --- one series, cloned, reset and patched --------------------------------------------------------------

_IMPLIED: Mapping[str, str] = {
    facts.ECHOES: "1", facts.TR_AUTOMATIC: "0", facts.SLICE_PERCENT: "100.00", facts.PHASE_WRAP: "1.00",
    facts.SLICE_FACTOR: "1.00",
}  # fmt: skip
"""What a series without the key means anyway: no reason to add it."""

_TIMELESS = {
    facts.CONTRAST, facts.CONTAG, facts.CONTAM, facts.SWAPPF, *facts.GEOMETRY_KEYS, facts.GROUPS, facts.PLANE,
}  # fmt: skip
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


def clone(
    slot: Slot,
    choice: Choice,
    source: Source,
    folder: str,
    options: BuildOptions,
    reasons: Reasons,
    region: str | None,
) -> Clone:
    """Make a wanted scan out of a donor series.

    Parameters
    ----------
    slot : Slot
        The scan, its note and whether contrast is on board.
    choice : Choice
        What of the donor series is to be reset.
    folder : str
        Directory of the series in the export: the donor's own, or a new one for a second copy.
    """
    own = reasons.at(slot.index, slot.scan.name)
    raw, path = _raw(source)
    cleared = inherited.reset(source.values, source.fields, choice.reset, region)
    clean = replace(source, values={k: v for k, v in {**source.values, **cleared}.items() if v is not None})
    draft, wanted = _wanted(slot, clean, source)
    changes = {**cleared, **wanted}
    document = {k: v for k, v in {**source.values, **changes}.items() if v is not None}
    if not (source.is_localizer or source.is_calibration):
        gate.hold(RELATIONS, document, own)
    changes = _difference(source.values, document)
    patched = lxprotocol.patch(raw, changes, facts.key_order().order, path)
    writer.leave(draft, own)
    own.why("vendor", "with a donor these stay as the donor has them")
    seconds = _seconds(slot, source, patched.changed, options)
    if seconds is None:
        own.why("acquisition_duration", "the time of what was written is not known")
    slot.add(writer.what_is_left(slot.scan, slot.paragraphs, document, reasons, slot.index))
    markup = _markup(source, document, patched.changed, slot.scan.name, folder, seconds, options)
    return Clone(
        slot, source, folder, patched.data, _note(slot, source, options), markup, patched.changed, seconds
    )


def _along(source: Source, folder: str) -> Clone:
    """A localizer or calibration of the site, as it is but for the contrast agent."""
    raw, path = _raw(source)
    patched = lxprotocol.patch(
        raw, _changes({facts.CONTRAST: "No"}, source.values), facts.key_order().order, path
    )
    markup = session.without_elements(source.markup, session.NETWORK_TASK)
    if folder != source.task.folder:
        markup = session.map_property(markup, "CONTENT_PROPERTY", lambda _: folder)
    note = writer.note([])
    return Clone(None, source, folder, patched.data, note, markup, patched.changed, source.task.scan_time)


def _rendered(
    slot: Slot,
    protocol: Protocol,
    target: Target,
    names: writer.Names,
    options: BuildOptions,
    reasons: Reasons,
) -> Clone:
    """A scan that no donor serves, from templates; its note says so."""
    slot.add(TEMPLATE)
    item = writer.Series(slot, writer.software_of(target), protocol.region, names, options, reasons)
    whole = writer.session_of(protocol, target, names, options, [item])
    markup = session.split(whole).tasks[0]
    files = dict(item.members(""))
    pairs, note = (files[f"/{item.folder}/{name}"] for name in (container.SERIES, container.NOTE))
    assert pairs is not None and note is not None
    return Clone(slot, None, item.folder, pairs, note, markup, (), item.seconds)


def _raw(source: Source) -> tuple[bytes, str]:
    path = f"{source.task.folder}/{container.SERIES}"
    return source.folder.files[path], f"{source.folder.name}/{path}"


def _difference(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str | None]:
    changed: dict[str, str | None] = {key: text for key, text in new.items() if old.get(key) != text}
    return changed | {key: None for key in old if key not in new}


def _wanted(slot: Slot, clean: Source, donor: Source) -> tuple[Draft, dict[str, str | None]]:
    """Keys to set or to remove. A localizer or calibration of the site stays as it is."""
    draft = writer.encode(slot.scan, clean.family, "MR" if _is_new(donor) else "DV")
    contrast = contrast_pairs(slot)
    if donor.is_localizer or donor.is_calibration:
        draft.reasons = dict.fromkeys(_fields(slot), "localizers and calibrations stay as the site has them")
        draft.doubts = {}
        return draft, _changes(contrast, clean.values)
    _fit_slab(draft, donor)
    _fit_bandwidth(draft, clean)
    _centre(draft, clean)
    _settle(draft, clean)
    wanted = _changes({**draft.values, **contrast}, clean.values)
    for key, trigger in draft.removed.items():
        if key in clean.values and key not in draft.values and (trigger is None or trigger in wanted):
            wanted[key] = None
    return draft, wanted


def _is_new(source: Source) -> bool:
    """Whether the software that wrote a series has the keys that came with MR29."""
    return facts.PRESCAN_CALIBRATION in source.values or facts.SLICE_PERCENT in source.values


def _settle(draft: Draft, source: Source) -> None:
    """Leave alone what the donor says in its own way already."""
    for names, keys in _GROUPS.items():
        if all(_agrees(name, draft, source) for name in names):
            for key in keys:
                draft.values.pop(key, None)
            for name in names:
                draft.doubts.pop(name, None)


def _agrees(name: str, draft: Draft, source: Source) -> bool:
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
            alike = set(facts.options(value)) == set(facts.options(have or ""))
        else:
            alike = have is not None and (have.strip() == value or _same_number(have, value))
        if not alike:
            changes[key] = value
    return changes


def _same_number(one: str, other: str) -> bool:
    try:
        return float(one) == float(other)
    except ValueError:
        return False


def _fit_slab(draft: Draft, source: Source) -> None:
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


def _fit_bandwidth(draft: Draft, source: Source) -> None:
    """Some consoles keep a bandwidth for EPI too; where the donor has one, it is set."""
    wanted, columns = draft.scan.pixel_bandwidth, draft.values.get(facts.COLUMNS)
    if facts.RBW in source.values and facts.RBW not in draft.values and wanted and columns:
        draft.put(facts.RBW, geometry.receiver_bandwidth(wanted, int(columns)))
        draft.reasons["pixel_bandwidth"] = "receiver bandwidths come in steps of the dwell time"


def _centre(draft: Draft, source: Source) -> None:
    """Slices that differ from the donor's lose its position: they are centred, along a main plane."""
    if facts.STARTS[0] in draft.values and not all(_agrees(name, draft, source) for name in _PLACE):
        draft.removed.update(dict.fromkeys(facts.GEOMETRY_KEYS))
        draft.values[facts.GROUPS] = "0"


def _seconds(slot: Slot, source: Source, changed: tuple[str, ...], options: BuildOptions) -> float | None:
    """Scan time: the console's own while nothing that matters has changed, else the one of the build."""
    if set(changed) <= _TIMELESS and source.task.scan_time is not None:
        return source.task.scan_time
    return options.duration(slot.index)


def _markup(
    source: Source,
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
    if {facts.IOPT, facts.DIRECTION_MODE} & set(changed) and "DATA_APP" in entries:
        entries["DATA_APP"] = sequences.application(values, entries["DATA_APP"])
    if any(key in changed for key in facts.GEOMETRY_KEYS):
        entries.pop("CORNER_POINTS", None)
        for places, name in ((facts.STARTS, "DATA_STARTLOC"), (facts.ENDS, "DATA_ENDLOC")):
            entries |= {f"{name}{index}": values.get(key, "0.0") for index, key in enumerate(places, 1)}
    return session.join_pairs(entries)


def renumbered(clones_markup: str, names: writer.Names) -> str:
    """Give the data blocks of a second copy ids of their own."""
    fresh = {old: names.data_id() for old in dict.fromkeys(_OWN_ID.findall(clones_markup))}
    return _ID.sub(lambda match: fresh.get(match[0], match[0]), clones_markup)


def _note(slot: Slot, source: Source, options: BuildOptions) -> bytes:
    """The note of the series: ours alone, or ours after the donor's if notes may travel."""
    old = source.folder.files.get(f"{source.task.folder}/{container.NOTE}")
    if not options.keep_notes or old is None:
        return writer.note(slot.paragraphs)
    if not slot.paragraphs or b"</body>" not in old:
        return old
    own = writer.note(slot.paragraphs)
    inner = own[own.index(b"<body>\n") + 7 : own.rindex(b"  </body>")]
    cut = old.rindex(b"</body>")
    return old[:cut].rstrip(b" ") + inner + b"  " + old[cut:]


def _clone_remarks(made: Clone) -> Iterator[Note]:
    name, index = made.was, made.slot.index if made.slot else None
    if made.source is None:
        yield Note(code="from-template", step=index, message=TEMPLATE)
        return
    kept = "nothing but its name" if not made.changed else ", ".join(made.changed)
    if made.slot is None:
        yield Note(code="along", message=f"{name!r} of the donor comes along unchanged")
        return
    yield Note(code="made-from", step=index, message=f"made from {name!r}; changed: {kept}")
    if made.seconds != made.source.task.scan_time:
        times = (made.source.task.scan_time, made.seconds)
        old, new = (f"{time:g} s" if time is not None else "none" for time in times)
        message = f"scan time: donor {old}, now {new}"
        yield Note(code="scan-time", step=index, field="acquisition_duration", message=message)


# --- proof ------------------------------------------------------------------------------------------------


def broken(files: Mapping[str, bytes]) -> Iterator[Note]:
    """Name every relation that a written series breaks though it holds in all real files."""
    name = next(name for name in files if name.endswith(container.ARCHIVES))
    for folder in container.from_bytes(files[name], Path(name)).folders:
        place = f"{folder.source}!{folder.name}"
        tasks = written_session(folder.files[container.SESSION], place).tasks
        series = ((task.name, folder.files.get(f"{task.folder}/{container.SERIES}")) for task in tasks)
        for index, (scan, pairs) in enumerate((scan, pairs) for scan, pairs in series if pairs is not None):
            for code, text in _broken(pairs):
                yield Note(code=code, step=index, message=f"{scan}: {text}")


@lru_cache(maxsize=512)
def _broken(pairs: bytes) -> tuple[tuple[str, str], ...]:
    """Name and text of every relation that the pairs of a series break."""
    values, _ = lxprotocol.values(pairs, container.SERIES)
    return tuple((one.name, one.text) for one in gate.broken(RELATIONS, values))
