"""The calendar, the count of injections, and the files made from them."""

from __future__ import annotations

import itertools
import re
from datetime import date
from pathlib import Path

import pytest

from generator.errors import UsageError
from generator.followup.plan import plan
from generator.followup.render import as_json, decision_page, icalendar
from generator.followup.situation import Policy, Situation

ROOT = Path(__file__).resolve().parents[2]
NEW = Situation(event="new-treatment", previous_treatment="none", visit=date(2026, 1, 31))
OFSEP = Policy(profiles=("ofsep-2020",))


def test_a_new_treatment_has_two_injections_in_five_years() -> None:
    made = plan(NEW, 5, OFSEP)
    assert [(e.month, e.protocol, e.gadolinium) for e in made.exams] == [
        (0, "ofsep-brain-baseline-new-dmt", "give"),
        (6, "ofsep-brain-re-baseline", "give"),
        (18, "ofsep-brain-follow-up", "none"),
        (30, "ofsep-brain-follow-up", "none"),
        (42, "ofsep-brain-follow-up", "none"),
        (54, "ofsep-brain-follow-up", "none"),
    ]
    assert (made.injections, made.optional_injections, made.yearly_injections) == (2, 0, 6)
    assert made.exams[1].day == date(2026, 7, 31)
    assert (made.exams[1].earliest, made.exams[1].latest) == (5, 7)
    assert [e.month for e in made.exams if e.spine] == [30], "within 36 months, at an exam that is due"
    assert any("D10" in remark for remark in made.remarks), "what was left out by choice is said"


def test_the_second_source_adds_the_exam_at_month_twelve() -> None:
    assert [e.month for e in plan(NEW, 2).exams] == [0, 6, 12, 24]


def test_the_re_baseline_moves_with_the_drug() -> None:
    late = NEW.model_copy(update={"rebaseline_month": 9.0})
    assert [(e.month, e.decision) for e in plan(late, 1, OFSEP).exams] == [(0, "D03"), (9, "D04")]
    assert [(e.month, e.decision) for e in plan(late, 1).exams] == [(0, "D03"), (6, "D05"), (9, "D04")]


def test_screening_starts_at_month_18_and_one_exam_a_year_is_full() -> None:
    situation = Situation(
        **{"treatment": "natalizumab", "jcv_status": "positive", "jcv_index": 1.8},
        comparable=True,
        treatment_months=10,
        months_since_last_spine=20,
    )
    made = plan(situation, 3, OFSEP)
    assert [(e.month, e.decision) for e in made.exams][:2] == [(0, "D05"), (8, "D12")]
    full = [e.month for e in made.exams if e.protocol == "ofsep-brain-follow-up"]
    assert all(later - earlier <= 12 for earlier, later in itertools.pairwise(full))
    assert {e.protocol for e in made.exams} == {"ofsep-brain-follow-up", "ofsep-brain-pml-screening"}
    assert all(
        3 <= later.month - earlier.month <= 4
        for earlier, later in zip(made.exams[1:], made.exams[2:], strict=False)
    )
    assert [e.month for e in made.exams if e.spine] == [16], "36 months after the last one at the latest"
    assert made.injections == 0
    assert any("month 18" in remark for remark in made.remarks)


def test_surveillance_goes_on_for_a_year_after_natalizumab() -> None:
    switch = Situation(event="new-treatment", treatment="ocrelizumab", previous_treatment="natalizumab")
    made = plan(switch, 2)
    assert [(e.month, e.protocol) for e in made.exams][:5] == [
        (0, "ofsep-brain-baseline-new-dmt"),
        (4, "ofsep-brain-pml-screening"),
        (7, "ofsep-brain-re-baseline"),
        (11, "ofsep-brain-pml-screening"),
        (15, "ofsep-brain-follow-up"),
    ]


@pytest.mark.parametrize(
    "situation",
    [Situation(), Situation(pregnancy=True), Situation(treatment="natalizumab", comparable=True)],
)
def test_no_calendar_is_made_of_an_open_question(situation: Situation) -> None:
    made = plan(situation, years=5)
    assert len(made.exams) == 2, "this visit, and when the next one is due at the latest"


def test_the_json_is_what_the_contract_says() -> None:
    made = as_json(
        plan(Situation(event="new-treatment", previous_treatment="natalizumab", treatment="fingolimod"))
    )
    now, then = made["exams"]
    assert (now["protocol"], now["injections"]) == ("ofsep-brain-baseline-new-dmt", 1)
    assert (then["when"]["from"], then["when"]["to"], then["gadolinium"]) == (3, 4, "none")
    outside = next(row for row in then["rows"] if row["outside"])
    assert outside["months"] == [3, 4] and "MAGNIMS" in outside["citations"][0]["source"]
    assert all(row["citations"] for exam in made["exams"] for row in exam["rows"])
    assert made["questions"] == [] and made["assumed"] and made["treatment"]["name"] == "fingolimod"
    assert made["spine"]["when"] == {"from": 0, "to": 36}


def test_the_calendar_file_is_icalendar() -> None:
    text = icalendar(plan(NEW, 1, OFSEP))
    assert text == icalendar(plan(NEW, 1, OFSEP)), "no clock, no random ids"
    lines = text.split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR" and lines[-2:] == ["END:VCALENDAR", ""]
    names = [line for line in lines if line.startswith("UID:")]
    assert names and all(re.fullmatch("UID:[0-9a-f]{32}@examcard", name) for name in names)
    assert all(len(line.encode()) <= 75 for line in lines)
    unfolded = text.replace("\r\n ", "")
    assert unfolded.count("BEGIN:VEVENT") == 2
    assert "DTSTART;VALUE=DATE:20260731" in unfolded and "DTEND;VALUE=DATE:20260801" in unfolded
    assert "SUMMARY:MRI ofsep-brain-re-baseline (with gadolinium)" in unfolded
    assert "planning aid" in unfolded


def test_a_calendar_file_needs_dates() -> None:
    with pytest.raises(UsageError, match="date"):
        icalendar(plan(Situation(event="relapse"), years=1))


def test_the_page_of_the_table_is_current() -> None:
    page = ROOT / "docs" / "decisions.md"
    assert page.read_text(encoding="utf-8") == decision_page(), "run `make docs`"
