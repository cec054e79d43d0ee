"""Estimates against the times the consoles showed, over all real protocol files."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import accuracy
from bench.accuracy import Summary, Timed

pytestmark = pytest.mark.corpus


@pytest.fixture(scope="module")
def timed(corpus: Path) -> list[Timed]:
    return accuracy.corpus(corpus)


@pytest.fixture(scope="module")
def summary(timed: list[Timed]) -> Summary:
    return accuracy.summarise(timed)


def test_nine_of_ten_timed_scans_have_an_estimate(summary: Summary) -> None:
    assert summary.timed >= 170
    assert summary.share_estimated >= 0.90


def test_the_median_error_is_below_two_per_cent(summary: Summary) -> None:
    assert summary.median <= 0.02


def test_nine_of_ten_estimates_are_within_five_per_cent(summary: Summary) -> None:
    assert summary.share_near >= 0.90


def test_no_role_of_the_guideline_is_off_by_more_than_five_per_cent(summary: Summary) -> None:
    assert [row.name for row in summary.roles_off] == []


def test_the_stated_uncertainty_holds_for_nine_of_ten(summary: Summary) -> None:
    assert summary.share_covered >= 0.90


def test_a_scan_without_an_estimate_says_what_is_missing(timed: list[Timed]) -> None:
    without = [row for row in timed if row.estimated is None]
    assert without
    assert all(row.missing for row in without)


def test_no_single_file_carries_the_figures(timed: list[Timed]) -> None:
    """With any one file left out the median error stays within one percentage point of the whole."""
    whole = accuracy.summarise(timed)
    for source in {row.source for row in timed}:
        rest = accuracy.summarise([row for row in timed if row.source != source])
        assert abs(rest.median - whole.median) <= 0.01, source
        assert rest.share_near >= 0.87, source


def test_the_page_of_the_docs_is_current(timed: list[Timed]) -> None:
    page = accuracy.PAGE.read_text("utf-8")
    assert page == accuracy.page(accuracy.cards(), timed), "run make accuracy"
