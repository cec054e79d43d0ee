"""The migration report: what is the same, what changed and why, what the operator has to set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from generator.compare.comparison import FORMAT_VERSION, name_of, step_name
from generator.compare.document import Document, Part
from generator.compare.show import label, shown
from generator.model.tree import Acquisition, Step
from generator.text import clock, counted
from generator.timing.estimate import with_interval
from generator.translate.migrate import Migration, Moved, Row

WHAT = {
    "donor": "patched from an export of the target scanner: check every value at the console",
    "template": "made from templates, untested on a console: for review, not for a patient",
    "sheet": "for entry by hand at the console",
}
_OUTCOMES = {"lost": "not carried", "confirm": "to confirm"}


def document(migrations: Sequence[Migration], file: str, folders: Mapping[int, str]) -> Document:
    """Write the report of a whole file.

    Parameters
    ----------
    file : str
        What the user named.
    folders : mapping of int to str
        Where the export of each protocol is, by its place among ``migrations``.
    """
    parts = [part for i, one in enumerate(migrations) for part in _protocol(one, folders.get(i))]
    return Document(f"{file} for {migrations[0].way.target}", tuple(parts))


def _protocol(one: Migration, folder: str | None) -> Iterator[Part]:
    yield Part(name_of(one.protocol), tuple(_facts(one, folder)), level=1)
    yield Part("Times", (), ("", "scan", "source showed", "expected here"), tuple(_times(one)))
    if rows := tuple(_contrasts(one)):
        about = "signal ratios by the most likely reading of either console, of brain tissue without an agent"
        yield Part("Contrast", (about,), ("", "scan", "ratio", "source", "here"), rows)
    if lines := tuple(_by_hand(one)):
        yield Part("To be set or confirmed at the console", lines)
    yield from (part for step in one.steps if (part := _step(step)))


def _facts(one: Migration, folder: str | None) -> Iterator[str]:
    yield f"from {one.way.source} to {one.way.target}"
    if one.export is None:
        yield f"nothing could be made: {one.refused}"
        return
    yield f"{one.export.kind}: {WHAT[one.export.kind]}" + (f"; in {folder}" if folder else "")
    counts = [
        (outcome, sum(row.outcome == outcome for _, row in one.rows)) for outcome in ("rounded", "changed")
    ]
    counts += [
        (text, sum(row.outcome == outcome for _, row in one.rows)) for outcome, text in _OUTCOMES.items()
    ]
    same = sum(len(step.same) for step in one.steps)
    yield ", ".join([f"{counted(same, 'value')} the same", *(f"{n} {text}" for text, n in counts if n)])


def _times(one: Migration) -> Iterator[tuple[str, ...]]:
    for step in one.steps:
        if isinstance(step.before, Acquisition):
            before = "?" if step.shown is None else clock(step.shown)
            unknown = step.why_no_time or "?"
            after = unknown if step.expected is None else with_interval(step.expected, step.interval)
            yield str(step.index), step.before.name, before, after if step.after else "-"


def _contrasts(one: Migration) -> Iterator[tuple[str, ...]]:
    for step in one.steps:
        for ratio in step.contrast:
            values = f"{ratio.before:.2f}", f"{ratio.after:.2f}"
            yield str(step.index), step_name(step.before), ratio.name, *values


def _by_hand(one: Migration) -> Iterator[str]:
    """What is to be done, once for all scans that share field and reason."""
    found: dict[tuple[str, str], list[str]] = {}
    for step, row in one.rows:
        if row.operator:
            name = label(row.field) if row.field else "the step"
            found.setdefault((name, row.why), []).append(step_name(step.before))
    scans = sum(isinstance(step.before, Acquisition) for step in one.steps)
    for (name, why), steps in found.items():
        which = "every scan" if len(steps) == scans > 1 else ", ".join(dict.fromkeys(steps))
        yield f"{name} ({which}): {why}"


def _step(step: Moved) -> Part | None:
    rows = tuple(_row(row) for row in step.rows)
    title = f"{step.index} {step_name(step.before)}"
    same = (f"the same: {', '.join(label(name) for name in step.same)}",) if step.same else ()
    return (
        Part(title, same, ("", "", "source", "here", "why") if rows else (), rows) if rows or same else None
    )


def _row(row: Row) -> tuple[str, ...]:
    name = row.field or "text"
    values = shown(name, row.before), shown(name, row.after)
    return _OUTCOMES.get(row.outcome, row.outcome), label(name) if row.field else "the step", *values, row.why


# --- as data ------------------------------------------------------------------------------------------


def as_data(migrations: Iterable[Migration], file: str, folders: Mapping[int, str]) -> dict[str, Any]:
    """Describe migrations for other programs: the keys of ``diff``, with reasons, times and contrast."""
    found = list(migrations)
    way = found[0].way
    return {
        "format_version": FORMAT_VERSION,
        "a": {"name": file, "format": found[0].source.format, **way.source.model_dump(mode="json")},
        "b": {"name": str(way.target), **way.target.model_dump(mode="json")},
        "differs": not all(one.is_clean for one in found),
        "protocols": [_head(one, folders.get(i)) for i, one in enumerate(found)],
        "pairs": [_pair(one, step) for one in found for step in one.steps if step.after],
        "only_in_a": [_alone(one, step) for one in found for step in one.steps if not step.after],
        "only_in_b": [_place(one, i, step) for one in found for i, step in _added(one)],
        "losses": [
            {"protocol": name_of(one.protocol), **loss.model_dump(mode="json")}
            for one in found
            for loss in one.losses
        ],
    }


def _head(one: Migration, folder: str | None) -> dict[str, Any]:
    kind = one.export.kind if one.export else None
    return {
        "name": one.protocol.name,
        "path": list(one.protocol.path),
        "kind": kind,
        "what_it_is": WHAT[kind] if kind else None,
        "folder": folder,
        "refused": one.refused or None,
        "by_hand": {str(index): why for index, why in one.by_hand.items()},
        "notes": [note.model_dump(mode="json") for note in (one.export.notes if one.export else ())],
    }


def _place(one: Migration, index: int, step: Step) -> dict[str, Any]:
    return {"protocol": name_of(one.protocol), "step": index, "name": step_name(step), "kind": step.kind}


def _added(one: Migration) -> list[tuple[int, Step]]:
    if one.export is None or one.export.back is None or one.export.origins is None:
        return []
    steps = enumerate(one.export.back.steps)
    return [(index, step) for index, step in steps if one.export.origins[index] is None]


def _alone(one: Migration, step: Moved) -> dict[str, Any]:
    why = "; ".join(dict.fromkeys(row.why for row in step.rows))
    return {**_place(one, step.index, step.before), "why": why or None}


def _pair(one: Migration, step: Moved) -> dict[str, Any]:
    assert step.after is not None and step.place is not None
    return {
        "a": _place(one, step.index, step.before),
        "b": _place(one, step.place, step.after),
        "moved": False,
        "same": list(step.same),
        "fields": [
            {
                "name": row.field,
                "a": row.before,
                "b": row.after,
                "severity": row.severity,
                "outcome": row.outcome,
                "operator": row.operator,
                "why": row.why,
            }
            for row in step.rows
        ],
        "time": {
            "source": step.shown,
            "written": step.expected,
            "interval": step.interval,
            "why_not": None if step.expected is not None else step.why_no_time or None,
        },
        "contrast": [{"ratio": ratio.name, "a": ratio.before, "b": ratio.after} for ratio in step.contrast],
    }
