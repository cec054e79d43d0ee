"""The members of a MrProt block and the neutral fields: what they mean, and how they are written.

Each theme has a module with reading beside writing. Where a rule is not known to hold for a sequence, the
field stays ``None`` and a note says why. Source: formats/siemens.md section 6 and the traps of section 12.
"""

from __future__ import annotations

from collections.abc import Callable

from generator.model.tree import Acquisition
from generator.vendors.gate import hold
from generator.vendors.siemens import facts as f
from generator.vendors.siemens.container.ascconv import Ascconv, Value, equal
from generator.vendors.siemens.fields import (
    acceleration,
    contrast,
    diffusion,
    geometry,
    plain,
    readout,
    times,
)
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
    f.ELLIPTICAL: 0,
    f.MTC: 0,
    f.SWI: 0,
    f.UNDERSAMPLING: 1,
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
    for name in _computed(a):
        reasons.derived(name)
    a = still_open(a, old)
    for rule in _WRITE:
        changes |= rule(a, old)
    changes |= plain.write_plain(a, old, reasons)
    changes = _held(changes, old, reasons)
    if duration is not None and round(duration) != old.integer(f.TOTAL_TIME):
        changes |= times.scan_times(round(duration), changes, old)
    return {k: v for k, v in changes.items() if not _needless(k, v, old)}


def _computed(a: Acquisition) -> tuple[str, ...]:
    """Fields that the sequence computes and no protocol stores."""
    planar = a.technique in ("echo_planar_diffusion", "echo_planar_bold")
    return (*f.COMPUTED, *(("echo_train_length",) if planar else ()))


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
    ("parallel_reduction_factor_in_plane", "parallel_reduction_factor_out_of_plane", "multiband_factor",
     "reference_scan"),
    ("b_values", "b_value_averages", "diffusion_directions", "diffusion_scheme"),
    ("repetition_time", "repetition_time_preparation", "repetition_time_excitation"),
)  # fmt: skip
# Written even if unchanged: these define the scan, and an inversion time that is not stated means none.
_KEPT = {
    "kind",
    "name",
    "technique",
    "mr_acquisition_type",
    "inversion_time",
    "second_inversion_time",
    "vendor",
}


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


_READ: tuple[Callable[[MrProt], Fields], ...] = (
    contrast.read_identity,
    times.read_times,
    times.read_angles,
    geometry.read_geometry,
    readout.read_readout,
    readout.read_repetition,
    acceleration.read_acceleration,
    contrast.read_contrast,
    diffusion.read_diffusion,
    plain.read_plain,
)
_WRITE: tuple[Callable[[Acquisition, Ascconv], Changes], ...] = (
    times.write_times,
    times.write_angles,
    geometry.write_matrix,
    geometry.write_partitions,
    geometry.write_slices,
    readout.write_readout,
    readout.write_repetition,
    acceleration.write_acceleration,
    contrast.write_contrast,
    diffusion.write_diffusion,
)
