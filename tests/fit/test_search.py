"""The search against every combination there is."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from generator.fit.search import Choice, cheapest

numbers = st.integers(0, 20).map(float)
choices = st.lists(st.builds(Choice, numbers, numbers, numbers), min_size=1, max_size=4)
problems = st.lists(choices, max_size=4)


def total(groups: list[list[Choice]], chosen: tuple[int, ...], what: str) -> float:
    return sum(getattr(group[index], what) for group, index in zip(groups, chosen, strict=True))


@given(problems, st.integers(-1, 60), st.integers(-5, 60))
def test_yields_all_that_fit_and_the_cheapest_first(
    groups: list[list[Choice]], limit: int, least: int
) -> None:
    found = list(cheapest(groups, limit, least))
    every = product(*(range(len(group)) for group in groups))
    light = [chosen for chosen in every if total(groups, chosen, "weight") <= limit]
    fitting = [chosen for chosen in light if total(groups, chosen, "filling") >= least]
    assert sorted(found) == sorted(fitting)
    prices = [total(groups, chosen, "price") for chosen in found]
    assert prices == sorted(prices)


def test_of_equal_prices_the_earlier_choice_comes_first() -> None:
    group = [Choice(1.0, 1.0), Choice(1.0, 1.0)]
    assert list(cheapest([group, group], 2.0)) == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_nothing_to_choose_fits_a_limit_that_is_not_negative() -> None:
    assert list(cheapest([], 0.0)) == [()]
    assert list(cheapest([], -1.0)) == []
