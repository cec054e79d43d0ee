"""What Siemens writes into acquired images: the protocol, and the sense of phase encoding.

VB to VE: CSA headers (0029,xx10) and (0029,xx20) with MrPhoenixProtocol, later VE also groups 0019 and 0051.
XA: private functional groups of ``SIEMENS MR SDS 01`` and ``SIEMENS MR SDI 02``. The protocol is the text
of a .pro file with its quotes doubled, so the reader of those reads it.

CSA headers are named tags with texts, in two generations: with the mark ``SV10`` (VB13 and later) and
without. Their layout is that which nibabel's documentation describes (neuroimaging.nipy.org).
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Iterator, Mapping
from typing import Any

from generator.vendors.dialect import ImageFields, ImageHeader
from generator.vendors.siemens.container import ascconv

_SERIES, _IMAGE = (0x29, "SIEMENS CSA HEADER", 0x20), (0x29, "SIEMENS CSA HEADER", 0x10)
_XA_SERIES, _XA_IMAGE, _CLASSIC, _TEXTS = (
    (0x21, "SIEMENS MR SDS 01"), (0x21, "SIEMENS MR SDI 02"), (0x19, "SIEMENS MR HEADER"),
    (0x51, "SIEMENS MR HEADER"),
)  # fmt: skip
_XA_PROTOCOL, _XA_SENSE, _XA_CLASSIC_PROTOCOL = 0x19, 0x1C, 0x19
_MOSAIC_COUNT, _B_VALUE, _DIRECTION, _ACCELERATION = 0x0A, 0x0C, 0x0E, 0x11
_PHOENIX = ("MrPhoenixProtocol", "MrProtocol")
_BEGIN, _END = "### ASCCONV BEGIN", "### ASCCONV END ###"
_FACTORS = re.compile(r"p(\d+)(?:x(\d+))?(?:\s*s(\d+))?", re.IGNORECASE)

_SURER = frozenset({
    "technique", "phase_encoding_direction", "fat_suppression", "partial_fourier_phase",
    "parallel_reduction_factor_in_plane", "parallel_reduction_factor_out_of_plane",
})  # fmt: skip
"""Where a public attribute is coarser: fat saturation for any suppression, echoes really acquired for the
EPI factor of the console."""


def of_image(header: ImageHeader) -> ImageFields:
    """Read the protocol inside an image, and what the private elements say beside it."""
    series = _csa(header, _SERIES)
    text = _protocol_text(header, series)
    fields, remarks = _protocol(text) if text else ({}, [_ABSENT])
    surer = {name for name in _SURER if fields.get(name) is not None}
    if str(fields.get("technique")).startswith("echo_planar") and fields.get("echo_train_length"):
        surer.add("echo_train_length")
    if not text and (family := _family(header)):
        fields["technique"] = family
        surer.add("technique")
    sense = _sense(header)
    if sense is not None:
        surer.discard("phase_encoding_direction")
        if direction := header.phase_direction(1 if sense else -1):
            fields["phase_encoding_direction"] = direction
            surer.add("phase_encoding_direction")
    mosaic = _mosaic(header, fields)
    fields |= mosaic
    surer |= mosaic.keys()
    for name, value in _accelerations(header).items():
        fields.setdefault(name, value)
    return ImageFields(fields, frozenset(surer), remarks)


def weighting(header: ImageHeader) -> tuple[float | None, tuple[float, ...] | None]:
    """Return b-value and direction of a classic image: group 0019, else the CSA header."""
    value, direction = (header.private(*_CLASSIC, element) for element in (_B_VALUE, _DIRECTION))
    if value is not None:
        return _number(value), direction if isinstance(direction, tuple) else None
    said = _csa(header, _IMAGE)
    found = said.get("DiffusionGradientDirection", ())
    numbers = [one for text in found if (one := _number(text)) is not None]
    return _number(*said.get("B_value", (None,))[:1]), tuple(numbers) if len(numbers) == 3 else None


_ABSENT = (
    "no-protocol",
    "",
    "the image holds no protocol of the console (removed on export, or by an archive)",
)


def _protocol_text(header: ImageHeader, series: dict[str, tuple[str, ...]]) -> str | None:
    """Text of the protocol, from the CSA header or the private groups of XA."""
    stored = next((series[name][0] for name in _PHOENIX if name in series), None)
    for group, creator, element in ((*_XA_SERIES, _XA_PROTOCOL), (*_XA_IMAGE, _XA_CLASSIC_PROTOCOL)):
        if stored is None and isinstance(raw := header.private(group, creator, element), bytes):
            stored = raw.decode("latin-1")
    return stored if stored and _BEGIN in stored else None


def _protocol(text: str) -> tuple[dict[str, Any], list[tuple[str, str, str]]]:
    """Fields of the protocol. In an image its quotes are doubled, for it is a text inside a text."""
    from generator.vendors.siemens.fields import read_fields

    start = text.find(_BEGIN)
    end = text.find(_END, start)
    if "tProtocolName" in text and '""' in text[start:end]:
        text = text[:start] + text[start:end].replace('""', '"') + text[end:]
    try:
        fields, found = read_fields(ascconv.parse(text))
    except ascconv.NoProtocol as error:
        return {}, [("no-protocol", "", f"the protocol inside the image is not complete: {error}")]
    return {n: v for n, v in fields.items() if v is not None}, [
        (code, what, message) for code, what, message in found.doubts
    ]


_FAMILIES = tuple((re.compile(rf"\*?(?:{pattern})", re.IGNORECASE), name) for pattern, name in (
    (r"(ep|re)_b\d", "echo_planar_diffusion"),
    (r"epfid", "echo_planar_bold"),
    (r"tfl3?d?", "magnetization_prepared_gradient_echo"),
    (r"(tse|tir)\d?d|spc", "turbo_spin_echo"),
    (r"h2d|hir2d", "single_shot_turbo_spin_echo"),
    (r"se2d|ir2d", "spin_echo"),
    (r"swi3d", "susceptibility_weighted"),
    (r"fm2d", "field_map"),
    (r"tfi[23]d", "balanced_ssfp"),
    (r"fl[23]d", "gradient_echo"),
))  # fmt: skip
"""Beginnings of the name that a sequence gives itself, for images without their protocol."""


def _family(header: ImageHeader) -> str | None:
    own = str(header.get("SequenceName") or header.get("PulseSequenceName") or "")
    return next((name for pattern, name in _FAMILIES if pattern.match(own)), None)


def _csa(header: ImageHeader, place: tuple[int, str, int]) -> dict[str, tuple[str, ...]]:
    data = header.private(*place)
    try:
        return csa_texts(data) if isinstance(data, bytes) and data else {}
    except BadCsa:  # anonymisers cut into them; the public attributes still count
        return {}


def _sense(header: ImageHeader) -> bool | None:
    """Whether phase runs along the columns or rows of the image."""
    stated = header.private(*_XA_IMAGE, _XA_SENSE)
    if stated is None:
        stated = _csa(header, _IMAGE).get("PhaseEncodingDirectionPositive", (None,))[0]
    number = _number(stated)
    return None if number is None else bool(number)


def _mosaic(header: ImageHeader, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Slices and field of view of an image that holds them side by side."""
    if "MOSAIC" not in (header.get("ImageType") or ()):
        return {}
    count = _tiles(header) or fields.get("number_of_slices")
    view = fields.get("field_of_view") or (_tile(header, count) if count else None)
    return {"number_of_slices": count, "field_of_view": view}


def _tiles(header: ImageHeader) -> int | None:
    """Number of slices of a mosaic."""
    stated = header.private(*_CLASSIC, _MOSAIC_COUNT)
    if stated is None:
        stated = _csa(header, _IMAGE).get("NumberOfImagesInMosaic", (None,))[0]
    number = _number(stated)
    return int(number) if number and number >= 1 else None


def _tile(header: ImageHeader, count: int) -> tuple[float, float] | None:
    """Field of view of one tile: a mosaic is a square of as many tiles as hold all slices."""
    spacing, side = header.get("PixelSpacing"), math.ceil(math.sqrt(count))
    rows, columns = (header.get(name) for name in ("Rows", "Columns"))
    if not (isinstance(spacing, tuple) and rows and columns):
        return None
    down, across = rows * spacing[0] / side, columns * spacing[1] / side
    return (down, across) if header.get("InPlanePhaseEncodingDirection") == "ROW" else (across, down)


def _accelerations(header: ImageHeader) -> dict[str, float]:
    """Factors as the image shows them on screen: ``p2``, ``p3 s2``."""
    match = _FACTORS.fullmatch(str(header.private(*_TEXTS, _ACCELERATION) or "").strip())
    if match is None:
        return {}
    names = (
        "parallel_reduction_factor_in_plane",
        "parallel_reduction_factor_out_of_plane",
        "multiband_factor",
    )
    return {name: float(factor) for name, factor in zip(names, match.groups(), strict=True) if factor}


def _number(value: Any = None) -> float | None:
    try:
        return None if value is None else float(value)
    except (TypeError, ValueError):
        return None


_MARK = b"SV10"
_TAG = struct.Struct("<64si4siii")
_ITEM = struct.Struct("<4i")
_MOST_TAGS, _MOST_ITEMS = 256, 4096
_CHECKS = (77, 205)


class BadCsa(ValueError):
    """A header that does not hold together; the message names the byte."""


def csa_texts(data: bytes) -> dict[str, tuple[str, ...]]:
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
            text, at = _item(data, at, None if new else first)
            values += [text] if text else []
        if values:
            yield _text(name), tuple(values)


def _item(data: bytes, at: int, before: int | None) -> tuple[str, int]:
    """Text of an item and where the next begins; the first generation counts from the first tag's items."""
    lengths = _unpack(_ITEM, data, at)
    length = lengths[1] if before is None else lengths[0] - before
    at += _ITEM.size
    if not 0 <= length <= len(data) - at:
        if before is None:
            raise BadCsa(f"byte {at}: a text of {length} bytes leads outside")
        length = 0
    return _text(data[at : at + length]), at + (length + 3) // 4 * 4


def _unpack(form: struct.Struct, data: bytes, at: int) -> tuple[Any, ...]:
    try:
        return form.unpack_from(data, at)
    except struct.error as error:
        raise BadCsa(f"byte {at}: cut off") from error


def _text(data: bytes) -> str:
    return data.split(b"\0", 1)[0].decode("latin-1").strip()
