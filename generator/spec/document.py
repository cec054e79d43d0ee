"""A protocol file: its head, its steps, and what its author suppresses."""

from __future__ import annotations

from pathlib import Path

from generator.model.fields import field_table
from generator.model.tree import Protocol, Situation
from generator.spec import library
from generator.spec.diagnostic import Diagnostic
from generator.spec.mappings import (
    Citations,
    Layout,
    check_keys,
    read_citations,
    read_fields,
    read_id,
    read_text,
)
from generator.spec.nodes import MappingNode, SequenceNode
from generator.spec.nodes import Node as YamlNode
from generator.spec.source import Report
from generator.spec.spec import Definition, Fields, Given, Spec, StepSpec, Suppression
from generator.spec.steps import StepReader
from generator.text import did_you_mean

KEY_OF_FIELD = {"id": "protocol", "name": "title"}
"""The two fields that a spec calls by another name than the tree."""

SUPPRESS_KEYS = ("code", "step", "reason")


def head_layout() -> Layout:
    """Make the layout of the head of a protocol."""
    fields = {
        KEY_OF_FIELD.get(name, name): spec
        for name, spec in field_table(Protocol).items()
        if name not in ("steps", "situation")
    }
    return Layout(Protocol, fields, ("situation", "steps", "suppress", "source", "sources"))


class ProtocolReader:
    """Reads one protocol file and the definitions it uses."""

    def __init__(self, path: Path, report: Report) -> None:
        self.path, self.report = path, report
        self.folder = path.absolute().parent
        self.elsewhere: list[Diagnostic] = []
        self.cited = Citations()

    def read(self, root: YamlNode) -> Spec | None:
        """Read the document; ``None`` if it is no protocol. Errors are in the report and ``elsewhere``."""
        if not isinstance(root, MappingNode):
            message = "a protocol is a mapping"
            self.report.error("wrong-shape", message, root.position, expected="protocol: <id>")
            return None
        if "protocol" not in root.entries and "acquisition" in root.entries:
            message = "this is a sequence definition; protocols use it by its id"
            self.report.error("not-a-protocol", message, root.keys["acquisition"], expected="protocol: <id>")
            return None
        head = self._head(root)
        steps = self._steps(root)
        at = root.keys.get("protocol", root.position)
        return Spec(self.path, head, steps, self._suppressions(root, steps), at)

    def _head(self, root: MappingNode) -> Fields:
        form = head_layout()
        check_keys(root, form.keys, self.report)
        for key in ("protocol", "title", "steps"):
            if key not in root.entries:
                self.report.error("missing-key", f"the protocol has no {key!r}", root.position)
        if "protocol" in root.entries:
            read_id(root.entries["protocol"], self.report)
        self.cited = read_citations(root, [root], form, self.report, Citations())
        return {**read_fields(root, form, self.report, self.cited), **self._situation(root)}

    def _situation(self, root: MappingNode) -> Fields:
        node = root.entries.get("situation")
        if node is None:
            return {}
        if not isinstance(node, MappingNode):
            self.report.error("wrong-shape", "situation is a mapping", node.position, expected="{fact: true}")
            return {}
        form = Layout(Situation, field_table(Situation))
        check_keys(node, form.keys, self.report)
        facts = read_fields(node, form, self.report, Citations())
        value = Situation(**{name: given.value for name, given in facts.items()})
        return {"situation": Given(value, root.keys["situation"])}

    def _steps(self, root: MappingNode) -> tuple[StepSpec, ...]:
        node = root.entries.get("steps")
        if node is None:
            return ()
        if not isinstance(node, SequenceNode):
            self.report.error("wrong-shape", "steps is a list", node.position, expected="- acquisition: <id>")
            return ()
        reader = StepReader(self.report, self._find, Citations(self.cited.source))
        read = [reader.read(item) for item in node.items]
        steps = tuple(step for step in read if step)
        if len(steps) == len(read):
            self._check_reformats(steps)
        return steps

    def _find(self, name: str, node: YamlNode) -> Definition | None:
        """Find a definition by its id."""
        path = library.locate(name, self.folder)
        if path is None:
            near = did_you_mean(name, library.known(self.folder))
            expected = f"a file {library.FOLDER}/{name}.yaml beside the protocol or above it"
            message = f"there is no definition {name!r}"
            self.report.error(
                "unknown-definition", message, node.position, expected=expected, suggestion=near
            )
            return None
        found, errors = library.definition(path)
        self.elsewhere += [error for error in errors if error not in self.elsewhere]
        return found

    def _check_reformats(self, steps: tuple[StepSpec, ...]) -> None:
        scans = sorted({label for step in steps if step.kind == "acquisition" for label in step.labels()})
        sources = [given for step in steps if step.kind == "reformat" for given in step.given("source")]
        for given in sources:
            self._check_label(given, scans, "unknown-source", "no acquisition of this protocol is called")

    def _check_label(self, given: Given, labels: list[str], code: str, sentence: str) -> None:
        if given.value not in labels:
            near = did_you_mean(given.value, labels)
            expected = "a definition, a role or a name of it: " + ", ".join(labels) if labels else None
            message = f"{sentence} {given.value!r}"
            self.report.error(code, message, given.position, expected=expected, suggestion=near)

    def _suppressions(self, root: MappingNode, steps: tuple[StepSpec, ...]) -> tuple[Suppression, ...]:
        node = root.entries.get("suppress")
        if node is None:
            return ()
        if not isinstance(node, SequenceNode):
            self.report.error("wrong-shape", "suppress is a list", node.position, expected="- code: ...")
            return ()
        read = [self._suppression(item, steps) for item in node.items]
        return tuple(found for found in read if found)

    def _suppression(self, node: YamlNode, steps: tuple[StepSpec, ...]) -> Suppression | None:
        if not isinstance(node, MappingNode):
            self.report.error(
                "wrong-shape",
                "a suppression is a mapping",
                node.position,
                expected="{code: ..., reason: ...}",
            )
            return None
        check_keys(node, SUPPRESS_KEYS, self.report)
        texts = {key: read_text(node, key, self.report) for key in SUPPRESS_KEYS}
        if "code" not in node.entries:
            self.report.error("missing-key", "the suppression has no 'code'", node.position)
        if "reason" not in node.entries:
            message = "a suppression needs a reason"
            self.report.error("missing-reason", message, node.position, expected="reason: why it is accepted")
        if texts["step"]:
            labels = sorted({label for step in steps for label in step.labels()})
            given = Given(texts["step"], node.entries["step"].position)
            self._check_label(given, labels, "unknown-step", "no step is called")
        if not texts["code"] or not texts["reason"]:
            return None
        return Suppression(texts["code"], texts["reason"], texts["step"], node.position)
