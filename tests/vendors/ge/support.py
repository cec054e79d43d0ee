"""What the GE tests share: builds, unpacked archives, the oracle's view of a series."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from generator.model.tree import Protocol, Target
from generator.vendors.dialect import BuildOptions, Export
from generator.vendors.ge import DIALECT, archive, rendering
from tests.support.kitchen import kitchen_sink
from tests.support.oracles import Oracles

TARGET = Target(vendor="ge", field_strength=3.0, model="Premier", software="MR30.0")


def sink() -> Protocol:
    return kitchen_sink(TARGET)


def durations(protocol: Protocol) -> list[float | None]:
    """Seconds of each step: what the spec states, else a number of the step's own."""
    stated = [getattr(step, "acquisition_duration", None) for step in protocol.steps]
    return [100.0 + index if time is None else time for index, time in enumerate(stated)]


def options(protocol: Protocol, **more: Any) -> BuildOptions:
    return BuildOptions(durations=durations(protocol), label=f"{protocol.id} for tests", **more)


def template(protocol: Protocol) -> Export:
    return DIALECT.build(protocol, TARGET, options(protocol))


def tar_files(export: Export) -> dict[str, bytes]:
    """Files of the archive inside an export, path to content."""
    members = archive.read(export.files[rendering.TAR], rendering.TAR).members
    return {member.name: member.data for member in members if not member.is_folder}


def oracle_pairs(oracles: Oracles, texts: dict[str, bytes], folder: Path) -> dict[str, dict[str, Any]]:
    """Pairs of LxProtocol texts as dicompare reads them."""
    paths = {}
    for index, (name, text) in enumerate(sorted(texts.items())):
        path = folder / f"{index}.lx"
        path.write_bytes(text)
        paths[str(path)] = name
    read = oracles.run("lxprotocol_pairs", *paths)
    return {paths[path]: pairs for path, pairs in read.items()}


def same_value(ours: str, theirs: Any) -> bool:
    """dicompare turns what looks like a number into one."""
    if isinstance(theirs, (int, float)):
        return float(ours) == float(theirs)
    return ours == theirs
