"""Field of view, matrix, partitions and slices: how many, how thick, where and which way.

The members that must change together are written together. Source: formats/siemens.md section 6, "Geometry".
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from generator.model import words
from generator.model.tree import Acquisition
from generator.vendors.siemens import facts as f
from generator.vendors.siemens.container.ascconv import Ascconv
from generator.vendors.siemens.fields.block import Changes, Fields, MrProt, is_3d, tidy


def read_geometry(p: MrProt) -> Fields:
    """Field of view, matrix, voxel, slices and orientation."""
    if p.sequence.technique == "spectroscopy":
        p.doubt("field_of_view", "the volume of a spectroscopy is no image; its members are under vendor")
        return {}
    b = p.block
    read, phase = (b.number(f"{f.SLICE}[0].{k}") for k in (f.READ_FOV, f.PHASE_FOV))
    base, lines = b.integer(f.BASE), b.integer(f.LINES)
    oversampling = max(b.real(f.PHASE_OVERSAMPLING), 0.0)
    thickness = _thickness(p)
    if read and _differing(p, (f.READ_FOV, f.PHASE_FOV, f.THICKNESS)):
        p.doubt(
            "field_of_view",
            "slices differ in field of view or thickness; the first one is given",
            "first-of-many",
        )
    measured = _measured(p, lines, oversampling, phase / read if read and phase else None)
    return {
        "field_of_view": (read, phase) if read and phase else None,
        "acquisition_matrix": (base, measured) if base and measured else None,
        "voxel_size": _voxel(p, read, base, thickness),
        "slice_thickness": thickness,
        "phase_oversampling": oversampling,
        "slice_oversampling": b.number(f.SLICE_OVERSAMPLING, 0.0) if p.is_3d else None,
        **_slices(p, thickness, groups := _groups(p)),
        **_orientation(p, groups),
    }


def _measured(p: MrProt, lines: int | None, oversampling: float, share: float | None) -> int | None:
    """Points in phase by the lines, or by field of view and resolution if lines were added to fill trains.

    A turbo spin echo fills its last train: in 89 of 616 real protocols there are more lines than asked for.
    """
    base, resolution = p.block.integer(f.BASE), p.block.number(f.PHASE_RESOLUTION)
    if not lines or not (base and resolution and share):
        return round(lines / (1 + oversampling)) if lines else None
    asked = base * share * resolution
    return round(lines / (1 + oversampling)) if abs(asked * (1 + oversampling) - lines) <= 1 else round(asked)


def _thickness(p: MrProt) -> float | None:
    stored, images = p.block.number(f"{f.SLICE}[0].{f.THICKNESS}"), p.block.integer(f.IMAGES_PER_SLAB)
    if not stored or (p.is_3d and not images):
        return None
    return tidy(stored / images if p.is_3d and images else stored)


def _voxel(p: MrProt, read: float | None, base: int | None, thickness: float | None) -> Any:
    phase_resolution = p.block.number(f.PHASE_RESOLUTION)
    if not (read and base and thickness and phase_resolution):
        return None
    depth: float | None = thickness
    if p.is_3d:
        resolution = p.block.number(f.SLICE_RESOLUTION)
        depth = tidy(thickness / resolution) if resolution and p.why_not is None else None
    return (tidy(read / base), tidy(read / base / phase_resolution), depth)


def _differing(p: MrProt, members: tuple[str, ...]) -> bool:
    count, raw = min(p.block.whole(f.SLICES, 1), _MOST_COMPARED), p.block.raw
    return any(len(set(map(raw.get, _slice_keys(member)[:count]))) > 1 for member in members)


_MOST_COMPARED = 512


@cache
def _slice_keys(member: str) -> tuple[str, ...]:
    """Keys of a member of every slice."""
    return tuple(f"{f.SLICE}[{i}].{member}" for i in range(_MOST_COMPARED))


Groups = list[tuple[int, float]]
"""Size and distance factor of each slice group."""


def _groups(p: MrProt) -> Groups:
    count = min(p.block.whole(f.GROUPS, 1), 256)
    stems = [f"{f.GROUP}[{g}]" for g in range(count)]
    return [
        (
            p.block.whole(f"{s}.{f.GROUP_SIZE}"),
            p.block.real(f"{s}.{f.DISTANCE_FACTOR}"),
        )
        for s in stems
    ]


def _slices(p: MrProt, thickness: float | None, groups: Groups) -> Fields:
    slabs, factor = p.block.integer(f.SLICES), _shared_factor(groups)
    if p.is_3d:
        images = p.block.integer(f.IMAGES_PER_SLAB)
        total = slabs * images if slabs and images else None
        return {
            "number_of_slices": total,
            "slab_thickness": tidy(total * thickness) if total and thickness else None,
            "slice_gap": None,
            "number_of_slabs": slabs,
            "slab_overlap": _overlap(factor) if slabs and slabs > 1 else None,
        }
    if factor is None and thickness:
        p.doubt("slice_gap", "the slice groups have different distance factors", "first-of-many")
    gap = tidy(factor * thickness) if factor is not None and thickness else None
    return {"number_of_slices": slabs, "slice_gap": gap}


def _shared_factor(groups: Groups) -> float | None:
    """The distance factor that all slice groups share."""
    factors = {factor for _, factor in groups}
    return factors.pop() if len(factors) == 1 else None


def _overlap(factor: float | None) -> float | None:
    """Share of a slab that the next one measures again: a distance factor below zero."""
    return -factor if factor is not None and -1 < factor <= 0 else None


def _orientation(p: MrProt, groups: Groups) -> Fields:
    starts, at = [], 0
    for size, _ in groups:
        starts.append(at)
        at += size
    found = {_direction(p, i) for i in starts or [0]}
    if len(found) > 1:
        p.doubt("plane", "the slice groups differ in orientation", "first-of-many")
        return {"plane": None, "phase_encoding_direction": None, "oblique_angles": None}
    plane, phase = found.pop()
    return {"plane": plane, "phase_encoding_direction": phase, "oblique_angles": _angles(p, plane)}


def _angles(p: MrProt, plane: words.Plane | None) -> tuple[float, float] | None:
    """Angles of ``T > C9.3 > S1.2``: from the main plane towards the next, then towards the last.

    Signs and order as XA51 and XA61 print them, 25 different orientations.
    """
    if plane is None:
        return None
    normal = [p.block.real(f"{f.SLICE}[0].{f.NORMAL}.{axis}") for axis in f.AXES]
    main = f.PLANES.index(plane)
    towards, last = sorted((i for i in range(3) if i != main), key=lambda i: -abs(normal[i]))
    sign = math.copysign(1.0, normal[main])
    first = -math.degrees(math.atan2(sign * normal[towards], abs(normal[main])))
    second = -math.degrees(math.atan2(sign * normal[last], math.hypot(normal[main], normal[towards])))
    return round(first, 1) + 0.0, round(second, 1) + 0.0


def _direction(p: MrProt, index: int) -> tuple[words.Plane | None, words.PhaseDirection | None]:
    stem = f"{f.SLICE}[{index}]"
    normal = [abs(p.block.real(f"{stem}.{f.NORMAL}.{axis}")) for axis in f.AXES]
    if not any(normal):
        return None, None
    # Of two components that are as large, transverse is before coronal is before sagittal.
    plane = f.PLANES[max(range(3), key=lambda i: (round(normal[i], 6), i))]
    quarter = p.block.real(f"{stem}.{f.ROTATION}") / (math.pi / 2)
    if abs(quarter - round(quarter)) > 0.49:
        return plane, None
    turns = round(quarter) + (2 if p.inverts_phase else 0)
    return plane, f.PHASE_DIRECTIONS[plane][turns % 4]


# --- writing -----------------------------------------------------------------------------------------


SLICE_FIELDS = (
    "slice_thickness",
    "slice_gap",
    "number_of_slices",
    "voxel_size",
    "plane",
    "phase_encoding_direction",
    "slice_oversampling",
    "multiband_factor",
)
"""Fields that the members of slices and slice groups depend on together."""


def fov(a: Acquisition) -> tuple[float, float] | None:
    """Field of view, if both sides are stated."""
    if a.field_of_view and a.field_of_view[0] and a.field_of_view[1]:
        return (a.field_of_view[0], a.field_of_view[1])
    return None


def write_matrix(a: Acquisition, old: Ascconv) -> Changes:
    """Base resolution, phase resolution, lines and phase oversampling."""
    size = fov(a) or old_fov(old)
    read, phase = points(a, size)
    changes: Changes = {f.BASE: read} if read else {}
    base = read or old.integer(f.BASE)
    if base and size and (phase or read or fov(a) or a.phase_oversampling is not None):
        full = base * size[1] / size[0]
        if phase:
            changes[f.PHASE_RESOLUTION] = _console_digits(phase / full)
        lines = phase or round(full * old.real(f.PHASE_RESOLUTION, 1.0))
        changes[f.LINES] = round(lines * (1 + _oversampling(a, old)))
    if a.phase_oversampling is not None:
        changes[f.PHASE_OVERSAMPLING] = a.phase_oversampling
    return changes


def _oversampling(a: Acquisition, old: Ascconv) -> float:
    stored = old.real(f.PHASE_OVERSAMPLING)
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


def write_partitions(a: Acquisition, old: Ascconv) -> Changes:
    """Dimension, images per slab, measured partitions."""
    changes: Changes = {}
    if a.mr_acquisition_type is not None:
        changes[f.DIMENSION] = 4 if a.mr_acquisition_type == "3D" else 2
    if not is_3d(a, old):
        return changes
    images = partitions_per_slab(a, old)
    if a.slice_oversampling is not None:
        changes[f.SLICE_OVERSAMPLING] = a.slice_oversampling
    if a.voxel_size and (depth := a.voxel_size[2]):
        changes[f.SLICE_RESOLUTION] = _console_digits((a.slice_thickness or depth) / depth)
    if images:
        changes[f.IMAGES_PER_SLAB] = images
        changes[f.PARTITIONS] = _measured_partitions(images, changes, old)
    return changes


def _measured_partitions(images: int, changes: Changes, old: Ascconv) -> int:
    def now(key: str, absent: float) -> float:
        value = changes.get(key, old.number(key, absent))
        return float(value) if isinstance(value, (int, float)) else absent

    return round(images * (1 + now(f.SLICE_OVERSAMPLING, 0.0)) * now(f.SLICE_RESOLUTION, 1.0))


def write_slices(a: Acquisition, old: Ascconv) -> Changes:
    """Slices and groups, if anything about them is asked for."""
    asked = fov(a) or any(getattr(a, name) is not None for name in SLICE_FIELDS)
    return _write_slice_array(a, old, fov(a)) if asked else {}


Vector = tuple[float, float, float]
_MAIN_NORMALS: dict[str, Vector] = {
    "sagittal": (1.0, 0.0, 0.0),
    "coronal": (0.0, 1.0, 0.0),
    "transverse": (0.0, 0.0, 1.0),
}


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


def _write_slice_array(a: Acquisition, old: Ascconv, fov: tuple[float, float] | None) -> Changes:
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
    count, three = old.whole(f.SLICES), is_3d(a, old)
    if old.whole(f.GROUPS, 1) > 1 or (three and count > 1):
        return _sized(range(count), _sizes(a, old, fov))
    size = _sizes(a, old, fov or old_fov(old))  # slices that are new have a field of view, too
    together = a.multiband_factor or 1
    number = 1 if three else math.ceil((a.number_of_slices or count or 1) / together) * together
    factor = _distance_factor(a, old, size)
    changes: Changes = {f.SLICES: number, f.GROUPS: 1, f"{f.GROUP}[0].{f.GROUP_SIZE}": number}
    changes[f"{f.GROUP}[0].{f.DISTANCE_FACTOR}"] = factor
    placement = _placed(a, old, count)
    step = size.get(f.THICKNESS, 0.0) * (1 + factor)
    for i in range(number):
        changes |= _sized(range(i, i + 1), size) | _one(i, placement, (i - (number - 1) / 2) * step)
    changes |= _orders(number, count, old) | _counts(placement.plane, number, old)
    return changes | _auto_align(placement, placement_of(old, count), old)


def _distance_factor(a: Acquisition, old: Ascconv, size: Mapping[str, float]) -> float:
    """Gap over thickness, where a gap of 2D slices is stated; else as it is in the block."""
    thickness = size.get(f.THICKNESS)
    if a.slice_gap is not None and thickness and not is_3d(a, old):
        return a.slice_gap / thickness
    return old.real(f"{f.GROUP}[0].{f.DISTANCE_FACTOR}")


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
    three = is_3d(a, old)
    images = partitions_per_slab(a, old) if three else 1
    thickness = a.slice_thickness or (a.voxel_size[2] if a.voxel_size else None) or _old_thickness(old)
    if thickness and images:
        found[f.THICKNESS] = thickness * images
    elif three and a.slab_thickness:
        found[f.THICKNESS] = a.slab_thickness
    return found | ({f.PHASE_FOV: fov[1], f.READ_FOV: fov[0]} if fov else {})


def _old_thickness(old: Ascconv) -> float | None:
    stored, images = old.number(f"{f.SLICE}[0].{f.THICKNESS}"), old.integer(f.IMAGES_PER_SLAB)
    if old.integer(f.DIMENSION) == f.THREE:
        return stored / images if stored and images else None
    return stored


def partitions_per_slab(a: Acquisition, old: Ascconv) -> int | None:
    """Images per slab: all that are wanted over the slabs that there are."""
    slabs = old.whole(f.SLICES, 1) if old.integer(f.DIMENSION) == f.THREE else 1
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
        x, y, z = (old.real(f"{f.SLICE}[{i}].{member}.{axis}") for axis in f.AXES)
        return (x, y, z)

    if not count:
        return Placement((0.0, 0.0, 0.0), _MAIN_NORMALS["transverse"], 0.0)
    first, last = vector(0, f.POSITION), vector(count - 1, f.POSITION)
    x, y, z = ((one + other) / 2 for one, other in zip(first, last, strict=True))
    return Placement((x, y, z), vector(0, f.NORMAL), old.real(f"{f.SLICE}[0].{f.ROTATION}"))


def three_planes() -> Changes:
    """Members of a localizer: one slice group in each main plane, through the isocentre."""
    changes: Changes = {f.SLICES: len(_MAIN_NORMALS), f.GROUPS: len(_MAIN_NORMALS)}
    for i, normal in enumerate(_MAIN_NORMALS.values()):
        changes[f"{f.GROUP}[{i}].{f.GROUP_SIZE}"] = 1
        changes |= _one(i, Placement((0.0, 0.0, 0.0), normal, 0.0), 0.0)
    return changes | dict.fromkeys(f.COUNTED.values(), 1)


def placed_anew(old: Ascconv, straight: bool = False, central: bool = False) -> Changes:
    """Members that turn the one slice group of a block to its main plane, or move it to the isocentre.

    Several groups (a localizer) stay where they are.
    """
    count = old.whole(f.SLICES)
    if old.whole(f.GROUPS, 1) > 1 or not count:
        return {}
    was = placement_of(old, count)
    normal, rotation = was.normal, was.rotation
    if straight:
        quarter = math.pi / 2
        normal, rotation = _MAIN_NORMALS[was.plane], round(rotation / quarter) * quarter
    now = Placement((0.0, 0.0, 0.0) if central else was.centre, normal, rotation)
    thickness = old.real(f"{f.SLICE}[0].{f.THICKNESS}")
    step = thickness * (1 + old.real(f"{f.GROUP}[0].{f.DISTANCE_FACTOR}"))
    changes: Changes = {}
    for i in range(count):
        changes |= _one(i, now, (i - (count - 1) / 2) * step)
    offset = f"{f.AUTOALIGN_SLICE}.{f.POSITION}."
    there = {key: None for key in old.raw if key.startswith(offset)} if central else {}
    return changes | _auto_align(now, was, old) | there


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
    index = key[len(array) + 1 :].partition("]")[0]
    return int(index) if index.isdecimal() and len(index) < 10 else -1


def _counts(plane: str, number: int, old: Ascconv) -> Changes:
    changes: Changes = {}
    for name, key in f.COUNTED.items():
        wanted = number if name == plane else None
        if wanted or key in old.raw:
            changes[key] = wanted
    return changes


def _zeroless(value: float) -> float | None:
    """Zero members are absent."""
    return value if abs(value) > 1e-12 else None
