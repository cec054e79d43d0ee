"""Whatever a file may hold: an estimate is finite or there is none, and the reason is said."""

from __future__ import annotations

from math import isfinite

from hypothesis import given, settings
from hypothesis import strategies as st

from generator.model import words
from generator.model.tree import Acquisition
from generator.timing import estimate, explain, explain_missing


def maybe(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.one_of(strategy, strategy, strategy, strategy, st.none())


TIME = st.floats(0, 20000)
SIZE = st.floats(0.1, 600)
COUNT = st.integers(1, 700)
FACTOR = st.floats(1, 12)
FRACTION = st.floats(0.4, 1)

SCANS = st.builds(
    Acquisition,
    name=st.just("scan"),
    technique=maybe(st.sampled_from(words.TECHNIQUES)),
    mr_acquisition_type=maybe(st.sampled_from(["2D", "3D"])),
    readout=maybe(st.sampled_from(["cartesian", "radial", "spiral", "propeller"])),
    repetition_time=maybe(TIME),
    repetition_time_preparation=maybe(TIME),
    repetition_time_excitation=maybe(TIME),
    echo_times=maybe(st.lists(TIME, max_size=3).map(tuple)),
    inversion_time=maybe(TIME),
    echo_train_length=maybe(COUNT),
    echo_spacing=maybe(TIME),
    echo_train_duration=maybe(TIME),
    pixel_bandwidth=maybe(st.floats(1, 4000)),
    field_of_view=maybe(st.tuples(maybe(SIZE), maybe(SIZE))),
    acquisition_matrix=maybe(st.tuples(maybe(COUNT), maybe(COUNT))),
    voxel_size=maybe(st.tuples(maybe(SIZE), maybe(SIZE), maybe(SIZE))),
    slice_thickness=maybe(SIZE),
    number_of_slices=maybe(COUNT),
    phase_oversampling=maybe(st.floats(0, 3)),
    slice_oversampling=maybe(st.floats(0, 3)),
    number_of_averages=maybe(st.floats(0.1, 32)),
    concatenations=maybe(st.integers(1, 20)),
    number_of_shots=maybe(COUNT),
    number_of_temporal_positions=maybe(COUNT),
    parallel_reduction_factor_in_plane=maybe(FACTOR),
    parallel_reduction_factor_out_of_plane=maybe(FACTOR),
    multiband_factor=maybe(st.integers(1, 8)),
    compressed_sensing_factor=maybe(FACTOR),
    reference_scan=maybe(st.sampled_from(["none", "integrated", "separate"])),
    reference_lines=maybe(st.integers(0, 80)),
    reference_lines_out_of_plane=maybe(st.integers(0, 80)),
    partial_fourier_phase=maybe(FRACTION),
    partial_fourier_slice=maybe(FRACTION),
    elliptical_scanning=maybe(st.booleans()),
    b_values=maybe(st.lists(st.floats(0, 5000), max_size=4).map(tuple)),
    b_value_averages=maybe(st.lists(st.integers(1, 9), max_size=4).map(tuple)),
    diffusion_directions=maybe(st.integers(1, 300)),
    slab_thickness=maybe(SIZE),
    saturation_bands=maybe(st.integers(0, 6)),
    number_of_volumes_discarded_by_scanner=maybe(st.integers(0, 20)),
    rr_intervals=maybe(st.integers(1, 8)),
    fat_suppression=maybe(st.sampled_from(["none", "fat_saturation", "dixon"])),
)


@settings(max_examples=500, deadline=None)
@given(scan=SCANS, vendor=st.sampled_from([None, "siemens", "ge", "philips", "canon", "unheard-of"]))
def test_any_scan_has_a_finite_time_or_a_reason(scan: Acquisition, vendor: str | None) -> None:
    found = estimate(scan, vendor, 3.0)
    reason = explain_missing(scan, vendor, 3.0)
    if found is None:
        assert reason
        return
    assert not reason
    assert isfinite(found.seconds) and found.seconds >= 0
    assert isfinite(found.uncertainty) and found.uncertainty >= 0.5
    assert explain(found)
