"""The stations cover the whole spine.

What it checks
--------------
The stations of a sagittal spine scan, less 30 mm of overlap between two of them, extend over 450 mm from
head to foot; the slices of one over 36 mm from side to side.

Why
---
A gap between two stations, or a conus below the lower one, leaves part of the cord unread.

Example
-------
One station of 300 mm.

Use instead
-----------
Two stations of 280 mm or more.

Source
------
Own figures for adults.
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.rules.facts.view import Facts
from generator.rules.language import Comparison
from generator.rules.operators import RELATIONS

OVERLAP_MM, SPINE_MM, SLAB_MM = 30.0, 450.0, 36.0


def check(facts: Facts) -> Iterator[Comparison]:
    """Compare what the stations cover together, and the slab if it is stated."""
    if facts["plane"] != "sagittal":
        return
    holds = RELATIONS["at_least"].holds
    slab = facts.get("slab_extent")
    if slab is not None:
        yield Comparison("slab_extent", None, "at_least", slab, SLAB_MM, holds(slab, SLAB_MM))
    stations = facts["stations"]
    covered = stations * facts["head_foot_extent"] - OVERLAP_MM * (stations - 1)
    yield Comparison("head_foot_extent", None, "at_least", covered, SPINE_MM, holds(covered, SPINE_MM))
