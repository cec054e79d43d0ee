"""What single fields of a scan become in the formulas: a row each, counted by hand."""

from __future__ import annotations

from typing import Any

import pytest

from generator.model.tree import Acquisition
from generator.timing import Estimate, Term, estimate, explain, explain_missing, gradient
from generator.timing.encoding import calibration_block
from generator.timing.kspace import Grid, kept
from generator.timing.ledger import Ledger, Missing
from generator.timing.slices import packages
from tests.timing.test_vectors import CUBE, DWI, GRE, MPRAGE, SURVEY, TSE, VOLUME

SQUARE = TSE | {"field_of_view": (200.0, 200.0), "voxel_size": (1.0, 1.0, 3.0), "acquisition_matrix": None}
WIDE = SQUARE | {"phase_oversampling": 0.5}
INSIDE = {"reference_scan": "integrated", "reference_lines": 24}
TWOFOLD = {"parallel_reduction_factor_in_plane": 2.0}
BOTH = TWOFOLD | {"parallel_reduction_factor_out_of_plane": 2.0}
BLADES = SQUARE | {"readout": "propeller", "acquisition_matrix": (256, None)}
SHELLS = DWI | {"b_values": (0.0, 500.0, 1000.0), "b_value_averages": (1, 1, 1)}
BOLD: dict[str, Any] = {
    "technique": "echo_planar_bold", "mr_acquisition_type": "2D", "repetition_time": 2000.0,
    "number_of_temporal_positions": 50, "number_of_shots": 1,
}  # fmt: skip
ASL = BOLD | {"technique": "arterial_spin_labelling", "number_of_temporal_positions": 5}
TRAINS = {"number_of_shots": None, "echo_train_length": 35, "acquisition_matrix": (128, 140)}
TABLE = {"diffusion_directions": None}

# term, its value, vendor, scan
TERMS: tuple[tuple[str, float, str | None, dict[str, Any]], ...] = (
    # 200 mm / 1 mm; a matrix that is within 2 % of that, or of that and its oversampling, counts more
    ("phase lines", 200, None, SQUARE),
    ("phase lines", 300, None, WIDE),
    ("phase lines", 297, None, WIDE | {"acquisition_matrix": (200, 198)}),
    ("phase lines", 302, None, WIDE | {"acquisition_matrix": (200, 302)}),
    ("phase lines", 300, None, WIDE | {"acquisition_matrix": (200, 250)}),
    ("phase lines", 300, None, WIDE | {"acquisition_matrix": (200, None)}),
    ("phase lines", 200, None, SQUARE | {"field_of_view": (200.0, None)}),
    ("phase lines", 180, None, SQUARE | {"field_of_view": None, "acquisition_matrix": (200, 180)}),
    ("phase lines", 180, None, SQUARE | {"voxel_size": None, "acquisition_matrix": (200, 180)}),
    ("phase lines", 1, None, SQUARE | {"field_of_view": (2.0, 2.0), "voxel_size": (1.0, 2.0, 3.0)}),
    ("lines across the blades", 256, None, BLADES),
    ("lines across the blades", 240, None, BLADES | {"acquisition_matrix": (256, 240)}),
    # shares: half of the averages is a half scan, and needs some lines more (0.05 where nothing is known)
    ("partial Fourier, phase", 0.55, None, TSE | {"number_of_averages": 0.5}),
    ("partial Fourier, phase", 0.55, None, TSE | {"partial_fourier_phase": 0.5}),
    ("partial Fourier, phase", 0.51, None, TSE | {"partial_fourier_phase": 0.51}),
    ("partial Fourier, phase", 0.6, None, TSE | {"partial_fourier_phase": 0.75, "number_of_averages": 0.6}),
    ("averages", 1.5, None, TSE | {"number_of_averages": 1.5}),
    ("repeats", 3, None, TSE | {"number_of_temporal_positions": 3}),
    # a factor below two leaves out every second line of its block: 300 / 1.5 + 24 / 2
    ("lines of the trains", 212, None, TSE | INSIDE | {"parallel_reduction_factor_in_plane": 1.5}),
    ("lines of the trains", 300, None, TSE | INSIDE),
    # Siemens leaves out 1.5 lines, but no more than 0.4 of a train of two: 0.8
    ("lines of the trains", 299.2, "siemens", TSE | {"echo_train_length": 2}),
    ("echo trains of a slice", 150, "siemens", TSE | {"echo_train_length": 2}),
    ("acceleration, phase", 2, None, TSE | TWOFOLD),
    ("acceleration, phase", 4, None, GRE | TWOFOLD | {"compressed_sensing_factor": 2.0}),
    ("acceleration, slice", 2, None, VOLUME | BOTH),
    # 200 / 2 + 24 / 2, of which a line of the block is the grid's; no block, nothing to share
    ("measured lines", 112, None, GRE | TWOFOLD | INSIDE),
    ("measured lines", 111, "siemens", GRE | TWOFOLD | INSIDE),
    ("measured lines", 100, "siemens", GRE | TWOFOLD | {"reference_scan": "separate"}),
    ("measured lines", 200, "siemens", GRE | INSIDE),
    # 200 / 1.5 + 12 = 145.3 and 200 / 2.5 + 24 x 0.6 = 94.4, rounded up
    ("measured lines", 145, "siemens", GRE | INSIDE | {"parallel_reduction_factor_in_plane": 1.5}),
    ("measured lines", 95, "siemens", GRE | INSIDE | {"parallel_reduction_factor_in_plane": 2.5}),
    # every third of -100 to 99 counted from 0 are 67; of the block of 24 there are 8 on that grid
    ("measured lines", 83, "siemens", GRE | INSIDE | {"parallel_reduction_factor_in_plane": 3.0}),
    # a block over all partitions: (100 + 12) x 100, less a line of each; of three quarters of them
    ("k-space points", 11200, None, CUBE | TWOFOLD | INSIDE),
    ("k-space points", 11100, "siemens", CUBE | TWOFOLD | INSIDE),
    ("k-space points", 8325, "siemens", CUBE | TWOFOLD | INSIDE | {"partial_fourier_slice": 0.75}),
    # every fourth point and 24 x 24, of 24 x 12, of which a quarter is on the grid
    ("k-space points", 5432, "siemens", CUBE | BOTH | INSIDE),
    ("k-space points", 5216, "siemens", CUBE | BOTH | INSIDE | {"reference_lines_out_of_plane": 12}),
    ("echo spacing", 0.008, None, TSE | {"echo_train_duration": 120.0}),
    ("echo spacing", 0.01, None, TSE | {"echo_spacing": 10.0, "echo_train_duration": 120.0}),
    # directions of a trace by its scheme: three, four, four of a tetrahedron, one
    ("directions", 3, None, DWI | TABLE | {"diffusion_scheme": "trace_3"}),
    ("directions", 4, None, DWI | TABLE | {"diffusion_scheme": "trace_4"}),
    ("directions", 4, None, DWI | TABLE | {"diffusion_scheme": "tetrahedral"}),
    ("directions", 1, None, DWI | TABLE | {"diffusion_scheme": "diagonal"}),
    ("directions", 1, None, DWI | TABLE | {"diffusion_scheme": "single"}),
    ("directions", 3, None, DWI | TABLE),
    # six directions are a table, of which each has its own b-value on Philips; five are not
    ("volumes", 7, "philips", SHELLS | {"diffusion_directions": 6}),
    ("volumes", 11, "philips", SHELLS | {"diffusion_directions": 5}),
    ("volumes", 13, "siemens", SHELLS | {"diffusion_directions": 6}),
    ("volumes", 1 + 3 * 3, "philips", DWI | {"b_value_averages": None}),  # it chooses three of the weighted
    ("volumes", 1 + 3, None, DWI | {"b_value_averages": None}),
    ("volumes", 5, None, DWI | {"b_values": (0.0,), "b_value_averages": (5,)}),
    # folds, and for the unweighted and the weighted images the bands less one
    ("reference volumes", 2, "siemens", DWI | TWOFOLD),
    ("reference volumes", 4, "siemens", DWI | {"multiband_factor": 3}),
    ("reference volumes", 6, "siemens", SHELLS | TWOFOLD | {"multiband_factor": 3}),
    ("reference volumes", 4, "siemens", DWI | TWOFOLD | {
        "multiband_factor": 3, "b_values": (1000.0,), "b_value_averages": (1,)}),
    ("reference volumes", 1, "philips", DWI | TWOFOLD),  # one for all folds
    ("reference volumes", 2, "siemens", BOLD | TWOFOLD),
    ("reference volumes", 4, "siemens", BOLD | {"multiband_factor": 4}),
    ("reference volumes", 8, "siemens", BOLD | TWOFOLD | {"multiband_factor": 4}),
    ("reference volumes of a time series", 2, "philips", BOLD | TWOFOLD),
    ("dummy volumes", 1, None, BOLD | {"repetition_time": 8000.0}),  # 3 s are none of them: one at least
    ("label and control images", 10, None, ASL),
    ("shots", 1, None, ASL | {"number_of_shots": 3}),
    # 140 lines in trains of 35: all of them, three quarters, half
    ("shots", 4, None, BOLD | TRAINS),
    ("shots", 3, None, BOLD | TRAINS | {"partial_fourier_phase": 0.75}),
    ("shots", 2, None, BOLD | TRAINS | TWOFOLD),
    ("shots", 1, None, BOLD | TRAINS | {"acquisition_matrix": None}),
    ("excitations", 16000, None, VOLUME),
    ("partitions", 80, None, VOLUME),
    ("partitions", 1, None, VOLUME | {"slab_thickness": 2.0}),
    ("lines of the trains", 1, None, TSE | {"field_of_view": None, "acquisition_matrix": (320, 1)}),
    ("k-space points", 1, None, CUBE | {
        "field_of_view": (1.0, 1.0), "acquisition_matrix": None, "slab_thickness": 1.0}),
    # ten lines twice, less the half of a train that calibrates it at most
    ("width of a blade", 15, None, BLADES | TWOFOLD | INSIDE | {"echo_train_length": 10}),
)  # fmt: skip

# seconds, vendor, scan
TIMES: tuple[tuple[float, str | None, dict[str, Any]], ...] = (
    (168, None, TSE | {"number_of_temporal_positions": 2}),  # twice what one takes, dummies and all
    (804, None, CUBE | {"number_of_temporal_positions": 2}),
    (640, None, VOLUME | {"number_of_temporal_positions": 2}),
    (201, None, GRE | {"number_of_temporal_positions": 2}),
    (528, None, MPRAGE | {"number_of_temporal_positions": 2}),
    # 10000 points are 100 trains, and one: 202; 1.6; 24 x 24 or 24 x 12 lines of 4.3 ms
    (206.0768, "siemens", CUBE | TWOFOLD | {"reference_scan": "separate", "reference_lines": 24}),
    (204.8384, "siemens", CUBE | TWOFOLD | {
        "reference_scan": "separate", "reference_lines": 24, "reference_lines_out_of_plane": 12}),
    # ten echoes find a steady signal: (30 + 1) x 4 + 1.6; nine do not: 298.5 / 9 are 34, (34 + 2) x 4 + 1.6
    (125.6, "siemens", TSE | {"echo_train_length": 10, "fat_suppression": "fat_saturation"}),
    (145.6, "siemens", TSE | {"echo_train_length": 9, "fat_suppression": "fat_saturation"}),
    # (2 x 5 + 1 reference) x 2 s and 1.6; at a TR of 8 s one of 50 volumes more
    (23.6, "siemens", ASL),
    (409.6, "siemens", BOLD | {"repetition_time": 8000.0}),
    (321.6 + 3.3, "siemens", VOLUME | {"technique": "time_of_flight"}),
    # nobody says how many slices the reference scan has: one; 148.5 / 15 are 10 trains, (10 + 1) x 4 + 1.6
    (45.7376, "siemens", TSE | TWOFOLD | {
        "reference_scan": "separate", "reference_lines": 32, "number_of_slices": None}),
    # trains of one echo are in no pairs: (299 + 2) x 4
    (1204, "ge", TSE | {"technique": "spin_echo", "acquisition_matrix": (320, 299), "field_of_view": None}),
    # blades of ten echoes: pi / 2 x 256 / 10 are 41, none without data; of nine 45, and two
    (164, "philips", BLADES | {"echo_train_length": 10}),
    (188, "philips", BLADES | {"echo_train_length": 9}),
    # 100 lines x 80 partitions x 20 ms, 24 x 24 lines of 4.3 ms and 1.6
    (164.0768, "siemens", VOLUME | TWOFOLD | {"reference_scan": "separate", "reference_lines": 24}),
    (9, None, SURVEY | {"echo_train_length": None}),  # all lines in one shot of a second
    (18, "philips", SURVEY | {"number_of_shots": 2, "inversion_time": None}),  # none to start
    # between one and two inversion times a TR is the cycle: 132 x 1.5
    (198, None, MPRAGE | {
        "repetition_time_preparation": None, "inversion_time": 900.0, "repetition_time": 1500.0}),
    # 200 ms are no cycle: 176 x 0.2 and 45 ms of start-up are 35.245; 132 of them
    (26.532, None, MPRAGE | {"repetition_time_preparation": None, "repetition_time": 201.0}),
    (4652.34, None, MPRAGE | {"repetition_time_preparation": None, "repetition_time": 200.0}),
)  # fmt: skip


def scan(fields: dict[str, Any]) -> Acquisition:
    return Acquisition(name="a", **fields)


def test_every_term_counted_by_hand() -> None:
    wrong = []
    for name, value, vendor, fields in TERMS:
        found = estimate(scan(fields), vendor)
        said = [one.value for one in found.terms if one.name == name] if found else "no estimate"
        if said != [pytest.approx(value)]:
            wrong.append((name, value, vendor, said, explain_missing(scan(fields), vendor)))
    assert not wrong


def test_every_time_counted_by_hand() -> None:
    found = [
        (vendor, getattr(estimate(scan(fields), vendor), "seconds", None)) for _, vendor, fields in TIMES
    ]
    assert found == [(vendor, pytest.approx(seconds, abs=0.001)) for seconds, vendor, _ in TIMES]


def test_what_is_not_accelerated_is_not_calibrated() -> None:
    for fields in (TSE | INSIDE, TSE | TWOFOLD | {"reference_scan": "separate"}):
        assert calibration_block(Ledger(scan(fields), None)) == (0, 0)


def test_what_is_as_usual_is_no_term() -> None:
    plain = {
        **TSE,
        "number_of_averages": 1,
        "parallel_reduction_factor_in_plane": 1,
        "partial_fourier_phase": 1,
    }
    found = estimate(scan(plain | {"number_of_temporal_positions": 1}), None)
    assert found is not None and {one.name for one in found.terms} == {
        "repetition time", "phase lines", "train length", "lines of the trains", "echo trains of a slice",
        "lines that a train leaves out", "packages", "dummy trains of a long 2D TSE", "preparation",
    }  # fmt: skip


def test_what_nobody_modelled_counts_twice() -> None:
    """Nothing of a 2D gradient echo is modelled: half a second and 0.5 % of 100.5 s are 0.709, twice."""
    found = estimate(scan(GRE), None)
    assert found is not None and found.uncertainty == pytest.approx(1.418, abs=0.001)


def test_an_estimate_is_written_out() -> None:
    terms = (Term("a", 2, "s", "x", 0.04), Term("b", 1 / 3, "", "y", 0.05), Term("c", 3, "", "z", 0.06))
    assert explain(Estimate(60, 5, "TSE", 2, terms)) == [
        "TSE: 1:00 (0:55-1:05), nine of ten by 2 exports of this vendor",
        "  a: 2 s (x)", "  b: 0.333333 (y, moves the time by ± 0.1 s)",
        "  c: 3 (z, moves the time by ± 0.1 s)",
    ]  # fmt: skip
    assert (
        explain(Estimate(3, 5, "TSE", 1))[0]
        == "TSE: 0:03 (0:00-0:08), nine of ten by 1 export of this vendor"
    )
    assert explain(Estimate(60, 5, "TSE")) == ["TSE: 1:00 (unproven on this vendor)"]


def test_packages_where_little_is_known() -> None:
    ledger = Ledger(scan({"number_of_slices": 9}), None)
    assert packages(ledger, None, 0.1) == 1
    assert (ledger.assumed["packages"].low, ledger.assumed["packages"].high) == (1, 2)
    assert [packages(Ledger(ledger.scan, None), 0.0058, one) for one in (0.049, 0.05)] == [9, 1]
    assert packages(Ledger(scan({}), None), None, 0.2) == 1
    with pytest.raises(Missing, match="number_of_slices or concatenations"):
        packages(Ledger(scan({}), None), None, 0.199)
    two = scan({"number_of_slices": 9, "concatenations": 2, "multiband_factor": 2})
    assert packages(Ledger(two, "ge"), None, 1.0) == 2
    assert packages(Ledger(two, "ge"), 0.4, 1.0) == 4  # 5 slices of 0.4 s: 3 packages, a multiple of two


def test_no_sequence_repeats_faster_than_a_tenth_of_a_millisecond() -> None:
    assert estimate(scan(TSE | {"repetition_time": 0.1}), None) is not None
    assert explain_missing(scan(TSE | {"repetition_time": 0.09}), None) == "a possible repetition_time"


def test_the_usual_bandwidth_is_that_of_the_points_read() -> None:
    """GE reads at 62.5 kHz where nothing is stated: over 250 points 250 Hz a pixel."""
    found = gradient._usual_bandwidth(Ledger(scan({"acquisition_matrix": (250, None)}), "ge"))
    assert found == 250
    for fields, vendor in (({"acquisition_matrix": (None, 250)}, "ge"), ({}, "ge"), (GRE, None)):
        with pytest.raises(Missing, match="repetition_time"):
            gradient._usual_bandwidth(Ledger(scan(fields), vendor))


def test_lines_that_are_left() -> None:
    assert Grid(4, 6).points() == 24 and Grid(4, 6) == Grid(4, 6, (1, 1), (0, 0), (1, 1), False, False, False)
    assert [kept(*one) for one in ((100, 0.3), (1, 0.5), (3, 0.5), (100, 0.55), (100, 0.551), (10, 2.0))] == [
        50, 1, 2, 55, 56, 10,
    ]  # fmt: skip
    assert Grid(100, 1, (2.5, 1)).points() == 40 and Grid(10, 9, (1, 1.5)).points() == 60
    # every fourth point, and three quarters of a disc of pi x 12 x 12
    assert Grid(100, 100, (2, 2), (24, 24), round_block=True).points() == pytest.approx(2500 + 339, abs=4)
