"""What each move may do, to which scan, on which console."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.fit.moves import EVERYWHERE, MOVES, Move, abilities
from generator.model.tree import Acquisition
from generator.spec.scanners import load_scanners
from tests.fit.cases import GRE, acquisition

VENDORS = ("canon", "ge", "philips", "siemens", "toy")
KEPT = {
    *("voxel_size", "slice_thickness", "slice_gap", "repetition_time", "repetition_time_preparation"),
    *("repetition_time_excitation", "echo_times", "inversion_time", "second_inversion_time", "flip_angle"),
    *("echo_train_length", "echo_spacing", "pixel_bandwidth", "b_values", "technique", "plane"),
}
MPRAGE = {"technique": "magnetization_prepared_gradient_echo", "inversion_time": 880.0}


def move(field: str) -> Move:
    return next(one for one in MOVES if one.field == field)


def ladder(field: str, scan: Acquisition, vendor: str) -> list[dict[str, Any]]:
    return [dict(values) for values in move(field).ladder(scan, vendor)]


def values(field: str, scan: Acquisition, vendor: str) -> list[Any]:
    return [step[field] for step in ladder(field, scan, vendor)]


@given(
    st.sampled_from([acquisition(), acquisition(GRE), acquisition(GRE, **MPRAGE)]),
    st.sampled_from(VENDORS),
    st.sampled_from([1.0, 1.5, 2.0]),
    st.sampled_from([None, 0.0, 0.25, 0.8]),
    st.integers(8, 300),
)
def test_no_move_touches_voxel_or_contrast(
    scan: Acquisition, vendor: str, factor: float, over: float | None, slices: int
) -> None:
    changes = {
        "number_of_averages": factor,
        "phase_oversampling": over,
        "number_of_slices": slices,
        "b_values": (0.0, 1000.0),
        "b_value_averages": (3, 3),
    }
    scan = scan.model_copy(update=changes)
    for one in MOVES:
        for step in one.ladder(scan, vendor):
            assert not KEPT & step.keys()
            assert one.field in step
            Acquisition.model_validate({**scan.model_dump(), **step})
            assert any(getattr(scan, name) != value for name, value in step.items())


@pytest.mark.parametrize(
    ("vendor", "factors"), [("siemens", [3, 4]), ("toy", [3, 4]), ("ge", [2.5, 3, 3.5, 4])]
)
def test_factors_lie_on_the_raster_of_the_console(vendor: str, factors: list[float]) -> None:
    scan = acquisition(parallel_reduction_factor_in_plane=2.0)
    assert values("parallel_reduction_factor_in_plane", scan, vendor) == factors


def test_a_first_acceleration_brings_its_calibration() -> None:
    scan, field = acquisition(GRE, reference_scan=None, reference_lines=None), "reference_scan"
    deep = "parallel_reduction_factor_out_of_plane"
    inside = ladder("parallel_reduction_factor_in_plane", scan, "siemens")[0]
    assert (inside[field], inside["reference_lines"]) == ("integrated", 24)
    assert ladder(deep, scan, "siemens")[0]["reference_lines_out_of_plane"] == 24
    beside = ladder(deep, scan, "philips")[0]
    assert beside == {deep: 1.5, field: "separate"}


def test_partial_fourier_of_ge_is_a_fraction_of_the_only_average() -> None:
    once, twice = acquisition(number_of_averages=1.0), acquisition(number_of_averages=2.0)
    assert values("partial_fourier_phase", once, "ge") == [0.75]
    assert values("partial_fourier_phase", twice, "ge") == []
    assert values("partial_fourier_phase", twice, "siemens") == [0.875, 0.75]
    assert values("partial_fourier_slice", acquisition(GRE), "ge") == []


@pytest.mark.parametrize(
    "field", ["number_of_slices", "partial_fourier_slice", "parallel_reduction_factor_out_of_plane"]
)
def test_partitions_that_are_the_train_of_a_shot_stay(field: str) -> None:
    prepared = acquisition(GRE, **MPRAGE)
    assert ladder(field, prepared, "siemens") == []
    assert ladder(field, prepared, "philips")
    assert ladder(field, acquisition(GRE), "siemens")


def test_field_of_view_keeps_the_voxel() -> None:
    scan = acquisition(field_of_view=(240.0, 204.0), acquisition_matrix=(256, 218))
    scan = scan.model_copy(update={"voxel_size": (0.9375, 0.9375, 3.0), "plane": "transverse"})
    steps = ladder("field_of_view", scan, "siemens")
    assert [step["acquisition_matrix"] for step in steps] == [(256, 204), (256, 192), (256, 178)]
    for step in steps:
        assert step["field_of_view"][1] / step["acquisition_matrix"][1] == pytest.approx(0.9375)


def test_field_of_view_leaves_the_nose_on() -> None:
    """A sagittal head, phase from front to back: 256 mm go to 230 mm at the least."""
    wide = {"field_of_view": (256.0, 256.0), "acquisition_matrix": (256, 256), "voxel_size": (1.0, 1.0, 3.0)}
    head = acquisition(**wide)
    assert [step["field_of_view"][1] for step in ladder("field_of_view", head, "siemens")] == [242.0, 230.0]
    across = head.model_copy(update={"plane": "coronal", "phase_encoding_direction": "LR"})
    assert ladder("field_of_view", across, "siemens")[-1]["field_of_view"][1] == 216.0


def test_field_of_view_stays_where_the_matrix_is_not_its_own() -> None:
    assert ladder("field_of_view", acquisition(acquisition_matrix=(240, 300)), "siemens") == []
    assert ladder("field_of_view", acquisition(voxel_size=None), "siemens") == []


def test_slices_averages_and_oversampling_go_down_in_steps() -> None:
    assert values("number_of_slices", acquisition(number_of_slices=50), "ge") == [48, 40]
    assert values("number_of_averages", acquisition(number_of_averages=3.0), "ge") == [2, 1]
    assert values("number_of_averages", acquisition(number_of_averages=1.5), "ge") == [1]
    assert values("phase_oversampling", acquisition(phase_oversampling=0.25), "ge") == [0.15, 0.05, 0]


def test_only_weighted_volumes_lose_averages() -> None:
    scan = acquisition(b_values=(0.0, 500.0, 1000.0), b_value_averages=(2, 1, 3))
    assert values("b_value_averages", scan, "siemens") == [(2, 1, 2), (2, 1, 1)]


def test_compressed_sense_stands_in_place_of_sense_and_hypersense_on_top_of_arc() -> None:
    scan, field = acquisition(GRE, parallel_reduction_factor_in_plane=2.5), "compressed_sensing_factor"
    instead = ladder(field, scan, "philips")[0]
    assert instead[field] == 3 and instead["parallel_reduction_factor_in_plane"] == 1
    assert ladder(field, scan, "ge")[0] == {field: 1.25}
    assert ladder(field, scan, "siemens") == ladder(field, acquisition(), "philips") == []
    sparse = acquisition(GRE, compressed_sensing_factor=4.0, parallel_reduction_factor_in_plane=1.0)
    assert values(field, sparse, "philips") == [5, 6]
    assert ladder("parallel_reduction_factor_in_plane", sparse, "philips") == []


def test_what_a_scanner_has_not_is_not_offered() -> None:
    scan, sparse = acquisition(GRE), move("compressed_sensing_factor")
    assert not sparse.suits(scan, abilities(None))
    assert sparse.suits(scan, abilities(load_scanners()["philips-ingenia-elition-x"]))
    assert not sparse.suits(scan, abilities(load_scanners()["siemens-magnetom-aera"]))
    without = load_scanners()["siemens-magnetom-aera"].model_copy(update={"options": ()})
    assert [one.field for one in MOVES if one.needs and one.suits(scan, abilities(without))] == []


def test_every_shipped_scanner_has_what_every_scanner_is_taken_to_have() -> None:
    assert all(set(scanner.options) >= EVERYWHERE for scanner in load_scanners().values())


@pytest.mark.parametrize("readout", ["radial", "spiral"])
def test_spokes_lose_averages_only(readout: str) -> None:
    fitting = [one.field for one in MOVES if one.suits(acquisition(readout=readout), EVERYWHERE)]
    assert fitting == ["number_of_averages", "b_value_averages"]
