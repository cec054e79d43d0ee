"""The .exar1 container: SQLite bytes to tables and back, content rows to documents and back.

A database from outside is only read, never run: opened immutable and read-only, its schema compared with the
seven known tables, every other object refused, statements limited to plain reads of those tables.
Source: formats/siemens.md sections 2.1 and 2.3.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from itertools import chain, islice
from json.encoder import encode_basestring
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from pydantic_core import from_json, to_json

from generator import limits
from generator.errors import UnusableInput, damage, shortened
from generator.vendors.siemens.container import SQLITE, kind_of

if TYPE_CHECKING:
    import sqlite3

PAGE_SIZE = 8192
_MOST_FOLD, _USUAL_FOLD = 1032, 8
"""DEFLATE never inflates to more than 1032 times its size; contents of consoles to about 6 times."""
CLASS_PREFIX = "EDF V1: ContentType=syngo.MR.ExamDataFoundation.Data."
_HEADER = CLASS_PREFIX.encode()
SQLITE_VERSION_IN_HEADER = 3036000
"""Version number written at byte 96, a constant so that all machines write the same bytes."""

Row = tuple[Any, ...]

_ID = "UNIQUEIDENTIFIER"
COLUMNS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "ElementToInstanceMap": (("Id", f"{_ID}!"), ("Data", "BLOB!")),
    "InstanceChangeSet": (
        ("InstanceId", f"{_ID}!"), ("ChangeSetId", f"{_ID}!"), ("ElementId", f"{_ID}!"),
        ("State", "INTEGER!"),
    ),
    "Instance": (
        ("Id", f"{_ID}!"), ("Element_id", f"{_ID}!"), ("ContentHash", "TEXT"), ("Children", "BLOB"),
        ("Tags", "TEXT"), ("ParentElementId", _ID), ("LabelElement_id", _ID), ("DescriptionElement_id", _ID),
        ("InstanceType", "TEXT"), ("ObjectId", f"{_ID}!"),
    ),
    "Content": (("Hash", "TEXT!"), ("Data", "BLOB!"), ("Format", "TEXT!")),
    "Element": (("Id", f"{_ID}!"), ("Type", "INTEGER!"), ("CommentElement_id", _ID)),
    "ChangeSet": (
        ("Id", f"{_ID}!"), ("Author", "TEXT!"), ("DateTime", "DATETIME!"), ("Comment", "TEXT!"),
        ("MachineName", "TEXT!"), ("Parent1ChangeSet_id", _ID), ("Parent2ChangeSet_id", _ID),
        ("BaseElementMapId", f"{_ID}!"), ("DeltaElementMapId", f"{_ID}!"),
    ),
    "Branch": (("Baseline", "TEXT!"), ("Name", "TEXT!"), ("Head", f"{_ID}!")),
}  # fmt: skip
"""Tables with their columns; a type with a mark is ``not null``."""
_KEYS = {"InstanceChangeSet": "ElementId, ChangeSetId", "Content": "Hash", "Branch": "Baseline, Name"}
TREE_TABLES = ("ElementToInstanceMap", "Instance", "Content", "ChangeSet", "Branch")
"""All that the exam tree needs; the others repeat its history."""
_INDEXES = (("Branch", "Name"), ("Branch", "Head"), ("Element", "Type"))


@cache
def schema() -> tuple[str, ...]:
    """Write the schema; all known archives, VE11B to XA61, hold the same one."""
    statements = []
    for table, columns in COLUMNS.items():
        lines = [f"{n} {t.rstrip('!')}{' not null' * t.endswith('!')}" for n, t in columns]
        body = ",\n".join([*lines, f"primary key ({_KEYS.get(table, 'Id')})"])
        statements.append(f"CREATE TABLE {table} (\n{body}\n)")
    names = [(f"exam_autoindex_{table}_{column}", table, column) for table, column in _INDEXES]
    indexes = [f"CREATE INDEX {name} ON {table} ( {column} )" for name, table, column in names]
    return (*statements, *indexes)


@dataclass
class Archive:
    """All rows of an archive, and its contents inflated when asked for.

    Attributes
    ----------
    tables : dict of str to list of tuple
        Rows in the order they are stored.
    contents : dict of str to bytes
        Hash to compressed content, as stored.
    trusted : bool
        Whether this very program wrote it a moment ago, so that no hash needs to be compared.
    """

    path: Path | str
    tables: dict[str, list[Row]]
    contents: dict[str, bytes]
    trusted: bool = False
    _inflated: dict[str, bytes] = field(default_factory=dict)
    _documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    _size: int = 0

    @cached_property
    def _most(self) -> int:
        return limits.inflated(sum(map(len, self.contents.values())), limits.CONTENTS_BYTES)

    def content(self, key: str) -> bytes:
        """Inflated bytes of a content row: header line and JSON document.

        Raises
        ------
        UnusableInput
            If the row is missing, no DEFLATE stream, too large when inflated, or not what its hash says.
        """
        if key not in self._inflated:
            self._inflated[key] = self._inflate(key)
        return self._inflated[key]

    def _inflate(self, key: str) -> bytes:
        if key not in self.contents:
            raise UnusableInput(self.path, "a content row that is referred to is missing", f"row {key}")
        content = inflate(self.contents[key], self.path, key)
        self._size += len(content)
        if self._size > self._most:
            raise UnusableInput(self.path, f"contents inflate to more than {self._most} bytes", f"row {key}")
        if not self.trusted and content_hash(content) != key:
            said = "the content does not hash to its key, so it was changed or damaged after its export"
            raise UnusableInput(self.path, f"{said} (its SHA-1 is {content_hash(content)})", f"row {key}")
        return content

    def document(self, key: str) -> dict[str, Any]:
        """JSON document of a content row: read once, shared, not to be changed."""
        if key not in self._documents:
            known = self.trusted and key in self.contents
            self._documents[key] = _once(self.contents[key]) if known else self.fresh_document(key)
        return self._documents[key]

    def fresh_document(self, key: str) -> dict[str, Any]:
        """JSON document of a content row, read anew and not kept: for the large ones that are read once."""
        return _document(self._inflated.get(key) or self._inflate(key), self.path, key)

    def spelled(self, key: str) -> tuple[str, dict[str, Any]]:
        """Class and document of a content row, numbers as they are spelled; for one that is written again."""
        with damage(self.path, f"row {key}"):
            return loads(self.content(key))


def _document(content: bytes, path: Path | str, key: str) -> dict[str, Any]:
    """Read the JSON document of inflated content."""
    if not content.startswith(_HEADER):
        raise UnusableInput(path, "not an exam content: no 'EDF V1: ContentType=' line", f"row {key}")
    try:
        found = from_json(content[content.find(b"\n") + 1 :])
    except ValueError as error:
        deep = "recursion limit" in str(error)
        what = _TOO_DEEP if deep else f"no JSON after the header line: {shortened(error)}"
        raise UnusableInput(path, what, f"row {key}") from error
    if _is_deep(found):
        raise UnusableInput(path, _TOO_DEEP, f"row {key}")
    if not isinstance(found, dict):
        raise UnusableInput(path, "the JSON document is not one object", f"row {key}")
    return found


def written_document(packed: bytes) -> dict[str, Any]:
    """JSON document of a content row that this program wrote."""
    return _document(inflate(packed, "", ""), "", "")


_once = lru_cache(maxsize=256)(written_document)
"""Archives share most of their small documents."""


_TOO_DEEP = f"JSON nested more than {limits.DEPTH} times"
_NESTED = frozenset({dict, list})


def _is_deep(document: Any) -> bool:
    """Whether a document is nested too deep to be walked through."""
    return next(islice(_layers(document), limits.DEPTH, None), None) is not None


def _layers(document: Any) -> Iterator[set[type]]:
    """Yield the types of what a document holds, then of what its objects and lists hold, and so on."""
    members = [document]
    while layer := [one.values() if type(one) is dict else one for one in members if type(one) in _NESTED]:
        members = [*chain.from_iterable(layer)]
        yield set(map(type, members))


def content_hash(content: bytes) -> str:
    """Hash of a content row: SHA-1 of the inflated bytes, header line included."""
    return hashlib.sha1(content).hexdigest()


def deflate(content: bytes) -> bytes:
    """Compress as consoles do: raw DEFLATE, level 6."""
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def inflate(data: bytes, path: Path | str, key: str) -> bytes:
    """Decompress a content row, up to a limit.

    Raises
    ------
    UnusableInput
        If it is no complete raw DEFLATE stream or larger than the limit when inflated.
    """
    if len(data) <= limits.CONTENT_BYTES // _MOST_FOLD:
        try:
            return zlib.decompress(data, -15, _USUAL_FOLD * len(data))
        except zlib.error:
            pass  # the slow way below finds what is wrong with it
    unpacker = zlib.decompressobj(-15)
    try:
        content = unpacker.decompress(data, limits.CONTENT_BYTES)
    except zlib.error as error:
        raise UnusableInput(path, f"content is not a DEFLATE stream ({error})", f"row {key}") from error
    if not unpacker.eof:
        if len(content) >= limits.CONTENT_BYTES:
            most = limits.CONTENT_BYTES >> 20
            raise UnusableInput(path, f"content inflates to more than {most} MiB", f"row {key}")
        raise UnusableInput(path, "content is a truncated DEFLATE stream", f"row {key}")
    return content


# --- reading ------------------------------------------------------------------------------------------


def read(path: Path, tables: Sequence[str] = tuple(COLUMNS)) -> Archive:
    """Read tables of an archive, without running anything that it holds.

    Raises
    ------
    UnusableInput
        If the file is no SQLite database, is truncated, encrypted or damaged, or has another schema.
    """
    import sqlite3

    _check_header(path)
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        try:
            _lock_down(connection)
            _check_schema(connection, path)
            # From here on there are only the seven plain tables; asking leave for each column costs time.
            connection.set_authorizer(None)
            rows = {table: _rows(connection, table, path) for table in tables}
        finally:
            connection.close()
    except (sqlite3.Error, OverflowError, UnicodeDecodeError) as error:
        raise UnusableInput(path, f"damaged or encrypted SQLite database ({error})") from error
    contents = {str(key): data for key, data, _ in rows["Content"] if isinstance(data, bytes)}
    return Archive(path, rows, contents)


def read_bytes(data: bytes, name: str) -> Archive:
    """Read the tree tables of an archive that this program wrote, from memory."""
    import sqlite3

    connection = sqlite3.connect(":memory:")
    try:
        connection.deserialize(data)
        rows = {table: _rows(connection, table, Path(name)) for table in TREE_TABLES}
    finally:
        connection.close()
    return Archive(name, rows, {key: packed for key, packed, _ in rows["Content"]}, trusted=True)


def _check_header(path: Path) -> None:
    head, size = limits.head(path, 512), path.stat().st_size
    if not head.startswith(SQLITE):
        unknown = "not a SQLite database (encrypted, damaged or of another kind)"
        what = "empty" if not size else kind_of(head) or unknown
        raise UnusableInput(path, f"an .exar1 archive is a SQLite database; this file is {what}")
    page = int.from_bytes(head[16:18], "big") or 512
    page = 65536 if page == 1 else page
    needed = page * int.from_bytes(head[28:32], "big")
    if size > limits.FILE_BYTES:
        raise UnusableInput(path, f"larger than {limits.FILE_BYTES >> 20} MiB")
    if size < max(needed, 512):
        raise UnusableInput(path, f"truncated SQLite database: {size} of {needed} bytes", f"byte {size}")


def _lock_down(connection: sqlite3.Connection) -> None:
    import sqlite3

    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 256 << 20)
    connection.setlimit(sqlite3.SQLITE_LIMIT_VDBE_OP, 25_000)
    allowed = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ}

    def authorize(action: int, one: str | None, *_: str | None) -> int:
        readable = action != sqlite3.SQLITE_READ or one in COLUMNS or one == "sqlite_master"
        return sqlite3.SQLITE_OK if action in allowed and readable else sqlite3.SQLITE_DENY

    connection.set_authorizer(authorize)


def _check_schema(connection: sqlite3.Connection, path: Path) -> None:
    known = _known_schema()
    tables = set()
    for kind, name, sql in connection.execute("SELECT type, name, sql FROM sqlite_master LIMIT 1000"):
        if kind == "index" and sql is None:
            continue
        if sql is None or _squeezed(sql) not in known:
            raise UnusableInput(
                path, f"not the schema of an .exar1 archive: it holds a {kind} {str(name)!r:.60}"
            )
        tables |= {name} if kind == "table" else set()
    if missing := sorted(set(COLUMNS) - tables):
        raise UnusableInput(path, f"a SQLite database, but no .exar1 archive: no table {', '.join(missing)}")


@cache
def _known_schema() -> frozenset[str]:
    return frozenset(map(_squeezed, schema()))


def _squeezed(sql: str) -> str:
    return "".join(sql.split()).lower()


def _rows(connection: sqlite3.Connection, table: str, path: Path) -> list[Row]:
    names = ", ".join(name for name, _ in COLUMNS[table])
    rows: list[Row] = connection.execute(
        f"SELECT {names} FROM {table} ORDER BY rowid LIMIT {limits.ROWS}"
    ).fetchall()
    if len(rows) == limits.ROWS:
        raise UnusableInput(path, f"table {table} has more than {limits.ROWS} rows")
    return rows


# --- writing ------------------------------------------------------------------------------------------


def write(tables: Mapping[str, Sequence[Row]]) -> bytes:
    """Write an archive; the same rows give the same bytes on every machine.

    Parameters
    ----------
    tables : mapping of str to sequence of tuple
        Rows of each table in the order of ``COLUMNS``.

    Returns
    -------
    bytes
        The SQLite file, with the change counter and the writer's version set to constants.
    """
    connection, alone = _empty()
    with alone:
        connection.execute("BEGIN")
        try:
            for table, columns in COLUMNS.items():
                marks = ", ".join("?" * len(columns))
                connection.executemany(f"INSERT INTO {table} VALUES ({marks})", tables[table])
            data = bytearray(connection.serialize())
        finally:
            connection.execute("ROLLBACK")
    data[24:28] = data[92:96] = (1).to_bytes(4, "big")
    data[96:100] = SQLITE_VERSION_IN_HEADER.to_bytes(4, "big")
    return bytes(data)


@cache
def _empty() -> tuple[sqlite3.Connection, Lock]:
    """Open a database that has the tables and never keeps a row, for one thread at a time."""
    import sqlite3

    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    connection.execute(f"PRAGMA page_size = {PAGE_SIZE}")
    connection.execute("PRAGMA encoding = 'UTF-8'")
    connection.execute("PRAGMA secure_delete = ON")  # freed bytes are zero with every build of SQLite
    connection.executescript(";".join(("BEGIN", *schema(), "COMMIT")))
    return connection, Lock()


_ESCAPED = {"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"}


class Spelled(float):
    """A double that remembers its spelling, so that writing it back changes nothing."""

    text: str

    def __new__(cls, text: str) -> Spelled:
        """Keep the text beside the value."""
        self = super().__new__(cls, text)
        self.text = text
        return self


_DOUBLES = frozenset({float, Spelled})
"""What JSON of .NET spells in a way of its own."""


def loads(content: bytes) -> tuple[str, dict[str, Any]]:
    """Split a content into its class name (without namespace and ``Content``) and its document."""
    header, _, body = content.decode("utf-8").partition("\r\n")
    name = header.removeprefix(CLASS_PREFIX).removesuffix(";").removesuffix("Content")
    return name, json.loads(body, parse_float=Spelled)


def dumps(name: str, document: dict[str, Any]) -> bytes:
    """Write a content: header line and document (already numbered)."""
    head = f"{CLASS_PREFIX}{name}Content;\r\n".encode()
    if _DOUBLES.isdisjoint(chain.from_iterable(_layers(document))):
        body = to_json(document, indent=2).replace(b"\n", b"\r\n")
        for character, escape in _ESCAPED.items():
            body = body.replace(character.encode(), escape.encode())
        return head + body
    out: list[str] = []
    _write(document, "\r\n", out)
    return head + "".join(out).encode()


def _write(value: Any, newline: str, out: list[str]) -> None:
    if isinstance(value, (dict, list)):
        _write_many(value, newline, out)
    elif isinstance(value, str):
        out.append(_text(value))
    elif isinstance(value, float):
        out.append(value.text if isinstance(value, Spelled) else _double(value))
    else:
        out.append(json.dumps(value))


def _write_many(value: dict[str, Any] | list[Any], newline: str, out: list[str]) -> None:
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    if not value:
        out.append(opening + closing)
        return
    inner, separator = newline + "  ", opening
    for item in value:
        out.append(separator + inner)
        if isinstance(value, dict):
            out.append(f"{_text(item)}: ")
            item = value[item]
        _write(item, inner, out)
        separator = ","
    out.append(newline + closing)


def _text(value: str) -> str:
    text = encode_basestring(value)
    for character, escape in _ESCAPED.items():
        if character in text:
            text = text.replace(character, escape)
    return text


def _double(value: float) -> str:
    text = f"{value:.15g}"
    text = text if float(text) == value else f"{value:.17g}"
    return text if any(c in text for c in ".en") else f"{text}.0"


def unwrap(value: Any, seen: dict[str, Any] | None = None) -> Any:
    """Turn a numbered document into plain objects: ``$values`` to lists, ``$ref`` to the object itself."""
    seen = {} if seen is None else seen
    if isinstance(value, list):
        return [unwrap(item, seen) for item in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        if (mark := value["$ref"]) not in seen:
            raise ValueError(f"a reference to object {mark!r}, which is not there")
        return seen[mark]
    plain: Any = [] if "$values" in value else {}
    if "$id" in value:
        seen[value["$id"]] = plain
    if isinstance(plain, list):
        plain.extend(unwrap(item, seen) for item in value["$values"])
    else:
        plain.update((key, unwrap(item, seen)) for key, item in value.items() if key != "$id")
    return plain


def number(value: Any) -> dict[str, Any]:
    """Turn plain objects into a numbered document, keys sorted; the inverse of :func:`unwrap`."""
    numbered: dict[str, Any] = _number(value, {})
    return numbered


def _number(value: Any, seen: dict[int, str]) -> Any:
    if not isinstance(value, (dict, list)):
        return value
    if id(value) in seen:
        return {"$ref": seen[id(value)]}
    mark = seen[id(value)] = str(len(seen) + 1)
    if isinstance(value, list):
        return {"$id": mark, "$values": [_number(item, seen) for item in value]}
    # "$type" sorts before all names; ordinal order is that of Python's strings.
    return {"$id": mark, **{key: _number(value[key], seen) for key in sorted(value)}}
