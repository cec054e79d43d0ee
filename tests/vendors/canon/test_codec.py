"""Every codec is its own inverse, to the digits that it writes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.vendors.canon import facts
from generator.vendors.canon.codec import Across, Number, Series, Unsayable, Words

NUMBERS = [key for key in facts.KEYS if isinstance(key.codec, Number)]


@given(st.sampled_from(NUMBERS), st.floats(0.5, 1e5))
def test_numbers(key: facts.Key, value: float) -> None:
    codec = key.codec
    assert isinstance(codec, Number)
    try:
        text = codec.show(value)
    except Unsayable:
        assert codec.whole and value != int(value)
        return
    assert abs(codec.parse(text) - value) <= 0.51 * codec.scale * 10**-codec.digits + 1e-9 * value
    assert codec.show(codec.parse(text)) == text


@given(st.lists(st.integers(1, 10**6).map(lambda n: n / 100), min_size=1, max_size=5))
def test_series(values: list[float]) -> None:
    for separator in (" / ", ", "):
        codec = Series(Number(), separator)
        assert codec.parse(codec.show(values)) == tuple(values)


@given(st.permutations([0, 1, 2]), st.lists(st.none() | st.integers(1, 999), min_size=3, max_size=3))
def test_axes_in_any_order(order: list[int], values: list[int | None]) -> None:
    codec = Across(Number(), tuple(order))
    assert codec.parse(codec.show(values)) == tuple(values)


@pytest.mark.parametrize(
    "key", [key for key in facts.KEYS if isinstance(key.codec, Words)], ids=lambda key: key.id
)
def test_words_are_told_apart(key: facts.Key) -> None:
    codec = key.codec
    assert isinstance(codec, Words)
    assert [codec.parse(codec.show(word)) for word in codec.words] == list(codec.words)


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        (Number(), "12 ms"),
        (Number(), "off"),
        (Across(Number(), (1, 0)), "1 x 2 x 3"),
        (facts.PLANES, "AXE"),
        (Series(Number(), ", "), ""),
    ],
)
def test_what_was_not_written_so_is_not_read(codec: Number, text: str) -> None:
    with pytest.raises(ValueError):
        codec.parse(text)
