"""Lossless containers: what is read and written back without an edit has the same bytes."""

from __future__ import annotations

import sqlite3
import uuid
import zlib
from pathlib import Path
from typing import Any

import pytest

from generator import limits
from generator.errors import UnusableInput
from generator.vendors.siemens.container import ascconv, edx, exar, graph
from generator.vendors.siemens.fields.block import preview_of
from generator.vendors.siemens.inspect import integrity, verify
from tests.vendors.siemens.make import template, written

RECORD = b"MrEdbVersion=VB15A\r\nMrEdbType=%s\r\nMrEdbName=%s\r\n%s**********\r\n%s"  # head, then content

PARTS = b"MrEdbPartname=B\r\nMrEdbPartname=A+AF8-1\r\n"


def edx_bytes() -> bytes:
    bodies = [
        (
            2,
            RECORD % (b"Prog", b"spine+AF8-a", PARTS, b"Archive=1\r\n"),
        ),
        (
            0,
            RECORD % (b"Prot", b"A+AF8-1", b"", b"CopyRefUpToDate=0\r\n<XProtocol> \n###\n"),
        ),
        (0, RECORD % (b"Prot", b"B", b"", b"CopyRefUpToDate=0\r\n<XProtocol> \n")),
    ]
    records = [b"@" * 30 + b"\r\n%d\r\n%d\r\n%s" % (len(body), parts, body) for parts, body in bodies]
    return zlib.compress(b"MrEdxFile\r\n11300\r\nProg\r\n\r\n" + b"\r\n".join(records), 9)


def check_rows(archive: exar.Archive) -> None:
    assert archive.contents
    for key, packed in archive.contents.items():
        content = archive.content(key)
        name, document = exar.loads(content)
        assert exar.dumps(name, document) == content, f"{name} {key}"
        assert exar.content_hash(content) == key
        assert exar.deflate(content) == packed


def test_every_row_of_a_written_archive_survives_a_null_edit(tmp_path: Path) -> None:
    check_rows(exar.read(written(tmp_path, template())))


@pytest.mark.corpus
def test_every_row_of_every_real_archive_survives_a_null_edit(corpus: Path) -> None:
    paths = sorted((corpus / "siemens").rglob("*.exar1"))
    assert paths
    for path in paths:
        archive = exar.read(path)
        check_rows(archive)
        assert verify(archive) == []
        tree = graph.load(archive)
        for node in tree.nodes.values():
            if node.kind == "EdfProtocol":
                _check_text(tree.document(node))


def _check_text(document: dict[str, object]) -> None:
    text = str(document["Data"])
    block = ascconv.parse(text)
    same = {k: v[1:-1] if v.startswith('"') else ascconv.to_number(v) for k, v in block.raw.items()}
    assert ascconv.edit(text, same) == text
    name = block.text("tProtocolName")
    assert set(ascconv.names(text)) == {name}
    assert ascconv.set_names(ascconv.set_names(text, 'a "b"'), str(name)) == text
    shown = document["Preview"]
    assert isinstance(shown, dict)
    for key, value in preview_of(block).items():
        if key in shown:
            assert shown[key]["Value"] == (
                value if isinstance(value, str) else pytest.approx(value, rel=1e-6)
            ), key


@pytest.mark.corpus
def test_the_rows_of_a_real_archive_are_written_as_they_were(corpus: Path, tmp_path: Path) -> None:
    for path in sorted((corpus / "siemens").rglob("*.exar1")):
        tables = exar.read(path).tables
        data = exar.write(tables)
        assert integrity(data) == []
        assert exar.read(written(tmp_path, data)).tables == tables
        assert len(data) == path.stat().st_size


def test_an_archive_has_the_page_size_and_the_header_of_a_console() -> None:
    data = template()
    assert int.from_bytes(data[16:18], "big") == 8192
    assert data[18:20] == b"\x01\x01"
    assert len(data) % 8192 == 0
    assert int.from_bytes(data[96:100], "big") == exar.SQLITE_VERSION_IN_HEADER


def test_an_edx_survives_a_null_edit_and_keeps_the_order_of_its_program(tmp_path: Path) -> None:
    archive = edx.read(written(tmp_path, edx_bytes(), "a.edx"))
    assert archive.to_bytes() == edx_bytes()
    ((program, records),) = edx.in_order(archive)
    assert program is not None
    assert program.value("MrEdbName") == "spine_a"
    assert [r.value("MrEdbName") for r in records] == ["B", "A_1"]
    changed = records[0].with_protocol("<XProtocol> changed\n")
    assert changed.protocol == "<XProtocol> changed\n"
    assert changed.head == records[0].head


def test_the_parts_of_a_vd_program_are_linked_by_the_id_of_their_record(tmp_path: Path) -> None:
    """Two programs hold a scan of one name; the ids say which is whose, whatever the order of the records."""
    ids = [b"{0A1B2C3D-0000-0000-0000-00000000000%d}" % i for i in range(2)]
    head = b"MrEdbVersion=VD11A\r\nMrEdbType=%s\r\nMrEdbName=%s\r\n%s**********\r\n%s"
    parts = [b"MrEdbPartname=%s // t1\r\n" % uid for uid in ids]
    bodies = [(1, head % (b"Prog", name, part, b"")) for name, part in zip((b"A", b"B"), parts, strict=True)]
    bodies += [(0, head % (b"Prot", b"t1", b"MrEdbUID=%s\r\n" % uid, uid)) for uid in reversed(ids)]
    records = [b"@" * 30 + b"\r\n%d\r\n%d\r\n%s" % (len(body), n, body) for n, body in bodies]
    text = zlib.compress(b"MrEdxFile\r\n11300\r\nProg\r\n\r\n" + b"\r\n".join(records), 9)
    found = edx.in_order(edx.read(written(tmp_path, text, "vd.edx")))
    assert [p.name if p else None for p, _ in found] == ["A", "B"]
    assert [[r.content for r in own] for _, own in found] == [[ids[0]], [ids[1]]]
    assert [[r.name for r in own] for _, own in found] == [["t1"], ["t1"]]


@pytest.mark.corpus
def test_real_edx_and_pro_files_survive_a_null_edit(corpus: Path) -> None:
    edx_path = next((corpus / "siemens").rglob("*.edx"))
    assert edx.read(edx_path).to_bytes() == edx_path.read_bytes()
    pro_path = next((corpus / "siemens").rglob("*.pro"))
    assert ascconv.read(pro_path).to_bytes() == pro_path.read_bytes()


@pytest.mark.parametrize("text", ["DWI_b0", "a\\b=c", "plain (1)", "µ und mehr"])
def test_names_of_vb_are_encoded_both_ways(text: str) -> None:
    assert edx.utf7(edx.to_utf7(text).encode("ascii")) == text


def test_documents_are_spelled_as_the_console_spells_them() -> None:
    shared = {"b": 1.0, "a": 0.1}
    document = exar.number({"x": shared, "y": [shared, "é\u2028"], "empty": [], "z": 2.8936200141906738})
    body = exar.dumps("EdfString", document).decode().partition("\r\n")[2]
    assert '"$ref": "3"' in body
    assert '"a": 0.1,\r\n    "b": 1.0' in body
    assert "2.8936200141906738" in body
    assert "é\\u2028" in body
    assert '"$values": []' in body
    plain = exar.unwrap(document)
    assert plain["y"][0] is plain["x"]


def test_a_float_keeps_its_spelling() -> None:
    content = f'{exar.CLASS_PREFIX}EdfProtocolContent;\r\n{{\r\n  "a": 1.50E+02\r\n}}'.encode()
    assert exar.dumps(*exar.loads(content)) == content


def test_a_content_that_inflates_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CONTENT_BYTES", 1000)
    with pytest.raises(UnusableInput, match="inflates to more than"):
        exar.inflate(exar.deflate(b"0" * 5000), "x", "row")


def test_an_archive_does_not_depend_on_what_was_written_before() -> None:
    def tables(size: int) -> dict[str, list[exar.Row]]:
        content: list[exar.Row] = [(f"{i:040x}", bytes([i]) * size, "DS") for i in range(40)]
        return {table: [] for table in exar.COLUMNS} | {"Content": content}

    first = exar.write(tables(100))
    assert exar.write(tables(30_000)) != first
    with pytest.raises(sqlite3.IntegrityError):  # the same key twice
        exar.write(tables(100) | {"Content": [("key", b"", "DS")] * 2})
    assert exar.write(tables(100)) == first
    assert len(exar.read_bytes(first, "first").contents) == 40


@pytest.mark.parametrize(
    "value",
    [{}, [], {"a": [], "b": {}}, {"ä\x85\u2028": ['\x00\t"\\/', -1, True, None]}, {"x": 1.0}, {"x": 1e-7}],
)
def test_json_is_spelled_the_same_with_doubles_and_without(value: Any) -> None:
    """A double makes the whole document go the long way; what it holds beside is written alike."""
    document = exar.number({"value": value})
    short, long = exar.dumps("X", document), exar.dumps("X", {**document, "z": 0.5})
    assert long == short.removesuffix(b"\r\n}") + b',\r\n  "z": 0.5\r\n}'
    assert exar.loads(short)[1] == document


def test_ids_are_packed_as_the_uuid_module_packs_them() -> None:
    ids = [graph.Store("seed").new_id(str(i)) for i in range(40)]
    assert [uuid.UUID(one).version for one in ids] == [5] * 40
    assert {uuid.UUID(one).variant for one in ids} == {uuid.RFC_4122}
    packed = graph.pack(*ids)
    assert packed == b"".join(uuid.UUID(one).bytes_le for one in ids)
    assert graph.unpack(packed + b"rest") == ids
