"""A protocol spec as its author wrote it: layers of values that know their place and their source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.model.tree import Node, Target
from generator.spec.diagnostic import Position

if TYPE_CHECKING:
    from generator.spec.resolve import Resolved


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
        from generator.spec.resolve import resolve

        return resolve(self, target)
