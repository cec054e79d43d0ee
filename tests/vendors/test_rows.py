"""Rows: one declaration reads and writes; codecs are their own inverses."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.model.tree import Acquisition
from generator.vendors import gate, rows
from generator.vendors.account import Reasons
from generator.vendors.dialect import About
from generator.vendors.gate import Relation
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


def test_numbers_are_converted_by_hand() -> None:
    micro = Number(scale=0.001, digits=0)
    assert repr(micro.write(4.2304)) == "4230" and micro.read(4230) == 4.23
    assert Number(scale=10, digits=2).write(25.678) == 2.57 and Number(scale=10).write(25.678) == 2.5678
    assert repr(Number().read(3)) == "3" and Number().read("3.5") == 3.5
    assert Number(scale=0.1).read(3) == 0.3  # not 0.30000000000000004
    assert Digits().write(1.23456) == "1.235" and Digits().write(2.0) == "2"
    assert Digits(digits=0).write(20.0) == "20" and Digits(digits=1, fixed=True).write(24) == "24.0"
    assert Digits(whole="whole only").write(2.0) == "2"
    with pytest.raises(Unsayable, match=r"^whole only, the spec states 1\.5$"):
        Digits(whole="whole only").write(1.5)
    assert Digits(off=0.0).read("off") == 0.0 and Digits(off=0.0, off_word="NO").write(0) == "NO"
    assert Digits(scale=0.001).read("2500") == 2.5 and Digits(scale=0.1).read("3") == 0.3
    with pytest.raises(ValueError, match="off"):
        Digits().read("off")


def test_of_two_values_with_one_code_the_first_is_read() -> None:
    codes = Codes({"a": 1, "b": 1, "c": 2})
    assert [codes.write(one) for one in "abc"] == [1, 1, 2]
    assert [codes.read(one) for one in (1, 2)] == ["a", "c"]
    assert [flag().write(one) for one in (True, False)] == [True, False]
    assert [flag(4, 2).read(one) for one in (4, 2)] == [True, False]


def test_lists_may_end_with_their_separator() -> None:
    words = Items(Text(), ",")
    assert words.read("a,b,") == ("a", "b") and words.read("a") == ("a",) and words.read("") == ("",)
    assert words.read("a,b, ") == ("a", "b") and words.read("a,,b") == ("a", "", "b")
    assert Items(Text()).read(["a", ""]) == ("a", "") and Items(Text()).write(["a", "b"]) == ["a", "b"]
    assert [Text().write(one) for one in (True, False, ("a", "b"), 3)] == ["yes", "no", "a, b", "3"]


def test_a_doubt_is_left_for_what_is_written_and_a_reason_for_what_is_wanted() -> None:
    sure = Row("flip_angle", ("FA", "old"), Digits(), doubt="assumed", reason="rounded")
    document, reasons = Pairs(old=3), Reasons()
    rows.write([sure], Acquisition(name="a"), document, reasons.at(0))
    assert document == {"old": 3} and reasons.of[0] == About()
    rows.write([sure], Acquisition(name="a", flip_angle=10), document, reasons.at(0))
    assert document == {"FA": "10"}
    assert reasons.of[0] == About({"flip_angle": "rounded"}, {"flip_angle": "assumed"})
    assert [(key, value) for _, key, value in rows.read([sure, SHARE], document)] == [("FA", 10), ("", 1.0)]
    assert list(rows.read([sure], Pairs())) == []


def test_a_relation_that_can_be_mended_is_and_the_others_are_returned() -> None:
    def even(document: Pairs) -> bool | None:
        return document["n"] % 2 == 0 if "n" in document else None

    document, reasons = Pairs(n=3, m=1), Reasons()
    mend = Relation("even", "n is even", 9, 9, even, lambda one: one.put("n", 4), "flip_angle")
    fixed = Relation[Pairs]("m", "m is 2", 9, 9, lambda one: one["m"] == 2)
    assert [one.name for one in gate.broken([mend, fixed], document)] == ["even", "m"]
    assert gate.hold([mend, fixed], document, reasons.at(0)) == [fixed]
    assert document == {"n": 4, "m": 1}
    assert reasons.of[0] == About({"flip_angle": "corrected to the console's grid: n is even"})
    assert gate.broken([mend], Pairs(m=1)) == []
