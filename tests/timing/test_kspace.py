"""Counting lines and points of k-space."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.timing.kspace import Grid, accelerated_lines, kept

# Point counts of the worked examples of formula T2.
WORKED = [
    (9332, Grid(236, 192, (2, 2), (24, 24), elliptical=True)),
    (13705, Grid(236, 192, (3, 1), (24, 0), (1, 0.875), elliptical=True)),
    (6417, Grid(236, 192, (3, 2), (24, 24), elliptical=True)),
    (14713, Grid(236, 176, (2, 1), (24, 0), (1, 0.75), elliptical=True)),
    (12270, Grid(205, 144, (2, 1), (24, 0), (1, 0.875), elliptical=True)),
    (10624, Grid(205, 144, (2, 1), (24, 0), (1, 0.75), elliptical=True)),
    (26880, Grid(256, 192, (2, 1), (24, 0))),
    (22560, Grid(258, 160, (2, 1), (24, 0))),
]


@pytest.mark.parametrize(("points", "grid"), WORKED)
def test_points_of_the_worked_examples(points: int, grid: Grid) -> None:
    assert grid.points() == points


@pytest.mark.parametrize(
    ("lines", "args"),
    [
        (142, (260, 1.0, 2, 24, 0)),
        (113, (229, 0.875, 2, 24, 0)),
        (95, (269, 0.875, 3, 24, 0)),
        (94, (269, 0.875, 3, 24, 1)),
        (256, (256, 1.0, 1, 24, 1)),
    ],
)
def test_lines_of_the_worked_examples(lines: int, args: tuple[int, float, float, float, int]) -> None:
    assert accelerated_lines(*args) == lines


def brute_force(grid: Grid) -> int:
    """Look at every point: kept, inside the ellipse, and on the grid or in the block."""
    found = 0
    for z in range(grid.partitions - kept(grid.partitions, grid.partial_fourier[1]), grid.partitions):
        for y in range(grid.lines - kept(grid.lines, grid.partial_fourier[0]), grid.lines):
            dy, dz = y + 0.5 - grid.lines / 2, z + 0.5 - grid.partitions / 2
            inside = (dy / (grid.lines / 2)) ** 2 + (dz / (grid.partitions / 2)) ** 2 <= 1
            if grid.elliptical and not inside:
                continue
            on_grid = (y - grid.lines // 2) % grid.acceleration[0] == 0
            on_grid = on_grid and (z - grid.partitions // 2) % grid.acceleration[1] == 0
            found += on_grid
    return found


@given(
    lines=st.integers(8, 90),
    partitions=st.integers(4, 60),
    acceleration=st.tuples(st.integers(1, 4), st.integers(1, 3)),
    elliptical=st.booleans(),
    partial=st.sampled_from([(1.0, 1.0), (0.75, 1.0), (1.0, 0.75), (0.875, 0.875)]),
)
def test_rows_counted_at_once_agree_with_every_point_looked_at(
    lines: int, partitions: int, acceleration: tuple[int, int], elliptical: bool, partial: tuple[float, float]
) -> None:
    grid = Grid(lines, partitions, acceleration, (0, 0), partial, elliptical)
    assert abs(grid.points() - brute_force(grid)) <= 2  # a point exactly on the ellipse


@given(
    lines=st.integers(16, 600),
    factor=st.floats(1, 8),
    more=st.floats(1, 2),
    block=st.integers(0, 64),
    partial=st.sampled_from([1.0, 0.875, 0.75, 0.625]),
)
def test_more_acceleration_never_measures_more_lines(
    lines: int, factor: float, more: float, block: int, partial: float
) -> None:
    fewer = accelerated_lines(lines, partial, factor * more, block, 0)
    assert 1 <= fewer <= accelerated_lines(lines, partial, factor, block, 0) <= lines
