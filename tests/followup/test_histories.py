"""At least sixty histories against the two documents, and what holds for every history there may be."""

from __future__ import annotations

from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.followup.decide import Decision, decide
from generator.followup.plan import plan
from generator.followup.situation import Course, Event, Policy, Situation
from generator.followup.table import table
from generator.model.tree import Contrast
from generator.rules import packs
from generator.spec.load import find, load
from tests.specs_shipped.cards import TARGETS
from tests.support.each import each

History = dict[str, Any]
HISTORIES: list[History] = yaml.safe_load(
    (Path(__file__).parent / "histories.yaml").read_text(encoding="utf-8")
)
every_history = each(HISTORIES, name=lambda history: history["name"])


def decided(facts: dict[str, Any], policy: dict[str, Any]) -> Decision:
    return decide(Situation.model_validate(facts), Policy.model_validate(policy))


def test_there_are_sixty_histories_and_more() -> None:
    assert len({history["name"] for history in HISTORIES}) == len(HISTORIES) >= 60


@every_history
def test_a_history_is_answered_as_the_documents_say(history: History) -> None:
    decision, expected = decided(history["facts"], history.get("policy", {})), history["expect"]
    assert decision.protocol == expected["protocol"]
    assert decision.months == (tuple(expected["months"]) if expected["months"] else None)
    assert decision.gadolinium == expected["gadolinium"]
    assert {question.fact for question in decision.questions} == set(expected.get("asks", ()))
    assert (decision.with_gadolinium and decision.with_gadolinium.protocol) == expected.get("with_gadolinium")
    assert decision.spine == expected.get("spine")


def test_every_row_of_the_table_has_a_history() -> None:
    used = {row.id for h in HISTORIES for row in decided(h["facts"], h.get("policy", {})).rows}
    assert {row.id for row in table().rows} - used == set()


@every_history
def test_every_citation_of_a_history_is_given(history: History) -> None:
    decision = decided(history["facts"], history.get("policy", {}))
    cited = {"O": set[int](), "F": set[int]()}
    for source in decision.sources:
        rule = packs.find(source)
        cited["O" if rule.pack == "ofsep-2020" else "F"] |= _lines(str(rule.source.lines))
    for citation in history["cites"]:
        if citation == "outside":
            assert any(row.outside for row in decision.rows)
        elif citation == "silent":
            assert decision.silent
        else:
            assert int(citation[1:]) in cited[citation[0]], citation


def _lines(text: str) -> set[int]:
    found: set[int] = set()
    for part in text.replace(";", ",").split(","):
        first, _, last = part.strip().partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return found


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


MONTHS = maybe(st.sampled_from([0.0, 1, 5, 6, 7, 11.5, 12, 17, 17.9, 18, 24, 30, 36, 40, 60]))
YES_NO = maybe(st.booleans())
DRUG = maybe(
    st.sampled_from(["natalizumab", "ocrelizumab", "fingolimod", "interferon beta-1a", "none", "other"])
)
SPANS = [
    *("treatment_months", "months_since_previous", "months_since_diagnosis"),
    *("months_since_last_spine", "months_since_full_exam"),
]
FLAGS = [
    *("paediatric", "prior_available", "comparable", "stable", "high_activity", "pml_risk"),
    *("spinal_symptoms", "pregnancy", "flair_3d_available"),
]
SITUATIONS = st.fixed_dictionaries(
    {
        "event": maybe(st.sampled_from(Event.__args__)),  # type: ignore[attr-defined]
        "course": maybe(st.sampled_from(Course.__args__)),  # type: ignore[attr-defined]
        "treatment": DRUG,
        "previous_treatment": DRUG,
        "jcv_status": maybe(st.sampled_from(["positive", "negative"])),
        "jcv_index": maybe(st.sampled_from([0.3, 1.2, 1.49, 1.5, 2.5])),
        "rebaseline_month": st.sampled_from([3.0, 6, 9, 12]),
        **dict.fromkeys(SPANS, MONTHS),
        **dict.fromkeys(FLAGS, YES_NO),
    }
)
POLICIES = st.fixed_dictionaries(
    {
        "jcv_low_index_policy": st.sampled_from(["ask", "literal", "general"]),
        "rebaseline_gd": st.sampled_from(["required", "optional"]),
    }
)


def caps(facts: dict[str, Any], policy: dict[str, Any]) -> dict[str, float]:
    """The longest time to the next exam that the documents allow, written from them alone."""
    event, months = facts["event"], facts["treatment_months"]
    adult = is_adult_ms(facts)
    under = event not in ("new-treatment", "treatment-stopped")
    found: dict[str, float] = {}
    if facts["treatment"] == "natalizumab" and facts["jcv_status"] == "positive" and under:
        found["O487, F25: every 3-4 months from month 18"] = 4 if months is None else max(4, 18 - months)
        low = facts["jcv_index"] is not None and facts["jcv_index"] < 1.5
        if low and policy["jcv_low_index_policy"] != "general":
            found["O499: every 3 months"] = 3
    since = facts["months_since_previous"]
    after = event in ("new-treatment", "treatment-stopped") or since is not None
    if facts["previous_treatment"] == "natalizumab" and after and (since or 0) <= 12:
        found["outside: every 3-4 months up to 12 months after natalizumab"] = 4
    if (
        event == "treatment-stopped"
        and facts["treatment"] == "natalizumab"
        and not facts["previous_treatment"]
    ) and (since or 0) <= 12:
        found["outside: natalizumab stopped"] = 4
    if event == "pml-suspected" or facts["pml_risk"]:
        found["F20: every 3-6 months at risk of PML"] = 6
    if adult and (event in ("first-diagnosis", "relapse") or facts["high_activity"]):
        found["F20, F24: every 3-6 months"] = 6
    if adult and facts["treatment"] not in (None, "none") and event != "treatment-stopped":
        found["O405, F45: at least yearly"] = 12
        if (months is not None and months < 12) or event == "new-treatment":
            found["F45: every 6 months in the first year"] = 6
    if adult and facts["months_since_diagnosis"] is not None and facts["months_since_diagnosis"] < 36:
        found["F24: every 6-12 months for three years"] = 12
    return found


@settings(max_examples=400, deadline=None)
@given(SITUATIONS, POLICIES)
def test_no_interval_is_longer_than_any_cap_and_no_answer_is_empty(
    facts: dict[str, Any], policy: dict[str, Any]
) -> None:
    decision = decided(facts, policy)
    for why, latest in caps(facts, policy).items():
        assert decision.months is not None and decision.months[1] <= latest, why
    assert decision.protocol or decision.questions
    assert decision.months or decision.questions
    if decision.months:
        assert 0 < decision.months[0] <= decision.months[1]
    assert decision.gadolinium != "none" or decision.protocol
    if facts["prior_available"] is False and is_adult_ms(facts):
        assert decision.gadolinium in ("give", "clinician"), "O196: in absence of a previous MRI"
    for row in decision.rows:
        assert row.sources or row.outside or row.silent, row.id


def is_adult_ms(facts: dict[str, Any]) -> bool:
    return not facts["paediatric"] and facts["course"] in (None, "cis", "relapsing")


@cache
def injections(protocol: str | None) -> int:
    if protocol is None:
        return 0
    made = load(find(protocol)[0]).resolve(TARGETS[0]).protocol
    return sum(isinstance(step, Contrast) for step in made.steps)


@settings(max_examples=200, deadline=None)
@given(SITUATIONS, POLICIES)
def test_one_session_never_has_two_injections(facts: dict[str, Any], policy: dict[str, Any]) -> None:
    made = plan(Situation.model_validate(facts), 4, Policy.model_validate(policy))
    for exam in made.exams:
        given_now = injections(exam.protocol) + injections(exam.spine)
        assert given_now == (exam.gadolinium == "give")
        if exam.with_gadolinium:
            session = exam.with_gadolinium
            assert injections(session.protocol) + injections(session.spine) == 1
            assert exam.gadolinium == "optional"


@settings(max_examples=100, deadline=None)
@given(SITUATIONS)
def test_a_calendar_keeps_the_caps_and_ends(facts: dict[str, Any]) -> None:
    made = plan(Situation.model_validate(facts), 6)
    months = [exam.month for exam in made.exams]
    assert months == sorted(set(months)) and len(months) <= 6 * 12 / 3 + 2
    for exam in made.exams:
        assert exam.earliest <= exam.month <= exam.latest
    covered = made.decision.spine_row is not None and not made.decision.is_open
    if covered and facts["spinal_symptoms"] is not True and len(made.exams) > 2:
        done = [-(facts["months_since_last_spine"] or 0.0), *(e.month for e in made.exams if e.spine)]
        gaps = [later - earlier for earlier, later in pairwise(done)]
        assert all(gap <= 36 for gap in gaps if gap > 0) or (facts["months_since_last_spine"] or 0) > 36


@pytest.mark.parametrize("name", ["treatment_start", "diagnosis"])
def test_what_starts_after_the_visit_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not after the visit"):
        Situation.model_validate({"visit": date(2026, 1, 1), name: date(2026, 1, 2)})


def test_months_and_dates_have_to_agree() -> None:
    dates = {"visit": date(2026, 1, 1), "treatment_start": date(2025, 1, 1)}
    assert Situation.model_validate({**dates, "treatment_months": 12})
    with pytest.raises(ValueError, match="12\\.0 months"):
        Situation.model_validate({**dates, "treatment_months": 30})


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Natalizumab", "natalizumab"),
        ("FINGOLIMOD", "fingolimod"),
        ("acétate de glatiramère", "glatiramer acetate"),
        ("acetate de glatiramere", "glatiramer acetate"),
        ("fumarate", "fumarate"),
        ("glatiramoid", "glatiramer acetate"),
        ("none", "none"),
    ],
)
def test_drugs_are_known_by_name_and_class_in_two_languages(said: str, name: str) -> None:
    assert Situation(treatment=said).treatment == name


def test_an_unknown_drug_is_refused_with_the_one_that_was_meant() -> None:
    with pytest.raises(ValueError, match="did you mean natalizumab"):
        Situation(treatment="natalizumap")
