"""What GE's own elements of an image say, on headers of our own; offsets are written out as numbers."""

from __future__ import annotations

import gzip
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator.vendors.ge import DIALECT
from tests.vendors.ge.support import SERIES

ACQUISITION, RELATIONS, PARAMETERS = "GEMS_ACQU_01", "GEMS_RELA_01", "GEMS_PARM_01"


@dataclass
class Header:
    """A header that holds what it is given: public attributes, and elements of the vendor."""

    own: dict[tuple[int, str, int], Any] = field(default_factory=dict)
    public: dict[str, Any] = field(default_factory=dict)
    points: tuple[int | None, int | None] = (None, None)
    path: Path = Path("image.dcm")

    def get(self, keyword: str, frame: int = 0) -> Any:
        return self.public.get(keyword)

    def private(self, group: int, creator: str, element: int, frame: int = 0) -> Any:
        return self.own.get((group, creator, element))

    def matrix(self) -> tuple[int | None, int | None]:
        return self.points

    def phase_direction(self, sense: int = 0) -> str | None:
        return {1: "AP", -1: "PA"}[sense]


def fields_of(own: dict[tuple[int, str, int], Any] | None = None, **public: Any) -> dict[str, Any]:
    return dict(DIALECT.of_image(Header(own or {}, public)).fields)


def stated(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def test_elements_beside_the_block() -> None:
    """Microseconds, locations of the acquisition, shares of 1 by factor, bands, factor of compression."""
    own: dict[tuple[int, str, int], Any] = {
        (0x19, ACQUISITION, 0x5A): 90_500_000.0, (0x21, RELATIONS, 0x4F): 36,
        (0x43, PARAMETERS, 0x83): (0.5, 0.3333, 1), (0x43, PARAMETERS, 0xB6): (3, 2),
        (0x43, PARAMETERS, 0xB7): (1.25, 10),
    }  # fmt: skip
    assert stated(fields_of(own)) == {
        "acquisition_duration": 90.5, "number_of_slices": 36, "parallel_reduction_factor_in_plane": 2.0,
        "parallel_reduction_factor_out_of_plane": 3.0003, "multiband_factor": 3,
        "compressed_sensing_factor": 1.25,
    }  # fmt: skip
    surer = DIALECT.of_image(Header(own)).surer
    assert surer == {"multiband_factor", "compressed_sensing_factor"}
    none: dict[tuple[int, str, int], Any] = {
        (0x19, ACQUISITION, 0x5A): 0.0, (0x21, RELATIONS, 0x4F): 0, (0x43, PARAMETERS, 0x83): (0, 1.5),
        (0x43, PARAMETERS, 0xB6): (1, 2), (0x43, PARAMETERS, 0xB7): (1.0, 10),
    }  # fmt: skip
    assert stated(fields_of(none)) == {}
    odd: dict[tuple[int, str, int], Any] = {
        (0x19, ACQUISITION, 0x5A): "long", (0x21, RELATIONS, 0x4F): 3.5, (0x43, PARAMETERS, 0x83): (1.0,),
        (0x43, PARAMETERS, 0xB6): ("?",), (0x43, PARAMETERS, 0xB7): 2.0,
    }  # fmt: skip
    assert stated(fields_of(odd)) == {"parallel_reduction_factor_in_plane": 1.0}


def test_the_voxel_of_an_image_without_its_block() -> None:
    flat: dict[str, Any] = {"PixelSpacing": (0.9, 0.5), "Columns": 512, "SliceThickness": 4.0}

    def voxel(points: tuple[int | None, int | None] = (320, 256), **more: Any) -> Any:
        header = Header({}, {**flat, "MRAcquisitionType": "2D", **more}, points)
        found = DIALECT.of_image(header)
        assert ("voxel_size" in found.surer) == ("voxel_size" in found.fields)
        return found.fields.get("voxel_size")

    assert voxel() == (0.8, 1.0, 4.0)  # 512 x 0.5 mm = 256 mm over 320 and 256 points
    assert voxel((300, 256)) == (0.8533, 1.0, 4.0)
    assert voxel((320, 300)) == (0.8, 0.8533, 4.0)
    assert voxel(MRAcquisitionType="3D") == (0.8, 1.0, None)
    assert voxel(PercentPhaseFieldOfView=99.4) == (0.8, None, 4.0)
    assert voxel(PercentPhaseFieldOfView=99.5) == (0.8, 1.0, 4.0)
    assert voxel(ScanningSequence="EP") is None
    assert voxel(ScanningSequence=("EP", "SE")) is None
    assert voxel(ScanningSequence=("SE",)) == (0.8, 1.0, 4.0)
    assert (voxel((None, 256)), voxel((320, None)), voxel(PixelSpacing=0.5)) == (None, None, None)
    assert voxel(Columns=None) is None


def raw(
    version: float,
    planar: int = 0x800,
    polarity: int = 0,
    lines: int = 0,
    start: int = 0x40,
    size: int = 0x400,
) -> bytes:
    """Raw header with its start at byte 24; the flags lie elsewhere from version 25.002 on."""
    data = bytearray(size + start)
    struct.pack_into("<H", data, 24, start)
    struct.pack_into("<f", data, start, version)
    places = (0x86, 0x7C, 0x354) if version > 25.0015 else (0x3A, 0x30, 0x394)
    for place, value in zip(places, (planar, polarity, lines), strict=True):
        struct.pack_into("<H", data, start + place, value)
    return bytes(data)


def direction(data: Any) -> Any:
    found = DIALECT.of_image(Header({(0x43, PARAMETERS, 0x2A): data}))
    assert (found.surer == {"phase_encoding_direction"}) == (found.fields != {})
    return found.fields.get("phase_encoding_direction")


def test_polarity_and_order_of_lines_give_the_sense_of_an_epi() -> None:
    for version in (5.0, 24.0, 25.0, 25.003, 28.0, 40.0):
        assert direction(raw(version)) == "AP"
        assert direction(raw(version, polarity=4)) == "PA"
        assert direction(raw(version, polarity=4 | 1 | 2)) == "PA"
        assert direction(raw(version, lines=2)) == "PA"
        assert direction(raw(version, lines=1)) == "AP"
        assert direction(raw(version, polarity=4, lines=2)) == "AP"
        assert direction(raw(version, planar=0x400)) is None
        assert direction(raw(version, planar=0xC00, polarity=3)) == "AP"
    for version, last in ((24.0, 0x396), (28.0, 0x356)):  # the last number that is read ends there
        assert direction(raw(version)[: 0x40 + last]) == "AP"
        assert direction(raw(version)[: 0x40 + last - 1]) is None
    for broken in (raw(4.9), raw(40.1), raw(28.0)[:0x300], raw(24.0)[: 0x3F0 - 0x20], b"", "text", None):
        assert direction(broken) is None


def test_the_train_of_an_epi_is_not_what_ge_states() -> None:
    found = DIALECT.of_image(Header({}, {"ScanningSequence": ("SE", "EP")}))
    assert (found.fields["echo_train_length"], found.surer) == (None, {"echo_train_length"})


def block(text: str) -> bytes:
    stream = gzip.compress(text.encode(), mtime=0)
    return struct.pack("<I", len(stream)) + stream


def test_the_block_of_an_image() -> None:
    """What is in the block counts before what is beside it; pairs of the vendor are not handed on."""
    text = "".join(f'{key} "{value}"\n' for key, value in {**SERIES, "SUPPTQ": "4", "NEX": "0.50"}.items())
    own: dict[tuple[int, str, int], Any] = {
        (0x25, "GEMS_SERS_01", 0x1B): block(text), (0x21, RELATIONS, 0x4F): 7,
        (0x43, PARAMETERS, 0xB6): (2, 2),
    }  # fmt: skip
    found = DIALECT.of_image(Header(own))
    expected = {
        "technique": "turbo_spin_echo", "number_of_slices": 40, "repetition_time": 4000.0,
        "field_of_view": (240.0, 240.0), "voxel_size": (0.75, 0.9375, 3.0), "multiband_factor": 1,
        "fat_suppression": "fat_saturation", "partial_fourier_phase": 0.5,
    }  # fmt: skip
    assert {name: found.fields[name] for name in expected} == expected
    assert "vendor" not in found.fields
    surer = {"technique", "field_of_view", "voxel_size", "partial_fourier_phase", "fat_suppression"}
    assert found.surer == {*surer, "multiband_factor", "compressed_sensing_factor"}
    assert [code for code, _, _ in found.remarks] == ["automatic", "fractional-nex"]
    missing = DIALECT.of_image(Header()).remarks
    assert [(code, name) for code, name, _ in missing] == [("no-protocol", "")]
    damaged = DIALECT.of_image(Header({(0x25, "GEMS_SERS_01", 0x1B): b"\4\0\0\0text"})).remarks
    assert [(code, name) for code, name, _ in damaged] == [("no-protocol", "")]
    assert "cut off or not compressed" in str(damaged)


def test_weighting_of_an_image() -> None:
    """The b-value is in the first number of its element, with 1e9 added where there are several."""
    axes = {(0x19, ACQUISITION, 0xBB): 0.6, (0x19, ACQUISITION, 0xBC): "0.8", (0x19, ACQUISITION, 0xBD): None}
    slop = (0x43, PARAMETERS, 0x39)
    assert DIALECT.weighting(Header({**axes, slop: (1_000_001_000, 8)})) == (1000.0, (0.6, 0.8, 0.0))
    assert DIALECT.weighting(Header({**axes, slop: (700,)})) == (700.0, (0.6, 0.8, 0.0))
    assert DIALECT.weighting(Header({**axes, slop: (0, 8)})) == (0.0, None)
    assert DIALECT.weighting(Header({slop: (700, 8)})) == (700.0, None)
    assert DIALECT.weighting(Header({**axes, slop: (None, 8)})) == (None, None)
    assert DIALECT.weighting(Header({**axes, slop: 700})) == (None, None)
    assert DIALECT.weighting(Header({(0x19, ACQUISITION, 0xBB): "x", slop: (5,)})) == (5.0, None)
