"""Facts of geometry and contrast that follow from the fields of a scan."""

from __future__ import annotations

from generator.rules.facts.table import declare, derived
from generator.rules.facts.view import Facts, Unstated

_FAMILIES = {
    "spin_echo": "spin_echo",
    "turbo_spin_echo": "spin_echo",
    "single_shot_turbo_spin_echo": "spin_echo",
    "gradient_echo": "gradient_echo",
    "multi_echo_gradient_echo": "gradient_echo",
    "magnetization_prepared_gradient_echo": "gradient_echo",
    "mp2rage": "gradient_echo",
    "susceptibility_weighted": "gradient_echo",
    "time_of_flight": "gradient_echo",
    "balanced_ssfp": "balanced_ssfp",
    "echo_planar_diffusion": "echo_planar",
    "echo_planar_bold": "echo_planar",
}
_THIRD_AXIS = {"sagittal": {"AP", "FH"}, "transverse": {"AP", "LR"}, "coronal": {"LR", "FH"}}
_AXIS = {"AP": "AP", "PA": "AP", "LR": "LR", "RL": "LR", "HF": "FH", "FH": "FH"}

HEAD_WIDTH_MM = {"AP": 200.0, "LR": 160.0}
"""What a phase field of view has to cover of a head; physics bounds, own figures."""

declare(
    "transverse_reformats",
    "step",
    float,
    "thickness of every transverse reformat of this scan",
    many=True,
    unit="mm",
)
declare("stations", "step", int, "number of scans of the same role in the card")


@derived("step", float, many=True, unit="mm", of="voxel_size")
def in_plane_size(facts: Facts) -> list[float | None]:
    """Acquired voxel edges in the image plane, [read, phase]."""
    return list(facts["voxel_size"][:2])


@derived("step", float, unit="mm", of="voxel_size")
def through_plane_size(facts: Facts) -> float | None:
    """Acquired voxel edge across the slice."""
    edge: float | None = facts["voxel_size"][2]
    return edge


@derived("step", float, of="voxel_size")
def anisotropy(facts: Facts) -> float:
    """Longest edge of the acquired voxel over its shortest."""
    edges = facts["voxel_size"]
    if None in edges:
        raise Unstated("voxel_size")
    return float(max(edges) / min(edges))


@derived("step", str, choices=sorted(set(_FAMILIES.values())), of="technique")
def contrast_family(facts: Facts) -> str | None:
    """What forms the echo."""
    return _FAMILIES.get(facts["technique"])


@derived("step", bool, of="inversion_time")
def inverted(facts: Facts) -> bool:
    """Whether an inversion pulse prepares the scan."""
    facts["technique"]
    return facts.get("inversion_time") is not None


@derived("step", bool, of="fat_suppression")
def fat_suppressed(facts: Facts) -> bool:
    """Whether any fat suppression is on."""
    return bool(facts["fat_suppression"] != "none")


@derived("step", float, unit="mm", of="slice_gap")
def slice_spacing(facts: Facts) -> float:
    """Distance between the centres of neighbouring slices or partitions."""
    return float(facts["slice_thickness"] + facts["slice_gap"])


@derived("step", str, choices=("AP", "LR", "FH"), of="phase_encoding_direction")
def phase_axis(facts: Facts) -> str:
    """Axis of phase encoding."""
    return _AXIS[facts["phase_encoding_direction"]]


@derived("step", float, unit="mm", of="field_of_view")
def phase_field_of_view(facts: Facts) -> float | None:
    """Field of view in phase direction."""
    extent: float | None = facts["field_of_view"][1]
    return extent


@derived("step", float, unit="mm", of="field_of_view")
def head_foot_extent(facts: Facts) -> float | None:
    """Field of view from head to foot; not known across transverse slices."""
    read, phase = facts["field_of_view"]
    if "FH" not in _THIRD_AXIS.get(facts["plane"], ()):
        raise Unstated("head_foot_extent")
    square = read == phase
    extent: float | None = phase if not square and facts["phase_axis"] == "FH" else read
    return extent


@derived("step", float, unit="mm", of="number_of_slices")
def slab_extent(facts: Facts) -> float:
    """Extent of all slices or partitions with their gaps."""
    count, gap = facts["number_of_slices"], facts.get("slice_gap") or 0.0
    return float(count * facts["slice_thickness"] + (count - 1) * gap)


@derived("step", float, of="parallel_reduction_factor_in_plane")
def total_acceleration(facts: Facts) -> float:
    """In-plane, slab, multiband and compressed-sensing factors multiplied."""
    return float(
        facts["coil_acceleration"]
        * (facts.get("multiband_factor") or 1)
        * (facts.get("compressed_sensing_factor") or 1)
    )


@derived("step", float, of="parallel_reduction_factor_in_plane")
def coil_acceleration(facts: Facts) -> float:
    """Parallel-imaging factors in phase and slab direction multiplied."""
    in_plane = facts.get("parallel_reduction_factor_in_plane")
    through = facts.get("parallel_reduction_factor_out_of_plane")
    if in_plane is None and through is None:
        raise Unstated("parallel_reduction_factor_in_plane")
    return float((in_plane or 1.0) * (through or 1.0))


@derived("step", float, of="multiband_factor")
def multislice_acceleration(facts: Facts) -> float:
    """Simultaneous slices times the in-plane factor."""
    return float(facts["multiband_factor"] * (facts.get("parallel_reduction_factor_in_plane") or 1.0))


@derived("step", bool, of="multiband_factor")
def sparse_or_multislice(facts: Facts) -> bool:
    """Whether compressed sensing or simultaneous multi-slice excitation is used."""
    return (facts.get("multiband_factor") or 1) > 1 or (facts.get("compressed_sensing_factor") or 1) > 1


@derived("step", float, unit="mm")
def object_width(facts: Facts) -> float:
    """Width of the head along the phase direction."""
    width = HEAD_WIDTH_MM.get(facts["phase_axis"])
    if width is None or facts["region"] != "brain":
        raise Unstated("object_width")
    return width


@derived("step", float, unit="mm", of="phase_oversampling")
def covered_phase_extent(facts: Facts) -> float:
    """Phase field of view with its oversampling."""
    return float(facts["phase_field_of_view"] * (1.0 + facts["phase_oversampling"]))
