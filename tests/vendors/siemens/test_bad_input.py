"""Whatever is wrong with a file becomes a sentence that says what the file is, never a traceback."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator import limits
from generator.errors import UnusableInput
from generator.vendors.siemens import DIALECT
from generator.vendors.siemens.container import exar
from generator.vendors.siemens.facts import KEYS_OF_FIELD, SEQUENCES
from tests.vendors.siemens.make import template, written
from tests.vendors.siemens.surgery import rehashed
from tests.vendors.siemens.test_container import edx_bytes

Tables = dict[str, list[exar.Row]]


def refused(path: Path) -> str:
    with pytest.raises(UnusableInput) as error:
        DIALECT.read(path)
    assert str(path.name) in str(error.value)
    return str(error.value)


def hostile(path: Path, *statements: str) -> Path:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return path


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"", "a.exar1", "empty"),
        (b"\x93\x01random" * 40, "a.exar1", "this file is"),
        (b"SQLite format 3\0" + b"\0" * 50, "a.exar1", "truncated"),
        (b"<XProtocol> ...", "a.exar1", "a protocol text"),
        (b"%PDF-1.4", "a.exar1", "a PDF"),
        (b"SQLite format 3\0" + b"\0" * 600, "a.edx", "an .exar1 archive"),
        (b"hello", "a.pro", "no MrProt block"),
        (b"### ASCCONV BEGIN ###\nulVersion = 1\n", "a.pro", "truncated"),
        (b"\0\1\2" * 99, "a.pro", "a binary file"),
        (b"SQLite format 3\0", "a.pro", "an .exar1 archive"),
        (b"x", "a.edx", "zlib"),
        (zlib.compress(b"something else"), "a.edx", "MrEdxFile"),
        (zlib.compress(b"MrEdxFile\r\n"), "a.edx", "without a record"),
        (b"<PrintOut/>", "a.xml", "without a protocol"),
        (b"<PrintOut>", "a.xml", "damaged XML"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><PrintOut/>', "a.xml", "DOCTYPE"),
        (b"<Other/>", "a.xml", "not a Siemens protocol file"),
    ],
)
def test_a_file_of_another_kind_is_named(content: bytes, name: str, message: str, tmp_path: Path) -> None:
    assert message in refused(written(tmp_path, content, name))


def test_an_edx_given_as_pro_is_recognised(tmp_path: Path) -> None:
    assert "an .edx archive" in refused(written(tmp_path, edx_bytes(), "a.pro"))


def test_a_cut_edx_says_where(tmp_path: Path) -> None:
    assert "truncated zlib" in refused(written(tmp_path, edx_bytes()[:-20], "a.edx"))
    text = zlib.decompress(edx_bytes())
    assert "cut off" in refused(written(tmp_path, zlib.compress(text[:-30]), "a.edx"))


def test_a_truncated_database_says_how_much_is_there(tmp_path: Path) -> None:
    assert "truncated SQLite database: 20000 of" in refused(written(tmp_path, template()[:20000]))


def test_a_damaged_database_is_refused(tmp_path: Path) -> None:
    data = bytearray(template())
    data[100:8192] = b"\xff" * 8092
    assert "damaged" in refused(written(tmp_path, bytes(data)))


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER t AFTER INSERT ON Content BEGIN DELETE FROM Content; END",
        "CREATE VIEW v AS SELECT load_extension('x')",
        "CREATE VIRTUAL TABLE f USING fts5(x)",
        "CREATE TABLE other (x)",
        "CREATE INDEX i ON Content (length(Data))",
    ],
)
def test_a_schema_that_is_not_an_archives_is_refused(statement: str, tmp_path: Path) -> None:
    path = hostile(written(tmp_path, template()), statement)
    assert "not the schema of an .exar1 archive" in refused(path)


def test_a_view_in_the_place_of_a_table_is_not_run(tmp_path: Path) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i, i, i FROM n"
    path = hostile(written(tmp_path, template()), "DROP TABLE Content", f"CREATE VIEW Content AS {endless}")
    assert "view 'Content'" in refused(path)


def test_another_database_is_told_from_an_archive(tmp_path: Path) -> None:
    path = hostile(tmp_path / "a.exar1", "CREATE TABLE Branch (x)")
    assert "not the schema" in refused(path)


def changed(tmp_path: Path, change: Callable[[Tables], None]) -> Path:
    tables = exar.read(written(tmp_path, template())).tables
    change(tables)
    return written(tmp_path, exar.write(tables), "changed.exar1")


def _content(tables: Tables, kind: str) -> tuple[str, dict[str, object]]:
    for key, packed, _ in tables["Content"]:
        name, document = exar.loads(exar.inflate(packed, "x", "x"))
        if name == kind:
            return str(key), document
    raise AssertionError(kind)


def _with_program(change: Callable[[dict[str, object]], None]) -> Callable[[Tables], None]:
    def apply(tables: Tables) -> None:
        key, document = _content(tables, "EdfProgram")
        plain = exar.unwrap(document)
        change(plain)
        packed = exar.deflate(exar.dumps("EdfProgram", exar.number(plain)))
        tables["Content"] = [(k, packed if k == key else d, f) for k, d, f in tables["Content"]]
        rehashed(tables)

    return apply


def _circle(program: dict[str, object]) -> None:
    links = program["LinksFrom"]
    assert isinstance(links, dict)
    link = dict(next(found for found in links.values() if found)[0])
    links[program["LastStepId"]] = [
        link | {"SourceId": program["LastStepId"], "TargetId": program["FirstStepId"]}
    ]


def _nowhere(program: dict[str, object]) -> None:
    links = program["LinksFrom"]
    assert isinstance(links, dict)
    links[program["FirstStepId"]][0]["TargetId"] = "00000000-0000-0000-0000-00000000000f"


def _drop_content(tables: Tables) -> None:
    key, _ = _content(tables, "EdfProgram")
    tables["Content"] = [row for row in tables["Content"] if row[0] != key]


def _drop_branch(tables: Tables) -> None:
    tables["Branch"] = tables["Branch"][:1]


def _drop_instances(tables: Tables) -> None:
    tables["Instance"] = tables["Instance"][:3]


def _garbage(tables: Tables) -> None:
    tables["Content"] = [(key, b"garbage", form) for key, _, form in tables["Content"]]


def _no_header(tables: Tables) -> None:
    tables["Content"] = [(key, exar.deflate(b"{}"), form) for key, _, form in tables["Content"]]
    rehashed(tables)


def _deep(tables: Tables) -> None:
    header = f"{exar.CLASS_PREFIX}EdfProgramContent;\r\n".encode()
    bad = exar.deflate(header + b"[" * 200_000)
    tables["Content"] = [(key, bad, form) for key, _, form in tables["Content"]]
    rehashed(tables)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_with_program(_circle), "circle"),
        (_with_program(_nowhere), "does not hold"),
        (_drop_content, "missing"),
        (_drop_branch, "archive is empty"),
        (_drop_instances, "missing"),
        (_garbage, "DEFLATE"),
        (_no_header, "EDF V1"),
        (_deep, "nested more than 100 times"),
    ],
)
def test_an_archive_that_does_not_hold_together(
    change: Callable[[Tables], None], message: str, tmp_path: Path
) -> None:
    assert message in refused(changed(tmp_path, change))


def test_a_bomb_in_a_row_is_not_inflated(tmp_path: Path) -> None:
    bomb = exar.deflate(b"\0" * (limits.CONTENT_BYTES + 10))
    assert len(bomb) < 1 << 18

    def change(tables: Tables) -> None:
        tables["Content"] = [(key, bomb, form) for key, _, form in tables["Content"]]

    assert "inflates to more than" in refused(changed(tmp_path, change))


@given(at=st.integers(0, 60_000), junk=st.binary(min_size=1, max_size=40))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_flipped_archive_is_read_or_refused_but_never_breaks(at: int, junk: bytes, tmp_path: Path) -> None:
    data = bytearray(template())
    data[at : at + len(junk)] = junk
    path = written(tmp_path, bytes(data))
    for action in (DIALECT.read, DIALECT.inspect):
        try:
            action(path)
        except UnusableInput as error:
            assert "site.exar1" in str(error)


@given(cut=st.integers(0, 400), junk=st.binary(max_size=20))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_edx_is_read_or_refused(cut: int, junk: bytes, tmp_path: Path) -> None:
    text = zlib.decompress(edx_bytes())
    path = written(tmp_path, zlib.compress(text[:cut] + junk + text[cut:]), "a.edx")
    with pytest.raises(UnusableInput):
        DIALECT.read(path)


MEMBERS = sorted(
    {key for keys in KEYS_OF_FIELD.values() for key in keys} | {"sKSpace.lBaseResolution", "lRepetitions"}
)
SPELLINGS = st.one_of(
    st.integers(-(10**12), 10**12).map(str),
    st.floats().map(str),
    st.sampled_from(["0x1", "0x20 # ' '", '"text"', "", "-0", "1e308", "0.0"]),
)


@given(values=st.dictionaries(st.sampled_from(MEMBERS), SPELLINGS), binary=st.sampled_from(sorted(SEQUENCES)))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_value_of_a_member_breaks_the_reader(values: dict[str, str], binary: str, tmp_path: Path) -> None:
    lines = [f"{key}\t = \t{value}\n" for key, value in values.items()]
    head = f'### ASCCONV BEGIN ###\ntSequenceFileName\t = \t"%SiemensSeq%\\{binary}"\n'
    path = written(tmp_path, (head + "".join(lines) + "### ASCCONV END ###\n").encode(), "a.pro")
    assert len(DIALECT.read(path).protocols[0].steps) == 1


def test_an_impossible_value_is_left_out_and_said(tmp_path: Path) -> None:
    text = "### ASCCONV BEGIN ###\nadFlipAngleDegree[0]\t = \t400.0\n### ASCCONV END ###\n"
    result = DIALECT.read(written(tmp_path, text.encode(), "a.pro"))
    step = result.protocols[0].acquisitions[0]
    assert step.flip_angle is None
    assert step.vendor["ascconv"]["adFlipAngleDegree[0]"] == "400.0"
    assert [note.field for note in result.notes if note.code == "impossible"] == ["flip_angle"]


@pytest.mark.parametrize("value", [None, 5, "x", [], {"$values": 3}, {"$values": [None, 7]}])
@pytest.mark.parametrize("member", ["LinksFrom", "Conditions", "FirstStepId", "Ranks"])
def test_a_document_of_another_shape_does_not_break_the_reader(
    member: str, value: object, tmp_path: Path
) -> None:
    def change(program: dict[str, object]) -> None:
        program[member] = {"a": value} if member == "Ranks" else value

    path = changed(tmp_path, _with_program(change))
    for action in (DIALECT.read, DIALECT.inspect):
        try:
            action(path)
        except UnusableInput as error:
            assert "changed.exar1" in str(error)


@pytest.mark.parametrize(
    ("member", "field"),
    [
        ("alTR[0]\t = \tnan", "repetition_time"),
        ("alTR[0]\t = \t3.4e38", "repetition_time"),
        ("sSliceArray.lSize\t = \t4294967295", "number_of_slices"),
    ],
)
def test_an_absurd_value_is_a_note_with_what_the_file_says(tmp_path: Path, member: str, field: str) -> None:
    text = f"### ASCCONV BEGIN ###\nsKSpace.ucDimension\t = \t2\n{member}\n### ASCCONV END ###\n"
    result = DIALECT.read(written(tmp_path, text.encode(), "a.pro"))
    (scan,) = result.protocols[0].acquisitions
    assert getattr(scan, field) is None
    (note,) = (note for note in result.notes if note.field == field)
    assert (note.code, any(part in note.message for part in ("nan", "3.4e+35", "4294967295"))) == (
        "impossible",
        True,
    )
