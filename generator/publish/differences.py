"""What differs between any two cards of a protocol, of any version and scanner; ``compare`` finds it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

from generator.compare.fields import Difference, Severity, Terms, compare_steps
from generator.compare.pairing import pair_steps
from generator.model.tree import Acquisition, Contrast, Pause, Reformat, Step
from generator.publish.byhand import by_hand
from generator.publish.record import Record

_CLASSES = {"acquisition": Acquisition, "contrast": Contrast, "pause": Pause, "reformat": Reformat}
_NOT_LISTED = frozenset({"role"})
"""What the pages never show; a change of it alone is none."""

Place = tuple[int, int, str, int]
"""The place of a step in its version: its place in the spec (of a step that the program put in: that of the
step before it, 1 and its label), and how many of the same came before."""


@dataclass(frozen=True)
class Change:
    """One difference between two cards, and on which targets it is one.

    Attributes
    ----------
    kind, name : str
        Of the step; both empty for the title of the protocol.
    field : str or None
        ``None``: the whole step is new, left out or ``moved``.
    severity : str
        What it matters, see ``generator.compare.fields``.
    """

    kind: str
    name: str
    field: str | None
    old: Any
    new: Any
    severity: Severity = "image"
    moved: bool = False
    targets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Card:
    """One card, or several of one maker and field strength that ask for the same.

    Attributes
    ----------
    steps : mapping of Place to (int, float or None)
        Index of the step in :attr:`Differences.steps`, and its time in s.
    by_hand : int
        Points to set by hand at the console.
    asked : str
        Everything that is asked for, times included: the same for cards that are one.
    """

    version: str
    title: str
    target: Mapping[str, Any]
    slugs: tuple[str, ...]
    releases: tuple[str, ...]
    steps: Mapping[Place, tuple[int, float | None]]
    total: float
    by_hand: int
    asked: str = ""


@dataclass
class Differences:
    """The cards of all versions of a protocol, each different step of a maker once.

    Attributes
    ----------
    cards : list of Card
        In the order of the versions, then of the records.
    steps : list of Step
        What the cards ask for.
    """

    cards: list[Card] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    _vendors: list[str] = field(default_factory=list)
    _known: dict[tuple[str, str], int] = field(default_factory=dict)
    _found: dict[tuple[int, int], tuple[Difference, ...]] = field(default_factory=dict)
    _paired: dict[tuple[str, str], list[tuple[Place | None, Place | None, bool]]] = field(
        default_factory=dict
    )

    def add(self, version: str, record: Record) -> None:
        """Add a card to the last version, or to a new one."""
        vendor = record["target"]["vendor"]
        steps = {
            place: (self._step(vendor, entry["step"]), entry["row"]["duration"])
            for place, entry in _places(record)
        }
        target = record["target"]
        release = (target["software"],) if target["software"] else ()
        made = Card(
            version, record["title"], target, (record["slug"],), release, steps,
            record["time"]["counted"], len(by_hand(record)),
            json.dumps([record["time"], [(entry["step"], entry["row"]) for entry in record["steps"]]]),
        )  # fmt: skip
        self.cards.append(made)

    def _step(self, vendor: str, stated: Mapping[str, Any]) -> int:
        """Index of a step, which is read only once; fields of a later program are left out."""
        key = (vendor, json.dumps(stated, sort_keys=True))
        if key not in self._known:
            kind: type[Any] = _CLASSES[stated["kind"]]
            self._known[key] = len(self.steps)
            self.steps.append(kind(**{name: stated[name] for name in kind.model_fields if name in stated}))
            self._vendors.append(vendor)
        return self._known[key]

    def found(self, one: int, other: int) -> tuple[Difference, ...]:
        """In which fields two steps differ, ``one`` being ``a``."""
        if one > other:
            return tuple(replace(found, a=found.b, b=found.a) for found in self.found(other, one))
        if (one, other) not in self._found:
            # Both are what a spec asks for: no raster explains anything, what is not stated is not asked.
            terms = Terms(exact=True, complete=True, one_vendor=self._vendors[one] == self._vendors[other])
            same_kind = self.steps[one].kind == self.steps[other].kind
            found = compare_steps(self.steps[one], self.steps[other], terms).differences if same_kind else ()
            self._found[one, other] = tuple(d for d in found if d.name not in _NOT_LISTED)
        return self._found[one, other]

    def paired(self, a: str, b: str) -> list[tuple[Place | None, Place | None, bool]]:
        """Which step of one version is which of another, and whether it moved; ``None``: none."""
        if (a, b) not in self._paired:
            self._paired[a, b] = self._pairs(a, b)
        return self._paired[a, b]

    def _pairs(self, a: str, b: str) -> list[tuple[Place | None, Place | None, bool]]:
        before, after = self._all(a), self._all(b)
        if a == b:  # of one spec: the place says it
            return [(place, place, False) for place in before]
        one, other = list(before), list(after)
        found = pair_steps(list(before.values()), list(after.values()))
        with_both = {match.b: (one[match.a], other[match.b], match.moved) for match in found}
        left = [place for place in one if place not in {first for first, _, _ in with_both.values()}]
        return [
            *(with_both.get(index, (None, place, False)) for index, place in enumerate(other)),
            *((place, None, False) for place in left),
        ]

    def _all(self, version: str) -> dict[Place, Step]:
        """Every step of a version in exam order, as the first card that has it asks for it."""
        found: dict[Place, Step] = {}
        for card in self.cards:
            if card.version == version:
                for place, (index, _) in card.steps.items():
                    found.setdefault(place, self.steps[index])
        return dict(sorted(found.items()))

    def between(self, a: Card, b: Card) -> Iterator[Change]:
        """List what is different in ``b``, in exam order."""
        if a.title != b.title:
            yield Change("", "", "title", a.title, b.title, "bookkeeping")
        for here, there, moved in self.paired(a.version, b.version):
            one, other = a.steps.get(here) if here else None, b.steps.get(there) if there else None
            if one and other:
                yield from self._changes(one[0], other[0], moved)
            elif one or other:
                step = self.steps[(one or other or (0, None))[0]]
                gone, new = (step.kind, None) if one else (None, step.kind)
                yield Change(step.kind, name_of(step), None, gone, new)

    def _changes(self, one: int, other: int, moved: bool) -> Iterator[Change]:
        step = self.steps[other]
        about = (step.kind, name_of(step))
        if moved:
            yield Change(*about, None, None, None, moved=True)
        for found in self.found(one, other):
            yield Change(*about, found.name, found.a, found.b, found.severity)

    def groups(self, version: str | None = None) -> list[Card]:
        """Cards of one maker and field strength that ask for the same, as one."""
        found: dict[Any, Card] = {}
        for card in self.cards:
            if version in (None, card.version):
                target = (card.target["vendor"], card.target["field_strength"], card.target["model"])
                key = (card.version, target, card.asked)
                known = found.get(key)
                found[key] = _together(known, card) if known else card
        return list(found.values())

    def sides(self, version: str) -> list[tuple[Card, Card]]:
        """Scanners to hold against each other: of one field strength, or of one maker."""
        groups = sorted(self.groups(version), key=lambda one: -one.target["field_strength"])
        return [
            (a, b)
            for a, b in combinations(groups, 2)
            if (a.target["field_strength"] == b.target["field_strength"])
            != (a.target["vendor"] == b.target["vendor"])
        ]


def name_of(step: Any) -> str:
    """Name of a scan, text of a pause, what is reformatted."""
    return str(next(filter(None, (getattr(step, one, None) for one in ("name", "text", "source"))), ""))


def _together(one: Card, other: Card) -> Card:
    return Card(
        one.version, one.title, one.target, (*one.slugs, *other.slugs),
        tuple(dict.fromkeys((*one.releases, *other.releases))), one.steps, one.total,
        max(one.by_hand, other.by_hand), one.asked,
    )  # fmt: skip


def _places(record: Record) -> Iterator[tuple[Place, dict[str, Any]]]:
    origin, seen = -1, dict[tuple[int, int, str], int]()
    for entry in record["steps"]:
        own = entry["origin"] is None
        origin = origin if own else entry["origin"]
        place = (origin, 1, str(entry["row"]["label"])) if own else (origin, 0, "")
        number = seen[place] = seen.get(place, 0) + 1
        yield (*place, number), entry


def of(versions: Mapping[str, Sequence[Record]]) -> Differences:
    """Gather the cards of versions, the oldest first."""
    made = Differences()
    for version, records in versions.items():
        for one in records:
            made.add(version, one)
    return made


def changes(known: Differences, old: str, new: str) -> list[Change]:
    """List what changed from one version to another.

    Returns
    -------
    list of Change
        In exam order, of the targets that both versions have; what several share is listed once.
    """
    before = {card.slugs: card for card in known.cards if card.version == old}
    pairs = [(before[c.slugs], c) for c in known.cards if c.version == new and c.slugs in before]
    return _shared((one, b.slugs) for a, b in pairs for one in known.between(a, b))


def _shared(found: Iterable[tuple[Change, tuple[str, ...]]]) -> list[Change]:
    shared: dict[str, Change] = {}
    for one, slugs in found:
        key = repr(one)
        targets = shared[key].targets if key in shared else ()
        shared[key] = Change(**{**vars(one), "targets": (*targets, *slugs)})
    return list(shared.values())
