"""What a file is, told from its first bytes, for the message when it is not what its name says."""

from __future__ import annotations

import zlib


def kind_of(head: bytes) -> str | None:
    """Name the kind of a file in words, or ``None`` if its first bytes do not tell."""
    start = head.lstrip(b"\xef\xbb\xbf \r\n\t")
    known = {
        b"SQLite format 3\0": "an .exar1 archive (SQLite)",
        b"MrEdxFile": "the inflated text of an .edx archive",
        b"<XProtocol>": "a protocol text, as in a .pro file",
        b"### ASCCONV BEGIN": "a protocol text, as in a .pro file",
        b"PK\x03\x04": "a ZIP archive",
        b"%PDF": "a PDF",
        b"<?xml": "an XML file",
    }
    if found := next((words for mark, words in known.items() if start.startswith(mark)), None):
        return found
    if head[:1] == b"\x78":
        return _zlib_kind(head)
    return "a binary file" if b"\0" in head else None


def _zlib_kind(head: bytes) -> str | None:
    try:
        start = zlib.decompressobj().decompress(head, 64)
    except zlib.error:
        return None
    return "an .edx archive (zlib)" if start.startswith(b"MrEdxFile") else "a zlib stream"
