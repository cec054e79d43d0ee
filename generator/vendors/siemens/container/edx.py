"""The .edx archive of VB consoles: one zlib stream of exam, program and protocol records; lossless.

Source: formats/siemens.md section 3.
"""

from __future__ import annotations

import re
import zlib
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from generator import limits
from generator.errors import UnusableInput
from generator.vendors.siemens.container import kind_of

_FIRST = b"MrEdxFile\r\n"
_RULE, _STARS = b"@" * 30, b"*" * 10
_SHIFTED = re.compile(r"\+([A-Za-z0-9+/]*)-")


@dataclass(frozen=True)
class Record:
    """One record: head lines (``Key=Value``, keys may repeat) and content, verbatim."""

    head: bytes
    content: bytes
    parts: int

    def values(self, key: str) -> list[str]:
        """All values of a head key, decoded from UTF-7."""
        prefix = f"{key}=".encode()
        return [utf7(line[len(prefix) :]) for line in self.head.split(b"\r\n") if line.startswith(prefix)]

    def value(self, key: str) -> str:
        """First value of a head key, empty if there is none."""
        return next(iter(self.values(key)), "")

    @property
    def name(self) -> str:
        """Name of the record, without an id before it."""
        return part_name(self.value("MrEdbName"))

    @property
    def protocol(self) -> str:
        """Protocol text of a protocol record, behind its two head lines."""
        at = self.content.find(b"<XProtocol>")
        return self.content[max(at, 0) :].decode("latin-1")

    def with_protocol(self, text: str) -> Record:
        """The record with another protocol text; everything else as it was."""
        at = max(self.content.find(b"<XProtocol>"), 0)
        return replace(self, content=self.content[:at] + text.encode("latin-1"))

    def with_head(self, values: Mapping[str, str], parts: Sequence[tuple[str, str]]) -> Record:
        """The record with other values of its head; its parts and copy references give way to ``parts``."""
        lines = []
        for line in self.head.split(b"\r\n"):
            key = line.partition(b"=")[0].decode("latin-1")
            if key in values:
                line = f"{key}={to_utf7(values[key])}".encode("ascii")
            if key not in ("MrEdbPartname", "MrEdbCopyRef"):
                lines.append(line)
        own = [f"{key}={to_utf7(value)}".encode("ascii") for key, value in parts]
        head = b"\r\n".join([*filter(None, lines), *own, b""])
        return replace(self, head=head, parts=len(parts))

    @property
    def body(self) -> bytes:
        """The record as it is in the file, without its length."""
        return self.head + _STARS + b"\r\n" + self.content


@dataclass(frozen=True)
class Edx:
    """A parsed archive: the lines before the first record, and the records."""

    preamble: bytes
    records: tuple[Record, ...]

    def to_bytes(self) -> bytes:
        """Write the archive; without an edit these are the bytes that were read."""
        return zlib.compress(self.to_text(), 9)

    def to_text(self) -> bytes:
        """Write the archive as it is before it is compressed."""
        blocks = [
            b"%s\r\n%d\r\n%d\r\n%s" % (_RULE, len(record.body), record.parts, record.body)
            for record in self.records
        ]
        return self.preamble + b"\r\n".join(blocks)


def utf7(data: bytes | str) -> str:
    """Decode the UTF-7 of names and values; bytes that are not UTF-7 stay as Latin-1."""
    text = data if isinstance(data, str) else data.decode("latin-1")

    def shifted(match: re.Match[str]) -> str:
        try:
            return match[0].encode("ascii").decode("utf-7")
        except UnicodeDecodeError:
            return match[0]

    return _SHIFTED.sub(shifted, text)


def to_utf7(text: str) -> str:
    """Encode a name as VB consoles do: letters, digits and a few marks plain, the rest shifted."""
    plain = re.compile(r"[A-Za-z0-9 '(),\-./:?\r\n]")
    parts = re.findall(r"[A-Za-z0-9 '(),\-./:?\r\n]+|[^A-Za-z0-9 '(),\-./:?\r\n]+", text)
    return "".join(p if plain.match(p) else _shift(p) for p in parts)


def _shift(text: str) -> str:
    import base64

    return f"+{base64.b64encode(text.encode('utf-16-be')).decode().rstrip('=')}-"


def read(path: Path) -> Edx:
    """Read an archive.

    Raises
    ------
    UnusableInput
        If it is no zlib stream, no .edx text, or a record is cut off.
    """
    return parse(inflate(limits.content(path), path), path)


def inflate(data: bytes, path: Path) -> bytes:
    """Decompress up to the limit. Raises UnusableInput."""
    unpacker, most = zlib.decompressobj(), limits.inflated(len(data))
    try:
        text = unpacker.decompress(data, most)
    except zlib.error as error:
        other = kind_of(data)
        why = f"this is {other}" if other else f"this one cannot be read ({error})"
        raise UnusableInput(path, f"an .edx archive is one zlib stream; {why}") from error
    if not unpacker.eof:
        bomb = f"{len(data)} bytes inflate to more than {len(text)}: no archive of a console does"
        why = bomb if len(text) >= most else "truncated zlib stream"
        raise UnusableInput(path, why, f"byte {len(data)}")
    return text


def parse(text: bytes, path: Path) -> Edx:
    """Split the inflated text into records. Raises UnusableInput with the byte offset."""
    if not text.startswith(_FIRST):
        raise UnusableInput(path, "a zlib stream, but no .edx archive: the first line is not MrEdxFile")
    preamble, rule, _ = text.partition(_RULE)
    if not rule:
        raise UnusableInput(path, "an .edx archive without a record")
    at, records = len(preamble), []
    while at < len(text):
        record, at = _record(text, at, path)
        records.append(record)
        if len(records) > limits.RECORDS:
            raise UnusableInput(path, f"more than {limits.RECORDS} records", f"byte {at}")
    return Edx(preamble, tuple(records))


def _record(text: bytes, at: int, path: Path) -> tuple[Record, int]:
    match = re.compile(rb"@{30}\r\n(\d{1,9})\r\n(\d{1,6})\r\n").match(text, at)
    if match is None:
        raise UnusableInput(
            path, "damaged .edx archive: a record does not begin with its line and its length", f"byte {at}"
        )
    start, length = match.end(), int(match[1])
    body = text[start : start + length]
    if len(body) < length:
        raise UnusableInput(path, f"a record of {length} bytes is cut off", f"byte {start}")
    head, stars, content = body.partition(_STARS + b"\r\n")
    if not stars:
        raise UnusableInput(path, "a record without its line of stars", f"byte {start}")
    end = start + length
    after = end + 2 if text.startswith(b"\r\n", end) else end
    return Record(head, content, int(match[2])), after


_LINKED = re.compile(r"(\{[0-9A-Fa-f-]+\})\s*//\s*(.*)")
"""How VD consoles name a part: the id of its record, then its name; VB consoles write the name alone."""


def part_name(part: str) -> str:
    """Name of a part, without the id of its record."""
    match = _LINKED.fullmatch(part)
    return match[2] if match else part


_UID = re.compile(rb"\{[0-9A-Fa-f-]+\}")


class Index:
    """The records that parts may name, each by its ids and its name; looked up in one step."""

    def __init__(self, records: Sequence[Record]) -> None:
        self.records = records
        self.taken: set[int] = set()
        self.by_id: dict[bytes, deque[int]] = {}
        self.by_name: dict[str, deque[int]] = {}
        for number, record in enumerate(records):
            self.by_name.setdefault(record.name, deque()).append(number)
            for uid in dict.fromkeys(_own_ids(record)):
                self.by_id.setdefault(uid, deque()).append(number)

    def take(self, part: str) -> Record | None:
        """Find the record that a part names: the one that has its id, else the first of its name left."""
        match = _LINKED.fullmatch(part)
        names = (part, match[2]) if match else (part,)
        queues = [self.by_id.get(match[1].encode()) if match else None, *map(self.by_name.get, names)]
        found = self._first(queues[:1])
        found = self._first(queues[1:]) if found is None else found
        if found is None:
            return None
        self.taken.add(found)
        return self.records[found]

    def _first(self, queues: Sequence[deque[int] | None]) -> int | None:
        """The first record of several queues that is not taken."""
        heads = []
        for queue in filter(None, queues):
            while queue and queue[0] in self.taken:
                queue.popleft()
            heads += [queue[0]] if queue else []
        return min(heads, default=None)

    def left(self) -> list[Record]:
        """Those that were not taken."""
        return [record for number, record in enumerate(self.records) if number not in self.taken]


def _own_ids(record: Record) -> Iterator[bytes]:
    for line in record.head.split(b"\r\n"):
        if not line.startswith((b"MrEdbPartname=", b"MrEdbCopyRef=")):
            yield from _UID.findall(line)


def in_order(edx: Edx) -> list[tuple[Record | None, Sequence[Record]]]:
    """Programs with their protocols in the order that the program names them.

    Protocols that no program names follow, without a program.
    """
    protocols = [r for r in edx.records if r.value("MrEdbType") == "Prot"]
    index = Index(protocols)
    found: list[tuple[Record | None, Sequence[Record]]] = []
    for program in (r for r in edx.records if r.value("MrEdbType") == "Prog"):
        own = filter(None, map(index.take, program.values("MrEdbPartname")))
        found.append((program, list(own)))
    left = index.left()
    return [*found, (None, left)] if left else found
