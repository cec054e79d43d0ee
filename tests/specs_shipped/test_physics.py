"""The bounds of physics, checked again from the textbook, not by the rules of the program."""

from __future__ import annotations

from collections.abc import Callable
from math import acos, ceil, degrees, exp, isclose, log, pi

from generator.model.tree import Acquisition
from tests.specs_shipped.cards import Scan, scans, technique
from tests.support.each import each

T1_CSF = 4300.0
T1_WHITE = {1.5: 646.0, 3.0: 838.0}
GAMMA = 2 * pi * 42.577e6  # rad/s/T
WEAKEST_GRADIENT = 30.0  # mT/m, of the scanners shipped

every_scan = each(scans)


def of(name: str, kind: str | None = None) -> Callable[[Callable[..., None]], Callable[[], None]]:
    return each(lambda: [s for s in technique(name) if kind in (None, s.acquisition.mr_acquisition_type)])


def need(value: float | None) -> float:
    assert value is not None
    return float(value)


def cycle(a: Acquisition) -> float:
    """From one inversion, or one excitation of a slice, to the next."""
    return need(a.repetition_time_preparation or a.repetition_time)


@every_scan
def test_echoes_and_inversions_lie_inside_the_repetition(scan: Scan) -> None:
    a = scan.acquisition
    echoes = a.echo_times or ()
    assert list(echoes) == sorted(echoes)
    assert 0 < max(echoes) < need(a.repetition_time_excitation or a.repetition_time)
    assert (a.inversion_time or 0) < cycle(a)
    assert (a.second_inversion_time or 0) < (a.inversion_time or 1e9)


@every_scan
def test_field_of_view_matrix_and_voxel_agree_within_one_percent(scan: Scan) -> None:
    a = scan.acquisition
    assert a.field_of_view and a.acquisition_matrix and a.voxel_size
    for extent, points, edge in zip(a.field_of_view, a.acquisition_matrix, a.voxel_size, strict=False):
        assert isclose(need(extent), need(points) * need(edge), rel_tol=0.01)
    assert a.voxel_size[2] == a.slice_thickness


@every_scan
def test_a_line_is_read_between_two_echoes(scan: Scan) -> None:
    a = scan.acquisition
    if a.echo_spacing:
        assert 1000 / need(a.pixel_bandwidth) < a.echo_spacing


@every_scan
def test_the_first_echo_has_time_to_be_read(scan: Scan) -> None:
    a = scan.acquisition
    refocused = a.technique in ("turbo_spin_echo", "echo_planar_diffusion")
    half = 500 / need(a.pixel_bandwidth)
    assert min(a.echo_times or ()) >= (2 * half if refocused else half)


@every_scan
def test_acceleration_is_one_that_coils_bear(scan: Scan) -> None:
    a = scan.acquisition
    in_plane, through = (
        need(a.parallel_reduction_factor_in_plane),
        need(a.parallel_reduction_factor_out_of_plane),
    )
    assert in_plane * through <= (4 if scan.target.field_strength < 2 else 6)
    assert in_plane * (a.multiband_factor or 1) <= 8
    assert in_plane > 1, "every coil of today has eight elements or more"


@every_scan
def test_enough_of_k_space_is_measured(scan: Scan) -> None:
    a = scan.acquisition
    phase, through = a.partial_fourier_phase or 1, a.partial_fourier_slice or 1
    assert min(phase, through) >= 5 / 8
    assert max(phase, through) >= 6 / 8


@every_scan
def test_calibration_lines_are_enough(scan: Scan) -> None:
    a = scan.acquisition
    if a.reference_lines is not None:
        assert max(16, 8 * need(a.parallel_reduction_factor_in_plane)) <= a.reference_lines <= 64


@every_scan
def test_nothing_folds_over(scan: Scan) -> None:
    a = scan.acquisition
    assert a.field_of_view
    covered = need(a.field_of_view[1]) * (1 + need(a.phase_oversampling))
    axis = a.phase_encoding_direction
    if str(a.role).startswith("spine"):
        assert need(a.phase_oversampling) >= 0.6
    else:
        assert covered >= {"AP": 200, "PA": 200, "LR": 160, "RL": 160}[str(axis)]


@every_scan
def test_brain_and_cord_are_covered(scan: Scan) -> None:
    a = scan.acquisition
    extent = need(a.number_of_slices) * need(a.slice_thickness)
    spine = str(a.role).startswith("spine")
    if a.plane == "sagittal":
        assert extent >= (36 if spine else 160)
        assert spine or need(a.field_of_view[0] if a.field_of_view else None) >= 240
    elif not spine:
        assert extent >= 140


@of("magnetization_prepared_gradient_echo")
def test_the_train_of_an_mprage_fits_around_its_inversion_time(scan: Scan) -> None:
    a = scan.acquisition
    assert a.repetition_time_excitation == a.echo_spacing
    slab = need(a.number_of_slices) * (1 + need(a.slice_oversampling))
    excitations = slab * need(a.partial_fourier_slice) / need(a.parallel_reduction_factor_out_of_plane)
    assert excitations <= need(a.echo_train_length)
    train = need(a.echo_train_length) * need(a.echo_spacing)
    to_start = scan.target.vendor == "ge"  # GE counts TI to the start of the train, the others to its centre
    before, after = (0.0, train) if to_start else (train / 2, train / 2)
    assert before <= need(a.inversion_time)
    assert need(a.inversion_time) + after <= need(a.repetition_time_preparation)


def flairs() -> list[Scan]:
    return [s for s in scans() if s.acquisition.role in ("flair_3d", "flair_2d")]


@each(flairs)
def test_flair_nulls_csf(scan: Scan) -> None:
    a = scan.acquisition
    null = T1_CSF * (log(2) - log(1 + exp(-cycle(a) / T1_CSF)))
    assert abs(need(a.inversion_time) / null - 1) <= 0.1


def test_dir_nulls_csf_and_white_matter() -> None:
    """Both tissues keep at most an eighth of their magnetization at the excitation."""
    for scan in (s for s in scans() if s.acquisition.role == "dir_3d"):
        a = scan.acquisition
        first, second = need(a.inversion_time), need(a.second_inversion_time)
        assert 2000 <= first <= 3500 and 300 <= second <= 700
        rest = cycle(a) - need(a.echo_train_duration)
        for relaxation in (T1_CSF, T1_WHITE[scan.target.field_strength]):
            left = 1 - 2 * exp(-second / relaxation) + 2 * exp(-first / relaxation) - exp(-rest / relaxation)
            assert abs(left) < 0.125, (str(scan), relaxation, left)


def test_stir_nulls_fat() -> None:
    for scan in (s for s in scans() if s.acquisition.fat_suppression == "stir"):
        low, high = (100, 190) if scan.target.field_strength < 2 else (180, 240)
        assert low <= need(scan.acquisition.inversion_time) <= high


@of("turbo_spin_echo", "3D")
def test_the_train_of_a_3d_spin_echo_holds_its_echo_and_fits(scan: Scan) -> None:
    a = scan.acquisition
    train = need(a.echo_train_duration)
    assert 78 <= need(a.echo_train_length) <= 300
    assert max(a.echo_times or ()) <= train
    assert (a.inversion_time or 0) + train <= need(a.repetition_time)
    assert abs(train / (need(a.echo_train_length) * need(a.echo_spacing)) - 1) <= 0.15


@of("turbo_spin_echo", "2D")
def test_the_trains_of_all_slices_fit_into_the_repetition(scan: Scan) -> None:
    """Each image has a turbo factor of echoes of its own, one image after the other; pulses take 5 ms."""
    a = scan.acquisition
    spacing, of_one_image = need(a.echo_spacing), need(a.echo_train_length)
    assert 2 <= of_one_image <= 25
    for image, echo in enumerate(a.echo_times or ()):
        position = echo / spacing
        assert abs(position - round(position)) <= 0.1
        assert image * of_one_image < round(position) <= (image + 1) * of_one_image
    train = len(a.echo_times or ()) * of_one_image * spacing
    slices = ceil(need(a.number_of_slices) / need(a.concatenations))
    assert slices * (train + 5) <= need(a.repetition_time)


@of("turbo_spin_echo", "2D")
def test_refocusing_stays_below_the_power_proxy_at_3_tesla(scan: Scan) -> None:
    a = scan.acquisition
    assert 90 <= need(a.refocusing_flip_angle) <= 180
    if scan.target.field_strength > 2:
        assert need(a.refocusing_flip_angle) < 150


@of("echo_planar_diffusion")
def test_diffusion_is_one_that_gradients_and_repetition_allow(scan: Scan) -> None:
    a = scan.acquisition
    assert 1.05 <= need(a.echo_spacing) * need(a.pixel_bandwidth) / 1000 <= 1.35
    assert a.acquisition_matrix and a.b_values and a.b_value_averages
    lines = need(a.acquisition_matrix[1]) / need(a.parallel_reduction_factor_in_plane)
    tail = lines / 2 * need(a.echo_spacing)
    slices = ceil(need(a.number_of_slices) / need(a.multiband_factor))
    assert slices * (max(a.echo_times or ()) + tail + 10) <= need(a.repetition_time)
    assert min(a.echo_times or ()) >= shortest_echo(max(a.b_values), WEAKEST_GRADIENT) - 5
    assert min(a.b_values) <= 50 and max(a.b_values) == 1000
    assert len(a.b_values) == len(a.b_value_averages)


def shortest_echo(b_value: float, gradient: float) -> float:
    """Echo time in ms at which two equal lobes reach a b-value: b = (gamma G d)^2 (D - d/3), D = d + 7 ms."""
    lobe = 0.0
    while (GAMMA * gradient * 1e-3 * lobe * 1e-3) ** 2 * (lobe * 2 / 3 + 7) * 1e-3 < b_value * 1e6:
        lobe += 0.01
    return 2 * max(lobe + 6, lobe + 15.5)


def test_the_own_formula_gives_the_echo_times_of_the_reference_table() -> None:
    for gradient, wanted in ((30, 82), (45, 69), (80, 55)):
        assert abs(shortest_echo(1000, gradient) - wanted) <= 1


def echoes_of_t2star() -> list[Scan]:
    weighted = ("susceptibility_weighted", "gradient_echo", "multi_echo_gradient_echo")
    return [s for s in scans() if s.acquisition.technique in weighted]


@each(echoes_of_t2star)
def test_flip_angles_are_within_a_factor_of_three_of_the_ernst_angle(scan: Scan) -> None:
    a = scan.acquisition
    t1 = {1.5: 650.0, 3.0: 850.0}[scan.target.field_strength]
    ernst = degrees(acos(exp(-need(a.repetition_time) / t1)))
    assert ernst / 3 <= need(a.flip_angle) <= 3 * ernst
    assert len(a.echo_times or ()) * 1000 / need(a.pixel_bandwidth) < need(a.repetition_time)
    if a.mr_acquisition_type == "2D":
        slice_time = max(a.echo_times or ()) + 500 / need(a.pixel_bandwidth) + 2
        slices = ceil(need(a.number_of_slices) / need(a.concatenations))
        assert slices * slice_time <= need(a.repetition_time)
