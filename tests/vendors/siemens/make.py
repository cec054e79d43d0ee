"""Small synthetic protocols and archives; nothing of a real site in them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from generator.model.tree import Acquisition, Contrast, Pause, Protocol, Step, Target
from generator.vendors.account import build
from generator.vendors.dialect import BuildOptions, Export
from generator.vendors.siemens import DIALECT

XA61 = Target(vendor="siemens", field_strength=3.0, software="XA61A")

MPRAGE: dict[str, Any] = {
    "technique": "magnetization_prepared_gradient_echo",
    "mr_acquisition_type": "3D",
    "plane": "sagittal",
    "phase_encoding_direction": "AP",
    "repetition_time": 2300.0,
    "repetition_time_preparation": 2300.0,
    "echo_times": (3.2,),
    "inversion_time": 900.0,
    "flip_angle": 9.0,
    "echo_train_length": 176,
    "pixel_bandwidth": 241.127,  # a dwell time of 8100 ns
    "field_of_view": (256.0, 240.0),
    "acquisition_matrix": (256, 240),
    "voxel_size": (1.0, 1.0, 1.0),
    "slice_thickness": 1.0,
    "number_of_slices": 176,
    "number_of_averages": 1.0,
    "parallel_reduction_factor_in_plane": 2.0,
    "reference_lines": 24,
    "reference_scan": "integrated",
    "partial_fourier_slice": 0.875,
    "fat_suppression": "none",
    "acquisition_duration": 300.0,
}
T2_TSE: dict[str, Any] = {
    "technique": "turbo_spin_echo",
    "mr_acquisition_type": "2D",
    "plane": "transverse",
    "phase_encoding_direction": "RL",
    "repetition_time": 5000.0,
    "echo_times": (90.0,),
    "flip_angle": 150.0,
    "refocusing_flip_angle": 150.0,
    "echo_train_length": 15,
    "field_of_view": (230.0, 172.5),
    "acquisition_matrix": (320, 240),
    "slice_thickness": 3.0,
    "slice_gap": 0.3,
    "number_of_slices": 40,
    "concatenations": 2,
    "number_of_averages": 1.0,
    "acquisition_duration": 128.0,
}
DWI: dict[str, Any] = {
    "technique": "echo_planar_diffusion",
    "mr_acquisition_type": "2D",
    "plane": "transverse",
    "phase_encoding_direction": "AP",
    "repetition_time": 4400.0,
    "echo_times": (89.0,),
    "field_of_view": (256.0, 256.0),
    "acquisition_matrix": (128, 128),
    "slice_thickness": 2.0,
    "slice_gap": 0.6,
    "number_of_slices": 60,
    "fat_suppression": "fat_saturation",
    "b_values": (0.0, 1000.0),
    "b_value_averages": (5, 1),
    "diffusion_directions": 30,
    "acquisition_duration": 200.0,
}


def scan(name: str, values: dict[str, Any], **other: Any) -> Acquisition:
    return Acquisition(name=name, **(values | other))


def protocol(*steps: Step, name: str = "Test exam") -> Protocol:
    return Protocol(name=name, path=("Head", "Tests", name), steps=steps)


SITE_CARD = protocol(
    Pause(text="Coil 1"),
    scan("site t1", MPRAGE, repetition_time=2000.0, repetition_time_preparation=2000.0),
    scan("site t2", T2_TSE),
    Contrast(agent="gadobutrol", dose=0.1, text="by hand"),
    scan("site dwi", DWI),
    name="Site card",
)


def archive(export: Export) -> bytes:
    return next(content for name, content in export.files.items() if name.endswith(".exar1"))


def planned(
    card: Protocol, *donors: Path, target: Target = XA61, pins: Any = None, **options: Any
) -> BuildOptions:
    """Options of a build from donors, with the plan that the pipeline would make."""
    from generator.vendors.matching import plan

    gaps = options.pop("gaps", "refuse")
    chosen = plan(card, target, [DIALECT.describe(path) for path in donors], pins, gaps == "template")
    return BuildOptions(plan=chosen, **options)


def template(card: Protocol = SITE_CARD, target: Target = XA61) -> bytes:
    return archive(build(DIALECT, card, target, BuildOptions()))


def written(folder: Path, content: bytes, name: str = "site.exar1") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def losses(export: Export, step: int | None = None) -> Sequence[tuple[str, str | None]]:
    return [(loss.kind, loss.field) for loss in export.losses if step is None or loss.step == step]
