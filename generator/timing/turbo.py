"""Spin echo and turbo spin echo, 2D, 3D and single shot."""

from __future__ import annotations

from math import ceil

from generator.timing.encoding import (
    acceleration,
    averages,
    echo_spacing,
    echo_train,
    outer_lines,
    packages,
    plane_points,
    repeats,
    seconds,
)
from generator.timing.ledger import Ledger


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
    trains = ceil(outer_lines(ledger) / _image_share(ledger, train) - 1e-9)
    measured = ceil(trains * averages(ledger) - 1e-9)
    ledger.note("echo trains of a slice", measured, "", "lines / train length x averages")
    dummies = ledger.overhead("dummy trains of a 2D TSE")
    count = packages(ledger, _slice_time(ledger, train), repetition)
    total = repetition * (measured + dummies) * count * repeats(ledger)
    return total + _reference_scan(ledger, repetition) + ledger.overhead("preparation")


def _image_share(ledger: Ledger, train: float) -> float:
    """Echoes of a train that belong to one image.

    The turbo factor counts the echoes of one contrast on every vendor, so the train is not divided.
    """
    return ledger.note("echoes per image", train, "", "echo_train_length") if train > 1 else 1.0


def _slice_time(ledger: Ledger, train: float) -> float | None:
    """Seconds one slice occupies in a TR: its inversion, its echo train and the pulses around it."""
    if ledger.get("concatenations") is not None:
        return None
    spacing = echo_spacing(ledger)
    if spacing is None:
        return None
    echoes = ledger.get("echo_times") or (0.0,)
    length = max(train * spacing, max(echoes) / 1000 + spacing / 2)
    if ledger.get("inversion_time"):
        length = max(length, 0.0)
    suppressed = ledger.get("fat_suppression", "none") in ("fat_saturation", "spair", "spir")
    around = ledger.overhead("fat saturation of a slice") if suppressed else 0.0
    return float(length + ledger.overhead("pulses around an echo train") + around)


def _reference_scan(ledger: Ledger, repetition: float) -> float:
    """Calibration measured beside the images, in repetitions."""
    if acceleration(ledger)[0] <= 1 or ledger.get("reference_scan") != "separate":
        return 0.0
    return repetition * ledger.overhead("separate reference scan of a 2D TSE")


def single_shot(ledger: Ledger) -> float:
    """One train a slice: TR x slices x averages; TR is from one slice to the next."""
    slices = ledger.note("slices", ledger.need("number_of_slices"), "", "number_of_slices")
    repetition = _slice_interval(ledger)
    total = repetition * slices * averages(ledger) * repeats(ledger)
    return total + ledger.overhead("preparation")


def _slice_interval(ledger: Ledger) -> float:
    if ledger.get("repetition_time"):
        return seconds(ledger, "repetition_time")
    return ledger.overhead("slice interval of a single-shot TSE")
