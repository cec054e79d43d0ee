"""Plane, field of view, matrix, bandwidth and slices of a scan: fields to pairs."""

from __future__ import annotations

from generator.model.tree import Acquisition
from generator.vendors.ge import facts, locations, sequences
from generator.vendors.ge.draft import Draft


def plane(draft: Draft) -> None:
    """Plane and readout axis."""
    main = draft.scan.plane
    words = {neutral: word for word, neutral in facts.PLANES.items()}
    if main is not None:
        draft.values["PLANE"] = words[main]
    elif draft.family is sequences.FAMILIES["localizer"]:
        draft.values["PLANE"] = facts.THREE_PLANE
    direction = draft.scan.phase_encoding_direction
    if direction is None:
        return
    axis, axes = facts.AXIS_OF_DIRECTION[direction], facts.PLANE_AXES.get(main or "", ())
    if axis not in axes:
        draft.why["phase_encoding_direction"] = "the direction does not lie in the plane of the slices"
        return
    frequency = axes[1 - axes.index(axis)]
    draft.values["SWAPPF"] = next(word for word, name in facts.FREQUENCY_AXES.items() if name == frequency)
    if direction != axis:
        draft.why["phase_encoding_direction"] = "GE files hold the axis of phase encoding, not its polarity"


def field_of_view(draft: Draft) -> None:
    """Field of view, matrix and thickness."""
    scan = draft.scan
    view, voxel, matrix = _view(scan), scan.voxel_size or (None, None, None), scan.acquisition_matrix
    draft.put("SLTHICK", scan.slice_thickness)
    read, phase = view
    if read is None:
        draft.why["field_of_view"] = draft.why["acquisition_matrix"] = "no field of view in readout is stated"
        return
    draft.put("FOV", read / 10)
    share = phase / read if phase else 1.0
    if phase:
        draft.put("PHASEFOV", share)
    columns = matrix[0] if matrix and matrix[0] else round(read / voxel[0]) if voxel[0] else None
    draft.put("MATRIXX", columns)
    lines = _lines(draft, read, share, matrix[1] if matrix else None)
    draft.put("MATRIXY", lines)
    if share == 1 or _counts_reduced_field(draft):
        return
    draft.why["acquisition_matrix"] = (
        "GE counts phase points over the full field of view: MATRIXY x PHASEFOV lines are measured"
    )
    if matrix and matrix[1] and lines and abs(lines * share - matrix[1]) <= 1:
        draft.same.add("acquisition_matrix")


def _lines(draft: Draft, read: float, share: float, measured: int | None) -> int | None:
    """Phase points as GE counts them: over the full, square field of view, for EPI over what is left."""
    reduced = _counts_reduced_field(draft)
    size = draft.scan.voxel_size[1] if draft.scan.voxel_size else None
    if size:
        return round((read * share if reduced else read) / size)
    return round(measured if reduced else measured / share) if measured else None


def _counts_reduced_field(draft: Draft) -> bool:
    return "EPI" in draft.tokens


def _view(scan: Acquisition) -> tuple[float | None, float | None]:
    """Field of view as stated, or as matrix and voxel give it."""
    if scan.field_of_view:
        return scan.field_of_view
    matrix, voxel = scan.acquisition_matrix, scan.voxel_size
    if not matrix or not voxel:
        return None, None
    sides = [n * size if n and size else None for n, size in zip(matrix, voxel[:2], strict=True)]
    return sides[0], sides[1]


def slices(draft: Draft) -> None:
    """Number, spacing and place of the slices."""
    scan, count = draft.scan, draft.scan.number_of_slices
    thickness, voxel = scan.slice_thickness, (scan.voxel_size or (None, None, None))[2]
    if draft.is_3d and thickness and voxel:
        draft.put_new("MATRIXZ", 100 * thickness / voxel, "voxel_size")
    if not draft.is_3d:
        draft.put("SPC", scan.slice_gap)
    else:
        draft.why["slice_gap"] = "a 3D slab has no gap"
    if count is None:
        return
    if draft.values.get("PLANE") == facts.THREE_PLANE:
        draft.why["number_of_slices"] = "slices of a three-plane localizer are set per plane"
        return
    draft.put("NOSLC", 1 if draft.is_3d else count)
    if draft.is_3d:
        _locations(draft, count)
        draft.doubts["number_of_slices"] = (
            "the console makes fewer images than locations per slab; it tells how many at planning"
        )
    spacing = (thickness or 0) + (0 if draft.is_3d else scan.slice_gap or 0)
    if spacing and scan.plane in facts.NORMAL_AXIS:
        draft.values.update(locations.centred(scan.plane, count, spacing))


def _locations(draft: Draft, images: int) -> None:
    """Locations per slab: those of the slab where its thickness is stated, else one for each image."""
    slab, thickness = draft.scan.slab_thickness, draft.scan.slice_thickness
    if draft.family.plug == "0":
        draft.put("SCANLOCS", images)
        draft.why["slab_thickness"] = "this sequence counts images, the console adds what it measures beside"
    else:
        draft.put("SLABLOC", round(slab / thickness) if slab and thickness else images)


def bandwidth(draft: Draft) -> None:
    """Half receiver bandwidth, on the raster of the dwell time."""
    wanted, columns = draft.scan.pixel_bandwidth, draft.values.get("MATRIXX")
    if wanted is None:
        return
    if "EPI" in draft.tokens:
        draft.why["pixel_bandwidth"] = "GE files hold no bandwidth for EPI; the console sets it"
    elif columns is None:
        draft.why["pixel_bandwidth"] = "a receiver bandwidth needs the matrix in readout"
    else:
        draft.put("RBW", facts.receiver_bandwidth(wanted, int(columns)))
        draft.why["pixel_bandwidth"] = "receiver bandwidths come in steps of the dwell time"
