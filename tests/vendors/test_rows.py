"""Rows: one declaration reads and writes; codecs are their own inverses."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.model.tree import Acquisition
from generator.vendors import rows
from generator.vendors.account import Reasons
from generator.vendors.rows import Codes, Digits, Items, Number, Row, Text, Unsayable, flag


class Pairs(dict[str, Any]):
    put = dict.__setitem__

    def drop(self, key: str) -> None:
        self.pop(key, None)


TR = Row("repetition_time", ("alTR", "lTR"), Number(scale=0.001, digits=0), reason="whole microseconds")
FAT = Row(
    "fat_suppression", ("FAT",), Codes({"none": 1, "fat_saturation": 4}, {2: "spair"}, {"spir": "none"})
)
SHARE = Row("partial_fourier_phase", ("PF",), Digits(digits=2), default=1.0, coupled=("number_of_averages",))
NEX = Row("number_of_averages", ("NEX",), Digits(digits=2, fixed=True))


def test_a_row_writes_its_first_key_and_reads_any() -> None:
    document = Pairs({"lTR": 4000000})
    assert [(key, value) for _, key, value in rows.read([TR], document)] == [("lTR", 4000.0)]
    rows.write([TR], Acquisition(name="a", repetition_time=2500), document, Reasons().at(0))
    assert document == {"alTR": 2500000}


def test_a_default_is_read_where_the_key_is_missing_and_not_written_there() -> None:
    document = Pairs()
    assert [value for *_, value in rows.read([SHARE], document)] == [1.0]
    rows.write([SHARE], Acquisition(name="a", partial_fourier_phase=1), document, Reasons().at(0))
    assert document == {}
    document["PF"] = "0.75"
    rows.write([SHARE], Acquisition(name="a", partial_fourier_phase=1), document, Reasons().at(0))
    assert document == {"PF": "1"}


def test_what_cannot_be_said_leaves_its_reason_and_the_document_alone() -> None:
    document, reasons = Pairs(FAT=4), Reasons()
    rows.write([FAT], Acquisition(name="a", fat_suppression="dixon"), document, reasons.at(3))
    assert document == {"FAT": 4}
    assert reasons.reason(3, "fat_suppression") == "no code is known for 'dixon'"


def test_an_odd_value_is_handed_to_the_caller_or_raised() -> None:
    seen: list[str] = []
    found = rows.read([FAT], Pairs(FAT=99), lambda row, key, error: seen.append(f"{key} {error}"))
    assert list(found) == [] and seen == ["FAT 99 is none of 1, 4"]
    with pytest.raises(ValueError, match="99"):
        list(rows.read([FAT], Pairs(FAT=99)))


def test_a_donor_is_given_what_differs_and_what_hangs_on_it() -> None:
    wanted = Acquisition(name="a", partial_fourier_phase=0.75, number_of_averages=1, repetition_time=500)
    same = {"partial_fourier_phase": 0.75, "number_of_averages": 1, "repetition_time": 500}
    assert rows.to_write([TR, SHARE, NEX], wanted, same) == ()
    assert rows.to_write([TR, SHARE, NEX], wanted, same | {"partial_fourier_phase": 1.0}) == (SHARE, NEX)


def test_codes_keep_true_and_one_apart() -> None:
    assert flag("On", "Off").read("On") is True
    with pytest.raises(ValueError, match="1"):
        flag().read(1)
    assert FAT.codec.read(2) == "spair"
    assert FAT.codec.write("spir") == 1


def test_digits_round_as_written_by_hand() -> None:
    centimetres = Digits(scale=10, digits=1, fixed=True)
    assert centimetres.write(256.04) == "25.6"
    assert centimetres.read("25.6") == 256.0
    with pytest.raises(Unsayable):
        Digits(whole="whole only").write(1.5)
    assert Digits(off=1).write(1.0) == "off"
    assert Digits(scale=10, off=20).write(20.0) == "off"
    assert Digits(scale=10, off=20).write(2.0) == "0.2"


@settings(deadline=None)
@given(st.lists(st.integers(0, 10**6).map(lambda whole: whole / 1000), min_size=1))
def test_lists_and_numbers_come_back(values: list[float]) -> None:
    for codec in (Items(Digits(), " / "), Items(Number(scale=0.001, digits=0))):
        assert codec.read(codec.write(values)) == pytest.approx(tuple(values))


@given(st.text())
def test_text_comes_back(text: str) -> None:
    assert Text().read(Text().write(text)) == text
