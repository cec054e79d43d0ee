"""Bandwidth, acceleration, preparation and synchronisation of a scan."""

from __future__ import annotations

import math
from typing import Any

from generator.vendors.philips import keys as k
from generator.vendors.philips.derive import Scan

# Fat-water shift in Hz: pixels of shift times bandwidth per pixel (measured; format notes, section 8).
FAT_SHIFT = {3.0: 434.37, 1.5: 217.23}
READOUTS = {"CARTESIAN": "cartesian", "RADIAL": "radial", "SPIRAL": "spiral", "PROPELLER": "propeller"}
FAT = {"NO": "none", "SPIR": "spir", "SPAIR": "spair", "PROSET": "water_excitation"}
MAPS = {"MODULUS": "magnitude", "PHASE": "phase"}
# A circular k-space shutter leaves this share of the profiles.
SHUTTER_SHARE = math.pi / 4


def bandwidth(scan: Scan) -> float | None:
    """Full bandwidth per pixel in readout."""
    if scan.values.get(k.FAST_MODE) in ("EPI", "GRASE", "TFE_EPI"):
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


def sampling(scan: Scan) -> dict[str, Any]:
    """Averages, partial Fourier, acceleration, elliptical scanning and oversampling."""
    is_3d = scan.values.get(k.SCAN_MODE) == "3D"
    averages = scan.number(k.AVERAGES)
    sense, sense_slice = _sense(scan)
    return {
        "number_of_averages": averages if averages and averages > 0 else None,
        "partial_fourier_phase": _half_scan(scan),
        "partial_fourier_slice": _half_scan_slice(scan) if is_3d else None,
        "parallel_reduction_factor_in_plane": sense,
        "parallel_reduction_factor_out_of_plane": sense_slice,
        "compressed_sensing_factor": _compressed(scan),
        # SENSE takes its coil sensitivities from a scan of its own, the SENSE reference scan.
        "reference_scan": "separate" if scan.values.get(k.SENSE) == "YES" else None,
        "multiband_factor": _multiband(scan),
        "elliptical_scanning": _elliptical(scan) if is_3d else None,
        "phase_oversampling": _phase_oversampling(scan),
        "slice_oversampling": _slice_oversampling(scan) if is_3d else None,
    }


def _half_scan(scan: Scan) -> float | None:
    mode = scan.word(k.HALF_SCAN)
    if mode == "NO":
        return 1.0
    if mode == "YES":
        return scan.number(k.HALF_SCAN_FACTOR)
    shown = scan.number(k.HALF_SCAN_SHOWN)
    if mode == "DEFAULT" and shown is None:
        scan.missing("partial_fourier_phase", "the scanner chooses (DEFAULT)")
    return shown


def _half_scan_slice(scan: Scan) -> float | None:
    stated = scan.number(k.HALF_SCAN_SLICE)
    if scan.values.get(k.HALF_SCAN) == "NO":
        return 1.0
    if scan.values.get(k.HALF_SCAN) == "YES" and stated is not None:
        return stated
    return None


def _sense(scan: Scan) -> tuple[float | None, float | None]:
    if k.ACCELERATION in scan.values:
        known = scan.word(k.ACCELERATION) is not None
        return (1.0, 1.0) if known else (None, None)
    mode = scan.word(k.SENSE)
    if mode == "YES":
        return scan.number(k.SENSE_PHASE), scan.number(k.SENSE_SLICE) or 1.0
    return (1.0, 1.0) if mode == "NO" else (None, None)


def _compressed(scan: Scan) -> float | None:
    if k.ACCELERATION in scan.values:
        mode = scan.word(k.ACCELERATION)
        return {"NO": 1.0, None: None}.get(mode, scan.number(k.COMPRESSED_FACTOR))
    return scan.number(k.COMPRESSED_FACTOR) if scan.values.get(k.COMPRESSED) == "YES" else 1.0


def _multiband(scan: Scan) -> int | None:
    # The switch exists for multi-slice EPI only: without it no scan is multiband.
    if k.MULTIBAND not in scan.values:
        return 1
    mode = scan.word(k.MULTIBAND)
    factor = scan.number(k.MULTIBAND_FACTOR)
    if mode == "YES":
        return int(factor) if factor else None
    return 1 if mode == "NO" else None


def _elliptical(scan: Scan) -> bool | None:
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


def _phase_oversampling(scan: Scan) -> float | None:
    mode = scan.values.get(k.FOLDOVER, scan.values.get(k.FOLDOVER_OLD))
    if mode == "NO":
        return 0.0
    sides = scan.number(k.FOLDOVER_POSITIVE), scan.number(k.FOLDOVER_NEGATIVE)
    fov = scan.number(k.FOV_PHASE)
    if mode == "USER_DEF" and fov and sides[0] is not None and sides[1] is not None:
        return float(f"{(sides[0] + sides[1]) / fov:.6g}")
    scan.missing("phase_oversampling", f"fold-over suppression is {mode}, its area is not stated")
    return None


def _slice_oversampling(scan: Scan) -> float | None:
    mode = scan.values.get(k.SLICE_OVERSAMPLING)
    factor = scan.number(k.SLICE_OVERSAMPLING_FACTOR)
    if mode == "USER_DEF" and factor is not None and factor >= 1:
        return float(f"{factor - 1:.6g}")
    scan.missing("slice_oversampling", f"the scanner chooses ({mode})")
    return None


def preparation(scan: Scan) -> dict[str, Any]:
    """Fat suppression, magnetization transfer, gating, dynamics, images."""
    transfer = scan.word(k.TRANSFER)
    return {
        "fat_suppression": _fat(scan),
        "magnetization_transfer": None if transfer is None else transfer != "NO",
        "saturation_bands": _at_least(scan.number(k.SATURATION_BANDS), 0),
        "gating": _gating(scan),
        "rr_intervals": _beats(scan),
        "number_of_temporal_positions": _dynamics(scan),
        "number_of_volumes_discarded_by_scanner": _dummies(scan),
        "output_maps": _images(scan),
        "readout": READOUTS.get(scan.word(k.TRAJECTORY) or ""),
    }


def _fat(scan: Scan) -> str | None:
    if scan.values.get(k.DIXON) not in (None, "NO"):
        return "dixon" if scan.word(k.DIXON) is not None else None
    return FAT.get(scan.word(k.FAT) or "")


def _gating(scan: Scan) -> str | None:
    heart, breath, navigator = scan.word(k.HEART), scan.word(k.BREATH), scan.values.get(k.NAVIGATOR, "OFF")
    if heart not in (None, "NO"):
        return "cardiac"
    if breath in ("TRIG", "GATE") or (isinstance(navigator, str) and navigator != "OFF"):
        return "respiratory"
    if breath in ("HOLD", "PEAR"):
        scan.note("gating", "breath", f"{k.BREATH} is {breath}: not gated")
    return None if heart is None or breath is None else "none"


def _dynamics(scan: Scan) -> int | None:
    mode = scan.word(k.DYNAMIC)
    if mode == "NO":
        return 1
    count = scan.number(k.DYNAMICS)
    return int(count) if mode is not None and count and count >= 1 else None


def _dummies(scan: Scan) -> int | None:
    """Dynamics without an image; the number counts only where there are dynamics."""
    if scan.values.get(k.DYNAMIC) in (None, "NO"):
        return None
    return _at_least(scan.number(k.DUMMIES), 0)


def _beats(scan: Scan) -> int | None:
    if scan.values.get(k.HEART) in (None, "NO"):
        return None
    return _at_least(scan.number(k.HEART_BEATS), 1)


def _at_least(count: float | None, least: int) -> int | None:
    return int(count) if count is not None and count >= least else None


def _images(scan: Scan) -> tuple[str, ...] | None:
    value = scan.values.get(k.IMAGES)
    kinds = value if isinstance(value, tuple) else (value,)
    maps = [MAPS[kind] for kind in kinds if kind in MAPS]
    if scan.values.get(k.SUSCEPTIBILITY) == "YES":
        maps.append("swi")
    return tuple(dict.fromkeys(maps)) or None
