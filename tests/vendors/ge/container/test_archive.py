from __future__ import annotations

import contextlib
import gzip
import io
import tarfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator import limits
from generator.errors import UnusableInput
from generator.vendors.ge.container import archive

LONG = "adult_head_" + "x" * 60 + "/" + "y" * 60 + "/LxProtocol"


def packed(format_: int, members: dict[str, bytes | None]) -> bytes:
    """An archive as Python's own tarfile writes it."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=format_) as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.type, info.size = (tarfile.DIRTYPE, 0) if data is None else (tarfile.REGTYPE, len(data))
            info.mtime, info.uname = 1.5 if format_ == tarfile.PAX_FORMAT else 1, "sdc"
            tar.addfile(info, None if data is None else io.BytesIO(data))
    return stream.getvalue()


FORMATS = [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]
MEMBERS: dict[str, bytes | None] = {"p": None, "p/session.xml": b"<x/>", LONG: b"1" * 700, "p/empty": b""}


@pytest.mark.parametrize("format_", FORMATS)
def test_members_of_every_header_kind(format_: int) -> None:
    data = packed(format_, MEMBERS)
    found = archive.read(data, "x")
    assert {m.name: None if m.is_folder else m.data for m in found.members} == MEMBERS
    assert found.to_bytes() == data


@pytest.mark.parametrize("format_", FORMATS)
def test_changed_and_renamed_members_are_read_by_tarfile(format_: int) -> None:
    members = archive.read(packed(format_, MEMBERS), "x").members
    renamed = [archive.with_name(m, f"new/{m.name}") for m in members]
    changed = [archive.with_data(m, m.data * 3) if m.data else m for m in renamed]
    with tarfile.open(fileobj=io.BytesIO(archive.pack(changed))) as tar:
        read = {i.name: None if i.isdir() else tar.extractfile(i).read() for i in tar.getmembers()}  # type: ignore[union-attr]
    assert read == {f"new/{name}": data and data * 3 for name, data in MEMBERS.items()}


def test_unchanged_content_leaves_the_member_alone() -> None:
    member = archive.new_member("a", b"same", 0)
    assert archive.with_data(member, b"same") is member


@settings(max_examples=30)
@given(st.dictionaries(st.text("abc/_-. ", min_size=1, max_size=140), st.binary(max_size=1500), max_size=4))
def test_what_is_packed_is_read_by_us_and_by_tarfile(files: dict[str, bytes]) -> None:
    named = {"top/" + name.strip("/. ") + str(i): data for i, (name, data) in enumerate(files.items())}
    if not named or any(".." in name for name in named):
        return
    data = archive.pack(archive.new_member(name, content, 7) for name, content in named.items())
    assert {m.name: m.data for m in archive.read(data, "x").members} == named
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        assert [info.name for info in tar.getmembers()] == list(named)
    assert len(data) % archive.RECORD == 0


@given(st.binary(max_size=2000))
def test_foreign_bytes_end_in_one_error(data: bytes) -> None:
    with pytest.raises(UnusableInput):
        archive.read(data, "x")


GOOD = packed(tarfile.GNU_FORMAT, MEMBERS)


@settings(max_examples=40)
@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_a_damaged_byte_is_an_error_or_changes_what_is_read(place: int, flip: int) -> None:
    data = bytearray(GOOD)
    data[place] ^= flip
    with contextlib.suppress(UnusableInput):
        assert archive.read(bytes(data), "x").to_bytes() == bytes(data)


@pytest.mark.parametrize("cut", [0, 100, 512, 700, 1024, 2000])
def test_a_truncated_archive_is_located(cut: int) -> None:
    with pytest.raises(UnusableInput):
        archive.read(GOOD[:cut], "x")


@pytest.mark.parametrize("name", ["/etc/passwd", "../up", "a/../../up", "C:evil", "a\\b", "a/.."])
def test_names_that_leave_the_archive(name: str) -> None:
    with pytest.raises(UnusableInput, match="leaves the archive"):
        archive.read(packed(tarfile.PAX_FORMAT, {name: b"x"}), "x")


def test_links_and_devices_are_refused() -> None:
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w") as tar:
            info = tarfile.TarInfo("p/link")
            info.type, info.linkname = kind, "/etc/passwd"
            tar.addfile(info)
        with pytest.raises(UnusableInput, match="links and devices"):
            archive.read(stream.getvalue(), "x")


def header_of_size(size: int) -> bytes:
    member = archive.new_member("p/big", b"", 0)
    header = member.header[:124] + b"%011o\0" % size + member.header[136:]
    return header[:148] + b"%06o\0 " % archive.checksum(header) + header[156:]


def test_bombs_stay_within_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnusableInput, match="one member"):
        archive.read(header_of_size(limits.MEMBER_BYTES + 1) + bytes(2048), "x")
    monkeypatch.setattr(limits, "MEMBERS", len(archive.read(GOOD, "x").members))
    archive.read(GOOD, "x")
    monkeypatch.setattr(limits, "MEMBERS", limits.MEMBERS - 1)
    with pytest.raises(UnusableInput, match="too many members"):
        archive.read(GOOD, "x")
    monkeypatch.setattr(limits, "MIB", 1000)
    with pytest.raises(UnusableInput, match="more than any protocol"):
        archive.gunzip(gzip.compress(bytes(50_000)), "x")


def test_a_size_that_is_no_number_is_refused() -> None:
    member = archive.new_member("p/a", b"", 0)
    header = member.header[:124] + b"\x80" + b"\xff" * 11 + member.header[136:]
    signed = header[:148] + b"%06o\0 " % archive.checksum(header) + header[156:]
    with pytest.raises(UnusableInput, match="unreadable number"):
        archive.read(signed + bytes(1024), "x")


@pytest.mark.parametrize("data", [b"\x1f\x8bnonsense", gzip.compress(GOOD, mtime=0)[:-9], b"\x1f\x8b"])
def test_damaged_gzip(data: bytes) -> None:
    with pytest.raises(UnusableInput, match="gzip"):
        archive.gunzip(data, "x")
