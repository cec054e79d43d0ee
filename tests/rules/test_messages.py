"""What findings say: every rule's failing example in words, and the grammar of those words."""

from __future__ import annotations

import re
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from generator.rules import packs as library
from generator.rules.facts.view import Facts
from generator.rules.phrases import message, show
from generator.rules.rule import Pack, Rule

PACKS = library.names()


def said(rule: Rule, pack: Pack, **other: Any) -> str:
    settings = {name: setting.default for name, setting in pack.settings.items()}
    return message(rule, rule.judge(Facts({**settings, **rule.failing, **other})))


def decided(pack: Pack) -> list[Rule]:
    return [rule for rule in pack.rules if rule.has_predicate]


@pytest.mark.parametrize("name", PACKS)
def test_every_rule_speaks_plainly(name: str, snapshot: SnapshotAssertion) -> None:
    pack = library.get(name)
    assert "\n".join(f"{rule.code} {said(rule, pack)}" for rule in decided(pack)) == snapshot


@pytest.mark.parametrize("name", PACKS)
def test_no_message_shows_a_word_of_the_code(name: str) -> None:
    pack = library.get(name)
    for rule in decided(pack):
        text = said(rule, pack)
        assert not re.search(r"[a-z0-9]_[a-z0-9]|\bNone\b|\bnan\b", text), text


def test_an_alternative_that_is_kept_is_not_to_blame() -> None:
    rule = library.find("ofsep2020.followup.required-sequences")
    text = said(rule, library.get("ofsep-2020"), standard_order=["t1_3d_pre", "flair_3d"])
    assert text.endswith("scans that are not optional are 3D T1 and 3D FLAIR, must include DWI or DTI")


def test_of_alternatives_that_all_fail_each_is_named() -> None:
    rule = library.find("physics.sar-proxy")
    text = said(rule, library.get("physics"))
    assert "is 180°, should be below 150°, or number of refocusing pulses a second is " in text


def test_a_limit_that_is_another_value_says_which() -> None:
    physics = library.get("physics")
    assert said(library.find("physics.te-lt-tr"), physics).endswith("(the time between excitations)")
    beside = library.find("general.vendors.voxel")
    assert said(beside, library.get("general")).endswith("(as on the other scanner)")


@pytest.mark.parametrize(
    "value, unit, text",
    [
        (-0.0, "ms", "0 ms"),
        (0.1 + 0.2, None, "0.3"),
        (9.0, "deg", "9°"),
        ([0.0, 1000.0], "s/mm2", "0 and 1000 s/mm²"),
        ([1.0, None, 3.0], "mm", "1 × ? × 3 mm"),
        (90.0, "s", "1:30 min"),
        (["adc", "fa"], None, "ADC and FA"),
        ("", None, "empty"),
        ([], None, "empty"),
    ],
)
def test_values_are_written_as_people_write_them(value: object, unit: str | None, text: str) -> None:
    assert show(value, unit) == text
