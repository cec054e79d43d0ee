"""What an export says instead of what was asked: read back what was written and compare, field by field.

So no value can be lost in silence: a field that does not come back as it was stated is a loss, whatever
the reason. The table below only adds the reason where it is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from generator.model.tree import Acquisition
from generator.vendors.dialect import Losses
from generator.vendors.siemens.container.ascconv import Ascconv, parse
from generator.vendors.siemens.fields import read_fields
from generator.vendors.siemens.fields.block import is_number, same

REASONS: Mapping[str, str] = {
    "pixel_bandwidth": "the dwell time is a multiple of 100 ns",
    "echo_spacing": "derived by the sequence and not stored",
    "echo_train_duration": "derived by the sequence and not stored",
    "repetition_time": "the console shows the time of one preparation cycle",
    "repetition_time_excitation": "derived by the sequence and not stored",
    "repetition_time_preparation": "this sequence has one repetition time",
    "echo_times": "stored in whole microseconds",
    "flip_angle": "the console shows the refocusing angle, or the sequence varies the angle along the train",
    "refocusing_flip_angle": "not a parameter of this sequence, or varied along the train",
    "echo_train_length": "derived by this sequence: EPI factor is the phase lines",
    "acquisition_duration": "stored in whole seconds",
    "compressed_sensing_factor": "the codes of compressed sensing are not known",
    "number_of_averages": "this sequence counts whole averages",
    "number_of_shots": "derived by the sequence and not stored",
    "reference_scan": "there is none without parallel imaging",
    "reference_lines": "there are none without parallel imaging",
    "reference_lines_out_of_plane": "there are none without parallel imaging",
    "parallel_reduction_factor_in_plane": "whole factors only",
    "parallel_reduction_factor_out_of_plane": "whole factors only",
    "partial_fourier_phase": "5/8, 6/8, 7/8 or off",
    "partial_fourier_slice": "5/8, 6/8, 7/8 or off",
    "output_maps": "only magnitude, phase and SWI are known switches; check the others at the console",
    "number_of_slices": "the donor's slabs or slice groups are kept",
    "plane": "the donor's slice groups are kept, or the plane is not a main one",
    "phase_encoding_direction": "not a direction of this plane, or its polarity is not known",
    "diffusion_directions": "the direction set of the donor is kept, or the file holds none",
    "b_values": "stored in whole s/mm2",
    "technique": "no sequence binary is known for it; written as a gradient echo",
    "readout": "not a known trajectory",
    "slab_thickness": "follows from the slices per slab and their thickness",
    "saturation_bands": "a band has a place, which is planned at the console",
    "number_of_volumes_discarded_by_scanner": "decided by the sequence and not stored",
    "rr_intervals": "triggering is set up at the console",
    "slice_gap": "stored as a multiple of the slice thickness",
    "voxel_size": "follows from field of view and matrix",
}
SPECIAL: Mapping[tuple[str, Any], str] = {
    ("fat_suppression", "stir"): "an inversion with its time, no fat suppression of its own",
    ("fat_suppression", "spir"): "written as fat saturation",
    ("gating", "cardiac"): "written as pulse triggering, which the site may replace by ECG",
}
NOT_CARRIED: Mapping[str, str] = {
    "plane_reference": "no parameter of the protocol; told in the comment of the step",
    "coverage": "no parameter of the protocol; told in the comment of the step",
}
_BOOKKEEPING = {"kind", "definition", "role", "optional", "vendor", "instruction", "name", *NOT_CARRIED}
_NEVER = {"compressed_sensing_factor"}


def audit(a: Acquisition, text: str, losses: Losses, before: Ascconv | None = None) -> None:
    """Read a written protocol text back and file a loss for every stated field that changed.

    Parameters
    ----------
    before : Ascconv or None
        The donor's block: what was there already is no assumption of this program.
    """
    block = parse(text)
    fields, protocol = read_fields(block)
    was = read_fields(before)[0] if before else {}
    for name, wanted in stated(a):
        got = fields.get(name)
        if not same(wanted, got):
            _file(name, wanted, got, losses)
        elif (reason := _assumed(name, wanted)) and was.get(name) != got:
            losses.approximated(name, wanted, got, reason)
    for code, what, message in protocol.doubts:
        known = what in was and was[what] == fields.get(what)
        if code == "unverified-code" and getattr(a, what, None) is not None and not known:
            losses.approximated(what, getattr(a, what), fields.get(what), message)
    for name, reason in NOT_CARRIED.items():
        if (wanted := getattr(a, name)) is not None:
            losses.approximated(name, wanted, None, reason)
    if a.vendor:
        losses.unsupported("vendor", sorted(a.vendor), "vendor parameters of a spec are not written")


def _assumed(name: str, wanted: Any) -> str | None:
    if name == "diffusion_directions":
        return "written as MDDW, which offers fixed sets of directions; check the number at the console"
    return SPECIAL.get((name, wanted)) if isinstance(wanted, str) else None


def stated(a: Acquisition) -> list[tuple[str, Any]]:
    """Fields of an acquisition that have a value and say how it is scanned."""
    values = {name: getattr(a, name) for name in type(a).model_fields if name not in _BOOKKEEPING}
    return [(name, value) for name, value in values.items() if value is not None]


def _file(name: str, wanted: Any, got: Any, losses: Losses) -> None:
    reason = SPECIAL.get((name, wanted)) if isinstance(wanted, str) else None
    reason = reason or REASONS.get(name, "the console's protocol says it differently")
    if got is None or name in _NEVER:
        losses.unsupported(name, wanted, reason)
    elif _near(wanted, got):
        losses.rounded(name, wanted, got, reason)
    else:
        losses.approximated(name, wanted, got, reason)


def _near(wanted: Any, got: Any) -> bool:
    return is_number(wanted) and is_number(got) and bool(abs(wanted - got) <= 0.05 * max(abs(wanted), 1e-9))
