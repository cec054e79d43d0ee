"""What a Canon console is to be told: the neutral acquisition seen with Canon's fields.

Consoles disagree on which repetition time and which flip angle they show, and ask for a matrix where a spec
may state a voxel. This module derives Canon's view once, says where it had to, and never guesses: what a
spec leaves open stays open on the sheet.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from generator.model.spoken import along
from generator.model.tree import Acquisition

PREPARED = frozenset({"magnetization_prepared_gradient_echo", "mp2rage"})
SPIN_ECHO_TRAINS = frozenset({"turbo_spin_echo", "single_shot_turbo_spin_echo"})
ECHO_PLANAR = frozenset({"echo_planar_diffusion", "echo_planar_bold"})

EXCITATION = 90.0
VOXEL_TOLERANCE = 0.005
"""Relative difference up to which a stated voxel is taken for FOV / matrix (they are printed rounded)."""

_SHOT_INTERVAL = (
    "from one inversion to the next. Assumed to be what Canon shows: "
    "if the console shows the time between excitations, do not enter this value there"
)
_WHICH_TR = "the spec does not say whether it means the shot interval or the time between excitations"

_ASKED: dict[str, Callable[[Acquisition], bool]] = {
    "inversion_time": lambda scan: scan.technique in PREPARED,
    "refocusing_flip_angle": lambda scan: scan.technique in SPIN_ECHO_TRAINS,
    "echo_train_length": lambda scan: scan.technique in SPIN_ECHO_TRAINS | ECHO_PLANAR,
    "slice_gap": lambda scan: scan.mr_acquisition_type == "2D",
    "b_values": lambda scan: scan.technique == "echo_planar_diffusion",
    "diffusion_directions": lambda scan: scan.technique == "echo_planar_diffusion",
}


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
        """Value of a field as the console is to be told."""
        return self.values[name] if name in self.values else getattr(self.scan, name)


def view_of(scan: Acquisition) -> View:
    """Derive Canon's view of a scan."""
    view = View(scan)
    view.asked |= {name for name, needed in _ASKED.items() if needed(scan)}
    _repetition_time(view)
    _angles(view)
    _geometry(view)
    _remarks(view)
    return view


def _repetition_time(view: View) -> None:
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


def _angles(view: View) -> None:
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


def _geometry(view: View) -> None:
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
