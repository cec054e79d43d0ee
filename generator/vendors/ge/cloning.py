"""One series of a donor, cloned and patched: its pairs, its entry in session.xml and its note."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from generator.model.tree import Note
from generator.vendors.dialect import BuildOptions, Losses
from generator.vendors.ge import account, facts, locations, lxprotocol, notes, package, rendering, session
from generator.vendors.ge.decode import decode
from generator.vendors.ge.draft import Draft
from generator.vendors.ge.encode import encode
from generator.vendors.ge.matching import DonorSeries
from generator.vendors.ge.steps import Slot, contrast_pairs
from generator.vendors.ge.writer import milliseconds, report_duration

_IMPLIED = {
    "NECHO": "1", "INRANGETR": "0", "MATRIXZ": "100.00", "NPW_FACTOR": "1.00", "SLICEACCEL": "1.00",
}  # fmt: skip
"""What a series without the key means anyway: no reason to add it."""

_TIMELESS = {"CONTRAST", "CONTAG", "CONTAM", "SWAPPF", *locations.GEOMETRY_KEYS, "GRIP_NUMSLGROUPS", "PLANE"}
_VIEW = ("field_of_view", "acquisition_matrix", "voxel_size")
_GROUPS: Mapping[tuple[str, ...], tuple[str, ...]] = {
    _VIEW: ("FOV", "PHASEFOV", "MATRIXX", "MATRIXY", "MATRIXZ"),
    ("pixel_bandwidth", *_VIEW): ("RBW",),
    ("fat_suppression",): ("SUPPTQ",),
    ("number_of_slices", "slab_thickness"): ("NOSLC", "SLABLOC", "SCANLOCS"),
    ("repetition_time", "repetition_time_preparation", "repetition_time_excitation"): ("TR", "INRANGETR"),
    ("b_values", "b_value_averages", "diffusion_directions"): (
        "MULTIBVALUE", "MULTINEXVALUE", "NUMBVALUE", "DIFNUMT2", "NEXFORT2", "DIFNUMDIRS", "DFAX",
    ),
    ("plane", "number_of_slices", "slice_thickness", "slice_gap"): locations.GEOMETRY_KEYS,
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
    slot: Slot, source: DonorSeries, folder: str, software: str, options: BuildOptions, losses: Losses
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
    _report(slot, draft, values, losses)
    slot.add(notes.by_hand(loss for loss in losses.found if loss.step == slot.index))
    seconds = _seconds(slot, source, patched.changed, options)
    report_duration(slot.scan, seconds, losses)
    markup = _markup(source, values, patched.changed, slot.scan.name, folder, seconds, options)
    note = _note(slot, source, options)
    remarks = tuple(_remarks(slot, source, patched.changed, seconds))
    return Clone(source, folder, patched.data, note, markup, patched.changed, seconds, remarks)


def _wanted(slot: Slot, source: DonorSeries, software: str) -> tuple[Draft, dict[str, str | None]]:
    """Keys to set or to remove. A localizer or calibration of the site stays as it is."""
    draft = encode(slot.scan, source.family, software)
    contrast = contrast_pairs(slot)
    if source.is_localizer or source.fields.get("role") == "calibration":
        draft.why = dict.fromkeys(_fields(slot), "localizers and calibrations stay as the site has them")
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
    return wanted is None or account.equal(wanted, have)


def _fields(slot: Slot) -> list[str]:
    return [name for name in type(slot.scan).model_fields if getattr(slot.scan, name) is not None]


def _changes(wanted: Mapping[str, str], present: Mapping[str, str]) -> dict[str, str | None]:
    """Leave out what the donor says already, be it with other digits or by saying nothing."""
    changes: dict[str, str | None] = {}
    for key, value in wanted.items():
        have = present.get(key, _IMPLIED.get(key))
        if key == "IOPT":
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
    if not draft.is_3d or wanted is None or (draft.scan.slab_thickness and "SLABLOC" in source.values):
        return
    key = "SLABLOC" if "SLABLOC" in source.values else "SCANLOCS"
    images, located = source.fields.get("number_of_slices"), source.values.get(key, "")
    surplus = int(located) - images if isinstance(images, int) and located.isdecimal() else 0
    for name in ("SLABLOC", "SCANLOCS"):
        draft.values.pop(name, None)
    draft.put(key, wanted + surplus)


def _fit_bandwidth(draft: Draft, source: DonorSeries) -> None:
    """Some consoles keep a bandwidth for EPI too; where the donor has one, it is set."""
    wanted, columns = draft.scan.pixel_bandwidth, draft.values.get("MATRIXX")
    if "RBW" in source.values and "RBW" not in draft.values and wanted and columns:
        draft.put("RBW", facts.receiver_bandwidth(wanted, int(columns)))
        draft.why["pixel_bandwidth"] = "receiver bandwidths come in steps of the dwell time"


def _centre(draft: Draft, source: DonorSeries) -> None:
    """Slices that differ from the donor's lose its position: they are centred, along a main plane."""
    place = next(names for names, keys in _GROUPS.items() if keys is locations.GEOMETRY_KEYS)
    if "SLOC1" in draft.values and not all(_agrees(name, draft, source) for name in place):
        draft.removed.update(dict.fromkeys(locations.GEOMETRY_KEYS))
        draft.values["GRIP_NUMSLGROUPS"] = "0"


def _report(slot: Slot, draft: Draft, values: dict[str, str], losses: Losses) -> None:
    back, _ = decode(values)
    for paragraph in slot.paragraphs:
        back.update(notes.read_fields(paragraph))
    account.report(draft, back, losses)
    other = sorted(key for key, value in slot.scan.vendor.items() if values.get(key) != value)
    if other:
        losses.unsupported("vendor", other, "with a donor these stay as the donor has them")


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
        text = session.set_scan_time(text, None if seconds is None else milliseconds(seconds))
    return text


def _attributes(old: str, values: Mapping[str, str], changed: tuple[str, ...]) -> str:
    """Bring the summary of session.xml in line with the keys that changed."""
    entries = session.split_pairs(old)
    for name, key in rendering.IMAGE_ATTRIBUTES.items():
        if name in entries and key in changed and key in values:
            entries[name] = values[key]
    if "FOV" in changed and "DATA_FOV" in entries:
        entries["DATA_FOV"] = f"{float(values['FOV']) * 10:g}"
    if any(key in changed for key in locations.GEOMETRY_KEYS):
        entries.pop("CORNER_POINTS", None)
        for index in "123":
            for stem, name in (("SLOC", "DATA_STARTLOC"), ("ELOC", "DATA_ENDLOC")):
                entries[name + index] = values.get(stem + index, "0.0")
    return session.join_pairs(entries)


def renumbered(clones_markup: str, names: rendering.Names) -> str:
    """Give the data blocks of a second copy ids of their own."""
    fresh = {old: names.data_id() for old in dict.fromkeys(_OWN_ID.findall(clones_markup))}
    return _ID.sub(lambda match: fresh.get(match[0], match[0]), clones_markup)


def _note(slot: Slot, source: DonorSeries, options: BuildOptions) -> bytes:
    """The note of the series: ours alone, or ours behind the donor's if notes may travel."""
    old = source.folder.files.get(f"{source.task.folder}/{package.NOTE}")
    if not options.keep_notes or old is None:
        return rendering.note(slot.paragraphs)
    if not slot.paragraphs or b"</body>" not in old:
        return old
    own = rendering.note(slot.paragraphs)
    inner = own[own.index(b"<body>\n") + 7 : own.rindex(b"  </body>")]
    cut = old.rindex(b"</body>")
    return old[:cut].rstrip(b" ") + inner + b"  " + old[cut:]


def _remarks(slot: Slot, source: DonorSeries, changed: tuple[str, ...], seconds: float | None) -> list[Note]:
    kept = "nothing but its name" if not changed else ", ".join(changed)
    made = Note(code="made-from", step=slot.index, message=f"made from {source.task.name!r}; changed: {kept}")
    if seconds == source.task.scan_time:
        return [made]
    old, new = (f"{time:g} s" if time is not None else "none" for time in (source.task.scan_time, seconds))
    message = f"scan time: donor {old}, now {new}"
    return [made, Note(code="scan-time", step=slot.index, field="acquisition_duration", message=message)]
