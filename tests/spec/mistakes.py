"""What physicists and technologists type into a spec of their own: each one natural, each one wrong."""

from __future__ import annotations

from tests.spec.broken import HEAD, SCAN, scan, variants


def named(name: str) -> str:
    """Make a protocol whose one scan has this name, written in double quotes."""
    return f'{HEAD}  - acquisition:\n      name: "{name}"\n'


MISTAKES: dict[str, str] = {
    # Keys
    "TR": scan("TR: 2300 ms"),
    "TE": scan("TE: 30 ms"),
    "TI": scan("TI: 900 ms"),
    "nex": scan("nex: 2"),
    "NSA": scan("NSA: 2"),
    "GRAPPA": scan("grappa: 2"),
    "SENSE": scan("SENSE: 1.8"),
    "iPAT": scan("iPAT: 2"),
    "bandwidth": scan("bandwidth: 31.25 kHz"),
    "WFS": scan("WFS: 1.5"),
    "FOV": scan("FOV: 240 mm"),
    "matrix": scan("matrix: 256x256"),
    "slices": scan("slices: 30"),
    "ETL": scan("ETL: 16"),
    "turbo factor": scan("Turbo factor: 16"),
    "fat sat": scan("fat sat: on"),
    "distance factor": scan("dist. factor: 10 %"),
    "b-value": scan("b-value: 1000"),
    "scan time": scan("scan time: 4 min"),
    "phase direction": scan("phase direction: AP"),
    "half scan": scan("halfscan: 0.75"),
    # Values
    "half bandwidth": scan("pixel_bandwidth: 31.25 kHz"),
    "water-fat shift": scan("pixel_bandwidth: 1.5 px"),
    "6/8": scan("partial_fourier_phase: 6/8"),
    "percent": scan("phase_oversampling: 20 %"),
    "10:05": scan("acquisition_duration: 10:05"),
    "20 slices": scan("number_of_slices: 20 slices"),
    "R=2": scan("parallel_reduction_factor_in_plane: R=2"),
    "x2": scan("parallel_reduction_factor_in_plane: x2"),
    "minimum TE": scan("echo_times: [minimum]"),
    "1x1x1 mm": scan("voxel_size: 1x1x1 mm"),
    "256 x 192": scan("acquisition_matrix: 256 x 192"),
    "decimal comma": scan("repetition_time: 2,3 s"),
    "a Bengali four": scan("number_of_slices: \u09ea"),
    "Arabic milliseconds": scan("repetition_time: \u0662\u0663\u0660\u0660 ms"),
    # Words
    "axial": scan("plane: axial"),
    "A-P": scan("phase_encoding_direction: A-P"),
    "FLASH": scan("technique: FLASH"),
    "Fat Sat": scan("fat_suppression: FatSat"),
    "GE Healthcare": variants("- {when: {vendor: GE Healthcare}, set: {flip_angle: 9 deg}}"),
    "3.0 without T": HEAD.replace("steps:", "field_strengths: [3.0]\nsteps:") + SCAN,
    "followup": HEAD.replace("steps:", "kind: followup\nsteps:") + SCAN,
    "a kind in capitals": HEAD.replace("steps:", "kind: Acute Stroke\nsteps:") + SCAN,
    # Names
    "an empty name": named(""),
    "a blank name": named("  "),
    "a name of two lines": named("T1\\npost"),
    "a zero-width name": named("T1\\u200bpost"),
    "a name without end": named("T" * 300),
    "an id that Windows reserves": HEAD.replace("broken", "con", 1) + SCAN,
    "an id with a suffix that Windows reserves": HEAD.replace("broken", "nul.v2", 1) + SCAN,
}
