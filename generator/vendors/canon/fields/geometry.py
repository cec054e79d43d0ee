"""Geometry: field of view, matrix, slices, plane and phase direction, on the sheet and in the PAS block."""

from __future__ import annotations

import re

from generator.vendors.canon import facts
from generator.vendors.canon.fields import Seq, View, field_of

VOXEL_TOLERANCE = 0.005
"""Relative difference up to which a stated voxel is taken for FOV / matrix (they are printed rounded)."""

_VECTOR = re.compile(r"\[([^\]]*)\]")
_PHASE_ALONG = ("LR", "AP", "FH")
_OPEN_POLARITY = "the block holds the axis of phase encoding, and not its polarity"


def show_geometry(view: View) -> None:
    """Fill matrix, FOV and thickness from one another, and hold them against the voxel."""
    scan = view.scan
    voxel = scan.voxel_size
    if voxel is None or not (scan.field_of_view or scan.acquisition_matrix):
        return
    fov = list(scan.field_of_view or (None, None))
    matrix = list(scan.acquisition_matrix or (None, None))
    for axis, size in enumerate(voxel[:2]):
        extent, points = fov[axis], matrix[axis]
        if extent is not None and points is None and size is not None:
            matrix[axis] = max(1, round(extent / size))
        if extent is None and points is not None and size is not None:
            fov[axis] = round(points * size, 6)
    view.values["field_of_view"] = tuple(fov) if any(fov) else None
    view.values["acquisition_matrix"] = tuple(matrix) if any(matrix) else None
    if scan.slice_thickness is None:
        view.values["slice_thickness"] = voxel[2]
    _hold_against_voxel(view, voxel)


def _hold_against_voxel(view: View, voxel: tuple[float | None, ...]) -> None:
    extents = (*(view.value("field_of_view") or (None, None)), view.value("slice_thickness"))
    points = (*(view.value("acquisition_matrix") or (None, None)), 1)
    entered = tuple(
        round(extent / count, 4) if extent is not None and count is not None else size
        for extent, count, size in zip(extents, points, voxel, strict=True)
    )
    view.implied.add("voxel_size")
    view.notes["voxel_size"] = "from FOV, matrix and thickness: compare"
    if any(
        got is not None and wanted is not None and abs(got - wanted) > VOXEL_TOLERANCE * wanted
        for got, wanted in zip(entered, voxel, strict=True)
    ):
        view.values["voxel_size"] = entered
        view.notes["voxel_size"] = (
            "what FOV, matrix and thickness of this sheet give; the spec states another"
        )


def read_slices(seq: Seq) -> None:
    """Read thickness, number and gap of the slices, averages and bandwidth."""
    for element in ("THK", "TS", "NAQ", "BW"):
        seq.set(field_of(element), seq.number(element), element)
    gap = seq.elements.get("GAP", "").strip()
    if gap and seq.fields.get("mr_acquisition_type") == "2D":
        seq.set("slice_gap", seq.scaled("GAP", gap), "GAP")


def read_geometry(seq: Seq) -> None:
    """Read matrix and field of view, and the voxel that they make."""
    matrix, extent = _pair(seq, "MTX"), _pair(seq, "FOV")
    seq.set("acquisition_matrix", matrix, "MTX")
    seq.set("field_of_view", extent, "FOV")
    thickness = seq.fields.get("slice_thickness")
    if matrix and extent:
        seq.fields["voxel_size"] = (extent[0] / matrix[0], extent[1] / matrix[1], thickness)


def _pair(seq: Seq, element: str) -> tuple[float, float] | None:
    """Read ``a x b``; its order was seen on squares only, so any other is left open without DICOM."""
    text = seq.elements.get(element, "").strip()
    if not text:
        return None
    parts = [seq.scaled(element, part) for part in text.lower().split("x")]
    if len(parts) != 2 or 0 in parts:
        seq.note("not-read", f"{element} is {text!r}, not two numbers", field_of(element))
        return None
    first, second = parts
    if first == second:
        return first, second
    read, phase = _matrix_of(seq.public.get("AcquisitionMatrix", ()))
    if element == "MTX" and {read, phase} == {first, second}:
        return read, phase
    seq.note(
        "order-unknown",
        f"{element} is {text!r}; which is read and which phase is not known",
        field_of(element),
    )
    return None


def _matrix_of(stored: tuple[float, ...]) -> tuple[float, float]:
    """Read and phase points of AcquisitionMatrix (frequency rows, columns, phase rows, columns)."""
    if len(stored) != 4:
        return 0, 0
    return max(stored[:2]), max(stored[2:])


def read_plane(seq: Seq) -> None:
    """Read the nearest main plane."""
    code = seq.elements.get("PLN", "").strip()
    plane = facts.PLANE_CODES.get(code)
    seq.set("plane", plane, "PLN")
    if code and plane is None:
        seq.note("unknown-code", f"PLN is {code!r}", "plane")
    if code == "CO":
        seq.note("assumed-code", "PLN 'CO' is taken for coronal; it was not seen in data", "plane")


def read_phase(seq: Seq) -> None:
    """Take axis and polarity from the phase vector of VG; the polarity is known along y only."""
    direction = _phase_vector(seq.elements.get("VG", ""))
    if direction is None:
        if seq.elements.get("PD", "").strip() == "AP":
            seq.set("phase_encoding_direction", "AP", "PD")
            seq.note("axis-only", _OPEN_POLARITY, "phase_encoding_direction")
        return
    axis = max(range(3), key=lambda place: abs(direction[place]))
    along = _PHASE_ALONG[axis]
    if along == "AP":
        seq.set("phase_encoding_direction", "PA" if direction[axis] > 0 else "AP", "PD")
        return
    seq.set("phase_encoding_direction", along, "PD")
    seq.note("axis-only", _OPEN_POLARITY, "phase_encoding_direction")


def _phase_vector(geometry: str) -> list[float] | None:
    """Return the third vector of VG, or ``None`` if there is none that points anywhere."""
    vectors = _VECTOR.findall(geometry)
    if len(vectors) < 3:
        return None
    try:
        direction = [float(part) for part in vectors[2].split(",")]
    except ValueError:
        return None
    return direction if len(direction) == 3 and any(direction) else None
