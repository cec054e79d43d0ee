"""Every codec is its own inverse, to the digits that it writes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.vendors.canon import facts
from generator.vendors.canon.facts import Across, Words
from generator.vendors.rows import Digits, Items, Unsayable

NUMBERS = [key for key in facts.KEYS if isinstance(key.codec, Digits)]


@given(st.sampled_from(NUMBERS), st.floats(0.5, 1e5))
def test_numbers(key: facts.Key, value: float) -> None:
    codec = key.codec
    assert isinstance(codec, Digits)
    try:
        text = codec.write(value)
    except Unsayable:
        assert codec.whole and value != int(value)
        return
    assert abs(codec.read(text) - value) <= 0.51 * codec.scale * 10**-codec.digits + 1e-9 * value
    assert codec.write(codec.read(text)) == text


@given(st.lists(st.integers(1, 10**6).map(lambda n: n / 100), min_size=1, max_size=5))
def test_series(values: list[float]) -> None:
    for separator in (" / ", ", "):
        codec = Items(Digits(), separator)
        assert codec.read(codec.write(values)) == tuple(values)


@given(st.permutations([0, 1, 2]), st.lists(st.none() | st.integers(1, 999), min_size=3, max_size=3))
def test_axes_in_any_order(order: list[int], values: list[int | None]) -> None:
    codec = Across(Digits(), tuple(order))
    assert codec.read(codec.write(values)) == tuple(values)


@pytest.mark.parametrize(
    "key", [key for key in facts.KEYS if isinstance(key.codec, Words)], ids=lambda key: key.id
)
def test_words_are_told_apart(key: facts.Key) -> None:
    codec = key.codec
    assert isinstance(codec, Words)
    assert [codec.read(codec.write(word)) for word in codec.words] == list(codec.words)


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        (Digits(), "12 ms"),
        (Digits(), "off"),
        (Across(Digits(), (1, 0)), "1 x 2 x 3"),
        (facts.PLANES, "AXE"),
        (Items(Digits(), ", "), ""),
    ],
)
def test_what_was_not_written_so_is_not_read(codec: Digits, text: str) -> None:
    with pytest.raises(ValueError):
        codec.read(text)
