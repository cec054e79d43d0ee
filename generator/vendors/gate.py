"""The consistency gate: relations that hold in every real file, held on every step that is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from generator.vendors.rows import Why

D = TypeVar("D")


@dataclass(frozen=True)
class Relation(Generic[D]):
    """One relation between the parameters of a step, measured over the collected files.

    Attributes
    ----------
    name : str
        Stable, such as ``sms-if-and-only-if-multiband``.
    text : str
        What holds, for people; it ends a sentence that begins with "in every real file".
    files, steps : int
        How many files and steps of the corpus speak of it; all of them agree.
    holds : callable
        ``None`` where the relation does not speak of a document.
    mend : callable, optional
        Corrects a document to the console's grid.
    field : str, optional
        Neutral field that a correction rounds.
    """

    name: str
    text: str
    files: int
    steps: int
    holds: Callable[[D], bool | None]
    mend: Callable[[D], Any] | None = None
    field: str | None = None


def broken(relations: Iterable[Relation[D]], document: D) -> list[Relation[D]]:
    """List the relations that a document breaks."""
    return [one for one in relations if one.holds(document) is False]


def hold(relations: Iterable[Relation[D]], document: D, reasons: Why) -> list[Relation[D]]:
    """Correct what a document breaks, saying why, and return what cannot be corrected.

    Each relation sees what those before it corrected.
    """
    known = tuple(relations)
    for one in known:
        if one.mend is not None and one.holds(document) is False:
            one.mend(document)
            if one.field:
                reasons.why(one.field, f"corrected to the console's grid: {one.text}")
    return broken(known, document)
