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


# --- bytes of headers, against the tarfile module --------------------------------------------------------


def by_tarfile(name: str, size: int | None, mtime: int) -> bytes:
    """The header that Python's own tarfile writes for a member of a console, which states device numbers."""
    info = tarfile.TarInfo(name)
    info.uid, info.gid, info.uname, info.gname, info.mtime = 1001, 201, "sdc", "informix", mtime
    info.type, info.mode = (tarfile.DIRTYPE, 0o755) if size is None else (tarfile.REGTYPE, 0o644)
    info.size = size or 0
    header = info.tobuf(tarfile.USTAR_FORMAT)
    return signed(header[:329] + b"0000000\0" * 2 + header[345:])


def test_headers_are_those_of_tarfile() -> None:
    for size in (0, 1, 511, 512, 513):
        member = archive.new_member("p/file", b"x" * size, 1_700_000_000)
        assert member.header == by_tarfile("p/file", size, 1_700_000_000)
        assert (len(member.padding), member.extension) == (
            {0: 0, 1: 511, 511: 1, 512: 0, 513: 511}[size],
            b"",
        )
        other = archive.with_data(archive.new_member("p/file", b"old", 1_700_000_000), b"x" * size)
        assert (other.header, other.data, other.padding) == (member.header, member.data, member.padding)
    folder = archive.new_member("p", None, 7)
    assert (folder.header, folder.is_folder, folder.data) == (by_tarfile("p", None, 7), True, b"")
    assert not archive.new_member("p", b"", 7).is_folder
    moved = archive.with_name(archive.new_member("old/name", b"x", 9), "p/file")
    assert (moved.name, moved.header) == ("p/file", by_tarfile("p/file", 1, 9))
    assert archive.with_name(folder, "q").header == by_tarfile("q", None, 7)
    for length in (99, 100):
        assert archive.new_member("n" * length, b"", 0).extension == b""
        assert archive.new_member("n" * length, b"", 0).header == by_tarfile("n" * length, 0, 0)
    assert folder.owner == "sdc/informix"


def test_long_names_are_pax_records() -> None:
    """A record states its own length, which counts its digits: 99 grows to 100 and 101."""
    for length in (101, 120, 900, 988, 989, 990, 991, 992):
        name = "d/" + "n" * (length - 2)
        member = archive.new_member(name, b"abc", 5)
        size = int(member.extension[124:135], 8)
        record = member.extension[512 : 512 + size]
        stated, _, rest = record.partition(b" ")
        assert (int(stated), rest) == (len(record), b"path=" + name.encode() + b"\n")
        assert len(member.extension) % 512 == 0 and len(member.extension) - 512 - size < 512
        kind, short = member.extension[156:157], member.extension[:100].rstrip(b"\0")
        assert (kind, short) == (b"x", b"PaxHeaders/" + b"n" * min(80, length - 2))
        data = archive.pack([member])
        assert [m.name for m in archive.read(data, "x").members] == [name]
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            assert tar.getnames() == [name]
    again = archive.with_name(archive.new_member("short", b"abc", 5), name)
    assert (again.extension, again.header) == (member.extension, member.header)


def signed(header: bytes) -> bytes:
    """A header with the checksum that belongs to it: the sum of its bytes, its own field as blanks."""
    blank = header[:148] + b" " * 8 + header[156:]
    return header[:148] + b"%06o\0 " % sum(blank) + header[156:]


def one(header: bytes, data: bytes = b"", before: bytes = b"") -> bytes:
    return before + signed(header) + data + bytes(-len(data) % 512) + bytes(1024)


PLAIN = by_tarfile("name", 3, 0)


def test_names_and_kinds_of_headers() -> None:
    def read(header: bytes) -> str:
        return archive.read(one(header, b"abc"), "x").members[0].name

    prefix = PLAIN[:345] + b"deep/er".ljust(155, b"\0") + PLAIN[500:]
    assert read(prefix) == "deep/er/name"
    assert read(prefix[:257] + b"ustar  \0" + prefix[265:]) == "name", "of GNU tar these bytes are times"
    assert [read(PLAIN[:156] + kind + PLAIN[157:]) for kind in (b"0", b"\0", b"7")] == ["name"] * 3
    latin = "Ä".encode("latin-1").ljust(100, b"\0") + PLAIN[100:]
    assert read(latin) == "Ä"
    for name, plain in {"./a/b": "a/b", "a/": "a", "a..b": "a..b", "..a/b": "..a/b"}.items():
        assert read(name.encode().ljust(100, b"\0") + PLAIN[100:]) == plain
    for name in ("/a", "C:a", "a\\b", "..", "a/../b", ".", "./"):
        with pytest.raises(UnusableInput, match="leaves the archive"):
            read(name.encode().ljust(100, b"\0") + PLAIN[100:])
    root = by_tarfile(".", None, 0)
    assert [m.name for m in archive.read(one(root), "x").members] == ["."]


def test_a_folder_has_no_content_whatever_its_size_says() -> None:
    folder = by_tarfile("p", None, 0)
    folder = folder[:124] + b"%011o\0" % 700 + folder[136:]
    data = signed(folder) + one(PLAIN, b"abc")
    assert [(m.name, m.data) for m in archive.read(data, "x").members] == [("p", b""), ("name", b"abc")]
    assert list(archive.contents(data, "x")) == [("name", b"abc")]


def pax(body: bytes, kind: bytes = b"x") -> bytes:
    header = by_tarfile("PaxHeaders/x", len(body), 0)
    return signed(header[:156] + kind + header[157:]) + body + bytes(-len(body) % 512)


def test_records_before_a_header_state_path_and_size() -> None:
    stated = pax(b"12 path=n\xc3\xbc\n9 size=5\n")
    found = archive.read(one(PLAIN, b"abcde", stated), "x").members[0]
    assert (found.name, found.data, found.extension) == ("nü", b"abcde", stated)
    times = pax(b"17 mtime=1.500000\n")
    assert archive.read(one(PLAIN, b"abc", times), "x").members[0].name == "name"
    both = pax(b"long/name\0", b"L") + pax(b"target\0", b"K") + pax(b"16 comment=own\n", b"g") + times
    assert archive.read(one(PLAIN, b"abc", both), "x").members[0].name == "long/name"
    for size in (b"9 size=x\n", b"21 size=999999999999\n"):
        with pytest.raises(UnusableInput, match="in one member"):
            archive.read(one(PLAIN, b"abc", pax(size)), "x")


def test_what_is_damaged_is_located() -> None:
    whole = one(PLAIN, b"abc")
    cases = {
        whole[:-1024]: ("its end mark is missing", "byte 1024"), whole[:700]: ("inside a member", "byte 700"),
        whole + b"x": ("bytes after the end", "byte 1024"), whole[:400]: ("inside a header", "byte 400"),
        whole[:10] + b"\1" + whole[11:]: ("checksum does not fit",
        "byte 0"), bytes(1024): ("without members", None),
    }  # fmt: skip
    for data, (text, where) in cases.items():
        with pytest.raises(UnusableInput, match=text) as caught:
            archive.read(data, "x")
        assert caught.value.where == where or where is None
    assert archive.starts_with_header(whole[:512])
    assert not archive.starts_with_header(signed(bytes(512)))
    assert not archive.starts_with_header(whole[1:513])


def test_an_archive_keeps_its_tail_and_its_side_files_are_known() -> None:
    data = one(PLAIN, b"abc") + bytes(512)
    found = archive.read(data, "x")
    assert (found.tail, found.to_bytes()) == (bytes(1536), data)
    for name, side in {"a/._b": True, "._a/b": True, "a._b": False, "a/b": False}.items():
        assert archive.new_member(name, b"", 0).is_apple_double is side
    assert [len(archive.pack([archive.new_member("n", b"x" * n, 0)])) for n in (0, 8704, 8705)] == [
        10240, 10240, 20480,
    ]  # fmt: skip


def test_gzip_streams_are_inflated_from_where_they_begin() -> None:
    first, second = gzip.compress(b"a" * 70_000, mtime=0), gzip.compress(b"b", mtime=0)
    assert archive.inflate(first + second, "x") == (b"a" * 70_000, len(first))
    assert archive.inflate(first + second, "x", start=len(first)) == (b"b", len(first) + len(second))
    assert archive.inflate(second, "x", 1) == (b"b", len(second))
    with pytest.raises(UnusableInput, match="more than any protocol"):
        archive.inflate(second, "x", 0)
    assert archive.gunzip(first + second + bytes(9), "x") == b"a" * 70_000 + b"b"
    with pytest.raises(UnusableInput, match="after the end") as caught:
        archive.gunzip(second + b"\0\1", "x")
    assert caught.value.where == f"byte {len(second)}"
    with pytest.raises(UnusableInput, match="cut off") as caught:
        archive.gunzip(second[:-1], "x")
    assert caught.value.where == f"byte {len(second) - 1}"


def test_the_number_of_gzip_streams_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MEMBERS", 2)
    part = gzip.compress(b"a", mtime=0)
    assert archive.gunzip(part * 2, "x") == b"aa"
    with pytest.raises(UnusableInput, match="more than 2 gzip streams"):
        archive.gunzip(part * 3, "x")
