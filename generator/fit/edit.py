"""Edits of a YAML text that leave all the rest of it as it is: comments, order, quotes, anchors.

Only two things are done: a key of a mapping gets a value, and a list gets more items. Both keep the style of
what they change, blocks or brackets. An edit is a :class:`Splice`; all of them are made at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from generator.yaml import loader

WIDTH = 110
"""Columns beyond which a mapping is written in lines rather than in brackets."""

Value = str | Mapping[str, Any]
"""A text that is YAML already, or a mapping of such."""


class CannotEdit(Exception):
    """The text is written in a way that such an edit would not be sure of."""


@dataclass(frozen=True, slots=True)
class Splice:
    """A piece of the text, from one index up to another one, and what replaces it."""

    start: int
    stop: int
    text: str


def spliced(text: str, splices: Iterable[Splice]) -> str:
    """Make all edits; of several at one place the first comes first."""
    parts, done = [], 0
    for splice in sorted(splices, key=lambda one: one.start):
        parts += [text[done : splice.start], splice.text]
        done = splice.stop
    return "".join([*parts, text[done:]])


def compose(text: str) -> yaml.Node:
    """Read a text into nodes that know where they begin and end."""
    root = yaml.compose(text, Loader=loader())
    if root is None:
        raise CannotEdit("the text is empty")
    return root


def child(node: yaml.Node, key: str) -> yaml.Node | None:
    """Value of a key of a mapping."""
    if not isinstance(node, yaml.MappingNode):
        raise CannotEdit(f"{key} is not in a mapping")
    return next((value for name, value in node.value if name.value == key), None)


def put(text: str, mapping: yaml.Node, key: str, value: Value) -> Splice:
    """Give a key of a mapping a value, in place of the one it has or at the end.

    Raises
    ------
    CannotEdit
        If the place is written as an alias, or is no mapping.
    """
    present = child(mapping, key)
    if present is not None:
        _require_inside(present, mapping)
        return Splice(present.start_mark.index, _end(present, text), _flow(value))
    if _in_brackets(mapping):
        return _into_brackets(mapping, [f"{key}: {_flow(value)}"])
    return _below(text, mapping, _lines(key, value, mapping.start_mark.column))


def append(text: str, sequence: yaml.Node, items: Sequence[Mapping[str, Value]]) -> Splice:
    """Add mappings to the end of a list.

    Raises
    ------
    CannotEdit
        If it is no list.
    """
    if not isinstance(sequence, yaml.SequenceNode):
        raise CannotEdit("this is no list")
    if _in_brackets(sequence):
        return _into_brackets(sequence, [_flow(item) for item in items])
    return _below(text, sequence, _items(items, sequence.start_mark.column))


def put_list(text: str, mapping: yaml.Node, key: str, items: Sequence[Mapping[str, Value]]) -> Splice:
    """Give a mapping a new key with a list of mappings."""
    if _in_brackets(mapping):
        return _into_brackets(mapping, [f"{key}: [{', '.join(map(_flow, items))}]"])
    column = mapping.start_mark.column
    return _below(text, mapping, [f"{' ' * column}{key}:", *_items(items, column + 2)])


def _flow(value: Value) -> str:
    """Write a value in one line."""
    if isinstance(value, str):
        return value
    return "{" + ", ".join(f"{key}: {_flow(inner)}" for key, inner in value.items()) + "}"


def _lines(key: str, value: Value, column: int) -> list[str]:
    """Write a key and its value as a block: in one line if it is short enough."""
    line = f"{' ' * column}{key}: {_flow(value)}"
    if isinstance(value, str) or len(line) <= WIDTH:
        return [line]
    inner = [part for name, own in value.items() for part in _lines(name, own, column + 2)]
    return [f"{' ' * column}{key}:", *inner]


def _items(items: Iterable[Mapping[str, Value]], column: int) -> list[str]:
    """Write the items of a block list."""
    found = []
    for item in items:
        first, *rest = [line for key, value in item.items() for line in _lines(key, value, column + 2)]
        found += [f"{' ' * column}- {first.lstrip()}", *rest]
    return found


def _in_brackets(node: yaml.Node) -> bool:
    return isinstance(node, yaml.CollectionNode) and bool(node.flow_style)


def _into_brackets(node: yaml.Node, entries: Sequence[str]) -> Splice:
    """Add entries to brackets, after the last one."""
    added = ", ".join(entries)
    if not node.value:
        return Splice(node.start_mark.index + 1, node.start_mark.index + 1, added)
    last = _last(node)
    _require_inside(last, node)
    return Splice(last.end_mark.index, last.end_mark.index, f", {added}")


def _below(text: str, node: yaml.Node, lines: Sequence[str]) -> Splice:
    """Add lines after the last line of a block."""
    newline = "\r\n" if "\r\n" in text else "\n"
    end = _end(node, text)
    stop = text.find("\n", end)
    stop = len(text) if stop < 0 else stop
    if text[stop - 1 : stop] == "\r":
        stop -= 1
    return Splice(stop, stop, newline + newline.join(lines))


def _end(node: yaml.Node, text: str) -> int:
    """Index after the last character of a node; a block ends with its last entry."""
    if not isinstance(node, yaml.CollectionNode) or _in_brackets(node) or not node.value:
        return _without_blanks(text, node.end_mark.index)
    last = _last(node)
    if _is_inside(last, node):
        return _end(last, text)
    if isinstance(node, yaml.MappingNode):  # an alias: it ends in the line of its key
        return int(node.value[-1][0].end_mark.index)
    raise CannotEdit("the list ends with an alias")


def _without_blanks(text: str, index: int) -> int:
    while index and text[index - 1].isspace():
        index -= 1
    return index


def _last(node: yaml.Node) -> yaml.Node:
    last = node.value[-1]
    found: yaml.Node = last[1] if isinstance(last, tuple) else last
    return found


def _is_inside(inner: yaml.Node, outer: yaml.Node) -> bool:
    """Say whether a node is inside another one, and is not an alias of one before it."""
    pairs = outer.value if isinstance(outer, yaml.MappingNode) else []
    start = next((key.end_mark.index for key, value in pairs if value is inner), outer.start_mark.index)
    return bool(start <= inner.start_mark.index <= outer.end_mark.index)


def _require_inside(inner: yaml.Node, outer: yaml.Node) -> None:
    if not _is_inside(inner, outer):
        raise CannotEdit("the value is an alias of one elsewhere")
