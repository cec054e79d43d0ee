"""The values of a parameter block, decoded when they are asked for.

A reader needs about a hundred of the several hundred parameters of a scan. So the block is checked as a
whole, column by column, and a value is taken out only when somebody looks at it; all of them are there.
"""

from __future__ import annotations

import binascii
import struct
from collections.abc import Iterator, Mapping
from itertools import accumulate, chain, compress
from operator import add, mul
from typing import Any, NoReturn

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
_LONG = 64
_SIZE = RECORD.size
_KIND, _COUNT = 34, 38
_ONE_FLOAT, _ONE_INTEGER = struct.Struct("<f"), struct.Struct("<i")
_FIELDS = struct.Struct("<4I")
_NAMES = struct.Struct("33s17x")
# Which kinds fill which pool, as tables for bytes.translate: other kinds become 0.
_WHOLE = bytes(int(kind in (INTEGER, ENUM)) for kind in range(256))
_REAL = bytes(int(kind == FLOAT) for kind in range(256))
# Bytes a value of each kind takes.
_WIDTHS = bytes({INTEGER: 4, ENUM: 4, FLOAT: 4, TEXT: SLOT}.get(kind, 0) for kind in range(256))
_ENUMS = bytes(int(kind == ENUM) for kind in range(256))
_TEXTS = bytes(int(kind == TEXT) for kind in range(256))


def from_base64(text: str) -> bytes:
    """Decode base64 text in the standard alphabet.

    Raises
    ------
    BadBlock
        If a character is not of the alphabet or the padding is wrong.
    """
    text = text.strip()
    try:
        data = binascii.a2b_base64(text)
    except (binascii.Error, ValueError) as error:
        raise BadBlock(f"no base64: {error}") from error
    # The lenient decoder skips foreign characters: then the lengths do not agree. It is the faster one.
    if len(text) % 4 or len(data) != len(text) // 4 * 3 - text.endswith("=") - text.endswith("=="):
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

    __slots__ = ("_data", "_known", "_layout", "_lists", "_places", "_proved")

    def __init__(self, data: bytes, lists: Lists | None = None) -> None:
        self._data = data
        self._layout = layout_of(data)
        self._proved: Lists = lists or {}
        self._known: dict[str, Any] = {}
        self._lists: dict[int, tuple[str, ...]] = {}
        table = data[HEADER.size : self._layout.integers]
        _check(table, self._layout)
        # Names stay bytes until somebody lists them.
        names = [raw.partition(b"\0")[0] for (raw,) in _NAMES.iter_unpack(table)]
        self._places = dict(zip(names, range(HEADER.size, HEADER.size + len(table), _SIZE), strict=True))
        if len(self._places) != len(names):
            raise BadBlock("two records have one name")

    def __iter__(self) -> Iterator[str]:
        return (name.decode("latin-1") for name in self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.encode("latin-1", "replace") in self._places

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
        raw = getattr(name, "raw", None) or name.encode("latin-1", "replace")
        place = self._places.get(raw)
        if place is None:
            return default
        value = known[name] = self._value(name, place)
        return value

    def as_dict(self) -> dict[str, Any]:
        """Decode all; an enum that cannot be translated is given as stored."""
        return {name: self._plainly(name) for name in self}

    def _plainly(self, name: str) -> Any:
        try:
            return self[name]
        except BadBlock:
            place = self._places[name.encode("latin-1")]
            _, number, _, pointer = _FIELDS.unpack_from(self._data, place + _KIND)
            return self._several(INTEGER, place + VALUE_POINTER + pointer, number)

    def _value(self, name: str, place: int) -> Any:
        """Take one value out; nearly all are scalars, so these come first."""
        kind, number, to_list, pointer = _FIELDS.unpack_from(self._data, place + _KIND)
        at = place + VALUE_POINTER + pointer
        if number == 1 and kind != TEXT:
            if kind == FLOAT:
                return _ONE_FLOAT.unpack_from(self._data, at)[0]
            value = _ONE_INTEGER.unpack_from(self._data, at)[0]
            if kind == INTEGER:
                return value
            choices = self._lists.get(place + LIST_POINTER + to_list) if to_list else None
            if choices is not None and 0 <= value < len(choices):
                return choices[value]
        else:
            value = self._several(kind, at, number)
        return self._texts(name, place, to_list, value) if kind == ENUM else value

    def _several(self, kind: int, at: int, number: int) -> Any:
        raw = self._data[at : at + number * (SLOT if kind == TEXT else 4)]
        # The long tables are nearly always empty, which a comparison finds out.
        if kind != TEXT and number >= _LONG and raw == bytes(len(raw)):
            return (0.0 if kind == FLOAT else 0,) * number
        found = unpack(kind, raw)
        return found[0] if number == 1 else found

    def _texts(self, name: str, place: int, pointer: int, value: Any) -> Any:
        """Translate the indices of one enum record."""
        if pointer == 0:
            proved = self._proved.get(name, {})
            return (
                proved.get(value, value) if isinstance(value, int) else tuple(proved.get(v, v) for v in value)
            )
        at = place + LIST_POINTER + pointer
        choices = self._lists.get(at)
        if choices is None:
            choices = self._lists[at] = split_list(list_at(self._data, self._layout, place, pointer, name))
        indices = (value,) if isinstance(value, int) else tuple(value)
        if indices and not 0 <= min(indices) <= max(indices) < len(choices):
            raise BadBlock(f"record {name!r} at byte {place}: an index beyond its {len(choices)} texts")
        texts = tuple([choices[index] for index in indices])
        return texts[0] if isinstance(value, int) else texts

    __pydantic_serializer__ = SchemaSerializer(
        core_schema.any_schema(
            serialization=core_schema.plain_serializer_function_ser_schema(lambda held: held.as_dict())
        )
    )


def _column(table: bytes, offset: int) -> tuple[int, ...]:
    """Take one 32-bit field out of every record."""
    column = bytearray(len(table) // _SIZE * 4)
    for byte in range(4):
        column[byte::4] = table[offset + byte :: _SIZE]
    return struct.unpack(f"<{len(column) // 4}I", column)


def _check(table: bytes, layout: Layout) -> None:
    """Prove that every value and list lies in its pool and that no two overlap."""
    kinds, counts, pointers = table[_KIND::_SIZE], _column(table, _COUNT), _column(table, VALUE_POINTER)
    at = list(map(add, pointers, range(HEADER.size + VALUE_POINTER, layout.end * 50, _SIZE)))
    strange = kinds.translate(None, bytes((INTEGER, ENUM, FLOAT, TEXT))) or table[_KIND + 1 :: _SIZE].strip(
        b"\0"
    )
    if strange:
        raise BadBlock(f"a record of an unknown kind ({strange[0]})")
    pools = [kinds.translate(pool) for pool in (_WHOLE, _REAL, _TEXTS)]
    sizes = list(map(mul, counts, kinds.translate(_WIDTHS)))
    found = list(chain.from_iterable(compress(at, pool) for pool in pools))
    filled = chain.from_iterable(compress(sizes, pool) for pool in pools)
    expected = list(accumulate(filled, initial=layout.integers))
    if found != expected[:-1]:
        _blame(table, found, expected, pools)
    whole, real = sum(pools[0]), sum(pools[1])
    ends = expected[whole], expected[whole + real]
    if ends != (layout.floats, layout.texts) or expected[-1] > layout.end:
        raise BadBlock("the counts of the header are not those of the records")
    _check_lists(table, layout, kinds)


def _blame(table: bytes, found: list[int], expected: list[int], pools: list[bytes]) -> NoReturn:
    """Name the first record whose values are not where they have to be."""
    records = chain.from_iterable(compress(range(len(pool)), pool) for pool in pools)
    index = next(i for i, at, should in zip(records, found, expected, strict=False) if at != should)
    name = table[index * _SIZE :][:33].split(b"\0", 1)[0].decode("latin-1")
    raise outside(name, HEADER.size + index * _SIZE)


def _check_lists(table: bytes, layout: Layout, kinds: bytes) -> None:
    pointers = _column(table, LIST_POINTER)
    starts = range(HEADER.size + LIST_POINTER, layout.end * 50, _SIZE)
    is_enum = kinds.translate(_ENUMS)
    pairs = zip(compress(starts, is_enum), compress(pointers, is_enum), strict=False)
    at = [start + pointer for start, pointer in pairs if pointer]
    if at and not layout.texts <= min(at) <= max(at) < layout.end:
        raise BadBlock("an enum points to a list outside the text pool")
