"""What an author may write for a field, by the table of fields: text in, plain value out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, Final

from generator.model import units
from generator.model.fields import FieldSpec
from generator.spec.nodes import MAXIMUM_DEPTH, MappingNode, Node, ScalarNode, SequenceNode
from generator.spec.said import list_meant, value_meant, word_meant
from generator.spec.source import Report
from generator.text import did_you_mean


class _Invalid:
    """What reading returns after it has reported an error."""


INVALID: Final = _Invalid()

EXAMPLES = {
    "ms": "5 ms",
    "s": "30 s",
    "mm": "1 mm",
    "deg": "9 deg",
    "Hz": "1200 Hz",
    "Hz/px": "240 Hz/px",
    "s/mm2": "1000 s/mm2",
    "T": "3 T",
    "mmol/kg": "0.1 mmol/kg",
    "mmol/ml": "0.5 mmol/ml",
    "ml/kg": "0.2 ml/kg",
    "ml": "20 ml",
    "ml/s": "2 ml/s",
}
"""One quantity of each canonical unit, for messages and for completion in an editor."""

HINTS: dict[str, Callable[[str], str | None]] = {}
"""What to write instead of a quantity of the wrong kind, by field; filled by the modules that know."""

OPEN_WORD = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
LOOK_ALIKE = 0.85
"""How much of a word has to equal a known one to be taken for a slip: folow-up, not stroke-follow-up."""
_INTEGER = re.compile(r"[+-]?[0-9]{1,4000}\Z")
_FLOAT = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")
_NON_FINITE = {".inf": float("inf"), "-.inf": float("-inf"), ".nan": float("nan")}
_BOOLEANS = {"true": True, "false": False}
_YAML_1_1 = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


def read(spec: FieldSpec, node: Node, report: Report) -> Any:
    """Read the value of a field; errors go to the report and give ``INVALID``."""
    if isinstance(node, ScalarNode) and node.is_null:
        return None
    if spec.shape == "scalar":
        return read_one(spec, node, report)
    if not isinstance(node, SequenceNode):
        example = f"[{_example(spec)}]" if spec.length is None else _fixed_example(spec)
        meant = list_meant(spec, node.text) if isinstance(node, ScalarNode) else None
        expected = meant or f"a list, such as {example}"
        report.error("wrong-shape", f"{spec.name} is a list", node.position, expected=expected)
        return INVALID
    if spec.length is not None and len(node.items) != spec.length:
        report.error(
            "wrong-length",
            f"{spec.name} has {spec.length} entries, not {len(node.items)}",
            node.position,
            expected=_fixed_example(spec),
        )
        return INVALID
    values = [read_one(spec, item, report) for item in node.items]
    return INVALID if INVALID in values else tuple(values)


def read_one(spec: FieldSpec, node: Node, report: Report) -> Any:
    """Read a scalar field, or one entry of a list."""
    if spec.type is dict:
        return _mapping(spec, node, report)
    if not isinstance(node, ScalarNode):
        report.error("wrong-shape", f"{spec.name} is one value", node.position, expected=describe(spec))
        return INVALID
    if node.is_null:
        return None
    if spec.unit:
        return _quantity(spec, node, report)
    if spec.choices:
        return read_word(spec.name, spec.choices, node, report)
    if spec.known:
        return _open_word(spec, node, report)
    return node.text if spec.type is str else _bare(spec, node, report)


def read_word(what: str, words: Iterable[str], node: ScalarNode, report: Report) -> Any:
    """Read a word of a closed list."""
    known = tuple(words)
    if node.text in known:
        return node.text
    report.error(
        "unknown-word",
        f"{node.text!r} is no {what}",
        node.position,
        expected="one of " + ", ".join(known),
        suggestion=word_meant(node.text, known),
    )
    return INVALID


def _open_word(spec: FieldSpec, node: ScalarNode, report: Report) -> Any:
    """Read a word of an open list: any new word, but none that is a known one misspelt."""
    if node.text in spec.known:
        return node.text
    near = word_meant(node.text, spec.known, LOOK_ALIKE)
    if near is None and OPEN_WORD.match(node.text):
        return node.text
    message = f"{node.text!r} is no {spec.name}"
    expected = "one of " + ", ".join(spec.known) + ", or a word of your own, such as acute-stroke"
    report.error("unknown-word", message, node.position, expected=expected, suggestion=near)
    return INVALID


def describe(spec: FieldSpec) -> str:
    """Say in a few words what may be written for a field (for one entry, if it is a list)."""
    if spec.unit:
        return f"a quantity in {_units_like(spec.unit)}, such as {_example(spec)}"
    if spec.choices:
        return "one of " + ", ".join(spec.choices)
    kinds = {float: "a number", int: "a whole number", bool: "true or false", str: "a text"}
    return kinds.get(spec.type, "a mapping")


def verbatim(node: Node, report: Report, depth: int = 0) -> Any:
    """Read a value of unknown meaning by YAML's core schema: null, true, 1, 2.5, text, lists, mappings."""
    if depth > MAXIMUM_DEPTH:
        report.error("too-deep", f"nested deeper than {MAXIMUM_DEPTH} levels", node.position)
        return INVALID
    if isinstance(node, ScalarNode):
        return _core(node)
    if isinstance(node, SequenceNode):
        return [verbatim(item, report, depth + 1) for item in node.items]
    return {key: verbatim(item, report, depth + 1) for key, item in node.entries.items()}


def _core(node: ScalarNode) -> Any:
    if not node.plain:
        return node.text
    if node.is_null:
        return None
    if node.text in _BOOLEANS:
        return _BOOLEANS[node.text]
    if _INTEGER.match(node.text):
        return int(node.text)
    return float(node.text) if _FLOAT.match(node.text) else _NON_FINITE.get(node.text, node.text)


def _mapping(spec: FieldSpec, node: Node, report: Report) -> Any:
    if isinstance(node, MappingNode):
        return verbatim(node, report)
    report.error("wrong-shape", f"{spec.name} is a mapping", node.position, expected="{key: value}")
    return INVALID


def _bare(spec: FieldSpec, node: ScalarNode, report: Report) -> Any:
    """Read a count, a factor, a fraction or a truth value."""
    pattern = {int: _INTEGER, float: _FLOAT}.get(spec.type)
    if node.plain and pattern and pattern.match(node.text):
        return spec.type(node.text)
    if node.plain and spec.type is bool and node.text in _BOOLEANS:
        return _BOOLEANS[node.text]
    meant = _YAML_1_1.get(node.text.lower(), node.text.lower()) if spec.type is bool else None
    report.error(
        *_why_not_bare(spec, node),
        node.position,
        expected=value_meant(spec, node.text) or describe(spec),
        suggestion=meant if meant in _BOOLEANS else None,
    )
    return INVALID


def _why_not_bare(spec: FieldSpec, node: ScalarNode) -> tuple[str, str]:
    """Code and sentence for a text that is not the bare value it should be."""
    if not node.plain and spec.type is not bool:
        return "wrong-type", f"{spec.name} is a number, not a text in quotes"
    if spec.type is not bool:
        number, _, unit = node.text.partition(" ")
        if unit and _FLOAT.match(number):
            return "unexpected-unit", f"{spec.name} has no unit"
    return "wrong-type", f"{node.text!r} is not {describe(spec)}"


def _quantity(spec: FieldSpec, node: ScalarNode, report: Report) -> Any:
    assert spec.unit is not None
    try:
        return units.parse(node.text, spec.unit)
    except units.UnitError as error:
        message, expected = _explain(spec, node, error), f"a quantity in {_units_like(spec.unit)}"
        unknown = error.code == "unknown-unit"
        near = did_you_mean(error.unit, units.KNOWN_UNITS) if unknown else None
        meant = value_meant(spec, node.text) or _hint(spec.name, node.text)
        hint = meant or f"{expected}, such as {_example(spec)}"
        report.error(error.code, message, node.position, expected=hint, suggestion=near)
    return INVALID


def _explain(spec: FieldSpec, node: ScalarNode, error: units.UnitError) -> str:
    if error.code == "missing-unit":
        return f"{spec.name} needs a unit: {node.text} what?"
    if error.code == "not-a-quantity":
        return f"{spec.name} is a quantity, not {node.text!r}"
    if error.code == "wrong-dimension":
        return f"{spec.name} is measured in {spec.unit}, not in {error.unit}"
    return f"{error.unit!r} is no unit"


def _hint(name: str, text: str) -> str | None:
    return HINTS[name](text) if name in HINTS else None


def _example(spec: FieldSpec) -> str:
    if spec.unit:
        return EXAMPLES.get(spec.unit, f"1 {spec.unit}")
    return spec.choices[0] if spec.choices else {int: "1", float: "1.0", bool: "true"}.get(spec.type, "text")


def _fixed_example(spec: FieldSpec) -> str:
    return "[" + ", ".join([_example(spec)] * (spec.length or 1)) + "]"


@cache
def _units_like(canonical: str) -> str:
    """Name the units that measure the same thing."""
    like = [unit for unit in units.KNOWN_UNITS if _measures(unit, canonical)]
    return " or ".join(filter(None, [", ".join(like[:-1]), like[-1]]))


def _measures(unit: str, canonical: str) -> bool:
    try:
        units.factor(unit, canonical)
    except units.UnitError:
        return False
    return True
