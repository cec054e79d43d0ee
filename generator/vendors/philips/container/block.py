"""The parameter block of a Philips scan: bytes to records and back, lossless.

A block is a header of four (pointer, count) pairs, a table of 50-byte records, a pool of 32-bit integers,
a pool of floats and a pool of text (string slots, then each distinct enum list once). Every pointer is
relative to the place of the pointer itself. Layout and evidence: format notes on ``.ExamCard``, section 7.

:class:`Block` keeps every byte, can be edited record by record and is encoded from scratch.
:class:`Parameters` is for readers: they need about a hundred of the several hundred parameters of a scan, so
the block is checked as a whole, in one pass over its table, and a value is decoded when it is asked for.
:func:`parse_list` reads the block as text, of templates.
"""

from __future__ import annotations

import binascii
import re
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import add
from typing import Any, Literal, NamedTuple, cast

from pydantic_core import SchemaSerializer, SchemaValidator, ValidationError, core_schema

from generator import limits
from generator.errors import ExamcardError

Kind = Literal[0, 1, 2, 4]
FLOAT, INTEGER, TEXT, ENUM = 0, 1, 2, 4
HEADER = struct.Struct("<8I")
RECORD = struct.Struct("<33sBIIII")
_NAME_SIZE = 33
SLOT = 81
_WIDTHS = {FLOAT: 4, INTEGER: 4, TEXT: SLOT, ENUM: 4}
LIST_POINTER, VALUE_POINTER = 42, 46
_MAX_RECORDS = limits.RECORDS
_MAX_BYTES = limits.BLOCK_BYTES
_UINT32 = 1 << 32


class BadBlock(ExamcardError, ValueError):
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
        Bytes after the NUL of the name, leftovers of memory that are kept as they are.
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
        return tuple(numbered(self.texts).values()) if self.texts is not None else ()

    @property
    def numbers(self) -> tuple[Any, ...]:
        """The values as stored: floats, integers, enum indices or texts."""
        return unpack(self.kind, self.raw)

    def refuse_beyond(self) -> None:
        """Refuse an enum index beyond the list of the record. Raises BadBlock."""
        if self.kind == ENUM and self.texts is not None:
            wrong = [index for index in self.numbers if not 0 <= index < len(self.choices)]
            if wrong:
                raise BadBlock(f"record {self.name!r}: index {wrong[0]} beyond its {len(self.choices)} texts")

    def patched(self, values: Sequence[Any]) -> bytes:
        """Encode new leading values and keep the values after them.

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
            raw[at : at + SLOT].split(b"\0", 1)[0].decode("latin-1") if raw[at] else ""
            for at in range(0, len(raw), SLOT)
        )
    return struct.unpack(f"<{len(raw) // 4}{'f' if kind == FLOAT else 'i'}", raw)


@lru_cache(maxsize=2048)
def numbered(texts: bytes) -> Mapping[int, str]:
    """Split an enum list into its texts, by index."""
    return dict(enumerate(texts.decode("latin-1").split(",")))


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


def list_at(data: bytes, place: int, pointer: int, key: str) -> bytes:
    """Return the list of an enum whose table was checked, without its NUL. Raises BadBlock."""
    at = place + LIST_POINTER + pointer
    end = data.find(b"\0", at)
    if end < 0:
        raise BadBlock(f"record {key!r} at byte {place}: its text list has no end")
    return data[at:end]


def outside(key: str, place: int) -> BadBlock:
    """Make the error for a pointer that leaves its pool."""
    return BadBlock(f"record {key!r} at byte {place}: a pointer leads outside its pool")


def _beyond(key: str, place: int, choices: Mapping[int, str]) -> BadBlock:
    return BadBlock(f"record {key!r} at byte {place}: an index beyond its {len(choices)} texts")


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
        """Put a record in the place of the one of its name. Raises BadBlock as :meth:`insert`."""
        record.refuse_beyond()
        self._names[record.name] = record

    def insert(self, position: int, record: Record) -> None:
        """Put a new record at a position. Raises BadBlock for a name twice or an index beyond its list."""
        record.refuse_beyond()
        if record.name in self._names:
            raise BadBlock(f"record {record.name!r} is there already")
        after = self.records[position:]
        self._names[record.name] = record
        for other in after:
            self._names[other.name] = self._names.pop(other.name)

    def encode(self) -> bytes:
        """Write the block from scratch: pools in record order, each distinct enum list once."""
        return _encode(self.records)


def decode(data: bytes) -> Block:
    """Decode a block into editable records, keeping every byte.

    Raises
    ------
    BadBlock
        As :class:`Parameters`, and if the block is not what :meth:`Block.encode` would write.
    """
    layout = layout_of(data)
    records = []
    for name, (kind, number, at, pointer, place) in record_table(data[: layout.integers], layout).items():
        texts = list_at(data, place, pointer, name) if kind == ENUM and pointer else None
        rest = data[place + len(name) + 1 : place + _NAME_SIZE]
        raw = data[at : at + number * _WIDTHS[kind]]
        records.append(Record(name, kind, raw, texts, data[place + _NAME_SIZE], rest))
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


Lists = Mapping[str, Mapping[int, str]]

# One record: kind, number of values, where they are, pointer to the text list, where the record is.
Entry = tuple[int, int, int, int, int]
_LONG = 12
_EMPTY: dict[int, Any] = {FLOAT: 0.0, INTEGER: 0, TEXT: ""}
_ONE_FLOAT, _ONE_INTEGER = struct.Struct("<f"), struct.Struct("<i")

# Of one record: kind, number of values, pointer to the text list, pointer to the values.
_NUMBERS = "34x4I"

# Its name: a look ahead takes what is before the NUL, then the whole record is passed over.
_NAMES = re.compile(r"(?=([^\0]{0,33}+)).{50}", re.DOTALL)


# A decoder four times as fast as that of binascii, which knows what is wrong where this one fails.
_BASE64 = SchemaValidator(core_schema.bytes_schema(), core_schema.CoreConfig(val_json_bytes="base64"))


def from_base64(text: str | bytes) -> bytes:
    """Decode base64 text in the standard alphabet.

    Raises
    ------
    BadBlock
        If a character is not of the alphabet or the padding is wrong.
    """
    packed = (text.encode("utf-8") if isinstance(text, str) else text).strip()
    try:
        data = _decoded(packed)
    except (binascii.Error, ValueError) as error:
        raise BadBlock(f"no base64: {error}") from error
    # Lenient decoders skip foreign characters: then the lengths do not agree.
    padding = packed.endswith(b"=") + packed.endswith(b"==")
    if len(packed) % 4 or len(data) != len(packed) // 4 * 3 - padding:
        raise BadBlock("no base64: characters that are not of its alphabet, or wrong padding")
    return data


def _decoded(packed: bytes) -> bytes:
    if b"-" not in packed and b"_" not in packed:  # the same letters in another alphabet, which it takes
        try:
            return cast(bytes, _BASE64.validate_json(b'"%b"' % packed))
        except ValidationError:
            pass
    return binascii.a2b_base64(packed)


def decode_values(data: bytes, lists: Lists | None = None) -> dict[str, Any]:
    """Decode a whole block; see :class:`Parameters`. Raises BadBlock."""
    parameters = Parameters(data, lists)
    return {name: parameters[name] for name in parameters}


class Parameters(Mapping[str, Any]):
    """Parameter name to value, in record order: a scalar, or a tuple where a parameter has several.

    Enums are texts. Where a block holds none (R11.1), ``lists`` gives them by parameter and index; an index
    without a text stays a number.

    Parameters
    ----------
    data : bytes
        The block.
    lists : mapping, optional
        Enum texts for blocks without.

    Raises
    ------
    BadBlock
        If a pointer leaves its pool, the pools do not hold the values in record order, a kind is unknown or
        two records have one name; on access also if an enum index is beyond its list.
    """

    __slots__ = ("_data", "_known", "_lists", "_proved", "_records")

    def __init__(self, data: bytes, lists: Lists | None = None) -> None:
        self._data = data
        layout = layout_of(data)
        self._records = record_table(data[: layout.integers], layout)
        self._proved: Lists = lists or {}
        self._known: dict[str, Any] = {}
        self._lists: dict[int, Mapping[int, str]] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)

    def __contains__(self, name: object) -> bool:
        return name in self._records

    def __getitem__(self, name: str) -> Any:
        value = self.get(name, self)
        if value is self:
            raise KeyError(name)
        return value

    def get(self, name: str, default: Any = None) -> Any:
        """Return a value, or the default if there is no such parameter."""
        known = self._known
        if name in known:
            return known[name]
        entry = self._records.get(name)
        if entry is None:
            return default
        kind, number, at, pointer, place = entry
        if number != 1 or kind == TEXT:
            value = self._several(name, entry)
        elif kind == FLOAT:
            (value,) = _ONE_FLOAT.unpack_from(self._data, at)
        else:
            (value,) = _ONE_INTEGER.unpack_from(self._data, at)
            if kind == ENUM:
                choices = self._choices(name, pointer, place)
                if pointer and value not in choices:
                    raise _beyond(name, place, choices)
                value = choices.get(value, value)
        known[name] = value
        return value

    @property
    def data(self) -> bytes:
        """The block as it is stored."""
        return self._data

    def place(self, name: str) -> Entry | None:
        """Return where and what a record is, ``None`` if there is none of the name."""
        return self._records.get(name)

    def as_dict(self) -> dict[str, Any]:
        """Decode all; an enum that cannot be translated is given as stored."""
        return {name: self._plainly(name, entry) for name, entry in self._records.items()}

    def _plainly(self, name: str, entry: Entry) -> Any:
        try:
            return self[name]
        except BadBlock:
            return self._several(name, (INTEGER, *entry[1:]))

    def _several(self, name: str, entry: Entry) -> Any:
        kind, number, at, pointer, place = entry
        raw = self._data[at : at + number * _WIDTHS[kind]]
        # Long tables and lists of slots are nearly always empty, which a comparison finds out.
        if kind != ENUM and number >= _LONG and raw == bytes(len(raw)):
            return (_EMPTY[kind],) * number
        found = unpack(kind, raw)
        if kind == ENUM:
            choices, different = self._choices(name, pointer, place), {*found}
            if pointer and not choices.keys() >= different:
                raise _beyond(name, place, choices)
            if len(different) == 1:
                return (choices.get(found[0], found[0]),) * number
            return tuple([choices.get(one, one) for one in found])
        return found[0] if number == 1 else found

    def _choices(self, name: str, pointer: int, place: int) -> Mapping[int, str]:
        """Return the texts of an enum by index."""
        if pointer == 0:
            return self._proved.get(name, {})
        at = place + pointer
        if at not in self._lists:  # many have one list: NO and YES
            self._lists[at] = numbered(list_at(self._data, place, pointer, name))
        return self._lists[at]

    __pydantic_serializer__ = SchemaSerializer(
        core_schema.any_schema(
            serialization=core_schema.plain_serializer_function_ser_schema(lambda held: held.as_dict())
        )
    )


def with_number(parameters: Parameters, name: str, number: int) -> bytes:
    """Return a block with another number in an integer record of one value.

    Raises
    ------
    BadBlock
        If it holds no such record.
    """
    data, entry = parameters.data, parameters.place(name)
    if entry is None or entry[:2] != (INTEGER, 1):
        raise BadBlock(f"no record {name!r} of one whole number")
    at = entry[2]
    return data[:at] + _ONE_INTEGER.pack(number) + data[at + _ONE_INTEGER.size :]


@lru_cache(maxsize=64)
def record_table(head: bytes, layout: Layout) -> dict[str, Entry]:
    """Take header and record table apart; scans of one kind often have the same.

    Raises
    ------
    BadBlock
        If a value or list is not in its pool, values overlap or two records have one name.
    """
    names = _NAMES.findall(head[HEADER.size :].decode("latin-1"))
    numbers = struct.unpack_from("<" + _NUMBERS * layout.records, head, HEADER.size)
    kinds, counts, lists, pointers = (numbers[field::4] for field in range(4))
    _, whole, real, text, end = layout  # where the next values must be
    lists_from = text
    table: dict[str, Entry] = {}
    places = range(HEADER.size, layout.integers, RECORD.size)
    spots = map(
        add, pointers, range(HEADER.size + VALUE_POINTER, layout.integers + VALUE_POINTER, RECORD.size)
    )
    for name, kind, count, at, pointer, place in zip(names, kinds, counts, spots, lists, places, strict=True):
        if kind == ENUM and at == whole:
            if pointer and not lists_from <= place + LIST_POINTER + pointer < end:
                raise outside(name, place)
            whole += 4 * count
        elif kind == FLOAT and at == real:
            real += 4 * count
        elif kind == INTEGER and at == whole:
            whole += 4 * count
        elif kind == TEXT and at == text:
            text += SLOT * count
        elif kind in _WIDTHS:
            raise outside(name, place)
        else:
            raise BadBlock(f"record {name!r} at byte {place}: unknown kind {kind}")
        table[name] = kind, count, at, pointer, place
    if len(table) != len(names):
        raise BadBlock("two records have one name")
    if (whole, real) != (layout.floats, layout.texts) or text > end:
        raise BadBlock("the counts of the header are not those of the records")
    return table


_KINDS = {"float": FLOAT, "int": INTEGER, "text": TEXT, "enum": ENUM}


def parse_list(text: str) -> Block:
    """Read a parameter list: one line a parameter, ``name kind value... | text,text,...``.

    Parameters
    ----------
    text : str
        ``20*1`` means twenty times 1; empty lines and lines that begin with ``#`` do not count.

    Raises
    ------
    BadBlock
        If a line cannot be read, with its text.
    """
    return Block(_record(line) for line in map(str.strip, text.splitlines()) if line and line[0] != "#")


def _record(line: str) -> Record:
    body, _, texts = line.partition("|")
    name, kind_name, *words = body.split()
    kind = _KINDS.get(kind_name)
    listed = texts.strip()
    if kind is None or not words or " " in listed:
        raise BadBlock(f"parameter list: {line!r}")
    try:
        values = list(_values(kind, words, listed.split(",") if listed else []))
    except ValueError as error:
        raise BadBlock(f"parameter list: {line!r}: {error}") from error
    flag = int(name.startswith("IF_"))
    rest = b"\0" * (_NAME_SIZE - 1 - len(name))
    return Record(name, kind, pack(kind, values, name), listed.encode() if listed else None, flag, rest)


def _values(kind: int, words: list[str], choices: list[str]) -> Iterator[float | int | str]:
    for word in words:
        times, star, rest = word.partition("*")
        value = rest if star else word
        for _ in range(int(times) if star else 1):
            if kind == ENUM:
                yield choices.index(value)
            else:
                yield float(value) if kind == FLOAT else int(value) if kind == INTEGER else value
