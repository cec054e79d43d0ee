"""A protocol as one target gets it: every value with the file and line that won, and its source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from generator import resources
from generator.model.fields import field_table
from generator.model.tree import Node, Protocol, Step
from generator.spec.document import KEY_OF_FIELD
from generator.spec.source import shown
from generator.spec.spec import Fields, Given, Resolved, Spec


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a protocol or of a step.

    Attributes
    ----------
    text : str
        As a spec writes it, with its unit.
    origin : str
        File and line of the value that won.
    source : str or None
        Where it was published.
    """

    field: str
    text: str
    origin: str
    source: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """The protocol itself (``step`` is ``None``) or one of its steps."""

    step: int | None
    title: str
    values: tuple[Value, ...]


def show(resolved: Resolved) -> tuple[Shown, ...]:
    """List the values of a protocol for one target, in the order of the tree, unstated ones left out."""
    head = Shown(None, str(resolved.protocol.id), tuple(_values(resolved.protocol, resolved.given(None))))
    steps = (
        Shown(
            index,
            f"{step.kind} {getattr(step, 'name', '')}".strip(),
            tuple(_values(step, resolved.given(index))),
        )
        for index, step in enumerate(resolved.protocol.steps)
    )
    return (head, *steps)


def _title(step: Step) -> str:
    return f"{step.kind} {getattr(step, 'name', '')}".strip()


def _values(node: Node, fields: Fields) -> Iterator[Value]:
    for name in (name for name in field_table(type(node)) if name in fields):
        given = fields[name]
        if given.value is not None:
            key = KEY_OF_FIELD.get(name, name) if isinstance(node, Protocol) else name
            yield Value(key, _text(node, name), origin(given), given.source)


def _text(node: Node, name: str) -> str:
    from generator.spec.dump import written

    value = getattr(node, name)
    if isinstance(value, Node):
        stated = {key: one for key, one in value if one is not None}
        return (
            "{" + ", ".join(f"{key}: {written(type(value), key, one)}" for key, one in stated.items()) + "}"
        )
    return written(type(node), name, value)


def origin(given: Given) -> str:
    """Name file and line of a value; shipped files by their place among the shipped ones."""
    return f"{short(given.position.file)}:{given.position.line}"


def short(file: str) -> str:
    """Name a file: a shipped one as ``shipped:sequences/t1-3d.yaml``, others as in messages."""
    root = shown(resources.specs())
    return f"shipped:{file.removeprefix(root + '/')}" if file.startswith(root + "/") else file


def overrides(spec: Spec) -> tuple[str, ...]:
    """Say what is not as it was published: extended definitions, changes, variables of the site."""
    found = []
    for definition in spec.definitions:
        own, *below = (short(shown(file)) for file in definition.files)
        if below:
            found.append(f"{definition.id}: {own} extends {', '.join(below)}")
    found += [f"{short(change.position.file)}:{change.position.line}: {change}" for change in spec.changes]
    found += [
        f"{short(node.position.file)}:{node.position.line}: {name} is given by the site"
        for name, node in spec.scope.variables.items()
        if not short(node.position.file).startswith("shipped:")
    ]
    return tuple(found)
