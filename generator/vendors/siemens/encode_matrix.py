"""Field of view, matrix, partitions and slices to members of a MrProt block."""

from __future__ import annotations

from typing import Any

from generator.model.tree import Acquisition
from generator.vendors.siemens import facts as f
from generator.vendors.siemens.ascconv import Ascconv, Value
from generator.vendors.siemens.geometry import encode_slices, partitions_per_slab

Changes = dict[str, Value]

SLICE_FIELDS = (
    "slice_thickness",
    "slice_gap",
    "number_of_slices",
    "voxel_size",
    "plane",
    "phase_encoding_direction",
    "slice_oversampling",
)
"""Fields that the members of slices and slice groups depend on together."""


def fov(a: Acquisition) -> tuple[float, float] | None:
    """Field of view, if both sides are stated."""
    if a.field_of_view and a.field_of_view[0] and a.field_of_view[1]:
        return (a.field_of_view[0], a.field_of_view[1])
    return None


def is_3d(a: Acquisition, old: Ascconv) -> bool:
    """Whether the scan is 3D: as stated, else as it is in the block."""
    return a.mr_acquisition_type == "3D" if a.mr_acquisition_type else old.integer(f.DIMENSION) == 4


def matrix(a: Acquisition, old: Ascconv) -> Changes:
    """Base resolution, phase resolution, lines and phase oversampling."""
    size = fov(a) or old_fov(old)
    read, phase = points(a, size)
    changes: Changes = {}
    base = read or old.integer(f.BASE)
    if read:
        changes[f.BASE] = read
    if not phase and base and size and (read or fov(a) or a.phase_oversampling is not None):
        phase = round(base * size[1] / size[0] * (old.number(f.PHASE_RESOLUTION, 1.0) or 1.0))
        changes[f.LINES] = round(phase * (1 + _oversampling(a, old)))
    elif phase and base and size:
        resolution = phase / (base * size[1] / size[0])
        changes[f.PHASE_RESOLUTION] = _console_digits(resolution)
        changes[f.LINES] = round(phase * (1 + _oversampling(a, old)))
    if a.phase_oversampling is not None:
        changes[f.PHASE_OVERSAMPLING] = a.phase_oversampling
    return changes


def _oversampling(a: Acquisition, old: Ascconv) -> float:
    stored = old.number(f.PHASE_OVERSAMPLING, 0.0) or 0.0
    return stored if a.phase_oversampling is None else a.phase_oversampling


def old_fov(old: Ascconv) -> tuple[float, float] | None:
    """Field of view that the block has."""
    read, phase = (old.number(f"{f.SLICE}[0].{k}") for k in (f.READ_FOV, f.PHASE_FOV))
    return (read, phase) if read and phase else None


def points(a: Acquisition, size: tuple[float, float] | None) -> tuple[int | None, int | None]:
    """Measured points in read and phase: as stated, else from voxel and field of view."""
    matrix: tuple[Any, Any] = a.acquisition_matrix or (None, None)
    voxel: tuple[Any, ...] = a.voxel_size or (None, None, None)
    read, phase = (matrix[i] or (round(size[i] / voxel[i]) if size and voxel[i] else None) for i in (0, 1))
    return read, phase


def _console_digits(resolution: float) -> float:
    """Resolutions near a whole number are meant to be it (noise of a quotient)."""
    return round(resolution) if abs(resolution - round(resolution)) < 1e-6 else float(f"{resolution:.12g}")


def partitions(a: Acquisition, old: Ascconv) -> Changes:
    """Dimension, images per slab, measured partitions."""
    if a.mr_acquisition_type is not None:
        changes: Changes = {f.DIMENSION: 4 if a.mr_acquisition_type == "3D" else 2}
    else:
        changes = {}
    if not is_3d(a, old):
        return changes
    images = partitions_per_slab(a, old)
    if a.slice_oversampling is not None:
        changes[f.SLICE_OVERSAMPLING] = a.slice_oversampling
    thickness = a.slice_thickness or (a.voxel_size[2] if a.voxel_size else None)
    if a.voxel_size and a.voxel_size[2] and thickness:
        changes[f.SLICE_RESOLUTION] = _console_digits(thickness / a.voxel_size[2])
    if images:
        changes[f.IMAGES_PER_SLAB] = images
        changes[f.PARTITIONS] = _measured_partitions(images, changes, old)
    return changes


def _measured_partitions(images: int, changes: Changes, old: Ascconv) -> int:
    def now(key: str, absent: float) -> float:
        value = changes.get(key, old.number(key, absent))
        return float(value) if isinstance(value, (int, float)) else absent

    return round(images * (1 + now(f.SLICE_OVERSAMPLING, 0.0)) * now(f.SLICE_RESOLUTION, 1.0))


def slices(a: Acquisition, old: Ascconv) -> Changes:
    """Slices and groups, if anything about them is asked for; concatenations."""
    asked = fov(a) or any(getattr(a, name) is not None for name in SLICE_FIELDS)
    changes = encode_slices(a, old, fov(a)) if asked else {}
    if a.concatenations is not None:
        changes[f.CONCATENATIONS] = a.concatenations
    return changes
