"""The slab covers the whole brain.

What it checks
--------------
All slices together extend over 160 mm in a sagittal and 140 mm in a transverse scan; the field of view of
a sagittal scan over 240 mm from head to foot.

Why
---
Lesions near the vertex, in the cerebellum and in the upper cord are missed in a slab that is too thin, and
cannot be compared with the exam before.

Example
-------
128 sagittal partitions of 1 mm.

Use instead
-----------
176 partitions of 1 mm, or 160 of them with slice oversampling against fold-over.

Source
------
144 to 192 mm in published brain cards; 140 mm in a public CMSC rule set.
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.rules.facts.view import Facts
from generator.rules.language import Comparison
from generator.rules.operators import RELATIONS

SLAB_MM = {"sagittal": 160.0, "transverse": 140.0}
HEAD_FOOT_MM = 240.0


def check(facts: Facts) -> Iterator[Comparison]:
    """Compare the slab, and from head to foot the field of view of a sagittal scan."""
    holds = RELATIONS["at_least"].holds
    plane = facts["plane"]
    extent = facts.get("head_foot_extent") if plane == "sagittal" else None
    if extent is not None:
        met = holds(extent, HEAD_FOOT_MM)
        yield Comparison("head_foot_extent", None, "at_least", extent, HEAD_FOOT_MM, met)
    if plane in SLAB_MM:
        slab = facts["slab_extent"]
        yield Comparison("slab_extent", None, "at_least", slab, SLAB_MM[plane], holds(slab, SLAB_MM[plane]))
