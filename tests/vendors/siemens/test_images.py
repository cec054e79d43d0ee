# ruff: noqa: E501  (a row of a table is a line)
"""What an image of Siemens holds beside public attributes: private elements, CSA headers, names of sequences."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from generator.vendors.siemens import images
from tests.images.test_vendor_elements import Fake, csa_header

SERIES, IMAGE = (0x29, "SIEMENS CSA HEADER", 0x20), (0x29, "SIEMENS CSA HEADER", 0x10)
CLASSIC, TEXTS = "SIEMENS MR HEADER", (0x51, "SIEMENS MR HEADER", 0x11)


def protocol(binary: str, *members: str) -> bytes:
    lines = "".join(f"{member}\n" for member in members)
    return (
        f"<XProtocol> {{}}\n### ASCCONV BEGIN ###\n"
        f'tSequenceFileName = ""%SiemensSeq%\\{binary}""\ntProtocolName = ""a name""\n{lines}### ASCCONV END ###\n'
    ).encode("latin-1")


TSE = protocol(
    "tse", "alTR[0] = 4000000", "alTE[0] = 90000", "sPat.lAccelFactPE = 2", "sPat.lAccelFact3D = 1",
    "sPat.ucPATMode = 2", "sKSpace.ucPhasePartialFourier = 0x10", "sPrepPulses.ucFatSat = 1",
)  # fmt: skip


@pytest.mark.parametrize(
    "place",
    [(0x21, "SIEMENS MR SDS 01", 0x19), (0x21, "SIEMENS MR SDI 02", 0x19)],
    ids=["enhanced", "classic"],
)
def test_the_protocol_of_xa_is_in_private_groups(place: tuple[int, str, int]) -> None:
    told = images.of_image(Fake({}, {place: TSE}))
    assert (told.fields["technique"], told.fields["repetition_time"]) == ("turbo_spin_echo", 4000)
    assert "no-protocol" not in [code for code, _, _ in told.remarks]
    stated = {
        "technique", "fat_suppression", "partial_fourier_phase", "phase_encoding_direction",
        "parallel_reduction_factor_in_plane", "parallel_reduction_factor_out_of_plane",
    }  # fmt: skip
    assert told.surer == {name for name in stated if told.fields.get(name) is not None}
    assert {
        "technique",
        "fat_suppression",
        "partial_fourier_phase",
        "parallel_reduction_factor_in_plane",
    } <= told.surer
    assert "echo_train_length" not in told.surer


@pytest.mark.parametrize("tag", ["MrPhoenixProtocol", "MrProtocol"])
def test_the_protocol_of_vb_to_ve_is_in_the_csa_header(tag: str) -> None:
    own = {SERIES: csa_header({tag: (TSE.decode("latin-1"),)})}
    assert images.of_image(Fake({}, own)).fields["repetition_time"] == 4000


def test_the_epi_factor_of_the_console_counts() -> None:
    place = (0x21, "SIEMENS MR SDS 01", 0x19)
    planar = protocol(
        "ep2d_bold", "sKSpace.lPhaseEncodingLines = 64", "sFastImaging.lEPIFactor = 128", "alTR[0] = 2000000"
    )
    told = images.of_image(Fake({}, {place: planar}))
    assert told.fields["echo_train_length"] == 64 and "echo_train_length" in told.surer


def test_a_protocol_that_is_cut_off_is_said() -> None:
    cut = TSE.decode().partition("### ASCCONV END")[0]
    for text, said in ((cut, "is not complete"), ("nothing", "holds no protocol of the console")):
        told = images.of_image(
            Fake({"SequenceName": "*tse2d1_15"}, {(0x21, "SIEMENS MR SDS 01", 0x19): text.encode()})
        )
        assert [(code, name) for code, name, _ in told.remarks] == [("no-protocol", "")]
        assert said in told.remarks[0][2]


NAMES = {
    "echo_planar_diffusion": ("*ep_b0", "ep_b1000#12", "*re_b0"),
    "echo_planar_bold": ("*epfid2d1_64",),
    "magnetization_prepared_gradient_echo": ("*tfl3d1_16ns", "tfl"),
    "turbo_spin_echo": ("*tse2d1_15", "*tseR2d1rr15", "*tir2d1_15", "*spc_282ns", "*spcR_282ns", "tse3d1"),
    "single_shot_turbo_spin_echo": ("*h2d1_205", "*hir2d1_205"),
    "spin_echo": ("*se2d1", "*ir2d1"),
    "susceptibility_weighted": ("*swi3d1r",),
    "field_map": ("*fm2d2r",),
    "balanced_ssfp": ("*tfi2d1_12", "*tfi3d1"),
    "gradient_echo": ("*fl2d1", "*FL3D1"),
    None: ("mystery", "", "xfl2d1", "fl4d", "tfi4d", "se3d", "epse"),
}  # fmt: skip


def test_every_family_by_the_name_of_its_sequence() -> None:
    for keyword in ("SequenceName", "PulseSequenceName"):
        found = {name: images.of_image(Fake({keyword: name})) for names in NAMES.values() for name in names}
        wanted = {name: family for family, names in NAMES.items() for name in names}
        got = {name: told.fields.get("technique") for name, told in found.items()}
        assert got == wanted | {name: None for name in got if "R2d1" in name}
        assert {name for name, told in found.items() if "technique" in told.surer} == {
            n for n in got if got[n]
        }


@pytest.mark.parametrize(
    ("own", "direction"),
    [
        ({IMAGE: csa_header({"PhaseEncodingDirectionPositive": ("1",)})}, "AP"),
        ({IMAGE: csa_header({"PhaseEncodingDirectionPositive": ("0",)})}, "PA"),
        ({(0x21, "SIEMENS MR SDI 02", 0x1C): 1}, "AP"),
        ({(0x21, "SIEMENS MR SDI 02", 0x1C): 0}, "PA"),
        ({(0x21, "SIEMENS MR SDI 02", 0x1C): "what"}, None),
        ({IMAGE: b"SV10 damaged"}, None),
        ({IMAGE: b""}, None),
        ({}, None),
    ],
)
def test_the_sense_of_phase_encoding(own: dict[tuple[int, str, int], Any], direction: str | None) -> None:
    told = images.of_image(Fake({"InPlanePhaseEncodingDirection": "COL"}, own))
    assert told.fields.get("phase_encoding_direction") == direction
    assert ("phase_encoding_direction" in told.surer) == (direction is not None)
    assert "phase_encoding_direction" not in images.of_image(Fake({}, own)).surer


@pytest.mark.parametrize(
    ("own", "way", "count", "view"),
    [  # tiles of 128 rows of 2 mm and 64 columns of 3 mm
        ({(0x19, CLASSIC, 0x0A): 9}, "COL", 9, (192.0, 256.0)),
        ({(0x19, CLASSIC, 0x0A): 9}, "ROW", 9, (256.0, 192.0)),
        ({(0x19, CLASSIC, 0x0A): 5}, "COL", 5, (192.0, 256.0)),
        ({IMAGE: csa_header({"NumberOfImagesInMosaic": ("1",)})}, "COL", 1, (576.0, 768.0)),
        ({(0x19, CLASSIC, 0x0A): 0}, "COL", None, None),
    ],
)
def test_a_tile_of_a_mosaic(own: dict[Any, Any], way: str, count: int | None, view: Any) -> None:
    public = {"ImageType": ("ORIGINAL", "MOSAIC"), "Rows": 384, "Columns": 192, "PixelSpacing": (2.0, 3.0),
              "InPlanePhaseEncodingDirection": way}  # fmt: skip
    told = images.of_image(Fake(public, own))
    assert (told.fields["number_of_slices"], told.fields["field_of_view"]) == (count, view)
    for missing in ("Rows", "Columns", "PixelSpacing"):
        part = {name: value for name, value in public.items() if name != missing}
        assert images.of_image(Fake(part, own)).fields["field_of_view"] is None
    assert "number_of_slices" not in images.of_image(Fake(public | {"ImageType": ("M",)}, own)).fields


FACTORS = {
    "p2": (2, None, None), "p3x2": (3, 2, None), "P2 s3": (2, None, 3), " p2s2 ": (2, None, 2), "p4x2 s2": (4, 2, 2),
    "s3": (None, None, None), "": (None, None, None), "p2 fast": (None, None, None),
}  # fmt: skip


def test_the_factors_that_an_image_shows() -> None:
    names = (
        "parallel_reduction_factor_in_plane",
        "parallel_reduction_factor_out_of_plane",
        "multiband_factor",
    )
    for text, wanted in FACTORS.items():
        fields = images.of_image(Fake({}, {TEXTS: text})).fields
        assert tuple(fields.get(name) for name in names) == wanted, text
    held = images.of_image(Fake({}, {TEXTS: "p3", (0x21, "SIEMENS MR SDS 01", 0x19): TSE}))
    assert held.fields["parallel_reduction_factor_in_plane"] == 2  # the protocol says it more exactly


def test_weighting_by_every_road() -> None:
    header = {"B_value": ("700",), "DiffusionGradientDirection": ("0", "1", "0")}
    cases: list[tuple[dict[Any, Any], Any]] = [
        ({(0x19, CLASSIC, 0x0C): "1000", (0x19, CLASSIC, 0x0E): (0.6, 0.0, 0.8)}, (1000, (0.6, 0, 0.8))),
        ({(0x19, CLASSIC, 0x0C): 0, (0x19, CLASSIC, 0x0E): "text"}, (0, None)),
        ({IMAGE: csa_header(header)}, (700, (0, 1, 0))),
        ({IMAGE: csa_header(header | {"DiffusionGradientDirection": ("0", "1")})}, (700, None)),
        ({IMAGE: csa_header(header | {"DiffusionGradientDirection": ("0", "x", "1")})}, (700, None)),
        ({IMAGE: csa_header({"DiffusionGradientDirection": ("0", "0", "1")})}, (None, (0, 0, 1))),
        ({}, (None, None)),
    ]
    assert [images.weighting(Fake({}, own)) for own, _ in cases] == [wanted for _, wanted in cases]


def tag(name: bytes, *lengths: int, items: int | None = None, check: int = 77, data: bytes = b"") -> bytes:
    count = len(lengths) if items is None else items
    made = struct.pack("<64si4siii", name, 1, b"LO\0\0", 6, count, check)
    for length in lengths:
        made += struct.pack("<4i", length, length, 77, length) + data.ljust((length + 3) // 4 * 4, b"\0")
    return made


NEW = b"SV10\x04\x03\x02\x01"


def test_csa_headers_that_hold_together() -> None:
    assert images.csa_texts(NEW + struct.pack("<II", 0, 205)) == {}
    many = (
        NEW
        + struct.pack("<II", 256, 77)
        + b"".join(tag(b"T%d" % i, 1, check=205, data=b"x") for i in range(256))
    )
    assert len(images.csa_texts(many)) == 256
    one = NEW + struct.pack("<II", 1, 77)
    assert images.csa_texts(one + tag(b"A\0junk", 5, data=b" a b \0")) == {"A": ("a b",)}
    assert images.csa_texts(one + tag(b"A", 4, data=b"abcd")) == {"A": ("abcd",)}
    assert images.csa_texts(one + tag(b"A", *[0] * 4096)) == {} == images.csa_texts(one + tag(b"A"))
    # The first generation counts from the number of items; a length that leads outside means none.
    old = struct.pack("<II", 2, 77)
    assert images.csa_texts(old + tag(b"A", 4, data=b"abc") + tag(b"B", 999)[:100]) == {"A": ("abc",)}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (NEW + struct.pack("<II", 257, 77), "byte 8: no CSA header: 257 tags"),
        (NEW + struct.pack("<II", 1, 78), "byte 8: no CSA header: 1 tags, check 78"),
        (struct.pack("<II", 300, 77), "byte 0: no CSA header"),
        (NEW + struct.pack("<II", 1, 77) + tag(b"A", check=78), "byte 16: a tag with 0 items and check 78"),
        (NEW + struct.pack("<II", 1, 77) + tag(b"A", items=-1), "byte 16: a tag with -1 items"),
        (NEW + struct.pack("<II", 1, 77) + tag(b"A", items=4097), "byte 16: a tag with 4097 items"),
        (NEW + struct.pack("<II", 1, 77) + tag(b"A", items=1), "byte 100: cut off"),
        (NEW + struct.pack("<II", 1, 77) + tag(b"A", 9)[:104], "byte 116: a text of 9 bytes leads outside"),
        (NEW + struct.pack("<II", 1, 77) + tag(b"A", -1), "byte 116: a text of -1 bytes leads outside"),
        (NEW[:6], "byte 8: cut off"),
    ],
)
def test_csa_headers_that_do_not(data: bytes, said: str) -> None:
    with pytest.raises(images.BadCsa) as error:
        images.csa_texts(data)
    assert said in str(error.value)


def test_a_sense_without_an_axis_makes_the_protocol_doubtful() -> None:
    """The protocol says which way it was planned; an image that denies its sense but names no axis is not sure."""
    place, sense = (0x21, "SIEMENS MR SDS 01", 0x19), (0x21, "SIEMENS MR SDI 02", 0x1C)
    planned = protocol("tse", "sSliceArray.lSize = 1", "sSliceArray.asSlice[0].sNormal.dTra = 1.0")
    sure, unsure = (
        images.of_image(Fake({}, {place: planned})),
        images.of_image(Fake({}, {place: planned, sense: 1})),
    )
    assert sure.fields["phase_encoding_direction"] == unsure.fields["phase_encoding_direction"] == "AP"
    assert "phase_encoding_direction" in sure.surer and "phase_encoding_direction" not in unsure.surer


def test_a_mosaic_with_its_protocol() -> None:
    """The console's field of view counts before the one of a tile, and its slices where no element counts tiles."""
    planned = protocol(
        "ep2d_bold", "sSliceArray.lSize = 30", "sSliceArray.asSlice[0].sNormal.dTra = 1.0",
        "sSliceArray.asSlice[0].dReadoutFOV = 220.0", "sSliceArray.asSlice[0].dPhaseFOV = 210.0",
    )  # fmt: skip
    public = {"ImageType": ("ORIGINAL", "MOSAIC"), "Rows": 384, "Columns": 384, "PixelSpacing": (3.0, 3.0)}
    place = (0x21, "SIEMENS MR SDS 01", 0x19)
    told = images.of_image(Fake(public, {place: planned}))
    assert (told.fields["number_of_slices"], told.fields["field_of_view"]) == (30, (220, 210))
    counted = images.of_image(Fake(public, {place: planned, (0x19, CLASSIC, 0x0A): 28}))
    assert counted.fields["number_of_slices"] == 28
    assert counted.surer >= {"number_of_slices", "field_of_view"}
