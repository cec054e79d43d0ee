from __future__ import annotations

import gzip
import struct
from pathlib import Path
from typing import Any

import pytest

from generator import vendors
from generator.errors import UnusableInput
from generator.vendors.ge import DIALECT
from tests.vendors.ge.support import SERIES

pydicom = pytest.importorskip("pydicom")

BLOCK = ('POSITION "Supine"\nSEDESC "Ax T2"\n' + "".join(f'{k} "{v}"\n' for k, v in SERIES.items())).encode()


def wrapped(text: bytes) -> bytes:
    stream = gzip.compress(text, mtime=0)
    data = struct.pack("<I", len(stream)) + stream
    return data + bytes(len(data) % 2)


def dicom_file(path: Path, block: bytes | None) -> Path:
    """A small MR image header with the block where GE scanners put it."""
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    meta: Any = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.4"
    meta.MediaStorageSOPInstanceUID = "1.2.3"
    data: Any = FileDataset(str(path), {}, file_meta=meta, preamble=bytes(128))
    data.MagneticFieldStrength = "3"
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
    with pytest.raises(UnusableInput, match=r"examcard\[dicom\]"):
        DIALECT.read(path)
