"""The drawing of an exam: well-formed, accessible, the same every time, nothing unescaped."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

from lxml import etree

from generator.model.tree import Contrast, Pause, Protocol, Reformat, Target
from generator.timing.svg import WORDS, timeline_svg
from generator.timing.timeline import Row, Timeline, build_timeline, with_waits
from tests.support.golden import Golden
from tests.timing.facts import own_scan

SVG = "{http://www.w3.org/2000/svg}"
TARGET = Target(vendor="ge", field_strength=3.0)


def exam() -> Timeline:
    steps = (
        own_scan("own-swi-3p0t", name="Scout", role="localizer", acquisition_duration=14.0),
        own_scan("own-t1_3d_pre-3p0t", name="T1 <pre> & more"),
        Contrast(agent="gadoteric acid", minimum_delay=600),
        own_scan("own-flair_3d-3p0t", name="FLAIR"),
        own_scan("own-dti-3p0t", name="DTI", optional=True),
        Reformat(source="flair-3d"),
        Pause(text='Ask "how are you"'),
        own_scan("own-t1_3d_post-3p0t", name="T1 post"),
        own_scan("own-dwi-3p0t", name="no formula", technique="other"),
    )
    protocol, _ = with_waits(Protocol(name="exam", steps=steps), TARGET)
    return build_timeline(protocol, TARGET)


def parsed(text: str) -> etree._Element:
    return etree.fromstring(text.encode())


def drawn(root: etree._Element, style: str) -> list[etree._Element]:
    return [element for element in root.iter() if element.get("class") == style]


def test_the_drawing_is_accessible_and_escaped() -> None:
    root = parsed(timeline_svg(exam(), 'MS <brain> & "spine"', 1200))
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "tl-title tl-desc"
    assert root.findtext(f"{SVG}title") == 'MS <brain> & "spine"'
    description = root.findtext(f"{SVG}desc") or ""
    assert "T1 <pre> & more" in description and "Limit 20:00." in description


def test_every_step_has_a_label_and_every_kind_its_bar() -> None:
    timeline = exam()
    root = parsed(timeline_svg(timeline, "exam", 1200))
    labels = {element.findtext(f"{SVG}title") for element in root.iter(f"{SVG}text")}
    assert {row.name for row in timeline.rows} <= labels
    legend = 1
    assert len(drawn(root, "wait")) == legend + 1
    assert len(drawn(root, "optional")) == legend + 1
    assert len(drawn(root, "setup")) == legend + 1
    assert len(drawn(root, "post")) == legend + 1
    assert len(drawn(root, "unknown")) == 2
    assert len(drawn(root, "limit")) == 1


def test_bars_lie_inside_the_drawing_in_exam_order() -> None:
    root = parsed(timeline_svg(exam(), "exam"))
    width = float(root.get("width") or 0)
    bars = [element for element in root.iter(f"{SVG}rect") if element.get("rx") == "3"]
    assert all(float(b.get("x") or 0) >= 0 for b in bars)
    assert all(float(b.get("x") or 0) + float(b.get("width") or 0) <= width for b in bars)
    assert not drawn(root, "limit")


def test_the_same_exam_is_drawn_the_same_every_time() -> None:
    assert timeline_svg(exam(), "exam", 900) == timeline_svg(exam(), "exam", 900)


def test_an_exam_without_steps_can_be_drawn() -> None:
    empty = build_timeline(Protocol(name="empty"), None)
    assert parsed(timeline_svg(empty, "empty")).tag == f"{SVG}svg"


def test_every_fixed_word_is_asked_for_in_the_language() -> None:
    asked = set()

    def shouted(words: str) -> str:
        asked.add(words)
        return re.sub(r"(?<!\{)\b\w+\b(?!\})", lambda found: found[0].upper(), words)

    complete = build_timeline(Protocol(name="short", steps=(own_scan("own-swi-3p0t"),)), TARGET)
    undelayed = replace(exam(), minimum_delay=None)
    for timeline in (exam(), complete, undelayed):
        root = parsed(timeline_svg(timeline, "EXAM", 1200, shouted, "xx"))
        assert root.get("lang") == "xx"
        given = {"min", *(word for row in timeline.rows for word in _words(row.name))}
        texts = [element.text or "" for element in root.iter() if element.tag != f"{SVG}style"]
        assert {word for text in texts for word in _words(text) if word.islower()} <= given
    assert asked == set(WORDS)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d]+", text)


def test_total_and_limit_stand_on_the_axis_of_the_exam() -> None:
    timeline = exam()
    for limit in (600.0, 6000.0):
        root = parsed(timeline_svg(timeline, "exam", limit))
        marks = {one.text: float(one.get("x") or 0) for one in drawn(root, "tick")}
        last = max(int(text.split()[0]) for text in marks if text)
        start, end = marks["0 min"], marks[str(last)]
        second = (end - start) / (60 * last)
        total = next(one for one in drawn(root, "counted") if one.get("height") == "12.0")
        assert abs(float(total.get("width") or 0) - timeline.counted * second) < 0.2
        (line,) = drawn(root, "limit")
        assert abs(float(line.get("x1") or 0) - start - limit * second) < 0.2
        assert float(line.get("x1") or 0) <= end + 0.1, "a limit far off lengthens the axis"


def test_an_optional_step_says_so() -> None:
    root = parsed(timeline_svg(exam(), "exam", 1200))
    words = [one.text or "" for one in drawn(root, "time")]
    assert sum("optional" in text for text in words) == 1


def _told(step: int, start: float, seconds: float | None, kind: str = "acquisition", **more: Any) -> Row:
    given = {"basis": "console", "uncertainty": 0.0, "counted": True, **more}
    return Row(step, f"{kind} {step}" + " of a long name" * (step % 3), kind, start, seconds, **given)


STATED = Timeline(
    rows=(
        _told(0, 0, 14, counted=False, set_up=True),
        _told(1, 14, 240),
        _told(2, 254, 300, uncertainty=40.0, basis="estimate"),
        _told(3, 554, 0, "contrast", counted=False),
        _told(4, 554, 90, "pause", counted=False),
        _told(5, 644, 200, optional=True, counted=False),
        _told(6, 844, None, basis="unknown"),
        _told(7, 844, None, "pause", counted=False),
        _told(8, 844, 0, "reformat", counted=False),
        _told(9, 900, 360),
    ),
    injection=554.0,
    image=900.0,
    delay=300.0,
    delay_uncertainty=0.0,
    delay_interval=None,
    minimum_delay=300.0,
    counted=900.0,
    counted_uncertainty=40.0,
    unknown=(6,),
    room_time=1500.0,
)


def test_the_drawing_is_the_one_that_was_looked_at(golden: Golden) -> None:
    files = {
        "stated.svg": timeline_svg(STATED, "An exam", 1080),
        "no-limit.svg": timeline_svg(replace(STATED, image=None, unknown=()), "An exam"),
        "long.svg": timeline_svg(replace(STATED, counted=4000.0, minimum_delay=None), "An exam", 3900),
    }
    golden.check("timing/drawing", {name: text.encode() for name, text in files.items()})


def test_bars_lie_where_their_times_are() -> None:
    """1,260 s are 21 minutes, marked every 2 up to 22; so a second is as wide as the axis through 1,320."""
    root = parsed(timeline_svg(STATED, "An exam"))
    ticks = drawn(root, "tick")
    assert [one.text for one in ticks] == ["0 min", *map(str, range(2, 23, 2))]
    left, right = (float(one.get("x") or 0) for one in (ticks[0], ticks[-1]))
    second = (right - left) / 1320
    bars = [one for one in root.iter(f"{SVG}rect") if one.get("height") == "16.0"]
    found = [((float(b.get("x") or 0) - left) / second, float(b.get("width") or 0) / second) for b in bars]
    wanted = [(r.start, r.duration) for r in STATED.rows if r.kind not in ("contrast", "reformat")]
    for (x, width), (start, seconds) in zip(found, wanted, strict=True):
        assert abs(x - start) < 0.2
        assert abs(width - (seconds or 3.3)) < 0.3, "an unknown time is a thin line of 1.5 pixels"
    tops = [float(b.get("y") or 0) for b in bars]
    assert tops == sorted(tops) and min(b - a for a, b in pairwise(tops)) > 16
    (margin, total) = drawn(root, "margin")
    for line, low, high in ((margin, 514, 594), (total, 860, 940)):
        assert abs((float(line.get("x1") or 0) - left) / second - low) < 0.2
        assert abs((float(line.get("x2") or 0) - left) / second - high) < 0.2
