"""Geometry of a scan: both layouts of the stacks, fields of view, voxels, matrix."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from generator.model.tree import Acquisition
from generator.vendors.philips import facts as k
from generator.vendors.philips.fields.scan import ScanValues, Settings

PLANES = {"TRANSVERSAL": "transverse", "SAGITTAL": "sagittal", "CORONAL": "coronal"}
PLANE_TEXTS = {neutral: text for text, neutral in PLANES.items()}
# The axes that a plane is tilted about, in the order of "T > C > S": towards coronal, then towards sagittal.
TILTS = {"TRANSVERSAL": ("lr", "ap"), "SAGITTAL": ("fh", "ap"), "CORONAL": ("lr", "fh")}
# Millimetres; no table goes further.
MAX_TABLE = 5000.0
ENTRIES = {"HEAD_FIRST": "HF", "FEET_FIRST": "FF"}
LYINGS = {"SUPINE": "S", "PRONE": "P", "LEFT_DECUB": "DL", "RIGHT_DECUB": "DR"}
DIMENSIONS = {"3D": "3D", "MS": "2D", "M2D": "2D", "2D": "2D"}
AXES = {"AP": "AP", "PA": "AP", "LR": "LR", "RL": "LR", "FH": "FH", "HF": "FH"}
IN_PLANE = {"TRANSVERSAL": ("AP", "LR"), "SAGITTAL": ("AP", "FH"), "CORONAL": ("LR", "FH")}
# The side the fat shifts to, one per axis; the sign of it is not proved, so it is the same for both.
SIDES = {"AP": "P", "LR": "L", "FH": "F"}
AXIS_OF_SIDE = {"A": "AP", "P": "AP", "L": "LR", "R": "LR", "F": "FH", "H": "FH"}
_SLOTS = {
    k.SET_SLICES: k.STACK_SLICES,
    k.SET_PLANE: k.STACK_PLANES,
    k.SET_PHASE: k.STACK_PHASES,
    k.SET_SHIFT: k.STACK_SHIFTS,
    k.SET_GAP: k.STACK_GAPS,
    k.SET_FOV: k.FOV_SLICE,
}
_SHAPES_VOXEL = (k.FOV, k.MATRIX_READ, k.VOXEL_READ, k.VOXEL_PHASE, k.VOXEL_SLICE, k.VOXEL_SLICE_SHOWN)
_Pair = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class Stack:
    """One stack of slices, as the block states it."""

    slices: int | None
    plane: str | None
    phase: str | None
    gap: float | None
    height: float | None
    angles: dict[str, Any] = field(default_factory=dict)


def stacks(scan: ScanValues) -> list[Stack]:
    """Read the stacks in use: 20 slots to R5.7, one set of records a stack from R5.9 on."""
    count = min(int(scan.number(k.STACKS) or 0), k.MAX_STACKS)
    in_slots = k.STACK_PLANES in scan.values or k.STACK_SLICES in scan.values
    return [_stack(scan, index, in_slots) for index in range(count)]


def _stack(scan: ScanValues, index: int, in_slots: bool) -> Stack:
    def get(slot: k.Key, pattern: str) -> Any:
        return scan.entry(slot, index) if in_slots else scan.values.get(pattern.format(index))

    return Stack(
        slices=get(k.STACK_SLICES, k.SET_SLICES), plane=get(k.STACK_PLANES, k.SET_PLANE),
        phase=get(k.STACK_PHASES, k.SET_PHASE), gap=get(k.STACK_GAPS, k.SET_GAP),
        height=get(k.FOV_SLICE, k.SET_FOV),
        angles={axis: get(slot, k.SET_ANGLES[axis]) for axis, slot in k.ANGLES.items()},
    )  # fmt: skip


class _Stack:
    """The only stack of a scan, whichever layout holds it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.in_slots = k.STACK_SLICES in settings.current

    def _name(self, pattern: str) -> str:
        return _SLOTS[pattern] if self.in_slots else pattern.format(0)

    def get(self, pattern: str) -> Any:
        value = self.settings.now(self._name(pattern))
        return value[0] if isinstance(value, (list, tuple)) else value

    def set(self, pattern: str, value: Any) -> None:
        self.settings.wanted[self._name(pattern)] = [value]


def read(scan: ScanValues) -> dict[str, Any]:
    """Everything that says where and how fine."""
    mode = scan.word(k.SCAN_MODE)
    is_3d = mode == "3D"
    found, fov, matrix = stacks(scan), (scan.number(k.FOV), scan.number(k.FOV_PHASE)), _matrix(scan)
    shown = _shown_voxel(scan)
    return {
        "mr_acquisition_type": DIMENSIONS.get(mode or ""),
        "plane": _plane(scan, found),
        "oblique_angles": _angles(found),
        **patient(scan),
        "table_position": _table(scan, found),
        "number_of_slabs": _slabs(scan) if is_3d else None,
        "interpolation": _interpolation(scan, fov, matrix),
        "phase_encoding_direction": _phase(scan, found),
        "number_of_slices": _slices(found),
        "slab_thickness": _slab(found) if is_3d else None,
        "slice_thickness": _thickness(scan, is_3d, shown[2]),
        "slice_gap": None if is_3d else _gap(scan, found),
        "concatenations": None if is_3d else _packages(scan),
        "field_of_view": _pair(*fov),
        "acquisition_matrix": matrix,
        "voxel_size": _voxel(scan, shown, fov, matrix or (None, None)),
        "phase_oversampling": _phase_oversampling(scan),
        "slice_oversampling": _slice_oversampling(scan) if is_3d else None,
    }


def patient(scan: ScanValues) -> dict[str, Any]:
    """Read how the patient lies, and in which coils."""
    return {"patient_position": _position(scan), "receive_coils": _coils(scan)}


def write(a: Acquisition, s: Settings) -> None:
    """Set field of view, matrix, voxel, slices, planes and oversampling."""
    _set_in_plane(a, s)
    thickness = _set_thickness(a, s)
    _show_voxel(s)
    if s.current.get(k.STACKS) == 1:
        stack = _Stack(s)
        _set_orientation(a, s, stack)
        _set_slices(a, s, stack, thickness)
    _set_oversampling(a, s)


def _positive(value: float | None) -> float | None:
    return value if value is not None and value > 0 else None


def _pair(read: float | None, phase: float | None) -> tuple[float | None, float | None] | None:
    pair = _positive(read), _positive(phase)
    return pair if any(pair) else None


def _set_in_plane(a: Acquisition, s: Settings) -> None:
    if a.field_of_view and (read := a.field_of_view[0]):
        phase = a.field_of_view[1] or read
        s.set(k.FOV, read)
        s.set(k.FOV_PHASE, phase)
        s.set(k.FOV_PERCENT, 100.0 * phase / read)
    voxel = _wanted_voxel(a)
    if voxel[0]:
        s.set(k.VOXEL_READ, voxel[0])
    if voxel[1]:
        s.set(k.VOXEL_PHASE, voxel[1])
    matrix = _wanted_matrix(a, voxel)
    if matrix[0]:
        s.set(k.MATRIX_READ, matrix[0])
    if matrix[0] and matrix[1]:
        s.result(k.MATRIX_SHOWN, f"{matrix[0]} x {matrix[1]}")


def _matrix(scan: ScanValues) -> tuple[int | None, int | None] | None:
    shown = scan.numbers(k.MATRIX_SHOWN)
    if len(shown) == 2 and min(shown) >= 1:
        return int(shown[0]), int(shown[1])
    read = scan.number(k.MATRIX_READ)
    return (int(read), None) if read is not None and read >= 1 else None


def _wanted_matrix(a: Acquisition, voxel: tuple[float | None, float | None]) -> tuple[int | None, int | None]:
    found: list[int | None] = list(a.acquisition_matrix) if a.acquisition_matrix else [None, None]
    for axis in (0, 1):
        fov, size = a.field_of_view[axis] if a.field_of_view else None, voxel[axis]
        if found[axis] is None and fov and size:
            found[axis] = max(1, round(fov / size))
    return found[0], found[1]


def _voxel(
    scan: ScanValues, shown: list[float | None], fov: _Pair, matrix: _Pair
) -> tuple[float | None, float | None, float | None] | None:
    """Measured voxel: the scanner rounds the one that is asked for to a whole matrix."""
    shares = [size / points if size and points else None for size, points in zip(fov, matrix, strict=True)]
    sizes = (
        measured(shown[0], scan.number(k.VOXEL_READ), shares[0]),
        measured(shown[1], scan.number(k.VOXEL_PHASE), shares[1]),
        measured(shown[2], scan.number(k.VOXEL_SLICE), scan.number(k.VOXEL_SLICE_SHOWN)),
    )
    return sizes if any(sizes) else None


def _wanted_voxel(a: Acquisition) -> tuple[float | None, float | None]:
    """Stated voxel, else field of view over matrix."""
    found: list[float | None] = list(a.voxel_size[:2]) if a.voxel_size else [None, None]
    for axis in (0, 1):
        fov = a.field_of_view[axis] if a.field_of_view else None
        points = a.acquisition_matrix[axis] if a.acquisition_matrix else None
        if found[axis] is None and fov and points:
            found[axis] = fov / points
    return found[0], found[1]


def _shown_voxel(scan: ScanValues) -> list[float | None]:
    shown = scan.numbers(k.VOXEL_SHOWN)
    return [*shown] if len(shown) == 3 else [None, None, None]


def _show_voxel(s: Settings) -> None:
    """Keep the shown voxel in step with what it is computed from."""
    sizes = [s.now(k.VOXEL_READ), s.now(k.VOXEL_PHASE), s.now(k.VOXEL_SLICE) or s.now(k.VOXEL_SLICE_SHOWN)]
    if all(sizes) and any(key in s.wanted for key in _SHAPES_VOXEL):
        s.result(k.VOXEL_SHOWN, " / ".join(f"{size:.2f}" for size in sizes))


def measured(shown: float | None, *exact: float | None) -> float | None:
    """Return the first exact value that the shown one is a rounding of, else the shown one.

    Parameters
    ----------
    shown : float or None
        Millimetres of the info page: three digits, so two decimals below 10 and one or two above.
    *exact : float or None
        The same with all digits, if it was possible to measure it so; the first one counts where nothing
        is shown.
    """
    known = [value for value in exact if value is not None and value > 0]
    if shown is None or shown <= 0:
        return known[0] if known else None
    step = 0.0051 if shown < 10 else 0.051
    return next((_clean(value) for value in known if abs(value - shown) <= step), shown)


def _clean(value: float) -> float:
    return float(f"{value:.7g}") + 0.0  # without the sign of a zero


def _thickness(scan: ScanValues, is_3d: bool, shown: float | None) -> float | None:
    """Thickness as acquired: over-contiguous partitions of a 3D scan are thicker than those shown."""
    stated = scan.number(k.THICKNESS)
    if not is_3d:
        return _positive(stated)
    acquired = scan.number(k.THICKNESS_ACQUIRED)
    if acquired is None and shown is None and scan.values.get(k.OVERCONTIGUOUS) == "YES":
        scan.missing("slice_thickness", f"partitions overlap at every {stated} mm, and no computed value")
        return None
    return measured(shown, acquired, stated)


def _set_thickness(a: Acquisition, s: Settings) -> float | None:
    acquired = a.slice_thickness or (a.voxel_size[2] if a.voxel_size else None)
    if acquired:
        for key in (k.THICKNESS, k.THICKNESS_ACQUIRED, k.VOXEL_SLICE, k.VOXEL_SLICE_SHOWN):
            if key in s.current or s.is_template:
                s.set(key, acquired)
    return acquired or s.current.get(k.THICKNESS)


def _plane(scan: ScanValues, found: list[Stack]) -> str | None:
    planes = {stack.plane for stack in found}
    if len(planes) == 1:
        return PLANES.get(str(found[0].plane))
    if planes:
        scan.missing("plane", f"{len(found)} stacks of different planes")
    return None


def _angles(found: list[Stack]) -> tuple[float, float] | None:
    """Tilts of the only plane there is: about the two axes in it, the left-right or head-feet axis first."""
    axes = TILTS.get(str(found[0].plane)) if found else None
    if axes is None or any((s.plane, s.angles) != (found[0].plane, found[0].angles) for s in found):
        return None
    first, second = (found[0].angles.get(axis) for axis in axes)
    if not isinstance(first, float) or not isinstance(second, float) or max(abs(first), abs(second)) > 180:
        return None
    return _clean(first), _clean(second)


def _position(scan: ScanValues) -> str | None:
    entry, lying = scan.word(k.ENTRY), scan.word(k.LYING)
    return f"{ENTRIES[entry]}{LYINGS[lying]}" if entry in ENTRIES and lying in LYINGS else None


def _coils(scan: ScanValues) -> tuple[str, ...] | None:
    value = scan.values.get(k.COILS)
    names = value if isinstance(value, tuple) else (value,)
    return tuple(dict.fromkeys(name for name in names if isinstance(name, str) and name)) or None


def _table(scan: ScanValues, found: list[Stack]) -> float | None:
    places = {scan.entry(k.TABLE_POSITION, index) for index in range(len(found))}
    place = places.pop() if len(places) == 1 else None
    # Consoles of R5.3 store 2.1e9 for a table that has not been moved (7 of 7 scans).
    return _clean(place) if isinstance(place, float) and abs(place) < MAX_TABLE else None


def _slabs(scan: ScanValues) -> int | None:
    """Chunks of a 3D scan; one where the switch for several is off."""
    chunks = scan.number(k.CHUNKS)
    if chunks is not None and chunks >= 1:
        return int(chunks)
    return 1 if scan.values.get(k.MULTI_CHUNK) == "NO" else None


def _interpolation(
    scan: ScanValues, fov: _Pair, matrix: tuple[int | None, int | None] | None
) -> float | None:
    """Reconstructed points along the readout over the measured ones."""
    points, read = scan.number(k.RECON_RESOLUTION), matrix[0] if matrix else None
    if not points or not read or (width := fov[0] or 0.0) <= 0:
        return None
    # The console reconstructs a square of the larger side (164 of 167 scans).
    factor = points * width / max(width, fov[1] or 0.0) / read
    return float(f"{factor:.4g}") if factor >= 1 else None


def _phase(scan: ScanValues, found: list[Stack]) -> str | None:
    if len({stack.phase for stack in found}) > 1:
        scan.note("phase_encoding_direction", "first-stack", "the stacks differ; this is the first one's")
    return found[0].phase if found and found[0].phase in ("AP", "LR", "FH") else None


def _set_orientation(a: Acquisition, s: Settings, stack: _Stack) -> None:
    if a.plane in PLANE_TEXTS:
        if stack.get(k.SET_PLANE) != PLANE_TEXTS[a.plane]:
            s.notes.append(f"plane set to {a.plane}: offsets and angles are still the donor's, plan it anew")
        stack.set(k.SET_PLANE, PLANE_TEXTS[a.plane])
    if a.phase_encoding_direction is not None:
        stack.set(k.SET_PHASE, AXES[a.phase_encoding_direction])
    axes = IN_PLANE.get(str(stack.get(k.SET_PLANE)))
    if axes is None:
        return
    phase = stack.get(k.SET_PHASE)
    if phase not in axes and a.phase_encoding_direction is None:
        phase = axes[0]
        stack.set(k.SET_PHASE, phase)
        s.notes.append(f"fold-over direction set to {phase}: that of the donor is not in the plane")
    if phase in axes:
        shift_axis = phase if s.fast_mode == "EPI" else axes[1 - axes.index(phase)]
        if AXIS_OF_SIDE.get(str(stack.get(k.SET_SHIFT))) != shift_axis:
            stack.set(k.SET_SHIFT, SIDES[shift_axis])


def _slices(found: list[Stack]) -> int | None:
    counts = [stack.slices for stack in found if isinstance(stack.slices, int) and stack.slices > 0]
    return sum(counts) if counts and len(counts) == len(found) else None


def _slab(found: list[Stack]) -> float | None:
    """Height of the stacks; over-contiguous slices are thicker than their share of it."""
    heights = [stack.height for stack in found if stack.height is not None and stack.height > 0]
    return float(f"{sum(heights):.7g}") if heights and len(heights) == len(found) else None


def _set_slices(a: Acquisition, s: Settings, stack: _Stack, thickness: float | None) -> None:
    if a.number_of_slices is not None:
        stack.set(k.SET_SLICES, a.number_of_slices)
    if a.slice_gap is not None and not s.is_3d:
        s.set(k.GAP_MODE, "USER_DEF")
        stack.set(k.SET_GAP, a.slice_gap)
    count = stack.get(k.SET_SLICES)
    if thickness and count and (a.number_of_slices or a.slice_thickness or a.slice_gap is not None):
        gap = 0.0 if s.is_3d else float(_gap_to_be(s, stack, thickness))
        stack.set(k.SET_FOV, count * thickness + (count - 1) * gap)
    if s.is_3d and a.slab_thickness and count:
        _set_slab(s, stack, a.slab_thickness, count)
    if a.concatenations is not None and not s.is_3d and k.PACKAGES_MIN in s.current:
        s.set(k.PACKAGES_MIN, a.concatenations)
        s.result(k.PACKAGES, a.concatenations)


def _set_slab(s: Settings, stack: _Stack, height: float, count: int) -> None:
    """Set the height of the slab; slices that are thicker than their share of it overlap."""
    stack.set(k.SET_FOV, height)
    for key in (k.THICKNESS, k.VOXEL_SLICE_SHOWN):
        if key in s.current or s.is_template:
            s.set(key, height / count)


def _gap(scan: ScanValues, found: list[Stack]) -> float | None:
    mode = scan.word(k.GAP_MODE)
    thickness = scan.number(k.THICKNESS)
    if mode == "USER_DEF" and found and isinstance(found[0].gap, float):
        if len({stack.gap for stack in found}) > 1:
            scan.note("slice_gap", "first-stack", "the stacks differ; this is the first one's")
        return float(f"{found[0].gap:.7g}")
    if mode == "DEFAULT" and thickness:
        return float(f"{0.1 * thickness:.7g}")
    shown = scan.number(k.GAP_SHOWN)
    if shown is None and mode is not None:
        scan.missing("slice_gap", f"the scanner chooses ({mode}), and no computed value")
    return shown


def _gap_to_be(s: Settings, stack: _Stack, thickness: float) -> float:
    return 0.1 * thickness if s.now(k.GAP_MODE) == "DEFAULT" else stack.get(k.SET_GAP) or 0.0


def _packages(scan: ScanValues) -> int | None:
    shown = scan.number(k.PACKAGES)
    if shown is not None and shown >= 1:
        return int(shown)
    least = scan.number(k.PACKAGES_MIN)
    if least is not None:
        scan.missing("concatenations", f"at least {least} packages, and no computed value")
    return None


def _phase_oversampling(scan: ScanValues) -> float | None:
    mode = scan.values.get(k.FOLDOVER, scan.values.get(k.FOLDOVER_OLD))
    if mode == "NO":
        return 0.0
    sides = scan.number(k.FOLDOVER_POSITIVE), scan.number(k.FOLDOVER_NEGATIVE)
    fov = scan.number(k.FOV_PHASE)
    if mode == "USER_DEF" and fov and sides[0] is not None and sides[1] is not None:
        return float(f"{(sides[0] + sides[1]) / fov:.6g}")
    scan.missing("phase_oversampling", f"fold-over suppression is {mode}, its area is not stated")
    return None


def _slice_oversampling(scan: ScanValues) -> float | None:
    mode = scan.values.get(k.SLICE_OVERSAMPLING)
    factor = scan.number(k.SLICE_OVERSAMPLING_FACTOR)
    if mode == "USER_DEF" and factor is not None and factor >= 1:
        return float(f"{factor - 1:.6g}")
    scan.missing("slice_oversampling", f"the scanner chooses ({mode})")
    return None


def _set_oversampling(a: Acquisition, s: Settings) -> None:
    # Other suppressions (REST, ZOOM) are a technique of their own and stay as they are.
    if a.phase_oversampling is not None and s.now(k.FOLDOVER) in ("NO", "USER_DEF"):
        if a.phase_oversampling == 0:
            s.set(k.FOLDOVER, "NO")
            s.drop(k.FOLDOVER_POSITIVE, k.FOLDOVER_NEGATIVE)
        elif fov := s.now(k.FOV_PHASE):
            side = a.phase_oversampling * fov / 2
            s.choose(k.FOLDOVER, "USER_DEF", k.FOLDOVER_POSITIVE, side)
            s.set(k.FOLDOVER_NEGATIVE, side)
    if a.slice_oversampling is not None and s.is_3d:
        s.choose(k.SLICE_OVERSAMPLING, "USER_DEF", k.SLICE_OVERSAMPLING_FACTOR, 1 + a.slice_oversampling)
