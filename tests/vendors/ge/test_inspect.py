from __future__ import annotations

from pathlib import Path

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
