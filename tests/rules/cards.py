"""Small hand-made cards that every rule accepts, and ways to spoil them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from generator.model.tree import Acquisition, Contrast, Pause, Protocol, Reformat, Situation, Step, Target
from generator.rules.engine import Report, check
from generator.rules.facts.card import Subject
from generator.timing.timeline import Timeline, build_timeline

SIEMENS = Target(vendor="siemens", field_strength=3.0)

T1: dict[str, Any] = {
    "technique": "magnetization_prepared_gradient_echo",
    "mr_acquisition_type": "3D",
    "plane": "sagittal",
    "repetition_time": 2300.0,
    "echo_times": (2.9,),
    "inversion_time": 900.0,
    "flip_angle": 9.0,
    "echo_train_length": 192,
    "echo_spacing": 7.1,
    "pixel_bandwidth": 240.0,
    "field_of_view": (256.0, 240.0),
    "acquisition_matrix": (256, 240),
    "voxel_size": (1.0, 1.0, 1.0),
    "slice_thickness": 1.0,
    "number_of_slices": 176,
    "fat_suppression": "none",
    "acquisition_duration": 240.0,
}
FLAIR: dict[str, Any] = {
    **T1,
    "technique": "turbo_spin_echo",
    "repetition_time": 5000.0,
    "echo_times": (390.0,),
    "inversion_time": 1800.0,
    "flip_angle": 120.0,
    "echo_train_length": 250,
    "echo_spacing": 3.6,
    "echo_train_duration": 900.0,
    "pixel_bandwidth": 700.0,
    "acquisition_duration": 320.0,
}
DWI: dict[str, Any] = {
    "technique": "echo_planar_diffusion",
    "mr_acquisition_type": "2D",
    "plane": "transverse",
    "plane_reference": "subcallosal",
    "repetition_time": 6000.0,
    "echo_times": (80.0,),
    "pixel_bandwidth": 1500.0,
    "field_of_view": (240.0, 240.0),
    "acquisition_matrix": (128, 128),
    "voxel_size": (1.875, 1.875, 3.0),
    "slice_thickness": 3.0,
    "slice_gap": 0.0,
    "number_of_slices": 50,
    "fat_suppression": "fat_saturation",
    "b_values": (0.0, 1000.0),
    "output_maps": ("trace", "adc"),
    "acquisition_duration": 60.0,
}
SLICES: dict[str, Any] = {
    "technique": "turbo_spin_echo",
    "mr_acquisition_type": "2D",
    "plane": "transverse",
    "plane_reference": "subcallosal",
    "repetition_time": 4000.0,
    "echo_times": (100.0,),
    "pixel_bandwidth": 200.0,
    "field_of_view": (230.0, 230.0),
    "acquisition_matrix": (256, 256),
    "voxel_size": (0.8984375, 0.8984375, 3.0),
    "slice_thickness": 3.0,
    "slice_gap": 0.0,
    "number_of_slices": 50,
    "acquisition_duration": 120.0,
}
SPINE: dict[str, Any] = {
    **SLICES,
    "plane": "sagittal",
    "plane_reference": None,
    "field_of_view": (280.0, 280.0),
    "acquisition_matrix": (320, 320),
    "voxel_size": (0.875, 0.875, 3.0),
    "phase_encoding_direction": "HF",
    "phase_oversampling": 0.8,
    "number_of_slices": 15,
}
KNOWN: dict[str, dict[str, Any]] = {
    "t1_3d_pre": T1,
    "t1_3d_post": T1,
    "flair_3d": FLAIR,
    "dir_3d": {**FLAIR, "inversion_time": 3000.0, "second_inversion_time": 450.0, "repetition_time": 7500.0},
    "dwi": DWI,
    "dti": {
        **DWI,
        "voxel_size": (2.0, 2.0, 2.0),
        "slice_thickness": 2.0,
        "number_of_slices": 75,
        "acquisition_matrix": (120, 120),
        "diffusion_directions": 30,
        "output_maps": ("adc", "fa"),
    },
    "pdt2_2d": SLICES,
    "flair_2d": {**SLICES, "repetition_time": 9000.0, "inversion_time": 2500.0},
    "t2star_2d": {
        **SLICES,
        "technique": "gradient_echo",
        "repetition_time": 700.0,
        "echo_times": (20.0,),
        "flip_angle": 25.0,
    },
    "swi": {
        **T1,
        "technique": "susceptibility_weighted",
        "plane": "transverse",
        "plane_reference": "subcallosal",
        "repetition_time": 28.0,
        "echo_times": (20.0,),
        "inversion_time": None,
        "flip_angle": 15.0,
        "echo_train_length": None,
        "echo_spacing": None,
        "pixel_bandwidth": 120.0,
        "acquisition_duration": 150.0,
    },
    "spine_t2_sag": SPINE,
    "spine_stir_sag": {**SPINE, "fat_suppression": "stir", "inversion_time": 220.0},
    "spine_t1_sag_post": {**SPINE, "echo_times": (10.0,), "repetition_time": 600.0},
    "spine_t2star_ax": {
        **SLICES,
        "technique": "gradient_echo",
        "repetition_time": 700.0,
        "echo_times": (20.0,),
        "flip_angle": 25.0,
        "number_of_slices": 20,
    },
    "localizer": {"technique": "gradient_echo", "acquisition_duration": 15.0},
}


def scan(role: str | None, **changes: Any) -> Acquisition:
    """A scan of a role with good values, some of them changed."""
    values = {"name": str(role), **KNOWN.get(role or "", {}), **changes}
    return Acquisition(role=role, **values)  # type: ignore[arg-type]


def gd(**changes: Any) -> Contrast:
    return Contrast(**{"agent": "gadobutrol", "dose": 0.1, **changes})


def reformat(source: str, **changes: Any) -> Reformat:
    values = {"plane": "transverse", "plane_reference": "subcallosal", "slice_thickness": 3.0, **changes}
    return Reformat(source=source, **values)


def card(kind: str | None, *steps: Step, region: str = "brain", **changes: Any) -> Protocol:
    return Protocol(
        name="Test card",
        kind=kind,  # type: ignore[arg-type]
        region=region,  # type: ignore[arg-type]
        field_strengths=(1.5, 3.0),
        steps=steps,
        **changes,
    )


def baseline(*extra: Step, kind: str = "baseline-diagnosis", **changes: Any) -> Protocol:
    steps = (
        scan("t1_3d_pre"), scan("dwi"), gd(), scan("flair_3d"), scan("t1_3d_post"), scan("swi"),
        *(reformat(role) for role in ("t1_3d_pre", "flair_3d", "t1_3d_post")), *extra,
    )  # fmt: skip
    return card(kind, *steps, **changes)


def follow_up(*extra: Step, kind: str = "follow-up", **changes: Any) -> Protocol:
    steps = (scan("t1_3d_pre"), scan("dwi"), scan("flair_3d"), reformat("t1_3d_pre"), reformat("flair_3d"))
    return card(kind, *steps, *extra, **changes)


def pml(*extra: Step, **changes: Any) -> Protocol:
    return card("pml-screening", scan("dwi"), scan("flair_3d"), reformat("flair_3d"), *extra, **changes)


def spine(*extra: Step, **changes: Any) -> Protocol:
    stations = (
        scan("spine_t2_sag", name="upper", coverage=("cervical",)),
        scan("spine_t2_sag", name="lower", coverage=("thoracic", "conus")),
    )
    return card("spine", *stations, *extra, region="spine", **changes)


def changed(protocol: Protocol, role: str, **changes: Any) -> Protocol:
    """The card with the first scan of a role changed."""
    return _replaced(protocol, role, lambda step: [step.model_copy(update=changes)])


def without(protocol: Protocol, role: str) -> Protocol:
    """The card without the first step of a role (``gd`` for the injection)."""
    return _replaced(protocol, role, lambda step: [])


def _replaced(protocol: Protocol, role: str, make: Any) -> Protocol:
    for index, step in enumerate(protocol.steps):
        if getattr(step, "role", None) == role or (role == "gd" and isinstance(step, Contrast)):
            steps = [*protocol.steps[:index], *make(step), *protocol.steps[index + 1 :]]
            return protocol.model_copy(update={"steps": tuple(steps)})
    raise AssertionError(f"no step {role}")


def ordered(protocol: Protocol, *roles: str) -> Protocol:
    """The card with the scans of these roles in this order, everything else behind."""
    steps = list(protocol.steps)
    chosen = []
    for role in roles:
        step = next(
            s for s in steps if getattr(s, "role", None) == role or (role == "gd" and s.kind == "contrast")
        )
        steps.remove(step)
        chosen.append(step)
    return protocol.model_copy(update={"steps": (*chosen, *steps)})


def situated(protocol: Protocol, **answers: Any) -> Protocol:
    return protocol.model_copy(update={"situation": Situation(**answers)})


def timed(protocol: Protocol, target: Target | None) -> Timeline:
    """The time axis without estimates beside stated times: these cards are not about the formulas."""
    timeline = build_timeline(protocol, target)
    rows = tuple(replace(row, estimate=None) if row.basis == "console" else row for row in timeline.rows)
    return replace(timeline, rows=rows)


def examine(
    protocol: Protocol,
    *packs: str,
    target: Target | None = SIEMENS,
    scanner: dict[str, Any] | None = None,
    suppressions: Sequence[Any] = (),
    settings: dict[str, str] | None = None,
) -> Report:
    """Check a card, timed, under OFSEP unless told otherwise."""
    subject = Subject(protocol, target, timed(protocol, target), scanner or {})
    return check(subject, packs or ("ofsep-2020",), suppressions, settings)


def codes(report: Report, *severities: str) -> set[str]:
    """Codes of the findings, of errors and warnings unless told otherwise."""
    return {f.code for f in report.findings if f.severity in (severities or ("error", "warning"))}


def pause(seconds: float | None) -> Pause:
    return Pause(text="wait", duration=seconds)
