"""Estimates against the times the consoles showed, every export judged as if it had never been seen."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from bench import accuracy, intervals
from bench.accuracy_page import Summary, page, summarise
from bench.intervals import covered
from bench.known import truth
from bench.leave_out import Score, derived_without, entries, leave_out_each, table_with
from generator.timing import overheads
from generator.vendors.profile import beside, names

pytestmark = pytest.mark.corpus
MANY = 20  # scans of a family from which on it has to hold by itself


@pytest.fixture(scope="module")
def scores(corpus: Path) -> list[Score]:
    return leave_out_each(truth(corpus))


@pytest.fixture(scope="module")
def inside(scores: list[Score]) -> dict[int, bool]:
    return covered(scores)


@pytest.fixture(scope="module")
def summary(scores: list[Score], inside: dict[int, bool]) -> Summary:
    return summarise(scores, inside, range(len(scores)))


def test_scans_that_have_a_model_are_estimated(summary: Summary) -> None:
    assert summary.scans >= 350
    assert summary.share_estimated >= 0.92


def test_the_median_error_is_small(summary: Summary) -> None:
    assert summary.median <= 0.012


def test_most_estimates_are_within_five_per_cent(summary: Summary) -> None:
    assert summary.share_near >= 0.85


def test_the_interval_holds_nine_of_ten(summary: Summary) -> None:
    assert 0.86 <= summary.share_covered <= 0.94


def test_the_interval_holds_in_every_family(scores: list[Score], inside: dict[int, bool]) -> None:
    for family in {one.family for one in scores if one.computed}:
        places = [place for place, one in enumerate(scores) if one.family == family]
        found = summarise(scores, inside, places)
        if found.judged >= MANY:
            assert found.share_covered >= 0.8, family


def test_a_scan_without_an_estimate_says_what_is_missing(scores: list[Score]) -> None:
    without = [one for one in scores if one.computed is None]
    assert without
    assert all(one.missing for one in without)
    assert {one.missing for one in without if one.known.scan.gating == "cardiac"} == {"triggered"}


def test_an_export_has_no_part_in_the_constants_it_is_judged_by() -> None:
    """Without anybody else to ask, a constant of one export goes back to the middle of its bounds."""
    found = derived_without([], "aat-ipem")
    place = ("settling time of a 2D TSE", "ge", 0)
    assert found[place].value == pytest.approx((1.5 + 2.5) / 2)
    named = {place for place, entry in entries() if "aat-ipem" in entry.exports}
    assert found.keys() == named


def test_every_constant_names_exports_that_exist(scores: list[Score]) -> None:
    known = {one.known.export for one in scores}
    assert {name for _, entry in entries() for name in entry.exports} <= known


def test_the_tables_are_as_before_once_they_were_changed_for_a_while() -> None:
    before = dict(entries())
    changed = overheads.exactly(99, "s", "a test")
    with table_with({("preparation", "siemens", 0): changed, ("preparation", None, 0): changed}):
        assert overheads.overhead("preparation", "siemens") is changed
        assert overheads.overhead("preparation", "ge") is changed
    assert dict(entries()) == before


def test_the_stored_intervals_are_those_of_the_residuals(scores: list[Score]) -> None:
    """Nearly: a reader that learns a field moves them a little."""
    message = "run make accuracy"
    for vendor in names():
        path = beside(vendor, "intervals.json")
        stored = json.loads(path.read_text("utf-8")) if path else {}
        found = intervals.fitted(scores, vendor)
        assert stored.keys() == found.keys(), message
        for family, entry in found.items():
            assert stored[family]["exports"] == entry["exports"], message
            assert stored[family]["factor"] == pytest.approx(entry["factor"], rel=0.2, abs=0.11), message


def test_the_page_of_the_docs_is_current(scores: list[Score]) -> None:
    """Its headings, and its first figures within a point: what a reader learns moves them a little."""
    stored, made = (text.splitlines() for text in (accuracy.PAGE.read_text("utf-8"), page(scores)))
    for lines in (stored, made):
        assert lines[0].startswith("# Acquisition times")
    heads = [[line for line in lines if line.startswith("#")] for lines in (stored, made)]
    assert heads[0] == heads[1], "run make accuracy"
    first, second = (_shares(lines) for lines in (stored, made))
    assert first == pytest.approx(second, abs=1.0), "run make accuracy"


def _shares(lines: list[str]) -> list[float]:
    row = next(line for line in lines if line.startswith("| all scans"))
    return [float(share) for share in re.findall(r"([\d.]+) %", row)]


def test_without_the_corpus_it_says_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert accuracy.main([str(tmp_path / "corpus")]) == 2
    assert "protocol files of ../shared" in capsys.readouterr().err
