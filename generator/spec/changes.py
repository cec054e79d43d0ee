"""Named changes to the steps of a protocol: set, replace, add, remove.

A protocol that extends another one, a site and a scanner say in the same words what is different. A change
keeps the layers of the steps it finds, so that every value still knows its file, line and source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from generator.model.tree import Acquisition
from generator.spec.blocks import layout
from generator.spec.diagnostic import Position
from generator.spec.mappings import Citations, check_keys, read_citations, read_fields, read_text
from generator.spec.nodes import MappingNode, SequenceNode
from generator.spec.nodes import Node as YamlNode
from generator.spec.source import Report
from generator.spec.spec import Action, Block, Change, Given, StepSpec, Variant
from generator.spec.steps import MODELS, StepReader
from generator.spec.variants import read_when
from generator.text import did_you_mean

_KEYS: Mapping[Action, tuple[str, ...]] = {
    "set": ("step", "when", "source", "sources"),
    "replace": ("with",),
    "add": ("before", "after"),
    "remove": (),
}

Complain = Callable[[str, str, Position, str | None, str | None], None]
"""Takes code, message, position, what was expected and the word that was probably meant."""


def read_changes(node: YamlNode | None, report: Report, steps: StepReader) -> tuple[Change, ...]:
    """Read a list of changes; what is wrong is reported and left out."""
    if node is None:
        return ()
    if not isinstance(node, SequenceNode):
        report.error("wrong-shape", "changes is a list", node.position, expected="- set: {field: value}")
        return ()
    found = (_read(item, report, steps) for item in node.items)
    return tuple(change for change in found if change)


def _read(node: YamlNode, report: Report, steps: StepReader) -> Change | None:
    choice = "one of the keys " + ", ".join(_KEYS)
    named = [key for key in _KEYS if isinstance(node, MappingNode) and key in node.entries]
    if not isinstance(node, MappingNode) or len(named) != 1:
        report.error(
            "wrong-shape", "a change sets, replaces, adds or removes", node.position, expected=choice
        )
        return None
    (action,) = named
    check_keys(node, (action, *_KEYS[action]), report)
    change = Change(action, node.keys[action])
    if action == "set":
        return _read_set(node, change, report)
    if action == "add":
        return _read_add(node, change, report, steps)
    step = read_text(node, action, report)
    if action == "remove":
        return replace(change, step=step) if step else None
    if "with" not in node.entries:
        report.error(
            "missing-key", "the change has no 'with'", node.position, expected="with: {acquisition: ...}"
        )
        return None
    new = steps.read(node.entries["with"])
    return replace(change, step=step, new=new) if step and new else None


def _read_set(node: MappingNode, change: Change, report: Report) -> Change | None:
    given = node.entries["set"]
    if not isinstance(given, MappingNode) or not given.entries:
        report.error("wrong-shape", "set is a mapping of fields", given.position, expected="{field: value}")
        return None
    step = read_text(node, "step", report)
    form = replace(layout(MODELS.get(step or "", Acquisition)), extra=(), cites=True)
    check_keys(given, form.keys, report)
    cited = read_citations(node, [given], form, report, Citations())
    fields = read_fields(given, form, report, cited)
    if "when" not in node.entries:
        return replace(change, step=step, block=Block(fields, (), given.position))
    when = read_when(node, report)
    return replace(change, step=step, block=_conditional(when, fields, given.position)) if when else None


def _conditional(when: Mapping[str, Any], fields: Mapping[str, Given], position: Position) -> Block:
    return Block({}, (Variant(when, fields, position),), position)


def _read_add(node: MappingNode, change: Change, report: Report, steps: StepReader) -> Change | None:
    sides = [key for key in ("before", "after") if key in node.entries]
    if len(sides) == 2:
        report.error("wrong-shape", "a step is added before or after another", node.keys["after"])
    new = steps.read(node.entries["add"])
    step = read_text(node, sides[0], report) if sides else None
    return replace(change, step=step, new=new, before=sides == ["before"]) if new else None


def apply(
    steps: tuple[StepSpec, ...], changes: Iterable[Change], complain: Complain | None = None
) -> tuple[StepSpec, ...]:
    """Carry out changes, one after the other.

    Parameters
    ----------
    complain : callable, optional
        Takes the error of a change that finds no step, or several where one is meant. Without it such a
        change is passed over: those of a site are for many protocols.
    """
    for change in changes:
        steps = _apply(steps, change, complain)
    return steps


def _apply(steps: tuple[StepSpec, ...], change: Change, complain: Complain | None) -> tuple[StepSpec, ...]:
    found = [index for index, step in enumerate(steps) if change.finds(step)]
    if change.action == "add" and change.step is None and change.new:
        return (*steps, change.new)
    if not found or (len(found) > 1 and change.action != "set"):
        if complain:
            _complain(change, steps, found, complain)
        return steps
    if change.action == "set" and change.block:
        block = change.block
        return tuple(step.with_block(block) if i in found else step for i, step in enumerate(steps))
    (index,) = found
    at = index if change.action != "add" or change.before else index + 1
    rest = index if change.action == "add" and change.before else index + 1
    return (*steps[:at], *((change.new,) if change.new else ()), *steps[rest:])


def _complain(change: Change, steps: tuple[StepSpec, ...], found: list[int], complain: Complain) -> None:
    labels = sorted({label for step in steps for label in step.labels()})
    if not found:
        near = did_you_mean(change.step or "", labels)
        expected = "a definition, role or name: " + ", ".join(labels)
        complain("unknown-step", f"no step is called {change.step!r}", change.position, expected, near)
        return
    several = [sorted(steps[index].labels()) for index in found]
    apart = [label for one in several for label in one if sum(label in other for other in several) == 1]
    message = f"{len(found)} steps are called {change.step!r}"
    complain("ambiguous-step", message, change.position, "one of " + ", ".join(apart), None)
