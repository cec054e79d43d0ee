"""Damage to files: to their bytes, and to what is inside their containers, behind the checks in front.

A container is taken apart by hand, one part is damaged, and all is put together again with lengths, checksums
and hashes that fit.
"""

from __future__ import annotations

import base64
import gzip
import re
import sqlite3
import struct
import zlib
from collections.abc import Callable, Sequence
from random import Random

from generator.errors import ExamcardError
from generator.vendors.ge.container import archive
from generator.vendors.siemens.container import edx, exar

Change = Callable[[bytes, Random], bytes]

NUMBERS = (
    b"0", b"-1", b"1", b"2", b"1e300", b"1e400", b"-1e300", b"inf", b"-inf", b"nan", b"9" * 400, b"9" * 5000,
    b"2147483647", b"2147483648", b"4294967295", b"18446744073709551616", b"1e17", b"1e-300", b"0.5", b"1e5",
    b"", b"x", b"Lnan", b"0xFFFFFFFFFFFFFFFF", b"1_0", "٣".encode(), "²".encode(), b"1,5", b"--3", b"65536",
    b"16777217", b"100000", b"1000000000", b"3.4e38", b"None", b"null", b"true", b'"', b"<", b"&", b"\\",
)  # fmt: skip
WORDS = (
    b"[" * 300, b"{" * 300, b"<a>" * 300, b"(" * 300, b"&amp;" * 50, b"\x00", b"\xff\xfe", b"\xc3", b"..",
    b"<!DOCTYPE x>", b"<!--", b"-->", b"]]>", b"#ref-1", b"=", b"\r\n", b"\n\n", b"A" * 3000, b"\xe2\x80\xa8",
    b"[0].", b"[99999999].", b"[-1]", b"%n", b";", b"|",
)  # fmt: skip
INTEGERS = (0, 1, -1, 2, 255, 65535, 65536, 2**31 - 1, -(2**31), 16, 4096)
FLOATS = (float("inf"), float("nan"), -1.0, 0.0, 3.4e38, 1e30, 1e-40, 1e9)
_NUMBER = re.compile(rb"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_LINE = re.compile(rb"[^\n]*\n")
_SLOT = re.compile(rb'"SOAP-ENC:base64">([A-Za-z0-9+/=\s]{40,})<')
_TAG = re.compile(rb"<[^<>]{1,200}>")


def _at(pattern: re.Pattern[bytes], data: bytes, rng: Random) -> tuple[int, int] | None:
    """A place that a pattern finds, at random."""
    found = pattern.search(data, rng.randrange(len(data) + 1)) or pattern.search(data)
    return found.span() if found else None


def _number(data: bytes, rng: Random) -> bytes:
    place = _at(_NUMBER, data, rng)
    return data if place is None else data[: place[0]] + rng.choice(NUMBERS) + data[place[1] :]


def _swap(pattern: re.Pattern[bytes]) -> Change:
    """Put a piece that a pattern finds in the place of another, or beside it, or take it out."""

    def change(data: bytes, rng: Random) -> bytes:
        one, other = _at(pattern, data, rng), _at(pattern, data, rng)
        if one is None or other is None:
            return data
        piece = rng.choice((b"", data[slice(*other)], data[slice(*one)] * 2, data[slice(*one)] * 40))
        return data[: one[0]] + piece + data[one[1] :]

    return change


def _cut(data: bytes, rng: Random) -> bytes:
    a = rng.randrange(len(data) + 1)
    return data[:a] if rng.random() < 0.3 else data[:a] + data[a + rng.choice((1, 2, 4, 16, 200)) :]


def _insert(data: bytes, rng: Random) -> bytes:
    a = rng.randrange(len(data) + 1)
    return data[:a] + rng.choice(WORDS) + data[a:]


def _flip(data: bytes, rng: Random) -> bytes:
    made = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 3, 10)) if made else 0):
        made[rng.randrange(len(made))] = rng.randrange(256)
    return bytes(made)


def _word(data: bytes, rng: Random) -> bytes:
    """A 32-bit value with an unkind one in its place."""
    if len(data) < 4:
        return data
    a = rng.randrange(len(data) // 4) * 4
    value = (
        struct.pack("<i", rng.choice(INTEGERS))
        if rng.random() < 0.6
        else struct.pack("<f", rng.choice(FLOATS))
    )
    return data[:a] + value + data[a + 4 :]


TEXT: Sequence[Change] = (
    _number, _number, _number, _swap(_LINE), _swap(_TAG), _swap(_NUMBER), _cut, _insert, _flip,
)  # fmt: skip
BINARY: Sequence[Change] = (_word, _word, _word, _flip, _cut, _insert)


def text(data: bytes, rng: Random) -> bytes:
    """Damage a text once or a few times."""
    for _ in range(rng.choice((1, 1, 1, 2, 5))):
        data = rng.choice(TEXT)(data, rng)
    return data


def binary(data: bytes, rng: Random) -> bytes:
    """Damage bytes that are no text."""
    for _ in range(rng.choice((1, 1, 2, 4))):
        data = rng.choice(BINARY)(data, rng)
    return data


def any_bytes(data: bytes, rng: Random) -> bytes:
    """Damage what is inside, whatever it is."""
    if data[:2] == b"\x1f\x8b":
        return gzip.compress(any_bytes(gzip.decompress(data), rng), 1, mtime=0)
    if b"\0" not in data[:512]:
        return text(data, rng)
    return tar(data, rng) if data[257:262] == b"ustar" else binary(data, rng)


# --- containers -------------------------------------------------------------------------------------------


def tar(data: bytes, rng: Random) -> bytes:
    """Damage one file of an archive; its header fits what it becomes."""
    members = list(archive.read(data, "seed").members)
    at = rng.choice([i for i, one in enumerate(members) if one.data])
    members[at] = archive.with_data(members[at], text(members[at].data, rng))
    if rng.random() < 0.05:
        members.pop(rng.randrange(len(members)))
    return archive.pack(members)


def edx_file(data: bytes, rng: Random) -> bytes:
    """Damage one record of an .edx; its length fits what it becomes."""
    parsed = edx.parse(zlib.decompress(data), __file__)  # type: ignore[arg-type]
    at = rng.randrange(len(parsed.records))
    record = parsed.records[at]
    made = (
        edx.Record(record.head, text(record.content, rng), record.parts)
        if rng.random() < 0.7
        else edx.Record(text(record.head, rng), record.content, record.parts)
    )
    records = [*parsed.records[:at], made, *parsed.records[at + 1 :]]
    return zlib.compress(edx.Edx(parsed.preamble, tuple(records)).to_text(), 1)


def exar_file(data: bytes, rng: Random) -> bytes:
    """Damage one content of an .exar1, its key and the references to it fitted, or a row of another table."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        connection.deserialize(data)
        if rng.random() < 0.15:
            _row(connection, rng)
        else:
            _content(connection, rng)
        return connection.serialize()
    finally:
        connection.close()


def _content(connection: sqlite3.Connection, rng: Random) -> None:
    rows = connection.execute("SELECT Hash, Data FROM Content ORDER BY Hash").fetchall()
    key, packed = rng.choice(rows)
    made = text(zlib.decompress(packed, -15), rng)
    fresh = exar.content_hash(made) if rng.random() < 0.97 else key
    connection.execute(
        "UPDATE OR REPLACE Content SET Hash = ?, Data = ? WHERE Hash = ?", (fresh, exar.deflate(made), key)
    )
    connection.execute("UPDATE Instance SET ContentHash = ? WHERE ContentHash = ?", (fresh, key))


def _row(connection: sqlite3.Connection, rng: Random) -> None:
    table = rng.choice(sorted(exar.COLUMNS))
    column = rng.choice(exar.COLUMNS[table])[0]
    values = (None, b"", b"x" * 17, "x", "", 0, -1, 2**62, "a" * 40, 1e300)
    one = f"(SELECT rowid FROM {table} ORDER BY random() LIMIT 1)"
    if rng.random() < 0.3:
        connection.execute(f"DELETE FROM {table} WHERE rowid = (SELECT rowid FROM {table} LIMIT 1)")
        return
    one = f"(SELECT rowid FROM {table} LIMIT 1 OFFSET {rng.randrange(4)})"
    connection.execute(
        f"UPDATE OR IGNORE {table} SET {column} = ? WHERE rowid = {one}", (rng.choice(values),)
    )


def card(data: bytes, rng: Random) -> bytes:
    """Damage a block of an ExamCard, or the text around the blocks."""
    slot = _at(_SLOT, data, rng) if rng.random() < 0.5 else None
    if slot is None:
        return text(data, rng)
    found = _SLOT.match(data, slot[0])
    assert found is not None
    block = binary(base64.b64decode(found[1]), rng)
    return data[: found.start(1)] + base64.b64encode(block) + data[found.end(1) :]


_LONG = {b"OB", b"OW", b"OF", b"SQ", b"UT", b"UN", b"OD", b"OL", b"UC", b"UR", b"SV", b"UV"}


def dicom(data: bytes, rng: Random) -> bytes:
    """Damage the value of an element of a DICOM file in explicit VR; its length fits what it becomes."""
    places, at = [], 132
    while at + 8 <= len(data):
        kind = data[at + 4 : at + 6]
        start = at + (12 if kind in _LONG else 8)
        length = int.from_bytes(data[at + 8 : at + 12] if kind in _LONG else data[at + 6 : at + 8], "little")
        if kind == b"SQ" or length == 0xFFFFFFFF:
            at = start  # the elements inside are elements like any other
            continue
        places.append((at, start, start + length, kind))
        at = start + length
    if not places or rng.random() < 0.1:
        return binary(data, rng)
    at, start, end, kind = rng.choice(places)
    value = any_bytes(data[start:end], rng)
    value += b" " * (len(value) % 2)
    size = struct.pack("<I", len(value)) if kind in _LONG else struct.pack("<H", len(value) & 0xFFFF)
    return data[: start - len(size)] + size + value + data[end:]


BY_NAME: dict[str, Change] = {
    ".tar": tar, ".edx": edx_file, ".exar1": exar_file, ".ExamCard": card, ".dcm": dicom, ".pdf": any_bytes,
}  # fmt: skip


def damaged(data: bytes, suffix: str, rng: Random) -> bytes:
    """Damage a file: mostly inside its container, at times its bytes."""
    change = BY_NAME.get(suffix, text)
    try:
        return binary(data, rng) if rng.random() < 0.05 else change(data, rng)
    except (ValueError, struct.error, sqlite3.Error, OverflowError, ExamcardError):
        return binary(data, rng)
