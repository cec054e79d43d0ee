"""A protocol file: its head, its steps or what it extends and changes, and what its author suppresses."""

from __future__ import annotations

from pathlib import Path

from generator import disk, limits, resources
from generator.model.fields import field_table
from generator.model.tree import Protocol, Situation
from generator.spec import library
from generator.spec.changes import apply, read_changes
from generator.spec.diagnostic import Diagnostic, Position
from generator.spec.find import ids_below
from generator.spec.mappings import (
    Citations,
    Layout,
    check_keys,
    read_citations,
    read_fields,
    read_id,
    read_text,
)
from generator.spec.nodes import MappingNode, ScalarNode, SequenceNode, compose
from generator.spec.nodes import Node as YamlNode
from generator.spec.source import Report, line_at, read_source
from generator.spec.spec import Definition, Fields, Given, Scope, Spec, StepSpec, Suppression
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
    extra = ("extends", "changes", "situation", "steps", "suppress", "source", "sources")
    return Layout(Protocol, fields, extra)


class ProtocolReader:
    """Reads one protocol file, the protocol it extends and the definitions it uses.

    Parameters
    ----------
    heirs : tuple of ProtocolReader
        The readers of the protocols that extend this one.
    """

    def __init__(
        self, path: Path, report: Report, scope: Scope, heirs: tuple[ProtocolReader, ...] = ()
    ) -> None:
        self.path, self.report, self.scope, self.heirs = path, report, scope, heirs
        own = tuple(library.folders(path.absolute().parent, scope))
        above = (
            tuple(f for f in heirs[-1].library.folders if f != resources.specs(library.FOLDER))
            if heirs
            else ()
        )
        self.library: library.Library = library.Library(tuple(dict.fromkeys((*above, *own))), scope)
        self.elsewhere: list[Diagnostic] = []
        self.cited = Citations()
        self.reader = StepReader(report, self._find, self.cited)

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
        base = self._base(root)
        head = self._head(root, base)
        self.reader = StepReader(self.report, self._find, Citations(self.cited.source))
        changes = read_changes(root.entries.get("changes"), self.report, self.reader)
        steps = apply(base.steps, changes, self._complain) if base else self._steps(root)
        if not self.heirs:
            steps = apply(steps, self.scope.changes)
        if not (self.report.found or self.elsewhere):
            self._check_scans_named(steps)
        parents = (base.path, *base.parents) if base else ()
        around, made = ((), ()) if self.heirs else (self.scope.files, self.scope.changes)
        suppressions = (*(base.suppressions if base else ()), *self._suppressions(root, steps))
        every = (*(base.changes if base else ()), *changes, *made)
        at = root.keys.get("protocol", root.position)
        return Spec(self.path, head, steps, suppressions, at, (*parents, *around), every, self.scope)

    def _base(self, root: MappingNode) -> Spec | None:
        """Read the protocol that this one extends."""
        node = root.entries.get("extends")
        if node is None:
            if "changes" in root.entries:
                message, expected = "there is nothing to change", "extends: <protocol>@<version>"
                self.report.error("missing-key", message, root.keys["changes"], expected=expected)
            return None
        if "steps" in root.entries:
            message = "a protocol that extends another one has its steps from there"
            self.report.error("wrong-shape", message, root.keys["steps"], expected="changes: [...]")
        name, _, version = node.text.partition("@") if isinstance(node, ScalarNode) else ("", "", "")
        if not version:
            expected = "the id and the version of a protocol, such as ofsep-brain-follow-up@2020.1"
            self.report.error(
                "wrong-shape", "this does not say what is extended", node.position, expected=expected
            )
            return None
        return self._extended(name, version, node)

    def _extended(self, name: str, version: str, node: YamlNode) -> Spec | None:
        found = self._versions(name)
        path = found.get(version)
        if path is None:
            near = did_you_mean(name, self._versions()) if not found else None
            known = f"; there is {name}@{', @'.join(sorted(found))}" if found else ""
            message = f"there is no protocol {name}@{version}{known}"
            expected = "`examcard upgrade` shows what another version changes" if found else None
            self.report.error("unknown-protocol", message, node.position, expected=expected, suggestion=near)
            return None
        report = Report(read_source(path))
        reader = ProtocolReader(path, report, self.scope, (*self.heirs, self))
        body = compose(report.source, report, self.scope.variables)
        base = reader.read(body) if body else None
        self.elsewhere += [*report.found, *reader.elsewhere]
        return base

    def _versions(self, name: str | None = None) -> dict[str, Path]:
        """Find the files of a protocol by version; of every protocol, by id."""
        own = {disk.ask(Path.resolve, reader.path) for reader in (*self.heirs, self)}
        places = [
            resources.specs("protocols"),
            *([self.scope.root] if self.scope.root else [self.path.absolute().parent]),
        ]
        found = {}
        for one, version, path in (entry for place in places for entry in ids_below(place)):
            if disk.ask(Path.resolve, path) not in own and name in (None, one):
                found[version if name else one] = path
        return found

    def _complain(
        self, code: str, message: str, at: Position, expected: str | None, near: str | None
    ) -> None:
        """Report what is wrong with the whole, whichever file it is in."""
        if at.file == self.report.source.name:
            self.report.error(code, message, at, expected=expected, suggestion=near)
        else:
            self.elsewhere.append(Diagnostic(code, message, at, line_at(at), expected, near))

    def _head(self, root: MappingNode, base: Spec | None) -> Fields:
        form = head_layout()
        check_keys(root, form.keys, self.report)
        needed = ("protocol",) if "extends" in root.entries else ("protocol", "title", "steps")
        for key in needed:
            if key not in root.entries:
                self.report.error("missing-key", f"the protocol has no {key!r}", root.position)
        if "protocol" in root.entries:
            read_id(root.entries["protocol"], self.report)
        self.cited = read_citations(root, [root], form, self.report, Citations())
        inherited = {name: given for name, given in (base.head if base else {}).items() if name != "version"}
        own = {**read_fields(root, form, self.report, self.cited), **self._situation(root)}
        return {**inherited, **own}

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
        if len(node.items) > limits.STEPS:
            message = f"{len(node.items)} steps; an exam has at most {limits.STEPS}"
            self.report.error("too-many", message, node.items[limits.STEPS].position)
            return ()
        return tuple(step for item in node.items if (step := self.reader.read(item)))

    def _find(self, name: str, node: YamlNode) -> Definition | None:
        """Find a definition by its id."""
        if not self.library.exists(name):
            near = did_you_mean(name, library.known(self.library.folders))
            expected = f"a file {library.FOLDER}/{name}.yaml {self._where(name)}"
            message = f"there is no definition {name!r}"
            self.report.error(
                "unknown-definition", message, node.position, expected=expected, suggestion=near
            )
        return self.library.find(name, self.elsewhere)

    def _where(self, name: str) -> str:
        """Say where a definition belongs; one that is above, outside of any site, is not searched."""
        if self.scope.root:
            return "beside the protocol or above it, below site.yaml"
        above = (folder for folder in self.path.absolute().parents[1:])
        file = f"{library.FOLDER}/{name}.yaml"
        far = next((folder for folder in above if disk.ask(Path.is_file, folder / file)), None)
        return "beside the protocol" + (
            f" (there is one in {far}: make that folder a site with a site.yaml)" if far else ""
        )

    def _check_scans_named(self, steps: tuple[StepSpec, ...]) -> None:
        scans = sorted({label for step in steps if step.kind == "acquisition" for label in step.labels()})
        named = {"reformat": "source", "contrast": "during"}
        sources = (given for step in steps if step.kind in named for given in step.given(named[step.kind]))
        for given in (given for given in sources if given.value is not None):
            self._check_label(given, scans, "unknown-source", "no acquisition of this protocol is called")

    def _check_label(self, given: Given, labels: list[str], code: str, sentence: str) -> None:
        if given.value not in labels:
            near = did_you_mean(given.value, labels)
            expected = "a definition, a role or a name of it: " + ", ".join(labels) if labels else None
            self._complain(code, f"{sentence} {given.value!r}", given.position, expected, near)

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
