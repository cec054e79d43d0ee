"""Which values an MR scan can have at all: what a file holds beyond them is damaged or absurd, and no value.

One table for every reader. The ranges are wide: they refuse what no scanner of any vendor can do (4294967295
slices, a TR of 3.4e38 ms), not what is unusual; what is unusual is judged by the rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

RANGES: Mapping[str, tuple[float, float]] = {
    "repetition_time": (0.1, 120_000),
    "repetition_time_preparation": (1, 120_000),
    "repetition_time_excitation": (0.1, 60_000),
    "echo_times": (0, 5_000),
    "inversion_time": (0, 30_000),
    "second_inversion_time": (0, 30_000),
    "flip_angle": (0, 360),
    "refocusing_flip_angle": (0, 360),
    "echo_train_length": (1, 8_192),
    "echo_spacing": (0, 1_000),
    "echo_train_duration": (0, 60_000),
    "pixel_bandwidth": (0.1, 50_000),
    "field_of_view": (1, 2_000),
    "acquisition_matrix": (1, 16_384),
    "voxel_size": (0.005, 1_000),
    "slice_thickness": (0.01, 1_000),
    "slice_gap": (-500, 1_000),
    "number_of_slices": (1, 8_192),
    "number_of_slabs": (1, 256),
    "slab_thickness": (0.01, 2_000),
    "phase_oversampling": (0, 20),
    "slice_oversampling": (0, 20),
    "number_of_averages": (0, 4_096),
    "concatenations": (1, 1_024),
    "number_of_shots": (1, 1_000_000),
    "number_of_temporal_positions": (1, 100_000),
    "number_of_volumes_discarded_by_scanner": (0, 10_000),
    "parallel_reduction_factor_in_plane": (1, 64),
    "parallel_reduction_factor_out_of_plane": (1, 64),
    "multiband_factor": (1, 64),
    "compressed_sensing_factor": (1, 100),
    "reference_lines": (0, 4_096),
    "reference_lines_out_of_plane": (0, 4_096),
    "saturation_bands": (0, 64),
    "magnetization_transfer_offset": (-1_000_000, 1_000_000),
    "rr_intervals": (1, 64),
    "b_values": (0, 100_000),
    "b_value_averages": (1, 10_000),
    "diffusion_directions": (1, 10_000),
    "interpolation": (1, 32),
    "post_labelling_delay": (0, 30_000),
    "table_position": (-5_000, 5_000),
    "acquisition_duration": (0, 36_000),
}
"""Least and most of each field, in its canonical unit; a range holds for every entry of a list."""


def refused(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Pick out what no scan can have.

    Parameters
    ----------
    fields : mapping of str to Any
        Values of an Acquisition in canonical units; those that are ``None`` are passed over.

    Returns
    -------
    dict of str to Any
        The fields whose value, or an entry of it, is not a number or is out of its range.
    """
    found = {}
    for name, value in fields.items():
        if value is not None and name in RANGES and not _fits(value, *RANGES[name]):
            found[name] = value
    return found


def _fits(value: Any, least: float, most: float) -> bool:
    """Whether a value, or each entry of a list, lies in a range; what is not a number lies in none."""
    if isinstance(value, (tuple, list)):
        return all(entry is None or least <= entry <= most for entry in value)
    return bool(least <= value <= most)
