"""The values of a parameter block, decoded when they are asked for.

A reader needs about a hundred of the several hundred parameters of a scan. So the block is checked as a
whole, in one pass over its table, and a value is taken out only when somebody looks at it; all are there.
"""

from __future__ import annotations

import binascii
import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import compress
from operator import add
from typing import Any

from pydantic_core import SchemaSerializer, core_schema

from generator.vendors.philips.block import (
    ENUM,
    FLOAT,
    HEADER,
    INTEGER,
    LIST_POINTER,
    RECORD,
    SLOT,
    TEXT,
    VALUE_POINTER,
    BadBlock,
    Layout,
    layout_of,
    list_at,
    outside,
    split_list,
    unpack,
)

Lists = Mapping[str, Mapping[int, str]]
# One record: kind, number of values, where they are, pointer to the text list, where the record is.
Entry = tuple[int, int, int, int, int]
_LONG = 64
_SIZE = RECORD.size
_ONE_FLOAT, _ONE_INTEGER = struct.Struct("<f"), struct.Struct("<i")
# Of one record: kind, number of values, pointer to the text list, pointer to the values.
_NUMBERS = "34x4I"
# Its name: a look ahead takes what stands before the NUL, then the whole record is passed over.
_NAMES = re.compile(r"(?=([^\0]{0,33}+)).{50}", re.DOTALL)


def from_base64(text: str | bytes) -> bytes:
    """Decode base64 text in the standard alphabet.

    Raises
    ------
    BadBlock
        If a character is not of the alphabet or the padding is wrong.
    """
    packed = (text.encode("utf-8") if isinstance(text, str) else text).strip()
    try:
        data = binascii.a2b_base64(packed)
    except (binascii.Error, ValueError) as error:
        raise BadBlock(f"no base64: {error}") from error
    # The lenient decoder skips foreign characters: then the lengths do not agree. It is the faster one.
    padding = packed.endswith(b"=") + packed.endswith(b"==")
    if len(packed) % 4 or len(data) != len(packed) // 4 * 3 - padding:
        raise BadBlock("no base64: characters that are not of its alphabet, or wrong padding")
    return data


def decode(data: bytes, lists: Lists | None = None) -> dict[str, Any]:
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

    __slots__ = ("_data", "_known", "_layout", "_lists", "_proved", "_records")

    def __init__(self, data: bytes, lists: Lists | None = None) -> None:
        self._data = data
        self._layout = layout_of(data)
        self._records = record_table(data[: self._layout.integers], self._layout)
        self._proved: Lists = lists or {}
        self._known: dict[str, Any] = {}
        self._lists: dict[int, tuple[str, ...]] = {}

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
        value = known[name] = self._value(name, entry)
        return value

    def as_dict(self) -> dict[str, Any]:
        """Decode all; an enum that cannot be translated is given as stored."""
        return {name: self._plainly(name, entry) for name, entry in self._records.items()}

    def _plainly(self, name: str, entry: Entry) -> Any:
        try:
            return self[name]
        except BadBlock:
            return self._several(INTEGER, entry[1], entry[2])

    def _value(self, name: str, entry: Entry) -> Any:
        """Take one value out; nearly all are scalars, so these come first."""
        kind, number, at, pointer, place = entry
        if number != 1 or kind == TEXT:
            value = self._several(kind, number, at)
        elif kind == FLOAT:
            return _ONE_FLOAT.unpack_from(self._data, at)[0]
        else:
            value = _ONE_INTEGER.unpack_from(self._data, at)[0]
        return self._translated(name, value, pointer, place) if kind == ENUM else value

    def _several(self, kind: int, number: int, at: int) -> Any:
        raw = self._data[at : at + number * (SLOT if kind == TEXT else 4)]
        # The long tables are nearly always empty, which a comparison finds out.
        if kind != TEXT and number >= _LONG and raw == bytes(len(raw)):
            return (0.0 if kind == FLOAT else 0,) * number
        found = unpack(kind, raw)
        return found[0] if number == 1 else found

    def _translated(self, name: str, value: Any, pointer: int, place: int) -> Any:
        """Translate the indices of one enum record; ``pointer`` leads from ``place`` to its texts."""
        if pointer == 0:
            proved = self._proved.get(name, {})
            if isinstance(value, int):
                return proved.get(value, value)
            return tuple(proved.get(entry, entry) for entry in value)
        # Records share lists, so each is taken apart once.
        choices = self._lists.get(place + pointer)
        if choices is None:
            choices = split_list(list_at(self._data, self._layout, place, pointer, name))
            self._lists[place + pointer] = choices
        entries = (value,) if isinstance(value, int) else value
        if entries and not 0 <= min(entries) <= max(entries) < len(choices):
            raise BadBlock(f"record {name!r} at byte {place}: an index beyond its {len(choices)} texts")
        if isinstance(value, int):
            return choices[value]
        return tuple([choices[entry] for entry in value])

    __pydantic_serializer__ = SchemaSerializer(
        core_schema.any_schema(
            serialization=core_schema.plain_serializer_function_ser_schema(lambda held: held.as_dict())
        )
    )


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
    at = list(map(add, pointers, _places(layout, VALUE_POINTER)))
    entries = zip(kinds, counts, at, lists, _places(layout, 0), strict=True)
    table = dict(zip(names, entries, strict=True))
    if len(table) != len(names):
        raise BadBlock("two records have one name")
    if not _in_place(kinds, counts, at, layout) or not _lists_in_place(lists, layout):
        _blame(table, layout)
    return table


def _places(layout: Layout, field: int) -> range:
    """Where a field of each record stands: pointers count from there."""
    return range(HEADER.size + field, HEADER.size + field + layout.records * _SIZE, _SIZE)


def _in_place(kinds: Sequence[int], counts: Sequence[int], spots: Sequence[int], layout: Layout) -> bool:
    """Say whether the values of each record are right behind those of its pool so far, and fill the pools."""
    whole, real, text = layout.integers, layout.floats, layout.texts
    in_whole = (ENUM, INTEGER)
    for kind, count, at in zip(kinds, counts, spots, strict=True):
        if kind in in_whole:
            if at != whole:
                return False
            whole += 4 * count
        elif kind == FLOAT:
            if at != real:
                return False
            real += 4 * count
        elif kind == TEXT and at == text:
            text += SLOT * count
        else:
            return False
    return whole == layout.floats and real == layout.texts and text <= layout.end


def _lists_in_place(lists: Sequence[int], layout: Layout) -> bool:
    """Say whether every list begins in the text pool."""
    spots = list(compress(map(add, lists, _places(layout, LIST_POINTER)), lists))
    return not spots or layout.texts <= min(spots) <= max(spots) < layout.end


def _blame(table: Mapping[str, Entry], layout: Layout) -> None:
    """Raise BadBlock for the first record that is wrong, if it is one that counts."""
    ends = {INTEGER: layout.integers, FLOAT: layout.floats, TEXT: layout.texts}
    for name, (kind, count, at, pointer, place) in table.items():
        if kind not in (FLOAT, INTEGER, TEXT, ENUM):
            raise BadBlock(f"record {name!r} at byte {place}: unknown kind {kind}")
        pool = INTEGER if kind == ENUM else kind
        spot = place + LIST_POINTER + pointer
        if at != ends[pool] or (kind == ENUM and pointer and not layout.texts <= spot < layout.end):
            raise outside(name, place)
        ends[pool] += count * (SLOT if kind == TEXT else 4)
    if (ends[INTEGER], ends[FLOAT]) != (layout.floats, layout.texts) or ends[TEXT] > layout.end:
        raise BadBlock("the counts of the header are not those of the records")
