"""Exams with deliberate deviations: every one is found, nothing else is reported."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from generator.compare.audit import Audit, as_data, audit
from generator.compare.forms import records, sidecars
from generator.images.session import exams, stem
from generator.model.acquired import Exam
from generator.model.tree import Acquisition, Contrast, Protocol, Step
from tests.support.dicom import Series, write


def scan(name: str, technique: str, **fields: Any) -> Acquisition:
    """Make a scan of usual values."""
    usual = {
        "mr_acquisition_type": "2D", "plane": "transverse", "repetition_time": 4000.0, "echo_times": (90.0,),
        "flip_angle": 90.0, "pixel_bandwidth": 200.0, "field_of_view": (240.0, 240.0),
        "acquisition_matrix": (240, 240), "slice_thickness": 3.0, "number_of_slices": 5,
        "phase_encoding_direction": "AP", "number_of_averages": 1.0, "acquisition_duration": 120.0,
        "parallel_reduction_factor_in_plane": 2.0,
    }  # fmt: skip
    return Acquisition.model_validate({"name": name, "technique": technique, **usual, **fields})


T1 = scan(
    "3D T1", "magnetization_prepared_gradient_echo", role="t1_3d_pre", mr_acquisition_type="3D",
    plane="sagittal", repetition_time=2300.0, repetition_time_preparation=2300.0, echo_times=(2.9,),
    inversion_time=900.0, flip_angle=9.0, slice_thickness=1.0, number_of_slices=6,
)  # fmt: skip
FLAIR = scan(
    "3D FLAIR", "turbo_spin_echo", role="flair_3d", mr_acquisition_type="3D", plane="sagittal",
    repetition_time=5000.0, echo_times=(390.0,), inversion_time=1800.0, slice_thickness=1.0,
    number_of_slices=6, echo_train_length=250, pixel_bandwidth=750.0,
)  # fmt: skip
DWI = scan(
    "DWI b1000", "echo_planar_diffusion", role="dwi", b_values=(0.0, 1000.0), slice_gap=0.3,
    repetition_time=6000.0, echo_times=(80.0,), fat_suppression="fat_saturation",
)  # fmt: skip
T2 = scan("T2 TSE", "turbo_spin_echo", role="pdt2_2d", slice_gap=0.3, echo_train_length=15)
BOLD = scan(
    "rest", "echo_planar_bold", slice_gap=0.0, repetition_time=2000.0, echo_times=(30.0,), flip_angle=80.0,
)  # fmt: skip
GRE = scan(
    "T2*", "gradient_echo", role="t2star_2d", slice_gap=0.0, repetition_time=900.0, echo_times=(20.0,),
    flip_angle=25.0,
)  # fmt: skip
T1_POST = T1.model_copy(update={"name": "3D T1 Gd", "role": "t1_3d_post"})
GADOLINIUM = Contrast(agent="gadobutrol", dose=0.1, minimum_delay=300.0)

PLAIN = (T1, FLAIR, DWI, T2, GRE)
WITH_CONTRAST: tuple[Step, ...] = (T1, DWI, T2, GADOLINIUM, FLAIR, GRE, T1_POST)
VOLUMES = 3


def protocol(*steps: Step) -> Protocol:
    return Protocol(name="made up", steps=steps)


def session(steps: Iterable[Step], maker: str = "siemens", enhanced: bool = False) -> list[Series]:
    """Do an exam as it is asked for, a scan after the other."""
    made, start, agent = [], 36_000.0, None
    for step in steps:
        if isinstance(step, Contrast):
            agent = step.agent
        if isinstance(step, Acquisition):
            volumes = VOLUMES if step.technique == "echo_planar_bold" else 1
            one = Series(
                step, len(made) + 1, start=start, maker=maker, agent=agent, volumes=volumes, enhanced=enhanced
            )
            made.append(one)
            start += (step.acquisition_duration or 0.0) + 20.0
    return made


def audited(folder: Path, steps: tuple[Step, ...], done: Iterable[Series]) -> Audit:
    """Write an exam and audit it."""
    (exam,) = exams(write(folder, *done))
    return audit(exam, protocol(*steps))


def reported(found: Audit) -> list[Any]:
    """Everything that an audit reports, deviations and the rest."""
    names = [getattr(step, "name", "") for step in found.protocol.steps]
    fields = [(names[pair.step], one.name) for pair in found.pairs for one in pair.of("deviates")]
    missing = [("missing", names[index]) for index in found.missing]
    more = [("additional", found.exam.scans[index].acquisition.name) for index in found.additional]
    return [*fields, *missing, *more, *(f.code for f in found.findings if f.counts)]


MAKERS = pytest.mark.parametrize("maker", ["siemens", "ge", "philips", "canon"])
FORMS = pytest.mark.parametrize("enhanced", [False, True], ids=["classic", "enhanced"])


@MAKERS
@FORMS
def test_an_exam_as_asked_for_reports_nothing(tmp_path: Path, maker: str, enhanced: bool) -> None:
    found = audited(tmp_path, (*WITH_CONTRAST, BOLD), session((*WITH_CONTRAST, BOLD), maker, enhanced))
    assert reported(found) == []
    assert found.conforms
    assert found.compared > 70


DEVIATIONS: tuple[tuple[Acquisition, str, Any], ...] = (
    (T1, "inversion_time", 1000.0), (T1, "flip_angle", 12.0), (T1, "slice_thickness", 1.2),
    (T1, "parallel_reduction_factor_in_plane", 3.0), (T1, "number_of_slices", 5),
    (T1, "plane", "transverse"), (T1, "repetition_time", 2000.0),
    (FLAIR, "repetition_time", 4800.0), (FLAIR, "echo_times", (350.0,)), (FLAIR, "inversion_time", None),
    (FLAIR, "inversion_time", 1650.0), (FLAIR, "echo_train_length", 200), (FLAIR, "pixel_bandwidth", 650.0),
    (DWI, "b_values", (0.0, 800.0)), (DWI, "b_values", (0.0, 500.0, 1000.0)),
    (DWI, "repetition_time", 5000.0),
    (DWI, "slice_gap", 0.6), (DWI, "phase_encoding_direction", "LR"),
    (T2, "echo_times", (100.0,)), (T2, "number_of_averages", 2.0), (T2, "field_of_view", (220.0, 220.0)),
    (T2, "acquisition_matrix", (320, 320)), (T2, "slice_thickness", 4.0), (T2, "inversion_time", 160.0),
    (T2, "flip_angle", 120.0), (T2, "acquisition_duration", 150.0),
    (GRE, "technique", "turbo_spin_echo"), (GRE, "echo_times", (15.0,)), (GRE, "repetition_time", 800.0),
    (GRE, "slice_gap", 0.5),
)  # fmt: skip


@pytest.mark.parametrize(("changed", "name", "value"), DEVIATIONS, ids=lambda v: getattr(v, "name", str(v)))
def test_a_deviation_is_found_and_nothing_else(
    tmp_path: Path, changed: Acquisition, name: str, value: Any
) -> None:
    done = session(PLAIN, enhanced=True)
    index = PLAIN.index(changed)
    done[index] = done[index].but(**{name: value})
    expected: list[Any] = [(changed.name, name)]
    assert reported(audited(tmp_path, PLAIN, done)) == expected


def test_several_deviations_of_one_exam_are_all_found(tmp_path: Path) -> None:
    done = session(PLAIN)
    done[0] = done[0].but(flip_angle=12.0, pixel_bandwidth=300.0)
    done[2] = done[2].but(b_values=(0.0, 600.0), echo_times=(95.0,))
    done[3] = done[3].but(repetition_time=3000.0, slice_thickness=5.0, number_of_averages=3.0)
    assert sorted(map(str, reported(audited(tmp_path, PLAIN, done)))) == sorted(map(str, [
        ("3D T1", "flip_angle"), ("3D T1", "pixel_bandwidth"), ("DWI b1000", "b_values"),
        ("DWI b1000", "echo_times"), ("T2 TSE", "repetition_time"), ("T2 TSE", "slice_thickness"),
        ("T2 TSE", "number_of_averages"),
    ]))  # fmt: skip


def test_a_value_within_its_tolerance_is_said_and_does_not_count(tmp_path: Path) -> None:
    done = session(PLAIN)
    done[3] = done[3].but(repetition_time=4060.0)
    found = audited(tmp_path, PLAIN, done)
    assert found.conforms
    assert [one.name for one in found.pairs[3].of("within tolerance")] == ["repetition_time"]


def test_what_a_printout_rounds_is_tolerated_where_the_images_leave_an_entry_open(tmp_path: Path) -> None:
    asked = T1.model_copy(update={"voxel_size": (1.01, 1.01, 1.0)})
    found = audited(tmp_path, (asked,), session((T1,)))
    assert reported(found) == []
    assert [one.name for one in found.pairs[0].of("within tolerance")] == ["voxel_size"]


def test_renamed_series_are_still_matched(tmp_path: Path) -> None:
    names = (
        "t1_mprage_sag_p2_iso",
        "t2_space_dark-fluid_sag",
        "ep2d_diff_3scan_trace",
        "t2_tse_tra",
        "t2_fl2d_tra_hemo",
    )
    done = [one.but(name=name) for one, name in zip(session(PLAIN), names, strict=True)]
    found = audited(tmp_path, PLAIN, done)
    assert reported(found) == []
    assert [pair.step for pair in found.pairs] == [pair.scan for pair in found.pairs] == [0, 1, 2, 3, 4]


def test_missing_and_additional_scans(tmp_path: Path) -> None:
    other = scan("angio", "time_of_flight", mr_acquisition_type="3D", repetition_time=22.0, echo_times=(3.5,))
    done = [*session((T1, FLAIR, T2, GRE)), Series(other, 9, start=40_000)]
    assert reported(audited(tmp_path, PLAIN, done)) == [("missing", "DWI b1000"), ("additional", "angio")]


def test_an_optional_scan_may_be_missing_and_a_scout_is_none_too_many(tmp_path: Path) -> None:
    scout = scan("AAHead_Scout", "gradient_echo", repetition_time=3.0, echo_times=(1.4,), number_of_slices=3)
    steps = (T1, FLAIR.model_copy(update={"optional": True}), T2)
    assert reported(audited(tmp_path, steps, [Series(scout, 9, start=30_000), *session((T1, T2))])) == []


@pytest.mark.parametrize("name", ["Ax T2 ASSET", "block design", "Calcarine T2"])
def test_a_scan_that_only_sounds_like_a_scout_is_one_too_many(tmp_path: Path, name: str) -> None:
    other = scan(name, "time_of_flight", mr_acquisition_type="3D", repetition_time=22.0, echo_times=(3.5,))
    done = [*session((T1, T2), enhanced=True), Series(other, 9, start=40_000, enhanced=True)]
    assert reported(audited(tmp_path, (T1, T2), done)) == [("additional", name)]


def test_scans_in_another_order(tmp_path: Path) -> None:
    assert reported(audited(tmp_path, PLAIN, session((T1, DWI, T2, GRE, FLAIR)))) == ["order"]


def test_a_missing_slice_is_missing_and_no_other_number_of_slices(tmp_path: Path) -> None:
    done = session(PLAIN)
    done[3] = replace(done[3], drop=(2,))
    found = audited(tmp_path, PLAIN, done)
    assert reported(found) == ["missing-slices"]
    assert "T2 TSE: 1 slice missing" in found.findings[0].message


def test_images_of_a_volume_that_are_missing(tmp_path: Path) -> None:
    done = session((*PLAIN, BOLD))
    done[5] = replace(done[5], drop=(12, 13))
    assert reported(audited(tmp_path, (*PLAIN, BOLD), done)) == ["missing-images"]


def test_volumes_that_the_header_speaks_of_and_that_are_missing(tmp_path: Path) -> None:
    done = session((*PLAIN, BOLD))
    done[5] = replace(done[5], extra={"NumberOfTemporalPositions": 6})
    found = audited(tmp_path, (*PLAIN, BOLD), done)
    assert reported(found) == ["missing-volumes"]
    assert "3 volumes" in found.findings[0].message


def test_an_aborted_scan_that_was_repeated(tmp_path: Path) -> None:
    done = session(PLAIN)
    first = replace(done[3], number=20, start=done[3].start - 100, drop=(3, 4))
    found = audited(tmp_path, PLAIN, [*done, first])
    assert reported(found) == ["aborted"]
    assert found.exam.scans[found.pairs[3].scan].images == 5


def test_of_two_complete_attempts_the_last_counts(tmp_path: Path) -> None:
    done = session(PLAIN)
    again = replace(done[3], number=20, start=done[4].start - 10)
    found = audited(tmp_path, PLAIN, [*done, again])
    assert reported(found) == ["repeated"]
    assert found.exam.scans[found.pairs[3].scan].series[0].startswith("20 ")


def test_magnitude_phase_reference_maps_and_projections_are_one_scan(tmp_path: Path) -> None:
    swi = scan("swi", "gradient_echo", mr_acquisition_type="3D", repetition_time=28.0, echo_times=(20.0,))
    steps = (T1, swi, DWI, BOLD)
    done = session(steps)
    phase = replace(done[1].but(name="Pha_Images"), number=12, kind=("ORIGINAL", "PRIMARY", "P", "ND"))
    mip = replace(done[1].but(name="mIP_Images(SW)"), number=13, kind=("DERIVED", "PRIMARY", "MNIP", "ND"))
    adc = replace(
        done[2].but(name="DWI b1000_ADC"), number=14, kind=("DERIVED", "PRIMARY", "DIFFUSION", "ADC")
    )
    reference = replace(done[3].but(name="rest_SBRef"), number=3 + 0, start=done[3].start - 5, volumes=1)
    found = audited(tmp_path, steps, [*done, phase, mip, adc, replace(reference, number=5)])
    assert reported(found) == []
    assert len(found.exam.scans) == 4
    assert [len(one.derived) for one in found.exam.scans] == [0, 1, 1, 0]
    assert found.exam.orphans == ()


def test_a_map_without_its_scan_is_named(tmp_path: Path) -> None:
    adc = Series(DWI.model_copy(update={"name": "ADC"}), 30, start=50_000, kind=("DERIVED", "PRIMARY", "ADC"))
    found = audited(tmp_path, PLAIN, [*session(PLAIN), adc])
    assert reported(found) == []
    assert found.exam.orphans == ("30 ADC",)


# --- contrast -----------------------------------------------------------------------------------------


def test_contrast_that_was_not_given(tmp_path: Path) -> None:
    done = [replace(one, agent=None) for one in session(WITH_CONTRAST)]
    assert reported(audited(tmp_path, WITH_CONTRAST, done)) == ["contrast-not-given"]


def test_contrast_that_nobody_asked_for(tmp_path: Path) -> None:
    done = [replace(one, agent="Gadovist") for one in session(PLAIN)]
    assert reported(audited(tmp_path, PLAIN, done)) == ["contrast-given"]


def test_an_image_too_soon_after_the_injection(tmp_path: Path) -> None:
    steps = (T1, DWI, T2, GADOLINIUM, T1_POST)
    found = audited(tmp_path, steps, session(steps))
    assert reported(found) == ["contrast-delay"]
    assert "at most 20 s" in found.findings[0].message


def test_a_recorded_injection_decides_the_delay(tmp_path: Path) -> None:
    done = session(WITH_CONTRAST)
    late = {"ContrastBolusStartTime": "100700"}  # 10:07:00, the image starts at 11:40
    done[3:] = [replace(one, extra=late) for one in done[3:]]
    assert done[5].start == pytest.approx(36_700)  # 10:11:40
    found = audited(tmp_path, WITH_CONTRAST, done)
    assert reported(found) == ["contrast-delay"]
    assert "280 s after" in found.findings[0].message


def test_before_and_after_contrast_are_told_apart_by_the_agent(tmp_path: Path) -> None:
    post = T1_POST.model_copy(update={"name": T1.name})
    steps: tuple[Step, ...] = (T1, FLAIR, GADOLINIUM, DWI, T2, GRE, post)
    done = session(steps)
    del done[0]
    assert reported(audited(tmp_path, steps, done)) == [("missing", T1.name)]


# --- earlier exams ------------------------------------------------------------------------------------


def test_angulation_against_the_earlier_exam_of_the_same_patient(tmp_path: Path) -> None:
    old = [replace(one, study="old", day="20240310") for one in session((T2, GRE))]
    new = session((T2, GRE))
    tilted = {"ImageOrientationPatient": [1, 0, 0, 0, 0.94, -0.342]}  # 20 degrees about the left-right axis
    new[0] = replace(new[0], extra=tilted)
    before, exam = exams(write(tmp_path / "old", *old), write(tmp_path / "new", *new))
    found = audit(exam, protocol(T2, GRE), [before])
    assert "geometry" in reported(found)
    assert "20 degrees" in next(f.message for f in found.findings if f.code == "geometry")
    assert reported(audit(before, protocol(T2, GRE), [])) == []


# --- real headers -------------------------------------------------------------------------------------

WHOLE = {
    "canon/v61_dti_pa_enhanced", "philips/r51_fmri", "philips/r57_ffe_cs2_enhanced",
    "siemens/ve11_fmri_mosaic", "siemens/xa30_fieldmap", "siemens/xa30_t1_mprage",
}  # fmt: skip
"""Series of the corpus of which no file was left out."""


Real = list[tuple[str, Acquisition, Exam]]


@pytest.fixture(scope="module")
def real(shared: Path) -> Real:
    """Series of the corpus: the scan as an independent reader describes it, the exam as we read it.

    A direction of unknown sense is left out.
    """
    found = []
    for path in sorted((shared / "corpus" / "expected").glob("dicom_*.json")):
        data = json.loads(path.read_text())
        step = {n: v for n, v in data["protocols"][0]["steps"][0].items() if n in Acquisition.model_fields}
        if isinstance(step["phase_encoding_direction"], dict):
            del step["phase_encoding_direction"]
        plain = {n: v["any_of"][0] if isinstance(v, dict) else v for n, v in step.items()}
        (exam,) = exams(shared / "corpus" / data["file"])
        found.append((data["file"].removeprefix("dicom/"), Acquisition.model_validate(plain), exam))
    return found


def test_real_headers_conform_to_what_another_reader_says_of_them(real: Real) -> None:
    for folder, truth, exam in real:
        found = [
            one for one in reported(audit(exam, protocol(truth))) if folder in WHOLE or "missing" not in one
        ]
        assert found == [], folder


EDITS: dict[str, Any] = {
    "repetition_time": lambda v: v * 1.1, "echo_times": lambda v: tuple(t * 1.2 for t in v),
    "flip_angle": lambda v: v + 7, "slice_thickness": lambda v: v * 1.5, "pixel_bandwidth": lambda v: v * 1.3,
    "number_of_averages": lambda v: v + 1, "mr_acquisition_type": {"2D": "3D", "3D": "2D"}.get,
    "plane": {"transverse": "coronal", "sagittal": "transverse"}.get,
    "inversion_time": lambda v: (v or 0) + 300,
    "field_of_view": lambda v: tuple(s * 1.1 for s in v), "multiband_factor": lambda v: v + 1,
    "parallel_reduction_factor_in_plane": lambda v: v + 1, "partial_fourier_phase": lambda v: v - 0.125,
    "b_values": lambda v: (*v[:-1], v[-1] + 300),
}  # fmt: skip


def test_an_edit_of_the_protocol_of_real_headers_is_reported_alone(real: Real) -> None:
    tried = 0
    for folder, truth, exam in real:
        for name, edit in EDITS.items():
            value = getattr(truth, name)
            if value is None and name != "inversion_time":
                continue
            asked = truth.model_copy(update={name: edit(value)})
            found = [one[1] for one in reported(audit(exam, protocol(asked))) if isinstance(one, tuple)]
            assert found == [name], folder
            tried += 1
    assert tried > 180


# --- forms --------------------------------------------------------------------------------------------


def test_the_json_names_what_deviates_and_nothing_else(tmp_path: Path) -> None:
    done = session(PLAIN)
    done[0] = done[0].but(flip_angle=12.0)
    data = as_data([audited(tmp_path, PLAIN, done)], "made up")
    fields = [(pair["a"]["name"], field) for pair in data["pairs"] for field in pair["fields"]]
    assert fields == [("3D T1", {"name": "flip_angle", "a": 9.0, "b": 12.0, "severity": "image"})]
    assert (data["only_in_a"], data["only_in_b"], data["conforms"]) == ([], [], False)
    json.dumps(data)


def test_records_and_sidecars(tmp_path: Path) -> None:
    done = session(PLAIN)
    done[0] = done[0].but(flip_angle=12.0)
    found = audited(tmp_path, PLAIN, done)
    failed = [row for row in records([found]) if not row["passed"] and row["status"] == "error"]
    assert [(r["schema acquisition"], r["field"], r["expected"], r["value"]) for r in failed] == [
        ("3D T1", "FlipAngle", 9.0, 12.0)
    ]
    first = sidecars([found])[0]
    assert (first["RepetitionTime"], first["EchoTime"], first["AuditDeviations"]) == (
        2.3,
        [0.0029],
        ["FlipAngle"],
    )


def test_nothing_compared_is_no_verdict(tmp_path: Path) -> None:
    found = audited(tmp_path, (Contrast(),), session((T1,)))
    assert not found.conforms


@pytest.mark.parametrize(("name", "short"), [
    ("ep2d_diff_ADC", "ep2d_diff"), ("rest_SBRef", "rest"), ("swi_Pha_Images", "swi"), ("ADC", "adc"),
])  # fmt: skip
def test_names_without_what_consoles_append(name: str, short: str) -> None:
    assert stem(name) == stem(short)
