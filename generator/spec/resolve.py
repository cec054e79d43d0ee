"""A spec made for one target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from generator.model.fields import field_table
from generator.model.tree import Protocol, Target
from generator.spec.diagnostic import Position
from generator.spec.merge import merge
from generator.spec.spec import Fields, Given, Spec


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


def resolve(spec: Spec, target: Target) -> Resolved:
    """Choose the values of a target and make the tree. See :meth:`Spec.resolve`."""
    merged = tuple(merge(step.blocks, target) for step in spec.steps)
    steps = [step.model(**_values(fields)) for step, fields in zip(spec.steps, merged, strict=True)]
    protocol = Protocol(**_values(spec.head), steps=tuple(steps))
    return Resolved(protocol, target, spec, merged)


def _values(fields: Mapping[str, Given]) -> dict[str, Any]:
    return {name: given.value for name, given in fields.items()}
