"""Vendor file to neutral tree: archives, .edx and .pro; printouts have a module of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from generator.errors import UnusableInput
from generator.model.plausible import refused
from generator.model.tree import Acquisition, Contrast, Note, Pause, Protocol, ReadResult, Step
from generator.vendors.siemens import facts
from generator.vendors.siemens.container import ascconv, edx, exar, graph
from generator.vendors.siemens.fields import read_fields
from generator.vendors.siemens.fields.block import previewed_strength

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
    """What all protocols of a file share: notes, release and field strength."""

    notes: Notes = field(default_factory=Notes)
    versions: Counter[int] = field(default_factory=Counter)
    strengths: Counter[float] = field(default_factory=Counter)
    program: Mapping[str, Any] = field(default_factory=dict)
    written: bool = False

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

    def count(self, block: ascconv.Ascconv, version: int, entries: Any) -> None:
        """Count the release and the field strength of a protocol."""
        self.versions[version] += 1
        strength = block.number(facts.B0) or previewed_strength(entries)
        if strength and nominal(strength) > 0:
            self.strengths[nominal(strength)] += 1

    def acquisitions(
        self,
        text: str,
        name: str | None,
        step: int,
        extra: Mapping[str, Any],
        where: Mapping[str, Any] = MappingProxyType({}),
    ) -> list[Acquisition]:
        """Translate one protocol text: a scan, or one for each station. Raises ascconv.NoProtocol.

        Parameters
        ----------
        extra : mapping
            What else the file holds of the step, for ``vendor``.
        where : mapping
            Body part and side of the step.
        """
        blocks = ascconv.stations(text)
        made = []
        for i, block in enumerate(blocks):
            before = text[blocks[i - 1].end if i else 0 : block.head]
            made.append(self._acquisition(block, {**extra, "xprotocol": before}, name, step + i, where))
        if len(made) < 2:
            return made
        self.notes.add("stations", f"a step of {len(made)} stations, each read as a scan of its own", step)
        return [a.model_copy(update={"station": a.name}) for a in made]

    def _acquisition(
        self,
        block: ascconv.Ascconv,
        extra: Mapping[str, Any],
        name: str | None,
        step: int,
        where: Mapping[str, Any],
    ) -> Acquisition:
        fields, found = read_fields(block)
        self.count(block, found.version, extra.get("preview"))
        for code, what, message in found.doubts:
            self.notes.add(code, message, step, what)
        vendor = {"sequence": found.binary, **extra, "ascconv": block.raw}
        known = [(key, what) for key, what in facts.FIELD_OF_KEY.items() if key in block.raw]
        for key, what in known:
            if ascconv.to_number(raw := block.raw[key]) is None:
                self.notes.add("impossible", f"{key} is {raw}, which is no number", step, what)
        # What a neutral field says in full is taken out; the rest stays as it is spelled.
        said = {key: block.raw.pop(key) for key, what in known if fields.get(what) is not None}
        made, remarks = checked(found.name if name is None else name, vendor, {**fields, **where})
        for what, message in remarks:
            self.notes.add("impossible", message, step, what)
            block.raw.update((k, v) for k, v in said.items() if facts.FIELD_OF_KEY[k] == what)
        return made


def nominal(strength: float) -> float:
    """Field strength as people say it: consoles store 2.8936 for 3 T, 1.494 for 1.5 T, 6.98 for 7 T."""
    return next((t for t in (0.55, 1.5, 3.0, 7.0) if abs(strength - t) <= 0.05 * t), round(strength, 3))


# --- .exar1 -------------------------------------------------------------------------------------------


def read_exar(path: Path) -> ReadResult:
    """Read an archive: every program, its steps in exam order.

    Raises
    ------
    UnusableInput
        If the archive is damaged, or its tree does not hold together.
    """
    return _read(graph.load(exar.read(path, exar.TREE_TABLES)))


def read_export(files: Mapping[str, bytes]) -> ReadResult:
    """Read the archive among the files of an export, from memory."""
    name = next(name for name in files if name.endswith((".exar1", ".edx")))
    if name.endswith(".edx"):
        return _read_edx(edx.parse(edx.inflate(files[name], Path(name)), Path(name)), Path(name))
    return _read(_written(files[name], name), written=True)


@lru_cache(maxsize=1)
def _written(data: bytes, name: str) -> graph.Tree:
    """Load an archive of this program once for reading it back and for the gate."""
    return graph.load(exar.read_bytes(data, name))


def _read(tree: graph.Tree, written: bool = False) -> ReadResult:
    context = Context(written=written)
    protocols = []
    for index, (place, program) in enumerate(graph.programs(tree)):
        context.notes.protocol = index
        protocols.append(_program(tree, program, place, context))
    if not protocols:
        raise UnusableInput(tree.archive.path, "an archive without a program")
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
    context.program = tree.document(program)
    chain = graph.steps(tree, program)
    for entry in chain:
        found = _step(tree, entry, len(steps), context)
        if found and entry.branches:
            ways = ", ".join(f"{b.condition} = {b.choice}{' (default)' * b.default}" for b in entry.branches)
            context.notes.add("branch", f"run only if {ways}", len(steps))
            label = ", ".join(f"{b.condition} = {b.choice}" for b in entry.branches)
            found = [_branched(step, label) for step in found]
        steps += found
    _unlinked(tree, program, chain, context)
    return _protocol(place, steps, any(entry.branches for entry in chain), context)


def _protocol(place: tuple[str, ...], steps: Sequence[Step], branched: bool, context: Context) -> Protocol:
    total = _total(steps, branched, context)
    return Protocol(name=place[-1], path=place, acquisition_duration=total, steps=tuple(steps))


def _branched(step: Step, label: str) -> Step:
    return step.model_copy(update={"branch": label}) if isinstance(step, Acquisition) else step


def _unlinked(tree: graph.Tree, program: graph.Node, chain: list[graph.Step], context: Context) -> None:
    """Say which steps no link leads to: they are in no exam order."""
    linked = {entry.node.element for entry in chain}
    for node in tree.children(program):
        if node.kind.endswith("Step") and node.element not in linked:
            context.notes.add("unlinked", f"no link leads to the step {tree.name(node)!r}; it is left out")


def _total(steps: Sequence[Step], branched: bool, context: Context) -> float | None:
    times = [s.acquisition_duration for s in steps if isinstance(s, Acquisition)]
    if branched:
        context.notes.add(
            "branched", "the program has branches, so it has no one total time", None, "acquisition_duration"
        )
        return None
    known = [t for t in times if t is not None]
    return sum(known) if known and len(known) == len(times) else None


def _step(tree: graph.Tree, entry: graph.Step, index: int, context: Context) -> list[Step]:
    node = entry.node
    name = tree.name(node)
    if node.kind == "EdfMeasurementStep":
        return _measurement(tree, node, name, index, context)
    if node.kind == "EdfPauseStep":
        return [_pause(tree.document(node), name, index, context)]
    if node.kind == "EdfInteractionStep":
        context.notes.add(
            "interaction", "an interaction of the operator (its add-in data is not shown)", index
        )
        return [Pause(text=name)]
    kinds = {
        "EdfDecisionStep": "decision",
        "EdfWorkflowStep": "workflow",
        "EdfSplitStep": "split",
        "EdfJoinStep": "join",
    }
    what = kinds.get(node.kind, "other-step")
    context.notes.add(what, f"{what.replace('-', ' ')} before this step: {name}", index)
    return []


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


def _measurement(tree: graph.Tree, node: graph.Node, name: str, index: int, context: Context) -> list[Step]:
    path = tree.archive.path
    protocol = next(iter(tree.children(node, "EdfProtocol")), None)
    if protocol is None or not protocol.hash:
        raise UnusableInput(path, "a measurement step without a protocol", f"step {name!r}")
    where = where_of(tree.document(node), context.program)
    if context.written and (known := _WRITTEN.get(tree.archive.contents[protocol.hash])):
        return [_placed(a, {"name": name} | where) for a in known]
    document = tree.archive.fresh_document(protocol.hash)
    text = document.get("Data")
    if not isinstance(text, str):
        raise UnusableInput(path, "a protocol without a text", f"row {protocol.hash}")
    if document.get("UpgradeInfo"):
        said = "the console converted the protocol from an older release; see vendor.upgrade"
        context.notes.add("upgraded", said, index)
    try:
        found = context.acquisitions(text, name, index, _beside(tree, node, protocol, document), where)
    except ascconv.NoProtocol as error:
        raise UnusableInput(path, str(error), f"row {protocol.hash}") from error
    if context.written:
        _remember(tree.archive.contents[protocol.hash], found)
    return list(found)


def _placed(scan: Acquisition, where: Mapping[str, Any]) -> Acquisition:
    """Return a scan with name and place of its step: itself if it has them, so that it is known again."""
    same = all(getattr(scan, name) == value for name, value in where.items())
    return scan if same else scan.model_copy(update=where)


def _beside(
    tree: graph.Tree, node: graph.Node, protocol: graph.Node, document: Mapping[str, Any]
) -> dict[str, Any]:
    """What the archive holds of a step beside the text of its protocol."""
    extra = {"tags": protocol.tags or "", "preview": document.get("Preview")}
    upgrade, description = document.get("UpgradeInfo"), tree.text(node.description)
    extra |= {"upgrade": upgrade} if upgrade else {}
    return extra | {"step": tree.document(node)} | ({"description": description} if description else {})


_WRITTEN: dict[bytes, list[Acquisition]] = {}
"""By the bytes of a content that this program wrote, its scans: cards of one scanner share most of them."""
_MOST_WRITTEN = 512


def _remember(key: bytes, found: list[Acquisition]) -> None:
    if len(_WRITTEN) >= _MOST_WRITTEN:
        _WRITTEN.clear()
    _WRITTEN[key] = found


def where_of(step: Mapping[str, Any], program: Mapping[str, Any]) -> dict[str, Any]:
    """Body part and side of a step, else of its program."""
    return {
        "body_part": _body_part(step) or _body_part(program),
        "laterality": _laterality(step) or _laterality(program),
    }


def _body_part(document: Mapping[str, Any]) -> str | None:
    """The defined term of DICOM, in lower case."""
    text = document.get("BodyPartExamined")
    return text.strip().lower() or None if isinstance(text, str) else None


def _laterality(document: Mapping[str, Any]) -> Any:
    """Left or right; consoles write U for unpaired, or nothing."""
    text = document.get("Laterality")
    return text if text in ("L", "R") else None


# --- .edx and .pro ------------------------------------------------------------------------------------


def read_edx(path: Path) -> ReadResult:
    """Read a VB archive.

    Raises
    ------
    UnusableInput
        If the archive is damaged or a record holds no protocol.
    """
    return _read_edx(edx.read(path), path)


def _read_edx(archive: edx.Edx, path: Path) -> ReadResult:
    exam = next((r.value("MrEdbName") for r in archive.records if r.value("MrEdbType") == "Exam"), None)
    context = Context()
    protocols = []
    for index, (program, records) in enumerate(edx.in_order(archive)):
        context.notes.protocol = index
        steps: tuple[Step, ...] = ()
        for record in records:
            steps += _record(record, len(steps), context, path)
        name = program.name if program else "(no program)"
        protocols.append(_protocol((exam, name) if exam else (name,), steps, False, context))
        _missing(program, records, context)
    if not protocols:
        raise UnusableInput(path, "an .edx archive without a protocol")
    return context.result("siemens-edx", protocols)


def _missing(program: edx.Record | None, records: Any, context: Context) -> None:
    named = Counter(map(edx.part_name, program.values("MrEdbPartname")) if program else [])
    named.subtract(r.name for r in records)
    for name in (n for n, count in named.items() if count > 0):
        context.notes.add("missing-part", f"the program names {name!r}, but the file does not hold it")


def _record(record: edx.Record, index: int, context: Context, path: Path) -> tuple[Step, ...]:
    name = record.name
    head = [line for line in record.head.decode("latin-1").splitlines() if line]
    try:
        return tuple(context.acquisitions(record.protocol, name, index, {"record": head}))
    except ascconv.NoProtocol as error:
        raise UnusableInput(path, str(error), f"record {name!r}") from error


def read_pro(path: Path) -> ReadResult:
    """Read a protocol file. Raises UnusableInput."""
    file = ascconv.read(path)
    context = Context(Notes(protocol=0))
    steps = tuple(context.acquisitions(file.text, None, 0, {}))
    protocol = _protocol((steps[0].name or path.stem,), steps, False, context)
    return context.result("siemens-pro", [protocol])


READERS = {"siemens-exar1": read_exar, "siemens-edx": read_edx, "siemens-pro": read_pro}


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
    absurd = {what: f"no {what.replace('_', ' ')} is like that" for what in refused(fields)}
    remarks = _left_out(fields, absurd)
    try:
        return Acquisition.model_validate({"name": name, "vendor": vendor, **fields}), remarks
    except ValidationError as error:
        wrong = {str(e["loc"][0]): str(e["msg"]) for e in error.errors() if e["loc"]}
    remarks += _left_out(fields, wrong)
    return Acquisition.model_validate({"name": name, "vendor": vendor, **fields}), remarks


def _left_out(fields: dict[str, Any], wrong: Mapping[str, str]) -> list[tuple[str, str]]:
    """Take values out, with a sentence for each."""
    found = [(what, f"the file says {fields[what]!r}, which cannot be: {why}") for what, why in wrong.items()]
    fields.update(dict.fromkeys(wrong))
    return found


# --- the gate -----------------------------------------------------------------------------------------


def broken_relations(files: Mapping[str, bytes]) -> tuple[Note, ...]:
    """Name every relation that holds in all real files and not in a protocol of these."""
    return tuple(
        Note(code=f"gate-{code}", message=f"{name}: in every real file {said}")
        for name, broken in _verdicts(files)
        for code, said in broken
    )


_Broken = tuple[tuple[str, str], ...]
"""Name and text of every relation that a protocol breaks."""


def _broken(text: str) -> _Broken:
    from generator.vendors.gate import broken
    from generator.vendors.siemens.fields.relations import RELATIONS, Draft

    blocks = ascconv.stations(text)
    return tuple((one.name, one.text) for block in blocks for one in broken(RELATIONS, Draft(block, {})))


@lru_cache(maxsize=512)
def _broken_content(packed: bytes) -> _Broken:
    return _broken(str(exar.written_document(packed).get("Data", "")))


def _verdicts(files: Mapping[str, bytes]) -> Iterator[tuple[str, _Broken]]:
    for file, data in files.items():
        if file.endswith(".exar1"):
            tree = _written(data, file)
            for node in tree.nodes.values():
                if node.kind == "EdfMeasurementStep":
                    for protocol in tree.children(node, "EdfProtocol"):
                        yield tree.name(node), _broken_content(tree.archive.contents[protocol.hash or ""])
        elif file.endswith(".edx"):
            records = edx.parse(edx.inflate(data, Path(file)), Path(file)).records
            yield from ((r.name, _broken(r.protocol)) for r in records if r.value("MrEdbType") == "Prot")
