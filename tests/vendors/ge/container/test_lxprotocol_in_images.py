from __future__ import annotations

import gzip
import struct
from pathlib import Path
from typing import Any

import pytest

from generator import vendors
from generator.errors import UnusableInput, UsageError
from generator.vendors.ge import DIALECT
from generator.vendors.ge.container import lxprotocol
from tests.vendors.ge.support import SERIES

pydicom = pytest.importorskip("pydicom")

BLOCK = ('POSITION "Supine"\nSEDESC "Ax T2"\n' + "".join(f'{k} "{v}"\n' for k, v in SERIES.items())).encode()


def wrapped(text: bytes) -> bytes:
    stream = gzip.compress(text, mtime=0)
    data = struct.pack("<I", len(stream)) + stream
    return data + bytes(len(data) % 2)


def dicom_file(path: Path, block: bytes | None, **header: Any) -> Path:
    """A small MR image header with the block where GE scanners put it."""
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    meta: Any = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.4"
    meta.MediaStorageSOPInstanceUID = "1.2.3"
    data: Any = FileDataset(str(path), {}, file_meta=meta, preamble=bytes(128))
    data.MagneticFieldStrength = "3"
    for name, value in header.items():
        setattr(data, name, value)
    if block is not None:
        data.private_block(0x0025, "GEMS_SERS_01", create=True).add_new(0x1B, "OB", block)
    data.save_as(
        path,
        **({"enforce_file_format": True} if pydicom.__version__ >= "3" else {"write_like_original": False}),
    )
    return path


def test_the_block_reads_like_the_file(tmp_path: Path) -> None:
    path = dicom_file(tmp_path / "image.dcm", wrapped(BLOCK))
    dialect, found = vendors.of_file(path)
    result = dialect.read(path)
    scan = result.protocols[0].acquisitions[0]
    assert (dialect.vendor, found, result.field_strength) == ("ge", "ge-lxprotocol", 3.0)
    assert (scan.name, scan.repetition_time, scan.vendor["POSITION"]) == ("Ax T2", 4000.0, "Supine")


@pytest.mark.parametrize(
    "block",
    [
        b"\1\0",
        b"\xff\xff\0\0abcdef",
        wrapped(BLOCK)[:60],
        wrapped(b"no pairs\n"),
        struct.pack("<I", 4) + b"nogz",
    ],
)
def test_a_damaged_block_is_located(tmp_path: Path, block: bytes) -> None:
    path = dicom_file(tmp_path / "image.dcm", block + bytes(len(block) % 2))
    with pytest.raises(UnusableInput) as caught:
        DIALECT.read(path)
    assert "0025,101B" in str(caught.value)


def test_a_file_without_a_block_is_not_ours(tmp_path: Path) -> None:
    path = dicom_file(tmp_path / "image.dcm", None)
    assert DIALECT.sniff(path, path.read_bytes()[:4096]) is None
    with pytest.raises(UnusableInput, match="without a GE protocol block"):
        DIALECT.read(path)


def test_a_cut_dicom_file(tmp_path: Path) -> None:
    whole = dicom_file(tmp_path / "image.dcm", wrapped(BLOCK)).read_bytes()
    path = tmp_path / "cut.dcm"
    path.write_bytes(whole[:140])
    with pytest.raises(UnusableInput):
        DIALECT.read(path)


def test_without_pydicom_the_message_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = dicom_file(tmp_path / "image.dcm", wrapped(BLOCK))
    monkeypatch.setitem(__import__("sys").modules, "pydicom", None)
    with pytest.raises(UsageError, match=r"examcard\[dicom\]"):
        DIALECT.read(path)


def read(path: Path) -> Any:
    return vendors.of_file(path)[0].read(path)


@pytest.mark.parametrize(
    "block",
    [
        struct.pack("<I", 1) + gzip.compress(BLOCK) + b"\0\0\0",
        struct.pack("<I", 1 << 30) + gzip.compress(BLOCK) + b"\0",
        gzip.compress(BLOCK),
        wrapped(BLOCK + b"\0\0"),
    ],
)
def test_lengths_and_padding_of_old_blocks(tmp_path: Path, block: bytes) -> None:
    path = dicom_file(tmp_path / "image.dcm", block + bytes(len(block) % 2))
    assert read(path).protocols[0].acquisitions[0].repetition_time == 4000.0


@pytest.mark.parametrize("codec", ["utf-8", "latin-1"])
def test_descriptions_in_the_language_of_the_site(tmp_path: Path, codec: str) -> None:
    text = BLOCK.replace(b"Ax T2", 'Schädel 3" "quer"'.encode(codec))
    path = dicom_file(tmp_path / "image.dcm", wrapped(text))
    assert read(path).protocols[0].acquisitions[0].name == 'Schädel 3" "quer"'


def test_the_release_and_a_field_in_gauss(tmp_path: Path) -> None:
    software = ["27", "LX", "MR Software release:DV26.0_R01_1725.a"]
    path = dicom_file(
        tmp_path / "image.dcm", wrapped(BLOCK), SoftwareVersions=software, MagneticFieldStrength="15000"
    )
    result = read(path)
    assert (result.software, result.field_strength) == ("DV26.0_R01_1725.a", 1.5)


def test_an_image_without_preamble(tmp_path: Path) -> None:
    whole = dicom_file(tmp_path / "image.dcm", wrapped(BLOCK), ImageType=["ORIGINAL"]).read_bytes()
    bare = tmp_path / "i22.MRDC.1"
    bare.write_bytes(whole[whole.index(b"\x08\0\x08\0CS") :])
    assert read(bare).protocols[0].acquisitions[0].name == "Ax T2"


def test_an_xml_block_is_said_to_be_one(tmp_path: Path) -> None:
    path = dicom_file(tmp_path / "image.dcm", wrapped(b'<?xml version="1.0"?><monarch/>'))
    with pytest.raises(UnusableInput, match="XML protocol block"):
        read(path)


def test_a_multiband_series_of_a_block(tmp_path: Path) -> None:
    own = {
        "PSEQ": "Gradient Echo", "PLUG": "9", "IOPT": "EDR, EPI, FMRI, ARC, HB", "MBACCEL": "6",
        "SLPERLOC": "383", "SUPPTQ": None,
    }  # fmt: skip
    values = {key: text for key, text in {**SERIES, **own}.items() if text is not None}
    block = "".join(f'{key} "{text}"\n' for key, text in values.items()).encode()
    scan = read(dicom_file(tmp_path / "image.dcm", wrapped(block))).protocols[0].acquisitions[0]
    assert (scan.technique, scan.multiband_factor) == ("echo_planar_bold", 6)
    assert (scan.number_of_temporal_positions, scan.fat_suppression) == (383, None)


def test_the_block_is_found_by_its_creator(tmp_path: Path) -> None:
    """The creator may have another slot of the group; another creator's element is none of it."""
    path = dicom_file(tmp_path / "image.dcm", None)
    data = pydicom.dcmread(path)
    data.private_block(0x0025, "OTHER", create=True).add_new(0x1B, "OB", b"none")
    data.private_block(0x0025, "GEMS_SERS_01", create=True).add_new(0x1B, "OB", wrapped(BLOCK))
    data.save_as(path)
    assert lxprotocol.has_block(path)
    pairs, header = lxprotocol.of_image(path)
    assert (pairs[:2], header) == (
        [("POSITION", "Supine"), ("SEDESC", "Ax T2")], {"field_strength": 3.0, "software": None},
    )  # fmt: skip
    assert not lxprotocol.has_block(tmp_path / "none")
    assert lxprotocol.BLOCK == (0x0025, "GEMS_SERS_01", 0x1B)


@pytest.mark.parametrize(
    ("strength", "software", "expected"),
    [
        ("1.5", "one", (1.5, "one")), ("100", ["a", "b"], (100.0, "a")), ("101", None, (0.0101, None)),
        ("30000", ["27", "x release:MR30.1"], (3.0, "MR30.1")), ("0", "", (None, None)), ("-3", None,
        (None, None)),
    ],
)  # fmt: skip
def test_field_strength_and_software_of_an_image(
    tmp_path: Path, strength: str, software: Any, expected: tuple[float | None, str | None]
) -> None:
    header = {"MagneticFieldStrength": strength, **({"SoftwareVersions": software} if software else {})}
    found = lxprotocol.of_image(dicom_file(tmp_path / "image.dcm", wrapped(BLOCK), **header))[1]
    assert (found["field_strength"], found["software"]) == expected


def test_a_block_begins_within_its_first_bytes() -> None:
    stream = gzip.compress(b'A "1"\n', mtime=0)
    for length in (0, 4, 6):
        assert lxprotocol.pairs_of(bytes(length) + stream, "x") == [("A", "1")]
    with pytest.raises(UnusableInput, match="not compressed"):
        lxprotocol.pairs_of(bytes(7) + stream, "x")
    assert lxprotocol.pairs_of(gzip.compress(b'A "say "hi""\nB\t"2"\r\n'), "x") == [
        ("A", 'say "hi"'),
        ("B", "2"),
    ]
