"""Slips of unit and of decimal point: a valid number in a valid unit that no scanner reaches."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.slips import GOAL, PAGE, PLAUSIBLE, TENFOLD, of_card, page, share
from generator import pipeline, resources
from generator.model.tree import Target
from generator.rules.engine import Report
from generator.rules.ranges import KINDS, load_ranges
from generator.spec.diagnostic import SourceErrors
from generator.spec.load import find, load, load_text

GE = Target(vendor="ge", field_strength=3.0)

HEAD = "protocol: slip\ntitle: A slip\nfield_strengths: [3 T]\nsteps:\n  - acquisition: t1-3d\n    "


def report(line: str) -> Report:
    return pipeline.check(pipeline.prepare(load_text(f"{HEAD}{line}\n"), GE))


@pytest.mark.parametrize(
    "line, code",
    [
        ("repetition_time_excitation: 7.1 s", "PHY033"),
        ("repetition_time: 1e300 s", "out-of-bounds"),
        ("echo_spacing: 7.1 s", "out-of-bounds"),
        ("inversion_time: 0.9 ms", "PHY033"),
        ("flip_angle: 8 mrad", "PHY033"),
        ("flip_angle: 0 deg", "PHY033"),
        ("pixel_bandwidth: 240 kHz/px", "out-of-bounds"),
        ("number_of_slices: 99999999999999999999", "out-of-bounds"),
        ("slice_gap: -100 mm", "PHY033"),
        ("slice_thickness: 1 cm", "PHY034"),
        ("echo_train_length: 1920", "PHY035"),
        ("echo_times: []", "GUI906"),
        ("echo_times: null", "GUI906"),
        ("number_of_slices: null", "GUI906"),
    ],
)
def test_a_slip_is_found(line: str, code: str) -> None:
    """What no scanner could do is refused where it is read, what this one or this scan cannot by a rule."""
    try:
        found = {finding.code for finding in report(line).findings}
    except SourceErrors as refused:
        found = {one.code for one in refused.diagnostics}
    assert code in found


def test_without_a_slip_there_is_no_finding_of_the_kind() -> None:
    slips = {"PHY033", "PHY034", "PHY035", "GUI906"}
    assert not slips & {finding.code for finding in report("flip_angle: 9 deg").findings}


@pytest.mark.parametrize(
    "line, code",
    [
        ("repetition_time_preparation: 400 ms", "PHY002"),
        ("inversion_time: 2500 ms", "PHY002"),
        ("slice_thickness: 1 cm", "PHY034"),
        ("echo_train_length: 1920", "PHY035"),
    ],
)
def test_of_two_values_the_one_of_the_protocol_is_shown(line: str, code: str) -> None:
    """Whichever side of a comparison was changed in place, that is where the author has to look."""
    card = pipeline.prepare(load_text(f"{HEAD}{line}\n", "slip.yaml"), GE)
    (found,) = [one for one in pipeline.check(card).findings if one.code == code]
    place = card.position(found)
    assert place is not None and (place.file, place.line) == ("slip.yaml", 6)


def test_at_most_three_of_a_hundred_tenfold_slips_are_silent() -> None:
    """One card here; `make slips` moves every number of all of them and writes docs/slips.md."""
    card = pipeline.prepare(load(find("ofsep-brain-follow-up")[0]), GE)
    found = list(of_card(card))
    tenfold = [one for one in found if one.factor in TENFOLD]
    assert len(tenfold) > 200 and share(tenfold) <= GOAL
    assert {(one.field, one.factor) for one in tenfold if one.outcome == "silent"} <= set(PLAUSIBLE)
    assert {one.outcome for one in found} == {"refused", "error", "warning", "silent"}


def test_the_page_of_slips_has_a_reason_for_each_and_keeps_the_goal() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert "no reason is known" not in text
    (row,) = [line for line in text.splitlines() if "tenfold, both ways" in line]
    assert float(row.split("|")[-2].removesuffix(" % ")) <= 100 * GOAL
    assert page([]).splitlines()[0] == text.splitlines()[0]


@pytest.mark.parametrize(
    "text, message",
    [
        ("possible: []\nusual: []\nelse: []\n", "'else' is not a key here"),
        ("possible: []\nusual:\n  - for: {roles: flair}\n    limits: {}\n", "'flair' is no roles"),
        (
            "possible: []\nusual:\n  - for: {}\n    limits: {flip: {within: [1 deg, 2 deg], source: x}}\n",
            "there is no fact 'flip'",
        ),
        (
            "possible: []\nusual:\n  - for: {}\n    limits: {flip_angle: {within: [2 deg, 1 deg]}}\n",
            "the lower one first",
        ),
        (
            "possible: []\nusual:\n  - for: {}\n    limits: {flip_angle: {within: [1, 2], source: x}}\n",
            "needs a unit",
        ),
    ],
)
def test_a_file_of_ranges_says_what_is_wrong_with_it(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "ranges.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceErrors, match=message):
        load_ranges(path)


def test_every_range_has_a_source_and_usual_ones_lie_within_possible_ones() -> None:
    ranges = load_ranges(resources.specs("ranges", "ranges.yaml"))
    rows = [row for kind in KINDS for row in ranges[kind]]
    assert all(one.source for row in rows for one in row.limits.values())
    (everything,) = [row for row in ranges["possible"] if not row.chosen]
    for row in ranges["usual"]:
        for name, usual in row.limits.items():
            possible = everything.limits.get(name)
            assert possible is None or possible.lowest <= usual.lowest <= usual.highest <= possible.highest, (
                name
            )


@pytest.mark.parametrize(
    "field, value, code, severity",
    [
        ("echo_times", "[8 ms]", "PHY033", "error"),
        ("repetition_time", "62 s", "PHY033", "error"),
        ("b_values", "[0 s/mm2, 100 s/mm2]", "PHY036", "warning"),
        ("slice_thickness", "30 mm", "PHY036", "warning"),
    ],
)
def test_a_dwi_without_guideline_stays_on_the_floor(field: str, value: str, code: str, severity: str) -> None:
    text = f"{HEAD}".replace("t1-3d", "dwi") + f"{field}: {value}\n"
    found = pipeline.check(pipeline.prepare(load_text(text), GE)).findings
    assert (code, severity) in {(one.code, one.severity) for one in found}
