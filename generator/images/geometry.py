"""Directions of images in the patient."""

from __future__ import annotations

from typing import Any

_AXES = (("RL", "LR", "LR"), ("AP", "PA", "AP"), ("FH", "HF", "FH"))
"""Phase direction along the axes of the patient (DICOM: to the left, to the back, to the head): with it,
against it, and of an unknown sense."""
_NORMALS = ("sagittal", "coronal", "transverse")


def axes(orientation: Any) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]] | None:
    """Directions of rows, columns and normal of an image; ``None`` without an orientation."""
    if not (isinstance(orientation, tuple) and len(orientation) == 6 and None not in orientation):
        return None
    r, c = orientation[:3], orientation[3:]
    return r, c, (r[1] * c[2] - r[2] * c[1], r[2] * c[0] - r[0] * c[2], r[0] * c[1] - r[1] * c[0])


def main_axis(vector: tuple[float, ...]) -> int:
    """Index of the axis of the patient that a direction is nearest to."""
    return max(range(3), key=lambda i: abs(vector[i]))


def plane(orientation: Any) -> str | None:
    """Nearest main plane of an image orientation."""
    found = axes(orientation)
    return _NORMALS[main_axis(found[2])] if found else None


def phase_direction(orientation: Any, stated: Any, sense: int = 0) -> str | None:
    """Name the direction of phase encoding.

    Parameters
    ----------
    stated : {"ROW", "COL", "COLUMN"}
        InPlanePhaseEncodingDirection.
    sense : {1, -1, 0}
        Along the rows or columns of the image, against them, or not known: then the axis alone is named.
    """
    found = axes(orientation)
    if found is None or stated not in ("ROW", "COL", "COLUMN"):
        return None
    along = found[0] if stated == "ROW" else found[1]
    axis = main_axis(along)
    if not sense:
        return _AXES[axis][2]
    return _AXES[axis][(along[axis] > 0) != (sense > 0)]
