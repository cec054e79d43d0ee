"""Spin echo and turbo spin echo, 2D, 3D and single shot."""

from __future__ import annotations

from math import ceil, pi

from generator.timing.encoding import (
    acceleration,
    averages,
    calibration_block,
    echo_spacing,
    echo_train,
    outer_lines,
    phase_lines,
    plane_points,
    repeats,
    seconds,
)
from generator.timing.ledger import Ledger, Missing
from generator.timing.slices import packages

_LONG_TRAIN = 16  # echoes; T2 weighting, whose first train already finds a steady signal
_USUAL_VOXEL = 0.7  # mm


def turbo_spin_echo(ledger: Ledger) -> float:
    """3D: trains over the phase-encoding plane (T2, T8). 2D: trains of every package (T4)."""
    if ledger.need("mr_acquisition_type") == "3D":
        return _volume(ledger)
    return _slices(ledger)


def _volume(ledger: Ledger) -> float:
    """TR x (points x averages / train length + dummies) + preparation.

    An inversion (FLAIR), two of them (DIR) or a restore pulse lie inside the TR and cost nothing more.
    """
    repetition = seconds(ledger, "repetition_time", "repetition_time_preparation")
    points = plane_points(ledger) * averages(ledger)
    trains = ceil(points / echo_train(ledger) - 1e-9)
    ledger.note("echo trains", trains, "", "points x averages / train length")
    dummies = ledger.overhead("dummy trains of a 3D TSE")
    total = repetition * (trains + dummies) * repeats(ledger)
    return total + ledger.overhead("preparation")


def _slices(ledger: Ledger) -> float:
    """TR x (trains x averages + dummies) x packages, a separate reference scan, preparation."""
    repetition = seconds(ledger, "repetition_time", "repetition_time_preparation")
    train = echo_train(ledger) if ledger.scan.technique != "spin_echo" else 1
    measured = _trains(ledger, train)
    ledger.note("echo trains of a slice", measured, "", "lines / train length x averages")
    count = packages(ledger, _slice_time(ledger, train), repetition)
    total = repetition * (measured + _dummies(ledger, train, repetition)) * count * repeats(ledger)
    return total + _reference_scan(ledger, repetition) + ledger.overhead("preparation")


def _trains(ledger: Ledger, train: int) -> int:
    """Echo trains of a slice: whole trains of every average; blades are counted over all averages."""
    if ledger.scan.readout == "propeller":
        return ceil(_blades(ledger, train) * averages(ledger) - 1e-9)
    trains = ceil(outer_lines(ledger) / train - 1e-9)
    pairs = trains % 2 if train > 1 and ledger.habit("2D trains in pairs") else 0
    return ceil((trains + pairs) * averages(ledger) - 1e-9)


def _blades(ledger: Ledger, train: int) -> float:
    """Blades that cover the circle of k-space: one train each, as wide as its acceleration makes it.

    Every blade is calibrated by itself, with lines in its middle that are not left out.
    """
    factor, width = acceleration(ledger)[0], float(train)
    if factor > 1:
        width *= factor
        if calibration_block(ledger)[0]:
            width -= ledger.overhead("reference lines of a blade") * (factor - 1)
    ledger.note("width of a blade", width, "lines", "train length x acceleration, less its calibration")
    return pi / 2 * phase_lines(ledger) / max(width, 1.0)


def _dummies(ledger: Ledger, train: int, repetition: float) -> float:
    """Trains without data at the start of a package: a number of them, or until the signal is steady."""
    if train >= _LONG_TRAIN:
        return ledger.overhead("dummy trains of a long 2D TSE")
    settling = ledger.overhead("settling time of a 2D TSE")
    return max(ledger.overhead("dummy trains of a 2D TSE"), settling / repetition)


def _slice_time(ledger: Ledger, train: int) -> float | None:
    """Seconds one slice occupies in a TR: its echo train and the pulses around it."""
    spacing = _echo_spacing(ledger)
    if spacing is None:
        return None
    echoes = ledger.get("echo_times") or (0.0,)
    length = max(train * spacing, max(echoes) / 1000 + spacing / 2)
    length += ledger.constant("pulses around an echo train")
    if ledger.get("fat_suppression", "none") in ("fat_saturation", "spair", "spir"):
        length += ledger.constant("fat saturation of a slice")
    bands = ledger.get("saturation_bands", 0)
    return float(length + (bands * ledger.constant("saturation band") if bands else 0.0))


def _echo_spacing(ledger: Ledger) -> float | None:
    """Seconds between echoes: known, or readout, refocusing and the gradients that a small voxel needs."""
    known, bandwidth = echo_spacing(ledger), ledger.get("pixel_bandwidth")
    if known or not bandwidth:
        return known
    voxel = ledger.get("voxel_size")
    size = (voxel[1] or voxel[0]) if voxel else None
    value = 1 / bandwidth + ledger.constant("refocusing and crushers of a TSE")
    value += ledger.constant("phase encoding and rewinding of a TSE") / (size or _USUAL_VOXEL)
    return ledger.note("echo spacing", value, "s", "readout + refocusing + phase encoding")


def _reference_scan(ledger: Ledger, repetition: float) -> float:
    """Calibration measured beside the images, in repetitions."""
    separate = ledger.get("reference_scan") == "separate" and ledger.habit("calibration inside the scan")
    if acceleration(ledger)[0] <= 1 or not separate:
        return 0.0
    return repetition * ledger.overhead("separate reference scan of a 2D TSE")


def single_shot(ledger: Ledger) -> float:
    """One train a slice: TR x slices x averages; TR is from one slice to the next."""
    slices = ledger.note("slices", ledger.need("number_of_slices"), "", "number_of_slices")
    total = _slice_interval(ledger) * slices * averages(ledger) * repeats(ledger)
    return total + ledger.overhead("preparation")


def _slice_interval(ledger: Ledger) -> float:
    """TR, or for the shortest one: the train of half the lines and the recovery after it."""
    if ledger.get("repetition_time"):
        return seconds(ledger, "repetition_time")
    spacing, bandwidth = echo_spacing(ledger), ledger.get("pixel_bandwidth")
    if spacing is None:
        if not bandwidth:
            raise Missing("repetition_time")
        spacing = 1 / bandwidth + ledger.overhead("refocusing and crushers of a single shot")
    half = min(1.0, 0.5 + ledger.overhead("lines beyond half Fourier"))
    train = outer_lines(ledger) * half * spacing
    value = train + ledger.overhead("recovery after a single shot")
    return ledger.note("slice interval", value, "s", "half the lines x echo spacing + recovery")
