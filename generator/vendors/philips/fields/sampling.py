"""What is sampled when: times, angles, echo train, bandwidth, averages, acceleration, partial Fourier."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from generator.model.tree import Acquisition
from generator.vendors.philips import facts as k
from generator.vendors.philips.fields.scan import ScanValues, Settings

# Where each technique keeps its TR: the choice, the value, the upper limit of a range.
TR_KEYS = {"SE": (k.SE_TR_MODE, k.SE_TR), "IR": (k.IR_TR_MODE, k.IR_TR), "FFE": (k.FFE_TR_MODE, k.FFE_TR)}
MAX_TR = {k.SE_TR: k.SE_TR_MAX, k.IR_TR: k.IR_TR_MAX, k.FFE_TR: k.FFE_TR}
# Chosen and computed length of the train, by fast imaging mode.
FACTORS = {
    "TSE": (k.TSE_FACTOR, k.TSE_FACTOR_SHOWN),
    "GRASE": (k.TSE_FACTOR, k.TSE_FACTOR_SHOWN),
    "TFE": (k.TFE_FACTOR, k.TFE_FACTOR_SHOWN),
    "TFE_EPI": (k.TFE_FACTOR, k.TFE_FACTOR_SHOWN),
    "EPI": (k.EPI_FACTOR, k.EPI_FACTOR_SHOWN),
}
# A TR of a turbo field echo longer than this is the cycle from inversion to inversion, as others show it.
_LONGEST_EXCITATION = 100.0
# Fat-water shift in Hz: pixels of shift times bandwidth per pixel (measured; format notes, section 8).
FAT_SHIFT = {3.0: 434.37, 1.5: 217.23}
# A circular k-space shutter leaves this share of the profiles.
SHUTTER_SHARE = math.pi / 4
_SENSE_FACTORS = "parallel_reduction_factor_in_plane", "parallel_reduction_factor_out_of_plane"


def read(scan: ScanValues) -> dict[str, Any]:
    """Read times and angles, bandwidth, averages, partial Fourier and acceleration."""
    averages = scan.number(k.AVERAGES)
    return {
        **times(scan),
        **dict(zip(_SENSE_FACTORS, _sense(scan), strict=True)),
        "pixel_bandwidth": bandwidth(scan),
        "number_of_averages": averages if averages and averages > 0 else None,
        "partial_fourier_phase": _half_scan(scan),
        "partial_fourier_slice": _half_scan_slice(scan) if scan.is_3d else None,
        "compressed_sensing_factor": _compressed(scan),
        # SENSE takes its coil sensitivities from a scan of its own, the SENSE reference scan.
        "reference_scan": "separate" if scan.values.get(k.SENSE) == "YES" else None,
        "multiband_factor": _multiband(scan),
        "elliptical_scanning": _elliptical(scan) if scan.is_3d else None,
    }


def times(scan: ScanValues) -> dict[str, Any]:
    """Read every time and angle, and the echo train."""
    return {
        "repetition_time": repetition_time(scan),
        "echo_times": echo_times(scan),
        "inversion_time": inversion_time(scan),
        "refocusing_flip_angle": refocusing(scan),
        **echo_train(scan),
    }


def write(a: Acquisition, s: Settings) -> None:
    """Set times, angles, train, bandwidth, averages, acceleration and partial Fourier."""
    _set_repetition(a, s)
    _set_echoes(a, s)
    _set_inversion(a, s)
    _set_angles(a, s)
    _set_train(a, s)
    _show_times(a, s)
    _set_bandwidth(a, s)
    _set_acceleration(a, s)
    _set_half_scan(a, s)
    _set_elliptical(a, s)


# --- times, angles and the echo train -------------------------------------------------------------------


def repetition_time(scan: ScanValues) -> float | None:
    """TR as the console shows it: for a turbo field echo the time between excitations."""
    mode, value = _tr_keys(scan)
    chosen = scan.values.get(mode)
    if chosen == "USER_DEF" and (stated := scan.number(value)) is not None:
        return stated
    if actual := scan.numbers(k.ACTUAL_TIMES):
        return actual[0]
    if chosen == "BETWEEN":
        limits = f"{scan.number(value)} to {scan.number(MAX_TR[value])} ms"
        scan.missing("repetition_time", f"a range, {limits}, and no computed value")
    elif (beats := scan.number(k.HEART_BEATS)) is not None:
        scan.missing("repetition_time", f"{beats} heart beats, and no computed value")
    else:
        scan.missing("repetition_time", f"the scanner chooses ({chosen}), and no computed value")
    return None


def _tr_keys(scan: ScanValues) -> tuple[k.Key, k.Key]:
    """Switch and value of the TR: of the sequence, else (spectroscopy) the only ones that are there."""
    known = TR_KEYS.get(str(scan.sequence))
    there = [pair for pair in TR_KEYS.values() if pair[0] in scan.values]
    return known or (there[0] if len(there) == 1 else TR_KEYS["FFE"])


def _set_repetition(a: Acquisition, s: Settings) -> None:
    shown, interval = a.repetition_time, a.repetition_time_preparation
    if s.fast_mode == "TFE":
        is_cycle = shown is not None and shown > _LONGEST_EXCITATION
        interval = interval or (shown if is_cycle else None)
        shown = a.repetition_time_excitation or (None if is_cycle else shown)
        if interval is not None:
            s.choose(k.SHOT_INTERVAL_MODE, "USER_DEF", k.SHOT_INTERVAL, interval)
    elif s.sequence == "IR":
        shown = shown or interval
    mode, value = TR_KEYS.get(s.sequence, TR_KEYS["FFE"])
    if shown is not None:
        s.choose(mode, "USER_DEF", value, shown)
        if (limit := MAX_TR[value]) != value and limit in s.current:
            s.drop(limit)


def _shot_interval(scan: ScanValues) -> float | None:
    if scan.values.get(k.SHOT_INTERVAL_MODE) == "USER_DEF":
        return scan.number(k.SHOT_INTERVAL)
    return scan.number(k.ACTUAL_SHOT_INTERVAL)


def echo_times(scan: ScanValues) -> tuple[float, ...] | None:
    """TE of every recorded echo."""
    first = _first_echo(scan)
    count = int(scan.number(k.ECHOES) or 1)
    if first is None or count <= 1:
        return None if first is None else (first,)
    step = _echo_step(scan, first, count)
    if step is None or count > 256:
        scan.missing(
            "echo_times", f"{count} echoes, the first at {first:g} ms; the file does not say the others"
        )
        return None
    return tuple(float(f"{first + index * step:.7g}") for index in range(count))


def _first_echo(scan: ScanValues) -> float | None:
    mode = scan.values.get(k.TE_MODE)
    stated = scan.number(k.TE)
    if mode in ("USER_DEF", "INPHASE", "OUTPHASE") and stated is not None:
        return stated
    shown = scan.numbers(k.ACTUAL_SE_TE)
    if shown:
        return shown[0]
    actual = scan.numbers(k.ACTUAL_TIMES)
    if _shows_echo_time(scan) and len(actual) > 1:
        return actual[1]
    scan.missing("echo_times", f"the scanner chooses ({mode}), and no computed value")
    return None


def _shows_echo_time(scan: ScanValues) -> bool:
    """Whether the second of the actual times is a TE: of a field echo and of a spectrum without inversion."""
    sequence = scan.sequence
    return sequence == "FFE" or (scan.values.get(k.SCAN_TYPE) == "SPECTRO" and sequence not in ("IR", "FID"))


def _echo_step(scan: ScanValues, first: float, count: int) -> float | None:
    """Time between echoes: two of them have a second echo time, more have a step."""
    if count == 2:
        second = _second_echo(scan, first)
        return None if second is None else second - first
    if scan.values.get(k.ECHO_STEP_MODE) == "USER_DEF" and (step := scan.number(k.ECHO_STEP)) is not None:
        return step
    actual = scan.numbers(k.ACTUAL_TIMES)
    # TR, first TE and step: only a field echo is known to show these three.
    return actual[2] if len(actual) > 2 and scan.sequence == "FFE" else None


def _second_echo(scan: ScanValues, first: float) -> float | None:
    """Second of two echoes: of ``20 / 2.3 / 4.6`` the third number (beside a stated 4.6), no step."""
    mode, stated = scan.values.get(k.SECOND_TE_MODE), scan.number(k.SECOND_TE)
    actual = scan.numbers(k.ACTUAL_TIMES)
    shown = actual[2] if len(actual) > 2 and scan.sequence == "FFE" else None
    if stated is None or (mode not in (None, "USER_DEF", "INPHASE", "OUTPHASE") and shown is not None):
        stated = shown
    return stated if stated is not None and stated > first else None


def _set_echoes(a: Acquisition, s: Settings) -> None:
    if not a.echo_times:
        return
    times = a.echo_times
    if not s.is_template and echo_class(len(times)) != echo_class(echoes(s.current)):
        return
    s.choose(k.TE_MODE, "USER_DEF", k.TE, times[0])
    s.set(k.ECHOES, len(times))
    if len(times) == 2:
        if k.SECOND_TE_MODE in s.current or (s.is_template and s.sequence == "FFE"):
            s.choose(k.SECOND_TE_MODE, "USER_DEF", k.SECOND_TE, times[1])
        elif k.SECOND_TE in s.current or s.is_template:
            s.set(k.SECOND_TE, times[1])
    elif len(times) > 1:
        s.choose(k.ECHO_STEP_MODE, "USER_DEF", k.ECHO_STEP, times[1] - times[0])


def echo_class(count: int) -> int:
    """One, two or more echoes: each has a set of records of its own, so only a template changes it."""
    return min(count, 3)


def echoes(values: Mapping[str, Any]) -> int:
    """Return the number of echoes of a scan."""
    count = values.get(k.ECHOES)
    return count if isinstance(count, int) and count > 0 else 1


def inversion_time(scan: ScanValues) -> float | None:
    """TI of an inversion recovery or of the inversion prepulse of a turbo field echo."""
    if scan.sequence == "IR":
        return _single(scan, scan.number(k.TI))
    if scan.fast_mode != "TFE":
        return None
    prepulse = scan.word(k.PREPULSE)
    if prepulse != "INV":
        return None
    if scan.values.get(k.PREPULSE_DELAY_MODE) == "USER_DEF":
        return _single(scan, scan.number(k.PREPULSE_DELAY))
    scan.missing("inversion_time", f"the scanner chooses ({scan.values.get(k.PREPULSE_DELAY_MODE)})")
    return None


def inverts_twice(values: Mapping[str, Any]) -> bool:
    """Whether a scan has a second inversion, as a DIR and an MP2RAGE have."""
    if values.get(k.SEQUENCE) == "IR":
        second = values.get(k.SECOND_INVERSION, values.get(k.SECOND_INVERSION_OLD))
    else:
        second = values.get(k.MP2RAGE) if values.get(k.FAST_MODE) == "TFE" else None
    return second not in (None, "NO")


def _single(scan: ScanValues, delay: float | None) -> float | None:
    """Pass on the delay of the only inversion; of two, the file does not say which one it belongs to."""
    if not inverts_twice(scan.values):
        return delay
    scan.missing(
        "inversion_time", f"two inversions; which one the delay of {delay} ms belongs to is not proved"
    )
    scan.missing("second_inversion_time", "no parameter for the second of two inversions is known")
    return None


def _set_inversion(a: Acquisition, s: Settings) -> None:
    if a.second_inversion_time is not None or inverts_twice(s.current):
        # Which delay belongs to which inversion is not proved: set the switch of a template, never a time.
        if s.is_template and s.sequence == "IR":
            s.set(k.SECOND_INVERSION, "YES")
            s.drop(k.TI)
        elif s.is_template and s.fast_mode == "TFE":
            s.set(k.PREPULSE, "INV")
            s.set(k.MP2RAGE, "YES")
        return
    if s.sequence == "IR" and a.inversion_time is not None:
        s.set(k.TI, a.inversion_time)
    elif s.fast_mode == "TFE" and a.inversion_time is not None:
        if s.is_template:
            s.set(k.PREPULSE, "INV")
        s.choose(k.PREPULSE_DELAY_MODE, "USER_DEF", k.PREPULSE_DELAY, a.inversion_time)


def refocusing(scan: ScanValues) -> float | None:
    """Nominal refocusing angle of a spin-echo train."""
    if scan.fast_mode not in ("TSE", "GRASE"):
        return None
    return scan.number(k.REFOCUSING_ANGLE) if scan.word(k.REFOCUSING) not in (None, "NO") else None


def _set_angles(a: Acquisition, s: Settings) -> None:
    if a.refocusing_flip_angle is not None and s.fast_mode == "TSE":
        s.choose(k.REFOCUSING, "YES", k.REFOCUSING_ANGLE, a.refocusing_flip_angle)


def echo_train(scan: ScanValues) -> dict[str, Any]:
    """Length, spacing and duration of the echo train, the shots and the time between them."""
    fast = scan.fast_mode
    # The computed length is the one that is measured.
    lengths = map(scan.number, reversed(FACTORS.get(str(fast), ())))
    found: dict[str, Any] = {"echo_train_length": next((int(n) for n in lengths if n and n >= 1), None)}
    if fast == "TSE" and len(times := scan.numbers(k.TSE_SPACING)) == 2:
        found["echo_spacing"], found["echo_train_duration"] = times
    if fast == "TFE" and len(times := scan.numbers(k.TFE_DURATION)) == 2:
        found["echo_train_duration"] = times[1]
    if fast in ("TFE", "TSE", "EPI", "TFE_EPI"):
        found["number_of_shots"] = _shots(scan)
    if fast in ("TFE", "TFE_EPI"):
        found["repetition_time_preparation"] = _shot_interval(scan)
    return found


def _shots(scan: ScanValues) -> int | None:
    shown = scan.number(k.TFE_SHOTS)
    if scan.fast_mode == "TFE" and shown is not None and shown >= 1:
        return int(shown)
    # Single-shot in 3D is a shot a partition: how many follows from partitions and factor.
    is_flat = not scan.is_3d or scan.fast_mode == "EPI"
    return 1 if scan.word(k.SHOT_MODE) == "SSH" and is_flat else None


def _set_train(a: Acquisition, s: Settings) -> None:
    single = a.number_of_shots == 1 if s.is_template else s.current.get(k.SHOT_MODE) == "SSH"
    if s.is_template and s.fast_mode in FACTORS and s.current.get(k.SHOT_MODE) != "SSH":
        s.set(k.SHOT_MODE, "SSH" if single else "MSH")
    if a.echo_train_length is not None and (factors := FACTORS.get(s.fast_mode)):
        chosen, shown = factors
        if s.now(k.SHOT_MODE) != "SSH":
            s.set(chosen, a.echo_train_length)
        elif s.is_template:
            s.set(shown, a.echo_train_length)
    if s.is_template and s.fast_mode == "TFE" and a.number_of_shots is not None and not single:
        s.set(k.TFE_SHOTS, a.number_of_shots)


def _show_times(a: Acquisition, s: Settings) -> None:
    """Keep the text of the actual times in step: TR / TE / step, TR / TI, or TR alone."""
    old = str(s.current.get(k.ACTUAL_TIMES, "")).split(" / ")
    mode, value = TR_KEYS.get(s.sequence, TR_KEYS["FFE"])
    repetition = f"{s.now(value):.6g}" if s.now(mode) == "USER_DEF" and s.now(value) else old[0]
    if not repetition:
        return
    parts = [repetition]
    if s.sequence == "FFE":
        parts += [f"{s.now(k.TE):.6g}"] if s.now(k.TE) else old[1:2]
        last = s.now(k.SECOND_TE) if s.now(k.ECHOES) == 2 else s.now(k.ECHO_STEP)
        parts += [f"{last:.6g}"] if last else []
    elif s.sequence == "IR" and s.now(k.TI):
        parts.append(f"{s.now(k.TI):.6g}")
    s.result(k.ACTUAL_TIMES, " / ".join(parts))
    if s.sequence in ("SE", "IR") and a.echo_times:
        s.result(k.ACTUAL_SE_TE, f"{a.echo_times[0]:.6g}")


def clock(seconds: float) -> str:
    """Write a time as the info page does: ``MM:SS.s``."""
    tenths = round(seconds * 10)
    return f"{tenths // 600:02d}:{tenths // 10 % 60:02d}.{tenths % 10}"


# --- bandwidth, averages and acceleration ---------------------------------------------------------------


def bandwidth(scan: ScanValues) -> float | None:
    """Full bandwidth per pixel in readout."""
    if scan.fast_mode in ("EPI", "GRASE", "TFE_EPI"):
        if shown := scan.numbers(k.EPI_BANDWIDTH):
            return shown[0] or None
        scan.missing("pixel_bandwidth", "the water-fat shift of an EPI is that of the phase direction")
        return None
    if len(shown := scan.numbers(k.ACTUAL_SHIFT)) == 2 and shown[1] > 0:
        return shown[1]
    mode = scan.values.get(k.SHIFT_MODE)
    shift = scan.number(k.SHIFT) if mode == "USER_DEF" else None
    constant = FAT_SHIFT.get(scan.field_strength or 0.0)
    if shift and constant and shift > 0:
        return round(constant / shift, 1)
    scan.missing("pixel_bandwidth", f"the scanner chooses ({mode}), and no computed value")
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
        for name in (*_SENSE_FACTORS, "compressed_sensing_factor"):
            s.reasons.why(name, text)
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


def _set_elliptical(a: Acquisition, s: Settings) -> None:
    if a.elliptical_scanning is None or not s.is_3d:
        return
    share = SHUTTER_SHARE if a.elliptical_scanning else 1.0
    s.set(k.SHUTTER, "DEFAULT" if a.elliptical_scanning else "NO")
    s.set(k.SAMPLED_PERCENT, float(s.now(k.SCAN_PERCENT) or 100.0) * share)
