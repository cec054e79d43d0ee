"""Which values an MR scan can have at all: what a file holds beyond them is damaged or absurd, and no value.

One table for specs and for every reader. The ranges are wide: they refuse what no scanner of any vendor can
do (4294967295 slices, a TR of 3.4e38 ms), not what is unusual; what is unusual is judged by the rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from math import inf
from typing import Any, NamedTuple

from generator.model.tree import Acquisition, Contrast, Note, Pause, Protocol, ReadResult, Reformat, Step

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
    "dose": (0, 5),
    "volume": (0, 10),
    "concentration": (0, 10),
    "flow_rate": (0, 50),
    "flush_volume": (0, 500),
    "minimum_delay": (0, 36_000),
    "start_volume": (1, 100_000),
    "duration": (0, 36_000),
    "field_strength": (0.01, 25),
}
"""Least and most of each field, in its canonical unit; a range holds for every entry of a list."""

_EXAM = {"acquisition_duration": (0.0, 86_400.0)}
"""The whole of a protocol may take longer than one scan: libraries hold some of many hours."""


class Impossible(NamedTuple):
    """A field whose value cannot be beside the others, and why."""

    field: str
    message: str


_NOT_WEIGHTED = frozenset({
    "gradient_echo", "multi_echo_gradient_echo", "magnetization_prepared_gradient_echo", "mp2rage",
    "susceptibility_weighted", "time_of_flight", "echo_planar_bold", "arterial_spin_labelling",
})  # fmt: skip
"""Families without diffusion gradients."""


def contradictions(scan: Acquisition) -> Iterator[Impossible]:
    """Name the fields of a scan whose values cannot be beside each other, whatever the vendor."""
    echoes = scan.echo_times or ()
    if any(after < before for before, after in pairwise(echoes)):
        yield Impossible("echo_times", f"echo times {_listed(echoes)} ms fall; echoes come one after another")
    weighted = [b for b in scan.b_values or () if b > 0]
    if weighted and scan.technique in _NOT_WEIGHTED:
        family = scan.technique.replace("_", " ")
        yield Impossible("b_values", f"b-values {_listed(weighted)} s/mm2 on {family}, which has none")
    packages, slabs = scan.concatenations or 1, scan.number_of_slabs
    alone = 1 if scan.technique != "time_of_flight" else inf  # angiographies may not say how many slabs
    if scan.mr_acquisition_type == "3D" and packages > (slabs or alone):
        yield Impossible("concatenations", f"{packages} concatenations on a 3D scan of {slabs or 1} slab(s)")


def _listed(values: Any) -> str:
    shown = ", ".join(f"{value:g}" for value in values[:6])
    return f"{shown}, ..." if len(values) > 6 else shown


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
        if value is not None and name in RANGES:
            least, most = RANGES[name]
            plain = type(value) is float or type(value) is int
            if not (least <= value <= most if plain else _fits(value, least, most)):
                found[name] = value
    return found


def _fits(value: Any, least: float, most: float) -> bool:
    """Whether a value, or each entry of a list, lies in a range; what is not a number lies in none."""
    if not isinstance(value, (tuple, list)):
        return bool(least <= value <= most)
    for entry in value:  # noqa: SIM110, a generator takes three times as long and there are many
        if entry is not None and not least <= entry <= most:
            return False
    return True


# --- what was read ------------------------------------------------------------------------------------

_RANGED: Mapping[type, tuple[tuple[str, float, float], ...]] = {
    model: tuple((name, *RANGES[name]) for name in model.model_fields if name in RANGES)
    for model in (Acquisition, Contrast, Pause, Reformat)
}


def judged(result: ReadResult) -> ReadResult:
    """Take out of what was read what no scan can have, with a note for each value.

    Returns
    -------
    ReadResult
        The same object where there is nothing to take out.
    """
    notes: list[Note] = []
    protocols = [_protocol(one, index, notes) for index, one in enumerate(result.protocols)]
    fields = {"field_strength": result.field_strength}
    strength = None if refused(fields) else result.field_strength
    for name, value in refused(fields).items():
        notes.append(_note(Impossible(name, f"{value:g} T is no field strength"), None, None))
    if not notes:
        return result
    update = {"protocols": tuple(protocols), "field_strength": strength, "notes": (*result.notes, *notes)}
    return result.model_copy(update=update)


def _protocol(protocol: Protocol, index: int, notes: list[Note]) -> Protocol:
    before = len(notes)
    steps = tuple(_step(step, index, number, notes) for number, step in enumerate(protocol.steps))
    total = protocol.acquisition_duration
    if total is not None and not _fits(total, *_EXAM["acquisition_duration"]):
        notes.append(_note(_absurd("acquisition_duration", total), index, None))
        total = None
    if len(notes) == before:
        return protocol
    return protocol.model_copy(update={"steps": steps, "acquisition_duration": total})


def _step(step: Step, protocol: int, number: int, notes: list[Note]) -> Step:
    values = vars(step)
    wrong = [
        _absurd(name, value)
        for name, least, most in _RANGED[type(step)]
        if (value := values[name]) is not None and not _fits(value, least, most)
    ]
    if isinstance(step, Acquisition):
        wrong += contradictions(step)
    notes += (_note(one, protocol, number) for one in wrong)
    return step.model_copy(update=dict.fromkeys(one.field for one in wrong)) if wrong else step


def _absurd(name: str, value: Any) -> Impossible:
    return Impossible(name, f"the file says {value!r}; no {name.replace('_', ' ')} is like that")


def _note(wrong: Impossible, protocol: int | None, step: int | None) -> Note:
    return Note(code="implausible", message=wrong.message, protocol=protocol, step=step, field=wrong.field)
