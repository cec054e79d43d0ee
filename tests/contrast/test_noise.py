"""Relative signal: what the sources say of it."""

from __future__ import annotations

from math import sqrt

import pytest

from bench import g_factor
from generator.contrast.noise import noise_factor, relative_signal
from generator.model.tree import Acquisition
from tests.fit.cases import GRE, acquisition

FLAIR = {
    "technique": "turbo_spin_echo",
    "elliptical_scanning": True,
    "acquisition_matrix": (256, 236),
    "field_of_view": (256.0, 236.0),
    "voxel_size": (1.0, 1.0, 1.0),
    "slice_thickness": 1.0,
    "number_of_slices": 192,
    "reference_lines_out_of_plane": 24,
    "echo_train_length": 270,
}


def test_flair_of_the_published_example() -> None:
    """R 3 against 2 x 2 on one system: 0.83 before g, with 13705 and 9332 points."""
    first = acquisition(GRE, **FLAIR, parallel_reduction_factor_in_plane=3.0, partial_fourier_slice=0.875)
    second = acquisition(
        GRE,
        **FLAIR,
        parallel_reduction_factor_in_plane=2.0,
        parallel_reduction_factor_out_of_plane=2.0,
    )
    found = relative_signal(first, second, "siemens")
    assert found is not None
    assert found * noise_factor(second) / noise_factor(first) == pytest.approx(0.83, abs=0.01)


@pytest.mark.parametrize(
    ("factor", "noise"), [(1.0, 1.0), (1.5, 1.025), (2.0, 1.05), (3.0, 1.2), (4.0, 1.5), (5.0, 1.8)]
)
def test_noise_of_acceleration(factor: float, noise: float) -> None:
    scan = acquisition(parallel_reduction_factor_in_plane=factor)
    assert noise_factor(scan) == pytest.approx(noise)


@pytest.mark.parametrize(
    ("coils", "noise"),
    [
        (("Head_32_TCS",), 1.06),
        (("GE48chHeadAnt", "GE48chHeadPos"), 1.06),
        (("HeadNeck_20",), 1.13),
        (("HeadNeck_64",), 1.06),
        (("Head", "Spine_32"), 1.2),
        (("BM1-6",), 1.2),
        ((), 1.2),
    ],
)
def test_a_head_coil_of_many_channels_adds_less_noise(coils: tuple[str, ...], noise: float) -> None:
    scan = acquisition(parallel_reduction_factor_in_plane=3.0).model_copy(update={"receive_coils": coils})
    assert noise_factor(scan) == pytest.approx(noise)


def test_the_calculated_factors_are_those_of_the_file() -> None:
    """One orthogonal pair by hand: nothing folds onto it, g is 1; and one row of the table, found anew."""
    assert g_factor._g([[1, 0], [0, 1]]) == pytest.approx(1)
    assert g_factor._g([[1, 0], [1, 1]]) == pytest.approx(sqrt(2))
    assert g_factor.mean_g(8, 3) == pytest.approx(1.10, abs=0.01)


def test_noise_of_two_directions_multiplies_and_sparse_3d_shares_itself() -> None:
    both = acquisition(
        GRE, parallel_reduction_factor_in_plane=2.0, parallel_reduction_factor_out_of_plane=3.0
    )
    assert noise_factor(both) == pytest.approx(1.05 * 1.2)
    sparse = acquisition(GRE, parallel_reduction_factor_in_plane=1.0, compressed_sensing_factor=4.0)
    assert noise_factor(sparse) == pytest.approx(1.05**2)
    flat = acquisition(parallel_reduction_factor_in_plane=1.0, compressed_sensing_factor=2.0)
    assert noise_factor(flat) == pytest.approx(1.05)


@pytest.mark.parametrize(
    ("change", "share"),
    [
        ({"number_of_averages": 1.0}, 0.5),
        ({"partial_fourier_phase": 0.75}, 0.75),
        ({"field_of_view": (240.0, 204.0), "acquisition_matrix": (240, 204)}, 0.85),
    ],
)
def test_signal_goes_with_the_root_of_the_lines(change: dict[str, object], share: float) -> None:
    before = acquisition()
    assert relative_signal(before, before.model_copy(update=change), "siemens") == pytest.approx(sqrt(share))


def test_slices_of_2d_do_not_make_signal_and_partitions_of_3d_do() -> None:
    flat, deep = acquisition(), acquisition(GRE)
    assert relative_signal(flat, flat.model_copy(update={"number_of_slices": 10}), "ge") == 1.0
    fewer = relative_signal(deep, deep.model_copy(update={"number_of_slices": 20}), "siemens")
    assert fewer == pytest.approx(sqrt(0.5))


def test_unweighted_volumes_do_not_make_the_weighted_image() -> None:
    before = acquisition(b_values=(0.0, 1000.0), b_value_averages=(2, 4))
    after = before.model_copy(update={"b_value_averages": (2, 1)})
    assert relative_signal(before, after, "siemens") == pytest.approx(0.5)


def test_a_scan_whose_lines_are_unknown_has_no_signal() -> None:
    blank = Acquisition(name="blank")
    assert relative_signal(blank, blank, "siemens") is None
