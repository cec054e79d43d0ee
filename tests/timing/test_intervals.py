"""The rule that makes the width of an interval out of residuals, on numbers worked by hand."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.intervals import conformal, intraclass_correlation

SMALL = [float(number) for number in range(1, 10)]


def test_nine_scans_are_the_fewest_of_which_a_quantile_can_be_told() -> None:
    """With the scan to come nine of them are 90 % of ten: the largest one; eight are not 90 % of nine."""
    assert conformal([[one] for one in SMALL], 0.0) == 9.0
    assert conformal([[one] for one in SMALL[:8]], 0.0) == inf


def test_scans_of_a_cell_that_are_all_alike_speak_as_one() -> None:
    """Nine of one site are one scan; nine sites of three scans each are nine, each of a third."""
    assert conformal([SMALL], 1.0) == inf
    assert conformal([[one, one, one] for one in SMALL], 1.0) == 9.0


def test_the_weight_of_a_large_site_is_kish_s() -> None:
    """81 scans alike by 0.1 are 81 / 9 = 9: enough by themselves, and the largest is the quantile."""
    assert conformal([[float(number) for number in range(81)]], 0.1) == 80.0
    assert conformal([[float(number) for number in range(81)]], 0.11) == inf


def test_cells_without_anything_in_common() -> None:
    """Ranks 1 and 4 against 2 and 3: the same mean, so nothing between the cells."""
    assert intraclass_correlation([[1.0, 4.0], [2.0, 3.0]]) == 0.0


def test_cells_that_are_all_alike_within() -> None:
    """Nothing within the cells, so all of the variance is between them."""
    assert intraclass_correlation([[1.0, 1.0], [5.0, 5.0], [9.0, 9.0]]) == pytest.approx(1.0)


def test_analysis_of_variance_by_hand() -> None:
    """Twice the ranks 1, 2 | 3, 4, in steps of 2: between 16 / 1, within 4 / 2, two a cell: 14 / 18."""
    assert intraclass_correlation([[1.0, 2.0], [3.0, 4.0]]) == pytest.approx((16 - 2) / (16 + 2))


@settings(deadline=None)
@given(
    st.lists(st.lists(st.floats(0, 100), min_size=1, max_size=5), min_size=1, max_size=12), st.floats(0, 1)
)
def test_the_more_alike_the_scans_are_the_fewer_of_them_speak(cells: list[list[float]], alike: float) -> None:
    assert 0.0 <= intraclass_correlation(cells) <= 1.0
    assert (conformal(cells, alike) == inf) >= (conformal(cells, 0.0) == inf)
    told = sum(len(cell) / (1 + (len(cell) - 1) * alike) for cell in cells)
    assert (conformal(cells, alike) < inf) == (0.9 * (told + 1) - 1e-9 <= told)
