"""What a file is by its first bytes: which of our formats, or in words what else.

An archive is never taken for one because of a word somewhere in a text; each kind is known by how it begins.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from pathlib import Path

from generator import paper
from generator.errors import UnusableInput

BY_SUFFIX: Mapping[str, str] = {".exar1": "siemens-exar1", ".edx": "siemens-edx", ".pro": "siemens-pro"}
SQLITE = b"SQLite format 3\0"
_SCHEMA_BYTES = 1 << 16
_PRINTOUT = re.compile(rb"<PrintOut[\s/>]")
_TEXT_PRINTOUT = re.compile(rb"\s*SIEMENS MAGNETOM [^\n]*\n\s*-{20,}\s*\n\s*\\\\")
_ROOT = re.compile(rb"<([A-Za-z_][\w.:-]*)")
_KINDS: Mapping[bytes, str] = {
    SQLITE: "an .exar1 archive (SQLite)",
    b"MrEdxFile": "the inflated text of an .edx archive",
    b"<XProtocol>": "a protocol text, as in a .pro file",
    b"### ASCCONV BEGIN": "a protocol text, as in a .pro file",
    b"PK\x03\x04": "a ZIP archive",
    b"\x1f\x8b": "a gzip archive",
    b"\x89PNG": "a picture (PNG)",
    b"\xff\xd8\xff": "a picture (JPEG)",
    paper.SIGNATURE: "a PDF",
}


def format_of(path: Path, head: bytes) -> str | None:
    """Tell which of our formats a file has, by its suffix or by how it begins."""
    if found := BY_SUFFIX.get(path.suffix.lower()):
        return found if path.is_file() else None
    start = _start(head)
    if start.startswith((b"<XProtocol>", b"### ASCCONV BEGIN")):
        return "siemens-pro"
    if start.startswith(b"<") and (_PRINTOUT.search(start) or b"printprot_apply.xsl" in start[:512]):
        return "siemens-printout-xml"
    if _TEXT_PRINTOUT.match(start):
        return "siemens-printout-text"
    if start.startswith(paper.SIGNATURE):
        return "siemens-printout-pdf" if paper.available() and _prints(path) else None
    if head.startswith(SQLITE):
        return "siemens-exar1" if _has_exam_schema(path) else None
    return "siemens-edx" if _inflated(head).startswith(b"MrEdxFile") else None


def _prints(path: Path) -> bool:
    from generator.vendors.siemens.printouts.layouts import is_ours

    try:
        return is_ours(paper.pages(path))
    except UnusableInput:  # of what breaks it, the message for a PDF that nobody reads says why
        return False


def kind_of(head: bytes) -> str | None:
    """Name the kind of a file in words, or ``None`` if its first bytes do not show it."""
    start = _start(head)
    if found := next((words for mark, words in _KINDS.items() if start.startswith(mark)), None):
        return found
    if head[128:132] == b"DICM":
        return "a DICOM file"
    if inflated := _inflated(head):
        return "an .edx archive (zlib)" if inflated.startswith(b"MrEdxFile") else "a zlib stream"
    if start.startswith(b"<") and (root := _ROOT.search(start)):
        return f"an XML file with the root <{root[1].decode()}>"
    if head[:512].strip(b"\0") == b"" and head:
        return "a file that begins with zeros, such as the journal that may lie beside an .exar1 archive"
    return "a binary file" if b"\0" in head else None


def _start(head: bytes) -> bytes:
    """The beginning without byte order mark and white space; UTF-16 as UTF-8."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = head.decode("utf-16", "ignore").encode()
    return head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \r\n\t")


def _inflated(head: bytes) -> bytes:
    """The first bytes of a zlib stream, none if it is not one."""
    if head[:1] != b"\x78":
        return b""
    try:
        return zlib.decompressobj().decompress(head, 64)
    except zlib.error:
        return b""


def _has_exam_schema(path: Path) -> bool:
    """Whether a database names the table that only exam archives have; its schema is near the start."""
    try:
        with path.open("rb") as stream:
            return b"ElementToInstanceMap" in stream.read(_SCHEMA_BYTES)
    except OSError:
        return False
