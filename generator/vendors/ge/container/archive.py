"""Tar archives, read and written without losing a byte; gzip streams, inflated within their limits.

Members keep their raw header blocks (GNU long names, pax records and all), their padding and their order;
an archive that is written without a change is the file that was read. Nothing is ever extracted to disk,
and names that leave the archive, links, devices and archives beyond the limits are refused.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from struct import Struct
from struct import error as struct_error
from typing import NamedTuple

from generator import limits
from generator.errors import UnusableInput

BLOCK = 512
RECORD = 10240

_FIELDS = Struct("124x12s12x8sc355x")
_KIND, _FOLDER = BLOCK - 156, ord("5")  # the kind of a member is at byte 156 of its header
_PAX_RECORD = re.compile(rb"(\d{1,9}) ([^=]+)=")
_PLAIN = (b"0", b"\0", b"7")
_EXTENSIONS = {b"L": "GNU long name", b"K": "GNU long link", b"x": "pax header", b"g": "pax global header"}


class Member(NamedTuple):
    """One file or folder of an archive.

    Attributes
    ----------
    name : str
        Full path inside the archive, without a slash at its end.
    extension : bytes
        Raw blocks of pax or GNU headers that stand before the member's own header.
    header : bytes
        The member's own 512 bytes.
    data : bytes
        Content; empty for a folder.
    padding : bytes
        What fills the last block.
    """

    name: str
    extension: bytes
    header: bytes
    data: bytes = b""
    padding: bytes = b""

    @property
    def is_folder(self) -> bool:
        """Whether the member is a directory."""
        return self.header[156:157] == b"5"

    @property
    def owner(self) -> str:
        """User and group name of the header."""
        names = (self.header[265:297], self.header[297:329])
        return "/".join(name.split(b"\0")[0].decode("latin-1") for name in names)

    @property
    def is_apple_double(self) -> bool:
        """Whether it is a side file that macOS adds when it packs an archive."""
        return any(part.startswith("._") for part in self.name.split("/"))


@dataclass(frozen=True, slots=True)
class Archive:
    """Members in file order, and the blocks after the last one."""

    members: tuple[Member, ...]
    tail: bytes

    def to_bytes(self) -> bytes:
        """Write the archive; unchanged members give the bytes they were read from."""
        parts = [part for m in self.members for part in (m.extension, m.header, m.data, m.padding)]
        return b"".join(parts) + self.tail


def read(data: bytes, path: str) -> Archive:
    """Take an archive apart.

    Raises UnusableInput with the byte offset or the member, for a damaged, truncated or hostile archive.
    """
    members, end = [], 0
    for name, start, body, size, end in _walk(data, path):
        header = data[body - BLOCK : body]
        content, padding = data[body : body + size], data[body + size : end]
        members.append(Member(name, data[start : body - BLOCK], header, content, padding))
    return Archive(tuple(members), data[end:])


def contents(data: bytes, path: str) -> Iterator[tuple[str, bytes]]:
    """Path and content of every file, in archive order, for those who will not write it again.

    Raises as :func:`read`.
    """
    for name, _, body, size, _ in _walk(data, path):
        if data[body - _KIND] != _FOLDER:
            yield name, data[body : body + size]


_Place = tuple[str, int, int, int, int]
"""Name of a member, where its first header and its content begin, size, where the next member begins."""


def _walk(data: bytes, path: str) -> Iterator[_Place]:
    offset, count, total = 0, 0, 0
    while offset < len(data) and data[offset]:
        start, records = offset, _NO_RECORDS
        header, size, kind = _header_at(data, offset, path)
        while kind in _EXTENSIONS:
            end = _end(data, offset + BLOCK, size, path)
            if found := _records(data[offset + BLOCK : offset + BLOCK + size], kind):
                records = {**records, **found}
            header, size, kind = _header_at(data, end, path)
            offset = end
        name = _safe_name(records.get(b"path") or _header_name(header), kind, path)
        if kind != b"0" or records:
            size = _size(size, kind, records.get(b"size"), path, name)
        body, offset = offset + BLOCK, _end(data, offset + BLOCK, size, path)
        count, total = count + 1, total + size
        if count > limits.MEMBERS or total > limits.FILE_BYTES:
            raise UnusableInput(path, "larger than any protocol archive: too many members or bytes", name)
        yield name, start, body, size, offset
    _check_tail(data, offset, path)


def _check_tail(data: bytes, end: int, path: str) -> None:
    if not end:
        raise UnusableInput(path, "a tar archive without members")
    if end >= len(data):
        raise UnusableInput(path, "the archive is cut off: its end mark is missing", f"byte {end}")
    if data[end:].strip(b"\0"):
        raise UnusableInput(path, "bytes after the end of the archive", f"byte {end}")


def _records(body: bytes, kind: bytes) -> Mapping[bytes, bytes]:
    """Path and size of the next member, as far as a GNU or pax header states them."""
    if kind == b"L":
        return {b"path": body.rstrip(b"\0")}
    if kind == b"x" and (b" path=" in body or b" size=" in body):
        return _pax_records(body)
    return _NO_RECORDS


_NO_RECORDS: Mapping[bytes, bytes] = {}


def _size(size: int, kind: bytes, record: bytes | None, path: str, name: str) -> int:
    if kind == b"5":
        return 0
    if kind not in _PLAIN:
        raise UnusableInput(path, "links and devices are not part of a protocol archive", f"member {name!r}")
    if record is not None:
        return int(record) if record.isdigit() and len(record) < 12 else limits.MEMBER_BYTES + 1
    return size


def _end(data: bytes, start: int, size: int, path: str) -> int:
    """Offset after a content and its padding."""
    if size > limits.MEMBER_BYTES:
        raise UnusableInput(path, f"{size} bytes in one member; no protocol holds so much", f"byte {start}")
    end = start + -(-size // BLOCK) * BLOCK
    if end > len(data):
        raise UnusableInput(path, "the archive is cut off inside a member", f"byte {len(data)}")
    return end


def _header_at(data: bytes, offset: int, path: str) -> tuple[bytes, int, bytes]:
    """Header, size and kind of the member at an offset; its checksum must fit."""
    header = data[offset : offset + BLOCK]
    try:
        size_field, sum_field, kind = _FIELDS.unpack(header)
    except struct_error:
        raise UnusableInput(path, "the archive is cut off inside a header", f"byte {len(data)}") from None
    try:
        size, stated = int(size_field.strip(b"\0 ") or b"0", 8), int(sum_field.strip(b"\0 ") or b"0", 8)
    except ValueError:
        raise UnusableInput(path, "a tar header with an unreadable number", f"byte {offset}") from None
    # The low half of Adler-32 is the sum of all bytes plus one, modulo 65521, and much faster than sum().
    wanted = stated + (zlib.adler32(sum_field) & 0xFFFF) - 8 * 0x20
    if wanted % 65521 != zlib.adler32(header) & 0xFFFF or size < 0:
        raise UnusableInput(path, "no tar header here: its checksum does not fit", f"byte {offset}")
    return header, size, kind


def starts_with_header(head: bytes) -> bool:
    """Whether bytes begin with a tar header, of whatever age: its checksum fits."""
    try:
        _header_at(head, 0, "")
    except UnusableInput:
        return False
    return head[0] != 0


def checksum(header: bytes) -> int:
    """Sum of a header's bytes with its checksum field taken as blanks."""
    blank = header[:148] + b" " * 8 + header[156:]
    # Adler-32 of a half is exact: 256 bytes are below its modulus.
    return sum((zlib.adler32(half) & 0xFFFF) - 1 for half in (blank[:256], blank[256:]))


def _header_name(header: bytes) -> bytes:
    name = header[:100].partition(b"\0")[0]
    if header[345] and header[257:263] == b"ustar\0":
        return header[345:500].partition(b"\0")[0] + b"/" + name
    return name


def _safe_name(raw: bytes, kind: bytes, path: str) -> str:
    try:
        name = raw.decode("utf-8")
    except UnicodeDecodeError:
        name = raw.decode("latin-1")
    plain = name.rstrip("/").removeprefix("./")
    if plain in ("", "."):
        if kind == b"5":
            return "."
    elif not (
        name[0] == "/"
        or name[1:2] == ":"
        or "\\" in name
        or "\0" in name
        or (".." in name and ".." in name.split("/"))
    ):
        return plain
    raise UnusableInput(path, "a member name that leaves the archive", f"member {name!r}")


def _pax_records(body: bytes) -> dict[bytes, bytes]:
    records, offset = {}, 0
    while match := _PAX_RECORD.match(body, offset):
        end = offset + int(match[1])
        records[match[2]] = body[match.end() : end - 1]
        offset = max(end, match.end())
    return records


# --- writing ---------------------------------------------------------------------------------------

_OWNER = (b"sdc", b"informix", 1001, 201)


def new_member(name: str, data: bytes | None, mtime: int) -> Member:
    """Make a member as the consoles write them; ``data`` ``None`` makes a folder."""
    path = name.encode("utf-8") + (b"/" if data is None else b"")
    extension = _pax_path(path, mtime) if len(path) > 100 else b""
    header = _header(path[:100], len(data or b""), b"5" if data is None else b"0", mtime)
    return Member(name, extension, header, data or b"", bytes(-len(data or b"") % BLOCK))


def _header(name: bytes, size: int, kind: bytes, mtime: int) -> bytes:
    user, group, uid, gid = _OWNER
    mode = 0o755 if kind == b"5" else 0o644
    fields = (
        name.ljust(100, b"\0"), b"%07o\0" % mode, b"%07o\0" % uid, b"%07o\0" % gid, b"%011o\0" % size,
        b"%011o\0" % mtime, b" " * 8, kind, bytes(100), b"ustar\x0000", user.ljust(32, b"\0"),
        group.ljust(32, b"\0"), b"0000000\0", b"0000000\0", bytes(155), bytes(12),
    )  # fmt: skip
    return _signed(b"".join(fields))


def _signed(header: bytes) -> bytes:
    return header[:148] + b"%06o\0 " % checksum(header) + header[156:]


def _pax_path(path: bytes, mtime: int) -> bytes:
    body = _record(b"path", path)
    name = b"PaxHeaders/" + path.rstrip(b"/").rpartition(b"/")[2][:80]
    return _header(name, len(body), b"x", mtime) + body + bytes(-len(body) % BLOCK)


def _record(key: bytes, value: bytes) -> bytes:
    plain = len(key) + len(value) + 3
    length = plain + len(str(plain))
    length = plain + len(str(length))
    return b"%d %s=%s\n" % (length, key, value)


def with_data(member: Member, data: bytes) -> Member:
    """Give a member other content; only its size, checksum and data change."""
    if data == member.data:
        return member
    header = _signed(member.header[:124] + b"%011o\0" % len(data) + member.header[136:])
    return member._replace(header=header, data=data, padding=bytes(-len(data) % BLOCK))


def with_name(member: Member, name: str) -> Member:
    """Rename a member, keeping mode, time and content; the owner becomes the console's own."""
    path = name.encode("utf-8") + (b"/" if member.is_folder else b"")
    mtime = int(member.header[136:147].strip(b"\0 ") or b"0", 8)
    user, group, _, _ = _OWNER
    header = bytearray(member.header)
    header[:100] = path[:100].ljust(100, b"\0")
    header[257:329] = b"ustar\x0000" + user.ljust(32, b"\0") + group.ljust(32, b"\0")
    header[345:500] = bytes(155)
    extension = _pax_path(path, mtime) if len(path) > 100 else b""
    return member._replace(name=name, extension=extension, header=_signed(bytes(header)))


def pack(members: Iterable[Member]) -> bytes:
    """Write members as an archive whose length is a multiple of 10240 bytes, as the consoles write it."""
    body = Archive(tuple(members), bytes(2 * BLOCK)).to_bytes()
    return body + bytes(-len(body) % RECORD)


# --- compressed archives ------------------------------------------------------------------------------

GZIP_MAGIC = b"\x1f\x8b"


def gunzip(data: bytes, path: str) -> bytes:
    """Inflate a gzip stream, of one member or several, within the limits.

    Raises UnusableInput if it is damaged, cut off, or larger than any protocol archive.
    """
    parts: list[bytes] = []
    at, room = 0, limits.inflated(len(data))
    while data.startswith(GZIP_MAGIC, at) or not parts:
        plain, at = inflate(data, path, room, at)
        parts.append(plain)
        room -= len(plain)
        if len(parts) > limits.MEMBERS:
            raise UnusableInput(path, f"more than {limits.MEMBERS} gzip streams in one file", f"byte {at}")
    if data[at:].strip(b"\0"):
        raise UnusableInput(path, "bytes after the end of the gzip data", f"byte {at}")
    return b"".join(parts)


_STEP = 1 << 16


def inflate(data: bytes, path: str, room: int | None = None, start: int = 0) -> tuple[bytes, int]:
    """Inflate one member of a gzip stream, to ``room`` bytes at most; return also where it ends.

    Raises UnusableInput if it is damaged, cut off, or larger than any protocol archive.
    """
    engine, left = zlib.decompressobj(wbits=31), limits.inflated(len(data)) if room is None else room
    parts, at = [], start
    try:  # in steps, so that what follows a short stream is not copied each time
        while at < len(data) and not engine.eof and left >= 0:
            piece = data[at : at + _STEP]
            parts.append(engine.decompress(piece, left + 1))
            left -= len(parts[-1])
            at += len(piece) - len(engine.unused_data)
    except zlib.error as error:
        raise UnusableInput(path, f"damaged gzip data ({error})", f"byte {at}") from None
    if left < 0:
        raise UnusableInput(path, "the gzip data inflate to more than any protocol archive holds")
    if not engine.eof:
        raise UnusableInput(path, "the gzip data are cut off", f"byte {len(data)}")
    return b"".join(parts), at
