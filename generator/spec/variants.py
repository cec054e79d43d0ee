"""Variants: what they are for, what they set, and whether two of them contradict each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from generator import vendors
from generator.model.fields import FieldSpec, field_table
from generator.model.tree import Target
from generator.spec import values
from generator.spec.bounds import check_bounds
from generator.spec.mappings import Citations, Layout, check_keys, read_citations, read_fields
from generator.spec.nodes import MappingNode, ScalarNode, SequenceNode
from generator.spec.nodes import Node as YamlNode
from generator.spec.source import Report
from generator.spec.spec import Variant, conflicts

VARIANT_KEYS = ("when", "set", "source", "sources")


def read_variants(node: MappingNode, form: Layout, report: Report) -> tuple[Variant, ...]:
    """Read the variants of a block whose fields are those of ``form``; report those that disagree."""
    listed = node.entries.get("variants")
    if listed is None:
        return ()
    if not isinstance(listed, SequenceNode):
        report.error("wrong-shape", "variants is a list", listed.position, expected="- when: ...")
        return ()
    found = [_read_variant(item, form, report) for item in listed.items]
    variants = tuple(variant for variant in found if variant)
    _report_conflicts(variants, report)
    return variants


def _read_variant(node: YamlNode, form: Layout, report: Report) -> Variant | None:
    if not isinstance(node, MappingNode):
        report.error("wrong-shape", "a variant is a mapping", node.position, expected="{when: ..., set: ...}")
        return None
    check_keys(node, VARIANT_KEYS, report)
    when, given = read_when(node, report), _inner(node, "set", report)
    if given is None:
        return None
    if not given.entries:
        report.error("empty-variant", "the variant sets nothing", given.position)
    check_keys(given, form.fields, report)
    cited = read_citations(node, [given], replace(form, cites=True), report, Citations())
    fields = read_fields(given, form, report, cited)
    return Variant(when, fields, node.position) if when else None


def _inner(node: MappingNode, key: str, report: Report) -> MappingNode | None:
    inner = node.entries.get(key)
    if isinstance(inner, MappingNode):
        return inner
    if inner is None:
        report.error("missing-key", f"the variant has no {key!r}", node.position)
    elif isinstance(inner, ScalarNode) and inner.is_null:
        report.error("empty-variant", f"{key!r} is empty", node.keys[key])
    else:
        report.error("wrong-shape", f"{key!r} is a mapping", inner.position)
    return None


def read_when(node: MappingNode, report: Report) -> Mapping[str, Any]:
    """Read what a variant is for; empty if that is not clear."""
    inner = _inner(node, "when", report)
    if inner is None:
        return {}
    table = field_table(Target)
    check_keys(inner, table, report)
    if not inner.entries:
        report.error("empty-variant", "a variant for every target is no variant", inner.position)
    found = {
        key: _read_condition(table[key], inner.entries[key], report) for key in table if key in inner.entries
    }
    good = {key: value for key, value in found.items() if value is not values.INVALID}
    bad = check_bounds(Target, good, inner.entries, report)
    return good if len(good) == len(inner.entries) and not bad else {}


def _read_condition(spec: FieldSpec, node: YamlNode, report: Report) -> Any:
    """Read one condition, which unlike a field cannot be null."""
    if isinstance(node, ScalarNode) and node.is_null:
        report.error("wrong-type", f"{spec.name} cannot be null", node.position)
        return values.INVALID
    value = values.read(spec, node, report)
    if spec.name == "vendor" and isinstance(node, ScalarNode) and value not in vendors.names():
        return values.read_word("vendor", sorted(vendors.names()), node, report)
    return value


def _report_conflicts(variants: tuple[Variant, ...], report: Report) -> None:
    for field, *both in conflicts(variants):
        for here, there in (both, both[::-1]):
            message = (
                f"{field}: an equally specific variant gives another value in line {there.position.line}"
            )
            report.error(
                "conflicting-variants",
                message,
                here.position,
                expected="a more specific `when` in one of them, or a variant for both together",
            )
