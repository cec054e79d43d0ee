"""A verdict is recalled only where everything that it rests on is the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from generator.model.tree import Acquisition, Protocol, Target
from generator.rules import recall
from generator.rules.compare import compare_times, compare_vendors
from generator.rules.engine import Report, Subject, check
from generator.rules.facts.card import view
from generator.rules.packfile import load_pack
from generator.rules.rule import Pack, Rule
from generator.spec.diagnostic import Position
from generator.spec.spec import Suppression
from generator.timing.timeline import build_timeline

PACK = """\
pack: house
title: What a house asks for
document: {short: A house, citation: the house}
rules:
  - rule: house.gap
    code: GUI700
    title: no wide gaps
    level: required
    roles: [flair_3d]
    when: {vendor: ge}
    require: {slice_gap: {at_most: MOST mm}}
    source: {section: Gaps}
    examples:
      pass: {vendor: ge, slice_gap: 0 mm}
      fail: {vendor: ge, slice_gap: 50 mm}
"""
SCAN = Acquisition(name="FLAIR", role="flair_3d", slice_gap=5.0)
CARD = Subject(Protocol(name="a", steps=(SCAN,)), Target(vendor="ge", field_strength=3.0))


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recall, "_kept", {})
    monkeypatch.setattr(recall, "_whole_cards", {})
    monkeypatch.setattr(recall, "_looked_up", {})


def _pack(folder: Path, most: float) -> Pack:
    path = folder / "house.yaml"
    path.write_text(PACK.replace("MOST", str(most)), encoding="utf-8")
    return load_pack(path, {})


def _broken(report: Report) -> bool:
    return any(one.code == "GUI700" for one in report.findings)


@pytest.fixture
def decided(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Rules that were put to something and not recalled."""
    found: list[str] = []
    judge = Rule.judge
    monkeypatch.setattr(Rule, "judge", lambda self, facts: found.append(self.id) or judge(self, facts))
    return found


def _with(*steps: Acquisition) -> Subject:
    return replace(CARD, protocol=CARD.protocol.model_copy(update={"steps": steps}))


def test_the_same_card_under_another_name_is_recalled(tmp_path: Path, decided: list[str]) -> None:
    strict = _pack(tmp_path, 1)
    first = check(CARD, [strict])
    decided.clear()
    second = check(replace(CARD, protocol=CARD.protocol.model_copy(update={"name": "b"})), [strict])
    assert not decided
    assert first == second and _broken(second)


def test_the_same_step_of_another_card_is_recalled(tmp_path: Path, decided: list[str]) -> None:
    strict = _pack(tmp_path, 1)
    check(CARD, [strict])
    decided.clear()
    assert _broken(check(_with(SCAN, Acquisition(name="a scan without a role")), [strict]))
    assert "house.gap" not in decided


def test_a_suppression_is_no_matter_of_the_facts(tmp_path: Path) -> None:
    strict = _pack(tmp_path, 1)
    accepted = Suppression("GUI700", "a reason", None, Position("a.yaml", 1, 1))
    for _ in range(2):
        assert _broken(check(CARD, [strict]))
        assert not _broken(check(CARD, [strict], [accepted]))


def test_what_is_asked_of_two_cards_counts(tmp_path: Path) -> None:
    other = Target(vendor="canon", field_strength=3.0)
    pairs = [(CARD.target, CARD.protocol), (other, CARD.protocol)]
    wide = [*pairs[:1], (other, _with(SCAN.model_copy(update={"voxel_size": (9.0, 9.0, 9.0)})).protocol)]
    first = [compare_vendors(one) for one in (pairs, wide)]
    assert [compare_vendors(one) for one in (pairs, wide)] == first
    assert compare_times(Subject(*pairs[1][::-1]), CARD) != first[0][0][1]


def test_another_step_card_or_pack_is_decided_anew(tmp_path: Path) -> None:
    strict, loose = _pack(tmp_path, 1), _pack(tmp_path, 10)
    narrow = _with(SCAN.model_copy(update={"slice_gap": 0.0}))
    for _ in range(2):
        assert _broken(check(CARD, [strict]))
        assert not _broken(check(CARD, [loose]))
        assert not _broken(check(narrow, [strict]))
        assert not _broken(check(replace(CARD, target=Target(vendor="canon", field_strength=3.0)), [strict]))


def test_no_more_is_kept_than_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recall, "MOST", 2)
    monkeypatch.setattr(recall, "MOST_CARDS", 2)
    strict = _pack(tmp_path, 1)
    for gap in range(5):
        check(_with(SCAN.model_copy(update={"slice_gap": float(gap)})), [strict])
    assert len(recall._kept) == len(recall._looked_up) == len(recall._whole_cards) == 2


def test_all_of_a_card_counts_but_what_it_is_called() -> None:
    head = ({"kind": "other"}, {"region": "spine"}, {"field_strengths": (1.5,)}, {"guidelines": ("ofsep",)})
    others = [replace(CARD, protocol=CARD.protocol.model_copy(update=update)) for update in head]
    others += [replace(CARD, facts={"a": 1}), replace(CARD, scanner={"a": 1}), replace(CARD, target=None)]
    timed = [replace(CARD, timeline=build_timeline(CARD.protocol, target)) for target in (None, CARD.target)]
    texts = [recall._text(card) for card in (CARD, *others, *timed)]
    assert None not in texts and len(set(texts)) == len(texts)
    called = CARD.protocol.model_copy(update={"id": "b", "name": "b", "version": "2"})
    assert recall._text(replace(CARD, protocol=called)) == recall._text(CARD)
    assert view(replace(CARD, protocol=called)).facts.text == view(CARD).facts.text
    assert recall._text(replace(CARD, reference=CARD)) is None
