"""Cards of our own in vendors' formats, in two versions whose edits are listed by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from generator import vendors
from generator.model.tree import Acquisition, Pause, Protocol, Target
from generator.vendors import account
from generator.vendors.dialect import BuildOptions

T1 = Acquisition(
    name="t1 sag", technique="turbo_spin_echo", mr_acquisition_type="2D", plane="sagittal",
    phase_encoding_direction="FH", repetition_time=600.0, echo_times=(10.0,), flip_angle=150.0,
    refocusing_flip_angle=150.0, echo_train_length=4, pixel_bandwidth=250.0, field_of_view=(240.0, 240.0),
    acquisition_matrix=(320, 256), slice_thickness=3.0, slice_gap=0.3, number_of_slices=16,
    number_of_averages=2.0, fat_suppression="none",
)  # fmt: skip
T2 = T1.model_copy(
    update={"name": "t2 sag", "repetition_time": 4000.0, "echo_times": (100.0,), "echo_train_length": 16}
)
STIR = T2.model_copy(update={"name": "stir sag", "echo_times": (50.0,), "inversion_time": 200.0})
AXIAL = T2.model_copy(update={"name": "t2 tra", "plane": "transverse", "phase_encoding_direction": "AP"})
LAST = T1.model_copy(update={"name": "t1 cor", "plane": "coronal", "phase_encoding_direction": "LR"})

BEFORE = (T1, T2, STIR, Pause(text="Turn the table light off"), AXIAL)


def edited(scan: Acquisition, **fields: Any) -> Acquisition:
    return scan.model_copy(update=fields)


AFTER = (
    edited(T1, repetition_time=650.0),
    AXIAL,  # moved before the other two
    edited(T2, echo_times=(110.0,), number_of_slices=18),
    edited(STIR, inversion_time=180.0, field_of_view=(260.0, 260.0)),
    LAST,  # added; the pause is gone
)
EDITS = {
    ("t1 sag", "repetition_time"),
    ("t2 sag", "echo_times"),
    ("t2 sag", "number_of_slices"),
    ("stir sag", "inversion_time"),
    ("stir sag", "field_of_view"),
    ("stir sag", "voxel_size"),  # which follows from the field of view, as the matrix stays
}


def written(vendor: str, steps: tuple[Any, ...], folder: Path, field_strength: float = 3.0) -> Path:
    """Write a protocol as a template of a vendor and return the file to read."""
    dialect = vendors.get(vendor)
    protocol = Protocol(name="Spine", id="spine", steps=steps)
    target = Target(vendor=vendor, field_strength=field_strength)
    export = account.build(dialect, protocol, target, BuildOptions())
    for name, content in export.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return account.card_of(dialect, folder, export)
