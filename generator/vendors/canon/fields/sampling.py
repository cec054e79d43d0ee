"""Pulse sequence, times, angles, acceleration and diffusion: on the sheet, and the PAS block beside it.

Consoles disagree on which repetition time and which flip angle they show. What a spec leaves open stays open
on the sheet; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Callable

from generator.model.spoken import along
from generator.model.tree import Acquisition
from generator.vendors.canon.facts import DIFFUSION_PREFIX
from generator.vendors.canon.fields import (
    ECHO_PLANAR,
    PREPARED,
    SPIN_ECHO_TRAINS,
    Seq,
    View,
    field_of,
    geometry,
)

EXCITATION = 90.0

_SHOT_INTERVAL = (
    "from one inversion to the next. Assumed to be what Canon shows: "
    "if the console shows the time between excitations, do not enter this value there"
)
_WHICH_TR = "the spec does not say whether it means the shot interval or the time between excitations"


def show_repetition(view: View) -> None:
    """Choose the time that is entered as TR: the cycle of a prepared scan, else the one that is stated."""
    scan = view.scan
    shown, prepared = scan.repetition_time, scan.technique in PREPARED
    cycle, excitation = scan.repetition_time_preparation, scan.repetition_time_excitation
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
    for name in ("repetition_time_preparation", "repetition_time_excitation"):
        if getattr(scan, name) == shown:
            view.implied.add(name)


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
    geometry.show_geometry(view)
    _remarks(view)
    return view


def _remarks(view: View) -> None:
    """Say what a value on the sheet does not say by itself."""
    scan, notes = view.scan, view.notes
    if scan.echo_times and len(scan.echo_times) > 1:
        notes["echo_times"] = (
            f"{len(scan.echo_times)} echoes, in order; the entries of later echoes are assumed"
        )
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
    if name.startswith(DIFFUSION_PREFIX):
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
    geometry.read_slices,
    geometry.read_geometry,
    geometry.read_plane,
    geometry.read_phase,
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
