"""The neutral terms of a scan time, written down a second time, with their bounds; slices timed by hand."""

from __future__ import annotations

from typing import Any

import pytest

from generator.model.tree import Acquisition
from generator.timing import gradient, turbo
from generator.timing import slices as slices_module
from generator.timing.ledger import Ledger
from generator.timing.overheads import HABITS, NEUTRAL, habit, overhead

EXACT = {
    0: "preparation / calibration lines the grid supplies / lines that a train leaves out / "
    "slice oversampling / partitions of a 3D GRE that are not shown / "
    "partitions of a 3D TSE that are not shown / start-up shots of a prepared GRE / start-up of a 3D GRE / "
    "start-up of a slab / start-up of a 2D GRE / "
    "readout bandwidth where none is stated / dummy trains of fat saturation / settling time of a 2D TSE / "
    "line of a separate reference scan / further reference volumes of diffusion / "
    "pause after a diffusion volume / reference volumes of a time series / dummy volumes of a time series",
    0.25: "further volumes of EPI",
    1: "dummy repetitions of a 2D GRE / passes of a field map / dummy trains of a 2D TSE / "
    "dummy trains of a long 2D TSE / dummy trains of blades / "
    "averages of a weighting that the scanner chooses / reference images of ASL",
    2: "acquisitions of a Dixon TSE",
    3: "settling time of EPI",
}
WITHIN = {
    "reference lines": (24, 16, 40),
    "reference lines of a 3D TSE": (24, 16, 40),
    "reference lines of a blade": (8, 4, 12),
    "lines beyond half Fourier": (0.05, 0.02, 0.1),
    "samples beyond 1 / compressed-sensing factor, 2D": (1, 1, 1.05),
    "samples beyond 1 / compressed-sensing factor, 3D": (1, 1, 1.05),
    "share of the train after TI": (0.5, 0.5, 1),
    "recovery after the train": (0, 0, 0.6),
    "start-up of a shot": (0.045, 0.02, 0.06),
    "excitation and spoiling of a prepared GRE": (0.0045, 0.003, 0.006),
    "excitation and spoiling of a GRE": (0.0018, 0.001, 0.003),
    "dummy trains of a 3D TSE": (1, 0, 3),
    "refocusing and crushers of a TSE": (0.004, 0.003, 0.005),
    "phase encoding and rewinding of a TSE": (0.0007, 0.0005, 0.001),
    "pulses around an echo train": (0.004, 0.002, 0.01),
    "fat saturation of a slice": (0.014, 0.009, 0.02),
    "saturation band": (0.008, 0.006, 0.01),
    "further volumes of a segmented scan": (0, -1, 1),
}
USUAL = {
    "calibration inside the scan",
    "partial Fourier shortens a 3D TSE",
    "EPI calibration inside the scan",
    "a segment for every fold",
}


def test_the_neutral_terms() -> None:
    exact = {name: (value,) * 3 for value, names in EXACT.items() for name in names.split(" / ")}
    found = {name: (one.value, one.low, one.high) for name, one in NEUTRAL.items()}
    assert found == exact | WITHIN


def test_what_scanners_usually_do() -> None:
    assert {name for name, usual in HABITS.items() if usual} == USUAL


def test_a_release_takes_the_value_of_its_time() -> None:
    """Philips: 0.29 of the slab up to R5.3, 0.4 since; one without a number is the newest."""
    releases = ("R5.3", "5.2", "R5.7", "R11.1", "R4.7", "unknown", None)
    found = [overhead("slice oversampling", "philips", one).value for one in releases]
    assert found == [0.29, 0.29, 0.4, 0.4, 0.29, 0.4, 0.4]
    assert overhead("slice oversampling", "philips", "R5.3").exports == ("spine-generic",)
    assert (overhead("slice oversampling", None).value, overhead("preparation", "siemens").unit) == (0, "s")
    assert [habit("calibration inside the scan", one) for one in (None, "philips", "siemens")] == [
        True, False, True,
    ]  # fmt: skip


# Milliseconds that a slice of a 2D TSE of 4 echoes takes: 250 Hz/px are 4 ms, refocusing and crushers 4 ms,
# phase encoding 0.7 ms mm / 0.7 mm = 1 ms, so 9 ms between echoes: 4 x 9 + 4 ms of pulses.
TSE: dict[str, Any] = {"pixel_bandwidth": 250.0, "voxel_size": (1.4, 0.7, 3.0)}
TRAINS: tuple[tuple[float | None, dict[str, Any]], ...] = (
    (40, TSE),
    (40, TSE | {"voxel_size": None}),
    (38, TSE | {"voxel_size": (1.4, None, 3.0)}),  # 0.7 / 1.4 = 0.5: 4 x 8.5 + 4
    (54, TSE | {"fat_suppression": "spair"}),
    (40, TSE | {"fat_suppression": "dixon"}),
    (56, TSE | {"saturation_bands": 2}),
    (44, {"echo_spacing": 10.0, "echo_times": (20.0,)}),
    (69, {"echo_spacing": 10.0, "echo_times": (20.0, 60.0)}),  # to half a spacing after the last echo
    (65, {"echo_times": (20.0, 60.0)}),  # the last echo and 5 ms of pulses
    (None, {}),
    (40, TSE | {"inversion_time": 150.0}),
)
# Milliseconds of the shortest TR of a gradient echo: 4 ms of readout, 1.8 ms of pulses at 5 mm.
GRE: dict[str, Any] = {"mr_acquisition_type": "2D", "pixel_bandwidth": 250.0}
SHORTEST: tuple[tuple[float, dict[str, Any]], ...] = (
    (5.8, GRE),
    (5.8, GRE | {"slice_thickness": 5.0}),
    (4 + 1.8 * 0.65, GRE | {"slice_thickness": 10.0}),  # 0.3 + 0.7 x 5 / 10
    (4 + 1.8 * 1.7, GRE | {"slice_thickness": 2.0}),  # at most twice the gradients: 0.3 + 0.7 x 2
    (4 + 1.8 * 0.8, GRE | {"mr_acquisition_type": "3D", "slice_thickness": 1.0}),
    (9.8, GRE | {"fat_suppression": "dixon"}),
    (12.9, GRE | {"echo_times": (4.0, 10.0)}),  # the last echo, half a readout, half of the pulses
)


@pytest.mark.parametrize("vendor", [None, "siemens"])
def test_a_slice_of_a_turbo_spin_echo(vendor: str | None) -> None:
    for wanted, fields in TRAINS:
        found = turbo._slice_time(Ledger(Acquisition(name="a", **fields), vendor), 4)
        assert found == (wanted and pytest.approx(wanted / 1000)), fields


def test_a_short_inversion_is_waited_for_where_the_scanner_does_so() -> None:
    for time, wanted in ((None, 40), (150.0, 190), (299.0, 339), (300.0, 40)):
        scan = Acquisition(name="a", inversion_time=time, **TSE)
        assert turbo._slice_time(Ledger(scan, "ge"), 4) == pytest.approx(wanted / 1000)


def test_the_shortest_repetition_of_a_gradient_echo() -> None:
    for wanted, fields in SHORTEST:
        found = gradient._shortest(Ledger(Acquisition(name="a", **fields), None))
        assert found == pytest.approx(wanted / 1000), fields


def test_how_many_packages_fill_a_repetition() -> None:
    """Slices of 40 ms; what fills the TR best, between the mean departures of others on either side.

    12 slices in 139.1 ms: 4 a package are 15 % too long (weighed 1.5 times), 3 leave 16 %: 4 packages,
    and 3 of 0.328 of their likelihood. 30 in 580 ms: 15 a package are 3 % too long, 10 leave 45 %.
    """
    for slices, repetition, fewest, wanted in (
        (24, 0.6, 1, (2, 2, 2)),
        (12, 0.1391, 1, (4, 3.503, 4)),
        (30, 0.58, 1, (2, 2, 2.034)),
        (10, 0.6, 1, (1, 1, 1)),  # room that is left says nothing against one package
        (10, 0.6, 2, (2, 2, 2)),
        (3, 0.039, 1, (3, 3, 3)),  # nearly, one by one: more packages than slices there are none
        (3, 0.01, 1, (3, 3, 3)),  # none fits: one by one
    ):
        found = slices_module._fitting(slices, 0.04, repetition, fewest)
        assert (found.value, found.low, found.high) == pytest.approx(wanted, abs=0.001), (slices, repetition)
