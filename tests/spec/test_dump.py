"""What is dumped is loaded again: the same tree, whatever texts and numbers it holds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from generator import vendors
from generator.errors import ExamcardError
from generator.model.tree import Acquisition, Contrast, Pause, Protocol, Target
from generator.spec.dump import protocol_id, quote, to_yaml
from generator.spec.load import load_text
from tests.spec.trees import TRAPS, protocols
from tests.support.kitchen import kitchen_sink

TARGET = Target(vendor="ge", field_strength=3.0)


def reloaded(protocol: Protocol) -> Protocol:
    return load_text(to_yaml(protocol)).resolve(TARGET).protocol


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(protocols())
def test_any_tree_comes_back(protocol: Protocol) -> None:
    expected = protocol.model_copy(update={"id": protocol_id(protocol)})
    assert reloaded(protocol) == expected


@pytest.mark.parametrize("name", ["LPT1", "CON", "nul"])
def test_a_card_of_the_name_of_a_device_gets_an_id_that_a_file_can_have(name: str) -> None:
    assert reloaded(Protocol(name=name, id=name.lower(), steps=())).id == f"protocol-{name.lower()}"


def test_the_kitchen_sink_comes_back() -> None:
    protocol = kitchen_sink(TARGET)
    assert reloaded(protocol) == protocol


def test_a_dump_of_a_reload_is_the_same_text() -> None:
    text = to_yaml(kitchen_sink(TARGET))
    assert to_yaml(load_text(text).resolve(TARGET).protocol) == text


def test_a_tree_of_a_vendor_file_may_lack_nearly_everything() -> None:
    scan = Acquisition(name="no", voxel_size=(1.0, None, 5.0), vendor={"sWipMem": [None, {"a b": "no"}]})
    protocol = Protocol(name="Brain: MS (3T)", steps=(scan, Contrast(), Pause(text="no")))
    assert to_yaml(protocol) == (
        "protocol: brain-ms-3t\n"
        'title: "Brain: MS (3T)"\n'
        "steps:\n"
        "  - acquisition:\n"
        '      name: "no"\n'
        "      voxel_size: [1 mm, null, 5 mm]\n"
        "      vendor:\n"
        '        sWipMem: [null, {a b: "no"}]\n'
        "  - contrast: {}\n"
        '  - pause: "no"\n'
    )
    assert reloaded(protocol).steps == protocol.steps


def test_numbers_keep_their_last_digit() -> None:
    scan = Acquisition(name="x", voxel_size=(0.1 + 0.2, 1 / 3, 256 / 270), repetition_time=100 / 3)
    assert reloaded(Protocol(name="x", steps=(scan,))).steps == (scan,)


@pytest.mark.parametrize(
    "trap", [trap for trap in TRAPS if not trap.isalnum() or trap in ("no", "on", "null")]
)
def test_traps_are_quoted(trap: str) -> None:
    assert quote(trap).startswith('"')


@pytest.mark.parametrize(
    ("name", "wanted"), [("T1 + Gd", "t1-gd"), ("été", "t"), ("!", "protocol"), ("3D/FLAIR", "3d-flair")]
)
def test_a_protocol_without_id_gets_one_from_its_name(name: str, wanted: str) -> None:
    assert protocol_id(Protocol(name=name)) == wanted


def plain(value: Any) -> Any:
    """Make every tuple a list: what a reader keeps verbatim may hold either, YAML knows lists."""
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return {key: plain(item) for key, item in value.items()} if isinstance(value, Mapping) else value


@pytest.mark.corpus
def test_what_readers_find_in_real_files_comes_back(corpus: Path) -> None:
    vendors_seen = set()
    for file in sorted(
        path for path in corpus.rglob("*") if path.is_file() and path.stat().st_size < 300_000
    ):
        try:
            dialect, _ = vendors.of_file(file)
            protocols_found = dialect.read(file).protocols
        except ExamcardError:
            continue
        for protocol in protocols_found[:1]:
            vendors_seen.add(dialect.vendor)
            expected = protocol.model_copy(update={"id": protocol_id(protocol)})
            assert plain(reloaded(protocol).model_dump()) == plain(expected.model_dump()), file.name
    assert vendors_seen
