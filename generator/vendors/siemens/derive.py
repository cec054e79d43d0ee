"""What the values of a MrProt block mean: the rules of siemens.md section 6 and the traps of section 12.

Where a rule is not known to hold for a sequence, the field stays ``None`` and a note says why.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from generator.model import words
from generator.vendors.siemens import facts as f
from generator.vendors.siemens.ascconv import Ascconv

Fields = dict[str, Any]


@dataclass
class Protocol:
    """One MrProt block under interpretation, with what must be said about it.

    Attributes
    ----------
    doubts : list of (str, str, str)
        Code, neutral field and message of each value that the file does not say.
    """

    block: Ascconv
    version: int
    binary: str
    sequence: f.Sequence
    doubts: list[tuple[str, str, str]] = field(default_factory=list)

    def doubt(self, what: str, message: str, code: str = "unknown-rule") -> None:
        """Record why a field has no value, or how sure its value is."""
        self.doubts.append((code, what, message))

    @cached_property
    def is_3d(self) -> bool:
        """Whether the scan is 3D."""
        return self.block.integer(f.DIMENSION) == 4

    @property
    def trusted(self) -> bool:
        """Whether the rules for bandwidth, train length and b-values are known to hold."""
        return self.sequence.known and self.why_not is None

    @cached_property
    def why_not(self) -> str | None:
        """The feature for which the rules are known not to hold, or not known to hold."""
        pat = self.block.integer(f.PAT_MODE, f.PAT_NONE)
        if pat not in f.PAT_KNOWN or self.block.integer(f.UNDERSAMPLING, 1) not in (0, 1):
            return "acceleration of an unknown kind (compressed sensing or wave encoding)"
        if "wave" in self.binary or any(".ucWave" in k or ".lWave" in k for k in self.block.raw):
            return "wave encoding"
        if self.block.integer(f.TRAJECTORY, 1) != 1:
            return "a trajectory that is not Cartesian"
        return None


def open_protocol(block: Ascconv) -> Protocol:
    """Look up release and sequence of a block."""
    path = block.text(f.SEQUENCE) or ""
    binary = path.replace("/", "\\").rsplit("\\", 1)[-1]
    sequence = f.SEQUENCES.get(binary.lower(), f.UNKNOWN_SEQUENCE)
    return Protocol(block, block.integer(f.VERSION, 0) or 0, binary, sequence)


def derive(block: Ascconv) -> tuple[Fields, Protocol]:
    """Translate a MrProt block into the fields of an acquisition.

    Returns
    -------
    fields : dict
        Neutral field to value; fields that the block does not hold are absent or ``None``.
    protocol : Protocol
        The block with its doubts, for notes.
    """
    p = open_protocol(block)
    fields: Fields = {}
    for rule in _RULES:
        fields.update(rule(p))
    return fields, p


# --- what is scanned ----------------------------------------------------------------------------------


def _identity(p: Protocol) -> Fields:
    technique = p.sequence.technique
    if p.sequence is f.UNKNOWN_SEQUENCE:
        p.doubt("technique", f"sequence binary {p.binary!r} is not known", "unknown-sequence")
    elif not p.sequence.known:
        p.doubt("pixel_bandwidth", f"the rules are not known to hold for {p.binary!r}")
    code = p.block.integer(f.DIMENSION)
    return {
        "technique": _refined(p, technique),
        "mr_acquisition_type": f.DIMENSIONS.get(code or 0),
        "readout": f.TRAJECTORIES.get(p.block.integer(f.TRAJECTORY, 1) or 1),
    }


def _refined(p: Protocol, technique: words.Technique) -> words.Technique:
    if p.binary == "gre" and p.block.flag(f.SWI):
        return "susceptibility_weighted"
    if p.binary == "gre" and (p.block.integer(f.CONTRASTS, 1) or 1) > 1:
        return "multi_echo_gradient_echo"
    if p.binary == "tfl" and (p.block.integer(f.INV_CONTRASTS, 1) or 1) > 1:
        return "mp2rage"
    if p.binary == "tfl" and p.block.integer(f.INVERSION) not in f.INVERSIONS:
        return "gradient_echo"
    return technique


# --- times and angles ---------------------------------------------------------------------------------


def _times(p: Protocol) -> Fields:
    b = p.block
    count = b.integer(f.CONTRASTS, 1) or 1
    tr = _scaled(b.number(f.TR), 1e-3)
    echoes = [_scaled(b.number(f"{f.TE}[{i}]"), 1e-3) for i in range(min(count, 256))]
    inverted = b.integer(f.INVERSION) in f.INVERSIONS
    steady = p.sequence.technique in ("gradient_echo", "time_of_flight") and p.binary != "tfl"
    return {
        "repetition_time": tr,
        "repetition_time_preparation": tr if inverted else None,
        "repetition_time_excitation": tr if steady and not inverted else None,
        "echo_times": tuple(e for e in echoes if e is not None) or None,
        **_inversion_times(p, inverted),
        "acquisition_duration": b.number(f.TOTAL_TIME),
        "echo_spacing": _scaled(b.number(f.ECHO_SPACING), 1e-3) if b.flag(f.FREE_ECHO_SPACING) else None,
    }


def _inversion_times(p: Protocol, inverted: bool) -> Fields:
    b = p.block
    if not inverted:
        if p.sequence.technique == "arterial_spin_labelling":
            p.doubt("inversion_time", "times of the labelling are not inversion times of an image")
        return {"inversion_time": None, "second_inversion_time": None}
    twice = b.integer(f.INVERSION) == f.DOUBLE_INVERSION or (b.integer(f.INV_CONTRASTS, 1) or 1) > 1
    first, second = (_scaled(b.number(f"{f.TI}[{i}]"), 1e-3) for i in (0, 1))
    return {"inversion_time": first, "second_inversion_time": second if twice else None}


def _angles(p: Protocol) -> Fields:
    flip = p.block.number(f"{f.FLIP}[0]")
    spin_echo_train = p.sequence.train == "turbo"
    if spin_echo_train and p.block.integer(f.FLIP_MODE, 1) not in (0, 1):
        p.doubt(
            "flip_angle", "the refocusing angle varies along the train; the stored nominal one is not shown"
        )
        return {"flip_angle": None, "refocusing_flip_angle": None}
    return {"flip_angle": flip, "refocusing_flip_angle": flip if spin_echo_train else None}


# --- geometry -----------------------------------------------------------------------------------------


def _geometry(p: Protocol) -> Fields:
    b = p.block
    read, phase = (b.number(f"{f.SLICE}[0].{k}") for k in (f.READ_FOV, f.PHASE_FOV))
    base, lines = b.integer(f.BASE), b.integer(f.LINES)
    oversampling = b.number(f.PHASE_OVERSAMPLING, 0.0) or 0.0
    thickness = _thickness(p)
    if read and _differing(p, (f.READ_FOV, f.PHASE_FOV, f.THICKNESS)):
        p.doubt(
            "field_of_view",
            "slices differ in field of view or thickness; the first one is given",
            "first-of-many",
        )
    measured = round(lines / (1 + oversampling)) if lines else None
    return {
        "field_of_view": (read, phase) if read and phase else None,
        "acquisition_matrix": (base, measured) if base and measured else None,
        "voxel_size": _voxel(p, read, base, thickness),
        "slice_thickness": thickness,
        "phase_oversampling": oversampling,
        "slice_oversampling": b.number(f.SLICE_OVERSAMPLING, 0.0) if p.is_3d else None,
        **_slices(p, thickness),
        **_orientation(p),
    }


def _thickness(p: Protocol) -> float | None:
    stored, images = p.block.number(f"{f.SLICE}[0].{f.THICKNESS}"), p.block.integer(f.IMAGES_PER_SLAB)
    if not stored or (p.is_3d and not images):
        return None
    return tidy(stored / images if p.is_3d and images else stored)


def _voxel(p: Protocol, read: float | None, base: int | None, thickness: float | None) -> Any:
    phase_resolution = p.block.number(f.PHASE_RESOLUTION)
    if not (read and base and thickness and phase_resolution):
        return None
    depth: float | None = thickness
    if p.is_3d:
        resolution = p.block.number(f.SLICE_RESOLUTION)
        depth = tidy(thickness / resolution) if resolution and p.why_not is None else None
    return (tidy(read / base), tidy(read / base / phase_resolution), depth)


def _differing(p: Protocol, members: tuple[str, ...]) -> bool:
    count = min(p.block.integer(f.SLICES, 1) or 1, 512)
    raw = p.block.raw
    return any(len({raw.get(f"{f.SLICE}[{i}].{member}") for i in range(count)}) > 1 for member in members)


def _groups(p: Protocol) -> list[tuple[int, float]]:
    """Size and distance factor of each slice group."""
    count = min(p.block.integer(f.GROUPS, 1) or 1, 256)
    stems = [f"{f.GROUP}[{g}]" for g in range(count)]
    return [
        (
            p.block.integer(f"{s}.{f.GROUP_SIZE}", 0) or 0,
            p.block.number(f"{s}.{f.DISTANCE_FACTOR}", 0.0) or 0.0,
        )
        for s in stems
    ]


def _slices(p: Protocol, thickness: float | None) -> Fields:
    slabs = p.block.integer(f.SLICES)
    if p.is_3d:
        images = p.block.integer(f.IMAGES_PER_SLAB)
        total = slabs * images if slabs and images else None
        return {
            "number_of_slices": total,
            "slice_gap": None,
            "concatenations": p.block.integer(f.CONCATENATIONS),
        }
    factors = {factor for _, factor in _groups(p)}
    gap = tidy(factors.pop() * thickness) if len(factors) == 1 and thickness else None
    if gap is None and thickness:
        p.doubt("slice_gap", "the slice groups have different distance factors", "first-of-many")
    return {"number_of_slices": slabs, "slice_gap": gap, "concatenations": p.block.integer(f.CONCATENATIONS)}


def _orientation(p: Protocol) -> Fields:
    starts, at = [], 0
    for size, _ in _groups(p):
        starts.append(at)
        at += size
    found = {_direction(p, i) for i in starts or [0]}
    if len(found) > 1:
        p.doubt("plane", "the slice groups differ in orientation", "first-of-many")
        return {"plane": None, "phase_encoding_direction": None}
    plane, phase = found.pop()
    if phase in ("FH",) and plane == "coronal":
        p.doubt(
            "phase_encoding_direction", "polarity of a coronal head-feet direction is not known", "axis-only"
        )
    return {"plane": plane, "phase_encoding_direction": phase}


def _direction(p: Protocol, index: int) -> tuple[words.Plane | None, words.PhaseDirection | None]:
    stem = f"{f.SLICE}[{index}]"
    normal = [abs(p.block.number(f"{stem}.{f.NORMAL}.{axis}", 0.0) or 0.0) for axis in f.AXES]
    if not any(normal):
        return None, None
    plane = f.PLANES[normal.index(max(normal))]
    quarter = (p.block.number(f"{stem}.{f.ROTATION}", 0.0) or 0.0) / (math.pi / 2)
    if abs(quarter - round(quarter)) > 0.49:
        return plane, None
    return plane, f.PHASE_DIRECTIONS[plane][round(quarter) % 4]


# --- readout, repetition, acceleration ----------------------------------------------------------------


def _readout(p: Protocol) -> Fields:
    if not p.trusted:
        reason = p.why_not or f"sequence {p.binary!r}"
        p.doubt("pixel_bandwidth", f"bandwidth and train length follow no known rule with {reason}")
        return {"pixel_bandwidth": None, "echo_train_length": None}
    return {"pixel_bandwidth": _bandwidth(p), "echo_train_length": _train(p), "number_of_shots": _shots(p)}


def bandwidth(base: int, dwell: float) -> float:
    """Bandwidth in Hz/px of a dwell time in ns at twofold readout oversampling."""
    return round(1e9 / (2 * base * dwell), 3)


def _bandwidth(p: Protocol) -> float | None:
    base, dwell = p.block.integer(f.BASE), p.block.number(f"{f.DWELL}[0]")
    return bandwidth(base, dwell) if base and dwell else None


def _train(p: Protocol) -> int | None:
    b, train = p.block, p.sequence.train
    if train == "turbo":
        return b.integer(f.TURBO) or None
    if train == "epi":
        return b.integer(f.LINES)
    if train == "unknown":
        p.doubt("echo_train_length", f"{p.binary!r} has a turbo and an EPI factor, kept under vendor")
    if train != "partitions":
        return None
    if p.version >= f.FIRST_XA61:
        return b.integer(f.TURBO) or None
    partitions = b.integer(f.PARTITIONS)
    fraction = f.PARTIAL_FOURIER.get(b.integer(f.PF_SLICE, 16) or 16)
    return round(partitions * fraction) if partitions and fraction else None


def _shots(p: Protocol) -> int | None:
    return p.block.integer(f.SEGMENTS) if p.sequence.train == "epi" else None


def _repetition(p: Protocol) -> Fields:
    b = p.block
    repeats = (b.integer(f.REPETITIONS, 0) or 0) + 1
    positions: int | None = repeats
    averages = b.number(f.AVERAGES_DOUBLE if p.binary in f.DOUBLE_AVERAGES else f.AVERAGES)
    if p.binary == "ep2d_diff" and p.version < f.FIRST_VE:
        averages, positions = float(repeats), 1
    elif p.binary == "tgse_asl":
        positions = repeats // 2 if repeats % 2 == 0 else None
    return {"number_of_averages": averages or None, "number_of_temporal_positions": positions}


def _acceleration(p: Protocol) -> Fields:
    b = p.block
    off = b.integer(f.PAT_MODE, f.PAT_NONE) == f.PAT_NONE
    if p.why_not and "unknown kind" in p.why_not:
        p.doubt(
            "compressed_sensing_factor", "the acceleration mode is not known; its values are under vendor"
        )
        plane = depth = compressed = None
    else:
        plane = 1.0 if off else _at_least_one(b.number(f.ACCEL_PE))
        depth = 1.0 if off else _at_least_one(b.number(f.ACCEL_3D))
        compressed = 1.0
    scan = f.REF_SCANS.get(b.integer(f.REF_SCAN, 1) or 1)
    return {
        "parallel_reduction_factor_in_plane": plane,
        "parallel_reduction_factor_out_of_plane": depth,
        "compressed_sensing_factor": compressed,
        "multiband_factor": _multiband(p),
        "reference_scan": "none" if off else scan,
        "reference_lines": None if off else b.integer(f.REF_LINES),
        "reference_lines_out_of_plane": None if off else b.integer(f.REF_LINES_3D),
        "elliptical_scanning": b.flag(f.ELLIPTICAL),
        "partial_fourier_phase": _partial_fourier(p, f.PF_PHASE, "partial_fourier_phase"),
        "partial_fourier_slice": _partial_fourier(p, f.PF_SLICE, "partial_fourier_slice"),
    }


def _multiband(p: Protocol) -> int | None:
    if p.binary.lower().startswith("cmrr"):
        p.doubt(
            "multiband_factor",
            "CMRR sequences keep the factor in a private field, see sWipMemBlock under vendor",
        )
        return None
    return p.block.integer(f.MULTIBAND, 1) or 1


def _partial_fourier(p: Protocol, key: str, what: str) -> float | None:
    code = p.block.integer(key, 16)
    if code == f.PF_HALF and p.binary == "haste":
        return 0.625
    if code == f.PF_AUTO:
        p.doubt(what, "the scanner chooses (Allowed)", "scanner-chooses")
    elif code not in f.PARTIAL_FOURIER:
        p.doubt(what, f"code {code} is printed differently by different sequences", "unknown-code")
    return f.PARTIAL_FOURIER.get(code or 0)


# --- contrast -----------------------------------------------------------------------------------------


def _contrast(p: Protocol) -> Fields:
    b = p.block
    key, table = (f.FAT_XA, f.FATS_XA) if f.FAT_XA in b.raw else (f.FAT_VE, f.FATS_VE)
    return {
        "fat_suppression": _coded(p, key, table, "fat_suppression"),
        "magnetization_transfer": b.flag(f.MTC),
        "gating": _gating(p),
        "output_maps": _maps(p),
    }


def _coded(p: Protocol, key: str, table: Any, what: str) -> Any:
    code = p.block.integer(key)
    if code is None:
        return None
    if code not in table:
        p.doubt(what, f"{key} = {code} is not a known code", "unknown-code")
    elif code in f.UNVERIFIED.get(key, ()):
        p.doubt(what, f"{key} = {code}: the meaning is a third party's", "unverified-code")
    return table.get(code)


def _gating(p: Protocol) -> Any:
    signal = _coded(p, f.SIGNAL, f.SIGNALS, "gating")
    breathing = p.block.integer(f.RESPIRATION, f.RESPIRATION_OFF)
    if signal == "none" and breathing != f.RESPIRATION_OFF:
        p.doubt(
            "gating", f"{f.RESPIRATION} = {breathing}: respiratory control of an unknown kind", "unknown-code"
        )
        return None
    return signal


def _maps(p: Protocol) -> Any:
    if p.sequence.technique in ("echo_planar_diffusion", "arterial_spin_labelling", "echo_planar_bold"):
        return None
    maps = f.RECONSTRUCTIONS.get(p.block.integer(f.RECONSTRUCTION, 0) or 0)
    return (*maps, "swi") if maps and p.block.flag(f.SWI) else maps


def _diffusion(p: Protocol) -> Fields:
    b = p.block
    mode = b.integer(f.DIFFUSION_MODE, f.DIFFUSION_OFF)
    if p.sequence.technique != "echo_planar_diffusion" or mode == f.DIFFUSION_OFF:
        return {}
    if not p.trusted:
        p.doubt("b_values", f"b-values follow no known rule with {p.why_not or p.binary}")
        return {}
    count = min(b.integer(f.B_COUNT, 1) or 1, 128)
    values = tuple(b.number(f"{f.B_VALUE}[{i}]", 0.0) or 0.0 for i in range(count))
    averages = [b.integer(f"{f.B_AVERAGES}[{i}]") for i in range(count)]
    counted = mode in (f.DIFFUSION_FREE, f.DIFFUSION_MDDW) and any(values)
    if not counted and any(values):
        p.doubt("diffusion_directions", f"diffusion mode {mode} holds no number of directions")
    return {
        "b_values": values,
        "b_value_averages": tuple(averages) if all(averages) else None,
        "diffusion_directions": b.integer(f.DIRECTIONS) if counted else None,
    }


# --- small helpers ------------------------------------------------------------------------------------


def tidy(value: float) -> float:
    """Drop the binary noise of a division; the files hold at most 12 digits."""
    return float(f"{value:.9g}")


def _scaled(value: float | None, factor: float) -> float | None:
    return None if value is None else tidy(value * factor)


def _at_least_one(value: float | None) -> float | None:
    return value if value is not None and value >= 1 else None


_RULES: tuple[Callable[[Protocol], Fields], ...] = (
    _identity,
    _times,
    _angles,
    _geometry,
    _readout,
    _repetition,
    _acceleration,
    _contrast,
    _diffusion,
)
