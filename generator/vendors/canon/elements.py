"""The elements of one SEQ of a PAS block, each read as far as its meaning was verified."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from math import isfinite, nan
from pathlib import Path
from typing import Any

from generator.errors import UnusableInput
from generator.model.tree import Note
from generator.vendors.canon import facts
from generator.vendors.canon.sequences import DIFFUSION_PREFIX

_VECTOR = re.compile(r"\[([^\]]*)\]")
_PHASE_ALONG = ("LR", "AP", "FH")
_OPEN_POLARITY = "the block tells the axis of phase encoding, and not its polarity"


@dataclass(slots=True)
class Scan:
    """One SEQ while it is read: its elements, what was made of them, what is to be noted."""

    path: Path
    place: str
    index: int
    elements: dict[str, str]
    public: dict[str, Any]
    fields: dict[str, Any] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    notes: list[Note] = field(default_factory=list)

    def note(self, code: str, message: str, name: str | None = None) -> None:
        """Note something about this scan, perhaps about one field."""
        self.notes.append(Note(code=code, message=message, protocol=0, step=self.index, field=name))

    def number(self, element: str) -> float | None:
        """Value of an element as a number in the neutral unit; 0 stands for "not used" in these blocks."""
        text = self.elements.get(element, "").strip()
        if not text:
            return None
        return self.scaled(element, text) or None

    def scaled(self, element: str, text: str) -> float:
        """Read a number of an element in the neutral unit. Raises UnusableInput."""
        key = facts.BY_ELEMENT.get(element)
        try:
            value = float(text)
        except ValueError:
            value = nan
        if not isfinite(value):
            raise UnusableInput(self.path, f"{element}: {text!r} is not a number", self.place)
        return float(f"{value * (key.element_scale if key else 1.0):.12g}")

    def set(self, name: str, value: Any, element: str) -> None:
        """Take a value over, unless there is none."""
        if value is not None:
            self.fields[name] = value
            self.used.add(element)


def _technique(scan: Scan) -> None:
    """Name the family, if it is the one that was seen; the 2D or 3D is a public attribute."""
    name = scan.elements.get("SEQID", "").strip()
    weighted = scan.number("BVAL") is not None
    dimension = scan.public.get("MRAcquisitionType")
    if name.startswith(DIFFUSION_PREFIX):
        scan.fields["mr_acquisition_type"] = "2D"
        if weighted:
            scan.fields["technique"] = "echo_planar_diffusion"
            return
    elif dimension in ("2D", "3D"):
        scan.fields["mr_acquisition_type"] = dimension
    scan.note("unknown-sequence", f"the family of sequence {name!r} is not known", "technique")


def _timing(scan: Scan) -> None:
    for element in ("TR", "FLIP"):
        scan.set(_field(element), scan.number(element), element)
    echo = scan.number("FLEXTE")
    scan.set("echo_times", None if echo is None else (echo,), "FLEXTE")
    inversion = scan.public.get("InversionTime")
    if inversion:
        scan.fields["inversion_time"] = inversion
    scan.set("acquisition_duration", scan.number("TACQT"), "TACQT")


def _train(scan: Scan) -> None:
    """Echo factor, echo spacing and flop angle: verified for echo-planar scans only."""
    names = [name for name in ("ECHOF", "GRESP", "FLOP") if scan.number(name) is not None]
    if scan.fields.get("technique") == "echo_planar_diffusion":
        for element in names:
            scan.set(_field(element), scan.number(element), element)
    elif names:
        scan.note("not-verified", f"{', '.join(names)} are known for echo-planar scans only; kept verbatim")


def _slices(scan: Scan) -> None:
    for element in ("THK", "TS", "NAQ", "BW"):
        scan.set(_field(element), scan.number(element), element)
    gap = scan.elements.get("GAP", "").strip()
    if gap and scan.fields.get("mr_acquisition_type") == "2D":
        scan.set("slice_gap", scan.scaled("GAP", gap), "GAP")


def _geometry(scan: Scan) -> None:
    matrix, extent = _pair(scan, "MTX"), _pair(scan, "FOV")
    scan.set("acquisition_matrix", matrix, "MTX")
    scan.set("field_of_view", extent, "FOV")
    thickness = scan.fields.get("slice_thickness")
    if matrix and extent:
        scan.fields["voxel_size"] = (extent[0] / matrix[0], extent[1] / matrix[1], thickness)


def _pair(scan: Scan, element: str) -> tuple[float, float] | None:
    """Read ``a x b``; its order was seen on squares only, so any other is left open unless DICOM tells."""
    text = scan.elements.get(element, "").strip()
    if not text:
        return None
    parts = [scan.scaled(element, part) for part in text.lower().split("x")]
    if len(parts) != 2 or 0 in parts:
        scan.note("not-read", f"{element} is {text!r}, not two numbers", _field(element))
        return None
    first, second = parts
    if first == second:
        return first, second
    read, phase = _matrix_of(scan.public.get("AcquisitionMatrix", ()))
    if element == "MTX" and {read, phase} == {first, second}:
        return read, phase
    scan.note(
        "order-unknown", f"{element} is {text!r}; which is read and which phase is not known", _field(element)
    )
    return None


def _matrix_of(told: tuple[float, ...]) -> tuple[float, float]:
    """Read and phase points of AcquisitionMatrix (frequency rows, columns, phase rows, columns)."""
    if len(told) != 4:
        return 0, 0
    return max(told[:2]), max(told[2:])


def _plane(scan: Scan) -> None:
    code = scan.elements.get("PLN", "").strip()
    plane = facts.PLANE_CODES.get(code)
    scan.set("plane", plane, "PLN")
    if code and plane is None:
        scan.note("unknown-code", f"PLN is {code!r}", "plane")
    if code == "CO":
        scan.note("assumed-code", "PLN 'CO' is taken for coronal; it was not seen in data", "plane")


def _phase(scan: Scan) -> None:
    """Take axis and polarity from the phase vector of VG; the polarity is known along y only."""
    direction = _phase_vector(scan.elements.get("VG", ""))
    if direction is None:
        if scan.elements.get("PD", "").strip() == "AP":
            scan.set("phase_encoding_direction", "AP", "PD")
            scan.note("axis-only", _OPEN_POLARITY, "phase_encoding_direction")
        return
    axis = max(range(3), key=lambda place: abs(direction[place]))
    along = _PHASE_ALONG[axis]
    if along == "AP":
        scan.set("phase_encoding_direction", "PA" if direction[axis] > 0 else "AP", "PD")
        return
    scan.set("phase_encoding_direction", along, "PD")
    scan.note("axis-only", _OPEN_POLARITY, "phase_encoding_direction")


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


def _acceleration(scan: Scan) -> None:
    if scan.elements.get("SPDR", "").strip() != "1":
        return
    factors = [
        scan.scaled("SPDRR", part) for part in scan.elements.get("SPDRR", "").split(",") if part.strip()
    ]
    if not factors or factors[0] < 1:
        return
    scan.fields["parallel_reduction_factor_in_plane"] = factors[0]
    if all(factor == 1 for factor in factors[1:]):
        scan.used |= {"SPDR", "SPDRR"}
    else:
        scan.note("not-verified", "the later factors of SPDRR were not verified; kept verbatim")


def _diffusion(scan: Scan) -> None:
    if scan.fields.get("technique") != "echo_planar_diffusion":
        return
    count = int(scan.number("NBARRAY") or 0)
    listed = [
        scan.scaled("BARRAY", part) for part in scan.elements.get("BARRAY", "").split(",") if part.strip()
    ]
    values = tuple(listed[1 : 1 + count])
    if len(values) == count > 0:
        scan.set("b_values", values, "BARRAY")
        scan.used |= {"NBARRAY", "BVAL"} if scan.number("BVAL") in values else {"NBARRAY"}
        scan.note("b-zero", "volumes with b = 0 are not part of the list of b values (see NEXB0)", "b_values")
    scan.set("diffusion_directions", scan.number("MPNAXIS"), "MPNAXIS")


STEPS: tuple[Callable[[Scan], None], ...] = (
    _technique,
    _timing,
    _train,
    _slices,
    _geometry,
    _plane,
    _phase,
    _acceleration,
    _diffusion,
)
"""What is read, in this order: the family decides what the elements of a train mean."""


def _field(element: str) -> str:
    name = facts.BY_ELEMENT[element].field
    assert name is not None
    return name


# Field, standard attribute, and by how much they may differ (absolute, relative) before it is worth a note.
_CHECKS = (
    ("repetition_time", "RepetitionTime", 1.0, 0.0),
    ("echo_times", "EchoTime", 1.0, 0.0),
    ("flip_angle", "FlipAngle", 0.5, 0.0),
    ("slice_thickness", "SliceThickness", 0.05, 0.0),
    ("pixel_bandwidth", "PixelBandwidth", 0.0, 0.01),
    ("acquisition_duration", "AcquisitionDuration", 1.0, 0.01),
)


def compare_with_public(scan: Scan) -> None:
    """Note where the block and the standard attributes of the same file differ."""
    for name, keyword, absolute, relative in _CHECKS:
        told, value = scan.public.get(keyword), scan.fields.get(name)
        if told is None or value is None:
            continue
        number = value[0] if isinstance(value, tuple) else value
        if abs(number - told) > absolute + relative * abs(told):
            scan.note("disagrees", f"the block says {number:g}, the DICOM attribute {keyword} {told:g}", name)
