"""Signal of one tissue, by sequence family, from the times and angles of the scan.

Every function returns the share of the equilibrium magnetisation of cerebrospinal fluid (proton density 1)
that is seen at the centre of k-space, with its sign where an inversion leaves one. Times are in ms, angles
in degrees. Left out: magnetisation transfer, B1+, slice profile, flow, and diffusion in all but DWI.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import acos, degrees, exp, log, radians, sin

from generator.contrast import phasegraph
from generator.contrast.longitudinal import Line, inversion, pulse, sequence, train, wait
from generator.contrast.phasegraph import Angles
from generator.contrast.tissues import Tissue

PREPARED_EFFICIENCY = 0.96
"""Share that the inversion of an MPRAGE or MP2RAGE turns over: the value of public MP2RAGE tools."""

_LOSS = Line(0.0, 0.0)  # an excitation of 90 degrees leaves nothing


def spoiled(tissue: Tissue, repetition: float, echo_times: Sequence[float], angle: float) -> float:
    """Spoiled gradient echo (Ernst 1966), the mean of its echoes."""
    cycle = pulse(angle).then(wait(repetition, tissue.t1))
    return tissue.density * sin(radians(angle)) * cycle.steady * _gradient_echoes(tissue, echo_times)


def _gradient_echoes(tissue: Tissue, echo_times: Sequence[float]) -> float:
    return sum(exp(-time / tissue.t2_star) for time in echo_times) / len(echo_times)


def prepared(
    tissue: Tissue,
    cycle: float,
    delay: float,
    number: int,
    spacing: float,
    angle: float,
    centre: int,
    echo_time: float,
    efficiency: float = PREPARED_EFFICIENCY,
) -> float:
    """Inversion-prepared train of a gradient echo (MPRAGE; Deichmann 2000), in its steady state.

    Parameters
    ----------
    cycle : float
        From one inversion to the next.
    delay : float
        From the inversion to the first excitation.
    number, spacing, angle : int, float, float
        Excitations of the train.
    centre : int
        Excitations before the one that fills the centre of k-space.
    """
    before = sequence(
        [inversion(efficiency), wait(delay, tissue.t1), _excitations(tissue, centre, spacing, angle)]
    )
    after = _excitations(tissue, number - centre, spacing, angle)
    rest = wait(cycle - delay - number * spacing, tissue.t1)
    steady = sequence([before, after, rest]).steady
    return tissue.density * sin(radians(angle)) * before(steady) * exp(-echo_time / tissue.t2_star)


def _excitations(tissue: Tissue, number: int, spacing: float, angle: float) -> Line:
    return pulse(angle).then(wait(spacing, tissue.t1)).times(number)


def uniform(
    tissue: Tissue,
    cycle: float,
    inversion_times: tuple[float, float],
    angles: tuple[float, float],
    number: int,
    spacing: float,
    efficiency: float = PREPARED_EFFICIENCY,
) -> float:
    """Uniform image of an MP2RAGE (Marques 2010): product over sum of squares of its two trains.

    Parameters
    ----------
    inversion_times, angles : tuple of float
        Of both trains; a time counts from the inversion to the middle of the train.

    Returns
    -------
    float
        From -0.5 to 0.5; proton density, T2* and receive field cancel.
    """
    half = number * spacing / 2
    first, second = inversion_times
    blocks = [_excitations(tissue, number // 2, spacing, angle) for angle in angles]
    to_first = sequence([inversion(efficiency), wait(first - half, tissue.t1), blocks[0]])
    to_second = sequence([blocks[0], wait(second - first - 2 * half, tissue.t1), blocks[1]])
    rest = blocks[1].then(wait(cycle - second - half, tissue.t1))
    steady = sequence([to_first, to_second, rest]).steady
    one = sin(radians(angles[0])) * to_first(steady)
    two = sin(radians(angles[1])) * to_second(to_first(steady))
    return one * two / (one * one + two * two)


def spin_train(
    tissue: Tissue,
    repetition: float,
    angles: Angles,
    spacing: float,
    length: int,
    last: float,
    inversions: Sequence[float] = (),
    t2_preparation: float = 0.0,
    efficiency: float = 1.0,
) -> float:
    """Turbo spin echo, with as many inversions before it as wanted, in its steady state.

    Parameters
    ----------
    repetition : float
        From one excitation of a slice, or of the slab, to the next.
    angles : tuple of float
        Refocusing angles up to the echo at the centre of k-space.
    length : int
        Echoes of the whole train.
    last : float
        Refocusing angle of its end: what recovers between the pulses is turned by them.
    inversions : sequence of float
        Time from each inversion to the excitation, the first one first.
    t2_preparation : float
        Time the magnetisation spends transverse right before the first inversion (Visser 2010).
    """
    ready = _before_train(tissue, repetition, spacing, length, last, inversions, t2_preparation, efficiency)
    return tissue.density * ready * phasegraph.echo(angles, spacing, tissue.t1, tissue.t2)


def _before_train(
    tissue: Tissue,
    repetition: float,
    spacing: float,
    length: int,
    last: float,
    inversions: Sequence[float],
    t2_preparation: float,
    efficiency: float,
) -> float:
    """Longitudinal magnetisation that the excitation finds."""
    end = train([last], spacing, tissue.t1).times(length)(0.0)
    used = length * spacing + t2_preparation + max(inversions, default=0.0)
    events = [wait(repetition - used, tissue.t1), Line(exp(-t2_preparation / tissue.t2), 0.0)]
    for time, following in zip(inversions, (*inversions[1:], 0.0), strict=False):
        events += [inversion(efficiency), wait(time - following, tissue.t1)]
    return sequence(events)(end)


def diffusion(tissue: Tissue, repetition: float, echo_time: float, b_value: float) -> float:
    """Spin-echo echo-planar image: saturation recovery, T2 and diffusion (``b_value`` in s/mm2)."""
    recovered = _LOSS.then(wait(repetition, tissue.t1))(0.0)
    return tissue.density * recovered * exp(-echo_time / tissue.t2 - b_value * tissue.diffusion)


def ernst_angle(repetition: float, t1: float) -> float:
    """Angle (degrees) of the strongest spoiled gradient echo."""
    return degrees(acos(exp(-repetition / t1)))


def null_time(t1: float, recovery: float, share: float = 1.0) -> float:
    """Inversion time (ms) at which a tissue has no signal.

    Parameters
    ----------
    recovery : float
        From the end of the train to the next excitation: repetition less train, less T2 preparation.
    share : float
        What efficiency and T2 preparation leave of the inverted magnetisation.
    """
    return t1 * log((1 + share) / (1 + share * exp(-recovery / t1)))
