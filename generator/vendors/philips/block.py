"""The parameter block of a Philips scan: bytes to records and back, lossless.

A block is a header of four (pointer, count) pairs, a table of 50-byte records, a pool of 32-bit integers,
a pool of floats and a pool of text (string slots, then each distinct enum list once). Every pointer is
relative to the place of the pointer itself. Layout and evidence: format notes on ``.ExamCard``, section 7.

:class:`Block` keeps every byte, can be edited record by record and is encoded from scratch; what a reader
wants to know comes faster from :mod:`generator.vendors.philips.values`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, NamedTuple

Kind = Literal[0, 1, 2, 4]
FLOAT, INTEGER, TEXT, ENUM = 0, 1, 2, 4
KIND_NAMES = {FLOAT: "float", INTEGER: "int", TEXT: "text", ENUM: "enum"}

HEADER = struct.Struct("<8I")
RECORD = struct.Struct("<33sBIIII")
_NAME_SIZE = 33
SLOT = 81
_WIDTHS = {FLOAT: 4, INTEGER: 4, TEXT: SLOT, ENUM: 4}
LIST_POINTER, VALUE_POINTER = 42, 46
_MAX_RECORDS = 20_000
_MAX_BYTES = 8 << 20
_UINT32 = 1 << 32


class BadBlock(ValueError):
    """A block that cannot be decoded; the message names the byte or the record."""


@dataclass(slots=True)
class Record:
    """One parameter.

    Attributes
    ----------
    name : str
    kind : {0, 1, 2, 4}
        Float, integer, text or enum.
    raw : bytes
        The values as stored: 4 bytes each, text in slots of 81.
    texts : bytes or None
        The comma-separated list an enum points to, without its NUL; ``None`` where there is none.
    flag : int
        Display flag.
    rest : bytes
        What stands behind the NUL of the name, leftovers of memory that are kept as they are.
    """

    name: str
    kind: int
    raw: bytes
    texts: bytes | None = None
    flag: int = 0
    rest: bytes = b""

    @property
    def count(self) -> int:
        """Number of values."""
        return len(self.raw) // _WIDTHS[self.kind]

    @property
    def choices(self) -> tuple[str, ...]:
        """The texts of an enum, empty where the block holds none."""
        return split_list(self.texts) if self.texts is not None else ()

    @property
    def numbers(self) -> tuple[Any, ...]:
        """The values as stored: floats, integers, enum indices or texts."""
        return unpack(self.kind, self.raw)

    def patched(self, values: Sequence[Any]) -> bytes:
        """Encode new leading values and keep the values behind them.

        Raises
        ------
        BadBlock
            If there is no room, or a text does not fit its slot.
        """
        width = _WIDTHS[self.kind]
        if len(values) > self.count:
            raise BadBlock(f"{self.name} holds {self.count} values, not {len(values)}")
        return pack(self.kind, values, self.name) + self.raw[len(values) * width :]


def pack(kind: int, values: Sequence[Any], name: str = "") -> bytes:
    """Encode values of one kind; floats are rounded to 32 bits.

    Raises
    ------
    BadBlock
        If a value is out of range or a text does not fit its slot of 81 bytes.
    """
    try:
        if kind == TEXT:
            return b"".join(_slot(str(value), name) for value in values)
        return struct.pack(f"<{len(values)}{'f' if kind == FLOAT else 'i'}", *values)
    except (struct.error, OverflowError) as error:
        raise BadBlock(f"{name}: {list(values)!r} does not fit: {error}") from error


def _slot(text: str, name: str) -> bytes:
    data = text.encode("latin-1", "replace")
    if len(data) >= SLOT:
        raise BadBlock(f"{name}: text of {len(data)} characters, room for {SLOT - 1}")
    return data.ljust(SLOT, b"\0")


def unpack(kind: int, raw: bytes) -> tuple[Any, ...]:
    """Decode the values of one record: numbers, or the texts of its slots."""
    if kind == TEXT:
        return tuple(
            raw[at : at + SLOT].split(b"\0", 1)[0].decode("latin-1") for at in range(0, len(raw), SLOT)
        )
    return struct.unpack(f"<{len(raw) // 4}{'f' if kind == FLOAT else 'i'}", raw)


@lru_cache(maxsize=2048)
def split_list(texts: bytes) -> tuple[str, ...]:
    """Split an enum list into its texts."""
    return tuple(texts.decode("latin-1").split(","))


class Layout(NamedTuple):
    """Where the parts of a block are; checked against its size."""

    records: int
    integers: int
    floats: int
    texts: int
    end: int


def layout_of(data: bytes) -> Layout:
    """Find the parts of a block.

    Raises
    ------
    BadBlock
        If a part leaves the block, or the parts do not follow each other from the header to the end.
    """
    if len(data) < HEADER.size:
        raise BadBlock(f"{len(data)} bytes, shorter than the header of {HEADER.size}")
    if len(data) > _MAX_BYTES:
        raise BadBlock(f"{len(data)} bytes, more than the limit of {_MAX_BYTES}")
    at = HEADER.unpack_from(data)
    spots = [(at[2 * i] + 8 * i) % _UINT32 for i in range(4)]
    sizes = [at[1] * 4, at[3] * 4, at[5], at[7] * RECORD.size]
    if at[7] > _MAX_RECORDS:
        raise BadBlock(f"byte 28: {at[7]} records, more than the limit of {_MAX_RECORDS}")
    names = ("integer pool", "float pool", "text pool", "record table")
    for index, (spot, size, name) in enumerate(zip(spots, sizes, names, strict=True)):
        if spot < HEADER.size or spot + size > len(data):
            raise BadBlock(f"byte {8 * index}: the {name} would be at {spot} to {spot + size} of {len(data)}")
    ends = spots[3] + sizes[3], spots[0] + sizes[0], spots[1] + sizes[1], spots[2] + sizes[2]
    if spots[3] != HEADER.size or ends != (spots[0], spots[1], spots[2], len(data)):
        raise BadBlock("byte 0: the pools do not follow each other up to the end of the block")
    return Layout(at[7], spots[0], spots[1], spots[2], len(data))


def list_at(data: bytes, layout: Layout, place: int, pointer: int, key: str) -> bytes:
    """Return the enum list a record points to, without its NUL. Raises BadBlock."""
    at = place + LIST_POINTER + pointer
    if not layout.texts <= at < layout.end:
        raise outside(key, place)
    end = data.find(b"\0", at)
    if end < 0:
        raise BadBlock(f"record {key!r} at byte {place}: its text list has no end")
    return data[at:end]


def outside(key: str, place: int) -> BadBlock:
    """Make the error for a pointer that leaves its pool."""
    return BadBlock(f"record {key!r} at byte {place}: a pointer leads outside its pool")


class Block:
    """The records of one block, in order, editable by name."""

    def __init__(self, records: Iterable[Record]) -> None:
        found = list(records)
        self._names = {record.name: record for record in found}
        if len(self._names) != len(found):
            raise BadBlock("two records have one name")

    @property
    def records(self) -> list[Record]:
        """The records, in order."""
        return list(self._names.values())

    def get(self, name: str) -> Record | None:
        """Return the record of a name, or ``None``."""
        return self._names.get(name)

    def remove(self, name: str) -> None:
        """Take a record out, if it is there."""
        self._names.pop(name, None)

    def replace(self, record: Record) -> None:
        """Put a record in the place of the one of its name."""
        self._names[record.name] = record

    def insert(self, position: int, record: Record) -> None:
        """Put a new record at a position of the list."""
        if record.name in self._names:
            raise BadBlock(f"record {record.name!r} is there already")
        behind = self.records[position:]
        self._names[record.name] = record
        for other in behind:
            self._names[other.name] = self._names.pop(other.name)

    def encode(self) -> bytes:
        """Write the block from scratch: pools in record order, each distinct enum list once."""
        return _encode(self.records)


def decode(data: bytes) -> Block:
    """Decode a block into editable records, keeping every byte.

    Raises
    ------
    BadBlock
        As :func:`values`, and if the block is not what :meth:`Block.encode` would write.
    """
    layout = layout_of(data)
    records = []
    for index in range(layout.records):
        place = HEADER.size + index * RECORD.size
        raw_name, flag, kind, number, list_pointer, pointer = RECORD.unpack_from(data, place)
        name, _, rest = raw_name.partition(b"\0")
        key = name.decode("latin-1")
        if kind not in _WIDTHS:
            raise BadBlock(f"record {key!r} at byte {place}: unknown kind {kind}")
        at = place + VALUE_POINTER + pointer
        end = at + number * _WIDTHS[kind]
        if at < layout.integers or end > layout.end:
            raise outside(key, place)
        texts = list_at(data, layout, place, list_pointer, key) if kind == ENUM and list_pointer else None
        records.append(Record(key, kind, data[at:end], texts, flag, rest))
    block = Block(records)
    if block.encode() != data:
        raise BadBlock("the pools are not in the order of the records, so the block cannot be edited safely")
    return block


def _encode(records: Sequence[Record]) -> bytes:
    start = HEADER.size + len(records) * RECORD.size
    sizes = {kind: sum(len(r.raw) for r in records if r.kind == kind) for kind in _WIDTHS}
    floats = start + sizes[INTEGER] + sizes[ENUM]
    texts = floats + sizes[FLOAT]
    lists_at, lists = _place_lists(records, texts + sizes[TEXT])
    end = lists_at + sum(len(entry) + 1 for entry in lists)
    cursor = {"integer": start, "float": floats, "text": texts}
    counts = (floats - start) // 4, (texts - floats) // 4, end - texts, len(records)
    header = HEADER.pack(start, counts[0], floats - 8, counts[1], texts - 16, counts[2], 8, counts[3])
    table: list[bytes] = [header]
    pools: dict[str, list[bytes]] = {pool: [] for pool in cursor}
    for index, record in enumerate(records):
        place = HEADER.size + index * RECORD.size
        pool = {FLOAT: "float", TEXT: "text"}.get(record.kind, "integer")
        to_list = lists[record.texts] - place - LIST_POINTER if record.texts is not None else 0
        table.append(_row(record, to_list, cursor[pool] - place - VALUE_POINTER))
        pools[pool].append(record.raw)
        cursor[pool] += len(record.raw)
    return b"".join([*table, *pools["integer"], *pools["float"], *pools["text"], *(t + b"\0" for t in lists)])


def _place_lists(records: Sequence[Record], start: int) -> tuple[int, dict[bytes, int]]:
    """Give every distinct enum list its place, in order of first use."""
    places: dict[bytes, int] = {}
    at = start
    for record in records:
        if record.texts is not None and record.texts not in places:
            places[record.texts] = at
            at += len(record.texts) + 1
    return start, places


def _row(record: Record, to_list: int, to_value: int) -> bytes:
    name = record.name.encode("latin-1") + b"\0" + record.rest
    if len(name) > _NAME_SIZE:
        raise BadBlock(f"record name {record.name!r} is longer than {_NAME_SIZE - 1} characters")
    return RECORD.pack(name, record.flag, record.kind, record.count, to_list, to_value)
