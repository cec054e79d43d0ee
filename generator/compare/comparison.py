"""Two sources held against each other: protocols paired, steps paired, fields compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from generator.compare.fields import OPEN, Difference, Found, Severity, Terms, compare_steps
from generator.compare.pairing import pair_protocols, pair_steps
from generator.model.tree import Protocol, ReadResult, Step, Target

FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class Place:
    """One step of one side.

    Attributes
    ----------
    protocol : str
        Path and name of its protocol.
    step : int
        Index in its protocol, from 0.
    number : int
        Index of its protocol in the file.
    """

    protocol: str
    step: int
    name: str
    kind: str
    number: int


@dataclass(frozen=True, slots=True)
class Pair:
    """One step on both sides."""

    a: Place
    b: Place
    moved: bool
    found: Found


@dataclass(frozen=True)
class Comparison:
    """Everything that two sources have in common and apart.

    Attributes
    ----------
    a, b : str
        What the user named.
    of_a, of_b : ReadResult
        What was read there.
    pairs : tuple of Pair
        In the order of ``a``.
    target : Target, optional
        Of two specs: for which scanner they were compared.
    """

    a: str
    b: str
    of_a: ReadResult
    of_b: ReadResult
    pairs: tuple[Pair, ...]
    only_in_a: tuple[Place, ...]
    only_in_b: tuple[Place, ...]
    terms: Terms = OPEN
    target: Target | None = None

    @cached_property
    def differs(self) -> bool:
        """Whether there is a difference beyond the raster of two consoles."""
        changed = any(one.severity != "raster" for pair in self.pairs for one in pair.found.differences)
        moved = any(pair.moved for pair in self.pairs)
        return changed or moved or bool(self.only_in_a or self.only_in_b)

    def differences(self) -> Iterator[tuple[Pair, Difference]]:
        """Every difference with its pair."""
        return ((pair, one) for pair in self.pairs for one in pair.found.differences)

    def counts(self) -> dict[Severity, int]:
        """Number of differences by what they matter."""
        found: dict[Severity, int] = {}
        for _, one in self.differences():
            found[one.severity] = found.get(one.severity, 0) + 1
        return found


def compare(
    a: ReadResult,
    b: ReadResult,
    labels: tuple[str, str] = ("a", "b"),
    vendor_parameters: bool = False,
    target: Target | None = None,
) -> Comparison:
    """Hold two sources against each other.

    Parameters
    ----------
    labels : tuple of str
        What to call them.
    vendor_parameters : bool
        Also compare what has no neutral meaning, if both are of one vendor.
    target : Target, optional
        Of two specs: the scanner that both were made for.
    """
    terms = terms_of(a, b, vendor_parameters)
    protocols = pair_protocols(a.protocols, b.protocols)
    pairs, only_a, only_b = list[Pair](), list[Place](), list[Place]()
    for match in protocols:
        one, other = a.protocols[match.a], b.protocols[match.b]
        steps = pair_steps(one.steps, other.steps, only_ones=True)
        for step in steps:
            unknown = _unknown(a, match.a, step.a) | _unknown(b, match.b, step.b)
            found = compare_steps(one.steps[step.a], other.steps[step.b], terms, unknown)
            pairs.append(
                Pair(_place(one, match.a, step.a), _place(other, match.b, step.b), step.moved, found)
            )
        only_a += _unpaired(one, match.a, {step.a for step in steps})
        only_b += _unpaired(other, match.b, {step.b for step in steps})
    only_a += _whole(a.protocols, {match.a for match in protocols})
    only_b += _whole(b.protocols, {match.b for match in protocols})
    return Comparison(*labels, a, b, tuple(pairs), tuple(only_a), tuple(only_b), terms, target)


def terms_of(a: ReadResult, b: ReadResult, vendor_parameters: bool = False) -> Terms:
    """Say how far two sources can be held against each other; see :class:`Terms`."""
    alike = a.format == b.format and a.vendor == b.vendor
    return Terms(
        exact=alike and a.software == b.software,
        complete=alike,
        one_vendor=a.vendor == b.vendor,
        vendor_parameters=vendor_parameters and a.vendor == b.vendor,
    )


def _unknown(result: ReadResult, protocol: int, step: int) -> frozenset[str]:
    """Fields of a step that the reader left a note about: where they are empty, they are not known."""
    about = [note for note in result.notes if (note.protocol or 0, note.step) == (protocol, step)]
    return frozenset(note.field for note in about if note.field)


def _unpaired(protocol: Protocol, number: int, paired: set[int]) -> list[Place]:
    return [_place(protocol, number, index) for index in range(len(protocol.steps)) if index not in paired]


def _whole(protocols: Sequence[Protocol], paired: set[int]) -> Iterator[Place]:
    for number, protocol in enumerate(protocols):
        if number not in paired:
            yield from _unpaired(protocol, number, set())


def _place(protocol: Protocol, number: int, index: int) -> Place:
    step = protocol.steps[index]
    return Place(name_of(protocol), index, step_name(step), step.kind, number)


def name_of(protocol: Protocol) -> str:
    """Path and name of a protocol, with ``/`` between."""
    path = protocol.path
    return "/".join(path if path[-1:] == (protocol.name,) else (*path, protocol.name))


def step_name(step: Step) -> str:
    """What people call a step: the name of a scan, the words of an instruction."""
    texts = (getattr(step, name, None) for name in ("name", "text", "agent", "source"))
    return " ".join(str(next(filter(None, texts), step.kind)).split())


# --- as data ------------------------------------------------------------------------------------------


def as_data(comparisons: Iterable[Comparison]) -> dict[str, Any]:
    """Describe comparisons for other programs; of two specs there is one for each scanner.

    Returns
    -------
    dict
        JSON-ready: ``pairs``, ``only_in_a`` and ``only_in_b``, values in canonical units.
    """
    found = list(comparisons)
    first = found[0]
    return {
        "format_version": FORMAT_VERSION,
        "a": _source(first.a, first.of_a),
        "b": _source(first.b, first.of_b),
        "differs": any(one.differs for one in found),
        "pairs": [{**_pair(pair), **_for(one)} for one in found for pair in one.pairs],
        "only_in_a": [{**_plain(place), **_for(one)} for one in found for place in one.only_in_a],
        "only_in_b": [{**_plain(place), **_for(one)} for one in found for place in one.only_in_b],
        "notes": {
            side: [note.model_dump(mode="json") for note in notes]
            for side, notes in (("a", first.of_a.notes), ("b", first.of_b.notes))
        },
    }


def _for(one: Comparison) -> dict[str, Any]:
    return {"target": one.target.model_dump(mode="json")} if one.target else {}


def _source(label: str, result: ReadResult) -> dict[str, Any]:
    return {
        "name": label,
        "format": result.format,
        "vendor": result.vendor,
        "software": result.software,
        "field_strength": result.field_strength,
    }


def _plain(place: Place) -> dict[str, Any]:
    return {"protocol": place.protocol, "step": place.step, "name": place.name, "kind": place.kind}


def _pair(pair: Pair) -> dict[str, Any]:
    found = pair.found
    return {
        "a": _plain(pair.a),
        "b": _plain(pair.b),
        "moved": pair.moved,
        "fields": [
            {"name": one.name, "a": one.a, "b": one.b, "severity": one.severity} for one in found.differences
        ],
        "not_stated_in_a": list(found.only_b),
        "not_stated_in_b": list(found.only_a),
    }
