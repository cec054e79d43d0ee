"""A protocol as an ExamCard: steps planned, rows filled, and a card made from templates alone."""

from __future__ import annotations

import base64
import hashlib
import re
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import islice
from typing import Any, NamedTuple

from generator.errors import CannotBuild
from generator.model.kept import per_scan
from generator.model.spoken import injected
from generator.model.tree import Acquisition, Contrast, Note, Pause, Protocol, Reformat, Target
from generator.vendors.account import Reasons, StepReasons
from generator.vendors.dialect import BuildOptions, Export
from generator.vendors.philips import facts
from generator.vendors.philips.container import envelope, graph, notes
from generator.vendors.philips.container.block import Block, Parameters, parse_list, with_number
from generator.vendors.philips.container.graph import Bytes, Card, Node, Null, Plain, Row, Text, Typed, Value
from generator.vendors.philips.fields import PLAIN, RECIPES, express
from generator.vendors.philips.fields.scan import Settings, apply, in_order

RELEASE = (5, 7)
AGENT = "SRT.C-17800.Gadolinium"
_IN_NOTE = (
    "dose", "minimum_delay", "volume", "concentration", "flow_rate", "flush_volume", "during", "start_volume",
)  # fmt: skip
_UNSAFE = re.compile(r"[^\w.+-]+")


@dataclass(slots=True)
class Planned:
    """One scan and what happens before it.

    Attributes
    ----------
    index : int
        Step of the protocol.
    lines : list of str
        Operator note.
    before : list of int or None
        Steps that a reader finds before the scan: the injection, then the stop; ``None`` for one of a gap.
    """

    index: int
    acquisition: Acquisition
    injection: Contrast | None = None
    pause: bool = False
    lines: list[str] = field(default_factory=list)
    duration: float | None = None
    before: list[int | None] = field(default_factory=list)

    @property
    def note(self) -> str:
        """Operator note as one text."""
        return "\n".join(self.lines)


# The reference scan of a real card (R5.9, 9.0 s): body and head coil of the whole field of view, at 1 degree.
REFERENCE = Planned(-1, Acquisition(
    name="SenseRefScan", technique="calibration", mr_acquisition_type="3D", plane="sagittal",
    repetition_time=3.8, echo_times=(0.79,), flip_angle=1, field_of_view=(450, 450),
    acquisition_matrix=(96, 72), slice_thickness=3, number_of_slices=100, phase_encoding_direction="AP",
    number_of_averages=1,
), duration=9.0)  # fmt: skip
REFERENCE_ADDED = "a SENSE reference scan is added: scans with SENSE need one"


def build(protocol: Protocol, target: Target, options: BuildOptions) -> Export:
    """Write a resolved protocol.

    Returns
    -------
    Export
        ``template`` with one ``.ExamCard``.

    Raises
    ------
    CannotBuild
        If the field strength is none of a Philips scanner, or a step states no technique.
    """
    refuse_field(target)
    reasons = Reasons(known=facts.REASONS)
    scans = plan(protocol, options, reasons)
    remarks = [_about_template(target)] if target.software else []
    origins = [origin for scan in scans for origin in (*scan.before, scan.index)]
    if any(needs_reference(one, protocol.acquisitions) for one in protocol.acquisitions):
        scans.insert(0, REFERENCE)
        origins.insert(0, None)
        remarks.append(Note(code="reference-scan", message=REFERENCE_ADDED))
    said = _said_of_card(protocol, target, options)
    said += [text for scan in scans for text in _said_of_row(scan, target, reasons, protocol)]
    form = _form(tuple(scan.injection is not None for scan in scans))
    files = {file_name(protocol): form.filled(said)}
    return Export("template", files, notes=tuple(remarks), reasons=reasons, origins=tuple(origins))


def refuse_field(target: Target) -> None:
    """Refuse a field strength that templates are not made for. Raises CannotBuild."""
    if target.field_strength not in facts.SYSTEMS:
        raise CannotBuild(
            f"Philips scanners of {target.field_strength:g} T are not known (1.5 T and 3 T are)"
        )


def needs_reference(scan: Acquisition, there: Iterable[Acquisition]) -> bool:
    """Whether a scan needs a SENSE reference scan and none is among those that are ``there``."""
    uses = (scan.parallel_reduction_factor_in_plane or 1) > 1 or (scan.multiband_factor or 1) > 1
    return uses and not any("calibration" in (one.technique, one.role) for one in there)


def _about_template(target: Target) -> Note:
    text = f"the template is a card of R5.7; the target's software is {target.software}"
    return Note(code="template-release", message=text)


def _said_of_card(protocol: Protocol, target: Target, options: BuildOptions) -> list[str]:
    """Return what a card says beside its rows: name, region, anatomy, system and note."""
    region, anatomy = facts.REGIONS.get(protocol.region or "", ("", ""))
    note = card_note(options, "Made from templates: untested on a console.")
    return [protocol.name, region, anatomy, facts.SYSTEMS[target.field_strength], notes.write(note)]


@lru_cache(maxsize=64)
def _form(injected: tuple[bool, ...]) -> graph.Form:
    """Lay out a card of so many rows, some with an injection; such cards differ in texts alone."""
    marks, row_size = graph.marks(), len(Said._fields)
    card = _card(*islice(marks, 5))
    rows = [_row(Said(*islice(marks, row_size)), Contrast() if one else None) for one in injected]
    graph.replace_rows(card, [row.instrument for row in rows])
    return graph.Form(card)


def _card(name: str, region: str, anatomy: str, system: str, note: str) -> Card:
    root = graph.clone(_loaded().root)
    assert isinstance(root, Node)
    for key, text in (("name", name), ("anatomicRegion", region), ("anatomy", anatomy)):
        root.set(key, Text(text))
    old = graph.require(root, "mainSystemType", Typed)
    root.set("mainSystemType", Typed(old.namespace, old.type, system))
    card = Card(root)
    set_card_note(card, note)
    return card


@cache
def _loaded() -> Card:
    """Render the XML once: every card is made of its objects."""
    from generator.resources import templates

    text = _environment().get_template("card.xml.j2").render()
    found = envelope.parse(templates("vendors", "philips", "card.xml.j2"), text.strip().encode())
    return graph.load(found)


@cache
def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from generator.resources import templates

    return Environment(
        loader=FileSystemLoader(templates("vendors", "philips")),
        undefined=StrictUndefined,
        autoescape=lambda name: bool(name) and ".xml" in str(name),
    )


class Said(NamedTuple):
    """What a row says of its scan: texts as the card holds them, block and note as base64."""

    name: str
    pause: str
    seconds: str
    dynamics: str
    note: str
    block: str = ""
    is_prescan: str = ""

    @classmethod
    def of(cls, planned: Planned, dynamics: int, *block: str) -> Said:
        """Return what is to be said of a planned scan."""
        pause = "true" if planned.pause else "false"
        time, note = seconds(planned.duration or 0.0), notes.write(planned.note)
        return cls(planned.acquisition.name, pause, time, str(dynamics), note, *block)


def rendered(scan: Planned, target: Target, reasons: Reasons, protocol: Protocol) -> Row:
    """Make one row of R5.7: the parameter list of its technique, changed to what the spec states."""
    return _row(_said_of_row(scan, target, reasons, protocol), scan.injection)


def _said_of_row(scan: Planned, target: Target, reasons: Reasons, protocol: Protocol) -> Said:
    written = _written(scan.acquisition, target.field_strength, scan.duration, scan is REFERENCE)
    reasons.take(scan.index, scan.acquisition.name, written.said)
    number = scan_id(protocol, f"{scan.index}\0{scan.acquisition.name}")
    block = base64.b64encode(with_number(written.block, facts.SCAN_ID, number)).decode("ascii")
    is_prescan = "true" if scan.acquisition.technique == "calibration" else "false"
    return Said.of(scan, written.dynamics, block, is_prescan)


def _row(said: Said, injection: Contrast | None) -> Row:
    row = graph.copy_row(graph.rows(_loaded())[0])
    row.procedure.set("parameterData", Bytes(said.block))
    row.single.set("isPreScan", Plain(said.is_prescan))
    fill(row, said, injection, RELEASE)
    set_note(row, said.note)
    forget_history(row)
    return row


@dataclass(frozen=True, slots=True)
class _Written:
    """A scan as a parameter block that has no number yet, and what it does not say as it was wanted."""

    block: Parameters
    dynamics: int
    said: Reasons


@per_scan
def _written(
    acquisition: Acquisition, field_strength: float, duration: float | None, is_reference: bool
) -> _Written:
    block, current = _block(acquisition)
    said = Reasons()
    settings = Settings(current, field_strength, is_template=True, reasons=said.at(None))
    express(acquisition, settings, duration)
    if is_reference:
        settings.set(facts.PRE_SCAN, "SENSE_REF_HYBRID")
    refused = apply(block, settings, ".".join(map(str, RELEASE)))
    assert not refused, refused
    data = in_order(block, ".".join(map(str, RELEASE))).encode()
    return _Written(Parameters(data), dynamics(settings), said)


def _block(acquisition: Acquisition) -> tuple[Block, Parameters]:
    """Return the parameter list of a technique as a block of its own, and its values."""
    technique = acquisition.technique
    if technique is None:
        raise CannotBuild(f"step {acquisition.name!r} states no technique")
    recipe = RECIPES.get(technique, PLAIN)
    inverted = acquisition.inversion_time is not None and recipe.template in ("turbo_spin_echo", "spin_echo")
    is_3d = acquisition.mr_acquisition_type == "3D"
    diffusion = "NO"
    if technique == "echo_planar_diffusion":
        diffusion = "DTI" if (acquisition.diffusion_directions or 0) > 3 else "DWI"
    sequence = "IR" if inverted else recipe.sequence
    mode = "SV" if technique == "spectroscopy" else "3D" if is_3d else "MS"
    block, parameters = _listed(recipe.template, technique, sequence, mode, diffusion)
    return Block(block.records), parameters


@cache
def _listed(
    template: str, technique: str, sequence: str, scan_mode: str, diffusion: str
) -> tuple[Block, Parameters]:
    """Render and read a parameter list once; its records are shared, never changed."""
    page = _environment().get_template(f"{template}.txt.j2")
    rendered = page.render(
        technique=technique,
        sequence=sequence,
        scan_mode=scan_mode,
        diffusion=diffusion,
        is_3d=scan_mode == "3D",
        scan_id=0,
    )
    block = parse_list(rendered)
    return block, Parameters(block.encode())


# --- planning -----------------------------------------------------------------------------------------


def plan(
    protocol: Protocol, options: BuildOptions, reasons: Reasons, gaps: Mapping[int, str] | None = None
) -> list[Planned]:
    """Attach pauses and injections to the scan that follows them.

    Parameters
    ----------
    protocol : Protocol
    options : BuildOptions
        For the durations.
    reasons : Reasons
        Receives what an ExamCard has no place for.
    gaps : mapping of int to str, optional
        Scans that are not written: what the operator reads in their place, empty for nothing.
    """
    planned: list[Planned] = []
    lines: list[str] = []
    waiting: list[tuple[int | None, Contrast | Pause]] = []
    for index, step in enumerate(protocol.steps):
        view = reasons.at(index, getattr(step, "name", None) or step.kind)
        if isinstance(step, Reformat):
            view.why("kind", "processing steps are made on the console")
        elif gaps is not None and index in gaps:
            view.why("kind", "no step of the donor serves for it")
            if gaps[index]:
                waiting.append((None, Pause(text=gaps[index])))
                lines += notes.pause_lines(gaps[index])
        elif isinstance(step, Acquisition):
            planned.append(_scan(index, step, waiting, lines, options))
            for name in facts.AS_NOTE:
                view.doubt(name, facts.IN_NOTE)
            waiting, lines = [], []
        else:
            if isinstance(step, Pause) and any(isinstance(other, Pause) for _, other in waiting):
                view.implied("kind")  # one stop before the scan has the text of all
            waiting.append((index, step))
            lines += _contrast(step, view) if isinstance(step, Contrast) else _pause(step, view)
    for left, _ in waiting:
        reasons.why(left, "kind", "no scan follows that could carry it")
    return planned


def _scan(
    index: int,
    step: Acquisition,
    waiting: list[tuple[int | None, Contrast | Pause]],
    lines: list[str],
    options: BuildOptions,
) -> Planned:
    injections = [(at, other) for at, other in waiting if isinstance(other, Contrast)]
    stops = [at for at, other in waiting if isinstance(other, Pause)]
    about = [step.instruction] if step.instruction else []
    about += notes.said(step)
    if step.second_inversion_time is not None:
        both = (step.inversion_time, step.second_inversion_time)
        times = " and ".join(f"{time:g} ms" for time in both if time is not None)
        about.append(f"To be set by hand: two inversions, {times}")
    duration = options.duration(index)
    return Planned(
        index,
        step,
        injections[-1][1] if injections else None,
        bool(waiting),
        lines + about,
        step.acquisition_duration if duration is None else duration,
        [*(at for at, _ in injections[-1:]), *stops[:1]],
    )


def _contrast(step: Contrast, reasons: StepReasons) -> list[str]:
    """Write an injection as text; the object of the card names no substance and no dose."""
    why = "the card holds gadolinium as a substance only; the rest is in the note of the next scan"
    for name in _IN_NOTE:
        if (value := getattr(step, name)) is not None:
            reasons.add("approximated", name, why, wanted=value, got="operator note", severity="operator")
    if step.agent is not None:
        reasons.add("approximated", "agent", why, wanted=step.agent, got=AGENT, severity="operator")
    lines = notes.injection_lines(step.agent, step.dose, step.minimum_delay)
    lines += injected(step)
    return lines + ([step.text] if step.text else [])


def _pause(step: Pause, reasons: StepReasons) -> list[str]:
    lines = notes.pause_lines(step.text)
    if step.duration is None:
        return lines
    why = "a pause of a card has no length"
    reasons.add(
        "approximated", "duration", why, wanted=step.duration, got="operator note", severity="operator"
    )
    return lines + notes.pause_lines(f"wait {step.duration:g} s")


# --- filling ------------------------------------------------------------------------------------------


def fill(row: Row, said: Said, injection: Contrast | None, release: graph.Release) -> None:
    """Write name, pause, injection and time of a planned scan into a row of its own."""
    name = Text(said.name)
    row.procedure.set("name", name)
    if row.single.get("name") is not None:  # R3.2 has it twice; that of its ScanStep is always empty
        row.single.set("name", name)
    graph.require(row.single, "scanProperties", Node).set("pause", Plain(said.pause))
    _inject(row, injection, release)
    if row.execution.get("stepDuration") is not None:
        row.execution.set("stepDuration", Plain(said.seconds))
    dynamic = row.execution.get("dynamicStep")
    if isinstance(dynamic, Node):
        dynamic.set("dynamicCount", Plain(said.dynamics))


def dynamics(settings: Settings) -> int:
    """Number of dynamics as the step repeats it: 0 when not dynamic."""
    return 0 if settings.now(facts.DYNAMIC) in (None, "NO") else int(settings.now(facts.DYNAMICS) or 0)


def seconds(value: float) -> str:
    """Write a time as .NET writes a float32 widened to a double."""
    wide = struct.unpack("<f", struct.pack("<f", value))[0]
    short = f"{wide:.15g}"
    return short if float(short) == wide else f"{wide:.17g}"


def set_note(row: Row, note: str) -> None:
    """Replace the operator note of a scan, base64, where its card has a place for one."""
    detail = row.single.get("detail")
    if not isinstance(detail, Node):
        return
    buffer = Bytes(note)
    for name, _ in list(detail.members):
        detail.set(name, buffer)


def forget_history(row: Row) -> None:
    """Leave out where the scan came from and its summary, which would be stale."""
    for name, value in (("linkToOriginalProtocol", Null(False)), ("lastModifiedTimeUtc", Null(False))):
        if row.procedure.get(name) is not None:
            row.procedure.set(name, value)
    if row.procedure.get("methodDescription") is not None:
        row.procedure.set("methodDescription", Text(""))


def _inject(row: Row, injection: Contrast | None, release: graph.Release) -> None:
    """An injection is a switch and an object of the scan; R11.1 only names the agent."""
    injected = injection is not None
    row.execution.set("contrast", Plain("true" if injected else "false"))
    protocol = _injection(row.single.namespace, release) if injected and release < (11, 1) else Null()
    row.execution.set("contrastInjectionProtocol", protocol)
    if release >= (11, 1) and row.single.get("contrastPresetName") is not None:
        agent = injection.agent if injection else None
        row.single.set("contrastPresetName", Text(agent) if agent else Null())


def _injection(namespace: str, release: graph.Release) -> Node:
    known: dict[str, Value] = {
        "agent": Text(AGENT),
        "routeOfAdministration": Text("SRT.G-D101.Intravenous route"),
        "volume": Plain("0"),
        "concentration": Plain("0.5"),
        "dosage": Plain("0"),
        "injectionStartDynamicNumber": Plain("1"),
        "isVolumeRequired": Plain("false"),
    }
    names = graph.members("ContrastInjectionProtocol", release) or ()
    return Node(namespace, "ContrastInjectionProtocol", [(name, known.get(name, Null())) for name in names])


def scan_id(protocol: Protocol, scan: str) -> int:
    """Make the number that tells a scan of a card from the others, always the same for the same spec."""
    text = f"{protocol.id or protocol.name}\0{scan}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") % 90_000_000 + 10_000_000


def set_card_note(card: Card, note: str) -> None:
    """Replace the note of the card, base64."""
    description = card.root.get("description")
    buffer = Bytes(note)
    for name in ("dataBuffer", "htmlDataBuffer"):
        if isinstance(description, Node) and description.get(name) is not None:
            description.set(name, buffer)


def card_note(options: BuildOptions, kind: str) -> str:
    """Text of the card's own note: what it is and what it has to say on its face."""
    return "\n".join([kind, *filter(None, [options.label]), *options.warnings])


def file_name(protocol: Protocol) -> str:
    """Name of the card as a file."""
    return f"{_UNSAFE.sub('-', protocol.id or protocol.name).strip('-') or 'card'}.ExamCard"
