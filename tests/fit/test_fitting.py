"""Fitting: the best choice there is, and what it leaves alone."""

from __future__ import annotations

from math import log
from typing import Any

import pytest

from generator.fit import Fit, fit
from generator.fit.guard import Guard
from generator.fit.moves import MOVES
from generator.fit.scans import is_auxiliary, scans_of
from generator.model.tree import Target
from generator.spec.scanners import load_scanners
from generator.timing.timeline import build_timeline
from tests.fit.brute import cheapest_price
from tests.fit.cases import (
    ELITION,
    GE,
    PHILIPS,
    SIEMENS,
    SMALL,
    TSE,
    acquisition,
    fit_shipped,
    fit_text,
    longest,
    protocol_of,
    scan,
)

DEPTHS = {move.field: move for move in MOVES}


def price(found: Fit) -> float:
    """What the changes cost, reckoned from the result."""
    signals = {change.scan.steps: change.signal_of_scan for change in found.changes}
    lost = sum(-log(signal) * len(steps) for steps, signal in signals.items() if signal)
    return lost + sum(_surcharge(found, change.field, change.scan.steps) for change in found.changes)


def considered(found: Fit) -> set[str]:
    """Fields that were changed, or could not be."""
    return {change.field for change in found.changes} | {one.field for one in found.blocked}


def _surcharge(found: Fit, field: str, steps: tuple[int, ...]) -> float:
    before, after = found.original.steps[steps[0]], found.protocol.steps[steps[0]]
    ladder = [step[field] for step in DEPTHS[field].ladder(before, found.target.vendor)]  # type: ignore[arg-type]
    return DEPTHS[field].surcharge * (ladder.index(getattr(after, field)) + 1) * len(steps)


HEAD = SMALL.replace("title:", "region: brain\ntitle:")
HEAD = HEAD.replace("name: T2\n", "name: T2\n      role: pdt2_2d\n").replace(
    "GRE   #", "GRE\n      role: swi  #"
)

INJECTED = f"""\
protocol: injected
title: Two scans between an injection and its images
field_strengths: [3 T]
steps:
  - contrast: {{dose: 0.1 mmol/kg, minimum_delay: 200 s}}
  - acquisition:
      name: first
{TSE}\
  - acquisition:
      name: second
{TSE.replace("4000 ms", "3500 ms")}\
  - acquisition:
      name: images
      role: t1_3d_post
{TSE.replace("4000 ms", "3000 ms")}\
"""


@pytest.mark.parametrize(
    ("text", "target"),
    [(SMALL, SIEMENS), (SMALL, GE), (SMALL, PHILIPS), (HEAD, SIEMENS), (INJECTED, GE)],
    ids=["siemens", "ge", "philips", "head", "injected"],
)
@pytest.mark.parametrize("share", [0.93, 0.8, 0.7, 0.6, 0.4])
def test_no_other_choice_is_cheaper(share: float, text: str, target: Target) -> None:
    protocol = protocol_of(text, target)
    before = build_timeline(protocol, target)
    budget = share * (before.counted + before.counted_uncertainty)
    found, best = fit(protocol, target, budget), cheapest_price(Guard(protocol, target), budget)
    assert (found.status == "fitted") == (best is not None)
    if best is not None:
        assert price(found) == pytest.approx(best)
        assert longest(found) <= budget


def test_a_protocol_that_fits_stays_as_it_is() -> None:
    found = fit_text(SMALL, 3600)
    assert found.status == "fits" and found.reached
    assert found.protocol is found.original and not found.changes and not found.overrides


def test_the_uncertainty_counts_against_the_budget() -> None:
    protocol = protocol_of(SMALL)
    line = build_timeline(protocol, SIEMENS)
    assert fit(protocol, SIEMENS, line.counted + line.counted_uncertainty).status == "fits"
    assert fit(protocol, SIEMENS, line.counted + line.counted_uncertainty / 2).status == "fitted"


def test_out_of_reach_shows_the_shortest_and_why() -> None:
    found = fit_text(SMALL, 60)
    assert found.status == "out of reach" and not found.reached and found.exhaustive
    assert 60 < longest(found) < longest(fit_text(SMALL, 3600))
    assert {one.reason for one in found.blocked} >= {"relative SNR below 0.7"}


def test_a_scan_without_a_time_leaves_the_question_open() -> None:
    found = fit_text(SMALL.replace("technique: gradient_echo", "technique: spectroscopy"), 100)
    assert found.status == "no estimate" and not found.reached and not found.changes


def test_gains_and_signals_add_up() -> None:
    found = fit_text(SMALL, 190)
    before = build_timeline(found.original, SIEMENS)
    saved = sum(change.gained for change in found.changes)
    assert before.counted + before.counted_uncertainty - saved == pytest.approx(longest(found))
    for change in found.changes:
        own = [one.signal for one in found.changes if one.scan == change.scan]
        assert change.signal is not None and 0 < change.signal <= 1 and len(own) >= 1


def test_no_fold_over_where_no_rule_can_tell() -> None:
    """Without a region nobody knows how wide the anatomy is: field of view and slices stay."""
    for budget in (240, 200, 160):
        fields = {change.field for change in fit_text(SMALL, budget).changes}
        assert fields and not fields & {"field_of_view", "phase_oversampling", "number_of_slices"}
    reasons = {one.field: one.reason for one in fit_text(SMALL, 60).blocked}
    assert reasons["field_of_view"] == "no rule says whether the anatomy still fits"


def test_a_head_keeps_its_width() -> None:
    found = fit_text(HEAD, 60)
    assert "field_of_view" in considered(found)
    assert found.protocol.acquisitions[0].field_of_view is not None
    assert (found.protocol.acquisitions[0].field_of_view[1] or 0) >= 200


def test_scans_made_alike_stay_alike() -> None:
    found = fit_shipped("baseline-new-dmt", 780, SIEMENS)
    before, after = scan(found.protocol, "3D T1"), scan(found.protocol, "3D T1 Gd")
    assert found.status == "fitted"
    assert before != scan(found.original, "3D T1")
    own = {"name", "role", "instruction"}
    assert before.model_dump(exclude=own) == after.model_dump(exclude=own)


def test_the_flair_that_fills_the_wait_is_not_shortened() -> None:
    found = fit_shipped("baseline-new-dmt", 120, SIEMENS)
    assert found.status == "out of reach"
    assert scan(found.protocol, "3D FLAIR") == scan(found.original, "3D FLAIR")
    reasons = {one.reason for one in found.blocked if one.scan.name == "3D FLAIR"}
    assert "only lengthens the wait after the injection" in reasons


def test_scans_that_fill_the_wait_together_share_what_is_to_spare() -> None:
    found = fit_text(INJECTED, 60)
    line = found.after
    assert found.status == "out of reach" and found.exhaustive and found.changes
    assert [row.name for row in line.rows] == [row.name for row in found.before.rows]
    assert line.delay is not None and line.delay - line.delay_uncertainty >= 200


def test_a_time_that_a_console_showed_goes_with_the_values_it_was_shown_for() -> None:
    text = SMALL.replace("      name: T2\n", "      name: T2\n      acquisition_duration: 400 s\n")
    found = fit_text(text, 400)
    assert found.before.rows[0].basis == "console"
    assert found.status == "fitted"
    assert scan(found.protocol, "T2").acquisition_duration is None
    assert found.overrides[0]["acquisition_duration"] is None


OPTIONAL = """\
protocol: optional
title: Optional
kind: follow-up
region: brain
guidelines: [ofsep-2020]
field_strengths: [3 T]
steps:
  - acquisition: t1-3d
  - acquisition: dwi
  - acquisition: flair-3d
  - acquisition: dir-3d
  - acquisition: swi
"""


def test_a_scan_that_the_guideline_does_not_ask_for_may_become_optional() -> None:
    found = fit_text(OPTIONAL, 620)
    made = {change.scan.name for change in found.changes if change.field == "optional"}
    assert found.status == "fitted" and made and made <= {"3D DIR", "SWI"}
    assert all(scan(found.protocol, name).optional for name in made)
    assert not {change.scan.name for change in found.changes if change.signal is None} - made


def test_without_a_guideline_nothing_becomes_optional() -> None:
    found = fit_text(OPTIONAL.replace("guidelines: [ofsep-2020]\n", ""), 300)
    assert not any(change.field == "optional" for change in found.changes)


def test_the_susceptibility_scan_of_a_diagnosis_stays() -> None:
    """SWI is optional there, so that T2* is the one that surely runs."""
    found = fit_shipped("baseline-diagnosis", 300, SIEMENS)
    assert not scan(found.protocol, "2D T2*").optional
    assert "a guideline asks for it" in {one.reason for one in found.blocked if one.scan.name == "2D T2*"}


def test_compressed_sensing_is_used_where_the_scanner_has_it() -> None:
    text = SMALL.replace("parallel_reduction_factor_in_plane: 2", "parallel_reduction_factor_in_plane: 1.5")
    budget = 0.6 * longest(fit_text(text, 3600, PHILIPS))
    with_it, without = fit_text(text, budget, ELITION), fit_text(text, budget, PHILIPS)
    assert with_it.scanner == load_scanners()["philips-ingenia-elition-x"] and without.scanner is None
    assert "compressed_sensing_factor" in considered(with_it)
    assert "compressed_sensing_factor" not in considered(without)


def test_a_scanner_without_parallel_imaging_is_not_asked_for_it() -> None:
    bare = load_scanners()["siemens-magnetom-aera"].model_copy(update={"options": ()})
    found = fit(protocol_of(SMALL), SIEMENS, 60, bare)
    assert not any(field.startswith("parallel") for field in considered(found))


def test_twins_are_told_by_their_parameters_alone() -> None:
    one = acquisition(name="one", coverage=("cervical",))
    two = acquisition(name="two", optional=True, instruction="as the first")
    other = acquisition(name="other", number_of_averages=1.0)
    protocol = protocol_of(SMALL).model_copy(update={"steps": (one, other, two)})
    found = scans_of(protocol)
    assert [(group.steps, group.counted) for group in found] == [((0, 2), (0,)), ((1,), (1,))]
    assert found[0].name == "one and two"


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "AAhead_scout"},
        {"name": "3-Plane Loc"},
        {"name": "SENSE RefScan"},
        {"name": "tfl_rfmap"},
        {"name": "B1 map"},
        {"name": "B0", "technique": "field_map"},
        {"name": "coil", "technique": "calibration"},
        {"name": "survey", "role": "localizer"},
    ],
)
def test_what_other_scans_hang_on_is_not_changed(changes: dict[str, Any]) -> None:
    assert is_auxiliary(acquisition(**changes))


@pytest.mark.parametrize("name", ["T1 MPRAGE", "Location T2", "T2 FLAIR", "DWI b1000", "Scalp T1"])
def test_images_are_no_auxiliary_scans(name: str) -> None:
    assert not is_auxiliary(acquisition(name=name))


def test_a_scout_keeps_its_parameters_however_short_the_budget() -> None:
    protocol = protocol_of(SMALL)
    steps = [step.model_copy(update={"name": "AAhead_scout"}) for step in protocol.steps]
    scouts = protocol.model_copy(update={"steps": tuple(steps)})
    found = fit(scouts, SIEMENS, 1.0)
    assert found.status == "out of reach" and not found.changes
