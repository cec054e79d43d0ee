"""Gzip streams, inflated within the limits of an archive."""

from __future__ import annotations

import zlib

from generator.errors import UnusableInput
from generator.vendors.ge import archive

MAGIC = b"\x1f\x8b"


def gunzip(data: bytes, path: str) -> bytes:
    """Inflate a gzip stream, of one member or several, within the limits.

    Raises
    ------
    UnusableInput
        If it is damaged, cut off, or larger than any protocol archive.
    """
    plain, rest = inflate(data, path)
    while rest.startswith(MAGIC):
        more, rest = inflate(rest, path, archive.MAX_TOTAL_BYTES - len(plain))
        plain += more
    if rest.strip(b"\0"):
        raise UnusableInput(path, "bytes behind the end of the gzip data")
    return plain


def inflate(data: bytes, path: str, room: int | None = None) -> tuple[bytes, bytes]:
    """Inflate the first member of a gzip stream, to ``room`` bytes at most; return also what follows it.

    Raises
    ------
    UnusableInput
        If it is damaged, cut off, or larger than any protocol archive.
    """
    engine, limit = zlib.decompressobj(wbits=31), archive.MAX_TOTAL_BYTES if room is None else room
    try:
        plain = engine.decompress(data, limit + 1)
    except zlib.error as error:
        raise UnusableInput(path, f"damaged gzip data ({error})") from None
    if len(plain) > limit:
        raise UnusableInput(path, "the gzip data inflate to more than any protocol archive holds")
    if not engine.eof:
        raise UnusableInput(path, "the gzip data are cut off", f"byte {len(data)}")
    return plain, engine.unused_data
