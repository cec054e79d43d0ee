"""The members of a MrProt block and the neutral fields: what they mean, and how they are written.

Fields of one member each are rows; what a row cannot say has a module by theme, with reading beside writing.
Where a rule is not known to hold for a sequence, the field stays ``None`` and a note says why.
Source: formats/siemens.md section 6 and the traps of section 12.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from generator.model import words
from generator.model.tree import Acquisition
from generator.vendors import rows
from generator.vendors.gate import hold
from generator.vendors.siemens import facts as f
from generator.vendors.siemens.container.ascconv import Ascconv, Value, equal
from generator.vendors.siemens.fields import acceleration, contrast, geometry, times
from generator.vendors.siemens.fields.block import Changes, Fields, MrProt, Says, open_protocol, same
from generator.vendors.siemens.fields.relations import RELATIONS, Draft


def read_fields(block: Ascconv) -> tuple[Fields, MrProt]:
    """Translate a MrProt block into the fields of an acquisition.

    Returns
    -------
    fields : dict
        Neutral field to value; fields that the block does not hold are absent or ``None``.
    protocol : MrProt
        The block with its doubts, for notes.
    """
    p = open_protocol(block)
    fields: Fields = {}
    for rule in _READ:
        fields.update(rule(p))
    return fields, p


# --- writing -----------------------------------------------------------------------------------------


# What an absent member means; a change to that value needs no new line.
_ABSENT: dict[str, float] = {
    f.INV_CONTRASTS: 1,
    f.MULTIBAND: 1,
    f.REPETITIONS: 0,
    f.PHASE_OVERSAMPLING: 0,
    f.SLICE_OVERSAMPLING: 0,
    f"{f.GROUP}[0].{f.DISTANCE_FACTOR}": 0,
    f.GROUPS: 1,
}


def write_fields(a: Acquisition, duration: float | None, old: Ascconv, reasons: Says) -> Changes:
    """Members to set for an acquisition.

    Parameters
    ----------
    a : Acquisition
        A resolved acquisition.
    duration : float or None
        Seconds to state as the time of the scan.
    old : Ascconv
        The block that is changed: a donor's, or the skeleton of a template.
    reasons : Says
        Is given what cannot be written as it is wanted.

    Returns
    -------
    dict
        Key to value, ``None`` for a member that has to go.
    """
    changes: Changes = {}
    for name in _computed(a, old):
        reasons.derived(name)
    a = still_open(a, old)
    for rule in _WRITE:
        changes |= rule(a, old)
    changes |= write_plain(a, old, reasons)
    changes = _held(changes, old, reasons)
    if duration is not None and round(duration) != old.integer(f.TOTAL_TIME):
        changes |= times.scan_times(round(duration), changes, old)
    return {k: v for k, v in changes.items() if not _needless(k, v, old)}


def _computed(a: Acquisition, old: Ascconv) -> tuple[str, ...]:
    """Fields that the sequence computes and no protocol stores; segments of a readout are stored."""
    planar = a.technique in ("echo_planar_diffusion", "echo_planar_bold")
    shots = open_protocol(old).sequence.train != "segmented"
    return (*f.COMPUTED, *("echo_train_length",) * planar, *("number_of_shots",) * shots)


def _held(changes: Changes, old: Ascconv, reasons: Says) -> Changes:
    """The changes with what brings the block to the relations of real files; none if nothing changes."""
    wanted = {k: v for k, v in changes.items() if not _needless(k, v, old)}
    if not wanted:
        return wanted
    draft = Draft(old, dict(wanted))
    hold(RELATIONS, draft, reasons)
    if draft.changes.get(f.REF_LINES) != wanted.get(f.REF_LINES):
        reasons.derived("reference_lines")
    return draft.changes


# Fields whose members depend on one another: if one of them changes, all of them are written.
_COUPLED = (
    ("field_of_view", "acquisition_matrix", "voxel_size", "phase_oversampling", "pixel_bandwidth"),
    geometry.SLICE_FIELDS,
    ("b_values", "b_value_averages", "diffusion_directions", "diffusion_scheme"),
    ("repetition_time", "repetition_time_preparation", "repetition_time_excitation"),
)  # fmt: skip
# Written even if unchanged: these define the scan, and an inversion time that is not stated means none.
_KEPT = {"technique", "mr_acquisition_type", "inversion_time", "second_inversion_time"}


def still_open(a: Acquisition, old: Ascconv) -> Acquisition:
    """The acquisition without what the block says already, so that an edit changes nothing else."""
    said = read_fields(old)[0]
    stated = {n for n in type(a).model_fields if n not in _KEPT and getattr(a, n) is not None}
    done = {n for n in stated if same(getattr(a, n), said.get(n))}
    if said.get("mr_acquisition_type") not in (None, a.mr_acquisition_type or said["mr_acquisition_type"]):
        return a
    for group in _COUPLED:
        if stated.intersection(group) - done:
            done -= set(group)
    return a.model_copy(update=dict.fromkeys(done))


def doubt(a: Acquisition, now: Ascconv, was: Ascconv | None, reasons: Says) -> None:
    """Say of what was written which values are near ones, or of codes that are only assumed.

    Parameters
    ----------
    was : Ascconv or None
        The donor's block: what was there already is no assumption of this program.
    """
    fields, protocol = read_fields(now)
    before = read_fields(was)[0] if was else {}
    for (name, value), text in f.DOUBTS.items():
        if getattr(a, name) != value:
            continue
        if fields.get(name) != value:
            reasons.why(name, text)
        elif before.get(name) != value:
            reasons.doubt(name, text)
    if (segments := fields.get("number_of_shots") or 1) > 1 and a.number_of_shots not in (None, segments):
        reasons.why("number_of_shots", "the donor's sequence reads out in segments, which stay as they are")
    for code, name, message in protocol.doubts:
        known = name in before and before[name] == fields.get(name)
        if code == "unverified-code" and getattr(a, name, None) is not None and not known:
            reasons.doubt(name, message)


def _needless(key: str, value: Value, old: Ascconv) -> bool:
    if (raw := old.raw.get(key)) is not None:
        return value is not None and equal(raw, value)
    return value is None or value == _ABSENT.get(key) or value is False


# --- fields of one member each, coils, bands and reconstruction ----------------------------------------


class Members:
    """The members of a block as the rows see them; what is written is collected as changes."""

    def __init__(self, block: Ascconv) -> None:
        self.block = block
        self.changes: Changes = {}

    def get(self, key: str) -> Any:
        """Return the number of a member, whole if it is."""
        number = self.block.number(key)
        return int(number) if number is not None and number == int(number) else number

    def put(self, key: str, raw: Any) -> None:
        """Set a member."""
        self.changes[key] = raw

    def drop(self, key: str) -> None:
        """Remove a member."""
        self.changes[key] = None


def read_plain(p: MrProt) -> Fields:
    """Fields of one member each."""

    def odd(row: rows.Row, key: str, error: ValueError) -> None:
        p.doubt(row.field, f"{key}: {error}", "unknown-code")

    found = {row.field: value for row, _, value in rows.read(f.ROWS, Members(p.block), odd)}
    return found | {
        "interpolation": _interpolation(p),
        "slice_order": None if p.is_3d else f.SLICE_ORDERS_READ.get(p.block.whole(f.SLICE_ORDER)),
        "table_position": p.block.number(f.TABLE, 0.0) if p.block.flag(f.TABLE_VALID) else None,
        "deep_learning_reconstruction": _deep_learning(p),
        "receive_coils": _coils(p),
        **_bands(p),
    }


def write_plain(a: Acquisition, old: Ascconv, reasons: rows.Why) -> Changes:
    """Fields of one member each."""
    members = Members(old)
    rows.write(f.ROWS, a, members, reasons)
    if a.interpolation is not None and a.interpolation != 1.5:
        doubled, factor = f.INTERPOLATION
        members.changes |= {doubled: a.interpolation > 1, factor: None}
    return members.changes


def _interpolation(p: MrProt) -> float:
    doubled, factor = (p.block.real(key) for key in f.INTERPOLATION)
    if factor == 1:
        message = f"{f.INTERPOLATION[1]} = 1 is printed On; twofold by the printed voxel of one protocol"
        p.doubt("interpolation", message, "unverified-rule")
        return 2.0
    return 2.0 if doubled else max(factor, 1.0)


def _deep_learning(p: MrProt) -> str | None:
    """Name as the console shows it, with its strength where one is stored; ``None`` before XA50."""
    b = p.block
    mode, method = b.integer(f.DEEP_MODE), b.whole(f.DEEP_METHOD)
    if mode is None or mode not in (1, 2):
        return None
    if mode == 1:
        return "none"
    strength = b.integer(f.DEEP_STRENGTH[method]) if method in f.DEEP_STRENGTH else None
    parts = [f.DEEP_METHODS.get(method, "Deep Resolve"), f"{strength}" if strength else ""]
    return " ".join(filter(None, parts)) + (", Sharp" if b.flag(f.DEEP_SHARP) else "")


def _coils(p: MrProt) -> tuple[str, ...] | None:
    """Names of the coils whose elements are selected; XA selects them at the scanner and stores none."""
    return tuple(dict.fromkeys(elements(p.block, "tCoilID"))) or None


def elements(block: Ascconv, member: str) -> list[str]:
    """A text of every coil element that is selected: of its coil, or its own."""
    raw, found = block.raw, []
    for stem in f.COILS:
        for i in range(512):
            if (text := raw.get(f"{stem}[{i}].sCoilElementID.{member}")) is None:
                break
            found.append(text.strip('"'))
    return found


# --- saturation bands -----------------------------------------------------------------------------------


def _bands(p: MrProt) -> Fields:
    """Regional bands with the side of the slices on which they lie, and the band that travels with them."""
    count = min(p.block.whole(f.SATURATION_BANDS), 32)
    places = [_side(p, f"{f.BAND}[{i}]") for i in range(count)]
    if p.block.flag(f.TRACKING):
        places.append("parallel")
    return {"saturation_bands": len(places), "saturation_band_positions": tuple(places) or None}


def _side(p: MrProt, stem: str) -> words.BandPosition:
    """Side of a band as seen from the middle of the slices, along the axis that its normal is nearest to."""
    normal = _vector(p, f"{stem}.{f.NORMAL}")
    axis = max(range(3), key=lambda i: abs(normal[i]))
    count = min(p.block.whole(f.SLICES, 1), 512)
    first, last = (_vector(p, f"{f.SLICE}[{i}].{f.POSITION}")[axis] for i in (0, count - 1))
    offset = _vector(p, f"{stem}.{f.POSITION}")[axis] - (first + last) / 2
    if math.isclose(offset, 0.0, abs_tol=_CENTRAL):
        return "free"
    return f.SIDES[axis][offset > 0]


_CENTRAL = 5.0
"""Millimetres from the middle of the slices within which a band is on neither side."""


def _vector(p: MrProt, stem: str) -> tuple[float, ...]:
    return tuple(p.block.real(f"{stem}.{axis}") for axis in f.AXES)


_READ: tuple[Callable[[MrProt], Fields], ...] = (
    contrast.read_identity,
    times.read_times,
    times.read_angles,
    geometry.read_geometry,
    times.read_readout,
    times.read_repetition,
    acceleration.read_acceleration,
    contrast.read_contrast,
    contrast.read_diffusion,
    read_plain,
)
_WRITE: tuple[Callable[[Acquisition, Ascconv], Changes], ...] = (
    times.write_times,
    times.write_angles,
    geometry.write_matrix,
    geometry.write_partitions,
    geometry.write_slices,
    times.write_readout,
    times.write_repetition,
    acceleration.write_acceleration,
    contrast.write_contrast,
    contrast.write_diffusion,
)
