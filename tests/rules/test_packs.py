"""Every shipped rule runs on its own examples; packs are complete and need no code to grow."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator.errors import UsageError
from generator.model import words
from generator.rules import packs
from generator.rules.engine import check_facts
from generator.rules.facts.view import Facts
from generator.rules.metaschema import pack_schema
from generator.rules.operators import REDUCERS, RELATIONS
from generator.rules.rule import LEVELS, SUBJECTS, Rule
from generator.rules.rulefile import RULE_KEYS
from tests.conftest import ROOT
from tests.rules.cards import codes, examine, follow_up, scan
from tests.support.each import each

RULES = packs.every_rule()
DECIDING = [rule for rule in RULES if rule.has_predicate]


def settings(rule: Rule) -> dict[str, str]:
    return packs.settings_of([packs.get(rule.pack)])


@each(DECIDING, name=lambda rule: rule.id)
def test_a_rule_judges_its_examples(rule: Rule) -> None:
    assert rule.judge(Facts({**settings(rule), **rule.passing})).status == "kept"
    verdict = rule.judge(Facts({**settings(rule), **rule.failing}))
    assert verdict.status == "broken"
    assert verdict.result == rule.result or rule.soften or rule.setting


@each(DECIDING, name=lambda rule: rule.id)
def test_a_rule_that_lacks_every_fact_is_not_kept(rule: Rule) -> None:
    status = rule.judge(Facts(settings(rule))).status
    assert status != "kept" or all(name in settings(rule) for name in rule.passing)


def test_ids_and_codes_are_unique_and_point_at_each_other() -> None:
    assert len({rule.id for rule in RULES}) == len({rule.code for rule in RULES}) == len(RULES)
    assert {name for rule in RULES for name in rule.yields_to} <= {rule.id for rule in RULES}


def test_a_rule_that_can_be_broken_says_what_to_do() -> None:
    silent = [r.id for r in DECIDING if r.result != "none" and not r.remedy and "program" not in r.subjects]
    assert not silent


def test_the_result_follows_the_level_unless_said_otherwise() -> None:
    assert {rule.level for rule in RULES} == set(LEVELS)
    assert not [r.id for r in RULES if r.level == "informative" and r.result == "none"]


def test_every_statement_of_the_sources_is_a_rule(shared: Path) -> None:
    listed = json.loads((shared / "guidelines" / "rules.json").read_text("utf-8"))["rules"]
    known = {rule.id: rule for rule in RULES}
    assert len(listed) == 152
    for one in listed:
        rule = known[one["id"]]
        assert (rule.level, rule.result) == (one["severity"], one["on_fail"]), rule.id
        assert rule.has_predicate == (one["formal"] is not None), rule.id
        assert set(one["conflicts"]) <= set(rule.readings), rule.id
        assert rule.source.lines, rule.id


def test_every_bound_of_physics_is_a_rule(shared: Path) -> None:
    listed = json.loads((shared / "guidelines" / "reference_protocols.json").read_text("utf-8"))
    known = {rule.id for rule in RULES}
    assert len(listed["physics_checks"]) == 28
    assert {one["id"] for one in listed["physics_checks"]} <= known


TOY = """
pack: toy
title: A toy
document: {short: Toy, citation: the test that made it}
rules:
  - rule: toy.flair.thin
    code: GEO777
    title: A FLAIR is thinner than half a millimetre
    level: recommended
    roles: [flair_3d]
    require: {voxel_size: {largest: {below: 500 um}}}
    remedy: Use thinner partitions.
    source: nowhere
    examples:
      pass: {voxel_size: [0.4 mm, 0.4 mm, 0.4 mm]}
      fail: {voxel_size: [0.4 mm, 0.4 mm, 0.5 mm]}
"""


def test_a_new_pack_needs_no_code(tmp_path: Path) -> None:
    path = tmp_path / "toy.yaml"
    path.write_text(TOY.replace("500 um", "0.5 mm"), "utf-8")
    report = examine(follow_up(), str(path))
    (found,) = report.of_severity("warning")
    assert (found.code, found.rule, found.step_name, found.field) == (
        "GEO777",
        "toy.flair.thin",
        "flair_3d",
        "voxel_size",
    )
    assert (found.measured, found.limit, found.unit, found.source) == (1.0, 0.5, "mm", "Toy, nowhere")
    assert "1 mm" in found.message and "below 0.5 mm" in found.message
    assert report.compared_in("toy") == 1


def test_two_packs_with_one_code_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "toy.yaml"
    path.write_text(TOY.replace("500 um", "0.5 mm").replace("GEO777", "GEO001"), "utf-8")
    with pytest.raises(UsageError, match="GEO001 is a rule of both ofsep-2020 and toy"):
        examine(follow_up(), "ofsep-2020", str(path))


def test_an_unknown_pack_is_named_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"no guideline 'ofsep-2021', did you mean 'ofsep-2020'"):
        packs.load(["ofsep-2021"])


def test_an_unknown_setting_or_choice_is_refused() -> None:
    with pytest.raises(UsageError, match="did you mean 'rebaseline_gd'"):
        examine(follow_up(), settings={"rebaseline": "optional"})
    with pytest.raises(UsageError, match="cannot be 'perhaps'"):
        examine(follow_up(), settings={"rebaseline_gd": "perhaps"})


def test_kinds_of_exam_have_rules_of_their_own() -> None:
    for kind in words.KINDS:
        assert [r for r in RULES if kind in r.kinds or (kind == "spine" and "spine" in r.regions)]


def test_a_plan_is_checked_as_plain_facts() -> None:
    plan = {"kind": "pml-screening", "jcv_status": "positive", "jcv_index": 1.8, "treatment_months": 20.0}
    report = check_facts({**plan, "interval_months": 12.0}, ["ofsep-2020", "ms-follow-up-2025"])
    assert {"ofsep2020.pml.index-high-interval", "fu2025.interval.pml-high"} <= {
        f.rule for f in report.findings
    }
    (found,) = [f for f in report.findings if f.rule == "ofsep2020.pml.index-high-interval"]
    assert (found.measured, found.limit, found.readings) == (12.0, (3.0, 4.0), ("C01", "C16"))
    assert not [
        f
        for f in check_facts({**plan, "interval_months": 3.0}, ["ofsep-2020"]).findings
        if f.rule == found.rule
    ]


def test_a_plan_that_states_nothing_compares_nothing() -> None:
    assert not check_facts({}, ["ofsep-2020"]).green


def test_a_card_without_kind_leaves_the_rules_of_kinds_open() -> None:
    report = examine(follow_up().model_copy(update={"kind": None}))
    lacking = [tally for tally in report.lacking if "kind" in tally.missing]
    assert len(lacking) > 20
    assert not codes_of_kinds(report)


def codes_of_kinds(report: object) -> set[str]:
    known = {rule.code: rule for rule in RULES}
    return {f.code for f in report.findings if known[f.code].kinds}  # type: ignore[attr-defined]


def test_a_guideline_that_compares_nothing_is_a_finding() -> None:
    empty = follow_up().model_copy(update={"steps": (scan("localizer"),)})
    report = examine(empty, "magnims-cmsc-naims-2021", target=None)
    assert report.compared_in("magnims-cmsc-naims-2021") == 0
    assert not report.green
    assert "GUI901" in codes(report)
    assert "magnims-cmsc-naims-2021" in next(f.message for f in report.findings if f.code == "GUI901")


def test_the_metaschema_names_every_word() -> None:
    schema = pack_schema()
    rule = schema["$defs"]["rule"]
    assert {"rule", "code", "title", "level", "source"} == set(rule["required"])
    assert "voxel_size" in schema["$defs"]["example"]["properties"]
    assert json.loads(json.dumps(schema)) == schema


def test_the_documentation_names_every_word_of_the_language() -> None:
    page = (ROOT / "docs" / "rule-language.md").read_text("utf-8")
    for word in (*RELATIONS, *REDUCERS, *RULE_KEYS, *SUBJECTS, *LEVELS):
        assert f"`{word}`" in page or f"\n  {word}:" in page or f"- {word}:" in page, word
