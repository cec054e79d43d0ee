"""Bandwidth, averages, acceleration and partial Fourier of a scan."""

from __future__ import annotations

import math
from typing import Any

from generator.model.tree import Acquisition
from generator.vendors.philips import facts as k
from generator.vendors.philips.fields.scan import ScanValues, Settings

# Fat-water shift in Hz: pixels of shift times bandwidth per pixel (measured; format notes, section 8).
FAT_SHIFT = {3.0: 434.37, 1.5: 217.23}
# A circular k-space shutter leaves this share of the profiles.
SHUTTER_SHARE = math.pi / 4


def read(scan: ScanValues) -> dict[str, Any]:
    """Averages, partial Fourier, acceleration and elliptical scanning."""
    averages = scan.number(k.AVERAGES)
    sense, sense_slice = _sense(scan)
    return {
        "pixel_bandwidth": bandwidth(scan),
        "number_of_averages": averages if averages and averages > 0 else None,
        "partial_fourier_phase": _half_scan(scan),
        "partial_fourier_slice": _half_scan_slice(scan) if scan.is_3d else None,
        "parallel_reduction_factor_in_plane": sense,
        "parallel_reduction_factor_out_of_plane": sense_slice,
        "compressed_sensing_factor": _compressed(scan),
        # SENSE takes its coil sensitivities from a scan of its own, the SENSE reference scan.
        "reference_scan": "separate" if scan.values.get(k.SENSE) == "YES" else None,
        "multiband_factor": _multiband(scan),
        "elliptical_scanning": _elliptical(scan) if scan.is_3d else None,
    }


def write(a: Acquisition, s: Settings) -> None:
    """Set bandwidth, averages, acceleration and partial Fourier."""
    _set_bandwidth(a, s)
    _set_acceleration(a, s)
    _set_half_scan(a, s)
    if a.elliptical_scanning is not None and s.is_3d:
        share = SHUTTER_SHARE if a.elliptical_scanning else 1.0
        s.set(k.SHUTTER, "DEFAULT" if a.elliptical_scanning else "NO")
        s.set(k.SAMPLED_PERCENT, float(s.now(k.SCAN_PERCENT) or 100.0) * share)


def bandwidth(scan: ScanValues) -> float | None:
    """Full bandwidth per pixel in readout."""
    if scan.fast_mode in ("EPI", "GRASE", "TFE_EPI"):
        shown = scan.numbers(k.EPI_BANDWIDTH)
        if shown:
            return shown[0] or None
        scan.missing("pixel_bandwidth", "the water-fat shift of an EPI is that of the phase direction")
        return None
    shown = scan.numbers(k.ACTUAL_SHIFT)
    if len(shown) == 2 and shown[1] > 0:
        return shown[1]
    shift = scan.number(k.SHIFT) if scan.values.get(k.SHIFT_MODE) == "USER_DEF" else None
    constant = FAT_SHIFT.get(scan.field_strength or 0.0)
    if shift and constant and shift > 0:
        return round(constant / shift, 1)
    scan.missing(
        "pixel_bandwidth", f"the scanner chooses ({scan.values.get(k.SHIFT_MODE)}), and no computed value"
    )
    return None


def _set_bandwidth(a: Acquisition, s: Settings) -> None:
    if a.pixel_bandwidth is None:
        return
    if s.fast_mode == "EPI":
        if s.is_template:
            s.set(k.EPI_BANDWIDTH, f"{a.pixel_bandwidth:.1f}")
        return
    shift = FAT_SHIFT[s.field_strength] / a.pixel_bandwidth
    s.choose(k.SHIFT_MODE, "USER_DEF", k.SHIFT, shift)
    s.result(k.ACTUAL_SHIFT, f"{shift:.3f} / {a.pixel_bandwidth:.1f}")


def _half_scan(scan: ScanValues) -> float | None:
    mode = scan.word(k.HALF_SCAN)
    if mode == "NO":
        return 1.0
    if mode == "YES":
        return scan.number(k.HALF_SCAN_FACTOR)
    shown = scan.number(k.HALF_SCAN_SHOWN)
    if mode == "DEFAULT" and shown is None:
        scan.missing("partial_fourier_phase", "the scanner chooses (DEFAULT)")
    return shown


def _half_scan_slice(scan: ScanValues) -> float | None:
    stated = scan.number(k.HALF_SCAN_SLICE)
    if scan.values.get(k.HALF_SCAN) == "NO":
        return 1.0
    if scan.values.get(k.HALF_SCAN) == "YES" and stated is not None:
        return stated
    return None


def _set_half_scan(a: Acquisition, s: Settings) -> None:
    phase, slices = a.partial_fourier_phase, a.partial_fourier_slice
    if phase is None and (slices is None or not s.is_3d):
        return
    if (phase or 1) == 1 and ((slices or 1) == 1 or not s.is_3d):
        s.turn(k.HALF_SCAN, "NO")
        s.drop(k.HALF_SCAN_SLICE)
    else:
        s.choose(k.HALF_SCAN, "YES", k.HALF_SCAN_FACTOR, phase or 1.0)
        if s.is_3d:
            s.set(k.HALF_SCAN_SLICE, slices or 1.0)
    if k.HALF_SCAN_SHOWN in s.current:
        s.set(k.HALF_SCAN_SHOWN, phase or 1.0)


def _sense(scan: ScanValues) -> tuple[float | None, float | None]:
    if k.ACCELERATION in scan.values:
        known = scan.word(k.ACCELERATION) is not None
        return (1.0, 1.0) if known else (None, None)
    mode = scan.word(k.SENSE)
    if mode == "YES":
        return scan.number(k.SENSE_PHASE), scan.number(k.SENSE_SLICE) or 1.0
    return (1.0, 1.0) if mode == "NO" else (None, None)


def _set_sense(a: Acquisition, s: Settings) -> None:
    phase, slices = a.parallel_reduction_factor_in_plane, a.parallel_reduction_factor_out_of_plane
    if (phase is None and slices is None) or k.SENSE not in s.current:
        return
    if max(phase or 1, slices or 1) <= 1 or s.now(k.COMPRESSED) == "YES":
        s.turn(k.SENSE, "NO")
    elif s.turn(k.SENSE, "YES"):
        s.set(k.SENSE_PHASE, phase or 1.0)
        if s.is_3d:
            s.set(k.SENSE_SLICE, slices or 1.0)


def _compressed(scan: ScanValues) -> float | None:
    if k.ACCELERATION in scan.values:
        mode = scan.word(k.ACCELERATION)
        return {"NO": 1.0, None: None}.get(mode, scan.number(k.COMPRESSED_FACTOR))
    return scan.number(k.COMPRESSED_FACTOR) if scan.values.get(k.COMPRESSED) == "YES" else 1.0


def _set_acceleration(a: Acquisition, s: Settings) -> None:
    if a.number_of_averages is not None:
        s.set(k.AVERAGES, a.number_of_averages)
    if k.ACCELERATION in s.current:
        _set_method(a, s)
    else:
        _set_compressed(a, s)
        _set_sense(a, s)
    if a.multiband_factor is not None and s.fast_mode == "EPI":
        set_multiband(a.multiband_factor, s)


def _set_compressed(a: Acquisition, s: Settings) -> None:
    """Compressed SENSE and SENSE exclude each other: what the spec states wins over what the donor has."""
    factor = a.compressed_sensing_factor
    if factor is None and a.parallel_reduction_factor_in_plane is None:
        return
    if (factor or 1) <= 1:
        s.turn(k.COMPRESSED, "NO")
    elif s.turn(k.COMPRESSED, "YES"):
        s.set(k.COMPRESSED_FACTOR, factor)


def _set_method(a: Acquisition, s: Settings) -> None:
    """R11.1 has one switch; its number for SENSE was never seen: compressed SENSE has the same factor."""
    stated = a.parallel_reduction_factor_in_plane, a.parallel_reduction_factor_out_of_plane
    factor = a.compressed_sensing_factor
    if factor is None and stated == (None, None):
        return
    wanted = factor if factor and factor > 1 else (stated[0] or 1) * (stated[1] or 1)
    if wanted <= 1:
        s.turn(k.ACCELERATION, "NO")
        return
    if (factor or 1) <= 1:
        text = "no R11.1 scan with SENSE is known: compressed SENSE of the same factor is in its place"
        s.reasons.why("parallel_reduction_factor_in_plane", text)
        s.reasons.why("parallel_reduction_factor_out_of_plane", text)
        s.reasons.why("compressed_sensing_factor", text)
    if s.current.get(k.ACCELERATION) in ("CS", "CS_AI") or s.turn(k.ACCELERATION, "CS"):
        s.set(k.COMPRESSED_FACTOR, wanted)


def set_multiband(factor: int, s: Settings) -> None:
    """Set the multiband factor; every scan with one uses SENSE too (8 of 8)."""
    if factor <= 1:
        s.turn(k.MULTIBAND, "NO")
    elif s.turn(k.MULTIBAND, "YES"):
        s.set(k.MULTIBAND_FACTOR, factor)
        if s.now(k.SENSE) == "NO" and s.turn(k.SENSE, "YES"):
            s.set(k.SENSE_PHASE, 1.0)


def _multiband(scan: ScanValues) -> int | None:
    # The switch exists for multi-slice EPI only: without it no scan is multiband.
    if k.MULTIBAND not in scan.values:
        return 1
    mode = scan.word(k.MULTIBAND)
    factor = scan.number(k.MULTIBAND_FACTOR)
    if mode == "YES":
        return int(factor) if factor else None
    return 1 if mode == "NO" else None


def _elliptical(scan: ScanValues) -> bool | None:
    """The share of sampled profiles gives the circular shutter away."""
    if scan.values.get(k.SHUTTER) == "NO":
        return False
    sampled, full = scan.number(k.SAMPLED_PERCENT), scan.number(k.SCAN_PERCENT)
    if not sampled or not full:
        return None
    share = sampled / full
    if abs(share - SHUTTER_SHARE) < 0.005:
        return True
    return False if abs(share - 1.0) < 0.02 else None
