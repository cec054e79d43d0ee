"""Geometry of a scan: both layouts of the stacks, fields of view, voxels, matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from generator.vendors.philips import keys as k
from generator.vendors.philips.derive import Scan

PLANES = {"TRANSVERSAL": "transverse", "SAGITTAL": "sagittal", "CORONAL": "coronal"}
_Pair = tuple[float | None, float | None]
DIMENSIONS = {"3D": "3D", "MS": "2D", "M2D": "2D", "2D": "2D"}


@dataclass(frozen=True, slots=True)
class Stack:
    """One stack of slices, as the block states it."""

    slices: int | None
    plane: str | None
    phase: str | None
    gap: float | None
    height: float | None


def stacks(scan: Scan) -> list[Stack]:
    """Read the stacks in use: 20 slots to R5.7, one set of records a stack from R5.9 on."""
    count = min(int(scan.number(k.STACKS) or 0), k.MAX_STACKS)
    if k.STACK_PLANES in scan.values or k.STACK_SLICES in scan.values:
        return [_slot(scan, index) for index in range(count)]
    return [_set(scan, index) for index in range(count)]


def _slot(scan: Scan, index: int) -> Stack:
    def at(name: str) -> Any:
        value = scan.values.get(name)
        entries = value if isinstance(value, tuple) else (value,)
        return entries[index] if index < len(entries) else None

    return Stack(
        at(k.STACK_SLICES), at(k.STACK_PLANES), at(k.STACK_PHASES), at(k.STACK_GAPS), at(k.FOV_SLICE)
    )


def _set(scan: Scan, index: int) -> Stack:
    def at(pattern: str) -> Any:
        return scan.values.get(pattern.format(index))

    return Stack(at(k.SET_SLICES), at(k.SET_PLANE), at(k.SET_PHASE), at(k.SET_GAP), at(k.SET_FOV))


def geometry(scan: Scan) -> dict[str, Any]:
    """Everything that says where and how fine."""
    mode = scan.word(k.SCAN_MODE)
    is_3d = mode == "3D"
    found, fov, matrix = stacks(scan), (scan.number(k.FOV), scan.number(k.FOV_PHASE)), _matrix(scan)
    shown = _shown_voxel(scan)
    return {
        "mr_acquisition_type": DIMENSIONS.get(mode or ""),
        "plane": _plane(scan, found),
        "phase_encoding_direction": _phase(scan, found),
        "number_of_slices": _slices(found),
        "slab_thickness": _slab(found) if is_3d else None,
        "slice_thickness": _thickness(scan, is_3d, shown[2]),
        "slice_gap": None if is_3d else _gap(scan, found),
        "concatenations": None if is_3d else _packages(scan),
        "field_of_view": _pair(*fov),
        "acquisition_matrix": matrix,
        "voxel_size": _voxel(scan, shown, fov, matrix or (None, None)),
    }


def _positive(value: float | None) -> float | None:
    return value if value is not None and value > 0 else None


def _pair(read: float | None, phase: float | None) -> tuple[float | None, float | None] | None:
    pair = _positive(read), _positive(phase)
    return pair if any(pair) else None


def _plane(scan: Scan, found: list[Stack]) -> str | None:
    planes = {stack.plane for stack in found}
    if len(planes) == 1:
        return PLANES.get(str(found[0].plane))
    if planes:
        scan.missing("plane", f"{len(found)} stacks of different planes")
    return None


def _phase(scan: Scan, found: list[Stack]) -> str | None:
    if len({stack.phase for stack in found}) > 1:
        scan.note("phase_encoding_direction", "first-stack", "the stacks differ; this is the first one's")
    return found[0].phase if found and found[0].phase in ("AP", "LR", "FH") else None


def _slices(found: list[Stack]) -> int | None:
    counts = [stack.slices for stack in found if isinstance(stack.slices, int) and stack.slices > 0]
    return sum(counts) if counts and len(counts) == len(found) else None


def _slab(found: list[Stack]) -> float | None:
    """Height of the stacks; over-contiguous slices are thicker than their share of it."""
    heights = [stack.height for stack in found if stack.height is not None and stack.height > 0]
    return float(f"{sum(heights):.7g}") if heights and len(heights) == len(found) else None


def _gap(scan: Scan, found: list[Stack]) -> float | None:
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


def _packages(scan: Scan) -> int | None:
    shown = scan.number(k.PACKAGES)
    if shown is not None and shown >= 1:
        return int(shown)
    least = scan.number(k.PACKAGES_MIN)
    if least is not None:
        scan.missing("concatenations", f"at least {least} packages, and no computed value")
    return None


def _matrix(scan: Scan) -> tuple[int | None, int | None] | None:
    shown = scan.numbers(k.MATRIX_SHOWN)
    if len(shown) == 2 and min(shown) >= 1:
        return int(shown[0]), int(shown[1])
    read = scan.number(k.MATRIX_READ)
    return (int(read), None) if read is not None and read >= 1 else None


def _voxel(
    scan: Scan, shown: list[float | None], fov: _Pair, matrix: _Pair
) -> tuple[float | None, float | None, float | None] | None:
    """Measured voxel: the scanner rounds the one that is asked for to a whole matrix."""
    shares = [size / points if size and points else None for size, points in zip(fov, matrix, strict=True)]
    sizes = (
        measured(shown[0], scan.number(k.VOXEL_READ), shares[0]),
        measured(shown[1], scan.number(k.VOXEL_PHASE), shares[1]),
        measured(shown[2], scan.number(k.VOXEL_SLICE), scan.number(k.VOXEL_SLICE_SHOWN)),
    )
    return sizes if any(sizes) else None


def _thickness(scan: Scan, is_3d: bool, shown: float | None) -> float | None:
    """Thickness as acquired: over-contiguous partitions of a 3D scan are thicker than those shown."""
    stated = scan.number(k.THICKNESS)
    if not is_3d:
        return _positive(stated)
    acquired = scan.number(k.THICKNESS_ACQUIRED)
    if acquired is None and shown is None and scan.values.get(k.OVERCONTIGUOUS) == "YES":
        scan.missing("slice_thickness", f"partitions overlap at every {stated} mm, and no computed value")
        return None
    return measured(shown, acquired, stated)


def _shown_voxel(scan: Scan) -> list[float | None]:
    shown = scan.numbers(k.VOXEL_SHOWN)
    return [*shown] if len(shown) == 3 else [None, None, None]


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
    return float(f"{value:.7g}")
