"""A protocol from exports of the site's own scanner: series cloned, reset, patched, renamed and ordered.

Every byte that neither the spec nor a reset speaks about stays as the donor has it. What belongs to the site
and not to the scanner does not travel: notes, pictures, network destinations, users, directory names.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

from generator import limits
from generator.errors import CannotBuild, UnusableInput
from generator.model.tree import Note, Pause, Protocol, Target
from generator.vendors import gate
from generator.vendors.account import Reasons, same
from generator.vendors.dialect import BuildOptions, DonorFile, Export
from generator.vendors.ge import container, facts, relations, writer
from generator.vendors.ge.container import Folder, Package, archive, lxprotocol, session
from generator.vendors.ge.fields import Draft, geometry
from generator.vendors.ge.notes import Slot, contrast_pairs, slots
from generator.vendors.ge.reader import decode, scan_of
from generator.vendors.ge.writer import Build
from generator.vendors.matching import TEMPLATE, Choice, Donor, DonorStep, Plan, region_of

_FACE = "Made from {name} (sha256 {digest}): series of the site, patched. Review every series on the console."
_LINK = re.compile(r"@id\s*=\s*'([^']+)'")
_LINK_TYPE = "com.ge.med.di.wf.session.WfImport"

Changes = dict[str, str | None]
"""Keys to their new values; ``None`` removes a key."""


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
    def family(self) -> facts.Family:
        """The family in the donor's own codes, all its options included."""
        pseq, imode, plug = (self.values.get(key, "") for key in (facts.PSEQ, facts.IMODE, facts.PLUG))
        return facts.Family(pseq, imode, plug, self.tokens, pseq)

    @property
    def is_localizer(self) -> bool:
        """Whether it images three planes at once."""
        return self.fields.get("role") == "localizer"

    @property
    def is_calibration(self) -> bool:
        """Whether it measures coil sensitivities."""
        return self.fields.get("role") == "calibration"

    @property
    def stays(self) -> bool:
        """Whether it stays as the site has it, but for contrast and name."""
        return self.is_localizer or self.is_calibration

    def patched(self, changes: Changes) -> lxprotocol.Patch:
        """Change its text."""
        raw = self.folder.series(self.task) or b""
        return lxprotocol.patch(raw, changes, facts.key_order().order, self.key)


def sources(folder: Folder) -> Iterator[Source]:
    """List the series of one protocol of a donor, in its order; those inside other tasks cannot be cloned."""
    markups = {session.folder_of(text): text for text in _parts(folder).tasks}
    for task in folder.session().tasks:
        data = folder.series(task)
        if task.folder in markups and data is not None:
            values, _ = lxprotocol.values(data, f"{folder.place}/{task.folder}/{container.SERIES}")
            yield Source(folder, task, markups[task.folder], values)


def _parts(folder: Folder) -> session.Parts:
    return session.split(folder.files[container.SESSION], folder.place)


# --- describing -------------------------------------------------------------------------------------------


def describe(path: Path) -> Donor:
    """Describe every series of an export that can be cloned.

    Raises UnusableInput if it cannot be read, or is one series without its session.
    """
    folders = _load(path, to_write=False).folders
    frames = [folder.session().scanner for folder in folders]
    kinds = [(frame.get("MR_VERSION", ""), frame.get("fieldstrength", "")) for frame in frames]
    (version, gauss), _ = Counter(kinds).most_common(1)[0]
    # What is of another scanner has a file of its own.
    alike = [folder for folder, kind in zip(folders, kinds, strict=True) if kind == (version, gauss)]
    return Donor(
        file=str(path), sha256="", vendor="ge", release=version.partition("#")[0] or None,
        field_strength=facts.tesla(gauss), steps=tuple(chain.from_iterable(map(_described, alike))),
    )  # fmt: skip


def _load(path: Path, *, to_write: bool) -> Package:
    if path.is_file() and container.sniff(path, limits.head(path)) != "ge-protocol":
        raise UnusableInput(path, "no protocol archive: a donor needs session.xml and all its series")
    return container.load(path, to_write=to_write)


def _described(folder: Folder) -> Iterator[DonorStep]:
    frame = folder.session()
    path = tuple(word for word in (frame.meta.get("anatomy"), frame.name) if word)
    series = list(sources(folder))
    calibrations = [one.key for one in series if one.is_calibration]
    for index, one in enumerate(series):
        scan, _ = scan_of(one.task.name, dict(one.values), one.task.scan_time, entry=frame.entry)
        scan = scan.model_copy(update={"vendor": {}})
        needs = calibrations[:1] if _needs_calibration(one) else []
        inverts = facts.INVERSION_OPTION in one.tokens and scan.inversion_time is None
        yield DonorStep(
            key=one.key, path=path, index=index, scan=scan, region=region_of(scan.body_part, path, scan.name),
            inversions=1 if inverts else None, is_localizer=one.is_localizer,
            is_calibration=one.is_calibration, research=_research(one.values), needs=tuple(needs),
            inherited=relations.inherited(one.values, scan),
        )  # fmt: skip


def _needs_calibration(one: Source) -> bool:
    """Asset takes the coil sensitivities of a series before it, where the prescan does not measure them."""
    return "Asset" in one.tokens and one.values.get(facts.PRESCAN_CALIBRATION) != "On"


def _research(values: Mapping[str, str]) -> str:
    name = values.get(facts.PSDNAME, "")
    return f"its PSDNAME {name!r} is no product" if name and not facts.is_product(name) else ""


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
    seconds : float or None
        Scan time.
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
    job = Build.of(protocol, target, options)
    exports = _Exports(plan)
    donor, base = exports.frame()
    meta, found = base.session().meta, exports.packages[donor.file]
    clones = list(_clones(_without_gaps(slots(protocol, job.reasons), plan, job.reasons), exports, base, job))
    folder = job.names.protocol_folder(protocol, meta.get("humanoid", "adult"), meta.get("anatomy"))
    members = _members(found, base, clones, folder, _session(base, clones, job), job.names.mtime)
    face = _FACE.format(name=Path(donor.file).name, digest=donor.sha256)
    remarks = (
        *_clone_remarks(clones), *_left_out(found, base, clones, options), *_filed(protocol, meta),
        *writer.name_notes(protocol),
    )  # fmt: skip
    return Export(
        "donor",
        {
            writer.TAR: archive.pack(members),
            f"{writer.REPORTS}/{folder}.html": writer.report(job, face, map(_row, clones)),
        },
        notes=remarks,
        donor=DonorFile(Path(donor.file).name, donor.sha256),
        reasons=job.reasons,
        origins=writer.origins_of((made.slot, False) for made in clones),
    )


def _without_gaps(wanted: list[Slot], plan: Plan, reasons: Reasons) -> list[Slot]:
    """Leave out scans without a donor step; those that must be there become a pause or are rendered."""
    kept: list[Slot] = []
    waiting: list[tuple[int | None, Any]] = []
    for slot in wanted:
        choice = plan.choices[slot.index]
        if choice.action in ("clone", "template"):
            kept.append(slot)
            slot.before[:0], waiting = waiting, []
        else:
            pause = [] if choice.action == "leave_out" else [(None, Pause(text=choice.text))]
            waiting += [*slot.before, *pause, *slot.after]
            reasons.why(slot.index, "kind", choice.missing or "no donor step serves")
    if kept:
        kept[-1].after += waiting
    return kept


def _clones(written: list[Slot], exports: _Exports, base: Folder, job: Build) -> Iterator[Clone]:
    """Series in the order of the card, each in a directory of its own."""
    used: set[str] = set()
    for slot, choice, source in _in_order(written, exports):
        if source is None:
            assert slot is not None
            yield _rendered(slot, exports.plan, job)
            continue
        again = source.task.folder in used
        used.add(source.task.folder)
        folder = source.task.folder
        if again or job.options.nameless:
            # The donor's own folder is named after what the site called the series, and the day of it.
            folder = job.names.series_folder(slot.scan.name if slot else source.task.name)
        made = clone(slot, choice, source, folder, job) if slot and choice else _along(source, folder)
        foreign = again or source.folder is not base
        yield replace(made, markup=renumbered(made.markup, job.names)) if foreign else made


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


def _session(base: Folder, clones: list[Clone], job: Build) -> bytes:
    parts = _parts(base)
    head = session.rename(parts.head, "session", writer.session_name(job.protocol.name))
    if not job.options.keep_notes:
        head = session.map_property(head, "description", lambda _: " ".join(job.options.warnings))
    for name, word in _entry(job).items():
        head = session.set_property(head, name, word)
    body = "".join(made.markup for made in clones)
    return (head + parts.between + _without_loose_links(body) + parts.tail).encode("utf-8")


def _entry(job: Build) -> dict[str, str]:
    """Entry and position of the patient, where the spec states them or the donor's are reset."""
    choices = job.options.plan.choices.values() if job.options.plan else ()
    stated = any(scan.patient_position for scan in job.protocol.acquisitions)
    if not (stated or any("patient_position" in choice.reset for choice in choices)):
        return {}
    return dict(zip(("entry", "position"), writer.entry(job.protocol), strict=True))


def _without_loose_links(body: str) -> str:
    """Take out imports whose source did not come along; they would point nowhere."""
    if all(f'id="{target}"' in body for target in _LINK.findall(body)):
        return body
    return session.without_elements(body, _LINK_TYPE)


def _members(
    found: Package, base: Folder, clones: list[Clone], folder: str, session_data: bytes, mtime: int
) -> Iterator[archive.Member]:
    """Members of the export in the donor's order, then what is new; only session, pairs and notes change."""
    content: dict[str, bytes | None] = {folder: None, f"{folder}/{container.SESSION}": session_data}
    for made in clones:
        content |= container.series_files(f"{folder}/{made.folder}", made.pairs, made.note)
    for member in (member for tar in found.archives.values() for member in tar.members):
        name = _moved(member.name, base.name, folder)
        if name in content and not member.is_apple_double:
            data = content.pop(name)
            renamed = archive.with_name(member, name)
            yield renamed if data is None else archive.with_data(renamed, data)
    for name in sorted(content, key=lambda name: (name.count("/"), name)):
        yield archive.new_member(name, content[name], mtime)


def _moved(name: str, old: str, new: str) -> str | None:
    """Path of a member of the protocol directory in the export; ``None`` for members of others."""
    if name == old:
        return new
    stem = "" if old == "." else f"{old}/"
    return f"{new}/{name[len(stem) :]}" if name.startswith(stem) else None


def _left_out(found: Package, base: Folder, clones: list[Clone], options: BuildOptions) -> Iterator[Note]:
    """Say what of the donor files is not in the export."""
    used = [made.source for made in clones if made.source]
    if left := [one.task.name for one in sources(base) if one.key not in {source.key for source in used}]:
        yield Note(code="series-dropped", message=f"series of the donor left out: {', '.join(left)}")
    if others := {one.folder.name for one in used} - {base.name}:
        message = f"series come from {len(others) + 1} protocols of the donors: check that the coils agree"
        yield Note(code="several-protocols", message=message)
    if not all(map(session.is_scanning, _parts(base).tasks)):
        yield Note(code="tasks-dropped", message="tasks of the donor that are no series are left out")
    if container.METADATA in base.files:
        message = f"{container.METADATA} left out: its checksum fits the donor only"
        yield Note(code="metadata-dropped", message=message)
    if apple := sum(member.is_apple_double for tar in found.archives.values() for member in tar.members):
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


def _row(made: Clone) -> writer.ReportRow:
    name, paragraphs = (made.slot.scan.name, made.slot.paragraphs) if made.slot else (made.was, [])
    return name, made.seconds, paragraphs, tuple(lxprotocol.parse(made.pairs, made.folder))


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


def clone(slot: Slot, choice: Choice, source: Source, folder: str, job: Build) -> Clone:
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
    own = job.reasons.at(slot.index, slot.scan.name)
    cleared = relations.reset(source.values, source.fields, choice.reset, job.protocol.region)
    draft, wanted = _wanted(slot, replace(source, values=_applied(source.values, cleared)), source)
    document = _applied(source.values, {**cleared, **wanted})
    if not source.stays:
        gate.hold(relations.RELATIONS, document, own)
    patched = source.patched(_difference(source.values, document))
    writer.leave(draft, own)
    own.why("vendor", "with a donor these stay as the donor has them")
    seconds = _seconds(slot, source, patched.changed, job.options)
    if seconds is None:
        own.why("acquisition_duration", "the time of what was written is not known")
    slot.add(writer.what_is_left(slot.scan, slot.paragraphs, document, job.reasons, slot.index))
    markup = _markup(source, document, patched.changed, slot.scan.name, folder, seconds, job.options)
    note = _note(slot, source, job.options)
    return Clone(slot, source, folder, patched.data, note, markup, patched.changed, seconds)


def _along(source: Source, folder: str) -> Clone:
    """A localizer or calibration of the site, as it is but for the contrast agent."""
    patched = source.patched(_changes({facts.CONTRAST: "No"}, source.values))
    markup = _moved_to(folder, source, session.without_elements(source.markup, session.NETWORK_TASK))
    note = writer.note([])
    return Clone(None, source, folder, patched.data, note, markup, patched.changed, source.task.scan_time)


def _rendered(slot: Slot, plan: Plan, job: Build) -> Clone:
    """A scan that no donor serves, from templates for the release of the donors; its note says so."""
    slot.add(TEMPLATE)
    job = replace(job, target=job.target.model_copy(update={"software": plan.release}))
    item = writer.Series(slot, job)
    markup = session.split(writer.session_of(job, [item])).tasks[0]
    return Clone(slot, None, item.folder, item.written.text, item.note, markup, (), item.seconds)


def _applied(values: Mapping[str, str], changes: Mapping[str, str | None]) -> dict[str, str]:
    return {key: text for key, text in {**values, **changes}.items() if text is not None}


def _difference(old: Mapping[str, str], new: Mapping[str, str]) -> Changes:
    changed: Changes = {key: text for key, text in new.items() if old.get(key) != text}
    return changed | {key: None for key in old if key not in new}


def _wanted(slot: Slot, clean: Source, donor: Source) -> tuple[Draft, Changes]:
    """Keys to set or to remove. A localizer or calibration of the site stays as it is."""
    draft = writer.encode(slot.scan, clean.family, "MR" if _is_new(donor) else "DV")
    contrast = contrast_pairs(slot)
    if donor.stays:
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


def _changes(wanted: Mapping[str, str], present: Mapping[str, str]) -> Changes:
    """Leave out what the donor says already, be it with other digits or by saying nothing."""
    have = {**_IMPLIED, **present}
    return {key: text for key, text in wanted.items() if not _alike(key, text, have.get(key))}


def _alike(key: str, wanted: str, have: str | None) -> bool:
    if key == facts.IOPT:
        return set(facts.options(wanted)) == set(facts.options(have or ""))
    return have is not None and (have.strip() == wanted or _same_number(have, wanted))


def _same_number(one: str, other: str) -> bool:
    try:
        return float(one) == float(other)
    except ValueError:
        return False


def _fit_slab(draft: Draft, source: Source) -> None:
    """Keep the donor's surplus of locations over images, which the sequence discards at the slab ends."""
    wanted, in_slab = draft.scan.number_of_slices, facts.SLAB_LOCATIONS in source.values
    if not draft.is_3d or wanted is None or (draft.scan.slab_thickness and in_slab):
        return
    key = facts.SLAB_LOCATIONS if in_slab else facts.LOCATIONS
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
    text = _moved_to(folder, source, text)
    if changed:
        text = session.map_property(text, "IMAGE_ATTRIBUTES", lambda old: _attributes(old, values, changed))
    if seconds != source.task.scan_time:
        text = session.set_scan_time(text, None if seconds is None else writer.milliseconds(seconds))
    return text


def _moved_to(folder: str, source: Source, markup: str) -> str:
    """Let a task point to another directory than it did."""
    return markup if folder == source.task.folder else session.set_property(markup, session.CONTENT, folder)


def _attributes(old: str, values: Mapping[str, str], changed: tuple[str, ...]) -> str:
    """Bring the summary of session.xml in line with the keys that changed."""
    entries = session.split_pairs(old)
    for name, key in writer.IMAGE_ATTRIBUTES.items():
        if name in entries and key in changed and key in values:
            entries[name] = values[key]
    if facts.FOV in changed and "DATA_FOV" in entries:
        entries["DATA_FOV"] = f"{float(values[facts.FOV]) * 10:g}"
    if {facts.IOPT, facts.DIRECTION_MODE} & set(changed) and "DATA_APP" in entries:
        entries["DATA_APP"] = facts.application(values, entries["DATA_APP"])
    if any(key in changed for key in facts.GEOMETRY_KEYS):
        entries.pop("CORNER_POINTS", None)
        for places, name in ((facts.STARTS, "DATA_STARTLOC"), (facts.ENDS, "DATA_ENDLOC")):
            entries |= {f"{name}{index}": values.get(key, "0.0") for index, key in enumerate(places, 1)}
    return session.join_pairs(entries)


def renumbered(markup: str, names: writer.Names) -> str:
    """Give the data blocks of a second copy ids of their own."""
    fresh = {old: names.data_id() for old in dict.fromkeys(_OWN_ID.findall(markup))}
    return _ID.sub(lambda match: fresh.get(match[0], match[0]), markup)


def _note(slot: Slot, source: Source, options: BuildOptions) -> bytes:
    """The note of the series: ours alone, or ours after the donor's if notes may travel."""
    old = source.folder.note(source.task)
    if not options.keep_notes or old is None:
        return writer.note(slot.paragraphs)
    if not slot.paragraphs or b"</body>" not in old:
        return old
    own = writer.note(slot.paragraphs)
    inner = own[own.index(b"<body>\n") + 7 : own.rindex(b"  </body>")]
    cut = old.rindex(b"</body>")
    return old[:cut].rstrip(b" ") + inner + b"  " + old[cut:]


def _clone_remarks(clones: list[Clone]) -> Iterator[Note]:
    """Say of each series what it was made from, and what became of its time."""
    for made in clones:
        if made.source is None and made.slot:
            yield Note(code="from-template", step=made.slot.index, message=TEMPLATE)
        elif made.slot is None:
            yield Note(code="along", message=f"{made.was!r} of the donor comes along unchanged")
        elif made.source:
            yield from _changed(made, made.source.task.scan_time, made.slot.index)


def _changed(made: Clone, old: float | None, index: int) -> Iterator[Note]:
    kept = ", ".join(made.changed) or "nothing but its name"
    yield Note(code="made-from", step=index, message=f"made from {made.was!r}; changed: {kept}")
    if made.seconds != old:
        was, now = (f"{time:g} s" if time is not None else "none" for time in (old, made.seconds))
        message = f"scan time: donor {was}, now {now}"
        yield Note(code="scan-time", step=index, field="acquisition_duration", message=message)
