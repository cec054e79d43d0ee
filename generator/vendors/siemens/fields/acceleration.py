"""Parallel imaging, slice acceleration and partial Fourier."""

from __future__ import annotations

from collections.abc import Mapping

from generator.model.tree import Acquisition
from generator.vendors.siemens import facts as f
from generator.vendors.siemens.container.ascconv import Ascconv
from generator.vendors.siemens.fields.block import Changes, Fields, MrProt, open_protocol


def read_acceleration(p: MrProt) -> Fields:
    """Parallel imaging, slice acceleration and partial Fourier."""
    b = p.block
    off = b.integer(f.PAT_MODE, f.PAT_NONE) == f.PAT_NONE
    return {
        **_factors(p, off),
        "multiband_factor": _multiband(p),
        "reference_scan": "none" if off else f.REF_SCANS.get(b.whole(f.REF_SCAN, 1)),
        "reference_lines": None if off else b.integer(f.REF_LINES),
        "reference_lines_out_of_plane": None if off else b.integer(f.REF_LINES_3D),
        "partial_fourier_phase": _read_partial_fourier(p, f.PF_PHASE, "partial_fourier_phase"),
        "partial_fourier_slice": _read_partial_fourier(p, f.PF_SLICE, "partial_fourier_slice"),
    }


def _factors(p: MrProt, off: bool) -> Fields:
    """Factors in and through the plane and of compressed sensing, where it is known what accelerates."""
    if p.why_not and "unknown kind" in p.why_not:
        p.doubt("compressed_sensing_factor", f"{p.why_not}; its values are under vendor")
        return dict.fromkeys(_FACTORS)
    if off and p.is_private:
        message = f"{p.binary!r} has members of its own, which may accelerate; what they mean is not known"
        p.doubt("parallel_reduction_factor_in_plane", message)
        return dict.fromkeys(_FACTORS)
    mode = p.block.integer(f.PAT_MODE)
    if mode in f.UNVERIFIED[f.PAT_MODE]:
        message = f"{f.PAT_MODE} = {mode}: the meaning is a third party's"
        p.doubt("parallel_reduction_factor_in_plane", message, "unverified-code")
    there = {f.ACCEL_PE: not off, f.ACCEL_3D: not off, f.ACCEL_TOTAL: mode in f.PAT_COMPRESSED}
    return {name: _at_least_one(p.block.number(key)) if there[key] else 1.0 for name, key in _FACTORS.items()}


_FACTORS: Mapping[str, str] = {
    "parallel_reduction_factor_in_plane": f.ACCEL_PE,
    "parallel_reduction_factor_out_of_plane": f.ACCEL_3D,
    "compressed_sensing_factor": f.ACCEL_TOTAL,
}


def _multiband(p: MrProt) -> int | None:
    stored = p.block.whole(f.MULTIBAND, 1)
    if stored > 1 or not p.has_private_multiband:
        return stored if stored > 1 or not p.is_private else None
    found = next((n for key in f.CMRR_MULTIBAND if (n := p.block.integer(key))), None)
    slices = p.block.whole(f.SLICES, 1)
    if found is None or not 1 <= found <= 32 or slices % found:
        p.doubt("multiband_factor", "the private members of a CMRR sequence (sWipMemBlock) do not hold it")
        return None
    p.doubt("multiband_factor", f"from the private member {f.CMRR_MULTIBAND[0]}", "unverified-rule")
    return found


def _read_partial_fourier(p: MrProt, key: str, what: str) -> float | None:
    code = p.block.integer(key, 16)
    if code == f.PF_HALF and p.binary == "haste":
        return 0.625
    if code == f.PF_AUTO:
        p.doubt(what, "the scanner chooses (Allowed)", "scanner-chooses")
    elif code not in f.PARTIAL_FOURIER:
        p.doubt(what, f"code {code} is printed differently by different sequences", "unknown-code")
    return f.PARTIAL_FOURIER.get(code or 0)


def _at_least_one(value: float | None) -> float | None:
    return value if value is not None and value >= 1 else None


# --- writing -----------------------------------------------------------------------------------------


def write_acceleration(a: Acquisition, old: Ascconv) -> Changes:
    """Parallel imaging, slice acceleration and partial Fourier."""
    plane, depth = a.parallel_reduction_factor_in_plane, a.parallel_reduction_factor_out_of_plane
    # A CMRR sequence keeps its factor in a private member, which is not touched.
    bands = None if open_protocol(old).has_private_multiband else a.multiband_factor
    changes: Changes = {f.MULTIBAND: bands} if bands is not None else {}
    if any(wanted is not None for wanted in (plane, depth, bands, a.compressed_sensing_factor)):
        changes |= _parallel(a, old, bands or 1)
    else:
        changes |= _reference(a, old, False)
    for key, value in ((f.PF_PHASE, a.partial_fourier_phase), (f.PF_SLICE, a.partial_fourier_slice)):
        if value is not None:
            changes[key] = _partial_fourier_code(value, open_protocol(old).binary)
    return changes


def _parallel(a: Acquisition, old: Ascconv, bands: int) -> Changes:
    was_off = old.integer(f.PAT_MODE, f.PAT_NONE) == f.PAT_NONE
    if (a.compressed_sensing_factor or 1.0) > 1 and (sensed := _compressed(a, old)):
        return sensed

    def factor(wanted: float | None, key: str) -> int:
        stored = 1 if was_off else old.whole(key, 1)
        return stored if wanted is None else max(round(wanted), 1)

    plane = factor(a.parallel_reduction_factor_in_plane, f.ACCEL_PE)
    depth = factor(a.parallel_reduction_factor_out_of_plane, f.ACCEL_3D)
    changes: Changes = {f.ACCEL_PE: plane, f.ACCEL_3D: depth}
    if f.ACCEL_TOTAL in old.raw:
        changes[f.ACCEL_TOTAL] = float(plane * depth)
    was_sensed = old.integer(f.PAT_MODE) in f.PAT_COMPRESSED
    # That several slices at once are a mode of their own is a relation.
    if plane * depth == 1:
        changes |= {f.PAT_MODE: f.PAT_NONE, f.LINES_PAT: None}
    elif was_off or was_sensed:
        changes[f.PAT_MODE] = f.PAT_GRAPPA
    return changes | _reference(a, old, (was_off or was_sensed) and plane * depth * bands > 1)


def _compressed(a: Acquisition, old: Ascconv) -> Changes:
    """Compressed sensing of a SPACE, or of a donor that has it; there is no other acceleration beside it."""
    was = old.whole(f.PAT_MODE, f.PAT_NONE)
    space = open_protocol(old).binary in ("space", "tse_vfl")
    if was not in f.PAT_COMPRESSED and not space:
        return {}
    mode = was if was in f.PAT_COMPRESSED else f.PAT_SPACE_COMPRESSED
    return {f.PAT_MODE: mode, f.ACCEL_PE: 1, f.ACCEL_3D: 1, f.ACCEL_TOTAL: a.compressed_sensing_factor}


def _reference(a: Acquisition, old: Ascconv, switched_on: bool) -> Changes:
    changes: Changes = {}
    if a.reference_lines is not None:
        changes[f.REF_LINES] = a.reference_lines
    if a.reference_lines_out_of_plane is not None:
        changes[f.REF_LINES_3D] = a.reference_lines_out_of_plane
    planar = a.technique in ("echo_planar_diffusion", "echo_planar_bold")
    was = f.REF_SCANS.get(old.whole(f.REF_SCAN, 1))
    wanted = a.reference_scan or (("separate" if planar else "integrated") if switched_on else was)
    if wanted and wanted != was:
        separate = 256 if planar else 512 if a.technique in f.SPIN_ECHO_TRAINS else 4
        changes[f.REF_SCAN] = {"none": 1, "integrated": 2, "separate": separate}[wanted]
    return changes


def _partial_fourier_code(value: float, binary: str) -> int:
    if binary == "haste" and abs(value - 0.625) < 0.01:
        return f.PF_HALF
    return min(f.PARTIAL_FOURIER, key=lambda code: abs(f.PARTIAL_FOURIER[code] - value))
