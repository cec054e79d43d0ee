"""An archive and .pro files from templates: for review, interchange and tests. Untested on a console."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from generator.model.tree import Acquisition, Note, Protocol, Target
from generator.vendors.dialect import BuildOptions, Export, Losses
from generator.vendors.siemens import ascconv, facts, preview
from generator.vendors.siemens.assemble import Store, add_tree, assemble, tagged, text_hash
from generator.vendors.siemens.audit import audit
from generator.vendors.siemens.encode import encode
from generator.vendors.siemens.graph import Node
from generator.vendors.siemens.plan import Planned, file_name, folders, label_note, plan, protocol_name
from generator.vendors.siemens.program import chain

if TYPE_CHECKING:
    from jinja2 import Template

RELEASE, VERSION = "XA61A", 66110001
BASELINE = f"MAJORVERSION:VA61A, PROTOCOL:{VERSION}, ADDIN:NXMAINLINE, EDF:1, SEQUENCE:1"
NOMINAL_B0 = {0.55: 0.55, 1.5: 1.494, 3.0: 2.89362001419, 7.0: 6.98093605042}
_UNTESTED = "template, untested on a console: coil, shim and sequence-private data cannot be invented"
_PREVIEW = {
    "tr.0": ("TR", "ms"),
    "te.0": ("TE", "ms"),
    "angle_array.0": ("Flip Angle", "deg"),
    "matrix": ("Base Resolution", " "),
    "readout_fov": ("FOV Read", "mm"),
    "phase_fov": ("FOV Phase", "%"),
    "sl_thick": ("Slice Thickness", "mm"),
    "total_size": ("Slices", " "),
    "time_sec": (" ", " "),
    "seq_subpath": (" ", " "),
}


def build_from_templates(protocol: Protocol, target: Target, options: BuildOptions) -> Export:
    """Write one archive of the release XA61A with the whole protocol, and a .pro file for each scan."""
    found = Losses()
    notes = [Note(code="template", message=_UNTESTED), *_release_notes(target, found), *label_note(options)]
    steps = plan(protocol, options, found)
    texts: dict[int, str] = {}
    files: dict[str, bytes] = {}
    for i, step in enumerate(steps):
        if (a := step.acquisition) is None:
            continue
        text = texts[i] = _protocol_text(a.model_dump_json(), step.duration, target.field_strength)
        audit(a, text, found.at(step.index, a.name))
        files[f"pro/{len(texts):02d}-{file_name(a.name)}.pro"] = text.replace("\n", "\r\n").encode("ascii")
    stem = file_name(protocol.id or protocol.name)
    files[f"{stem}.exar1"] = _archive(protocol, steps, texts, options)
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


# --- protocol texts -----------------------------------------------------------------------------------


def binary_for(a: Acquisition) -> str:
    """Sequence binary that is written for a technique; a gradient echo where none is known."""
    pair = facts.BINARY_OF_TECHNIQUE.get(a.technique or "", ("gre", "gre"))
    return pair[1] if a.mr_acquisition_type == "3D" else pair[0]


@lru_cache(maxsize=256)
def _protocol_text(stated: str, duration: float | None, field_strength: float) -> str:
    """Protocol text of an acquisition given as JSON, so that a scan used in many cards is written once."""
    a = Acquisition.model_validate_json(stated)
    b0 = NOMINAL_B0.get(field_strength, field_strength)
    text = _template("protocol.pro.j2").render(
        name=protocol_name(a.name),
        version=VERSION,
        binary=binary_for(a),
        b0=ascconv.XA_STYLE.spell(facts.B0, b0),
    )
    return ascconv.edit(text, encode(a, duration, ascconv.parse(text)))


@cache
def _template(name: str) -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from generator.resources import templates

    environment = Environment(
        loader=FileSystemLoader(templates("vendors", "siemens")),
        undefined=StrictUndefined,
        autoescape=False,
        keep_trailing_newline=True,
    )
    environment.filters["quoted"] = ascconv.quoted
    return environment.get_template(name)


@cache
def _static(kind: str, **switches: bool) -> str:
    return _template(f"content/{kind}.json.j2").render(**switches)


def static_content(kind: str, **switches: bool) -> dict[str, Any]:
    """The static document of a content type, as plain objects."""
    found: dict[str, Any] = json.loads(_static(kind, **switches))
    return found


# --- the archive --------------------------------------------------------------------------------------


def seed_of(*parts: object) -> str:
    """A seed for ids that depends on everything given, and on nothing else."""
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()


def _archive(
    protocol: Protocol, steps: Sequence[Planned], texts: dict[int, str], options: BuildOptions
) -> bytes:
    folder_names, name = folders(protocol)
    store = Store(seed_of("template", RELEASE, folder_names, name, [s.text for s in steps], texts))
    program = store.node("EdfProgram", "program", None, tags="#Archive|True")
    store.labelled(program, name)
    if options.label:
        program.description = store.string(options.label, program.element, "description of program").element
    nodes = []
    for i, step in enumerate(steps):
        nodes.append(
            _measurement(store, program, step, i, texts[i])
            if i in texts
            else pause(store, program, step, i, True)
        )
    finish_program(store, program, nodes, static_content("EdfProgram"))
    top = add_tree(store, program, folder_names, static_content("EdfDirectory"), "XA")
    return assemble(store, top, BASELINE, "XA")


def finish_program(store: Store, program: Node, steps: Sequence[Node], document: dict[str, Any]) -> None:
    """Write the program's document and children for its steps."""
    program.hash = store.content("EdfProgram", chain(document, steps))
    program.children = [n.element for n in sorted(steps, key=lambda n: n.object_id)]


def pause(store: Store, program: Node, step: Planned, number: int, injector: bool) -> Node:
    """Add a pause step whose label is its text."""
    key = store.content("EdfPauseStep", static_content("EdfPauseStep", injector=injector))
    node = store.node("EdfPauseStep", f"step {number}", key, parent=program.element)
    return store.labelled(node, step.text)


def _measurement(store: Store, program: Node, step: Planned, number: int, text: str) -> Node:
    key = store.content("EdfMeasurementStep", static_content("EdfMeasurementStep"))
    node = store.node("EdfMeasurementStep", f"step {number}", key, parent=program.element)
    document = {"Data": text, "Preview": _preview(text), "UpgradeInfo": ""}
    protocol = store.node(
        "EdfProtocol",
        f"protocol {number}",
        store.content("EdfProtocol", document),
        parent=node.element,
        tags=tagged("", {"ContentHash": text_hash(text)}),
    )
    node.children = [protocol.element]
    if step.comment:
        node.description = store.string(step.comment, node.element, f"description {number}").element
    return store.labelled(node, step.text)


def _preview(text: str) -> dict[str, Any]:
    values = preview.values(ascconv.parse(text))
    return {
        f"sub.0.msr.{key}": {"Label": label, "Unit": unit, "Value": values[f"sub.0.msr.{key}"]}
        for key, (label, unit) in _PREVIEW.items()
        if f"sub.0.msr.{key}" in values
    }
