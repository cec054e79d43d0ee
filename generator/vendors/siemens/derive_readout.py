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
    if train != "partitions":
        return None
    if p.version >= f.FIRST_XA61:
        return b.integer(f.TURBO) or None
    partitions = b.integer(f.PARTITIONS)
    fraction = f.PARTIAL_FOURIER.get(b.integer(f.PF_SLICE, 16) or 16)
    return round(partitions * fraction) if partitions and fraction else None


def _shots(p: Protocol) -> int | None:
    segmented = p.sequence.train == "epi" or p.binary == "tgse_asl"
    return p.block.integer(f.SEGMENTS) if segmented else None


def repetition(p: Protocol) -> Fields:
    """Averages and measurements."""
    b = p.block
    repeats = (b.integer(f.REPETITIONS, 0) or 0) + 1
    positions: int | None = repeats
    averages = b.number(f.AVERAGES_DOUBLE if p.binary in f.DOUBLE_AVERAGES else f.AVERAGES)
    if p.binary == "ep2d_diff" and p.version < f.FIRST_VE:
        averages, positions = float(repeats), 1
    elif p.binary == "tgse_asl":
        positions = repeats // 2 if repeats % 2 == 0 else None
    return {"number_of_averages": averages or None, "number_of_temporal_positions": positions}


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
    if p.binary.lower().startswith("cmrr"):
        p.doubt(
            "multiband_factor",
            "CMRR sequences keep the factor in a private field, see sWipMemBlock under vendor",
        )
        return None
    return p.block.integer(f.MULTIBAND, 1) or 1


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
