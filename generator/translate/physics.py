"""Times that mean the same on another console or at another field, by the engines of time and contrast."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from generator.contrast import roles, trains
from generator.contrast.scan import Reading, SignalParameters, Unknown, readings, scan_of, signal
from generator.model.tree import Acquisition, Target
from generator.timing.families import estimate

PREPARED = frozenset({"magnetization_prepared_gradient_echo", "mp2rage"})
REFOCUSED = frozenset({"turbo_spin_echo", "single_shot_turbo_spin_echo", "spin_echo"})
_SUSCEPTIBLE = frozenset({"susceptibility_weighted", "multi_echo_gradient_echo", "field_map"})
_SHORTEST_T2STAR = 10.0
"""Echo time (ms) from which a gradient echo is read for T2*; those of T1 are shorter (specs/sequences)."""

_DIGITS = 10.0
"""Inversion times are rounded to so many ms."""


@dataclass(frozen=True, slots=True)
class Converted:
    """A value in the target's terms, and why it is another."""

    value: Any
    why: str


def physical(scan: Acquisition, target: Target) -> SignalParameters:
    """Return a scan as the contrast engine takes it."""
    return scan_of({**scan.__dict__, **dict(target)}.get)


def _usual(scan: Acquisition, target: Target) -> tuple[SignalParameters, Reading] | None:
    """The most likely reading of a scan; ``None`` if it cannot be simulated."""
    one = physical(scan, target)
    try:
        return one, readings(one)[0]
    except (Unknown, ZeroDivisionError):
        return None


def tissue_signal(scan: Acquisition, target: Target, tissue: str) -> float | None:
    """Signal of a tissue with its sign, a share of what fluid can give; ``None`` if that is not known."""
    found = _usual(scan, target)
    try:
        return signal(*found, tissue) if found else None
    except (Unknown, ZeroDivisionError):
        return None


# --- what vendors mean --------------------------------------------------------------------------------


def echo_time_for(scan: Acquisition, source: Target, target: Target) -> Converted | None:
    """Convert the echo time of a 3D train of varying angles; ``None`` where it means the same."""
    before, after = (roles.meanings("echo_time_3d", one.vendor)[0] for one in (source, target))
    if before == after or scan.technique != "turbo_spin_echo" or scan.mr_acquisition_type != "3D":
        return None
    found = _usual(scan, source)
    if found is None or not scan.echo_times or len(scan.echo_times) != 1 or not scan.echo_train_length:
        return None
    spacing, design = found[1].spacing, found[1].design
    if after == "equivalent":
        centre = max(1, round(scan.echo_times[0] / spacing))
        angles = [trains.variable_angles(centre, one) for one in (design, *trains.DESIGNS)]
        time, *others = (trains.equivalent_echo_time(one, spacing) for one in angles)
        spread = f"; {min(others):.0f} to {max(others):.0f} ms by other published angles"
        said = (
            "the target shows the echo time of a spin echo of the same T2 weight, the source when it is read"
        )
    else:
        echo = trains.centre_of(scan.echo_times[0], scan.echo_train_length, spacing, design)
        if echo is None:
            return None
        time, spread = echo * spacing, ""
        said = (
            "the target shows when the centre is read, the source the echo time of a spin echo of that weight"
        )
    return Converted((float(round(time)),), f"{said} (angles after Busse 2008{spread})")


def inversion_time_for(scan: Acquisition, source: Target, target: Target) -> Converted | None:
    """Convert the inversion time of a prepared train; ``None`` where it means the same."""
    before, after = (
        roles.meanings("prepared_train", one.vendor)[0].split("/")[0] for one in (source, target)
    )
    half = _half_train(scan, source)
    if before == after or half is None or scan.inversion_time is None:
        return None
    time = scan.inversion_time + (half if after == "centre" else -half)
    return Converted(round(time), f"the target counts TI to the {after} of the train") if time > 0 else None


def inversion_doubt(scan: Acquisition, target: Target) -> str | None:
    """Say what TI would be if the target counts it otherwise than most likely."""
    others = {words.split("/")[0] for words in roles.meanings("prepared_train", target.vendor)[1:]}
    half = _half_train(scan, target)
    if not others or half is None or scan.inversion_time is None or scan.inversion_time <= half:
        return None
    first = scan.inversion_time - half
    return (
        f"TI is written as {scan.inversion_time:g} ms, up to the centre of the train; a console that counts "
        f"up to the first excitation wants {first:.0f} ms"
    )


def _half_train(scan: Acquisition, target: Target) -> float | None:
    if scan.technique != "magnetization_prepared_gradient_echo" or not scan.echo_train_length:
        return None
    found = _usual(scan, target)
    spacing = found[1].spacing if found else scan.echo_spacing or scan.repetition_time_excitation
    return scan.echo_train_length // 2 * spacing if spacing else None


def cycle_of(scan: Acquisition, source: Target) -> float | None:
    """Find the inversion cycle (ms) with which a scan takes the time that its console showed."""
    wanted = scan.acquisition_duration
    if not wanted:
        return None

    def seconds(cycle: float) -> float | None:
        tried = scan.model_copy(update={"repetition_time_preparation": cycle})
        found = estimate(tried, source.vendor, source.field_strength, source.software)
        return found.seconds if found else None

    low, high = 100.0, 20_000.0
    if (least := seconds(low)) is None or (most := seconds(high)) is None or not least < wanted < most:
        return None
    while high - low > _DIGITS / 2:
        middle = (low + high) / 2
        low, high = (low, middle) if (seconds(middle) or 0.0) > wanted else (middle, high)
    found = round((low + high) / 2 / _DIGITS) * _DIGITS
    return found if found > (scan.inversion_time or 0.0) else None


# --- field strength -----------------------------------------------------------------------------------


def scaled(scan: Acquisition, source: Target, target: Target, ratio: float) -> Iterator[tuple[str, Any, str]]:
    """Change what depends on the field strength, so that the image shows the same.

    Parameters
    ----------
    ratio : float
        Field strength of the target over that of the source.
    """
    if scan.pixel_bandwidth and not (scan.technique or "").startswith("echo_planar"):
        yield (
            "pixel_bandwidth",
            scan.pixel_bandwidth * ratio,
            "the same shift between fat and water in pixels",
        )
    if scan.echo_times and _by_susceptibility(scan):
        times = tuple(round(time / ratio, 2) for time in scan.echo_times)
        yield "echo_times", times, "the same phase and T2* weighting"
        longer = times[-1] - scan.echo_times[-1]
        if scan.repetition_time and longer > 0:
            yield "repetition_time", scan.repetition_time + longer, "room for the longer echo time"
            if scan.repetition_time_excitation:
                yield "repetition_time_excitation", scan.repetition_time_excitation + longer, "as TR"
    if scan.inversion_time and (found := _inversion_at(scan, source, target)):
        yield "inversion_time", found.value, found.why


def _by_susceptibility(scan: Acquisition) -> bool:
    long_echo = scan.technique == "gradient_echo" and max(scan.echo_times or (0,)) >= _SHORTEST_T2STAR
    return scan.technique in _SUSCEPTIBLE or long_echo or scan.fat_suppression == "dixon"


_TISSUES = {"fat": "fat", "csf": "CSF", "white_matter": "white matter", "grey_matter": "grey matter"}


def _inversion_at(scan: Acquisition, source: Target, target: Target) -> Converted | None:
    """Inversion time that leaves of the tissue that is nulled what it left at the first field strength.

    A prepared gradient echo nulls nothing on purpose: its time stays, and the report shows the contrast.
    """
    signals = {name: tissue_signal(scan, source, name) for name in _TISSUES}
    if scan.second_inversion_time is not None or scan.technique in PREPARED or None in signals.values():
        return None
    nulled = min(signals, key=lambda name: abs(signals[name] or 0.0))
    time = _best(lambda one: tissue_signal(one, target, nulled), signals[nulled] or 0.0, scan)
    why = f"the null of {_TISSUES[nulled]} by its T1 at this field strength"
    return Converted(time, why) if time is not None and time != scan.inversion_time else None


def _best(of: Callable[[Acquisition], float | None], wanted: float, scan: Acquisition) -> float | None:
    """The inversion time, from half to twice the one there is, that brings a quantity nearest to another."""
    assert scan.inversion_time is not None
    times = _grid(scan.inversion_time)
    tried = ((of(scan.model_copy(update={"inversion_time": time})), time) for time in times)
    apart = [
        (abs(value - wanted), abs(time - scan.inversion_time), time)
        for value, time in tried
        if value is not None
    ]
    return min(apart)[2] if apart else None


def _grid(time: float) -> Iterable[float]:
    step = _DIGITS if time > 10 * _DIGITS else 1.0
    return (step * number for number in range(int(time / 2 / step), int(2 * time / step) + 1))
