"""A situation in a file: every mistake with its place, nothing passed over."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from generator.errors import UnusableInput
from generator.followup.plan import plan
from generator.followup.situation import Situation
from generator.followup.stating import mistakes, read_situation
from generator.followup.table import profiles
from generator.spec.diagnostic import SourceErrors


def refused(folder: Path, text: str) -> str:
    path = folder / "situation.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceErrors) as caught:
        read_situation(path)
    return str(caught.value).replace(f"{folder.as_posix()}/", "")


@pytest.mark.parametrize("name", ["situation.yaml", "situation.json"])
def test_yaml_and_json_are_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text('{"event": "relapse", "visit": "2025-01-31", "stable": false}', encoding="utf-8")
    known = Situation.model_validate(read_situation(path))
    assert (known.event, known.visit, known.stable) == ("relapse", date(2025, 1, 31), False)


@pytest.mark.parametrize(
    "text, said",
    [
        ("event: relaps\n", "situation.yaml:1:8: error[wrong-fact]: event cannot be 'relaps'"),
        ("event: relaps\n", "did you mean 'relapse'?"),
        ("event: relapse\nevent: routine\n", "situation.yaml:2:1: error[duplicate-key]"),
        ("pregnacy: yes\n", "did you mean 'pregnancy'?"),
        ("visit: 2025-02-30\n", "expected: a day, such as 2025-01-31"),
        ("jcv_index: high\n", "situation.yaml:1:12: error[wrong-fact]: jcv_index cannot be 'high'"),
        ("jcv_index: 21\n", "expected: a number, at most 20"),
        ("treatment_months: .nan\n", "expected: a number"),
        ("treatment_months: -1\n", "expected: a number, at least 0"),
        ("stable: maybe\n", "expected: yes or no"),
        ("treatment: natalizumap\n", "did you mean natalizumab?"),
        ("visit: 2026-01-01\ntreatment_start: 2026-02-01\n", "situation.yaml:2:18: error[wrong-fact]"),
        (
            "visit: 2026-01-01\ntreatment_start: 2026-02-01\n",
            "a day that is not after the visit (2026-01-01)",
        ),
        ("visit: 2026-01-01\ntreatment_start: 2025-01-01\ntreatment_months: 3\n", "what the dates say, 12.0"),
        ("stable: !!bool yes\n", "error[tag]"),
        ("- event\n", "a situation is a mapping of facts"),
        ("", "error[empty-file]"),
        ("a: &a [*a]\n", "error[recursive-alias]"),
    ],
)
def test_a_mistake_has_its_place(tmp_path: Path, text: str, said: str) -> None:
    assert said in refused(tmp_path, text)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    said = refused(tmp_path, "event: relaps\nvisit: today\njcv_index: -1\nunknown: 1\n")
    assert said.count("error[") == 4


def test_a_file_that_is_no_text_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "situation.yaml"
    with path.open("wb") as stream:
        stream.truncate(21_000_000)
    with pytest.raises(UnusableInput, match="longer than 20 MB"):
        read_situation(path)


def test_mistakes_of_options_name_the_option() -> None:
    (one,) = mistakes({"months_since_last_spine": "long"})
    assert one.option == "--months-since-last-spine cannot be 'long' (expected: a number)"


def test_the_answer_and_the_calendar_name_the_same_next_exam() -> None:
    known = Situation(visit=date(2025, 3, 1), treatment_start=date(2025, 1, 1), comparable=True)
    made = plan(known, 1.5)
    due, following = made.next_exam, made.exams[1]
    assert due is not None and following.decision == "D04"
    assert (due.month, due.earliest, due.latest) == (following.month, following.earliest, following.latest)
    assert due.day == following.day == date(2025, 7, 1)
    assert (due.earliest_day, due.latest_day) == (date(2025, 6, 1), date(2025, 8, 1))


def test_without_a_date_the_next_exam_is_in_months() -> None:
    due = plan(Situation(event="relapse")).next_exam
    assert due is not None and due.day is None and (due.earliest, due.latest) == (3, 6)


def test_profiles_are_those_of_the_table() -> None:
    assert profiles() == ("ms-follow-up-2025", "ofsep-2020")


def test_months_are_those_of_a_life() -> None:
    for name in ("treatment_months", "months_since_diagnosis"):
        assert mistakes({name: 0}) == mistakes({name: 1200}) == []
        assert [one.expected for value in (-1, 1201) for one in mistakes({name: value})] == [
            "a number, at least 0",
            "a number, at most 1200",
        ]
