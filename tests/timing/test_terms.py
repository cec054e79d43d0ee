"""Single terms of the formulas: packages, slabs, heart beats, discarded volumes, blades, old releases."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.model.tree import Acquisition
from generator.timing import Estimate, estimate, explain_missing
from generator.timing.kspace import Grid
from generator.timing.overheads import overhead

FSE: dict[str, Any] = {
    "name": "T1 FSE",
    "technique": "turbo_spin_echo",
    "mr_acquisition_type": "2D",
    "repetition_time": 600.0,
    "echo_train_length": 4,
    "pixel_bandwidth": 250.0,
    "field_of_view": (180.0, 180.0),
    "acquisition_matrix": (256, 256),
    "voxel_size": (0.7, 0.7, 3.0),
    "number_of_slices": 24,
}
CUBE: dict[str, Any] = {
    "name": "Cube",
    "technique": "turbo_spin_echo",
    "mr_acquisition_type": "3D",
    "repetition_time": 2000.0,
    "echo_train_length": 100,
    "acquisition_matrix": (256, 256),
    "field_of_view": (256.0, 256.0),
    "voxel_size": (1.0, 1.0, 1.0),
    "slice_thickness": 1.0,
    "elliptical_scanning": False,
}
DWI: dict[str, Any] = {
    "name": "DWI",
    "technique": "echo_planar_diffusion",
    "mr_acquisition_type": "2D",
    "repetition_time": 4000.0,
    "number_of_shots": 1,
    "b_values": (0.0, 800.0),
    "b_value_averages": (5, 1),
    "diffusion_directions": 30,
    "parallel_reduction_factor_in_plane": 1.0,
}
SERIES: dict[str, Any] = {
    "name": "series",
    "technique": "echo_planar_bold",
    "mr_acquisition_type": "2D",
    "repetition_time": 2000.0,
    "number_of_temporal_positions": 100,
    "number_of_shots": 1,
}


def timed(
    fields: dict[str, Any], vendor: str | None = None, software: str | None = None, /, **changes: Any
) -> Estimate:
    scan = Acquisition(**{**fields, **changes})
    found = estimate(scan, vendor, None, software)
    assert found is not None, explain_missing(scan, vendor)
    return found


def term(found: Estimate, name: str) -> float:
    return next(line.value for line in found.terms if line.name == name)


# A train of 4 echoes of 9 ms and the pulses around it take 40 ms: 15 slices fill 600 ms.
@pytest.mark.parametrize(("slices", "packages"), [(1, 1), (15, 1), (24, 2), (30, 2), (44, 3)])
def test_slices_fill_the_repetition_time(slices: int, packages: int) -> None:
    assert term(timed(FSE, "ge", number_of_slices=slices), "packages") == packages


def test_what_lengthens_a_slice_leaves_room_for_fewer() -> None:
    plain = term(timed(FSE, "ge"), "packages")
    assert term(timed(FSE, "ge", saturation_bands=3), "packages") > plain
    assert term(timed(FSE, "ge", fat_suppression="fat_saturation", saturation_bands=2), "packages") > plain
    assert term(timed(FSE, "ge", voxel_size=(0.25, 0.25, 3.0)), "packages") >= plain


def test_packages_that_are_nearly_as_likely_are_in_the_uncertainty() -> None:
    between, clear = (timed(FSE, "ge", number_of_slices=slices) for slices in (51, 45))
    assert between.uncertainty / between.seconds > 1.4 * clear.uncertainty / clear.seconds


@given(slices=st.integers(1, 200), repetition=st.floats(60, 9000))
def test_there_are_never_more_packages_than_slices(slices: int, repetition: float) -> None:
    found = timed(FSE, "ge", number_of_slices=slices, repetition_time=repetition)
    assert 1 <= term(found, "packages") <= slices


def test_interleaved_slices_take_the_stated_packages_or_a_multiple() -> None:
    assert term(timed(FSE, "ge", concatenations=2, number_of_slices=10), "packages") == 2
    assert term(timed(FSE, "ge", concatenations=2, number_of_slices=44), "packages") == 4
    assert term(timed(FSE, "siemens", concatenations=2, number_of_slices=44), "packages") == 2


def test_short_repetitions_measure_one_slice_after_the_other() -> None:
    localizer = FSE | {"technique": "gradient_echo", "repetition_time": 8.6, "number_of_slices": 9}
    assert term(timed(localizer), "packages") == 9


def test_a_slab_counts_its_partitions() -> None:
    images = timed(CUBE, number_of_slices=60)
    assert term(images, "partitions") == 60
    assert term(timed(CUBE, number_of_slices=56, slab_thickness=64.0), "partitions") == 64
    assert term(timed(CUBE, slab_thickness=64.0), "partitions") == 64
    assert term(timed(CUBE, slab_thickness=64.0, slice_oversampling=0.25), "partitions") == 80
    # Over-contiguous slices: twice as many images as partitions.
    thick = timed(
        CUBE, number_of_slices=64, slab_thickness=64.0, voxel_size=(1.0, 1.0, 2.0), slice_thickness=2.0
    )
    assert term(thick, "partitions") == 32


def test_without_a_slab_or_images_there_is_no_volume() -> None:
    assert explain_missing(Acquisition(**CUBE), "ge") == "number_of_slices"


def test_an_ellipse_through_the_outermost_points_is_smaller() -> None:
    around = Grid(255, 25, elliptical=True)
    through = Grid(255, 25, elliptical=True, inscribed=True)
    assert through.points() == pytest.approx(around.points() * 24 / 25, rel=0.01)
    assert Grid(256, 64, elliptical=True, inscribed=True).points() == pytest.approx(
        Grid(256, 64, elliptical=True).points(), rel=0.01
    )


def test_older_philips_releases_pause_after_a_diffusion_volume() -> None:
    new, old = timed(DWI, "philips", "5.9.0.0"), timed(DWI, "philips", "5.3.1.0")
    assert old.seconds - new.seconds == pytest.approx(2 * 35)
    assert timed(DWI, "philips", "R5.3").seconds == old.seconds
    assert timed(DWI, "philips").seconds == new.seconds == timed(DWI, "philips", "11.1").seconds
    banded = {"multiband_factor": 2}
    assert timed(DWI, "philips", "5.3", **banded).seconds == timed(DWI, "philips", "5.9", **banded).seconds


def test_a_release_of_one_vendor_is_none_of_another() -> None:
    assert overhead("slice oversampling", "siemens", "5.1").value == 0
    assert overhead("slice oversampling", "philips", "5.1") != overhead(
        "slice oversampling", "philips", "XA61A"
    )


def test_discarded_volumes_take_the_place_of_the_usual_ones() -> None:
    assert timed(SERIES, "philips", number_of_volumes_discarded_by_scanner=6).seconds == 2 * 106
    assert timed(SERIES, "philips", number_of_volumes_discarded_by_scanner=0).seconds == 2 * 100
    assert timed(SERIES, "philips").seconds == 2 * 101


def test_shots_follow_from_lines_and_train() -> None:
    shape = {"number_of_shots": None, "acquisition_matrix": (128, 70), "field_of_view": (230.0, 180.0)}
    segmented = timed(SERIES, **shape, echo_train_length=23, parallel_reduction_factor_in_plane=1.5)
    assert term(segmented, "shots") == 2
    assert term(timed(SERIES, **shape, echo_train_length=70), "shots") == 1
    assert term(timed(SERIES, number_of_shots=None), "shots") == 1


def test_a_series_of_trains_has_a_time_whatever_it_is_for() -> None:
    other = {"technique": "other", "echo_train_length": 23, "number_of_volumes_discarded_by_scanner": 2}
    assert timed(SERIES, "philips", **other).seconds == 2 * 102
    bare = Acquisition(**SERIES | {"technique": "other", "echo_train_length": 23})
    assert explain_missing(bare, "philips") == "a formula for a sequence of its own"


def test_averages_that_the_scanner_chooses_widen_the_uncertainty() -> None:
    stated, chosen = (
        timed(DWI, "philips"),
        timed(DWI, "philips", b_value_averages=None, b_values=(0.0, 800.0)),
    )
    assert chosen.uncertainty > 5 * stated.uncertainty


def test_every_blade_is_calibrated_by_itself() -> None:
    blades = FSE | {
        "readout": "propeller",
        "echo_train_length": 24,
        "repetition_time": 4000.0,
        "concatenations": 1,
    }
    plain = term(timed(blades), "echo trains of a slice")
    assert plain == 17  # pi / 2 x 256 / 24
    fast = {"parallel_reduction_factor_in_plane": 2.0}
    assert term(timed(blades, **fast, reference_scan="separate"), "echo trains of a slice") == 9
    assert term(timed(blades, **fast), "width of a blade") == 40


def test_a_dixon_readout_is_measured_twice() -> None:
    volume = CUBE | {"technique": "gradient_echo", "repetition_time": None, "pixel_bandwidth": 1000.0}
    plain, dixon = (timed(volume, number_of_slices=40, fat_suppression=f) for f in ("none", "dixon"))
    assert term(dixon, "shortest TR") - term(plain, "shortest TR") == pytest.approx(0.001)
