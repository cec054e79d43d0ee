from __future__ import annotations

import gzip
from pathlib import Path

from generator.vendors.dialect import Inspection
from generator.vendors.ge import DIALECT
from generator.vendors.ge.container import archive
from tests.support.translate import write_export
from tests.vendors.ge.support import donor_file, lx, protocol_files, sink, tar_of, template


def codes(path: Path) -> set[str]:
    return {note.code for note in DIALECT.inspect(path).warnings}


def test_what_a_file_is(tmp_path: Path) -> None:
    found = DIALECT.inspect(donor_file(tmp_path, {"T2": lx(), "T1": lx()}))
    assert dict(found.facts) == {
        "layout": "bare archive",
        "software": "MR30.0#1",
        "field strength": "3 T",
        "gradient coil": "13 (Premier)",
        "protocol": "Site brain: 2 series, 6:40",
    }
    assert found.series == (("T2", 200.0), ("T1", 200.0))


def test_what_hinders_an_import(tmp_path: Path) -> None:
    files = protocol_files({"T2": lx(COILPLUGS="")}, name="Brain: MS")
    files["session.xml"] = files["session.xml"].replace(b'name="scanTime"', b'name="other"')
    files["T2_20200101_0/.pn/notes.html"] = b'<html><p><img src="file:/x/1.jpg"></p></html>'
    members = archive.read(
        tar_of({**files, "._session.xml": b"\0", "protocolMetadata.json": b"{}"}), "x"
    ).members
    path = tmp_path / "x.tar"
    path.write_bytes(archive.Archive(members, bytes(1024)).to_bytes())
    assert codes(path) == {
        "bare-archive",
        "apple-double",
        "tar-length",
        "forbidden-name",
        "cloud-metadata",
        "no-scan-time",
        "blank-fields",
        "missing-keys",
        "pictures",
    }


def test_our_own_export_is_warned_of_nothing_but_its_missing_times(tmp_path: Path) -> None:
    assert codes(write_export(template(sink()), tmp_path)) == set()


def test_one_series_is_no_protocol(tmp_path: Path) -> None:
    path = tmp_path / "LxProtocol"
    path.write_bytes(lx())
    assert codes(path) == {"single-series"}


# --- facts and warnings, one by one -----------------------------------------------------------------------


def found(tmp_path: Path, files: dict[str, bytes]) -> Inspection:
    path = tmp_path / "x.tar"
    path.write_bytes(tar_of(files))
    return DIALECT.inspect(path)


def test_layouts_and_coils_are_named(tmp_path: Path) -> None:
    files = protocol_files({"T2": lx()})
    for code, name in {"8": "MR750", "11": "Artist", "13": "Premier", "99": "unknown", "": "unknown"}.items():
        old, new = b'name="gradcoil" value="13"', f'name="gradcoil" value="{code}"'.encode()
        facts = dict(found(tmp_path, {**files, "session.xml": files["session.xml"].replace(old, new)}).facts)
        assert facts["gradient coil"] == f"{code or 'not stated'} ({name})"
    layouts = {
        "a/x.tar": (tar_of(files), "bare archive"), "b/x.tgz": (gzip.compress(tar_of(files)),
        "compressed archive"),
        "c/.rawProtocol/Protocol0.tar": (tar_of(files), "media layout of Protocol Exchange"),
        "d/p/session.xml": (files["session.xml"], "unpacked folder"),
    }  # fmt: skip
    for place, (data, layout) in layouts.items():
        path = tmp_path / place
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
        for name, content in files.items():
            if place.startswith("d/") and name != "session.xml":
                (path.parent / name).parent.mkdir(parents=True, exist_ok=True)
                (path.parent / name).write_bytes(content)
        top = tmp_path / place[0] if place[0] in "cd" else path
        said = DIALECT.inspect(top)
        assert dict(said.facts)["layout"] == layout
        assert ("bare-archive" in {note.code for note in said.warnings}) == (place[0] != "c")
    unknown = files["session.xml"].replace(b'value="30000"', b'value=""').replace(b"MR_VERSION", b"MR_OTHER")
    said = found(tmp_path, {**files, "session.xml": unknown.replace(b'name="scanTime"', b'name="other"')})
    facts = dict(said.facts)
    assert (facts["software"], facts["field strength"]) == ("not stated", "not stated or mixed")
    assert facts["protocol"] == "Site brain: 1 series, time not complete"
    assert said.series == (("T2", None),)


def test_warnings_say_which_series_and_which_keys(tmp_path: Path) -> None:
    files = protocol_files({"T2": lx(), "T1": lx(TE="", PLUG=None, USERCV1="null", TI=" ")})
    warnings = found(tmp_path, files).warnings
    blank = [note for note in warnings if note.code == "blank-fields"]
    assert [(note.protocol, note.step) for note in blank] == [(0, 1)]
    assert "blank: TE, TI, USERCV1" in blank[0].message
    missing = {note.step: note.message for note in warnings if note.code == "missing-keys"}
    assert "PLUG" in missing[1] and "PLUG" not in missing[0]
    for name in ("IMODE", "PSEQ"):
        notes = found(tmp_path, protocol_files({"T2": lx(**{name: None})})).warnings
        assert any(name in note.message for note in notes if note.code == "missing-keys")
    assert not {"tar-owner", "pictures", "cloud-metadata", "apple-double"} & {note.code for note in warnings}


def test_who_packed_an_archive_and_how_long_it_is(tmp_path: Path) -> None:
    members = archive.read(tar_of(protocol_files({"T2": lx()})), "x").members
    header = members[0].header[:265] + b"root".ljust(32, b"\0") + members[0].header[297:]
    header = header[:148] + b"%06o\0 " % archive.checksum(header) + header[156:]
    path = tmp_path / "x.tar"
    path.write_bytes(archive.pack([members[0]._replace(header=header), *members[1:]]))
    assert "tar-owner" in codes(path) and "tar-length" not in codes(path)
    short = archive.Archive(members, bytes(1024)).to_bytes()
    path.write_bytes(short)
    assert {"tar-length"} == codes(path) & {"tar-length", "tar-owner"}
    packed = tmp_path / "x.tgz"
    packed.write_bytes(gzip.compress(short))
    assert "tar-length" not in codes(packed)


def test_one_series_is_described(tmp_path: Path) -> None:
    path = tmp_path / "LxProtocol"
    path.write_bytes(lx())
    assert DIALECT.inspect(path).facts == (
        ("content", "one series, without session.xml"), ("software", "not stated"),
    )  # fmt: skip
