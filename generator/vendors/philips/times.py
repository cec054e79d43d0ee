"""Repetition, echo and inversion times, angles and the echo train of a scan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from generator.vendors.philips import keys as k
from generator.vendors.philips.derive import Scan

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


def repetition_time(scan: Scan) -> float | None:
    """TR as the console shows it: for a turbo field echo the time between excitations."""
    mode, value = _tr_keys(scan)
    chosen = scan.values.get(mode)
    if chosen == "USER_DEF" and (stated := scan.number(value)) is not None:
        return stated
    actual = scan.numbers(k.ACTUAL_TIMES)
    if actual:
        return actual[0]
    if chosen == "BETWEEN":
        limits = f"{scan.number(value)} to {scan.number(MAX_TR[value])} ms"
        scan.missing("repetition_time", f"a range, {limits}, and no computed value")
    elif (beats := scan.number(k.HEART_BEATS)) is not None:
        scan.missing("repetition_time", f"{beats} heart beats, and no computed value")
    else:
        scan.missing("repetition_time", f"the scanner chooses ({chosen}), and no computed value")
    return None


def _tr_keys(scan: Scan) -> tuple[k.Key, k.Key]:
    """Switch and value of the TR: of the sequence, else (spectroscopy) the only ones that are there."""
    known = TR_KEYS.get(str(scan.values.get(k.SEQUENCE)))
    there = [pair for pair in TR_KEYS.values() if pair[0] in scan.values]
    return known or (there[0] if len(there) == 1 else TR_KEYS["FFE"])


def echo_times(scan: Scan) -> tuple[float, ...] | None:
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


def _first_echo(scan: Scan) -> float | None:
    mode = scan.values.get(k.TE_MODE)
    stated = scan.number(k.TE)
    if mode in ("USER_DEF", "INPHASE", "OUTPHASE") and stated is not None:
        return stated
    shown = scan.numbers(k.ACTUAL_SE_TE)
    if shown:
        return shown[0]
    actual = scan.numbers(k.ACTUAL_TIMES)
    if scan.values.get(k.SEQUENCE) == "FFE" and len(actual) > 1:
        return actual[1]
    scan.missing("echo_times", f"the scanner chooses ({mode}), and no computed value")
    return None


def _echo_step(scan: Scan, first: float, count: int) -> float | None:
    if scan.values.get(k.ECHO_STEP_MODE) == "USER_DEF" and (step := scan.number(k.ECHO_STEP)) is not None:
        return step
    if count == 2 and (second := scan.number(k.SECOND_TE)) is not None:
        return second - first
    actual = scan.numbers(k.ACTUAL_TIMES)
    # TR, first TE and step: only a field echo is known to show these three.
    return actual[2] if len(actual) > 2 and scan.values.get(k.SEQUENCE) == "FFE" else None


def inversion_time(scan: Scan) -> float | None:
    """TI of an inversion recovery or of the inversion prepulse of a turbo field echo."""
    if scan.values.get(k.SEQUENCE) == "IR":
        return _single(scan, scan.number(k.TI))
    if scan.values.get(k.FAST_MODE) != "TFE":
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


def _single(scan: Scan, delay: float | None) -> float | None:
    """Pass on the delay of the only inversion; of two, the file does not say which one it belongs to."""
    if not inverts_twice(scan.values):
        return delay
    scan.missing(
        "inversion_time", f"two inversions; which one the delay of {delay} ms belongs to is not proved"
    )
    scan.missing("second_inversion_time", "no parameter for the second of two inversions is known")
    return None


def refocusing(scan: Scan) -> float | None:
    """Nominal refocusing angle of a spin-echo train."""
    if scan.values.get(k.FAST_MODE) not in ("TSE", "GRASE"):
        return None
    return scan.number(k.REFOCUSING_ANGLE) if scan.word(k.REFOCUSING) not in (None, "NO") else None


def echo_train(scan: Scan) -> dict[str, Any]:
    """Length, spacing and duration of the echo train, the shots and the time between them."""
    fast = scan.values.get(k.FAST_MODE)
    found: dict[str, Any] = {}
    for key in FACTORS.get(str(fast), ()):
        if (factor := scan.number(key)) is not None and factor >= 1:
            found["echo_train_length"] = int(factor)
            break
    if fast == "TSE" and len(times := scan.numbers(k.TSE_SPACING)) == 2:
        found["echo_spacing"], found["echo_train_duration"] = times
    if fast == "TFE" and len(times := scan.numbers(k.TFE_DURATION)) == 2:
        found["echo_train_duration"] = times[1]
    if fast in ("TFE", "TSE", "EPI", "TFE_EPI"):
        found["number_of_shots"] = _shots(scan)
    if fast in ("TFE", "TFE_EPI"):
        found["repetition_time_preparation"] = _shot_interval(scan)
    return found


def _shots(scan: Scan) -> int | None:
    shown = scan.number(k.TFE_SHOTS)
    if scan.values.get(k.FAST_MODE) == "TFE" and shown is not None and shown >= 1:
        return int(shown)
    return 1 if scan.word(k.SHOT_MODE) == "SSH" else None


def _shot_interval(scan: Scan) -> float | None:
    if scan.values.get(k.SHOT_INTERVAL_MODE) == "USER_DEF":
        return scan.number(k.SHOT_INTERVAL)
    return scan.number(k.ACTUAL_SHOT_INTERVAL)
