"""Relative signal to noise: of a scan among others, and of a changed scan.

Noise of a changed scan: voxel volume × √(total readout time) / g, as in rule ``physics.snr-relative``. No
move changes the voxel or the bandwidth, so that what remains is the number of lines read and the noise that
acceleration adds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from math import prod, sqrt

from generator import yaml
from generator.model.tree import Acquisition
from generator.resources import specs
from generator.timing.encoding import outer_lines, plane_points
from generator.timing.ledger import Ledger, Missing

LEAST = 0.7
"""Relative signal below which ``physics.snr-relative`` warns."""

_UNWEIGHTED = 50.0  # s/mm2


def relative_signal(before: Acquisition, after: Acquisition, vendor: str) -> float | None:
    """Signal to noise of a changed scan over that of the scan it was.

    Parameters
    ----------
    before, after : Acquisition
        The same scan, of one voxel size and bandwidth.
    vendor : str
        Whose calibration lines and sampling apply.

    Returns
    -------
    float or None
        1 for no change; ``None`` if the lines of the scan cannot be counted.
    """
    try:
        read = readouts(after, vendor) / readouts(before, vendor)
    except Missing:
        return None
    return sqrt(read) * noise_factor(before) / noise_factor(after)


def readouts(scan: Acquisition, vendor: str) -> float:
    """Readouts that form one image: lines or points of k-space, averages counted.

    Raises
    ------
    Missing
        If the scan does not say enough.
    """
    ledger = Ledger(scan, vendor)
    lines = plane_points(ledger) if scan.mr_acquisition_type == "3D" else outer_lines(ledger)
    counts, weights = scan.b_value_averages or (), scan.b_values or ()
    weighted = sum(n for n, b in zip(counts, weights, strict=False) if b > _UNWEIGHTED) or 1
    return lines * max(1.0, scan.number_of_averages or 1.0) * weighted


def noise_factor(scan: Acquisition) -> float:
    """Noise that undersampling adds, by direction; compressed sensing in 3D shares itself among both."""
    phase = scan.parallel_reduction_factor_in_plane or 1.0
    through = scan.parallel_reduction_factor_out_of_plane or 1.0
    sparse = scan.compressed_sensing_factor or 1.0
    known = _factors(_channels(scan.receive_coils or ()))
    if scan.mr_acquisition_type == "3D":
        return prod(_g(factor * sqrt(sparse), known) for factor in (phase, through))
    return _g(phase * sparse, known)


def _channels(coils: Sequence[str]) -> int:
    """Channels of the head coil among the receive coils, from its name; 0 if none says so."""
    named = (re.search(r"(\d{1,3})", coil) for coil in coils if re.search(r"head|nvc", coil, re.IGNORECASE))
    return max((int(found[1]) for found in named if found), default=0)


@cache
def _factors(channels: int) -> tuple[tuple[float, float], ...]:
    """Acceleration of one direction and its g-factor, of a head coil or of one that is not known."""
    table = yaml.load(specs("coils.yaml"))
    rows = [count for count in table["head"]["channels"] if count <= channels]
    found = table["head"]["channels"][max(rows)] if rows else table["unknown"]["factors"]
    return tuple((float(factor), float(g)) for factor, g in sorted(found.items()))


def _g(factor: float, known: tuple[tuple[float, float], ...]) -> float:
    """g-factor of one direction, straight between the known ones and on from the last two."""
    pairs = list(pairwise(known))
    (low, g_low), (high, g_high) = next((pair for pair in pairs if factor <= pair[1][0]), pairs[-1])
    return g_low + (max(factor, 1.0) - low) * (g_high - g_low) / (high - low)


def strength(
    field_strength: float, voxel: tuple[float, float, float], readouts: float, pixel_bandwidth: float
) -> float:
    """Signal to noise of a scan, up to a factor that scans of one kind share.

    Parameters
    ----------
    field_strength : float
        Tesla; signal to noise is taken to be proportional to it.
    voxel : tuple of float
        Edges in mm.
    readouts : float
        Lines or points of k-space, averages counted, undersampling taken off.
    pixel_bandwidth : float
        Hz/px; the time spent reading is what the readouts divided by it come to.

    Returns
    -------
    float
        Field times volume times the root of the reading time; coil, sequence and g-factor are left out.
    """
    return field_strength * prod(voxel) * sqrt(readouts / pixel_bandwidth)
