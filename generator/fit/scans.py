"""The scans that fitting may change: those that count, twins together, on their place in the exam."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator.fit.ladders import Values
from generator.model.tree import Acquisition, Protocol, Step, Target
from generator.timing.steps import SET_UP, is_counted, step_time

_OWN = {
    *("name", "definition", "role", "optional", "coverage", "plane_reference"),
    *("instruction", "output_maps", "acquisition_duration", "vendor"),
}
"""Fields in which scans may differ that are made alike."""

_AUXILIARY = re.compile(
    r"scout|locali[sz]|survey|3[ -]?plane|(?<![a-z])loc(?![a-z])|ref(erence)?[ _-]?scan|coil|calib"
    r"|(?<![a-z])cal(?![a-z])|b[01][ _-]?(map|rf)|rf[ _-]?map|pre[ _-]?scan|shim",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ScanGroup:
    """One scan, or several that are made alike and stay so: before and after an injection, two stations.

    Attributes
    ----------
    steps : tuple of int
        Their indices in the protocol.
    counted : tuple of int
        Those of them that count towards the acquisition time.
    """

    steps: tuple[int, ...]
    counted: tuple[int, ...]
    acquisition: Acquisition
    names: tuple[str, ...]

    @property
    def name(self) -> str:
        """What a message calls it."""
        return " and ".join(dict.fromkeys(self.names))


@dataclass(frozen=True, slots=True)
class Time:
    """An acquisition time and the half width within which it is expected, in seconds."""

    seconds: float
    uncertainty: float

    @property
    def longest(self) -> float:
        """The time with its uncertainty counted against it."""
        return self.seconds + self.uncertainty


def scans_of(protocol: Protocol) -> tuple[ScanGroup, ...]:
    """Group the scans that count, each with its twins, in exam order."""
    groups: list[list[int]] = []
    likeness: list[dict[str, Any]] = []
    for index, step in enumerate(protocol.steps):
        if not isinstance(step, Acquisition):
            continue
        made = step.model_dump(exclude=_OWN)
        if made in likeness:
            groups[likeness.index(made)].append(index)
        else:
            likeness.append(made)
            groups.append([index])
    return tuple(scan for group in groups if (scan := _scan(protocol.steps, group)).counted)


def _scan(steps: Sequence[Step], group: Sequence[int]) -> ScanGroup:
    members = [step for index in group if isinstance(step := steps[index], Acquisition)]
    counted = tuple(index for index in group if is_counted(steps[index]))
    return ScanGroup(tuple(group), counted, members[0], tuple(member.name for member in members))


def is_auxiliary(scan: Acquisition) -> bool:
    """Say whether other scans hang on this one: scouts, reference and calibration scans, field and B1 maps.

    What a file does not say of their role, their names do. Nobody accelerates what calibrates acceleration.
    """
    if scan.role in SET_UP or scan.technique in ("calibration", "field_map"):
        return True
    return scan.role in (None, "other") and bool(_AUXILIARY.search(scan.name))


def changed(protocol: Protocol, steps: Sequence[int], values: Values) -> Protocol:
    """Give steps new values; a time that a console showed for the old ones goes."""
    found = list(protocol.steps)
    for index in steps:
        found[index] = found[index].model_copy(update=values_of(found[index], values))
    return protocol.model_copy(update={"steps": tuple(found)})


def values_of(step: Step, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values that are new to a step; a time stated for the old ones is taken away."""
    new = {name: value for name, value in values.items() if getattr(step, name) != value}
    stated = getattr(step, "acquisition_duration", None) is not None
    return {**new, "acquisition_duration": None} if stated and set(new) - {"optional"} else new


def counted_time(protocol: Protocol, scan: ScanGroup, target: Target) -> Time:
    """Time that the counted members of a scan take together."""
    times = [step_time(protocol.steps[index], target) for index in scan.counted]
    return Time(sum(time.duration or 0.0 for time in times), sum(time.uncertainty for time in times))


def time_with(scan: ScanGroup, values: Values, target: Target) -> Time:
    """Time that the counted members of a scan take with new values, by the estimate."""
    after = scan.acquisition.model_copy(update={**values, "acquisition_duration": None})
    time = step_time(after, target)
    return Time((time.duration or 0.0) * len(scan.counted), time.uncertainty * len(scan.counted))
