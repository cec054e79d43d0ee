"""Edits of a YAML text that leave all the rest of it as it stands: comments, order, quotes, anchors.

Only two things are done: a key of a mapping gets a value, and a list gets one more item. Both keep the style
of what they change, blocks or brackets.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

WIDTH = 110
"""Columns beyond which a mapping is written in lines rather than in brackets."""

Value = str | Mapping[str, Any]
"""A text that is YAML already, or a mapping of such."""


class CannotEdit(Exception):
    """The text is written in a way that such an edit would not be sure of."""


def compose(text: str) -> yaml.Node:
    """Read a text into nodes that know where they begin and end."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if root is None:
        raise CannotEdit("the text is empty")
    return root


def child(node: yaml.Node, key: str) -> yaml.Node | None:
    """Value of a key of a mapping."""
    if not isinstance(node, yaml.MappingNode):
        raise CannotEdit(f"{key} is not in a mapping")
    return next((value for name, value in node.value if name.value == key), None)


def put(text: str, mapping: yaml.Node, key: str, value: Value) -> str:
    """Give a key of a mapping a value, in place of the one it has or at the end.

    Raises
    ------
    CannotEdit
        If the place is written as an alias, or is no mapping.
    """
    present = child(mapping, key)
    if present is not None:
        _require_inside(present, mapping)
        return _spliced(text, present.start_mark.index, _end(present, text), _flow(value))
    assert isinstance(mapping, yaml.MappingNode)
    if mapping.flow_style:
        return _into_brackets(text, mapping, f"{key}: {_flow(value)}")
    return _below(text, mapping, _lines(key, value, mapping.start_mark.column))


def append(text: str, sequence: yaml.Node, item: Mapping[str, Value]) -> str:
    """Add a mapping to the end of a list.

    Raises
    ------
    CannotEdit
        If it is no list.
    """
    if not isinstance(sequence, yaml.SequenceNode):
        raise CannotEdit("this is no list")
    if sequence.flow_style:
        return _into_brackets(text, sequence, _flow(item))
    return _below(text, sequence, _item(item, sequence.start_mark.column))


def put_list(text: str, mapping: yaml.Node, key: str, item: Mapping[str, Value]) -> str:
    """Give a mapping a new key with a list of one mapping."""
    if not isinstance(mapping, yaml.MappingNode) or mapping.flow_style:
        return put(text, mapping, key, f"[{_flow(item)}]")
    column = mapping.start_mark.column
    return _below(text, mapping, [f"{' ' * column}{key}:", *_item(item, column + 2)])


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


def _item(item: Mapping[str, Value], column: int) -> list[str]:
    """Write an item of a block list."""
    lines = [line for key, value in item.items() for line in _lines(key, value, column + 2)]
    return [f"{' ' * column}- {lines[0].lstrip()}", *lines[1:]]


def _into_brackets(text: str, node: yaml.Node, entry: str) -> str:
    """Add an entry to brackets, after the last one."""
    if not node.value:
        return _spliced(text, node.start_mark.index + 1, node.start_mark.index + 1, entry)
    last = _last(node)
    _require_inside(last, node)
    place = last.end_mark.index
    return _spliced(text, place, place, f", {entry}")


def _below(text: str, node: yaml.Node, lines: list[str]) -> str:
    """Add lines after the last line of a block."""
    newline = "\r\n" if "\r\n" in text else "\n"
    place = _end(node, text)
    stop = text.find("\n", place)
    stop = len(text) if stop < 0 else stop
    if text[stop - 1 : stop] == "\r":
        stop -= 1
    return _spliced(text, stop, stop, newline + newline.join(lines))


def _end(node: yaml.Node, text: str) -> int:
    """Index after the last character of a node; a block ends with its last entry."""
    block = isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value
    if not block:
        return len(text[: node.end_mark.index].rstrip())
    last = _last(node)
    if _is_inside(last, node):
        return _end(last, text)
    if isinstance(node, yaml.MappingNode):  # an alias: it ends in the line of its key
        return int(node.value[-1][0].end_mark.index)
    raise CannotEdit("the list ends with an alias")


def _last(node: yaml.Node) -> yaml.Node:
    last = node.value[-1]
    found: yaml.Node = last[1] if isinstance(last, tuple) else last
    return found


def _is_inside(inner: yaml.Node, outer: yaml.Node) -> bool:
    start, stop = outer.start_mark.index, outer.end_mark.index
    before = next((key.end_mark.index for key, value in _pairs(outer) if value is inner), start)
    return bool(before <= inner.start_mark.index <= stop)


def _pairs(node: yaml.Node) -> list[tuple[yaml.Node, yaml.Node]]:
    return node.value if isinstance(node, yaml.MappingNode) else []


def _require_inside(inner: yaml.Node, outer: yaml.Node) -> None:
    if not _is_inside(inner, outer):
        raise CannotEdit("the value is an alias of one that stands elsewhere")


def _spliced(text: str, start: int, stop: int, new: str) -> str:
    return text[:start] + new + text[stop:]
