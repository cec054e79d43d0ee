"""What the vendors' own elements of images say, on headers of our own; the values are worked out by hand."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.images.geometry import phase_direction
from generator.vendors.canon import reader as canon
from generator.vendors.ge import images as ge
from generator.vendors.philips import images as philips
from generator.vendors.siemens import images as siemens

TRANSVERSE = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


@dataclass
class Fake:
    """A header that holds what it is given."""

    public: dict[str, Any] = field(default_factory=dict)
    own: dict[tuple[int, str, int], Any] = field(default_factory=dict)
    path: Path = Path("image.dcm")

    def get(self, keyword: str, frame: int = 0) -> Any:
        return self.public.get(keyword)

    def private(self, group: int, creator: str, element: int, frame: int = 0) -> Any:
        return self.own.get((group, creator, element))

    def matrix(self) -> tuple[int | None, int | None]:
        read, phase = self.public.get("matrix", (None, None))
        return read, phase

    def phase_direction(self, sense: int = 0) -> str | None:
        return phase_direction(TRANSVERSE, self.public.get("InPlanePhaseEncodingDirection"), sense)


# --- Siemens ------------------------------------------------------------------------------------------


def csa_header(tags: dict[str, tuple[str, ...]], new: bool = True) -> bytes:
    """Write a CSA header as nibabel's documentation describes it."""
    made = b"SV10\x04\x03\x02\x01" if new else b""
    made += struct.pack("<II", len(tags), 77)
    most = max(map(len, tags.values()), default=0)
    for name, texts in tags.items():
        made += struct.pack("<64si4siii", name.encode(), 1, b"LO\0\0", 6, most, 77)
        for text in (*texts, *[""] * (most - len(texts))):
            data = text.encode() + b"\0" if text else b""
            first = len(data) if new else len(data) + most
            made += struct.pack("<4i", first, len(data), 77, len(data)) + data + b"\0" * (-len(data) % 4)
    return made


@pytest.mark.parametrize("new", [True, False], ids=["SV10", "before"])
def test_a_csa_header_of_either_generation(new: bool) -> None:
    tags = {"B_value": ("1000",), "DiffusionGradientDirection": ("0.6", "0", "0.8"), "Nothing": ()}
    assert siemens.csa_texts(csa_header(tags, new)) == {name: texts for name, texts in tags.items() if texts}


@given(st.binary(max_size=400))
def test_a_damaged_csa_header_is_refused_or_read(data: bytes) -> None:
    for start in (b"SV10\x04\x03\x02\x01\x01\0\0\0M\0\0\0", b""):
        try:
            siemens.csa_texts(start + data)
        except siemens.BadCsa as error:
            assert "byte" in str(error)


def test_a_mosaic_without_its_protocol() -> None:
    """36 slices are 6 by 6 tiles: 384 points of 3.5 mm are 1344 mm, a tile of them 224 mm."""
    public = {
        "ImageType": ("ORIGINAL", "PRIMARY", "M", "MOSAIC"), "Rows": 384, "Columns": 384,
        "PixelSpacing": (3.5, 3.5), "InPlanePhaseEncodingDirection": "COL", "SequenceName": "epfid2d1_64",
    }  # fmt: skip
    own = {
        (0x29, "SIEMENS CSA HEADER", 0x10): csa_header(
            {"NumberOfImagesInMosaic": ("36",), "PhaseEncodingDirectionPositive": ("0",)}
        ),
        (0x51, "SIEMENS MR HEADER", 0x11): "p2 s3",
    }
    told = siemens.of_image(Fake(public, own))
    assert told.fields["number_of_slices"] == 36
    assert told.fields["field_of_view"] == (224.0, 224.0)
    assert told.fields["technique"] == "echo_planar_bold"
    assert told.fields["phase_encoding_direction"] == "PA"
    assert told.fields["parallel_reduction_factor_in_plane"] == 2
    assert told.fields["multiband_factor"] == 3
    assert [code for code, _, _ in told.remarks] == ["no-protocol"]


def test_a_mosaic_of_unknown_slices_has_no_field_of_view() -> None:
    public = {"ImageType": ("ORIGINAL", "PRIMARY", "M", "MOSAIC"), "Rows": 384, "Columns": 384}
    told = siemens.of_image(Fake(public))
    assert told.surer >= {"field_of_view", "number_of_slices"}
    assert (told.fields["field_of_view"], told.fields["number_of_slices"]) == (None, None)


@pytest.mark.parametrize(("name", "family"), [
    ("*tfl3d1_16ns", "magnetization_prepared_gradient_echo"), ("*spcir_278ns", "turbo_spin_echo"),
    ("*tse2d1_15", "turbo_spin_echo"), ("ep_b1000#12", "echo_planar_diffusion"), ("*fl3d1", "gradient_echo"),
    ("*swi3d1r", "susceptibility_weighted"), ("*h2d1_205", "single_shot_turbo_spin_echo"), ("mystery", None),
])  # fmt: skip
def test_families_by_the_name_of_the_sequence(name: str, family: str | None) -> None:
    assert siemens.of_image(Fake({"SequenceName": name})).fields.get("technique") == family


def test_the_protocol_inside_an_image_has_doubled_quotes() -> None:
    text = (
        '<XProtocol> {}\n### ASCCONV BEGIN ###\ntSequenceFileName = ""%SiemensSeq%\\tse""\n'
        'tProtocolName = ""a name""\nalTR[0] = 4000000\nalTE[0] = 90000\n### ASCCONV END ###\n'
    )
    own = {(0x29, "SIEMENS CSA HEADER", 0x20): csa_header({"MrPhoenixProtocol": (text,)})}
    told = siemens.of_image(Fake({}, own))
    assert (told.fields["technique"], told.fields["repetition_time"]) == ("turbo_spin_echo", 4000.0)
    assert not [code for code, _, _ in told.remarks if code in ("no-protocol", "inferred-sequence")]


def test_diffusion_of_a_classic_image() -> None:
    own = {(0x19, "SIEMENS MR HEADER", 0x0C): "1000", (0x19, "SIEMENS MR HEADER", 0x0E): (0.6, 0.0, 0.8)}
    assert siemens.weighting(Fake({}, own)) == (1000.0, (0.6, 0.0, 0.8))
    tags = csa_header({"B_value": ("700",), "DiffusionGradientDirection": ("0", "1", "0")})
    assert siemens.weighting(Fake({}, {(0x29, "SIEMENS CSA HEADER", 0x10): tags})) == (700.0, (0.0, 1.0, 0.0))


# --- GE -----------------------------------------------------------------------------------------------


def raw_header(version: float, polarity: int, lines: int, planar: int = 0x800) -> bytes:
    """Write the places of a raw header that tell the sense of phase encoding."""
    data = bytearray(2000)
    struct.pack_into("<H", data, 24, 100)
    struct.pack_into("<f", data, 100, version)
    moved, back = (0x4C, 0x8C) if version > 25 else (0, 0)
    for at, value in ((0x3A, planar), (0x30, polarity), (0x394 - back, lines)):
        struct.pack_into("<H", data, 100 + moved + at, value)
    return bytes(data)


@pytest.mark.parametrize(("version", "polarity", "lines", "direction"), [
    (26.002, 0, 0, "AP"), (28.0, 4, 2, "AP"), (28.0, 0, 2, "PA"), (28.003, 4, 0, "PA"), (24.0, 4, 0, "PA"),
    (99.0, 4, 0, None),
])  # fmt: skip
def test_the_sense_of_phase_of_an_epi(
    version: float, polarity: int, lines: int, direction: str | None
) -> None:
    """The first three are the flags of images whose direction an independent reader states."""
    own = {(0x43, "GEMS_PARM_01", 0x2A): raw_header(version, polarity, lines)}
    told = ge.of_image(Fake({"InPlanePhaseEncodingDirection": "COL"}, own))
    assert told.fields.get("phase_encoding_direction") == direction


def test_a_raw_header_of_another_sequence_says_nothing() -> None:
    own = {(0x43, "GEMS_PARM_01", 0x2A): raw_header(28.0, 4, 0, planar=0)}
    told = ge.of_image(Fake({"InPlanePhaseEncodingDirection": "COL"}, own))
    assert "phase_encoding_direction" not in told.fields


def test_acceleration_and_time_without_the_protocol_block() -> None:
    own = {
        (0x43, "GEMS_PARM_01", 0x83): (0.5, 0.25), (0x43, "GEMS_PARM_01", 0xB6): ("3", "3", "19"),
        (0x43, "GEMS_PARM_01", 0xB7): ("1.5", "1", "10"), (0x19, "GEMS_ACQU_01", 0x5A): 120000064.0,
        (0x21, "GEMS_RELA_01", 0x4F): 48,
    }  # fmt: skip
    fields = ge.of_image(Fake({"ScanningSequence": ("EP", "GR")}, own)).fields
    assert fields["parallel_reduction_factor_in_plane"] == 2.0
    assert fields["parallel_reduction_factor_out_of_plane"] == 4.0
    assert (fields["multiband_factor"], fields["compressed_sensing_factor"]) == (3, 1.5)
    assert fields["acquisition_duration"] == pytest.approx(120.0, abs=0.001)
    assert (fields["number_of_slices"], fields["echo_train_length"]) == (48, None)


def test_b_values_lose_what_was_added() -> None:
    own = {
        (0x43, "GEMS_PARM_01", 0x39): (1_000_000_700, 8, 0, 0),
        **{(0x19, "GEMS_ACQU_01", 0xBB + i): v for i, v in enumerate((0.0, 0.6, 0.8))},
    }
    assert ge.weighting(Fake({}, own)) == (700.0, (0.0, 0.6, 0.8))
    assert ge.weighting(Fake({}, {(0x43, "GEMS_PARM_01", 0x39): (0, 1, 0, 0)})) == (0.0, None)
    assert ge.weighting(Fake({}, {(0x19, "GEMS_ACQU_01", 0xBB): 1.0})) == (None, None)


def test_phase_points_of_a_part_of_the_field_leave_the_voxel_open() -> None:
    public = {"PixelSpacing": (1.0, 1.0), "Columns": 240, "matrix": (240, 192), "SliceThickness": 3.0}
    public |= {"MRAcquisitionType": "2D"}
    assert ge.of_image(Fake(public)).fields["voxel_size"] == (1.0, 1.25, 3.0)
    part = public | {"PercentPhaseFieldOfView": 80.0}
    assert ge.of_image(Fake(part)).fields["voxel_size"] == (1.0, None, 3.0)


# --- Philips and Canon --------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "family"), [
    ("DwiSE", "echo_planar_diffusion"), ("FEEPI", "echo_planar_bold"),
    ("T1TFE", "magnetization_prepared_gradient_echo"), ("T1FFE", "gradient_echo"),
    ("B-FFE", "balanced_ssfp"), ("TSE", "turbo_spin_echo"), ("TIR", "turbo_spin_echo"),
    ("SE", "spin_echo"), ("SEEPI", None), ("unheard of", None),
])  # fmt: skip
def test_families_of_philips(text: str, family: str | None) -> None:
    own = {(0x2001, "Philips Imaging DD 001", 0x20): text}
    assert philips.of_image(Fake({}, own)).fields.get("technique") == family


def test_the_factor_of_compressed_sensing_is_no_parallel_factor() -> None:
    public = {"ParallelAcquisitionTechnique": "CSENSE", "ParallelReductionFactorInPlane": 4.0}
    told = philips.of_image(Fake(public))
    assert told.fields["compressed_sensing_factor"] == 4.0
    assert told.fields["parallel_reduction_factor_in_plane"] is None
    assert "parallel_reduction_factor_in_plane" in told.surer


def test_an_inversion_delay_counts_for_inversions_only() -> None:
    own: dict[tuple[int, str, int], Any] = {(0x2001, "Philips Imaging DD 001", 0x1B): 900.0}
    assert "inversion_time" not in philips.of_image(Fake({}, own)).fields
    own[0x2001, "Philips Imaging DD 001", 0x1C] = "INV"
    assert philips.of_image(Fake({}, own)).fields["inversion_time"] == 900.0


def test_canon_images_without_a_weighting_are_those_of_b_zero() -> None:
    assert canon.weighting(Fake({"SequenceName": "SEEPI2D+0.7"})) == (0.0, None)
    assert canon.weighting(Fake({"SequenceName": "FSE3D"})) == (None, None)


def test_a_damaged_block_is_a_remark_and_the_rest_still_counts() -> None:
    own: dict[tuple[int, str, int], Any] = {(0x25, "GEMS_SERS_01", 0x1B): b"\x10\0\0\0\x1f\x8bnonsense"}
    told = ge.of_image(Fake({}, own))
    assert [code for code, _, _ in told.remarks] == ["no-protocol"]
    own = {(0x700D, "CANON_MEC_MR3^10", 0x19): b"<PAS><SEQ>"}
    assert [code for code, _, _ in canon.of_image(Fake({}, own)).remarks] == ["no-protocol"]
