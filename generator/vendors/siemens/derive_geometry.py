"""Slices and field of view of a MrProt block (siemens.md section 6, "Geometry")."""

from __future__ import annotations

import math
from typing import Any

from generator.model import words
from generator.vendors.siemens import facts as f
from generator.vendors.siemens.block import Fields, Protocol, tidy


def geometry(p: Protocol) -> Fields:
    """Field of view, matrix, voxel, slices and orientation."""
    if p.sequence.technique == "spectroscopy":
        p.doubt("field_of_view", "the volume of a spectroscopy is no image; its members are under vendor")
        return {}
    b = p.block
    read, phase = (b.number(f"{f.SLICE}[0].{k}") for k in (f.READ_FOV, f.PHASE_FOV))
    base, lines = b.integer(f.BASE), b.integer(f.LINES)
    oversampling = max(b.number(f.PHASE_OVERSAMPLING, 0.0) or 0.0, 0.0)
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
    raw, stems = p.block.raw, [f"{f.SLICE}[{i}]." for i in range(count)]
    return count > 1 and any(len({raw.get(stem + member) for stem in stems}) > 1 for member in members)


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
            "slab_thickness": tidy(total * thickness) if total and thickness else None,
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
    if plane == "coronal" and phase in ("HF", "FH"):
        message = (
            "the polarity of a coronal head-feet direction follows from the other planes, not a printout"
        )
        p.doubt("phase_encoding_direction", message, "unverified-rule")
    return {"plane": plane, "phase_encoding_direction": phase}


def _direction(p: Protocol, index: int) -> tuple[words.Plane | None, words.PhaseDirection | None]:
    stem = f"{f.SLICE}[{index}]"
    normal = [abs(p.block.number(f"{stem}.{f.NORMAL}.{axis}", 0.0) or 0.0) for axis in f.AXES]
    if not any(normal):
        return None, None
    # Of two components that are as large, transverse is before coronal is before sagittal.
    plane = f.PLANES[max(range(3), key=lambda i: (round(normal[i], 6), i))]
    quarter = (p.block.number(f"{stem}.{f.ROTATION}", 0.0) or 0.0) / (math.pi / 2)
    if abs(quarter - round(quarter)) > 0.49:
        return plane, None
    return plane, f.PHASE_DIRECTIONS[plane][round(quarter) % 4]
