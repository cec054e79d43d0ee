"""A verdict is recalled only where everything that it rests on is the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from generator.model.tree import Acquisition, Protocol, Target
from generator.rules import recall
from generator.rules.engine import Report, Subject, check
from generator.rules.packfile import load_pack
from generator.rules.rule import Pack, Rule

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


def test_the_same_step_of_another_card_is_recalled(tmp_path: Path, decided: list[str]) -> None:
    strict = _pack(tmp_path, 1)
    first = check(CARD, [strict])
    decided.clear()
    second = check(replace(CARD, protocol=CARD.protocol.model_copy(update={"name": "b"})), [strict])
    assert "house.gap" not in decided
    assert first == second and _broken(second)


def test_another_step_card_or_pack_is_decided_anew(tmp_path: Path) -> None:
    strict, loose = _pack(tmp_path, 1), _pack(tmp_path, 10)
    narrow = CARD.protocol.model_copy(update={"steps": (SCAN.model_copy(update={"slice_gap": 0.0}),)})
    for _ in range(2):
        assert _broken(check(CARD, [strict]))
        assert not _broken(check(CARD, [loose]))
        assert not _broken(check(replace(CARD, protocol=narrow), [strict]))
        assert not _broken(check(replace(CARD, target=Target(vendor="canon", field_strength=3.0)), [strict]))


def test_no_more_is_kept_than_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recall, "MOST", 2)
    strict = _pack(tmp_path, 1)
    for gap in range(5):
        steps = (SCAN.model_copy(update={"slice_gap": float(gap)}),)
        check(replace(CARD, protocol=CARD.protocol.model_copy(update={"steps": steps})), [strict])
    assert len(recall._kept) == len(recall._looked_up) == 2
