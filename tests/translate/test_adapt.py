"""What is bound to a console, resolved: every value by hand or from what is published."""

from __future__ import annotations

from typing import Any

import pytest

from generator.model.tree import Acquisition, Protocol, Target
from generator.timing.families import estimate
from generator.translate.adapt import Change, Way, adapt
from generator.vendors.profile import names


def at(vendor: str, field: float = 3.0) -> Target:
    return Target(vendor=vendor, field_strength=field)


def adapted(
    scan: Acquisition, source: Target, target: Target
) -> tuple[Acquisition, dict[str | None, Change]]:
    found = adapt(Protocol(name="p", steps=(scan,)), Way(source, target))
    (step,) = found.protocol.steps
    assert isinstance(step, Acquisition)
    return step, {one.field: one for one in found.changes}


def tse(**fields: Any) -> Acquisition:
    known = {"technique": "turbo_spin_echo", "mr_acquisition_type": "2D", "repetition_time": 4000.0,
             "echo_times": (100.0,), "echo_train_length": 16, "pixel_bandwidth": 200.0}  # fmt: skip
    return Acquisition(name="t2", **{**known, **fields})


MPRAGE = Acquisition(
    name="mprage", technique="magnetization_prepared_gradient_echo", mr_acquisition_type="3D",
    repetition_time_preparation=2000.0, repetition_time_excitation=7.1, inversion_time=880.0, flip_angle=8.0,
    echo_times=(2.9,), echo_train_length=192, echo_spacing=7.1, field_of_view=(256.0, 240.0),
    plane="sagittal", acquisition_matrix=(256, 240), voxel_size=(1.0, 1.0, 1.0), slice_thickness=1.0,
    number_of_slices=192,
    parallel_reduction_factor_in_plane=2.0, partial_fourier_phase=0.875, pixel_bandwidth=240.0,
    slice_oversampling=0.0, phase_oversampling=0.0, number_of_averages=1.0,
)  # fmt: skip


@pytest.mark.parametrize("vendor", names())
def test_no_console_time_becomes_another_ones(vendor: str) -> None:
    scan = tse(acquisition_duration=123.0, vendor={"key": 1}, definition="x")
    protocol = Protocol(name="p", steps=(scan,), acquisition_duration=500.0)
    found = adapt(protocol, Way(at("siemens"), at(vendor))).protocol
    (step,) = found.acquisitions
    assert (step.acquisition_duration, step.vendor, found.acquisition_duration) == (None, {}, None)


def test_words_of_a_console_are_left_to_the_operator_and_named() -> None:
    scan, changes = adapted(
        tse(gradient_mode="Fast", receive_coils=("HeadNeck 64",)), at("siemens"), at("ge")
    )
    assert scan.gradient_mode is None and scan.receive_coils is None
    assert changes["receive_coils"].before == ("HeadNeck 64",)
    assert {changes[name].kind for name in ("gradient_mode", "receive_coils")} == {"operator"}
    same, none = adapted(tse(gradient_mode="Fast"), at("siemens"), at("siemens"))
    assert same.gradient_mode == "Fast" and not none


def test_the_shown_repetition_time_becomes_the_physical_one() -> None:
    shown = MPRAGE.model_copy(update={"repetition_time": 2000.0, "repetition_time_preparation": None})
    scan, _ = adapted(shown, at("siemens"), at("philips"))
    assert (scan.repetition_time, scan.repetition_time_preparation) == (None, 2000.0)
    shown = MPRAGE.model_copy(update={"repetition_time": 7.1, "repetition_time_excitation": None})
    scan, _ = adapted(shown, at("philips"), at("siemens"))
    assert (scan.repetition_time, scan.repetition_time_excitation) == (None, 7.1)


def test_an_inversion_cycle_that_no_file_holds_follows_from_the_time_of_its_own_console() -> None:
    timed = estimate(MPRAGE, "philips", 3.0)
    assert timed is not None
    update = {"repetition_time_preparation": None, "acquisition_duration": timed.seconds}
    scan, changes = adapted(MPRAGE.model_copy(update=update), at("philips"), at("siemens"))
    assert scan.repetition_time_preparation == pytest.approx(2000, abs=10)
    assert changes["repetition_time_preparation"].kind == "operator"


@pytest.mark.parametrize(
    ("source", "target", "coils", "sensing", "wanted"),
    [
        ("ge", "philips", 2.0, 1.2, (1.0, 2.4)),  # one factor for all of it
        ("philips", "ge", 1.0, 3.0, (2.0, 1.5)),  # at most 1.5 on top of the coils: 2 x 1.5
        ("philips", "siemens", 1.0, 4.0, (4.0, 1.0)),  # none here
        ("philips", "canon", 1.0, 2.5, (2.5, 1.0)),
    ],
)
def test_conventions_of_acceleration(
    source: str, target: str, coils: float, sensing: float, wanted: tuple[float, float]
) -> None:
    fields = {"parallel_reduction_factor_in_plane": coils, "compressed_sensing_factor": sensing}
    scan, _ = adapted(tse(**fields), at(source), at(target))
    found = scan.parallel_reduction_factor_in_plane, scan.compressed_sensing_factor
    assert found == pytest.approx(wanted)


def test_overlapping_images_keep_their_slab() -> None:
    scan = tse(mr_acquisition_type="3D", slab_thickness=130.0, slice_thickness=2.0, number_of_slices=130)
    found, _ = adapted(scan, at("philips"), at("siemens"))
    assert (found.slice_thickness, found.number_of_slices, found.slab_thickness) == (1.0, 130, 130.0)


def test_a_slab_without_a_number_of_images_is_filled() -> None:
    scan = tse(mr_acquisition_type="3D", slab_thickness=38.4, slice_thickness=0.6)
    found, changes = adapted(scan, at("ge"), at("siemens"))
    assert found.number_of_slices == 64 and changes["number_of_slices"].kind == "operator"


def test_echo_times_of_3d_trains_agree_with_published_pairs() -> None:
    """SPACE prints 350 to 450 ms where Cube prints 90 to 140 ms for like contrast (specs/contrast.yaml)."""
    space = tse(mr_acquisition_type="3D", echo_times=(350.0,), echo_train_length=250, echo_spacing=3.6)
    cube, changes = adapted(space, at("siemens"), at("ge"))
    assert cube.echo_times is not None and 90 <= cube.echo_times[0] <= 140
    assert changes["echo_times"].kind == "operator" and "115 to 186 ms" in changes["echo_times"].why
    back, _ = adapted(cube, at("ge"), at("siemens"))
    assert back.echo_times == pytest.approx((350.0,), rel=0.05)
    assert adapted(tse(), at("siemens"), at("ge"))[0].echo_times == (100.0,)  # 2D trains mean the same


def test_the_other_meaning_of_an_inversion_time_is_said() -> None:
    _, changes = adapted(MPRAGE, at("siemens"), at("ge"))
    assert "198 ms" in changes[None].why  # 880 - 96 x 7.1


def test_fields_scale_shift_phase_and_nulls() -> None:
    scan, changes = adapted(tse(), at("siemens"), at("siemens", 1.5))
    assert scan.pixel_bandwidth == 100.0 and changes["pixel_bandwidth"].kind == "scaled"
    swi = Acquisition(
        name="swi", technique="susceptibility_weighted", mr_acquisition_type="3D", repetition_time=28.0,
        echo_times=(20.0,), flip_angle=15.0,
    )  # fmt: skip
    scan, _ = adapted(swi, at("siemens"), at("siemens", 1.5))
    assert (scan.echo_times, scan.repetition_time) == ((40.0,), 48.0)
    stir = tse(inversion_time=230.0, echo_times=(50.0,), echo_spacing=10.0)
    scan, changes = adapted(stir, at("siemens"), at("siemens", 1.5))
    # Published nulls of fat: 200 to 250 ms at 3 T, 150 to 180 ms at 1.5 T.
    assert scan.inversion_time is not None and 140 <= scan.inversion_time <= 200
    assert "fat" in changes["inversion_time"].why
    _, changes = adapted(tse(), at("siemens", 1.5), at("siemens"))
    assert "4 times the power" in changes[None].why


def test_calibrations_are_left_out_and_said() -> None:
    scan = Acquisition(name="SenseRefScan", technique="calibration")
    found = adapt(Protocol(name="p", steps=(scan, tse())), Way(at("philips"), at("siemens")))
    assert (found.origins, [one.before for one in found.changes]) == ((1,), ["SenseRefScan"])
