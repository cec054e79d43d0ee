"""Texts that no console expects: long, foreign, quoted. Every dialect writes them or says what it cannot."""

from __future__ import annotations

import pytest

from generator import vendors
from generator.model.tree import Acquisition, Contrast, Step, Target
from generator.vendors.dialect import BuildOptions
from tests.support.kitchen import kitchen_sink

LONGEST_FILE_NAME = 255
ODD = 'é😀 "quoted" <script>alert(1)</script> & \\ / : *'


def oddly(step: Step) -> Step:
    if isinstance(step, Acquisition):
        return step.model_copy(update={"name": f"{'N' * 300} {ODD} {step.name}", "instruction": ODD})
    if isinstance(step, Contrast):
        return step.model_copy(update={"agent": ODD, "text": ODD})
    return step


@pytest.mark.parametrize("vendor", vendors.names())
def test_odd_texts_are_written_or_reported(vendor: str) -> None:
    target = Target(vendor=vendor, field_strength=3)
    sink = kitchen_sink(target)
    protocol = sink.model_copy(update={"steps": tuple(map(oddly, sink.steps)), "name": ODD, "id": "x" * 100})
    export = vendors.get(vendor).build(protocol, target, BuildOptions(label=ODD, warnings=(ODD,)))
    assert export.files
    for name, content in export.files.items():
        assert all(len(part) <= LONGEST_FILE_NAME for part in name.split("/"))
        if name.endswith((".html", ".xml")):
            assert b"<script>alert" not in content, f"{name}: text became markup"
