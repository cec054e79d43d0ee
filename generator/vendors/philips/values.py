"""The values of a parameter block, decoded in one pass for readers."""

from __future__ import annotations

import binascii
import struct
import sys
from collections.abc import Mapping
from typing import Any, Literal

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

_LONG = 64
Lists = Mapping[str, Mapping[int, str]]


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
    """Decode a block into name to value: a scalar, or a tuple where a parameter has several.

    Parameters
    ----------
    data : bytes
        The block.
    lists : mapping, optional
        Enum texts by parameter and index, for blocks that hold none; an index without a text stays a
        number.

    Returns
    -------
    dict of str to Any
        Enums as texts, in record order.

    Raises
    ------
    BadBlock
        If a pointer leaves its pool, records share values, a kind is unknown or an enum index is beyond
        its list.
    """
    return _Decoder(data, lists or {}).run()


def _pool(data: bytes, code: Literal["i", "f"]) -> Any:
    """View bytes as 32-bit numbers, little endian on every machine."""
    if sys.byteorder == "little":
        view = memoryview(data)
        return view.cast("i") if code == "i" else view.cast("f")
    return struct.unpack(f"<{len(data) // 4}{code}", data)


def _several(pool: Any, first: int, number: int) -> tuple[Any, ...]:
    """Take an array out of a pool; the long tables are nearly always empty, which a comparison finds out."""
    entries = pool[first : first + number]
    if number >= _LONG and isinstance(entries, memoryview) and entries.tobytes() == bytes(entries.nbytes):
        return (entries[0],) * number
    return tuple(entries)


class _Decoder:
    def __init__(self, data: bytes, lists: Lists) -> None:
        self.data = data
        self.lists = lists
        self.layout: Layout = layout_of(data)
        self.choices: dict[int, tuple[str, ...]] = {}
        integers, floats, texts = self.layout.integers, self.layout.floats, self.layout.texts
        self.integers = _pool(data[integers:floats], "i")
        self.floats = _pool(data[floats:texts], "f")

    def run(self) -> dict[str, Any]:
        """Walk the record table once; the scalar cases are written out because they are nearly all."""
        found: dict[str, Any] = {}
        integers, floats, layout, known = self.integers, self.floats, self.layout, self.choices
        whole, real = len(integers), len(floats)
        # Values never overlap, so there cannot be more of them than the pools hold: this bounds the memory.
        room = whole + real + len(self.data) // SLOT
        place = HEADER.size
        for raw, _, kind, number, to_list, pointer in RECORD.iter_unpack(self.data[place : layout.integers]):
            name = raw.split(b"\0", 1)[0].decode("latin-1")
            at = place + VALUE_POINTER + pointer
            room -= number
            if kind in (ENUM, INTEGER):
                first = at - layout.integers
                index = first >> 2
                if first & 3 or index < 0 or index + number > whole or room < 0:
                    raise outside(name, place)
                value: Any = integers[index] if number == 1 else _several(integers, index, number)
                if kind == ENUM:
                    choices = known.get(place + LIST_POINTER + to_list)
                    if choices is not None and number == 1 and 0 <= value < len(choices):
                        value = choices[value]
                    else:
                        value = self._texts(name, place, to_list, value)
                found[name] = value
            elif kind == FLOAT:
                first = at - layout.floats
                index = first >> 2
                if first & 3 or index < 0 or index + number > real or room < 0:
                    raise outside(name, place)
                found[name] = floats[index] if number == 1 else _several(floats, index, number)
            elif kind == TEXT:
                if at < layout.texts or at + number * SLOT > layout.end or room < 0:
                    raise outside(name, place)
                texts = unpack(TEXT, self.data[at : at + number * SLOT])
                found[name] = texts[0] if number == 1 else texts
            else:
                raise BadBlock(f"record {name!r} at byte {place}: unknown kind {kind}")
            place += RECORD.size
        return found

    def _texts(self, name: str, place: int, pointer: int, value: Any) -> Any:
        """Translate the indices of one enum record."""
        if pointer == 0:
            proved = self.lists.get(name)
            if proved is None:
                return value
            return (
                proved.get(value, value) if isinstance(value, int) else tuple(proved.get(v, v) for v in value)
            )
        at = place + LIST_POINTER + pointer
        choices = self.choices.get(at)
        if choices is None:
            choices = self.choices[at] = split_list(list_at(self.data, self.layout, place, pointer, name))
        single = isinstance(value, int)
        indices: tuple[int, ...] = (value,) if isinstance(value, int) else tuple(value)
        if indices and not 0 <= min(indices) <= max(indices) < len(choices):
            raise BadBlock(f"record {name!r} at byte {place}: an index beyond its {len(choices)} texts")
        texts = tuple([choices[index] for index in indices])
        return texts[0] if single else texts
