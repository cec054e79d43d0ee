"""Proof-reading: what was written is read back, and every field that differs becomes a loss."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from generator.model.fields import field_table
from generator.model.tree import Acquisition
from generator.vendors.dialect import Losses
from generator.vendors.philips import facts
from generator.vendors.philips.assembly import Planned
from generator.vendors.philips.container.block import Parameters
from generator.vendors.philips.fields import fields
from generator.vendors.philips.fields.scan import Scan

# Said elsewhere in the card, or nowhere asked of a vendor file.
_SKIPPED = frozenset({
    "kind", "name", "definition", "role", "optional", "vendor", "instruction", "coverage", "plane_reference",
})  # fmt: skip
_IN_NOTE = ("coverage", "plane_reference")
_NEAR = 0.02

COMPUTED = "the console computes it"
REASONS = {
    "repetition_time": "this console shows the time between excitations of a prepared train",
    "repetition_time_preparation": "only a turbo field echo or an inversion recovery has one here",
    "repetition_time_excitation": "not a parameter of this technique here",
    "echo_times": "echoes stand at equal steps here, and a scan of one echo or of several stays one",
    "inversion_time": "this technique has no inversion here",
    "second_inversion_time": "no parameter for a second inversion is known",
    "refocusing_flip_angle": "only a turbo spin echo has a refocusing angle to set",
    "echo_train_length": COMPUTED,
    "echo_spacing": COMPUTED,
    "echo_train_duration": COMPUTED,
    "number_of_shots": COMPUTED,
    "pixel_bandwidth": "set as a water-fat shift, shown to 0.1 Hz; that of an EPI is computed",
    "phase_encoding_direction": "the format holds the axis; that the fat shift gives the side is not proved",
    "plane": "the format holds one of three main planes",
    "fat_suppression": "the nearest suppression this console has; STIR is an inversion time",
    "reference_scan": "SENSE has a reference scan of its own here; without SENSE there is none",
    "reference_lines": "the reference is a scan of its own here",
    "reference_lines_out_of_plane": "the reference is a scan of its own here",
    "parallel_reduction_factor_in_plane": "not with compressed SENSE, and no R11.1 scan with SENSE is known",
    "compressed_sensing_factor": "not with SENSE; compressed SENSE is switched on on the console",
    "multiband_factor": "multiband is a licence and a matter of coils: it is switched on on the console",
    "phase_oversampling": "this scan suppresses fold-over otherwise (zoom, REST slabs), which stays",
    "slice_oversampling": "the scanner chooses it here",
    "acquisition_matrix": COMPUTED,
    "concatenations": COMPUTED,
    "magnetization_transfer": "its pulses are set up on the console",
    "parallel_reduction_factor_out_of_plane": "a factor in slice direction needs a 3D scan and SENSE",
    "output_maps": "the list of images holds magnitude and phase; maps are processing steps",
    "diffusion_directions": "no scheme of this number, or its table is made on the console; DWI names none",
    "b_value_averages": "counted in the table of volumes, which is made on the console",
    "b_values": "counted in the table of volumes, which is made on the console",
    "technique": "the parameters of this method are not known",
    "gating": "gating is set up on the console",
    "rr_intervals": "gating is set up on the console",
    "saturation_bands": "a band has a place, which is planned on the console",
    "number_of_volumes_discarded_by_scanner": "only dynamic scans have dummies here",
    "slab_thickness": "the height of the stack, its slices and their thickness hang together here",
    "voxel_size": "voxel size, field of view and slice thickness hang together here",
    "acquisition_duration": "shown to 0.1 s",
}
_DEFAULT = "the format has no parameter for it"


def read_back(data: bytes, scan: Planned, field_strength: float, is_prescan: bool, view: Losses) -> None:
    """Proof-read a finished block against the spec."""
    decoded = Parameters(data, facts.PROVED_R11)
    back = fields(Scan(decoded, field_strength, is_prescan, lambda *_: None))
    if scan.duration is not None:
        back["acquisition_duration"] = round(scan.duration, 1)
    compare(scan.acquisition, back, view)


def compare(wanted: Acquisition, found: Mapping[str, Any], losses: Losses) -> None:
    """File a loss for every stated field that does not come back from the finished scan.

    Parameters
    ----------
    wanted : Acquisition
    found : mapping of str to Any
        What the reader makes of the scan that was written.
    losses : Losses
        The view of this step.
    """
    for name in field_table(Acquisition):
        value = getattr(wanted, name)
        if value is None or name in _SKIPPED:
            continue
        got = found.get(name)
        if not same(value, got):
            _file(losses, name, value, got)
    for name in _IN_NOTE:
        if (value := getattr(wanted, name)) is not None:
            losses.approximated(
                name, value, "operator note", "no parameter, so it is in the note of the scan"
            )


def _file(losses: Losses, name: str, value: Any, got: Any) -> None:
    reason = REASONS.get(name, _DEFAULT)
    if got is None:
        losses.unsupported(name, value, reason)
    elif _is_number(value) and _is_number(got) and abs(value - got) <= _NEAR * abs(value):
        losses.rounded(name, value, got, reason)
    else:
        losses.approximated(name, value, got, reason)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def same(wanted: Any, got: Any) -> bool:
    """Say whether two values are equal to within the digits of 32-bit storage."""
    if isinstance(wanted, (tuple, list)) and isinstance(got, (tuple, list)):
        pairs = zip(wanted, got, strict=False)
        return len(wanted) == len(got) and all(a is None or same(a, b) for a, b in pairs)
    if _is_number(wanted) and _is_number(got):
        return bool(abs(wanted - got) <= 5e-7 * max(1.0, abs(wanted)))
    return bool(wanted == got)
