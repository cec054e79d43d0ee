"""A scan as the physics needs it: its times and angles, and how its vendor may have counted them.

Consoles do not all mean the same by an echo time or an inversion time, and what a train of varying angles
looks like is not public. Every way to read a scan is a :class:`Reading`; the first one is the most likely. A
demand is broken only if it is broken in every reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any

from generator.contrast import physics, roles, trains
from generator.contrast.phasegraph import Angles
from generator.contrast.tissues import nominal_field, tissue
from generator.vendors.profile import profile


class Unknown(Exception):
    """A scan that cannot be simulated; ``what`` names the field that is missing or not modelled."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@dataclass(frozen=True, slots=True)
class SignalParameters:
    """What the signal depends on, in the units of the tree; hashable, so that results are kept by value."""

    technique: str | None = None
    mr_acquisition_type: str | None = None
    vendor: str | None = None
    field_strength: float | None = None
    repetition_time: float | None = None
    repetition_time_preparation: float | None = None
    repetition_time_excitation: float | None = None
    echo_times: tuple[float, ...] | None = None
    inversion_time: float | None = None
    second_inversion_time: float | None = None
    flip_angle: float | None = None
    refocusing_flip_angle: float | None = None
    echo_train_length: int | None = None
    echo_spacing: float | None = None
    echo_train_duration: float | None = None
    partial_fourier_slice: float | None = None
    magnetization_transfer: bool | None = None
    readout: str | None = None
    b_values: tuple[float, ...] | None = None

    def need(self, *names: str) -> Any:
        """Return the first stated one of some fields; Unknown if there is none."""
        found = next((value for name in names if (value := getattr(self, name)) is not None), None)
        if found is None or found == ():
            raise Unknown(names[0])
        return found

    @property
    def spacing(self) -> float | None:
        """Time between echoes or excitations of a train in ms: stated, or from its duration."""
        stated = self.echo_spacing or self.repetition_time_excitation
        if stated is None and self.echo_train_duration and self.echo_train_length:
            return self.echo_train_duration / self.echo_train_length
        return stated


NAMES = tuple(one.name for one in fields(SignalParameters))


def scan_of(get: Callable[[str], Any]) -> SignalParameters:
    """Make a scan from whatever returns the fields of the tree, the vendor and the field strength by name."""
    return SignalParameters(**{name: _hashable(get(name)) for name in NAMES})


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand the numbers of a scan.

    Attributes
    ----------
    words : tuple of str
        The meanings that were chosen, see ``readings`` in ``specs/contrast.yaml``.
    design : trains.Design
        Of varying refocusing angles.
    angle : float or None
        One that no field states: refocusing angle of a constant train, second angle of an MP2RAGE.
    spacing : float
        Time between the echoes or excitations of a train in ms, as stated or assumed.
    """

    words: tuple[str, ...] = ()
    design: trains.Design = trains.DESIGNS[0]
    angle: float | None = None
    spacing: float = 0.0


T2_PREPARATION = 125.0
"""Length (ms) of a T2 preparation that is not stated: that of the Brain VIEW FLAIR ExamCards."""

MOST_ECHOES = 600
"""Twice the longest published train; the work grows with the square."""

_UNSTATED_ANGLES = (150.0, 180.0, 120.0)
"""Refocusing angles (degrees) of a 2D train that does not state its own."""


_SECOND_ANGLES = (1.0, 0.7, 1.25)
"""Second angle of an MP2RAGE over the first, of which alone a field speaks: 5/5, 7/5, 4/5 degrees."""

_UNSTATED_SPACINGS = {
    "mp2rage": (7.1, 5.6, 8.1),
    "magnetization_prepared_gradient_echo": (7.1, 5.6, 8.1),
    "variable": (3.6, 3.3, 4.4),
    "turbo_spin_echo": (10.0, 7.0, 12.1),
}
"""Spacings (ms) of a train that does not state its own: a usual one and the range of published cards."""


def is_variable(scan: SignalParameters) -> bool:
    """Say whether the refocusing angles vary along the train."""
    return scan.technique == "turbo_spin_echo" and scan.mr_acquisition_type == "3D"


@lru_cache(maxsize=4096)
def readings(scan: SignalParameters) -> tuple[Reading, ...]:
    """List the ways to read a scan that are possible, the most likely first.

    Raises
    ------
    Unknown
        If it cannot be simulated at all.
    """
    field = nominal_field(scan.field_strength)
    if field is None:
        raise Unknown("field_strength")
    possible = []
    for reading in _readings(scan):
        try:
            signal(scan, reading, "csf")
        except Unknown as unknown:
            reason = unknown
        else:
            possible.append(reading)
    if not possible:
        raise reason
    return tuple(possible)


def _readings(scan: SignalParameters) -> Iterator[Reading]:
    """List the ways to read a scan: the usual one, then those that differ from it in one respect."""
    meanings = [roles.meanings(kind, scan.vendor) for kind in _kinds(scan)]
    designs = trains.DESIGNS if is_variable(scan) else trains.DESIGNS[:1]
    angles, spacings = _angles(scan), _spacings(scan)
    usual = Reading(tuple(words[0] for words in meanings), designs[0], angles[0], spacings[0])
    yield usual
    for place, words in enumerate(meanings):
        for other in words[1:]:
            yield replace(usual, words=(*usual.words[:place], other, *usual.words[place + 1 :]))
    yield from (replace(usual, design=design) for design in designs[1:])
    yield from (replace(usual, angle=angle) for angle in angles[1:])
    yield from (replace(usual, spacing=spacing) for spacing in spacings[1:])


def _angles(scan: SignalParameters) -> tuple[float | None, ...]:
    if scan.technique == "mp2rage" and scan.flip_angle is not None:
        return tuple(share * scan.flip_angle for share in _SECOND_ANGLES)
    constant = scan.technique == "turbo_spin_echo" and not is_variable(scan)
    return _UNSTATED_ANGLES if constant and scan.refocusing_flip_angle is None else (None,)


def _spacings(scan: SignalParameters) -> tuple[float, ...]:
    kind = "variable" if is_variable(scan) else scan.technique
    if scan.spacing is not None:
        return (scan.spacing,)
    shortest = min(scan.echo_times or (0.0,)) if kind == "turbo_spin_echo" else 0.0
    return tuple(min(one, shortest or one) for one in _UNSTATED_SPACINGS.get(kind or "", (0.0,)))


def _kinds(scan: SignalParameters) -> list[str]:
    """Which of the meanings in the data file a scan depends on."""
    found = ["echo_time_3d"] if is_variable(scan) else []
    if scan.technique == "turbo_spin_echo" and scan.second_inversion_time is not None:
        found.append("double_inversion")
    elif is_variable(scan) and scan.inversion_time is not None:
        found.append("preparation_3d")
    if scan.technique == "magnetization_prepared_gradient_echo":
        found += ["prepared_train"]
    return found


@lru_cache(maxsize=65536)
def signal(
    scan: SignalParameters, reading: Reading, name: str, echo: int = -1, weighted: bool = True
) -> float:
    """Return the signal of a tissue, a share of the magnetisation of cerebrospinal fluid.

    Parameters
    ----------
    name : str
        Id of the tissue.
    echo : int
        Of a turbo spin echo with several images: which one.
    weighted : bool
        Of diffusion: with the highest b-value rather than without.

    Raises
    ------
    Unknown
        If the scan states too little, or has something that is not modelled.
    """
    field = nominal_field(scan.field_strength)
    if field is None:
        raise Unknown("field_strength")
    if scan.magnetization_transfer:
        raise Unknown("magnetization_transfer")
    if scan.readout not in (None, "cartesian"):
        raise Unknown("readout")
    family = _FAMILIES.get(scan.need("technique"))
    if family is None:
        raise Unknown("technique")
    try:
        return family(scan, reading, name, field, echo, weighted)
    except (ArithmeticError, ValueError, IndexError) as error:
        raise Unknown("possible_times_and_angles") from error


def _spoiled(scan: SignalParameters, _: Reading, name: str, field: float, *__: Any) -> float:
    repetition = scan.need("repetition_time", "repetition_time_excitation")
    return physics.spoiled(tissue(name, field), repetition, scan.need("echo_times"), scan.need("flip_angle"))


def _prepared(scan: SignalParameters, reading: Reading, name: str, field: float, *_: Any) -> float:
    cycle, number = _cycle(scan), scan.need("echo_train_length")
    if (scan.partial_fourier_slice or 1.0) < 1:
        raise Unknown("partial_fourier_slice")
    spacing = reading.spacing
    until, order = reading.words[0].split("/")
    centre = number // 2 if order == "linear" else 0
    delay = scan.need("inversion_time") - (centre * spacing if until == "centre" else 0.0)
    if delay < 0 or delay + number * spacing > cycle * (1 + _ROUNDING):
        raise Unknown("inversion_time")
    flip, echo_time = scan.need("flip_angle"), scan.need("echo_times")[0]
    return physics.prepared(tissue(name, field), cycle, delay, number, spacing, flip, centre, echo_time)


def _uniform(scan: SignalParameters, reading: Reading, name: str, field: float, *_: Any) -> float:
    """Uniform image as it is shown: from 0 to 1."""
    cycle, number, spacing = _cycle(scan), scan.need("echo_train_length"), reading.spacing
    times = scan.need("inversion_time"), scan.need("second_inversion_time")
    half, angles = number * spacing / 2, (scan.need("flip_angle"), reading.angle or 0.0)
    if times[0] < half or times[1] - times[0] < 2 * half or times[1] + half > cycle * (1 + _ROUNDING):
        raise Unknown("inversion_time")
    return 0.5 + physics.uniform(tissue(name, field), cycle, times, angles, number, spacing)


_ROUNDING = 0.01


def _cycle(scan: SignalParameters) -> float:
    """From one inversion to the next: stated, or the repetition time where consoles show that."""
    if scan.repetition_time_preparation is not None or not profile(scan.vendor).shows_inversion_cycle:
        return float(scan.need("repetition_time_preparation"))
    return float(scan.need("repetition_time"))


def _train(scan: SignalParameters, reading: Reading, name: str, field: float, echo: int, _: bool) -> float:
    length, spacing = _whole_train(scan, reading), reading.spacing
    angles = train_angles(scan, reading, echo)
    repetition = scan.need("repetition_time", "repetition_time_preparation")
    inversions, prepared = _inversions(scan, reading)
    if max(inversions, default=0.0) + prepared + length * spacing > repetition * (1 + _ROUNDING):
        raise Unknown("repetition_time")
    last = _VARIABLE_END if is_variable(scan) else angles[-1]
    return physics.spin_train(
        tissue(name, field), repetition, angles, spacing, length, last, inversions, prepared
    )


_VARIABLE_END = 120.0  # degrees, Busse 2008


def _whole_train(scan: SignalParameters, reading: Reading) -> int:
    """Echoes of the whole train: those of every image that it makes, and at least up to the last one read."""
    length = int(scan.need("echo_train_length"))
    if is_variable(scan):
        return length
    echo_times: tuple[float, ...] = scan.need("echo_times")
    return max(length * len(echo_times), round(echo_times[-1] / reading.spacing))


def train_angles(scan: SignalParameters, reading: Reading, echo: int = -1) -> Angles:
    """Refocusing angles up to the echo at the centre of k-space."""
    echo_time, spacing = scan.need("echo_times")[echo], reading.spacing
    if echo_time > MOST_ECHOES * spacing:
        raise Unknown("possible_times_and_angles")
    if not is_variable(scan):
        angle = scan.refocusing_flip_angle or reading.angle or _UNSTATED_ANGLES[0]
        return trains.constant_angles(max(1, round(echo_time / spacing)), angle)
    centre: int | None = max(1, round(echo_time / spacing))
    if reading.words[0] == "equivalent":
        centre = trains.centre_of(echo_time, scan.need("echo_train_length"), spacing, reading.design)
    if centre is None or centre > scan.need("echo_train_length") + 1:
        raise Unknown("echo_times")
    return trains.variable_angles(centre, reading.design)


def _inversions(scan: SignalParameters, reading: Reading) -> tuple[tuple[float, ...], float]:
    """Time from each inversion to the excitation, and the T2 preparation before the first."""
    if scan.inversion_time is None:
        return (), 0.0
    first, second, words = scan.inversion_time, scan.second_inversion_time, reading.words
    if second is not None:
        return (first + second if words[-1] == "between" else first, second), 0.0
    if "inside" in words:
        return (first - T2_PREPARATION,), T2_PREPARATION
    return (first,), T2_PREPARATION if "before" in words else 0.0


def _spin_echo(scan: SignalParameters, _: Reading, name: str, field: float, echo: int, __: bool) -> float:
    echo_time = scan.need("echo_times")[echo]
    inversions = (scan.inversion_time,) if scan.inversion_time is not None else ()
    repetition = scan.need("repetition_time")
    return physics.spin_train(tissue(name, field), repetition, (180.0,), echo_time, 1, 180.0, inversions)


def _diffusion(scan: SignalParameters, _: Reading, name: str, field: float, __: int, weighted: bool) -> float:
    b_value = max(scan.need("b_values")) if weighted else 0.0
    repetition, echo_time = scan.need("repetition_time"), scan.need("echo_times")[0]
    return physics.diffusion(tissue(name, field), repetition, echo_time, b_value)


_FAMILIES: dict[str, Callable[..., float]] = {
    "gradient_echo": _spoiled,
    "multi_echo_gradient_echo": _spoiled,
    "susceptibility_weighted": _spoiled,
    "magnetization_prepared_gradient_echo": _prepared,
    "mp2rage": _uniform,
    "turbo_spin_echo": _train,
    "spin_echo": _spin_echo,
    "echo_planar_diffusion": _diffusion,
}
"""Technique to what computes its signal. What is not here cannot be simulated, and that is said."""
