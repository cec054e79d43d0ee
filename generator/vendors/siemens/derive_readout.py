"""Readout, repetition and acceleration of a MrProt block (siemens.md section 6, traps of section 12)."""

from __future__ import annotations

from generator.vendors.siemens import facts as f
from generator.vendors.siemens.block import Fields, Protocol


def readout(p: Protocol) -> Fields:
    """Bandwidth and echo train, where the rules for them are known to hold."""
    if not p.trusted:
        reason = p.why_not or f"sequence {p.binary!r}"
        p.doubt("pixel_bandwidth", f"bandwidth and train length follow no known rule with {reason}")
        return {"pixel_bandwidth": None, "echo_train_length": None}
    if p.sequence.trust == "assumed":
        message = (
            f"bandwidth and train length by the rule of its relatives; no printout of {p.binary!r} was seen"
        )
        p.doubt("pixel_bandwidth", message, "unverified-rule")
    return {"pixel_bandwidth": _bandwidth(p), "echo_train_length": _train(p), "number_of_shots": _shots(p)}


def bandwidth(base: int, dwell: float) -> float:
    """Bandwidth in Hz/px of a dwell time in ns at twofold readout oversampling."""
    return round(1e9 / (2 * base * dwell), 3)


def _bandwidth(p: Protocol) -> float | None:
    base, dwell = p.block.integer(f.BASE), p.block.number(f"{f.DWELL}[0]")
    return bandwidth(base, dwell) if base and dwell else None


def _train(p: Protocol) -> int | None:
    b, train = p.block, p.sequence.train
    if train == "turbo":
        return b.integer(f.TURBO) or None
    if train == "epi":
        return b.integer(f.LINES)
    if train == "unknown":
        p.doubt("echo_train_length", f"{p.binary!r} has a turbo and an EPI factor, kept under vendor")
    return _partitions_per_train(p) if train == "partitions" else None


def _partitions_per_train(p: Protocol) -> int | None:
    """Turbo factor of an MPRAGE: the measured partitions; a free parameter from XA60 on."""
    stored, partitions = p.block.integer(f.TURBO), p.block.integer(f.PARTITIONS)
    if p.version >= f.FIRST_XA60:
        return stored or None
    fraction = f.PARTIAL_FOURIER.get(p.block.integer(f.PF_SLICE, 16) or 16)
    measured = round(partitions * fraction) if partitions and fraction else None
    if p.version >= f.FIRST_XA30 and stored not in (None, 1, 16, measured):
        message = f"the stored turbo factor {stored} is not the measured partitions, {measured}"
        p.doubt("echo_train_length", message)
        return None
    return measured


def _shots(p: Protocol) -> int | None:
    segmented = p.sequence.train == "epi" or p.binary == "tgse_asl"
    return p.block.integer(f.SEGMENTS) if segmented else None


def repetition(p: Protocol) -> Fields:
    """Averages and measurements."""
    repeats = (p.block.integer(f.REPETITIONS, 0) or 0) + 1
    positions: int | None = repeats
    averages = _averages(p)
    if p.binary == "ep2d_diff" and p.version < f.FIRST_VE:
        averages, positions = float(repeats), 1
    elif p.binary == "tgse_asl":
        positions = repeats // 2 if repeats % 2 == 0 else None
    elif p.sequence.technique == "arterial_spin_labelling" and repeats > 1:
        p.doubt("number_of_temporal_positions", f"how {p.binary!r} counts label and control is not known")
        positions = None
    return {"number_of_averages": averages or None, "number_of_temporal_positions": positions}


def _averages(p: Protocol) -> float | None:
    whole, parts = p.block.number(f.AVERAGES), p.block.number(f.AVERAGES_DOUBLE)
    if p.binary in f.DOUBLE_AVERAGES:
        return whole if parts is None else parts
    if parts not in (None, 1.0, whole):
        p.doubt(
            "number_of_averages", f"whether {p.binary!r} makes {whole:g} or {parts:g} averages is not known"
        )
        return None
    return whole


def acceleration(p: Protocol) -> Fields:
    """Parallel imaging, slice acceleration and partial Fourier."""
    b = p.block
    off = b.integer(f.PAT_MODE, f.PAT_NONE) == f.PAT_NONE
    if p.why_not and "unknown kind" in p.why_not:
        p.doubt(
            "compressed_sensing_factor", "the acceleration mode is not known; its values are under vendor"
        )
        plane = depth = compressed = None
    else:
        plane = 1.0 if off else _at_least_one(b.number(f.ACCEL_PE))
        depth = 1.0 if off else _at_least_one(b.number(f.ACCEL_3D))
        compressed = 1.0
    scan = f.REF_SCANS.get(b.integer(f.REF_SCAN, 1) or 1)
    return {
        "parallel_reduction_factor_in_plane": plane,
        "parallel_reduction_factor_out_of_plane": depth,
        "compressed_sensing_factor": compressed,
        "multiband_factor": _multiband(p),
        "reference_scan": "none" if off else scan,
        "reference_lines": None if off else b.integer(f.REF_LINES),
        "reference_lines_out_of_plane": None if off else b.integer(f.REF_LINES_3D),
        "elliptical_scanning": b.flag(f.ELLIPTICAL),
        "partial_fourier_phase": _partial_fourier(p, f.PF_PHASE, "partial_fourier_phase"),
        "partial_fourier_slice": _partial_fourier(p, f.PF_SLICE, "partial_fourier_slice"),
    }


def _multiband(p: Protocol) -> int | None:
    stored = p.block.integer(f.MULTIBAND, 1) or 1
    if stored > 1 or not p.has_private_multiband:
        return stored
    found = next((n for key in f.CMRR_MULTIBAND if (n := p.block.integer(key))), None)
    slices = p.block.integer(f.SLICES, 1) or 1
    if found is None or not 1 <= found <= 32 or slices % found:
        p.doubt("multiband_factor", "the private members of a CMRR sequence (sWipMemBlock) do not tell it")
        return None
    p.doubt("multiband_factor", f"from the private member {f.CMRR_MULTIBAND[0]}", "unverified-rule")
    return found


def _partial_fourier(p: Protocol, key: str, what: str) -> float | None:
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
