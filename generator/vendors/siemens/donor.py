"""An archive made from an export of the site's own scanner: clone, patch, rename, order.

Scans are matched to the donor's steps by sequence and preparation; contents that the spec says nothing about
keep their bytes. Author and machine of the donor do not travel. Source: formats/siemens.md section 9.1.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from generator.errors import CannotBuild, UnusableInput
from generator.model.tree import Acquisition, Note, Protocol, Target
from generator.vendors.dialect import BuildOptions, DonorFile, Export, Losses
from generator.vendors.siemens import facts
from generator.vendors.siemens.audit import audit, stated
from generator.vendors.siemens.container import ascconv, exar, graph, pro
from generator.vendors.siemens.container.store import Store, add_tree, assemble, tagged, text_hash
from generator.vendors.siemens.fields import preview, read_fields, write_fields
from generator.vendors.siemens.fields.block import same
from generator.vendors.siemens.inspect import integrity
from generator.vendors.siemens.reader import software_of
from generator.vendors.siemens.writer import (
    Planned,
    describe,
    file_name,
    finish_program,
    folders,
    label_note,
    pause,
    plan,
    protocol_name,
    seed_of,
    static_content,
)


@dataclass
class Donor:
    """The donor archive and what is taken from it."""

    tree: graph.Tree
    release: str
    steps: list[Candidate]
    file: DonorFile

    @property
    def line(self) -> str:
        """Product line, for the shape of the store."""
        return "VE" if self.tree.baseline.startswith("N4_") else "XA"

    @property
    def version(self) -> int:
        """Most common ``ulVersion`` of the protocols."""
        return Counter(c.version for c in self.steps).most_common(1)[0][0]


def build_from_donor(protocol: Protocol, target: Target, options: BuildOptions) -> Export:
    """Clone and patch a donor archive.

    Raises
    ------
    UnusableInput
        If the donor is no readable archive.
    CannotBuild
        If the donor is of another release than the target, or lacks a step that a scan could be made from.
    """
    donor = _open(options.donor or Path(), target)
    found = Losses()
    notes = label_note(options)
    steps = _matched(plan(protocol, options, found), donor, found)
    data = _Builder(donor, protocol, options, found, notes).build(steps)
    if broken := integrity(data):
        raise CannotBuild(f"the archive that was written is not sound: {broken[0]}")
    notes += _dropped(donor, [c for _, c in steps if c])
    name = f"{file_name(protocol.id or protocol.name)}.exar1"
    return Export("donor", {name: data}, tuple(found.found), tuple(notes), donor.file)


def _open(path: Path, target: Target) -> Donor:
    with path.open("rb") if path.is_file() else _no_file(path) as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    tree = graph.load(exar.read(path))
    steps = candidates(tree)
    release = software_of(tree.baseline) or "an unknown release"
    if target.software and not facts.same_release(target.software, release):
        raise CannotBuild(
            f"the donor is of {release}, but the target runs {target.software}; both must be of one release"
        )
    if not steps:
        raise CannotBuild(f"the donor {path.name} holds no scan to clone")
    return Donor(tree, release, steps, DonorFile(path.name, digest))


def _no_file(path: Path) -> Any:
    raise UnusableInput(path, "no such donor file")


# --- matching -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Candidate:
    """A measurement step of a donor with the neutral values of its protocol.

    Attributes
    ----------
    why_not : str or None
        Why no rule is known by which its values could be changed: compressed sensing, wave encoding, ...
    """

    name: str
    program: graph.Node
    node: graph.Node
    protocol: graph.Node
    fields: dict[str, Any]
    version: int
    binary: str
    why_not: str | None = None

    @property
    def family(self) -> str:
        """Technique, dimension and preparation, for messages."""
        words = str(self.fields.get("technique")).replace("_", " ")
        inverted = "with inversion" if self.fields.get("inversion_time") is not None else ""
        return " ".join(filter(None, [words, self.fields.get("mr_acquisition_type"), inverted]))


def candidates(tree: graph.Tree) -> list[Candidate]:
    """Every measurement step of every program, in exam order."""
    found = []
    for _, program in graph.programs(tree):
        for step in graph.steps(tree, program):
            if step.node.kind == "EdfMeasurementStep":
                found += _candidate(tree, program, step.node)
    return found


def _candidate(tree: graph.Tree, program: graph.Node, node: graph.Node) -> list[Candidate]:
    protocol = next(iter(tree.children(node, "EdfProtocol")), None)
    if protocol is None:
        return []
    try:
        fields, p = read_fields(ascconv.parse(str(tree.document(protocol).get("Data", ""))))
    except ascconv.NoProtocol:
        return []
    why_not = None if p.trusted else p.why_not or f"sequence {p.binary!r}"
    return [Candidate(tree.name(node), program, node, protocol, fields, p.version, p.binary, why_not)]


def choose(a: Acquisition, donors: Sequence[Candidate]) -> Candidate | None:
    """The best donor step for a scan, or ``None`` if none is of its sequence and preparation."""
    fit = [c for c in donors if _fits(a, c) and not left_aside(a, c)]
    return max(fit, key=lambda c: _likeness(a, c), default=None)


def left_aside(a: Acquisition, c: Candidate) -> str | None:
    """Why a step that fits is not used: values would change, and no rule is known to hold for them."""
    if c.why_not is None or all(same(value, c.fields.get(name)) for name, value in stated(a)):
        return None
    return f"{c.name!r} ({c.why_not})"


def aside(a: Acquisition, donors: Sequence[Candidate]) -> list[str]:
    """Steps that fit a scan but are not used, with the reason."""
    return [why for c in donors if _fits(a, c) and (why := left_aside(a, c))]


def _fits(a: Acquisition, c: Candidate) -> bool:
    if a.mr_acquisition_type and a.mr_acquisition_type != c.fields.get("mr_acquisition_type"):
        return False
    return _same_sequence(a, c) and preparation(a) == _preparation(c)


def _same_sequence(a: Acquisition, c: Candidate) -> bool:
    technique = c.fields.get("technique")
    plain = ("gradient_echo", "multi_echo_gradient_echo")
    return a.technique == technique or (a.technique in plain and technique in plain and c.binary == "gre")


def preparation(a: Acquisition) -> str:
    """Preparation that a scan asks for: none, one inversion, or two."""
    if a.technique in ("mp2rage", "arterial_spin_labelling"):
        return "own"
    return (
        "double"
        if a.second_inversion_time is not None
        else "single"
        if a.inversion_time is not None
        else "none"
    )


def _preparation(c: Candidate) -> str:
    f = c.fields
    if f.get("technique") in ("mp2rage", "arterial_spin_labelling"):
        return "own"
    if f.get("second_inversion_time") is not None:
        return "double"
    return "single" if f.get("inversion_time") is not None else "none"


_WEIGHTS = {
    "technique": 8.0,
    "plane": 4.0,
    "magnetization_transfer": 2.0,
    "fat_suppression": 2.0,
    "phase_encoding_direction": 1.0,
    "parallel_reduction_factor_in_plane": 0.5,
    "multiband_factor": 2.0,
    "diffusion_directions": 2.0,
    "acquisition_matrix": 0.25,
}
_SCALED = {"repetition_time": 1.0, "inversion_time": 1.0, "slice_thickness": 2.0, "number_of_slices": 0.5}


def _likeness(a: Acquisition, c: Candidate) -> float:
    """How alike a scan and a step are; the first of equals wins, so the choice is stable."""
    score = sum(
        w for name, w in _WEIGHTS.items() if _stated(a, name) and _stated(a, name) == c.fields.get(name)
    )
    for name, weight in {**_SCALED, "echo_times": 1.0}.items():
        score += weight * _closeness(_first(_stated(a, name)), _first(c.fields.get(name)))
    equal = sum(same(_stated(a, n), v) for n, v in c.fields.items() if v is not None)
    return score + 0.2 * equal + (3.0 if a.name.casefold() == c.name.casefold() else 0.0)


def _stated(a: Acquisition, name: str) -> Any:
    return getattr(a, name)


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, tuple) and value else value


def _closeness(one: Any, other: Any) -> float:
    if not isinstance(one, (int, float)) or not isinstance(other, (int, float)) or not (one and other):
        return 0.0
    return float(min(one, other) / max(one, other))


Matched = tuple[Planned, Candidate | None]


def _matched(steps: Sequence[Planned], donor: Donor, losses: Losses) -> list[Matched]:
    """Each scan with its donor step; optional scans without one are left out and reported."""
    found: list[Matched] = []
    missing: list[str] = []
    for step in steps:
        a = step.acquisition
        match = choose(a, donor.steps) if a else None
        if a is None or match is not None:
            found.append((step, match))
        elif a.optional or a.technique == "calibration":
            reason = f"the donor has no step of {_family(a)}; the scan is left out"
            losses.at(step.index, a.name).unsupported("acquisition", a.name, reason)
        else:
            why = "".join(f"; {text} is left aside" for text in aside(a, donor.steps))
            missing.append(f"{a.name} ({_family(a)}{why})")
    if missing or not any(match for _, match in found):
        there = ", ".join(sorted({c.family for c in donor.steps}))
        raise CannotBuild(
            f"the donor has no step to make {'; '.join(missing) or 'any scan'} from; it holds {there}"
        )
    return found


def _family(a: Acquisition) -> str:
    words = (a.technique or "unknown technique").replace("_", " ")
    return " ".join(
        filter(None, [words, a.mr_acquisition_type, "with inversion" if a.inversion_time is not None else ""])
    )


def _dropped(donor: Donor, used: Sequence[Candidate]) -> list[Note]:
    taken = {c.node.element for c in used}
    names = [c.name for c in donor.steps if c.node.element not in taken]
    kept = [f"{c.name!r}" for c in used]
    notes = [Note(code="donor-steps", message=f"made from the donor's {', '.join(dict.fromkeys(kept))}")]
    if names:
        notes.append(Note(code="donor-dropped", message=f"left out of the donor: {', '.join(names)}"))
    notes.append(
        Note(
            code="preview",
            message="preview entries without a known rule (orientation, fat suppression) stay the donor's",
        )
    )
    return notes


# --- building -----------------------------------------------------------------------------------------


class _Builder:
    """Puts the new archive together out of donor contents."""

    def __init__(
        self, donor: Donor, protocol: Protocol, options: BuildOptions, losses: Losses, notes: list[Note]
    ) -> None:
        self.donor, self.protocol, self.options = donor, protocol, options
        self.losses, self.notes = losses, notes
        told = (options.durations, options.keep_notes)
        self.store = Store(seed_of(donor.file.sha256, protocol.model_dump_json(), *told))
        self.taken: set[str] = set()

    def build(self, steps: Sequence[Matched]) -> bytes:
        """Write program, steps and tree."""
        host = self._host([match for _, match in steps if match])
        folder_names, name = folders(self.protocol)
        program = replace(host, children=[], label=None, description=None, parent=None)
        self.store.nodes.append(program)
        self.store.labelled(program, name)
        describe(self.store, program, self.options)
        nodes = [self._step(program, step, match, i) for i, (step, match) in enumerate(steps)]
        finish_program(self.store, program, nodes, self._program_document(host))
        top = add_tree(self.store, program, folder_names, self._directory(), self.donor.line)
        return assemble(self.store, top, self.donor.tree.baseline, self.donor.line)

    def _host(self, used: Sequence[Candidate]) -> graph.Node:
        """The donor's program that gives most steps."""
        count = Counter(c.program.element for c in used)
        return self.donor.tree.nodes[count.most_common(1)[0][0]]

    def _program_document(self, host: graph.Node) -> dict[str, Any]:
        document: dict[str, Any] = self._document(host)
        if not self.options.keep_notes and document.get("Attachments"):
            document["Attachments"] = {}
            self.notes.append(
                Note(code="notes-dropped", message="attachments of the donor's program are left out")
            )
        return document | ({"Groups": []} if "Groups" in document else {})

    def _document(self, node: graph.Node) -> dict[str, Any]:
        found: dict[str, Any] = exar.unwrap(exar.loads(self.donor.tree.archive.content(node.hash or ""))[1])
        return found

    def _directory(self) -> dict[str, Any]:
        node = next((n for n in self.donor.tree.nodes.values() if n.kind == "EdfDirectory"), None)
        document = self._document(node) if node else static_content("EdfDirectory")
        return document | {"IsProtected": False, "Password": "", "BodyPartExamined": "", "Laterality": ""}

    def _step(self, program: graph.Node, step: Planned, match: Candidate | None, number: int) -> graph.Node:
        if match is None or step.acquisition is None:
            return pause(self.store, program, step, number, self._injector())
        node = self._cloned(match.node, f"step {number}", program.element)
        protocol = self._cloned(match.protocol, f"protocol {number}", node.element)
        self._patch(protocol, match, step)
        node.children = [protocol.element, *self._add_ins(match, node, number)]
        node.description = None
        if step.comment:
            node.description = self.store.string(step.comment, node.element, f"comment {number}").element
        return self._labelled(node, match.node, step.text, number)

    def _labelled(self, node: graph.Node, old: graph.Node, text: str, number: int) -> graph.Node:
        """Label a step; a label that says the same already is the donor's own."""
        own = self.donor.tree.nodes.get(old.label or "")
        if own is None or self.donor.tree.name(old) != text:
            return self.store.labelled(node, text)
        node.label = self._cloned(own, f"label {number}", node.element).element
        return node

    def _cloned(self, old: graph.Node, what: str, parent: str) -> graph.Node:
        """A donor node with its ids the first time, with new ids every further time."""
        new = replace(old, children=[], label=None, description=None, parent=parent)
        # Object ids repeat where a program was exported several times into the donor.
        if self.taken & {old.element, old.object_id}:
            for part in ("element", "instance", "object_id"):
                setattr(new, part, self.store.new_id(f"{part} {what}"))
        self.taken |= {old.element, old.object_id}
        self.store.nodes.append(new)
        if old.hash:
            archive = self.donor.tree.archive
            self.store.raw_content(archive.content(old.hash), archive.contents[old.hash])
        return new

    def _add_ins(self, match: Candidate, node: graph.Node, number: int) -> list[str]:
        """Add-in configurations of the step: they may hold pictures and texts of the site."""
        own = self.donor.tree.children(match.node, "EdfAddInConfig")
        if own and not self.options.keep_notes:
            message = f"the add-in data of {match.name!r} is left out: it may hold site texts and pictures"
            self.notes.append(Note(code="notes-dropped", message=message))
            return []
        return [
            self._cloned(add_in, f"add-in {i} {number}", node.element).element for i, add_in in enumerate(own)
        ]

    def _injector(self) -> bool:
        """Whether pauses have the newer members: as the donor's own pauses, else by release."""
        own = next((n for n in self.donor.tree.nodes.values() if n.kind == "EdfPauseStep"), None)
        return "OpenInjectorControl" in self._document(own) if own else self.donor.version >= facts.FIRST_XA61

    def _patch(self, node: graph.Node, match: Candidate, step: Planned) -> None:
        """Set the protocol's values, names, preview and hashes."""
        a = step.acquisition
        if a is None:
            return
        kind, document = exar.loads(self.donor.tree.archive.content(match.protocol.hash or ""))
        before = ascconv.parse(document["Data"])
        text = patched(self._public(document["Data"], match), a, step.duration)
        after = ascconv.parse(text)
        preview.update(document.get("Preview") or {}, before, after)
        document["Data"] = text
        audit(a, text, self.losses.at(step.index, a.name), before)
        if step.duration is None:
            stays = before.raw.get(facts.TOTAL_TIME)
            message = f"no time is known for {a.name!r}: the donor's own, {stays} s, stays"
            self.notes.append(Note(code="time-of-donor", message=message, step=step.index))
        node.hash = self.store.raw_content(exar.dumps(kind, document))
        node.tags = tagged(node.tags, {"ContentHash": text_hash(text)})

    def _public(self, text: str, match: Candidate) -> str:
        """The donor's text, without the description that somebody of the site may have written."""
        bare = text if self.options.keep_notes else pro.without_description(text)
        if bare != text:
            message = f"the description of {match.name!r} is left out: it may hold site texts"
            self.notes.append(Note(code="notes-dropped", message=message))
        return bare


def patched(text: str, a: Acquisition, duration: float | None) -> str:
    """A protocol text with the values and the name of an acquisition; everything else stays."""
    name = protocol_name(a.name)
    changes = write_fields(a, duration, ascconv.parse(text))
    byte_wise = {key: None for key in ascconv.parse(text).raw if key.startswith(f"{facts.NAME}.")}
    return pro.set_names(ascconv.edit(text, {**changes, **byte_wise, facts.NAME: name}), name)
