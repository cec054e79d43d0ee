"""Every row of the decision table, every reading that touches it, and what is asked instead of guessed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from generator.followup.decide import decide, fits, table
from generator.followup.situation import Policy, Situation, add_months, derived, months_between

FU = Policy(profiles=("ms-follow-up-2025",))

# decision, facts that lead to it, protocol, gadolinium, months until the next exam, policy
CASES: list[tuple[str, dict[str, Any], str | None, str, tuple[float, float] | None, Policy | None]] = [
    ("D01", {"event": "first-diagnosis"}, "ofsep-brain-baseline-diagnosis", "give", (3, 6), None),
    ("D02", {"prior_available": False}, "ofsep-brain-baseline-diagnosis", "give", (12, 12), None),
    ("D03", {"event": "new-treatment"}, "ofsep-brain-baseline-new-dmt", "give", (6, 6), None),
    ("D04", {"event": "re-baseline"}, "ofsep-brain-re-baseline", "give", (6, 12), None),
    ("D05", {"comparable": True}, "ofsep-brain-follow-up", "none", (12, 12), None),
    ("D06", {"comparable": False}, "ofsep-brain-follow-up", "optional", (12, 12), None),
    ("D07", {"event": "relapse"}, "ofsep-brain-relapse", "optional", (3, 6), None),
    ("D08", {"high_activity": True}, "ofsep-brain-follow-up", "none", (3, 6), None),
    (
        "D09",
        {"comparable": True, "months_since_diagnosis": 20, "treatment_months": 15},
        "ofsep-brain-follow-up",
        "none",
        (6, 12),
        FU,
    ),
    ("D10", {"comparable": True, "treatment_months": 9}, "ofsep-brain-follow-up", "none", (6, 6), FU),
    ("D11", {"comparable": True, "jcv_status": "negative"}, "ofsep-brain-follow-up", "none", (12, 12), None),
    (
        "D12",
        {"jcv_status": "positive", "jcv_index": 1.6, "treatment_months": 18},
        "ofsep-brain-pml-screening",
        "none",
        (3, 4),
        None,
    ),
    (
        "D13",
        {"jcv_status": "positive", "jcv_index": 1.2},
        "ofsep-brain-pml-screening",
        "none",
        (3, 3),
        Policy(jcv_low_index_policy="literal"),
    ),
    (
        "D14",
        {"jcv_status": "positive", "jcv_index": 1.6, "treatment_months": 17.5},
        "ofsep-brain-follow-up",
        "none",
        (12, 12),
        None,
    ),
    (
        "D15",
        {"jcv_status": "positive", "treatment_months": 30},
        "ofsep-brain-pml-screening",
        "none",
        (3, 4),
        None,
    ),
    ("D16", {"event": "pml-suspected"}, "ofsep-brain-pml-screening", "optional", None, None),
    ("D17", {"event": "intercurrent"}, "ofsep-brain-follow-up", "optional", (12, 12), None),
    ("D18", {"pregnancy": True, "event": "relapse"}, None, "clinician", None, None),
]


@pytest.mark.parametrize(
    ("id_", "facts", "protocol", "gadolinium", "months", "policy"), CASES, ids=lambda v: str(v)
)
def test_every_decision(
    id_: str,
    facts: dict[str, Any],
    protocol: str | None,
    gadolinium: str,
    months: tuple[float, float] | None,
    policy: Policy | None,
) -> None:
    decision = decide(Situation(**facts), policy)
    assert decision.entry is not None and decision.entry.id == id_
    assert (decision.protocol, decision.gadolinium, decision.months) == (protocol, gadolinium, months)
    assert decision.why and not decision.questions
    assert decision.sources or id_ == "D14", "only the gap of C30 has no source"


def test_the_cases_are_the_whole_table() -> None:
    assert {case[0] for case in CASES} == {entry.id for entry in table().decisions}
    assert {row.id for row in (*table().spine, *table().rewrites)} == {"D19", "D20", "D21"}


@pytest.mark.parametrize(
    ("facts", "id_"),
    [
        ({"spinal_symptoms": True}, "D19"),
        ({"months_since_last_spine": 36}, "D20"),
        ({"months_since_last_spine": 35}, None),
    ],
)
def test_what_the_spine_needs(facts: dict[str, Any], id_: str | None) -> None:
    spine = decide(Situation(comparable=True, **facts)).spine
    assert (spine.id if spine else None) == id_


def test_a_scanner_without_3d_flair_rewrites_the_list() -> None:
    decision = decide(Situation(event="relapse", flair_3d_available=False))
    assert [row.id for row in decision.rewrites] == ["D21"]
    assert dict(decision.rewrites[0].replace) == {"flair_3d": ("flair_2d", "pdt2_2d")}
    assert "C25" in decision.conflicts


# What is asked: the conflict that makes it a question, and the facts that lead there.
@pytest.mark.parametrize(
    ("facts", "asked", "readings"),
    [
        ({"jcv_status": "positive", "jcv_index": 1.2}, "jcv_low_index_policy", {"literal", "general"}),
        (
            {"jcv_status": "positive", "jcv_index": 1.5, "treatment_months": 20},
            "jcv_low_index_policy",
            {"high", "literal", "general"},
        ),
        ({"jcv_status": "positive", "jcv_index": 1.7}, "treatment_months", set()),
        ({}, "comparable", set()),
    ],
)
def test_open_questions_are_asked(facts: dict[str, Any], asked: str, readings: set[str]) -> None:
    decision = decide(Situation(**facts))
    assert decision.entry is None and decision.protocol is None
    assert [question.fact for question in decision.questions] == [asked]
    assert set(decision.questions[0].readings) == readings


@pytest.mark.parametrize(("policy", "months"), [("literal", (3, 3)), ("general", (12, 12))])
def test_a_policy_answers_the_question_of_a_low_index(policy: str, months: tuple[int, int]) -> None:
    chosen = Policy.model_validate({"jcv_low_index_policy": policy})
    low = decide(Situation(jcv_status="positive", jcv_index=1.2), chosen)
    assert low.months == months and "C01" in low.conflicts
    edge = decide(Situation(jcv_status="positive", jcv_index=1.5, treatment_months=20), chosen)
    assert edge.entry is not None and edge.entry.id == "D12"


def test_the_re_baseline_contrast_may_be_made_optional() -> None:
    decision = decide(Situation(event="re-baseline"), Policy(rebaseline_gd="optional"))
    assert decision.gadolinium == "optional" and "C06" in decision.conflicts


# Every conflict that can touch a plan, and a situation in which it does.
@pytest.mark.parametrize(
    ("conflict", "facts", "policy"),
    [
        ("C01", {"jcv_status": "positive", "jcv_index": 1.0}, None),
        ("C02", {"event": "first-diagnosis"}, None),
        ("C06", {"event": "re-baseline"}, None),
        ("C07", {"event": "first-diagnosis"}, None),
        ("C14", {"comparable": True}, None),
        ("C15", {"comparable": True, "jcv_status": "negative"}, None),
        ("C16", {"jcv_status": "positive", "treatment_months": 19}, None),
        ("C17", {"comparable": True, "treatment_months": 9}, FU),
        ("C18", {"high_activity": True}, None),
        ("C19", {"comparable": True, "spinal_symptoms": True}, None),
        ("C20", {"comparable": True, "spinal_symptoms": True}, None),
        ("C25", {"comparable": True, "flair_3d_available": False}, None),
        ("C26", {"event": "relapse"}, None),
        ("C27", {"event": "new-treatment"}, None),
        ("C30", {"jcv_status": "positive", "treatment_months": 19}, None),
        ("C31", {"pregnancy": True}, None),
        ("C35", {"comparable": False}, None),
    ],
)
def test_a_conflict_that_touched_the_answer_is_named(
    conflict: str, facts: dict[str, Any], policy: Policy | None
) -> None:
    assert conflict in decide(Situation(**facts), policy).conflicts


def test_what_was_assumed_is_said() -> None:
    decision = decide(Situation(comparable=True, pregnancy=False))
    assert "pregnancy = no" not in decision.assumed
    assert {"event = routine", "prior_available = yes", "spinal_symptoms = no"} <= set(decision.assumed)


def test_the_re_baseline_is_recognised_by_its_date() -> None:
    situation = Situation(visit=date(2026, 8, 3), treatment_start=date(2026, 2, 1))
    assert derived(situation).event == "re-baseline"
    late = situation.model_copy(update={"rebaseline_month": 9.0})
    assert derived(late).event == "routine"


def test_an_unstated_fact_leaves_a_row_undecided() -> None:
    row = next(entry for entry in table().decisions if entry.id == "D12")
    assert fits(row, Situation()) is None
    assert fits(row, Situation(jcv_status="negative")) is False


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 12, 15), 0, date(2026, 12, 15)),
    ],
)
def test_months_keep_to_the_calendar(start: date, months: int, end: date) -> None:
    assert add_months(start, months) == end
    assert months_between(start, end) == pytest.approx(months)
