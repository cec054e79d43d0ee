"""The decision table: rows as data, loaded from ``specs/followup/decisions.yaml``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Literal

from pydantic import Field

from generator.model import words
from generator.model.tree import Node
from generator.resources import specs

Gadolinium = Literal["give", "optional", "none", "clinician"]
Span = tuple[float, float]


class Bounds(Node):
    """A condition on a number: ``min`` and ``max`` belong to the range, ``below`` does not."""

    min: float | None = None
    below: float | None = None
    max: float | None = None

    def holds(self, value: float) -> bool:
        """Say whether a value lies within the bounds."""
        return (
            (self.min is None or value >= self.min)
            and (self.below is None or value < self.below)
            and (self.max is None or value <= self.max)
        )


Condition = Bounds | bool | str | tuple[str, ...]


class Reading(Node):
    """One way to read a passage that can be read in two."""

    protocol: str
    months: Span
    why: str


class Row(Node):
    """One row of the table.

    Attributes
    ----------
    protocol, protocol_with_gadolinium : str or None
        The exam without and the one with an injection.
    months : tuple of float or None
        Cap on the time to the next exam: earliest and latest month.
    from_month : float or None
        Month of the treatment from which the cap holds.
    ask : bool or tuple of str
        Whether the row asks for the facts that it hangs on, or for which of them.
    meanwhile : bool
        Whether it counts until that is answered.
    yields : bool
        Whether surveillance that has begun takes the place of this exam.
    """

    id: str
    title: str
    when: Mapping[str, Condition]
    why: str
    sources: tuple[str, ...] = ()
    outside: str | None = Field(None, description="a source beyond the two documents")
    conflicts: tuple[str, ...] = ()
    protocol: str | None = None
    protocol_with_gadolinium: str | None = None
    gadolinium: Gadolinium = "none"
    gadolinium_policy: Literal["rebaseline_gd"] | None = None
    offer: tuple[words.Role, ...] = ()
    also: tuple[str, ...] = Field((), description="protocols that do as well")
    silent: str | None = Field(None, description="what the sources are silent on")
    yields: bool = False
    months: Span | None = None
    due: Literal["re-baseline"] | None = None
    from_month: float | None = None
    yearly: str | None = Field(None, description="protocol of one exam a year")
    profile: str | None = None
    policy: Literal["jcv_low_index_policy"] | None = None
    readings: Mapping[str, Reading] = Field(default_factory=dict)
    ask: bool | tuple[str, ...] = True
    meanwhile: bool = True
    replace: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    cards: Mapping[str, str] = Field(default_factory=dict)


class Silence(Node):
    """Something neither source says, and where that touches an answer."""

    when: Mapping[str, Condition]
    about: str


class Table(Node):
    """The decision table."""

    exams: tuple[Row, ...]
    surveillance: tuple[Row, ...]
    intervals: tuple[Row, ...]
    spine: tuple[Row, ...]
    spine_offers: tuple[Row, ...]
    rewrites: tuple[Row, ...]
    silences: tuple[Silence, ...]
    questions: Mapping[str, str]

    @property
    def caps(self) -> Iterator[Row]:
        """Every row that caps the time to the next exam."""
        rows = (*self.exams, *self.surveillance, *self.intervals)
        return (row for row in rows if row.months or row.due)

    @property
    def rows(self) -> Iterator[Row]:
        """Every row."""
        for part in (
            self.exams,
            self.surveillance,
            self.intervals,
            self.spine,
            self.spine_offers,
            self.rewrites,
        ):
            yield from part


@cache
def table() -> Table:
    """Load the shipped decision table."""
    import yaml

    text = specs("followup", "decisions.yaml").read_text(encoding="utf-8")
    return Table.model_validate(yaml.safe_load(text))


def profiles() -> tuple[str, ...]:
    """Name the packs whose intervals may be asked for."""
    return tuple(sorted({"ofsep-2020", *(row.profile for row in table().rows if row.profile)}))
