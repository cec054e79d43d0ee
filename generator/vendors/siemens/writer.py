"""An archive and .pro files from templates: for review, interchange and tests. Untested on a console."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from generator.errors import CannotBuild
from generator.model.spoken import injected
from generator.model.tree import Acquisition, Contrast, Note, Pause, Protocol, Reformat, Target
from generator.text import clock
from generator.vendors.account import Reasons, StepReasons
from generator.vendors.dialect import BuildOptions, Export
from generator.vendors.siemens import facts
from generator.vendors.siemens.container import ascconv, exar
from generator.vendors.siemens.container.graph import (
    Content,
    Node,
    Store,
    add_tree,
    assemble,
    chain,
    packed,
    tagged,
    text_hash,
)
from generator.vendors.siemens.fields import doubt, geometry, write_fields
from generator.vendors.siemens.fields.block import Said, preview_of

if TYPE_CHECKING:
    from jinja2 import Template

RELEASE, VERSION = "XA61A", 66110001
BASELINE = f"MAJORVERSION:VA61A, PROTOCOL:{VERSION}, ADDIN:NXMAINLINE, EDF:1, SEQUENCE:1"
LOCALIZER = Acquisition(
    name="localizer", role="localizer", technique="gradient_echo", mr_acquisition_type="2D",
    plane="transverse", repetition_time=8.0, echo_times=(4.0,), flip_angle=20.0, pixel_bandwidth=320.0,
    field_of_view=(300.0, 300.0), acquisition_matrix=(256, 256), slice_thickness=8.0, slice_gap=0.0,
    number_of_slices=3, concatenations=3, number_of_averages=1.0,
)  # fmt: skip
"""Own choice, like the localizers of real exams: three slices in some seconds, one in each main plane."""
_UNTESTED = "template, untested on a console: coil, shim and sequence-private data cannot be invented"


def build_from_templates(protocol: Protocol, target: Target, options: BuildOptions) -> Export:
    """Write one archive of the release XA61A with the whole protocol, and a .pro file for each scan."""
    reasons = Reasons(known=facts.REASONS)
    check_release(target)
    notes = [Note(code="template", message=_UNTESTED), *label_note(options)]
    steps = [*_localizer(protocol), *plan(protocol, options, reasons)]
    scans: dict[int, CompiledScan] = {}
    files: dict[str, bytes] = {}
    for i, step in enumerate(steps):
        if (a := step.acquisition) is None:
            continue
        scan = scans[i] = compile_scan(a, step.duration, target.field_strength)
        if step.own:
            scan.said.to(reasons.at(step.index, a.name))
        name = f"pro/{len(scans):02d}-{file_name(a.name)}.pro"
        files[name] = scan.pro
    stem = file_name(protocol.id or protocol.name)
    card = f"{stem}.exar1"
    files[card] = _archive(protocol, steps, scans, options)
    notes.append(
        Note(code="defaults", message="what the spec does not state is switched off in the template")
    )
    return Export("template", files, notes=tuple(notes), reasons=reasons, origins=origins(steps), card=card)


def _localizer(protocol: Protocol) -> list[Planned]:
    """A localizer to begin an exam of a region with, where the spec has none."""
    wanted = protocol.region and not any(a.role == "localizer" for a in protocol.acquisitions)
    return [Planned(0, LOCALIZER.name, LOCALIZER, own=False)] if wanted else []


def origins(steps: Sequence[Planned]) -> tuple[int | None, ...]:
    """For each step of the archive the step it was written for; ``None`` for an instruction beside a scan."""
    return tuple(step.index if step.own else None for step in steps)


def check_release(target: Target) -> None:
    """Refuse a release that no template is made for. Raises CannotBuild."""
    if target.software is not None and not facts.same_release(target.software, RELEASE):
        raise CannotBuild(
            f"templates are made for {RELEASE}; for {target.software} build from a donor of that release"
        )


# --- the archive --------------------------------------------------------------------------------------


def seed_of(*parts: object) -> str:
    """A seed for ids that depends on everything given, and on nothing else."""
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()


def _archive(
    protocol: Protocol, steps: Sequence[Planned], scans: dict[int, CompiledScan], options: BuildOptions
) -> bytes:
    folder_names, name = folders(protocol)
    each = (f"({step.text!r}, {scans[i].quoted if i in scans else repr('')})" for i, step in enumerate(steps))
    store = Store(seed_of("template", RELEASE, folder_names, name, f"[{', '.join(each)}]"))
    program = store.labelled(store.node("EdfProgram", "program", None, tags="#Archive|True"), name)
    describe_program(store, program, options)
    nodes = []
    for i, step in enumerate(steps):
        scan = scans.get(i)
        made = measurement(store, program, step, i, scan) if scan else pause(store, program, step, i, True)
        nodes.append(made)
    finish_program(store, program, nodes, static_content("EdfProgram"))
    top = add_tree(store, program, folder_names, static_content("EdfDirectory"), "XA")
    return assemble(store, top, BASELINE, "XA")


def describe_program(store: Store, program: Node, options: BuildOptions) -> None:
    """Comment the program: what it was made from, and what has to be said on its face."""
    if lines := [text for text in (options.label, *options.warnings) if text]:
        comment = store.string("; ".join(lines), program.element, "description of program")
        program.description = comment.element


def finish_program(
    store: Store,
    program: Node,
    steps: Sequence[Node],
    document: dict[str, Any],
    related: set[str] | None = None,
) -> None:
    """Write the program's document and children for its steps."""
    program.hash = store.content("EdfProgram", chain(document, steps, related))
    program.children = [n.element for n in sorted(steps, key=lambda n: n.object_id)]


def pause(store: Store, program: Node, step: Planned, number: int, injector: bool) -> Node:
    """Add a pause step whose label is its text."""
    key = store.add(packed("EdfPauseStep", _static("EdfPauseStep", injector=injector)))
    node = store.node("EdfPauseStep", f"step {number}", key, parent=program.element)
    return store.labelled(node, step.text)


def measurement(store: Store, program: Node, step: Planned, number: int, scan: CompiledScan) -> Node:
    """Add a measurement step with a rendered protocol."""
    key = store.add(packed("EdfMeasurementStep", _static("EdfMeasurementStep")))
    node = store.node("EdfMeasurementStep", f"step {number}", key, parent=program.element)
    protocol = store.node(
        "EdfProtocol",
        f"protocol {number}",
        store.add(scan.content),
        parent=node.element,
        tags=tagged("", {"ContentHash": scan.text_hash}),
    )
    node.children = [protocol.element]
    if step.comment:
        node.description = store.string(step.comment, node.element, f"description {number}").element
    return store.labelled(node, step.text)


NOMINAL_B0 = {0.55: 0.55, 1.5: 1.494, 3.0: 2.89362001419, 7.0: 6.98093605042}
_PREVIEW = {
    "tr.0": ("TR", "ms"), "te.0": ("TE", "ms"), "angle_array.0": ("Flip Angle", "deg"),
    "matrix": ("Base Resolution", " "), "readout_fov": ("FOV Read", "mm"), "phase_fov": ("FOV Phase", "%"),
    "sl_thick": ("Slice Thickness", "mm"), "total_size": ("Slices", " "), "time_sec": (" ", " "),
    "seq_subpath": (" ", " "),
}  # fmt: skip


@dataclass(frozen=True)
class CompiledScan:
    """A compiled scan.

    Attributes
    ----------
    pro : bytes
        Its text as a file of its own.
    quoted, text_hash : str
        The text as Python spells it, and its hash in the archive.
    content : Content
        The content row of its protocol.
    said : Said
        What the text does not say as it was wanted.
    """

    pro: bytes
    quoted: str
    text_hash: str
    content: Content
    said: Said


def compile_scan(a: Acquisition, duration: float | None, field_strength: float) -> CompiledScan:
    """Write the protocol of an acquisition.

    Parameters
    ----------
    duration : float or None
        Seconds to state as its time.
    field_strength : float
        Tesla.
    """
    return _compiled(a.model_dump_json(), duration, field_strength)


@lru_cache(maxsize=256)
def _compiled(stated: str, duration: float | None, field_strength: float) -> CompiledScan:
    a = Acquisition.model_validate_json(stated)
    b0 = ascconv.XA_STYLE.spell(facts.B0, NOMINAL_B0.get(field_strength, field_strength))
    skeleton = template("protocol.pro.j2").render(
        name=protocol_name(a.name), version=VERSION, binary=binary_for(a), b0=b0
    )
    said = Said()
    changes = write_fields(a, duration, ascconv.parse(skeleton), said)
    planes = geometry.three_planes() if a == LOCALIZER else {}
    text = ascconv.edit(skeleton, changes | planes)
    doubt(a, ascconv.parse(text), None, said)
    document = {"Data": text, "Preview": _preview(text), "UpgradeInfo": ""}
    content = Content.of(exar.dumps("EdfProtocol", exar.number(document)))
    pro = text.replace("\n", "\r\n").encode("ascii")
    return CompiledScan(pro, repr(text), text_hash(text), content, said)


def binary_for(a: Acquisition) -> str:
    """Sequence binary that is written for a technique; a gradient echo where none is known.

    Echoes that are combined into one image are a MEDIC; echoes that are shown one by one a gradient echo.
    """
    if a.technique == "multi_echo_gradient_echo" and len(a.echo_times or ()) < 2:
        return "medic"
    pair = facts.BINARY_OF_TECHNIQUE.get(a.technique or "", ("gre", "gre"))
    return pair[1] if a.mr_acquisition_type == "3D" else pair[0]


def _preview(text: str) -> dict[str, Any]:
    values = preview_of(ascconv.parse(text))
    return {
        f"sub.0.msr.{key}": {"Label": label, "Unit": unit, "Value": values[f"sub.0.msr.{key}"]}
        for key, (label, unit) in _PREVIEW.items()
        if f"sub.0.msr.{key}" in values
    }


@cache
def template(name: str) -> Template:
    """A template of this dialect."""
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
    return template(f"content/{kind}.json.j2").render(**switches)


def static_content(kind: str, **switches: bool) -> dict[str, Any]:
    """The static document of a content type, as plain objects."""
    found: dict[str, Any] = json.loads(_static(kind, **switches))
    return found


CONTRAST_REASON = (
    "written as an operator's pause with a text; a pause step has structured contrast fields, but their "
    "meaning is assumed, so they stay empty"
)


@dataclass(frozen=True)
class Planned:
    """One step to write: a scan, or a pause if there is no acquisition.

    Attributes
    ----------
    own : bool
        Whether it is a step of the spec, not beside one.
    remarks : tuple of str
        What the operator has to know of the scan, for its comment.
    """

    index: int
    text: str
    acquisition: Acquisition | None = None
    duration: float | None = None
    own: bool = True
    remarks: tuple[str, ...] = ()

    @property
    def comment(self) -> str:
        """The scan's comment: how it is placed, what to check, what is made of it."""
        a = self.acquisition
        parts = [f"plane: {a.plane_reference}" if a and a.plane_reference else ""]
        parts += [f"coverage: {', '.join(a.coverage)}" if a and a.coverage else ""]
        parts += [f"{name}: {getattr(a, name)}" for name in ("station", "branch") if a and getattr(a, name)]
        return "; ".join(filter(None, [*parts, *self.remarks]))


def plan(protocol: Protocol, options: BuildOptions, reasons: Reasons) -> list[Planned]:
    """Lay out the steps of an export in exam order; file losses for steps that become text.

    Pauses stop the exam and are left to injections and waits; what is to be known of a scan is its comment.
    """
    found: list[Planned] = []
    for index, step in enumerate(protocol.steps):
        if isinstance(step, Acquisition):
            remarks = (one_line(step.instruction),) if step.instruction else ()
            time = options.duration(index) or step.acquisition_duration
            found.append(Planned(index, step.name, step, time, remarks=remarks))
        elif not (isinstance(step, Reformat) and _remarked(found, step, reasons.at(index))):
            found.append(Planned(index, one_line(_text(step, reasons.at(index)))))
    return found


def _remarked(found: list[Planned], step: Reformat, reasons: StepReasons) -> bool:
    """Put a reformat into the comment of its scan; ``False`` if there is none before it."""
    scans = [i for i, one in enumerate(found) if one.acquisition and one.text == step.source]
    if not scans:
        return False
    text = _text(step, reasons)
    found[scans[-1]] = replace(found[scans[-1]], remarks=(*found[scans[-1]].remarks, text))
    reasons.implied("kind")
    return True


def _text(step: Contrast | Pause | Reformat, reasons: StepReasons) -> str:
    if isinstance(step, Contrast):
        text = contrast_text(step)
        reasons.add("approximated", "contrast", CONTRAST_REASON, wanted=step.agent, got=text)
        return text
    if isinstance(step, Reformat):
        text = reformat_text(step)
        why = "written as an instruction; reconstructions are set at the console"
        reasons.add("approximated", "reformat", why, wanted=step.source, got=text, severity="operator")
        return text
    if step.duration is None:
        return step.text
    text = f"{step.text} ({clock(step.duration)} min)"
    why = "there is no timed pause; the time is in its text"
    reasons.add("approximated", "duration", why, wanted=step.duration, severity="operator")
    return text


def contrast_text(step: Contrast) -> str:
    """What the operator reads about the injection."""
    parts = [f"Inject {step.agent or 'contrast agent'}{f' {step.dose:g} mmol/kg' if step.dose else ''}"]
    if step.minimum_delay:
        parts.append(f"next scan not before {clock(step.minimum_delay)} min after the injection")
    parts += injected(step)
    return "; ".join([*parts, *([step.text] if step.text else [])])


def reformat_text(step: Reformat) -> str:
    """What the operator reads about a reformat."""
    parts = [f"Reformat {step.source}", *([step.method] if step.method else [])]
    parts += [step.plane] if step.plane else []
    parts += [f"{step.slice_thickness:g} mm"] if step.slice_thickness else []
    parts += [f"gap {step.slice_gap:g} mm"] if step.slice_gap is not None else []
    parts += [f"parallel to: {step.plane_reference}"] if step.plane_reference else []
    return ", ".join(parts)


def one_line(text: str) -> str:
    """A label is one line."""
    return " / ".join(line.strip() for line in text.splitlines() if line.strip())


def protocol_name(name: str) -> str:
    """The name inside the protocol text: ASCII, without quotes; the label has it in full."""
    flat = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^\x20-\x7e]|\"", "'", flat).strip() or "protocol"


_LONGEST_NAME = 100


def file_name(text: str) -> str:
    """A file name that any system takes: plain characters, and not too many of them."""
    flat = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9._+-]+", "-", flat)[:_LONGEST_NAME].strip("-.") or "protocol"


def folders(protocol: Protocol) -> tuple[list[str], str]:
    """Directories (region, exam) and the name of the program."""
    name = one_line(protocol.path[-1] if protocol.path else protocol.name)
    above = [one_line(part) for part in protocol.path[:-1]]
    region = (protocol.region or "examcard").capitalize()
    return above or [region, "examcard"], name


def label_note(options: BuildOptions) -> list[Note]:
    """Warnings that an export has to show on its face."""
    return [Note(code="warning", message=text) for text in options.warnings]
