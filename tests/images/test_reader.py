"""Acquired images to the tree: real headers against their truth, files of our own for the rest."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.errors import UnusableInput
from generator.images import reader
from generator.images.geometry import phase_direction, plane
from generator.images.header import PUBLIC, load
from generator.images.reader import read
from generator.images.session import exams
from generator.model.tree import Acquisition
from tests.cli.conftest import Run
from tests.support.dicom import Series, save, write

FLAIR = Acquisition(
    name="flair", technique="turbo_spin_echo", mr_acquisition_type="2D", plane="transverse",
    repetition_time=9000.0, echo_times=(120.0,), inversion_time=2500.0, flip_angle=150.0,
    echo_train_length=16, pixel_bandwidth=200.0, field_of_view=(240.0, 240.0),
    acquisition_matrix=(240, 240), slice_thickness=3.0,
    slice_gap=0.3, number_of_slices=20, phase_encoding_direction="LR", number_of_averages=1.0,
    parallel_reduction_factor_in_plane=2.0, acquisition_duration=180.0,
)  # fmt: skip
MPRAGE = FLAIR.model_copy(update={
    "name": "t1", "technique": "magnetization_prepared_gradient_echo", "mr_acquisition_type": "3D",
    "plane": "sagittal", "phase_encoding_direction": "AP", "repetition_time": 2300.0, "echo_times": (2.9,),
    "inversion_time": 900.0, "flip_angle": 9.0, "echo_train_length": None, "slice_thickness": 1.0,
    "slice_gap": None, "number_of_slices": 16, "fat_suppression": "water_excitation",
})  # fmt: skip
DWI = FLAIR.model_copy(update={
    "name": "dwi", "technique": "echo_planar_diffusion", "inversion_time": None, "b_values": (0.0, 1000.0),
    "phase_encoding_direction": "AP", "echo_train_length": 64, "fat_suppression": "fat_saturation",
})  # fmt: skip


def _compare() -> Any:
    path = Path(__file__).resolve().parents[3] / "shared" / "contract" / "compare_read.py"
    spec = importlib.util.spec_from_file_location("compare_read", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_real_headers_say_what_an_independent_reader_says(shared: Path) -> None:
    compare, wrong, count = _compare(), [], 0
    for truth in sorted((shared / "corpus" / "expected").glob("dicom_*.json")):
        expected = json.loads(truth.read_text())
        folder = shared / "corpus" / expected["file"]
        rows = list(compare.compare(expected, read(folder).model_dump(mode="json")))
        count += len(rows)
        wrong += [(truth.stem, *row[1:]) for row in rows if not row[0]]
    assert wrong == []
    assert count > 400


def test_a_map_of_real_data_is_no_scan(corpus: Path) -> None:
    result = read(corpus / "dicom" / "siemens" / "xa30_dwi_pa_adc_derived")
    assert result.protocols[0].steps == ()
    assert [note.code for note in result.notes if note.code == "derived"]


@pytest.mark.parametrize("maker", ["siemens", "ge", "philips", "canon"])
@pytest.mark.parametrize("enhanced", [False, True])
@pytest.mark.parametrize("scan", [FLAIR, MPRAGE, DWI], ids=lambda s: s.name)
def test_classic_and_enhanced_of_every_maker_read_the_same(
    tmp_path: Path, maker: str, enhanced: bool, scan: Acquisition
) -> None:
    result = read(write(tmp_path, Series(scan, 3, maker=maker, enhanced=enhanced)))
    assert (result.vendor, result.field_strength, result.format) == (maker, 3.0, "dicom")
    (step,) = result.protocols[0].acquisitions
    stated = {
        n: getattr(scan, n) for n in Acquisition.model_fields if getattr(scan, n) not in (None, {}, False)
    }
    for name in ("kind", "fat_suppression", *(("echo_train_length",) if maker == "ge" else ())):
        stated.pop(name, None)
    if scan.slice_gap is not None:
        assert step.slice_gap == pytest.approx(stated.pop("slice_gap"))
    assert {name: getattr(step, name) for name in stated} == stated
    if scan.fat_suppression and (scan is MPRAGE or not enhanced):
        assert step.fat_suppression == scan.fat_suppression
    if scan is FLAIR:
        assert step.voxel_size == (1.0, 1.0, 3.0)
    if scan is MPRAGE:
        assert step.repetition_time_preparation == 2300.0


def test_a_study_is_a_protocol_and_series_are_steps_in_order_of_acquisition(tmp_path: Path) -> None:
    first, second = Series(DWI, 9, start=36_000), Series(FLAIR, 2, start=36_500)
    other = Series(MPRAGE, 1, start=30_000, study="2", day="20250401")
    result = read(write(tmp_path, second, first, other))
    assert [[s.name for s in p.acquisitions] for p in result.protocols] == [["dwi", "flair"], ["t1"]]


def test_derived_images_are_left_out_and_named(tmp_path: Path) -> None:
    adc = Series(DWI.model_copy(update={"name": "adc"}), 4, kind=("DERIVED", "PRIMARY", "DIFFUSION", "ADC"))
    result = read(write(tmp_path, Series(DWI, 3), adc))
    assert [s.name for s in result.protocols[0].acquisitions] == ["dwi"]
    assert "adc" in next(n.message for n in result.notes if n.code == "derived")


def test_nothing_of_the_patient_is_read_out(tmp_path: Path) -> None:
    result = read(write(tmp_path, Series(FLAIR, 1, patient="SECRET-17")))
    text = result.model_dump_json()
    assert "SECRET" not in text and "Nobody" not in text
    named = {
        "PatientName",
        "PatientID",
        "PatientBirthDate",
        "InstitutionName",
        "StationName",
        "DeviceSerialNumber",
    }
    assert not named & PUBLIC
    header = load(next((tmp_path / "0001").iterdir()))
    assert header is not None
    with pytest.raises(KeyError):
        header.get("PatientName")
    assert header.pseudonym(b"a") != header.pseudonym(b"b")


def test_a_damaged_file_is_named_with_exit_2(tmp_path: Path, run: Run) -> None:
    folder = write(tmp_path, Series(FLAIR, 1))
    victim = folder / "0001" / "00003.dcm"
    victim.write_bytes(victim.read_bytes()[:200])
    done = run("read", folder)
    assert (done.code, done.out) == (2, "")
    assert "00003.dcm" in done.err


def test_dicom_without_a_class_is_recognised_and_refused_when_it_is_read(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "none.dcm"
    path.write_bytes(b"\0" * 128 + b"DICM" + b"\x08\x00\x60\x00CS\x02\x00MR")
    assert reader.recognises(path)
    done = run("read", path)
    assert done.code == 2 and f"{path}: damaged DICOM file: it states no SOP class" in done.err


@pytest.mark.parametrize("length", range(132, 700, 40))
def test_a_file_cut_anywhere_never_ends_in_a_traceback(tmp_path: Path, run: Run, length: int) -> None:
    folder = write(tmp_path, Series(FLAIR.model_copy(update={"number_of_slices": 1}), 1))
    victim = folder / "0001" / "00000.dcm"
    victim.write_bytes(victim.read_bytes()[:length])
    done = run("read", folder)
    assert done.code in (0, 2)
    assert ("00000.dcm" in done.err) == (done.code == 2)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """Files of our own, classic and enhanced."""
    folder = tmp_path_factory.mktemp("whole")
    one = DWI.model_copy(update={"number_of_slices": 1})
    write(folder, Series(one, 1), Series(one, 2, enhanced=True))
    return [path.read_bytes() for path in sorted(folder.rglob("*.dcm"))]


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_bytes_are_read_or_refused(whole: list[bytes], tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from(whole)))
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(132, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
    path = tmp_path / "damaged.dcm"
    path.write_bytes(content)
    try:
        read(path)
        exams(path)
    except UnusableInput as error:
        assert "damaged.dcm" in str(error)


def test_a_folder_without_images_says_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    with pytest.raises(UnusableInput, match="no DICOM file"):
        read(tmp_path)


def test_reports_and_raw_data_are_counted_not_read(tmp_path: Path) -> None:
    folder = write(tmp_path, Series(FLAIR, 1))
    report = pydicom.Dataset()
    report.SOPClassUID, report.SOPInstanceUID, report.Modality = (
        "1.2.840.10008.5.1.4.1.1.88.33",
        "2.25.7",
        "SR",
    )
    save(report, folder / "report.dcm")
    result = read(folder)
    assert len(result.protocols[0].steps) == 1
    assert any(note.code == "other-dicom" for note in result.notes)


@pytest.mark.parametrize(("stated", "sense", "direction"), [
    ("COL", 1, "AP"), ("COL", -1, "PA"), ("COLUMN", 0, "AP"),
    ("ROW", 1, "RL"), ("ROW", -1, "LR"), ("ROW", 0, "LR"),
])  # fmt: skip
def test_phase_direction_of_a_transverse_image(stated: str, sense: int, direction: str) -> None:
    """DICOM axes run to the left, to the back, to the head (PS3.3 C.7.6.2)."""
    assert phase_direction((1, 0, 0, 0, 1, 0), stated, sense) == direction


def test_planes_by_their_normal() -> None:
    assert plane((0, 1, 0, 0, 0, -1)) == "sagittal"
    assert plane((1, 0, 0, 0, 0, -1)) == "coronal"
    assert plane((1, 0, 0, 0, 0.9, -0.43)) == "transverse"
