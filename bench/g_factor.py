"""The g-factors of `specs/coils.yaml`, calculated: `python -m bench.g_factor`.

Circular loops in rows on an elliptic cylinder of 22 x 25 cm around a head of 15 x 19 cm, overlapping;
their receive sensitivity in the middle transverse plane by Biot and Savart (quasi-static), noise equal and
uncorrelated. SENSE with regular undersampling of one direction (Pruessmann 1999), the mean over the head of
left-right and front-back. No measurement: what losses, correlation and slanted planes add is not in it.
"""

from __future__ import annotations

from math import cos, pi, sin, sqrt
from statistics import fmean

ROWS = {8: 1, 16: 2, 32: 3, 64: 4}
"""Channels of a coil to the rows they lie in."""

_ACROSS, _ALONG, _LENGTH = 0.11, 0.125, 0.20  # m, half axes and length of the cylinder
_FOV, _POINTS, _SEGMENTS = 0.24, 24, 32
_HEAD = (0.075, 0.095)  # m, half axes
Vector = tuple[float, float, float]


def loops(channels: int) -> list[tuple[Vector, Vector, float]]:
    """Centre, unit normal and radius of every loop of a coil."""
    rows = ROWS[channels]
    per_row = channels // rows
    pitch = 2 * pi * sqrt((_ACROSS**2 + _ALONG**2) / 2) / per_row
    radius = 0.55 * (pitch if rows == 1 else min(pitch, _LENGTH / rows))
    found = []
    for row in range(rows):
        z = (row - (rows - 1) / 2) * _LENGTH / rows
        for place in range(per_row):
            turn = 2 * pi * (place + 0.5 * (row % 2)) / per_row
            nx, ny = cos(turn) / _ACROSS, sin(turn) / _ALONG
            size = sqrt(nx**2 + ny**2)
            found.append(((_ACROSS * cos(turn), _ALONG * sin(turn), z), (nx / size, ny / size, 0.0), radius))
    return found


def sensitivity(centre: Vector, normal: Vector, radius: float, x: float, y: float) -> complex:
    """Transverse field of a loop at a point of the plane z = 0, as a complex number."""
    ax, ay = normal[1], -normal[0]  # one direction in the plane of the loop; the other is z
    bx = by = 0.0
    for segment in range(_SEGMENTS):
        turn = 2 * pi * segment / _SEGMENTS
        c, s = radius * cos(turn), radius * sin(turn)
        dx, dy, dz = -s * ax, -s * ay, -c  # along the wire
        rx, ry, rz = x - centre[0] - c * ax, y - centre[1] - c * ay, -centre[2] + s
        cubed = (rx * rx + ry * ry + rz * rz) ** 1.5
        bx += (dy * rz - dz * ry) / cubed
        by += (dz * rx - dx * rz) / cubed
    return complex(bx, -by)


def mean_g(channels: int, factor: int) -> float:
    """Mean g-factor over the head, undersampled left-right and front-back."""
    axis = [(place + 0.5) * _FOV / _POINTS - _FOV / 2 for place in range(_POINTS)]
    coil = loops(channels)
    seen = {
        (i, j): [sensitivity(*loop, x, y) for loop in coil]
        for i, x in enumerate(axis)
        for j, y in enumerate(axis)
        if (x / _HEAD[0]) ** 2 + (y / _HEAD[1]) ** 2 <= 1
    }
    found = []
    for i, j in seen:
        shifts = [step * _POINTS // factor for step in range(factor)]
        for folded in ([((i + s) % _POINTS, j) for s in shifts], [(i, (j + s) % _POINTS) for s in shifts]):
            found.append(_g([seen[place] for place in folded if place in seen]))
    return fmean(found)


def _g(columns: list[list[complex]]) -> float:
    """g of the first of the points that fold onto each other: how much of it the others cannot make up."""
    first, *others = columns
    basis: list[list[complex]] = []
    for column in others:
        rest = _without(column, basis)
        basis.append([value / _norm(rest) for value in rest])
    return _norm(first) / _norm(_without(first, basis))


def _without(column: list[complex], basis: list[list[complex]]) -> list[complex]:
    for one in basis:
        share = sum(b.conjugate() * value for b, value in zip(one, column, strict=True))
        column = [value - share * b for b, value in zip(one, column, strict=True)]
    return column


def _norm(column: list[complex]) -> float:
    return sqrt(sum(abs(value) ** 2 for value in column))


def main() -> None:
    """Print the table as it stands in the file."""
    for channels in ROWS:
        row = ", ".join(f"{factor}: {mean_g(channels, factor):.2f}" for factor in (2, 3, 4))
        print(f"  {channels}: {{{row}}}")


if __name__ == "__main__":
    main()
