"""Every layer of a file that text may hide in: archives, databases, compressed and base64 blocks."""

from __future__ import annotations

import base64
import binascii
import gzip
import io
import re
import sqlite3
import string
import tarfile
import zipfile
import zlib
from collections.abc import Iterator

from generator import limits

MAXIMUM_DEPTH = 4
MAXIMUM_BYTES = limits.SEARCHED_BYTES
"""No layer is opened further than this; what is larger is reported as one that was not looked into."""

_SHORTEST = 400
_ZIP, _TAR = b"PK\x03\x04", b"ustar"

# A pattern that may begin at any byte is slow. A fixed sign in a copy whose bytes are replaced by their
# class is found more than ten times as fast, and shows where a pattern is worth trying.
_DIGITS = (string.ascii_letters + string.digits + "+/").encode()
_AS_DIGITS = bytes(ord("0") if byte in _DIGITS else ord(" ") for byte in range(256))
_LINE_OF_DIGITS = b"0" * 60
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{60}[A-Za-z0-9+/\r\n\t ]{340,}={0,2}")

_AS_PRINTED = bytes(ord("a") if 0x20 <= byte <= 0x7E else min(byte, 1) for byte in range(256))
_WIDE = b"a\0" * 8


class TooLarge(Exception):
    """A layer that unpacks to more than any exam card holds."""


def layers(name: str, content: bytes, depth: int = 0) -> Iterator[tuple[str, bytes]]:
    """Walk through a file and everything packed in it.

    Parameters
    ----------
    name : str
        Name for messages; inner layers are named ``outer!inner``.

    Yields
    ------
    name, content : str, bytes
        The file itself first, then its layers. Of an archive only its directory, since what it holds comes
        next; text of two bytes a character also as text of one.

    Raises
    ------
    TooLarge
        For a layer that unpacks to more than ``MAXIMUM_BYTES``.
    """
    directory = _directory(content)
    yield name, content if directory is None else directory
    if directory is None and b"\0" in content and _WIDE in content.translate(_AS_PRINTED):
        yield f"{name} (UTF-16)", _narrowed(content)
    if depth == MAXIMUM_DEPTH:
        return
    for inner, unpacked in _inside(content):
        if len(unpacked) > MAXIMUM_BYTES:
            raise TooLarge(f"{name}!{inner}")
        yield from layers(f"{name}!{inner}", unpacked, depth + 1)


def _directory(content: bytes) -> bytes | None:
    """Names, owners and comments of an archive; ``None`` if the content is none."""
    if content.startswith(_ZIP):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [info.filename.encode() + b" " + info.comment for info in archive.infolist()]
            return b"\n".join([archive.comment, *names])
    if content[257:262] == _TAR:
        with tarfile.open(fileobj=io.BytesIO(content)) as tar:
            heads = (
                [member.name, member.uname, member.gname, *member.pax_headers.values()] for member in tar
            )
            return "\n".join(text for head in heads for text in head).encode("utf-8", "replace")
    return None


def _inside(content: bytes) -> Iterator[tuple[str, bytes]]:
    if content.startswith(_ZIP):
        yield from _zip(content)
    elif content[257:262] == _TAR:
        yield from _tar(content)
    elif content.startswith(b"SQLite format 3\0"):
        yield from _database(content)
    elif content.startswith((b"\x1f\x8b", b"\x78\x01", b"\x78\x9c", b"\x78\xda")):
        yield from _inflated(content)
    elif len(content) >= _SHORTEST:
        yield from _base64(content)


def _zip(content: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for info in archive.infolist():
            if info.file_size > MAXIMUM_BYTES:
                raise TooLarge(info.filename)
            yield info.filename, archive.read(info)


def _tar(content: bytes) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        for member in archive:
            stream = archive.extractfile(member) if member.isfile() else None
            if stream:
                yield member.name, stream.read(MAXIMUM_BYTES + 1)


def _database(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Every text and every block of every table; raw deflate, as Siemens packs, is unpacked."""
    connection = sqlite3.connect(":memory:")
    connection.text_factory = bytes
    try:
        connection.deserialize(content)
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            quoted = '"' + table.decode().replace('"', '""') + '"'
            for row in connection.execute(f"SELECT * FROM {quoted}"):
                cells = [cell for cell in row if isinstance(cell, bytes)]
                yield table.decode(), b"\n".join(cells)
                for cell in cells:
                    if len(cell) > 16 and (unpacked := _raw_deflate(cell)):
                        yield table.decode(), unpacked
    finally:
        connection.close()


def _raw_deflate(content: bytes) -> bytes | None:
    for start in (0, 4):
        try:
            return zlib.decompressobj(-15).decompress(content[start:], MAXIMUM_BYTES + 1)
        except zlib.error:
            continue
    return None


def _inflated(content: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        if content.startswith(b"\x1f\x8b"):
            with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
                yield "gzip", stream.read(MAXIMUM_BYTES + 1)
        else:
            yield "zlib", zlib.decompressobj().decompress(content, MAXIMUM_BYTES + 1)
    except (OSError, EOFError, zlib.error):
        return


def _base64(content: bytes) -> Iterator[tuple[str, bytes]]:
    for number, match in enumerate(_blocks(content)):
        text = b"".join(match[0].split())
        try:
            yield f"base64 {number + 1}", base64.b64decode(text[: len(text) // 4 * 4], validate=True)
        except binascii.Error:
            continue


def _blocks(content: bytes) -> Iterator[re.Match[bytes]]:
    """Find long blocks of base64; a run of digits that begins none is passed over as a whole."""
    classes = content.translate(_AS_DIGITS)
    at = classes.find(_LINE_OF_DIGITS)
    while at >= 0:
        match = _BASE64.match(content, at)
        if match:
            yield match
        past = match.end() if match else classes.find(b" ", at)
        at = classes.find(_LINE_OF_DIGITS, past) if past >= 0 else -1


def _narrowed(content: bytes) -> bytes:
    """Text of two bytes a character, as one byte a character: whatever is plain Latin in it."""
    pairs = re.findall(rb"(?:[\x20-\x7e\xa0-\xff]\0){4,}", content)
    return b"\n".join(pair[::2] for pair in pairs)
