"""Spin echo and turbo spin echo, 2D, 3D and single shot."""

from __future__ import annotations

from math import pi

from generator.timing.encoding import (
    acceleration,
    averages,
    calibration_block,
    echo_spacing,
    echo_train,
    phase_lines,
    plane_points,
    reference_scan,
    repeats,
    seconds,
    train_lines,
)
from generator.timing.kspace import round_up
from generator.timing.ledger import POWER_LIMITED, Ledger, Missing
from generator.timing.slices import packages

_LONG_TRAIN = 10  # echoes; T2 weighting, whose first train already finds a steady signal
_USUAL_VOXEL = 0.7  # mm
_INTERLEAVED = 0.3  # s; a longer inversion time is spent on other slices
_SELECTION = 0.005  # s; pulses of a slice whose echo spacing is not known


def turbo_spin_echo(ledger: Ledger) -> float:
    """3D: trains over the phase-encoding plane (T2, T8). 2D: trains of every package (T4)."""
    if ledger.need("mr_acquisition_type") == "3D":
        return _volume(ledger)
    return _slices(ledger)


def _volume(ledger: Ledger) -> float:
    """TR x (points x averages / train length + dummies), a separate reference scan, preparation.

    An inversion (FLAIR), two of them (DIR) or a restore pulse lie inside the TR and cost nothing more.
    """
    repetition = seconds(ledger, "repetition_time", "repetition_time_preparation")
    points = plane_points(ledger) * _whole(ledger, averages(ledger)) * _acquisitions(ledger)
    trains = round_up(points / echo_train(ledger))
    ledger.note("echo trains", trains, "", "points x averages / train length")
    dummies = ledger.overhead("dummy trains of a 3D TSE")
    total = repetition * (trains + dummies) * repeats(ledger)
    return total + reference_scan(ledger) + ledger.overhead("preparation")


def _slices(ledger: Ledger) -> float:
    """TR x (trains x averages + dummies) x packages, a separate reference scan, preparation."""
    repetition = seconds(ledger, "repetition_time", "repetition_time_preparation")
    train = echo_train(ledger) if ledger.scan.technique != "spin_echo" else 1
    measured = _trains(ledger, train) * _acquisitions(ledger)
    ledger.note("echo trains of a slice", measured, "", "lines / train length x averages")
    count = packages(ledger, _slice_time(ledger, train), repetition)
    total = repetition * (measured + _dummies(ledger, train, repetition)) * count * repeats(ledger)
    return total + reference_scan(ledger) + ledger.overhead("preparation")


def _acquisitions(ledger: Ledger) -> float:
    """Times that a plane is measured: twice to tell water from fat, in phase and out of phase."""
    if ledger.get("fat_suppression") != "dixon":
        return 1.0
    return ledger.overhead("acquisitions of a Dixon TSE")


def _whole(ledger: Ledger, count: float) -> float:
    """Averages of a 3D TSE, without a half one where the scanner does not lengthen the scan for it."""
    if count > 1 and ledger.habit("3D TSE averages are whole"):
        return ledger.note("whole averages", float(int(count)), "", "number_of_averages")
    return count


def _trains(ledger: Ledger, train: int) -> int:
    """Echo trains of a slice: whole trains of every average; blades are counted over all averages."""
    if ledger.scan.readout == "propeller":
        return round_up(_blades(ledger, train) * averages(ledger))
    trains = round_up(train_lines(ledger, train) / train)
    pairs = trains % 2 if train > 1 and ledger.habit("2D trains in pairs") else 0
    return round_up((trains + pairs) * averages(ledger))


def _blades(ledger: Ledger, train: int) -> float:
    """Blades that cover the circle of k-space: one train each, as wide as its acceleration makes it.

    Every blade is calibrated by itself, with lines in its middle that are not left out.
    """
    factor, width = acceleration(ledger)[0], float(train)
    if factor > 1:
        width *= factor
        if calibration_block(ledger)[0]:
            width -= min(ledger.overhead("reference lines of a blade"), train / 2) * (factor - 1)
    ledger.note("width of a blade", width, "lines", "train length x acceleration, less its calibration")
    return pi / 2 * phase_lines(ledger) / max(width, 1.0)


def _dummies(ledger: Ledger, train: int, repetition: float) -> float:
    """Trains without data at the start of a package: a number of them, or until the signal is steady."""
    if train >= _LONG_TRAIN and ledger.scan.readout == "propeller":
        return ledger.overhead("dummy trains of blades")
    if train >= _LONG_TRAIN:
        return ledger.overhead("dummy trains of a long 2D TSE")
    settling = ledger.overhead("settling time of a 2D TSE")
    count = max(ledger.overhead("dummy trains of a 2D TSE"), settling / repetition)
    return count + (ledger.overhead("dummy trains of fat saturation") if _saturates_fat(ledger) else 0.0)


def _slice_time(ledger: Ledger, train: int) -> float | None:
    """Seconds one slice occupies in a TR: its echo train, the pulses around it, a short inversion time.

    Where the echo spacing cannot be known, a slice takes its last echo at least.
    """
    spacing, last = _echo_spacing(ledger), max(ledger.get("echo_times") or (0.0,)) / 1000
    before = _inversion(ledger)
    if spacing is None:
        return float(last + before + _SELECTION) if last else None
    length = before + max(train * spacing, last + spacing / 2)
    length += ledger.constant("pulses around an echo train")
    if _saturates_fat(ledger):
        length += ledger.constant("fat saturation of a slice")
    bands = ledger.get("saturation_bands", 0)
    return float(length + (bands * ledger.constant("saturation band") if bands else 0.0))


def _saturates_fat(ledger: Ledger) -> bool:
    return ledger.get("fat_suppression") in ("fat_saturation", "spair", "spir")


def _inversion(ledger: Ledger) -> float:
    """Seconds that a slice waits for its inversion, where the scanner does not fill a short wait (STIR)."""
    inversion = ledger.get("inversion_time", 0.0) / 1000
    waits = inversion < _INTERLEAVED and ledger.habit("a short inversion time is waited for")
    return float(inversion) if waits else 0.0


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


def single_shot(ledger: Ledger) -> float:
    """One train a slice: TR x slices x averages; TR is from one slice to the next."""
    slices = ledger.note("slices", ledger.need("number_of_slices"), "", "number_of_slices")
    if not ledger.get("repetition_time"):
        raise Missing(POWER_LIMITED)
    total = seconds(ledger, "repetition_time") * slices * averages(ledger) * repeats(ledger)
    return total + ledger.overhead("preparation")
