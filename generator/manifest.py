"""The manifest beside every export: what it is, from what, for whom, what was lost, and its checksums."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator import __version__, resources
from generator.donors import severity, source

if TYPE_CHECKING:
    from generator.model.tree import Protocol, Step, Target
    from generator.pipeline import Card
    from generator.proof import WrittenTime
    from generator.vendors.dialect import Export
    from generator.vendors.matching import Along, Choice

NAME = "manifest.json"
FORMAT_VERSION = 1
SET_UP = frozenset({"localizer", "calibration"})
"""Roles that do not count towards the acquisition time of an exam."""

WHAT_IT_IS = {
    "donor": "patched from an export of the site's own scanner; check every value at the console",
    "template": "made from templates; untested on a console",
    "sheet": "for entry by hand at the console; not a file that a console reads",
}


def digest(paths: Iterable[Path]) -> str:
    """Digest everything a spec was made from: the names and bytes of its files, in order of use."""
    total = sha256()
    for path in paths:
        content = path.read_bytes()
        total.update(f"{path.name}\0{len(content)}\0".encode() + content)
    return total.hexdigest()


def manifest(
    protocol: Protocol,
    target: Target,
    export: Export,
    spec_sha256: str,
    warnings: tuple[str, ...] = (),
    limit: float | None = None,
    provenance: Iterable[Mapping[str, str]] = (),
) -> dict[str, Any]:
    """Describe an export.

    Parameters
    ----------
    spec_sha256 : str
        Digest of everything the protocol was made from: its file and the definitions that it uses.
    warnings : tuple of str
        What the export has to say on its face, such as errors that were overridden.
    limit : float, optional
        Seconds that the exam may take by the packs it claims.
    provenance : iterable of mapping
        Definition, file and checksum of everything that the protocol was made from.

    Returns
    -------
    dict
        JSON-ready, keys in a fixed order, no dates.
    """
    donor = export.donor
    return {
        "format_version": FORMAT_VERSION,
        "program": {"name": "examcard", "version": __version__},
        "spec": {
            "id": protocol.id,
            "title": protocol.name,
            "version": protocol.version,
            "sha256": spec_sha256,
        },
        "target": target.model_dump(mode="json"),
        "kind": export.kind,
        "what_it_is": WHAT_IT_IS[export.kind],
        "donor": {"name": donor.name, "sha256": donor.sha256} if donor else None,
        "warnings": list(warnings),
        "release": export.software or (export.plan.release if export.plan else target.software),
        "time": total(protocol, export, limit),
        "gaps": [one.scan.name for one in export.plan.gaps] if export.plan else [],
        "steps": _steps(protocol, export),
        "provenance": list(provenance),
        "losses": [loss.model_dump(mode="json") for loss in export.losses],
        "notes": [note.model_dump(mode="json") for note in export.notes],
        "files": [
            {"path": path, "size": len(content), "sha256": sha256(content).hexdigest()}
            for path, content in sorted(export.files.items())
        ],
    }


def of_card(card: Card, export: Export, warnings: tuple[str, ...] = ()) -> dict[str, Any]:
    """Describe the export of a card; see :func:`manifest`."""
    from generator.spec.show import overrides

    files = card.spec.files
    described = manifest(
        card.protocol, card.target, export, digest(files), warnings, card.time_limit, provenance(files)
    )
    return {**described, "overrides": list(overrides(card.spec))}


def nameless(described: dict[str, Any]) -> dict[str, Any]:
    """Leave out every text of a site: names of programs and steps, values, notes: for publishing."""
    steps = [
        {
            **step,
            "donor": step["donor"] and {**step["donor"], "path": [], "step": None},
            "inherited": [_without_text(one) for one in step["inherited"] if one["what"] != "comment"],
        }
        for step in described["steps"]
        if step["index"] is not None
    ]
    if described["donor"] is None:
        return {**described, "steps": steps}
    counted = Counter(note["code"] for note in described["notes"])
    notes = [{"code": code, "count": number, "message": None} for code, number in counted.items()]
    return {**described, "steps": steps, "notes": notes}


def _without_text(setting: dict[str, Any]) -> dict[str, Any]:
    """A setting that was inherited, without its value where that is a text of the site."""
    return {**setting, "value": None} if isinstance(setting["value"], str) else setting


def provenance(paths: Iterable[Path]) -> list[dict[str, str]]:
    """Name every file that a protocol was made from, with its checksum; a shipped one by its place."""
    return [
        {"definition": path.stem, "file": _place(path), "sha256": sha256(path.read_bytes()).hexdigest()}
        for path in paths
    ]


def _place(path: Path) -> str:
    shipped = resources.specs().resolve()
    found = path.resolve()
    return f"shipped:{found.relative_to(shipped).as_posix()}" if found.is_relative_to(shipped) else path.name


def total(protocol: Protocol, export: Export, limit: float | None) -> dict[str, Any]:
    """Time of the scans that are counted; ``None`` where the time of one of them is not known."""
    counted = _counted(protocol, export)

    def whole(values: Iterable[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return round(sum(known), 1) if known and len(known) == len(counted) else None

    low, high = (whole(t.interval[end] if t and t.interval else None for t in counted) for end in (0, 1))
    return {
        "spec": whole(t.spec if t else None for t in counted),
        "written": whole(t.written if t else None for t in counted),
        "interval": None if low is None or high is None else [low, high],
        "limit": limit,
    }


def at_least(protocol: Protocol, export: Export) -> float:
    """Seconds of the counted scans whose written time is known: the exam takes no less."""
    return sum(time.written or 0 for time in _counted(protocol, export) if time)


def _counted(protocol: Protocol, export: Export) -> list[WrittenTime | None]:
    return [
        export.times.get(index)
        for index, step in enumerate(protocol.steps)
        if step.kind == "acquisition" and not step.optional and step.role not in SET_UP
    ]


def _steps(protocol: Protocol, export: Export) -> list[dict[str, Any]]:
    """Every step of the protocol, and those of the donor that come along (without index)."""
    steps = [_step(index, step, export) for index, step in enumerate(protocol.steps)]
    return [*steps, *(_along(one) for one in (export.plan.along if export.plan else ()))]


def _step(index: int, step: Step, export: Export) -> dict[str, Any]:
    choice = export.plan.choices.get(index) if export.plan else None
    donor = source(choice.donor, choice.step) if choice and choice.step else None
    time = export.times.get(index)
    return {
        "index": index,
        "name": getattr(step, "name", None) or step.kind,
        "origin": _origin(choice, export),
        "donor": donor,
        "patched": list(choice.patched) if choice else [],
        "inherited": [one.data for one in export.inherited.get(index, ())],
        "time": {
            "spec": time.spec,
            "written": time.written and round(time.written, 1),
            "interval": time.interval and [round(end, 1) for end in time.interval],
            "stored_in_file": time.stored,
        }
        if time
        else None,
    }


def _origin(choice: Choice | None, export: Export) -> str:
    """Where a step comes from: pauses and injections of a card from donors are the program's own."""
    if choice is None:
        return export.kind if export.plan is None else "template"
    return {"clone": export.kind, "template": "template"}.get(choice.action, "gap")


def _along(one: Along) -> dict[str, Any]:
    return {
        "index": None,
        "name": one.step.scan.name,
        "origin": "donor",
        "donor": source(one.donor, one.step),
        "patched": [],
        "inherited": [
            {"what": item.what, "value": item.value, "action": "kept", "severity": severity(item.bound_to)}
            for item in one.step.inherited
        ],
        "time": None,
    }


def to_bytes(value: dict[str, Any]) -> bytes:
    """Serialise a manifest: UTF-8, two-space indent, LF, final line end."""
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
