"""What GE writes into acquired images: the protocol block, acceleration, and the sense of phase encoding."""

from __future__ import annotations

import struct
from typing import Any

from generator.errors import UnusableInput
from generator.vendors.dialect import ImageFields, ImageHeader
from generator.vendors.ge.container import lxprotocol

_ACQUISITION, _RELATIONS, _PARAMETERS = (0x19, "GEMS_ACQU_01"), (0x21, "GEMS_RELA_01"), (0x43, "GEMS_PARM_01")
_DURATION, _LOCATIONS = 0x5A, 0x4F
_SLOP, _REDUCTIONS, _SIMULTANEOUS, _COMPRESSED, _RAW_HEADER = 0x39, 0x83, 0xB6, 0xB7, 0x2A
_DIRECTIONS = (0xBB, 0xBC, 0xBD)
_OFFSET = 1_000_000_000
"""Added to the b-value where several are used."""
_MICROSECONDS = 1e6
_WHOLE = 99.5
"""Per cent of the phase field of view from which it is square."""

# The raw header inside (0043,xx2A), as dcm2niix reads it: where it begins, and in it, the flags of EPI and of
# phase polarity and the order of lines; from version 25.002 on they lie elsewhere.
_START, _EPI, _POLARITY, _LINES, _MOVED, _BACK, _NEW = 24, 0x3A, 0x30, 0x394, 0x4C, 0x8C, 25.002
_VERSIONS = (5.0, 40.0)
_EPI_BIT, _FLIPPED_BIT, _BOTTOM_UP = 0x800, 4, 2

_SURER = frozenset({
    "technique", "field_of_view", "voxel_size", "partial_fourier_phase", "fat_suppression",
    "multiband_factor", "compressed_sensing_factor",
})  # fmt: skip


def of_image(header: ImageHeader) -> ImageFields:
    """Read the protocol block and the private elements beside it."""
    fields, remarks = _block(header)
    for name, value in _private(header).items():
        if fields.get(name) is None and value is not None:
            fields[name] = value
    surer = {name for name in _SURER if fields.get(name) is not None}
    if _is_planar(header):
        fields["echo_train_length"] = None  # GE writes 1 for EPI
        surer.add("echo_train_length")
    if (sense := _sense(header)) is not None:
        fields["phase_encoding_direction"] = header.phase_direction(sense)
        surer.add("phase_encoding_direction")
    return ImageFields(fields, frozenset(surer), remarks)


def weighting(header: ImageHeader) -> tuple[float | None, tuple[float, ...] | None]:
    """Return b-value and direction (axes of the image) of a classic image."""
    slop = header.private(*_PARAMETERS, _SLOP)
    b_value = float(slop[0] % _OFFSET) if isinstance(slop, tuple) and slop[0] is not None else None
    direction = [_number(header.private(*_ACQUISITION, element)) for element in _DIRECTIONS]
    return b_value, tuple(v or 0.0 for v in direction) if b_value and any(direction) else None


def _block(header: ImageHeader) -> tuple[dict[str, Any], list[tuple[str, str, str]]]:
    """Fields of the protocol block; without the vendor's own pairs, which name coils by serial number."""
    from generator.vendors.ge.reader import decode

    data = header.private(*lxprotocol.BLOCK)
    if not isinstance(data, bytes):
        return {}, [("no-protocol", "", "the image holds no protocol block (0025,xx1B)")]
    try:
        values = dict(lxprotocol.pairs_of(data, f"{header.path}!(0025,xx1B)"))
    except UnusableInput as error:
        return {}, [("no-protocol", "", f"the protocol block is not read: {error.message}")]
    fields, remarks = decode(values)
    fields.pop("vendor", None)
    return {n: v for n, v in fields.items() if v is not None}, list(remarks)


def _private(header: ImageHeader) -> dict[str, Any]:
    duration, slices = header.private(*_ACQUISITION, _DURATION), header.private(*_RELATIONS, _LOCATIONS)
    factors = [round(1 / s, 4) if s and 0 < s <= 1 else None for s in _several(header, _REDUCTIONS)]
    in_plane, out_of_plane = [*factors, None, None][:2]
    bands, compressed = (_first(header, element) for element in (_SIMULTANEOUS, _COMPRESSED))
    return {
        "acquisition_duration": duration / _MICROSECONDS
        if isinstance(duration, float) and duration > 0
        else None,
        "number_of_slices": int(slices) if isinstance(slices, int) and slices > 0 else None,
        "parallel_reduction_factor_in_plane": in_plane,
        "parallel_reduction_factor_out_of_plane": out_of_plane,
        "voxel_size": _voxel(header),
        "multiband_factor": int(bands) if bands and bands > 1 else None,
        "compressed_sensing_factor": compressed if compressed and compressed > 1 else None,
    }


def _several(header: ImageHeader, element: int) -> tuple[Any, ...]:
    found = header.private(*_PARAMETERS, element)
    return found if isinstance(found, tuple) else ()


def _first(header: ImageHeader, element: int) -> float | None:
    """First of several numbers."""
    return _number(next(iter(_several(header, element)), None))


def _voxel(header: ImageHeader) -> tuple[float | None, ...] | None:
    """Voxel of an image without its block; open in phase if its points may cover another field."""
    spacing, columns = header.get("PixelSpacing"), header.get("Columns")
    read, phase = header.matrix()
    if _is_planar(header) or not (isinstance(spacing, tuple) and columns and read and phase):
        return None
    side, thickness = columns * spacing[1], header.get("SliceThickness")
    flat = header.get("MRAcquisitionType") == "2D"
    whole = (header.get("PercentPhaseFieldOfView") or 100) >= _WHOLE
    return round(side / read, 4), round(side / phase, 4) if whole else None, thickness if flat else None


def _is_planar(header: ImageHeader) -> bool:
    scanning = header.get("ScanningSequence") or ()
    return "EP" in ((scanning,) if isinstance(scanning, str) else scanning)


def _sense(header: ImageHeader) -> int | None:
    """Sense of an EPI: 1 along the image, -1 against it; lines from the bottom turn it, so does polarity."""
    data = header.private(*_PARAMETERS, _RAW_HEADER)
    if not isinstance(data, bytes):
        return None
    try:
        start = _word(data, _START)
        (version,) = struct.unpack_from("<f", data, start)
        moved, back = (_MOVED, _BACK) if version >= _NEW else (0, 0)
        planar, polarity, lines = (_word(data, start + moved + at) for at in (_EPI, _POLARITY, _LINES - back))
    except struct.error:
        return None
    if not _VERSIONS[0] <= version <= _VERSIONS[1] or not planar & _EPI_BIT:
        return None
    return -1 if bool(polarity & _FLIPPED_BIT) != (lines == _BOTTOM_UP) else 1


def _word(data: bytes, at: int) -> int:
    word: int = struct.unpack_from("<H", data, at)[0]
    return word


def _number(value: Any) -> float | None:
    try:
        return None if value is None else float(value)
    except (TypeError, ValueError):
        return None
