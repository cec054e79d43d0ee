"""The protocol block that GE scanners write into images: element (0025,101B)."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

from generator.errors import UnusableInput
from generator.vendors.ge import archive, lxprotocol

_TAG = (0x0025, 0x101B)


def has_block(path: Path) -> bool:
    """Whether a DICOM file comes from a GE scanner and holds a protocol block.

    Without pydicom this cannot be told; the file is then left to other readers.
    """
    try:
        return _element(path) is not None
    except UnusableInput:
        return False


def pairs(path: Path) -> tuple[lxprotocol.Pairs, dict[str, Any]]:
    """Read the pairs of the block.

    Returns
    -------
    pairs : list of (str, str)
    header : dict
        ``field_strength`` (T) and ``software`` of the image, where it states them.

    Raises
    ------
    UnusableInput
        If pydicom is missing, the file has no block, or the block is damaged.
    """
    found = _element(path)
    if found is None:
        raise UnusableInput(path, "a DICOM file without a GE protocol block (0025,101B)")
    block, header = found
    if len(block) < 6:
        raise UnusableInput(path, "the protocol block is cut off", "(0025,101B)")
    (length,) = struct.unpack_from("<I", block)
    if not 0 < length <= len(block) - 4:
        raise UnusableInput(path, "the protocol block is cut off", "(0025,101B)")
    text = archive.gunzip(block[4 : 4 + length], f"{path}!(0025,101B)")
    return lxprotocol.parse(text, f"{path}!(0025,101B)", block=True), header


def _element(path: Path) -> tuple[bytes, dict[str, Any]] | None:
    try:
        import pydicom
        from pydicom.errors import InvalidDicomError
    except ImportError:
        raise UnusableInput(path, "reading DICOM needs pydicom: install examcard[dicom]") from None
    try:
        dataset = pydicom.dcmread(path, stop_before_pixels=True)
        element = dataset.get(_TAG)
        value = bytes(element.value) if element is not None and isinstance(element.value, bytes) else None
    except (
        InvalidDicomError,
        OSError,
        ValueError,
        KeyError,
        EOFError,
        struct.error,
        NotImplementedError,
    ) as error:
        raise UnusableInput(path, f"damaged DICOM file ({type(error).__name__})") from None
    if value is None:
        return None
    strength = dataset.get("MagneticFieldStrength")
    software = dataset.get("SoftwareVersions")
    return value, {
        "field_strength": float(strength) if strength else None,
        "software": str(software) if software else None,
    }
