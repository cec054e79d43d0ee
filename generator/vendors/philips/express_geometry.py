"""Geometry of a neutral acquisition as parameters, in both layouts of the stacks."""

from __future__ import annotations

from typing import Any

from generator.model.tree import Acquisition
from generator.vendors.philips import keys as k
from generator.vendors.philips.geometry import PLANES
from generator.vendors.philips.settings import Settings

PLANE_TEXTS = {neutral: text for text, neutral in PLANES.items()}
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


def express(a: Acquisition, s: Settings) -> None:
    """Set field of view, matrix, voxel, slices, planes and oversampling."""
    _in_plane(a, s)
    thickness = _thickness(a, s)
    _show_voxel(s)
    if s.current.get(k.STACKS) == 1:
        stack = _Stack(s)
        _orientation(a, s, stack)
        _slices(a, s, stack, thickness)
    _oversampling(a, s)


def _in_plane(a: Acquisition, s: Settings) -> None:
    if a.field_of_view and (read := a.field_of_view[0]):
        phase = a.field_of_view[1] or read
        s.set(k.FOV, read)
        s.set(k.FOV_PHASE, phase)
        s.set(k.FOV_PERCENT, 100.0 * phase / read)
    voxel = _voxel(a)
    if voxel[0]:
        s.set(k.VOXEL_READ, voxel[0])
    if voxel[1]:
        s.set(k.VOXEL_PHASE, voxel[1])
    matrix = _matrix(a, voxel)
    if matrix[0]:
        s.set(k.MATRIX_READ, matrix[0])
    if matrix[0] and matrix[1]:
        s.result(k.MATRIX_SHOWN, f"{matrix[0]} x {matrix[1]}")


def _voxel(a: Acquisition) -> tuple[float | None, float | None]:
    """Stated voxel, else field of view over matrix."""
    found: list[float | None] = list(a.voxel_size[:2]) if a.voxel_size else [None, None]
    for axis in (0, 1):
        fov = a.field_of_view[axis] if a.field_of_view else None
        points = a.acquisition_matrix[axis] if a.acquisition_matrix else None
        if found[axis] is None and fov and points:
            found[axis] = fov / points
    return found[0], found[1]


def _matrix(a: Acquisition, voxel: tuple[float | None, float | None]) -> tuple[int | None, int | None]:
    found: list[int | None] = list(a.acquisition_matrix) if a.acquisition_matrix else [None, None]
    for axis in (0, 1):
        fov, size = a.field_of_view[axis] if a.field_of_view else None, voxel[axis]
        if found[axis] is None and fov and size:
            found[axis] = max(1, round(fov / size))
    return found[0], found[1]


def _thickness(a: Acquisition, s: Settings) -> float | None:
    acquired = a.slice_thickness or (a.voxel_size[2] if a.voxel_size else None)
    if acquired:
        for key in (k.THICKNESS, k.THICKNESS_ACQUIRED, k.VOXEL_SLICE, k.VOXEL_SLICE_SHOWN):
            if key in s.current or s.is_template:
                s.set(key, acquired)
    return acquired or s.current.get(k.THICKNESS)


def _show_voxel(s: Settings) -> None:
    """Keep the shown voxel in step with what it is computed from."""
    sizes = [s.now(k.VOXEL_READ), s.now(k.VOXEL_PHASE), s.now(k.VOXEL_SLICE) or s.now(k.VOXEL_SLICE_SHOWN)]
    if all(sizes) and any(key in s.wanted for key in _SHAPES_VOXEL):
        s.result(k.VOXEL_SHOWN, " / ".join(f"{size:.2f}" for size in sizes))


def _orientation(a: Acquisition, s: Settings, stack: _Stack) -> None:
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


def _slices(a: Acquisition, s: Settings, stack: _Stack, thickness: float | None) -> None:
    if a.number_of_slices is not None:
        stack.set(k.SET_SLICES, a.number_of_slices)
    if a.slice_gap is not None and not s.is_3d:
        s.set(k.GAP_MODE, "USER_DEF")
        stack.set(k.SET_GAP, a.slice_gap)
    count = stack.get(k.SET_SLICES)
    if thickness and count and (a.number_of_slices or a.slice_thickness or a.slice_gap is not None):
        gap = 0.0 if s.is_3d else float(_gap(s, stack, thickness))
        stack.set(k.SET_FOV, count * thickness + (count - 1) * gap)
    if s.is_3d and a.slab_thickness and count:
        _slab(s, stack, a.slab_thickness, count)
    if a.concatenations is not None and not s.is_3d and k.PACKAGES_MIN in s.current:
        s.set(k.PACKAGES_MIN, a.concatenations)
        s.result(k.PACKAGES, a.concatenations)


def _slab(s: Settings, stack: _Stack, height: float, count: int) -> None:
    """Set the height of the slab; slices that are thicker than their share of it overlap."""
    stack.set(k.SET_FOV, height)
    for key in (k.THICKNESS, k.VOXEL_SLICE_SHOWN):
        if key in s.current or s.is_template:
            s.set(key, height / count)


def _gap(s: Settings, stack: _Stack, thickness: float) -> float:
    return 0.1 * thickness if s.now(k.GAP_MODE) == "DEFAULT" else stack.get(k.SET_GAP) or 0.0


def _oversampling(a: Acquisition, s: Settings) -> None:
    # Other suppressions (REST, ZOOM) are a technique of their own and stay as they are.
    if a.phase_oversampling is not None and s.current.get(k.FOLDOVER) in ("NO", "USER_DEF"):
        if a.phase_oversampling == 0:
            s.set(k.FOLDOVER, "NO")
            s.drop(k.FOLDOVER_POSITIVE, k.FOLDOVER_NEGATIVE)
        elif fov := s.now(k.FOV_PHASE):
            side = a.phase_oversampling * fov / 2
            s.choose(k.FOLDOVER, "USER_DEF", k.FOLDOVER_POSITIVE, side)
            s.set(k.FOLDOVER_NEGATIVE, side)
    if a.slice_oversampling is not None and s.is_3d:
        s.choose(k.SLICE_OVERSAMPLING, "USER_DEF", k.SLICE_OVERSAMPLING_FACTOR, 1 + a.slice_oversampling)
