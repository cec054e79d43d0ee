"""What Canon and Toshiba write into acquired images: the PAS block with the scan as entered."""

from __future__ import annotations

from generator.errors import UnusableInput
from generator.vendors.canon import facts
from generator.vendors.canon.container import dicom
from generator.vendors.dialect import ImageFields, ImageHeader

_SURER = frozenset({"technique", "phase_encoding_direction"})
_NEVER = frozenset({"name", "b_values"})
"""The block's list of b-values leaves those of 0 out; the images have them all."""


def of_image(header: ImageHeader) -> ImageFields:
    """Read the PAS block of an image, where the console's option was on."""
    from generator.vendors.canon.reader import scan_of_block

    found = ((creator, header.private(dicom.GROUP, creator, dicom.PAS_BLOCK)) for creator in dicom.CREATORS)
    creator, data = next(((c, d) for c, d in found if isinstance(d, bytes)), ("", None))
    if data is None:
        return ImageFields()
    public = {name: value for name in dicom.PUBLIC if (value := header.get(name)) is not None}
    place = f"element ({dicom.GROUP:04X},xx{dicom.PAS_BLOCK:02X}) of {creator}"
    try:
        fields, notes = scan_of_block(header.path, place, dicom.cut(header.path, place, data)[0], public)
    except UnusableInput as error:
        return ImageFields(remarks=[("no-protocol", "", f"the PAS block is not read: {error.message}")])
    kept = {name: value for name, value in fields.items() if name not in _NEVER and value is not None}
    remarks = [(note.code, note.field or "", note.message) for note in notes if note.code != "b-zero"]
    return ImageFields(kept, _SURER & kept.keys(), remarks)


def weighting(header: ImageHeader) -> tuple[float | None, tuple[float, ...] | None]:
    """Return b = 0 for an image of a diffusion sequence that states none: those of b = 0 do not."""
    planar = str(header.get("SequenceName") or "").startswith(facts.DIFFUSION_PREFIX)
    return (0.0 if planar else None), None
