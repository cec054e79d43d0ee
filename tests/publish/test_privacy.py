"""Nothing of a donor, a person or a machine is published, however deep it is packed."""

from __future__ import annotations

import base64
import getpass
import gzip
import io
import json
import re
import socket
import sqlite3
import tarfile
import zlib
from pathlib import Path
from zipfile import ZipFile

import pytest

from generator import vendors
from generator.publish import layers as layers_module
from generator.publish import privacy
from generator.publish.jobs import CannotPublish
from generator.publish.layers import layers
from generator.publish.privacy import Watch, identifying, watch
from tests.publish.conftest import LONGER, Network

SECRET = b"Saint-Nowhere Imaging"
WATCH = Watch(words=((SECRET.lower(), "a string that identifies the donor"),))


def as_zip(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with ZipFile(buffer, "w") as archive:
        archive.writestr("inner.txt", content)
    return buffer.getvalue()


def as_tar(content: bytes, owner: str = "sdc") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        info = tarfile.TarInfo("inner.txt")
        info.size, info.uname = len(content), owner
        archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def as_database(content: bytes) -> bytes:
    """Raw deflate in a cell, as in an .exar1."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress((content + b" ") * 3) + packer.flush()
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE Content (Hash TEXT, Data BLOB)")
    connection.execute("INSERT INTO Content VALUES ('x', ?)", (packed,))
    connection.commit()
    return connection.serialize()


def as_base64(content: bytes) -> bytes:
    """A long block in a text, as in an ExamCard."""
    return b"<parameterData>" + base64.encodebytes(b"\1\2\3" * 300 + content) + b"</parameterData>"


WRAPPERS = {
    "plain": lambda content: b"before " + content + b" after",
    "upper case": bytes.upper,
    "zip": as_zip,
    "tar": as_tar,
    "gzip": lambda content: gzip.compress(content, mtime=0),
    "zlib": zlib.compress,
    "database": as_database,
    "base64": as_base64,
    "utf-16": lambda content: b"\xff\xfe" + content.decode().encode("utf-16-le"),
    "database in zip": lambda content: as_zip(as_database(content)),
    "tar in gzip in zip": lambda content: as_zip(gzip.compress(as_tar(content), mtime=0)),
}


@pytest.mark.parametrize("name", WRAPPERS)
def test_it_is_found_however_it_is_packed(name: str) -> None:
    packed = WRAPPERS[name](SECRET)
    assert any(leak.what for leak in WATCH.search("file", packed)), name
    assert not list(
        WATCH.search("file", WRAPPERS[name](b"an innocent line of text, long enough to be packed"))
    )


def test_owners_in_an_archive_are_seen() -> None:
    watching = Watch(words=((b"drwho", "the name of a user"),))
    assert list(watching.search("file", as_tar(b"nothing", owner="drwho")))


@pytest.mark.parametrize(
    "text",
    [
        b"/home/jdoe/protocols",
        b"/Users/jdoe",
        b"C:\\Users\\jdoe\\x",
        b"c:\\\\users\\\\jdoe",
        b"write to j.doe@site.example",
    ],
)
def test_paths_and_addresses_are_found(text: bytes) -> None:
    assert list(Watch(words=()).search("file", b"x " + text + b" y"))


def test_every_address_is_found_and_nothing_else() -> None:
    text = b"@media print {} a@b.c x.y+z@site.example,nobody@site.example; @host.example one@ two@site"
    found = {leak.found for leak in Watch(words=()).search("file", text)}
    assert found == {"x.y+z@site.example", "nobody@site.example"}


def test_base64_is_found_behind_lines_that_only_look_like_it() -> None:
    looks_so = b"A" * 70 + b"\n!\n" + b"/" * 65 + b". "
    packed = [base64.encodebytes(bytes(300) + part) for part in (b"harmless", SECRET)]
    content = looks_so + b"<x>".join(packed) + looks_so
    assert [leak.file for leak in WATCH.search("file", content)] == ["file!base64 2"]


def test_wide_text_is_found_late_in_a_file() -> None:
    content = b"\xff\0\1" * 100_000 + SECRET.decode().encode("utf-16-le")
    assert [leak.file for leak in WATCH.search("file", content)] == ["file (UTF-16)"]


def test_the_contact_of_the_publication_may_stand() -> None:
    watching = Watch(words=(), allowed=(b"somebody@network.example",))
    assert not list(watching.search("file", b"mailto:somebody@network.example"))
    assert list(watching.search("file", b"mailto:nobody@network.example"))


def test_hospitals_are_looked_for_in_what_came_from_a_donor() -> None:
    text = "Reconstruction at Hôpital de Nulle-Part".encode()
    assert list(Watch(words=()).search("file", text, from_donor=True))
    assert not list(Watch(words=()).search("file", b"University of Somewhere, 2019"))


def test_a_word_inside_another_one_is_no_leak() -> None:
    watching = Watch(words=((b"mara", "the name of this machine"),))
    assert not list(watching.search("file", b"samarath"))
    assert list(watching.search("file", b"host=mara;"))


def test_names_of_this_machine_are_watched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "ward7-pc")
    monkeypatch.setattr(getpass, "getuser", lambda: "root")
    words = {word for word, _ in watch([tmp_path], [], []).words}
    assert b"ward7-pc" in words
    assert b"root" not in words, "a word that stands in every XML names nobody"
    assert str(tmp_path.resolve()).lower().encode() in words


# Attributes that name a person, a site or a machine: DICOM PS3.15 table E.1-1, typed by hand.
PS_3_15 = (
    "InstitutionName", "InstitutionAddress", "InstitutionalDepartmentName", "StationName",
    "DeviceSerialNumber",
    "PatientName", "PatientID", "OperatorsName", "PerformingPhysiciansName", "ReferringPhysiciansName",
)  # fmt: skip


@pytest.mark.parametrize("keyword", PS_3_15)
@pytest.mark.parametrize("form", ['{} = "{}"', "<{0}>{1}</{0}>", '"{}": "{}"', "{}: {}\r\n"])
def test_every_identifying_attribute_is_watched(keyword: str, form: str, tmp_path: Path) -> None:
    donor = tmp_path / "protocol.tar"
    donor.write_bytes(as_tar(form.format(keyword, "Saint-Nowhere").encode()))
    assert identifying(donor) == (b"saint-nowhere",)


def test_a_donor_tells_who_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(privacy.vendors, "of_file", lambda path: (object(), "ge-protocol"))
    donor = tmp_path / "Saint Nowhere 2.tar"
    text = (
        b'InstitutionName = "Saint-Nowhere Imaging"\nStationName: MRSITE07\nAuthor="root"\nSerialNumber 1\n'
    )
    donor.write_bytes(as_tar(text))
    assert identifying(donor) == (b"mrsite07", b"saint-nowhere imaging")
    watching = watch([], [donor], [])
    assert list(watching.search("out", b"coil of saint-nowhere imaging"))
    assert list(watching.search("out", b"made from SAINT NOWHERE 2"))


@pytest.mark.parametrize("name", ["donor.exar1", "Protocol0.tar"])
def test_a_name_that_a_console_gives_is_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(privacy.vendors, "of_file", lambda path: (object(), "ge-protocol"))
    (tmp_path / name).write_bytes(b"nothing")
    assert not list(watch([], [tmp_path / name], []).search("out", name.encode()))


def test_what_cannot_be_looked_into_is_not_published(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers_module, "MAXIMUM_BYTES", 1000)
    (leak,) = Watch(words=()).search("bomb.zip", as_zip(b"0" * 5000))
    assert "too large" in str(leak)


def test_broken_archives_are_still_read_as_bytes() -> None:
    for content in (b"\x1f\x8b" + SECRET, b"\x78\x9c" + SECRET):
        assert list(WATCH.search("file", content))
    assert [name for name, _ in layers("file", b"\x78\x9cnothing")] == ["file"]


def test_a_leak_stops_the_publication_and_is_named(network: Network) -> None:
    network.publish()
    before = network.files()
    network.spec(version="2", change=LONGER + "    instruction: call jane.roe@hospital.example\n")
    with pytest.raises(CannotPublish) as caught:
        network.publish()
    assert "a mail address: 'jane.roe@hospital.example'" in str(caught.value)
    assert "ge-3T-MR30.0" in str(caught.value)
    assert network.files() == before


def test_a_leak_in_the_words_of_the_publication_stops_it(network: Network) -> None:
    network.edit("licence: CC0", "licence: ask jane.roe@hospital.example")
    with pytest.raises(CannotPublish, match="jane"):
        network.publish()
    assert not network.site.exists()


DONORS = {
    "ge": ("ge/DV25.1/protocol.tar", "North Ward 3.tar", "spine"),
    "siemens": ("siemens/XA11B/Coma Science Group.exar1", "North Ward 3.exar1", "brain"),
    "philips": ("philips/R5.3/spine_generic_philips_R53.ExamCard", "North Ward 3.ExamCard", "spine"),
}


@pytest.mark.corpus
@pytest.mark.parametrize("vendor", DONORS)
def test_a_real_donor_is_published_without_its_name(network: Network, corpus: Path, vendor: str) -> None:
    source, name, region = DONORS[vendor]
    (network.folder / name).write_bytes((corpus / source).read_bytes())
    network.edit("  - {vendor: ge, software: MR30.0}\n", f"  - {{vendor: {vendor}, donor: {name}}}\n")
    path = network.spec()
    head = path.read_text().partition("steps:")[0].replace("region: brain", f"region: {region}")
    path.write_text(head + "steps:\n  - acquisition: t1-3d\n")
    network.publish()
    (archive,) = network.site.rglob("*_donor.zip")
    for layer, content in layers(archive.name, archive.read_bytes()):
        assert b"north ward" not in content.lower(), layer
    described = vendors.get(vendor).describe(network.folder / name)
    names = {one for step in described.steps for one in (step.scan.name, *step.path)}
    own = {"Coma Science Group"}  # a source that the spec cites
    telling = [one.encode() for one in names - own if len(one) > 3 and not one.isalpha()]
    for file, content in network.files(f"protocols/test-follow-up/1/{archive.parent.parent.name}").items():
        if not file.endswith(".zip"):
            assert not [one for one in telling if one in content], file
    days = re.compile(r"_201[79]\d{4}")  # on which the GE donor's own series were saved
    assert not [layer for layer, _ in layers(archive.name, archive.read_bytes()) if days.search(layer)]
    manifest = json.loads(next(network.site.rglob("manifest.json")).read_bytes())
    assert all(note["message"] is None and note["count"] >= 1 for note in manifest["notes"])


@pytest.mark.parametrize(
    "form",
    ['<ParamString."tPatientID"> {{ "{}" }}', "<OtherPatientIDs>{}</OtherPatientIDs>", 'StudyID = "{}"'],
)
def test_what_names_a_patient_is_watched_in_every_form(form: str, tmp_path: Path) -> None:
    donor = tmp_path / "protocol.tar"
    donor.write_bytes(as_tar(form.format("ab-12345678").encode()))
    assert identifying(donor) == (b"ab-12345678",)


@pytest.mark.corpus
def test_real_donors_are_searched(corpus: Path) -> None:
    for path in (corpus / "siemens" / "XA61", corpus / "philips" / "R5.3"):
        donor = next(p for p in sorted(path.iterdir()) if p.suffix in (".exar1", ".ExamCard"))
        assert all(len(word) >= 4 for word in identifying(donor))
