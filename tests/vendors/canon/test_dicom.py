# ruff: noqa: E501  (a row of a table is a line)
"""Reading the scan that a DICOM file tells of; the files are made here, with values of our own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from generator import vendors
from generator.errors import ExamcardError, UnusableInput, UsageError
from generator.model.tree import Acquisition, ReadResult
from generator.vendors.canon import DIALECT, dicom

ELEMENTS = {
    "SEQID": "SEEPI2D+0.6", "SEQSID": "norm", "SA": "HEAD", "PORI": "HS", "TR": "8000", "FLEXTE": "0.0815",
    "FLIP": "90", "FLOP": "180", "FAT": "3", "THK": "2.5", "GAP": "0", "MTX": "96x96", "FOV": "24x24",
    "TS": "44", "COV": "1", "NAQ": "1", "PLN": "AX_OBL", "PD": "AX-P",
    "VG": "44,[0,0.01,0.02],[0,0,1],[0,1,0]", "BW": "1302", "TACQT": "136",
    "ECHOF": "48", "GRESP": "0.0006", "BVAL": "1000",
    "NBARRAY": "1", "BARRAY": "16,1000,0,0", "NEXB0": "1", "MPNAXIS": "15", "SPDR": "1", "SPDRR": "2,1,1",
}  # fmt: skip
PUBLIC = {
    "Manufacturer": "CANON_MEC", "Modality": "MR", "MagneticFieldStrength": 3, "MRAcquisitionType": "2D",
    "RepetitionTime": 8000, "EchoTime": 81.5, "FlipAngle": 90, "SliceThickness": 2.5, "PixelBandwidth": 1302,
}  # fmt: skip


def pas(elements: dict[str, str], attributes: str = 'name="SEEPI2D_x" COMM="DTI made up"') -> bytes:
    flat = "".join(f"<{name}>{text}</{name}>" for name, text in elements.items())
    return (
        '<?xml version="1.0" encoding="UTF-8"?><!-- made for a test -->'
        "<PAS><version>V6.1SP3002*</version><site>Testville</site>"
        f"<FILE name='/console/path'><SEQ {attributes}>{flat}</SEQ></FILE></PAS>"
    ).encode()


def write(
    path: Path,
    block: bytes | None = None,
    public: dict[str, Any] | None = None,
    creator: str = "CANON_MEC_MR3^10",
    before: int = 1,
    implicit: bool = False,
) -> Path:
    dataset = Dataset()
    for keyword, value in (PUBLIC | (public or {})).items():
        if value is not None:
            setattr(dataset, keyword, value)
    for number in range(before):
        dataset.private_block(0x700D, f"SOMETHING ELSE {number}", create=True)
    if block is not None:
        private = dataset.private_block(0x700D, creator, create=True)
        private.add_new(0x16, "LO", ["USER", "HEAD", "OWN-CARD"])
        private.add_new(0x19, "OB", block + b"\0" * (len(block) % 2 + 2))
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.4"
    dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    dataset.save_as(path, enforce_file_format=True)
    return path


def read(
    path: Path, changes: dict[str, str | None] | None = None, **given: Any
) -> tuple[ReadResult, Acquisition]:
    merged = {name: text for name, text in (ELEMENTS | (changes or {})).items() if text is not None}
    result = DIALECT.read(write(path / "scan.dcm", pas(merged), **given))
    return result, result.protocols[0].acquisitions[0]


def codes(result: ReadResult) -> list[str]:
    return [note.code for note in result.notes]


def test_verified_elements_become_neutral_fields(tmp_path: Path) -> None:
    result, scan = read(tmp_path)
    assert scan.model_dump(exclude_none=True, exclude={"vendor", "optional", "kind"}) == {
        "name": "DTI made up",
        "technique": "echo_planar_diffusion",
        "mr_acquisition_type": "2D",
        "plane": "transverse",
        "repetition_time": 8000.0,
        "echo_times": (81.5,),
        "flip_angle": 90.0,
        "refocusing_flip_angle": 180.0,
        "echo_train_length": 48,
        "echo_spacing": 0.6,
        "pixel_bandwidth": 1302.0,
        "field_of_view": (240.0, 240.0),
        "acquisition_matrix": (96, 96),
        "voxel_size": (2.5, 2.5, 2.5),
        "slice_thickness": 2.5,
        "slice_gap": 0.0,
        "number_of_slices": 44,
        "phase_encoding_direction": "PA",
        "number_of_averages": 1.0,
        "parallel_reduction_factor_in_plane": 2.0,
        "b_values": (1000.0,),
        "diffusion_directions": 15,
        "acquisition_duration": 136.0,
    }
    (protocol,) = result.protocols
    assert (protocol.path, protocol.name, protocol.region) == (("USER", "HEAD"), "OWN-CARD", "brain")
    assert (result.software, result.field_strength) == ("V6.1SP3002*", 3.0)


def test_everything_else_is_kept_verbatim_but_what_names_the_site(tmp_path: Path) -> None:
    result, scan = read(tmp_path, {"SKIP": " 0 ", "MEMO": "a, b"})
    assert scan.vendor == {
        "SEQID": "SEEPI2D+0.6", "SEQSID": "norm", "SA": "HEAD", "PORI": "HS", "FAT": "3", "COV": "1",
        "NEXB0": "1", "VG": ELEMENTS["VG"], "SKIP": " 0 ", "MEMO": "a, b", "SEQ/@name": "SEEPI2D_x",
    }  # fmt: skip
    assert codes(result) == ["executed-scan", "withheld", "b-zero"]
    assert "not protocol export" in result.notes[0].message
    assert "Testville" not in result.model_dump_json() and "/console/path" not in result.model_dump_json()


@pytest.mark.parametrize("implicit", [False, True])
@pytest.mark.parametrize(("creator", "before"), [("TOSHIBA_MEC_MR3^10", 0), ("CANON_MEC_MR3^10", 1)])
def test_the_block_is_found_by_its_creator(tmp_path: Path, creator: str, before: int, implicit: bool) -> None:
    _, scan = read(tmp_path, creator=creator, before=before, implicit=implicit)
    assert scan.repetition_time == 8000
    place = dict(DIALECT.inspect(tmp_path / "scan.dcm").facts)["block"]
    assert f"(700D,{0x10 + before:02X}19)" in place and creator in place


@pytest.mark.parametrize(
    ("changes", "field", "value", "code"),
    [
        ({"VG": "1,[0,0,0],[0,0,1],[0,-1,0]"}, "phase_encoding_direction", "AP", None),
        ({"VG": "1,[0,0,0],[0,0,1],[-1,0.1,0]"}, "phase_encoding_direction", "LR", "axis-only"),
        ({"VG": None, "PD": "AP"}, "phase_encoding_direction", "AP", "axis-only"),
        ({"VG": None}, "phase_encoding_direction", None, None),
        ({"VG": "1,[a],[b],[c]"}, "phase_encoding_direction", None, None),
        ({"PLN": "CO"}, "plane", "coronal", "assumed-code"),
        ({"PLN": "Other"}, "plane", "oblique", None),
        ({"PLN": "WHAT"}, "plane", None, "unknown-code"),
        ({"MTX": "96x128"}, "acquisition_matrix", None, "order-unknown"),
        ({"FOV": "20x24"}, "field_of_view", None, "order-unknown"),
        ({"MTX": "many"}, "acquisition_matrix", None, "unreadable"),
        ({"SPDR": "0"}, "parallel_reduction_factor_in_plane", None, None),
        ({"SPDRR": "2,2,1"}, "parallel_reduction_factor_in_plane", 2.0, "not-verified"),
        ({"TR": "7000"}, "repetition_time", 7000.0, "disagrees"),
        ({"SEQID": "FSE2D", "BVAL": "0"}, "technique", None, "unknown-sequence"),
        ({"SEQID": "FSE2D"}, "echo_train_length", None, "not-verified"),
        ({"FLEXTE": ""}, "echo_times", None, None),
        ({"NBARRAY": "0"}, "b_values", None, None),
        ({"NBARRAY": "9"}, "b_values", None, None),
    ],
)
def test_what_is_not_certain_is_left_open_or_noted(
    tmp_path: Path, changes: dict[str, str | None], field: str, value: object, code: str | None
) -> None:
    if code == "unreadable":
        with pytest.raises(UnusableInput, match="MTX: 'many' is not a number"):
            read(tmp_path, changes)
        return
    result, scan = read(tmp_path, changes)
    assert getattr(scan, field) == value
    if code is not None:
        assert code in codes(result)


def test_a_main_b_value_that_is_not_in_the_list_is_kept_verbatim(tmp_path: Path) -> None:
    _, scan = read(tmp_path, {"BVAL": "700"})
    assert scan.b_values == (1000.0,) and scan.vendor["BVAL"] == "700"


def test_the_standard_attribute_settles_the_order_of_a_matrix(tmp_path: Path) -> None:
    _, scan = read(tmp_path, {"MTX": "96x128"}, public={"AcquisitionMatrix": [0, 128, 96, 0]})
    assert scan.acquisition_matrix == (128, 96)


@pytest.mark.parametrize(
    ("block", "message"),
    [
        (None, "the console's option 'Private tag for MRI image' was off"),
        (b"<PAS><SEQ>", "no closing tag"),
        (b"<PAS><SEQ></PAS>", "damaged XML"),
        (b'<!DOCTYPE PAS [<!ENTITY a "b">]><PAS>&a;</PAS>', "document types and entities are refused"),
        (b"<PAS><version/></PAS>", "0 scans"),
        (pas(ELEMENTS | {"TR": "quick"}), "TR: 'quick' is not a number"),
        (pas(ELEMENTS | {"TR": "nan"}), "TR: 'nan' is not a number"),
        (pas(ELEMENTS | {"TS": "-4"}), "number_of_slices"),
        (pas(ELEMENTS | {"ECHOF": "2.5"}), "echo_train_length"),
    ],
)
def test_broken_blocks_get_a_located_message(tmp_path: Path, block: bytes | None, message: str) -> None:
    path = write(tmp_path / "scan.dcm", block)
    with pytest.raises(UnusableInput) as caught:
        DIALECT.read(path)
    assert message in str(caught.value) and str(path) in str(caught.value)
    assert block is None or "element (700D,1119)" in str(caught.value)


def test_bytes_after_the_block_are_told_of(tmp_path: Path) -> None:
    path = write(tmp_path / "scan.dcm", pas(ELEMENTS) + b"\0\0left over")
    assert "trailing-bytes" in [note.code for note in DIALECT.inspect(path).warnings]


def test_inspection_warns_of_what_is_confidential(tmp_path: Path) -> None:
    path = write(tmp_path / "scan.dcm", pas(ELEMENTS))
    found = DIALECT.inspect(path)
    assert found.warnings[0].code == "confidential"
    assert dict(found.facts)["PAS"] == "USER / HEAD / OWN-CARD"
    assert found.series == (("DTI made up", 136.0),)


@pytest.mark.parametrize(
    ("public", "block", "mine"),
    [
        ({}, True, True),
        ({"Manufacturer": "TOSHIBA"}, True, True),
        ({"Manufacturer": None}, True, True),
        ({"Manufacturer": "GE MEDICAL SYSTEMS"}, False, False),
        ({"Manufacturer": "SIEMENS"}, False, False),
    ],
)
def test_only_dicom_of_this_maker_is_claimed(
    tmp_path: Path, public: dict[str, Any], block: bool, mine: bool
) -> None:
    filler = {"ImageComments": "x" * 5000}
    path = write(tmp_path / "scan.dcm", pas(ELEMENTS) if block else None, public | filler)
    with path.open("rb") as stream:
        head = stream.read(4096)
    assert DIALECT.sniff(path, head) == ("canon-pas-dicom" if mine else None)
    if mine:
        assert vendors.of_file(path) == (DIALECT, "canon-pas-dicom")


def test_the_attributes_beside_the_block_are_plain_values(tmp_path: Path) -> None:
    """Numbers as floats, several as a tuple, texts as texts; what is empty is not there."""
    more = {
        "EchoTime": [80, 160],
        "MRAcquisitionType": "",
        "FlipAngle": "",
        "AcquisitionMatrix": [0, 96, 96, 0],
        "InversionTime": 5,
    }
    block = dicom.load_block(write(tmp_path / "a.dcm", pas(ELEMENTS), more | {"AcquisitionDuration": 136.5}))
    assert block.public == {
        "Manufacturer": "CANON_MEC", "Modality": "MR", "MagneticFieldStrength": 3.0, "RepetitionTime": 8000.0,
        "EchoTime": (80.0, 160.0), "PixelBandwidth": 1302.0, "AcquisitionDuration": 136.5, "SliceThickness": 2.5,
        "AcquisitionMatrix": (0.0, 96.0, 96.0, 0.0), "InversionTime": 5.0,
    }  # fmt: skip
    assert (block.place, block.creator, block.trailing) == ("element (700D,1119)", "CANON_MEC_MR3^10", 0)
    assert block.pas == ("USER", "HEAD", "OWN-CARD") and block.xml.endswith(b"</PAS>")


def test_a_block_of_sensible_length_with_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.dcm"
    assert dicom.cut(path, "here", b"<PAS></PAS>rest") == (b"<PAS></PAS>", b"rest")
    monkeypatch.setattr(dicom, "MAX_BLOCK", 11)
    assert dicom.cut(path, "here", b"<PAS></PAS>") == (b"<PAS></PAS>", b"")
    for value, said in (
        (b"<PAS></PAS> ", "of sensible length"),
        ("text", "not a byte string"),
        (b"<PAS>", "no closing tag"),
    ):
        with pytest.raises(UnusableInput, match=said):
            dicom.cut(path, "here", value)


def test_dicom_is_known_by_its_mark_and_its_maker(tmp_path: Path) -> None:
    """The mark is behind 128 bytes; the maker is in the first bytes, or the creator anywhere."""
    path = tmp_path / "a.dcm"
    for content, mine in (
        (b"\0" * 128 + b"DICM" + b"CANON_MEC", True), (b"\0" * 128 + b"DICM" + b"TOSHIBA", True),
        (b"\0" * 127 + b"DICM" + b"TOSHIBA", False), (b"\0" * 128 + b"DICN" + b"TOSHIBA", False),
        (b"\0" * 128 + b"DICM" + b"x" * 9000 + b"TOSHIBA_MEC_MR3^10", True), (b"\0" * 128 + b"DICM" + b"x" * 9000, False),
        (b"\0" * 128 + b"DICM" + b"x" * 9000 + b"TOSHIBA", False), (b"", False),
    ):  # fmt: skip
        path.write_bytes(content)
        assert dicom.is_canon_dicom(path) == mine == dicom.is_canon_dicom(path, content[:4096])
    assert not dicom.is_canon_dicom(tmp_path) and not dicom.is_canon_dicom(tmp_path / "none")


def test_without_pydicom_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "scan.dcm", pas(ELEMENTS))
    monkeypatch.setitem(sys.modules, "pydicom", None)
    with pytest.raises(UsageError, match=r"examcard\[dicom\]"):
        DIALECT.read(path)


def test_a_number_that_damage_turned_into_text_is_not_used(tmp_path: Path) -> None:
    path = write(tmp_path / "scan.dcm", pas(ELEMENTS))
    content = path.read_bytes()
    path.write_bytes(content[:349] + bytes(4) + content[349 + 54 :])
    assert DIALECT.read(path).protocols[0].steps


@given(st.integers(128, 4000), st.binary(max_size=4), st.integers(0, 200))
@settings(max_examples=150, deadline=None)
def test_no_damage_ends_in_anything_but_a_message(
    tmp_path_factory: pytest.TempPathFactory, at: int, patch: bytes, cut: int
) -> None:
    path = write(tmp_path_factory.mktemp("damaged") / "scan.dcm", pas(ELEMENTS))
    content = path.read_bytes()
    place = at % len(content)
    path.write_bytes(content[:place] + patch + content[place + cut :])
    try:
        dicom.load_block(path)
        DIALECT.read(path)
    except ExamcardError as error:
        assert str(path) in str(error) or "DICOM" in str(error)
