"""The steps of a protocol: scans, injections, pauses, reformats."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from generator.model.fields import field_table
from generator.model.tree import Acquisition, Contrast, Node, Pause, Reformat
from generator.spec import values
from generator.spec.agents import as_dose
from generator.spec.blocks import layout, read_block
from generator.spec.mappings import Citations, read_citations, read_id
from generator.spec.nodes import MappingNode, ScalarNode
from generator.spec.nodes import Node as YamlNode
from generator.spec.source import Report
from generator.spec.spec import Block, Definition, Given, StepSpec
from generator.text import did_you_mean

values.HINTS["dose"] = as_dose

MODELS: dict[str, type[Node]] = {
    "acquisition": Acquisition,
    "contrast": Contrast,
    "pause": Pause,
    "reformat": Reformat,
}


@dataclass(frozen=True)
class StepReader:
    """Reads the steps of one protocol.

    Attributes
    ----------
    find : callable
        Finds a definition by id; reports it at the given node if there is none.
    cited : Citations
        Where the numbers of the protocol were published, where a step does not say it.
    """

    report: Report
    find: Callable[[str, YamlNode], Definition | None]
    cited: Citations

    def read(self, node: YamlNode) -> StepSpec | None:
        """Read one step; ``None`` if it is not clear what it is."""
        kind = self._kind(node)
        if kind is None or not isinstance(node, MappingNode):
            return None
        model, inner = MODELS[kind], node.entries[kind]
        form = layout(model, kind)
        given = [mapping for mapping in (node, inner) if isinstance(mapping, MappingNode)]
        cited = read_citations(node, given, form, self.report, self.cited)
        beside = read_block(node, form, self.report, cited)
        below, definition = self._below(kind, inner, cited)
        if not below:
            return None
        step = StepSpec(model, (*below, beside), node.keys[kind], definition)
        return step if self._complete(step, inner) else None

    def _kind(self, node: YamlNode) -> str | None:
        """Tell which of the four kinds a step is."""
        choice = "one of the keys " + ", ".join(MODELS)
        if not isinstance(node, MappingNode):
            self.report.error("wrong-shape", "a step is a mapping", node.position, expected=choice)
            return None
        kinds = [key for key in node.entries if key in MODELS]
        if len(kinds) == 1:
            return kinds[0]
        if kinds:
            message = f"a step cannot be {' and '.join(kinds)} at once"
            self.report.error("wrong-shape", message, node.keys[kinds[1]], expected="two steps")
            return None
        near = {key: did_you_mean(key, MODELS) for key in node.entries}
        key = next((key for key in near if near[key]), None)
        at, suggestion = (node.keys[key], near[key]) if key else (node.position, None)
        message = "the step does not say what it is"
        self.report.error("missing-key", message, at, expected=choice, suggestion=suggestion)
        return None

    def _below(
        self, kind: str, inner: YamlNode, cited: Citations
    ) -> tuple[tuple[Block, ...], Definition | None]:
        """Read what is written under the word of the step: fields in place, an id, or the text of a pause."""
        if isinstance(inner, MappingNode):
            form = layout(MODELS[kind], labelled=kind == "acquisition")
            own = read_citations(inner, [inner], form, self.report, cited)
            return (read_block(inner, form, self.report, own),), None
        if isinstance(inner, ScalarNode) and not inner.is_null:
            if kind == "acquisition":
                return self._defined(inner)
            if kind == "pause":
                return (Block({"text": Given(inner.text, inner.position)}, (), inner.position),), None
        expected = {"acquisition": "the id of a definition, or its fields", "pause": "a text"}
        message = f"this is no {kind}"
        self.report.error("wrong-shape", message, inner.position, expected=expected.get(kind, "a mapping"))
        return (), None

    def _defined(self, node: ScalarNode) -> tuple[tuple[Block, ...], Definition | None]:
        name = read_id(node, self.report)
        found = self.find(name, node) if name else None
        return (found.blocks, found) if found else ((), None)

    def _complete(self, step: StepSpec, inner: YamlNode) -> bool:
        """Report the fields that a step must have for every target and has not."""
        given = {name for block in step.blocks for name in block.fields}
        table = field_table(step.model)
        missing = [name for name, spec in table.items() if spec.required and name not in given]
        for name in missing:
            what = table[name].description or "a text"
            self.report.error(
                "missing-key", f"the {step.kind} has no {name!r}", inner.position, expected=what
            )
        return not missing
