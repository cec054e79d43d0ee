"""Vendor file to neutral tree: archives, .edx and .pro; printouts have a module of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from generator.errors import UnusableInput
from generator.model.tree import Acquisition, Contrast, Note, Pause, Protocol, ReadResult, Step
from generator.vendors.siemens import facts
from generator.vendors.siemens.container import ascconv, edx, exar, graph, pro
from generator.vendors.siemens.fields import preview, read_fields

VENDOR = "siemens"
_SAID_ONCE = {
    "echo_spacing": "echo spacing and echo train duration are derived by the sequence and not stored",
}


@dataclass
class Notes:
    """Collects remarks with their place in the file."""

    found: list[Note] = field(default_factory=list)
    protocol: int | None = None

    def add(self, code: str, message: str, step: int | None = None, what: str | None = None) -> None:
        """File a remark."""
        self.found.append(Note(code=code, message=message, protocol=self.protocol, step=step, field=what))


@dataclass
class Context:
    """What all protocols of a file share: notes, and the scanner that the protocols tell of."""

    notes: Notes = field(default_factory=Notes)
    versions: Counter[int] = field(default_factory=Counter)
    strengths: Counter[float] = field(default_factory=Counter)

    def result(self, kind: Any, protocols: list[Protocol], software: str | None = None) -> ReadResult:
        """Put the result together."""
        notes = [Note(code="not-stored", message=text, field=what) for what, text in _SAID_ONCE.items()]
        version = self.versions.most_common(1)[0][0] if self.versions else None
        if len(self.strengths) > 1:
            notes.append(
                Note(code="field-strengths", message="the protocols are of different field strengths")
            )
        return ReadResult(
            format=kind,
            vendor=VENDOR,
            software=software or (facts.release(version) if version else None),
            field_strength=self.strengths.most_common(1)[0][0] if self.strengths else None,
            protocols=tuple(protocols),
            notes=tuple(self.notes.found + notes),
        )

    def acquisition(
        self,
        text: str,
        name: str | None,
        step: int,
        extra: Mapping[str, Any],
        block: ascconv.Ascconv | None = None,
    ) -> Acquisition:
        """Translate one protocol text, parsed already or not; raises ascconv.NoProtocol."""
        block = block or ascconv.parse(text)
        fields, found = read_fields(block)
        self.versions[found.version] += 1
        strength = block.number(facts.B0) or preview.field_strength(extra.get("preview"))
        if strength and strength > 0:
            self.strengths[_nominal(strength)] += 1
        if ascconv.has_more(text, block):
            self.notes.add("multi-step", "the text holds several protocols; only the first is read", step)
        for code, what, message in found.doubts:
            self.notes.add(code, message, step, what)
        vendor = {"sequence": found.binary, **extra, "xprotocol": text[: block.head], "ascconv": block.raw}
        said = _take_said(block.raw, fields)
        own = name if name is not None else found.name
        made, remarks = checked(own, vendor, fields)
        for what, message in remarks:
            self.notes.add("impossible", message, step, what)
            block.raw.update((k, v) for k, v in said.items() if facts.FIELD_OF_KEY[k] == what)
        return made


def _nominal(strength: float) -> float:
    """Field strength as people say it: consoles store 2.8936 for 3 T, 1.494 for 1.5 T, 6.98 for 7 T."""
    return next((t for t in (0.55, 1.5, 3.0, 7.0) if abs(strength - t) <= 0.05 * t), round(strength, 3))


def _take_said(raw: dict[str, str], fields: Mapping[str, Any]) -> dict[str, str]:
    """Take the members out that a neutral field says in full; what is left stays as it is spelled."""
    said = (key for key, field_name in facts.FIELD_OF_KEY.items() if fields.get(field_name) is not None)
    return {key: raw.pop(key) for key in said if key in raw}


# --- .exar1 -------------------------------------------------------------------------------------------


def read_exar(path: Path) -> ReadResult:
    """Read an archive: every program, its steps in exam order.

    Raises
    ------
    UnusableInput
        If the archive is damaged, or its tree does not hold together.
    """
    tree = graph.load(exar.read(path, exar.TREE_TABLES))
    context = Context()
    protocols = []
    for index, (place, program) in enumerate(graph.programs(tree)):
        context.notes.protocol = index
        protocols.append(_program(tree, program, place, context))
    if not protocols:
        raise UnusableInput(path, "an archive without a program")
    context.notes.protocol = None
    return context.result("siemens-exar1", protocols, software_of(tree.baseline))


def software_of(baseline: str) -> str | None:
    """Release of a branch baseline: ``MAJORVERSION:VA61A, ...`` is XA61A, ``N4_VE11C_LATEST_...`` VE11C."""
    import re

    if match := re.search(r"PROTOCOL:(\d+)", baseline):
        return facts.release(int(match[1]))
    match = re.search(r"N4_(V[A-Z]\d\d[A-Z])", baseline)
    return match[1] if match else None


def _program(tree: graph.Tree, program: graph.Node, place: tuple[str, ...], context: Context) -> Protocol:
    steps: list[Step] = []
    branched = False
    chain = graph.steps(tree, program)
    for entry in chain:
        branched |= bool(entry.branches)
        found = _step(tree, entry, len(steps), context)
        if found is None:
            continue
        if entry.branches:
            ways = ", ".join(f"{b.condition} = {b.choice}{' (default)' * b.default}" for b in entry.branches)
            context.notes.add("branch", f"run only if {ways}", len(steps))
        steps.append(found)
    _unlinked(tree, program, chain, context)
    return Protocol(
        name=place[-1], path=place, acquisition_duration=_total(steps, branched, context), steps=tuple(steps)
    )


def _unlinked(tree: graph.Tree, program: graph.Node, chain: list[graph.Step], context: Context) -> None:
    """Say which steps no link leads to: they are in no exam order."""
    linked = {entry.node.element for entry in chain}
    for node in tree.children(program):
        if node.kind.endswith("Step") and node.element not in linked:
            context.notes.add("unlinked", f"no link leads to the step {tree.name(node)!r}; it is left out")


def _total(steps: list[Step], branched: bool, context: Context) -> float | None:
    times = [s.acquisition_duration for s in steps if isinstance(s, Acquisition)]
    if branched:
        context.notes.add(
            "branched", "the program has branches, so it has no one total time", None, "acquisition_duration"
        )
        return None
    known = [t for t in times if t is not None]
    return sum(known) if known and len(known) == len(times) else None


def _step(tree: graph.Tree, entry: graph.Step, index: int, context: Context) -> Step | None:
    node = entry.node
    name = tree.name(node)
    if node.kind == "EdfMeasurementStep":
        return _measurement(tree, node, name, index, context)
    if node.kind == "EdfPauseStep":
        return _pause(tree.document(node), name, index, context)
    if node.kind == "EdfInteractionStep":
        context.notes.add(
            "interaction", "an interaction of the operator (its add-in data is not shown)", index
        )
        return Pause(text=name)
    kinds = {
        "EdfDecisionStep": "decision",
        "EdfWorkflowStep": "workflow",
        "EdfSplitStep": "split",
        "EdfJoinStep": "join",
    }
    what = kinds.get(node.kind, "other-step")
    context.notes.add(what, f"{what.replace('-', ' ')} before this step: {name}", index)
    return None


def _pause(document: Mapping[str, Any], name: str, index: int, context: Context) -> Step:
    if document.get("ApplyContrastAgent") is not True:
        return Pause(text=name)
    agent = document.get("ContrastAgent")
    given = {
        k: v
        for k, v in (agent if isinstance(agent, dict) else {}).items()
        if v not in ("", False) and k[0] != "$"
    }
    context.notes.add("contrast", f"contrast pause; the meaning of its fields is assumed: {given}", index)
    return Contrast(agent=str(given["Name"]) if given.get("Name") else None, text=name)


def _measurement(tree: graph.Tree, node: graph.Node, name: str, index: int, context: Context) -> Acquisition:
    path = tree.archive.path
    protocol = next(iter(tree.children(node, "EdfProtocol")), None)
    if protocol is None or not protocol.hash:
        raise UnusableInput(path, "a measurement step without a protocol", f"step {name!r}")
    document = tree.archive.fresh_document(protocol.hash)
    text = document.get("Data")
    if not isinstance(text, str):
        raise UnusableInput(path, "a protocol without a text", f"row {protocol.hash}")
    extra: dict[str, Any] = {"tags": protocol.tags or "", "preview": document.get("Preview")}
    if upgrade := document.get("UpgradeInfo"):
        context.notes.add(
            "upgraded", "the console converted the protocol from an older release; see vendor.upgrade", index
        )
        extra["upgrade"] = upgrade
    extra["step"] = tree.document(node)
    if description := tree.text(node.description):
        extra["description"] = description
    try:
        found = context.acquisition(text, name, index, extra)
    except ascconv.NoProtocol as error:
        raise UnusableInput(path, str(error), f"row {protocol.hash}") from error
    return found


# --- .edx and .pro ------------------------------------------------------------------------------------


def read_edx(path: Path) -> ReadResult:
    """Read a VB archive.

    Raises
    ------
    UnusableInput
        If the archive is damaged or a record holds no protocol.
    """
    archive = edx.read(path)
    exam = next((r.value("MrEdbName") for r in archive.records if r.value("MrEdbType") == "Exam"), None)
    context = Context()
    protocols = []
    for index, (program, records) in enumerate(edx.in_order(archive)):
        context.notes.protocol = index
        steps = tuple(_record(record, i, context, path) for i, record in enumerate(records))
        name = program.value("MrEdbName") if program else "(no program)"
        place = (exam, name) if exam else (name,)
        total = _total(list(steps), False, context)
        protocols.append(Protocol(name=name, path=place, acquisition_duration=total, steps=steps))
        _missing(program, records, context)
    if not protocols:
        raise UnusableInput(path, "an .edx archive without a protocol")
    context.notes.protocol = None
    return context.result("siemens-edx", protocols)


def _missing(program: edx.Record | None, records: Any, context: Context) -> None:
    named = Counter(program.values("MrEdbPartname") if program else [])
    named.subtract(r.value("MrEdbName") for r in records)
    for name in (n for n, count in named.items() if count > 0):
        context.notes.add("missing-part", f"the program names {name!r}, but the file does not hold it")


def _record(record: edx.Record, index: int, context: Context, path: Path) -> Acquisition:
    name = record.value("MrEdbName")
    head = [line for line in record.head.decode("latin-1").splitlines() if line]
    try:
        return context.acquisition(record.protocol, name, index, {"record": head})
    except ascconv.NoProtocol as error:
        raise UnusableInput(path, str(error), f"record {name!r}") from error


def read_pro(path: Path) -> ReadResult:
    """Read a protocol file. Raises UnusableInput."""
    file = pro.read(path)
    context = Context(Notes(protocol=0))
    step = context.acquisition(file.text, None, 0, {}, file.block)
    name = step.name or path.stem
    protocol = Protocol(
        name=name, path=(name,), acquisition_duration=step.acquisition_duration, steps=(step,)
    )
    context.notes.protocol = None
    return context.result("siemens-pro", [protocol])


def checked(
    name: str, vendor: Mapping[str, Any], fields: dict[str, Any]
) -> tuple[Acquisition, list[tuple[str, str]]]:
    """Make an acquisition; values that cannot be are left out.

    Parameters
    ----------
    fields : dict
        Neutral field to value; changed in place where a value is left out.

    Returns
    -------
    Acquisition, list of (str, str)
        And field and sentence for each value that was left out.
    """
    try:
        return Acquisition(name=name, vendor=vendor, **fields), []
    except ValidationError as error:
        wrong = {str(e["loc"][0]): str(e["msg"]) for e in error.errors() if e["loc"]}
    remarks = [
        (what, f"the file says {fields.get(what)!r}, which cannot be: {why}") for what, why in wrong.items()
    ]
    for what in wrong:
        fields[what] = None
    return Acquisition(name=name, vendor=vendor, **fields), remarks
