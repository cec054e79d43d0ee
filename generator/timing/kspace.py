"""How many lines or points of k-space a scan measures. Pure counting, no scanner in it.

Source: formulas T1 and T2 of the reference protocols. An undersampled grid through the centre, a central
calibration block that is measured in full, the side that partial Fourier leaves out, and the ellipse.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, sqrt

FEWEST_FOLDS = 2.0  # outside its block even a factor below 2 leaves out every second line at the most


def round_up(count: float) -> int:
    """Round up, but not for what a whole number gains in computing."""
    return ceil(count - 1e-9)


def kept(count: int, partial_fourier: float) -> int:
    """Lines that partial Fourier leaves of ``count`` (at least half, at least one)."""
    return max(1, min(count, round_up(count * max(partial_fourier, 0.5))))


def accelerated_lines(count: int, partial_fourier: float, factor: float, block: float, shared: int) -> int:
    """Lines measured in one accelerated direction (formula T1).

    Parameters
    ----------
    count : int
        Lines of the full matrix.
    partial_fourier : float
        Share of them that is kept.
    factor : float
        Acceleration, 1 for none.
    block : float
        Lines of the calibration block inside the scan, 0 for none.
    shared : int
        Lines of the block that a scanner leaves out because the grid supplies them.
    """
    full = count * partial_fourier
    if factor <= 1:
        return round_up(full)
    inside = min(block, full)
    extra = inside * (1 - 1 / max(factor, FEWEST_FOLDS))
    measured = min(full / factor + extra, full)
    return max(1, round_up(measured) - (shared if inside else 0))


@dataclass(frozen=True, slots=True)
class Grid:
    """A phase-encoding plane: lines by partitions, and how it is sampled.

    Attributes
    ----------
    acceleration, block : tuple of float
        In line and in partition direction. A block of 0 in the partition direction spans all partitions.
    partial_fourier : tuple of float
        Share kept in both directions.
    elliptical : bool
        Corners left out.
    inscribed : bool
        The ellipse goes through the outermost points instead of around them.
    round_block : bool
        The calibration block is an ellipse, too (compressed sensing).
    """

    lines: int
    partitions: int
    acceleration: tuple[float, float] = (1.0, 1.0)
    block: tuple[float, float] = (0.0, 0.0)
    partial_fourier: tuple[float, float] = (1.0, 1.0)
    elliptical: bool = False
    inscribed: bool = False
    round_block: bool = False

    def points(self) -> int:
        """Count the measured points (formula T2).

        Returns
        -------
        int
            Points of the grid and of the calibration block, each once, inside the ellipse.
        """
        return _points(self)

    def measured(self) -> float:
        """Add up the points of the partitions that partial Fourier leaves."""
        first = self.partitions - kept(self.partitions, self.partial_fourier[1])
        return sum(self._in_partition(z) for z in range(first, self.partitions))

    def _in_partition(self, index: int) -> float:
        """Points of one partition: a chord of the ellipse, thinned, and the block across it."""
        low, high = self._chord(index)
        accel_y, accel_z = self.acceleration
        in_block = self._block_width(index, low, high)
        on_grid = self._share(index, accel_z) * _thinned(low, high, accel_y, self.lines)
        overlap = self._share(index, accel_z) * in_block / accel_y
        return on_grid + max(0.0, in_block - overlap)

    def _chord(self, index: int) -> tuple[float, float]:
        """First and last line of a partition, as distances from the centre line."""
        half = self.lines / 2
        reach = half
        if self.elliptical:
            reach = half * sqrt(1 - self._height(index) ** 2)
        skipped = self.lines - kept(self.lines, self.partial_fourier[0])
        return max(-reach, -half + skipped), reach

    def _height(self, index: int) -> float:
        """Distance of a partition from the centre, 1 at the edge of the ellipse."""
        if self.inscribed:
            return (index - self.partitions // 2) / max(1, self.partitions // 2)
        return (index + 0.5 - self.partitions / 2) / (self.partitions / 2)

    def _block_width(self, index: int, low: float, high: float) -> float:
        """Lines of the calibration block that lie in a partition."""
        block_y, block_z = self.block
        if max(self.acceleration) <= 1 or block_y <= 0:
            return 0.0
        height = 2 * abs(index + 0.5 - self.partitions / 2) / block_z if block_z else 0.0
        if height > 1:
            return 0.0
        if self.round_block:
            block_y *= sqrt(1 - height**2)
        return min(high, block_y / 2) - max(low, -block_y / 2)

    def _share(self, index: int, factor: float) -> float:
        """Weight of a partition in the undersampled grid: 1 or 0 for whole factors, else its share."""
        if factor == int(factor):
            return float((index - self.partitions // 2) % int(factor) == 0)
        return 1 / factor


@lru_cache(maxsize=4096)
def _points(grid: Grid) -> int:
    """Count a grid once: scans share theirs, and the bounds of an estimate seldom change it."""
    return round_up(grid.measured())


def _thinned(low: float, high: float, factor: float, lines: int) -> float:
    """Grid lines between two distances from the centre, which lies between them."""
    if factor != int(factor):
        return (high - low) / factor
    centre = 0.5 if lines % 2 == 0 else 0.0  # lines lie at half-integer distances if their number is even
    first = round_up((low - centre) / factor)
    last = -round_up((centre - high) / factor)
    return float(last - first + 1)
