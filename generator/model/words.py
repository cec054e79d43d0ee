"""The closed lists of the neutral vocabulary, each once."""

from __future__ import annotations

from typing import Literal, get_args

Vendor = str
"""A vendor is whatever dialect is installed; the registry of `generator.vendors` is the closed list."""

KINDS = (
    "baseline-diagnosis",
    "baseline-new-dmt",
    "re-baseline-6-months",
    "follow-up",
    "pml-screening",
    "relapse",
    "spine",
)
"""Kinds of exam that shipped packs know; the list is open, and packs of a site declare their own."""

REGIONS = ("brain", "spine")
"""Regions that shipped packs know; an open list as well."""

Role = Literal[
    "t1_3d_pre",
    "t1_3d_post",
    "dwi",
    "dti",
    "flair_3d",
    "flair_2d",
    "dir_3d",
    "swi",
    "t2star_2d",
    "pdt2_2d",
    "t2_3d",
    "spine_t2_sag",
    "spine_stir_sag",
    "spine_psir",
    "spine_t1_sag_post",
    "spine_t2star_ax",
    "spine_t1_ax_post",
    "localizer",
    "calibration",
    "other",
]

Technique = Literal[
    "spin_echo",
    "turbo_spin_echo",
    "single_shot_turbo_spin_echo",
    "gradient_echo",
    "multi_echo_gradient_echo",
    "magnetization_prepared_gradient_echo",
    "mp2rage",
    "balanced_ssfp",
    "susceptibility_weighted",
    "echo_planar_diffusion",
    "echo_planar_bold",
    "arterial_spin_labelling",
    "time_of_flight",
    "field_map",
    "spectroscopy",
    "calibration",
    "other",
]

AcquisitionType = Literal["2D", "3D"]
Plane = Literal["transverse", "sagittal", "coronal", "oblique"]
PhaseDirection = Literal["AP", "PA", "LR", "RL", "HF", "FH"]
FatSuppression = Literal["none", "fat_saturation", "spair", "spir", "water_excitation", "stir", "dixon"]
PlaneReference = Literal["subcallosal", "ac-pc", "perpendicular-to-cord"]
Gating = Literal["none", "cardiac", "respiratory"]
OutputMap = Literal["magnitude", "phase", "trace", "adc", "fa", "swi", "minip", "subtraction", "psir"]
SpineRegion = Literal["cervical", "thoracic", "conus"]
ReferenceScan = Literal["none", "integrated", "separate"]
Readout = Literal["cartesian", "radial", "spiral", "propeller"]
PatientPosition = Literal[
    "HFS", "HFP", "HFDR", "HFDL", "FFS", "FFP", "FFDR", "FFDL", "LFS", "LFP", "RFS", "RFP"
]
Laterality = Literal["L", "R"]
SliceOrder = Literal["ascending", "descending", "interleaved", "single_shot"]
BandPosition = Literal["superior", "inferior", "anterior", "posterior", "left", "right", "parallel", "free"]
ReformatMethod = Literal["mpr", "mip", "minip", "average", "curved", "subtraction", "map"]
FlowCompensation = Literal["none", "readout", "slice", "all", "yes"]
DistortionCorrection = Literal["none", "2D", "3D"]
DiffusionScheme = Literal["trace_3", "trace_4", "tetrahedral", "diagonal", "free", "vendor", "single"]
Agent = Literal[
    "gadobutrol",
    "gadoteridol",
    "gadoteric acid",
    "gadopiclenol",
    "gadopentetate",
    "gadodiamide",
    "gadoversetamide",
    "gadobenate",
    "gadoxetate",
]
"""Gadolinium agents by substance; which of them a guideline admits is the guideline's matter."""

ExportKind = Literal["donor", "template", "sheet"]
LossKind = Literal["rounded", "approximated", "unsupported"]
"""Within the console's raster, something else was written, nothing comes back."""
LossSeverity = Literal["image", "time", "operator", "derived"]
"""Contrast, geometry or direction; scan time; to be set by hand; computed by the console."""
Severity = Literal["error", "warning", "info"]

ROLES: tuple[str, ...] = get_args(Role)
TECHNIQUES: tuple[str, ...] = get_args(Technique)
