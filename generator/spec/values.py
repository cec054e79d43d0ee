"""What an author may write for a field, by the table of fields: text in, plain value out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, Final

from generator.model import units
from generator.model.fields import FieldSpec
from generator.spec.nodes import MAXIMUM_DEPTH, MappingNode, Node, ScalarNode, SequenceNode
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

_INTEGER = re.compile(r"[+-]?\d{1,4000}\Z")
_FLOAT = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\Z")
_NON_FINITE = {".inf": float("inf"), "-.inf": float("-inf"), ".nan": float("nan")}
_COMMA = re.compile(r"[+-]?\d+,\d")
_CLOCK = re.compile(r"(\d+):([0-5]\d)\Z")
# What people say for a word of a closed list, where its spelling is no help.
_SAID_FOR = {
    "axial": "transverse",
    "fse": "turbo_spin_echo",
    "tse": "turbo_spin_echo",
    "haste": "single_shot_turbo_spin_echo",
    "mprage": "magnetization_prepared_gradient_echo",
    "bravo": "magnetization_prepared_gradient_echo",
    "tfe": "magnetization_prepared_gradient_echo",
    "swan": "susceptibility_weighted",
    "swi": "susceptibility_weighted",
    "dwi": "echo_planar_diffusion",
    "dti": "echo_planar_diffusion",
    "bold": "echo_planar_bold",
    "asl": "arterial_spin_labelling",
    "tof": "time_of_flight",
    "fatsat": "fat_saturation",
    "off": "none",
}
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
        report.error(
            "wrong-shape", f"{spec.name} is a list", node.position, expected=f"a list, such as {example}"
        )
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
        suggestion=_meant(node.text, known),
    )
    return INVALID


def _meant(text: str, known: tuple[str, ...]) -> str | None:
    said = _SAID_FOR.get(text.casefold())
    return said if said in known else did_you_mean(text, known)


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
        expected=describe(spec),
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
        hint = _slip(node.text) or _hint(spec.name, node.text) or f"{expected}, such as {_example(spec)}"
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


def _slip(text: str) -> str | None:
    """Say what is meant by a clock time or a decimal comma."""
    if clock := _CLOCK.match(text):
        return f"a time with its unit: {text} is {int(clock[1]) * 60 + int(clock[2])} s"
    return f"a decimal point: {text.replace(',', '.')}" if _COMMA.match(text) else None


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
