"""A comparison for people: what differs, or everything side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from generator.compare.comparison import Comparison, Pair, Place
from generator.compare.document import Document, Part
from generator.compare.fields import SEVERITIES, Difference
from generator.model.fields import field_table
from generator.model.spoken import with_unit, word
from generator.model.tree import Acquisition, Contrast, Pause, ReadResult, Reformat
from generator.text import counted

_WORDS = {"vendor": "vendor's own", "raster": "within raster"}
_CLASSES = (Acquisition, Contrast, Pause, Reformat)


def document(comparisons: Sequence[Comparison], everything: bool = False) -> Document:
    """Report what differs.

    Parameters
    ----------
    comparisons : sequence of Comparison
        Of two specs one for each scanner; those that say the same are said once.
    everything : bool
        Show every field that either side states, side by side, whether it differs or not.
    """
    first = comparisons[0]
    parts = [Part("", (f"a: {_source(first.a, first.of_a)}", f"b: {_source(first.b, first.of_b)}"), level=1)]
    for targets, one in _distinct(comparisons):
        if targets:
            parts.append(Part(f"for {', '.join(targets)}", level=1))
        parts += _pairs(one, everything)
        parts += _alone(one)
        parts.append(Part("", (summary(one),), level=1))
    return Document(f"{first.a} and {first.b}", tuple(parts))


def _distinct(comparisons: Sequence[Comparison]) -> list[tuple[list[str], Comparison]]:
    found: list[tuple[list[str], Comparison]] = []
    for one in comparisons:
        same = next((targets for targets, known in found if _said(known) == _said(one)), None)
        name = [str(one.target)] if one.target else []
        if same is None:
            found.append((name, one))
        else:
            same += name
    return found


def _said(one: Comparison) -> Any:
    return (
        [(pair.a, pair.b, pair.moved, pair.found.differences) for pair in one.pairs],
        one.only_in_a,
        one.only_in_b,
    )


def _source(label: str, result: ReadResult) -> str:
    strength = f"{result.field_strength:g} T" if result.field_strength else None
    facts = ["spec"] if result.format == "spec" else [result.format, result.software, strength]
    return f"{label} ({', '.join(filter(None, facts))})"


def summary(one: Comparison) -> str:
    """Say in one line how much differs."""
    same = sum(not (pair.moved or pair.found.differences) for pair in one.pairs)
    counts = one.counts()
    said = [f"{counted(len(one.pairs), 'step')} on both sides, {same} the same"]
    said += [f"{counts[s]} {_WORDS.get(s, s)}" for s in SEVERITIES if s in counts]
    said += [
        f"{len(found)} only in {side}"
        for side, found in (("a", one.only_in_a), ("b", one.only_in_b))
        if found
    ]
    moved = sum(pair.moved for pair in one.pairs)
    return ", ".join([*said, *([f"{moved} moved"] if moved else [])])


# --- steps on both sides ------------------------------------------------------------------------------


def _pairs(one: Comparison, everything: bool) -> Iterator[Part]:
    protocols = groupby(one.pairs, lambda pair: (pair.a.protocol, pair.b.protocol))
    for (a, b), pairs in protocols:
        shown = [part for pair in pairs if (part := _pair(one, pair, everything))]
        if shown:
            yield Part(a if a == b else f"{a} → {b}", level=1)
            yield from shown


def _pair(one: Comparison, pair: Pair, everything: bool) -> Part | None:
    rows = tuple(_side_by_side(one, pair) if everything else map(_row, pair.found.differences))
    if not (rows or pair.moved):
        return None
    title = f"{pair.a.step} {pair.a.name}"
    title += f" → {pair.b.name}" if pair.a.name != pair.b.name else ""
    title += f" (moved to {pair.b.step})" if pair.moved else ""
    return Part(title, headers=("", "", "a", "b") if rows else (), rows=rows)


def _row(one: Difference) -> tuple[str, ...]:
    return (
        _WORDS.get(one.severity, one.severity),
        label(one.name),
        shown(one.name, one.a),
        shown(one.name, one.b),
    )


def _side_by_side(one: Comparison, pair: Pair) -> Iterator[tuple[str, ...]]:
    different = {found.name: found for found in pair.found.differences}
    a = one.of_a.protocols[pair.a.number].steps[pair.a.step]
    b = one.of_b.protocols[pair.b.number].steps[pair.b.step]
    stated = {*pair.found.compared, *pair.found.only_a, *pair.found.only_b, *different}
    for name in (name for name in field_table(type(a)) if name in stated):
        if name in different:
            yield _row(different.pop(name))
        else:
            yield "", label(name), shown(name, getattr(a, name)), shown(name, getattr(b, name))
    yield from map(_row, different.values())


def _alone(one: Comparison) -> Iterator[Part]:
    for side, places in (("a", one.only_in_a), ("b", one.only_in_b)):
        for protocol, found in groupby(places, lambda place: place.protocol):
            yield Part(f"only in {side}: {protocol}", tuple(_named(place) for place in found), level=1)


def _named(place: Place) -> str:
    return f"{place.step} {place.name}" + ("" if place.kind == "acquisition" else f" ({place.kind})")


# --- values -------------------------------------------------------------------------------------------


def label(name: str) -> str:
    """Name of a field for people."""
    return name if name.startswith("vendor.") else word(name)


def shown(name: str, value: Any) -> str:
    """Write a value with its unit; ``-`` for one that is not stated."""
    known = next((table[name] for one in _CLASSES if name in (table := field_table(one))), None)
    if value is None:
        return "-"
    text = with_unit(_plain(value), known.unit if known else None)
    return word(text) if known and known.choices else text


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, (list, tuple)):
        return ", ".join("?" if item is None else _plain(item) for item in value) or "none"
    return " ".join(str(value).split())


def listing(result: ReadResult) -> Iterable[str]:
    """Write everything a file states, a field a line, for tools that compare lines such as ``git diff``.

    Left out are vendor parameters and what the program only remarks.
    """
    yield _source(result.format, result.model_copy(update={"format": result.vendor}))
    for protocol in result.protocols:
        yield ""
        yield f"protocol: {'/'.join(protocol.path) or protocol.name}"
        for step in protocol.steps:
            yield f"  {step.kind}: {getattr(step, 'name', '')}".rstrip(": ")
            for name in field_table(type(step)):
                value = getattr(step, name)
                if value is not None and name not in ("kind", "name", "definition", "vendor", "optional"):
                    yield f"    {name}: {shown(name, value)}"
