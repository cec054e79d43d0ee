"""Slices: how many, how thick, where and which way; the members that must change together.

Source: formats/siemens.md section 6, "Geometry".
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from generator.model.tree import Acquisition
from generator.vendors.siemens import facts as f
from generator.vendors.siemens.ascconv import Ascconv, Value

Changes = dict[str, Value]
Vector = tuple[float, float, float]

_MAIN_NORMALS: dict[str, Vector] = {
    "sagittal": (1.0, 0.0, 0.0),
    "coronal": (0.0, 1.0, 0.0),
    "transverse": (0.0, 0.0, 1.0),
}
_COUNTED = {"sagittal": "sSliceArray.lSag", "coronal": "sSliceArray.lCor"}


@dataclass(frozen=True)
class Placement:
    """Centre, normal and in-plane rotation of a slice group (axes L, P, H)."""

    centre: Vector
    normal: Vector
    rotation: float

    @property
    def plane(self) -> str:
        """The nearest main plane."""
        sizes = [abs(c) for c in self.normal]
        return f.PLANES[sizes.index(max(sizes))]


def encode_slices(a: Acquisition, old: Ascconv, fov: tuple[float, float] | None) -> Changes:
    """Members of slices and slice groups for an acquisition.

    Parameters
    ----------
    a : Acquisition
        What is wanted; a value that is ``None`` stays as in ``old``.
    old : Ascconv
        The block to change: of a donor, or empty for a template.
    fov : (float, float) or None
        Field of view in mm, read and phase.

    Returns
    -------
    dict
        Changes; several slice groups of a donor (a localizer) keep their slices and only get the new size.
    """
    size = _sizes(a, old, fov)
    count = old.integer(f.SLICES, 0) or 0
    if (old.integer(f.GROUPS, 1) or 1) > 1:
        return _sized(range(count), size)
    three = a.mr_acquisition_type == "3D" if a.mr_acquisition_type else old.integer(f.DIMENSION) == 4
    number = 1 if three else a.number_of_slices or count or 1
    if three and count > 1:
        return _sized(range(count), size)
    placement = _placed(a, old, count)
    thickness = size.get(f.THICKNESS)
    old_factor = old.number(f"{f.GROUP}[0].{f.DISTANCE_FACTOR}", 0.0) or 0.0
    factor = a.slice_gap / thickness if a.slice_gap is not None and thickness and not three else old_factor
    changes: Changes = {f.SLICES: number, f.GROUPS: 1, f"{f.GROUP}[0].{f.GROUP_SIZE}": number}
    if number != count or not three:
        changes[f"{f.GROUP}[0].{f.DISTANCE_FACTOR}"] = factor
    for i in range(number):
        shift = (i - (number - 1) / 2) * (thickness or 0) * (1 + factor) if not three else 0.0
        changes |= _sized(range(i, i + 1), size) | _one(i, placement, shift)
    changes |= _orders(number, count, old) | _counts(placement.plane, number, old)
    return changes | _auto_align(placement, placement_of(old, count), old)


def _auto_align(now: Placement, was: Placement, old: Ascconv) -> Changes:
    """The initial offset of AutoAlign turns with the slices."""
    if (now.normal, now.rotation) == (was.normal, was.rotation):
        return {}
    if not any(key.startswith(f.AUTOALIGN_SLICE) for key in old.raw):
        return {}
    normal = zip(f.AXES, now.normal, strict=True)
    turned: Changes = {f"{f.AUTOALIGN_SLICE}.{f.NORMAL}.{axis}": _zeroless(n) for axis, n in normal}
    return turned | {f"{f.AUTOALIGN_SLICE}.{f.ROTATION}": _zeroless(now.rotation)}


def _sizes(a: Acquisition, old: Ascconv, fov: tuple[float, float] | None) -> dict[str, float]:
    """Stored size members that are wanted; the thickness of a slab for 3D."""
    found: dict[str, float] = {}
    three = a.mr_acquisition_type == "3D" if a.mr_acquisition_type else old.integer(f.DIMENSION) == 4
    images = partitions_per_slab(a, old) if three else 1
    thickness = a.slice_thickness or (a.voxel_size[2] if a.voxel_size else None) or _old_thickness(old)
    if thickness and images:
        found[f.THICKNESS] = thickness * images
    return found | ({f.PHASE_FOV: fov[1], f.READ_FOV: fov[0]} if fov else {})


def _old_thickness(old: Ascconv) -> float | None:
    stored, images = old.number(f"{f.SLICE}[0].{f.THICKNESS}"), old.integer(f.IMAGES_PER_SLAB)
    if old.integer(f.DIMENSION) == 4:
        return stored / images if stored and images else None
    return stored


def partitions_per_slab(a: Acquisition, old: Ascconv) -> int | None:
    """Images per slab: all that are wanted over the slabs that there are."""
    slabs = (old.integer(f.SLICES, 1) or 1) if old.integer(f.DIMENSION) == 4 else 1
    if a.number_of_slices and a.number_of_slices % slabs == 0:
        return a.number_of_slices // slabs
    return old.integer(f.IMAGES_PER_SLAB)


def _placed(a: Acquisition, old: Ascconv, count: int) -> Placement:
    """Where the group lies: as in the donor, but turned to the wanted plane and phase direction."""
    was = placement_of(old, count)
    plane = a.plane if a.plane in _MAIN_NORMALS else None
    normal = was.normal
    rotation = was.rotation
    if plane and plane != was.plane:
        normal, rotation = _MAIN_NORMALS[plane], 0.0
    directions = f.PHASE_DIRECTIONS[plane or was.plane]
    wanted = a.phase_encoding_direction
    quarter = round(rotation / (math.pi / 2)) % 4
    if wanted in directions and directions[quarter] != wanted:
        rotation = ((directions.index(wanted) + 1) % 4 - 1) * math.pi / 2
    return Placement(was.centre, normal, rotation)


def placement_of(old: Ascconv, count: int) -> Placement:
    """Centre, normal and rotation of the first group of a block; isocentre and transverse without one."""

    def vector(i: int, member: str) -> Vector:
        x, y, z = (old.number(f"{f.SLICE}[{i}].{member}.{axis}", 0.0) or 0.0 for axis in f.AXES)
        return (x, y, z)

    if not count:
        return Placement((0.0, 0.0, 0.0), _MAIN_NORMALS["transverse"], 0.0)
    first, last = vector(0, f.POSITION), vector(count - 1, f.POSITION)
    x, y, z = ((one + other) / 2 for one, other in zip(first, last, strict=True))
    return Placement((x, y, z), vector(0, f.NORMAL), old.number(f"{f.SLICE}[0].{f.ROTATION}", 0.0) or 0.0)


def _one(i: int, placement: Placement, shift: float) -> Changes:
    stem = f"{f.SLICE}[{i}]"
    changes: Changes = {f"{stem}.{f.ROTATION}": _zeroless(placement.rotation)}
    for axis, centre, normal in zip(f.AXES, placement.centre, placement.normal, strict=True):
        changes[f"{stem}.{f.POSITION}.{axis}"] = _zeroless(round(centre + normal * shift, 11))
    for axis, normal in zip(f.AXES, placement.normal, strict=True):
        changes[f"{stem}.{f.NORMAL}.{axis}"] = _zeroless(normal)
    return changes


def _sized(slices: range, size: dict[str, float]) -> Changes:
    return {f"{f.SLICE}[{i}].{member}": value for i in slices for member, value in size.items()}


def _orders(number: int, count: int, old: Ascconv) -> Changes:
    """Slice orders and group members; elements of slices that are no more go away."""
    changes: Changes = {}
    if number != count:
        for array in f.SLICE_ORDERS:
            changes |= {f"{array}[{i}]": i or None for i in range(number)}
        changes |= {f"{f.GROUP_MEMBER}[{i}]": i or None for i in range(number)}
        changes[f"{f.GROUP_MEMBER}[{number}]"] = -1
        arrays = (f.SLICE, *f.SLICE_ORDERS, f.GROUP_MEMBER)
        gone = [key for key in old.raw if any(_index(key, array) >= number for array in arrays)]
        changes |= {key: None for key in gone if key != f"{f.GROUP_MEMBER}[{number}]"}
    return changes


def _index(key: str, array: str) -> int:
    if not key.startswith(f"{array}["):
        return -1
    return int(key[len(array) + 1 : key.index("]", len(array))])


def _counts(plane: str, number: int, old: Ascconv) -> Changes:
    changes: Changes = {}
    for name, key in _COUNTED.items():
        wanted = number if name == plane else None
        if wanted or key in old.raw:
            changes[key] = wanted
    return changes


def _zeroless(value: float) -> float | None:
    """Zero members are absent."""
    return value if abs(value) > 1e-12 else None
