"""Mappings of the grammar: which keys they may have, their texts, and the fields with their sources."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from generator.model.fields import FieldSpec
from generator.model.tree import Node
from generator.spec import values
from generator.spec.bounds import check_bounds
from generator.spec.nodes import MappingNode, ScalarNode
from generator.spec.nodes import Node as YamlNode
from generator.spec.said import key_meant
from generator.spec.source import Report
from generator.spec.spec import Fields, Given
from generator.text import did_you_mean

ID_PATTERN = r"^[a-z0-9]+([-_.][a-z0-9]+)*$"

MAXIMUM_ID = 100
"""An id names a folder of the exports; file systems take about twice as much."""

_SHORT_LIST = 12
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", *(f"{one}{n}" for one in ("com", "lpt") for n in range(10))}
)
"""File systems of Windows have no file of these names, whatever its suffix."""

MAXIMUM_NAME = 200
"""No console shows as many characters; what a vendor's field holds less of is a loss."""

_NAMES = frozenset({"name"})
INVISIBLE = frozenset({"Cc", "Cf", "Zl", "Zp"})
"""Unicode categories of characters that nobody sees in a name."""


@dataclass(frozen=True)
class Layout:
    """Which keys a mapping may have.

    Attributes
    ----------
    model : type
        The class of the tree that the fields belong to.
    fields : mapping of str to FieldSpec
        The fields by the key that a spec writes for them.
    extra : tuple of str
        Keys that are no fields.
    cites : bool
        Whether ``source`` says where the numbers were published; a reformat has a field of that name.
    """

    model: type[Node]
    fields: Mapping[str, FieldSpec]
    extra: tuple[str, ...] = ()
    cites: bool = True

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key that may be written."""
        return (*self.extra, *self.fields)


@dataclass(frozen=True)
class Citations:
    """Where the numbers of a block were published: all of them, and single fields.

    Attributes
    ----------
    source : str or None
        For every field that is not in ``fields``.
    fields : mapping of str to str
        By the name of the field.
    """

    source: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)

    def of(self, name: str) -> str | None:
        """Where the value of a field was published, ``None`` if its author does not say."""
        return self.fields.get(name, self.source)


def read_citations(
    holder: MappingNode, given: Iterable[MappingNode], form: Layout, report: Report, outer: Citations
) -> Citations:
    """Read ``source`` and ``sources`` of a mapping.

    Parameters
    ----------
    given : iterable of MappingNode
        The mappings whose fields it may speak of.
    outer : Citations
        What holds where it says nothing.
    """
    text = read_text(holder, "source", report) if form.cites else None
    listed = holder.entries.get("sources")
    fields = _read_sources(listed, given, form, report) if listed else {}
    return Citations(text or outer.source, {**outer.fields, **fields})


def read_fields(node: MappingNode, form: Layout, report: Report, cited: Citations) -> Fields:
    """Read the fields of a mapping; what is wrong is reported and left out."""
    nodes = {form.fields[key].name: value for key, value in node.entries.items() if key in form.fields}
    by_name = {spec.name: spec for spec in form.fields.values()}
    read = {name: values.read(by_name[name], value, report) for name, value in nodes.items()}
    good = {name: value for name, value in read.items() if value is not values.INVALID}
    bad = check_bounds(form.model, good, nodes, report)
    for name in _NAMES & good.keys():
        _check_name(good[name], nodes[name], report)
    return {
        name: Given(value, nodes[name].position, cited.of(name))
        for name, value in good.items()
        if name not in bad
    }


def _check_name(text: object, node: YamlNode, report: Report) -> None:
    """Report a name that nobody could read on a console or in a list."""
    wrong = _wrong_name(text) if isinstance(text, str) else None
    if wrong:
        report.error("invalid-name", wrong, node.position, expected="one line of visible characters")


def _wrong_name(text: str) -> str | None:
    if not text.strip():
        return "the name is empty"
    if len(text) > MAXIMUM_NAME:
        return f"a name has at most {MAXIMUM_NAME} characters, not {len(text)}"
    hidden = next((sign for sign in text if unicodedata.category(sign) in INVISIBLE), None)
    if hidden == "\n":
        return "a name is one line"
    return f"the name has an invisible character, U+{ord(hidden):04X}" if hidden else None


def check_keys(node: MappingNode, known: Iterable[str], report: Report) -> None:
    """Report every key that has no meaning."""
    words = tuple(known)
    for key in node.entries:
        if key not in words:
            near, remark = key_meant(key, words)
            few = None if near or len(words) > _SHORT_LIST else "one of " + ", ".join(words)
            message = f"unknown key {key!r}"
            report.error("unknown-key", message, node.keys[key], expected=remark or few, suggestion=near)


def read_text(node: MappingNode, key: str, report: Report) -> str | None:
    """Read a text that must not be empty, ``None`` if the key is absent."""
    value = node.entries.get(key)
    if value is None:
        return None
    if isinstance(value, ScalarNode) and not value.is_null and value.text.strip():
        return value.text
    report.error("wrong-type", f"{key} is a text", value.position)
    return None


def is_id(text: str) -> bool:
    """Say whether a text may be the id of a protocol or of a definition."""
    return len(text) <= MAXIMUM_ID and bool(re.match(ID_PATTERN, text)) and not text.endswith("\n")


def is_device(text: str) -> bool:
    """Say whether Windows takes a name for a device, so that no file can have it."""
    return text.split(".")[0] in _DEVICES


def read_id(node: YamlNode, report: Report) -> str | None:
    """Read the id of a protocol or of a definition."""
    if isinstance(node, ScalarNode) and is_id(node.text) and not node.is_null:
        if not is_device(node.text):
            return node.text
        message = f"{node.text!r} is the name of a device, and no file can have it on Windows"
        report.error("invalid-id", message, node.position, expected="another id")
        return None
    endless = isinstance(node, ScalarNode) and len(node.text) > MAXIMUM_ID
    report.error(
        "invalid-id",
        f"an id has at most {MAXIMUM_ID} characters" if endless else "this is no id",
        node.position,
        expected="lower-case letters and digits, joined by hyphens, such as flair-3d",
    )
    return None


def _read_sources(
    listed: YamlNode, given: Iterable[MappingNode], form: Layout, report: Report
) -> dict[str, str]:
    """Read the sources of single fields, each of which must be among those ``given``."""
    if not isinstance(listed, MappingNode):
        report.error("wrong-shape", "sources is a mapping", listed.position, expected="{field: where from}")
        return {}
    here = {key for mapping in given for key in mapping.entries if key in form.fields}
    found = {}
    for key in listed.entries:
        text = read_text(listed, key, report)
        if key not in here:
            message = f"{key!r} is given no value here"
            report.error("idle-source", message, listed.keys[key], suggestion=did_you_mean(key, sorted(here)))
        elif text:
            found[form.fields[key].name] = text
    return found
