"""A protocol spec as its author wrote it, in layers of values that know their place and their source; and the
protocol of one target: which of several values it gets, and when authors contradict themselves.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from generator.model.fields import field_table
from generator.model.tree import Node, Protocol, Target
from generator.spec.diagnostic import Position

NOMINAL = 0.05
"""A field strength fits its nominal value within 5 %: 2.89 T is a 3 T scanner."""


@dataclass(frozen=True, slots=True)
class Given:
    """One value of one field.

    Attributes
    ----------
    value : Any
        In the canonical unit of the field; ``None`` if the author says that it is not stated.
    position : Position
        Where it stands.
    source : str or None
        Where it was published, or that it is the author's own choice.
    """

    value: Any
    position: Position
    source: str | None = None


Fields = Mapping[str, Given]


@dataclass(frozen=True, slots=True)
class Variant:
    """Values for some targets: those that fit everything ``when`` names."""

    when: Mapping[str, Any]
    fields: Fields
    position: Position


@dataclass(frozen=True, slots=True)
class Block:
    """Fields written together, and the variants that stand above them."""

    fields: Fields
    variants: tuple[Variant, ...]
    position: Position

    def given(self, field: str) -> Iterator[Given]:
        """Every value that some target may get from this block."""
        for fields in (self.fields, *(variant.fields for variant in self.variants)):
            if field in fields:
                yield fields[field]


@dataclass(frozen=True, slots=True)
class Definition:
    """A sequence definition: a block with an id, shared by protocols."""

    id: str
    block: Block
    path: Path


@dataclass(frozen=True, slots=True)
class StepSpec:
    """One step: its class in the tree and its layers, weakest first."""

    model: type[Node]
    blocks: tuple[Block, ...]
    position: Position
    definition: Path | None = None

    @property
    def kind(self) -> str:
        """The word for it: ``acquisition``, ``contrast``, ``pause``, ``reformat``."""
        return str(self.model.model_fields["kind"].default)

    def given(self, field: str) -> Iterator[Given]:
        """Every value of a field that some target may get, the strongest first."""
        for block in reversed(self.blocks):
            yield from block.given(field)
            if field in block.fields:
                return

    def labels(self) -> set[str]:
        """What the step may be called: by definition, role, name; or by its kind if it is no scan."""
        fields = ("definition", "role", "name") if self.kind == "acquisition" else ()
        found = {given.value for field in fields for given in self.given(field)}
        return {label for label in found if label} or {self.kind}


@dataclass(frozen=True, slots=True)
class Suppression:
    """A finding that the author accepts, and why."""

    code: str
    reason: str
    step: str | None
    position: Position


@dataclass(frozen=True, slots=True)
class Spec:
    """A protocol for any scanner. Made by :func:`generator.spec.load.load`; it does not change.

    Attributes
    ----------
    path : Path
        The file, or the name under which a text was given.
    head : mapping of str to Given
        Fields of the protocol itself, by their names in the tree.
    steps : tuple of StepSpec
        In exam order.
    """

    path: Path
    head: Fields
    steps: tuple[StepSpec, ...]
    suppressions: tuple[Suppression, ...]
    position: Position

    def _head(self, field: str, default: Any = None) -> Any:
        return self.head[field].value if field in self.head else default

    @property
    def protocol_id(self) -> str:
        """The id, such as ``ofsep-brain-follow-up``."""
        return str(self._head("id"))

    @property
    def title(self) -> str:
        """The title for people."""
        return str(self._head("name"))

    @property
    def version(self) -> str | None:
        """The version of the spec, if it states one."""
        return self._head("version")  # type: ignore[no-any-return]

    @property
    def kind(self) -> str | None:
        """The kind of examination, if it is stated."""
        return self._head("kind")  # type: ignore[no-any-return]

    @property
    def field_strengths(self) -> tuple[float, ...]:
        """The field strengths in tesla that it is made for."""
        return self._head("field_strengths", ())  # type: ignore[no-any-return]

    @property
    def guidelines(self) -> tuple[str, ...]:
        """The guideline packs that it claims to follow."""
        return self._head("guidelines", ())  # type: ignore[no-any-return]

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file that it was made from: its own first, then the definitions in order of use."""
        return tuple(dict.fromkeys([self.path, *(step.definition for step in self.steps if step.definition)]))

    @property
    def sources(self) -> tuple[str, ...]:
        """Every source that some value names, in order of first mention."""
        layers = [self.head]
        for block in (block for step in self.steps for block in step.blocks):
            layers += [block.fields, *(variant.fields for variant in block.variants)]
        named = (given.source for fields in layers for given in fields.values() if given.source)
        return tuple(dict.fromkeys(named))

    def resolve(self, target: Target) -> Resolved:
        """Make the protocol for one target.

        Parameters
        ----------
        target : Target
            The scanner.

        Returns
        -------
        Resolved
            The tree, and for each of its values where it stands and where it was published.
        """
        merged = tuple(merge(step.blocks, target) for step in self.steps)
        steps = [step.model(**_values(fields)) for step, fields in zip(self.steps, merged, strict=True)]
        protocol = Protocol(**_values(self.head), steps=tuple(steps))
        return Resolved(protocol, target, self, merged)


@dataclass(frozen=True, slots=True)
class Resolved:
    """A protocol for one target that remembers where its values come from.

    Attributes
    ----------
    protocol : Protocol
        The tree.
    target : Target
        The scanner that it is made for.
    """

    protocol: Protocol
    target: Target
    _spec: Spec
    _fields: tuple[Fields, ...]

    def position(self, step: int | None = None, field: str | None = None) -> Position:
        """Tell where the value stands that won; the step or the file if it is stated nowhere.

        Parameters
        ----------
        step : int or None
            Index of the step; ``None`` for the protocol itself.
        field : str or None
            Name in the tree; ``None`` for the step as a whole.
        """
        given = self._given(step, field)
        if given is not None:
            return given.position
        return self._spec.position if step is None else self._spec.steps[step].position

    def places(self, step: int | None, *fields: str | None) -> list[Position]:
        """Tell where the values of some fields stand; those that nothing gives are left out."""
        found = (self._given(step, field) for field in fields)
        return [given.position for given in found if given is not None]

    def source(self, step: int | None, field: str) -> str | None:
        """Tell where the value that won was published, ``None`` if its author does not say."""
        given = self._given(step, field)
        return given.source if given else None

    def unsourced(self) -> tuple[tuple[int, str], ...]:
        """List the numbers, as step and field, whose author does not say where they come from."""
        found = []
        for index, fields in enumerate(self._fields):
            table = field_table(type(self.protocol.steps[index]))
            for name, given in fields.items():
                number = table[name].type in (int, float) and given.value is not None
                if number and not given.source:
                    found.append((index, name))
        return tuple(found)

    def _given(self, step: int | None, field: str | None) -> Given | None:
        fields = self._spec.head if step is None else self._fields[step]
        return fields.get(field) if field else None


def _values(fields: Mapping[str, Given]) -> dict[str, Any]:
    return {name: given.value for name, given in fields.items()}


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
