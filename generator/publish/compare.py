"""Side by side: the parameters of several cards, and what changed from one version to the next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from generator.publish.labels import GROUPS, LABELS
from generator.publish.record import Record

NOT_COMPARED = frozenset({"kind", "definition", "role"})


@dataclass(frozen=True)
class Row:
    """One field of one scan on several scanners.

    Attributes
    ----------
    values : tuple
        One for every card, ``None`` where the card does not state it.
    sources : tuple of str
        Where the values were published, each once.
    """

    field: str
    values: tuple[Any, ...]
    sources: tuple[str, ...] = ()

    @cached_property
    def same(self) -> bool:
        """Whether every scanner gets the same value."""
        return all(value == self.values[0] for value in self.values)


@dataclass(frozen=True)
class Scan:
    """One scan of a protocol on several scanners."""

    name: str
    role: str | None
    optional: bool
    instruction: str | None
    times: tuple[Any, ...]
    groups: tuple[tuple[str, tuple[Row, ...]], ...]

    @cached_property
    def differing(self) -> int:
        """Number of fields that are not the same everywhere."""
        return sum(not row.same for _, rows in self.groups for row in rows)


@dataclass(frozen=True)
class Change:
    """One difference between two versions, and on which targets it is one."""

    step: str
    field: str | None
    old: Any
    new: Any
    targets: tuple[str, ...] = ()


def scans(records: Sequence[Record]) -> list[Scan]:
    """Lay the scans of several cards of one protocol side by side, in exam order.

    Parameters
    ----------
    records : sequence of dict
        Cards of one version for several scanners; steps are matched by their place in the spec.
    """
    return [_scan([_at(record, origin) for record in records]) for origin in _origins(records)]


def _origins(records: Sequence[Record]) -> list[int]:
    found = {e["origin"] for r in records for e in r["steps"] if e["step"]["kind"] == "acquisition"}
    return sorted(found)


def _at(record: Record, origin: int) -> dict[str, Any]:
    return next((entry for entry in record["steps"] if entry["origin"] == origin), {})


def _scan(entries: Sequence[dict[str, Any]]) -> Scan:
    steps = [entry.get("step", {}) for entry in entries]
    first = next(step for step in steps if step)
    groups = ((title, tuple(_rows(fields, entries, steps))) for title, fields in GROUPS)
    return Scan(
        name=first["name"],
        role=first.get("role"),
        optional=first.get("optional", False),
        instruction=first.get("instruction"),
        times=tuple(entry.get("row") for entry in entries),
        groups=tuple((title, rows) for title, rows in groups if rows),
    )


def _rows(
    fields: Iterable[tuple[str, str]], entries: Sequence[dict[str, Any]], steps: Sequence[dict[str, Any]]
) -> Iterator[Row]:
    for field, _ in fields:
        values = tuple(step.get(field) for step in steps)
        if any(value is not None for value in values):
            cited = (entry.get("sources", {}).get(field) for entry in entries)
            yield Row(field, values, tuple(dict.fromkeys(source for source in cited if source)))


def changes(old: Sequence[Record], new: Sequence[Record]) -> list[Change]:
    """List what changed between two versions of a protocol.

    Parameters
    ----------
    old, new : sequence of dict
        The cards of either version; only targets that both have are compared.

    Returns
    -------
    list of Change
        In exam order; a change that several targets share is listed once and names them.
    """
    before = {record["slug"]: record for record in old}
    found: dict[tuple[str, str | None, str], Change] = {}
    for record in new:
        if record["slug"] in before:
            for one in _differences(before[record["slug"]], record):
                key = (one.step, one.field, repr((one.old, one.new)))
                known = found.get(key, one)
                found[key] = Change(*_plain(known), targets=(*known.targets, record["slug"]))
    return list(found.values())


def _plain(change: Change) -> tuple[str, str | None, Any, Any]:
    return change.step, change.field, change.old, change.new


def _differences(old: Record, new: Record) -> Iterator[Change]:
    if old["title"] != new["title"]:
        yield Change("", "title", old["title"], new["title"])
    before, after = dict(_named(old)), dict(_named(new))
    for name, step in after.items():
        if name not in before:
            yield Change(name, None, None, step["kind"])
        else:
            yield from _fields(name, before[name], step)
    for name, step in before.items():
        if name not in after:
            yield Change(name, None, step["kind"], None)


def _fields(name: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    known = [field for field in LABELS if field in old or field in new]
    others = sorted((set(old) | set(new)) - set(LABELS) - NOT_COMPARED)
    for field in (*known, *others):
        if old.get(field) != new.get(field):
            yield Change(name, field, old.get(field), new.get(field))


def _named(record: Record) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every step under a name of its own: the second of a name is called ``name (2)``."""
    seen: dict[str, int] = {}
    for entry in record["steps"]:
        name = entry["row"]["label"]
        number = seen[name] = seen.get(name, 0) + 1
        yield (name if number == 1 else f"{name} ({number})"), entry["step"]
