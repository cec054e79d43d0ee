"""What a row cannot say: a scan on its way to the sheet (``View``), a SEQ of a PAS block back (``Seq``).

Consoles disagree on which repetition time and which flip angle they show. What a spec leaves open stays open
on the sheet; nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator.errors import UnusableInput, shortened
from generator.model.spoken import along
from generator.model.tree import Acquisition, Note
from generator.text import number
from generator.vendors.canon import facts

PREPARED = frozenset({"magnetization_prepared_gradient_echo", "mp2rage"})
SPIN_ECHO_TRAINS = frozenset({"turbo_spin_echo", "single_shot_turbo_spin_echo"})
ECHO_PLANAR = frozenset({"echo_planar_diffusion", "echo_planar_bold"})


@dataclass(slots=True)
class View:
    """Canon's view of one acquisition.

    Attributes
    ----------
    values : dict
        Neutral field to the value to be entered, for fields that differ from the spec's; ``None`` = open.
    notes : dict of str
        By field, what the radiographer has to know.
    implied : set of str
        Fields that need no entry of their own, because other entries say the same.
    asked : set of str
        Fields without which this scan cannot be entered: printed open if the spec leaves them out.
    """

    scan: Acquisition
    values: dict[str, Any] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    implied: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)

    def value(self, name: str) -> Any:
        """Value of a field as it is entered at the console."""
        return self.values[name] if name in self.values else getattr(self.scan, name)


@dataclass(slots=True)
class Seq:
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
        """Value of an element as a number in the neutral unit; 0 means "not used" in these blocks."""
        text = self.elements.get(element, "").strip()
        if not text:
            return None
        return self.scaled(element, text) or None

    def scaled(self, element: str, text: str) -> float:
        """Read a number of an element in the neutral unit. Raises UnusableInput."""
        key = facts.BY_ELEMENT.get(element)
        value = number(text)
        if value is None:
            raise UnusableInput(self.path, f"{element}: {shortened(repr(text))} is not a number", self.place)
        return float(f"{value * (key.element_scale if key else 1.0):.12g}")

    def set(self, name: str, value: Any, element: str) -> None:
        """Take a value over, unless there is none."""
        if value is not None:
            self.fields[name] = value
            self.used.add(element)


def field_of(element: str) -> str:
    """Return the neutral field of an element of the PAS block."""
    name = facts.BY_ELEMENT[element].field
    assert name is not None
    return name


# --- times and angles ----------------------------------------------------------------------------------

EXCITATION = 90.0
_OTHER_TIMES = ("repetition_time_preparation", "repetition_time_excitation")

_SHOT_INTERVAL = (
    "from one inversion to the next. Assumed to be what Canon shows: "
    "if the console shows the time between excitations, do not enter this value there"
)
_WHICH_TR = "the spec does not say whether it means the shot interval or the time between excitations"


def show_repetition(view: View) -> None:
    """Choose the time that is entered as TR: the cycle of a prepared scan, else the one that is stated."""
    scan = view.scan
    shown, prepared = scan.repetition_time, scan.technique in PREPARED
    cycle, excitation = (getattr(scan, name) for name in _OTHER_TIMES)
    if prepared and cycle is not None:
        shown = cycle
        view.notes["repetition_time"] = _SHOT_INTERVAL
    elif prepared and shown is not None:
        view.notes["repetition_time"] = f"{_WHICH_TR}: to be checked at the console"
    elif shown is None:
        shown = cycle if scan.technique in SPIN_ECHO_TRAINS | ECHO_PLANAR else excitation
    if shown is None:
        return
    view.values["repetition_time"] = shown
    view.implied |= {name for name in _OTHER_TIMES if getattr(scan, name) == shown}


def show_angles(view: View) -> None:
    """Keep a refocusing angle out of Canon's Flip, which is the excitation angle."""
    scan = view.scan
    angle, refocusing = scan.flip_angle, scan.refocusing_flip_angle
    if scan.technique not in SPIN_ECHO_TRAINS or angle is None:
        return
    if refocusing is None and angle != EXCITATION:
        view.values["flip_angle"] = None
        view.notes["flip_angle"] = (
            f"the spec states one angle, {angle:g} deg, and not whether it is the excitation (Flip) or the "
            "refocusing (Flop) angle; for an echo train most consoles show the refocusing angle"
        )
    elif angle == refocusing:
        view.values["flip_angle"] = None
        view.implied.add("flip_angle")
        view.notes["flip_angle"] = "the angle of the spec is the refocusing angle: see Flop angle"


def read_times(seq: Seq) -> None:
    """Read TR, TE, TI, flip angle and scan time."""
    for element in ("TR", "FLIP"):
        seq.set(field_of(element), seq.number(element), element)
    echo = seq.number("FLEXTE")
    seq.set("echo_times", None if echo is None else (echo,), "FLEXTE")
    inversion = seq.public.get("InversionTime")
    if inversion:
        seq.fields["inversion_time"] = inversion
    seq.set("acquisition_duration", seq.number("TACQT"), "TACQT")


def read_train(seq: Seq) -> None:
    """Echo factor, echo spacing and flop angle: verified for echo-planar scans only."""
    names = [name for name in ("ECHOF", "GRESP", "FLOP") if seq.number(name) is not None]
    if seq.fields.get("technique") == "echo_planar_diffusion":
        for element in names:
            seq.set(field_of(element), seq.number(element), element)
    elif names:
        seq.note("not-verified", f"{', '.join(names)} are known for echo-planar scans only; kept verbatim")


# --- geometry ------------------------------------------------------------------------------------------

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
    note = "from FOV, matrix and thickness: compare"
    if any(
        got is not None and wanted is not None and abs(got - wanted) > VOXEL_TOLERANCE * wanted
        for got, wanted in zip(entered, voxel, strict=True)
    ):
        view.values["voxel_size"] = entered
        note = "what FOV, matrix and thickness of this sheet give; the spec states another"
    view.implied.add("voxel_size")
    view.notes["voxel_size"] = note


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
    stored = seq.public.get("AcquisitionMatrix", ())  # frequency rows, columns, phase rows, columns
    if element == "MTX" and len(stored) == 4:
        read, phase = max(stored[:2]), max(stored[2:])
        if {read, phase} == {first, second}:
            return read, phase
    seq.note(
        "order-unknown",
        f"{element} is {text!r}; which is read and which phase is not known",
        field_of(element),
    )
    return None


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
    stated = _PHASE_ALONG[axis]
    if stated == "AP":
        seq.set("phase_encoding_direction", "PA" if direction[axis] > 0 else "AP", "PD")
        return
    seq.set("phase_encoding_direction", stated, "PD")
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


# --- a whole scan --------------------------------------------------------------------------------------

_ASKED: dict[str, Callable[[Acquisition], bool]] = {
    "inversion_time": lambda scan: scan.technique in PREPARED,
    "refocusing_flip_angle": lambda scan: scan.technique in SPIN_ECHO_TRAINS,
    "echo_train_length": lambda scan: scan.technique in SPIN_ECHO_TRAINS | ECHO_PLANAR,
    "slice_gap": lambda scan: scan.mr_acquisition_type == "2D",
    "b_values": lambda scan: scan.technique == "echo_planar_diffusion",
    "diffusion_directions": lambda scan: scan.technique == "echo_planar_diffusion",
}


def view_of(scan: Acquisition) -> View:
    """Derive Canon's view of a scan."""
    view = View(scan)
    view.asked |= {name for name, needed in _ASKED.items() if needed(scan)}
    show_repetition(view)
    show_angles(view)
    show_geometry(view)
    _remarks(view)
    return view


def _remarks(view: View) -> None:
    """Say what a value on the sheet does not say by itself."""
    scan, notes = view.scan, view.notes
    if (count := len(scan.echo_times or ())) > 1:
        notes["echo_times"] = f"{count} echoes, in order; the entries of later echoes are assumed"
    for name in ("acquisition_matrix", "field_of_view"):
        pair = view.value(name)
        if pair and pair[0] != pair[1]:
            notes[name] = "PE before RO: this order is assumed, confirm it"
    if scan.plane_reference:
        notes["plane"] = f"tilted {along(scan.plane_reference)}: the console may then show an oblique"
    if scan.mr_acquisition_type == "3D" and scan.slice_gap is None:
        notes["number_of_slices"] = "3D: partitions of the slab"
    if scan.b_values and scan.b_value_averages:
        pairs = zip(scan.b_values, scan.b_value_averages, strict=False)
        notes["b_values"] = "; ".join(f"b {value:g}: {count} x" for value, count in pairs)
        if scan.number_of_averages is None:
            notes["number_of_averages"] = "the spec states repetitions of each b value: see NAQ per b"


def _technique(seq: Seq) -> None:
    """Name the family, if it is the one that was seen; the 2D or 3D is a public attribute."""
    name = seq.elements.get("SEQID", "").strip()
    weighted = seq.number("BVAL") is not None
    dimension = seq.public.get("MRAcquisitionType")
    if name.startswith(facts.DIFFUSION_PREFIX):
        seq.fields["mr_acquisition_type"] = "2D"
        if weighted:
            seq.fields["technique"] = "echo_planar_diffusion"
            return
    elif dimension in ("2D", "3D"):
        seq.fields["mr_acquisition_type"] = dimension
    seq.note("unknown-sequence", f"the family of sequence {name!r} is not known", "technique")


def _acceleration(seq: Seq) -> None:
    if seq.elements.get("SPDR", "").strip() != "1":
        return
    factors = [seq.scaled("SPDRR", part) for part in seq.elements.get("SPDRR", "").split(",") if part.strip()]
    if not factors or factors[0] < 1:
        return
    seq.fields["parallel_reduction_factor_in_plane"] = factors[0]
    if all(factor == 1 for factor in factors[1:]):
        seq.used |= {"SPDR", "SPDRR"}
    else:
        seq.note("not-verified", "the later factors of SPDRR were not verified; kept verbatim")


def _diffusion(seq: Seq) -> None:
    if seq.fields.get("technique") != "echo_planar_diffusion":
        return
    count = int(seq.number("NBARRAY") or 0)
    listed = [
        seq.scaled("BARRAY", part) for part in seq.elements.get("BARRAY", "").split(",") if part.strip()
    ]
    values = tuple(listed[1 : 1 + count])
    if len(values) == count > 0:
        seq.set("b_values", values, "BARRAY")
        seq.used |= {"NBARRAY", "BVAL"} if seq.number("BVAL") in values else {"NBARRAY"}
        seq.note("b-zero", "volumes with b = 0 are not part of the list of b values (see NEXB0)", "b_values")
    seq.set("diffusion_directions", seq.number("MPNAXIS"), "MPNAXIS")


STEPS: tuple[Callable[[Seq], None], ...] = (
    _technique,
    read_times,
    read_train,
    read_slices,
    read_geometry,
    read_plane,
    read_phase,
    _acceleration,
    _diffusion,
)
"""What is read, in this order: the family decides what the elements of a train mean."""


# Field, standard attribute, and by how much they may differ (absolute, relative) before it is worth a note.
_CHECKS = (
    ("repetition_time", "RepetitionTime", 1.0, 0.0),
    ("echo_times", "EchoTime", 1.0, 0.0),
    ("flip_angle", "FlipAngle", 0.5, 0.0),
    ("slice_thickness", "SliceThickness", 0.05, 0.0),
    ("pixel_bandwidth", "PixelBandwidth", 0.0, 0.01),
    ("acquisition_duration", "AcquisitionDuration", 1.0, 0.01),
)


def compare_with_public(seq: Seq) -> None:
    """Note where the block and the standard attributes of the same file differ."""
    for name, keyword, absolute, relative in _CHECKS:
        public, value = seq.public.get(keyword), seq.fields.get(name)
        if public is None or value is None:
            continue
        number = value[0] if isinstance(value, tuple) else value
        public = public[0] if isinstance(public, tuple) else public  # two echo times are as legal as one
        if abs(number - public) > absolute + relative * abs(public):
            seq.note(
                "disagrees", f"the block states {number:g}, the DICOM attribute {keyword} {public:g}", name
            )
