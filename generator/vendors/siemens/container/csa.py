"""The CSA headers that Siemens scanners up to VE write into DICOM: named tags with texts.

Two generations: with the mark ``SV10`` (VB13 and later) and without. The layout is that which nibabel's
documentation describes (neuroimaging.nipy.org, "Siemens CSA header").
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

_MARK = b"SV10"
_TAG = struct.Struct("<64si4siii")
_ITEM = struct.Struct("<4i")
_MOST_TAGS, _MOST_ITEMS = 256, 4096
_CHECKS = (77, 205)


class BadCsa(ValueError):
    """A header that does not hold together; the message names the byte."""


def texts(data: bytes) -> dict[str, tuple[str, ...]]:
    """Read the texts of every tag that has some.

    Raises
    ------
    BadCsa
        If a length leads outside, or the header is of no known kind.
    """
    return dict(_tags(data))


def _tags(data: bytes) -> Iterator[tuple[str, tuple[str, ...]]]:
    new = data.startswith(_MARK)
    at = 8 if new else 0
    count, check = _unpack(struct.Struct("<II"), data, at)
    if count > _MOST_TAGS or check not in _CHECKS:
        raise BadCsa(f"byte {at}: no CSA header: {count} tags, check {check}")
    at, first = at + 8, None
    for _ in range(count):
        name, _, _, _, items, check = _unpack(_TAG, data, at)
        if check not in _CHECKS or not 0 <= items <= _MOST_ITEMS:
            raise BadCsa(f"byte {at}: a tag with {items} items and check {check}")
        at += _TAG.size
        first = items if first is None else first
        values = []
        for _ in range(items):
            lengths = _unpack(_ITEM, data, at)
            # The first generation counts from the number of items of the first tag.
            length = lengths[1] if new else lengths[0] - first
            at += _ITEM.size
            if not 0 <= length <= len(data) - at:
                if new:
                    raise BadCsa(f"byte {at}: a text of {length} bytes leads outside")
                length = 0
            if text := _text(data[at : at + length]):
                values.append(text)
            at += (length + 3) // 4 * 4
        if values:
            yield _text(name), tuple(values)


def _unpack(form: struct.Struct, data: bytes, at: int) -> tuple[Any, ...]:
    try:
        return form.unpack_from(data, at)
    except struct.error as error:
        raise BadCsa(f"byte {at}: cut off") from error


def _text(data: bytes) -> str:
    return data.split(b"\0", 1)[0].decode("latin-1").strip()
