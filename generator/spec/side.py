"""The side file of a starter: a vendor's own parameters, written from a read file, used by a donor build."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from generator.errors import UnusableInput, UsageError
from generator.model.tree import Acquisition, Protocol, ReadResult, Target

# Keys of vendor parameters that may name a patient, a person, a place or a machine, or hold its history.
_PRIVATE = re.compile(
    r"patient|weight|birth|sex|age$|operator|user|author|host|institut|hospital|address|serial|station_?name"
    r"|date|time_?(utc|stamp)|uid|guid|scan_id|history|original|path|conns?$|thumbnail|preview|picture|note|comment|"
    r"annotation|description|refer",
    re.IGNORECASE,
)


def vendor_parameters(result: ReadResult) -> str:
    """Write the vendor parameters of the scans as JSON, for a build from a donor of the same vendor.

    Parameters
    ----------
    result : ReadResult
        With exactly one protocol.

    Returns
    -------
    str
        Vendor, release, and for each scan its name and parameters, without those whose key may name a patient
        or a site.
    """
    (protocol,) = result.protocols
    held = {
        "vendor": result.vendor,
        "software": result.software,
        "scans": [
            {"name": scan.name, "parameters": _public(scan.model_dump(mode="json")["vendor"])}
            for scan in protocol.acquisitions
        ],
    }
    return json.dumps(held, indent=1, ensure_ascii=False) + "\n"


def _public(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _public(item) for key, item in value.items() if not _PRIVATE.search(str(key))}
    return [_public(item) for item in value] if isinstance(value, list) else value


def with_parameters(protocol: Protocol, target: Target, path: Path) -> Protocol:
    """Give the scans of a protocol the vendor parameters of a side file, by name, each entry once.

    Raises
    ------
    UnusableInput
        If the file is no side file.
    UsageError
        If it is of another vendor than the target, or names no scan of the protocol.
    """
    held = _load(path)
    if held["vendor"] != target.vendor:
        raise UsageError(
            f"{path.name} has parameters of {held['vendor']}, the card is made for {target.vendor}"
        )
    waiting = [(scan["name"], scan["parameters"]) for scan in held["scans"]]
    steps = []
    for step in protocol.steps:
        if isinstance(step, Acquisition):
            at = next((i for i, (name, _) in enumerate(waiting) if name == step.name), None)
            if at is not None:
                step = step.model_copy(update={"vendor": {**waiting.pop(at)[1], **step.vendor}})
        steps.append(step)
    if len(waiting) == len(held["scans"]):
        raise UsageError(f"{path.name} names no scan of {protocol.name}", [name for name, _ in waiting])
    return protocol.model_copy(update={"steps": tuple(steps)})


def _load(path: Path) -> dict[str, Any]:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        fine = all(isinstance(s["name"], str) and isinstance(s["parameters"], dict) for s in held["scans"])
        fine = fine and isinstance(held["vendor"], str)
    except OSError as error:
        raise UnusableInput(path, error.strerror or str(error)) from error
    except (ValueError, KeyError, TypeError, RecursionError):
        fine = False
    if not fine:
        raise UnusableInput(path, "no side file: `examcard read FILE --yaml --vendor-parameters` writes one")
    found: dict[str, Any] = held
    return found
