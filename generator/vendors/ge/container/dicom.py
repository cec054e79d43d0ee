"""The protocol block that GE scanners write into images: element (0025,101B)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from generator.errors import ExamcardError, UnusableInput
from generator.text import bounded
from generator.vendors.ge.container import archive, lxprotocol
from generator.vendors.opening import pydicom_for

_GROUP, _ELEMENT, _CREATOR = 0x0025, 0x1B, "GEMS_SERS_01"
BLOCK = _GROUP, _CREATOR, _ELEMENT
"""Group, creator and element of the block."""
_MOST_TESLA = 100


def has_block(path: Path) -> bool:
    """Whether a DICOM file comes from a GE scanner and holds a protocol block.

    Without pydicom nobody can say; the file is then left to other readers.
    """
    try:
        return _element(path) is not None
    except ExamcardError:
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
    return pairs_of(block, f"{path}!(0025,101B)"), header


def pairs_of(block: bytes, place: str) -> lxprotocol.Pairs:
    """Read the pairs of a block that was found. Raises UnusableInput if it is damaged or of another kind."""
    start = block.find(archive.GZIP_MAGIC, 0, 8)
    if start < 0:
        raise UnusableInput(place, "the protocol block is cut off or not compressed")
    # The length in front counts differently in old blocks; the compressed stream knows its own end.
    text = archive.inflate(block[start:], place)[0].rstrip(b"\0")
    if text.lstrip().startswith(b"<"):
        raise UnusableInput(
            place, "an XML protocol block, of sequences older than LxProtocol; it is not read"
        )
    return lxprotocol.parse(text, place, block=True)


def _element(path: Path) -> tuple[bytes, dict[str, Any]] | None:
    with pydicom_for(path) as pydicom:
        dataset = pydicom.dcmread(path, stop_before_pixels=True, force=True)
        found = dataset.get(_place(dataset))
        value = bytes(found.value) if found is not None and isinstance(found.value, bytes) else None
        return None if value is None else (value, _header(dataset))


def _place(dataset: Any) -> tuple[int, int]:
    """Tag of the block: in the private creator's own group of elements, else the usual one."""
    slots = (slot for slot in range(0x10, 0x20) if _GROUP << 16 | slot in dataset)
    slot = next((slot for slot in slots if dataset[_GROUP, slot].value == _CREATOR), 0x10)
    return _GROUP, slot << 8 | _ELEMENT


def _header(dataset: Any) -> dict[str, Any]:
    """Field strength, which old consoles state in gauss, and the software release."""
    strength, software = dataset.get("MagneticFieldStrength"), dataset.get("SoftwareVersions")
    tesla = bounded(strength or 0) or None
    if tesla is not None and tesla > _MOST_TESLA:
        tesla /= 10000  # gauss
    versions = [software] if isinstance(software, str) else [str(version) for version in software or ()]
    release = next(
        (v.partition("release:")[2] for v in versions if "release:" in v), versions and versions[0]
    )
    return {
        "field_strength": tesla if tesla is not None and tesla > 0 else None,
        "software": release or None,
    }
