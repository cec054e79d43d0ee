"""Textbook results and published figures; where each comes from stands beside it."""

from __future__ import annotations

from math import exp, inf, log

import pytest

from generator.contrast import phasegraph, physics, trains
from generator.contrast.tissues import Tissue, tissue


def plain(t1: float, t2: float = 1e9, density: float = 1.0) -> Tissue:
    return Tissue("test", t1, t2, 1e9, density, 0.0)


@pytest.mark.parametrize(
    ("repetition", "t1", "angle"),
    [
        (7, 850, 7.34),
        (7, 1400, 5.72),
        (30, 850, 15.13),
        (30, 1400, 11.82),
        (500, 850, 56.27),
        (250, 650, 47.10),
    ],
)
def test_ernst_angle(repetition: float, t1: float, angle: float) -> None:
    """arccos(exp(-TR / T1)), worked out by hand, and where the signal has its maximum."""
    assert physics.ernst_angle(repetition, t1) == pytest.approx(angle, abs=0.01)
    near = [physics.spoiled(plain(t1), repetition, (0.0,), angle + step) for step in (-0.5, 0.0, 0.5)]
    assert near[1] == max(near)


@pytest.mark.parametrize(
    ("repetition", "train", "null"),
    [
        (11000, 0, 2660),
        (10000, 0, 2580),
        (9500, 0, 2533),
        (8000, 700, 2258),
        (6000, 800, 1858),
        (5000, 700, 1634),
    ],
)
def test_null_of_csf(repetition: float, train: float, null: float) -> None:
    """T1 ln(2 / (1 + exp(-(TR - train) / T1))) with 4300 ms, by hand; and the signal is none there."""
    assert physics.null_time(4300, repetition - train) == pytest.approx(null, abs=1)
    length = max(1, round(train / 10))
    signal = physics.spin_train(
        plain(4300), repetition, (180.0,), train / length or 1e-3, length, 180.0, (null,)
    )
    assert abs(signal) < 0.002


@pytest.mark.parametrize(("t1", "null"), [(260, 180), (290, 201), (343, 238), (382, 265)])
def test_null_of_fat(t1: float, null: float) -> None:
    """T1 ln 2 for a long repetition."""
    assert physics.null_time(t1, 4000) == pytest.approx(null, abs=1)


@pytest.mark.parametrize(("preparation", "null"), [(0, 2258), (60, 2204), (125, 2147), (200, 2083)])
def test_null_behind_a_t2_preparation(preparation: float, null: float) -> None:
    """Root of 1 - (1 + P) e1 + P eR, P = exp(-preparation / 2000 ms), TR 8000 and train 700 ms, by hand."""
    share = exp(-preparation / 2000)
    assert physics.null_time(4300, 8000 - 700 - preparation, share) == pytest.approx(null, abs=2)


def test_inversion_time_that_a_console_computed() -> None:
    """Brain VIEW FLAIR ExamCard, 3 T: TR 4800, train 525, T2 preparation 125 ms give a TI of 1650 ms.

    The console counts the preparation into the inversion time.
    """
    csf = tissue("csf", 3.0)
    null = physics.null_time(csf.t1, 4800 - 525 - 125, exp(-125 / csf.t2))
    assert null + 125 == pytest.approx(1650, abs=20)


@pytest.mark.parametrize(
    ("recovery", "white", "first", "second"),
    [
        (5000, 650, 2472, 422),
        (7000, 650, 2968, 437),
        (10000, 650, 3426, 444),
        (5800, 850, 2870, 534),
        (10000, 850, 3676, 567),
    ],
)
def test_two_inversions_null_two_tissues(recovery: float, white: float, first: float, second: float) -> None:
    """Roots of 1 - 2 e2 + 2 e1 - eR for 4300 ms and white matter, solved outside of the program."""
    for t1 in (4300, white):
        signal = physics.spin_train(plain(t1), recovery + 1e-3, (180.0,), 1e-3, 1, 180.0, (first, second))
        assert abs(signal) < 0.002


def test_echoes_of_120_degrees_without_relaxation() -> None:
    """0.75, 0.9375, 0.84375 (Weigel 2015, JMRI 41:266)."""
    assert phasegraph.echoes((120.0,) * 3, 10.0) == pytest.approx([0.75, 0.9375, 0.84375])


def test_a_train_of_180_degrees_is_pure_t2_decay() -> None:
    found = phasegraph.echoes((180.0,) * 16, 10.0, 1000.0, 80.0)
    assert found == pytest.approx([exp(-10 * (n + 1) / 80) for n in range(16)])


@pytest.mark.parametrize(
    ("echo_time", "number", "shares"),
    [
        (80, 8, {150: 0.963, 120: 0.877, 90: 0.739, 60: 0.573}),
        (134, 10, {150: 0.964, 120: 0.872, 90: 0.727, 60: 0.555}),
    ],
)
def test_contrast_equivalent_share_of_the_echo_time(
    echo_time: int, number: int, shares: dict[int, float]
) -> None:
    """Weigel and Hennig 2006 (MRM 55:826): transverse share of the echo time of constant angles."""
    for angle, share in shares.items():
        angles, spacing = trains.constant_angles(number, angle), echo_time / number
        decay = -log(phasegraph.echo(angles, spacing, 1000, 100) / phasegraph.echo(angles, spacing, inf, inf))
        found = (decay - echo_time / 1000) / (echo_time / 100 - echo_time / 1000)
        assert found == pytest.approx(share, abs=0.015)


def test_start_of_a_train_of_low_angles() -> None:
    """First angles for a steady echo of 0.4, half way with every pulse, solved outside of the program."""
    targets = [0.7 if n == 0 else 0.4 + 0.6 / 2 ** (n + 1) for n in range(6)]
    assert phasegraph.solve(targets) == pytest.approx((113.6, 57.7, 40.1, 32.8, 29.2, 27.3), abs=0.5)


@pytest.mark.parametrize("angle", [25, 60, 70, 90, 120])
def test_steady_echo_is_what_constant_angles_give(angle: float) -> None:
    """Mean of later echoes behind a start-up that is solved for the steady echo."""
    steady = trains.steady_echo(angle)
    targets = [steady + (1 - steady) / 2 ** (n + 1) for n in range(40)]
    angles = phasegraph.solve(targets)[10:]
    assert sum(angles) / len(angles) == pytest.approx(angle, rel=0.04)


@pytest.mark.parametrize(
    ("centre", "spacing", "design", "white", "csf"),
    [(50, 5.0, 100, 92, 170), (80, 4.2, 128, 117, 227)],
)
def test_equivalent_echo_time_of_a_published_train(
    centre: int, spacing: float, design: float, white: float, csf: float
) -> None:
    """Busse 2008 (MRM 60:640), 25/70/120 degrees, as an independent phase graph has it; 10 % for the ramp."""
    angles = trains.variable_angles(centre)
    for (t1, t2), expected in (((1000, 100), design), ((850, 70), white), ((4300, 2000), csf)):
        assert trains.equivalent_echo_time(angles, spacing, t1, t2) == pytest.approx(expected, rel=0.1)


def test_equivalent_echo_time_of_a_very_long_train() -> None:
    """Busse 2006 (MRM 55:1030): 260 echoes of 4 ms, centre at 585 ms, weighted like 140 ms.

    Its angles are lower than those of 2008 and not published; the lowest design comes within 25 %.
    """
    low = trains.variable_angles(146, trains.DESIGNS[1])
    assert trains.equivalent_echo_time(low, 4.0) == pytest.approx(140, rel=0.25)


def test_mprage_of_an_independent_model() -> None:
    """ES 7.1, 176 excitations, centre 88, TI 900, TR 2300, 9 degrees, full inversion; computed outside."""
    expected = {850: 0.0464, 1400: 0.0259, 4300: 0.0056, 1300: 0.0285, 574: 0.0670}
    for t1, signal in expected.items():
        found = physics.prepared(plain(t1), 2300, 900 - 88 * 7.1, 176, 7.1, 9, 88, 0.0, efficiency=1.0)
        assert abs(found) == pytest.approx(signal, abs=0.0003)


def test_best_mprage_is_near_the_published_one() -> None:
    """Wang 2014 (10.1371/journal.pone.0096899), 3 T: 12 degrees, TI 900 to 1100 ms; the optimum is flat."""
    white, grey = plain(838, density=0.7), plain(1607, density=0.82)

    def difference(angle: float, inversion_time: float) -> float:
        delay = inversion_time - 88 * 7
        return abs(
            physics.prepared(white, delay + 176 * 7, delay, 176, 7, angle, 88, 0.0)
            - physics.prepared(grey, delay + 176 * 7, delay, 176, 7, angle, 88, 0.0)
        )

    best = max(((a, t) for a in range(4, 25) for t in range(650, 1500, 50)), key=lambda one: difference(*one))
    assert 8 <= best[0] <= 18 and 850 <= best[1] <= 1200


def test_uniform_image_is_bounded() -> None:
    """Marques 2010 (10.1016/j.neuroimage.2009.10.002): within 0.5, and lower the longer T1."""
    found = [physics.uniform(plain(t1), 5000, (700, 2500), (4, 5), 160, 7) for t1 in range(400, 4400, 200)]
    assert all(-0.5 <= one <= 0.5 for one in found)
    assert found[:12] == sorted(found[:12], reverse=True)


@pytest.mark.parametrize(
    ("r1", "before", "concentration", "after"),
    [(4.97, 1350, 0.1, 808), (4.97, 1350, 0.2, 576), (3.5, 1400, 0.2, 707), (11.6, 1350, 0.1, 526)],
)
def test_t1_after_gadolinium(r1: float, before: float, concentration: float, after: float) -> None:
    """1 / (1 / T1 + r1 C), by hand."""
    assert plain(before).with_agent(r1, 5.0, concentration).t1 == pytest.approx(after, abs=1)
