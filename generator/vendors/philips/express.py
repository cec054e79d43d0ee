"""A neutral acquisition as parameters: the values a scan is to have, dependent ones included.

What cannot be said is not decided here: the finished block is read back with the reader's own eyes, and every
field that comes back different is a loss (see :mod:`generator.vendors.philips.losses`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from generator.model.tree import Acquisition
from generator.vendors.philips import express_geometry
from generator.vendors.philips import keys as k
from generator.vendors.philips.sampling import FAT, FAT_SHIFT, MAPS, SHUTTER_SHARE
from generator.vendors.philips.settings import Settings
from generator.vendors.philips.times import FACTORS, MAX_TR, TR_KEYS, inverts_twice

# A TR of a turbo field echo longer than this is the cycle from inversion to inversion, as others show it.
_LONGEST_EXCITATION = 100.0
FAT_TEXTS = {neutral: text for text, neutral in FAT.items()} | {"fat_saturation": "SPIR", "stir": "NO"}
IMAGE_TEXTS = {neutral: text for text, neutral in MAPS.items()}
GATING_TEXTS = {"none": ("NO", "NO"), "cardiac": ("TRIG", "NO"), "respiratory": ("NO", "TRIG")}
DIRECTION_TEXTS = {int(text[3:]): text for text in k.DIRECTIONS.texts if text.startswith("OPT")}


def express(acquisition: Acquisition, settings: Settings, duration: float | None) -> None:
    """Fill the settings of a scan with everything the acquisition states.

    Parameters
    ----------
    acquisition : Acquisition
    settings : Settings
        Holds what the scan is now; receives what it is to be.
    duration : float or None
        Seconds to show as the time of the scan.
    """
    express_geometry.express(acquisition, settings)
    _repetition(acquisition, settings)
    _echoes(acquisition, settings)
    _inversion(acquisition, settings)
    _angles(acquisition, settings)
    _train(acquisition, settings)
    _bandwidth(acquisition, settings)
    _acceleration(acquisition, settings)
    _half_scan(acquisition, settings)
    _preparation(acquisition, settings)
    _diffusion(acquisition, settings)
    _dynamics(acquisition, settings)
    _shown_times(acquisition, settings)
    if duration is not None:
        settings.result(k.SCAN_TIME, clock(duration))


def clock(seconds: float) -> str:
    """Write a time as the info page does: ``MM:SS.s``."""
    tenths = round(seconds * 10)
    return f"{tenths // 600:02d}:{tenths // 10 % 60:02d}.{tenths % 10}"


def _repetition(a: Acquisition, s: Settings) -> None:
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


def _echoes(a: Acquisition, s: Settings) -> None:
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
    elif len(times) > 2:
        s.choose(k.ECHO_STEP_MODE, "USER_DEF", k.ECHO_STEP, times[1] - times[0])


def echo_class(count: int) -> int:
    """One, two or more echoes: each has a set of records of its own, so only a template changes it."""
    return min(count, 3)


def echoes(values: Mapping[str, Any]) -> int:
    """Return the number of echoes of a scan."""
    count = values.get(k.ECHOES)
    return count if isinstance(count, int) and count > 0 else 1


def _inversion(a: Acquisition, s: Settings) -> None:
    if a.second_inversion_time is not None or inverts_twice(s.current):
        # Which delay belongs to which inversion is not proved: set the switch of a template, never a time.
        if s.is_template:
            if s.sequence == "IR":
                s.set(k.SECOND_INVERSION, "YES")
                s.drop(k.TI)
            elif s.fast_mode == "TFE":
                s.set(k.PREPULSE, "INV")
                s.set(k.MP2RAGE, "YES")
        return
    if s.sequence == "IR" and a.inversion_time is not None:
        s.set(k.TI, a.inversion_time)
    elif s.fast_mode == "TFE" and a.inversion_time is not None:
        if s.is_template:
            s.set(k.PREPULSE, "INV")
        s.choose(k.PREPULSE_DELAY_MODE, "USER_DEF", k.PREPULSE_DELAY, a.inversion_time)


def _angles(a: Acquisition, s: Settings) -> None:
    if a.flip_angle is not None:
        s.set(k.FLIP, a.flip_angle)
    if a.refocusing_flip_angle is not None and s.fast_mode == "TSE":
        s.choose(k.REFOCUSING, "YES", k.REFOCUSING_ANGLE, a.refocusing_flip_angle)


def _train(a: Acquisition, s: Settings) -> None:
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


def _bandwidth(a: Acquisition, s: Settings) -> None:
    if a.pixel_bandwidth is None:
        return
    if s.fast_mode == "EPI":
        if s.is_template:
            s.set(k.EPI_BANDWIDTH, f"{a.pixel_bandwidth:.1f}")
        return
    shift = FAT_SHIFT[s.field_strength] / a.pixel_bandwidth
    s.choose(k.SHIFT_MODE, "USER_DEF", k.SHIFT, shift)
    s.result(k.ACTUAL_SHIFT, f"{shift:.3f} / {a.pixel_bandwidth:.1f}")


def _acceleration(a: Acquisition, s: Settings) -> None:
    if a.number_of_averages is not None:
        s.set(k.AVERAGES, a.number_of_averages)
    compressed = (a.compressed_sensing_factor or 1) > 1
    if a.compressed_sensing_factor is not None and (s.is_template or s.current.get(k.COMPRESSED) == "YES"):
        if compressed:
            s.choose(k.COMPRESSED, "YES", k.COMPRESSED_FACTOR, a.compressed_sensing_factor)
        elif s.is_template:
            s.set(k.COMPRESSED, "NO")
    if s.current.get(k.ACCELERATION) in ("CS", "CS_AI") and compressed:
        s.set(k.COMPRESSED_FACTOR, a.compressed_sensing_factor)
    _sense(a, s, compressed)
    may_band = s.fast_mode == "EPI" and (s.is_template or s.current.get(k.MULTIBAND) == "YES")
    if may_band and (a.multiband_factor or 1) > 1:
        s.choose(k.MULTIBAND, "YES", k.MULTIBAND_FACTOR, a.multiband_factor)


def _sense(a: Acquisition, s: Settings, compressed: bool) -> None:
    phase, slices = a.parallel_reduction_factor_in_plane, a.parallel_reduction_factor_out_of_plane
    if (phase is None and slices is None) or k.SENSE not in s.current:
        return
    # SENSE and compressed SENSE exclude each other, and a donor keeps the one it has.
    if s.current.get(k.COMPRESSED) == "YES" or (compressed and s.is_template):
        return
    if max(phase or 1, slices or 1) > 1:
        s.choose(k.SENSE, "YES", k.SENSE_PHASE, phase or 1.0)
        if s.is_3d:
            s.set(k.SENSE_SLICE, slices or 1.0)
    elif not compressed:
        s.set(k.SENSE, "NO")
        s.drop(k.SENSE_PHASE, k.SENSE_SLICE)


def _half_scan(a: Acquisition, s: Settings) -> None:
    phase, slices = a.partial_fourier_phase, a.partial_fourier_slice
    if phase is None and (slices is None or not s.is_3d):
        return
    if (phase or 1) == 1 and ((slices or 1) == 1 or not s.is_3d):
        s.set(k.HALF_SCAN, "NO")
        s.drop(k.HALF_SCAN_FACTOR, k.HALF_SCAN_SLICE)
    else:
        s.choose(k.HALF_SCAN, "YES", k.HALF_SCAN_FACTOR, phase or 1.0)
        if s.is_3d:
            s.set(k.HALF_SCAN_SLICE, slices or 1.0)
    if k.HALF_SCAN_SHOWN in s.current:
        s.set(k.HALF_SCAN_SHOWN, phase or 1.0)


def _preparation(a: Acquisition, s: Settings) -> None:
    _fat(a, s)
    if a.magnetization_transfer is not None and s.is_template:
        s.set(k.TRANSFER, "OFF_RES" if a.magnetization_transfer else "NO")
    if a.gating is not None and s.is_template:
        heart, breath = GATING_TEXTS[a.gating]
        s.set(k.HEART, heart)
        s.set(k.BREATH, breath)
    if a.output_maps is not None and s.is_template:
        images = [IMAGE_TEXTS[name] for name in a.output_maps if name in IMAGE_TEXTS]
        s.set(k.IMAGES, (images + ["NO"] * 4)[:4])
    if a.elliptical_scanning is not None and s.is_3d:
        share = SHUTTER_SHARE if a.elliptical_scanning else 1.0
        s.set(k.SHUTTER, "DEFAULT" if a.elliptical_scanning else "NO")
        s.set(k.SAMPLED_PERCENT, float(s.now(k.SCAN_PERCENT) or 100.0) * share)


def _fat(a: Acquisition, s: Settings) -> None:
    """Only a new block changes its fat suppression: in a donor it brings records of its own."""
    if a.fat_suppression is None or not s.is_template:
        return
    s.set(k.DIXON, "YES" if a.fat_suppression == "dixon" else "NO")
    text = FAT_TEXTS.get(a.fat_suppression, "NO")
    s.set(k.FAT, text)
    if text == "SPIR":
        s.set(k.FAT_STRENGTH, "STRONG")
    elif text == "SPAIR":
        s.set(k.FAT_STRENGTH_SPAIR, "1")


def _diffusion(a: Acquisition, s: Settings) -> None:
    if not a.b_values or s.current.get(k.DIFFUSION) in (None, "NO"):
        return
    values = [round(b) for b in a.b_values]
    if k.TABLE_VOLUMES in s.current and s.current[k.DIFFUSION] == "DTI":
        _table(values, s)
        return
    step = values[-1] / max(len(values) - 1, 1)
    if all(abs(b - step * index) < 0.5 for index, b in enumerate(values)):
        s.choose(k.B_ORDER, "LIN", k.B_MAX, values[-1])
    else:
        s.choose(k.B_ORDER, "USER_DEF", k.B_LIST, values)
    s.choose(k.B_ORDER, str(s.wanted[k.B_ORDER]), k.B_COUNT, len(values))
    averages = list(a.b_value_averages or ())
    if averages and len(averages) == len(values):
        s.choose(k.B_AVERAGING, "USER_DEF", k.B_AVERAGES, averages)
    if s.current[k.DIFFUSION] == "DTI" and a.diffusion_directions is not None:
        # The scheme with as many directions, or the next one with more.
        enough = [count for count in DIRECTION_TEXTS if count >= a.diffusion_directions]
        s.set(k.DIRECTIONS, DIRECTION_TEXTS[min(enough, default=max(DIRECTION_TEXTS))])


def _table(values: list[int], s: Settings) -> None:
    """Change the b-value of a table of volumes; its directions and repetitions only the console makes."""
    old, table = s.current.get(k.B_MAX), s.current.get(k.TABLE_B)
    if (
        s.current.get(k.B_ORDER) != "LIN"
        or len(values) != 2
        or values[0] != 0
        or not isinstance(table, tuple)
    ):
        return
    if isinstance(old, int) and old > 0:
        s.set(k.B_MAX, values[1])
        s.set(k.TABLE_B, [values[1] if abs(b - old) < 0.5 else b for b in table])


def _dynamics(a: Acquisition, s: Settings) -> None:
    count = a.number_of_temporal_positions
    if count is None:
        return
    if s.current.get(k.DYNAMIC) not in (None, "NO"):
        s.set(k.DYNAMICS, count)
    elif s.is_template:
        s.choose(k.DYNAMIC, "INDIVIDUAL", k.DYNAMICS, count) if count > 1 else s.set(k.DYNAMIC, "NO")
    if a.number_of_volumes_discarded_by_scanner is not None and s.now(k.DYNAMIC) not in (None, "NO"):
        s.set(k.DUMMIES, a.number_of_volumes_discarded_by_scanner)


def _shown_times(a: Acquisition, s: Settings) -> None:
    """Keep the text of the actual times in step: TR / TE / step, TR / TI, or TR alone."""
    old = str(s.current.get(k.ACTUAL_TIMES, "")).split(" / ")
    mode, value = TR_KEYS.get(s.sequence, TR_KEYS["FFE"])
    repetition = f"{s.now(value):.6g}" if s.now(mode) == "USER_DEF" and s.now(value) else old[0]
    if not repetition:
        return
    parts = [repetition]
    if s.sequence == "FFE":
        parts += [f"{s.now(k.TE):.6g}"] if s.now(k.TE) else old[1:2]
        parts += [f"{s.now(k.ECHO_STEP):.6g}"] if s.now(k.ECHO_STEP) else []
    elif s.sequence == "IR" and s.now(k.TI):
        parts.append(f"{s.now(k.TI):.6g}")
    s.result(k.ACTUAL_TIMES, " / ".join(parts))
    if s.sequence in ("SE", "IR") and a.echo_times:
        s.result(k.ACTUAL_SE_TE, f"{a.echo_times[0]:.6g}")
