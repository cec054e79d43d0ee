"""The PAS block that Canon scanners write into DICOM, found by its creator.

The block is there only if the console's option "Private tag for MRI image" was on. It holds what one scan
did; there is no evidence that a console can load it, and this program never writes one.
"""

from __future__ import annotations

import mmap
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator import limits
from generator.errors import UnusableInput
from generator.text import bounded
from generator.vendors.opening import pydicom_for

PREAMBLE = 128
CREATORS = ("TOSHIBA_MEC_MR3^10", "CANON_MEC_MR3^10")
GROUP = 0x700D
PAS_NAME, PAS_BLOCK = 0x16, 0x19
MAX_BLOCK = limits.BLOCK_BYTES
"""Blocks that were seen have 7 to 10 kB."""

_MAKERS = (b"CANON_MEC", b"TOSHIBA")
_END = b"</PAS>"


@dataclass(frozen=True, slots=True)
class Block:
    """The PAS block of a DICOM file and the public attributes beside it.

    Attributes
    ----------
    xml : bytes
        The block up to its closing tag.
    place : str
        Its element, which differs between software versions.
    trailing : int
        Bytes after the closing tag that are not padding.
    pas : tuple of str
        Name of the PAS: owner, anatomy, name.
    public : dict
        Standard attributes by DICOM keyword, as plain values.
    """

    xml: bytes
    place: str
    creator: str
    trailing: int
    pas: tuple[str, ...]
    public: dict[str, Any]


PUBLIC = (
    "Manufacturer", "Modality", "MagneticFieldStrength", "MRAcquisitionType", "RepetitionTime", "EchoTime",
    "FlipAngle", "PixelBandwidth", "AcquisitionDuration", "AcquisitionMatrix", "SliceThickness",
    "InversionTime",
)  # fmt: skip


_TEXTS = frozenset({"Manufacturer", "Modality", "MRAcquisitionType"})


def is_canon_dicom(path: Path, head: bytes | None = None) -> bool:
    """Say whether a file is DICOM that a Canon or Toshiba MR scanner wrote; an unreadable one is not."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as stream:
            first = stream.read(4096) if head is None else head
            if first[PREAMBLE : PREAMBLE + 4] != b"DICM":
                return False
            if any(maker in first for maker in _MAKERS):
                return True
            with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
                return any(content.find(creator.encode()) >= 0 for creator in CREATORS)
    except OSError:
        return False


def load_block(path: Path) -> Block:
    """Read the PAS block of a DICOM file.

    Raises
    ------
    UsageError
        If pydicom, the optional extra ``dicom``, is not installed.
    UnusableInput
        If the file is not readable DICOM or holds no such block.
    """
    with pydicom_for(path) as pydicom:
        dataset = pydicom.dcmread(path, stop_before_pixels=True)
        for creator in CREATORS:
            try:
                block = dataset.private_block(GROUP, creator)
            except KeyError:
                continue
            if PAS_BLOCK in block:
                return _block(path, dataset, block, creator)
        modality = dataset.get("Modality") or "no modality"
    reason = "the console's option 'Private tag for MRI image' was off" if modality == "MR" else "not MR"
    raise UnusableInput(path, f"DICOM ({modality}) of this maker without a PAS block: {reason}")


def _block(path: Path, dataset: Any, block: Any, creator: str) -> Block:
    element = block[PAS_BLOCK]
    place = f"element ({element.tag.group:04X},{element.tag.element:04X})"
    value = element.value
    xml, rest = cut(path, place, value)
    return Block(
        xml=xml,
        place=place,
        creator=creator,
        trailing=len(rest.strip(b"\0 \r\n")),
        pas=_pas_name(block),
        public=_public(dataset),
    )


def cut(path: Path, place: str, value: Any) -> tuple[bytes, bytes]:
    """Cut a block after its closing tag. Raises UnusableInput if it has none or is too long."""
    if not isinstance(value, bytes) or len(value) > MAX_BLOCK:
        raise UnusableInput(path, "the PAS block is not a byte string of sensible length", place)
    xml, end, rest = value.partition(_END)
    if not end:
        raise UnusableInput(path, "the PAS block has no closing tag: it is cut off", place)
    return xml + end, rest


def _pas_name(block: Any) -> tuple[str, ...]:
    if PAS_NAME not in block:
        return ()
    value = block[PAS_NAME].value
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace").split("\\")
    parts = [value] if isinstance(value, str) else list(value or ())
    return tuple(text for text in (str(part).strip(" \0") for part in parts) if text)


def _public(dataset: Any) -> dict[str, Any]:
    """Return the standard attributes that hold a value, numbers as floats."""
    found: dict[str, Any] = {}
    for keyword in PUBLIC:
        with suppress(ValueError, TypeError):
            value = dataset.get(keyword)
            if isinstance(value, str):
                if value and keyword in _TEXTS:  # damaged bytes may turn a number into text
                    found[keyword] = str(value)
            elif hasattr(value, "__iter__"):  # two echo times are as legal as one
                found[keyword] = tuple(map(bounded, value))
            elif value is not None:
                found[keyword] = bounded(value)
    return found
