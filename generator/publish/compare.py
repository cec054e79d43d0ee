"""Side by side: the parameters of the cards of one version."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from generator.publish.labels import GROUPS
from generator.publish.record import Record


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
class ComparedScan:
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


def scans(records: Sequence[Record]) -> list[ComparedScan]:
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


def _scan(entries: Sequence[dict[str, Any]]) -> ComparedScan:
    steps = [entry.get("step", {}) for entry in entries]
    first = next(step for step in steps if step)
    groups = ((title, tuple(_rows(fields, entries, steps))) for title, fields in GROUPS)
    return ComparedScan(
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
