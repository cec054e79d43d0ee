"""The drawing of an exam: well-formed, accessible, the same every time, nothing unescaped."""

from __future__ import annotations

import re
from dataclasses import replace

from lxml import etree

from generator.model.tree import Contrast, Pause, Protocol, Reformat, Target
from generator.timing.svg import WORDS, timeline_svg
from generator.timing.timeline import Timeline, build_timeline, with_waits
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
