"""The values of a parameter block, decoded in one pass for readers."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

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


class _Decoder:
    def __init__(self, data: bytes, lists: Lists) -> None:
        self.data = data
        self.lists = lists
        self.layout: Layout = layout_of(data)
        self.choices: dict[int, tuple[str, ...]] = {}
        whole, end = self.layout.integers, self.layout.floats
        self.integers = struct.unpack(f"<{(end - whole) // 4}i", data[whole:end])
        self.floats = struct.unpack(f"<{(self.layout.texts - end) // 4}f", data[end : self.layout.texts])

    def run(self) -> dict[str, Any]:
        """Walk the record table once."""
        found: dict[str, Any] = {}
        place = HEADER.size
        # Values never overlap, so there cannot be more of them than the pools hold: this bounds the memory.
        room = len(self.integers) + len(self.floats) + len(self.data) // SLOT
        for raw_name, _, kind, number, to_list, pointer in RECORD.iter_unpack(
            self.data[HEADER.size : self.layout.integers]
        ):
            name = raw_name.split(b"\0", 1)[0].decode("latin-1")
            room -= number
            if room < 0:
                raise BadBlock(f"record {name!r} at byte {place}: more values than the block has room for")
            at = place + VALUE_POINTER + pointer
            if kind == ENUM:
                value = self._whole(name, place, at, number)
                found[name] = self._texts(name, place, to_list, value)
            elif kind == INTEGER:
                found[name] = self._whole(name, place, at, number)
            elif kind == FLOAT:
                first = (at - self.layout.floats) >> 2
                if first < 0 or first + number > len(self.floats):
                    raise outside(name, place)
                found[name] = self.floats[first] if number == 1 else self.floats[first : first + number]
            elif kind == TEXT:
                found[name] = self._slots(name, place, at, number)
            else:
                raise BadBlock(f"record {name!r} at byte {place}: unknown kind {kind}")
            place += 50
        return found

    def _whole(self, name: str, place: int, at: int, number: int) -> Any:
        first = (at - self.layout.integers) >> 2
        if first < 0 or first + number > len(self.integers):
            raise outside(name, place)
        return self.integers[first] if number == 1 else self.integers[first : first + number]

    def _slots(self, name: str, place: int, at: int, number: int) -> Any:
        end = at + number * SLOT
        if at < self.layout.texts or end > self.layout.end:
            raise outside(name, place)
        texts = unpack(TEXT, self.data[at:end])
        return texts[0] if number == 1 else texts

    def _texts(self, name: str, place: int, pointer: int, value: Any) -> Any:
        """Translate the indices of one enum record."""
        if pointer == 0:
            known = self.lists.get(name)
            if known is None:
                return value
            return (
                known.get(value, value) if isinstance(value, int) else tuple(known.get(v, v) for v in value)
            )
        at = place + LIST_POINTER + pointer
        choices = self.choices.get(at)
        if choices is None:
            choices = self.choices[at] = split_list(list_at(self.data, self.layout, place, pointer, name))
        indices = (value,) if isinstance(value, int) else value
        if indices and not 0 <= min(indices) <= max(indices) < len(choices):
            raise BadBlock(f"record {name!r} at byte {place}: an index beyond its {len(choices)} texts")
        return choices[value] if isinstance(value, int) else tuple([choices[index] for index in value])
