from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.vendors.siemens import DIALECT
from generator.vendors.siemens.container import exar
from generator.vendors.siemens.container.graph import pack
from generator.vendors.siemens.inspect import integrity, verify
from tests.vendors.siemens.make import template, written

Tables = dict[str, list[exar.Row]]


def _replaced(tables: Tables, table: str, column: int, kind: str | None, value: object) -> None:
    rows = tables[table]
    at = next(i for i, row in enumerate(rows) if kind is None or row[8] == kind)
    rows[at] = (*rows[at][:column], value, *rows[at][column + 1 :])


FAULTS: dict[str, Callable[[Tables], None]] = {
    "hash": lambda t: t["Content"].__setitem__(0, (t["Content"][0][0], t["Content"][1][1], "DS")),
    "format": lambda t: t["Content"].__setitem__(0, (*t["Content"][0][:2], "XX")),
    "orphan": lambda t: t["Content"].append(("f" * 40, exar.deflate(b"x"), "DS")),
    "branches": lambda t: t["Branch"].append(("third", "Latest", t["Branch"][0][2])),
    "membership": lambda t: t["InstanceChangeSet"].pop(),
    "head-map": lambda t: t["Element"].append(("0" * 8 + "-0000-0000-0000-" + "0" * 11 + "1", 4, None)),
    "element-type": lambda t: _replaced(t, "Element", 1, None, 7),
    "reference": lambda t: _replaced(
        t, "Instance", 6, "EdfPauseStep", "0" * 8 + "-0000-0000-0000-" + "0" * 12
    ),
    "parent": lambda t: _replaced(t, "Instance", 5, "EdfPauseStep", None),
    "tag": lambda t: _replaced(t, "Instance", 4, "EdfProtocol", "#ContentHash|" + "0" * 40),
    "protocol": lambda t: _replaced(t, "Instance", 3, "EdfMeasurementStep", None),
    "step-maps": lambda t: _replaced(t, "Instance", 3, "EdfProgram", pack()),
}


@pytest.mark.parametrize("code", sorted(FAULTS))
def test_a_fault_is_found_and_named(code: str, tmp_path: Path) -> None:
    tables = exar.read(written(tmp_path, template())).tables
    FAULTS[code](tables)
    found = verify(exar.read(written(tmp_path, exar.write(tables), "bad.exar1")))
    assert code in {name for name, _ in found}, found


def test_inspect_shows_the_findings(tmp_path: Path) -> None:
    tables = exar.read(written(tmp_path, template())).tables
    FAULTS["tag"](tables)
    inspection = DIALECT.inspect(written(tmp_path, exar.write(tables), "bad.exar1"))
    assert [note.code for note in inspection.warnings] == ["self-check-tag"]
    assert ("software", "XA61A") in inspection.facts


def test_a_journal_beside_an_archive_is_ignored_and_said(tmp_path: Path) -> None:
    path = written(tmp_path, template())
    written(tmp_path, b"\0" * 512, "site.exar1-journal")
    assert [note.code for note in DIALECT.inspect(path).warnings] == ["journal"]


def test_sqlites_own_check_finds_a_damaged_page() -> None:
    data = bytearray(template())
    data[8192:8200] = b"\0" * 8
    assert integrity(bytes(data))


def test_what_is_shown_of_every_kind(tmp_path: Path) -> None:
    """An archive has a baseline and contents, one of VB its records, a single protocol neither."""
    archive = dict(DIALECT.inspect(written(tmp_path, template())).facts)
    assert archive == {
        "format": "siemens-exar1",
        "kind": "exam archive (VD/VE and XA consoles)",
        "software": "XA61A",
        "field strength": "3 T",
        "baseline": "MAJORVERSION:VA61A, PROTOCOL:66110001, ADDIN:NXMAINLINE, EDF:1, SEQUENCE:1",
        "contents": archive["contents"],
        "program": "Head / Tests / Site card",
        "acquisitions": "3",
    }
    assert int(archive["contents"]) == len(exar.read(written(tmp_path, template())).contents)
    old = dict(DIALECT.inspect(written(tmp_path, vb_archive(), "a.edx")).facts)
    assert (old["kind"], old["records"], old["format"]) == ("exam archive (VB consoles)", "2", "siemens-edx")
    assert "baseline" not in old and "contents" not in old
    text = written(tmp_path, PROTOCOL, "a.pro")
    single = DIALECT.inspect(text)
    shown = dict(single.facts)
    assert (shown["kind"], shown["software"], shown["field strength"]) == (
        "single protocol",
        "VB17A",
        "not stated",
    )
    assert shown["acquisitions"] == "1" and [name for name, _ in single.series] == ["a"]
    assert not {"records", "baseline"} & shown.keys() and list(single.warnings) == []
    written(tmp_path, b"", "a.pro-journal")
    assert list(DIALECT.inspect(text).warnings) == []


PROTOCOL = (
    b"<XProtocol>\r\n### ASCCONV BEGIN ###\r\nulVersion = 0x14b44b6\r\n"
    b'tProtocolName = "a"\r\n### ASCCONV END ###\r\n'
)


def vb_archive() -> bytes:
    bodies = (b"MrEdbType=Prog\r\nMrEdbName=card\r\nMrEdbPartname=a\r\n**********\r\n",
              b"MrEdbType=Prot\r\nMrEdbName=a\r\n**********\r\n" + PROTOCOL)  # fmt: skip
    records = [b"@" * 30 + b"\r\n%d\r\n0\r\n%s" % (len(body), body) for body in bodies]
    return zlib.compress(b"MrEdxFile\r\n11300\r\nProg\r\n\r\n" + b"\r\n".join(records))
