"""Magnetisation-prepared gradient echo: MPRAGE, BRAVO, TFE, MP2RAGE.

One preparation, one train of excitations, then a wait: the shot. What fills a train differs. On Siemens,
GE and in the neutral formula the partitions do, so a shot is a phase line (formula T1). On Philips the TFE
factor does, so shots are points / factor (formula T7).
"""

from __future__ import annotations

from math import ceil

from generator.timing.encoding import (
    averages,
    echo_train,
    outer_lines,
    partial_fourier,
    phase_lines,
    plane_points,
    repeats,
    seconds,
)
from generator.timing.ledger import Ledger, Missing
from generator.timing.slices import partitions


def prepared_gradient_echo(ledger: Ledger) -> float:
    """Shots x shot interval x averages, start-up shots and preparation.

    Source: T1 (Siemens MPRAGE, GE MP-RAGE) and T7 (Philips TFE) of the reference protocols.
    """
    if ledger.scan.mr_acquisition_type == "2D":
        return _two_dimensional(ledger)
    shots = _shots(ledger)
    started = shots * averages(ledger) + ledger.overhead("start-up shots of a prepared GRE")
    return started * _interval(ledger) * repeats(ledger) + ledger.overhead("preparation")


def _two_dimensional(ledger: Ledger) -> float:
    """Slices one after the other, each with its own shots (surveys)."""
    slices = ledger.note("slices", ledger.need("number_of_slices"), "", "number_of_slices")
    train = ledger.get("echo_train_length") or phase_lines(ledger)
    shots = ledger.get("number_of_shots") or max(1, ceil(phase_lines(ledger) / train))
    ledger.note("shots of a slice", shots, "", "number_of_shots, or lines / train")
    if shots > 1 and ledger.get("inversion_time") is not None:
        shots += ledger.overhead("start-up shots of a prepared GRE")
    return slices * shots * averages(ledger) * _interval(ledger) + ledger.overhead("preparation")


def _shots(ledger: Ledger) -> float:
    """Shots of one average: as the file counts them, or from the geometry."""
    stated = ledger.get("number_of_shots")
    if stated is not None and stated > 1:  # a single-shot train holds a slice of the slab, not all of it
        return ledger.note("shots", stated, "", "number_of_shots")
    if ledger.habit("trains span the whole plane"):
        points, train = plane_points(ledger), echo_train(ledger)
        return ledger.note("shots", ceil(points / train), "", "k-space points / train length")
    return outer_lines(ledger)


def _interval(ledger: Ledger) -> float:
    """From one preparation to the next, in seconds.

    Where it is not stated, a TR too long to be the time between excitations is taken for it (Siemens shows
    the cycle as TR); else it is the inversion time, the second half of the train and the recovery.
    """
    if ledger.get("repetition_time_preparation"):
        return seconds(ledger, "repetition_time_preparation")
    shown = ledger.get("repetition_time")
    if shown and shown > 2 * ledger.get("inversion_time", 100):
        return ledger.note("shot interval", shown / 1000, "s", "repetition_time, the cycle as shown")
    if shown and ledger.get("inversion_time") and shown > ledger.get("inversion_time"):
        return ledger.note("shot interval", shown / 1000, "s", "repetition_time, the cycle as shown")
    return _modelled_interval(ledger)


def _modelled_interval(ledger: Ledger) -> float:
    """Inversion time, then the train from its centre (or its start) to its end, then recovery.

    Without an inversion the shots follow each other: the train and what starts it up.
    """
    train = _excitations(ledger) * _excitation_spacing(ledger)
    inversion = ledger.get("inversion_time")
    if inversion is None:
        value = train + ledger.overhead("start-up of a shot")
        return ledger.note("shot interval", value, "s", "train + start-up")
    after = ledger.overhead("share of the train after TI")
    value = inversion / 1000 + after * train + ledger.overhead("recovery after the train")
    return ledger.note("shot interval", value, "s", "TI + rest of the train + recovery")


def _excitations(ledger: Ledger) -> float:
    """Excitations of one shot: the stated train, or the partitions of a line."""
    if ledger.scan.mr_acquisition_type == "2D" or ledger.habit("trains span the whole plane"):
        return echo_train(ledger)
    kept = partitions(ledger) * partial_fourier(ledger)[1]
    return ledger.note("excitations of a shot", round(kept), "", "partitions x partial Fourier")


def _excitation_spacing(ledger: Ledger) -> float:
    """Seconds between the excitations of a shot."""
    stated = ledger.get("repetition_time_excitation") or ledger.get("repetition_time")
    if stated:
        return ledger.note("excitation spacing", stated / 1000, "s", "stated")
    bandwidth = ledger.get("pixel_bandwidth")
    if not bandwidth:
        raise Missing("repetition_time_preparation (the shot interval)")
    value = 1 / bandwidth + ledger.overhead("excitation and spoiling of a prepared GRE")
    return ledger.note("excitation spacing", value, "s", "readout + excitation and spoiling")
