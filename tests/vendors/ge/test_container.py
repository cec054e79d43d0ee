"""The forms in which protocols travel besides the console's own."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from pathlib import Path

import pytest

from generator import limits, vendors
from generator.errors import UnusableInput
from generator.model.tree import Acquisition, Protocol, ReadResult
from generator.vendors.dialect import BuildOptions, Export
from generator.vendors.ge import DIALECT, container
from generator.vendors.ge.container import archive, session
from tests.vendors.ge import support
from tests.vendors.ge.support import TARGET, lx, protocol_files, session_xml, tar_files, tar_of, task_xml

FILES = protocol_files({"one": lx(), "two": lx(TR="500.0")})
TAR = tar_of(FILES)


def read(path: Path) -> ReadResult:
    """What the dialect that recognises a path makes of it, place names left out."""
    dialect, _ = vendors.of_file(path)
    assert dialect is DIALECT
    return dialect.read(path)


@pytest.fixture
def plain(tmp_path: Path) -> ReadResult:
    path = tmp_path / "plain.tar"
    path.write_bytes(TAR)
    return read(path)


@pytest.mark.parametrize(
    "place",
    [
        ".rawProtocol/Protocol0.tar",
        "rawProtocol/protocol3.tar",
        "RAWPROTOCOL/PROTOCOL3.TAR",
        "Protocol1.tar",
        "protocol1.tgz",
    ],
)
def test_media_that_were_copied(tmp_path: Path, plain: ReadResult, place: str) -> None:
    path = tmp_path / "media" / place
    path.parent.mkdir(parents=True)
    path.write_bytes(gzip.compress(TAR) if place.endswith("gz") else TAR)
    (path.parent / "._Protocol0.tar").write_bytes(b"\0\5")
    assert read(tmp_path / "media") == plain
    assert read(path) == plain


@pytest.mark.parametrize("top", ["wfprotocols/site/adult_x_1", "./adult_x_1", "media/.rawProtocol/adult_x_1"])
def test_protocols_at_another_depth(tmp_path: Path, plain: ReadResult, top: str) -> None:
    path = tmp_path / "deep.tar"
    path.write_bytes(tar_of(FILES, top))
    assert read(path).protocols == plain.protocols


def test_a_protocol_without_its_directory(tmp_path: Path, plain: ReadResult) -> None:
    path = tmp_path / "root.tar"
    path.write_bytes(archive.pack(archive.new_member(name, data, 0) for name, data in FILES.items()))
    assert read(path).protocols == plain.protocols


def test_names_in_other_letters(tmp_path: Path, plain: ReadResult) -> None:
    path = tmp_path / "upper.tar"
    other = {name.replace("session.xml", "SESSION.XML").replace("LxP", "lxp"): d for name, d in FILES.items()}
    path.write_bytes(tar_of(other))
    assert read(path).protocols == plain.protocols


def test_unpacked_protocols_inside_a_media_folder(tmp_path: Path, plain: ReadResult) -> None:
    for name, data in FILES.items():
        path = tmp_path / ".rawProtocol" / "adult_x_1" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    assert read(tmp_path).protocols == plain.protocols


def test_stray_members_are_passed_over(tmp_path: Path, plain: ReadResult) -> None:
    stray = {
        "._adult": b"\0\5\7", "Open Notebook.onetoc2": b"x", "adult_x_1/MxProtocol.bak": b"<monarch/>",
        "adult_x_1/protocolMetadata.json": b"{}",
    }  # fmt: skip
    members = [*archive.read(tar_of(FILES, "adult_x_1"), "x").members]
    members += [archive.new_member(name, data, 0) for name, data in stray.items()]
    path = tmp_path / "stray.tar"
    path.write_bytes(archive.pack(members))
    assert read(path).protocols == plain.protocols


@pytest.mark.parametrize("format_", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_archives_of_other_tools(tmp_path: Path, plain: ReadResult, format_: int) -> None:
    path = tmp_path / "tool.tar"
    headers = {"comment": "made by a tool"} if format_ == tarfile.PAX_FORMAT else {}
    with tarfile.open(path, "w", format=format_, pax_headers=headers) as tar:
        for name, data in FILES.items():
            info = tarfile.TarInfo(f"./adult_x_1/{name}")
            info.size, info.mtime, info.uid = (
                len(data),
                7,
                3_000_000 if format_ != tarfile.USTAR_FORMAT else 0,
            )
            tar.addfile(info, io.BytesIO(data))
    assert read(path).protocols == plain.protocols


def test_a_tar_of_the_oldest_kind(tmp_path: Path, plain: ReadResult) -> None:
    members = archive.read(TAR, "x").members
    old = []
    for member in members:
        header = member.header[:257] + bytes(255)
        header = header[:148] + b"%06o\0 " % archive.checksum(header) + header[156:]
        old.append(member._replace(header=header))
    path = tmp_path / "v7.tar"
    path.write_bytes(archive.pack(old))
    assert read(path) == plain.model_copy()


def test_gzip_of_several_members_is_read_whole(tmp_path: Path, plain: ReadResult) -> None:
    path = tmp_path / "parts.tar.gz"
    path.write_bytes(gzip.compress(TAR[:3000]) + gzip.compress(TAR[3000:]) + bytes(64))
    assert read(path) == plain
    path.write_bytes(gzip.compress(TAR) + b"more")
    with pytest.raises(UnusableInput, match="after the end"):
        read(path)


def zipped() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        packed.writestr("SIGNA/.rawProtocol/Protocol0.tar", TAR)
    return stream.getvalue()


def test_a_zip_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "protocols.zip"
    path.write_bytes(zipped())
    with pytest.raises(UnusableInput, match="packed with zip: unpack it"):
        read(path)


@pytest.mark.parametrize(
    ("data", "packer"),
    [(bz2.compress(TAR), "bzip2"), (lzma.compress(TAR), "xz"), (b"7z\xbc\xaf\x27\x1c" + bytes(99), "7z")],
)
def test_other_packers_are_named(tmp_path: Path, data: bytes, packer: str) -> None:
    path = tmp_path / "x"
    path.write_bytes(data)
    with pytest.raises(UnusableInput, match=f"packed with {packer}"):
        DIALECT.read(path)


def test_a_link_is_named(tmp_path: Path) -> None:
    path = tmp_path / "link.tar"
    with tarfile.open(path, "w") as tar:
        info = tarfile.TarInfo("adult_x_1/link")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(info)
    with pytest.raises(UnusableInput, match="member 'adult_x_1/link'"):
        read(path)


def test_series_inside_other_tasks_keep_their_place(tmp_path: Path) -> None:
    outer = '  <task name="group" type="com.ge.med.mr.viz.task.ContainerProxyPPTask">\n'
    tasks = task_xml("A", "a") + outer + task_xml("B", "b") + "  </task>\n" + task_xml("C", "c")
    files = {**{f"{name}/LxProtocol": lx() for name in "abc"}, "session.xml": session_xml(tasks)}
    path = tmp_path / "nested.tar"
    path.write_bytes(tar_of(files))
    assert [scan.name for scan in read(path).protocols[0].acquisitions] == ["A", "B", "C"]


def test_a_session_in_another_encoding_is_read_but_not_patched(tmp_path: Path) -> None:
    text = session_xml(task_xml("Schädel", "a")).decode().replace('encoding="UTF-8"', 'encoding="ISO-8859-1"')
    path = tmp_path / "latin.tar"
    path.write_bytes(tar_of({"a/LxProtocol": lx(), "session.xml": text.encode("latin-1")}))
    (scan,) = read(path).protocols[0].acquisitions
    assert scan.name == "Schädel"
    with pytest.raises(UnusableInput, match="not UTF-8"):
        build_from(path, scan)


def test_only_series_inside_other_tasks_are_no_donors(tmp_path: Path) -> None:
    outer = '  <task name="group" type="com.ge.med.mr.viz.task.ContainerProxyPPTask">\n'
    tasks = outer + task_xml("B", "b") + "  </task>\n" + task_xml("C", "c")
    path = tmp_path / "nested.tar"
    files = {"b/LxProtocol": lx(), "c/LxProtocol": lx(), "session.xml": session_xml(tasks)}
    path.write_bytes(tar_of(files))
    assert [step.scan.name for step in DIALECT.describe(path).steps] == ["C"]


PROPERTY = '  <property name="IS_PPS_ENABLED" value="false"/>\n'


def test_a_property_between_tasks_belongs_to_none_and_stays(tmp_path: Path) -> None:
    tasks = task_xml("A", "a") + PROPERTY + task_xml("B", "b")
    path = tmp_path / "property.tar"
    files = {"a/LxProtocol": lx(), "b/LxProtocol": lx(TE="10.0"), "session.xml": session_xml(tasks)}
    path.write_bytes(tar_of(files))
    assert [step.scan.name for step in DIALECT.describe(path).steps] == ["A", "B"]
    export = build_from(path, *read(path).protocols[0].acquisitions)
    text = tar_files(export)
    (session_text,) = (data for name, data in text.items() if name.endswith("session.xml"))
    assert session_text.count(PROPERTY.strip().encode()) == 1
    parts = session.split(files["session.xml"])
    joined = parts.head + "".join(lead + task for lead, task in parts.pieces) + parts.tail
    assert joined.encode() == files["session.xml"]


def build_from(donor: Path, *steps: Acquisition) -> Export:
    return support.build(Protocol(name="x", steps=steps), TARGET, BuildOptions(donor=donor))


# --- what a file is, by its first bytes or its names ----------------------------------------------------


def test_first_bytes_of_a_dicom_file_of_a_series_and_of_packers(tmp_path: Path) -> None:
    dicom = {
        bytes(128) + b"DICM": True, bytes(127) + b"DICM": False, b"\x08\0\x05\0CS": True,
        b"\x02\0\0\0UL": True,
        b"\x08\0\x08\0\4\0": True, b"\x08\0\x16\0SH": True, b"\x08\0\x16\0OB": False,
        b"\x10\0\x10\0CS": False,
    }  # fmt: skip
    assert {head: container.is_dicom(head) for head in dicom} == dicom
    series = {
        b'set A "1"': True, b'\n \tset\tA "1"': True, b'A "1"': False, b"set A 1": False,
        b"set " + b"A" * 507 + b'"': True, b"set " + b"A" * 508 + b'"': False,
    }  # fmt: skip
    assert {head: container.is_series(head) for head in series} == series
    path = tmp_path / "x"
    packers = {
        b"PK\3\4": "zip", b"7z\xbc\xaf": "7z", b"BZh9": "bzip2", b"\xfd7zXZ": "xz", b"Rar!": "rar",
    }  # fmt: skip
    for head, packer in packers.items():
        for name in (b"/rawProtocol/", b"session.xml", b"LxProtocol"):
            assert container.sniff(path, head + name) == "ge-protocol"
        assert container.sniff(path, head + b"holiday.jpg") is None
        with pytest.raises(UnusableInput, match=f"packed with {packer}"):
            container.check_packing(path, head)
    assert container.sniff(path, b'set A "1"') == "ge-lxprotocol"
    assert container.sniff(path, gzip.compress(b"")) == container.sniff(path, TAR[:512]) == "ge-protocol"
    assert container.sniff(path, b"session.xml") is None
    with pytest.raises(UnusableInput, match="neither a tar archive nor"):
        container.check_packing(path, b"session.xml")
    assert container.check_packing(path, TAR[:512]) is None
    with pytest.raises(UnusableInput, match="No such file"):
        limits.head(tmp_path / "nothing")
    path.write_bytes(bytes(5000))
    assert limits.head(path) == bytes(4096)


def test_names_by_which_a_folder_is_known(tmp_path: Path) -> None:
    wanted = {
        "session.xml": True, "sub/session.xml": True, ".rawProtocol/x": True, "RawProtocol/x": True,
        "Protocol0.tar": True, "PROTOCOL1.TGZ": True, "protocol.tar.gz": True, "protocol.zip": False,
        "other.tar": False, "sub/sub/session.xml": False, "rawProtocols/x": False, "sub/Protocol0.tar": False,
    }  # fmt: skip
    for number, (name, expected) in enumerate(wanted.items()):
        folder = tmp_path / str(number)
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_bytes(b"")
        assert (container.sniff(folder, b"") == "ge-protocol") is expected, name


def test_what_is_found_in_a_package(tmp_path: Path) -> None:
    files = {path.name: path for path in (tmp_path / "p.tar", tmp_path / "p.tgz", tmp_path / "raw.tar")}
    files["p.tar"].write_bytes(TAR)
    files["p.tgz"].write_bytes(gzip.compress(TAR))
    for name, packed in (("p.tar", False), ("p.tgz", True)):
        found = container.load(files[name], to_write=True)
        assert (found.gzipped, found.media, list(found.archives)) == (packed, False, [name])
        assert found.archives[name].to_bytes() == TAR
        assert container.load(files[name]).archives == {}
    (folder,) = found.folders
    one, two = folder.session().tasks
    assert folder.place == f"{files['p.tgz']}!adult_head_Sitebrain_20200101_1"
    assert (folder.series(one), folder.note(two)) == (lx(), support.NOTE)
    assert folder.series(one._replace(folder="none")) is folder.note(one._replace(folder="none")) is None
    media = tmp_path / "m" / ".rawProtocol"
    media.mkdir(parents=True)
    for name in ("Protocol1.tar", "any.tar", "._Protocol2.tar", "notes.txt"):
        (media / name).write_bytes(TAR)
    for path in (media, media.parent):
        found = container.load(path, to_write=True)
        assert (found.media, sorted(found.archives), len(found.folders)) == (
            True,
            ["Protocol1.tar", "any.tar"],
            2,
        )
    assert container.from_bytes(TAR, media / "Protocol1.tar").media
    assert container.load(tmp_path / "p.tar").folders[0].name == "adult_head_Sitebrain_20200101_1"


def test_folders_are_walked_within_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, data in FILES.items():
        path = tmp_path / "adult_x" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (tmp_path / "adult_x" / "._session.xml").write_bytes(b"x")
    (tmp_path / "adult_x" / "link").symlink_to("/etc/passwd")
    package = container.load(tmp_path, to_write=True)
    assert (package.gzipped, package.media, package.archives) == (False, False, {})
    (found,) = package.folders
    assert (found.name, found.source, set(found.files)) == ("adult_x", str(tmp_path), set(FILES))
    (found,) = container.load(tmp_path / "adult_x").folders
    assert (found.name, found.source) == ("adult_x", str(tmp_path))
    size = sum(map(len, FILES.values()))
    for name, most in (("MEMBERS", len(FILES)), ("INFLATED_BYTES", size)):
        with monkeypatch.context() as patch:
            patch.setattr(limits, name, most)
            container.load(tmp_path)
            patch.setattr(limits, name, most - 1)
            with pytest.raises(UnusableInput, match="larger than any protocol directory"):
                container.load(tmp_path)


def test_files_of_a_series() -> None:
    assert container.series_files("p/s", b"pairs", b"note") == {
        "p/s": None, "p/s/LxProtocol": b"pairs", "p/s/.pn": None, "p/s/.pn/notes.html": b"note",
    }  # fmt: skip
