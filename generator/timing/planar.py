"""Echo-planar imaging: diffusion, BOLD, arterial spin labelling."""

from __future__ import annotations

from collections.abc import Sequence

from generator.timing.encoding import (
    acceleration,
    averages,
    partial_fourier,
    phase_lines,
    seconds,
)
from generator.timing.ledger import Ledger, Missing

_CALIBRATED_WEIGHTINGS = 2  # unweighted and weighted
_TRACE = 3  # directions of a trace-weighted image
_SCHEMES = {"trace_3": 3, "trace_4": 4, "tetrahedral": 4, "diagonal": 1, "single": 1}
_TABLE = 6  # directions from which on they come from a table (a tensor), each of its own b-value


def diffusion(ledger: Ledger) -> float:
    """TR x (volumes + reference volumes + dummies) x packages x shots (formula T6)."""
    interval = seconds(ledger, "repetition_time")
    count = volumes(ledger) * averages(ledger)
    if _shots(ledger) > 1:
        count += ledger.overhead("further volumes of a segmented scan")
    extra = _diffusion_references(ledger) + _dummies(ledger, interval)
    # What calibrates and settles is of one shot, also where an image is read in several.
    total = count * _volume_time(ledger, interval) + extra * interval * ledger.get("concatenations", 1)
    if ledger.get("multiband_factor", 1) <= 1:
        total += count * ledger.overhead("pause after a diffusion volume")
    return float(total + ledger.overhead("preparation"))


def bold(ledger: Ledger) -> float:
    """TR x (time points + reference volumes + dummies)."""
    interval = seconds(ledger, "repetition_time")
    count = averages(ledger) * float(ledger.get("number_of_temporal_positions", 1))
    ledger.note("volumes", count, "", "number_of_temporal_positions")
    extra = _series_references(ledger) + _discarded(ledger, interval)
    return (count + extra) * _volume_time(ledger, interval) + ledger.overhead("preparation")


def spin_labelling(ledger: Ledger) -> float:
    """TR x (2 x pairs x shots + reference): label and control, every shot its own labelling."""
    interval = seconds(ledger, "repetition_time")
    pairs = int(ledger.need("number_of_temporal_positions"))
    ledger.note("label and control images", 2 * pairs, "", "2 x number_of_temporal_positions")
    shots = ledger.need("number_of_shots") if ledger.scan.mr_acquisition_type == "3D" else 1
    measured = 2 * pairs * ledger.note("shots", shots, "", "number_of_shots")
    reference = ledger.overhead("reference images of ASL")
    return (measured + reference) * interval + ledger.overhead("preparation")


def volumes(ledger: Ledger) -> int:
    """Diffusion-weighted and unweighted volumes of one average.

    Every b-value is repeated as stated; a weighted one, however small, is measured in every direction (three
    for a trace image where no number of directions is stated).
    """
    weightings = ledger.need("b_values")
    repeated = ledger.get("b_value_averages") or _usual_averages(ledger, weightings)
    if len(repeated) != len(weightings):
        raise Missing("b_value_averages, one for each of b_values")
    weighted = [count for b, count in zip(weightings, repeated, strict=True) if b > 0]
    directions = (ledger.get("diffusion_directions") or _directions(ledger)) if weighted else 0
    table = directions >= _TABLE
    shared = table and ledger.habit("directions shared among b-values")
    images = directions * max(weighted) if shared else directions * sum(weighted)
    total = sum(repeated) - sum(weighted) + images
    return round(ledger.note("volumes", total, "", "b-values x averages x directions"))


def _directions(ledger: Ledger) -> int:
    """Directions of a trace image that states none: those of its scheme; a table has to say how many."""
    scheme = ledger.get("diffusion_scheme")
    if scheme in ("free", "vendor"):
        raise Missing("diffusion_directions")
    return round(ledger.note("directions", _SCHEMES.get(scheme, _TRACE), "", "diffusion_scheme"))


def _usual_averages(ledger: Ledger, weightings: Sequence[float]) -> list[float]:
    """Averages where none are stated: one, or as many as the scanner likes for the weighted images."""
    chosen = ledger.overhead("averages of a weighting that the scanner chooses")
    return [chosen if b > 0 else 1 for b in weightings]


def _diffusion_references(ledger: Ledger) -> float:
    """Volumes that calibrate a diffusion scan.

    The segments of parallel imaging once; with several slices at a time, for every b-value the slices of a
    band alone, which costs one volume less than there are slices in a band. Source: T6 of the reference
    protocols, which counts acceleration x multiband, and series of one b-value, which take less.
    """
    factor, bands = acceleration(ledger)[0], ledger.get("multiband_factor", 1)
    if (factor <= 1 and bands <= 1) or not ledger.habit("EPI calibration inside the scan"):
        return 0.0
    segments = factor if ledger.habit("a segment for every fold") else 1.0
    weightings = min(len(ledger.get("b_values", ())), _CALIBRATED_WEIGHTINGS)
    value = (segments if factor > 1 else 0.0) + weightings * (bands - 1)
    ledger.note("reference volumes", value, "", "acceleration + b-values x (multiband - 1)")
    return float(max(0.0, value + ledger.overhead("further reference volumes of diffusion")))


def _series_references(ledger: Ledger) -> float:
    """Volumes that calibrate a time series: acceleration x multiband, or the vendor's number."""
    factor, bands = acceleration(ledger)[0], ledger.get("multiband_factor", 1)
    if factor <= 1 and bands <= 1:
        return 0.0
    if ledger.habit("a segment for every fold") and ledger.habit("EPI calibration inside the scan"):
        return ledger.note("reference volumes", factor * bands, "", "acceleration x multiband")
    return ledger.overhead("reference volumes of a time series")


def _discarded(ledger: Ledger, interval: float) -> float:
    """Volumes before the first image of a time series: as stated, or the vendor's."""
    stated = ledger.get("number_of_volumes_discarded_by_scanner")
    if stated is not None:
        return ledger.note("discarded volumes", stated, "", "number_of_volumes_discarded_by_scanner")
    return _dummies(ledger, interval) + ledger.overhead("dummy volumes of a time series")


def _dummies(ledger: Ledger, interval: float) -> float:
    """Volumes without data until the magnetisation is steady."""
    settling = ledger.overhead("settling time of EPI")
    fixed = ledger.overhead("further volumes of EPI")
    count = max(1, round(settling / interval)) if settling else 0
    return ledger.note("dummy volumes", count, "", "settling time / TR, at least one") + fixed


def _volume_time(ledger: Ledger, interval: float) -> float:
    """Seconds of one volume: a TR for every package and every shot."""
    packages = ledger.note("packages", ledger.get("concatenations", 1), "", "concatenations")
    return interval * packages * _shots(ledger)


def _shots(ledger: Ledger) -> int:
    """Excitations of one image: as stated, or the lines over those that one train measures."""
    stated = ledger.get("number_of_shots")
    if stated is not None:
        return round(ledger.note("shots", stated, "", "number_of_shots"))
    train = ledger.get("echo_train_length")
    try:
        lines = phase_lines(ledger) * partial_fourier(ledger)[0] / acceleration(ledger)[0]
    except Missing:
        train = None
    if not train:
        return round(ledger.note("shots", 1, "", "one: none is stated"))
    # An accelerated train may be counted with the lines that it leaves out: then one is enough.
    return round(ledger.note("shots", max(1, round(lines / train)), "", "lines / train length"))
