"""Which of several values a target gets, and when authors contradict themselves."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any

from generator.model.tree import Target
from generator.spec.spec import Block, Given, Variant

NOMINAL = 0.05
"""A field strength fits its nominal value within 5 %: 2.89 T is a 3 T scanner."""


def merge(blocks: Iterable[Block], target: Target) -> dict[str, Given]:
    """Lay the blocks over each other, each followed by its variants from less to more specific."""
    merged: dict[str, Given] = {}
    for block in blocks:
        merged.update(block.fields)
        fitting = [variant for variant in block.variants if applies(variant.when, target)]
        for variant in sorted(fitting, key=lambda variant: len(variant.when)):
            merged.update(variant.fields)
    return merged


def applies(when: Mapping[str, Any], target: Target) -> bool:
    """Say whether a target fits everything that ``when`` names."""
    return all(_fits(value, getattr(target, key)) for key, value in when.items())


def _fits(wanted: Any, actual: Any) -> bool:
    if actual is None:
        return False
    if isinstance(wanted, float):
        return math.isclose(wanted, actual, rel_tol=NOMINAL)
    return bool(wanted.casefold() == actual.casefold())


def conflicts(variants: tuple[Variant, ...]) -> Iterator[tuple[str, Given, Given]]:
    """Find values that two equally specific variants give one field differently for some target.

    Yields
    ------
    field, first, second
        Unless a more specific variant decides for every target that fits both.
    """
    for one, other in combinations(variants, 2):
        if len(one.when) != len(other.when) or not _compatible(one.when, other.when):
            continue
        for field in sorted(one.fields.keys() & other.fields.keys()):
            first, second = one.fields[field], other.fields[field]
            if first.value != second.value and not _decided(field, one, other, variants):
                yield field, first, second


def _compatible(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Say whether a target can fit both."""
    return all(_fits(value, other[key]) for key, value in one.items() if key in other)


def _decided(field: str, one: Variant, other: Variant, variants: tuple[Variant, ...]) -> bool:
    """Say whether a more specific variant gives the field for all targets that fit both."""
    both = {**one.when, **other.when}
    return any(
        len(variant.when) > len(one.when)
        and field in variant.fields
        and all(key in both and _fits(value, both[key]) for key, value in variant.when.items())
        for variant in variants
    )
