"""Field of view, matrix and voxel agree.

What it checks
--------------
Voxel = field of view / points, in readout and in phase direction, within 3 %. In phase direction the
points may cover the field of view with its oversampling, which some consoles count into the matrix, and
on GE the full square field of view, whatever part of it is measured.

Why
---
The three are stated apart in every format. Where they disagree, one console follows the matrix and
another the voxel, and two scans of one name differ.

Example
-------
A field of view of 256 mm over 256 points with a voxel of 0.8 mm.

Use instead
-----------
The voxel that follows, 1 mm, or the 320 points that it needs.

Source
------
Definition of the three; 37 of 37 published cards agree within 3 %.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from generator.rules.facts.view import Facts
from generator.rules.language import Comparison
from generator.rules.operators import RELATIONS, Near
from generator.vendors.profile import profile

PERCENT = 3.0


def check(facts: Facts) -> Iterator[Comparison]:
    """Compare the voxel with what field of view and matrix make of it, in each direction that is stated."""
    voxel, extent, points = facts["voxel_size"], facts["field_of_view"], facts["acquisition_matrix"]
    for axis, covered in ((0, [extent[0]]), (1, _phase_extents(facts, extent))):
        if None in (voxel[axis], extent[axis], points[axis]):
            continue
        wanted = min((side / points[axis] for side in covered), key=lambda edge: abs(edge - voxel[axis]))
        limit = Near(wanted, percent=PERCENT)
        holds = RELATIONS["near"].holds(voxel[axis], limit)
        yield Comparison("voxel_size", None, "near", voxel[axis], limit, holds)


def _phase_extents(facts: Facts, extent: Sequence[float | None]) -> list[float]:
    """What the points in phase direction may cover."""
    read, phase = extent
    if phase is None:
        return []
    counts_square = profile(facts.get("vendor")).phase_points_cover_square
    square = [read] if read is not None and counts_square else []
    return [phase, phase * (1.0 + (facts.get("phase_oversampling") or 0.0)), *square]
