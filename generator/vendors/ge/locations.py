"""Where slices lie: location texts such as ``L94.0`` and the slice counts they give."""

from __future__ import annotations

from collections.abc import Mapping
from math import dist

from generator.vendors.ge import facts

_SIGN = {"R": (0, 1.0), "L": (0, -1.0), "A": (1, 1.0), "P": (1, -1.0), "S": (2, 1.0), "I": (2, -1.0)}
_ORDER = {"LR": 0, "AP": 1, "FH": 2}
GEOMETRY_KEYS = (
    "SLOC1", "SLOC2", "SLOC3", "ELOC1", "ELOC2", "ELOC3", "FOVCNT1", "FOVCNT2", "GRIP_SLGROUP1",
    "GRIP_SLGROUP2", "GRIP_SLGROUP3", "GRIP_SLGROUP4",
)  # fmt: skip


def text(axis: str, millimetres: float) -> str:
    """Write a location: the letter gives the side, ``0.0`` is the centre."""
    if abs(millimetres) < 0.05:
        return "0.0"
    positive, negative = facts.AXIS_LETTERS[axis]
    return f"{positive if millimetres > 0 else negative}{abs(millimetres):.1f}"


def _point(values: Mapping[str, str], stem: str) -> list[float] | None:
    point = [0.0, 0.0, 0.0]
    for index in "123":
        location = values.get(stem + index, "")
        if location[:1] in _SIGN:
            axis, sign = _SIGN[location[0]]
            try:
                point[axis] = sign * float(location[1:])
            except ValueError:
                return None
    return point


def images_in_slab(values: Mapping[str, str], plane: str, thickness: float, locations: int) -> int | None:
    """Count the images of a 3D slab: from the first to the last location that the console reconstructs.

    A slab has more locations than images (192 become 188); the file holds the images only as the
    distance from the start to the end location. ``None`` where that distance does not fit the slab,
    which is so in series that were edited after they had been placed.
    """
    start, end = _point(values, "SLOC"), _point(values, "ELOC")
    if start is None or end is None:
        return None
    if plane != "oblique":
        axis = _ORDER[facts.NORMAL_AXIS[plane]]
        span = abs(start[axis] - end[axis])
    else:
        span = dist(start, end)
    count = span / thickness + 1
    rounding = min(0.11 / thickness + 0.02, 0.45)
    if span and abs(count - round(count)) < rounding and 0.85 * locations <= round(count) <= locations:
        return round(count)
    return None


def centred(plane: str, count: int, spacing: float) -> dict[str, str]:
    """Place slices around the isocentre, straight along a main plane."""
    axis = facts.NORMAL_AXIS[plane]
    half = (count - 1) * spacing / 2
    first, last = text(axis, -half), text(axis, half)
    return {
        "SLOC1": first,
        "ELOC1": last,
        "ELOC2": "0.0",
        "ELOC3": "0.0",
        "FOVCNT1": "0.0",
        "FOVCNT2": "0.0",
    }


def nearest_plane(group: str) -> str | None:
    """Main plane nearest to the slice normal of a GRIP_SLGROUP vector."""
    numbers = group.split()
    if len(numbers) < 6:
        return None
    try:
        normal = [abs(float(number)) for number in numbers[3:6]]
    except ValueError:
        return None
    return ("sagittal", "coronal", "transverse")[normal.index(max(normal))] if max(normal) > 0 else None
