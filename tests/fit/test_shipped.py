"""Every shipped protocol, fitted to less than it takes: what comes out keeps budget, rules and speed."""

from __future__ import annotations

import time

import pytest

from generator import pipeline
from generator.fit import fit
from generator.fit.patch import patched
from generator.model.tree import Target
from generator.spec.load import load_text
from generator.spec.scanners import find_scanner, load_scanners
from generator.spec.source import read_source
from tests.fit.cases import longest, shipped
from tests.specs_shipped.cards import PROTOCOLS, TARGETS

MODELS = tuple(
    Target(vendor=scanner.vendor, field_strength=scanner.field_strength, model=scanner.model)
    for scanner in load_scanners().values()
)
PAIRS = [
    (path.stem, (*TARGETS, *MODELS)[(3 * number) % len((*TARGETS, *MODELS))])
    for number, path in enumerate(PROTOCOLS)
]


@pytest.mark.parametrize(("name", "target"), PAIRS, ids=str)
def test_fitted(name: str, target: Target) -> None:
    spec = shipped(name)
    card = pipeline.prepare(spec, target)
    budget = 0.9 * (card.timeline.counted + card.timeline.counted_uncertainty)
    started = time.process_time()
    found = fit(spec.resolve(target).protocol, target, budget, find_scanner(target))
    assert time.process_time() - started < 5  # s; 1 s on an idle machine
    assert found.status == "fitted", found.blocked
    text = patched(read_source(spec.path).text, spec, [found])
    again = load_text(text, spec.path)
    assert again.resolve(target).protocol == found.protocol
    made = pipeline.prepare(again, target)
    assert made.timeline.counted + made.timeline.counted_uncertainty == pytest.approx(longest(found))
    assert longest(found) <= budget
    known = {(one.code, one.step_name) for one in pipeline.check(card).findings if one.severity != "info"}
    now = {(one.code, one.step_name) for one in pipeline.check(made).findings if one.severity != "info"}
    assert now <= known


@pytest.mark.parametrize(("name", "target"), PAIRS[::4], ids=str)
def test_fitting_is_the_same_every_time(name: str, target: Target) -> None:
    protocol = shipped(name).resolve(target).protocol
    budget = 0.85 * longest(fit(protocol, target, 1e6))
    first, second = (fit(protocol, target, budget) for _ in range(2))
    assert first.changes == second.changes
    assert first.blocked == second.blocked
