"""What follows from a situation, fact by fact: bounds of months, dates, what is taken for granted."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from generator.followup.situation import Situation, add_months, contradictions, derived, months_between

VISIT = date(2026, 7, 15)
STOPPED = {"event": "treatment-stopped", "treatment": "fingolimod"}
NEW = {"event": "new-treatment", "treatment": "fingolimod"}

# what is stated, and what is known of it then
KNOWN: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
    ({}, {"event": "routine", "course": "relapsing", "stable": True, "high_activity": False, "treated": True,
          "treatment": "other", "drug_named": False, "jcv_drug": None, "covered": True, "course_named": False,
          "paediatric": False, "pregnancy": False, "prior_available": True, "spinal_symptoms": False,
          "flair_3d_available": True, "first_year": False, "rebaseline_ahead": False}),
    ({"course": "cis"}, {"event": "first-diagnosis", "treated": False, "treatment": "none",
                        "course_named": True}),
    ({"course": "ris"}, {"event": "routine", "covered": False}),
    ({"course": "primary-progressive"}, {"covered": False}),
    ({"course": "secondary-progressive"}, {"covered": False}),
    ({"paediatric": True}, {"covered": False}),
    ({"stable": False}, {"high_activity": None}),
    ({"stable": False, "event": "relapse"}, {"high_activity": False}),
    ({"treatment_months": 4.9}, {"event": "routine", "rebaseline_ahead": True, "first_year": True}),
    ({"treatment_months": 5}, {"event": "re-baseline", "rebaseline_ahead": False}),
    ({"treatment_months": 7}, {"event": "re-baseline"}),
    ({"treatment_months": 7.1}, {"event": "routine"}),
    ({"treatment_months": 11, "rebaseline_month": 12}, {"event": "re-baseline", "rebaseline_ahead": False}),
    ({"treatment_months": 10.9, "rebaseline_month": 12}, {"event": "routine", "rebaseline_ahead": True}),
    ({"treatment_months": 11.9}, {"first_year": True}),
    ({"treatment_months": 12}, {"first_year": False}),
    ({"event": "re-baseline"}, {"first_year": True, "rebaseline_ahead": False}),
    ({"visit": VISIT, "treatment_start": date(2026, 1, 15), "diagnosis": date(2025, 7, 15)},
     {"treatment_months": 6, "months_since_diagnosis": 12, "event": "re-baseline"}),
    ({"visit": VISIT, "treatment_start": date(2026, 1, 15), "treatment_months": 5.5},
     {"treatment_months": 5.5}),
    ({"treatment": "natalizumab"}, {"drug_named": True, "treated": True, "previous_treatment": "none"}),
    ({"treatment": "none"}, {"drug_named": False, "treated": False, "first_year": None}),
    ({"treatment": "other"}, {"drug_named": False, "treated": True}),
    ({"jcv_index": 1.2}, {"treatment": None, "treated": True}),
    ({"jcv_status": "negative", "jcv_index": 1.2}, {"jcv_status": None, "jcv_index": 1.2}),
    ({"jcv_status": "negative"}, {"jcv_status": "negative", "treatment": None}),
    (STOPPED, {"previous_treatment": "fingolimod", "treatment": "none", "months_since_previous": 0.0,
               "treated": False, "treatment_months": None}),
    (STOPPED | {"previous_treatment": "natalizumab", "months_since_previous": 3, "treatment_months": 20},
     {"previous_treatment": "natalizumab", "months_since_previous": 3, "treatment_months": None}),
    (NEW, {"treatment_months": 0, "previous_treatment": "none", "months_since_previous": None}),
    (NEW | {"treatment_months": 1}, {"treatment_months": 0, "previous_treatment": "none"}),
    (NEW | {"treatment_months": 1.1}, {"treatment_months": 0, "previous_treatment": None,
                                       "months_since_previous": 0}),
    (NEW | {"jcv_index": 0.5}, {"previous_treatment": None}),
    (NEW | {"treatment": "natalizumab", "jcv_index": 0.5}, {"previous_treatment": "none"}),
    (NEW | {"previous_treatment": "natalizumab"}, {"months_since_previous": 0}),
    (NEW | {"previous_treatment": "natalizumab", "months_since_previous": 2}, {"months_since_previous": 2}),
)  # fmt: skip


def test_what_follows_from_a_situation() -> None:
    wrong = []
    for stated, wanted in KNOWN:
        found = derived(Situation(**stated))
        got = {name: getattr(found, name) for name in wanted}
        if got != wanted:
            wrong.append(f"{stated}: { ({k: v for k, v in got.items() if v != wanted[k]}) }")
    assert not wrong, "\n".join(wrong)


def test_what_is_taken_for_granted_is_said() -> None:
    usual = [
        "event = routine", "treatment = another one than natalizumab",
        "previous_treatment = not natalizumab in the last 12 months", "course = relapsing", "paediatric = no",
        "pregnancy = no", "prior_available = yes", "stable = yes", "spinal_symptoms = no",
        "flair_3d_available = yes",
        "high_activity = no", "treatment_months = more than a year, the re-baseline is done",
        "months_since_diagnosis = more than 36",
        "months_since_last_spine = 0; if it is longer, the whole spine is due sooner",
    ]  # fmt: skip
    assert list(derived(Situation()).assumed) == usual
    first = derived(Situation(event="first-diagnosis")).assumed
    assert "treatment = none yet" in first
    assert not [said for said in first if said.startswith(("prior_available", "months_since_diagnosis"))]
    stopped = derived(Situation(**STOPPED, treatment_months=3, months_since_last_spine=1)).assumed
    assert "months_since_previous = 0" in stopped
    assert not [
        said for said in stopped if said.startswith(("months_since_last_spine", "previous_treatment"))
    ]


def test_months_and_days_are_counted_by_the_calendar() -> None:
    spans = (
        (date(2026, 1, 15), VISIT, 6.0), (date(2026, 7, 1), date(2026, 7, 31), 30 / 31),
        (date(2026, 1, 31), date(2026, 2, 28), 1.0), (date(2025, 12, 31), date(2026, 1, 1), 1 - 30 / 31),
    )  # fmt: skip
    assert [months_between(a, b) for a, b, _ in spans] == [pytest.approx(months) for *_, months in spans]
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2026, 12, 15), 1) == date(2027, 1, 15)
    assert add_months(date(2026, 1, 15), 1.5) == date(2026, 3, 1)  # 14 of 28 days after 15 February
    assert add_months(VISIT, 0) == VISIT


def test_what_cannot_be_is_refused() -> None:
    start = date(2026, 1, 15)
    for months, fits in ((5.0, True), (7.0, True), (4.9, False), (7.1, False)):
        stated = {"visit": VISIT, "treatment_start": start, "treatment_months": months}
        if fits:
            Situation(**stated)
            continue
        with pytest.raises(ValidationError, match=r"what the dates say, 6\.0 months from 2026-01-15"):
            Situation(**stated)
    for name, low, high in (
        ("months_since_diagnosis", 0, 1200), ("treatment_months", 0, 1200), ("rebaseline_month", 3, 24),
        ("jcv_index", 0, 20),
    ):  # fmt: skip
        for value in (low, high):
            Situation(**{name: value})
        for value in (low - 0.1, high + 0.1):
            with pytest.raises(ValidationError):
                Situation(**{name: value})
    with pytest.raises(ValidationError, match="did you mean natalizumab"):
        Situation(treatment="natalizumap")


def test_what_does_not_fit_together_is_asked() -> None:
    def asked(**stated: Any) -> list[str]:
        return [name for name, _ in contradictions(Situation(**stated))]

    assert asked(jcv_index=1.0) == asked(jcv_index=1.0, jcv_status="negative") == ["jcv_status"]
    assert asked(jcv_index=1.0, jcv_status="positive") == asked() == []
    assert asked(**NEW) == ["previous_treatment"]
    assert asked(**NEW | {"treatment": "natalizumab"}) == []
    assert asked(**NEW, previous_treatment="none", treatment_months=1.0) == []
    assert asked(**NEW, previous_treatment="none", treatment_months=1.1) == ["treatment_months"]
