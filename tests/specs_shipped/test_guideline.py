"""Every shipped card passes the guideline it claims to follow, on every vendor, field and known model."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator import pipeline
from generator.model.tree import Target
from generator.spec.scanners import load_scanners
from tests.specs_shipped.cards import PROTOCOLS, TARGETS, spec_of

MODELS = tuple(
    Target(vendor=scanner.vendor, field_strength=scanner.field_strength, model=scanner.model)
    for scanner in load_scanners().values()
)


@pytest.mark.parametrize("path", PROTOCOLS, ids=lambda path: path.stem)
def test_a_card_passes_its_own_guideline_without_a_warning(path: Path) -> None:
    for target in (*TARGETS, *MODELS):
        report = pipeline.check(pipeline.prepare(spec_of(path), target))
        assert report.compared_in("ofsep-2020") > 20
        heavy = [f for f in report.findings if f.severity == "error" or _of_the_guideline(f.rule, f.severity)]
        assert not heavy, [(str(target), finding.message) for finding in heavy]


def _of_the_guideline(rule: str, severity: str) -> bool:
    return rule.startswith("ofsep2020.") and severity == "warning"
