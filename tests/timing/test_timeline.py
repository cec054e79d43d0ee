"""The exam on a time axis: starts, sums, the injection, the waits."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.model.tree import Contrast, Note, Pause, Protocol, ReadResult, Reformat, Step, Target
from generator.timing.compare import BREATH_HELD, INFERRED, time_notes, timed_as_read
from generator.timing.steps import step_time
from generator.timing.timeline import build_timeline, rows_for_table, with_waits
from tests.timing.facts import own_scan

TARGET = Target(vendor="siemens", field_strength=3.0)
GADOLINIUM = Contrast(agent="gadoteric acid", dose=0.1, minimum_delay=300)


def scan(source: str, seconds: float | None = None, **changes: Any) -> Any:
    return own_scan(f"own-{source}-3p0t", acquisition_duration=seconds, **changes)


def exam(*steps: Step) -> Protocol:
    return Protocol(name="exam", steps=steps)


def test_starts_follow_each_other_and_bases_are_told() -> None:
    steps = (
        scan("swi", 14.0, role="localizer", name="Scout"),
        scan("t1_3d_pre", 300.0),
        Pause(text="Ask", duration=10),
        scan("dwi"),
        Reformat(source="flair-3d"),
        Pause(text="Look"),
        scan("dti", technique="spectroscopy"),
    )
    rows = build_timeline(exam(*steps), TARGET).rows
    assert [row.step for row in rows] == list(range(7))
    assert [row.start for row in rows[:4]] == [0, 14, 314, 324]
    wanted = ["console", "console", "stated", "estimate", "stated", "unknown", "unknown"]
    assert [row.basis for row in rows] == wanted
    assert rows[4].start == rows[5].start == pytest.approx(rows[3].end)
    assert rows[1].uncertainty == 0 < rows[3].uncertainty


def test_without_an_injection_or_an_image_after_it_there_is_no_delay() -> None:
    for steps, start in (
        ((scan("t1_3d_pre", 300.0),), None),
        ((scan("t1_3d_pre", 300.0), GADOLINIUM), 300.0),
    ):
        found = build_timeline(exam(*steps), TARGET)
        assert (found.injection, found.image, found.delay, found.delay_interval) == (start, None, None, None)
        assert (found.delay_uncertainty, found.counted, found.unknown) == (0.0, 300.0, ())


def test_the_room_time_has_a_prescan_a_scan_and_what_is_set_up_before() -> None:
    """20 s a scan, 30 s of localizer if there is none, on Philips 30 s of survey and reference scan."""
    one, other = scan("t1_3d_pre", 300.0), scan("dti", 200.0, optional=True)
    philips = Target(vendor="philips", field_strength=3.0)
    for target, steps, seconds in (
        (TARGET, (one, Pause(text="Ask", duration=10)), 300 + 10 + 20 + 30),
        (TARGET, (one, other, one), 2 * 320 + 30),
        (philips, (one,), 300 + 20 + 30 + 30),
        (None, (one,), 300 + 20 + 30),
        (philips, (scan("swi", 14.0, role="localizer"), one), 314 + 40),
        (TARGET, (Pause(text="Ask", duration=10),), 10),
    ):
        assert build_timeline(exam(*steps), target).room_time == seconds


def test_the_delay_is_of_the_steps_that_surely_run_up_to_the_t1() -> None:
    image = scan("t1_3d_pre", 300.0, role="t1_3d_post", name="T1 post")
    steps = (
        scan("t1_3d_pre", 240.0), GADOLINIUM, scan("dwi", 100.0), scan("dti", 200.0, optional=True),
        Pause(text="Wait", duration=50), image,
    )  # fmt: skip
    found = build_timeline(exam(*steps), TARGET)
    assert (found.injection, found.image, found.delay, found.minimum_delay) == (240, 590, 150, 300)
    assert (found.delay_interval, found.delay_uncertainty, found.counted) == ((150, 150), 0, 640)
    early = build_timeline(exam(*steps[:2], image.model_copy(update={"optional": True}), *steps[2:]), TARGET)
    assert early.image == 890 and early.delay == 150  # an optional T1 does not count as the one that waits


def test_set_up_and_optional_scans_do_not_count() -> None:
    steps = (
        scan("swi", 14.0, role="localizer"),
        scan("swi", 20.0, technique="calibration"),
        scan("t1_3d_pre", 300.0),
        scan("dti", 200.0, optional=True),
        Pause(text="Wait", duration=60),
    )
    timeline = build_timeline(exam(*steps), TARGET)
    assert timeline.counted == 300
    assert timeline.end == 594
    assert [row.counted for row in timeline.rows] == [False, False, True, False, False]
    assert timeline.room_time == 14 + 20 + 300 + 60 + 3 * 20  # T9: a prescan for each scan that surely runs


def test_set_up_that_the_protocol_leaves_out_is_added_to_the_room_time() -> None:
    alone = exam(scan("t1_3d_pre", 300.0))
    assert build_timeline(alone, TARGET).room_time == 300 + 20 + 30
    assert build_timeline(alone, Target(vendor="philips", field_strength=3)).room_time == 300 + 20 + 30 + 30


def test_a_counted_scan_without_a_time_makes_the_sum_a_lower_bound() -> None:
    timeline = build_timeline(exam(scan("dwi", technique="other"), scan("t1_3d_pre", 300.0)), TARGET)
    assert not timeline.complete
    assert timeline.unknown == (0,)
    assert timeline.counted == 300


def test_a_console_time_is_used_and_compared_with_the_estimate() -> None:
    row = build_timeline(exam(scan("t1_3d_pre", 310.0)), TARGET).rows[0]
    assert row.duration == 310
    assert row.estimate is not None
    assert row.difference == pytest.approx(310 - row.estimate.seconds)
    assert build_timeline(exam(scan("t1_3d_pre")), TARGET).rows[0].difference is None


def test_the_delay_counts_only_what_surely_runs() -> None:
    steps = (
        scan("t1_3d_pre", 300.0),
        GADOLINIUM,
        scan("flair_3d", 200.0),
        scan("swi", 250.0, optional=True),
        scan("t1_3d_post", 300.0),
    )
    timeline = build_timeline(exam(*steps), TARGET)
    assert timeline.injection == 300
    assert timeline.image == 750
    assert timeline.delay == 200
    assert timeline.minimum_delay == 300


def test_a_wait_is_put_before_the_first_contrast_image() -> None:
    steps = (GADOLINIUM, scan("flair_3d", 203.0), scan("swi", 90.0, optional=True), scan("t1_3d_post"))
    waited, origins = with_waits(exam(*steps), TARGET)
    assert origins == (0, 1, 2, None, 3)
    wait = waited.steps[3]
    assert isinstance(wait, Pause)
    assert wait.duration == 100  # 97 s are missing, in steps of 5
    assert wait.text == "Wait 1:40: contrast images not before 5:00 after the injection"
    delay = build_timeline(waited, TARGET).delay
    assert delay is not None and delay >= 300


def test_no_wait_where_the_scans_fill_the_delay() -> None:
    protocol = exam(GADOLINIUM, scan("flair_3d", 301.0), scan("t1_3d_post", 300.0))
    assert with_waits(protocol, TARGET) == (protocol, (0, 1, 2))


def test_no_wait_without_a_delay_or_without_an_image() -> None:
    plain = exam(Contrast(), scan("t1_3d_post", 300.0))
    other = exam(GADOLINIUM, scan("dwi", 60.0))
    assert with_waits(plain, TARGET)[0] is plain
    assert with_waits(other, TARGET)[0] is other


def test_an_optional_contrast_image_gets_an_optional_wait_and_the_next_its_own() -> None:
    steps = (GADOLINIUM, scan("t1_3d_post", 100.0, optional=True), scan("t1_3d_post", 300.0))
    waited, origins = with_waits(exam(*steps), TARGET)
    assert origins == (0, None, 1, None, 2)
    assert [step.optional for step in waited.steps] == [False, True, True, False, False]
    assert [getattr(step, "duration", None) for step in waited.steps][1::2] == [300, 300]


def test_an_estimate_counts_at_its_least_towards_the_delay() -> None:
    flair = scan("flair_3d")
    waited, _ = with_waits(exam(GADOLINIUM, flair, scan("t1_3d_post")), TARGET)
    passed = sum(step_time(step, TARGET).surely for step in waited.steps[1:-1])
    assert passed >= 300


@settings(deadline=None)
@given(
    delays=st.floats(1, 900),
    durations=st.lists(st.tuples(st.floats(1, 500), st.booleans()), max_size=5),
)
def test_with_waits_the_delay_is_always_kept(delays: float, durations: list[tuple[float, bool]]) -> None:
    between = [scan("dwi", seconds, optional=optional) for seconds, optional in durations]
    protocol = exam(GADOLINIUM.model_copy(update={"minimum_delay": delays}), *between, scan("t1_3d_post"))
    waited, origins = with_waits(protocol, TARGET)
    delay = build_timeline(waited, TARGET).delay
    assert delay is not None and delay >= delays
    assert [index for index in origins if index is not None] == list(range(len(protocol.steps)))
    again, same = with_waits(waited, TARGET)
    assert again is waited and None not in same


def test_the_table_says_what_is_known_and_how() -> None:
    steps = (scan("t1_3d_pre", 310.0), scan("dwi"), GADOLINIUM, scan("dti", optional=True, technique="other"))
    rows = rows_for_table(build_timeline(exam(*steps), TARGET))
    assert rows[0][0] == "0:00" and rows[0][2:] == ("5:10", "console", "estimate 5:03 (5:01-5:05)")
    assert rows[1][3] == "estimate" and " (" in rows[1][2]
    assert rows[2][1:] == ("Injection: gadoteric acid", "", "", "contrast")
    missing = "optional, no estimate without a formula for a sequence of its own"
    assert rows[3][2:] == ("?", "unknown", missing)


def test_a_stored_time_far_from_the_estimate_is_noted() -> None:
    near, far = scan("t1_3d_pre", 305.0), scan("t1_3d_pre", 200.0)
    result = ReadResult(
        format="siemens-exar1", vendor="siemens", field_strength=3.0, protocols=(exam(near), exam(near, far))
    )
    notes = time_notes(result)
    assert [(note.protocol, note.step, note.code) for note in notes] == [(1, 1, "time-differs")]
    assert isinstance(notes[0], Note)
    assert notes[0].message.startswith("the file says 3:20, the parameters give 5:03")


def test_a_triggered_scan_has_no_number() -> None:
    step = scan("dwi").model_copy(update={"gating": "respiratory"})
    line = build_timeline(exam(step), TARGET)
    assert rows_for_table(line)[0][2:] == ("?", "unknown", "cannot be estimated: triggered")
    assert not line.complete and line.rows[0].interval is None


def test_intervals_are_added_end_by_end() -> None:
    line = build_timeline(exam(scan("t1_3d_pre"), scan("dwi", 60.0), scan("dti", optional=True)), TARGET)
    first = line.rows[0].interval
    assert first is not None and line.rows[1].interval == (60.0, 60.0)
    assert line.interval == pytest.approx((first[0] + 60, first[1] + 60))
    unproven = Target(vendor="canon", field_strength=3.0)
    assert build_timeline(exam(scan("t1_3d_pre"), scan("dwi", 60.0)), unproven).interval is None


def test_a_scan_that_may_wait_for_breathing_has_no_time() -> None:
    """A code of physiological control that a reader does not know may be a navigator: no number."""
    free, doubtful = scan("dti", 60.0), scan("dwi", 60.0)
    note = Note(code="unknown-code", message="", protocol=0, step=1, field="gating")
    result = ReadResult(format="exar1", vendor="siemens", protocols=(exam(free, doubtful),), notes=(note,))
    rows = build_timeline(timed_as_read(result).protocols[0], TARGET).rows
    assert rows[0].estimate and rows[1].why_not == "cannot be estimated: triggered"
    held = result.model_copy(update={"notes": (note.model_copy(update={"code": BREATH_HELD}),)})
    assert build_timeline(timed_as_read(held).protocols[0], TARGET).rows[1].estimate


def test_a_sequence_that_was_only_inferred_has_no_time() -> None:
    known, guessed = scan("t1_3d_pre", 200.0), scan("dwi", 60.0)
    note = Note(code=INFERRED, message="", protocol=0, step=1, field="technique")
    result = ReadResult(format="dicom", vendor="siemens", protocols=(exam(known, guessed),), notes=(note,))
    rows = build_timeline(timed_as_read(result).protocols[0], TARGET).rows
    assert rows[0].estimate and rows[1].why_not == "no estimate without a formula for a sequence of its own"
    assert [one.step for one in time_notes(result)] == [0]
    assert timed_as_read(result.model_copy(update={"notes": ()})).protocols == result.protocols
