"""How the table is read: open facts, policies, readings, assumptions; the answers are in test_histories."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from generator.followup.decide import decide, fits, intersection
from generator.followup.situation import Known, Policy, Situation, add_months, derived, months_between
from generator.followup.table import table

HIGH = {"treatment": "natalizumab", "jcv_status": "positive", "jcv_index": 1.7}
LOW = HIGH | {"jcv_index": 1.2}


def test_every_fact_of_the_table_is_known() -> None:
    rows = (*table().rows, *table().silences)
    assert {fact for row in rows for fact in row.when} <= set(Known.model_fields)
    assert set(table().questions) <= set(Situation.model_fields)
    assert len({row.id for row in table().rows}) == len(list(table().rows))


@pytest.mark.parametrize(
    ("spans", "allowed"),
    [
        ([(3, 4), (12, 12)], (3, 4)),
        ([(5, 7), (6, 6), (12, 12)], (6, 6)),
        ([(6, 12), (12, 12)], (12, 12)),
        ([(3, 6), (3, 4)], (3, 4)),
        ([(8, 10), (6, 6)], (6, 6)),
        ([], None),
    ],
)
def test_the_interval_is_what_all_rows_allow(spans: list[tuple[float, float]], allowed: object) -> None:
    assert intersection(spans) == allowed


def test_a_row_that_applies_is_cited_with_what_it_allows() -> None:
    decision = decide(Situation(event="relapse", treatment_months=30, **HIGH))
    assert {cap.row.id: cap.months for cap in decision.caps} == {
        "D07": (3, 6),
        "D12": (3, 4),
        "D15": (3, 4),
        "D31": (12, 12),
    }
    assert {"ofsep2020.pml.index-high-interval", "ofsep2020.gd.optional-relapse"} <= set(decision.sources)


@pytest.mark.parametrize(
    ("facts", "id_"),
    [
        ({"spinal_symptoms": True}, "D19"),
        ({"months_since_last_spine": 36}, "D20"),
        ({"months_since_last_spine": 24}, None),
        ({}, None),
    ],
)
def test_what_the_spine_needs(facts: dict[str, Any], id_: str | None) -> None:
    decision = decide(Situation(comparable=True, **facts))
    assert (decision.spine_row and decision.spine and decision.spine_row.id) == id_


def test_the_three_yearly_spine_is_always_there_and_its_date_is_assumed_aloud() -> None:
    decision = decide(Situation(comparable=True))
    assert decision.spine is None and decision.spine_due == (0, 36)
    assert any(said.startswith("months_since_last_spine") for said in decision.assumed)


def test_a_scanner_without_3d_flair_rewrites_the_list() -> None:
    decision = decide(Situation(event="relapse", flair_3d_available=False))
    assert [row.id for row in decision.rewrites] == ["D21"]
    assert dict(decision.rewrites[0].replace) == {"flair_3d": ("flair_2d", "pdt2_2d")}
    assert "C25" in decision.conflicts
    brain = {row.protocol for row in (*table().exams, *table().surveillance)}
    brain |= {row.protocol_with_gadolinium for row in table().exams}
    assert brain - {None} <= set(decision.rewrites[0].cards), "no exam is left without a card"


@pytest.mark.parametrize(
    ("facts", "asked", "readings"),
    [
        (LOW | {"treatment_months": 5}, "jcv_low_index_policy", {"literal", "general"}),
        (HIGH, "treatment_months", set()),
        ({}, "comparable", set()),
        ({"jcv_status": "positive", "jcv_index": 2, "treatment_months": 20}, "treatment", set()),
        ({"event": "new-treatment"}, "previous_treatment", set()),
    ],
)  # fmt: skip
def test_open_questions_are_asked_and_count_until_then(
    facts: dict[str, Any], asked: str, readings: set[str]
) -> None:
    decision = decide(Situation(**{"comparable": True if facts else None, **facts}))
    assert decision.protocol
    assert [question.fact for question in decision.questions] == [asked]
    assert set(decision.questions[0].readings) == readings


def test_an_unstated_comparison_leaves_contrast_to_the_radiologist() -> None:
    decision = decide(Situation())
    assert (decision.entry.id, decision.gadolinium) == ("D06", "optional")


@pytest.mark.parametrize(("policy", "months"), [("literal", (3, 3)), ("general", (12, 12))])
def test_a_policy_answers_the_question_of_a_low_index(policy: str, months: tuple[int, int]) -> None:
    chosen = Policy.model_validate({"jcv_low_index_policy": policy, "profiles": ("ofsep-2020",)})
    low = decide(Situation(treatment_months=6, comparable=True, event="routine", **LOW), chosen)
    assert low.months == months and "C01" in low.conflicts and not low.questions
    edge = decide(Situation(comparable=True, treatment_months=20, **(HIGH | {"jcv_index": 1.5})), chosen)
    assert edge.entry.id == "D12"


def test_the_re_baseline_contrast_may_be_made_optional() -> None:
    decision = decide(Situation(event="re-baseline"), Policy(rebaseline_gd="optional"))
    assert decision.gadolinium == "optional" and "C06" in decision.conflicts
    assert decision.protocol == "ofsep-brain-follow-up"
    assert decision.with_gadolinium and decision.with_gadolinium.protocol == "ofsep-brain-re-baseline"


# Every conflict that can touch a plan, and a situation in which it does.
@pytest.mark.parametrize(
    ("conflict", "facts"),
    [
        ("C01", LOW),
        ("C02", {"event": "first-diagnosis"}),
        ("C06", {"event": "re-baseline"}),
        ("C07", {"event": "first-diagnosis"}),
        ("C14", {"comparable": True}),
        ("C15", {"comparable": True, "treatment": "natalizumab", "jcv_status": "negative"}),
        ("C16", HIGH | {"treatment_months": 19}),
        ("C17", {"comparable": True, "treatment_months": 9}),
        ("C18", {"high_activity": True}),
        ("C19", {"comparable": True, "spinal_symptoms": True}),
        ("C20", {"comparable": True, "spinal_symptoms": True}),
        ("C25", {"comparable": True, "flair_3d_available": False}),
        ("C26", {"event": "relapse"}),
        ("C27", {"event": "new-treatment"}),
        ("C30", HIGH | {"treatment_months": 19}),
        ("C31", {"pregnancy": True}),
        ("C35", {"comparable": False}),
    ],
)
def test_a_conflict_that_touched_the_answer_is_named(conflict: str, facts: dict[str, Any]) -> None:
    assert conflict in decide(Situation(**facts)).conflicts


def test_what_was_assumed_is_said() -> None:
    decision = decide(Situation(comparable=True, pregnancy=False))
    assert "pregnancy = no" not in decision.assumed
    assert {"event = routine", "prior_available = yes", "course = relapsing"} <= set(decision.assumed)
    drugs = [said for said in decision.assumed if "natalizumab" in said]
    assert len(drugs) == 2, "neither now nor before"


def test_the_re_baseline_is_recognised_by_its_date() -> None:
    situation = Situation(visit=date(2026, 8, 3), treatment_start=date(2026, 2, 1))
    assert derived(situation).event == "re-baseline"
    late = situation.model_copy(update={"rebaseline_month": 9.0})
    assert derived(late).event == "routine"


def test_an_unstated_fact_leaves_a_row_undecided() -> None:
    row = next(row for row in table().surveillance if row.id == "D12")
    assert fits(row.when, Situation()) is None
    assert fits(row.when, Situation(jcv_status="negative")) is False


@pytest.mark.parametrize("status, asked", [(None, "is it positive?"), ("negative", "which of them holds?")])
def test_an_index_without_a_positive_serology_is_asked_about(status: Any, asked: str) -> None:
    facts = {"treatment": "natalizumab", "treatment_months": 20, "comparable": True}
    decision = decide(Situation(jcv_index=1.8, jcv_status=status, **facts))
    assert [question.fact for question in decision.questions] == ["jcv_status"]
    assert asked in decision.questions[0].text
    assert decision.months == (3, 4), "the stricter of both until it is answered"


def test_months_of_a_treatment_that_starts_now_are_asked_about() -> None:
    decision = decide(Situation(event="new-treatment", treatment="fingolimod", treatment_months=30))
    assert {question.fact for question in decision.questions} == {"previous_treatment", "treatment_months"}
    assert decision.months == (3, 4), "it may have been natalizumab"


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 12, 15), 0, date(2026, 12, 15)),
        (date(2026, 1, 10), 3.75, date(2026, 5, 2)),
    ],
)
def test_months_keep_to_the_calendar(start: date, months: int, end: date) -> None:
    assert add_months(start, months) == end
    assert months_between(start, end) == pytest.approx(months, abs=0.05)
    assert months_between(start, end) <= months + 1e-9, "never later than the cap"


@pytest.mark.parametrize(
    ("stated", "treatment", "treated", "said"),
    [
        ({"event": "first-diagnosis"}, "none", False, "treatment = none yet"),
        ({"event": "first-diagnosis", "treatment": "natalizumab"}, "natalizumab", True, None),
        ({"event": "first-diagnosis", "treatment": "none"}, "none", False, None),
        ({"event": "routine"}, "other", True, "treatment = another one than natalizumab"),
        ({"event": "routine", "treatment": "none"}, "none", False, None),
        ({"event": "routine", "jcv_status": "positive"}, None, True, None),
        ({"event": "routine", "jcv_index": 0.7}, None, True, None),
    ],
)
def test_what_is_taken_for_the_treatment(
    stated: dict[str, Any], treatment: str | None, treated: bool, said: str | None
) -> None:
    """Who was just diagnosed has no drug yet; who comes again has one; with a word on JCV it is asked for."""
    known = derived(Situation(**stated))
    assert (known.treatment, known.treated) == (treatment, treated)
    assert [one for one in known.assumed if one.startswith("treatment = ")] == ([said] if said else [])
