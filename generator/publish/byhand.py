"""What a person has to set, or to confirm, at the console: losses that touch the image or the operator."""

from __future__ import annotations

import json
from typing import Any

from generator.publish.record import Record

SEVERITIES = frozenset({"image", "operator"})


def by_hand(record: Record) -> list[dict[str, Any]]:
    """Group the losses of a card that somebody has to act on.

    Returns
    -------
    list of dict
        In exam order, what several scans share once: ``steps`` (names), ``scans`` (their indices), ``field``
        (``None``: the whole step), ``wanted``, ``got``, ``kind``, ``reason`` and ``confirm``: whether the
        file holds the value and only its meaning is not certain.
    """
    groups: dict[str, dict[str, Any]] = {}
    for loss in record["losses"]:
        if loss["severity"] in SEVERITIES:
            one = _entry(record, loss)
            key = json.dumps([one["field"], one["wanted"], one["got"], one["kind"], one["reason"]])
            group = groups.setdefault(key, {**one, "steps": [], "scans": []})
            name = _name(record, loss)
            group["steps"] += [name] if name and name not in group["steps"] else []
            group["scans"].append(loss["step"])
    return list(groups.values())


def _entry(record: Record, loss: dict[str, Any]) -> dict[str, Any]:
    """Fields of an entry; a step that is no scan is in the order of the exam, with its values."""
    same = loss["wanted"] == loss["got"] is not None
    kept = {name: loss[name] for name in ("field", "wanted", "got", "kind", "reason")}
    if loss["step"] is not None and record["steps"][loss["step"]]["step"]["kind"] != "acquisition":
        kept |= {"field": None, "wanted": None, "got": None}
    return kept | {"confirm": same}


def _name(record: Record, loss: dict[str, Any]) -> str | None:
    """Name of a scan; of another step its kind, which the pages have a word for."""
    if loss["step"] is None:
        return None
    step = record["steps"][loss["step"]]["step"]
    return str(step["name"] if step["kind"] == "acquisition" else step["kind"])
