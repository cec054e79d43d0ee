"""YAML to nodes that know where they stand. Nothing is constructed, no type is guessed.

The parser's events are put together here rather than by PyYAML's composer, so that an explicit tag can be
distinguished from an implied one, a duplicate key is seen, and an alias that would grow without bound is
stopped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import yaml

from generator import limits
from generator.spec.diagnostic import Position
from generator.spec.source import Report, Source, check_printable, find_unprintable
from generator.text import did_you_mean
from generator.yaml import loader

MAXIMUM_NODES = limits.SPEC_VALUES
MAXIMUM_DEPTH = limits.SPEC_DEPTH
_VARIABLE = re.compile(r"\$\{([a-z][a-z0-9_]*)\}\Z")
_NULL = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True, slots=True, eq=False)
class ScalarNode:
    """One text; ``plain`` if it is written without quotes."""

    text: str
    plain: bool
    position: Position

    @property
    def is_null(self) -> bool:
        """Whether it says that there is no value."""
        return self.plain and self.text in _NULL


@dataclass(frozen=True, slots=True, eq=False)
class SequenceNode:
    """A list."""

    items: tuple[Node, ...]
    position: Position


@dataclass(frozen=True, slots=True, eq=False)
class MappingNode:
    """A mapping; ``keys`` holds the position of each key."""

    entries: dict[str, Node]
    keys: dict[str, Position]
    position: Position


Node = ScalarNode | SequenceNode | MappingNode


class _Stop(Exception):
    """The rest of the file cannot be read; the reason is reported."""


def compose(source: Source, report: Report, variables: Mapping[str, Node] | None = None) -> Node | None:
    """Read the one document of a file.

    Parameters
    ----------
    variables : mapping of str to Node, optional
        What ``${name}`` is written for; it keeps the place where it is given. Without it the text is a text.

    Returns
    -------
    Node or None
        ``None`` if it cannot be read; the reason is in ``report`` then.
    """
    if find_unprintable(source, report):
        return None
    try:
        return _Composer(source, report, variables).document()
    except _Stop:
        return None
    except yaml.MarkedYAMLError as error:
        _report_syntax(error, source, report)
    except yaml.YAMLError as error:
        report.error("yaml-syntax", f"this is not YAML: {error}", Position(source.name, 1, 1))
    return None


class _Composer:
    """Puts events together to nodes."""

    def __init__(self, source: Source, report: Report, variables: Mapping[str, Node] | None) -> None:
        self.source, self.report, self.variables = source, report, variables
        self.events: Iterator[Any] = yaml.parse(source.text, Loader=loader())
        self.anchors: dict[str, tuple[Node, int] | None] = {}
        self.count = 0

    def document(self) -> Node | None:
        root: Node | None = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    self.stop("several-documents", "a second document begins here", event, "one per file")
                root = self.node(next(self.events), 0)
        if root is None or (isinstance(root, ScalarNode) and root.is_null):
            self.report.error("empty-file", "the file is empty", Position(self.source.name, 1, 1))
            return None
        return root

    def node(self, event: Any, depth: int) -> Node:
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event)
        self.grow(1, event, depth)
        if event.tag is not None:
            self.error("tag", f"the tag {event.tag!r} is not allowed", event, "a value without a tag")
        before = self.count
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        made = self.collect(event, depth)
        if event.anchor is not None:
            self.anchors[event.anchor] = made, self.count - before + 1
        return made

    def collect(self, event: Any, depth: int) -> Node:
        if isinstance(event, yaml.ScalarEvent):
            if event.style == '"' or not event.value.isascii():  # only there can one hide
                check_printable(event.value, self.place(event), self.report)
            if self.variables is not None and (name := _VARIABLE.match(event.value)):
                return self.variable(name[1], event)
            return ScalarNode(event.value, event.implicit[0], self.place(event))
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(event, depth)
        return self.mapping(event, depth)

    def variable(self, name: str, event: Any) -> Node:
        known = self.variables or {}
        if name not in known:
            few = "one of " + ", ".join(known) if known else "a variable that site.yaml gives a value"
            message = f"there is no variable {name!r}"
            near = did_you_mean(name, known)
            self.report.error("unknown-variable", message, self.place(event), expected=few, suggestion=near)
        return known.get(name) or ScalarNode("", True, self.place(event))

    def sequence(self, start: Any, depth: int) -> SequenceNode:
        items: list[Node] = []
        for event in self.events:
            if isinstance(event, yaml.SequenceEndEvent):
                return SequenceNode(tuple(items), self.place(start, event))
            items.append(self.node(event, depth + 1))
        raise _Stop

    def mapping(self, start: Any, depth: int) -> MappingNode:
        entries: dict[str, Node] = {}
        keys: dict[str, Position] = {}
        for event in self.events:
            if isinstance(event, yaml.MappingEndEvent):
                return MappingNode(entries, keys, self.place(start, event))
            key = self.node(event, depth + 1)
            value = self.node(next(self.events), depth + 1)
            name = self.key(key, keys)
            if name is not None:
                entries[name], keys[name] = value, key.position
        raise _Stop

    def key(self, key: Node, known: dict[str, Position]) -> str | None:
        """Return the text of a key, or report why it cannot be one."""
        if not isinstance(key, ScalarNode):
            self.report.error("wrong-shape", "a key must be a word", key.position)
        elif key.plain and key.text == "<<":
            self.report.error(
                "merge-key", "merge keys are not allowed", key.position, expected="the keys, written out"
            )
        elif key.is_null:
            self.report.error("wrong-shape", "a key is missing before the colon", key.position)
        elif key.text in known:
            line = known[key.text].line
            self.report.error("duplicate-key", f"{key.text!r} is given already in line {line}", key.position)
        else:
            return key.text
        return None

    def alias(self, event: Any) -> Node:
        if event.anchor not in self.anchors:
            self.stop("unknown-alias", f"there is no anchor {event.anchor!r} above", event)
        known = self.anchors[event.anchor]
        if known is None:
            self.stop("recursive-alias", f"{event.anchor!r} would contain itself", event)
        node, weight = known
        self.grow(weight, event, 0)
        return node

    def grow(self, nodes: int, event: Any, depth: int) -> None:
        self.count += nodes
        if self.count > MAXIMUM_NODES:
            self.stop("too-large", f"more than {MAXIMUM_NODES} values, aliases counted", event)
        if depth > MAXIMUM_DEPTH:
            self.stop("too-deep", f"nested deeper than {MAXIMUM_DEPTH} levels", event)

    def error(self, code: str, message: str, event: Any, expected: str | None = None) -> None:
        self.report.error(code, message, self.place(event), expected=expected)

    def stop(self, code: str, message: str, event: Any, expected: str | None = None) -> NoReturn:
        self.error(code, message, event, expected)
        raise _Stop

    def place(self, event: Any, last: Any = None) -> Position:
        start, end = event.start_mark, (last or event).end_mark
        one_line = start.line == end.line
        length = max(1, end.column - start.column) if one_line else 1
        return Position(self.source.name, start.line + 1, start.column + 1, length)


def _report_syntax(error: yaml.MarkedYAMLError, source: Source, report: Report) -> None:
    """Say where and why the text is no YAML; where it only ends too early, point to what is open."""
    mark, begun = error.problem_mark or error.context_mark, error.context_mark
    if (
        mark
        and begun
        and mark.line >= len(source.lines) - 1
        and not "".join(source.lines[mark.line :]).strip()
    ):
        mark = begun
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    at = Position(source.name, line, column)
    text = source.lines[line - 1] if line <= len(source.lines) else ""
    if "\t" in text[: column + 1]:
        report.error("tab", "a tab in the indentation", at, expected="blanks")
        return
    problem = error.problem or "it cannot be read"
    where = f" {error.context}" if error.context else ""
    since = f" that begins in line {begun.line + 1}" if where and begun and begun.line + 1 != line else ""
    report.error("yaml-syntax", f"{problem}{where}{since}", at, expected=_hint(problem, text[column - 1 :]))


def _hint(problem: str, rest: str) -> str | None:
    """Say what helps against the errors of YAML that people make most."""
    if "mapping values are not allowed" in problem:
        return "quotes around a text that contains ': ', or the right indentation"
    if "cannot start any token" in problem:
        return f"quotes around a text that begins with {rest[:1]!r}"
    if "',' or ']'" in problem or "',' or '}'" in problem:
        return "a comma or the closing bracket"
    return None
