"""Facts of physics: what follows from timing, bandwidth, field and gradient of a scan."""

from __future__ import annotations

from itertools import pairwise
from math import ceil

from generator.contrast import noise, physics
from generator.contrast.tissues import tissue
from generator.rules.facts.table import declare, derived
from generator.rules.facts.view import Facts, Unstated
from generator.vendors.profile import profile

HIGH_FIELD_T = 2.0
GYROMAGNETIC_RATIO = 267.522e6
"""Of the proton, rad/s/T."""

_TSE_PER_SLICE_MS = 5.0
_EPI_PER_SLICE_MS = 10.0
_LOBE_SPACING_MS = 7.0
_SHORTEST_CYCLE_MS = 50.0
"""A shorter repetition is that of the excitations, whatever the console calls it."""

declare("receive_bandwidth", "step", float, "GE receive bandwidth, half of the full one", unit="kHz")
declare("water_fat_shift", "step", float, "Philips water-fat shift in pixels")
declare("estimated_duration", "step", float, "acquisition time by the formula of the family", unit="s")
declare("estimate_uncertainty", "step", float, "half width of that time", unit="s")
declare("relative_snr", "step", float, "signal to noise against the reference scan of the same role")
declare("gradient_amplitude", "card", float, "strongest gradient of the scanner", unit="mT/m")
declare("receive_channels", "card", int, "receive elements of the head coil")
declare("spin_echo_3d_available", "card", bool, "3D spin echo with varying refocusing angles on the scanner")


@derived("step", float, unit="s", of="acquisition_duration")
def scan_duration(facts: Facts) -> float:
    """Time of the scan: the console's where it is stated, else the estimate."""
    stated = facts.get("acquisition_duration")
    return float(facts["estimated_duration"] if stated is None else stated)


@derived("step", float, of="acquisition_duration")
def time_disagreement(facts: Facts) -> float:
    """Factor between the time of the console and the nearest that the estimate admits; 1 where it does."""
    stated, estimate = facts["acquisition_duration"], facts["estimated_duration"]
    width = facts.get("estimate_uncertainty") or 0.0
    return float(max(stated / (estimate + width), (estimate - width) / stated, 1.0))


@derived("step", float, unit="ms", of=("repetition_time_excitation", "repetition_time"))
def excitation_interval(facts: Facts) -> float:
    """From one excitation to the next."""
    stated: float | None = facts.get("repetition_time_excitation")
    return stated if stated is not None else float(facts["repetition_time"])


@derived("step", float, unit="ms", of=("repetition_time_preparation", "repetition_time"))
def inversion_interval(facts: Facts) -> float:
    """From one inversion to the next."""
    stated: float | None = facts.get("repetition_time_preparation")
    if stated is not None:
        return stated
    prepared = facts.get("technique") in ("magnetization_prepared_gradient_echo", "mp2rage")
    vendor = facts.get("vendor")
    if prepared and vendor is not None and not profile(vendor).shows_inversion_cycle:
        raise Unstated("repetition_time_preparation")
    shown = float(facts["repetition_time"])
    if shown < _SHORTEST_CYCLE_MS:
        raise Unstated("repetition_time_preparation")
    return shown


@derived("step", float, unit="ms", of=("repetition_time_preparation", "repetition_time"))
def cycle_time(facts: Facts) -> float:
    """From one inversion to the next; without inversion, from one excitation to the next."""
    return float(facts["inversion_interval" if facts["inverted"] else "excitation_interval"])


@derived("step", float, many=True, unit="ms", of="inversion_time")
def inversion_times(facts: Facts) -> list[float]:
    """Both inversion times, the one after the inversion first."""
    second: float | None = facts.get("second_inversion_time")
    return [facts["inversion_time"], *([] if second is None else [second])]


@derived("step", float, unit="ms", of=("echo_spacing", "repetition_time_excitation"))
def train_spacing(facts: Facts) -> float:
    """Time between excitations inside an inversion-prepared train."""
    stated: float | None = facts.get("echo_spacing")
    return stated if stated is not None else float(facts["repetition_time_excitation"])


@derived("step", float, unit="ms", of=("echo_train_duration", "echo_train_length"))
def train_duration(facts: Facts) -> float:
    """Duration of one train of echoes."""
    stated: float | None = facts.get("echo_train_duration")
    return stated if stated is not None else float(facts["echo_train_length"] * facts["train_spacing"])


@derived("step", float, unit="ms", of="echo_train_length")
def nominal_train_duration(facts: Facts) -> float:
    """Echo train length times echo spacing."""
    return float(facts["echo_train_length"] * facts["echo_spacing"])


@derived("step", float, unit="s/mm2", of="b_values")
def largest_b_value(facts: Facts) -> float:
    """Strongest diffusion weighting."""
    return float(max(facts["b_values"]))


@derived("step", float, unit="ms", of="pixel_bandwidth")
def readout_duration(facts: Facts) -> float:
    """Time one line is read: 1000 / bandwidth per pixel, or a segment of it where EPI reads in several."""
    whole = 1000.0 / float(facts["pixel_bandwidth"])
    segmented = str(facts.get("technique")).startswith("echo_planar")
    return whole / (facts.get("number_of_shots") or 1) if segmented else whole


@derived("step", float, unit="ms", of="echo_train_length")
def shortest_train_duration(facts: Facts) -> float:
    """Shortest train that the bandwidth admits: one readout an echo."""
    return float(facts["echo_train_length"] * facts["readout_duration"])


@derived("step", float, unit="ms")
def csf_null_time(facts: Facts) -> float:
    """Inversion time that nulls CSF (T1 4300 ms) at this inversion interval."""
    return physics.null_time(tissue("csf", 3.0).t1, facts["inversion_interval"])


@derived("step", float, unit="ms", of="echo_train_length")
def reachable_echo_time(facts: Facts) -> float:
    """Last echo that the train reaches; a scan of several echo times has as many trains in one."""
    return float(facts["nominal_train_duration"] * len(facts["echo_times"]))


@derived("step", float, many=True, of="echo_times")
def echo_position_errors(facts: Facts) -> list[float]:
    """How far each echo time is from a whole number of echo spacings."""
    positions = [echo / facts["echo_spacing"] for echo in facts["echo_times"]]
    return [abs(position - round(position)) for position in positions]


@derived("step", int, of="number_of_slices")
def slices_per_repetition(facts: Facts) -> int:
    """Slices measured within one repetition."""
    at_once: int = facts["concatenations"] * (facts.get("multiband_factor") or 1)
    return -(-int(facts["number_of_slices"]) // at_once)


@derived("step", float, unit="ms", of="repetition_time")
def shortest_multislice_repetition(facts: Facts) -> float:
    """Shortest repetition that holds the trains of all slices of a packet."""
    occupied = max((facts["train_duration"], *(facts.get("echo_times") or ())))
    return float(facts["slices_per_repetition"] * (occupied + _TSE_PER_SLICE_MS))


@derived("step", int, of="concatenations")
def needed_concatenations(facts: Facts) -> int:
    """Least number of packages that the slices have to be split into."""
    slices = ceil(facts["number_of_slices"] / (facts.get("multiband_factor") or 1))
    occupied: float = max((facts["train_duration"], *(facts.get("echo_times") or ())))
    needed: float = slices * (occupied + _TSE_PER_SLICE_MS) / facts["repetition_time"]
    return ceil(needed)


@derived("step", bool, of="echo_times")
def echo_times_ascend(facts: Facts) -> bool:
    """Whether each echo comes after the one before."""
    echoes = facts["echo_times"]
    return all(first < second for first, second in pairwise(echoes))


@derived("step", float, unit="ms", of="repetition_time")
def shortest_epi_repetition(facts: Facts) -> float:
    """Shortest repetition that holds all slices of an echo-planar scan."""
    slices = ceil(facts["number_of_slices"] / (facts.get("multiband_factor") or 1))
    lines_after_centre = facts["echo_train_length"] / 2 / (facts["parallel_reduction_factor_in_plane"])
    per_slice = max(facts["echo_times"]) + lines_after_centre * facts["echo_spacing"] + _EPI_PER_SLICE_MS
    return float(slices * per_slice)


@derived("step", float, of="echo_spacing")
def spacing_over_readout(facts: Facts) -> float:
    """Echo spacing over the readout time: how much of it is not readout."""
    return float(facts["echo_spacing"] / facts["readout_duration"])


@derived("step", float, unit="deg")
def ernst_angle(facts: Facts) -> float:
    """Flip angle of strongest signal for white matter."""
    field = 3.0 if facts["field_strength"] >= HIGH_FIELD_T else 1.5
    return physics.ernst_angle(facts["excitation_interval"], tissue("white_matter", field).t1)


@derived("step", float, of="echo_train_length")
def refocusing_pulse_rate(facts: Facts) -> float:
    """Refocusing pulses a second of repetition time, all slices."""
    pulses = facts["echo_train_length"] * facts["number_of_slices"] / (facts.get("concatenations") or 1)
    return float(pulses / (facts["repetition_time"] / 1000.0))


@derived("step", float, unit="ms")
def shortest_diffusion_echo(facts: Facts) -> float:
    """Shortest echo time for the largest b-value, monopolar gradients."""
    return _echo_for(max(facts["b_values"]), facts["gradient_amplitude"])


@derived("step", float, unit="Hz", of="pixel_bandwidth")
def fat_frequency_at_3t(facts: Facts) -> float:
    """Bandwidth times water-fat shift, at 3 T."""
    return float(facts["water_fat_shift"] * facts["pixel_bandwidth"] * 3.0 / facts["field_strength"])


@derived("step", float, unit="Hz/px", of="pixel_bandwidth")
def bandwidth_from_receiver(facts: Facts) -> float:
    """Bandwidth per pixel that follows from the receive bandwidth."""
    points = facts["acquisition_matrix"][0]
    if points is None:
        raise Unstated("acquisition_matrix")
    return float(2000.0 * facts["receive_bandwidth"] / points)


def _echo_for(b_value: float, gradient: float) -> float:
    """Echo time (ms) at which two equal lobes of ``gradient`` (mT/m) reach ``b_value`` (s/mm2).

    Solves b = (gamma G delta)^2 (Delta - delta/3) for delta, with Delta = delta + 7 ms. Half the echo time
    then holds a lobe, 3.5 ms of the refocusing pulse and 12 ms of half the readout.
    """
    target = b_value * 1e6
    low, high = 0.0, 200.0
    for _ in range(60):
        delta = (low + high) / 2
        reached = (GYROMAGNETIC_RATIO * gradient * 1e-3 * delta * 1e-3) ** 2
        reached *= (delta + _LOBE_SPACING_MS - delta / 3) * 1e-3
        low, high = (delta, high) if reached < target else (low, delta)
    return 2 * (3.5 + low + 12.0)


def signal_to_noise(facts: Facts) -> float:
    """Relative signal to noise of a scan, by what its facts state."""
    edges, lines = facts["voxel_size"], facts["acquisition_matrix"][1]
    if None in edges or lines is None:
        raise Unstated("voxel_size")
    through = facts["number_of_slices"] if facts["mr_acquisition_type"] == "3D" else 1
    measured = lines * through * (facts.get("number_of_averages") or 1.0) / facts["total_acceleration"]
    return noise.strength(facts["field_strength"], edges, measured, facts["pixel_bandwidth"])
