"""An archive and .pro files from templates: for review, interchange and tests. Untested on a console."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from generator.model.tree import Note, Protocol, Target
from generator.vendors.dialect import BuildOptions, Export, Losses
from generator.vendors.siemens import facts
from generator.vendors.siemens.assemble import Store, add_tree, assemble, tagged, text_hash
from generator.vendors.siemens.compiled import RELEASE, VERSION, Scan, compile_scan, static_content
from generator.vendors.siemens.graph import Node
from generator.vendors.siemens.plan import Planned, file_name, folders, label_note, plan
from generator.vendors.siemens.program import chain

BASELINE = f"MAJORVERSION:VA61A, PROTOCOL:{VERSION}, ADDIN:NXMAINLINE, EDF:1, SEQUENCE:1"
_UNTESTED = "template, untested on a console: coil, shim and sequence-private data cannot be invented"


def build_from_templates(protocol: Protocol, target: Target, options: BuildOptions) -> Export:
    """Write one archive of the release XA61A with the whole protocol, and a .pro file for each scan."""
    found = Losses()
    notes = [Note(code="template", message=_UNTESTED), *_release_notes(target, found), *label_note(options)]
    steps = plan(protocol, options, found)
    scans: dict[int, Scan] = {}
    files: dict[str, bytes] = {}
    for i, step in enumerate(steps):
        if (a := step.acquisition) is None:
            continue
        scan = scans[i] = compile_scan(a, step.duration, target.field_strength)
        place = {"step": step.index, "step_name": a.name}
        found.found += [loss.model_copy(update=place) for loss in scan.losses]
        name = f"pro/{len(scans):02d}-{file_name(a.name)}.pro"
        files[name] = scan.text.replace("\n", "\r\n").encode("ascii")
    stem = file_name(protocol.id or protocol.name)
    files[f"{stem}.exar1"] = _archive(protocol, steps, scans, options)
    notes.append(
        Note(code="defaults", message="what the spec does not state is switched off in the template")
    )
    return Export("template", files, tuple(found.found), tuple(notes))


def _release_notes(target: Target, losses: Losses) -> list[Note]:
    if target.software is None or facts.same_release(target.software, RELEASE):
        return []
    reason = f"the templates are of {RELEASE}; for {target.software} build with a donor of that release"
    losses.approximated("software", target.software, RELEASE, reason)
    return [Note(code="release", message=reason)]


# --- the archive --------------------------------------------------------------------------------------


def seed_of(*parts: object) -> str:
    """A seed for ids that depends on everything given, and on nothing else."""
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()


def _archive(
    protocol: Protocol, steps: Sequence[Planned], scans: dict[int, Scan], options: BuildOptions
) -> bytes:
    folder_names, name = folders(protocol)
    written = [(step.text, scans[i].text if i in scans else "") for i, step in enumerate(steps)]
    store = Store(seed_of("template", RELEASE, folder_names, name, written))
    program = store.node("EdfProgram", "program", None, tags="#Archive|True")
    store.labelled(program, name)
    describe(store, program, options)
    nodes = []
    for i, step in enumerate(steps):
        scan = scans.get(i)
        made = _measurement(store, program, step, i, scan) if scan else pause(store, program, step, i, True)
        nodes.append(made)
    finish_program(store, program, nodes, static_content("EdfProgram"))
    top = add_tree(store, program, folder_names, static_content("EdfDirectory"), "XA")
    return assemble(store, top, BASELINE, "XA")


def describe(store: Store, program: Node, options: BuildOptions) -> None:
    """Comment the program: what it was made from, and what has to be said on its face."""
    if lines := [text for text in (options.label, *options.warnings) if text]:
        comment = store.string("; ".join(lines), program.element, "description of program")
        program.description = comment.element


def finish_program(store: Store, program: Node, steps: Sequence[Node], document: dict[str, Any]) -> None:
    """Write the program's document and children for its steps."""
    program.hash = store.content("EdfProgram", chain(document, steps))
    program.children = [n.element for n in sorted(steps, key=lambda n: n.object_id)]


def pause(store: Store, program: Node, step: Planned, number: int, injector: bool) -> Node:
    """Add a pause step whose label is its text."""
    key = store.content("EdfPauseStep", static_content("EdfPauseStep", injector=injector))
    node = store.node("EdfPauseStep", f"step {number}", key, parent=program.element)
    return store.labelled(node, step.text)


def _measurement(store: Store, program: Node, step: Planned, number: int, scan: Scan) -> Node:
    key = store.content("EdfMeasurementStep", static_content("EdfMeasurementStep"))
    node = store.node("EdfMeasurementStep", f"step {number}", key, parent=program.element)
    protocol = store.node(
        "EdfProtocol",
        f"protocol {number}",
        store.raw_content(scan.content, scan.packed),
        parent=node.element,
        tags=tagged("", {"ContentHash": text_hash(scan.text)}),
    )
    node.children = [protocol.element]
    if step.comment:
        node.description = store.string(step.comment, node.element, f"description {number}").element
    return store.labelled(node, step.text)
