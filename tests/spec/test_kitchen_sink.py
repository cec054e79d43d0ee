"""The kitchen sink holds everything: a word or a field that is added to the tree has to be added there."""

from __future__ import annotations

from typing import Any

import pytest

from generator.model import words
from generator.model.fields import field_table
from generator.model.tree import Acquisition, Contrast, Node, Pause, Protocol, Reformat, Situation, Target
from tests.support.kitchen import kitchen_sink

TARGETS = [
    Target(vendor=vendor, field_strength=field)
    for vendor in ("ge", "canon", "siemens", "philips")
    for field in (1.5, 3.0)
]
VIDA = Target(vendor="siemens", field_strength=3.0, model="MAGNETOM Vida", software="XA61A")


def stated(model: type[Node], nodes: list[Any]) -> set[str]:
    """Name the fields that some node states."""
    defaults = {
        name: info.get_default(call_default_factory=True) for name, info in model.model_fields.items()
    }
    return {name for node in nodes for name in defaults if getattr(node, name) not in (defaults[name], None)}


# What the example projects have (tests/spec/test_examples.py) and the kitchen sink has not.
ELSEWHERE: dict[type[Node], set[str]] = {
    Contrast: {"optional", "during", "start_volume"},
    Pause: {"optional"},
    Reformat: {"method"},
}


@pytest.mark.parametrize("model", [Acquisition, Contrast, Pause, Reformat])
def test_every_field_of_every_step(model: type[Node]) -> None:
    steps = [step for target in TARGETS for step in kitchen_sink(target).steps if isinstance(step, model)]
    missing = set(field_table(model)) - stated(model, steps) - {"kind"}
    assert missing == ELSEWHERE.get(model, set())


def test_every_field_of_the_head() -> None:
    protocol = kitchen_sink(TARGETS[0])
    assert set(field_table(Protocol)) == stated(Protocol, [protocol])
    assert set(field_table(Situation)) == {
        name for name in field_table(Situation) if getattr(protocol.situation, name) is not None
    }


@pytest.mark.parametrize(
    "field", ["technique", "plane", "fat_suppression", "phase_encoding_direction", "role"]
)
def test_every_word(field: str) -> None:
    used = {getattr(step, field) for step in kitchen_sink(TARGETS[0]).acquisitions}
    spared = {"t2_3d", "flair_2d", "spine_t2_sag", "spine_t1_ax_post"} if field == "role" else set()
    assert set(field_table(Acquisition)[field].choices) - used == spared


def test_every_technique_by_the_vocabulary() -> None:
    assert set(words.TECHNIQUES) == {step.technique for step in kitchen_sink(VIDA).acquisitions}


def test_the_target_decides() -> None:
    scans = {str(target): kitchen_sink(target).acquisitions[2] for target in [*TARGETS, VIDA]}
    bandwidths = {name: scan.pixel_bandwidth for name, scan in scans.items()}
    assert bandwidths["ge 1.5 T"] == 195.31 and bandwidths["ge 3 T"] == 244.14
    assert bandwidths["canon 1.5 T"] == 180 and bandwidths["canon 3 T"] == 240
    assert scans[str(VIDA)].compressed_sensing_factor == 4
    assert scans["siemens 3 T"].compressed_sensing_factor is None
