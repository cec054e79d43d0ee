"""The checks that data cannot say, each held against facts by hand: what is compared, with which limit."""

from __future__ import annotations

from typing import Any

from generator.rules import checks
from generator.rules.facts.view import Facts
from generator.rules.operators import Near

BRAIN = {"plane": "sagittal", "slab_extent": 170.0, "head_foot_extent": 250.0}
SPINE = {"plane": "sagittal", "slab_extent": 40.0, "stations": 2, "head_foot_extent": 240.0}
VOXEL: dict[str, Any] = {
    "voxel_size": (1.0, 1.0, 1.0), "field_of_view": (256.0, 240.0), "acquisition_matrix": (256, 240),
    "vendor": "siemens",
}  # fmt: skip

# check, facts, and of each comparison the fact, the value, the limit, and whether it is kept
CASES: tuple[tuple[str, dict[str, Any], list[tuple[str, float, Any, bool]]], ...] = (
    ("coverage-brain", BRAIN, [("head_foot_extent", 250, 240, True), ("slab_extent", 170, 160, True)]),
    ("coverage-brain", BRAIN | {"slab_extent": 160.0, "head_foot_extent": 240.0},
     [("head_foot_extent", 240, 240, True), ("slab_extent", 160, 160, True)]),
    ("coverage-brain", BRAIN | {"slab_extent": 155.0, "head_foot_extent": 235.0},
     [("head_foot_extent", 235, 240, False), ("slab_extent", 155, 160, False)]),
    ("coverage-brain", BRAIN | {"plane": "transverse", "slab_extent": 150.0},
     [("slab_extent", 150, 140, True)]),
    ("coverage-brain", BRAIN | {"plane": "transverse", "slab_extent": 135.0},
     [("slab_extent", 135, 140, False)]),
    ("coverage-brain", BRAIN | {"plane": "coronal"}, []),
    # 2 x 240 - 30 = 450
    ("coverage-spine", SPINE, [("slab_extent", 40, 36, True), ("head_foot_extent", 450, 450, True)]),
    ("coverage-spine", SPINE | {"slab_extent": 35.0, "stations": 1},
     [("slab_extent", 35, 36, False), ("head_foot_extent", 240, 450, False)]),
    # 3 x 170 - 60 = 450
    ("coverage-spine", SPINE | {"stations": 3, "head_foot_extent": 169.0},
     [("slab_extent", 40, 36, True), ("head_foot_extent", 447, 450, False)]),
    ("coverage-spine", SPINE | {"plane": "transverse"}, []),
    ("acceleration-range", {"field_strength": 3.0, "coil_acceleration": 6.0},
     [("coil_acceleration", 6, 6, True)]),
    ("acceleration-range", {"field_strength": 1.5, "coil_acceleration": 4.5},
     [("coil_acceleration", 4.5, 4, False)]),
    ("acceleration-range",
     {"field_strength": 3.0, "coil_acceleration": 6.5, "compressed_sensing_factor": 9.0,
      "multislice_acceleration": 8.0},
     [("compressed_sensing_factor", 9, 8, False), ("multislice_acceleration", 8, 8, True),
      ("coil_acceleration", 6.5, 6, False)]),
    ("partial-fourier-range", {"partial_fourier_phase": 0.6}, [("partial_fourier_phase", 0.6, 0.5, True)]),
    ("partial-fourier-range", {"partial_fourier_slice": 0.45}, [("partial_fourier_slice", 0.45, 0.5, False)]),
    ("partial-fourier-range", {"partial_fourier_phase": 0.6, "partial_fourier_slice": 0.65},
     [("partial_fourier_phase", 0.6, 0.5, True), ("partial_fourier_slice", 0.65, 0.5, True),
      ("partial_fourier_slice", 0.65, 0.7, False)]),
    ("partial-fourier-range", {"partial_fourier_phase": 0.875, "partial_fourier_slice": 0.625},
     [("partial_fourier_phase", 0.875, 0.5, True), ("partial_fourier_slice", 0.625, 0.5, True),
      ("partial_fourier_phase", 0.875, 0.7, True)]),
    ("fov-matrix-voxel", VOXEL,
     [("voxel_size", 1, Near(1.0, percent=3.0), True), ("voxel_size", 1, Near(1.0, percent=3.0), True)]),
    # 256 / 240 = 1.067
    ("fov-matrix-voxel", VOXEL | {"acquisition_matrix": (240, None)},
     [("voxel_size", 1, Near(256 / 240, percent=3.0), False)]),
    # Points over what is oversampled: 240 x 1.2 / 240; GE's may count over the square: 256 / 240.
    ("fov-matrix-voxel", VOXEL | {"voxel_size": (None, 1.2, 1.0), "phase_oversampling": 0.2},
     [("voxel_size", 1.2, Near(1.2, percent=3.0), True)]),
    ("fov-matrix-voxel", VOXEL | {"voxel_size": (None, 1.06, 1.0), "vendor": "ge"},
     [("voxel_size", 1.06, Near(256 / 240, percent=3.0), True)]),
    ("fov-matrix-voxel", VOXEL | {"voxel_size": (None, 1.06, 1.0)},
     [("voxel_size", 1.06, Near(1.0, percent=3.0), False)]),
    ("time-estimate", {"acquisition_duration": 300.0, "estimated_duration": 315.0},
     [("acquisition_duration", 300, Near(315.0, tolerance=15.0), True)]),
    ("time-estimate", {"acquisition_duration": 60.0, "estimated_duration": 71.0},
     [("acquisition_duration", 60, Near(71.0, tolerance=10.0), False)]),
    ("time-estimate", {"acquisition_duration": 60.0, "estimated_duration": 71.0,
      "estimate_uncertainty": 12.0},
     [("acquisition_duration", 60, Near(71.0, tolerance=12.0), True)]),
)  # fmt: skip


def test_what_each_check_compares() -> None:
    wrong = []
    for name, stated, wanted in CASES:
        said = [(one.fact, one.measured, one.limit, one.holds) for one in checks.get(name)(Facts(stated))]
        if said != wanted:
            wrong.append(f"{name} of {stated}: {said}, not {wanted}")
    assert not wrong, "\n".join(wrong)
