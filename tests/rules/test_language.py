"""The language of conditions: three values, lists, uncertainty; and no card that breaks the engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator import pipeline
from generator.model.fields import field_table
from generator.model.tree import Acquisition, Target
from generator.rules import describe
from generator.rules.engine import check
from generator.rules.facts.card import Subject
from generator.rules.facts.table import facts
from generator.rules.facts.view import Facts
from generator.rules.grammar import Grammar
from generator.rules.language import Condition, facts_of
from generator.rules.operators import RELATIONS, Near
from generator.rules.packs import every_rule, names
from generator.spec.load import load
from generator.spec.nodes import compose
from generator.spec.source import Report, Source
from tests.rules.cards import card, gd, pause


def condition(text: str) -> Condition:
    report = Report(Source("test", text))
    node = compose(report.source, report)
    assert node is not None
    found = Grammar(facts(), report).condition(node)
    assert found is not None and not report.found, [d.render() for d in report.found]
    return found


def truth(text: str, **stated: Any) -> bool | None:
    return condition(text).evaluate(Facts(stated)).truth


TRUTHS = [
    ("{slice_gap: 0 mm}", {"slice_gap": 0.0}, True),
    ("{slice_gap: 0 mm}", {"slice_gap": 0.1}, False),
    ("{slice_gap: 0 mm}", {}, None),
    ("{slice_gap: {within: [0 mm, 1 mm]}}", {"slice_gap": 1.0}, True),
    ("{slice_gap: {near: {value: 1 mm, tolerance: 0.1 mm}}}", {"slice_gap": 1.1}, True),
    ("{slice_gap: {near: {value: 1 mm, percent: 5}}}", {"slice_gap": 1.1}, False),
    ("{voxel_size: {every: {at_most: 1 mm}}}", {"voxel_size": (1.0, 0.9, 1.0)}, True),
    ("{voxel_size: {every: {at_most: 1 mm}}}", {"voxel_size": (1.0, None, 1.0)}, None),
    ("{voxel_size: {every: {at_most: 1 mm}}}", {"voxel_size": (1.0, None, 2.0)}, False),
    ("{voxel_size: {largest: {below: 1 mm}}}", {"voxel_size": (0.5, 0.9, 0.5)}, True),
    ("{b_values: {count: 2, smallest: 0 s/mm2}}", {"b_values": (0.0, 1000.0)}, True),
    ("{order: {in_order: [dwi, [flair_3d, flair_2d], gd]}}", {"order": ["dwi", "flair_2d", "gd"]}, True),
    ("{order: {in_order: [dwi, [flair_3d, flair_2d], gd]}}", {"order": ["gd", "dwi"]}, False),
    ("{order: {in_order: [dwi, swi]}}", {"order": ["swi"]}, True),
    ("{order: {ends_with: swi}}", {"order": []}, False),
    ("{any: [{plane: sagittal}, {slice_gap: 0 mm}]}", {"plane": "sagittal"}, True),
    ("{any: [{plane: sagittal}, {slice_gap: 0 mm}]}", {"plane": "coronal"}, None),
    ("[{plane: sagittal}, {slice_gap: 0 mm}]", {"plane": "coronal"}, False),
    ("[{plane: sagittal}, {slice_gap: 0 mm}]", {"plane": "sagittal"}, None),
    ("{not: {plane: sagittal}}", {"plane": "coronal"}, True),
    ("{not: {plane: sagittal}}", {}, None),
    ("{plane: {stated: false}}", {}, True),
    ("{echo_times: {largest: {below: {fact: repetition_time, times: 0.5, plus: -10 ms}}}}",
     {"echo_times": (39.0,), "repetition_time": 100.0}, True),
    ("{echo_times: {largest: {below: {fact: repetition_time, times: 0.5, plus: -10 ms}}}}",
     {"echo_times": (40.0,), "repetition_time": 100.0}, False),
    ("{echo_times: {largest: {below: {fact: repetition_time}}}}",
     {"echo_times": (99.0,), "repetition_time": 100.0}, True),
    ("{echo_times: {largest: {below: {fact: repetition_time}}}}",
     {"echo_times": (101.0,), "repetition_time": 100.0}, False),
]  # fmt: skip


@pytest.mark.parametrize(("text", "stated", "wanted"), TRUTHS)
def test_a_condition_has_three_values(text: str, stated: dict[str, Any], wanted: bool | None) -> None:
    assert truth(text, **stated) is wanted


@pytest.mark.parametrize(
    ("total", "width", "wanted"),
    [(890.0, 5.0, True), (890.0, 20.0, None), (910.0, 5.0, False), (910.0, 20.0, None)],
)
def test_an_uncertain_value_is_told_only_outside_its_doubt(
    total: float, width: float, wanted: bool | None
) -> None:
    view = Facts({"counted_duration": total}, uncertainties={"counted_duration": width})
    assert condition("{counted_duration: {at_most: 15 min}}").evaluate(view).truth is wanted


def test_rounding_noise_breaks_no_limit() -> None:
    assert truth("{slice_gap: {at_most: 0.3 mm}}", slice_gap=0.1 + 0.2) is True


def test_every_condition_can_be_put_in_words_and_names_known_facts() -> None:
    for rule in every_rule():
        for tree in filter(None, (rule.when, *(case.require for case in rule.cases))):
            assert describe.condition(tree)
            assert list(facts_of(tree))


def test_every_fact_is_explained() -> None:
    for fact in facts().values():
        assert len(fact.description) > 5, fact.name


def _values(name: str) -> st.SearchStrategy[Any]:
    """Anything the tree admits for a field, extremes first."""
    spec = field_table(Acquisition)[name]
    if spec.choices:
        one: st.SearchStrategy[Any] = st.sampled_from(spec.choices)
    elif spec.type is bool:
        one = st.booleans()
    elif spec.type is int:
        one = st.integers(1, 5000)
    else:
        one = st.sampled_from([0.0, 1e-9, 0.5, 1.0, 90.0, 1e6]) | st.floats(0, 1e4)
    if spec.shape == "list":
        return st.lists(one, max_size=3).map(tuple)
    if spec.shape == "fixed":
        return st.tuples(*[st.none() | one] * (spec.length or 1))
    return st.none() | one


NUMERIC = [
    name for name, spec in field_table(Acquisition).items()
    if spec.type in (float, int, bool) or spec.choices
]  # fmt: skip


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_scan_breaks_the_engine(data: st.DataObject) -> None:
    chosen = {name: data.draw(_values(name), label=name) for name in NUMERIC}
    scan = Acquisition.model_construct(name="any", **{"vendor": {}, "optional": False, **chosen})
    region = data.draw(st.sampled_from(["brain", "spine"]))
    empty = card("baseline-diagnosis", region=region)
    protocol = empty.model_copy(update={"steps": (gd(), pause(None), scan)})
    report = check(Subject(protocol, Target(vendor="siemens", field_strength=3.0)), names())
    assert report.tallies


def test_the_kitchen_sink_is_checked(request: pytest.FixtureRequest) -> None:
    path = Path(__file__).parent.parent / "specs" / "kitchen-sink.yaml"
    spec = load(path)
    made = pipeline.prepare(spec, Target(vendor="siemens", field_strength=3.0))
    assert pipeline.check(made, names()).compared > 100


NEAR = [
    (1.0, Near(1.05, tolerance=0.1), True),
    (1.0, Near(1.15, tolerance=0.1), False),
    (1.1, Near(1.0, percent=10.0), True),
    (1.1, Near(-1.0, percent=10.0), False),
    (-1.1, Near(-1.0, percent=10.0), True),
    (1.0, Near(1.0), True),
    (1.01, Near(1.0), False),
    ((1.0, 2.0), Near((1.05, 2.05), tolerance=0.1), True),
    ((1.0, 2.0), Near((1.05, 2.15), tolerance=0.1), False),
    ((1.0, 2.0), Near((1.0,), tolerance=0.1), False),
    ((1.0,), Near(1.0, tolerance=0.1), False),
    (1.0, Near((1.0,), tolerance=0.1), False),
    ((1.0, None), Near((1.0, None), tolerance=0.1), True),
    ((1.0, None), Near((1.0, 2.0), tolerance=0.1), False),
    ((1.0, 2.0), Near((1.0, None), tolerance=0.1), False),
]


@pytest.mark.parametrize(("value", "limit", "wanted"), NEAR)
def test_near_is_within_a_tolerance_or_a_share(value: Any, limit: Near, wanted: bool) -> None:
    assert RELATIONS["near"].holds(value, limit) is wanted


def test_a_limit_is_kept_to_a_billionth() -> None:
    """Of the limit, or of one where that is smaller: what arithmetic alone does to a number."""
    at_most = RELATIONS["at_most"].holds
    assert at_most(1e-9, 0.0) and not at_most(1.5e-9, 0.0)
    assert at_most(100.0 + 0.9e-7, 100.0) and not at_most(100.0 + 1.5e-7, 100.0)


# relation, value, operand, whether it holds
HELD: tuple[tuple[str, Any, Any, bool], ...] = (
    ("at_least", 3, 3, True), ("at_least", 2.9, 3, False), ("at_most", 3, 3, True),
    ("at_most", 3.1, 3, False),
    ("above", 3, 3, False), ("above", 3.1, 3, True), ("below", 3, 3, False), ("below", 2.9, 3, True),
    ("at_most", 0.1 + 0.2, 0.3, True), ("above", 0.1 + 0.2, 0.3, False), ("at_most", 1e-8, 0, False),
    ("at_most", "2019-05", "2019-06", True), ("at_most", "2019-07", "2019-06", False),
    ("within", 1, (1, 2), True), ("within", 2, (1, 2), True), ("within", 0.9, (1, 2), False),
    ("within", 2.1, (1, 2), False),
    ("is", 0.1 + 0.2, 0.3, True), ("is", 3, "3", False), ("is", "a", 3, False), ("is", "a", "a", True),
    ("is", [1, 2], (1, 2), True), ("is", [1, 2], (1, 3), False), ("is", [1], (1, 2), False),
    ("is", [1], 1, False), ("is", "ab", ["a", "b"], False), ("is_not", 1, 1, False), ("is_not", 1, 2, True),
    ("near", 5.5, Near(5, percent=10), True), ("near", 5.6, Near(5, percent=10), False),
    ("near", 5.5, Near(5, tolerance=0.5), True), ("near", 5.6, Near(5, tolerance=0.5, percent=50), False),
    ("near", 5, Near(5), True), ("near", 5.1, Near(5), False), ("near", [1, 2], Near((1, 2)), True),
    ("near", [1], Near((1, 2)), False), ("near", [1], Near(1), False), ("near", 1, Near((1,)), False),
    ("near", [1, None], Near((1, None)), True), ("near", [None], Near((1,)), False),
    ("near", 1, Near(None), False),
    ("one_of", "a", ["a", "b"], True), ("one_of", "c", ["a", "b"], False),
    ("none_of", "a", ["a", "b"], False), ("none_of", "c", ["a", "b"], True),
    ("includes", ["a", "b"], ["a"], True), ("includes", ["a"], ["a", "b"], False),
    ("includes_any", ["a"], ["a", "b"], True), ("includes_any", ["c"], ["a", "b"], False),
    ("excludes", ["a"], ["b"], True), ("excludes", ["a", "b"], ["b"], False),
    ("in_order", ["a", "b", "a"], [["a"], ["b"]], True), ("in_order", ["b", "a"], [["a"], ["b"]], False),
    ("in_order", ["b", "c"], [["a"], ["b"], ["c", "d"]], True),
    ("in_order", ["c", "b"], [["b"], ["c", "b"]], False),
    ("ends_with", ["a", "b"], ["b"], True), ("ends_with", ["a", "b"], ["a"], False),
    ("ends_with", [], ["a"], False),
    ("stated", 0, True, True), ("stated", None, True, False), ("stated", None, False, True),
)  # fmt: skip


def test_what_every_relation_holds() -> None:
    found = [
        (name, value, operand, RELATIONS[name].holds(value, operand)) for name, value, operand, _ in HELD
    ]
    assert found == list(HELD)
    assert {name for name, *_ in HELD} == set(RELATIONS)
