"""One time worked by hand for every family and vendor habit: the check that needs no corpus.

The arithmetic stands beside each vector, in seconds, and uses no code of the project. What a vendor adds
(1.6 s of preparation, a settling time) is a number of its profile; what is checked is where it goes.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from generator.model.tree import Acquisition
from generator.timing import estimate, explain_missing


class Vector(NamedTuple):
    name: str
    vendor: str | None
    seconds: float
    fields: dict[str, Any]


TSE: dict[str, Any] = {
    "technique": "turbo_spin_echo",
    "mr_acquisition_type": "2D",
    "repetition_time": 4000.0,
    "echo_train_length": 15,
    "acquisition_matrix": (320, 300),
    "field_of_view": (240.0, 240.0),
    "voxel_size": (0.75, 0.8, 3.0),
    "number_of_slices": 30,
    "concatenations": 1,
}
SHORT = {"echo_train_length": 7, "acquisition_matrix": (320, 273), "voxel_size": (0.75, None, 3.0)}
STIR: dict[str, Any] = TSE | {
    "echo_train_length": 10,
    "echo_spacing": 10.0,
    "inversion_time": 150.0,
    "fat_suppression": "stir",
    "repetition_time": 4600.0,
    "number_of_slices": 36,
    "concatenations": None,
}
CUBE: dict[str, Any] = {
    "technique": "turbo_spin_echo",
    "mr_acquisition_type": "3D",
    "repetition_time": 2000.0,
    "echo_train_length": 100,
    "acquisition_matrix": (200, 200),
    "field_of_view": (200.0, 200.0),
    "voxel_size": (1.0, 1.0, 1.0),
    "slice_thickness": 1.0,
    "slab_thickness": 100.0,
    "elliptical_scanning": False,
}
GRE: dict[str, Any] = {
    "technique": "gradient_echo",
    "mr_acquisition_type": "2D",
    "repetition_time": 500.0,
    "acquisition_matrix": (256, 200),
    "field_of_view": (256.0, 200.0),
    "voxel_size": (1.0, 1.0, 4.0),
    "number_of_slices": 20,
    "concatenations": 1,
}
VOLUME = GRE | {
    "mr_acquisition_type": "3D",
    "repetition_time": 20.0,
    "slab_thickness": 160.0,
    "voxel_size": (1.0, 1.0, 2.0),
    "slice_thickness": 2.0,
    "elliptical_scanning": False,
    "concatenations": None,
}
MPRAGE: dict[str, Any] = {
    "technique": "magnetization_prepared_gradient_echo",
    "mr_acquisition_type": "3D",
    "repetition_time_preparation": 2000.0,
    "acquisition_matrix": (256, 240),
    "field_of_view": (256.0, 240.0),
    "voxel_size": (1.0, 1.0, 1.0),
    "slab_thickness": 176.0,
    "parallel_reduction_factor_in_plane": 2.0,
    "reference_scan": "integrated",
    "reference_lines": 24,
}
FAST = {"repetition_time_preparation": None, "inversion_time": 900.0, "repetition_time_excitation": 8.0}
SURVEY: dict[str, Any] = {
    "technique": "magnetization_prepared_gradient_echo",
    "mr_acquisition_type": "2D",
    "repetition_time_excitation": 8.0,
    "repetition_time_preparation": 1000.0,
    "inversion_time": 800.0,
    "echo_train_length": 64,
    "acquisition_matrix": (128, 128),
    "field_of_view": (250.0, 250.0),
    "voxel_size": (2.0, 2.0, 10.0),
    "number_of_slices": 9,
}
DWI: dict[str, Any] = {
    "technique": "echo_planar_diffusion",
    "mr_acquisition_type": "2D",
    "repetition_time": 4000.0,
    "number_of_shots": 1,
    "b_values": (0.0, 1000.0),
    "b_value_averages": (1, 4),
    "diffusion_directions": 3,
}
IVIM = {"b_values": (0.0, 1.0, 50.0, 400.0, 800.0), "b_value_averages": (1, 1, 1, 2, 4)}
BOLD: dict[str, Any] = {
    "technique": "echo_planar_bold",
    "mr_acquisition_type": "2D",
    "repetition_time": 2000.0,
    "number_of_temporal_positions": 150,
    "number_of_shots": 1,
}

VECTORS = (
    # Two-dimensional TSE. 300 / 15 = 20 trains, one without data: 21 x 4.
    Vector("2D TSE", None, 84.0, TSE),
    # 300 / 2 + 24 / 2 = 162 lines, less 1.5 that a train leaves out: 10.7, 11 trains; 12 x 4 + 1.6.
    Vector("2D TSE, calibration inside", "siemens", 49.6, TSE | {
        "parallel_reduction_factor_in_plane": 2.0, "reference_scan": "integrated", "reference_lines": 24}),
    # 225 of 300 lines are measured: 112.5 + 12, less 1.5: 123 / 15 = 8.2; 10 x 4 + 1.6.
    Vector("partial Fourier and calibration inside", "siemens", 41.6, TSE | {
        "parallel_reduction_factor_in_plane": 2.0, "reference_scan": "integrated", "reference_lines": 24,
        "partial_fourier_phase": 0.75}),
    # 260 / 2 + 30 / 2 = 145 lines, less 1.5 that a train leaves out: 143.5 / 9 = 15.9; 17 x 4 + 1.6;
    # with all 145 it would be a train more.
    Vector("lines that a train leaves out", "siemens", 69.6, TSE | {
        "echo_train_length": 9, "acquisition_matrix": (320, 260), "voxel_size": (0.75, None, 3.0),
        "parallel_reduction_factor_in_plane": 2.0, "reference_scan": "integrated", "reference_lines": 30}),
    # 150 lines less 1.5: 10 trains; 11 x 4 + 1.6, and 30 slices x 32 lines x 4.3 ms = 4.128.
    Vector("separate reference scan", "siemens", 49.728, TSE | {
        "parallel_reduction_factor_in_plane": 2.0, "reference_scan": "separate", "reference_lines": 32}),
    # (300 - 1.5) / 15: 20 trains, twice, one without data: 41 x 4 + 1.6.
    Vector("Dixon TSE, each echo its own train", "siemens", 165.6, TSE | {"fat_suppression": "dixon"}),
    # Short trains after fat saturation: 271.5 / 7 = 38.8: 39 trains, two without data: 41 x 4 + 1.6.
    Vector("fat saturation settles", "siemens", 165.6, TSE | SHORT | {"fat_suppression": "fat_saturation"}),
    # 39 trains and an odd one for the pair, 2 without data: 42 x 4.
    Vector("trains in pairs", "ge", 168.0, TSE | SHORT),
    # (40 trains of a pair) x 1.5 averages = 60, 2 without data: 62 x 4.
    Vector("pairs before averages", "ge", 248.0, TSE | SHORT | {"number_of_averages": 1.5}),
    # T1: 40 trains; 2 s at TR 0.5 are 4 trains: 44 x 0.5 = 22, shown as 22.
    Vector("settling time", "ge", 22.0, TSE | SHORT | {"repetition_time": 500.0}),
    # A slice: 10 x 10 ms + 150 ms of inversion + 4 ms = 254 ms; 18 fill 4.6 s, so 2 packages of 36 slices.
    # 300 / 10 = 30 trains and one without data: 31 x 4.6 x 2 = 285.2, rounded up.
    Vector("STIR waits for its inversion", "ge", 286.0, STIR),
    # An inversion of 400 ms is spent on other slices: 36 of 104 ms fit 4.6 s; 31 x 4.6, rounded up.
    Vector("a long inversion time", "ge", 143.0, STIR | {"inversion_time": 400.0}),
    # 32 slices of 15 x 11 + 5 + ... over 175 ms in 4.5 s: two packages at least. (300 / 15 + 1) x 4.5 x 2.
    Vector("packages that are needed", None, 189.0, TSE | {
        "echo_spacing": 11.4, "number_of_slices": 32, "concatenations": None, "repetition_time": 4500.0}),
    # The same slices, two at a time: one package. 21 x 4.5.
    Vector("packages of slices excited together", None, 94.5, TSE | {
        "echo_spacing": 11.4, "number_of_slices": 32, "multiband_factor": 2, "concatenations": None,
        "repetition_time": 4500.0}),
    # Philips: 300 / 15 = 20 trains, two without data: 22 x 4; SENSE is calibrated elsewhere.
    Vector("2D TSE", "philips", 88.0, TSE),
    # Blades: pi / 2 x 256 / 24 = 16.8: 17 trains, none without data: 17 x 4.
    Vector("MultiVane", "philips", 68.0, TSE | {
        "readout": "propeller", "echo_train_length": 24, "acquisition_matrix": (256, 256)}),
    # Blades of 24 x 2 - 8 = 40 lines: pi / 2 x 256 / 40 = 10.05: 11 trains, one without data: 12 x 4.
    Vector("PROPELLER, calibrated blade by blade", "ge", 48.0, TSE | {
        "readout": "propeller", "echo_train_length": 24, "acquisition_matrix": (256, 256),
        "parallel_reduction_factor_in_plane": 2.0, "reference_scan": "integrated"}),
    # Conventional spin echo: 300 lines and one without data: 301 x 0.5.
    Vector("spin echo", None, 150.5, TSE | {"technique": "spin_echo", "repetition_time": 500.0}),
    # Three-dimensional TSE: 200 x 100 / 100 = 200 trains, one without data: 201 x 2.
    Vector("3D TSE", None, 402.0, CUBE),
    # Every second line of both directions: 100 x 50 / 100 = 50 trains, one without data: 51 x 2.
    Vector("3D TSE, two directions", None, 102.0, CUBE | {
        "parallel_reduction_factor_in_plane": 2.0, "parallel_reduction_factor_out_of_plane": 2.0,
        "reference_scan": "separate"}),
    # A quarter of the points and 4 % more, 200 x 100 / 4 x 1.04 = 5200, and what 24 x 24 of the centre add:
    # 576 x (1 - 1.04 / 4) = 426.2; 57 trains and one without data: 58 x 2 + 1.6.
    Vector("3D TSE, compressed sensing", "siemens", 117.6, CUBE | {
        "compressed_sensing_factor": 4.0, "reference_scan": "integrated", "reference_lines": 24,
        "reference_lines_out_of_plane": 24}),
    # A half average beside a whole one costs nothing: as one average. 201 x 2.
    Vector("Cube of one and a half NEX", "ge", 402.0, CUBE | {"number_of_averages": 1.5}),
    # Two: 400 trains and one without data: 401 x 2.
    Vector("Cube of two NEX", "ge", 802.0, CUBE | {"number_of_averages": 2.0}),
    # Single shot: 28 slices x 1.5.
    Vector("single shot", None, 42.0, TSE | {
        "technique": "single_shot_turbo_spin_echo", "repetition_time": 1500.0, "number_of_slices": 28}),
    # Gradient echo: (200 lines x 2 + 1) x 0.5.
    Vector("2D gradient echo", None, 200.5, GRE | {"number_of_averages": 2.0}),
    # Three start-ups: (200 + 3) x 0.5.
    Vector("2D gradient echo", "philips", 101.5, GRE),
    # A localizer: 20 slices one after the other, (200 + 1) x 8 ms each = 32.16, and 1.6.
    Vector("localizer", "siemens", 33.76, GRE | {"repetition_time": 8.0, "concatenations": 20}),
    # 200 x 80 partitions x 20 ms.
    Vector("3D gradient echo", None, 320.0, VOLUME),
    Vector("susceptibility weighted", None, 320.0, VOLUME | {"technique": "susceptibility_weighted"}),
    Vector("time of flight", None, 320.0, VOLUME | {"technique": "time_of_flight"}),
    # Four slabs, each brought into its steady state in 3.3 s: 320 + 13.2 + 1.6.
    Vector("time of flight, four slabs", "siemens", 334.8, VOLUME | {
        "technique": "time_of_flight", "concatenations": 4}),
    # The echoes of a line follow each other in one repetition: as one echo.
    Vector("multi-echo", None, 100.5, GRE | {
        "technique": "multi_echo_gradient_echo", "echo_times": (5.0, 10.0, 15.0)}),
    # gre_field_mapping measures its two echoes one by one: (200 x 2 + 1) x 0.5 + 1.6.
    Vector("field map", "siemens", 202.1, GRE | {"technique": "field_map", "echo_times": (4.92, 7.38)}),
    # Prepared: 240 / 2 + 24 / 2 = 132 lines, each a shot of 2 s.
    Vector("prepared gradient echo", None, 264.0, MPRAGE),
    Vector("MP2RAGE", None, 264.0, MPRAGE | {"technique": "mp2rage"}),
    # Shots of the whole plane: 240 x 176 / 2 / 132 = 160, and one to start: 161 x 2.
    Vector("3D TFE", "philips", 322.0, MPRAGE | {
        "reference_scan": "separate", "echo_train_length": 132, "slice_oversampling": 0.0,
        "elliptical_scanning": False}),
    # Single-shot mode: a train holds a part of the slab all the same.
    Vector("3D TFE, single shot", "philips", 322.0, MPRAGE | {
        "reference_scan": "separate", "echo_train_length": 132, "slice_oversampling": 0.0,
        "elliptical_scanning": False, "number_of_shots": 1}),
    # The interval is not stated: TI, half the train of 176 x 8 ms: 0.9 + 0.704 = 1.604; 132 of them.
    Vector("interval from the train", None, 211.728, MPRAGE | FAST),
    # GE: the whole train after TI, and 0.5 s of recovery: 0.45 + 1.408 + 0.5 = 2.358; 132 of them, 311.3.
    Vector("interval from the train", "ge", 312.0, MPRAGE | FAST | {"inversion_time": 450.0}),
    # Three quarters of the partitions: 132 x 8 ms: 0.9 + 0.528 = 1.428; 132 of them.
    Vector("interval from a train of partial Fourier", None, 188.496, MPRAGE | FAST | {
        "partial_fourier_slice": 0.75}),
    # 1 / 250 Hz and 4.5 ms of pulse and spoiler are 8.5 ms: 0.9 + 176 x 8.5 / 2 = 1.648; 132 of them.
    Vector("interval from the bandwidth", None, 217.536, MPRAGE | FAST | {
        "repetition_time_excitation": None, "pixel_bandwidth": 250.0}),
    # Without an inversion time a TR above 200 ms is the cycle, 132 x 0.25; a shorter one that of excitations:
    # 176 x 150 ms and 45 ms of start-up are 26.445; 132 of them.
    Vector("a long TR is the cycle", None, 33.0, MPRAGE | {
        "repetition_time_preparation": None, "repetition_time": 250.0}),
    Vector("a short TR is that of excitations", None, 3490.74, MPRAGE | {
        "repetition_time_preparation": None, "repetition_time": 150.0}),
    # No inversion: 64 x 8 ms and 45 ms of start-up are 0.557; 9 slices of 128 / 64 = 2 shots.
    Vector("survey, shots without inversion", None, 10.026, SURVEY | {
        "repetition_time_preparation": None, "inversion_time": None}),
    # A survey of one shot a slice: one interval a slice, 9 x 1.
    Vector("survey, one interval a slice", "philips", 9.0, SURVEY | {"number_of_shots": 1}),
    # Two shots and one to start: 9 x 3 x 1.
    Vector("survey of two shots", "philips", 27.0, SURVEY | {"number_of_shots": 2}),
    # The same, averaged: 9 x 3 x 2 x 1.
    Vector("survey of two averages", "philips", 54.0, SURVEY | {
        "number_of_shots": 2, "number_of_averages": 2}),
    # Diffusion: 1 + 3 x 4 = 13 volumes, 3 s without data are one of 4 s: 14 x 4 + 1.6.
    Vector("diffusion", "siemens", 57.6, DWI),
    # Read in 5 segments, each of one repetition; what settles is not: 13 x 5 x 4 + 4 + 1.6.
    Vector("diffusion in segments", "siemens", 265.6, DWI | {"number_of_shots": 5}),
    # 13 and one: 14 x 4.
    Vector("diffusion", "ge", 56.0, DWI),
    # IVIM, three directions for every b-value but 0: 1 + 3 x (1 + 1 + 2 + 4) = 25 volumes and one: 26 x 4.
    Vector("IVIM", "ge", 104.0, DWI | IVIM),
    Vector("IVIM", "philips", 100.0, DWI | IVIM),
    # A 4-scan trace: 1 + 4 x 4 = 17 volumes and one: 18 x 4.
    Vector("4-scan trace", "ge", 72.0, DWI | {"diffusion_directions": None, "diffusion_scheme": "trace_4"}),
    # Two shells of 30 directions: 1 + 30 + 30 and one: 62 x 4.
    Vector("two shells", "ge", 248.0, DWI | {
        "b_values": (0.0, 700.0, 2000.0), "b_value_averages": (1, 1, 1), "diffusion_directions": 30}),
    # A table of 90 directions, each of one of two b-values: 9 + 90 volumes x 3.2.
    Vector("directions shared among b-values", "philips", 316.8, DWI | {
        "b_values": (0.0, 1000.0, 2000.0), "b_value_averages": (9, 1, 1), "diffusion_directions": 90,
        "repetition_time": 3200.0}),
    # 13 volumes, 2 x 3 folds and bands: R 2 + 2 b-values x 2 = 6, one without data: 20 x 4 + 1.6.
    Vector("slices at a time", "siemens", 81.6, DWI | {
        "parallel_reduction_factor_in_plane": 2.0, "multiband_factor": 3}),
    # 150 and two without data (3 s / 2 s, rounded): 152 x 2 + 1.6.
    Vector("EPI time series", "siemens", 305.6, BOLD),
    # 150 + 6 x 2.
    Vector("discarded volumes", "philips", 312.0, BOLD | {"number_of_volumes_discarded_by_scanner": 6}),
    # 2 x 5 pairs x 3 shots + 1 reference: 31 x 4 + 1.6.
    Vector("arterial spin labelling", "siemens", 125.6, BOLD | {
        "technique": "arterial_spin_labelling", "mr_acquisition_type": "3D", "repetition_time": 4000.0,
        "number_of_temporal_positions": 5, "number_of_shots": 3}),
)  # fmt: skip


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{vector.vendor}: {vector.name}")
def test_a_time_worked_by_hand(vector: Vector) -> None:
    scan = Acquisition(name=vector.name, **vector.fields)
    found = estimate(scan, vector.vendor)
    assert found is not None, explain_missing(scan, vector.vendor)
    assert found.seconds == pytest.approx(vector.seconds, abs=0.011)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (DWI | {"gating": "cardiac"}, "triggered"),
        (DWI | {"gating": "respiratory"}, "triggered"),
        (DWI | {"rr_intervals": 4}, "triggered"),
        (GRE | {"technique": "field_map", "echo_times": (3.0,)}, "a formula for a map of one echo"),
        (GRE | {"technique": "field_map", "echo_times": None}, "echo_times"),
        (TSE | {"technique": "single_shot_turbo_spin_echo", "repetition_time": None, "number_of_slices": 9},
         "repetition_time, which follows from the power limits"),
        (GRE | {"technique": "calibration", "parallel_reduction_factor_in_plane": 2.0},
         "a formula for calibration"),
        (GRE | {"technique": "balanced_ssfp", "repetition_time": None, "pixel_bandwidth": 500.0},
         "repetition_time, which follows from the power limits"),
        (DWI | {"diffusion_directions": None, "diffusion_scheme": "free"}, "diffusion_directions"),
        (GRE | {"readout": "spiral"}, "a formula for a spiral readout"),
    ],
)  # fmt: skip
def test_what_has_no_model_has_no_number(fields: dict[str, Any], said: str) -> None:
    scan = Acquisition(name="scan", **fields)
    assert estimate(scan, "siemens") is None
    assert explain_missing(scan, "siemens") == said
