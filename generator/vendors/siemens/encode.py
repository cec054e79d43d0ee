"""Neutral fields to members of a MrProt block: the inverse of :mod:`derive`, for templates and donors alike.

A field that the spec does not state stays as it is in the block. What could not be said is found by reading
the result back (:mod:`audit`), so nothing is listed here twice.
"""

from __future__ import annotations

from collections.abc import Callable

from generator.model.tree import Acquisition
from generator.vendors.siemens import facts as f
from generator.vendors.siemens.ascconv import Ascconv, Value
from generator.vendors.siemens.block import open_protocol, same
from generator.vendors.siemens.derive import derive
from generator.vendors.siemens.encode_matrix import (
    SLICE_FIELDS,
    fov,
    is_3d,
    matrix,
    old_fov,
    partitions,
    points,
    slices,
)

Changes = dict[str, Value]

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
_DWELL_RASTER = 100
_SPIN_ECHO_TRAINS = ("turbo_spin_echo", "single_shot_turbo_spin_echo")
_NEAREST_FAT = {"spir": "fat_saturation", "stir": "none"}


def encode(a: Acquisition, duration: float | None, old: Ascconv) -> Changes:
    """Members to set for an acquisition.

    Parameters
    ----------
    a : Acquisition
        A resolved acquisition.
    duration : float or None
        Seconds to state as the time of the scan.
    old : Ascconv
        The block that is changed: a donor's, or the skeleton of a template.

    Returns
    -------
    dict
        Key to value, ``None`` for a member that has to go.
    """
    changes: Changes = {}
    a = still_open(a, old)
    for rule in _RULES:
        changes |= rule(a, old)
    if duration is not None and round(duration) != old.integer(f.TOTAL_TIME):
        changes |= _scan_times(round(duration), changes, old)
    return {k: v for k, v in changes.items() if not _needless(k, v, old)}


def _scan_times(seconds: int, changes: Changes, old: Ascconv) -> Changes:
    """Total time, and the time of one measurement in the proportion that the block had."""
    repeats = changes.get(f.REPETITIONS, old.integer(f.REPETITIONS, 0)) or 0
    total, scan = old.integer(f.TOTAL_TIME), old.integer(f.SCAN_TIME)
    if isinstance(repeats, int) and repeats > 0:
        return {f.TOTAL_TIME: seconds, f.SCAN_TIME: round(seconds / (repeats + 1))}
    before = total - scan if total and scan and total - scan < seconds else 0
    return {f.TOTAL_TIME: seconds, f.SCAN_TIME: seconds - before}


# Fields whose members depend on one another: if one of them changes, all of them are written.
_COUPLED = (
    ("field_of_view", "acquisition_matrix", "voxel_size", "phase_oversampling", "pixel_bandwidth"),
    SLICE_FIELDS,
    ("parallel_reduction_factor_in_plane", "parallel_reduction_factor_out_of_plane", "multiband_factor",
     "reference_scan"),
    ("b_values", "b_value_averages", "diffusion_directions"),
    ("repetition_time", "repetition_time_preparation", "repetition_time_excitation"),
)  # fmt: skip
# Said even if unchanged: these tell what the scan is, and an inversion time that is not stated means none.
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
    said = derive(old)[0]
    stated = {n for n in type(a).model_fields if n not in _KEPT and getattr(a, n) is not None}
    done = {n for n in stated if same(getattr(a, n), said.get(n))}
    if said.get("mr_acquisition_type") not in (None, a.mr_acquisition_type or said["mr_acquisition_type"]):
        return a
    for group in _COUPLED:
        if stated.intersection(group) - done:
            done -= set(group)
    return a.model_copy(update=dict.fromkeys(done))


def _needless(key: str, value: Value, old: Ascconv) -> bool:
    if key in old.raw:
        return False
    return value is None or value == _ABSENT.get(key) or value is False


# --- times and angles ---------------------------------------------------------------------------------


def _times(a: Acquisition, old: Ascconv) -> Changes:
    changes: Changes = {}
    prepared = a.inversion_time is not None
    console = (a.repetition_time_preparation, a.repetition_time) if prepared else (a.repetition_time,)
    tr = next((t for t in (*console, a.repetition_time_excitation) if t is not None), None)
    if tr is None:
        tr = a.repetition_time_preparation
    if tr is not None:
        changes[f.TR] = round(tr * 1000)
    if a.echo_times and open_protocol(old).binary != "medic":
        changes[f.CONTRASTS] = len(a.echo_times)
        changes |= {f"{f.TE}[{i}]": round(t * 1000) for i, t in enumerate(a.echo_times)}
    elif a.echo_times and len(a.echo_times) == 1:
        changes[f"{f.TE}[0]"] = round(a.echo_times[0] * 1000)
    return changes | _inversion(a, old)


def _inversion(a: Acquisition, old: Ascconv) -> Changes:
    if a.technique == "arterial_spin_labelling":
        return {}
    was = old.integer(f.INVERSION)
    if a.inversion_time is None:
        return {f.INVERSION: f.NO_INVERSION, f.INV_CONTRASTS: 1} if was in f.INVERSIONS else {}
    twice = a.second_inversion_time is not None
    uni = a.technique == "mp2rage"
    changes: Changes = {f"{f.TI}[0]": round(a.inversion_time * 1000), f.INV_CONTRASTS: 2 if uni else 1}
    if a.second_inversion_time is not None:
        changes[f"{f.TI}[1]"] = round(a.second_inversion_time * 1000)
    single = f.GLOBAL_INVERSION if is_3d(a, old) else f.SLICE_INVERSION
    wanted = f.DOUBLE_INVERSION if twice and not uni else single
    keep = was in (f.SLICE_INVERSION, f.GLOBAL_INVERSION) and wanted != f.DOUBLE_INVERSION
    return changes | ({} if keep else {f.INVERSION: wanted})


def _angles(a: Acquisition, old: Ascconv) -> Changes:
    angle = a.flip_angle
    if a.technique in _SPIN_ECHO_TRAINS:
        if old.integer(f.FLIP_MODE, 1) not in (0, 1):
            return {}
        angle = a.refocusing_flip_angle if a.refocusing_flip_angle is not None else a.flip_angle
    return {} if angle is None else {f"{f.FLIP}[0]": angle}


# --- readout, repetition, acceleration ----------------------------------------------------------------


def _readout(a: Acquisition, old: Ascconv) -> Changes:
    changes: Changes = {}
    base = points(a, fov(a) or old_fov(old))[0] or old.integer(f.BASE)
    if a.pixel_bandwidth and base:
        dwell = max(round(1e9 / (2 * base * a.pixel_bandwidth) / _DWELL_RASTER), 1) * _DWELL_RASTER
        echoes = len(a.echo_times or ()) or 1
        changes |= {f"{f.DWELL}[{i}]": dwell for i in range(echoes)}
    if a.echo_train_length and a.technique in (
        *_SPIN_ECHO_TRAINS,
        "magnetization_prepared_gradient_echo",
        "mp2rage",
    ):
        changes[f.TURBO] = a.echo_train_length
    if a.readout in ("cartesian", "radial"):
        code = {word: code for code, word in f.TRAJECTORIES.items()}[a.readout]
        changes[f.TRAJECTORY] = code
    return changes


def _repetition(a: Acquisition, old: Ascconv) -> Changes:
    changes: Changes = {}
    p = open_protocol(old)
    if a.number_of_averages is not None:
        if p.binary in f.DOUBLE_AVERAGES:
            changes[f.AVERAGES_DOUBLE] = a.number_of_averages
        elif p.binary == "ep2d_diff" and 0 < p.version < f.FIRST_VE:
            changes[f.REPETITIONS] = max(round(a.number_of_averages), 1) - 1
        else:
            changes[f.AVERAGES] = max(round(a.number_of_averages), 1)
    if a.number_of_temporal_positions is not None:
        pairs = 2 if p.binary == "tgse_asl" else 1
        changes[f.REPETITIONS] = pairs * a.number_of_temporal_positions - 1
    return changes


def _acceleration(a: Acquisition, old: Ascconv) -> Changes:
    plane, depth = a.parallel_reduction_factor_in_plane, a.parallel_reduction_factor_out_of_plane
    # A CMRR sequence keeps its factor in a private member, which is not touched.
    bands = None if open_protocol(old).has_private_multiband else a.multiband_factor
    changes: Changes = {f.MULTIBAND: bands} if bands is not None else {}
    if plane is not None or depth is not None or bands is not None:
        changes |= _parallel(a, old, bands or 1)
    if a.elliptical_scanning is not None:
        changes[f.ELLIPTICAL] = a.elliptical_scanning
    for key, value in ((f.PF_PHASE, a.partial_fourier_phase), (f.PF_SLICE, a.partial_fourier_slice)):
        if value is not None:
            changes[key] = _partial_fourier(value, open_protocol(old).binary)
    return changes


def _parallel(a: Acquisition, old: Ascconv, bands: int) -> Changes:
    was_off = old.integer(f.PAT_MODE, f.PAT_NONE) == f.PAT_NONE

    def factor(wanted: float | None, key: str) -> int:
        stored = 1 if was_off else old.integer(key, 1) or 1
        return stored if wanted is None else max(round(wanted), 1)

    plane = factor(a.parallel_reduction_factor_in_plane, f.ACCEL_PE)
    depth = factor(a.parallel_reduction_factor_out_of_plane, f.ACCEL_3D)
    changes: Changes = {f.ACCEL_PE: plane, f.ACCEL_3D: depth}
    if f.ACCEL_TOTAL in old.raw:
        changes[f.ACCEL_TOTAL] = float(plane * depth)
    if bands > 1:
        changes[f.PAT_MODE] = f.PAT_SMS
    elif plane * depth == 1:
        changes[f.PAT_MODE] = f.PAT_NONE
    elif was_off:
        changes[f.PAT_MODE] = f.PAT_GRAPPA
    return changes | _reference(a, old, was_off and plane * depth * bands > 1)


def _reference(a: Acquisition, old: Ascconv, switched_on: bool) -> Changes:
    changes: Changes = {}
    if a.reference_lines is not None:
        changes[f.REF_LINES] = a.reference_lines
    if a.reference_lines_out_of_plane is not None:
        changes[f.REF_LINES_3D] = a.reference_lines_out_of_plane
    planar = a.technique in ("echo_planar_diffusion", "echo_planar_bold")
    was = f.REF_SCANS.get(old.integer(f.REF_SCAN, 1) or 1)
    wanted = a.reference_scan or ("separate" if planar else "integrated" if switched_on else None)
    if wanted is None or (a.reference_scan is None and not switched_on) or wanted == was:
        return changes
    separate = 256 if planar else 512 if a.technique in _SPIN_ECHO_TRAINS else 4
    changes[f.REF_SCAN] = {"none": 1, "integrated": 2, "separate": separate}[wanted]
    return changes


def _partial_fourier(value: float, binary: str) -> int:
    if binary == "haste" and abs(value - 0.625) < 0.01:
        return f.PF_HALF
    return min(f.PARTIAL_FOURIER, key=lambda code: abs(f.PARTIAL_FOURIER[code] - value))


# --- contrast -----------------------------------------------------------------------------------------


def _contrast(a: Acquisition, old: Ascconv) -> Changes:
    changes: Changes = {}
    if a.fat_suppression is not None:
        changes |= _fat(a.fat_suppression, old)
    if a.magnetization_transfer is not None:
        changes[f.MTC] = a.magnetization_transfer
    if a.gating is not None and f.SIGNALS.get(old.integer(f.SIGNAL, 1) or 1) != a.gating:
        changes[f.SIGNAL] = {"none": 1, "cardiac": 4, "respiratory": 16}[a.gating]
        changes[f.METHOD] = 1 if a.gating == "none" else 2
    if a.technique == "susceptibility_weighted" or old.flag(f.SWI):
        changes[f.SWI] = a.technique == "susceptibility_weighted"
    if a.output_maps:
        both = tuple(m for m in ("magnitude", "phase") if m in a.output_maps)
        if both:
            changes[f.RECONSTRUCTION] = next(c for c, maps in f.RECONSTRUCTIONS.items() if maps == both)
    return changes


def _fat(wanted: str, old: Ascconv) -> Changes:
    key, table = (f.FAT_VE, f.FATS_VE) if f.FAT_VE in old.raw else (f.FAT_XA, f.FATS_XA)
    word = _NEAREST_FAT.get(wanted, wanted)
    if table.get(old.integer(key) or 0) == word:
        return {}
    return next(({key: code} for code, meaning in table.items() if meaning == word), {})


def _diffusion(a: Acquisition, old: Ascconv) -> Changes:
    if a.technique != "echo_planar_diffusion" or a.b_values is None:
        return {}
    mode = old.integer(f.DIFFUSION_MODE, f.DIFFUSION_OFF)
    changes: Changes = {f.B_COUNT: len(a.b_values)}
    changes |= {f"{f.B_VALUE}[{i}]": round(b) or None for i, b in enumerate(a.b_values)}
    averages = a.b_value_averages or [1] * len(a.b_values)
    if a.b_value_averages or f"{f.B_AVERAGES}[0]" in old.raw or not old.integer(f.B_COUNT):
        changes |= {f"{f.B_AVERAGES}[{i}]": n for i, n in enumerate(averages)}
    for i in range(len(a.b_values), old.integer(f.B_COUNT, 0) or 0):
        changes |= {f"{f.B_VALUE}[{i}]": None, f"{f.B_AVERAGES}[{i}]": None}
    if mode == f.DIFFUSION_FREE:
        return changes
    if a.diffusion_directions is not None:
        changes |= {f.DIRECTIONS: a.diffusion_directions, f.DIFFUSION_MODE: f.DIFFUSION_MDDW}
    elif mode == f.DIFFUSION_OFF:
        changes[f.DIFFUSION_MODE] = f.DIFFUSION_MDDW
    return changes


_RULES: tuple[Callable[[Acquisition, Ascconv], Changes], ...] = (
    _times,
    _angles,
    matrix,
    partitions,
    slices,
    _readout,
    _repetition,
    _acceleration,
    _contrast,
    _diffusion,
)
