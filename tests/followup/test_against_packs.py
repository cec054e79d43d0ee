"""The decision table against the rule packs it cites: two tellings of the same sources agree."""

from __future__ import annotations

from typing import Any

import pytest

from generator.followup.decide import decide
from generator.followup.situation import Policy, Situation, derived
from generator.followup.table import Row, table
from generator.rules import packs
from generator.rules.engine import check_facts
from generator.spec.load import find, load
from tests.followup.test_histories import HISTORIES
from tests.support.each import each

EVENTS = {
    "first-diagnosis": "first-diagnosis",
    "new-treatment": "new-dmt",
    "re-baseline": "re-baseline",
    "relapse": "relapse",
    "pml-suspected": "pml-suspected",
    "intercurrent": "intercurrent",
}
CITED = list(table().rows)


@each(CITED, name=lambda entry: entry.id)
def test_every_source_and_reading_exists(entry: Row) -> None:
    for source in entry.sources:
        assert packs.find(source).id == source
    assert set(entry.conflicts) <= set(packs.readings())


def facts_of(facts: dict[str, Any], policy: Policy) -> dict[str, Any]:
    """What the decision for some facts says, in the words of the rule packs."""
    situation = derived(Situation(**facts))
    decision = decide(Situation(**facts), policy)
    assert decision.protocol and decision.gadolinium
    kind = load(find(decision.protocol)[0]).kind
    told: dict[str, Any] = {
        "kind": kind,
        "region": "brain",
        "situation": EVENTS.get(str(situation.event)),
        "gd_decision": {"give": "give", "none": "none"}.get(decision.gadolinium),
        "prior_available": situation.prior_available,
        "standardized": situation.comparable,
        "flair_ok_both": situation.comparable and situation.flair_3d_available,
        "stable": situation.stable if situation.event == "routine" else None,
        "flair_3d_available": situation.flair_3d_available,
        "high_activity": situation.high_activity,
        "jcv_status": situation.jcv_status,
        "jcv_index": situation.jcv_index,
        "treatment_months": situation.treatment_months,
        "months_since_dx": situation.months_since_diagnosis,
        "interval_months": decision.months and decision.months[1],
        "months_to_next": decision.months and decision.months[1],
        "serology_scheduled": True,
    }
    return {name: value for name, value in told.items() if value is not None}


@pytest.mark.parametrize(
    ("facts", "policy"),
    [
        pytest.param(h["facts"], Policy.model_validate(h.get("policy", {})), id=h["name"])
        for h in HISTORIES
        # In a pregnancy the clinician decides on contrast; no rule of the packs knows one.
        if h["expect"]["protocol"] and not h["expect"].get("asks") and not h["facts"].get("pregnancy")
    ],
)
def test_no_decision_breaks_the_guideline(facts: dict[str, Any], policy: Policy) -> None:
    report = check_facts(facts_of(facts, policy), ("ofsep-2020",))
    broken = [f for f in report.findings if f.severity == "error" or f.code.startswith("GAD")]
    assert not broken, broken
    assert report.compared > 0


def test_the_policies_are_the_settings_of_the_pack() -> None:
    known = packs.get("ofsep-2020").settings
    for name in set(Policy.model_fields) - {"profiles"}:
        default = Policy.model_fields[name].default
        assert known[name].default == default
