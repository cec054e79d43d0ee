"""Gradient echo: spoiled, balanced, multi-echo, susceptibility weighted, time of flight, field maps."""

from __future__ import annotations

from generator.timing.encoding import (
    acceleration,
    averages,
    elliptical,
    outer_lines,
    partial_fourier,
    plane_points,
    reference_scan,
    repeats,
    seconds,
)
from generator.timing.kspace import round_up
from generator.timing.ledger import POWER_LIMITED, Ledger, Missing
from generator.timing.slices import packages, partitions

_USUAL_THICKNESS = 5.0  # mm
_SLAB = 0.8  # share of the pulses and spoilers of a 5 mm slice that those of a slab take


def gradient_echo(ledger: Ledger) -> float:
    """One line an excitation: 3D every partition of every line, 2D every line of every slice."""
    if ledger.need("mr_acquisition_type") == "3D":
        return _volume(ledger)
    return _slices(ledger)


def field_map(ledger: Ledger) -> float:
    """Two echoes of a gradient echo. A map of one echo is of B1, and made in another way."""
    if len(ledger.need("echo_times")) < 2:
        raise Missing("a formula for a map of one echo")
    return gradient_echo(ledger)


def _volume(ledger: Ledger) -> float:
    """TR x points x averages + start-up + a separate reference scan.

    Formula T3; with two accelerated directions or an ellipse T2.
    """
    repetition = repetition_time(ledger)
    points: float
    if acceleration(ledger)[1] > 1 or elliptical(ledger) or ledger.get("compressed_sensing_factor", 1) > 1:
        points = plane_points(ledger)
    else:
        lines = outer_lines(ledger)
        points = lines * round_up(partitions(ledger) * partial_fourier(ledger)[1])
        ledger.note("excitations", points, "", "measured lines x partitions")
    start = ledger.overhead("start-up of a 3D GRE") + _slabs(ledger) * ledger.overhead("start-up of a slab")
    total = points * averages(ledger) * repetition * _passes(ledger) * repeats(ledger)
    return total + start + reference_scan(ledger) + ledger.overhead("preparation")


def _slabs(ledger: Ledger) -> int:
    """Slabs that are measured one after the other, each from a steady state of its own (time of flight)."""
    if ledger.scan.technique != "time_of_flight":
        return 0
    return round(ledger.note("slabs", ledger.get("concatenations", 1), "", "concatenations"))


def _slices(ledger: Ledger) -> float:
    """TR x (lines x averages + dummies) x packages (formula T5)."""
    repetition = repetition_time(ledger)
    lines = outer_lines(ledger) * averages(ledger) * _passes(ledger)
    dummies = ledger.overhead("dummy repetitions of a 2D GRE")
    count = packages(ledger, _slice_time(ledger), repetition)
    total = repetition * (round_up(lines) + dummies) * count * repeats(ledger)
    return total + ledger.overhead("start-up of a 2D GRE") + ledger.overhead("preparation")


def _passes(ledger: Ledger) -> float:
    """Excitations that a line needs: two for a field map whose echoes are measured one by one."""
    if ledger.scan.technique != "field_map":
        return 1.0
    return ledger.overhead("passes of a field map")


def _slice_time(ledger: Ledger) -> float | None:
    """Seconds that one slice of a 2D gradient echo occupies in a repetition, if that can be known."""
    try:
        return _shortest(ledger)
    except Missing:
        return None


def repetition_time(ledger: Ledger) -> float:
    """TR in seconds; where the scanner chooses the shortest, it is modelled from the readout."""
    if ledger.get("repetition_time"):
        return seconds(ledger, "repetition_time")
    if ledger.get("repetition_time_excitation"):
        return seconds(ledger, "repetition_time_excitation")
    return ledger.note("shortest TR", _shortest(ledger), "s", "readout + excitation and spoiling")


def _shortest(ledger: Ledger) -> float:
    """Shortest time from one excitation to the next, in seconds."""
    bandwidth = ledger.get("pixel_bandwidth") or _usual_bandwidth(ledger)
    if ledger.scan.technique == "balanced_ssfp":
        raise Missing(POWER_LIMITED)
    spoiling = ledger.overhead("excitation and spoiling of a GRE") * _slice_selection(ledger)
    last = max(ledger.get("echo_times") or (0.0,)) / 1000
    # Water and fat are separated by two echoes at least.
    readouts = 2 if ledger.get("fat_suppression") == "dixon" else 1
    return float(max(readouts / bandwidth + spoiling, last + 0.5 / bandwidth + spoiling / 2))


def _slice_selection(ledger: Ledger) -> float:
    """How much longer than at 5 mm a slice is selected: part goes with 1 / thickness; a slab is thick."""
    thickness = ledger.get("slice_thickness", _USUAL_THICKNESS)
    if ledger.scan.mr_acquisition_type != "2D":
        return _SLAB
    return float(0.3 + 0.7 * min(2.0, _USUAL_THICKNESS / thickness))


def _usual_bandwidth(ledger: Ledger) -> float:
    """Hz per pixel of a readout at the bandwidth a scanner uses where the protocol states none."""
    matrix = ledger.get("acquisition_matrix")
    usual = ledger.overhead("readout bandwidth where none is stated")
    if not matrix or not matrix[0] or not usual:
        raise Missing("repetition_time")
    return float(usual / matrix[0])
