"""What the cards contain, in which order, and that nothing is missing on any scanner."""

from __future__ import annotations

from pathlib import Path

from generator.model.tree import Acquisition, Contrast, Reformat, Target
from tests.specs_shipped.cards import PROTOCOLS, SEQUENCES, TARGETS, Scan, card, order, scans, spec_of
from tests.support.each import each

REQUIRED = {
    "ofsep-brain-baseline-diagnosis": [
        "t1_3d_pre",
        "dwi",
        "gd",
        "flair_3d",
        "t1_3d_post",
        "t2star_2d",
    ],
    "ofsep-brain-baseline-new-dmt": ["t1_3d_pre", "dwi", "gd", "flair_3d", "t1_3d_post"],
    "ofsep-brain-re-baseline": ["t1_3d_pre", "dwi", "gd", "flair_3d", "t1_3d_post"],
    "ofsep-brain-follow-up": ["t1_3d_pre", "dwi", "flair_3d"],
    "ofsep-brain-pml-screening": ["dwi", "flair_3d"],
    "ofsep-brain-relapse": ["t1_3d_pre", "dwi", "flair_3d"],
    "ofsep-brain-relapse-gd": ["t1_3d_pre", "dwi", "gd", "flair_3d", "t1_3d_post"],
    "ofsep-spine-diagnosis": [
        "spine_t2_sag",
        "spine_t2_sag",
        "gd",
        "spine_t1_sag_post",
        "spine_t1_sag_post",
    ],
    "ofsep-spine-follow-up": ["spine_t2_sag", "spine_t2_sag"],
    "ofsep-spine-after-brain": ["spine_t2_sag", "spine_t2_sag", "spine_t1_sag_post", "spine_t1_sag_post"],
    "ofsep-brain-baseline-2d-flair": [
        "t1_3d_pre",
        "pdt2_2d",
        "dwi",
        "gd",
        "flair_2d",
        "t1_3d_post",
        "t2star_2d",
    ],
    "ofsep-brain-follow-up-2d-flair": ["t1_3d_pre", "pdt2_2d", "dwi", "flair_2d"],
    "ofsep-brain-pml-screening-2d-flair": ["dwi", "flair_2d", "pdt2_2d"],
    "ofsep-brain-follow-up-3d-t2": ["t1_3d_pre", "dwi", "flair_3d"],
    "ofsep-brain-follow-up-gd": ["t1_3d_pre", "dwi", "gd", "flair_3d", "t1_3d_post"],
    "ofsep-brain-pml-gd": ["t1_3d_pre", "dwi", "gd", "flair_3d", "t1_3d_post"],
}
OPTIONAL = {
    "ofsep-brain-baseline-diagnosis": {"pdt2_2d", "dti", "dir_3d", "swi"},
    "ofsep-brain-baseline-new-dmt": {"pdt2_2d", "dti", "dir_3d", "swi"},
    "ofsep-brain-re-baseline": {"pdt2_2d", "dti", "dir_3d", "swi"},
    "ofsep-brain-follow-up": {"pdt2_2d", "dti", "dir_3d", "swi"},
    "ofsep-brain-pml-screening": {"dir_3d", "swi"},
    "ofsep-brain-relapse": {"pdt2_2d", "dti", "dir_3d", "swi"},
    "ofsep-brain-relapse-gd": {"pdt2_2d", "dti", "dir_3d", "swi"},
    "ofsep-spine-diagnosis": {"spine_stir_sag", "spine_psir", "spine_t2star_ax", "spine_t1_ax_post"},
    "ofsep-spine-after-brain": {"spine_stir_sag", "spine_psir", "spine_t2star_ax", "spine_t1_ax_post"},
    "ofsep-brain-baseline-2d-flair": {"dti", "dir_3d", "swi"},
    "ofsep-brain-follow-up-2d-flair": {"dti", "dir_3d", "swi"},
    "ofsep-brain-pml-screening-2d-flair": {"dir_3d", "swi"},
    "ofsep-brain-follow-up-3d-t2": {"t2_3d", "dti", "dir_3d", "swi"},
    "ofsep-brain-follow-up-gd": {"pdt2_2d", "dti", "dir_3d", "swi"},
    "ofsep-brain-pml-gd": {"dir_3d", "swi"},
    "ofsep-spine-follow-up": {"spine_stir_sag", "spine_psir", "spine_t2star_ax"},
}

ALWAYS = """
    name definition role technique mr_acquisition_type plane echo_times pixel_bandwidth field_of_view
    acquisition_matrix voxel_size slice_thickness number_of_slices phase_encoding_direction phase_oversampling
    parallel_reduction_factor_in_plane parallel_reduction_factor_out_of_plane
    partial_fourier_phase fat_suppression instruction
"""
OF_TYPE = {
    "3D": "slice_oversampling partial_fourier_slice elliptical_scanning",
    "2D": "slice_gap concatenations",
}
OF_TECHNIQUE = {
    "magnetization_prepared_gradient_echo": """
        repetition_time_preparation repetition_time_excitation inversion_time flip_angle echo_train_length
        echo_spacing reference_scan number_of_averages
    """,
    "turbo_spin_echo": "repetition_time echo_train_length echo_spacing reference_scan number_of_averages",
    "echo_planar_diffusion": """
        repetition_time flip_angle echo_train_length echo_spacing b_values b_value_averages
        diffusion_directions multiband_factor output_maps
    """,
    "susceptibility_weighted": "repetition_time flip_angle reference_scan number_of_averages output_maps",
    "gradient_echo": "repetition_time flip_angle reference_scan number_of_averages",
    "multi_echo_gradient_echo": "repetition_time flip_angle reference_scan number_of_averages",
}

every_card = each(PROTOCOLS, name=lambda path: path.stem)


def test_every_protocol_of_the_list_is_shipped() -> None:
    assert {spec_of(path).protocol_id for path in PROTOCOLS} == set(REQUIRED)


@each(PROTOCOLS, TARGETS)
def test_a_card_has_its_sequences_in_order_on_every_scanner(path: Path, target: Target) -> None:
    protocol = card(path, target).protocol
    assert protocol.id is not None
    assert order(protocol, optional=False) == REQUIRED[protocol.id]
    optional = {scan.role for scan in protocol.acquisitions if scan.optional}
    assert optional == OPTIONAL[protocol.id]


@every_card
def test_a_card_says_what_it_is(path: Path) -> None:
    protocol = card(path, TARGETS[0]).protocol
    assert protocol.kind and protocol.region and protocol.version
    assert protocol.field_strengths == (1.5, 3.0)
    assert protocol.guidelines == ("ofsep-2020",)
    assert len(protocol.path) == 3


@every_card
def test_an_injection_is_macrocyclic_and_of_standard_dose(path: Path) -> None:
    protocol = card(path, TARGETS[0]).protocol
    injections = [step for step in protocol.steps if isinstance(step, Contrast)]
    assert len(injections) == REQUIRED[str(protocol.id)].count("gd")
    for injection in injections:
        assert injection.agent in ("gadoteric acid", "gadobutrol", "gadoteridol")
        assert injection.dose == 0.1
        assert injection.minimum_delay == 300


@every_card
def test_scans_that_gadolinium_would_spoil_come_before_it(path: Path) -> None:
    roles = order(card(path, TARGETS[0]).protocol)
    if "gd" not in roles:
        return
    before = {"dir_3d", "pdt2_2d", "dti", "dwi", "t1_3d_pre", "spine_stir_sag", "spine_psir"}
    after = {
        "flair_3d",
        "flair_2d",
        "t1_3d_post",
        "swi",
        "t2star_2d",
        "spine_t1_sag_post",
        "spine_t1_ax_post",
    }
    place = roles.index("gd")
    assert not after & set(roles[:place])
    assert not before & set(roles[place:])


@every_card
def test_susceptibility_is_measured_last(path: Path) -> None:
    roles = order(card(path, TARGETS[0]).protocol)
    if roles[0].startswith("spine"):
        return
    while roles and roles[-1] in ("swi", "t2star_2d"):
        roles.pop()
    assert not {"swi", "t2star_2d"} & set(roles)


@every_card
def test_every_3d_series_is_reformatted_along_the_subcallosal_line(path: Path) -> None:
    protocol = card(path, TARGETS[0]).protocol
    wanted = {scan.role for scan in protocol.acquisitions if not scan.optional}
    wanted &= {"t1_3d_pre", "flair_3d", "t1_3d_post"}
    reformats = [step for step in protocol.steps if isinstance(step, Reformat)]
    assert {step.source for step in reformats} == wanted
    for step in reformats:
        assert (step.plane, step.plane_reference) == ("transverse", "subcallosal")
        assert (step.slice_thickness, step.slice_gap) == (3, 0)


@every_card
def test_both_t1_scans_can_be_subtracted(path: Path) -> None:
    for target in TARGETS:
        t1 = [s for s in card(path, target).protocol.acquisitions if s.definition == "t1-3d"]
        own = {"name", "role", "instruction"}
        assert len({repr(scan.model_dump(exclude=own)) for scan in t1}) <= 1


@every_card
def test_sagittal_spine_scans_have_two_stations_that_cover_the_spine(path: Path) -> None:
    stations: dict[str, list[Acquisition]] = {}
    for scan in card(path, TARGETS[0]).protocol.acquisitions:
        if scan.definition in ("spine-t2-sag", "spine-t1-sag", "spine-stir-sag"):
            stations.setdefault(scan.definition, []).append(scan)
    for pair in stations.values():
        assert len(pair) == 2
        assert {region for scan in pair for region in scan.coverage or ()} == {
            "cervical",
            "thoracic",
            "conus",
        }
        reach = sum(float(scan.field_of_view[0] or 0) for scan in pair if scan.field_of_view)
        assert reach - 30 >= 450


def test_every_definition_is_complete_on_every_scanner() -> None:
    lacking = []
    for scan in scans():
        a = scan.acquisition
        wanted = " ".join((ALWAYS, OF_TYPE[str(a.mr_acquisition_type)], OF_TECHNIQUE[str(a.technique)]))
        lacking += [f"{scan}: {name}" for name in wanted.split() if getattr(a, name) is None]
    assert not lacking


def test_calibration_lines_stand_where_they_are_measured_inside_the_scan() -> None:
    for scan in scans():
        a = scan.acquisition
        if a.reference_scan == "integrated":
            assert a.reference_lines, scan
            assert scan.target.vendor in ("ge", "siemens"), scan
        if a.reference_scan == "separate":
            assert a.reference_lines is None, scan


def test_transverse_brain_scans_tell_the_operator_the_plane() -> None:
    for scan in scans():
        a = scan.acquisition
        if a.plane == "transverse" and not str(a.role).startswith("spine"):
            assert a.plane_reference == "subcallosal", scan
            assert "subcallosal" in str(a.instruction), scan


def test_definitions_are_named_after_their_files_and_used_by_their_role() -> None:
    assert {scan.definition for scan in scans()} == {path.stem for path in SEQUENCES}
    assert len({scan.acquisition.role for scan in scans()}) == len(SEQUENCES)


def test_maps_that_the_guideline_asks_for_are_made() -> None:
    def maps(scan: Scan) -> set[str]:
        return set(scan.acquisition.output_maps or ())

    for scan in scans():
        if scan.acquisition.role == "dwi":
            assert {"trace", "adc"} <= maps(scan)
        if scan.acquisition.role == "dti":
            assert {"adc", "fa"} <= maps(scan)
