"""What the tests of the Canon dialect build: the kitchen sink and small protocols of one scan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from generator.model.tree import Acquisition, Pause, Protocol, Target
from generator.vendors import account
from generator.vendors.canon import DIALECT
from generator.vendors.dialect import BuildOptions, Export
from tests.support.kitchen import kitchen_sink
from tests.support.translate import write_export

TARGET = Target(vendor="canon", field_strength=3.0)


def options(protocol: Protocol) -> BuildOptions:
    """Options with times of our own, so that a better estimate does not change a golden."""
    times = [
        100.0 + index if isinstance(step, Acquisition) else step.duration if isinstance(step, Pause) else None
        for index, step in enumerate(protocol.steps)
    ]
    return BuildOptions(
        durations=times, label="made for the tests", warnings=("built with --force: 2 errors",)
    )


def sink(field_strength: float = 3.0) -> tuple[Protocol, Export]:
    target = Target(vendor="canon", field_strength=field_strength, software="V6.1", model="Galan")
    protocol = kitchen_sink(target)
    return protocol, account.build(DIALECT, protocol, target, options(protocol))


def one_scan(**fields: Any) -> Protocol:
    """Make a protocol of one scan, whose fields the test names."""
    scan = Acquisition(**{"name": "scan", "technique": "gradient_echo", "mr_acquisition_type": "2D"} | fields)
    return Protocol(name="test", region="brain", steps=(scan,))


def build(protocol: Protocol, **given: Any) -> Export:
    return account.build(DIALECT, protocol, TARGET, BuildOptions(**given))


def entries(export: Export) -> dict[str, tuple[str, str]]:
    """Return value and flag of every line of the first scan, by its id."""
    from lxml import etree

    from generator.vendors.canon import facts

    root = etree.fromstring(export.files[facts.XML_NAME])
    scan = root.find(f".//{{{facts.NAMESPACE}}}scan")
    return {
        entry.get("id"): (entry.findtext(f"{{{facts.NAMESPACE}}}value") or "", entry.get("flag"))
        for entry in scan
    }


def written(export: Export, folder: Path) -> Path:
    return write_export(export, folder)
