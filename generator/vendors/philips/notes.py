"""Operator notes: a base64 ZIP whose first member is ``index.htm``, HTML or plain text."""

from __future__ import annotations

import base64
import binascii
import re
import struct
import zlib

_LOCAL = struct.Struct("<4s5H3I2H")
_STORED, _DEFLATED = 0, 8
_MAX_PACKED, _MAX_TEXT = 1 << 18, 1 << 18
_NAME = b"index.htm"
_DROPPED = re.compile(r"(?is)<(head|style|script)\b.*?</\1>")
_BREAKS = re.compile(r"(?i)<(?:br|/p|/div|/li|/tr|/h\d)\b[^<>]*>")
_TAGS = re.compile(r"<[^<>]*>")


def read(packed: str) -> str:
    """Return the text of a note, empty if there is none or it cannot be understood.

    Parameters
    ----------
    packed : str
        Base64 text of the ZIP.

    Notes
    -----
    Pictures and other members are never unpacked; the text is bounded.
    """
    try:
        data = base64.b64decode(packed[:_MAX_PACKED].rstrip()[: len(packed) // 4 * 4], validate=False)
        head = _LOCAL.unpack_from(data)
    except (binascii.Error, struct.error, ValueError):
        return ""
    signature, _, flags, method, _, _, _, size, _, name_size, extra_size = head
    start = _LOCAL.size + name_size + extra_size
    if signature != b"PK\x03\x04" or flags & 9 or data[_LOCAL.size :][:name_size] != _NAME:
        return ""
    return _plain(_unpack(data[start : start + size], method))


def _unpack(body: bytes, method: int) -> str:
    if method == _DEFLATED:
        try:
            body = zlib.decompressobj(-15).decompress(body, _MAX_TEXT)
        except zlib.error:
            return ""
    elif method != _STORED:
        return ""
    return body[:_MAX_TEXT].decode("utf-8", "replace") if body else ""


def _plain(text: str) -> str:
    if "<" in text:
        import html

        text = html.unescape(_TAGS.sub(" ", _BREAKS.sub("\n", _DROPPED.sub(" ", text))))
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(filter(None, lines))


def write(text: str) -> str:
    """Pack a text as a note: a ZIP with one stored member and no clock in it.

    Returns
    -------
    str
        Base64.
    """
    body = text.encode("utf-8")
    checksum = zlib.crc32(body)
    # 1980-01-01, the first day a ZIP can name.
    common = struct.pack("<5H3I2H", 10, 0, _STORED, 0, 0x21, checksum, len(body), len(body), len(_NAME), 0)
    local = b"PK\x03\x04" + common + _NAME + body
    central = b"PK\x01\x02" + struct.pack("<H", 10) + common + struct.pack("<3H2I", 0, 0, 0, 0, 0) + _NAME
    end = b"PK\x05\x06" + struct.pack("<4H2IH", 0, 0, 1, 1, len(central), len(local), 0)
    return base64.b64encode(local + central + end).decode("ascii")
