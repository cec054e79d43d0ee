"""A protocol spec as its author wrote it, in layers of values that know their place and their source; and the
protocol of one target: which of several values it gets, and when authors contradict themselves.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any, Literal

from generator.model.fields import field_table
from generator.model.kept import kept, step_of
from generator.model.scanner import Scanner
from generator.model.tree import Node, Protocol, Target
from generator.spec.diagnostic import Position
from generator.spec.nodes import Node as YamlNode

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
        Its place in the file.
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
    """A sequence definition: blocks with an id, shared by protocols.

    Attributes
    ----------
    blocks : tuple of Block
        Those of the definition that it extends first, its own last.
    files : tuple of Path
        Its own file first, then what it extends.
    """

    id: str
    blocks: tuple[Block, ...]
    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class StepSpec:
    """One step: its class in the tree and its layers, weakest first."""

    model: type[Node]
    blocks: tuple[Block, ...]
    position: Position
    definition: Definition | None = None

    def with_block(self, block: Block) -> StepSpec:
        """Return the step with one more layer, which wins over those it has."""
        return replace(self, blocks=(*self.blocks, block))

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


Action = Literal["set", "replace", "add", "remove"]


@dataclass(frozen=True, slots=True)
class Change:
    """One change.

    Attributes
    ----------
    step : str or None
        Definition, role, name or kind of the steps it is about; ``None`` for all scans (``set``) or for the
        end of the exam (``add``).
    block : Block or None
        The values that ``set`` lays over the steps.
    new : StepSpec or None
        The step that ``replace`` and ``add`` bring.
    """

    action: Action
    position: Position
    step: str | None = None
    block: Block | None = None
    new: StepSpec | None = None
    before: bool = False

    def finds(self, step: StepSpec) -> bool:
        """Say whether a step is one that the change is about."""
        return step.kind == "acquisition" if self.step is None else self.step in step.labels()

    @property
    def fields(self) -> frozenset[str]:
        """Fields that ``set`` gives a value, for any target."""
        if self.block is None:
            return frozenset()
        layers = (self.block.fields, *(variant.fields for variant in self.block.variants))
        return frozenset(name for fields in layers for name in fields)

    def __str__(self) -> str:
        about = self.step or ("every scan" if self.action == "set" else "the end")
        return (
            f"{self.action} {', '.join(sorted(self.fields))} of {about}"
            if self.fields
            else f"{self.action} {about}"
        )


@dataclass(frozen=True, slots=True)
class Scope:
    """What surrounds a protocol: a site, and one of its scanners.

    Attributes
    ----------
    root : Path or None
        Folder of the site, absolute; the search for definitions ends there.
    variables : mapping of str to Node
        What ``${name}`` is written for, as YAML nodes.
    changes : tuple of Change
        Those of the site, then those of the scanner.
    files : tuple of Path
        Where the changes and the variables were read from.
    guidelines : tuple of str
        Packs that every protocol of the site is checked against, beside those it claims; names or files.
    settings : mapping of str to str
        Choices that packs leave to the site.
    scanner : Scanner or None
        The scanner of the site that the protocol is made for.
    donors : tuple of Path
        Exports of that scanner, to clone its cards from.
    """

    root: Path | None = None
    variables: Mapping[str, YamlNode] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    files: tuple[Path, ...] = ()
    guidelines: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    scanner: Scanner | None = None
    donors: tuple[Path, ...] = ()

    @property
    def key(self) -> tuple[tuple[str, Position], ...]:
        """Equal for scopes in which a file reads the same."""
        return tuple((name, node.position) for name, node in self.variables.items())


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
    parents : tuple of Path
        The protocols that it extends, nearest first, and the files of the site that change it.
    changes : tuple of Change
        What made it from the protocol that it extends, and what site and scanner change.
    scope : Scope
        The site and the scanner it was loaded for.
    """

    path: Path
    head: Fields
    steps: tuple[StepSpec, ...]
    suppressions: tuple[Suppression, ...]
    position: Position
    parents: tuple[Path, ...] = ()
    changes: tuple[Change, ...] = ()
    scope: Scope = field(default_factory=Scope)

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
        used = (file for step in self.steps if step.definition for file in step.definition.files)
        return tuple(dict.fromkeys([self.path, *self.parents, *used]))

    @property
    def definitions(self) -> tuple[Definition, ...]:
        """The definitions it uses, in order of use."""
        used = {step.definition.id: step.definition for step in self.steps if step.definition}
        return tuple(used.values())

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
            The tree, and for each of its values its place in the file and where it was published.
        """
        merged = tuple(merge(step.blocks, target) for step in self.steps)
        steps = [
            step_of(step.model, _values(fields)) for step, fields in zip(self.steps, merged, strict=True)
        ]
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
        """Return the place of the value that won; the step or the file if it is stated nowhere.

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

    def given(self, step: int | None) -> Fields:
        """Return the values that won, of a step or of the protocol itself, by their fields in the tree."""
        return self._spec.head if step is None else self._fields[step]

    def _given(self, step: int | None, field: str | None) -> Given | None:
        return self.given(step).get(field) if field else None


def _values(fields: Mapping[str, Given]) -> dict[str, Any]:
    return {name: given.value for name, given in fields.items()}


def merge(blocks: Iterable[Block], target: Target) -> dict[str, Given]:
    """Lay the blocks over each other, each followed by its variants from less to more specific."""
    merged: dict[str, Given] = {}
    for block in blocks:
        merged.update(block.fields)
        if block.variants:
            # The block is kept too, so that no other can have its place in memory.
            _, fitting = kept(_fitting, (id(block), target), partial(_that_fit, block, target))
            for variant in fitting:
                merged.update(variant.fields)
    return merged


_fitting: dict[tuple[int, Target], tuple[Block, list[Variant]]] = {}


def _that_fit(block: Block, target: Target) -> tuple[Block, list[Variant]]:
    fitting = [variant for variant in block.variants if applies(variant.when, target)]
    return block, sorted(fitting, key=lambda variant: len(variant.when))


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
        for name in sorted(one.fields.keys() & other.fields.keys()):
            first, second = one.fields[name], other.fields[name]
            if first.value != second.value and not _decided(name, one, other, variants):
                yield name, first, second


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
