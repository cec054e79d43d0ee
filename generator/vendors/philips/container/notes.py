"""Operator notes: a base64 ZIP whose first member is ``index.htm``, HTML or plain text."""

from __future__ import annotations

import base64
import binascii
import re
import struct
import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from generator import limits
from generator.model.fields import field_table
from generator.model.tree import Acquisition
from generator.text import number
from generator.vendors.philips.facts import AS_NOTE

_LOCAL = struct.Struct("<4s5H3I2H")
_STORED, _DEFLATED = 0, 8
_FIRST_DAY = 0x21  # 1980-01-01, the first day a ZIP can name
_MAX_PACKED = _MAX_TEXT = limits.NOTE_BYTES // 4
_HEAD_CHARACTERS = 40
_SAMPLE = 64
_NAME = b"index.htm"
_DROPPED = re.compile(r"(?is)<(head|style|script)\b(?:[^<]++|<(?!/\1>))*+</\1>")
_BREAKS = re.compile(r"(?i)<(?:br|/p|/div|/li|/tr|/h\d)\b[^<>]*>")
_PAUSE = "Pause: "
_INJECT = re.compile(r"Inject (.+?)(?: ([\d.]+(?:e-?\d+)?) mmol/kg)?\Z")
_DELAY = re.compile(r"Wait at least ([\d.]+) s after the injection\Z")
# What no text has and no YAML can hold.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_CONTROLS = bytes(code for code in range(128) if _CONTROL.match(chr(code)))
_TAGS = re.compile(r"<[^<>]*+>")


def read(packed: str | bytes) -> tuple[str, bool]:
    """Return the text of a note, and whether this program wrote it.

    Parameters
    ----------
    packed : str or bytes
        Base64 text of the ZIP.

    Returns
    -------
    text : str
        Empty if there is none or it cannot be understood.
    is_own : bool
        Whether it is one stored member of the first day that a ZIP can name.

    Notes
    -----
    Pictures and other members are never unpacked; the text is bounded.
    """
    try:
        head = _LOCAL.unpack(binascii.a2b_base64(packed[:_HEAD_CHARACTERS])[: _LOCAL.size])
        signature, _, flags, method, clock, day, _, size, _, name_size, extra_size = head
        is_own = (method, clock, day) == (_STORED, 0, _FIRST_DAY)
        start = _LOCAL.size + name_size + extra_size
        if signature != b"PK\x03\x04" or flags & 9 or size > _MAX_PACKED:
            return "", is_own
        # Only what the first member needs: pictures after it are not even decoded.
        data = binascii.a2b_base64(packed[: (start + size + 2) // 3 * 4])
    except (binascii.Error, struct.error, ValueError):
        return "", False
    if data[_LOCAL.size :][:name_size] != _NAME or not size:
        return "", is_own
    return _plain(_unpack(data[start : start + size], method)), is_own


def _unpack(body: bytes, method: int) -> str:
    if method == _DEFLATED:
        try:
            body = zlib.decompressobj(-15).decompress(body, _MAX_TEXT)
        except zlib.error:
            return ""
    elif method != _STORED:
        return ""
    return _decoded(body[:_MAX_TEXT])


def _decoded(body: bytes) -> str:
    """Decode a page: UTF-8, or the UTF-16 that some consoles write, with its mark or without."""
    zeros = [body[side:_SAMPLE:2].count(0) for side in (0, 1)]
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif max(zeros) * 4 > len(body[:_SAMPLE]):
        # Latin text in UTF-16: every other byte is zero, the second of a pair in little endian.
        encoding = "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"
    elif body.isascii():
        return body.translate(None, _CONTROLS).decode("ascii")
    else:
        encoding = "utf-8-sig"
    return _CONTROL.sub("", body.decode(encoding, "replace"))


@lru_cache(maxsize=32)
def _plain(text: str) -> str:
    """Take a page for its words; scans made from one preset share its page."""
    if "<" in text:
        import html

        text = html.unescape(_TAGS.sub(" ", _BREAKS.sub("\n", _DROPPED.sub(" ", text))))
    return "\n".join([" ".join(words) for line in text.splitlines() if (words := line.split())])


@dataclass(frozen=True, slots=True)
class Lines:
    """What the lines of a note say, as this program writes them; other lines are free text."""

    agent: str | None = None
    dose: float | None = None
    delay: float | None = None
    pause: tuple[str, ...] = ()
    free: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Free text of the note."""
        return "\n".join(self.free)


def injection_lines(agent: str | None, dose: float | None, delay: float | None) -> list[str]:
    """Write an injection as lines of a note."""
    words = ["Inject", agent or "contrast agent", *([f"{dose:g} mmol/kg"] if dose is not None else [])]
    waiting = [f"Wait at least {delay:g} s after the injection"] if delay is not None else []
    return [" ".join(words), *waiting]


def pause_lines(text: str) -> list[str]:
    """Write the text of a pause as lines of a note."""
    return [_PAUSE + line for line in text.splitlines()]


def understand(text: str) -> Lines:
    """Tell the lines of an injection and of a pause from free text."""
    if not any(word in text for word in ("Inject ", "Wait at least ", _PAUSE)):
        return Lines(free=tuple(text.splitlines()))
    agent = dose = delay = None
    pause, free = [], []
    for line in text.splitlines():
        if (found := _INJECT.match(line)) and (found[2] is None or number(found[2]) is not None):
            agent, dose = found[1], number(found[2])
        elif (found := _DELAY.match(line)) and number(found[1]) is not None:
            delay = number(found[1])
        elif line.startswith(_PAUSE):
            pause.append(line.removeprefix(_PAUSE))
        else:
            free.append(line)
    return Lines(agent, dose, delay, tuple(pause), tuple(free))


def write(text: str) -> str:
    """Pack a text as a note: a ZIP with one stored member and no clock in it.

    Returns
    -------
    str
        Base64.
    """
    body = text.encode("utf-8")
    common = struct.pack(
        "<5H3I2H", 10, 0, _STORED, 0, _FIRST_DAY, zlib.crc32(body), len(body), len(body), len(_NAME), 0
    )
    local = b"PK\x03\x04" + common + _NAME + body
    central = b"PK\x01\x02" + struct.pack("<H", 10) + common + struct.pack("<3H2I", 0, 0, 0, 0, 0) + _NAME
    end = b"PK\x05\x06" + struct.pack("<4H2IH", 0, 0, 1, 1, len(central), len(local), 0)
    return base64.b64encode(local + central + end).decode("ascii")


def said(scan: Acquisition) -> list[str]:
    """Say the fields of a scan that no parameter holds, a line each."""
    stated = {name: getattr(scan, name) for name in AS_NOTE if getattr(scan, name) is not None}
    return [
        f"{AS_NOTE[name]}: {', '.join(value) if isinstance(value, tuple) else value}"
        for name, value in stated.items()
    ]


_FIELDS = {label: name for name, label in AS_NOTE.items()}


def heard(text: str) -> tuple[str, dict[str, Any]]:
    """Part the text of a note of this program into the rest and the fields of :func:`said`."""
    table, found, rest = field_table(Acquisition), dict[str, Any](), list[str]()
    for line in text.split("\n"):
        label, colon, value = line.partition(": ")
        name = _FIELDS.get(label) if colon else None
        if name is None:
            rest.append(line)
        else:
            found[name] = tuple(value.split(", ")) if table[name].shape == "list" else value
    return "\n".join(rest), found
