"""The part of a file that is the envelope: what stands behind it is not read unless it is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from generator.errors import UnusableInput

OPENING = "<SOAP-ENV:Envelope"
CLOSING = "</SOAP-ENV:Envelope>"
CLOSING_BYTES = CLOSING.encode()
_MAX_ENVELOPE = 64 << 20
_MAX_TAIL = 64 << 20
_CHUNK = 4 << 20


def cut(path: Path, keep_tail: bool) -> tuple[bytes, int, int]:
    """Read up to the closing tag and, if asked, to the end of the file.

    Returns
    -------
    tuple of bytes, int, int
        What was read, where the envelope ends in it, and the size of the file.

    Raises
    ------
    UnusableInput
        If there is no envelope or no end of it within the limits, or the file cannot be read.
    """
    try:
        with path.open("rb") as stream:
            size = stream.seek(0, 2)
            stream.seek(0)
            head = stream.read(min(size, _CHUNK))
            if OPENING.encode() not in head[:4096]:
                raise UnusableInput(path, "not an ExamCard: it does not begin with a SOAP envelope", "byte 0")
            head, end = _up_to_the_end(path, stream, head)
            if keep_tail and size - end > _MAX_TAIL:
                raise UnusableInput(path, f"{size - end} bytes behind the envelope", f"byte {end}")
            return head + stream.read() if keep_tail else head, end, size
    except OSError as error:
        raise UnusableInput(path, error.strerror or str(error)) from error


def _up_to_the_end(path: Path, stream: BinaryIO, head: bytes) -> tuple[bytes, int]:
    # From behind: there the text is not searched that stands before it.
    found = head.rfind(CLOSING_BYTES)
    while found < 0:
        if len(head) > _MAX_ENVELOPE:
            raise UnusableInput(path, f"no {CLOSING} in the first {_MAX_ENVELOPE >> 20} MiB")
        more = stream.read(_CHUNK)
        if not more:
            raise UnusableInput(path, f"the file ends before {CLOSING}", f"byte {len(head)}")
        searched = max(0, len(head) - len(CLOSING_BYTES))
        head += more
        found = head.find(CLOSING_BYTES, searched)
    return head, found + len(CLOSING_BYTES)
