"""Values against the bounds of the tree; pydantic decides, this module says it in the author's terms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from generator.model import plausible, units
from generator.model.fields import FieldSpec, field_table
from generator.model.tree import Node as TreeNode
from generator.spec.nodes import Node, ScalarNode, SequenceNode
from generator.spec.source import Report

_BOUNDS = {
    "greater_than_equal": ("ge", "at least"),
    "greater_than": ("gt", "more than"),
    "less_than_equal": ("le", "at most"),
    "less_than": ("lt", "less than"),
}


def check_bounds(
    model: type[TreeNode], values: Mapping[str, Any], nodes: Mapping[str, Node], report: Report
) -> set[str]:
    """Report the values that the tree does not admit.

    Parameters
    ----------
    values : mapping
        By field name; required fields of ``model`` may be absent.
    nodes : mapping
        The place of each value in the file.

    Returns
    -------
    set of str
        The fields that have to be dropped.
    """
    bad = _out_of_bounds(model, values, nodes, report)
    absurd = plausible.refused({name: value for name, value in values.items() if name not in bad})
    for field in absurd:
        _refuse(field_table(model)[field], nodes[field], report)
    return {*bad, *absurd}


def _refuse(spec: FieldSpec, node: Node, report: Report) -> None:
    """Report a value that no scan can have, whatever the vendor."""
    least, most = (units.show(float(bound), spec.unit or "") for bound in plausible.RANGES[spec.name])
    message = f"no scan has such a {spec.name}: it must be from {least} to {most}"
    report.error("out-of-bounds", message, node.position)


def _out_of_bounds(
    model: type[TreeNode], values: Mapping[str, Any], nodes: Mapping[str, Node], report: Report
) -> set[str]:
    try:
        model.model_validate(values)
    except ValidationError as invalid:
        table = field_table(model)
        absent = sum(spec.required and name not in values for name, spec in table.items())
        if invalid.error_count() == absent:
            return set()
        found = invalid.errors(include_url=False)
        bad = [error for error in found if error["loc"][0] in values]
        for error in bad:
            field, *inside = error["loc"]
            _explain(table[str(field)], _find(nodes[str(field)], inside), error, report)
        return {str(error["loc"][0]) for error in bad}
    return set()


def _find(node: Node, inside: list[int | str]) -> Node:
    """Find the entry of a list that pydantic speaks of."""
    if inside and isinstance(node, SequenceNode) and isinstance(inside[0], int):
        return node.items[inside[0]]
    return node


def _explain(spec: FieldSpec, node: Node, error: Any, report: Report) -> None:
    if isinstance(node, ScalarNode) and node.is_null:
        what = f"{spec.name} cannot be null" if spec.shape == "scalar" else f"no null in {spec.name}"
        report.error("wrong-type", what, node.position)
        return
    message = f"{spec.name} must be {_limit(spec, error)}"
    report.error("out-of-bounds", message, node.position, expected=_question(error, node))


def _limit(spec: FieldSpec, error: Any) -> str:
    """Say what the value must be, from what pydantic says that it is not."""
    if error["type"] not in _BOUNDS:
        return "finite" if error["type"] == "finite_number" else f"other: {error['msg']}"
    key, words = _BOUNDS[error["type"]]
    return f"{words} {units.show(float(error['ctx'][key]), spec.unit or '')}"


def _question(error: Any, node: Node) -> str | None:
    """Ask whether a fraction was meant where a percentage is given."""
    is_percentage = error["type"] == "less_than_equal" and error["ctx"]["le"] == 1 and error["input"] <= 100
    if not is_percentage or not isinstance(node, ScalarNode):
        return None
    return f"a fraction; is {node.text} meant to be {units.tidy(error['input'] / 100):g}?"
