"""What the site remembers of one card: all that its pages, change log and index need, as plain data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from generator.model.tree import Acquisition, Target
from generator.pipeline import Card
from generator.vendors.dialect import Export

Record = dict[str, Any]
"""JSON-ready; the shape is the one :func:`record` makes."""


def json_bytes(value: Any) -> bytes:
    """Write JSON for people and machines."""
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


_BULKY = frozenset({"vendor"})


def slug(target: Target) -> str:
    """Name of a target in an address: ``ge-3T``, ``ge-3T-SIGNA-Premier-MR30.0``."""
    parts = [target.vendor, f"{target.field_strength:g}T", target.model, target.software]
    joined = "-".join(part for part in parts if part)
    return "-".join("".join(c if c.isascii() and (c.isalnum() or c in ".-") else " " for c in joined).split())


def record(card: Card, export: Export, findings: list[Any], version: str, download: dict[str, Any]) -> Record:
    """Describe a card that was built.

    Parameters
    ----------
    findings : list of Finding
        What the rules say of it.
    version : str
        The published version, revision included.
    download : dict
        ``name``, ``size`` and ``sha256`` of the archive.

    Returns
    -------
    dict
        JSON-ready; no dates, no paths of the machine that made it.
    """
    protocol = card.protocol
    return {
        "protocol": card.spec.protocol_id,
        "title": protocol.name,
        "version": version,
        "kind": protocol.kind,
        "region": protocol.region,
        "guidelines": list(protocol.guidelines),
        "target": card.target.model_dump(mode="json"),
        "slug": slug(card.target),
        "export": export.kind,
        "release": export.software or card.target.software,
        "download": download,
        "donor": {"sha256": export.donor.sha256} if export.donor else None,
        "time": _time(card),
        "steps": [_step(card, export, index) for index in range(len(protocol.steps))],
        "findings": [finding.model_dump(mode="json") for finding in findings],
        "losses": [loss.model_dump(mode="json") for loss in export.losses],
        "notes": [note.model_dump(mode="json") for note in export.notes],
    }


def _time(card: Card) -> dict[str, Any]:
    line = card.timeline
    return {
        "counted": line.counted,
        "uncertainty": line.counted_uncertainty,
        "interval": line.interval,
        "complete": line.complete,
        "limit": card.time_limit,
        "injection": line.injection,
        "delay": line.delay,
        "minimum_delay": line.minimum_delay,
        "room": line.room_time,
    }


def _step(card: Card, export: Export, index: int) -> dict[str, Any]:
    step, row = card.protocol.steps[index], card.timeline.rows[index]
    stated = step.model_dump(mode="json", exclude_none=True, exclude=set(_BULKY))
    timing = {
        "start": row.start,
        "duration": row.duration,
        "uncertainty": row.uncertainty,
        "interval": row.interval,
        "basis": row.basis,
        "counted": row.counted,
        "set_up": row.set_up,
        "label": row.name,
    }
    sources = _sources(card, index, step)
    written = _written(export, index, stated)
    return {"origin": card.origins[index], "step": stated, "file": written, "row": timing, "sources": sources}


def _written(export: Export, index: int, stated: Mapping[str, Any]) -> dict[str, Any]:
    """What the file holds of the fields that a scan states, as it was read back from it."""
    if export.back is None or index not in (pairs := export.origins or ()):
        return {}
    held = export.back.steps[pairs.index(index)].model_dump(mode="json", exclude_none=True)
    return {name: held[name] for name in stated if name in held and name != "kind"}


def _sources(card: Card, index: int, step: Any) -> dict[str, str]:
    origin = card.origins[index]
    if origin is None or not isinstance(step, Acquisition):
        return {}
    found = ((name, card.resolved.source(origin, name)) for name in sorted(type(step).model_fields))
    return {name: source for name, source in found if source}
