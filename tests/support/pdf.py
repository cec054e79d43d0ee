"""A PDF of words at places, by hand: what a printout is, without a library that writes one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

Placed = tuple[float, float, str]
"""Points from the left, points from the bottom, text."""


def write(path: Path, pages: Iterable[Sequence[Placed]], size: float = 8, width: int = 595) -> Path:
    """Write pages of Helvetica; characters beyond Latin-1 cannot be written."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    kids = []
    for words in pages:
        stream = b"".join(_show(x, y, text, size) for x, y, text in words)
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d 842] /Contents %d 0 R"
            b" /Resources << /Font << /F 3 0 R >> >> >>" % (width, len(objects))
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(kids))
    path.write_bytes(_file(objects))
    return path


def _show(x: float, y: float, text: str, size: float) -> bytes:
    shown = text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    return b"BT /F %g Tf 1 0 0 1 %g %g Tm (%s) Tj ET\n" % (size, x, y, shown)


def _file(objects: Sequence[bytes]) -> bytes:
    data, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    return (
        data
        + head
        + table
        + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (
            len(objects) + 1,
            len(data),
        )
    )
